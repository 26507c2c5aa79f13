"""The canonical layout of a rule file: one rule a paragraph, one clause a line, every comment where it belongs."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from attrs import frozen

from rulelang.syntax.parser import parse
from rulelang.syntax.tree import Comment
from rulelang.syntax.words import Word, Written, written
from rulelang.text import RuleError, Source

WIDTH = 100
"""The columns of a line, without the comment at its end."""

INDENT = 2
HANGING = 2 * INDENT
"""Where a clause goes on that is longer than a line."""


def formatted(source: Source) -> str:
    """Return the text of a rule file in its canonical layout: the same words, and the same comments beside them.

    White space is all that changes. Raises `RuleError` with the mistakes of syntax, where there are any.

    >>> formatted(Source("my.rules", "when close>sma( close,200 ) then\\thedge 20% # calm"))
    'when close > sma(close, 200) then hedge 20%  # calm\\n'
    """
    _, mistakes = parse(source)
    if mistakes:
        raise RuleError(tuple(mistakes))
    text = "\n".join(_lines(source.text)).strip("\n")
    return f"{text}\n" if text else ""


def _lines(text: str) -> Iterator[str]:
    statements, rest = written(text)
    before: Written | None = None
    for statement in statements:
        yield from _margin(text, before, statement.margin, statement)
        for line in _statement(statement):
            yield from line.texts()
        before = statement
    yield from _margin(text, before, rest, None)


# Between statements ───────────────────────────────────────────────────────────────────────────────────────────────────


def _margin(text: str, before: Written | None, comments: Sequence[Comment], after: Written | None) -> list[str]:
    """Return the lines between two statements: comments, and one blank line wherever there was any.

    A rule or test has one before and behind it. A comment that touches both statements is the second one's, unless it
    is indented like a clause of the first.
    """
    lines: list[str] = []
    end = before.span.end if before else 0
    edge = _column(text, before.span.start) if before and before.claused else len(text)
    inside = True
    for comment in comments:
        gap = _blank(text, end, comment.span.start)
        inside = inside and not gap and _column(text, comment.span.start) > edge
        lines += [*gap, " " * INDENT * inside + comment.text]
        end = comment.span.end
    lines += _blank(text, end, after.span.start if after else len(text))
    if before and after and (before.claused or after.claused) and "" not in lines:
        lines.insert(sum(line.startswith(" ") for line in lines), "")
    return lines


def _blank(text: str, start: int, end: int) -> list[str]:
    return [""] if text.count("\n", start, end) > 1 else []


def _column(text: str, at: int) -> int:
    return at - text.rfind("\n", 0, at) - 1


# Statements ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class _Line:
    """Words on one line; comments stand above its first and behind its last word only."""

    indent: int
    words: Sequence[Word]

    def texts(self) -> Iterator[str]:
        lead = " " * self.indent
        yield from (lead + comment.text for comment in self.words[0].above)
        behind = self.words[-1].behind
        yield lead + _joined(self.words) + (f"  {behind}" if behind else "")


def _statement(statement: Written) -> Iterator[_Line]:
    """Yield the lines of a statement: a rule without a name is one line where that is possible."""
    words = statement.words
    if words[0].text == "when" and _fits(words, 0):
        yield _Line(0, words)
        return
    starts = [0, *(at for at, word in enumerate(words) if word.clause), len(words)]
    for start, end in pairwise(starts):
        yield from _clause(words[start:end], INDENT if start else 0, HANGING)


def _clause(words: Sequence[Word], indent: int, hanging: int, depth: int = 0) -> Iterator[_Line]:
    """Yield the lines of a clause, broken where they have to be: at the outermost places first."""
    places = [word.depth for word in words[1:] if word.depth is not None and word.depth >= depth]
    if _fits(words, indent):
        yield _Line(indent, words)
    elif not places:
        yield from _torn(words, indent, hanging)
    else:
        first, *others = _parts(words, min(places), indent, hanging)
        deeper = hanging + INDENT if others else hanging
        yield from _clause(first, indent, deeper, min(places) + 1)
        for part in others:
            yield from _clause(part, hanging, deeper, min(places) + 1)


def _parts(words: Sequence[Word], depth: int, indent: int, hanging: int) -> list[list[Word]]:
    """Return a clause cut at the places of a depth; what isn't ranked shares lines as long as it fits on them."""
    parts: list[list[Word]] = []
    for piece in _cut(words, [word.depth == depth for word in words]):
        left = hanging if len(parts) > 1 else indent
        if parts and not piece[0].ranked and not _torn_between(parts[-1][-1], piece[0]):
            head = _cut(piece, _tears(piece))[0]
            if _fits([*parts[-1], *head], left):
                parts[-1] += piece
                continue
        parts.append(piece)
    return parts


def _torn(words: Sequence[Word], indent: int, hanging: int) -> Iterator[_Line]:
    """Yield the lines of words that only comments tear apart."""
    first, *others = _cut(words, _tears(words))
    yield _Line(indent, first)
    yield from (_Line(hanging, part) for part in others)


def _tears(words: Sequence[Word]) -> list[bool]:
    """Say for each word whether a comment tears it from the word before."""
    return [False, *map(_torn_between, words, words[1:])]


def _torn_between(word: Word, following: Word) -> bool:
    return bool(word.behind or following.above)


def _cut(words: Sequence[Word], before: Sequence[bool]) -> list[list[Word]]:
    """Return words cut before those that are marked; never before the first."""
    parts: list[list[Word]] = [[]]
    for word, begins in zip(words, before, strict=True):
        if begins and parts[-1]:
            parts.append([])
        parts[-1].append(word)
    return parts


def _fits(words: Sequence[Word], indent: int) -> bool:
    """Say whether words can stand on one line: no comment among them, and no wider than it may be."""
    return not any(_tears(words)) and indent + len(_joined(words)) <= WIDTH


def _joined(words: Sequence[Word]) -> str:
    return "".join(word.text if word.tight else f" {word.text}" for word in words).removeprefix(" ")
