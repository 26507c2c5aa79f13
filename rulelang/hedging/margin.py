"""Margin: what a position must hold, when it is liquidated, and how large it may be. Isolated margin throughout.

Equity is margin plus PnL. Both grow with the value of the position by its sign times the contract's slope, so that one
formula serves linear and inverse contracts: `lean` below.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from attrs import field, frozen

from rulelang.hedging.contracts import Contract, gain
from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import (
    ONE,
    ZERO,
    Number,
    decimal,
    decimal_or_none,
    named,
    not_negative,
    not_zero,
    number,
    positive,
    ratio,
)
from rulelang.hedging.lots import rounded
from rulelang.hedging.positions import Amount, Position

MarginBasis = Literal["mark", "entry"]
"""What maintenance margin is a share of: the value at the mark price, or at entry."""


@frozen(field_transformer=named)
class Maintenance:
    """What a venue asks to be kept: `mmr` and `liq_fee_rate` are fractions of the position's value.

    `amount`: what its tier deducts, in the contract's currency.
    """

    mmr: Fraction = field(converter=not_negative)
    amount: Fraction = field(default=ZERO, converter=not_negative)
    liq_fee_rate: Fraction = field(default=ZERO, converter=not_negative)
    basis: MarginBasis = "mark"

    @property
    def rate(self) -> Fraction:
        return self.mmr + self.liq_fee_rate


@frozen(field_transformer=named)
class Isolated:
    """An open position: contracts (short below 0), entry (quote per base coin), margin in the contract's currency."""

    contract: Contract
    contracts: Fraction = field(converter=not_zero)
    entry: Fraction = field(converter=positive)
    margin: Fraction = field(converter=not_negative)

    @property
    def lean(self) -> int:
        """1 where equity grows with the value of the position (without sign), -1 where it falls."""
        return self.contract.slope * (1 if self.contracts > 0 else -1)

    @property
    def entry_value(self) -> Fraction:
        """The value at entry, without sign, in the contract's currency."""
        return self.value(self.entry)

    def value(self, price: Fraction) -> Fraction:
        """Return the value at a price, without sign, in the contract's currency."""
        return abs(self.contract.value(self.contracts, price))

    def price_at(self, value: Fraction) -> Fraction | None:
        """Return the price at which the position has this value; `None` where that is no price."""
        return self.contract.price_at(abs(self.contracts), value) if value > 0 else None


@frozen
class Liquidation:
    """The mark prices at which a position is liquidated, and worth nothing; `None` where there is no such price."""

    liq_price: Decimal | None = field(converter=decimal_or_none)
    bankruptcy_price: Decimal | None = field(converter=decimal_or_none)


@frozen
class MarginState:
    """Equity and maintenance in the contract's currency, and maintenance / equity; `None` where equity is 0."""

    equity: Decimal = field(converter=decimal)
    maintenance: Decimal = field(converter=decimal)
    margin_ratio: Decimal | None = field(converter=decimal_or_none)
    liquidated: bool


@frozen(field_transformer=named)
class Tier:
    """A tier of maintenance: from which value of a position on (quote currency), and the rate (a fraction)."""

    floor: Fraction = field(converter=not_negative)
    mmr: Fraction = field(converter=not_negative)


@frozen
class TierMaintenance:
    """The tier of a position (the first is 0), its rate, what it deducts, and what is asked (quote currency)."""

    tier: int
    mmr: Decimal = field(converter=decimal)
    maintenance_amount: Decimal = field(converter=decimal)
    maintenance: Decimal = field(converter=decimal)


def initial_margin(position: Position, leverage: Number) -> Amount:
    """Return the margin that opens a position: value / leverage, in the contract's currency. Source: definition.

    >>> from rulelang.hedging import Linear, unit
    >>> initial_margin(Position(Linear("1"), "-5", "50000"), "20")
    Amount(amount=Decimal('12500'), currency='quote')
    >>> unit("number * coins * price / number")
    'money'
    """
    contract = position.contract
    value = abs(contract.value(position.contracts, position.price))
    return Amount(value / positive(leverage, "leverage"), contract.currency)


