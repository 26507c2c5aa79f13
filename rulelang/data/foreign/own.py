"""Tables in columns of ours, as rules read them: opened as any other source, so that they can be checked and kept."""

from typing import TYPE_CHECKING, Any

from attrs import evolve

from rulelang.data.assets import COLUMNS as ASSETS
from rulelang.data.calendars import COLUMNS as EVENTS
from rulelang.data.columns import INTERVALS, KNOWN_AS
from rulelang.data.foreign import carriers
from rulelang.data.foreign.instants import instants
from rulelang.data.foreign.reading import _rated, numbers, spacing
from rulelang.data.foreign.record import Asked, Format, Kind, Opened, Raw
from rulelang.data.request import Stamp
from rulelang.data.tables import FORMATS, open_table
from rulelang.data.times import TELLING, time_column
from rulelang.fields import CATALOGUE

if TYPE_CHECKING:
    import polars

TABLE = Format(
    "table", "a table in columns of rulelang's", Kind.BARS, ("csv", "table"), "time", {}, lambda raw: raw.titled
)
_PRICES = {name for name, known in CATALOGUE.items() if known.kind.name == "price"}
_RATES = {"funding_8h", *KNOWN_AS["funding_8h"]}
"""Columns that hold settled rates."""


def own_raw(path: str) -> Raw:
    """Open a file that is no format of others. Raises `DataError` where it is no table either."""
    polars = carriers.library(path)
    table = open_table(path)
    suffixes = path.lower().removesuffix(".gz")
    if any(suffixes.endswith(suffix) for suffix, kind in FORMATS.items() if kind == "parquet"):
        return carriers.frame_raw(path, "table", polars.read_parquet(path))
    names = [name.strip().lower() for name in table.names]
    texts = [[None if cell is None else str(cell) for cell in table.column(name)] for name in table.names]
    frame = polars.DataFrame(dict(zip(names, texts, strict=True)), schema_overrides=dict.fromkeys(names, polars.String))
    return Raw(path, "table", tuple(names), frame.lazy, table.rows[0])


def own(raw: Raw, asked: Asked) -> Opened:
    """Return a table of ours, read: every column that is a number throughout as numbers."""
    time = time_column(raw.names, (), raw.path)
    source = carriers.collected(raw, raw.lazy)
    times = instants(raw, time, source[time], None, asked)
    form = evolve(TABLE, kind=_kind(raw))
    opened = Opened(
        raw.path, form, _frame(raw, time, source, times.micros), _stamp(time, form.kind, asked), None, times.unit,
        times.zone, _label(raw, source),
    )  # fmt: skip
    if form.kind is Kind.RATES:
        hours = next((source[name] for name in INTERVALS if name in raw.names), None)
        return _rated(opened, times, asked, source if hours is None else source.with_columns(hours.alias("hours")))
    return evolve(opened, length=asked.every or spacing(opened.frame))


def _kind(raw: Raw) -> Kind:
    names = set(raw.names)
    if names & set(EVENTS):
        return Kind.EVENTS
    bare = {name.rpartition(".")[2] for name in names}
    if bare & _PRICES:
        return Kind.BARS
    return Kind.RATES if names & _RATES else Kind.VALUES


def _stamp(time: str, kind: Kind, asked: Asked) -> Stamp | None:
    if kind in (Kind.RATES, Kind.EVENTS):
        return Stamp.CLOSE
    return TELLING.get(time, asked.stamp)


def _frame(raw: Raw, time: str, source: "polars.DataFrame", micros: "polars.Series") -> "polars.DataFrame":
    import polars

    columns: list[Any] = [
        polars.int_range(raw.first, raw.first + source.height, dtype=polars.UInt32, eager=True).alias("row"),
        micros.cast(polars.Datetime("us", "UTC")).alias("time"),
    ]
    label = next((name for name in ASSETS if name in raw.names), None)
    for name in raw.names:
        if name in (time, *INTERVALS):
            continue
        known = name.rpartition(".")[2] in CATALOGUE or name in _RATES
        ours = "symbol" if name == label else "funding_rate" if name in _RATES else name
        columns.append((numbers(raw, name, source[name]) if known else _column(source[name])).alias(ours))
    return polars.DataFrame(columns)


def _column(cells: "polars.Series") -> "polars.Series":
    import polars

    if cells.dtype != polars.String:
        return cells
    values = cells.cast(polars.Float64, strict=False)
    return values if values.null_count() == cells.null_count() else cells


def _label(raw: Raw, source: "polars.DataFrame") -> str | None:
    label = next((name for name in ASSETS if name in raw.names), None)
    if label is None or source[label].n_unique() != 1:
        return None
    return str(source[label][0])
