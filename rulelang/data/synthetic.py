"""Makes the synthetic sample market that ships with rulelang: nothing in it ever happened.

`python -m rulelang.data.synthetic DIR` writes it. Values are the same to the last bit on every platform and Python:
chance is that of `Random.random`, whose sequence Python guarantees, and the arithmetic is that of IEEE 754. A normal
deviate is a sum of twelve uniform ones, and exactly rounded (`sum` is not the same in every Python); there is no
exponential, no logarithm and no power. Prices are rounded to ticks.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from math import fsum, sqrt
from pathlib import Path
from random import Random

import polars as pl
from attrs import frozen

SEED = "rulelang synthetic market 34"
"""Of sixty tried, one that rises, falls and rises again as the phases say."""
START = datetime(2023, 1, 1, tzinfo=UTC)
END = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = (END - START) // HOUR

LABEL = "SYNTHETIC: made by rulelang.data.synthetic from a seed; no price, rate or volume in it was ever traded"
README = f"""\
{LABEL}.

A market of three assets, named after BTC, ETH and SOL, from 2023-01-01 to 2025-01-01 UTC: a bull run from October 2023
with funding spikes, a crash at the end of May 2024 with negative funding, gaps, and an outage of 9 hours in the crash.
It is for trying rule files and for tests. It says nothing about what a rule would have earned.

