"""Columns that stay the same over many rows: what they hold is told by the rows at which it changes."""

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import field, frozen

_SHORT = 32
"""Runs that are shorter on average are laid out all at once, longer ones one by one."""


@frozen(eq=False)
class Runs:
    """A column of `count` rows: from each of `rows` on (rising, the first is 0) it holds the one of `values` there."""

    rows: list[int] = field(repr=False)
    values: list[float] = field(repr=False)
    count: int

    def part(self, part: slice) -> Any:
        """Return what it holds in a part of the rows: one number where it stays the same, else a column."""
        first, end = self._within(part)
        if end - first == 1:
            return self.values[first]
        edges = [part.start, *self.rows[first + 1 : end], part.stop]
        if (end - first) * _SHORT > part.stop - part.start:
            return np.repeat(np.array(self.values[first:end]), np.diff(edges))
        found = np.empty(part.stop - part.start)
        for at, (start, stop) in enumerate(pairwise(edges), first):
            found[start - part.start : stop - part.start] = self.values[at]
        return found

    def column(self) -> Any:
        """Return all of it as a column."""
        found = self.part(slice(0, self.count))
        return np.full(self.count, found) if isinstance(found, float) else found

    def at(self, rows: Any) -> Any:
        """Return what it holds at some rows."""
        return np.array(self.values)[np.searchsorted(self.rows, rows, side="right") - 1]

    def among(self, part: slice) -> list[float]:
        """Return the values that it has in a part of the rows."""
        first, end = self._within(part)
        return self.values[first:end]

    def _within(self, part: slice) -> tuple[int, int]:
        return bisect_right(self.rows, part.start) - 1, bisect_left(self.rows, part.stop)


def runs(rows: Any, values: Any, count: int) -> Runs:
    """Return runs that begin at some rows, the first at 0; where several begin at one row, the last of them counts."""
    rows, values = np.asarray(rows, np.int64), np.asarray(values, np.float64)
    last = np.append(rows[1:] != rows[:-1], True)
    return Runs(rows[last].tolist(), values[last].tolist(), count)
