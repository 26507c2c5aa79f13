"""The strategies in rules/: no diagnostics, their own tests are true, and each one acts on the sample market."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars
import pytest

import rulelang
from rulelang import Rules
from rulelang.kinds import parse_duration
from rulelang.syntax import tree

FOLDER = Path(__file__).parents[2] / "rules"
SAMPLE = Path(rulelang.__file__).parent / "data" / "sample"
FILES = sorted(FOLDER.glob("*.rules"))
MONDAY = 4 * 86_400
HOUR, DAY = 3_600, 86_400
FROM, TO = 1_696_118_400, 1_727_740_800
"""The part of the sample market that is stepped through: October 2023 to September 2024, bull run and crash."""


def named(value: Any) -> str:
    return value.stem if isinstance(value, Path) else str(value)


def load(path: Path) -> Rules:
    return rulelang.load(path)


# The tests inside the files: a small stand-in for the room that will run them ─────────────────────────────────────────


def own_tests() -> list[Any]:
    return [
        pytest.param(path, test, id=f"{path.stem}-{test.name.text}")
        for path in FILES
        for test in load(path).checked.tests
    ]


def number(written: tree.Expression) -> Any:
    match written:
        case tree.Percent():
            return float(written.text[:-1].replace("_", "")) / 100
        case tree.Number():
            return float(written.text.replace("_", ""))
        case tree.Negative():
            return -number(written.inner)
        case tree.Name():
            return written.text
    raise AssertionError(written)


def listed(series: tuple[tree.Item, ...]) -> Iterator[Any]:
    for item in series:
        times = int(item.times) if item.times is not None else 1
        if item.value is None:
            yield from [None] * times
        elif item.to is not None:
            first, last = number(item.value), number(item.to)
            yield from (first + (last - first) * step / (times - 1) for step in range(times))
        else:
            yield from [number(item.value)] * times


def placed(given: tree.GivenSeries, times: list[int]) -> list[Any]:
    """Return a value for every bar; one of a published field stands at the first bar of each of its periods."""
    values = list(listed(given.series))
    if given.every is None:
        assert len(values) >= len(times), "the series is too short"
        return values
    every = parse_duration(given.every.text)
    column: list[Any] = []
    before, coming = None, iter(values)
    for time in times:
        column.append(next(coming) if time // every != before else None)
        before = time // every
    return column


@pytest.mark.parametrize(("path", "test"), own_tests())
def test_its_own_tests_are_true(path: Path, test: tree.Test) -> None:
    rules = load(path)
    start = next((when(c.moment.text) for c in test.clauses if isinstance(c, tree.GivenFrom)), MONDAY)
    expects = [c for c in test.clauses if isinstance(c, tree.ExpectValue | tree.ExpectActive)]
    assert rules.bars is not None
    length = max(len(list(listed(expect.series))) for expect in expects)
    times = [start + rules.bars * (at + 1) for at in range(length)]
    columns = {
        str(given.reference.text): placed(given, times)
        for given in test.clauses
        if isinstance(given, tree.GivenSeries) and isinstance(given.reference, tree.Name)
    }
    run = rules.start(records=False)
    assets = rules.assets
    decided = []
    for at, time in enumerate(times):
        values = {name: column[at] for name, column in columns.items()}
        decided.append(run.step(time, dict.fromkeys(assets, values) if len(assets) > 1 else values))
    for asset in decided[0]:
        for expect in expects:
            wanted = list(listed(expect.series))
            if isinstance(expect, tree.ExpectValue):
                assert isinstance(expect.reference, tree.Name)
                name = expect.reference.text
                assert [one[asset].targets[name].after for one in decided] == pytest.approx(wanted, abs=1e-9)
            else:
                assert [one[asset].active[expect.rule.text] for one in decided] == [word == "yes" for word in wanted]


def when(text: str) -> int:
    from rulelang.evaluate.run import seconds_of

    return int(seconds_of(text))


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


def test_there_are_six() -> None:
    assert [path.stem for path in FILES] == ["events", "funding", "rsi", "support", "trend", "volatility"]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_it_has_no_diagnostics(path: Path) -> None:
    assert [str(found) for found in load(path).diagnostics] == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_it_says_what_it_is_about_and_has_tests(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("# ")
    assert all(words in text for words in ("The idea.", "When it helps.", "When it hurts.", "Who pays."))
    assert 1 <= len(load(path).checked.tests) <= 3
    assert all(rule.because is not None for program in load(path).checked.programs.values() for rule in program.rules)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_rule_is_active_at_some_time_on_the_sample_market_and_inactive_at_another(path: Path) -> None:
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
