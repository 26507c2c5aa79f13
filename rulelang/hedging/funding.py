"""Funding: what a perpetual's settlements move between longs and shorts.

A positive rate is paid by longs to shorts. Cash received is above 0, paid is below. A year has 8760 hours.
"""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal, TypeVar

from attrs import field, frozen

from rulelang.hedging.contracts import Contract, Currency
from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import (
    ONE,
    Number,
    decimal,
    decimal_or_none,
    named,
    not_negative,
    not_negative_or_none,
    number,
    number_or_none,
    positive,
    power,
    side_sign,
)

Word = TypeVar("Word", bound=str)

HOURS_A_YEAR = 8760
DAYS_A_YEAR = 365


@frozen(field_transformer=named)
class Settlement:
    """One settlement: the mark price at the stamp (quote per base coin) and the rate of its interval (a fraction)."""

    mark: Fraction = field(converter=positive)
    rate: Fraction = field(converter=number)


@frozen
class Payment:
    """What one settlement moved: who pays in the market, and what this position does."""

    cash: Decimal = field(converter=decimal)
    currency: Currency
    payer: Literal["long", "short", "none"]
    direction: Literal["receive", "pay", "none"]


@frozen
class Annual:
    """A rate a year: the settlements of a year, and the rate (a fraction)."""

    intervals_per_year: Decimal = field(converter=decimal)
    annual: Decimal = field(converter=decimal)


@frozen(field_transformer=named)
class Carry:
    """What a position meets at each settlement: its side (`long`, `short`), the rate (a fraction), hours in between."""

    side: str
    rate: Fraction = field(converter=number)
    interval_hours: Fraction = field(converter=positive)

    @property
    def income(self) -> Fraction:
        """What one settlement brings, as a fraction of the notional; below 0 where it costs."""
        return -side_sign(self.side) * self.rate


@frozen
class Horizon:
    """The carry of a position over a time.

    `stamps`: whole settlements. `carry_fraction`: of the notional, income above 0. `cash`: in the notional's currency,
    `None` without one. `cost_exceeds_benefit`: `None` without a move to compare with.
    """

    stamps: int
    carry_fraction: Decimal = field(converter=decimal)
    is_cost: bool
    cash: Decimal | None = field(converter=decimal_or_none)
    cost_exceeds_benefit: bool | None


@frozen
class Breakeven:
    """How many settlements, and days, of carry cost as much as a move; `None` where carry is no cost."""

    is_cost: bool
    intervals: Decimal | None = field(converter=decimal_or_none)
    days: Decimal | None = field(converter=decimal_or_none)


def funding_payment(contract: Contract, contracts: Number, settlement: Settlement) -> Payment:
    """Return what one settlement moves: -(value at the mark) * rate; entry and leverage don't matter.

    Source: Bybit Help Center, Funding Fee Calculation; OKX Help, perpetual swap funding fee.

    >>> from rulelang.hedging import Linear, unit
    >>> funding_payment(Linear("1"), "-1", Settlement("50000", "0.001"))
    Payment(cash=Decimal('50'), currency='quote', payer='long', direction='receive')
    >>> unit("number * coins * price * ratio")
    'money'
    """
    cash = payment(contract, number(contracts, "contracts"), settlement)
    payer: Literal["long", "short", "none"] = _by_sign(settlement.rate, "long", "short")
    return Payment(cash, contract.currency, payer, _by_sign(cash, "receive", "pay"))


def _by_sign(value: Fraction, above: Word, below: Word) -> Word | Literal["none"]:
    return above if value > 0 else below if value < 0 else "none"


def payment(contract: Contract, contracts: Fraction, settlement: Settlement) -> Fraction:
    """Return the cash of one settlement in the contract's currency, exactly."""
    return -contract.value(contracts, settlement.mark) * settlement.rate


def funding_annualise(rate: Number, interval_hours: Number, method: Literal["simple", "compound"] = "simple") -> Annual:
    """Return a rate a year: rate * n, or (1 + rate)^n - 1 when compounded, for n = 8760 / interval.

    Source: Binance Support, fees generated in futures trading.

    >>> funding_annualise("0.001", "8")
    Annual(intervals_per_year=Decimal('1095'), annual=Decimal('1.095'))
    """
    each = number(rate, "rate")
    intervals = HOURS_A_YEAR / positive(interval_hours, "interval_hours")
    match method:
        case "simple":
            return Annual(intervals, each * intervals)
        case "compound":
            return Annual(intervals, power(not_negative(ONE + each, "1 + rate"), intervals) - 1)
    raise HedgingError("method", f"is {method!r:.40}", "`simple` or `compound`")


def funding_horizon(
    carry: Carry, horizon_days: Number, *, notional: Number | None = None, expected_adverse_move: Number | None = None
) -> Horizon:
    """Return the carry over a time, whole settlements only, and whether it costs more than a move (a fraction).

    `notional`: value of the position without sign.
    Source: Bybit Help Center, Funding Fee Calculation; OKX Help, perpetual swap funding fee.

    >>> from rulelang.hedging import unit
    >>> funding_horizon(Carry("short", "0.0005", "8"), "7", notional="100000").cash
    Decimal('1050')
    >>> unit("number * ratio * money")
    'money'
    """
    stamps = floor(not_negative(horizon_days, "horizon_days") * 24 / carry.interval_hours)
    fraction = stamps * carry.income
    worth = number_or_none(notional, "notional")
    move = not_negative_or_none(expected_adverse_move, "expected_adverse_move")
    cash = None if worth is None else fraction * abs(worth)
    return Horizon(stamps, fraction, fraction < 0, cash, None if move is None else -fraction > move)


def funding_breakeven(carry: Carry, move: Number) -> Breakeven:
    """Return how many settlements of carry cost cost as much as a move (a fraction).

    Source: definition, move / rate.

    >>> funding_breakeven(Carry("short", "-0.001", "8"), "0.05").intervals
    Decimal('50')
    """
    size = not_negative(move, "move")
    if carry.income >= 0:
        return Breakeven(False, None, None)
    intervals = size / -carry.income
    return Breakeven(True, intervals, intervals * carry.interval_hours / 24)


def funding_continuous(side: str, notional: Number, rate_8h: Number, hours: Number) -> Decimal:
    """Return the cash of funding that accrues all the time, quoted as a rate for 8 hours.

    In the currency of `notional` (value of the position without sign); received above 0.
    Source: Deribit Support, Inverse Perpetual.

    >>> from rulelang.hedging import unit
    >>> funding_continuous("long", "100000", "0.0004", "3")
    Decimal('-15')
    >>> unit("money * ratio * number / number")
    'money'
    """
    worth, rate = abs(number(notional, "notional")), number(rate_8h, "rate_8h")
    return decimal(-side_sign(side) * worth * rate * not_negative(hours, "hours") / 8)


def duration_to_stamps(duration_hours: Number, interval_hours: Number) -> int:
    """Return the settlements that make up a duration, rounded up.

    Source: Binance Support, settlement frequency notices (8, 4 or 1 hours).

    >>> duration_to_stamps("48", "8"), duration_to_stamps("49", "8")
    (6, 7)
    """
    return ceil(not_negative(duration_hours, "duration_hours") / positive(interval_hours, "interval_hours"))
