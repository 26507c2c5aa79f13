"""Where statements begin: cutting a text at the words that start one, so that a mistake stays in its statement."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter

from attrs import frozen

from rulelang.syntax.tree import Comment
from rulelang.text import Span

STARTERS = ("assets", "bars", "use", "field", "event", "param", "let", "target", "rule", "when", "otherwise", "test")
_NAMED = ("param", "let", "event", "target", "field", "rule", "test")

_LANDMARK = re.compile(r'#[^\n]*|"[^"\n]*"|(?<![\w.-])(?:given|' + "|".join(STARTERS) + r")(?![\w.])")
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
        if self.headed and not first:
            return False  # in the name of a rule that has more than one word
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


@frozen
class Landmarks:
    """A text with the words that start its statements, each with its place, and its comments."""

    text: str = ""
    starts: tuple[tuple[str, int], ...] = ()
    comments: tuple[Comment, ...] = ()


_NONE = Landmarks()
_recent = [_NONE]
"""The text that was cut last. What comes of another doesn't depend on it, only how long that takes."""


@lru_cache(maxsize=2)
def cut(text: str) -> tuple[tuple[Piece, ...], tuple[Comment, ...]]:
    """Return the pieces of a text that hold one statement each, and its comments."""
    _recent[0] = found = landmarks(text, _recent[0])
    return tuple(_pieces(text, list(found.starts))), found.comments


def landmarks(text: str, last: Landmarks = _NONE) -> Landmarks:
    """Return the landmarks of a text; `last`: those of another one, which are looked for again where the two differ."""
    same, behind = _in_common(last.text, text)
    first = bisect_left(last.starts, text.rfind("\n", 0, same) + 1, key=itemgetter(1)) - _AHEAD
    starts, comments = _before(last, first)
    cutter, at = _Cutter(text), 0
    if starts:
        word, start = starts[-1]
        at = start + len(word)
        cutter.word, cutter.headed, cutter.previous = word, word == "rule", (word, at)
    by, known = len(text) - len(last.text), set(last.starts)
    for match in _LANDMARK.finditer(text, at):
        word, (start, end) = match[0], match.span()
        if word[0] == "#":
            comments.append(Comment(word.rstrip(), Span(start, end)))
        elif word[0] != '"' and cutter.starts(word, start, end):
            starts.append((word, start))
            if start >= len(text) - behind and (word, start - by) in known:
                return _with_rest(Landmarks(text, tuple(starts), tuple(comments)), last, start - by, by)
    return Landmarks(text, tuple(starts), tuple(comments))


_AHEAD = 3
"""Whether a statement begins at a word may depend on what stands up to so many statements further on."""


def _before(last: Landmarks, first: int) -> tuple[list[tuple[str, int]], list[Comment]]:
    """Return so many of the words that start statements, and the comments before the last of these."""
    starts = list(last.starts[: max(first, 0)])
    end = starts[-1][1] if starts else 0
    return starts, list(last.comments[: bisect_left(last.comments, end, key=_place)])


def _with_rest(found: Landmarks, last: Landmarks, at: int, by: int) -> Landmarks:
    """Return landmarks with those of the last text from a place on, which are so many characters further on now."""
    starts = last.starts[bisect_right(last.starts, at, key=itemgetter(1)) :]
    comments = last.comments[bisect_left(last.comments, at, key=_place) :]
    moved = (Comment(one.text, Span(one.span.start + by, one.span.end + by)) for one in comments)
    rest = comments if not by else moved
    return Landmarks(
        found.text, (*found.starts, *((word, start + by) for word, start in starts)), (*found.comments, *rest)
    )


def _place(comment: Comment) -> int:
    return comment.span.start


def _in_common(one: str, other: str) -> tuple[int, int]:
    """Return how many characters two texts have in common at the beginning and, behind these, at the end."""
    most = min(len(one), len(other))
    same = bisect_left(range(1, most + 1), True, key=lambda n: one[:n] != other[:n])
    most -= same
    ends = len(one), len(other)
    return same, bisect_left(range(1, most + 1), True, key=lambda n: one[ends[0] - n :] != other[ends[1] - n :])


def _pieces(text: str, starts: list[tuple[str, int]]) -> Iterator[Piece]:
    first = starts[0][1] if starts else len(text)
    if re.sub(r"#[^\n]*", "", text[:first]).strip():
        yield Piece("", 0, first)
    ends = [start for _, start in starts[1:]] + [len(text)]
    for (word, start), end in zip(starts, ends, strict=False):
        yield Piece(word, start, end)
