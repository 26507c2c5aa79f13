"""Small files and requests, made for one test."""

from collections.abc import Sequence
from pathlib import Path

import polars

from rulelang.data import Market, Need, Request, Stamp, parse_map, parse_spec, read
from rulelang.fields import CATALOGUE, Field

HOUR = 3600
DAY = 86_400


def need(*names: str, asset: str | None = None) -> tuple[Need, ...]:
    """Return needs of catalogue fields."""
    return tuple(Need(asset, CATALOGUE[name]) for name in names)


def request(
    *names: str, assets: tuple[str, ...] = (), bars: int | None = HOUR, events: tuple[str, ...] = ()
) -> Request:
    """Return a request for catalogue fields of the nameless or the listed assets."""
    return Request(need(*names), assets, bars, events)


def declared(*fields: Field, bars: int | None = HOUR, assets: tuple[str, ...] = ()) -> Request:
    """Return a request for fields as a rule file declares them."""
    return Request(tuple(Need(None, field) for field in fields), assets, bars)


def run(paths: "str | Path | list[str]", asked: Request, *maps: str, stamp: Stamp | None = Stamp.OPEN) -> Market:
    """Read files named as on the command line."""
    texts = paths if isinstance(paths, list) else [str(paths)]
    return read([parse_spec(text) for text in texts], asked, [parse_map(text) for text in maps], stamp)


def steps(market: Market) -> list[tuple[int, dict[str | None, dict[str, float | str]]]]:
    """Return all steps of a market."""
    return list(market.steps)


def column(market: Market, field: str, asset: str | None = None) -> dict[int, float | str]:
    """Return the known values of one field by time."""
    return {time: values[asset][field] for time, values in market.steps if field in values.get(asset, {})}


def parquet(path: Path, **columns: Sequence[object]) -> str:
    """Write a Parquet file; a column `time` of whole seconds becomes UTC timestamps of milliseconds."""
    frame = polars.DataFrame(columns, strict=False)
    if "time" in columns and frame["time"].dtype == polars.Int64:
        frame = frame.with_columns(polars.from_epoch("time", "s").dt.cast_time_unit("ms").dt.replace_time_zone("UTC"))
    frame.write_parquet(path)
    return str(path)
