"""Risks: margin and liquidation of each leg, what holding it costs or earns, and what a move of all prices does."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from attrs import evolve, field, frozen

from rulelang.hedging import Contract, Quanto, Trade
from rulelang.hedging.exact import ZERO, decimal, decimal_or_none
from rulelang.hedging.exposure import Scenario, SpotLeg, scenario
from rulelang.hedging.funding import DAYS_A_YEAR, Settlement, payment
from rulelang.hedging.margin import Isolated, Maintenance, Tier, liquidation, maintenance_tier, margin_for_liq
from rulelang.hedging.roll import hours_between
from rulelang.hedging.stops import stop_loss
from rulelang.plan.book import Book, Leg
from rulelang.plan.trades import After

MOVES = tuple(Fraction(text) for text in ("-0.3", "-0.1", "0.1", "0.3"))
"""The moves of all prices that a plan is shown at."""
CURVE = tuple(Fraction(percent, 100) for percent in range(-50, 51, 2))
"""The moves of all prices that a picture is made of."""
_EIGHT_HOURS = 28_800


# Margin ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class MarginUse:
    """A position after the plan: contracts (short below 0), entry and liquidation price (quote per base coin).

    `stop`: the price at which the position's own stop is reached, `None` without one; `stopped`: whether it is.
    `margin_before`, `margin`: in `currency`; `None` where nobody has said it, or how much leverage. `distance`: from
    the price to the liquidation price, a fraction of the price. `atrs`: the same in average true ranges of 14 days.
    """

    instrument: str
    venue: str
    contracts_before: Decimal = field(converter=decimal)
    contracts: Decimal = field(converter=decimal)
    notional: Decimal = field(converter=decimal)
    price: Decimal = field(converter=decimal)
    priced: str
    entry: Decimal = field(converter=decimal)
    currency: str
    margin_before: Decimal | None = field(converter=decimal_or_none)
    margin: Decimal | None = field(converter=decimal_or_none)
    liquidation: Decimal | None = field(converter=decimal_or_none)
    distance: Decimal | None = field(converter=decimal_or_none)
    atrs: Decimal | None = field(converter=decimal_or_none)
    stop: Decimal | None = field(converter=decimal_or_none)
    stopped: bool


def margin_use(one: After, book: Book) -> MarginUse:
    """Return what a position uses and where it is liquidated."""
    leg, at = one.leg, liquidated_at(one)
    atr = book.quotes[leg.listing.base].atr
    return MarginUse(
        instrument=leg.name,
        venue=leg.listing.venue,
        contracts_before=leg.contracts,
        contracts=one.contracts,
        notional=one.value,
        price=leg.price,
        priced=leg.priced,
        entry=one.entry,
        currency=leg.listing.settle,
        margin_before=one.margin,
        margin=one.wanted,
        liquidation=at,
        distance=None if at is None else at / leg.price - 1,
        atrs=None if at is None or not atr else abs(at - leg.price) / atr,
        stop=_stop(leg),
        stopped=stopped(leg),
    )


def _stop(leg: Leg) -> Fraction | None:
    """Return the price at which a position has lost what it may."""
    if leg.stop is None or not leg.contracts:
        return None
    price = leg.entry * (1 - leg.stop if leg.contracts > 0 else 1 + leg.stop)
    return price if price > 0 else None


def stopped(leg: Leg) -> bool:
    """Say whether a position has lost what it may: the stop that the portfolio sets it."""
    if leg.stop is None or not leg.contracts:
        return False
    return stop_loss("long" if leg.contracts > 0 else "short", leg.entry, leg.price, leg.stop).fires


def liquidated_at(one: After) -> Fraction | None:
    """Return the price at which equity falls to maintenance, by the tier that the position is in there; or `None`.

    Maintenance rises without a jump from tier to tier, so that one tier at most holds a price that it asks for itself.
    """
    if one.wanted is None or one.contracts == 0:
        return None
    position = Isolated(one.leg.contract, one.contracts, one.entry, one.wanted)
    tiers = one.leg.listing.tiers
    fee = one.leg.listing.liquidation_fee
    found = (_within(position, tiers[: at + 1], tiers[at + 1 : at + 2], fee) for at in range(len(tiers)))
    return next((price for price in found if price is not None), None)


def top_up(one: After, distance: Fraction) -> Fraction | None:
    """Return the margin (the contract's currency) that a position lacks to be liquidated no nearer than a distance.

    `distance`: a fraction of the price. `None` where the margin isn't known, or nothing is lacking.
    """
    at = liquidated_at(one)
    if at is None or one.wanted is None or abs(at / one.leg.price - 1) >= distance:
        return None
    price = one.leg.price * (1 + distance if one.contracts < 0 else 1 - distance)
    if price <= 0:
        return None
    tiers, contract = one.leg.listing.tiers, one.leg.contract
    asked = maintenance_tier(decimal(contract.value(one.contracts, price)), tiers)
    kept = Maintenance(asked.mmr, asked.maintenance_amount, one.leg.listing.liquidation_fee)
    return Fraction(margin_for_liq(contract, one.contracts, one.entry, price, kept)) - one.wanted


def _within(position: Isolated, tiers: Sequence[Tier], above: Sequence[Tier], fee: Fraction) -> Fraction | None:
    """Return the liquidation price by the last of some tiers, if the position is in that tier there."""
    deducted = sum((high.floor * (high.mmr - low.mmr) for low, high in pairwise(tiers)), ZERO)
    if deducted < 0:
        return None
    price = liquidation(position, Maintenance(tiers[-1].mmr, deducted, fee)).liq_price
    if price is None:
        return None
    value = position.value(Fraction(price))
    near = value / 10**20  # the price is rounded to 28 digits
    inside = tiers[-1].floor - near <= value and all(value <= tier.floor + near for tier in above)
    return Fraction(price) if inside else None


# Carry ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Carry:
    """What holding a position brings (quote currency; received above 0): a day, a year, and at each settlement.

    `rate`: funding per 8 hours, or what a dated contract is above spot, as fractions; all `None` where the data doesn't
    say it. `payer`: who pays whom in the market. `source`: `funding` or `basis`.
    """

    instrument: str
    source: Literal["funding", "basis"]
    rate: Decimal | None = field(converter=decimal_or_none)
    per_day: Decimal | None = field(converter=decimal_or_none)
    per_year: Decimal | None = field(converter=decimal_or_none)
    per_settlement: Decimal | None = field(converter=decimal_or_none)
    interval_hours: Decimal | None = field(converter=decimal_or_none)
    payer: Literal["longs", "shorts", "nobody"] | None


def carry(one: After, book: Book) -> Carry:
    """Return what a position brings while nothing but time passes."""
    listing = one.leg.listing
    return _basis(one, book) if listing.expiry is not None else _funding(one, book, listing.interval or _EIGHT_HOURS)


def _funding(one: After, book: Book, interval: int) -> Carry:
    rate = book.quotes[one.leg.listing.base].funding
    hours = Fraction(interval, 3600)
    if rate is None:
        return Carry(one.leg.name, "funding", None, None, None, None, hours, None)
    paid = payment(one.leg.contract, one.contracts, Settlement(one.leg.price, rate * interval / _EIGHT_HOURS))
    each = one.leg.contract.quote(paid, one.leg.price)
    day = each * 24 / hours
    return Carry(one.leg.name, "funding", rate, day, day * DAYS_A_YEAR, each, hours, _payer(rate))


def _payer(rate: Fraction) -> Literal["longs", "shorts", "nobody"]:
    return "longs" if rate > 0 else "shorts" if rate else "nobody"


def _basis(one: After, book: Book) -> Carry:
    """Return what a dated contract brings on its way to spot; not known while its price is taken from spot."""
    listing = one.leg.listing
    assert listing.expiry is not None
    if one.leg.priced == "close":
        return Carry(one.leg.name, "basis", None, None, None, None, None, None)
    spot = book.quotes[listing.base].close
    day = -one.delta * (one.leg.price - spot) / (hours_between(book.now, listing.expiry) / 24)
    rate = one.leg.price / spot - 1
    return Carry(one.leg.name, "basis", rate, day, day * DAYS_A_YEAR, None, None, _payer(rate))


# Moves ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Outcome:
    """What one move of all prices (a fraction) does, in the quote currency; `share`: net, of the equity now.

    Options are worth what they are at the moved price, with their volatility and time as they are.

    `liquidated`: the positions whose liquidation price lies on the way.
    """

    move: Decimal = field(converter=decimal)
    spot: Decimal = field(converter=decimal)
    futures: Decimal = field(converter=decimal)
    options: Decimal = field(converter=decimal)
    net: Decimal = field(converter=decimal)
    share: Decimal | None = field(converter=decimal_or_none)
    liquidated: tuple[str, ...]


def outcome(book: Book, legs: Sequence[After], move: Fraction) -> Outcome:
    """Return what a plan brings where every price, of spot and of contracts, moves by the same fraction."""
    spot = tuple(SpotLeg(one.all, one.spot, one.spot * (1 + move)) for one in book.coins.values())
    found = scenario(Scenario(spot, tuple(_trade(one, move) for one in legs)))
    options = sum((one.moved(move) for one in book.options), ZERO)
    net = Fraction(found.net) + options
    return Outcome(
        move, Fraction(found.spot_pnl), Fraction(found.hedge_pnl), options, net,
        net / book.equity if book.equity > 0 else None, tuple(_liquidated(legs, move)),
    )  # fmt: skip


def _trade(one: After, move: Fraction) -> Trade:
    price = one.leg.price
    return Trade(_moved(one.leg.contract, move), one.contracts, price, price * (1 + move))


def _moved(contract: Contract, move: Fraction) -> Contract:
    """Return a contract after the move: what a quanto pays is worth more or less then."""
    if isinstance(contract, Quanto) and contract.settle_price is not None:
        return evolve(contract, settle_price=contract.settle_price * (1 + move))
    return contract


def _liquidated(legs: Iterable[After], move: Fraction) -> Iterable[str]:
    for one in legs:
        at = liquidated_at(one)
        if at is not None and move * (at / one.leg.price - 1) > 0 and abs(move) >= abs(at / one.leg.price - 1):
            yield one.leg.name
