"""What a long gap passes over at the cost of a short one; that nothing differs then is asked of generated pairs too."""

import pytest

import rulelang
from rulelang.engine.run import EngineRun
from tests.engine.agreement import differing
from tests.engine.guided import bare

JANUARY = 1_767_225_600


@pytest.mark.parametrize(
    ("condition", "still"),
    [
        ("close > sma(close, 200) for 3 periods", True),
        ("funding_8h > 0.05% for 3 periods", True),
        ("close@1d > ema(close, 20)@1d", True),
        ("rsi(close, 14) > 70 for 6 periods of 8h", True),
        ("count(close is missing, 5) > 3", True),
        ("within 24h before 2026-12-24", True),
        ("periods_since(close > 100) > 5", True),
        ("hedge.age > 3d", True),
        ("highest(periods_since(close > 100), 9) > 5 for 3 periods", True),
        ("hedge.age crosses above 3d for 1 of 5 periods", False),
        ("periods_since(hedge.age > 3d) > 5", False),
        ("ema(periods_since(close > 100), 9) > 5", False),
    ],
)
def test_what_is_passed_over(condition: str, still: bool) -> None:
    rules = rulelang.loads(f"bars 1h when {condition} then hedge 70%")
    assert (EngineRun(rules.checked, {}).assets[None].program.still >= 0) is still


MOVING = """
bars 1h
let since = periods_since(close > 101)
let day_since = periods_since(close > 101)@1d
when since > 700 then hedge 10%
when highest(since, 30) > 650 for 3 periods then hedge 20%
when hedge.age > 30d for 9 periods then hedge 30%
when day_since > 20 for 2 of 3 periods then hedge 40%
when change(day_since, 3) > 5% then hedge 50%
when within 40d before 2026-03-01 for 5 periods then hedge 60%
when count(hedge.age > 2d, 12) > 11 then hedge 70%
when since rises 5% over 40 periods then hedge 80%
when sma(if(close is missing, 2, 1), 5) > 1.5 then hedge 90%
"""


@pytest.mark.parametrize("length", [3, 40, 200, 800, 801, 2500])
def test_what_moves_in_a_gap_is_passed_over(length: int) -> None:
    rules = rulelang.loads(MOVING)
    run, reference = EngineRun(rules.checked, {}), rules.start(records=False, engine="reference")
    assert run.assets[None].program.still >= 0
    closes = [100, 102, *[100] * 50, *[100] * 60]
    for bar, close in enumerate(closes):
        now = JANUARY + 3600 * (bar + (length if bar > 51 else 0))
        ours, theirs = run.step(now, {"close": close}), reference.step(now, {"close": close})
        assert not differing(run, reference, None), bar
        assert bare(ours) == bare(theirs)
