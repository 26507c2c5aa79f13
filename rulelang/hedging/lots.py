"""Lots: counts rounded to what a venue trades, and orders made legal or refused with a reason.

Source: Binance API documentation, filters LOT_SIZE and NOTIONAL, and error -4164 (reduce-only orders are exempt).
"""

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal

from attrs import field, frozen

from rulelang.hedging.contracts import Contract, quote_value
from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import (
    ZERO,
    Number,
    decimal,
    named,
    not_negative,
    not_negative_or_none,
    number,
    positive,
)

Mode = Literal["down", "up", "nearest"]
"""Which way counts are rounded: toward zero, away from zero, or to the nearest with ties away from zero."""

Status = Literal["zero", "below_min_qty", "below_min_notional", "capped", "ok"]
"""What became of an order; only `capped` and `ok` send anything."""


@frozen(field_transformer=named)
class Lot:
    """What a venue trades: `step`, `min_qty` and `max_qty` in contracts, `min_notional` in the quote currency."""

    step: Fraction = field(converter=positive)
    min_qty: Fraction = field(default=ZERO, converter=not_negative)
    max_qty: Fraction | None = field(default=None, converter=not_negative_or_none)
    min_notional: Fraction = field(default=ZERO, converter=not_negative)


@frozen
class CheckedOrder:
    """What may be sent of an order.

    `send` and `remaining` (asked - send): contracts, short below 0. `notional`: value sent, quote currency, no sign.
    """

    send: Decimal = field(converter=decimal)
    notional: Decimal = field(converter=decimal)
    status: Status
    remaining: Decimal = field(converter=decimal)


def round_step(qty: Number, step: Number, mode: Mode = "down") -> Decimal:
    """Return a quantity as a multiple of the step, decided on exact numbers; its sign is kept.

    >>> round_step("0.3", "0.1"), round_step("-1.2399", "0.01"), round_step("-2.5", "1", "nearest")
    (Decimal('0.3'), Decimal('-1.23'), Decimal('-3'))
    """
    return decimal(rounded(number(qty, "qty"), positive(step, "step"), mode))


def rounded(qty: Fraction, step: Fraction, mode: Mode = "down") -> Fraction:
    """Return a quantity as a multiple of the step, exactly."""
    steps = abs(qty) / step
    return _whole(steps, mode) * step * (1 if qty > 0 else -1)


def _whole(steps: Fraction, mode: Mode) -> int:
    match mode:
        case "down":
            return floor(steps)
        case "up":
            return -floor(-steps)
        case "nearest":
            return floor(steps + Fraction(1, 2))
    raise HedgingError("mode", f"is {mode!r:.40}", "`down`, `up` or `nearest`")


def order_check(
    qty: Number, price: Number, contract: Contract, lot: Lot, *, reduce_only: bool = False, mode: Mode = "down"
) -> CheckedOrder:
    """Return what of an order is legal, and why not all of it.

    `qty`: contracts, short below 0. `price`: quote per base coin. The first reason that applies counts, in the order of
    `Status`. An order above `max_qty` is cut to the largest legal one.

    >>> from rulelang.hedging.contracts import Linear
    >>> order_check("-0.0019", "50000", Linear("1"), Lot("0.001"))
    CheckedOrder(send=Decimal('-0.001'), notional=Decimal('50'), status='ok', remaining=Decimal('-0.0009'))
    """
    asked, at = number(qty, "qty"), positive(price, "price")
    wanted = rounded(asked, lot.step, mode)
    legal = wanted if lot.max_qty is None else _within(wanted, rounded(lot.max_qty, lot.step))
    worth = abs(quote_value(contract, legal, at))
    status = _refusal(legal, worth, lot, reduce_only) or ("ok" if legal == wanted else "capped")
    send, sent = (legal, worth) if status in ("ok", "capped") else (ZERO, ZERO)
    return CheckedOrder(send, sent, status, asked - send)


def _within(qty: Fraction, most: Fraction) -> Fraction:
    return max(-most, min(most, qty))


def _refusal(qty: Fraction, worth: Fraction, lot: Lot, reduce_only: bool) -> Status | None:
    """Return why nothing may be sent, or `None`. Orders that only reduce a position may be worth little."""
    if qty == 0:
        return "zero"
    if abs(qty) < lot.min_qty:
        return "below_min_qty"
    return "below_min_notional" if worth < lot.min_notional and not reduce_only else None
