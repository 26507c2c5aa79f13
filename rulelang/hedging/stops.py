"""Stops: when a hedge has lost as much as it may."""

from decimal import Decimal

from attrs import field, frozen

from rulelang.hedging.exact import Number, decimal, not_negative, positive, side_sign


@frozen
class Stop:
    """How far the price has gone against a position, as a fraction of its entry, and whether that is far enough."""

    adverse_move: Decimal = field(converter=decimal)
    fires: bool


def stop_loss(side: str, entry: Number, mark: Number, stop: Number) -> Stop:
    """Return the move against a `long` or a `short` (a short is hurt by a rise); it fires from `stop`, a fraction, on.

    Prices: quote per base coin. Source: definition.

    >>> stop_loss("short", "50000", "55000", "0.1")
    Stop(adverse_move=Decimal('0.1'), fires=True)
    """
    start = positive(entry, "entry")
    move = side_sign(side) * (start - positive(mark, "mark")) / start
    return Stop(move, move >= not_negative(stop, "stop"))
