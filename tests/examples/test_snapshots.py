"""Snapshots: state that goes on, also under changed rules; what is kept, reset and new (clause 6.9)."""

from typing import Any

import pytest

import rulelang
from rulelang import Rules, Run, SnapshotError

HOUR = 3600
BEFORE = """
bars 1h
target hedge between 0% and 100% cooldown 4h
rule broken
  when close < 10 for 3 periods
  then hedge at least 75%
  until close > at_trigger(close) for 2 periods
rule crowded
  when iv > 80%
  then hedge 60%
when close > 100 then hedge 5% until close < 90
otherwise hedge 20%
"""


def fed(run: Run, *closes: float, start: int = 1) -> Run:
    for at, close in enumerate(closes, start):
        run.step(at * HOUR, {"close": close, "iv": 0.5})
    return run


def resumed(text: str, *closes: float) -> Run:
    run = fed(rulelang.loads(BEFORE).start(), *closes)
    return rulelang.loads(text).resume(run.snapshot())


def loads(run: Run) -> tuple[list[str], list[str], list[str]]:
    assert run.resumed is not None
    return sorted(run.resumed.kept), sorted(run.resumed.reset), sorted(run.resumed.new)


ALL = ["broken", "crowded", "line_11"]


def test_the_same_rules_keep_everything() -> None:
    run = resumed(BEFORE, 9, 9, 9)
    assert loads(run) == (ALL, [], [])
    decision = run.step(4 * HOUR, {"close": 9})
    assert decision.active["broken"] and decision.hedge == 0.75
    assert decision.targets["hedge"].before == 0.75


def test_white_space_and_comments_are_no_change() -> None:
    run = resumed("# better\n\n" + BEFORE.replace("close < 10", "close<10").replace("\n", " \n\n"), 9, 9, 9)
    assert loads(run)[1:] == ([], [])
    assert run.step(4 * HOUR, {"close": 9}).active["broken"]


def test_an_edited_condition_resets_its_rule_alone() -> None:
    run = resumed(BEFORE.replace("close < 10", "close < 11"), 9, 9, 9)
    assert loads(run) == (["crowded", "line_11"], ["broken"], [])
    assert not run.step(4 * HOUR, {"close": 12}).active["broken"]


def test_an_edited_exit_resets_its_rule_alone() -> None:
    run = resumed(BEFORE.replace("for 2 periods", "for 4 periods"), 9, 9, 9)
    assert loads(run) == (["crowded", "line_11"], ["broken"], [])


def test_an_edited_action_keeps_the_state() -> None:
    run = resumed(BEFORE.replace("at least 75%", "at least 85%"), 9, 9, 9)
    assert loads(run) == (ALL, [], [])
    assert run.step(4 * HOUR, {"close": 9}).hedge == 0.85


def test_a_renamed_rule_is_new() -> None:
    run = resumed(BEFORE.replace("rule broken", "rule broke"), 9, 9, 9)
    assert loads(run) == (["crowded", "line_11"], [], ["broke"])
    assert not run.step(4 * HOUR, {"close": 12}).active["broke"]


def test_an_added_rule_is_new_and_leaves_the_others_alone() -> None:
    run = resumed(BEFORE + "\nrule more when close > 5 then hedge at most 90%", 9, 9, 9)
    assert loads(run) == (ALL, [], ["more"])
    decision = run.step(4 * HOUR, {"close": 9})
    assert decision.active["broken"] and decision.active["more"]


def test_a_rule_without_a_name_is_known_by_itself() -> None:
    """Lines put above it move its `line_11`, not its state."""
    moved = BEFORE.replace("rule crowded", "rule other when close > 500 then hedge 1%\nrule crowded")
    run = resumed(moved, 101, 101, 95)
    assert loads(run) == (["broken", "crowded", "line_12"], [], ["other"])
    assert run.step(4 * HOUR, {"close": 95}).active["line_12"]


def test_what_was_in_force_goes_on_and_enters_new_bounds() -> None:
    run = resumed(BEFORE.replace("between 0% and 100%", "between 0% and 50%"), 9, 9, 9)
    outcome = run.step(4 * HOUR, {"close": 9}).targets["hedge"]
    assert outcome.before == 0.75 and outcome.after == 0.5


