"""`rulelang test`: what it prints of tests that pass and fail, in every format, and when it fails."""

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests import golden
from tests.cli.running import COMMAND, called, files
from tests.patience import within

PATIENCE = 30.0

RULES = """\
assets BTC, ETH
bars 8h
target hedge between 0% and 120% change at least 10% cooldown 24h
param crowded = 0.05%
event cpi

rule crowding
  when funding_8h > crowded for 3 periods
  then hedge 80%, alert "funding {funding_8h}"
  because "longs pay {funding_8h}"
rule weak on BTC when close < 100 USD then increase hedge by 5% of exposure
rule ahead when within 24h before cpi then hedge at least 90%
otherwise hedge 60%
"""
GOOD = """
test crowding_raises_the_hedge
  given funding_8h = 0.01% x 2, 0.06% x 4
  expect hedge = 60% x 4, 80% x 2
  expect active crowding = no x 4, yes x 2
  expect alert "funding {funding_8h}" at 5
"""
BAD = """
test a_bar_too_early
  given funding_8h = 0.01% x 2, 0.06% x 6
  given close = 101 x 8
  expect hedge = 60% x 3, 80% x 5
  expect active crowding = no x 3, yes x 5
  expect alert "funding 0.06%" at 4

test back_at_once
  given funding_8h = 0.01% x 2, 0.06% x 3, 0.01% x 4
  expect hedge = 60% x 4, 80%, 60% x 4

test no_small_change
  given close = 101 x 3, 99 x 3
  expect BTC.hedge = 60% x 3, 65% x 3

test the_floor_comes_a_day_before
  given event cpi at 1970-01-08T00:00Z
  expect ETH.hedge = 60% x 5, 90% x 3
  expect BTC.hedge = 60% at 6
"""
SHORT = "bars 1h\nrule low when close < 100 USD then hedge 50%\n"
PASSES = "test p\n  given close = 99, 101\n  expect hedge = 50%, 0%\n"
FAILS = "test f\n  given close = 99, 101\n  expect hedge = 0% x 2\n"


@pytest.fixture(autouse=True)
def rules(folder: Path) -> None:
    """Put a file with good tests and one with bad ones in the folder."""
    (folder / "my.rules").unlink()
    files(folder, good_rules=RULES + GOOD, bad_rules=RULES + BAD)


@contextmanager
def on_terminal(columns: int, **environment: str) -> Iterator[Callable[..., str]]:
    """Give a function that runs a command on a terminal of a width and returns what was shown there."""

    def shown(*arguments: str) -> str:
        master, slave = pty.openpty()
        settings = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", **environment}
        with subprocess.Popen([*COMMAND, *arguments], stdout=slave, stderr=slave, env=settings) as command:
            os.close(slave)
            taken = b"".join(iter(lambda: _chunk(master), b""))
            assert command.wait(PATIENCE) == 1
        os.close(master)
        return taken.decode().replace("\r\n", "\n")

    yield shown


