"""Volatility: the annual deviation of log returns."""

import math
from typing import Any

from rulelang.functions import saved as read
from rulelang.functions.averages import Deviation
from rulelang.kinds import YEAR


def _log_return(before: float | None, now: float | None) -> float | None:
    if before is None or now is None or before <= 0 or now <= 0:
        return None
    ratio = now / before
    return math.log(ratio) if 0 < ratio < math.inf else math.log(now) - math.log(before)


class Volatility:
    """The population deviation over n positions of log(close / close before), times √(365 days / clock).

    `clock`: seconds between two closes. The first position has no return and counts as missing (C34).
    """

    def __init__(self, n: int, clock: int) -> None:
        self._returns = Deviation(n)
        self._close: float | None = None
        self._factor = math.sqrt(YEAR / clock)

    def push(self, close: float | None) -> float | None:
        """Take the newest close and return the volatility a year."""
        before, self._close = self._close, close
        deviation = self._returns.push(_log_return(before, close))
        return None if deviation is None else deviation * self._factor

    def save(self) -> list[Any]:
        """Return the last close and the returns."""
        return [self._close, self._returns.save()]

    def load(self, saved: list[Any]) -> None:
        """Go on from a saved state."""
        close, returns = read.parts(saved, 2)
        before = read.maybe(close)
        self._returns.load(returns)
        self._close = before
