"""Numbers, durations, times and counts as English writes them: `0.05% per 8 hours`, `three bars`, `2 days`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from rulelang.kinds import RATIO, YEAR, Kind
from rulelang.kinds.units import digits, time_text

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def number(value: Fraction | float) -> str:
    """Return a number with its thousands set apart.

    >>> number(65000.5)
    '65,000.5'
    """
    return f"{Decimal(digits(float(value), 15)):,f}"


def exact(value: float) -> Fraction:
    """Return the number that a double was written as: 0.1, not the double next to it."""
    return Fraction(repr(value))


def percent(value: Fraction) -> str:
    """Return a ratio as a percentage."""
    return f"{number(value * 100)}%"


def amount(value: Fraction, kind: Kind) -> str:
    """Return a value in the unit of its kind."""
    match kind.name:
        case "ratio":
            return percent(value)
        case "rate":
            assert isinstance(kind.unit, int)
            return f"{percent(value)} {per(kind.unit)}"
        case "duration":
            return duration(value)
        case "time":
            return moment(float(value))
        case "price" | "money" | "amount" | "coins" if isinstance(kind.unit, str):
            return f"{number(value)} {kind.unit}"
        case _:
            return number(value)


def move(value: Fraction, kind: Kind) -> str:
    """Return a distance between two levels of a target: of ratios it is in points."""
    if kind != RATIO:
        return amount(value, kind)
    return "1 point" if value * 100 == 1 else f"{number(value * 100)} points"


def duration(seconds: Fraction | int) -> str:
    """Return a duration in days, hours and minutes, in one unit where one does.

    >>> duration(86400), duration(172800), duration(5400), duration(720000)
    ('24 hours', '2 days', '1 hour and 30 minutes', '8 days and 8 hours')
    """
    if seconds < 0:
        return f"minus {duration(-seconds)}"
    days, rest = divmod(Fraction(seconds), _DAY)
    if days < 2:
        days, rest = 0, Fraction(seconds)
    hours, rest = divmod(rest, _HOUR)
    parts = [_unit(days, "day"), _unit(hours, "hour"), _unit(rest / _MINUTE, "minute")]
    return listed([part for part in parts if part]) or "no time"


def _unit(count: Fraction | int, unit: str) -> str:
    return f"{number(count)} {unit}{'s' if count != 1 else ''}" if count else ""


def per(seconds: int) -> str:
    """Return the period of a rate: `per 8 hours`, `per day`."""
    words = {_HOUR: "hour", _DAY: "day", 7 * _DAY: "week", YEAR: "year"}
    return f"per {words.get(seconds) or duration(seconds)}"


def each(seconds: int) -> str:
    """Return how often something comes: `every 8 hours`, `every day`."""
    return f"every {per(seconds).removeprefix('per ')}"


def moment(seconds: float) -> str:
    """Return a time: `13:30 UTC on 10 December 2026`."""
    try:
        when = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return time_text(seconds)
    clock = when.time().isoformat().removesuffix(":00")
    return f"{clock} UTC on {when.day} {_MONTHS[when.month - 1]} {when.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def counted(count: int, one: str, many: str) -> str:
    """Return so many things, small numbers in words: `three bars`, `200 bars`."""
    said = _WORDS[count] if 0 < count < len(_WORDS) else f"{count:,}"
    return f"{said} {one if count == 1 else many}"


def word(count: int) -> str:
    """Return a count alone, small numbers in words."""
    return counted(count, "", "").rstrip()


def listed(items: Sequence[str], joint: str = "and") -> str:
    """Return items as English lists them: `A, B and C`."""
    *most, last = items or ("",)
    return f"{', '.join(most)} {joint} {last}" if most else last
