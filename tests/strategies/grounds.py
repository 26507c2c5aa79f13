"""The ground that a generated file and its market share: assets, bars, fields, and the round values of each kind."""

from collections.abc import Mapping

from attrs import frozen
from hypothesis import strategies as st

from rulelang.fields import CATALOGUE
from rulelang.syntax import tree
from tests.strategies.drawing import Draw, Drawing

HOUR = 3600
DAY = 86_400
MONDAY = 1_767_571_200
"""2026-01-05T00:00Z."""

ROUND: Mapping[str, tuple[str, ...]] = {
    "price": ("100", "101", "99", "105", "95", "110", "90", "100.5", "120"),
    "coins": ("5", "10", "1", "20"),
    "money": ("1_000", "1_000_000", "500"),
    "score": ("50", "30", "70", "80", "20"),
    "number": ("1", "2", "0.5", "3", "1.5"),
    "ratio": ("50%", "10%", "5%", "80%", "1%", "100%", "25%", "0%"),
    "rate": ("0.05%", "0.01%", "0.06%", "0%", "0.1%"),
}
"""Thresholds of each kind as they are written; the market's values lie on them, so that ties are common."""

BARS = {"1h": HOUR, "8h": 8 * HOUR, "4h": 4 * HOUR, "30m": HOUR // 2, "1d": DAY}


@frozen
class Series:
    """A market field: its kind, and how often it is published (`None`: with every bar)."""

    name: str
    kind: str
    every: int | None = None
    words: tuple[str, ...] = ()


@frozen
class Ground:
    """What file and market agree on. `written` is the base period as text, `said` whether the file says it."""

    assets: tuple[str, ...]
    written: str
    said: bool
    fields: tuple[Series, ...]
    declarations: tuple[tree.FieldDeclaration, ...]
    others: tuple[str, ...]

    @property
    def bars(self) -> int:
        """The base period in seconds."""
        return BARS[self.written]

    def of(self, kind: str) -> list[Series]:
        """Return the fields of a kind."""
        return [series for series in self.fields if series.kind == kind]


WORDS = ("neutral", "bearish", "bullish")

_DECLARABLE = (
    (Series("heat", "score"), tree.FieldKind((tree.Name("score"),)), ("0", "100"), None),
    (Series("outlook", "word", None, WORDS), tree.FieldKind(tuple(map(tree.Name, WORDS))), None, ("valid", "12h")),
    (
        Series("carry", "rate", 4 * HOUR),
        tree.FieldKind((tree.Name("rate"),), tree.Duration("4h")),
        None,
        ("every", "4h"),
    ),
    (Series("depth", "ratio"), tree.FieldKind((tree.Name("ratio"),)), ("-100%", "100%"), ("valid", "3h")),
    (Series("flow", "money", 8 * HOUR), tree.FieldKind((tree.Name("money"),)), None, ("every", "8h")),
    (Series("weight", "number"), tree.FieldKind((tree.Name("number"),)), ("-5", "5"), None),
    (Series("funding_8h", "rate", 4 * HOUR), None, None, ("every", "4h")),
    (Series("mood", "word", DAY, WORDS), tree.FieldKind(tuple(map(tree.Name, WORDS))), None, ("every", "1d")),
    (Series("unlock", "time"), tree.FieldKind((tree.Name("time"),)), None, None),
)


def _declaration(
    series: Series, kind: tree.FieldKind | None, limits: tuple[str, str] | None, cadence: tuple[str, str] | None
) -> tree.FieldDeclaration:
    ends = None if limits is None else tree.Limits(literal(limits[0]), literal(limits[1]))
    held = (
        None
        if cadence is None
        else tree.Cadence("every" if cadence[0] == "every" else "valid", tree.Duration(cadence[1]))
    )
    return tree.FieldDeclaration(tree.Name(series.name), kind, ends, held)


def literal(text: str) -> tree.Expression:
    """Return the node of a number or percentage, perhaps with a minus."""
    if text.startswith("-"):
        return tree.Negative(literal(text[1:]))
    return tree.Percent(text) if text.endswith("%") else tree.Number(text)


def _catalogue() -> list[Series]:
    return [
        Series(name, "word" if field.kind.name == "word" else field.kind.name, field.every)
        for name, field in CATALOGUE.items()
    ]


@st.composite
def grounds(draw: Draw) -> Ground:
    """Generate what a file and its market agree on."""
    d = Drawing(draw)
    assets = d.pick(((), (), ("BTC",), ("BTC", "ETH")))
    fields = {series.name: series for series in _catalogue()}
    chosen = {d.number(0, len(_DECLARABLE) - 1) for _ in range(d.number(0, 3))}
    declarations = []
    for index in sorted(chosen):
        series, kind, limits, cadence = _DECLARABLE[index]
        fields[series.name] = series
        declarations.append(_declaration(series, kind, limits, cadence))
    others = ("ETH", "SOL") if not assets else (*assets, "SOL")[-2:]
    return Ground(assets, d.pick(tuple(BARS)), not d.once_in(4), tuple(fields.values()), tuple(declarations), others)
