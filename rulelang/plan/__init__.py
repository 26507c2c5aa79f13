"""Plans: from what the rules want of a portfolio to orders, what they cost, what they earn, and what can go wrong.

Files of the user come in as texts, records go out; every amount that becomes an order or money is Decimal.
"""

from rulelang.plan.actual import Actual, actual, asks
from rulelang.plan.aims import Aim, Aims, aims
from rulelang.plan.errors import PlanError
from rulelang.plan.instruments import Listing, instruments
from rulelang.plan.plan import Plan, Wish, plan
from rulelang.plan.portfolio import Portfolio, portfolio
from rulelang.plan.quotes import Quote, Watch
from rulelang.plan.trades import Order

__all__ = [
    "Actual",
    "Aim",
    "Aims",
    "Listing",
    "Order",
    "Plan",
    "PlanError",
    "Portfolio",
    "Quote",
    "Watch",
    "Wish",
    "actual",
    "aims",
    "asks",
    "instruments",
    "plan",
    "portfolio",
]
