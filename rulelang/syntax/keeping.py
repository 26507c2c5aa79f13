"""Statements that stand as they stood when a text was last read: they are moved to their place, not read again."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import define

from rulelang.syntax import tree
from rulelang.syntax.mistakes import Mistake, end_of
from rulelang.syntax.statements import Piece
from rulelang.text import Compared, Span

Reading = tree.Statement | Mistake


@define(eq=False)
class _Read:
    """A piece that was read: its text, without what stands behind its last word, and what it says.

    `spans`: once it was moved, the nodes of its statement with the names of their spans, and those from its start on.
    """

    text: str
    start: int
    statement: Reading
    spans: list[tuple[Any, str, int, int]] | None = None

    def moved_to(self, start: int) -> "_Read":
        """Return it with its statement in another place of the text; the nodes stay the same ones."""
        if start != self.start and not isinstance(self.statement, Mistake):
            if self.spans is None:
                self.spans = list(_spans(self.statement, self.start))
            put, made = object.__setattr__, tuple.__new__
            for node, name, first, last in self.spans:
                put(node, name, made(Span, (start + first, start + last)))
        self.start = start
        return self


@define(eq=False)
class Kept:
    """The pieces of one text, as they were last read."""

    _pieces: Sequence[_Read] = ()

    def read(self, text: str, pieces: Sequence[Piece], read: Callable[[Piece], Reading]) -> Iterator[Reading]:
        """Yield what pieces say; those that stand as they stood are not read again. Mistakes are always looked at anew.

        What is known afterwards is what was yielded.
        """
        known = self._known(text, pieces)
        now: list[_Read] = []
        self._pieces = now
        for piece, before in zip(pieces, known, strict=True):
            if before is None or isinstance(before.statement, Mistake):
                now.append(_Read(_written(text, piece), piece.start, read(piece)))
            else:
                now.append(before.moved_to(piece.start))
            yield now[-1].statement

    def _known(self, text: str, pieces: Sequence[Piece]) -> list[_Read | None]:
        """Return for each piece the one that it was: by its place at the beginning and the end, by its text between."""
        old = self._pieces
        found: list[_Read | None] = [None] * len(pieces)
        first, most = 0, min(len(old), len(pieces))
        while first < most and _is(text, pieces[first], old[first]):
            found[first] = old[first]
            first += 1
        last = 0
        while last < most - first and _is(text, pieces[-1 - last], old[-1 - last]):
            last += 1
            found[-last] = old[-last]
        between: dict[str, list[_Read]] = {}
        for one in reversed(old[first : len(old) - last]):
            between.setdefault(one.text, []).append(one)
        for at in range(first, len(pieces) - last) if between else ():
            if same := between.get(_written(text, pieces[at])):
                found[at] = same.pop()
        return found


def _is(text: str, piece: Piece, before: _Read) -> bool:
    """Say whether a piece is one that was read: the same words, and behind them blanks and comments at most."""
    length = len(before.text)
    if not text.startswith(before.text, piece.start) or piece.start + length > piece.end:
        return False
    return end_of(text, Piece(piece.word, piece.start + length, piece.end)) == piece.start + length


def _written(text: str, piece: Piece) -> str:
    return text[piece.start : end_of(text, piece)]


def _spans(node: Any, start: int) -> Iterator[tuple[Any, str, int, int]]:
    """Yield every node of a statement with the names of its attributes that are spans, and these."""
    open_, seen = [node], {id(node)}
    while open_:
        node = open_.pop()
        for attribute in node.__attrs_attrs__:
            value = getattr(node, attribute.name)
            if isinstance(value, Span):
                yield node, attribute.name, value.start - start, value.end - start
                continue
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Compared) and id(one) not in seen:
                    seen.add(id(one))
                    open_.append(one)
