"""Steps: times and values as hosts supply them, steps that are refused, and single states."""

import copy
import math
import pickle
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pandas
import pytest

import rulelang
from rulelang import StepRefused

HOUR = 3600


def _short(value: object) -> str:
    """Return a short name of a value, for the name of its test."""
    return re.sub(r"\W+", " ", repr(value))[:20].strip() or "empty"


RULES = rulelang.loads("bars 1h when close > 5 then hedge 50%")


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-05T01:00Z",
        "2026-01-05T01:00:00+00:00",
        "2026-01-05T02:00+01:00",
        datetime(2026, 1, 5, 1, tzinfo=UTC),
        datetime(2026, 1, 4, 20, tzinfo=timezone(timedelta(hours=-5))),
        1_767_574_800,
        1_767_574_800.0,
        numpy.int64(1_767_574_800),
    ],
)
def test_a_time_in_every_form(time: Any) -> None:
    assert RULES.start().step(time, {"close": 6}).time == 1_767_574_800


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 1, 5, 1, tzinfo=UTC).replace(tzinfo=None),
        "2026-01-05T01:00",
        "2026-01-05",
        date(2026, 1, 5),
        "soon",
        "",
        None,
        math.nan,
        math.inf,
        True,
        [],
        {},
        10**400,
        3600.5,
        1,
        "2026-01-05T01:30Z",
        b"2026-01-05T01:00Z",
        1j,
    ],
    ids=_short,
)
def test_a_time_that_is_refused_changes_nothing(time: Any) -> None:
    run = RULES.start()
    run.step(HOUR, {"close": 6})
    before = run.snapshot()
    with pytest.raises(StepRefused):
        run.step(time, {"close": 1})
    assert run.snapshot() == before
    assert run.step(2 * HOUR, {"close": 1}).hedge == 0


@pytest.mark.parametrize("time", [HOUR, 0, -HOUR])
def test_times_increase(time: int) -> None:
    run = RULES.start()
    run.step(HOUR, {"close": 6})
    with pytest.raises(StepRefused, match="does not come after"):
        run.step(time, {"close": 1})


def test_a_gap_longer_than_any_window_is_refused() -> None:
    run = RULES.start()
    run.step(HOUR, {"close": 6})
    with pytest.raises(StepRefused, match="missing"):
        run.step(HOUR * 10**8, {"close": 6})


def test_a_refused_step_of_one_asset_changes_none() -> None:
    run = rulelang.loads("assets BTC, ETH bars 1h when close > 5 then hedge 50% until close < 2").start()
    run.step(HOUR, {"BTC": {"close": 6}})
    run.step(HOUR * 900_000, {"ETH": {"close": 6}})
    before = run.snapshot()
    with pytest.raises(StepRefused):
        run.step(HOUR * 1_500_000, {"BTC": {"close": 1}, "ETH": {"close": 1}})
    assert run.snapshot() == before


SEVERAL = rulelang.loads("assets BTC, ETH bars 1h when close > 5 then hedge 50% until close < 2")
ENGINES = pytest.mark.parametrize("engine", ["native", "reference"])


def refused(rules: rulelang.Rules, engine: Any, values: Any) -> str:
    """Return why a step is refused, which changes nothing."""
    run = rules.start(engine=engine)
    run.step(HOUR, {"close": 6} if rules is RULES else {"BTC": {"close": 6}, "ETH": {"close": 6}})
    before = run.snapshot()
    with pytest.raises(StepRefused) as why:
        run.step(2 * HOUR, values)
    assert run.snapshot() == before
    return str(why.value)


@ENGINES
@pytest.mark.parametrize(
    ("values", "said"), [(None, "None"), ([1], "a list"), ("abc", "a str"), (5, "an int")], ids=_short
)
def test_values_that_are_no_mapping_are_refused(engine: str, values: Any, said: str) -> None:
    told = f'values are a mapping of names and values, {{"close": 65000}}; this is {said}'
    assert refused(RULES, engine, values) == told
    assert refused(SEVERAL, engine, values) == told


@ENGINES
@pytest.mark.parametrize(("value", "said"), [(None, "None"), ([1], "a list"), ("abc", "a str"), (5, "an int")])
def test_an_asset_has_a_mapping_of_its_own(engine: str, value: Any, said: str) -> None:
    told = f'`BTC` has a mapping of its own, {{"BTC": {{"close": 65000}}}}; this is {said}'
    assert refused(SEVERAL, engine, {"BTC": value}) == told
    assert refused(SEVERAL, engine, {"ETH": {"close": 6}, "BTC": value}) == told


