"""Trades: the orders that bring the contracts of a sleeve toward its target, never away from it and never past it."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from rulelang.hedging import Fill, order_check
from rulelang.hedging.contracts import quote_value
from rulelang.hedging.exact import ONE, ZERO, decimal, decimal_or_none
from rulelang.hedging.lots import Status, rounded
from rulelang.hedging.positions import average_entry, fee_of
from rulelang.plan.book import Book, Leg
from rulelang.plan.sleeves import Sleeve

Side = Literal["buy", "sell"]


@frozen
class Order:
    """One order, or the reason in `status` why there is none.

    `contracts`: to send, without sign. `notional` (quote currency) is their value. `limit`: quote per base coin, on the
    tick. `fees` as taker, `maker_fees` as maker, `slippage`: quote currency; `None` where nobody has said it. What is
    left open of what was asked for: `remaining` contracts and base coins, sold below 0.
    """

    instrument: str
    venue: str
    side: Side
    contracts: Decimal = field(converter=decimal)
    reduce_only: bool
    notional: Decimal = field(converter=decimal)
    limit: Decimal = field(converter=decimal)
    status: Status
    remaining: Decimal = field(converter=decimal)
    remaining_coins: Decimal = field(converter=decimal)
    fees: Decimal = field(converter=decimal)
    maker_fees: Decimal | None = field(converter=decimal_or_none)
    slippage: Decimal | None = field(converter=decimal_or_none)

    @property
    def signed(self) -> Fraction:
        """The contracts to send, sold below 0."""
        return Fraction(self.contracts) * (1 if self.side == "buy" else -1)


@frozen
class After:
    """A leg before and after its order.

    `margin` (what it holds before, where that is known) and `wanted` (what it holds after): the contract's currency.
    """

    leg: Leg
    contracts: Fraction
    entry: Fraction
    margin: Fraction | None
    wanted: Fraction | None

    @property
    def delta(self) -> Fraction:
        """The base coins that move as the contracts do."""
        return self.contracts * self.leg.each

    @property
    def value(self) -> Fraction:
        """What the contracts are worth in the quote currency, short below 0."""
        return quote_value(self.leg.contract, self.contracts, self.leg.price)


# What is asked of each leg ────────────────────────────────────────────────────────────────────────────────────────────


def asked(sleeve: Sleeve) -> dict[str, Fraction]:
    """Return the contracts to trade of each leg, before lots: first what closes, then the leg that opens.

    What is rolled goes to the later contract first; where the bands leave the drift alone, that is all.
    """
    coins = {leg.name: leg.delta for leg in sleeve.legs}
    for near, far in sleeve.rolls.items():
        coins[far] += coins[near]
        coins[near] = ZERO
    left = ZERO if sleeve.left else sleeve.want - sleeve.delta
    for leg in sleeve.legs:
        if coins[leg.name] * left < 0:
            part = left if abs(left) <= abs(coins[leg.name]) else -coins[leg.name]
            coins[leg.name] += part
            left -= part
    coins[sleeve.hedge.name] += left
    moved = {leg.name: (coins[leg.name] - leg.delta) / leg.each for leg in sleeve.legs}
    closing = [leg.name for leg in sleeve.legs if moved[leg.name] * leg.contracts < 0]
    return {name: moved[name] for name in dict.fromkeys([*closing, *moved]) if moved[name]}


def orders(sleeve: Sleeve, book: Book) -> tuple[Order, ...]:
    """Return the orders of a sleeve; none where the bands leave the contracts as they are, and nothing is rolled."""
    legs = {leg.name: leg for leg in sleeve.legs}
    return tuple(_order(legs[name], contracts, book) for name, contracts in asked(sleeve).items())


def _order(leg: Leg, contracts: Fraction, book: Book) -> Order:
    listing = leg.listing
    lots = rounded(contracts, listing.lot.step)
    reduces = lots * leg.contracts < 0 and abs(lots) <= abs(leg.contracts)
    checked = order_check(contracts, leg.price, leg.contract, listing.lot, reduce_only=reduces)
    sent, left = Fraction(checked.send), contracts - Fraction(checked.send)
    fee = listing.fee(book.portfolio.venue(listing.venue).volume)
    worth = abs(quote_value(leg.contract, sent, leg.price))
    return Order(
        instrument=leg.name,
        venue=listing.venue,
        side="buy" if contracts > 0 else "sell",
        contracts=abs(sent),
        reduce_only=reduces,
        notional=worth,
        limit=_limit(leg, 1 if contracts > 0 else -1),
        status=checked.status,
        remaining=left,
        remaining_coins=left * leg.each,
        fees=_fees(leg, sent, fee.taker),
        maker_fees=None if fee.maker is None else _fees(leg, sent, fee.maker),
        slippage=None if listing.slippage is None else worth * listing.slippage,
    )


def _limit(leg: Leg, sign: int) -> Fraction:
    """Return the price with the slippage that the file says, on the tick: a buy is rounded down, a sale up."""
    tick = leg.listing.tick
    price = leg.price * (1 + sign * (leg.listing.slippage or ZERO))
    return max(tick, rounded(price, tick, "down" if sign > 0 else "up"))


def _fees(leg: Leg, contracts: Fraction, rate: Fraction) -> Fraction:
    return leg.contract.quote(fee_of(leg.contract, contracts, leg.price, rate), leg.price)


# What a leg is afterwards ─────────────────────────────────────────────────────────────────────────────────────────────


def after(leg: Leg, traded: Fraction, leverage: Fraction | None, book: Book) -> After:
    """Return a leg after its order; `leverage` is what rules want, else the venue's counts."""
    contracts = leg.contracts + traded
    entry = _entry(leg, traded, contracts)
    usual = book.portfolio.venue(leg.listing.venue).leverage
    margin = leg.margin if leg.margin is not None else _margin(leg, leg.contracts, leg.entry, usual)
    return After(leg, contracts, entry, margin, _wanted(leg, traded, contracts, (leverage, usual), margin))


def _entry(leg: Leg, traded: Fraction, contracts: Fraction) -> Fraction:
    """Return the average entry: a position that grows takes the price in, one that turns round starts with it."""
    if contracts == 0 or traded == 0:
        return leg.entry
    if leg.contracts * contracts <= 0:
        return leg.price
    if abs(contracts) < abs(leg.contracts):
        return leg.entry
    average = average_entry(leg.contract, [Fill(leg.contracts, leg.entry), Fill(traded, leg.price)])
    return Fraction(average.entry)


def _margin(leg: Leg, contracts: Fraction, price: Fraction, leverage: Fraction | None) -> Fraction | None:
    return None if leverage is None else abs(leg.contract.value(contracts, price)) / leverage


def _wanted(
    leg: Leg, traded: Fraction, contracts: Fraction, leverages: tuple[Fraction | None, Fraction | None],
    margin: Fraction | None,
) -> Fraction | None:  # fmt: skip
    """Return the margin after an order.

    What the rules' leverage asks for; else what was there, in proportion for what is closed, and the venue's leverage
    for what is opened.
    """
    rules, usual = leverages
    if contracts == 0:
        return ZERO
    if rules is not None:
        return _margin(leg, contracts, leg.price, rules)
    kept = ZERO if leg.contracts * contracts <= 0 else min(ONE, abs(contracts) / abs(leg.contracts))
    opened = contracts - kept * leg.contracts
    before, added = (ZERO if kept == 0 else margin), (ZERO if opened == 0 else _margin(leg, opened, leg.price, usual))
    return None if before is None or added is None else kept * before + added
