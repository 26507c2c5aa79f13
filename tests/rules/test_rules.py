"""The strategies in rules/: no diagnostics, tests that pass and cover all of them, and deeds on the sample market."""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars
import pytest

import rulelang
from rulelang import Rules
from rulelang.testing import Coverage, run_test

FOLDER = Path(__file__).parents[2] / "rules"
SAMPLE = Path(rulelang.__file__).parent / "data" / "sample"
FILES = sorted(FOLDER.glob("*.rules"))
HOUR, DAY = 3_600, 86_400
STRATEGIES = {
    "static cover at a ratio": "static",
    "price moves 5% from the hedge": "price-move",
    "RSI extremes": "rsi",
    "volume shelf: break with 25 points, and re-test": "volume-shelf",
    "support: two closes under the value area": "support",
    "weekly review": "weekly-review",
    "minimum change of 10%": "small-changes",
    "overbought to 120% and recovery to 90%": "overbought",
    "funding three settlements above 0.05%": "funding-hot",
    "funding of several assets, high and negative": "funding",
    "funding tiers": "funding-tiers",
    "annualised carry of the short against benefit": "carry",
    "negative funding": "negative-funding",
    "open interest +15% with price flat": "open-interest",
    "crowding: open interest and funding": "crowding",
    "ATR +50% in 7 days": "atr",
    "implied volatility above its 75th percentile": "implied-volatility",
    "volatility as a budget": "volatility",
    "50/200 crossing": "crossing",
    "closes under the 200-day average": "long-average",
    "100-day trend in steps": "trend",
    "two daily closes under a weekly level": "weekly-level",
    "three deviations above the 20-day average": "stretched",
    "the five-row rebalancing matrix": "matrix",
    "three steps from accumulation to preservation": "preservation",
    "exit triggers and staged unwind": "unwind",
    "event-driven hedge before and after releases": "events",
    "conviction table": "conviction",
    "60% defensive stance over two assets": "defensive",
    "basis above 15% a year": "basis",
    "beta target 0.5 and 0": "beta",
    "altcoins by beta": "altcoins",
    "correlation watch": "correlation",
    "cross-hedge guard": "cross-hedge",
    "pair made beta-neutral": "pair",
    "roll before expiry": "roll",
    "margin and liquidation guard": "margin",
    "decoupled perpetual": "decoupled",
    "lost feed": "lost-feed",
    "stop on the hedge": "stop",
    "option book by delta with gamma-dependent band": "options",
}
"""Each strategy of the field that the library has to have, and its file."""
HEADINGS = ("The idea.", "When it helps.", "When it hurts.", "Who pays.", "Data.", "Looked at.")
ON_THE_SAMPLE = ["events", "funding", "price-move", "rsi", "support", "trend", "volatility", "volume-shelf"]
"""The files with bars of an hour whose fields the sample market has."""
FROM, TO = 1_696_118_400, 1_727_740_800
"""The part of the sample market that is stepped through: October 2023 to September 2024, bull run and crash."""


def named(value: Any) -> str:
    return value.stem if isinstance(value, Path) else str(value)


def load(path: Path) -> Rules:
    return rulelang.load(path)


# The tests inside the files ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", FILES, ids=named)
def test_its_own_tests_pass_and_cover_all_of_it(path: Path) -> None:
    rules = load(path).checked
    coverage = Coverage(rules)
    results = [run_test(rules, test, coverage) for test in rules.tests]
    failures = [f"{one.test.name}: {failure.message}" for one in results for failure in one.failures]
    assert failures == []
    assert [f"{point.line}: {point.text} is {point.what}" for point in coverage.missing] == []


# The sample market ────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def sample() -> tuple[list[tuple[int, dict[str, Any]]], dict[str, list[int]]]:
    """Return the steps of BTC on the sample market, and its events."""
    known: dict[int, dict[str, Any]] = {}
    for file, late in (("bars-1h", HOUR), ("funding-8h", 0), ("iv-1d", DAY)):
        frame = polars.read_parquet(SAMPLE / f"synthetic-{file}.parquet").filter(polars.col("asset") == "BTC")
        frame = frame.with_columns(polars.col(frame.columns[0]).dt.epoch("s") + late).drop("asset")
        for row in frame.rename({"funding_rate": "funding_8h"}, strict=False).iter_rows(named=True):
            time = row.pop(frame.columns[0])
            row.pop("interval_hours", None)
            known.setdefault(time, {}).update(row)
    calendar = polars.read_parquet(SAMPLE / "synthetic-events.parquet").with_columns(polars.col("time").dt.epoch("s"))
    events: dict[str, list[int]] = {}
    for time, event in calendar.iter_rows():
        events.setdefault(event, []).append(time)
    return [(time, values) for time, values in sorted(known.items()) if FROM <= time < TO], events


def test_no_strategy_is_without_a_file_and_no_file_without_a_strategy() -> None:
    assert sorted(STRATEGIES.values()) == sorted(path.stem for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_it_has_no_diagnostics(path: Path) -> None:
    assert [str(found) for found in load(path).diagnostics] == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_it_says_what_it_is_about_and_has_tests(path: Path) -> None:
    text = path.read_text("utf-8").replace("\n# ", " ")
    assert text.startswith("# ")
    assert [words for words in HEADINGS if words not in text] == []
    assert 2 <= len(load(path).checked.tests) <= 6
    assert all(rule.because is not None for program in load(path).checked.programs.values() for rule in program.rules)


@pytest.mark.slow
@pytest.mark.parametrize("name", ON_THE_SAMPLE)
def test_every_rule_is_active_at_some_time_on_the_sample_market_and_inactive_at_another(name: str) -> None:
    path = FOLDER / f"{name}.rules"
    rules = load(path)
    steps, events = sample()
    declared = {name: dates for name, dates in events.items() if path.stem == "events"}
    run = rules.start(events=declared, records=False)
    seen: dict[str, set[bool]] = {}
    hedges = []
    for time, values in steps:
        decision = run.step(time, {"BTC": values} if len(rules.assets) > 1 else values)["BTC"]
        hedges.append(decision.hedge)
        for name, active in decision.active.items():
            seen.setdefault(name, set()).add(active)
    assert {name: found for name, found in seen.items() if found != {True, False}} == {}
    changes = sum(before != after for before, after in pairwise(hedges))
    assert 2 <= changes <= 150
