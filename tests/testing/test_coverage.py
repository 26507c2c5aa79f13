"""What coverage asks for, and what counts as shown."""

import pytest

import rulelang
from rulelang.evaluate import Run
from rulelang.testing import Coverage, run_test


def missing(text: str) -> list[str]:
    """Return what the tests of a file haven't shown; they have to pass."""
    rules = rulelang.loads(text).checked
    coverage = Coverage(rules)
    for test in rules.tests:
        assert run_test(rules, test, coverage).failures == ()
    return [f"{point.text} {point.what}" for point in coverage.missing]


def brakes(target: str, rules: str) -> list[str]:
    """Return the brakes of the hedge that are asked for."""
    found = missing(f"bars 1h\ntarget hedge {target}\n{rules}\n")
    return [one.partition("`")[2].partition("`")[0] for one in found if one.endswith("never at work")]


FIXED = "when close > 1 USD then hedge 80%\nwhen close > 2 USD then hedge 50%\n"
MORE = "when close > 3 USD then "


@pytest.mark.parametrize(
    ("target", "rules", "asked"),
    [
        ("change at least 10%", FIXED, []),  # 0%, 50% and 80% lie further apart
        ("change at least 30%", FIXED, []),  # a move of exactly the band passes
        ("change at least 31%", FIXED, ["change at least 31%"]),
        ("change at least 9%", FIXED + MORE + "increase hedge by 5% of exposure", ["change at least 9%"]),
        ("change at least 9%", FIXED + MORE + "reduce hedge by 10% of level", ["change at least 9%"]),
        ("change at least 9%", FIXED + MORE + "hedge at least 45%", ["change at least 9%"]),
        ("change at least 9%", "when close > 1 USD then hedge open / close", ["change at least 9%"]),
        ("change at least 9%", "when close > 1 USD then hedge 5%", ["change at least 9%"]),
        ("between 0% and 5% change at least 9%", "when close > 1 USD then hedge 8%", []),  # onto a bound it passes
        ("change at least 10% step at most 25%", FIXED, ["change at least 10%", "step at most 25%"]),  # 75%, then 80%
        ("step at most 80%", FIXED, []),
        ("step at most 30% up", FIXED, ["step at most 30% up"]),
        ("step at most 40% down", "when close > 1 USD then hedge 80%\notherwise hedge 50%", []),
        ("step at most 20% up step at most 40% down", "when close > 1 USD then hedge 80%\notherwise hedge 50%",
         ["step at most 20% up"]),
        ("step at most 70%", "when close > 1 USD then hedge 80%\notherwise hedge 50%", []),
        ("step at most 70%", "when close > 1 USD then freeze hedge\notherwise hedge 80%", ["step at most 70%"]),
        ("cooldown 8h", "when close > 1 USD then hedge 5%", ["cooldown 8h"]),
    ],
)  # fmt: skip
def test_a_brake_is_asked_for_where_it_can_be_at_work(target: str, rules: str, asked: list[str]) -> None:
    assert brakes(target, rules) == asked


def test_every_kind_of_comparison_counts() -> None:
    rules = (
        "bars 1h\nevent cpi at 1970-01-05T06:00Z\nfield mood : calm | wild\n"
        "let swing = abs(change(close, 1)) > 5%\n"
        "rule crossing when close crosses above 100 USD then hedge 10% for 2h\n"
        "rule inside when close between 90 USD and 95 USD then hedge 20%\n"
        "rule moving when close falls 5% over 2h then hedge 30%\n"
        "rule near when within 2h before cpi then hedge 40%\n"
        "rule wild when mood is wild or swing then hedge 50%\n"
        "rule slow when (close < 92 USD)@2h then hedge 60%\n"
        "rule daily when every 2h then hedge 70% for 1h\n"
    )
    everything = rules + (
        "test all\n  given close = 99, 101, 101, 91, 91, 91, 91, 99\n  given mood = calm x 7, wild\n"
        "  expect hedge = 70% at 1\n"
    )
    assert missing(everything) == []
    nothing = rules + "test none\n  given close = missing\n  expect hedge = 70%\n"
    assert [one for one in missing(nothing) if "`" in one] == [
        "`abs(change(close, 1)) > 5%` never false",
        "`abs(change(close, 1)) > 5%` never true",
        "`close crosses above 100 USD` never false",
        "`close crosses above 100 USD` never true",
        "`close between 90 USD and 95 USD` never false",
        "`close between 90 USD and 95 USD` never true",
        "`close falls 5% over 2h` never false",
        "`close falls 5% over 2h` never true",
        "`within 2h before cpi` never true",
        "`mood is wild` never false",
        "`mood is wild` never true",
        "`close < 92 USD` never false",
        "`close < 92 USD` never true",
        "`every 2h` never false",
    ]


def test_several_tests_and_several_assets_add_up() -> None:
    rules = "assets BTC, ETH\nbars 1h\nrule low when close < 100 USD then hedge 50% until close > 110 USD\n"
    first = "test first\n  given BTC.close = 99\n  given ETH.close = 101\n  expect BTC.hedge = 50%\n"
    second = "test second\n  given close = 99, 111\n  expect hedge = 50%, 0%\n"
    assert missing(rules + first) == [
        "the exit of low, until close > 110 USD, never reached",
        "`close > 110 USD` never true",
    ]
    assert missing(rules + first + second) == []


def test_values_of_actions_have_comparisons_too() -> None:
    rules = "bars 1h\nrule low when close < 100 USD then hedge if(volume > 5, 50%, 20%)\n"
    test = "test t\n  given close = 99, 101\n  given volume = 6 x 2\n  expect hedge = 50%, 0%\n"
    assert missing(rules + test) == ["`volume > 5` never false"]


def test_a_file_without_rules_has_nothing_to_show() -> None:
    coverage = Coverage(rulelang.loads("bars 1h\nparam least = 5%\n").checked)
    assert (coverage.covered, coverage.share, coverage.missing) == (0, 1.0, [])


def test_a_restart_goes_on_from_what_was_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[float | None] = []
    load = Run.load

    def watched(run: Run, snapshot: bytes) -> object:
        loaded = load(run, snapshot)
        taken.append(run.last)
        return loaded

    monkeypatch.setattr(Run, "load", watched)
    rules = "bars 1h\nrule low when close < 100 USD for 3 periods then hedge 50%\n"
    test = "test t\n  given close = 99 x 3\n  restart at 1\n  restart at 2\n  expect hedge = 0% x 2, 50%\n"
    assert "never true" not in "".join(missing(rules + test))
    assert taken == [4 * 86_400 + 3_600, 4 * 86_400 + 7_200]
