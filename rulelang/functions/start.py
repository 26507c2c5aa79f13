"""Starts: how the state of a function with a history is made from its setting."""

from collections.abc import Callable
from typing import Any

from rulelang.functions import saved as read
from rulelang.functions.averages import Sum
from rulelang.functions.order import Percentile
from rulelang.functions.past import Since
from rulelang.functions.record import Rolling, Setting
from rulelang.functions.recursive import Smoothed
from rulelang.functions.volatility import Volatility

Start = Callable[[Setting], Rolling]


class Unclocked:
    """The state of a function that needs the clock where nobody knows it: always missing."""

    def push(self, value: float | None) -> float | None:
        """Take the newest value; there is no answer."""
        return None

    def save(self) -> list[Any]:
        """Return the empty state."""
        return []

    def load(self, saved: list[Any]) -> None:
        """Go on from the empty state."""
        read.parts(saved, 0)


def window(setting: Setting) -> int:
    """Return the window. Raises `ValueError` where the checker would have found it missing or empty."""
    if setting.window is None or setting.window < 1:
        raise ValueError(f"a window of at least 1 period was expected, not {setting.window}")
    return setting.window


def over_window(make: Callable[[int], Rolling]) -> Start:
    """Return the start of a function that has to know its window only."""
    return lambda setting: make(window(setting))


def exponential(setting: Setting) -> Rolling:
    """Start `ema`."""
    n = window(setting)
    return Smoothed(n, 2 / (n + 1))


def wilder(setting: Setting) -> Rolling:
    """Start `wilder`."""
    n = window(setting)
    return Smoothed(n, 1 / n)


def percentile(setting: Setting) -> Rolling:
    """Start `percentile`. Raises `ValueError` for a p outside 0 to 100."""
    (p,) = setting.numbers
    if not 0 <= p <= 100:
        raise ValueError(f"a percentile from 0 to 100 was expected, not {p}")
    return Percentile(window(setting), p)


def total(setting: Setting) -> Rolling:
    """Start `sum`, to which an observation of a rate adds clock / period of it."""
    kind = setting.kinds[0]
    if kind.name != "rate":
        return Sum(window(setting))
    if setting.clock is None:
        return Unclocked()
    assert isinstance(kind.unit, int)
    return Sum(window(setting), setting.clock, kind.unit)


def volatility(setting: Setting) -> Rolling:
    """Start `volatility`."""
    return Unclocked() if setting.clock is None else Volatility(window(setting), setting.clock)


def since(setting: Setting) -> Rolling:
    """Start `periods_since`."""
    return Since()
