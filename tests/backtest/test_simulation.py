"""Single things of the simulation, each worked out by hand."""

import numpy as np
import pytest

import rulelang
from rulelang.backtest import Asked, Costs, Feed, History, Options, Prices, backtest
from rulelang.backtest.result import CASH, CONSTANT, FULL, NO_HEDGE, Fill
from rulelang.plan import PlanError
from tests.backtest.making import (
    AS_TOLD,
    FREE,
    HOUR,
    INVERSE,
    LINEAR,
    START,
    Funding,
    book,
    market,
    near,
    run,
    settled,
    times,
)

HEDGED = "[holdings.BTC]\ncoins = 2\n"
WALLET = HEDGED + '[[collateral]]\nvenue = "v"\nasset = "USDT"\namount = {amount}\n'


def test_a_decision_is_filled_at_the_open_of_the_next_bar_with_fees_and_slippage() -> None:
    prices = market([100, 101, 105], [100, 102, 104])
    found = run(book(HEDGED, fee="0.1", slip="0.2"), prices, [0.5, 0.5, 0.5])
    (fill,) = found.fills
    assert (fill.row, fill.time, fill.contracts, fill.price) == (1, START + HOUR, -1.0, 102.0)
    assert near(fill.fee, 0.102) and near(fill.slippage, 0.204) and fill.change == 1
    assert found.legs[0].contracts.tolist() == [0, -1, -1]
    assert near(float(found.strategy.equity[-1]), 2 * 105 - (105 - 102) - 0.306)


def test_slippage_of_the_command_goes_before_the_instruments() -> None:
    found = run(book(HEDGED, slip="0.2"), market([100] * 3), [1.0] * 3, options=Options(costs=Costs(0.001), samples=20))
    assert near(found.fills[0].slippage, 0.2)


def test_funding_is_paid_on_the_position_before_the_fill_at_the_same_time() -> None:
    # The bar that closes at 08:00 decides; the settlement at 08:00 comes before the fill at the open of the 08:00 bar.
    wanted = [0.0] * 7 + [1.0] * 10
    found = run(book(HEDGED), market([100] * 17), wanted, settled(17, [0.001]))
    assert found.fills[0].time == START + 8 * HOUR
    received = found.legs[0].funding
    assert received[7] == 0 and near(float(received[15]), 0.2)  # the short receives what longs pay
    assert found.strategy.numbers.funding_received == pytest.approx(0.2)


def test_an_inverse_contract_pays_its_funding_and_its_fees_in_coins() -> None:
    text = '[[collateral]]\nvenue = "v"\nasset = "BTC"\namount = 2\n'
    found = run(book(text, INVERSE, fee="0.1"), market([100.0] * 9), [1.0] * 9, settled(9, [0.001]))
    (fill,) = found.fills
    assert fill.contracts == -200 and near(fill.fee, 0.2)
    assert found.book.coins["BTC"][-1] == pytest.approx(2 - 0.002 + 0.002)
    assert found.book.cash[-1] == 0


def test_settlements_within_a_long_bar_all_count() -> None:
    at = START + 86_400 * np.arange(1.0, 4)
    rules = AS_TOLD.replace("bars 1h", "bars 1d")
    funding = Funding(np.arange(START, START + 4 * 86_400, 28_800.0), np.full(12, 0.001))
    prices = market([100] * 3)
    past = History(86_400, at, {"BTC": prices}, {"BTC": funding})
    asked = Asked(rulelang.loads(rules).checked, "day.rules", book(HEDGED), options=FREE)
    found = backtest(asked, (past, {None: Feed(at, (np.ones(3),))}))
    assert [round(float(one), 9) for one in found.legs[0].funding] == [0, 0.6, 0.6]


