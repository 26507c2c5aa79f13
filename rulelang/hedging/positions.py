"""Positions: what they are worth, what they pay between two prices, and what they cost in fees.

Fees are paid above 0, a rebate is below. Every amount says its currency.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from rulelang.hedging.contracts import Contract, Currency, gain, quote_if_known
from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import (
    ZERO,
    Number,
    decimal,
    decimal_or_none,
    named,
    not_zero,
    number,
    positive,
)
from rulelang.hedging.funding import Settlement, payment


@frozen(field_transformer=named)
class Position:
    """Contracts (long above 0, short below) at a price (quote per base coin)."""

    contract: Contract
    contracts: Fraction = field(converter=number)
    price: Fraction = field(converter=positive)


@frozen(field_transformer=named)
class Trade:
    """Contracts (long above 0, short below) from an entry price to an exit price (quote per base coin)."""

    contract: Contract
    contracts: Fraction = field(converter=number)
    entry: Fraction = field(converter=positive)
    exit: Fraction = field(converter=positive)


@frozen(field_transformer=named)
class Fill:
    """Contracts (bought above 0, sold below) and the price (quote per base coin) at which they were filled."""

    contracts: Fraction = field(converter=not_zero)
    price: Fraction = field(converter=positive)


@frozen
class Notional:
    """What a position is worth, signed as its contracts are.

    `value`: in `currency`. `quote`: quote currency. `base`: base coins. The last two are `None` for a contract that
    pays other coins as long as nothing says what those cost.
    """

    value: Decimal = field(converter=decimal)
    currency: Currency
    quote: Decimal | None = field(converter=decimal_or_none)
    base: Decimal | None = field(converter=decimal_or_none)


@frozen
class Pnl:
    """What a trade pays before fees and funding: `amount` in `currency`, and the same in quote currency at exit."""

    amount: Decimal = field(converter=decimal)
    currency: Currency
    quote_at_exit: Decimal | None = field(converter=decimal_or_none)


@frozen
class Average:
    """Contracts of all fills and the one price at which they would be worth the same (quote per base coin)."""

    contracts: Decimal = field(converter=decimal)
    entry: Decimal = field(converter=decimal)


@frozen
class Amount:
    """An amount of money and its currency."""

    amount: Decimal = field(converter=decimal)
    currency: Currency


@frozen
class Result:
    """What a trade brought: net = gross - fees + funding, all in `currency`; funding received is above 0."""

    gross: Decimal = field(converter=decimal)
    fees: Decimal = field(converter=decimal)
    funding: Decimal = field(converter=decimal)
    net: Decimal = field(converter=decimal)
    currency: Currency


def notional(position: Position) -> Notional:
    """Return what a position is worth. Source: OKX instrument data (contract value); BitMEX, Quanto Perpetuals Guide.

    >>> from rulelang.hedging import Inverse, Linear, unit
    >>> notional(Position(Linear("0.01"), "-250", "61234.5")).quote
    Decimal('-153086.25')
    >>> unit("number * coins * price")
    'money'
    >>> notional(Position(Inverse("100"), "-250", "62500")).base
    Decimal('-0.4')
    >>> unit("number * money / price")
    'coins'
    """
    contract, price = position.contract, position.price
    value = contract.value(position.contracts, price)
    quote = quote_if_known(contract, value, price)
    return Notional(value, contract.currency, quote, None if quote is None else quote / price)


def pnl(trade: Trade) -> Pnl:
    """Return what a trade pays. Source: Bybit Help Center, P&L calculations; BitMEX, Inverse Perpetuals Guide.

    >>> from rulelang.hedging import Inverse, Linear, unit
    >>> pnl(Trade(Linear("1"), "-0.4", "6000", "5000")).amount
    Decimal('400')
    >>> unit("number * coins * (price - price)")
    'money'
    >>> pnl(Trade(Inverse("1"), "100000", "10000", "12500"))  # 10 coins, then 8: worth 2 coins
    Pnl(amount=Decimal('2'), currency='base', quote_at_exit=Decimal('25000'))
    >>> unit("number * (money / price - money / price)")
    'coins'
    """
    contract = trade.contract
    amount = gain(contract, trade.contracts, trade.entry, trade.exit)
    return Pnl(amount, contract.currency, quote_if_known(contract, amount, trade.exit))


def average_entry(contract: Contract, fills: Sequence[Fill]) -> Average:
    """Return the average entry of fills of one side: arithmetic, and harmonic for inverse contracts.

    Source: Bybit Help Center, P&L calculations.

    >>> from rulelang.hedging import Inverse, unit
    >>> average_entry(Inverse("1"), [Fill("1000", "5000"), Fill("2000", "6000")])
    Average(contracts=Decimal('3000'), entry=Decimal('5625'))
    >>> unit("number * money / (number * money / price)")
    'price'
    """
    if len({fill.contracts > 0 for fill in fills}) != 1:
        raise HedgingError("fills", "are none, or of both sides", "fills that all buy or all sell")
    contracts = sum((fill.contracts for fill in fills), ZERO)
    value = sum((contract.value(fill.contracts, fill.price) for fill in fills), ZERO)
    return Average(contracts, contract.price_at(contracts, value))


def fee(position: Position, rate: Number) -> Amount:
    """Return the fee of a fill: its value times a rate, paid above 0.

    Source: Binance Support, futures fee structure and fee calculations.

    >>> from rulelang.hedging import Linear, unit
    >>> fee(Position(Linear("1"), "-1", "11104"), "0.0002")
    Amount(amount=Decimal('2.2208'), currency='quote')
    >>> unit("ratio * number * coins * price")
    'money'
    """
    amount = fee_of(position.contract, position.contracts, position.price, number(rate, "rate"))
    return Amount(amount, position.contract.currency)


def fee_of(contract: Contract, contracts: Fraction, price: Fraction, rate: Fraction) -> Fraction:
    """Return the fee of a fill in the contract's currency, exactly."""
    return abs(contract.value(contracts, price)) * rate


def position_result(
    trade: Trade, entry_fee_rate: Number, exit_fee_rate: Number, funding: Iterable[Settlement] = ()
) -> Result:
    """Return what opening, holding through settlements and closing brought.

    Source: Bybit Help Center, P&L calculations and funding fee calculation.

    >>> from rulelang.hedging import Linear, unit
    >>> position_result(Trade(Linear("1"), "-1", "50000", "49000"), "0", "0", [Settlement("50000", "0.0001")]).net
    Decimal('1005')
    >>> unit("number * coins * (price - price) - ratio * money + ratio * money")
    'money'
    """
    contract, contracts = trade.contract, trade.contracts
    gross = gain(contract, contracts, trade.entry, trade.exit)
    fees = fee_of(contract, contracts, trade.entry, number(entry_fee_rate, "entry_fee_rate"))
    fees += fee_of(contract, contracts, trade.exit, number(exit_fee_rate, "exit_fee_rate"))
    paid = sum((payment(contract, contracts, stamp) for stamp in funding), ZERO)
    return Result(gross, fees, paid, gross - fees + paid, contract.currency)
