"""Terms: what simulating an instrument needs of its listing, as doubles, and its prices on the axis of a history.

A contract pays `size` × the change of g(price) in its currency: g is the price itself, or -1 / price for an inverse
contract. Its value is size × h(price): the price, or 1 / price.
"""

from bisect import bisect_left, bisect_right
from decimal import Decimal
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from rulelang.backtest.history import Funding, History, Prices, filled, lane_of, positive
from rulelang.hedging import Inverse, Linear, Quanto
from rulelang.hedging.exact import decimal
from rulelang.plan.instruments import CASH, Listing
from rulelang.plan.portfolio import Portfolio

EIGHT_HOURS = 28_800
_BIT = 1e-6
"""So much more value shows what maintenance asks of the next bit of it."""
_BLOCK = 256
"""So many rows at a time have their highest and lowest told."""


@frozen
class Lots:
    """What a venue trades, in decimals: `step`, `least` and `most` contracts, `worth` of the smallest order, `size`."""

    step: Decimal
    least: Decimal
    most: Decimal | None
    worth: Decimal
    size: Decimal


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
    lots: Lots

    @property
    def name(self) -> str:
        return self.listing.name

    def g(self, price: Any) -> Any:
        return -1 / price if self.inverse else price

    def h(self, price: Any) -> Any:
        return 1 / price if self.inverse else price

    def maintenance(self, value: float) -> float:
        """Return what has to be kept for a value, in the contract's currency, by the tier that it is in."""
        return max([rate * value - deducted for rate, deducted in self.tiers])

    def maintenances(self, values: Any) -> Any:
        """Return the same for a column."""
        asked = self.tiers[0][0] * values - self.tiers[0][1]
        for rate, deducted in self.tiers[1:]:
            asked = np.maximum(asked, rate * values - deducted)
        return asked

    def kept(self, values: Any) -> tuple[Any, Any]:
        """Return the same, and what it would grow by for each value were that to double at the rate of its tier."""
        low, high = float(values.min()) * (1 + _BIT), float(values.max()) * (1 + _BIT)  # at an edge: the tier above
        lowest, highest = (max(self.tiers, key=lambda tier: tier[0] * value - tier[1]) for value in (low, high))
        if lowest == highest:
            grown = values * highest[0]
            return grown - highest[1], grown
        asked = self.maintenances(values)
        return asked, (self.maintenances(values * (1 + _BIT)) - asked) / _BIT


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
    lot = listing.lot
    most = None if lot.max_qty is None else decimal(lot.max_qty)
    lots = Lots(
        decimal(lot.step), decimal(lot.min_qty), most, decimal(lot.min_notional), decimal(contract.contract_size)
    )
    return Terms(listing, size, isinstance(contract, Inverse), pays, float(fee), slip, tuple(tiers), lots)


@frozen
class Settled:
    """Settlements at bars: `rows` (rising, some more than once), `amounts`, rate × h(mark), and whether each is early:
    before its bar opened, so that it is of the position before the fill. `sums`, `early_sums`: running, from 0 on;
    `moved`: of amounts without their signs. `gaps`: whether any is early."""

    rows: Any = field(repr=False)
    amounts: Any = field(repr=False)
    early: Any = field(repr=False)
    sums: list[float] = field(repr=False)
    early_sums: list[float] = field(repr=False)
    moved: list[float] = field(repr=False)
    at: list[int] = field(repr=False)
    gaps: bool

    def between(self, row: int, stop: int) -> float:
        """Return what is settled on a position from the fill of a row to the close of another."""
        first, end = bisect_left(self.at, row), bisect_right(self.at, stop)
        settled = self.sums[end] - self.sums[first]
        if not self.gaps:
            return settled
        return settled - (self.early_sums[bisect_right(self.at, row)] - self.early_sums[first])

    def most(self, row: int, stop: int) -> float:
        """Return no less than what can be paid on a position from a row to another, a bit more for the rounding."""
        first, end = bisect_left(self.at, row), bisect_right(self.at, stop)
        return self.moved[end] * (1 + 1e-12) - self.moved[first]

    def early_at(self, row: int) -> float:
        """Return what is settled before a row opens."""
        first, end = bisect_left(self.at, row), bisect_right(self.at, row)
        return self.early_sums[end] - self.early_sums[first]


