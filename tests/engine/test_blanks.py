"""A long gap taken at once leaves every memory as it would be after walking all its bars."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rulelang
from rulelang.engine.run import EngineRun

HOUR = 3600
JANUARY = 1_767_225_600
KNOWN = """
bars 1h
when sma(close, 9) > 100 for 3 periods then hedge 10%
when ema(close, 9) > 100 for 40 periods then hedge 15%
when rsi(close, 5) > 60 for 2 of 5 periods then hedge 20%
when atr(4) > 1 or wilder(close, 3) > 105 then hedge 25%
when median(close, 7) > percentile(close, 25, 11) for 1 of 3 periods then hedge 30%
when rank(close, 6) > 50% and wma(close, 5) > 100 then hedge 35%
when stdev(close, 8) > 1 or zscore(close, 6) > 1 then hedge 40%
when vwap(5) > 100 or correlation(close, volume, 6) > 0.5 then hedge 45%
when highest(close, 12) > 110 and drawdown(close, 10) > 2% for 3 periods then hedge 50%
when close rises 2% over 3 periods then hedge 55%
when close crosses above sma(close, 4) then hedge 60% for 1d
when close is missing for 2 periods then hedge 65%
when hedge > 30% for 3 periods then hedge at least 12%
when change(close, 3) > 1% then hedge 70% until close < 100 for 2 periods
when point_of_control(6) > 100 or value_area_high(5) > 101 then hedge 75%
when every 7d then hedge 80% for 2d
"""
UNKNOWN = [
    "periods_since(close > 100) > 5",
    "ema(sma(close, 3), 4) > 100",
    "sma(close, 3) crosses above 100",
    "close@1d > 100",
    "count(close is missing, 5) > 3",
    "funding_8h > 0.05% for 3 periods",
    "hedge.age > 3d for 3 periods",
    "sma(if(close is missing, 2, 1), 5) > 1.5",
]


@pytest.mark.parametrize("condition", UNKNOWN)
def test_what_has_to_be_walked(condition: str) -> None:
    rules = rulelang.loads(f"bars 1h when {condition} then hedge 70% for 1d")
    assert EngineRun(rules.checked, {}).assets[None].program.blank_after == -1


PRICES = st.floats(90, 110) | st.sampled_from([100.0, None])
BARS = st.lists(st.tuples(PRICES, st.floats(0, 2), st.floats(0, 9)), min_size=1, max_size=60)


def supplied(bar: tuple[float | None, float, float]) -> dict[str, Any]:
    close, range_, volume = bar
    if close is None:
        return {"volume": volume}
    return {"close": close, "high": close + range_, "low": close - range_, "volume": volume}


@given(BARS, st.integers(0, 30), BARS, st.integers(0, 2000), BARS)
def test_all_is_as_if_walked_to_the_last_bit(before: Any, more: int, between: Any, longer: int, after: Any) -> None:
    rules = rulelang.loads(KNOWN)
    run, walked = EngineRun(rules.checked, {}), EngineRun(rules.checked, {})
    machine, other = run.assets[None].machine, walked.assets[None].machine
    least = machine.blank_after
    assert least > 0
    other.still = other.blank_after = -1  # every bar is walked
    now = JANUARY
    for part, gap in ((before, 0), (between, least + more), (after, least // 2 + longer)):
        now += HOUR * gap
        for bar in part:
            now += HOUR
            assert run.step(now, supplied(bar)) == walked.step(now, supplied(bar))
            assert machine.live.bank() == other.live.bank()
            assert machine.live.truths() == other.live.truths()