def liquidation(position: Isolated, maintenance: Maintenance) -> Liquidation:
    """Return where equity falls to the maintenance margin, and where it falls to 0.

    Source: Bybit Help Center, liquidation price under isolated mode; Binance Support, liquidation price of USDS-M and
    COIN-M futures.

    >>> from rulelang.hedging import Linear, unit
    >>> liquidation(Isolated(Linear("1"), "1", "50000", "5000"), Maintenance("0.005", basis="entry"))
    Liquidation(liq_price=Decimal('45250'), bankruptcy_price=Decimal('45000'))
    >>> unit("(money - (money - ratio * money)) / coins")
    'price'
    """
    match maintenance.basis:
        case "mark":
            price = _falls_to(position, maintenance.rate, -maintenance.amount)
        case "entry":
            price = _falls_to(position, ZERO, maintenance.rate * position.entry_value - maintenance.amount)
        case other:
            raise HedgingError("basis", f"is {other!r:.40}", "`mark` or `entry`")
    return Liquidation(price, _falls_to(position, ZERO, ZERO))


def _falls_to(position: Isolated, rate: Fraction, amount: Fraction) -> Fraction | None:
    """Return the price at which equity, margin + lean * (value - entry value), is rate * value + amount."""
    value = ratio(amount + position.lean * position.entry_value - position.margin, position.lean - rate)
    return None if value is None else position.price_at(value)


def margin_state(position: Isolated, mark: Number, maintenance: Maintenance) -> MarginState:
    """Return equity and maintenance at a mark price; liquidated from maintenance >= equity on.

    Source: Binance Support, liquidation price of USDS-M and COIN-M futures.

    >>> from rulelang.hedging import Inverse, unit
    >>> margin_state(Isolated(Inverse("1"), "10000", "25000", "0.1"), "25000", Maintenance("0.004")).maintenance
    Decimal('0.0016')
    >>> unit("ratio * number * money / price")
    'coins'
    """
    at = positive(mark, "mark")
    equity = position.margin + gain(position.contract, position.contracts, position.entry, at)
    asked = position.value(at) * maintenance.mmr - maintenance.amount
    return MarginState(equity, asked, ratio(asked, equity), asked >= equity)


def margin_for_liq(
    contract: Contract, contracts: Number, entry: Number, liq_price: Number, maintenance: Maintenance
) -> Decimal:
    """Return the margin, never below 0, that puts liquidation at a price; maintenance counts at the mark.

    In the contract's currency.
    Source: Binance Support, liquidation price of USDS-M and COIN-M futures, solved for the margin.

    >>> from rulelang.hedging import Linear, unit
    >>> margin_for_liq(Linear("1"), "-2", "50000", "80000", Maintenance("0.005"))
    Decimal('60800')
    >>> unit("ratio * coins * price - money - coins * (price - price)")
    'money'
    """
    bare = Isolated(contract, contracts, entry, ZERO)
    at = positive(liq_price, "liq_price")
    asked = maintenance.rate * bare.value(at) - maintenance.amount
    return decimal(max(ZERO, asked - gain(contract, bare.contracts, bare.entry, at)))


def maintenance_tier(notional: Number, tiers: Sequence[Tier]) -> TierMaintenance:
    """Return the tier of a position and what it asks; `notional` in the quote currency, its sign doesn't matter.

    A tier starts at its floor. It deducts what keeps the sum continuous there: floor * (its rate - the one before) more
    than the tier before. Source: Binance Support, leverage and margin of USDS-M futures.

    >>> from rulelang.hedging import unit
    >>> maintenance_tier("500000", [Tier("0", "0.004"), Tier("50000", "0.005"), Tier("250000", "0.01")]).maintenance
    Decimal('3700')
    >>> unit("money * ratio - money")
    'money'
    """
    worth = abs(number(notional, "notional"))
    if not tiers or any(low.floor >= high.floor for low, high in pairwise(tiers)) or worth < tiers[0].floor:
        raise HedgingError("tiers", "don't rise, or start above the position", "tiers by rising floor, the first at 0")
    reached = [tier for tier in tiers if tier.floor <= worth]
    amount = sum((high.floor * (high.mmr - low.mmr) for low, high in pairwise(reached)), ZERO)
    rate = reached[-1].mmr
    return TierMaintenance(len(reached) - 1, rate, amount, worth * rate - amount)


def margin_cap(contract: Contract, free_margin: Number, leverage: Number, price: Number, step: Number) -> Decimal:
    """Return the most contracts that the free margin allows, rounded down; without free margin 0.

    `free_margin`: in the contract's currency. Source: definition.

    >>> from rulelang.hedging import Linear, unit
    >>> margin_cap(Linear("0.001"), "10000", "3", "61000", "1")
    Decimal('491')
    >>> unit("money * number / (coins * price)")
    'ratio'
    """
    free = max(ZERO, number(free_margin, "free_margin"))
    worth = free * positive(leverage, "leverage")
    return decimal(rounded(worth / contract.value(ONE, positive(price, "price")), positive(step, "step")))
