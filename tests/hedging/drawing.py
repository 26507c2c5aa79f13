"""Draws prices, counts, contracts and futures as people have them: decimals with few digits."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from rulelang.hedging import Contract, Exposure, Future, Inverse, Linear, Quanto


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


prices = decimals("0.01", "200000", 2)
sizes = st.sampled_from([Decimal(text) for text in ("0.001", "0.01", "0.1", "1", "10", "100")])
steps = st.sampled_from([Decimal(text) for text in ("0.001", "0.1", "0.25", "1", "3", "10")])
counts = decimals("-100000", "100000", 3)
some_contracts = counts.filter(bool)
rates = decimals("-0.01", "0.01", 6)
ratios = decimals("0", "2", 4)
coins = decimals("-5000", "5000", 4)

linear: st.SearchStrategy[Contract] = st.builds(Linear, sizes)
inverse: st.SearchStrategy[Contract] = st.builds(Inverse, sizes)
quanto: st.SearchStrategy[Contract] = st.builds(Quanto, sizes, prices)
contracts = linear | inverse | quanto
paid_in_what_they_cover = linear | inverse

futures = st.builds(Future, contracts, prices, steps)
exposures = st.builds(Exposure, coins, prices)


def exactly(value: Decimal | None) -> Fraction:
    """Return a Decimal as a fraction, to add and compare without rounding."""
    assert value is not None
    return Fraction(value)
