"""Plans as one page of HTML that needs nothing else: a picture of what moves of all prices bring, and the text."""

from collections.abc import Sequence
from html import escape

from rulelang.kinds.units import time_text
from rulelang.plan.chart import Line, Mark, Ticks, figure, page, round_ticks
from rulelang.plan.plan import Plan
from rulelang.plan.risks import Outcome
from rulelang.plan.screen import as_text

_TOLD = "What a move of all prices brings, in USD. It goes on behind a liquidation, which is marked."


def as_html(plan: Plan) -> str:
    """Return a plan as a page that stands for itself, light or dark as the reader likes it."""
    text = escape(as_text(plan, 100))
    return page(f"Plan at {time_text(plan.time.timestamp())}", f"{picture(plan)}\n<pre>{text}</pre>")


def picture(plan: Plan) -> str:
    """Return a chart of spot, options where there are some, futures, and all of it together, by rising moves."""
    names = ("net", "futures", "spot", *(("options",) if plan.options else ()))
    lines = [Line(name, _points(plan.curve, name), strong=name == "net") for name in names]
    return figure(lines, _moves(plan.curve), _amounts(lines), _TOLD, _liquidations(plan))


def _points(curve: Sequence[Outcome], name: str) -> list[tuple[float, float]]:
    return [(float(one.move), float(getattr(one, name))) for one in curve]


def _moves(curve: Sequence[Outcome]) -> Ticks:
    low, high = float(curve[0].move), float(curve[-1].move)
    places = [tenth / 10 for tenth in range(round(low * 10), round(high * 10) + 1)]
    return Ticks(low, high, [(move, f"{move:+.0%}" if move else "0%") for move in places])


def _amounts(lines: Sequence[Line]) -> Ticks:
    values = [y for line in lines for _, y in line.points]
    ticks = round_ticks(min(*values, 0.0), max(*values, 0.0), 6)
    return Ticks(ticks[0], ticks[-1], [(amount, f"{amount:,.{_places(ticks)}f}") for amount in ticks])


def _places(ticks: Sequence[float]) -> int:
    """Return how many digits tell ticks apart."""
    step = ticks[1] - ticks[0]
    return next((places for places in range(9) if round(step, places) >= step * 0.999), 9)


def _liquidations(plan: Plan) -> list[Mark]:
    ends = float(plan.curve[0].move), float(plan.curve[-1].move)
    near = [one for one in plan.positions if one.distance is not None and ends[0] < one.distance < ends[1]]
    return [Mark(float(one.distance or 0), f"{one.instrument} is liquidated") for one in near]