def test_windows_go_on_where_only_rules_changed() -> None:
    before = "bars 1h rule a when close > sma(close, 3) then hedge 50%"
    after = "bars 1h rule b when sma(close, 3) < close then hedge 50%"
    run = fed(rulelang.loads(before).start(), 1, 2)
    again = rulelang.loads(after).resume(run.snapshot())
    assert again.step(3 * HOUR, {"close": 3}).hedge == 0.5


def test_another_base_period_resets_every_rule() -> None:
    run = fed(rulelang.loads("bars 1h rule a when close > 1 then hedge 50% until close < 0.5").start(), 2, 2)
    again = rulelang.loads("bars 2h rule a when close > 1 then hedge 50% until close < 0.5").resume(run.snapshot())
    assert loads(again) == ([], ["a"], [])
    assert again.step(4 * HOUR, {"close": 0.8}).active == {"a": False}


def test_a_step_before_the_snapshot_is_refused() -> None:
    run = resumed(BEFORE, 9, 9, 9)
    with pytest.raises(rulelang.StepRefused):
        run.step(3 * HOUR, {"close": 9})


def test_assets_have_their_own_state() -> None:
    one = rulelang.loads("assets BTC, ETH bars 1h rule r when close > 5 then hedge 50% until close < 2")
    run = one.start()
    run.step(HOUR, {"BTC": {"close": 6}, "ETH": {"close": 1}})
    more = rulelang.loads("assets ETH, SOL, BTC bars 1h rule r when close > 5 then hedge 50% until close < 2")
    again = more.resume(run.snapshot())
    assert loads(again) == (["BTC.r", "ETH.r"], [], ["SOL.r"])
    decision = again.step(2 * HOUR, {asset: {"close": 4} for asset in ("BTC", "ETH", "SOL")})
    assert {asset: decided.hedge for asset, decided in decision.items()} == {"BTC": 0.5, "ETH": 0, "SOL": 0}


@pytest.mark.parametrize(
    "junk", [b"", b"abc", b"rulelang-state-1\n", b"rulelang-state-1\n" + b"\0" * 80, b"rulelang-state-9\n" + b"x" * 64]
)
def test_bytes_that_are_no_snapshot(junk: bytes) -> None:
    with pytest.raises(SnapshotError):
        rulelang.loads(BEFORE).resume(junk)


def test_a_damaged_snapshot() -> None:
    saved = fed(rulelang.loads(BEFORE).start(), 9, 9).snapshot()
    rules = rulelang.loads(BEFORE)
    for at in range(0, len(saved), 7):
        damaged = saved[:at] + bytes([saved[at] ^ 1]) + saved[at + 1 :]
        with pytest.raises(SnapshotError):
            rules.resume(damaged)
    with pytest.raises(SnapshotError):
        rules.resume(saved[:-3])


def test_a_snapshot_before_the_first_step() -> None:
    rules = rulelang.loads(BEFORE)
    again = rules.resume(rules.start().snapshot())
    assert [fed(again, 9, 9, 9).step(4 * HOUR, {"close": 9}).hedge] == [0.75]


def test_a_snapshot_of_other_rules_is_loaded_as_far_as_it_fits() -> None:
    rules: Rules = rulelang.loads("when funding_8h > 0.05% for 3 periods then hedge 70%")
    run = rules.resume(fed(rulelang.loads(BEFORE).start(), 9).snapshot())
    assert loads(run)[0] == []
    assert run.step(2 * HOUR, {"close": 9}).hedge is not None


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize(("snapshot", "said"), [(None, "None"), ("abc", "a str"), ([], "a list")])
def test_what_is_no_bytes_is_no_snapshot(engine: Any, snapshot: Any, said: str) -> None:
    with pytest.raises(SnapshotError, match=f"a snapshot is bytes, as `snapshot` returns them; this is {said}"):
        rulelang.loads(BEFORE).resume(snapshot, engine=engine)


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("of", [bytes, bytearray, memoryview])
def test_bytes_of_every_sort(engine: Any, of: Any) -> None:
    rules = rulelang.loads(BEFORE)
    run = rules.start(engine=engine)
    run.step(HOUR, {"close": 9, "iv": 0.5})
    assert loads(rules.resume(of(run.snapshot()), engine=engine)) == (ALL, [], [])
