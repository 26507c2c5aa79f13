"""Order statistics of a window: extremes, percentiles, ranks, drawdown, counts."""

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque

from rulelang.functions.window import SeriesWindow


class Highest(SeriesWindow):
    """The highest known value: of those held, the ones that no later one exceeds stand in line."""

    def _clear(self) -> None:
        self._line: deque[float] = deque()

    def _enter(self, seen: float) -> None:
        line = self._line
        while line and line[-1] < seen:
            line.pop()
        line.append(seen)

    def _leave(self, seen: float) -> None:
        if self._line[0] == seen:
            self._line.popleft()

    def _value(self) -> float | None:
        return self._line[0] + 0.0  # no negative zero


class Lowest(Highest):
    """The lowest known value: the highest, upside down."""

    def _enter(self, seen: float) -> None:
        super()._enter(-seen)

    def _leave(self, seen: float) -> None:
        super()._leave(-seen)

    def _value(self) -> float | None:
        return 0.0 - self._line[0]


class Drawdown(Highest):
    """How far the present value lies below the highest, as a part of it; the highest must be positive."""

    def push(self, value: float | None) -> float | None:
        """Take the newest value; missing when that is."""
        highest = self._observe(value)
        if value is None or highest is None or highest <= 0:
            return None
        drawdown = 1 - value / highest
        return drawdown if drawdown < math.inf else None


class Percentile(SeriesWindow):
    """The value below which `p` percent of the known ones lie, by NumPy's straight lines between them."""

    def __init__(self, n: int, p: float = 50.0) -> None:
        super().__init__(n)
        self._part = p / 100

    def _clear(self) -> None:
        self._sorted: list[float] = []

    def _enter(self, seen: float) -> None:
        insort(self._sorted, seen + 0.0)

    def _leave(self, seen: float) -> None:
        del self._sorted[bisect_left(self._sorted, seen)]

    def _value(self) -> float | None:
        place = (self._known - 1) * self._part
        index = int(place)
        low = self._sorted[index]
        high = self._sorted[min(index + 1, self._known - 1)]
        return _between(low, high, place - index)


def _between(low: float, high: float, part: float) -> float:
    """Return the value a part of the way from low to high, by the order of operations of NumPy's."""
    width = high - low
    if width == math.inf:
        return low * (1 - part) + high * part
    return high - width * (1 - part) if part >= 0.5 else low + width * part


class Median(Percentile):
    """The middle value, or the average of the two in the middle."""

    def _value(self) -> float | None:
        low = self._sorted[(self._known - 1) // 2]
        high = self._sorted[self._known // 2]
        middle = (low + high) / 2
        return middle if math.isfinite(middle) else low / 2 + high / 2


class Rank(Percentile):
    """The share of the other known values that lie below the present one, equal ones counted half (C54)."""

    def push(self, value: float | None) -> float | None:
        """Take the newest value; missing when that is, or when it has no others."""
        self._now = value
        return self._observe(value)

    def _value(self) -> float | None:
        if self._now is None or self._known < 2:
            return None
        below = bisect_left(self._sorted, self._now)
        not_above = bisect_right(self._sorted, self._now)
        return (below + not_above - 1) / (2 * (self._known - 1))


class Count(SeriesWindow):
    """In how many of the window's positions a condition was true."""

    def _clear(self) -> None:
        self._true = 0

    def _enter(self, seen: float) -> None:
        self._true += bool(seen)

    def _leave(self, seen: float) -> None:
        self._true -= bool(seen)

    def _value(self) -> float | None:
        return float(self._true)

    def _write(self, seen: float) -> int:
        return int(seen)