def test_a_settlement_in_a_gap_is_of_the_position_before_the_gap() -> None:
    at = times(20)
    at = np.concatenate((at[:6], at[9:]))  # no bars close at 07:00, 08:00, 09:00
    wanted = [0.0] * 5 + [1.0] * 12
    found = run(book(HEDGED), market([100] * 17), wanted, settled(20, [0.001]), at=at)
    assert found.fills[0].time == START + 9 * HOUR and not found.legs[0].funding[:12].any()
    held = run(book(HEDGED), market([100] * 17), [1.0] * 17, settled(20, [0.001]), at=at)
    assert near(float(held.legs[0].funding[6]), 0.2)


def test_orders_too_small_for_the_venue_are_not_sent_and_said() -> None:
    found = run(book(HEDGED, notional="50"), market([100] * 4), [0.5, 0.6, 0.6, 0.6])
    assert [(fill.status, fill.contracts) for fill in found.fills] == [("ok", -1.0), ("below_min_notional", 0.0)]
    assert found.fills[1].notional == 0 and found.strategy.numbers.fills == 1


def test_what_only_closes_may_be_small() -> None:
    found = run(book(HEDGED, notional="50"), market([100] * 4), [0.5, 0.4, 0.4, 0.4])
    assert [fill.status for fill in found.fills] == ["ok", "ok"]


def test_contracts_are_rounded_down_to_lots() -> None:
    found = run(book("[holdings.BTC]\ncoins = 1.23456\n"), market([100] * 3), [1.0] * 3)
    assert found.fills[0].contracts == -1.234


# Margin ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_isolated_short_is_liquidated_where_its_margin_ends_and_loses_all_of_it() -> None:
    text = WALLET.format(amount=1000) + "[venues.v]\nleverage = 2\n"
    bars = [(100, 100, 100, 100), (100, 100, 100, 100), (140, 100, 160, 100), (100, 140, 140, 100)]
    prices = Prices(*np.array(bars, float).T)
    found = run(book(text), prices, [1.0, 1.0, 1.0, 1.0])
    liquidated = next(fill for fill in found.fills if fill.cause == "liquidation")
    assert liquidated.row == 2 and near(liquidated.price, (100 + 50) / 1.005)
    assert near(float(found.legs[0].gain[2]), -100)  # 2 contracts at 100, half of it put up
    assert near(float(found.legs[0].liquidation[1]), 150 / 1.005) and found.legs[0].contracts[2] == 0
    assert found.strategy.numbers.liquidations == 1


def test_a_short_that_is_liquidated_again_and_again_is_explained() -> None:
    text = WALLET.format(amount=1000) + "[venues.v]\nleverage = 5\n"
    prices = [100, 100, 120, 120, 144, 144, 173, 173]
    found = run(book(text), market(prices), [1.0] * len(prices))
    times = found.strategy.numbers.liquidations
    assert times >= 2
    said = f"was liquidated {times} times: nothing is added to what was set aside when it was opened"
    assert sum(said in note for note in found.notes) == 1
    alone = run(book(text), market(prices[:4]), [1.0] * 4)
    assert alone.strategy.numbers.liquidations == 1 and not any("liquidated" in note for note in alone.notes)


def test_a_jump_over_the_price_of_liquidation_costs_no_more_than_the_margin() -> None:
    text = WALLET.format(amount=1000) + "[venues.v]\nleverage = 2\n"
    found = run(book(text), market([100, 100, 300, 300], [100, 100, 290, 300]), [1.0] * 4)
    assert near(float(found.legs[0].gain[2]), -100)
    assert next(fill for fill in found.fills if fill.cause == "liquidation").price == 290


def test_shared_margin_counts_all_the_money_and_the_funding_received() -> None:
    held = book(WALLET.format(amount=100))
    calm = run(held, market([100, 100, 145, 145]), [1.0] * 4)
    assert not calm.strategy.numbers.liquidations
    wild = run(held, market([100, 100, 150, 150]), [1.0] * 4)
    assert wild.strategy.numbers.liquidations == 1 and near(float(wild.book.cash[2]), 0, 100)
    assert calm.strategy.numbers.nearest is not None and 0 < calm.strategy.numbers.nearest < 0.05