def _chunk(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # the other end is closed
        return b""


# --- screens


def test_tests_that_pass() -> None:
    result = called("test", "good.rules")
    assert (result.code, result.err) == (0, "")
    golden.check("cli/test-good.txt", result.out)


@pytest.mark.parametrize("columns", [80, 140])
def test_tests_that_fail_on_a_terminal_without_colour(columns: int) -> None:
    with on_terminal(columns, NO_COLOR="1") as shown:
        text = shown("test", "bad.rules")
    assert max(map(len, text.splitlines())) <= columns
    golden.check(f"cli/test-bad-{columns}.txt", text)


def test_tests_that_fail_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    with on_terminal(100) as shown:
        text = shown("test", "bad.rules", "-k", "no_small_change")
    golden.check("cli/test-bad-colour.txt", text.replace("\x1b", "␛"))


def test_a_pipe_gets_no_colour() -> None:
    result = called("test", "bad.rules")
    assert result.code == 1
    assert "\x1b" not in result.out


def test_what_a_brake_held_back_is_said_with_its_end() -> None:
    result = called("test", "bad.rules", "-k", "back_at_once")
    assert "BTC.hedge is 80% at bar 6, expected 60%; 2 bars differ" in result.out
    assert "60% is desired, held back by `cooldown 1d` until 1970-01-07T16:00Z" in result.out


def test_fields_without_room_are_named(folder: Path) -> None:
    names = ("open", "high", "low", "mark", "index", "spot")
    given = "".join(f"  given {name} = 1_000_000_000 x 2\n" for name in names)
    files(folder, wide_rules=SHORT + "test wide\n  given close = 99, 101\n" + given + "  expect hedge = 0% x 2\n")
    result = called("test", "wide.rules")
    assert "  (no room for mark, index, spot)\n" in result.out
    assert max(map(len, result.out.splitlines())) <= 100


def test_what_was_found_can_be_copied_into_the_test(folder: Path) -> None:
    rules = "bars 1h\nrule third when close > 0 USD then hedge open / close\n"
    files(folder, t_rules=rules + "test t\n  given open = 1\n  given close = 3\n  expect hedge = 33.33%\n")
    result = called("test", "t.rules")
    assert "hedge is 33.3333333% at bar 1, expected 33.33%\n" in result.out
    files(folder, t_rules=(folder / "t.rules").read_text().replace("33.33%", "33.3333333%"))
    assert "1 passed" in called("test", "t.rules").out


def test_an_alert_that_never_came(folder: Path) -> None:
    alert = 'rule low when close < 100 USD then alert "at {close}"\n'
    files(folder, t_rules=f'bars 1h\n{alert}test t\n  given close = 101, 99, 101\n  expect alert "at 98" at 1\n')
    assert 'no alert "at 98" at bar 1: it never came; there came "at 99" at bar 2\n' in called("test", "t.rules").out
    files(folder, t_rules=f'bars 1h\n{alert}test t\n  given close = 101, 99, 98\n  expect alert "at {{close}}" at 3\n')
    assert 'no alert "at {close}" at bar 3: it came at bar 2\n' in called("test", "t.rules").out
    files(folder, t_rules=f'bars 1h\n{alert}test t\n  given close = 101, 101\n  expect alert "at 99" at 2\n')
    assert 'no alert "at 99" at bar 2: the test has no alerts\n' in called("test", "t.rules").out


# --- what makes a run fail


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        ("given close = 99 x 3\n expect hedge = 50% x 4", "4 values are expected of hedge, but the test ends at bar 3"),
        (
            "given close = 99 x 3\n expect hedge = 50% x 2",
            "2 values are expected of hedge, but the test goes on to bar 3: say what is expected until then",
        ),
        (
            "given close = 99 x 3\n given open = 99 x 2\n expect hedge = 50% x 3",
            "the values of `open` end at bar 2, after 2 values; the test goes on to bar 3",
        ),
        (
            "given close = 99 x 20\n given funding_8h every 8h = 0.01% x 2\n expect hedge = 50% x 20",
            "the values of `funding_8h` end at bar 15, after 2 periods of 8h; the test goes on to bar 20",
        ),
        (
            "given close = 99 x 3\n given funding_8h every 8h = 0.01% x 2\n expect hedge = 50% x 3",
            "the test ends at bar 3, before its data: 1 of 2 values of `funding_8h` count",
        ),
        (
            "given close = 99 x 3\n expect hedge = 50% at 4",
            "something is expected at bar 4: the test has 3 bars",
        ),
        (
            "given close = 99 x 3\n restart at 3\n expect hedge = 50% x 3",
            "nothing comes behind the restart at bar 3: the test has 3 bars",
        ),
    ],
)
def test_a_test_that_is_longer_or_shorter_than_its_data_fails(clauses: str, message: str, folder: Path) -> None:
    files(folder, t_rules=f"{SHORT}test t\n {clauses}\n")
    result = called("test", "t.rules")
    assert result.code == 1
    assert " ".join(result.out.split("\n\n")[0].splitlines()[1:]).replace("  ", " ").strip() == message