@frozen
class Extremes:
    """The highest and the lowest of some rows, quickly: of whole blocks, so that they rather are too far apart."""

    lowest: list[float] = field(repr=False)
    highest: list[float] = field(repr=False)

    def low(self, row: int, stop: int) -> float:
        """Return no more than the lowest from a row to another, both included."""
        return min(self.lowest[row // _BLOCK : stop // _BLOCK + 1])

    def high(self, row: int, stop: int) -> float:
        """Return no less than the highest from a row to another, both included."""
        return max(self.highest[row // _BLOCK : stop // _BLOCK + 1])


@frozen
class Series:
    """An instrument's prices on the axis: `mark` at the close, the last known where it is missing.

    `open`: where orders fill, NaN where they can't; `high`, `low`: of the mark, where liquidation is looked for;
    `extremes` of these two. `settled`: the settlements in it. `source`: what the mark was taken from.
    """

    open: Any = field(repr=False)
    high: Any = field(repr=False)
    low: Any = field(repr=False)
    mark: Any = field(repr=False)
    extremes: Extremes = field(repr=False)
    settled: "Settled"
    source: str


def series(one: Terms, history: History, known: dict[str, Series]) -> Series:
    """Return the prices and settlements of an instrument; `known`: those of others that have the same prices."""
    own, base = lane_of(one.listing.name), history.prices[one.listing.base]
    found = history.prices.get(own, base)
    name, quoted = _quoted(one, found, own if own in history.prices else None)
    key = f"{one.listing.base} {name}"
    if key not in known:
        known[key] = _series(found, quoted, base, name)
    return evolve(known[key], settled=_settled(one, history, known[key].mark))


def _quoted(one: Terms, found: Prices, own: str | None) -> tuple[str, Any]:
    """Return where an instrument's mark is from, and the mark; `own`: the lane of the instrument itself."""
    if own is not None:
        return own, found.close if found.mark is None else found.mark
    said, name = (found.mark, "mark") if one.listing.expiry is None else (found.future, "future")
    return (name, said) if said is not None and (said == said).any() else ("close", found.close)


def _series(found: Prices, quoted: Any, base: Prices, source: str) -> Series:
    """Return a series; what is quoted apart from the bars fills at their open, as far above as it was a bar before."""
    mark = filled(positive(quoted))
    if mark[0] != mark[0]:  # not listed yet: nobody holds it, and nothing fills
        mark = np.where(mark == mark, mark, filled(positive(base.close)))
    opens = positive(quoted) if found.open is None else positive(found.open)
    highs = mark if found.high is None else positive(found.high)
    lows = mark if found.low is None else positive(found.low)
    if quoted is not found.close:
        above = mark / filled(positive(found.close))
        if found.open is not None:
            opens = opens * np.concatenate((above[:1], above[:-1]))
        highs, lows = (mark if column is mark else column * above for column in (highs, lows))
    highs = highs if (highs >= mark).all() else np.fmax(highs, mark)
    lows = lows if (lows <= mark).all() else np.fmin(lows, mark)
    return Series(opens, highs, lows, mark, _extremes(lows, highs), _NOTHING, source)


def _extremes(lows: Any, highs: Any) -> Extremes:
    starts = np.arange(0, len(lows), _BLOCK)
    lowest, highest = np.minimum.reduceat(lows, starts), np.maximum.reduceat(highs, starts)
    return Extremes(lowest.tolist(), highest.tolist())


def funding_of(one: Terms, history: History) -> Funding | None:
    """Return the settlements that an instrument meets; `None` where the data has none, or it has none."""
    if one.listing.interval is None:
        return None
    return history.funding.get(lane_of(one.listing.name)) or history.funding.get(one.listing.base)


def _settled(one: Terms, history: History, mark: Any) -> Settled:
    """Return the settlements that an instrument meets; one before a bar opens counts at the mark before."""
    found, times = funding_of(one, history), history.times
    if found is None:
        return _NOTHING
    every = float(one.listing.interval or EIGHT_HOURS)
    spans = np.minimum(np.diff(found.times, prepend=found.times[:1] - every), every)
    inside = (found.times > times[0]) & (found.times <= times[-1])
    at, rates = found.times[inside], (found.rates * spans / EIGHT_HOURS)[inside]
    rows = np.searchsorted(times, at)
    early = at <= times[rows] - history.bars
    return settled_at(rows, rates * one.h(mark[rows - early]), early)


def settled_at(rows: Any, amounts: Any, early: Any) -> Settled:
    """Return settlements with their running sums."""
    sums, early_sums = ([0.0, *column.cumsum().tolist()] for column in (amounts, np.where(early, amounts, 0.0)))
    moved = np.append(0.0, np.abs(amounts).cumsum()).tolist()
    return Settled(rows, amounts, early, sums, early_sums, moved, rows.tolist(), bool(early.any()))


_NOTHING = settled_at(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool))


@frozen
class Legal:
    """What of an order may be sent: contracts (sold below 0), and the status that says why not all."""

    contracts: float
    status: str


def legal(one: Terms, asked: float, held: float, price: float, settle: float) -> Legal:
    """Return what of an order the venue's lots allow: `hedging.order_check`, on decimals of 12 digits.

    `price`: quote per base coin; `settle`: what one unit of the contract's currency costs.
    """
    want, now = (Decimal(f"{number:.12g}") for number in (asked, held))
    reduces = want * now < 0 and abs(want) <= abs(now)
    lots = one.lots
    count = wanted = abs(want) // lots.step * lots.step
    if lots.most is not None:
        count = min(wanted, lots.most // lots.step * lots.step)
    if count == 0:
        return Legal(0.0, "zero")
    if count < lots.least:
        return Legal(0.0, "below_min_qty")
    if lots.worth and not reduces:
        worth = count * lots.size * (1 if one.inverse else Decimal(f"{price * settle:.12g}"))
        if worth < lots.worth:
            return Legal(0.0, "below_min_notional")
    return Legal(float(count.copy_sign(want)), "ok" if count == wanted else "capped")