def test_legs_that_lean_both_ways_are_liquidated_where_both_lose() -> None:
    text = WALLET.format(amount=100) + '[[positions]]\ninstrument = "EPERP"\ncontracts = 2\nentry = 100\n'
    other = LINEAR.replace("[PERP]", "[EPERP]").replace('base = "BTC"', 'base = "ETH"')
    there_and_back = {"BTC": [100, 100, 140, 140, 60, 60], "ETH": [100, 100, 60, 60, 140, 140]}
    prices = {coin: market(closes) for coin, closes in there_and_back.items()}
    past = History(HOUR, times(6), prices)
    rules = rulelang.loads("assets BTC\n" + AS_TOLD.lstrip()).checked
    asked = Asked(rules, "told.rules", book(text + '[hedge]\nBTC = "PERP"\n', LINEAR + other), options=FREE)
    found = backtest(asked, (past, {"BTC": Feed(times(6), (np.ones(6),))}))
    assert [fill.row for fill in found.fills if fill.cause == "liquidation"] == [3, 3]


def test_tiers_of_maintenance_bring_liquidation_nearer() -> None:
    text = WALLET.format(amount=80_000) + "[venues.v]\nleverage = 2\n"
    found = run(book(text), market([40_000] * 3), [1.0] * 3)
    # 2 contracts, margin 40,000: 40,000 + 2 (40,000 - p) = 1% of 2 p - 250
    assert near(float(found.legs[0].liquidation[1]), (40_000 + 80_000 + 250) / 2.02)


@pytest.mark.parametrize("count", [3, 30])
def test_on_the_edge_of_a_tier_the_one_above_counts_however_long_the_data(count: int) -> None:
    wanted = [0.5, 0.0] + [0.0] * (count - 2)
    found = run(book(WALLET.format(amount=60_000).replace("2", "2.5", 1)), market([40_000] * count), wanted)
    # 1.25 contracts are worth 50,000: 60,000 + 50,000 - x = 1% of x - 250
    assert near(float(found.legs[0].distance[1]), 110_250 / 50_500 - 1)


def test_money_limits_what_can_be_opened() -> None:
    text = WALLET.format(amount=50) + "[venues.v]\nleverage = 1\n"
    found = run(book(text), market([100] * 3), [1.0] * 3)
    assert (found.fills[0].contracts, found.fills[0].status) == (-0.5, "capped")


def test_without_collateral_margin_is_not_modelled_and_that_is_said() -> None:
    found = run(book(HEDGED), market([100, 100, 500, 500]), [1.0] * 4)
    assert found.strategy.numbers.nearest is None and not found.strategy.numbers.liquidations
    assert any("liquidation is NOT modelled" in note for note in found.notes)


# Drift, rolls ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hedge_that_drifts_beyond_the_band_is_traded_back() -> None:
    text = '[[collateral]]\nvenue = "v"\nasset = "BTC"\namount = 10\n'
    found = run(book(text, INVERSE), market([100, 100, 101, 150, 150, 150]), [0.5] * 6, options=FREE)
    assert [fill.cause for fill in found.fills] == ["target", "drift"]
    assert found.fills[1].row == 4 and abs(float(found.book.ratio[4]) - 0.5) < 0.001


DATED = """
[F1]
venue = "v"
base = "BTC"
settle = "USDT"
payoff = "linear"
contract_size = 1
tick = 0.1
lot = 0.001
min_notional = 0
taker = "0%"
maintenance = [{{ from = 0, rate = "1%" }}]
expiry = 2024-01-09T00:00:00Z

[F2]
venue = "v"
base = "BTC"
settle = "USDT"
payoff = "linear"
contract_size = 1
tick = 0.1
lot = 0.001
min_notional = 0
taker = "0%"
maintenance = [{{ from = 0, rate = "1%" }}]
expiry = 2024-03-29T08:00:00Z
"""


