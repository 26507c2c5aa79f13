"""Basis: futures against spot, and what the difference pays. Basis is futures minus spot; a year has 365 days."""

from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from rulelang.hedging.exact import (
    ZERO,
    Number,
    decimal,
    decimal_or_none,
    named,
    not_negative,
    not_negative_or_none,
    number,
    positive,
    power,
    ratio,
)
from rulelang.hedging.funding import DAYS_A_YEAR


@frozen
class Basis:
    """The basis: quote per base coin, as a fraction of spot, and a year; the last two `None` without days to expiry."""

    basis: Decimal = field(converter=decimal)
    basis_fraction: Decimal = field(converter=decimal)
    annual_simple: Decimal | None = field(converter=decimal_or_none)
    annual_compound: Decimal | None = field(converter=decimal_or_none)


@frozen(field_transformer=named)
class Prices:
    """Spot and futures at one moment, quote per base coin."""

    spot: Fraction = field(converter=positive)
    futures: Fraction = field(converter=positive)

    @property
    def basis(self) -> Fraction:
        return self.futures - self.spot


@frozen
class BasisHedge:
    """What spot and its hedge paid (quote currency), and the basis before and after (quote per base coin)."""

    spot_pnl: Decimal = field(converter=decimal)
    hedge_pnl: Decimal = field(converter=decimal)
    net: Decimal = field(converter=decimal)
    basis0: Decimal = field(converter=decimal)
    basis1: Decimal = field(converter=decimal)


@frozen(field_transformer=named)
class CarryTrade:
    """Spot bought, a dated linear future sold against it, both held to expiry, spot sold at the settlement price.

    `qty`: base coins. Prices: quote per base coin. `days` to expiry. Rates: fractions of the traded value; spot pays
    its own on the way in and out. `margin`: quote currency.
    """

    qty: Fraction = field(converter=positive)
    spot: Fraction = field(converter=positive)
    futures: Fraction = field(converter=positive)
    settlement: Fraction = field(converter=positive)
    days: Fraction = field(converter=not_negative)
    spot_fee_rate: Fraction = field(converter=number)
    futures_fee_rate: Fraction = field(converter=number)
    delivery_fee_rate: Fraction = field(converter=number)
    margin: Fraction = field(default=ZERO, converter=not_negative)


@frozen
class CarryResult:
    """What a carry trade brings: money in the quote currency, returns as fractions of the capital.

    `annual_return`: `None` where no day is left.
    """

    gross: Decimal = field(converter=decimal)
    fees: Decimal = field(converter=decimal)
    net: Decimal = field(converter=decimal)
    capital: Decimal = field(converter=decimal)
    period_return: Decimal = field(converter=decimal)
    annual_return: Decimal | None = field(converter=decimal_or_none)


def basis(prices: Prices, days: Number | None = None) -> Basis:
    """Return the basis, and a year: basis / spot * 365 / days simple, (futures / spot)^(365 / days) - 1 compounded.

    Source: cash-and-carry arithmetic on 365 days. At expiry, with 0 `days` left, there is no rate a year.

    >>> from rulelang.hedging import unit
    >>> found = basis(Prices("60000", "61200"), "73")
    >>> found.basis_fraction, found.annual_simple
    (Decimal('0.02'), Decimal('0.1'))
    >>> unit("(price - price) / price")
    'ratio'
    """
    fraction = prices.basis / prices.spot
    left = not_negative_or_none(days, "days")
    if not left:
        return Basis(prices.basis, fraction, None, None)
    years = left / DAYS_A_YEAR
    return Basis(prices.basis, fraction, fraction / years, power(1 + fraction, 1 / years) - 1)


def basis_hedge_pnl(before: Prices, after: Prices, spot_qty: Number, hedge_qty: Number) -> BasisHedge:
    """Return what spot and a linear hedge pay; quantities in base coins, short below 0.

    A full hedge pays the move of the basis, with the other sign. Source: definition.

    >>> from rulelang.hedging import unit
    >>> basis_hedge_pnl(Prices("65000", "65000"), Prices("58500", "58000"), "5", "-5").net
    Decimal('2500')
    >>> unit("coins * (price - price)")
    'money'
    """
    spot_pnl = number(spot_qty, "spot_qty") * (after.spot - before.spot)
    hedge_pnl = number(hedge_qty, "hedge_qty") * (after.futures - before.futures)
    return BasisHedge(spot_pnl, hedge_pnl, spot_pnl + hedge_pnl, before.basis, after.basis)


def carry_trade(trade: CarryTrade) -> CarryResult:
    """Return what a carry trade brings; the settlement price matters to the fees alone.

    Source: cash-and-carry arithmetic; a year of 365 days.

    >>> from rulelang.hedging import unit
    >>> carry_trade(CarryTrade("1", "60000", "61200", "50000", "73", "0", "0", "0")).annual_return
    Decimal('0.1')
    >>> unit("coins * (price - price) / (coins * price)")
    'ratio'
    """
    gross = trade.qty * (trade.futures - trade.spot)
    net = gross - (fees := _fees(trade))
    capital = trade.qty * trade.spot + trade.margin
    period = net / capital
    return CarryResult(gross, fees, net, capital, period, ratio(period * DAYS_A_YEAR, trade.days))


def _fees(trade: CarryTrade) -> Fraction:
    spot = trade.spot_fee_rate * (trade.spot + trade.settlement)
    futures = trade.futures_fee_rate * trade.futures + trade.delivery_fee_rate * trade.settlement
    return trade.qty * (spot + futures)
