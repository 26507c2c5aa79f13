"""Orders of a backtest are those that `hedging.order_check` lets pass."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from rulelang.backtest.terms import legal, terms
from rulelang.hedging import order_check
from tests.backtest.making import INVERSE, LINEAR, book
from tests.share import share

LOTS = "min_contracts = 0.5\nmax_contracts = 40\n"
HELD = book("", LINEAR.replace("tick = 0.1", "tick = 0.1\n" + LOTS) + INVERSE, notional="25")


@share(40)
@given(
    name=st.sampled_from(["PERP", "INV"]),
    asked=st.floats(-100, 100),
    held=st.floats(-100, 100),
    price=st.floats(0.5, 200),
)
def test_legal_is_order_check_on_numbers_of_twelve_digits(name: str, asked: float, held: float, price: float) -> None:
    listing = HELD.listings[name]
    want, now, at = (Fraction(f"{one:.12g}") for one in (asked, held, price))
    reduces = want * now < 0 and abs(want) <= abs(now)
    law = order_check(want, at, listing.contract, listing.lot, reduce_only=reduces)
    found = legal(terms(listing, HELD, None), asked, held, price, 1.0)
    assert (found.contracts, found.status) == (float(law.send), law.status)