synthetic-bars-1h.parquet     open_time (the bar's OPEN), asset, open, high, low, close (USD), volume (coins)
synthetic-funding-8h.parquet  time of the settlement, asset, funding_rate (0.0001 is 0.01%), interval_hours
synthetic-iv-1d.parquet       open_time (the day's OPEN; known a day later), asset, iv (0.8 is 80% a year)
synthetic-events.parquet      time, event: cpi and fomc, on plausible days, not on those that were

Missing on purpose: 9 hours from 2024-05-27 10:00 and 3 hours from 2023-03-24 12:00 in all assets, some single bars, and
the funding of BTC at 2023-08-17 16:00.

Regenerate with: python -m rulelang.data.synthetic DIR
"""


@frozen
class Phase:
    """A stretch of the market from a day on: its drift and volatility a day, and the premium of the perpetual."""

    since: date
    drift: float
    volatility: float
    premium: float


@frozen
class Coin:
    """One asset: first price (USD), digits of its tick, beta to the market, own noise beside it, USD traded an hour."""

    name: str
    price: float
    digits: int
    beta: float
    noise: float
    turnover: float


@frozen
class Froth:
    """Days in which longs crowd the perpetual, and by how much they pay up for it."""

    first: date
    last: date
    premium: float


PHASES = (
    Phase(date(2023, 1, 1), 0.0035, 0.018, 0.0),
    Phase(date(2023, 4, 1), -0.0002, 0.016, 0.0),
    Phase(date(2023, 10, 15), 0.0065, 0.024, 0.0002),
    Phase(date(2024, 3, 10), 0.0, 0.030, 0.0001),
    Phase(date(2024, 5, 24), -0.055, 0.060, -0.0010),
    Phase(date(2024, 6, 4), -0.0005, 0.028, -0.0002),
    Phase(date(2024, 9, 20), 0.005, 0.022, 0.0001),
)
FROTH = (
    Froth(date(2023, 12, 1), date(2023, 12, 4), 0.0010),
    Froth(date(2024, 2, 26), date(2024, 3, 7), 0.0013),
    Froth(date(2024, 11, 20), date(2024, 11, 23), 0.0009),
)
COINS = (
    Coin("BTC", 16_500.0, 1, 1.0, 0.3, 60e6),
    Coin("ETH", 1_200.0, 2, 1.1, 0.5, 30e6),
    Coin("SOL", 12.0, 3, 1.5, 0.9, 8e6),
)
ACTIVITY = (0.8,) * 7 + (0.95,) * 6 + (1.3,) * 8 + (1.0,) * 3
"""How lively each hour of the day is (UTC): New York's are the liveliest."""
OUTAGES = (
    (datetime(2023, 3, 24, 12, tzinfo=UTC), 3),
    (datetime(2024, 5, 27, 10, tzinfo=UTC), 9),
)
SINGLE_GAPS = 4
MISSING_FUNDING = ("BTC", datetime(2023, 8, 17, 16, tzinfo=UTC))


# Chance and time ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _stream(name: str) -> Random:
    """Return the chance of one part of the market, so that changing another part leaves it alone."""
    return Random(f"{SEED}/{name}")


def _normal(chance: Random) -> float:
    return fsum(chance.random() for _ in range(12)) - 6.0


def _moment(hour: int) -> datetime:
    return START + hour * HOUR


def _phase(day: date) -> Phase:
    return next(phase for phase in reversed(PHASES) if phase.since <= day)


def _froth(day: date) -> float:
    return fsum(froth.premium for froth in FROTH if froth.first <= day <= froth.last)


# Prices ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _spreads() -> list[float]:
    """Return the deviation of the market's return in each hour: its phase, the time of day, an hour after news."""
    news = {moment.replace(minute=0) for moment, _ in _calendar()}
    return [
        _phase(moment.date()).volatility / sqrt(24) * ACTIVITY[moment.hour] * (2.5 if moment in news else 1.0)
        for moment in map(_moment, range(HOURS))
    ]


def _market_returns(spreads: list[float]) -> list[float]:
    """Return the market's hourly returns: calm follows calm, storm follows storm, and now and then it jumps."""
    chance = _stream("market")
    returns, excitement = [], 1.0
    for hour, spread in enumerate(spreads):
        shock = _normal(chance)
        jump = 4.0 * _normal(chance) if chance.random() < 0.002 else 0.0
        drift = _phase(_moment(hour).date()).drift / 24
        returns.append(drift + spread * (sqrt(0.3 + 0.7 * excitement) * shock + jump))
        excitement = 0.95 * excitement + 0.05 * shock * shock
    return returns


def _coin_returns(coin: Coin, market: list[float], spreads: list[float]) -> list[float]:
    chance = _stream(f"{coin.name} returns")
    return [
        coin.beta * common + coin.noise * spread * _normal(chance)
        for common, spread in zip(market, spreads, strict=True)
    ]


Bar = tuple[datetime, str, float, float, float, float, float]


def _bars(coin: Coin, returns: list[float], spreads: list[float]) -> Iterator[Bar]:
    """Yield the coin's bars: each opens where the one before closed."""
    chance = _stream(f"{coin.name} bars")
    missing = _missing(coin)
    price = coin.price
    for hour, (change, spread) in enumerate(zip(returns, spreads, strict=True)):
        before, price = price, price * (1.0 + change)
        first, last = round(before, coin.digits), round(price, coin.digits)
        high = round(max(first, last) * (1.0 + _wick(chance, coin, spread)), coin.digits)
        low = round(min(first, last) * (1.0 - _wick(chance, coin, spread)), coin.digits)
        liveliness = 0.4 + 1.2 * chance.random() + 2.0 * abs(change) / (coin.beta * spread)
        volume = round(coin.turnover * ACTIVITY[hour % 24] * liveliness / price, 3)
        if _moment(hour) not in missing:
            yield _moment(hour), coin.name, first, high, low, last, volume


def _wick(chance: Random, coin: Coin, spread: float) -> float:
    """Return how far a bar reaches beyond its body."""
    return chance.random() * chance.random() * coin.beta * spread


def _missing(coin: Coin) -> set[datetime]:
    chance = _stream(f"{coin.name} gaps")
    single = {_moment(int(chance.random() * HOURS)) for _ in range(SINGLE_GAPS)}
    return single | {start + hour * HOUR for start, hours in OUTAGES for hour in range(hours)}


# Funding and implied volatility ───────────────────────────────────────────────────────────────────────────────────────

Settlement = tuple[datetime, str, float, int]


def _funding(coin: Coin, returns: list[float]) -> Iterator[Settlement]:
    """Yield a settlement every 8 hours, out of the premium: the phase's, the crowd's, and that of a rising price."""
    chance = _stream(f"{coin.name} funding")
    momentum = 0.0
    for hour in range(HOURS + 1):
        if hour % 8 == 0:
            moment = _moment(hour)
            day = moment.date()
            premium = _phase(day).premium + _froth(day) + 0.5 * momentum + 0.0002 * _normal(chance)
            if (coin.name, moment) != MISSING_FUNDING:
                yield moment, coin.name, _rate(premium), 8
        if hour < HOURS:
            momentum += (returns[hour] - momentum) / 72


def _rate(premium: float) -> float:
    """Return the rate that exchanges make of a premium: 0.01% unless that is more than 0.05% away; at most 0.3%."""
    rate = premium + _clamp(0.0001 - premium, 0.0005)
    return round(_clamp(rate, 0.003), 8)


def _clamp(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


Volatility = tuple[datetime, str, float]


def _iv(coin: Coin, returns: list[float]) -> Iterator[Volatility]:
    """Yield for each day the volatility of the last ten, smoothed, with a premium on it."""
    deviation = _phase(START.date()).volatility * coin.beta
    variance = deviation * deviation / 24
    for hour, change in enumerate(returns):
        variance += (change * change - variance) / 240
        if hour % 24 == 23:
            yield _moment(hour - 23), coin.name, round(0.1 + 0.9 * sqrt(variance * 24 * 365), 4)


# The calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────────

FOMC_MONTHS = {1, 3, 5, 6, 7, 9, 11, 12}


def _calendar() -> Iterator[tuple[datetime, str]]:
    """Yield releases until two months after the last bar: CPI at 8:30, FOMC at 14:00 in New York."""
    for months in range(26):
        year, month = 2023 + months // 12, months % 12 + 1
        yield _new_york(_weekday(year, month, 2, nth=2), 8, 30), "cpi"
        if month in FOMC_MONTHS:
            yield _new_york(_weekday(year, month, 2, nth=3), 14, 0), "fomc"


def _weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth of a weekday in a month (Monday is 0)."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _new_york(day: date, hour: int, minute: int) -> datetime:
    summer = _weekday(day.year, 3, 6, nth=2) <= day < _weekday(day.year, 11, 6, nth=1)
    return datetime(day.year, day.month, day.day, hour + (4 if summer else 5), minute, tzinfo=UTC)


# Tables and files ─────────────────────────────────────────────────────────────────────────────────────────────────────

_TIME = pl.Datetime("ms", "UTC")
_BARS = pl.Schema(
    {"open_time": _TIME, "asset": pl.String()} | dict.fromkeys(("open", "high", "low", "close", "volume"), pl.Float64())
)
_SETTLEMENTS = pl.Schema(
    {"time": _TIME, "asset": pl.String(), "funding_rate": pl.Float64(), "interval_hours": pl.Int64()}
)
_VOLATILITIES = pl.Schema({"open_time": _TIME, "asset": pl.String(), "iv": pl.Float64()})
_EVENTS = pl.Schema({"time": _TIME, "event": pl.String()})


def tables() -> dict[str, pl.DataFrame]:
    """Make the market: a table for each file name, sorted by time, then by asset."""
    spreads = _spreads()
    market = _market_returns(spreads)
    returns = {coin: _coin_returns(coin, market, spreads) for coin in COINS}
    return {
        "synthetic-bars-1h.parquet": _table(_BARS, returns, lambda coin, own: _bars(coin, own, spreads)),
        "synthetic-funding-8h.parquet": _table(_SETTLEMENTS, returns, _funding),
        "synthetic-iv-1d.parquet": _table(_VOLATILITIES, returns, _iv),
        "synthetic-events.parquet": pl.DataFrame(sorted(_calendar()), _EVENTS, orient="row"),
    }


def _table(
    columns: pl.Schema,
    returns: dict[Coin, list[float]],
    rows: Callable[[Coin, list[float]], Iterator[tuple[object, ...]]],
) -> pl.DataFrame:
    """Return the rows of all coins as one table; its first two columns are time and asset."""
    gathered = [row for coin, own in returns.items() for row in rows(coin, own)]
    return pl.DataFrame(sorted(gathered, key=lambda row: row[:2]), columns, orient="row")


def write(folder: Path) -> None:
    """Write the market's files into a folder, each labelled synthetic."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text(README, "utf-8")
    for name, table in tables().items():
        table.write_parquet(folder / name, compression="zstd", compression_level=19, metadata={"synthetic": LABEL})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m rulelang.data.synthetic DIR")
    write(Path(sys.argv[1]))
