"""Orders: where a rule's target, a float, meets money. No other module of the room takes a float.

From here on, everything is decimal and exact.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import isfinite

from attrs import field, frozen

from rulelang.hedging.contracts import Contract
from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import ZERO, named, number, positive
from rulelang.hedging.lots import Lot, Status, order_check
from rulelang.hedging.roll import hours_between
from rulelang.hedging.sizing import Exposure, Future, HedgeSize, Match, hedge_size


@frozen
class Instrument:
    """What can be traded: a contract, its lots, and when it expires (a time with its zone; `None`: never)."""

    contract: Contract
    lot: Lot
    expiry: datetime | None = None


@frozen(field_transformer=named)
class Book:
    """What an order starts from: the exposure, and the contracts held (short below 0) at a price (quote per coin)."""

    exposure: Exposure
    price: Fraction = field(converter=positive)
    contracts: Fraction = field(default=ZERO, converter=number)
    match: Match = "quantity"


@frozen
class Order:
    """An order that brings a hedge toward its target, and no further.

    `contracts` to send, sold below 0; 0 with the reason in `status`. `reduce_only`: it may only make the position
    smaller. `notional`: value sent, quote currency, no sign. `remaining`: contracts still missing to the target.
    `size`: where the target comes from.
    """

    contracts: Decimal
    reduce_only: bool
    notional: Decimal
    status: Status
    remaining: Decimal
    size: HedgeSize


def written(signal: float, name: str = "target") -> Decimal:
    """Return a float as the decimal that a person would write for it; raise `HedgingError` unless it is finite.

    >>> written(0.7), written(0.1 + 0.2)
    (Decimal('0.7'), Decimal('0.30000000000000004'))
    """
    if not isfinite(signal):
        raise HedgingError(name, f"is {signal}", "a finite number")
    return Decimal(repr(float(signal)))


def hedge_order(target: float, instrument: Instrument, book: Book, now: datetime) -> Order:
    """Return the order that brings a hedge to a rule's target, as far as lots and venue allow; 0.7 covers 70%.

    Counts are rounded down: a hedge is never larger than asked for. `now` carries a zone; an expired contract is an
    error. Source: Binance API documentation, filters; `hedge_size` and `order_check`.

    >>> from datetime import UTC
    >>> from rulelang.hedging import Linear, unit
    >>> book = Book(Exposure("2.5", "50000"), "50000", contracts="-1000")
    >>> order = hedge_order(0.7, Instrument(Linear("0.001"), Lot("1")), book, datetime(2026, 12, 10, tzinfo=UTC))
    >>> order.contracts, order.reduce_only, order.status
    (Decimal('-750'), False, 'ok')
    >>> unit("ratio * coins / coins")
    'ratio'
    """
    _not_expired(instrument, now)
    lot = instrument.lot
    future = Future(instrument.contract, book.price, lot.step)
    size = hedge_size(book.exposure, written(target), future, current=book.contracts, match=book.match)
    reduces = _reduces(Fraction(size.order), book.contracts)
    checked = order_check(size.order, book.price, instrument.contract, lot, reduce_only=reduces)
    return Order(checked.send, reduces, checked.notional, checked.status, checked.remaining, size)


def _reduces(order: Fraction, held: Fraction) -> bool:
    """Return whether an order makes a position smaller without turning it round."""
    return order * held < 0 and abs(order) <= abs(held)


def _not_expired(instrument: Instrument, now: datetime) -> None:
    expiry = instrument.expiry
    if expiry is not None and hours_between(now, expiry) <= 0:
        raise HedgingError("contract", f"expired at {expiry.isoformat()}", "a contract that has not expired")
