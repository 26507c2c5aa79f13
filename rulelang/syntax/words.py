"""The words of statements as they were written: where clauses begin, where lines may break, and the comments there."""

from bisect import bisect
from collections.abc import Sequence
from typing import Any

from attrs import define, field, frozen

from rulelang.syntax.parser import kept
from rulelang.syntax.statements import first_on_line
from rulelang.syntax.tree import Comment
from rulelang.text import Span

_CHAINED = ("and", "or", "+", "-", "for")
"""Operators before which a line may break; a product stays together."""

_FAMILIES = ("+-", "*/", "and", "or")
"""Operators that make one chain with each other."""

_LEANS_BACK = (",", ")", ".", ":", "@")
_LEANS_ON = ("(", ".", "@")
"""Signs without a blank before, and behind them."""

_CLAUSED = ("rule", "test")
_SAME_CLAUSE = ("name", "at_once", "lasting")
"""Parts of a rule or test that go on with the clause before them; every other part is a clause."""

_APART = ("bounds", "band", "step", "cooldown", "limits", "cadence", "at_once", "lasting")
_LASTING = ("at_once", "lasting")
"""Parts of a clause that may begin a line; the last ones are about all actions before them."""


@define
class Word:
    """A word or sign, with the comments on lines of their own above it and the one behind it on its line.

    A line may break before it at `depth` (0: outermost; `None`: never); `ranked` says that then all of its chain break.
    """

    text: str
    span: Span
    tight: bool = False  # no blank before it
    clause: bool = False  # begins a clause
    depth: int | None = None
    ranked: bool = False
    above: list[Comment] = field(factory=list)
    behind: str = ""


@frozen
class Written:
    """A statement as its words; `margin` are the comments on lines of their own above it."""

    words: list[Word]
    margin: list[Comment]

    @property
    def claused(self) -> bool:
        """Whether it is made of clauses: a rule or a test."""
        return self.words[0].text in ("rule", "when", "test")

    @property
    def span(self) -> Span:
        """From its first word to its last."""
        return self.words[0].span.to(self.words[-1].span)


def written(text: str) -> tuple[list[Written], list[Comment]]:
    """Return the statements of a text without mistakes of syntax, and the comments on lines of their own behind all."""
    trees, comments = kept(text)
    statements = [_words(node, 0) for node in trees]
    end = Word("", Span(len(text), len(text)))
    _hang(text, comments, [*(word for words in statements for word in words), end])
    return [Written(words, _taken(words[0])) for words in statements], end.above


def _hang(text: str, comments: Sequence[Comment], words: Sequence[Word]) -> None:
    """Give each comment to the word before it on its line, else to the next word."""
    starts = [word.span.start for word in words]
    for comment in comments:
        at = bisect(starts, comment.span.start)
        if first_on_line(text, comment.span.start):
            words[at].above.append(comment)
        else:
            words[at - 1].behind = comment.text


def _taken(first: Word) -> list[Comment]:
    margin, first.above = first.above, []
    return margin


def _words(node: Any, depth: int) -> list[Word]:
    """Return the words of a grammar's tree; the gap between two of its children is this tree's own to describe."""
    found: list[Word] = []
    for at, child in enumerate(node.children):
        if isinstance(child, str):
            inner = [Word(str(child), Span(child.start_pos, child.end_pos))]  # type: ignore[attr-defined]
        else:
            inner = _words(child, _inside(node, at, depth))
        if found:
            _join(node, at, depth, found[-1], inner[0])
        found += inner
    return found


def _inside(node: Any, at: int, depth: int) -> int:
    """Return the depth within a child: clauses, and the links of one chain, lie no deeper."""
    same = node.data in _CLAUSED or (at == 0 and _same_chain(node, node.children[0]))
    return depth if same else depth + 1


def _join(node: Any, at: int, depth: int, last: Word, word: Word) -> None:
    """Say what lies between two neighbours."""
    child, called = node.children[at], node.data == "call" and at == 1
    part = "" if isinstance(child, str) else child.data
    word.tight = called or node.data == "negative" or word.text in _LEANS_BACK or last.text in _LEANS_ON
    word.clause = node.data in _CLAUSED and part not in ("", *_SAME_CLAUSE)
    operator = node.data in ("logic", "binary", "for_") and at == 1 and word.text in _CHAINED
    if operator or last.text == "," or part in _APART:
        word.depth = depth
    word.ranked = node.data in ("logic", "then") or (part in _LASTING and last.text != "once")


def _same_chain(node: Any, child: Any) -> bool:
    if node.data not in ("logic", "binary") or child.data != node.data:
        return False
    return any(node.children[1] in family and child.children[1] in family for family in _FAMILIES)
