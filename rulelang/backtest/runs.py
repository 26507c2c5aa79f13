"""Columns that stay the same over many rows: what they hold is told by the rows at which it changes."""

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np
from attrs import field, frozen


@frozen(eq=False)
class Runs:
    """A column that holds one of `values` from each of `rows` on: these rise from 0, and behind them is their end."""

    rows: Any = field(repr=False)
    values: Any = field(repr=False)
    starts: list[int] = field(init=False, repr=False)

    @starts.default
    def _starts(self) -> list[int]:
        return self.rows[:-1].tolist()  # type: ignore[no-any-return]

    def part(self, part: slice) -> Any:
        """Return what it holds in a part of the rows: one number where it stays the same, else a column."""
        first, end = self._within(part)
        if end - first == 1:
            return float(self.values[first])
        edges = self.rows[first : end + 1].copy()
        edges[0], edges[-1] = part.start, part.stop
        return self.values[first:end].repeat(edges[1:] - edges[:-1])

    def column(self) -> Any:
        """Return all of it as a column."""
        return self.values.repeat(np.diff(self.rows))

    def at(self, rows: Any) -> Any:
        """Return what it holds at some rows."""
        return self.values[np.searchsorted(self.rows, rows, side="right") - 1]

    def among(self, part: slice) -> Any:
        """Return the values that it has in a part of the rows."""
        first, end = self._within(part)
        return self.values[first:end]

    def _within(self, part: slice) -> tuple[int, int]:
        return bisect_right(self.starts, part.start) - 1, bisect_left(self.starts, part.stop)


def runs(rows: Any, values: Any, count: int) -> Runs:
    """Return runs that begin at some rows, the first at 0; where several begin at one row, the last of them counts."""
    rows, values = np.append(rows, count), np.asarray(values, np.float64)
    last = rows[1:] != rows[:-1]
    return Runs(rows[np.append(last, True)], values[last])
