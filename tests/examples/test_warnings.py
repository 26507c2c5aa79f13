"""The warnings that save money, one by one, and their neighbours that must stay silent."""

import pytest

from rulelang.check import Outside, check
from rulelang.text import Source
from tests.examples.saying import codes, errors, warnings

THEN = "then hedge 50%"


def said(condition: str, before: str = "") -> list[str]:
    return codes(warnings(f"bars 1h {before} when {condition} {THEN}"))


# --- a momentary condition without an end ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        "close crosses above 5",
        "every 7d",
        "close crosses above 5 and close > 1",
        "close crosses above 5 or every 1d",
        "(close crosses above 5)@1d",
    ],
)
def test_a_momentary_condition_without_an_end(condition: str) -> None:
    (found,) = errors(f"bars 1h when {condition} {THEN}")
    assert found.code == "RL503"
    assert found.fixes


def test_a_momentary_condition_behind_a_name() -> None:
    assert codes(errors(f"bars 1h let c = close crosses above 5 when c {THEN}")) == ["RL503"]


@pytest.mark.parametrize(
    "rule",
    [
        'when close crosses above 5 then alert "x"',
        "when close crosses above 5 or close > 1 then hedge 1%",
        "when not close crosses above 5 then hedge 1%",
        "when close crosses above 5 then hedge 1% for 1d",
        "when close crosses above 5 then hedge 1% until close < 4",
        "when close crosses above 5 for 1 of 2 periods then hedge 1%",
    ],
)
def test_what_keeps_a_moment(rule: str) -> None:
    assert warnings(f"bars 1h {rule}") == []


def test_one_period_of_a_moment_is_a_moment() -> None:
    assert codes(errors(f"bars 1h when close crosses above 5 for 1 periods {THEN}")) == ["RL503"]


# --- thresholds that can't be reached --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        "close > highest(high, 20)",
        "close > highest(close, 20)",
        "highest(high, 20) < close",
        "close < lowest(low, 20)",
        "zscore(close, 10) > 3",
        "zscore(close, 10) < -3",
        "rsi(close, 14) > 100",
        "rank(iv, 10) > 100%",
        "drawdown(close, 20) > 100%",
        "count(close > open, 5) > 5",
        "volume < 0",
        "high < low",
        "close > 1 and rsi(close, 14) > 100",
    ],
)
def test_a_threshold_that_can_never_be_reached(condition: str) -> None:
    assert said(condition) == ["RL509"]


@pytest.mark.parametrize(
    "condition",
    [
        "close >= highest(high, 20)",
        "close > previous(highest(high, 20), 1)",
        "zscore(close, 10) >= 3",
        "zscore(close, 11) > 3",
        "rsi(close, 14) >= 100",
        "count(close > open, 5) >= 5",
    ],
)
def test_a_threshold_that_can_just_be_reached(condition: str) -> None:
    assert said(condition) == []


@pytest.mark.parametrize("condition", ["rsi(close, 14) between 101 and 200", "close between 5 and 3"])
def test_a_corridor_that_can_never_be_reached(condition: str) -> None:
    assert said(condition) == ["RL509"]


def test_a_breakout_includes_its_own_bar_and_the_repair_says_so() -> None:
    (found,) = warnings(f"when close > highest(high, 20) {THEN}")
    assert [fix.text for fix in found.fixes] == ["previous(highest(high, 20), 1)"]


@pytest.mark.parametrize(
    "condition", ["funding_8h > 40%", "funding_8h < -4%", "iv > 400%", "iv > 5%", "funding_8h@1d > 40%"]
)
def test_a_threshold_far_from_what_the_field_is(condition: str) -> None:
    assert said(condition) == ["RL510"]


@pytest.mark.parametrize("condition", ["funding_8h > 40% per 1y", "funding_8h > 3%", "iv > 80%", "funding_8h > 0"])
def test_a_threshold_that_the_field_may_have(condition: str) -> None:
    assert said(condition) == []


def test_an_average_of_funding_is_as_far_from_forty_percent() -> None:
    assert said("sma(funding_8h, 3) > 40%") == ["RL510"]


# --- a rule that reads the target it sets ----------------------------------------------------------------------------


@pytest.mark.parametrize("condition", ["hedge < 50%", "(hedge < 50%)@1d", "close > 1 and hedge between 10% and 20%"])
def test_a_rule_that_reads_the_target_it_sets(condition: str) -> None:
    assert said(condition) == ["RL508"]


def test_a_rule_that_reads_the_target_it_sets_by_a_let_or_in_its_exit() -> None:
    assert said("now < 50%", "let now = hedge") == ["RL508"]
    assert codes(warnings("bars 1h when close > 1 then hedge 60% until hedge < 50%")) == ["RL508"]


@pytest.mark.parametrize("condition", ["hedge.age > 8h", "hedge.actual < 50%", "close > hedge.price"])
def test_a_rule_may_ask_for_age_price_and_the_real_ratio(condition: str) -> None:
    assert said(condition) == []


def test_a_rule_may_read_another_target() -> None:
    text = "bars 1h target leverage between 0 and 3 when hedge < 50% then leverage 1"
    assert warnings(text) == []


