"""Where statements begin: cutting a text at the words that start one, so that a mistake stays in its statement."""

import re
from collections.abc import Iterator
from functools import lru_cache

from attrs import frozen

from rulelang.syntax.tree import Comment
from rulelang.text import Span

STARTERS = ("assets", "bars", "use", "field", "event", "param", "let", "target", "rule", "when", "otherwise", "test")
_NAMED = ("param", "let", "event", "target", "field", "rule", "test")

_LANDMARK = re.compile(r'#[^\n]*|"[^"\n]*"|(?<![\w.])(?:given|' + "|".join(STARTERS) + r")(?![\w.])")
_GAP = r"(?:[ \t\n]|#[^\n]*)*"
_FOLLOWED = {
    "assets": re.compile(_GAP + r"[A-Z0-9]"),
    "bars": re.compile(_GAP + r"\d"),
    "use": re.compile(_GAP + r'"'),
    "let": re.compile(_GAP + r"[a-z][a-z0-9_]*" + _GAP + "="),
    "param": re.compile(_GAP + r"[a-z][a-z0-9_]*" + _GAP + "="),
    "when": re.compile(""),
}
_BY_NAME = re.compile(_GAP + r"[a-z]")


@frozen
class Piece:
    """A stretch of text that holds one statement; `word` starts it (empty: nothing does)."""

    word: str
    start: int
    end: int


class _Cutter:
    """Decides for each landmark whether a statement begins there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.word = ""  # the word that started the present statement
        self.headed = False  # a `rule NAME` that still waits for its `when`
        self.previous: tuple[str, int] = ("", 0)  # the last landmark word and where it ended

    def starts(self, word: str, start: int, end: int) -> bool:
        adjacent = self.previous[0] if not self.text[self.previous[1] : start].strip() else ""
        self.previous = (word, end)
        if word == "given" or adjacent == "given":
            return False
        if word == "when" and self.headed:
            self.headed = False
            return False
        first = first_on_line(self.text, start)
        if adjacent in _NAMED and not first:
            return False  # a reserved word where a name belongs
        follows = _FOLLOWED.get(word, _BY_NAME)
        if not first and not follows.match(self.text, end):
            return False
        self.word, self.headed = word, word == "rule"
        return True


def first_on_line(text: str, start: int) -> bool:
    """Say whether only blanks stand before a place on its line."""
    at = start - 1
    while at >= 0 and text[at] in " \t":
        at -= 1
    return at < 0 or text[at] == "\n"


@lru_cache(maxsize=2)
def cut(text: str) -> tuple[tuple[Piece, ...], tuple[Comment, ...]]:
    """Return the pieces of a text that hold one statement each, and its comments."""
    cutter = _Cutter(text)
    starts: list[tuple[str, int]] = []
    comments: list[Comment] = []
    for match in _LANDMARK.finditer(text):
        word, (start, end) = match[0], match.span()
        if word[0] == "#":
            comments.append(Comment(word.rstrip(), Span(start, end)))
        elif word[0] != '"' and cutter.starts(word, start, end):
            starts.append((word, start))
    return tuple(_pieces(text, starts)), tuple(comments)


def _pieces(text: str, starts: list[tuple[str, int]]) -> Iterator[Piece]:
    first = starts[0][1] if starts else len(text)
    if re.sub(r"#[^\n]*", "", text[:first]).strip():
        yield Piece("", 0, first)
    ends = [start for _, start in starts[1:]] + [len(text)]
    for (word, start), end in zip(starts, ends, strict=False):
        yield Piece(word, start, end)