def test_nothing_to_run_is_a_failure(folder: Path) -> None:
    files(folder, bare_rules=SHORT)
    bare = called("test", "bare.rules")
    assert (bare.code, bare.out.splitlines()) == (
        1,
        ["bare.rules: no tests", "there are no tests: nothing has run, which counts as a failure"],
    )
    none = called("test", "good.rules", "-k", "nowhere", "-k", "elsewhere")
    assert none.code == 1
    assert none.out.endswith(
        "no test is selected by -k nowhere -k elsewhere: nothing has run, which counts as a failure\n"
    )
    assert called("test", "bare.rules", "--cover-at-least", "0").code == 1


def test_a_file_with_errors_fails_and_the_others_run(folder: Path) -> None:
    files(folder, broken_rules="bars 1h\nwhen close >> 1 then hedge 50%\n")
    result = called("test", ".")
    assert result.code == 1
    assert "error[RL" in result.out and "broken.rules has errors, so its tests can't run\n" in result.out
    assert "good.rules: 1 passed · coverage" in result.out


def test_a_folder_where_some_files_have_no_tests(folder: Path) -> None:
    (folder / "some").mkdir()
    files(folder / "some", a_rules=SHORT + PASSES, b_rules=SHORT)
    result = called("test", "some")
    assert (result.code, result.out.splitlines()) == (
        0,
        [
            "some/a.rules: 1 passed · coverage 100% (3 of 3)",
            "some/b.rules: no tests",
            "1 passed, 0 failed in 2 files",
        ],
    )
    covered = called("test", "some", "--cover-at-least", "90")
    assert covered.code == 1
    assert "some/b.rules: coverage 0% is less than the 90% asked for\n" in covered.out


def test_standard_input() -> None:
    passes = called("test", "-", stdin=SHORT + PASSES)
    assert (passes.code, passes.out) == (0, "<stdin>: 1 passed · coverage 100% (3 of 3)\n")
    fails = called("test", "-", stdin=SHORT + FAILS)
    assert fails.code == 1
    assert fails.out.startswith("FAILED <stdin>:5: f\n  hedge is 50% at bar 1, expected 0%\n")


