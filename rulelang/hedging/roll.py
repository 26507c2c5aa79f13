"""Rolling: a dated hedge closed before it expires and opened again in a later contract."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from rulelang.hedging.errors import HedgingError
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
    ratio,
)
from rulelang.hedging.funding import DAYS_A_YEAR


@frozen(field_transformer=named)
class Roll:
    """A short of linear contracts that moves from the near contract to the far one.

    `contracts`: how many are short (below 0: a long that is rolled). `contract_size`: base coins. `near`, `far`: quote
    per base coin. Rates: fractions of the traded value. `days_between` the two expiries.
    """

    contracts: Fraction = field(converter=number)
    contract_size: Fraction = field(converter=positive)
    near: Fraction = field(converter=positive)
    far: Fraction = field(converter=positive)
    fee_rate: Fraction = field(converter=number)
    slippage_rate: Fraction = field(default=ZERO, converter=not_negative)
    days_between: Fraction | None = field(default=None, converter=not_negative_or_none)


@frozen
class RollResult:
    """What a roll trades (contracts, sold below 0) and brings (quote currency; received above 0, costs paid above 0).

    `annual_roll`: far over near, a year, a fraction; `None` without days between them.
    """

    close_order: Decimal = field(converter=decimal)
    open_order: Decimal = field(converter=decimal)
    spread_credit: Decimal = field(converter=decimal)
    slippage_cost: Decimal = field(converter=decimal)
    fees: Decimal = field(converter=decimal)
    net_credit: Decimal = field(converter=decimal)
    annual_roll: Decimal | None = field(converter=decimal_or_none)


@frozen
class Due:
    """How long a contract has (hours), whether it has expired, and whether it is time to roll."""

    hours_to_expiry: Decimal = field(converter=decimal)
    expired: bool
    due: bool


def roll(order: Roll) -> RollResult:
    """Return what a roll trades and brings; fees are paid on the prices after slippage. Source: definition.

    >>> from rulelang.hedging import unit
    >>> roll(Roll("10", "1", "60100", "61500", "0")).net_credit
    Decimal('14000')
    >>> unit("number * coins * (price - price)")
    'money'
    """
    coins = order.contracts * order.contract_size
    credit = coins * (order.far - order.near)
    slipped = abs(coins) * (order.near + order.far) * order.slippage_rate
    fees = _fees(order)
    year = ratio((order.far / order.near - 1) * DAYS_A_YEAR, order.days_between or ZERO)
    return RollResult(
        order.contracts, -order.contracts, credit, slipped, fees, credit - slipped - fees, annual_roll=year
    )


def _fees(order: Roll) -> Fraction:
    """Return the fees of both legs: what is bought fills above its price, what is sold below."""
    coins = order.contracts * order.contract_size
    worse = order.slippage_rate if coins > 0 else -order.slippage_rate
    return abs(coins) * order.fee_rate * (order.near * (1 + worse) + order.far * (1 - worse))


def roll_due(now: datetime, expiry: datetime, roll_window_hours: Number) -> Due:
    """Return whether a contract has expired (none of its time is left) and is to be rolled (at or inside the window).

    Times carry a zone. Source: Deribit documentation, expiration at 08:00 UTC.

    >>> from datetime import UTC
    >>> roll_due(datetime(2025, 6, 25, 8, tzinfo=UTC), datetime(2025, 6, 27, 8, tzinfo=UTC), "72")
    Due(hours_to_expiry=Decimal('48'), expired=False, due=True)
    """
    left = hours_between(now, expiry)
    return Due(left, left <= 0, left <= not_negative(roll_window_hours, "roll_window_hours"))


def hours_between(start: datetime, end: datetime) -> Fraction:
    """Return the hours from one time to another, exactly; raise `HedgingError` for a time without a zone."""
    for name, time in (("now", start), ("expiry", end)):
        if time.utcoffset() is None:
            raise HedgingError(name, f"is {time.isoformat()}", "a time with its zone, such as 2026-12-10T08:00Z")
    return Fraction((end - start) // timedelta(microseconds=1), 3_600_000_000)
