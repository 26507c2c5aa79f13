"""A backtest's first orders are those of `rulelang plan` for the same book, prices and targets."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.backtest.history import History
from rulelang.backtest.sleeves import Aim, asked, sleeves, state, traded
from rulelang.backtest.stock import Costs, Position, Stock, ground
from rulelang.kinds import RATIO
from rulelang.plan import Quote, Wish, plan
from rulelang.plan.aims import Aim as Wanted
from tests.backtest.making import HOUR, INVERSE, LINEAR, book, market, times
from tests.share import share

HELD = """
[holdings.BTC]
coins = {coins}
[[collateral]]
venue = "v"
asset = "BTC"
amount = {put}
[[positions]]
instrument = "INV"
contracts = {contracts}
entry = {price}
[hedge]
BTC = "{hedge}"
"""


@share(40)
@given(
    coins=st.integers(1, 50),
    put=st.integers(1, 10),
    contracts=st.integers(-100_000, 100_000).filter(bool),
    price=st.integers(1_000, 90_000),
    wanted=st.integers(0, 150),
    hedge=st.sampled_from(["PERP", "INV"]),
)
def test_the_sizes_are_those_of_the_plan(
    coins: int, put: int, contracts: int, price: int, wanted: int, hedge: str
) -> None:
    held = book(HELD.format(coins=coins, put=put, contracts=contracts, price=price, hedge=hedge), LINEAR + INVERSE)
    aim = Wanted("hedge", RATIO, Fraction(wanted, 100), None, True, (Fraction(0),), None, None, Fraction(1, 10**9))
    law = plan(held, {"BTC": Quote(Fraction(price))}, Wish({None: {"hedge": aim}}, "r", int(times(1)[0])))
    chains = traded(held, {"BTC": ("hedge",)}, "r")
    every = {one.name: one for chain in chains.values() for one in chain} | {"INV": held.listings["INV"]}
    floor = ground(held, list(every.values()), History(HOUR, times(2), {"BTC": market([price] * 2)}), Costs())
    (sleeve,) = sleeves(floor, chains, (Aim("BTC", "hedge", np.full(2, wanted / 100), None),))
    stock = Stock(floor, [Position() for _ in floor.terms])
    open_ = stock.positions[floor.place("INV")]
    open_.contracts, open_.entry, open_.basis = float(contracts), float(price), contracts * (-1 / price)
    now = state(sleeve, stock, 0)
    found = {floor.terms[leg].name: amount for leg, amount in asked(sleeve, stock, now, 0).items()}
    said = {one.instrument: float(one.signed) + float(one.remaining) for one in law.orders}
    for name in found.keys() | said.keys():
        assert found.get(name, 0.0) == pytest.approx(said.get(name, 0.0), rel=1e-9, abs=1e-6)
