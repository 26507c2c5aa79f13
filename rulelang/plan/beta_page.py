"""Betas as one page of HTML that needs nothing else: pictures of how they went from window to window, and the text."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape

from rulelang.plan.betas import Measured, Point
from rulelang.plan.chart import Line, Mark, Ticks, figure, page, round_ticks
from rulelang.plan.quotes import DAY

_LEAST = 0.8
"""The R² under which a plan warns of a cross hedge, unless its portfolio says another."""


def as_html(found: Sequence[Measured], benchmark: str, window: str, text: str) -> str:
    """Return betas as a page that stands for itself; `text` is the table that goes below the pictures."""
    known = [one for one in found if len(one.path) > 1]
    pictures = [_betas(known, benchmark, window), _fits(known, benchmark, window)] if known else []
    return page(f"Betas to {benchmark}", "\n".join([*pictures, f"<pre>{escape(text)}</pre>"]))


def _betas(known: Sequence[Measured], benchmark: str, window: str) -> str:
    lines = _lines(known, lambda point: point.beta)
    values = [beta for line in lines for _, beta in line.points]
    ticks = round_ticks(min(values), max(values), 6)
    told = f"Beta to {benchmark} over {window}, by the last day of the {window}."
    return figure(lines, _days(known), Ticks(ticks[0], ticks[-1], [(beta, f"{beta:g}") for beta in ticks]), told)


def _fits(known: Sequence[Measured], benchmark: str, window: str) -> str:
    told = f"R² to {benchmark} over {window}: how much of an asset's moves are the benchmark's. Under 0.8 a plan warns."
    up = Ticks(0, 1, [(fifth / 5, f"{fifth / 5:g}") for fifth in range(6)])
    mark = Mark(_LEAST, "a plan warns below", upright=False)
    return figure(_lines(known, lambda point: point.r2), _days(known), up, told, [mark])


def _lines(known: Sequence[Measured], value: Callable[[Point], float]) -> list[Line]:
    return [Line(one.asset, [(point.day, value(point)) for point in one.path]) for one in known]


def _days(known: Sequence[Measured]) -> Ticks:
    """Return an axis of days with about six dates; days count from 1970, by the midnight that ends them."""
    low = min(one.path[0].day for one in known)
    high = max(one.path[-1].day for one in known)
    step = max(1, (high - low) // 6)
    return Ticks(low, high, [(day, _date(day)) for day in range(low, high + 1, step)])


def _date(day: int) -> str:
    return datetime.fromtimestamp((day - 1) * DAY, UTC).strftime("%Y-%m-%d")
