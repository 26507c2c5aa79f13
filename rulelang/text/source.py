"""Source text of a rule file, and the spans that point into it."""

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from attrs import field, frozen


class Span(NamedTuple):
    """A half-open range of character offsets into one source."""

    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """Return the span from the start of this one to the end of the other."""
        return Span(self.start, other.end)


TOP = Span(0, 0)
"""The beginning of a file, for a repair that belongs there wherever the mistake stands; known by its identity."""


class Position(NamedTuple):
    """Line and column of a character, both counted from 1."""

    line: int
    column: int


def normalised(text: str) -> str:
    """Return a text without a byte-order mark, and with `\\n` as its line ends."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@frozen(slots=False)
class Source:
    """One rule file: its name as the user wrote it, and its text (line ends normalised)."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """Return line and column of a character offset."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return the text of a line (from 1), without its line end."""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def excerpt(self, span: Span) -> str:
        """Return the characters of a span."""
        return self.text[span.start : span.end]
