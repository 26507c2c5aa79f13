"""Plans as one page of HTML that needs nothing else: the text, and a picture of what moves of all prices bring."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from attrs import frozen

from rulelang.plan.plan import Plan
from rulelang.plan.risks import Outcome
from rulelang.plan.screen import as_text, money, percent

_WIDTH, _HEIGHT, _LEFT, _EDGE = 720, 360, 110, 30
_LINES = (("spot", "#888888", "6 4"), ("futures", "#c05020", "2 3"), ("net", "#1050a0", ""))
"""What is drawn: a colour, and dashes so that lines differ without colours too."""
_STYLE = "body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}pre{overflow-x:auto}"


@frozen
class _Frame:
    """Where moves and amounts of money lie in the picture."""

    moves: tuple[float, float]
    amounts: tuple[float, float]

    def x(self, move: float) -> float:
        low, high = self.moves
        return _LEFT + (move - low) / (high - low) * (_WIDTH - _LEFT - _EDGE)

    def y(self, amount: float) -> float:
        low, high = self.amounts
        return _HEIGHT - _EDGE - (amount - low) / (high - low) * (_HEIGHT - 2 * _EDGE)


def as_html(plan: Plan) -> str:
    """Return a plan as a page that stands for itself."""
    text = escape(as_text(plan, 100))
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Plan</title><style>{_STYLE}</style>\n'
        f"<h1>Plan</h1>\n{picture(plan.curve)}\n<pre>{text}</pre>\n</html>\n"
    )


def picture(curve: Sequence[Outcome]) -> str:
    """Return a picture (SVG) of spot, futures and both together over moves of all prices, by rising moves."""
    frame = _frame(curve)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" font-size="12" aria-label="what a move of prices brings">',
        *_axes(frame, curve),
        *(_line(frame, curve, name, colour, dashes) for name, colour, dashes in _LINES),
        *(_legend(at, name, colour, dashes) for at, (name, colour, dashes) in enumerate(_LINES)),
        "</svg>",
    ]
    return "\n".join(parts)


def _frame(curve: Sequence[Outcome]) -> _Frame:
    amounts = [float(getattr(one, name)) for one in curve for name, _, _ in _LINES]
    most = max(map(abs, amounts)) or 1.0
    return _Frame((float(curve[0].move), float(curve[-1].move)), (-most, most))


def _axes(frame: _Frame, curve: Sequence[Outcome]) -> list[str]:
    """Return the lines through nothing moved and nothing gained, with their ends named."""
    left, right = (frame.x(end) for end in frame.moves)
    low, high = frame.amounts
    lines = [
        f'<path d="M{left:.1f} {frame.y(0):.1f}H{right:.1f}M{frame.x(0):.1f} {frame.y(low):.1f}V{frame.y(high):.1f}" '
        'stroke="#bbbbbb" fill="none"/>'
    ]
    for amount in (low, 0.0, high):
        told = f"{money(Decimal(str(amount)))} USD"
        lines.append(f'<text x="{_LEFT - 8}" y="{frame.y(amount) + 4:.1f}" text-anchor="end">{told}</text>')
    for one in (curve[0], curve[-1]):
        where = f'x="{frame.x(float(one.move)):.1f}" y="{_HEIGHT - 8}"'
        lines.append(f'<text {where} text-anchor="middle">{percent(one.move)}</text>')
    return lines


def _line(frame: _Frame, curve: Sequence[Outcome], name: str, colour: str, dashes: str) -> str:
    points = " ".join(f"{frame.x(float(one.move)):.1f},{frame.y(float(getattr(one, name))):.1f}" for one in curve)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'


def _legend(at: int, name: str, colour: str, dashes: str) -> str:
    x, y = _LEFT + 20 + 110 * at, 14
    mark = f'<path d="M{x} {y}h30" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
    return f'{mark}<text x="{x + 36}" y="{y + 4}">{name}</text>'