@ENGINES
@pytest.mark.parametrize("values", [{"close": 5}, {"BTC.close": 5}, {"close": 5, "iv": None}], ids=_short)
def test_values_of_no_asset_are_refused_where_there_are_several(engine: str, values: Any) -> None:
    told = 'these rules run for BTC, ETH: each has a mapping of its own, {"BTC": {"close": 65000}}'
    assert refused(SEVERAL, engine, values) == told


@ENGINES
def test_an_asset_that_is_left_out_has_no_bar(engine: Any) -> None:
    run = SEVERAL.start(engine=engine)
    given: list[Any] = [{"BTC": {"close": 6}}, {"ETH.close": 5, "BTC": {"close": 6}}, {"DOGE": {"close": 6}}, {}]
    decided = [run.step(at * HOUR, values) for at, values in enumerate(given, 1)]
    assert list(map(list, decided)) == [["BTC"], ["BTC"], [], []]


@ENGINES
def test_a_row_of_a_frame_is_a_mapping_too(engine: Any) -> None:
    assert RULES.start(engine=engine).step(HOUR, pandas.Series({"close": 6.0})).hedge == 0.5


@ENGINES
def test_decisions_can_be_in_sets(engine: Any) -> None:
    one, again = (RULES.start(engine=engine).step(HOUR, {"close": 6}) for _ in range(2))
    several = SEVERAL.start(engine=engine).step(HOUR, {"BTC": {"close": 6}})
    for decision in (one, several):
        others = [copy.copy(decision), copy.deepcopy(decision), pickle.loads(pickle.dumps(decision))]
        assert {decision, *others} == {decision}
    assert {one, again} == {one}


def test_without_bars_any_increasing_time_will_do() -> None:
    run = rulelang.loads("when close > 5 then hedge 50%").start()
    assert [run.step(time, {"close": 6}).hedge for time in (1, 1.5, 7, 10_000)] == [0.5] * 4


@pytest.mark.parametrize(
    "value", [6, 6.0, Decimal("6"), Fraction(6), numpy.float32(6), numpy.int8(6), numpy.float64(6)]
)
def test_numbers_of_every_sort(value: Any) -> None:
    assert RULES.start().step(HOUR, {"close": value}).hedge == 0.5


@pytest.mark.parametrize("value", [None, math.nan, numpy.nan, Decimal("nan")])
def test_missing_values(value: Any) -> None:
    decision = rulelang.loads("when close is missing then hedge 50%").start().step(HOUR, {"close": value})
    assert decision.hedge == 0.5 and decision.rejected == ()


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        math.inf,
        -math.inf,
        "6",
        "",
        True,
        [],
        b"6",
        1j,
        10**400,
        Decimal("sNaN"),
        object(),
        numpy.array([1.0, 2.0]),
        numpy.array(["a", "b"]),
    ],
    ids=_short,
)
def test_values_out_of_bounds_are_missing_and_reported(value: Any) -> None:
    rules = rulelang.loads("field mood : calm | wild when close is missing or mood is wild then hedge 50%")
    decision = rules.start().step(HOUR, {"close": value, "mood": value})
    assert decision.hedge == 0.5 and set(decision.rejected) == {"close", "mood"}


def test_funding_out_of_bounds_is_reported_and_never_used() -> None:
    run = rulelang.loads("bars 8h when funding_8h > 0.05% then hedge 70%").start()
    decision = run.step(8 * HOUR, {"funding_8h": 1.5})
    assert decision.rejected == ("funding_8h",) and decision.hedge == 0
    assert run.step(16 * HOUR, {"funding_8h": 1}).hedge == 0.7


def test_fields_that_no_rule_reads_are_nobodys_business() -> None:
    assert RULES.start().step(HOUR, {"close": 6, "note": object(), "open": "x"}).rejected == ()


def test_fields_of_other_assets_in_both_forms() -> None:
    rules = rulelang.loads("when BTC.close > 5 then hedge 50%")
    assert rules.fields == ("BTC.close",)
    for values in ({"BTC.close": 6}, {"BTC": {"close": 6}}):
        assert rules.start().step(HOUR, values).hedge == 0.5


