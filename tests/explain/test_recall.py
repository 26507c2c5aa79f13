"""Records on demand: those that the reference would keep, in any order, after gaps and restarts, or `Forgotten`."""

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rulelang
from rulelang.evaluate.decision import Forgotten
from rulelang.explain.why import why
from rulelang.text.outline import outlined
from tests.properties.pairs import Pair, decided
from tests.strategies import Market

HOUR = 3600
RULES = """
bars 1h
target hedge cooldown 8h
rule dear when close > sma(close, 5) for 2 periods then hedge 70% because "close {close}"
rule falling when change(close, 3) < -2% then hedge at least 40% for 6h
otherwise hedge 20%
"""
PAIR = "assets BTC, SOL\nbars 1h\nrule falling when change(close, 1) < change(BTC.close, 1) then hedge 60%"


def closes(hours: int) -> list[dict[str, Any]]:
    return [{"close": 100 + (7 * hour % 11) - (hour % 5)} for hour in range(hours)]


def stepped(run: Any, values: list[dict[str, Any]], first: int = 1) -> list[Any]:
    return [run.step(hour * HOUR, one) for hour, one in enumerate(values, first)]


def told(decisions: list[Any]) -> list[Any]:
    return [one.record for one in decisions]


def plain(record: Any) -> Any:
    """Return a record without what the engine decided otherwise: whether it does is asked elsewhere."""
    return {key: value for key, value in record.items() if key != "disagreement"}


@given(st.data())
def test_records_are_those_of_the_reference_in_any_order(data: st.DataObject) -> None:
    pair = Pair(data)
    ours = decided(pair.rules.start(), pair.market)
    for at in data.draw(st.permutations(range(len(ours)))):
        for asset, theirs in pair.decisions[at].items():
            assert plain(ours[at][asset].record) == theirs.record


@given(st.data())
def test_records_go_on_with_the_state_of_a_snapshot(data: st.DataObject) -> None:
    pair = Pair(data)
    at = pair.position()
    first = pair.rules.start()
    decided(first, Market(pair.market.steps[:at]))
    run = pair.rules.resume(first.snapshot(why=True))
    for ours, theirs in zip(decided(run, pair.market, at), pair.decisions[at:], strict=True):
        assert {asset: plain(one.record) for asset, one in ours.items()} == {a: one.record for a, one in theirs.items()}


def test_asked_once_more_a_record_is_the_same() -> None:
    run = rulelang.loads(RULES).start()
    decisions = stepped(run, closes(20))
    late = decisions[15].record
    assert decisions[3].record == decisions[3].record
    assert decisions[15].record is late


def test_of_steps_after_a_gap() -> None:
    hours = [1, 2, 3, 40, 41, 90]
    runs = [rulelang.loads(RULES).start(engine=engine) for engine in ("native", "reference")]
    ours, theirs = ([run.step(hour * HOUR, {"close": 100 + hour % 7}) for hour in hours] for run in runs)
    assert told(ours[::-1]) == told(theirs[::-1])


def test_of_several_assets_with_steps_in_which_one_is_absent() -> None:
    values = [{asset: {"close": 100 + (at * 3 + len(asset)) % 7} for asset in ("BTC", "SOL")} for at in range(12)]
    del values[5]["SOL"], values[8]["BTC"]
    runs = [rulelang.loads(PAIR).start(engine=engine) for engine in ("native", "reference")]
    ours, theirs = (stepped(run, values) for run in runs)
    assert [set(one) for one in ours] == [set(one) for one in theirs]
    for at in (11, 0, 8, 5, 9):
        assert {a: one.record for a, one in ours[at].items()} == {a: one.record for a, one in theirs[at].items()}


# --- what is forgotten


def test_of_older_steps_than_are_kept() -> None:
    run = rulelang.loads(RULES).start(keep=10)
    decisions = stepped(run, closes(10))
    assert decisions[9].record["time"] == "1970-01-01T10:00Z"
    decisions += stepped(run, closes(5), first=11)
    assert decisions[14].record["time"] == "1970-01-01T15:00Z"
    with pytest.raises(Forgotten, match=r"why can't be told of step 3: a run keeps .* its newest 10 steps"):
        _ = decisions[2].record


def test_without_catching_up_a_long_run_forgets_and_with_it_it_does_not() -> None:
    forgetful, mindful = (rulelang.loads(RULES).start(keep=10) for _ in range(2))
    values = closes(60)
    reference = stepped(rulelang.loads(RULES).start(engine="reference"), values)
    decisions = []
    for hour, one in enumerate(values, 1):
        forgotten = forgetful.step(hour * HOUR, one)
        decisions.append(mindful.step(hour * HOUR, one))
        if hour % 10 == 0:
            mindful.catch_up()
    with pytest.raises(Forgotten, match="call `catch_up`"):
        _ = forgotten.record
    assert decisions[-1].record == reference[-1].record


def test_once_the_reference_is_left_behind_nothing_can_be_told_any_more() -> None:
    run = rulelang.loads(RULES).start(keep=10)
    decisions = stepped(run, closes(11))
    asked = [lambda: decisions[0].record, lambda: decisions[10].record, run.catch_up, lambda: run.snapshot(why=True)]
    for ask in asked:
        with pytest.raises(Forgotten, match=r"any step of this run .* no step yet, and what came with step 1 is no"):
            ask()

    run = rulelang.loads(RULES).start(keep=10)
    decisions = stepped(run, closes(7))
    run.catch_up()
    decisions += stepped(run, closes(10), first=8)
    assert decisions[16].record["time"] == "1970-01-01T17:00Z"
    decisions += stepped(run, closes(11), first=18)
    with pytest.raises(Forgotten, match=r"up to step 17 only, .* step 18 is no longer .* at least every 10 steps"):
        _ = decisions[27].record


