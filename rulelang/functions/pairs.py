"""Two series side by side: correlation and beta over a window."""

from rulelang.functions.exact import FixedPoint, root
from rulelang.functions.window import Numbers, RowWindow


class Products(FixedPoint):
    """The sums of two series, of their squares and of their product."""

    def __init__(self) -> None:
        super().__init__()
        self.x = self.y = self.xx = self.yy = self.xy = 0

    def grown(self, by: int) -> None:
        self.x <<= by
        self.y <<= by
        self.xx <<= 2 * by
        self.yy <<= 2 * by
        self.xy <<= 2 * by

    def add(self, row: Numbers, sign: int) -> None:
        """Add a pair, or take it away again with `sign` -1."""
        x, y = self.all_units(row)
        self.x += sign * x
        self.y += sign * y
        self.xx += sign * x * x
        self.yy += sign * y * y
        self.xy += sign * x * y


class Pairs(RowWindow):
    """A window over two series; a position counts where both are known."""

    width = 2

    def _clear(self) -> None:
        self._sums = Products()

    def _enter(self, seen: Numbers) -> None:
        self._sums.add(seen, 1)

    def _leave(self, seen: Numbers) -> None:
        self._sums.add(seen, -1)

    def _together(self) -> int:
        sums = self._sums
        return self._known * sums.xy - sums.x * sums.y

    def _spread_of_y(self) -> int:
        return self._known * self._sums.yy - self._sums.y**2


class Beta(Pairs):
    """cov(x, y) / var(y); missing while y is flat."""

    def _value(self) -> float | None:
        spread = self._spread_of_y()
        return self._together() / spread if spread else None


class Correlation(Pairs):
    """Pearson's correlation; missing while either series is flat."""

    def _value(self) -> float | None:
        spread_of_x = self._known * self._sums.xx - self._sums.x**2
        spread, k = root(spread_of_x * self._spread_of_y())
        if spread == 0:
            return None
        return min(max((self._together() << k) / spread, -1.0), 1.0)
