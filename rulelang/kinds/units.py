"""Units: durations in seconds, and values printed in the unit of their kind."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from rulelang.kinds.kind import Kind

_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_DAYS_FROM = 172_800
"""Longer stretches of time are told in days."""
YEAR = _SECONDS["y"]
"""A year of 365 days, in seconds: 1095 times 8h."""

MONDAY = 345_600
"""The first Monday of the epoch, 1970-01-05, 00:00 UTC, in seconds: weeks count from there."""


def offset(period: int) -> int:
    """Return where the periods of a length are counted from: the epoch, for multiples of a week its first Monday."""
    return MONDAY if period % _SECONDS["w"] == 0 else 0


def parse_duration(text: str) -> int:
    """Return the seconds of a written duration such as `90m`, `8h`, `7d`, `2w` or `1y`.

    >>> parse_duration("8h")
    28800
    """
    return int(text[:-1].replace("_", "")) * _SECONDS[text[-1]]


def duration_text(seconds: float) -> str:
    """Return a duration in the largest unit that divides it, or as a sum of units.

    >>> duration_text(28800), duration_text(5400), duration_text(36000 * 3)
    ('8h', '90m', '30h')
    """
    if seconds < 0:
        return "-" + duration_text(-seconds)
    if seconds == YEAR:
        return "1y"
    for unit in ("w", "d", "h", "m"):
        size = _SECONDS[unit]
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{digits(seconds / 60, 10)}m"


def time_span_text(seconds: float) -> str:
    """Return a stretch of time as a person reads it: in one unit where that is short, else in days, hours and minutes.

    >>> time_span_text(28800), time_span_text(84600), time_span_text(360_000)
    ('8h', '23h 30m', '4d 4h')
    """
    if seconds < 7200 or seconds % 86_400 == 0 or (seconds % 3600 == 0 and seconds <= _DAYS_FROM):
        return duration_text(seconds)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    parts = ((days, "d"), (hours, "h"), (rest / 60, "m"))
    return " ".join(f"{digits(number, 10)}{unit}" for number, unit in parts if number)


def digits(value: float, significant: int) -> str:
    """Return a number in plain decimal notation with so many significant digits, without trailing zeros."""
    if value == 0:
        return "0"
    rounded = Decimal(f"{value:.{significant - 1}e}")
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_text(value: float | str | bool | None, kind: Kind) -> str:
    """Return a value as it stands in texts: percentages with 6 significant digits, other numbers with 10.

    >>> from rulelang.kinds.kind import rate
    >>> value_text(0.0006, rate(28800))
    '0.06% per 8h'
    """
    return _told(value, kind, lambda number: 6 if kind.name in ("ratio", "rate") else 10)


@lru_cache(4096, typed=True)
def reading_text(value: float | str | bool | None, kind: Kind) -> str:
    """Return a value with as many digits as a person wants to read: 6 significant ones, more down to two decimals.

    >>> from rulelang.kinds.kind import PRICE
    >>> reading_text(26823.118571, PRICE), reading_text(0.0123456789, PRICE)
    ('26823.12', '0.0123457')
    """
    return _told(value, kind, _readable)


def faithful_text(value: float | str | bool | None, kind: Kind, tolerance: float) -> str:
    """Return a value as a person reads it, with more digits where it would otherwise be `tolerance` off or more.

    `tolerance` is absolute up to 1, relative above.

    >>> from rulelang.kinds.kind import RATIO
    >>> faithful_text(0.5, RATIO, 1e-9), faithful_text(1 / 3, RATIO, 1e-9)
    ('50%', '33.3333333%')
    """
    scale = 100 if kind.name in ("ratio", "rate") else 1

    def enough(number: float) -> int:
        counts = range(_readable(number), 18)
        near = (n for n in counts if abs(float(digits(number, n)) - number) < tolerance * max(scale, abs(number)))
        return next(near, 17)

    return _told(value, kind, enough)


def _readable(number: float) -> int:
    """Return how many significant digits of a number a person wants to read."""
    return max(6, math.floor(math.log10(abs(number))) + 3) if number and math.isfinite(number) else 6


def _told(value: float | str | bool | None, kind: Kind, significant: Callable[[float], int]) -> str:
    """Return a value in the unit of its kind; `significant` says with how many digits a number is shown."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    percent = value * 100
    match kind.name:
        case "ratio":
            return f"{digits(percent, significant(percent))}%"
        case "rate":
            assert isinstance(kind.unit, int)
            return f"{digits(percent, significant(percent))}% per {duration_text(kind.unit)}"
        case "duration":
            return duration_text(value)
        case "time":
            return time_text(value)
        case "coins" | "money" | "amount" if kind.unit is not None:
            return f"{digits(value, significant(value))} {kind.unit}"
        case _:
            return digits(value, significant(value))


@lru_cache(4096)
def time_text(seconds: float) -> str:
    """Return a time (seconds since 1970) as `2026-12-10T13:30Z`; one that no calendar holds as its number."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return digits(seconds, 15)
    if moment.microsecond:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0") + "Z"
    shape = "%Y-%m-%dT%H:%MZ" if moment.second == 0 else "%Y-%m-%dT%H:%M:%SZ"
    return moment.strftime(shape)
