"""Figures as a reader wants them: percentages, money, times, intervals."""

import math
from collections.abc import Mapping
from html import escape

from rulelang.backtest.result import Interval
from rulelang.kinds.units import time_text

NONE = "–"
_DAY = 86_400


def percent(value: float | None, digits: int = 1) -> str:
    """Return a fraction as a percentage: `-12.3%`, with a real minus sign."""
    if value is None or not math.isfinite(value):
        return NONE
    return _signed(f"{value * 100:,.{digits}f}%")


def gain(value: float | None, digits: int = 1) -> str:
    """Return a fraction as a percentage that tells its sign."""
    shown = percent(value, digits)
    return shown if value is None or not value > 0 or shown == NONE else f"+{shown}"


def money(value: float | None) -> str:
    """Return an amount with as many decimals as it needs."""
    if value is None or not math.isfinite(value):
        return NONE
    size = abs(value)
    return _signed(f"{value:,.{0 if size >= 1000 or size == 0 else 2 if size >= 1 else 4}f}")


def earned(value: float | None) -> str:
    """Return an amount that tells its sign."""
    shown = money(value)
    return shown if value is None or not value > 0 or shown == NONE else f"+{shown}"


def count(value: float) -> str:
    return f"{value:,.0f}"


def share(part: float, whole: float) -> str:
    """Return a part of a whole as a percentage; a small part doesn't look like none."""
    if not whole:
        return NONE
    found = part / whole
    return "<0.1%" if 0 < found < 0.001 else percent(found)


def date(seconds: float | None) -> str:
    """Return the day of a time, UTC."""
    return NONE if seconds is None else time_text(seconds)[:10]


def minute(seconds: float | None) -> str:
    """Return a time, UTC: `2024-05-27 08:00`."""
    return NONE if seconds is None else time_text(seconds).replace("T", " ").removesuffix("Z")


def days(seconds: float) -> str:
    found = seconds / _DAY
    return f"{found:,.0f} days" if found >= 2 else f"{seconds / 3600:,.0f} hours"


def interval(found: Mapping[str, Interval], name: str) -> str:
    """Return the interval of a number in small print, nothing where there is none or it is a point."""
    one = found.get(name)
    if one is None or one.low == one.high:
        return ""
    return f'<span class="interval">{percent(one.low)} to {percent(one.high)}</span>'


def plain(text: str) -> str:
    """Return a text with its words in backticks set as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces))


def _signed(text: str) -> str:
    if text.startswith("-") and not any(sign in "123456789" for sign in text):
        text = text[1:]
    return text.replace("-", "−")