def test_several_assets_each_with_their_own_state() -> None:
    run = rulelang.loads("assets BTC, ETH bars 1h when close > 5 then hedge 50% until close < 2").start()
    first = run.step(HOUR, {"BTC": {"close": 6}, "ETH": {"close": 1}})
    assert {asset: one.hedge for asset, one in first.items()} == {"BTC": 0.5, "ETH": 0}
    with pytest.raises(LookupError, match="several assets"):
        _ = first.hedge
    second = run.step(2 * HOUR, {"ETH": {"close": 6}})
    assert second.hedge == 0.5 and list(second) == ["ETH"]
    third = run.step(3 * HOUR, {"BTC": {"close": 3}, "ETH": {"close": 3}})
    assert {asset: one.hedge for asset, one in third.items()} == {"BTC": 0.5, "ETH": 0.5}


def test_rules_on_some_assets() -> None:
    rules = rulelang.loads(
        """assets BTC, ETH, SOL
        rule a on BTC when close > 1 then hedge 10%
        rule b on all but BTC when close > 1 then hedge 20%
        otherwise hedge 5% otherwise on SOL hedge 7%"""
    )
    decision = rules.start().step(HOUR, {asset: {"close": 2} for asset in rules.assets})
    assert {asset: one.hedge for asset, one in decision.items()} == {"BTC": 0.1, "ETH": 0.2, "SOL": 0.2}
    decision = rules.start().step(HOUR, {asset: {"close": 1} for asset in rules.assets})
    assert {asset: one.hedge for asset, one in decision.items()} == {"BTC": 0.05, "ETH": 0.05, "SOL": 0.07}


# --- single states ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bars", ["", "bars 1h", "bars 8h", "bars 1d", "bars 7d", "bars 2w", "bars 1y", "bars 90m"])
def test_a_single_state(bars: str) -> None:
    rules = rulelang.loads(f"{bars} when close > 5 then hedge 50%")
    assert rules.decide({"close": 6}).hedge == 0.5
    assert rules.decide({"close": 5}).hedge == 0


def test_a_single_state_has_no_history_and_leaves_none() -> None:
    rules = rulelang.loads("bars 1h when close > 5 for 2 periods then hedge 50%")
    assert [rules.decide({"close": 6}).hedge for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize(
    "condition",
    ["within 8h before 2026-01-06", "every 1d", "time > 2026-01-01", "within 8h before expiry", "expiry - time < 8h"],
)
def test_a_single_state_needs_a_time_where_the_rules_ask_for_it(condition: str) -> None:
    rules = rulelang.loads(f"bars 1h when {condition} then hedge 50% for 2h")
    values = {"expiry": 1_767_657_600.0}
    with pytest.raises(StepRefused, match="time"):
        rules.decide(values)
    rules.decide(values, time="2026-01-05T23:00Z")


def test_a_single_state_with_params() -> None:
    rules = rulelang.loads("param p = 5 when close > p then hedge 50%")
    assert rules.decide({"close": 6}, params={"p": 7}).hedge == 0


# --- events and bars from outside ------------------------------------------------------------------------------------


def test_dates_of_events_from_outside_are_added() -> None:
    rules = rulelang.loads("bars 1h event cpi at 2026-01-05 when within 2h before cpi then hedge 50%")
    events: dict[str, list[Any]] = {"cpi": ["2026-01-06T00:00Z", datetime(2026, 1, 7, tzinfo=UTC)]}
    run = rules.start(events=events)
    times = ("2026-01-04T23:00Z", "2026-01-05T20:00Z", "2026-01-05T22:00Z", "2026-01-06T00:00Z", "2026-01-06T22:00Z")
    assert [run.step(time, {}).hedge for time in times] == [0.5, 0, 0.5, 0, 0.5]


def test_a_date_from_outside_is_midnight_as_in_a_file() -> None:
    rules = rulelang.loads("bars 1h event cpi when within 2h before cpi then hedge 50%")
    assert rules.start(events={"cpi": ["2026-01-06"]}).step("2026-01-05T22:00Z", {}).hedge == 0.5


def test_the_base_period_from_outside() -> None:
    rules = rulelang.loads("when close > 5 then hedge 50%")
    assert rules.start(bars="1h").rules.bars == rules.start(bars=3600).rules.bars == 3600


@pytest.mark.parametrize("bars", ["1x", "", "h", -5, 0, "0h", 1.5], ids=_short)
def test_a_base_period_that_is_none(bars: Any) -> None:
    rules = rulelang.loads("when close > 5 then hedge 50%")
    with pytest.raises(ValueError, match=r"bar|duration|period"):
        rules.start(bars=bars)


def test_a_base_period_against_the_file_is_refused() -> None:
    with pytest.raises(ValueError, match="1h"):
        RULES.start(bars="2h")
