"""Times of whole columns: their unit, their zone, and where a cell is no time."""

import re
from datetime import timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from rulelang.data.errors import DataError, shown
from rulelang.data.foreign.record import Asked, Raw
from rulelang.data.times import TimeCells

if TYPE_CHECKING:
    import polars

UNITS = (("seconds", 10**8, 1_000_000), ("milliseconds", 10**11, 1000), ("microseconds", 10**14, 1),
         ("nanoseconds", 10**17, 0))  # fmt: skip
"""Name of each unit of time since 1970, its least plausible count, and its microseconds (0: a thousandth)."""
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_CLOCK = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?"
_UTC = r"(?: ?UTC|Z|\+00:00)$"


@frozen
class Instants:
    """A column of times. `micros`: since 1970 UTC. `zone`: `None` where nothing says which: then as they are written.

    `doubt`: of each row, whether the clock showed that time twice; then `micros` is the first, `later` the second.
    """

    micros: "polars.Series"
    unit: str
    zone: str | None
    later: "polars.Series | None" = None


def zone_of(text: str) -> tzinfo:
    """Return the zone that `--zone` names. Raises `DataError`."""
    if found := _OFFSET.fullmatch(text):
        sign = -1 if found[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(found[2]) % 24, minutes=int(found[3])))
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"--zone {shown(text)} is no zone; write UTC, a name such as Europe/London, or +03:00"
        raise DataError("RL710", message) from None


def instants(raw: Raw, column: str, cells: "polars.Series", zone: str | None, asked: Asked) -> Instants:
    """Return a column of times; `zone` is the format's own. Raises `DataError` for the first cell that is none."""
    import polars

    if cells.dtype == polars.Date or isinstance(cells.dtype, polars.Datetime):
        return _stored(raw, column, cells, asked)
    texts = cells.cast(polars.String).str.strip_chars()
    numbers = texts.cast(polars.Int64, strict=False)
    if not numbers.null_count():
        return _counted(raw, column, cells, numbers)
    if texts.head(100).str.contains(_CLOCK).any():
        return _written(raw, column, texts, zone, asked)
    raise _no_time(raw, column, texts)


def _stored(raw: Raw, column: str, cells: "polars.Series", asked: Asked) -> Instants:
    import polars

    if cells.null_count():
        _fail(raw, column, cells.is_null().arg_true()[0], "is empty; every row needs its time")
    named = isinstance(cells.dtype, polars.Datetime) and cells.dtype.time_zone is None
    micros = cells.cast(polars.Datetime("us", None if named else "UTC")) if cells.dtype != polars.Date else cells
    whole = micros.dt.epoch("us")
    return _local(raw, column, whole, "timestamps", asked) if named else Instants(whole, "timestamps", "UTC")


def _counted(raw: Raw, column: str, cells: "polars.Series", numbers: "polars.Series") -> Instants:
    least, most = int(numbers.min()), int(numbers.max())  # type: ignore[arg-type]
    unit = next((unit for unit in reversed(UNITS) if unit[1] <= least), None)
    if unit is None or most >= 10**20:
        raise _no_time(raw, column, cells)
    if most >= unit[1] * 1000:
        reader = TimeCells(raw.path, raw.name(column))
        for at, cell in enumerate(numbers.to_list()):
            reader.required(cell, raw.first + at)
    return Instants(numbers * unit[2] if unit[2] else numbers // 1000, unit[0], "UTC")


def _written(raw: Raw, column: str, texts: "polars.Series", zone: str | None, asked: Asked) -> Instants:
    import polars

    aware = texts.str.contains(_UTC)
    if aware.any() and not aware.all():
        at = aware.arg_true()[0] if not aware[0] else (~aware).arg_true()[0]
        _fail(raw, column, at, f"{shown(texts[at])} and the rows above don't both tell their zone; write all alike")
    plain = texts.str.replace(_UTC, "").str.replace("T", " ", literal=True)
    full = plain + polars.select(
        polars.when(plain.str.len_chars() == 10).then(polars.lit(" 00:00:00"))
        .when(plain.str.len_chars() == 16).then(polars.lit(":00")).otherwise(polars.lit(""))
    ).to_series()  # fmt: skip
    moments = full.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    if moments.null_count():
        return _one_by_one(raw, column, texts, asked)
    micros = moments.dt.epoch("us")
    if aware.any() or zone is not None or plain.str.len_chars().max() == 10:
        return Instants(micros, "written out", "UTC")
    return _local(raw, column, micros, "written out", asked)


def _one_by_one(raw: Raw, column: str, texts: "polars.Series", asked: Asked) -> Instants:
    """Read cells in the many ways that ISO texts may be written, or raise for the one that is no time."""
    import polars

    reader = TimeCells(raw.path, column)
    micros = [reader.required(cell, raw.first + at) for at, cell in enumerate(texts.to_list())]
    return Instants(polars.Series(micros, dtype=polars.Int64), reader.unit or "", "UTC")


def _local(raw: Raw, column: str, micros: "polars.Series", unit: str, asked: Asked) -> Instants:
    """Return times of a clock on a wall as instants."""
    import polars

    if asked.zone is None:
        if asked.lenient:
            return Instants(micros, unit, None)
        first = polars.Series([micros[0]]).cast(polars.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M:%S")[0]
        said = "rulelang data import --zone UTC, or --zone Europe/London"
        message = f"{shown(first)} has no time zone; say which, as in {said}"
        raise DataError("RL702", message, raw.path, raw.first, column)
    fixed = zone_of(asked.zone)
    if isinstance(fixed, timezone):
        ahead = fixed.utcoffset(None)
        return Instants(micros - round(ahead.total_seconds()) * 1_000_000, unit, asked.zone)
    clock = micros.cast(polars.Datetime("us"))
    both = [_placed(clock, asked.zone, which) for which in ("earliest", "latest")]
    if both[0].null_count():
        at = int(both[0].is_null().arg_true()[0])
        _fail(raw, column, at, f"{clock[at]} was never on a clock in {asked.zone}: summer time began; see to the zone")
    return Instants(both[0], unit, asked.zone, both[1] if (both[0] != both[1]).any() else None)


def _placed(clock: "polars.Series", zone: str, which: Any) -> "polars.Series":
    import polars

    try:
        placed = clock.dt.replace_time_zone(zone, ambiguous=which, non_existent="null")
    except polars.exceptions.PolarsError:
        message = f"--zone {shown(zone)} is no zone; write UTC, a name such as Europe/London, or +03:00"
        raise DataError("RL710", message) from None
    return placed.dt.epoch("us")


def _no_time(raw: Raw, column: str, cells: "polars.Series") -> DataError:
    reader = TimeCells(raw.path, column)
    try:
        for at, cell in enumerate(cells.to_list()):
            reader.required(cell, raw.first + at)
    except DataError as error:
        return error
    return DataError("RL702", "can't be read as times", raw.path, column=column)


def _fail(raw: Raw, column: str, at: int, message: str) -> None:
    raise DataError("RL702", message, raw.path, raw.first + at, column)
