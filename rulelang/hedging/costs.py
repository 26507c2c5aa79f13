"""Costs: what trading costs, whether it is worth it, and the band around a hedge inside which nothing is traded."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from rulelang.hedging.exact import (
    ZERO,
    Number,
    decimal,
    decimal_or_none,
    exp,
    named,
    not_negative,
    number,
    positive,
    power,
    word,
)

BASIS_POINTS = 10_000


@frozen(field_transformer=named)
class Trading:
    """What a venue costs: rates are fractions of the traded value, `fixed` is in the quote currency."""

    fee_rate: Fraction = field(converter=number)
    slippage_rate: Fraction = field(default=ZERO, converter=not_negative)
    fixed: Fraction = field(default=ZERO, converter=not_negative)


@frozen
class Gate:
    """What an order costs (quote currency), and whether that is within the budget."""

    cost: Decimal = field(converter=decimal)
    trade: bool


@frozen
class Slippage:
    """How much worse a fill was: quote per base coin, quote currency in all, basis points; better is below 0."""

    per_unit: Decimal = field(converter=decimal)
    cost: Decimal = field(converter=decimal)
    bps: Decimal = field(converter=decimal)


@frozen
class Drag:
    """What was traded, and what that cost; quote currency."""

    turnover: Decimal = field(converter=decimal)
    fees: Decimal = field(converter=decimal)


@frozen(field_transformer=named)
class Risk:
    """What the width of a band depends on.

    `gamma`: base coins per quote unit. `spot`: quote per base coin. `cost_rate`: fraction of the traded value.
    `risk_aversion`: per quote unit. `rate` (a year) and `tau` (years) discount the cost.
    """

    gamma: Fraction = field(converter=number)
    spot: Fraction = field(converter=positive)
    cost_rate: Fraction = field(converter=not_negative)
    risk_aversion: Fraction = field(converter=positive)
    rate: Fraction = field(default=ZERO, converter=number)
    tau: Fraction = field(default=ZERO, converter=not_negative)


@frozen
class Band:
    """Half the width of a band, in units of delta; what to do, and the holding after it, `None` without a holding."""

    half_width: Decimal = field(converter=decimal)
    action: Literal["trade", "hold"] | None
    new_holding: Decimal | None = field(converter=decimal_or_none)


def cost_gate(order_notional: Number, costs: Trading, max_cost: Number) -> Gate:
    """Return what an order costs, and whether to trade: cost <= `max_cost`, both in the quote currency.

    Source: definition, |notional| * (fee + slippage) + fixed.

    >>> from rulelang.hedging import unit
    >>> cost_gate("-45000", Trading("0.0005", "0.0003"), "36")
    Gate(cost=Decimal('36'), trade=True)
    >>> unit("money * (ratio + ratio) + money")
    'money'
    """
    worth = abs(number(order_notional, "order_notional"))
    cost = worth * (costs.fee_rate + costs.slippage_rate) + costs.fixed
    return Gate(cost, cost <= number(max_cost, "max_cost"))


def slippage(side: str, expected: Number, fill: Number, qty: Number) -> Slippage:
    """Return how much worse than expected a fill was.

    `side`: `buy` or `sell`. Prices: quote per base coin. `qty`: base coins.
    Source: definition.

    >>> from rulelang.hedging import unit
    >>> slippage("sell", "50000", "49975", "2")
    Slippage(per_unit=Decimal('25'), cost=Decimal('50'), bps=Decimal('5'))
    >>> unit("(price - price) * coins")
    'money'
    """
    sign = word("side", side, {"buy": 1, "sell": -1})
    hoped = positive(expected, "expected")
    worse = sign * (positive(fill, "fill") - hoped)
    return Slippage(worse, worse * abs(number(qty, "qty")), worse / hoped * BASIS_POINTS)


def fee_drag(orders: Iterable[Number], fee_rate: Number) -> Drag:
    """Return what orders (values in the quote currency, of either sign) add up to, and their fees. Source: definition.

    >>> from rulelang.hedging import unit
    >>> fee_drag(["12000", "-8000"], "0.0005")
    Drag(turnover=Decimal('20000'), fees=Decimal('10'))
    >>> unit("money * ratio")
    'money'
    """
    turnover = sum((abs(number(order, "orders")) for order in orders), ZERO)
    return Drag(turnover, turnover * number(fee_rate, "fee_rate"))


def half_width(risk: Risk) -> Fraction:
    """Return half the width of the band: the cube root of 3/2 * exp(-rate * tau) * cost * spot * gamma^2 / aversion."""
    cost = exp(-risk.rate * risk.tau) * risk.cost_rate * risk.spot
    return power(Fraction(3, 2) * cost * risk.gamma**2 / risk.risk_aversion, Fraction(1, 3))


def ww_band(risk: Risk) -> Band:
    """Return half the width of the no-trade band around a delta.

    Source: Whalley and Wilmott 1997, Mathematical Finance 7.

    >>> round(ww_band(Risk("0.00002", "50000", "0.0005", "0.0001")).half_width, 6)
    Decimal('0.053133')
    """
    return Band(half_width(risk), None, None)


def ww_trade(risk: Risk, delta: Number, holding: Number) -> Band:
    """Return the band around a delta and what a holding has to do: nothing inside, else move to the nearest edge.

    `delta` and `holding` in the same unit. Source: Whalley and Wilmott 1997, Mathematical Finance 7.

    >>> ww_trade(Risk("0.00002", "50000", "0.0005", "0.0001"), "0.55", "0.5").action
    'hold'
    """
    middle, held, width = number(delta, "delta"), number(holding, "holding"), half_width(risk)
    edge = max(middle - width, min(middle + width, held))
    return Band(width, "hold" if edge == held else "trade", edge)
