"""Bytes that are no snapshot of a run of these rules are refused, and change nothing."""

import pytest
from attrs import evolve

import rulelang
from rulelang.engine.run import EngineRun
from rulelang.evaluate import SnapshotError


def test_bytes_that_are_no_snapshot_of_these_rules_are_refused() -> None:
    rules = rulelang.loads("bars 1h when close > sma(close, 20) for 3 periods then hedge 70%")
    run = EngineRun(rules.checked, {})
    run.step(3600, {"close": 100.0})
    saved = run.snapshot()
    other = EngineRun(rulelang.loads("bars 1h when close > sma(close, 21) then hedge 70%").checked, {})
    with pytest.raises(SnapshotError, match="not of a run of these rules"):
        other.load(saved)
    for wrong in (b"", saved[:-1], saved + b"x", saved[:60] + b"?" + saved[61:], b"x" + saved, saved[:30]):
        with pytest.raises(SnapshotError):
            run.load(wrong)
    assert run.snapshot() == saved
    assert evolve(run.step(7200, {"close": 1.0})[None], told=None).hedge == 0.0