@pytest.mark.parametrize("arguments", [(), ("nowhere.rules",), ("empty",), ("-", "--watch")])
def test_wrong_usage(arguments: tuple[str, ...], folder: Path) -> None:
    (folder / "empty").mkdir()
    result = called("test", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.last


# --- selection and coverage


def test_a_selection_by_words_of_file_and_test() -> None:
    def ran(*words: str) -> list[str]:
        options = [part for word in words for part in ("-k", word)]
        found = json.loads(called("test", ".", "--format", "json", *options).out)
        return [test["name"] for file in found["files"] for test in file["tests"]]

    assert ran("good.rules::") == ["crowding_raises_the_hedge"]
    assert ran("back", "small") == ["back_at_once", "no_small_change"]
    assert ran("bad.rules::no_small_change") == ["no_small_change"]
    assert len(ran()) == 5


def test_coverage_of_a_selection_counts_where_something_is_selected(folder: Path) -> None:
    files(folder, a_rules=SHORT + PASSES)
    assert called("test", ".", "-k", "a.rules::p", "--cover-at-least", "100").code == 0
    assert called("test", "good.rules", "-k", "crowding", "--cover-at-least", "100").code == 1


def test_coverage_says_what_is_not_shown(folder: Path) -> None:
    rules = (
        "bars 1h\ntarget hedge change at least 20% step at most 30% cooldown 2h\n"
        "rule low when close < 100 USD then hedge 50% until close > 110 USD\n"
        "rule high when close > 200 USD then hedge 60% for 2h\notherwise hedge 45%\n"
    )
    test = "test t\n  given close = 120, 90, 105\n  expect active low = no, yes x 2\n"
    files(folder, t_rules=rules + test)
    result = called("test", "t.rules", "--cover-at-least", "90")
    assert result.code == 1
    assert result.out.splitlines() == [
        "t.rules: 1 passed · coverage 58% (7 of 12)",
        "  line 2: hedge's brake `cooldown 2h` is never at work",
        "  line 3: the exit of low, until close > 110 USD, is never reached",
        "  line 4: rule high is never active",
        "  line 4: `close > 200 USD` is never true",
        "  line 4: the time of high, for 2h, is never over",
        "t.rules: coverage 58% is less than the 90% asked for",
    ]
    assert called("test", "t.rules", "--cover-at-least", "58").code == 0
    assert called("test", "t.rules", "--cover-at-least", "58.4").code == 1


def test_coverage_rounds_down(folder: Path) -> None:
    conditions = " or ".join(f"close < {level} USD" for level in range(60, 100))
    tests = "test t\n  given close = 1, 101\n  expect hedge = 50%, 0%\n"
    files(folder, t_rules=f"bars 1h\nrule low when {conditions} then hedge 50%\n"
                          f"rule never when close < 0.5 USD then hedge 60%\n{tests}")  # fmt: skip
    result = called("test", "t.rules", "--cover-at-least", "97.6")
    assert "coverage 97% (82 of 84)" in result.out and result.code == 0


# --- other forms


def test_json() -> None:
    result = called("test", "bad.rules", "good.rules", "--format", "json")
    found = json.loads(result.out)
    assert (result.code, found["passed"]) == (1, False)
    bad, good = found["files"]
    assert (good["file"], good["diagnostics"], [test["passed"] for test in good["tests"]]) == ("good.rules", [], [True])
    early = bad["tests"][0]
    assert (early["name"], early["line"], early["bars"], early["passed"]) == ("a_bar_too_early", 15, 8, False)
    hedge, active, alert = early["failures"]
    assert (hedge["bar"], hedge["asset"], hedge["line"]) == (4, "BTC", 18)
    assert hedge["message"] == "BTC.hedge is 60% at bar 4, expected 80%"
    assert hedge["rows"][3] == {
        "bar": 4,
        "closes": "1970-01-06T08:00Z",
        "given": {"funding_8h": "0.06% per 8h", "close": "101"},
        "expected": "80%",
        "found": "60%",
        "differs": True,
    }
    assert [row["bar"] for row in hedge["rows"]] == [1, 2, 3, 4, 5, 6, 7]
    assert hedge["record"]["targets"]["hedge"]["after"] == 0.6
    assert active["why"]["text"].startswith("crowding: ")
    assert alert["rows"] == [] and alert["message"].startswith('no alert "funding 0.06%" at bar 4')
    assert {point["text"] for point in good["coverage"]["missing"]} >= {"rule weak is never active"}
    assert good["coverage"]["covered"] + len(good["coverage"]["missing"]) == good["coverage"]["points"]


def test_json_of_a_file_with_errors(folder: Path) -> None:
    files(folder, broken_rules="bars 1h\nwhen close >> 1 then hedge 50%\n")
    found = json.loads(called("test", "broken.rules", "--format", "json").out)
    assert not found["passed"]
    (file,) = found["files"]
    assert (file["tests"], file["coverage"]) == ([], None)
    assert file["diagnostics"]


def test_junit(folder: Path) -> None:
    files(folder, broken_rules="bars 1h\nwhen close >> 1 then hedge 50%\n")
    result = called("test", ".", "--format", "junit", "--cover-at-least", "99")
    assert result.code == 1
    root = Xml.fromstring(result.out)
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {"bad.rules", "broken.rules", "good.rules"}
    kinds = ("tests", "failures", "errors")
    counts = {name: tuple(suite.get(what) for what in kinds) for name, suite in suites.items()}
    assert counts == {"bad.rules": ("5", "4", "0"), "broken.rules": ("1", "0", "1"), "good.rules": ("2", "1", "0")}
    for suite in root:
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert all(case.get("classname") == suite.get("name") for case in suite)
    small = suites["bad.rules"].find("testcase[@name='no_small_change']/failure")
    assert small is not None and small.text is not None
    assert small.get("message") == "BTC.hedge is 60% at bar 4, expected 65%; 3 bars differ"
    assert "smaller than `change at least 10%`" in small.text
    passed = suites["good.rules"].find("testcase[@name='crowding_raises_the_hedge']")
    assert passed is not None and len(passed) == 0
    coverage = suites["good.rules"].find("testcase[@name='coverage of at least 99%']/failure")
    assert coverage is not None and "rule weak is never active" in str(coverage.text)


def test_junit_of_texts_with_signs_of_xml(folder: Path) -> None:
    test = 'test t\n  given close = 101\n  expect alert "]]> & <b>" at 1\n'
    files(folder, t_rules=f'bars 1h\nrule low when close < 100 USD then alert "a"\n{test}')
    files(folder, control_rules="bars 1h\nwhen close < 1 then hedge 50% \x01\n")
    root = Xml.fromstring(called("test", "t.rules", "control.rules", "--format", "junit").out)
    failure, error = root.find(".//failure"), root.find(".//error")
    assert failure is not None and 'no alert "]]> & <b>" at bar 1' in str(failure.get("message"))
    assert error is not None and "control.rules:2:31" in str(error.text)


# --- what tests can say


def test_used_files_are_tested_where_they_stand(folder: Path) -> None:
    files(folder, part_rules="rule low when close < 100 USD then hedge 50%\n" + FAILS)
    files(folder, main_rules='bars 1h\nuse "part.rules"\ntest m\n  given close = 99\n  expect hedge = 0%\n')
    result = called("test", "main.rules")
    assert "FAILED part.rules:4: f\n" in result.out
    assert "FAILED main.rules:5: m\n" in result.out
    assert "main.rules: 0 passed, 2 failed" in result.out


def test_rules_without_a_name_are_called_by_their_line(folder: Path) -> None:
    test = "test t\n  given close = 101\n  expect hedge = 50%\n"
    files(folder, t_rules=f"bars 1h\nwhen close < 100 USD then hedge 50%\n{test}")
    result = called("test", "t.rules")
    assert "✗ line_2: " in result.out
    assert "line 2: rule line_2 is never active" in result.out


def test_params_by_asset_and_a_param_for_all(folder: Path) -> None:
    rules = "assets BTC, SOL\nbars 1h\nparam level = 100 USD, SOL 10 USD\nrule low when close < level then hedge 50%\n"
    tests = (
        "test own\n  given close = 50\n  expect BTC.hedge = 50%\n  expect SOL.hedge = 0%\n"
        "test the_same\n  given close = 50\n  given param level = 60 USD\n  expect hedge = 50%\n"
    )
    files(folder, t_rules=rules + tests)
    result = called("test", "t.rules")
    assert result.out == "t.rules: 2 passed · coverage 100% (3 of 3)\n"


@pytest.mark.parametrize("bars", ["7m", "5h", "2d", "3d", "1w", "3w", "1y"])
def test_bars_of_any_length(bars: str, folder: Path) -> None:
    files(folder, t_rules=f"bars {bars}\nwhen close < 100 USD then hedge 50%\n{PASSES}")
    assert called("test", "t.rules").out == "t.rules: 1 passed · coverage 100% (3 of 3)\n"


def test_bars_of_a_week_and_two_fields_with_periods_of_their_own(folder: Path) -> None:
    files(
        folder,
        week_rules="bars 1w\nrule low when close < 100 USD for 2 periods then hedge 50%\n"
        "test t\n  given close = 101, 99 x 2\n  expect hedge = 0% x 2, 50%\n",
        two_rules="bars 1h\nfield iv every 1d\n"
        "rule both when funding_8h > 0.05% and iv > 50% then hedge 50%\n"
        "test t\n  given funding_8h every 8h = 0.06% x 2, 0.01%, 0.06%\n  given iv every 1d = 60%, 40%\n"
        "  expect active both = yes x 15, no x 12\n",
    )
    assert called("test", "week.rules").code == 0
    assert called("test", "two.rules").out.startswith("two.rules: 1 passed")


def test_values_of_a_period_stand_at_every_bar_of_it(folder: Path) -> None:
    rules = "bars 1h\nrule hot when funding_8h > 0.05% then hedge 50%\n"
    files(folder, t_rules=f"{rules}test t\n  given funding_8h every 8h = 0.01%, 0.06%\n  expect hedge = 0% x 8\n")
    lines = called("test", "t.rules").out.splitlines()
    assert "  7    1970-01-05T07:00Z  0.01% per 8h        0%     0%" in lines
    assert "  8    1970-01-05T08:00Z  0.06% per 8h        0%    50%  <- differs" in lines


def test_series_that_begin_with_missing(folder: Path) -> None:
    test = "test t\n  given close = missing x 2, 99, missing, 101\n  expect hedge = 0% x 2, 50% x 2, 0%\n"
    files(folder, t_rules=SHORT + test)
    assert called("test", "t.rules").code == 0


def test_bars_of_tests_in_a_file_that_says_none(folder: Path) -> None:
    rules = "when funding_8h > 0.05% for 3 periods then hedge 70%\n"
    tests = [
        f"test {name}\n  given bars {bars}\n  given from {start}\n  given funding_8h = 0.06% x 4\n"
        f"  expect hedge = 0% x 2, 70% x 2\n"
        for name, bars, start in (("a", "8h", "2026-12-01T08:00Z"), ("b", "1d", "2026-12-01"))
    ]
    files(folder, t_rules=rules + "".join(tests))
    assert called("test", "t.rules").out.splitlines() == [
        "t.rules: 2 passed · coverage 66% (2 of 3)",
        "  line 1: `funding_8h > 0.05%` is never false",
    ]


def test_bars_are_as_long_as_what_is_given_where_nobody_says(folder: Path) -> None:
    rules = "when funding_8h > 0.05% for 3 periods then hedge 70%\n"
    by_bar = "test a\n  given funding_8h = 0.01% x 2, 0.06% x 4\n  expect hedge = 0% x 4, 70% x 2\n"
    by_period = by_bar.replace("test a", "test b").replace("funding_8h =", "funding_8h every 8h =")
    files(folder, t_rules=rules + by_bar + by_period)
    assert called("test", "t.rules").out == "t.rules: 2 passed · coverage 100% (3 of 3)\n"


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("given bars 8h given from 2026-12-01T03:00Z expect hedge = 0%", "no bar of 8h opens at `2026-12-01T03:00Z`"),
        (
            "given bars 1d given funding_8h every 8h = 0.06% expect hedge = 0%",
            "`8h` is no multiple of the bars of 1d",
        ),
        ("given bars 8h given close = 1 x 0 expect hedge = 0%", "`0` is no whole number from 1 to 1,000,000"),
        ("given bars 8h given close = 1 expect active btc_only = no expect SOL.hedge = 0%", "there is no asset `SOL`"),
        (
            "given bars 8h given close = 1 expect active ETH.btc_only = no",
            "the rule `btc_only` doesn't run for ETH",
        ),
    ],
)
def test_what_no_test_can_say(test: str, message: str, folder: Path) -> None:
    hot = "rule hot when funding_8h > 0.05% then hedge 70%\n"
    btc_only = "rule btc_only on BTC when close < 1 then hedge 5%\n"
    files(folder, t_rules=f"assets BTC, ETH\n{hot}{btc_only}test t {test}\n")
    result = called("test", "t.rules")
    assert result.code == 1
    assert f"error[RL209]: {message}\n" in result.out or f"error[RL201]: {message}\n" in result.out