def test_what_lies_before_the_oldest_checkpoint_is_said() -> None:
    run = rulelang.loads(RULES).start(keep=64)
    decisions = stepped(run, closes(60))
    run.catch_up()
    decisions += stepped(run, closes(37), first=61)
    with pytest.raises(Forgotten, match="of step 34: the reference can go back to step 35, and no further"):
        _ = decisions[33].record
    assert decisions[34].record["time"] == "1970-01-02T11:00Z"


def test_from_its_checkpoints_it_goes_back() -> None:
    values = closes(90)
    reference = stepped(rulelang.loads(RULES).start(engine="reference"), values)
    run = rulelang.loads(RULES).start(keep=64)
    decisions = stepped(run, values[:60])
    run.catch_up()
    decisions += stepped(run, values[60:], first=61)
    for at in (89, 40, 36, 88, 28):
        assert decisions[at].record == reference[at].record
    with pytest.raises(Forgotten):
        _ = decisions[20].record


def test_without_records_there_are_none() -> None:
    assert stepped(rulelang.loads(RULES).start(records=False), closes(3))[-1].record is None
    with pytest.raises(ValueError, match="`keep` is a number of steps, 1 or more, not 0"):
        rulelang.loads(RULES).start(keep=0)


# --- restarts


def test_resumed_without_why_nothing_can_be_told() -> None:
    rules = rulelang.loads(RULES)
    run = rules.start()
    stepped(run, closes(5))
    (after,) = stepped(rules.resume(run.snapshot()), [{"close": 99}], first=6)
    assert after.targets == run.step(6 * HOUR, {"close": 99}).targets
    with pytest.raises(Forgotten, match=r"went on from a snapshot without .* `snapshot\(why=True\)`"):
        _ = after.record


def test_resumed_with_why_since_and_price_are_those_before() -> None:
    rules, values = rulelang.loads(RULES), closes(30)
    reference = told(stepped(rules.start(engine="reference"), values))
    run = rules.start()
    stepped(run, values[:12])
    resumed = rules.resume(run.snapshot(why=True))
    assert told(stepped(resumed, values[12:], first=13)[::-1]) == reference[12:][::-1]


def test_a_snapshot_with_why_decides_as_one_without() -> None:
    rules, values = rulelang.loads(RULES), closes(30)
    run = rules.start()
    stepped(run, values[:12])
    with_it, without = (rules.resume(run.snapshot(why=why)) for why in (True, False))
    pairs = zip(stepped(with_it, values[12:], first=13), stepped(without, values[12:], first=13), strict=True)
    assert all((one.targets, one.active) == (other.targets, other.active) for one, other in pairs)


# --- what callers do with what they gave and got


def test_a_caller_who_reuses_its_dict_changes_nothing() -> None:
    rules, values = rulelang.loads(RULES), closes(10)
    reference = told(stepped(rules.start(engine="reference"), values))
    run, reused = rules.start(), {}
    decisions = []
    for hour, one in enumerate(values, 1):
        reused.update(one)
        decisions.append(run.step(hour * HOUR, reused))
    reused.clear()
    assert told(decisions) == reference


def test_a_caller_who_reuses_the_dicts_of_several_assets_changes_nothing() -> None:
    run = rulelang.loads(PAIR).start()
    values = {"BTC": {"close": 100}, "SOL": {"close": 100}}
    first = run.step(HOUR, values)
    values["SOL"]["close"] = 1
    values["BTC"].clear()
    assert first["SOL"].record["inputs"] == {"close": 100, "SOL.close": 100, "BTC.close": 100}


def test_a_decision_that_was_pickled_has_its_record() -> None:
    decisions = stepped(rulelang.loads(RULES).start(), closes(10))
    again = [pickle.loads(pickle.dumps(one)) for one in decisions]
    assert again == decisions
    assert told(again) == told(decisions)


def test_a_pickled_decision_whose_record_is_forgotten_keeps_the_rest() -> None:
    decisions = stepped(rulelang.loads(RULES).start(keep=2), closes(10))
    again = pickle.loads(pickle.dumps(decisions[0]))
    assert (again.time, again.hedge, again.active) == (decisions[0].time, decisions[0].hedge, decisions[0].active)
    with pytest.raises(Forgotten, match="what came with step 1 is no longer"):
        _ = again.record


# --- disagreement


def test_what_engine_and_reference_decide_differently_is_told() -> None:
    rules = rulelang.loads("bars 1h rule low when close < 100 then hedge 50%")
    run, other = rules.start(), rules.start()
    decision = run.step(HOUR, {"close": 99.0})
    assert decision.hedge == 0.5
    other.step(HOUR, {"close": 101.0})
    assert run.recollection is not None
    run.recollection.steps = other  # as if the engine had computed something else
    assert decision.record["disagreement"] == [
        "the engine decided that rule `low` is active, the reference that it is not",
        "desired for `hedge` is 0.5 by the engine, 0.0 by the reference",
        "in force for `hedge` is 0.5 by the engine, 0.0 by the reference",
        "the last word on `hedge` is low by the engine, none by the reference",
    ]
    lines = [line.strip() for line in outlined(why(decision.record), 200)]
    at = lines.index("the engine and the reference, which tells this, disagree: please report it")
    assert lines[at + 1] == "the engine decided that rule `low` is active, the reference that it is not"


def test_where_they_agree_nothing_is_told_of_it() -> None:
    decisions = stepped(rulelang.loads(RULES).start(), closes(40))
    assert not any("disagreement" in record for record in told(decisions))
