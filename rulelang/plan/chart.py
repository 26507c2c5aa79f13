"""Charts of lines as SVG, for pages that need nothing else: light or dark as the reader likes it."""

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, log10

from attrs import field, frozen

STYLE = """\
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #667; --line: #8885; --paper: #fff;
  --a: #0b57a4; --b: #b3460f; --c: #6b7280; --d: #7a3ea8; --e: #0d7a5f; --f: #a3195b; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7eb; --faint: #9aa3ad; --line: #8886; --paper: #15181c;
    --a: #6db1ff; --b: #ff9d5c; --c: #a5adb8; --d: #c79bf2; --e: #4fd0ab; --f: #ff8fbe; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 2rem auto; padding: 0 1rem; max-width: 60rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-bottom: 0; }
figure { margin: 1rem 0; } figcaption { color: var(--faint); }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .grid { stroke: var(--line); fill: none; } svg .axis { stroke: var(--faint); fill: none; }
svg .tick, svg .mark { fill: var(--faint); }
svg text.mark { paint-order: stroke; stroke: var(--paper); stroke-width: 5; }
svg path.mark { stroke: var(--faint); stroke-dasharray: 2 4; }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; } svg .strong { stroke-width: 3.5; }
pre { overflow-x: auto; font-size: 13px; }
"""
_WIDTH, _HEIGHT = 760, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 44, 50, 34
_A_ROW = 6
"""How many lines are named in a row."""
_COLOURS = ("a", "b", "c", "d", "e", "f")
_DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 5", "4 2 1 2")
"""Lines differ without colours too."""


@frozen
class Line:
    """A line through points from left to right; `strong` ones are drawn thicker."""

    name: str
    points: Sequence[tuple[float, float]] = field(repr=False)
    strong: bool = False


@frozen
class Ticks:
    """Where an axis is named, and how."""

    low: float
    high: float
    places: Sequence[tuple[float, str]]


@frozen
class Mark:
    """A line across the chart at a place of the lower axis (`upright`), or of the left one, and what it says."""

    at: float
    text: str
    upright: bool = True


@frozen
class _Frame:
    """Where values lie in the picture."""

    across: Ticks
    up: Ticks

    def x(self, value: float) -> float:
        low, high = self.across.low, self.across.high
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self.up.low, self.up.high
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)


def page(title: str, body: str) -> str:
    """Return a page that stands for itself; `body` is HTML."""
    head = '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">'
    named = f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>"
    top = f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n{named}\n</head>'
    return f"{top}\n<body>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"


def figure(lines: Sequence[Line], across: Ticks, up: Ticks, told: str, marks: Sequence[Mark] = ()) -> str:
    """Return a chart (HTML with SVG); `told` is what it shows, in a sentence."""
    frame = _Frame(across, up)
    parts = [
        f'<figure>\n<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(told)}">',
        *_grid(frame),
        *(_line(frame, at, line) for at, line in enumerate(lines)),
        *(_mark(frame, at, mark) for at, mark in enumerate(marks)),
        *_legend(lines),
        f"</svg>\n<figcaption>{escape(told)}</figcaption>\n</figure>",
    ]
    return "\n".join(parts)


def round_ticks(low: float, high: float, count: int) -> list[float]:
    """Return about so many round numbers that hold a range between them.

    >>> round_ticks(-420.0, 380.0, 5)
    [-600.0, -400.0, -200.0, 0.0, 200.0, 400.0]
    """
    rough = (high - low or abs(high) or 1.0) / count
    size = 10.0 ** floor(log10(rough))
    step = next(size * part for part in (1, 2, 5, 10) if size * part >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(at * step, 12) for at in range(first, max(last, first + 1) + 1)]


# Parts of the picture ─────────────────────────────────────────────────────────────────────────────────────────────────


def _grid(frame: _Frame) -> Iterator[str]:
    left, right, top, bottom = _LEFT, _WIDTH - _RIGHT, _TOP, _HEIGHT - _BOTTOM
    for value, text in frame.up.places:
        y, kind = frame.y(value), "grid" if value else "axis"
        yield f'<path class="{kind}" d="M{left} {y:.1f}H{right}"/>'
        yield f'<text class="tick" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'
    for value, text in frame.across.places:
        x, kind = frame.x(value), "grid" if value else "axis"
        yield f'<path class="{kind}" d="M{x:.1f} {top}V{bottom}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{escape(text)}</text>'


def _mark(frame: _Frame, at: int, mark: Mark) -> str:
    """Return a mark; the texts of upright ones stand below each other, so that near ones can be read."""
    if mark.upright:
        x = frame.x(mark.at)
        side = ("end", -5) if x > _WIDTH / 2 else ("start", 5)
        path, place = f"M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}", f'x="{x + side[1]:.1f}" y="{_TOP + 14 + 16 * at}"'
    else:
        y, side = frame.y(mark.at), ("end", 0)
        path, place = f"M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}", f'x="{_WIDTH - _RIGHT - 4}" y="{y - 5:.1f}"'
    said = f'<text class="mark" {place} text-anchor="{side[0]}">{escape(mark.text)}</text>'
    return f'<path class="mark" d="{path}"/>{said}'


def _look(at: int, line: Line) -> str:
    colour, dashes = _COLOURS[at % len(_COLOURS)], _DASHES[at % len(_DASHES)]
    strong = " strong" if line.strong else ""
    return f'class="line{strong}" style="stroke:var(--{colour})" stroke-dasharray="{dashes or "none"}"'


def _line(frame: _Frame, at: int, line: Line) -> str:
    points = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in line.points)
    return f'<polyline {_look(at, line)} points="{points}"><title>{escape(line.name)}</title></polyline>'


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    for at, line in enumerate(lines):
        x, y = _LEFT + 105 * (at % _A_ROW), 12 + 18 * (at // _A_ROW)
        yield f'<path {_look(at, line)} d="M{x} {y}h28"/><text x="{x + 36}" y="{y + 4}">{escape(line.name)}</text>'
