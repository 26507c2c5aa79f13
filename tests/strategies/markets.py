"""Markets: steps of bars with gaps, missing and impossible values, ties on round thresholds, whipsaws, late funding."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from tests.strategies.drawing import Draw, Drawing
from tests.strategies.grounds import HOUR, MONDAY, ROUND, Ground, Series

Values = Mapping[str, Any]

MOST = 48
"""The most steps of a generated market."""

_ODD: tuple[Any, ...] = (
    math.nan,
    math.inf,
    -math.inf,
    -1.0,
    0.0,
    1e308,
    -1e308,
    5e-324,
    10**400,
    "much",
    True,
    Decimal("7"),
    b"",
    [],
    1e200,
)


@frozen
class Step:
    """One step: the close of its bar in seconds, and the values known then; by asset where they have names."""

    time: int
    values: Mapping[str, Any]


@frozen
class Market:
    """Steps in the order of time."""

    steps: tuple[Step, ...]

    def __len__(self) -> int:
        return len(self.steps)


def _numbers(kind: str) -> tuple[float, ...]:
    texts = ROUND.get(kind, ("1",))
    values = [float(text.rstrip("%").replace("_", "")) / (100 if text.endswith("%") else 1) for text in texts]
    return (*values, *(-value for value in values if kind in ("rate", "number", "ratio")))


_VALUES = {kind: _numbers(kind) for kind in ROUND}


class _Maker:
    def __init__(self, d: Drawing, ground: Ground, odd: bool) -> None:
        self.d, self.ground, self.odd = d, ground, odd

    def column(self, series: Series, length: int, first: int) -> list[Any]:
        """Return a value for every bar; `None` is left out."""
        d = self.d
        every = series.every if series.every and series.every > self.ground.bars else None
        shape = d.pick(("walk", "whipsaw", "flat", "odd" if self.odd else "walk", "holes"))
        choices = self._choices(series)
        pool = [d.pick(choices) for _ in range(d.number(2, 6))]
        late = d.number(0, 2) if d.once_in(4) else 0
        column: list[Any] = []
        for at in range(length):
            column.append(self._value(shape, pool, at))
            if every is not None and (first + (at - late) * self.ground.bars) % every:
                column[-1] = None
        if shape in ("holes", "odd"):
            self._pierce(column, shape == "odd")
        return column

    def _choices(self, series: Series) -> tuple[Any, ...]:
        if series.words:
            return series.words
        if series.kind == "time":
            return tuple(float(MONDAY + hours * HOUR) for hours in (24, 8, 48, -24, 100))
        values = _VALUES[series.kind]
        return tuple(value for value in values if value >= 0) if series.name == "iv" else values

    def _value(self, shape: str, pool: list[Any], at: int) -> Any:
        if shape == "flat":
            return pool[0]
        if shape == "whipsaw":
            return pool[at % 2]
        return pool[(at * 7 + at // 5) % len(pool)]

    def _pierce(self, column: list[Any], odd: bool) -> None:
        d = self.d
        for _ in range(d.number(1, 4)):
            start, length = d.number(0, len(column) - 1), d.number(1, 6)
            value = d.pick(_ODD) if odd else None
            for at in range(start, min(start + length, len(column))):
                column[at] = value


@st.composite
def markets(draw: Draw, ground: Ground, names: frozenset[str], odd: bool = True) -> Market:
    """Generate a market for a ground; `names`: the fields that it supplies (`close`, `ETH.close`, `hedge.actual`)."""
    d = Drawing(draw)
    length = d.pick((24, 12, MOST, 36, 3, 1))
    first = MONDAY + d.pick((1, 2, 5, 24, 0)) * ground.bars
    maker = _Maker(d, ground, odd)
    by_name = {series.name: series for series in ground.fields}
    columns: dict[str | None, dict[str, list[Any]]] = {asset: {} for asset in ground.assets or (None,)}
    for name in sorted(names):
        asset, _, field = name.rpartition(".")
        if asset.isupper():
            whose: list[str | None] = [None] if not ground.assets else [asset]
            key = name if not ground.assets else field
            for one in whose:
                columns.setdefault(one, {})[key] = maker.column(by_name[field], length, first)
            continue
        kind = "price" if field == "entry" else "ratio"
        series = by_name.get(name) or Series(name, kind)
        for one in ground.assets or (None,):
            columns[one].setdefault(name, maker.column(series, length, first))
    skipped = {d.number(0, length - 1) for _ in range(d.number(0, 4))} if d.once_in(2) else set()
    if d.once_in(5):
        start = d.number(0, length - 1)
        skipped |= set(range(start, min(length, start + 12)))
    absent = {d.number(0, length - 1) for _ in range(d.number(0, 4))} if len(ground.assets) > 1 else set()
    steps = []
    for at in range(length):
        if at in skipped:
            continue
        rows = {asset: _row(column, at) for asset, column in columns.items()}
        if at in absent:
            rows.pop(ground.assets[-1], None)
        values: Mapping[str, Any] = {str(a): row for a, row in rows.items()} if ground.assets else rows[None]
        steps.append(Step(first + at * ground.bars, values))
    return Market(tuple(steps))


def _row(columns: dict[str, list[Any]], at: int) -> dict[str, Any]:
    return {name: column[at] for name, column in columns.items() if column[at] is not None or at % 2}
