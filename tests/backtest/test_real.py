"""Rules that ask what is real are told of the simulated book: as it was at each close, and nothing later."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given

import rulelang
from rulelang.backtest import Asked, Feed, History, Prices, Result, forms
from rulelang.backtest import run as simulation
from rulelang.backtest.decisions import inlets
from rulelang.plan import PlanError, Portfolio
from tests.backtest.making import FREE, HELD, HOUR, INVERSE, LINEAR, book, market, paths, run, settled, times

WALLET = HELD.format(coins=2) + '[[collateral]]\nvenue = "v"\nasset = "{asset}"\namount = {amount}\n'
GUARDED = """
bars 1h
field wanted: ratio
target hedge between 0% and 120%
target leverage between 1 and 5
let distance = 100% / leverage.actual + hedge.entry / close - 1
otherwise leverage 5
rule told when wanted >= 0% then hedge wanted
rule lost when close > hedge.entry * 104% then hedge 30% for 3h
rule near when distance < 10% then leverage 2 for 5h
rule edge when distance < 5% then hedge at most 0% for 2h
rule behind when abs(hedge.actual - hedge) > 2% and leverage.actual < 10 then hedge at most 80%
"""


def wallet(asset: str) -> Portfolio:
    """Return two coins, and a wallet for linear contracts, or one of coins for inverse ones."""
    if asset == "USDT":
        return book(WALLET.format(asset=asset, amount=40_000), LINEAR)
    return book(WALLET.format(asset=asset, amount=1), INVERSE)


def walked(closes: Sequence[float] | Prices, wanted: Sequence[float], rules: str, asset: str = "USDT") -> Any:
    """Return the result of a linear or an inverse book with a wallet, and what the rules were given."""
    prices = closes if isinstance(closes, Prices) else market(closes)
    checked = rulelang.loads(rules).checked
    axis = times(len(prices.close))
    keys = inlets(checked)[None]
    known = {"wanted": np.array(wanted, float), "close": prices.close}
    columns = tuple(known.get(name, np.full(len(axis), np.nan)) for _, name in keys)
    past = History(HOUR, axis, {"BTC": prices}, {"BTC": settled(len(axis), [0.0004, -0.0002])})
    asked = Asked(checked, "my.rules", wallet(asset), options=FREE)
    found, feeds = simulation.tested(asked, past, {None: Feed(axis, columns)})
    named = dict(zip((name for _, name in keys), feeds[None].columns, strict=True))
    return found, named


def test_a_short_is_told_from_the_close_of_the_bar_that_filled_it() -> None:
    rules = GUARDED.replace("lost when close > hedge.entry * 104%", "lost when close > hedge.entry * 200%")
    found, given_ = walked([100.0, 100, 101, 102, 103], [0.5, 0.5, 0.5, 0.5, 0.5], rules)
    assert given_["hedge.actual"].tolist() == [0, 0.5, 0.5, 0.5, 0.5]
    assert math.isnan(given_["hedge.entry"][0]) and given_["hedge.entry"][1:].tolist() == [100] * 4
    assert given_["leverage.actual"][1:].tolist() == pytest.approx([5 * price / 100 for price in (100, 101, 102, 103)])
    (leg,) = found.legs
    closes = np.array([100.0, 100, 101, 102, 103])
    distance = 1 / given_["leverage.actual"] + given_["hedge.entry"] / closes - 1
    known = closes * (1 + distance) / 1.005  # that of the first tier, 0.5%
    np.testing.assert_allclose(leg.liquidation, known)


def test_a_stop_acts_on_the_entry_of_its_own_short() -> None:
    rules = "bars 1h\notherwise hedge 50%\nrule lost when close > hedge.entry * 110% then hedge 20% for 2h"
    found, _ = walked([100.0, 100, 105, 111, 111, 111, 111], [], rules)
    (asset,) = found.assets
    assert asset.ratio.tolist() == [0.5, 0.5, 0.5, 0.2, 0.2, 0.2, 0.2]
    assert any("`hedge.entry`: of the simulated book" in note for note in found.notes)
    assert not any("hedge.entry" in lack for lack in found.lacks)


def test_what_data_say_of_it_is_taken_as_it_is() -> None:
    rules = "bars 1h\notherwise hedge 50%\nrule lost when hedge.actual < 40% then hedge 20%"
    prices = market([100.0] * 5)
    result = run(book(HELD.format(coins=2)), prices, [0.5, 0.5, 0.3, 0.5, 0.5], rules=rules, options=FREE)
    assert result.assets[0].ratio.tolist() == [0.5, 0.5, 0.2, 0.5, 0.5]
    assert not any("simulated book" in note for note in result.notes)


def test_less_leverage_adds_margin_that_is_free() -> None:
    rules = """bars 1h
        field wanted: ratio
        target leverage between 1 and 5
        otherwise hedge 100%, leverage 5
        rule less when wanted > 0% then leverage 2"""
    found, _ = walked([100.0] * 6, [0, 0, 0, 1, 1, 0], rules)
    (leg,) = found.legs
    assert leg.margin[1:].tolist() == [40, 40, 40, 100, 100]  # the decision of bar 4 counts from the next open on
    assert forms.columns(found)["leverage"].tolist() == [5, 5, 5, 2, 2, 5]
    assert leg.liquidation[5] > leg.liquidation[3]


def test_margin_is_added_as_far_as_money_is_there() -> None:
    rules = """bars 1h
        target leverage between 1 and 5
        otherwise hedge 100%, leverage 5
        rule less when close > 100 then leverage 1"""
    prices = market([100.0, 100, 101, 101])
    held = book(WALLET.format(asset="USDT", amount=60))
    found = run(held, prices, prices.close, rules=rules, options=FREE)
    assert found.legs[0].margin[1:].tolist() == [40, 40, 60]


def test_rules_that_answer_their_own_hedge_with_every_bar_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "_WORK", 10 * 60)
    rules = "bars 1h\notherwise hedge 40%\nrule low when hedge.actual < 50% then hedge 60%"
    said = "`hedge.actual` changed what is decided more than 10 times in 60 bars; test a part of them"
    with pytest.raises(PlanError, match=said):
        walked([100.0] * 60, [], rules)
    found, _ = walked([100.0] * 60, [], f"target hedge between 0% and 100% cooldown 1d {rules}")
    assert len(found.changes) == 3


def outcome(found: Result) -> Any:
    fills = [evolve(one, change=None) for one in found.fills]
    return [found.assets[0].ratio.tolist(), found.strategy.equity.tolist(), fills]


@given(paths())
@pytest.mark.parametrize("asset", ["USDT", "BTC"])
def test_nothing_that_is_told_is_of_later_and_told_again_it_changes_nothing(
    asset: str, path: tuple[Prices, list[float], list[float]]
) -> None:
    prices, wanted, _ = path
    found, given_ = walked(prices, wanted, GUARDED, asset)
    part = len(wanted) * 2 // 3 + 1
    cut = Prices(prices.close[:part], prices.open[:part], prices.high[:part], prices.low[:part])
    if part >= 2:
        _, before = walked(cut, wanted[:part], GUARDED, asset)
        for name, column in before.items():
            np.testing.assert_array_equal(column, given_[name][:part], name)
    checked = rulelang.loads(GUARDED).checked
    feed = Feed(times(len(wanted)), tuple(given_[name] for _, name in inlets(checked)[None]))
    past = History(HOUR, feed.times, {"BTC": prices}, {"BTC": settled(len(wanted), [0.0004, -0.0002])})
    again, _ = simulation.tested(Asked(checked, "my.rules", wallet(asset), options=FREE), past, {None: feed})
    assert outcome(again) == outcome(found)
