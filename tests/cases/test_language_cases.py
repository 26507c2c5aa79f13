"""The shared language cases: every file of rules decides, step by step, what its case says."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

import rulelang
from rulelang import Decision, Rules, StepRefused
from rulelang.api import Engine
from rulelang.kinds import parse_duration
from rulelang.testing import Coverage, run_test
from tests.cases.location import folder
from tests.shared import shared

_LISTS = ("cases", "sequences", "inline")


def _content() -> Mapping[str, list[Any]]:
    """Return the lists of cases; empty ones where the folder is missing (a test of its own tells of that)."""
    found = folder()
    if found is None:
        return {name: [] for name in _LISTS}
    content: Mapping[str, list[Any]] = json.loads((found / "cases" / "language.json").read_text("utf-8"))
    return content


_ALL = _content()


def _each(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", _ALL[name], ids=[case["id"] for case in _ALL[name]])


def test_the_cases_are_there() -> None:
    assert (shared() / "cases" / "language.json").is_file()
    assert len(_ALL["cases"]) > 100


def _rules(case: Mapping[str, Any]) -> Rules:
    return rulelang.loads(case["rules"], reader=case.get("files", {}).get, bars=case.get("bars"))


def _same(found: float | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return abs(found - wanted) <= 1e-9


_engines = pytest.mark.parametrize("engine", ["native", "reference"])


@_engines
@_each("cases")
def test_decides(case: Mapping[str, Any], engine: Engine) -> None:
    rules = _rules(case)
    decisions = list(_decisions(case, rules, engine))
    wanted = case["expect"] if rules.assets else {None: case["expect"]}
    assert set(wanted) == set(rules.assets or (None,))
    wrong = [line for asset, expected in wanted.items() for line in _wrong(asset, expected, decisions)]
    assert not wrong, "\n".join(wrong[:20])


def _decisions(case: Mapping[str, Any], rules: Rules, engine: Engine) -> Iterator[tuple[int, Decision]]:
    first, period = datetime.fromisoformat(case["first"]).timestamp(), parse_duration(case["bars"])
    columns = case["values"] if rules.assets else {None: case["values"]}
    length = case.get("length") or max(len(column) for own in columns.values() for column in own.values())
    run = rules.start(params=case.get("params"), events=case.get("events"), bars=case["bars"], engine=engine)
    for at in range(length):
        if at in case.get("skip", ()):
            continue
        rows = {asset: {name: column[at] for name, column in own.items()} for asset, own in columns.items()}
        values: Mapping[str, Any] = rows if rules.assets else rows[None]  # type: ignore[assignment]
        yield at, run.step(first + at * period, values)


def _wrong(asset: str | None, wanted: Mapping[str, Any], decisions: list[tuple[int, Decision]]) -> Iterator[str]:
    """Yield a line for everything that is not as the case says."""
    alerts: list[list[Any]] = []
    rejected: list[list[Any]] = []
    for at, decision in decisions:
        one = decision[asset]
        for name, columns in wanted["targets"].items():
            yield from _wrong_outcome(f"{asset or ''} {at} {name}", one.targets[name], columns, at)
        active = {name: bool(column[at]) for name, column in wanted["active"].items()}
        if dict(one.active) != active:
            yield f"{asset or ''} {at} active: found {dict(one.active)}, wanted {active}"
        alerts += [[at, alert.text] for alert in one.alerts]
        rejected += [[at, name] for name in one.rejected]
    for what, found in (("alerts", alerts), ("rejected", rejected)):
        if found != wanted.get(what, []):
            yield f"{asset or ''} {what}: found {found}, wanted {wanted.get(what, [])}"


def _wrong_outcome(label: str, outcome: rulelang.Outcome, columns: Mapping[str, list[Any]], at: int) -> Iterator[str]:
    for what in ("after", "desired"):
        if not _same(getattr(outcome, what), columns[what][at]):
            yield f"{label} {what}: found {getattr(outcome, what)}, wanted {columns[what][at]}"
    held = columns["held"][at] if "held" in columns else None
    if outcome.held != held:
        yield f"{label} held: found {outcome.held}, wanted {held}"
    frozen = bool(columns["frozen"][at]) if "frozen" in columns else False
    if outcome.frozen != frozen:
        yield f"{label} frozen: found {outcome.frozen}, wanted {frozen}"


@_engines
@_each("sequences")
def test_sequence(case: Mapping[str, Any], engine: Engine) -> None:
    run = _rules(case).start(engine=engine)
    for step in case["steps"]:
        if step["refused"]:
            before = run.snapshot()
            with pytest.raises(StepRefused):
                run.step(step["time"], step["values"])
            assert run.snapshot() == before
        else:
            assert _same(run.step(step["time"], step["values"]).hedge, step["hedge"])


@_each("inline")
def test_rules_with_tests_pass_and_fail_as_they_should(case: Mapping[str, Any]) -> None:
    rules = _rules(case)
    assert rules.diagnostics == []
    results = [run_test(rules.checked, test, Coverage(rules.checked)) for test in rules.checked.tests]
    assert {one.test.name: "passes" if one.passed else "fails" for one in results} == case["tests"]
