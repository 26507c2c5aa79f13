"""Lays real market history out as the strategies' commands read it: one Parquet file for each coin and kind of value.

Every table has the time at which its rows were known (`close_time`, `known_at`, of settlements and events `time`) and
columns named as the fields, so that a command needs neither `--map` nor `--time`. Nothing is filled or smoothed; longer
bars are made of the whole periods that are there.
"""

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import NormalDist

import click
import polars as pl
from attrs import frozen

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "histories"
QUARTERLIES = ("BTCUSDT_230929", "BTCUSDT_231229", "BTCUSDT_240329", "BTCUSDT_240628")
NORMAL = NormalDist()
_BARS = ("open", "high", "low", "close", "volume")
_STEPS = {"1h": pl.duration(hours=1), "8h": pl.duration(hours=8), "1d": pl.duration(days=1)}


def archive() -> Path:
    """Return the folder with the histories as they were published: `data` in `RULELANG_SHARED` or beside the checkout.

    Raises `ClickException` where there is none.
    """
    folder = Path(os.environ.get("RULELANG_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        raise click.ClickException(f"there is no folder {folder}; set RULELANG_SHARED to the one with `data` in it")
    return folder


@frozen
class History:
    """A file of `build/histories`: its name, where its values are from, and how it is made of the archive's files."""

    name: str
    source: str
    made: Callable[[], pl.DataFrame]

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.parquet"


# Bars ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read(name: str) -> pl.DataFrame:
    """Read a table of the archive."""
    return pl.read_parquet(archive() / f"{name}.parquet")


def bars(asset: str, name: str, step: str) -> pl.DataFrame:
    """Return bars known at their close."""
    found = read(name)
    columns = [column for column in _BARS if column in found.columns]
    return found.select(pl.lit(asset).alias("asset"), (pl.col("time") + _STEPS[step]).alias("close_time"), *columns)


def eight_hours(hours: pl.DataFrame) -> pl.DataFrame:
    """Return bars of 8 hours, made of bars of an hour, where all eight are there."""
    ends = pl.col("close_time").dt.offset_by("-1h").dt.truncate("8h").dt.offset_by("8h").alias("close_time")
    made = hours.group_by("asset", ends, maintain_order=True).agg(
        pl.col("open").first(), pl.col("high").max(), pl.col("low").min(), pl.col("close").last(),
        pl.col("volume").sum(), pl.len().alias("hours"),
    )  # fmt: skip
    return made.filter(pl.col("hours") == 8).drop("hours")


# Other values ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def settlements(asset: str, name: str) -> pl.DataFrame:
    """Return settled funding rates, at the moment of each settlement."""
    return read(name).select(pl.lit(asset).alias("asset"), "time", "funding_rate", "interval_hours")


def daily(name: str, column: str, field: str, scale: float) -> pl.DataFrame:
    """Return a value a day of BTC, known at the end of the day."""
    known = (pl.col("time") + _STEPS["1d"]).alias("known_at")
    return read(name).select(pl.lit("BTC").alias("asset"), known, (pl.col(column) * scale).alias(field))


def calendar() -> pl.DataFrame:
    """Return the releases, in the words that the rules have for them."""
    return read("calendar/us-macro-events").select("time", pl.col("event").str.to_lowercase())


def two_markets() -> pl.DataFrame:
    """Return bars of spot with `mark`, the last price of the perpetual in the same hour."""
    closes = read("basis/binance-BTC-spot-perp-closes-1h").select(
        (pl.col("time") + _STEPS["1h"]).alias("close_time"), pl.col("perp_close").alias("mark")
    )
    spot = bars("BTC", "ohlcv/binance-spot-BTCUSDT-1h", "1h").join(closes, "close_time")
    return spot.with_columns(pl.col("close").alias("spot"))


def views() -> pl.DataFrame:
    """Return a word a week in place of somebody's view: where Sunday's close stands to the average of 200 days.

    More than 5% above it is bullish, more than 5% under it bearish, and what lies between neutral.
    """
    days = bars("BTC", "ohlcv/binance-spot-BTCUSDT-1d", "1d")
    stands = pl.col("close") / pl.col("close").rolling_mean(200) - 1
    word = pl.when(stands > 0.05).then(pl.lit("bullish")).when(stands < -0.05).then(pl.lit("bearish"))
    view = word.otherwise(pl.lit("neutral")).alias("outlook")
    return days.select("asset", pl.col("close_time").alias("known_at"), view)[199:].filter(
        pl.col("known_at").dt.weekday() == 1
    )


def calls() -> pl.DataFrame:
    """Return the delta and gamma of coins of which each has a call sold on it, by Black's formula at the index (DVOL).

    Each call is sold at the money with 35 days to live, and is bought back 28 days later for the next one. One
    volatility serves every strike and life, that of the day before.
    """
    hours = bars("BTC", "ohlcv/binance-spot-BTCUSDT-1h", "1h")
    index = daily("iv/deribit-BTC-dvol-1d", "dvol", "iv", 0.01).drop("asset").rename({"known_at": "close_time"})
    known = hours.join_asof(index, on="close_time", tolerance="2d").drop_nulls("iv")
    days = (pl.col("close_time") - pl.col("close_time").min()).dt.total_hours() / 24
    strike = pl.col("close").first().over((days / 28).floor())
    rows = known.select("close", strike.alias("strike"), pl.col("iv") * ((35 - days % 28) / 365).sqrt()).iter_rows()
    deltas, gammas = zip(*(_greeks(*row) for row in rows), strict=True)
    return known.drop("iv").with_columns(pl.Series("book_delta", deltas), pl.Series("book_gamma", gammas))


def _greeks(spot: float, strike: float, deviation: float) -> tuple[float, float]:
    """Return the delta of a coin less a call on it, and how much that changes with a price 1% higher."""
    d1 = math.log(spot / strike) / deviation + deviation / 2
    return 1 - NORMAL.cdf(d1), NORMAL.pdf(d1) / deviation / 100


def quarterlies() -> pl.DataFrame:
    """Return the bars of all dated contracts."""
    found = read("basis/binance-um-BTCUSDT-quarterlies-1h")
    return found.select((pl.col("time") + _STEPS["1h"]).alias("close_time"), "symbol", "expiry", *_BARS[:4])


def nearest() -> pl.DataFrame:
    """Return the nearest dated contract of each hour (`future`, `expiry`) and the one after it (`next_future`)."""
    ranked = quarterlies().select("close_time", "expiry", pl.col("close").alias("future")).sort("close_time", "expiry")
    after = pl.col("future").shift(-1).over("close_time").alias("next_future")
    first = ranked.with_columns(after).group_by("close_time", maintain_order=True).first()
    return first.select(pl.lit("BTC").alias("asset"), pl.all())


def spot_and_future() -> pl.DataFrame:
    """Return bars of spot with the nearest dated contract."""
    spot = bars("BTC", "ohlcv/binance-spot-BTCUSDT-1h", "1h")
    return spot.join(nearest().drop("asset", "next_future"), "close_time").with_columns(pl.col("close").alias("spot"))


def quarterly(symbol: str) -> pl.DataFrame:
    """Return the bars of one dated contract."""
    own = quarterlies().filter(pl.col("symbol") == symbol)
    return own.select(pl.col("symbol").alias("asset"), "close_time", *_BARS[:4])


# All of them ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _hours(asset: str, name: str) -> Callable[[], pl.DataFrame]:
    return lambda: bars(asset, name, "1h")


def _days(asset: str) -> Callable[[], pl.DataFrame]:
    return lambda: bars(asset, f"ohlcv/binance-spot-{asset}USDT-1d", "1d")


def _quarterly(symbol: str) -> Callable[[], pl.DataFrame]:
    return lambda: quarterly(symbol)


def _every() -> Iterator[History]:
    spot, perpetual = "ohlcv/binance-spot-BTCUSDT-1h", "ohlcv/binance-um-{}USDT-1h-2023-2024"
    yield History("BTC-1h", "Binance spot, BTCUSDT, by the hour", _hours("BTC", spot))
    yield History("BTC-8h", "the same, eight hours a bar", lambda: eight_hours(bars("BTC", spot, "1h")))
    since_2022 = "ohlcv/binance-spot-ETHUSDT-1h-2022-2024"
    yield History(
        "ETH-8h", "Binance spot, ETHUSDT, eight hours a bar, from 2022 on",
        lambda: eight_hours(bars("ETH", since_2022, "1h")),
    )  # fmt: skip
    for asset in ("BTC", "ETH", "SOL"):
        yield History(f"{asset}-1d", f"Binance spot, {asset}USDT, by the day", _days(asset))
    for asset in ("BTC", "ETH", "SOL"):
        source = f"Binance USD-M perpetual, {asset}USDT, by the hour"
        yield History(f"{asset}-perpetual-1h", source, _hours(asset, perpetual.format(asset)))
    for asset, ending in (("BTC", "8h"), ("ETH", "8h"), ("SOL", "8h-2024")):
        yield History(
            f"{asset}-funding", f"Binance USD-M, {asset}USDT, settled rates",
            lambda asset=asset, ending=ending: settlements(asset, f"funding/binance-um-{asset}USDT-funding-{ending}"),
        )  # fmt: skip
    yield History(
        "BTC-iv", "Deribit's volatility index of BTC (DVOL), by the day",
        lambda: daily("iv/deribit-BTC-dvol-1d", "dvol", "iv", 0.01),
    )  # fmt: skip
    yield History(
        "BTC-open-interest", "open interest of BTC contracts over all exchanges, USD, by the day (one vendor)",
        lambda: daily("oi/all-exchanges-BTC-open-interest-1d", "open_interest_usd", "open_interest", 1.0),
    )  # fmt: skip
    yield History("releases", "US consumer prices and decisions of the central bank, nominal times", calendar)
    yield History("BTC-views", "a word a week, made of the average of 200 days of Binance spot, BTCUSDT", views)
    said = "Binance spot, BTCUSDT, and the delta of coins with a call sold on each, by Black's formula at the DVOL"
    yield History("BTC-calls-1h", said, calls)
    yield History("BTC-two-markets-1h", "Binance spot, BTCUSDT, and the close of the USD-M perpetual", two_markets)
    yield History("BTC-spot-and-future-1h", "Binance spot, BTCUSDT, and the nearest USD-M quarterly", spot_and_future)
    yield History("BTC-nearest-1h", "the two nearest USD-M quarterlies of BTC, by the hour", nearest)
    for symbol in QUARTERLIES:
        yield History(symbol.replace("_", "-"), f"Binance USD-M quarterly, {symbol}, by the hour", _quarterly(symbol))


EVERY = {one.name: one for one in _every()}


def write() -> None:
    """Write every history into `build/histories`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for one in EVERY.values():
        one.made().write_parquet(one.path)
