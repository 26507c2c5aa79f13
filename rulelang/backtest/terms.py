"""Terms: what simulating an instrument needs of its listing, as doubles, and its prices on the axis of a history.

A contract pays `size` × the change of g(price) in its currency: g is the price itself, or -1 / price for an inverse
contract. Its value is size × h(price): the price, or 1 / price.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from rulelang.backtest.history import Funding, History, Prices, filled, lane_of, positive
from rulelang.hedging import Inverse, Linear, Quanto
from rulelang.hedging.lots import order_check
from rulelang.plan.instruments import CASH, Listing
from rulelang.plan.portfolio import Portfolio

EIGHT_HOURS = 28_800


@frozen
class Terms:
    """The terms of an instrument. `pays`: the coin that it pays in, `None` for money. `tiers`: (rate, deducted)."""

    listing: Listing
    size: float
    inverse: bool
    pays: str | None
    fee: float
    slippage: float
    tiers: tuple[tuple[float, float], ...]

    @property
    def name(self) -> str:
        return self.listing.name

    def g(self, price: Any) -> Any:
        return -1 / price if self.inverse else price

    def h(self, price: Any) -> Any:
        return 1 / price if self.inverse else price

    def maintenance(self, value: float) -> float:
        """Return what has to be kept for a value, in the contract's currency, by the tier that it is in."""
        return max(rate * value - deducted for rate, deducted in self.tiers)

    def maintenances(self, values: Any) -> Any:
        """Return the same for a column."""
        asked = self.tiers[0][0] * values - self.tiers[0][1]
        for rate, deducted in self.tiers[1:]:
            asked = np.maximum(asked, rate * values - deducted)
        return asked


def terms(listing: Listing, portfolio: Portfolio, slippage: float | None) -> Terms:
    """Return the terms of a listing: taker fees of the venue's volume; `slippage` goes before that of the file."""
    fee = listing.fee(portfolio.venue(listing.venue).volume).taker
    slip = float(listing.slippage or 0) if slippage is None else slippage
    tiers, deducted, before = [], 0.0, 0.0
    for at, tier in enumerate(listing.tiers):
        deducted += float(tier.floor) * (float(tier.mmr) - before) if at else 0.0
        before = float(tier.mmr)
        tiers.append((before, deducted))
    contract = listing.contract
    assert isinstance(contract, Linear | Inverse | Quanto)
    pays = None if listing.settle in CASH else listing.settle
    size = float(contract.contract_size)
    return Terms(listing, size, isinstance(contract, Inverse), pays, float(fee), slip, tuple(tiers))


@frozen
class Series:
    """An instrument's prices on the axis: `mark` at the close, the last known where it is missing.

    `open`: where orders fill, NaN where they can't; `high`, `low`: of the mark, where liquidation is looked for.
    `normal`, `early`: for each bar the sum of rate × h(mark) of its settlements; the early ones came before the bar
    opened, so that they are of the position before its fill. `source`: what the mark was taken from.
    """

    open: Any = field(repr=False)
    high: Any = field(repr=False)
    low: Any = field(repr=False)
    mark: Any = field(repr=False)
    normal: Any = field(repr=False)
    early: Any = field(repr=False)
    rows: Any = field(repr=False)
    source: str


def series(one: Terms, history: History) -> Series:
    """Return the prices and settlements of an instrument."""
    listing, own = one.listing, lane_of(one.listing.name)
    if own in history.prices:
        found = history.prices[own]
        return _series(one, history, found, found.close if found.mark is None else found.mark, own)
    found = history.prices[listing.base]
    said = found.mark if listing.expiry is None else found.future
    name = "mark" if listing.expiry is None else "future"
    if said is None or not (said == said).any():
        return _series(one, history, found, found.close, "close")
    return _series(one, history, found, said, name)


def _series(one: Terms, history: History, found: Prices, quoted: Any, source: str) -> Series:
    """Return a series; what is quoted apart from the bars fills at their open, as far above as it was a bar before."""
    mark = filled(positive(quoted))
    opens = np.full(len(mark), np.nan) if found.open is None else positive(found.open)
    if found.open is None:
        opens = positive(quoted)
    highs = mark if found.high is None else positive(found.high)
    lows = mark if found.low is None else positive(found.low)
    if quoted is not found.close:
        above = mark / filled(positive(found.close))
        if found.open is not None:
            opens = opens * np.concatenate((above[:1], above[:-1]))
        highs, lows = (mark if column is mark else column * above for column in (highs, lows))
    normal, early, rows = _settled(one, history, mark)
    return Series(opens, np.fmax(highs, mark), np.fmin(lows, mark), mark, normal, early, rows, source)


def funding_of(one: Terms, history: History) -> Funding | None:
    """Return the settlements that an instrument meets; `None` where the data has none, or it has none."""
    if one.listing.interval is None:
        return None
    return history.funding.get(lane_of(one.listing.name)) or history.funding.get(one.listing.base)


def _settled(one: Terms, history: History, mark: Any) -> tuple[Any, Any, Any]:
    """Return the sums of rate × h(mark) by bar: of settlements in the bar, and of those before it opened."""
    found, times = funding_of(one, history), history.times
    normal, early = np.zeros(len(times)), np.zeros(len(times))
    if found is None or not len(times):
        return normal, early, np.zeros(0, np.int64)
    every = float(one.listing.interval or EIGHT_HOURS)
    spans = np.minimum(np.diff(found.times, prepend=found.times[:1] - every), every)
    inside = (found.times > times[0]) & (found.times <= times[-1])
    at, rates = found.times[inside], (found.rates * spans / EIGHT_HOURS)[inside]
    rows = np.searchsorted(times, at)
    before = at <= times[rows] - history.bars
    np.add.at(normal, rows[~before], rates[~before] * one.h(mark[rows[~before]]))
    np.add.at(early, rows[before], rates[before] * one.h(mark[rows[before] - 1]))
    return normal, early, rows


@frozen
class Legal:
    """What of an order may be sent: contracts (sold below 0), and the status that says why not all."""

    contracts: float
    status: str


def legal(one: Terms, asked: float, held: float, price: float, settle: float) -> Legal:
    """Return what of an order the venue's lots allow; decided on exact numbers of 12 digits.

    `price`: quote per base coin; `settle`: what one unit of the contract's currency costs.
    """
    want, now, at = (Fraction(f"{number:.12g}") for number in (asked, held, price))
    reduces = want * now < 0 and abs(want) <= abs(now)
    contract = one.listing.contract
    if isinstance(contract, Quanto):
        contract = evolve(contract, settle_price=Fraction(f"{settle:.12g}"))
    checked = order_check(want, at, contract, one.listing.lot, reduce_only=reduces)
    return Legal(float(checked.send), checked.status)
