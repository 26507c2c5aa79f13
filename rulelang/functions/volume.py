"""Where the volume was traded: the average price by volume, and the volume profile of a window."""

import math
from abc import abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from rulelang.functions.exact import FixedPoint
from rulelang.functions.window import Numbers, RowWindow

ROWS = 24
SHARE = 0.7
NOISE = 1e-12
"""Shares of the volume that differ by less are equal: rounding must not decide which row is the fullest."""


class Turnover(FixedPoint):
    """The sums of volume, and of volume times three typical prices."""

    def __init__(self) -> None:
        super().__init__()
        self.volume = self.traded = 0

    def grown(self, by: int) -> None:
        self.volume <<= by
        self.traded <<= 2 * by

    def add(self, bar: Numbers, sign: int) -> None:
        """Add a bar, or take it away again with `sign` -1."""
        high, low, close, volume = self.all_units(bar)
        self.volume += sign * volume
        self.traded += sign * (high + low + close) * volume


class AveragePrice(RowWindow):
    """The typical price (high + low + close) / 3 weighted by volume (C36); missing without volume."""

    width = 4

    def _clear(self) -> None:
        self._sums = Turnover()

    def _enter(self, seen: Numbers) -> None:
        self._sums.add(seen, 1)

    def _leave(self, seen: Numbers) -> None:
        self._sums.add(seen, -1)

    def _value(self) -> float | None:
        sums = self._sums
        return sums.traded / (3 * sums.volume << sums.bits) if sums.volume > 0 else None


class Rows(FixedPoint):
    """The rows of a profile between two prices, and the volume in each."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high
        self.edges = [low + (high - low) * (k / ROWS) for k in range(ROWS)] + [high]
        self.volumes = [0] * ROWS

    def grown(self, by: int) -> None:
        self.volumes = [volume << by for volume in self.volumes]

    def add(self, bar: Numbers, sign: int) -> None:
        """Add a bar's volume to the rows, or take it away again with `sign` -1."""
        for row, volume in self._spread(bar):
            units = self.units(volume)
            self.volumes[row] += sign * units

    def _spread(self, bar: Numbers) -> Iterator[tuple[int, float]]:
        high, low, volume = bar
        edges = self.edges
        first = (max(bisect_left(edges, low), 1) if high == low else min(bisect_right(edges, low), ROWS)) - 1
        if high <= edges[first + 1]:
            yield first, volume
            return
        scale = high - low
        for row in range(first, bisect_left(edges, high)):
            yield row, volume * ((min(high, edges[row + 1]) - max(low, edges[row])) / scale)

    def shares(self) -> list[float] | None:
        """Return the part of all volume that lies in each row; nothing without volume."""
        total = sum(self.volumes)
        return [volume / total for volume in self.volumes] if total > 0 else None


class Profile(RowWindow):
    """A volume profile: equal rows between the lowest low and the highest high, each bar spread evenly over its range.

    A bar without a range counts in the row that holds it, on an edge in the lower; bars with a missing value, or with a
    high below the low, are left out (C22). While no extreme comes or goes the rows stay, and a step moves two bars;
    else all are laid anew.
    """

    width = 3

    def push(self, *values: float | None) -> float | None:
        """Take the newest high, low and volume and return the price asked for."""
        high, low, _ = values
        upside_down = high is not None and low is not None and high < low
        return super().push(None) if upside_down else super().push(*values)

    def _clear(self) -> None:
        self._rows: Rows | None = None

    def _enter(self, seen: Numbers) -> None:
        rows = self._rows
        if rows is None or seen[0] > rows.high or seen[1] < rows.low:
            self._rows = None
        else:
            rows.add(seen, 1)

    def _leave(self, seen: Numbers) -> None:
        rows = self._rows
        if rows is None or self._was_extreme(seen, rows):
            self._rows = None
        else:
            rows.add(seen, -1)

    def _was_extreme(self, gone: Numbers, rows: Rows) -> bool:
        """Say whether a bar that left was the only one at an end of the rows."""
        held = [bar for bar in self._held if bar is not None]
        top = gone[0] == rows.high and all(bar[0] != rows.high for bar in held)
        return top or (gone[1] == rows.low and all(bar[1] != rows.low for bar in held))

    def _lay(self) -> Rows | None:
        bars = [bar for bar in self._held if bar is not None]
        low, high = min(bar[1] for bar in bars), max(bar[0] for bar in bars)
        if high - low == math.inf:
            return None
        rows = Rows(low, high)
        for bar in bars:
            rows.add(bar, 1)
        return rows

    def _value(self) -> float | None:
        self._rows = rows = self._rows or self._lay()
        shares = rows.shares() if rows else None
        if rows is None or shares is None:
            return None
        return rows.low if rows.low == rows.high else self._price(rows.edges, shares)

    @abstractmethod
    def _price(self, edges: list[float], shares: list[float]) -> float:
        """Return the price asked for."""


def _fullest(shares: list[float]) -> int:
    most = max(shares)
    return next(row for row, share in enumerate(shares) if share >= most - NOISE)


def _area(shares: list[float]) -> tuple[int, int]:
    """Return the first and last row of the value area, grown to the fuller neighbour, the lower one of equals."""
    first = last = _fullest(shares)
    held = shares[first]
    while held < SHARE - NOISE and (first > 0 or last < ROWS - 1):
        below = shares[first - 1] if first > 0 else -1.0
        above = shares[last + 1] if last < ROWS - 1 else -1.0
        if below >= above - NOISE and first > 0:
            first, held = first - 1, held + below
        else:
            last, held = last + 1, held + above
    return first, last


class PointOfControl(Profile):
    """The middle of the fullest row."""

    def _price(self, edges: list[float], shares: list[float]) -> float:
        row = _fullest(shares)
        return edges[row] + (edges[row + 1] - edges[row]) / 2


class ValueAreaLow(Profile):
    """The lower edge of the value area."""

    def _price(self, edges: list[float], shares: list[float]) -> float:
        return edges[_area(shares)[0]]


class ValueAreaHigh(Profile):
    """The upper edge of the value area."""

    def _price(self, edges: list[float], shares: list[float]) -> float:
        return edges[_area(shares)[1] + 1]
