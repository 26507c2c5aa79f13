"""Functions without a history: arithmetic of present values, missing where it has no answer."""

import math
from collections.abc import Callable
from functools import partial

from rulelang.functions.record import Setting
from rulelang.kinds import YEAR, Kind

Plain = Callable[..., float | None]


def strict(compute: Callable[..., float]) -> Plain:
    """Make a computation missing where an argument is, where it has no answer, and where it overflows."""

    def known(*values: float | None) -> float | None:
        if None in values:
            return None
        try:
            result = compute(*values)
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return result + 0.0 if math.isfinite(result) else None  # no negative zero

    return known


def always(compute: Callable[..., float]) -> Callable[[Setting], Plain]:
    """Return a computation that depends on nothing but its arguments."""
    known = strict(compute)
    return lambda setting: known


def round_half_away(value: float) -> float:
    """Return the nearest whole number, of two equally near the one further from 0.

    The part behind the point is exact, which value + 0.5 is not: 0.49999999999999994 becomes 0.

    >>> round_half_away(2.5), round_half_away(-2.5), round_half_away(0.49999999999999994)
    (3.0, -3.0, 0.0)
    """
    size = abs(value)
    whole = math.floor(size)
    return math.copysign(float(whole + (size - whole >= 0.5)), value)


def scaled(value: float, times: int, over: int) -> float:
    """Return value × times / over, rounded once where one divides the other.

    >>> scaled(0.0001, 31_536_000, 28_800)
    0.1095
    """
    shared = math.gcd(times, over)
    times, over = times // shared, over // shared
    if over == 1:
        return value * times
    return value / over if times == 1 else value * (times / over)


def period(kinds: tuple[Kind, ...]) -> int | None:
    """Return the period of the first rate, to which the others are converted (clause 3.3)."""
    return next((kind.unit for kind in kinds if kind.name == "rate" and isinstance(kind.unit, int)), None)


def converter(kind: Kind, to: int | None) -> Callable[[float], float] | None:
    """Return what makes a value of this kind a rate per `to` seconds; nothing where it is one, or no rate at all."""
    if to is None or kind.name != "rate" or not isinstance(kind.unit, int) or kind.unit == to:
        return None
    return partial(_converted, kind.unit, to)


def _converted(unit: int, to: int, value: float) -> float:
    return scaled(value, to, unit)


def unified(kinds: tuple[Kind, ...], compute: Plain) -> Plain:
    """Make a computation get its rates in one period."""
    to = period(kinds)
    converters = [converter(kind, to) for kind in kinds]
    if not any(converters):
        return compute

    def converted(*values: float | None) -> float | None:
        pairs = zip(converters, values, strict=True)
        return compute(*(value if convert is None or value is None else convert(value) for convert, value in pairs))

    return converted


def least(setting: Setting) -> Plain:
    """Return `min`."""
    return unified(setting.kinds, strict(min))


def most(setting: Setting) -> Plain:
    """Return `max`."""
    return unified(setting.kinds, strict(max))


def clamp(setting: Setting) -> Plain:
    """Return `clamp`: raised to `lo`, then lowered to `hi`, which has the last word where they cross (C40)."""
    return unified(setting.kinds, strict(lambda value, low, high: min(max(value, low), high)))


def choice(setting: Setting) -> Plain:
    """Return `if`: one of two values, missing while the condition is unknown; the other one may be missing."""
    return unified(setting.kinds, _choose)


def _choose(condition: bool | None, a: float | None, b: float | None) -> float | None:
    if condition is None:
        return None
    return a if condition else b


def annualised(setting: Setting) -> Plain:
    """Return `annualised` of a rate, or of a ratio and the duration in which it was earned."""
    if len(setting.kinds) == 2:
        return strict(_a_year)
    unit = period(setting.kinds)
    return strict(lambda rate: scaled(rate, YEAR, unit or YEAR))


def _a_year(ratio: float, duration: float) -> float:
    if duration <= 0:
        raise ValueError("no time to earn anything in")
    return ratio * (YEAR / duration)


def basis(future: float, spot: float) -> float:
    """Return by how much the future is above spot, as a part of spot."""
    return future / spot - 1
