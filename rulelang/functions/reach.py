"""Reach: the range that a function's result can never leave, by its setting and the ranges of its arguments."""

import math
from collections.abc import Callable

from rulelang.functions.plain import converter, period, round_half_away
from rulelang.functions.record import EVERYTHING, Setting, Span

Reach = Callable[[Setting], Span]


def always(low: float, high: float) -> Reach:
    """Return a range that nothing changes."""
    return lambda setting: (low, high)


not_negative = always(0.0, math.inf)


def kept(setting: Setting) -> Span:
    """Return the range of the series itself."""
    return setting.span(0)


def zscore(setting: Setting) -> Span:
    """Return ±√(n − 1): no one of n values lies further from their average."""
    limit = math.sqrt(max((setting.window or 1) - 1, 0))
    return -limit, limit


def count(setting: Setting) -> Span:
    """Return 0 to n."""
    return 0.0, float(setting.window or 0)


def drawdown(setting: Setting) -> Span:
    """Return 0 to 1 for a series that is never negative; one that crosses 0 can lose more than all."""
    return 0.0, 1.0 if setting.span(0)[0] >= 0 else math.inf


def change(setting: Setting) -> Span:
    """Return what a series that is never negative can lose at most: all of it."""
    return (-1.0, math.inf) if setting.span(0)[0] >= 0 else EVERYTHING


def total(setting: Setting) -> Span:
    """Return the sign that every value of the series has."""
    low, high = setting.span(0)
    return (0.0 if low >= 0 else -math.inf), (0.0 if high <= 0 else math.inf)


def size(setting: Setting) -> Span:
    """Return the range of `abs`."""
    low, high = setting.span(0)
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    return nearest, max(abs(low), abs(high))


def floor(setting: Setting) -> Span:
    """Return the range of `floor`."""
    return _ends(math.floor, setting)


def ceil(setting: Setting) -> Span:
    """Return the range of `ceil`."""
    return _ends(math.ceil, setting)


def rounded(setting: Setting) -> Span:
    """Return the range of `round`."""
    return _ends(round_half_away, setting)


def _ends(compute: Callable[[float], float], setting: Setting) -> Span:
    low, high = (end if math.isinf(end) else float(compute(end)) for end in setting.span(0))
    return low, high


def _arguments(setting: Setting) -> list[Span]:
    """Return the ranges of the arguments, rates in the period in which they are compared."""
    to = period(setting.kinds)
    spans = []
    for index, kind in enumerate(setting.kinds):
        convert = converter(kind, to)
        low, high = setting.span(index)
        spans.append((low, high) if convert is None else (convert(low), convert(high)))
    return spans


def least(setting: Setting) -> Span:
    """Return the range of `min`."""
    spans = _arguments(setting)
    return min(low for low, _ in spans), min(high for _, high in spans)


def most(setting: Setting) -> Span:
    """Return the range of `max`."""
    spans = _arguments(setting)
    return max(low for low, _ in spans), max(high for _, high in spans)


def clamp(setting: Setting) -> Span:
    """Return the range of `clamp`: raised to the second, then lowered to the third."""
    value, low, high = _arguments(setting)
    return min(max(value[0], low[0]), high[0]), min(max(value[1], low[1]), high[1])


def choice(setting: Setting) -> Span:
    """Return the range of `if`: that of both values together."""
    _, a, b = _arguments(setting)
    return min(a[0], b[0]), max(a[1], b[1])
