"""Brings files of others into Parquet as rules read it: in order, each time once, known when it was known."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, frozen

from rulelang.data.errors import DataError, display, shown
from rulelang.data.foreign import Asked, Kind, Opened, canonical, opened
from rulelang.data.request import Stamp
from rulelang.data.times import written
from rulelang.data.writing import write_whole
from rulelang.kinds import duration_text

if TYPE_CHECKING:
    import polars

_WHAT = {Kind.RATES: "funding", Kind.VALUES: "open-interest", Kind.EVENTS: "events"}
_KNOWN = ("close_time", "open_time", "known_at", "time")


@frozen
class Imported:
    """What was made of one or several files: where it is, its rows, what each time is, and what was done.

    `first`, `last`: times in seconds since 1970. `notes`: a sentence each.
    """

    path: str
    sources: tuple[str, ...]
    format: str
    title: str
    symbol: str | None
    rows: int
    first: float
    last: float
    time: str
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return asdict(self, value_serializer=lambda _, __, value: list(value) if isinstance(value, tuple) else value)


def imported(paths: Sequence[str], asked: Asked, folder: Path, force: bool) -> list[Imported]:
    """Write what files hold to Parquet files in a folder; files of one folder that are parts of one series become one.

    Nothing is written before all is read. Raises `DataError` for what isn't certain and for files that are there.
    """
    read = [_certain(opened(path, asked)) for path in paths]
    series = [(_target(own, folder), own) for own in _series(read)]
    _check_targets(series, folder, force)
    ready = [(target, own, *_joined(own)) for target, own in series]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for target, _, frame, _ in ready:
            write_whole(_stored(frame), target)
    except OSError as error:
        raise DataError("RL700", f"can't be written ({error.strerror})", str(folder)) from None
    return [_told(target, own, frame, notes) for target, own, frame, notes in ready]


def _certain(one: Opened) -> Opened:
    """Return a source, if it tells enough to say when each of its rows was known."""
    kind = one.format.kind
    if one.stamp is None:
        message = "nothing says whether times are the open or the close; say it, as in --time open"
        raise DataError("RL704", message, one.path)
    if kind is Kind.BARS and one.stamp is Stamp.OPEN and one.length is None:
        raise DataError("RL708", "one row doesn't tell how long a bar is; say it, as in --every 1h", one.path)
    if kind is Kind.RATES and "interval_hours" not in one.frame.columns:
        message = "nothing tells how many hours each rate is for; say it, as in --every 8h"
        raise DataError("RL712", message, one.path)
    return one


def _series(read: Sequence[Opened]) -> list[tuple[Opened, ...]]:
    """Return sources by series: those of one folder, format, instrument and length are parts of one."""

    def key(one: Opened) -> tuple[str, ...]:
        alone = "" if one.symbol is not None else one.path
        return (str(Path(one.path).parent), one.format.name, one.symbol or "", str(one.length), alone)

    return [tuple(group) for _, group in groupby(sorted(read, key=key), key)]


def _target(own: Sequence[Opened], folder: Path) -> Path:
    one = own[0]
    stem = re.sub(r"(\.(csv|json|feather|arrow|zip|gz|ics|parquet|pq|ndjson|jsonl))+$", "", Path(one.path).name)
    if one.symbol is None or one.format.name == "table":
        return folder / f"{stem}.parquet"
    what = duration_text(one.length) if one.format.kind is Kind.BARS and one.length else _WHAT.get(one.format.kind, "")
    name = re.sub(r"[^A-Za-z0-9_]+", "-", one.symbol).strip("-")
    return folder / f"{'-'.join(part for part in (name, what, one.format.calls) if part)}.parquet"


def _check_targets(series: Sequence[tuple[Path, Sequence[Opened]]], folder: Path, force: bool) -> None:
    first: dict[Path, str] = {}
    for target, own in series:
        if target in first:
            message = (
                f"two series would be written there, of {first[target]} and of {own[0].path}; "
                "import them into different folders"
            )
            raise DataError("RL710", message, str(target))
        first[target] = own[0].path
    if folder.exists() and not folder.is_dir():
        raise DataError("RL710", "is no folder; name one after -o", str(folder))
    there = next((target for target in first if target.exists()), None)
    if there is not None and not force:
        raise DataError("RL710", "is there already; --force writes over it", str(there))


# Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _joined(own: Sequence[Opened]) -> "tuple[polars.DataFrame, tuple[str, ...]]":
    """Return the rows of a series, oldest first, each time once, and what was done to them."""
    import polars

    frames = [canonical(_without_forming(one)).with_columns(polars.lit(at).alias("file")) for at, one in enumerate(own)]
    whole = polars.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
    time = next(name for name in _KNOWN if name in whole.columns)
    labels = [name for name in ("symbol", "market", "event") if name in whole.columns]
    notes = [*_dropped(own), *_order_notes(own)]
    ordered = whole if whole[time].is_sorted() else whole.sort(time, maintain_order=True)
    keys = [time, *labels]
    steps = ordered[time].diff().dt.total_microseconds()
    if (steps == 0).any() and ordered.select(polars.struct(keys).is_duplicated().any()).item():
        ordered, count = _once(ordered, keys, own)
        notes.append(f"{count:,} row{'' if count == 1 else 's'} that said the same again left out")
    notes += _missing_notes(ordered)
    return ordered.drop("row", "file"), (*notes, *dict.fromkeys(note for one in own for note in one.notes))


def _once(ordered: "polars.DataFrame", keys: list[str], own: Sequence[Opened]) -> "tuple[polars.DataFrame, int]":
    values = [name for name in ordered.columns if name not in ("row", "file")]
    import polars

    left = ordered.unique(values, keep="first", maintain_order=True)
    clash = left.filter(polars.struct(keys).is_duplicated())
    if clash.height:
        first, second = clash.filter(_same(clash, keys)).head(2).rows(named=True)
        differing = next(name for name in values if first[name] != second[name])
        where = display(own[first["file"]].path)
        raise DataError(
            "RL703",
            f"{written(first[keys[0]].timestamp())} has `{differing}` {_cell(second[differing])} here and "
            f"{_cell(first[differing])} in row {first['row']} of {where}; keep the right one",
            own[second["file"]].path,
            second["row"],
        )
    return left, ordered.height - left.height


def _same(clash: "polars.DataFrame", keys: list[str]) -> "polars.Expr":
    import polars

    at = clash.row(0, named=True)
    same = [polars.col(name).eq_missing(polars.lit(at[name])) for name in keys]
    return polars.all_horizontal(same)


def _cell(value: object) -> str:
    return "empty" if value is None else f"{value:.15g}" if isinstance(value, float) else shown(value)


def _without_forming(one: Opened) -> Opened:
    """Return bars without a last one that closes after its file was written."""
    late = _late(one)
    if late is None or one.frame.height == 1:
        return one
    return evolve(one, frame=one.frame.filter(one.frame["row"] != late))


def _late(one: Opened) -> int | None:
    """Return the row of the one bar that closes after its file was written."""
    if one.format.kind is not Kind.BARS or one.stamp is not Stamp.OPEN or one.length is None:
        return None
    closes = one.frame["time"].dt.epoch("us") + one.length * 1_000_000
    late = one.frame.filter(closes > Path(one.path).stat().st_mtime * 1e6)
    return int(late["row"][0]) if late.height == 1 else None


def _dropped(own: Sequence[Opened]) -> list[str]:
    count = sum(one.unfinished + (_late(one) is not None and one.frame.height > 1) for one in own)
    return [f"{count} bar{'' if count == 1 else 's'} that wasn't over left out"] if count else []


def _order_notes(own: Sequence[Opened]) -> list[str]:
    notes = []
    for one in own:
        steps = one.frame["time"].dt.epoch("us").diff().drop_nulls()
        falls, rises = int((steps < 0).sum()), int((steps > 0).sum())
        if falls and rises:
            fewer = min(falls, rises)
            notes.append(f"{fewer:,} row{' was' if fewer == 1 else 's were'} out of order; put in order")
        elif falls:
            notes.append("was newest first; turned round")
    return list(dict.fromkeys(notes))


def _missing_notes(ordered: "polars.DataFrame") -> Iterator[str]:
    for one in ordered:
        if one.dtype.is_numeric() and (count := one.null_count()):
            yield f"{count:,} value{'' if count == 1 else 's'} of {shown(one.name)} missing"


def _stored(frame: "polars.DataFrame") -> "polars.DataFrame":
    """Return a table with its times in milliseconds where that loses nothing."""
    import polars

    moments = [name for name, kind in frame.schema.items() if isinstance(kind, polars.Datetime)]
    whole = [name for name in moments if not (frame[name].dt.epoch("us") % 1000 != 0).any()]
    return frame.with_columns(polars.col(name).dt.cast_time_unit("ms") for name in whole)


def _told(target: Path, own: Sequence[Opened], frame: "polars.DataFrame", notes: tuple[str, ...]) -> Imported:
    one = own[0]
    time = next(name for name in _KNOWN if name in frame.columns)
    return Imported(
        str(target), tuple(source.path for source in own), one.format.name, one.format.title, one.symbol, frame.height,
        frame[time][0].timestamp(), frame[time][-1].timestamp(), time, tuple(frame.columns), notes,
    )  # fmt: skip
