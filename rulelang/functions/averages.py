"""Averages, sums and spreads of a window, each rounded once from exact sums."""

import math

from rulelang.functions.exact import FixedPoint, root
from rulelang.functions.window import SeriesWindow


class Sums(FixedPoint):
    """The sum of a window's values, of their squares, and of each times its position."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.square = self.weighted = 0

    def grown(self, by: int) -> None:
        self.first <<= by
        self.square <<= 2 * by
        self.weighted <<= by


class Sum(SeriesWindow):
    """The sum of the known values, each counted `times` / `over`."""

    def __init__(self, n: int, times: int = 1, over: int = 1) -> None:
        super().__init__(n)
        self._times, self._over = times, over

    def _clear(self) -> None:
        self._sums = Sums()

    def _enter(self, seen: float) -> None:
        units = self._sums.units(seen)
        self._sums.first += units

    def _leave(self, seen: float) -> None:
        self._sums.first -= self._sums.units(seen)

    def _value(self) -> float | None:
        return self._sums.first * self._times / (self._over << self._sums.bits)


class Mean(Sum):
    """The plain average of the known values."""

    def _value(self) -> float | None:
        return self._sums.first / (self._known << self._sums.bits)


class WeightedMean(Sum):
    """The average with weights 1 to n, the newest heaviest; missing positions take their weights away (C37)."""

    def _clear(self) -> None:
        super()._clear()
        self._weights = 0

    def _take(self, seen: float | None) -> None:
        self._weights -= self._known
        self._sums.weighted -= self._sums.first
        super()._take(seen)

    def _enter(self, seen: float) -> None:
        units = self._sums.units(seen)
        self._sums.first += units
        self._sums.weighted += self._n * units
        self._weights += self._n

    def _value(self) -> float | None:
        return self._sums.weighted / (self._weights << self._sums.bits)


class Deviation(SeriesWindow):
    """The population standard deviation of the known values; exactly 0 when they are all equal."""

    def _clear(self) -> None:
        self._sums = Sums()

    def _enter(self, seen: float) -> None:
        units = self._sums.units(seen)
        self._sums.first += units
        self._sums.square += units * units

    def _leave(self, seen: float) -> None:
        units = self._sums.units(seen)
        self._sums.first -= units
        self._sums.square -= units * units

    def _spread(self) -> int:
        """Return the variance times the square of the count, in square units."""
        sums = self._sums
        return self._known * sums.square - sums.first * sums.first

    def _value(self) -> float | None:
        spread, k = root(self._spread())
        return spread / (self._known << self._sums.bits + k)


class ZScore(Deviation):
    """The distance of the present value from the average, in standard deviations."""

    def push(self, value: float | None) -> float | None:
        """Take the newest value; missing when that is, and in a flat window."""
        self._now = value
        return self._observe(value)

    def _value(self) -> float | None:
        spread, k = root(self._spread())
        if self._now is None or spread == 0:
            return None
        distance = self._known * self._sums.units(self._now) - self._sums.first
        limit = math.sqrt(self._n - 1)  # no value is further from the average of n; keeps rounding inside
        return min(max((distance << k) / spread, -limit), limit)
