"""Places in a text: offsets in code points here, lines and UTF-16 units from 0 in the editor."""

import re
from bisect import bisect_right

Place = tuple[int, int]
"""A line and a column, both from 0; the column in UTF-16 units, where a character such as 😀 counts as two."""


class Positions:
    """The lines of one text, whose line ends are `\\n`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = text.isascii()
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    @property
    def lines(self) -> int:
        """How many lines the text has; an empty one behind the last line end counts."""
        return len(self._starts)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place; one behind the end of its line is that end, one in a character its start."""
        if line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[max(line, 0)], self._end(max(line, 0))
        column = max(column, 0)
        if self.plain or self.text[start:end].isascii():
            return min(start + column, end)
        for at in range(start, end):
            column -= 2 if self.text[at] > "\uffff" else 1
            if column < 0:
                return at
        return end

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset."""
        if not 0 <= offset <= len(self.text):
            offset = 0 if offset < 0 else len(self.text)
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        return line, offset - start if self.plain else units(self.text[start:offset])

    def _end(self, line: int) -> int:
        return self._starts[line + 1] - 1 if line + 1 < len(self._starts) else len(self.text)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    return len(text) if text.isascii() else sum(2 if character > "\uffff" else 1 for character in text)
