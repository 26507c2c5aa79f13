"""Hedging: contracts, what they pay and cost, how many of them a target takes, and the orders that get there.

Inside, numbers are exact fractions, so that every limit is decided on exact numbers; what comes out is Decimal. Nothing
here takes a float but `orders`, where a rule's target becomes an order.
"""

from rulelang.hedging.contracts import Contract, Currency, Inverse, Linear, Quanto, contract_of
from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import Number
from rulelang.hedging.lots import CheckedOrder, Lot, order_check, round_step
from rulelang.hedging.orders import Book, Instrument, Order, hedge_order
from rulelang.hedging.positions import Fill, Position, Trade
from rulelang.hedging.sizing import Exposure, Future, HedgeSize, hedge_size
from rulelang.hedging.units import unit

__all__ = [
    "Book",
    "CheckedOrder",
    "Contract",
    "Currency",
    "Exposure",
    "Fill",
    "Future",
    "HedgeSize",
    "HedgingError",
    "Instrument",
    "Inverse",
    "Linear",
    "Lot",
    "Number",
    "Order",
    "Position",
    "Quanto",
    "Trade",
    "contract_of",
    "hedge_order",
    "hedge_size",
    "order_check",
    "round_step",
    "unit",
]
