"""The values of literals: exact numbers, durations in seconds, times in seconds since 1970."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from rulelang.check.report import Report
from rulelang.kinds import parse_duration
from rulelang.syntax import tree
from rulelang.text import Fix

LONGEST = 10_000 * 31_536_000
"""The longest duration that a rule file may name, in seconds: ten thousand years."""

WINDOW = 1_000_000
"""The longest window, in periods."""


def plain(text: str) -> Decimal:
    """Return the number of a literal without its unit."""
    return Decimal(text.rstrip("%").replace("_", ""))


def exact(text: str) -> Fraction:
    """Return the exact value of a number or percentage."""
    value = Fraction(plain(text))
    return value / 100 if text.endswith("%") else value


def number(node: tree.Number | tree.Percent | tree.Quantity | tree.Rate, text: str, report: Report) -> Fraction | None:
    """Return the exact value of a literal, or `None` with a diagnostic where no double can hold it."""
    value = exact(text)
    try:
        finite = math.isfinite(float(value))
    except OverflowError:
        finite = False
    if not finite:
        message = f"`{text[:20]}…` is larger than any number that can be computed with"
        report.error("RL112", node.span, message, "a number has 308 digits before its point at most")
        return None
    return value


def duration(node: tree.Duration, report: Report) -> int | None:
    """Return the seconds of a duration, or `None` with a diagnostic."""
    if len(node.text) > 30 or not 0 < parse_duration(node.text) <= LONGEST:
        shown = node.text if len(node.text) <= 30 else node.text[:27] + "…"
        message = f"`{shown}` is no duration to work with: it has to be more than nothing and at most 10,000y"
        report.error("RL112", node.span, message, "a digit may have slipped")
        return None
    return parse_duration(node.text)


def moment(node: tree.Moment, report: Report) -> int | float | None:
    """Return the seconds since 1970 of a time or date, or `None` with a diagnostic."""
    text = node.text
    if "T" in text and not (text.endswith("Z") or text[-6] in "+-"):
        message = f"`{text}` doesn't say in which time zone: write `{text}Z` for UTC, or the offset, `{text}-05:00`"
        why = "the same clock time is up to a day apart around the world"
        report.error("RL109", node.span, message, why, Fix(text + "Z", node.span))
        return None
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        message = f"`{text}` is no time of the calendar"
        report.error("RL112", node.span, message, "a date is year-month-day, a time goes from 00:00 to 23:59")
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    seconds = when.timestamp()
    return int(seconds) if seconds == int(seconds) else seconds


def percent(value: Decimal) -> str:
    """Return a percentage as one would write it: `Decimal("70")` is `70%`."""
    text = f"{value.normalize():f}"
    return f"{text}%"
