"""Opens any file of market data; those of others in the columns that rules read, as they would be imported."""

from pathlib import Path
from typing import TYPE_CHECKING

from rulelang.data.errors import DataError
from rulelang.data.foreign import carriers
from rulelang.data.foreign.own import own, own_raw
from rulelang.data.foreign.reading import chosen, understood
from rulelang.data.foreign.record import Asked, Kind, Opened, Raw
from rulelang.data.request import Stamp
from rulelang.data.tables import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars

_NOT_OURS = (
    "is in no format that is known, and has no columns named as rules read them; `rulelang data formats` lists them"
)


def opened(path: str, asked: Asked) -> Opened:
    """Return a file, understood: in the format asked for, in the one that is certain, or as a table of ours."""
    raw = carriers.raw(path, asked)
    form = chosen(raw, asked) if raw is not None else None
    if raw is not None and form is not None:
        return understood(raw, form, asked)
    if asked.form is not None:
        raise DataError("RL700", f"is no {asked.form}", path)
    if raw is not None and (raw.carrier == "feather" or (raw.carrier == "csv" and raw.titled)):
        return own(raw, asked)
    if carriers.carrier(path) not in (None, "csv"):
        raise DataError("RL700", _NOT_OURS, path)
    return own(own_raw(path), asked)


def foreign_table(path: str) -> Table | None:
    """Return a file of others as a table in the columns that rules read, `None` for a table of ours."""
    if carriers.carrier(path) is None or not Path(path).is_file():
        return None
    raw = carriers.raw(path, Asked())
    form = chosen(raw, Asked()) if raw is not None else None
    if raw is None or form is None:
        return _feather(path, raw)
    return _table(understood(raw, form, Asked()))


def _feather(path: str, raw: Raw | None) -> Table | None:
    if carriers.carrier(path) == "csv":
        return None
    if raw is None or raw.carrier != "feather":
        raise DataError("RL700", _NOT_OURS, path)
    return _framed(path, carriers.collected(raw, raw.lazy), raw.stored)


def canonical(one: Opened) -> "polars.DataFrame":
    """Return the rows of a source in the columns that rules read, each with the moment when it became known.

    Bars have `close_time` (`open_time` where nothing tells their length), settlements and events `time`, other values
    `known_at`. `row` is the number of the row in the source.
    """
    import polars

    frame = one.frame
    if one.symbol is not None and "symbol" not in frame.columns:
        frame = frame.with_columns(polars.lit(one.symbol).alias("symbol"))
    frame = frame.rename(one.format.called)
    if one.format.kind in (Kind.RATES, Kind.EVENTS):
        return frame
    if one.stamp is Stamp.OPEN and one.length is not None:
        known = polars.col("time") + polars.duration(seconds=one.length, time_unit="us")
        return frame.with_columns(known.alias("time")).rename({"time": "close_time"})
    if one.stamp is Stamp.OPEN:
        return frame.rename({"time": "open_time"})
    known_as = "close_time" if one.format.kind is Kind.BARS else "known_at"
    return frame if one.stamp is None else frame.rename({"time": known_as})


def _table(one: Opened) -> Table:
    import polars

    frame = canonical(one)
    moments = {name for name, kind in frame.schema.items() if isinstance(kind, polars.Datetime)}
    notes = (f"read as {one.format.title} ({one.format.name})", *one.notes)
    if one.unfinished:
        notes += (f"{one.unfinished} of the last bars left out: not over",)
    return _framed(one.path, frame.drop("row"), dict.fromkeys(moments, "instant"), frame["row"].to_list(), notes)


def _framed(
    path: str,
    frame: "polars.DataFrame",
    stored: "Mapping[str, str]",
    rows: "Sequence[int] | None" = None,
    notes: tuple[str, ...] = (),
) -> Table:
    how = dict(stored)

    def load(names: "Sequence[str]") -> list[list[Cell]]:
        columns = (frame.get_column(name) for name in names)
        return [(one.dt.epoch("us") if one.name in how else one).to_list() for one in columns]

    return Table(path, tuple(frame.columns), rows if rows is not None else range(1, frame.height + 1), how, load, notes)
