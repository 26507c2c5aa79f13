"""What the market did: prices of each coin and instrument on one axis of bars, and the settlements of funding."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, fields, frozen

FIELDS = ("open", "high", "low", "close", "mark", "future")
"""The fields of each coin that a backtest reads, beside `funding_8h`: without the close there is none."""


@frozen
class Prices:
    """Prices at each bar, quote per coin, NaN where there is none; `None` for what the data doesn't have at all."""

    close: Any = field(repr=False)
    open: Any = field(default=None, repr=False)
    high: Any = field(default=None, repr=False)
    low: Any = field(default=None, repr=False)
    mark: Any = field(default=None, repr=False)
    future: Any = field(default=None, repr=False)


@frozen
class Funding:
    """Settlements: when (seconds since 1970, rising), and the rate, a fraction per 8 hours, longs pay above 0."""

    times: Any = field(repr=False)
    rates: Any = field(repr=False)


@frozen
class History:
    """Bars of so many seconds; `times` are their closes. Prices and funding by coin, or by lane of an instrument."""

    bars: int
    times: Any = field(repr=False)
    prices: Mapping[str, Prices]
    funding: Mapping[str, Funding] = field(factory=dict)

    def __len__(self) -> int:
        return len(self.times)

    def part(self, first: int, end: int) -> "History":
        """Return the rows from `first` to `end` - 1; settlements keep their times."""
        prices = {lane: _part(one, first, end) for lane, one in self.prices.items()}
        return evolve(self, times=self.times[first:end], prices=prices)


def _part(prices: Prices, first: int, end: int) -> Prices:
    columns = {one.name: getattr(prices, one.name) for one in fields(Prices)}
    return Prices(**{name: None if column is None else column[first:end] for name, column in columns.items()})


def positive(column: Any) -> Any:
    """Return a column with what can be no price as missing."""
    column = np.asarray(column, np.float64)
    return column if not len(column) or (column.min() > 0 and column.max() < np.inf) else _only_prices(column)


def _only_prices(column: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return np.where((column > 0) & np.isfinite(column), column, np.nan)


def filled(column: Any) -> Any:
    """Return a column with the last known value where one is missing; NaN before the first."""
    if not len(column) or column.min() == column.min():
        return column
    known = column == column
    places = np.where(known, np.arange(len(column)), 0)
    return column[np.maximum.accumulate(places)]


def placed(times: Any, axis: Any, column: Any) -> Any:
    """Return a column of some times on an axis that holds them all, NaN elsewhere."""
    if len(times) == len(axis):
        return column
    found = np.full(len(axis), np.nan)
    found[np.searchsorted(axis, times)] = column
    return found


def lane_of(instrument: str) -> str:
    """Return what data call the bars of an instrument itself, as an asset.

    >>> lane_of("BTC-25DEC26"), lane_of("BTC/USDT:USDT-241227")
    ('BTC_25DEC26', 'BTC_USDT_USDT_241227')
    """
    return "".join(one if one.isalnum() else "_" for one in instrument.upper())


def settlements(supplied: Sequence[tuple[Any, Any]]) -> Funding | None:
    """Return the settlements of several files, each time once; `None` without any."""
    pairs = {
        float(time): float(rate)
        for times, rates in supplied
        for time, rate in zip(times, rates, strict=True)
        if isinstance(rate, float) and abs(rate) <= 1
    }
    if not pairs:
        return None
    times = sorted(pairs)
    return Funding(np.array(times), np.array([pairs[time] for time in times]))
