"""Draws what a trial did as a small SVG: price, the target in force, and how far the book fell, with rules or none."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from attrs import frozen

WIDTH, LEFT, RIGHT, POINTS = 860, 58, 10, 430
STYLE = """text{font:11px sans-serif;fill:#666}.t{fill:#333;font-weight:600}path{fill:none;stroke-width:1.3}
.g{stroke:#8884;stroke-width:1}.a{stroke:#2563c9}.b{stroke:#999}.c{stroke:#c2571a}.f{fill:#2563c922;stroke:none}
@media(prefers-color-scheme:dark){text{fill:#aaa}.t{fill:#ddd}.a{stroke:#6fa0f5}.c{stroke:#f0935a}}"""
Values = Sequence[float | None]


@frozen
class Line:
    """A series, a value a bar: `paint` is its class of colour, `stepped` holds each value until the next."""

    name: str
    values: Values
    paint: str
    stepped: bool = False


@frozen
class Panel:
    """A strip of the picture: lines over the same time; `form` writes a value of the axis, `log` spaces by ratios."""

    lines: tuple[Line, ...]
    height: int
    form: str
    log: bool = False


def svg(times: Sequence[str], panels: Sequence[Panel]) -> str:
    """Return the picture; times are texts of UTC, as commands print them."""
    ends = _parts(len(times))
    parts, top = [], 0
    for panel in panels:
        parts += _panel(panel, ends, top)
        top += panel.height + 26
    parts += _years(times, top)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 18}" width="{WIDTH}" role="img">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"


def _parts(count: int) -> list[int]:
    """Return the last rows of equal parts of all rows; the first part is the first row alone."""
    parts = min(POINTS, count - 1)
    return [0, *(round((count - 1) * part / parts) for part in range(1, parts + 1))]


def _picked(values: Values, ends: Sequence[int]) -> list[float | None]:
    """Return a value for each part: the one furthest from what was picked before, so that no spike is lost."""
    picked: list[float | None] = [values[0]]
    for before, end in pairwise(ends):
        last = picked[-1]
        known = [value for value in values[before + 1 : end + 1] if value is not None]
        picked.append(max(known, key=lambda value: abs(value - (last or 0.0))) if known else None)
    return picked


def _panel(panel: Panel, ends: Sequence[int], top: int) -> Iterator[str]:
    drawn = [_picked(line.values, ends) for line in panel.lines]
    known = [value for values in drawn for value in values if value is not None]
    low, high = _reach(known, panel.log)
    base = top + 20 + panel.height

    def height(value: float) -> float:
        share = math.log(value / low) / math.log(high / low) if panel.log else (value - low) / (high - low)
        return base - share * panel.height

    for value in _marks(low, high, panel.log):
        yield f'<path class="g" d="M{LEFT} {height(value):.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text x="{LEFT - 6}" y="{height(value) + 4:.1f}" text-anchor="end">{format(value, panel.form)}</text>'
    across = LEFT
    for line, values in zip(panel.lines, drawn, strict=True):
        yield f'<text class="t" x="{across + 16}" y="{top + 12}">{line.name}</text>'
        yield f'<path class="{line.paint}" d="M{across} {top + 8}h12"/>'
        across += 30 + 7 * len(line.name)
        places = [(_across(end, ends[-1]), value) for end, value in zip(ends, values, strict=True)]
        yield f'<path class="{line.paint}" d="{_way(places, height, line.stepped)}"/>'


def _across(row: int, last: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * row / last


def _reach(known: Sequence[float], log: bool) -> tuple[float, float]:
    low, high = min(known), max(known)
    if log:
        return low / 1.05, high * 1.05
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _marks(low: float, high: float, log: bool) -> list[float]:
    """Return where lines of the axis lie: three round values or so."""
    if log:
        steps = (1, 2, 5) if high > 4 * low else (1, 1.5, 2, 3, 4, 5, 7)
        return [step * 10.0**power for power in range(-4, 7) for step in steps if low <= step * 10.0**power <= high]
    step = 10.0 ** math.floor(math.log10(high - low))
    step = next(step * part for part in (0.2, 0.25, 0.5, 1, 2, 5) if (high - low) / (step * part) <= 4.5)
    return [step * count for count in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _way(places: Sequence[tuple[float, float | None]], height: object, stepped: bool) -> str:
    """Return the path through places, lifted where a value isn't known."""
    assert callable(height)
    parts, before = [], None
    for x, value in places:
        if value is None:
            before = None
            continue
        y = f"{height(value):.1f}"
        if before is None:
            parts.append(f"M{x:.1f} {y}")
        elif stepped:
            parts.append(f"H{x:.1f}" if y == before else f"H{x:.1f}V{y}")
        else:
            parts.append(f"L{x:.1f} {y}")
        before = y
    return "".join(parts)


def _years(times: Sequence[str], top: int) -> Iterator[str]:
    """Yield the lines and names of years; of every other month where there are less than two years."""
    told = 4 if int(times[-1][:4]) - int(times[0][:4]) > 1 else 7
    for row, (before, now) in enumerate(pairwise(times), 1):
        if before[:told] != now[:told] and (told == 4 or int(now[5:7]) % 2):
            x = f"{_across(row, len(times) - 1):.1f}"
            yield f'<path class="g" d="M{x} 20V{top}"/><text x="{x}" y="{top + 12}">{now[:told]}</text>'
