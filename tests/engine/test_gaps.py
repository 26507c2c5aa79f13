"""What a long gap passes over at the cost of a short one; that nothing differs then is asked of generated pairs."""

import pytest

import rulelang
from rulelang.engine.run import EngineRun


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
