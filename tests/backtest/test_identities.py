"""What must hold of every backtest: identities of accounts, and no look into the future."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.backtest import Costs, History, Prices, Result, columns, drift, margins, simulate, terms
from rulelang.backtest.columns import leg_columns
from rulelang.backtest.result import FULL, NO_HEDGE, STRATEGY
from rulelang.backtest.simulate import walk
from rulelang.backtest.stock import ground
from tests.backtest.making import FREE, HOUR, INVERSE, LINEAR, book, near, paths, run, settled, times
from tests.share import share

Path = tuple[Prices, list[float], list[float]]

PLAIN = "[holdings.BTC]\ncoins = 3\n"
MIXED = """
[holdings.BTC]
coins = 2
[[positions]]
instrument = "INV"
contracts = -20_000
entry = 40000
[[collateral]]
venue = "v"
asset = "USDT"
amount = 60_000
[[collateral]]
venue = "v"
asset = "BTC"
amount = 1.5
[hedge]
BTC = "PERP"
"""
COINS = """
[holdings.BTC]
coins = 2
[[collateral]]
venue = "v"
asset = "BTC"
amount = 1
[hedge]
BTC = "INV"
"""
ISOLATED = MIXED + "[venues.v]\nleverage = 5\n"
BOOKS = {"mixed": MIXED, "coins": COINS, "isolated": ISOLATED, "plain": PLAIN + '[hedge]\nBTC = "PERP"\n'}


def made(text: str, path: Path, cut: int | None = None, costs: bool = True) -> Result:
    prices, wanted, rates = path
    fee, slip = ("0.05", "0.02") if costs else ("0", "0")
    end = len(wanted) if cut is None else cut
    held = book(text, LINEAR + INVERSE, fee, slip)
    part = Prices(prices.close[:end], prices.open[:end], prices.high[:end], prices.low[:end])
    return run(held, part, wanted[:end], settled(end, rates))


@pytest.mark.parametrize("name", BOOKS)
@share(40)
@given(path=paths())
def test_equity_is_coins_cash_and_open_positions_at_every_bar(name: str, path: Path) -> None:
    found = made(BOOKS[name], path)
    book_ = found.book
    parts = book_.coins_value + book_.cash + book_.unrealised
    assert np.allclose(parts, found.strategy.equity, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("name", BOOKS)
@share(40)
@given(path=paths())
def test_equity_is_what_was_held_and_what_the_legs_brought(name: str, path: Path) -> None:
    found = made(BOOKS[name], path)
    brought = sum((leg.gain + leg.funding - leg.fees - leg.slippage).cumsum() for leg in found.legs)
    assert np.allclose(found.track(NO_HEDGE).equity + brought, found.strategy.equity, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("name", BOOKS)
@share(40)
@given(path=paths())
def test_the_pnl_by_rule_and_the_rest_are_all_of_it(name: str, path: Path) -> None:
    found = made(BOOKS[name], path)
    total = float(found.strategy.equity[-1] - found.track(NO_HEDGE).equity[-1])
    assert near(sum(one.pnl for one in found.activity) + found.unattributed, total, 1e3)


@pytest.mark.parametrize("name", BOOKS)
@share(40)
@given(path=paths(), share=st.floats(0, 1))
def test_data_that_is_cut_leaves_what_was_before(name: str, path: Path, share: float) -> None:
    count = len(path[1])
    cut = 2 + int(share * (count - 2))
    whole, part = made(BOOKS[name], path), made(BOOKS[name], path, cut)
    for one, other in zip(whole.tracks, part.tracks, strict=True):
        if one.name not in ("constant hedge",):  # its level is the average of all bars
            assert np.allclose(one.equity[:cut], other.equity, rtol=1e-12, atol=1e-9)
    for leg, half in zip(whole.legs, part.legs, strict=True):
        assert (leg.contracts[:cut] == half.contracts).all()
        assert np.allclose(leg.distance[:cut], half.distance, rtol=1e-9, equal_nan=True)
    assert [one for one in whole.fills if one.row < cut] == list(part.fills)


@pytest.mark.parametrize("name", BOOKS)
@share(40)
@given(path=paths())
def test_the_nearest_liquidation_is_the_least_distance_of_any_bar(name: str, path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_PART", 4)  # many parts, most of which are left out by their bounds
        found = made(BOOKS[name], path)
        every = np.array([leg.distance for leg in found.legs])
    least = np.fmin.reduce(every, axis=None)
    assert found.strategy.numbers.nearest == (None if np.isnan(least) else least)


@pytest.mark.parametrize("name", BOOKS)
@share(40)
@given(path=paths())
def test_how_far_ahead_liquidation_is_looked_for_changes_nothing(name: str, path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulate, "_FAR", 0)
        short = made(BOOKS[name], path)
    far = made(BOOKS[name], path)
    assert short.fills == far.fills and (short.strategy.equity == far.strategy.equity).all()


@pytest.mark.parametrize("name", BOOKS)
@share(40)
@given(path=paths())
def test_what_is_passed_over_by_the_extremes_of_blocks_changes_nothing(name: str, path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terms, "_BLOCK", 4)
        short = made(BOOKS[name], path)
        patch.setattr(simulate, "calm", lambda *_: False)
        patch.setattr(margins.Pot, "least", lambda *_: -np.inf)
        patch.setattr(drift, "_may_drift", lambda *_: True)
        slow = made(BOOKS[name], path)
    quick = made(BOOKS[name], path)
    for one in (short, slow):
        assert one.fills == quick.fills and (one.strategy.equity == quick.strategy.equity).all()


@pytest.mark.parametrize("payoff", ["PERP", "INV"])
@share(40)
@given(path=paths())
def test_funding_of_a_long_and_a_short_cancels(payoff: str, path: Path) -> None:
    prices, wanted, rates = path
    short, long = (_held(payoff, count, prices, rates) for count in (-2, 2))
    assert np.allclose(short + long, 0, atol=1e-12)
    assert len(wanted) < 8 or short.any() == any(settled(len(wanted), rates).rates[1:])


def _held(payoff: str, count: int, prices: Prices, rates: list[float]) -> Any:
    """Return the funding of a position that nothing changes."""
    text = f'[[positions]]\ninstrument = "{payoff}"\ncontracts = {count}\nentry = 40000\n'
    held = book(text, LINEAR + INVERSE)
    history = History(HOUR, times(len(prices.close)), {"BTC": prices}, {"BTC": settled(len(prices.close), rates)})
    floor = ground(held, [held.positions[0].listing], history, Costs())
    return leg_columns(walk(floor, (), held.positions), 0).funding.column(len(prices.close))


@share(40)
@given(path=paths())
def test_a_whole_linear_hedge_of_the_same_coin_leaves_carry_and_cost(path: Path) -> None:
    found = made(BOOKS["plain"], path)
    track, numbers = found.track(FULL).equity, found.track(FULL).numbers
    opened = 3 * (float(path[0].open[1]) - float(path[0].close[0]))  # until the first fill nothing is hedged
    kept = numbers.funding_received - numbers.funding_paid - numbers.fees - numbers.slippage
    assert near(float(track[-1] - track[0]), opened + kept, 1e4)


# Against a simulator of ten lines ─────────────────────────────────────────────────────────────────────────────────────


def by_hand(prices: Prices, wanted: list[float], funding: Any, coins: float) -> list[float]:
    held, paid, equity = 0.0, 0.0, [coins * float(prices.close[0])]
    due = dict(zip(funding.times.tolist(), funding.rates.tolist(), strict=True))
    at = times(len(wanted)).tolist()
    for row in range(1, len(wanted)):
        paid += held * (prices.open[row] - prices.close[row - 1])
        held = -np.floor(round(wanted[row - 1] * coins * 1000, 6)) / 1000
        paid += held * (prices.close[row] - prices.open[row])
        paid -= held * prices.close[row] * due.get(at[row], 0.0)
        equity.append(coins * float(prices.close[row]) + paid)
    return equity


@share(40)
@given(path=paths())
def test_without_costs_it_is_the_simulator_of_ten_lines(path: Path) -> None:
    prices, wanted, rates = path
    funding = settled(len(wanted), rates)
    found = run(book(BOOKS["plain"]), prices, wanted, funding, options=FREE)
    assert found.tracks[0].name == STRATEGY
    assert np.allclose(found.strategy.equity, by_hand(prices, wanted, funding, 3.0), rtol=1e-9)
