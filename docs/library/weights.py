"""What weights of spot and futures would have come to: a book kept at them bar by bar, with costs and funding."""

from collections.abc import Iterator

import figures
import polars as pl
from attrs import frozen

from rulelang.backtest.screen import percent

COST = 0.0007
"""Fee and slippage of what is traded, as in docs/strategies/books/contracts.toml; of spot the same is taken."""
SAID = (
    "A backtest trades no spot. So this book is computed beside it, by `docs/library/weights.py`: kept at the weights "
    "that were decided a bar before, {cost} of each change of a weight as costs, futures at the price of spot, and "
    "what is settled paid by longs to shorts. The rest is money without interest, and keeping the weights while prices "
    "move costs nothing here."
)


@frozen
class Account:
    """A book of weights: what it is worth after each bar, 1 at the start, and the funding in it."""

    name: str
    worth: pl.Series
    funding: float
    changes: int


def told(decided: pl.DataFrame, prices: pl.DataFrame, rates: pl.DataFrame | None) -> Iterator[str]:
    """Yield a table of the book at the weights, beside holding, and beside the same weights on average."""
    bars = _bars(decided, prices, rates)
    spot, futures = bars["spot_weight"], bars["futures_weight"]
    means = [pl.repeat(float(one.mean()), len(bars), eager=True) for one in (spot, futures)]  # type: ignore[arg-type]
    every = (
        account("the rules", bars, spot, futures),
        account("their average weights", bars, *means),
        account("all in coins", bars, pl.repeat(1.0, len(bars), eager=True), pl.repeat(0.0, len(bars), eager=True)),
    )
    years = (bars["time"][-1] - bars["time"][0]).total_seconds() / 86_400 / 365
    yield from ("What the weights come to:", "")
    yield from figures.table(["", *(one.name for one in every)], list(_rows(every, years)))
    yield from ("", SAID.format(cost=percent(COST)))


def _rows(every: tuple[Account, ...], years: float) -> Iterator[list[str]]:
    yield ["return a year", *(percent(one.worth[-1] ** (1 / years) - 1) for one in every)]
    falls = [one.worth / one.worth.cum_max() - 1 for one in every]
    yield ["maximum drawdown", *(percent(float(one.min())) for one in falls)]  # type: ignore[arg-type]
    yield ["funding a year", *(percent(one.funding / years) for one in every)]
    yield ["changes", *(f"{one.changes:,}" for one in every)]


def _bars(decided: pl.DataFrame, prices: pl.DataFrame, rates: pl.DataFrame | None) -> pl.DataFrame:
    """Return each bar's weights in force at its close, its return, and the rates settled in it."""
    weights = decided.select(pl.col("time").str.to_datetime(time_zone="UTC"), "spot_weight", "futures_weight")
    closes = prices.select(pl.col("close_time").dt.cast_time_unit("us").alias("time"), "close")
    bars = weights.join(closes, "time").sort("time").with_columns(pl.col("close").pct_change().fill_null(0).alias("r"))
    if rates is None:
        return bars.with_columns(pl.lit(0.0).alias("paid"))
    settled = rates.select(pl.col("time").dt.cast_time_unit("us").dt.round("1m"), "funding_rate").sort("time")
    ends = settled.join_asof(bars.select("time", pl.col("time").alias("end")), on="time", strategy="forward")
    sums = ends.group_by("end").agg(pl.col("funding_rate").sum().alias("paid")).rename({"end": "time"})
    return bars.join(sums, "time", how="left").with_columns(pl.col("paid").fill_null(0)).sort("time")


def account(name: str, bars: pl.DataFrame, spot: pl.Series, futures: pl.Series) -> Account:
    """Return a book at weights: those in force at a bar's close are held through the next one."""
    held, short = spot.shift(1).fill_null(0), futures.shift(1).fill_null(0)
    moved = (spot - spot.shift(1)).abs().fill_null(0) + (futures - futures.shift(1)).abs().fill_null(0)
    growth = 1 + (held + short) * bars["r"] - short * bars["paid"] - moved * COST
    return Account(name, growth.cum_prod(), float(-(short * bars["paid"]).sum()), int((moved > 0).sum()))
