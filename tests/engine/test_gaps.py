"""A long gap is passed over without a difference, at the cost of a short one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rulelang
from rulelang import Rules
from rulelang.engine.run import EngineRun
from tests.engine.test_engine import is_tie, loaded, near, node_values
from tests.strategies import files, grounds, markets

WEEKS = 604_800


def with_gap(rules: Rules, market: Any, at: int, length: int) -> None:
    """Check that engine and reference agree after a gap in the middle of a market."""
    run, reference = EngineRun(rules.checked, {}), rules.start(records=False, engine="reference")
    for bar, step in enumerate(market.steps):
        time = step.time + (length if bar >= at else 0)
        ours, theirs = run.step(time, step.values), reference.step(time, step.values)
        for asset in theirs:
            wrong = node_values(run.assets[asset], reference, asset)
            if wrong and is_tie(run.assets[asset], wrong[0][0]):
                return
            assert not wrong, (bar, step, wrong)
            near(ours[asset], theirs[asset])


@settings(max_examples=max(1, settings().max_examples // 4))
@given(st.data())
def test_a_gap_of_weeks(data: st.DataObject) -> None:
    written = data.draw(files(grounds()))
    rules = loaded(written.text, written.ground)
    market = data.draw(markets(written.ground, written.fields))
    with_gap(rules, market, data.draw(st.integers(0, len(market))), data.draw(st.sampled_from((1, 3, 8))) * WEEKS)


@pytest.mark.parametrize(
    ("condition", "still"),
    [
        ("close > sma(close, 200) for 3 periods", True),
        ("funding_8h > 0.05% for 3 periods", True),
        ("close@1d > ema(close, 20)@1d", True),
        ("rsi(close, 14) > 70 for 6 periods of 8h", True),
        ("count(close is missing, 5) > 3", False),
        ("within 24h before 2026-12-24", False),
        ("periods_since(close > 100) > 5", False),
        ("hedge.age > 3d", False),
    ],
)
def test_what_is_passed_over(condition: str, still: bool) -> None:
    rules = rulelang.loads(f"bars 1h when {condition} then hedge 70%")
    assert (EngineRun(rules.checked, {}).assets[None].program.still >= 0) is still