def _causes(fills: tuple[Fill, ...]) -> list[tuple[str, str, int, float]]:
    return [(fill.instrument, fill.cause, fill.row, fill.contracts) for fill in fills]


def test_a_dated_hedge_rolls_into_the_next_contract_before_it_expires() -> None:
    count = 24 * 10
    near_, far = market([102.0] * count), market([105.0] * count)
    text = HEDGED + '[hedge]\nBTC = "F1"\n[limits]\nroll = "2d"\n'
    found = run(book(text, DATED), market([100.0] * count), [1.0] * count, extra={"F1": near_, "F2": far})
    assert _causes(found.fills) == [
        ("F1", "target", 1, -2.0),
        ("F1", "roll", 24 * 6, 2.0),
        ("F2", "roll", 24 * 6, -2.0),
    ]
    assert [fill.price for fill in found.fills] == [102, 102, 105]


def test_a_dated_hedge_without_a_next_one_expires_at_the_mark() -> None:
    count = 24 * 10
    text = HEDGED + '[hedge]\nBTC = "F1"\n'
    found = run(book(text, DATED.split("[F2]", maxsplit=1)[0]), market([100.0] * count), [1.0] * count)
    assert _causes(found.fills) == [("F1", "target", 1, -2.0), ("F1", "expiry", 24 * 8, 2.0)]
    assert any("priced at the close" in note for note in found.notes)


# Money ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("put", "traded", "quote"), [("", LINEAR, "USDT"), ("", INVERSE, "USD"), ("USDC", INVERSE, "USDC")]
)
def test_the_quote_currency_is_that_of_the_contracts_or_of_the_collateral(put: str, traded: str, quote: str) -> None:
    text = HEDGED + (f'[[collateral]]\nvenue = "v"\nasset = "{put}"\namount = 10\n' if put else "")
    found = run(book(text, traded), market([100] * 3), [1.0] * 3)
    assert found.quote == quote and not any("counts as" in note for note in found.notes)


def test_another_money_counts_one_for_one_and_that_is_said() -> None:
    found = run(book(WALLET.format(amount=50).replace("USDT", "USDC")), market([100] * 3), [1.0] * 3)
    assert found.quote == "USDT" and "USDC counts as USDT, one for one" in found.notes
    assert float(found.book.cash[0]) == 50


# What is compared, what is missing ────────────────────────────────────────────────────────────────────────────────────


def test_the_tracks_begin_with_the_same_money() -> None:
    found = run(book(HEDGED), market([100, 110, 90, 120]), [0.5] * 4)
    assert {float(track.equity[0]) for track in found.tracks} == {200.0}
    ends = {track.name: float(track.equity[-1]) for track in found.tracks}
    assert ends[NO_HEDGE] == 240 and ends[CASH] == 200
    assert ends[CONSTANT] == 240 - 20 and ends[FULL] == 240 - 40


def test_a_bar_without_a_price_fills_nothing_and_the_order_waits() -> None:
    opens = np.array([100.0, np.nan, np.nan, 100, 100])
    closes = np.array([100.0, np.nan, np.nan, 100, 100])
    found = run(book(HEDGED), Prices(closes, opens, opens, opens), [1.0] * 5)
    assert [(fill.row, fill.contracts) for fill in found.fills] == [(3, -2.0)]
    assert any("bars" in one or "close" in one for one in found.lacks)


def test_years_without_funding_or_bars_are_named() -> None:
    at = START - 86_400 * 30 + HOUR * np.arange(1.0, 24 * 60)
    at = np.delete(at, range(100, 110))
    settled_ = np.arange(START + 8 * HOUR, at[-1], 28_800.0)
    funding = Funding(settled_, np.full(len(settled_), 0.001))
    found = run(book(HEDGED), market([100.0] * len(at)), [1.0] * len(at), funding, at=at)
    assert [one.year for one in found.years] == [2023, 2024]
    assert found.lacks[0] == "2023: 10 of 720 bars are missing; no settlement of funding is there"