# --- an exit that overlaps its entry ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "exit_"),
    [
        ("close > 10", "close < 20"),
        ("close > 10", "20 > close"),
        ("close < 10", "close > 8"),
        ("close > 10 for 3 periods", "close < 20 for 2 periods"),
    ],
)
def test_an_exit_that_overlaps_its_entry(entry: str, exit_: str) -> None:
    assert codes(warnings(f"bars 1h when {entry} then hedge 60% until {exit_}")) == ["RL511"]


@pytest.mark.parametrize("exit_", ["close > 5", "close > 10", "close >= 10"])
def test_an_exit_that_is_true_wherever_its_entry_is(exit_: str) -> None:
    assert codes(warnings(f"bars 1h when close > 10 then hedge 60% until {exit_}")) == ["RL511"]


@pytest.mark.parametrize("exit_", ["close < 10", "close <= 10", "close < 9", "close > 15"])
def test_an_exit_on_the_other_side(exit_: str) -> None:
    assert warnings(f"bars 1h when close > 10 then hedge 60% until {exit_}") == []


# --- bounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action", ["hedge at least 175%", "hedge at most -5%", "hedge 120%", "hedge between 50% and 120%"]
)
def test_what_a_bound_contradicts(action: str) -> None:
    assert codes(warnings(f"when close > 1 then {action}")) == ["RL514"]


def test_a_floor_above_a_declared_bound() -> None:
    text = "target hedge between 0% and 50% when close > 1 then hedge at least 75%"
    assert codes(warnings(text)) == ["RL514"]


def test_an_otherwise_outside_the_bounds() -> None:
    assert codes(warnings("when close > 1 then hedge 1% otherwise hedge 120%")) == ["RL514"]


# --- never used ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "what"), [("param p = 5", "param `p`"), ("let p = close", "let `p`"), ("event cpi", "event `cpi`")]
)
def test_what_is_never_used(declared: str, what: str) -> None:
    (found,) = warnings(f"{declared} when close > 1 {THEN}")
    assert found.code == "RL210" and what in found.message


@pytest.mark.parametrize(
    "text",
    [
        'let a = close when close > 1 then hedge 1% because "{a}"',
        "param n = 3 when close > sma(close, n) then hedge 1%",
        "param p = 5% target hedge between 0% and 100% change at least p when close > 1 then hedge 1%",
        "param p = 50% when close > 1 then hedge 1% otherwise hedge p",
        "param a = 3 param b = a when close > b then hedge 1%",
    ],
)
def test_what_is_used(text: str) -> None:
    assert warnings(text) == []


# --- who pays funding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "when funding_8h > 0.05% then hedge 20%",
        "when funding_8h > 0.05% then reduce hedge by 10% of level",
        "when 0.05% < funding_8h then hedge at most 30%",
        "when funding_8h > 0.05% and close > 1 then hedge at most 30%",
        "when sma(funding_8h, 3) > 0% then hedge at most 30%",
        "when funding_8h between 0.05% and 1% then hedge at most 30%",
    ],
)
def test_lowering_the_hedge_while_shorts_are_paid(rule: str) -> None:
    assert codes(warnings(f"bars 1h {rule} otherwise hedge 60%")) == ["RL513"]


@pytest.mark.parametrize(
    "rule",
    [
        "when funding_8h > 0.05% then hedge 80%",
        "when funding_8h < -0.05% then hedge 20%",
        "when funding_8h > 0.05% or close > 1 then hedge at most 30%",
        "when funding_8h > 0.05% then freeze hedge",
        "when not funding_8h < 0.05% then hedge at most 80%, hedge at least 70%",
    ],
)
def test_funding_rules_that_make_sense(rule: str) -> None:
    assert warnings(f"bars 1h {rule} otherwise hedge 60%") == []


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_within_shorter_than_a_bar() -> None:
    assert said("within 30m before 2026-12-10") == ["RL411"]
    assert said("within 1h before 2026-12-10") == []


def test_a_percentile_given_as_a_share() -> None:
    (found,) = warnings(f"when close > percentile(close, 0.75, 20) {THEN}")
    assert found.code == "RL512" and [fix.text for fix in found.fixes] == ["75"]
    assert said("close > percentile(close, 1, 20)") == said("close > percentile(close, 0, 20)") == []


@pytest.mark.parametrize("joint", ["and", "or", "and not"])
def test_a_for_behind_an_unparenthesised_and(joint: str) -> None:
    (found,) = warnings(f"when close > 1 {joint} open > 1 for 3 periods {THEN}")
    assert found.code == "RL410" and len(found.fixes) == 2


@pytest.mark.parametrize(
    "condition",
    [
        "close > 1 and (open > 1 for 3 periods)",
        "(close > 1 and open > 1) for 3 periods",
        "open > 1 for 2 periods and close > 1",
    ],
)
def test_a_for_that_nobody_misreads(condition: str) -> None:
    assert said(condition) == []


def test_an_event_without_future_dates() -> None:
    text = "bars 1h event cpi at 2026-01-01 when within 24h before cpi then hedge 1%"

    def at(now: float) -> list[str]:
        return [one.code for one in check(Source("x", text), outside=Outside(now=now)).diagnostics]

    assert at(1.9e9) == ["RL413"]
    assert at(1.7e9) == []