def test_values_of_an_asset_that_no_rule_knows_are_a_slip(folder: Path) -> None:
    rules = "assets BTC\nbars 1h\nrule low when close < 2 * ETH.close then hedge 50%\n"
    given = "  given close = 99\n  given ETH.close = 99\n  given EHT.close = 99\n"
    files(folder, t_rules=f"{rules}test t\n{given}  expect hedge = 50%\n")
    result = called("test", "t.rules")
    assert result.code == 1
    assert "FAILED t.rules:7: t\n  `EHT.close` is given, but the rules know only of BTC, ETH\n" in result.out


@pytest.mark.slow
def test_ten_thousand_bars(folder: Path) -> None:
    test = "test t\n  given close = 80 to 120 x 10_000\n  expect hedge = 50% x 5_001, 0% x 4_999\n"
    files(folder, t_rules=SHORT + test)
    started = time.monotonic()
    result = called("test", "t.rules")
    assert "hedge is 0% at bar 5001, expected 50%\n" in result.out
    assert [line.split()[0] for line in result.out.splitlines()[5:12]] == [str(bar) for bar in range(4998, 5005)]
    assert time.monotonic() - started < 20


# --- watching


@contextmanager
def watching(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start `rulelang test --watch`, and stop it whatever happens."""
    words = [*COMMAND, "test", *arguments, "--watch"]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with within(PATIENCE), subprocess.Popen(words, **pipe, text=True) as command:
        try:
            yield command
        finally:
            command.kill()


def next_run(command: subprocess.Popen[str]) -> str:
    """Return what the next run prints."""
    assert command.stdout is not None
    taken: list[str] = []
    while not taken or "waiting for a change; Ctrl-C ends" not in taken[-1]:
        taken.append(command.stdout.readline())
        assert taken[-1], f"it ended behind {taken}"
    return "".join(taken).lstrip()


def saved(path: Path, text: str) -> None:
    """Write a file as editors do: a new one in the place of the old one."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)


@pytest.mark.slow
def test_watch_runs_again_with_each_save_until_it_is_interrupted(folder: Path) -> None:
    files(folder, part_rules="rule low when close < 100 USD then hedge 50%\n")
    files(folder, w_rules=f'bars 1h\nuse "part.rules"\n{PASSES}')
    with watching("w.rules") as command:
        assert next_run(command).startswith("w.rules: 1 passed")
        saved(folder / "w.rules", f'bars 1h\nuse "part.rules"\n{FAILS}')
        assert "FAILED w.rules:5: f\n  hedge is 50% at bar 1, expected 0%\n" in next_run(command)
        saved(folder / "part.rules", "rule low when close < 90 USD then hedge 50%\n")  # a used file counts too
        assert "1 passed" in next_run(command)
        command.send_signal(signal.SIGINT)
        rest, _ = command.communicate(timeout=PATIENCE)
    assert (command.returncode, rest) == (130, "\nstopped\n")


@pytest.mark.slow
def test_watch_goes_on_when_a_file_is_gone_for_a_while(folder: Path) -> None:
    files(folder, w_rules=SHORT + PASSES)
    with watching("w.rules") as command:
        next_run(command)
        (folder / "w.rules").unlink()
        assert "there is no file w.rules\n" in next_run(command)
        (folder / "w.rules").write_text(SHORT + FAILS)
        assert "1 failed" in next_run(command)


def test_help() -> None:
    result = called("test", "--help")
    assert result.code == 0
    golden.check("cli/help-test.txt", result.out)