@pytest.mark.parametrize(("last", "lacking"), [(71, 0), (72, 0), (73, 1), (80, 1), (81, 2)])
def test_a_history_may_end_before_the_settlement_at_its_last_close(last: int, lacking: int) -> None:
    at = START + HOUR * np.arange(1.0, last + 1)
    settled_ = START + HOUR * np.arange(0.0, 72, 8)
    found = run(book(HEDGED), market([100.0] * last), [1.0] * last, Funding(settled_, np.full(9, 0.001)), at=at)
    assert sum(one.missing_settlements for one in found.years) == lacking


def test_no_funding_in_the_data_is_said() -> None:
    found = run(book(HEDGED), market([100.0] * 30), [1.0] * 30)
    assert any("is NOT counted" in note for note in found.notes)


@pytest.mark.parametrize("count", [0, 1])
def test_one_bar_is_no_test(count: int) -> None:
    with pytest.raises(PlanError, match="bars are left, wanted 2 or more"):
        run(book(HEDGED), market([100.0] * count), [1.0] * count)


def test_prices_that_never_come_are_refused() -> None:
    with pytest.raises(PlanError, match="bars are left"):
        run(book(HEDGED), market([float("nan")] * 5), [1.0] * 5)


def test_a_rule_that_never_acts_and_one_that_never_matters_are_told_apart() -> None:
    rules = """
bars 1h
field wanted : ratio
target hedge between 0% and 100%
rule never when wanted > 90% then hedge 10%
rule idle when wanted > 10% then hedge 20%
rule last when wanted > 10% then hedge 50%
"""
    found = run(book(HEDGED), market([100.0] * 5), [0.5] * 5, rules=rules)
    told = {one.rule: (one.never_active, one.never_mattered, one.changes, one.bars) for one in found.activity}
    assert told == {
        "never": (True, False, 0, 0),
        "idle": (False, True, 0, 5),
        "last": (False, False, 1, 5),
    }


def test_brakes_that_hold_a_change_back_are_counted_once_each() -> None:
    rules = """
bars 1h
field wanted : ratio
target hedge between 0% and 100% cooldown 3h
rule told when wanted >= 0% then hedge wanted
"""
    found = run(book(HEDGED), market([100.0] * 8), [0.2, 0.5, 0.5, 0.5, 0.7, 0.7, 0.2, 0.2], rules=rules)
    (told,) = (one for one in found.activity if one.rule == "told")
    assert dict(told.held) == {"cooldown": 2} and told.changes == 3


def test_a_floor_has_the_last_word_where_it_decides() -> None:
    rules = """
bars 1h
field wanted : ratio
target hedge between 0% and 100%
otherwise hedge 30%
rule guard when wanted > 50% then hedge at least 60%
"""
    found = run(book(HEDGED), market([100.0] * 4), [0.0, 0.9, 0.9, 0.0], rules=rules)
    words = {one.rule: (one.last_word, one.changes) for one in found.activity}
    assert words == {"guard": (2, 1), "otherwise": (2, 2)}


def test_a_contract_that_is_not_listed_yet_is_no_hole_in_the_equity() -> None:
    count = 24 * 10
    late = np.array([105.0] * count)
    late[:50] = np.nan
    far = Prices(late, late, late, late)
    text = HEDGED + '[hedge]\nBTC = "F1"\n[limits]\nroll = "2d"\n'
    listed = {"F1": market([102.0] * count), "F2": far}
    found = run(book(text, DATED), market([100.0] * count), [1.0] * count, extra=listed)
    assert all(np.isfinite(track.equity).all() for track in found.tracks)
    assert found.track(FULL).numbers.fills == 3
