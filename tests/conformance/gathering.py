"""What the conformance kit is made of: the inputs of the project's own examples, goldens and kept counterexamples."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import rulelang
from rulelang import api
from rulelang.check import Outside
from rulelang.evaluate import StepRefused, seconds_of
from rulelang.kinds import duration_text
from rulelang.testing import trial
from rulelang.text import Source
from rulelang.text.pages import PAGES
from tests.conformance.probes import PROBES, market

ROOT = Path(__file__).parents[2]
LONGEST = 120
"""Steps; what is longer tests limits, not meanings."""
LARGEST = 20_000
"""Characters of the texts, for the same reason."""

EXAMPLES = (
    "tests/engine/test_found.py",
    "tests/engine/test_gaps.py",
    "tests/examples/test_found_by_oracle.py",
    "tests/examples/test_params.py",
    "tests/examples/test_steps.py",
    "tests/examples/test_text_forms.py",
    "tests/examples/test_use.py",
    "tests/examples/test_warnings.py",
    "tests/explain/test_why.py",
)
"""Tests whose runs and refused texts are kept: examples of the language, and counterexamples by name."""

Case = dict[str, Any]


def gathered() -> Iterator[Case]:
    """Yield the inputs of every case but the generated ones."""
    yield from _pages()
    yield from _strategies()
    yield from _probes()
    yield from _recorded()


# Pages of diagnostics: the mistake is refused, the repair is not ──────────────────────────────────────────────────────


def _pages() -> Iterator[Case]:
    for page in PAGES:
        for what in ("mistake", "repair"):
            if text := getattr(page, what):
                yield {"name": f"{page.code} {what}", "from": "docs/diagnostics.md", "rules": text}


# The rule library: each test in a file is a market ────────────────────────────────────────────────────────────────────


def _strategies() -> Iterator[Case]:
    for path in sorted((ROOT / "rules").glob("*.rules")):
        rules = rulelang.load(path)
        text = re.split(r"^test ", path.read_text("utf-8"), maxsplit=1, flags=re.MULTILINE)[0]
        bare = "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip() + "\n"
        for test in rules.checked.tests:
            one = trial._Trial(rules.checked.bound(Outside(bars=test.bars, params=test.params)), test)
            if one.length <= LONGEST:
                yield {
                    "name": f"{path.stem}: {test.name}",
                    "from": f"rules/{path.name}",
                    "rules": bare,
                    **_given(test.params, test.events, test.bars),
                    "steps": [{"time": _whole(time), "values": one._values(at)} for at, time in enumerate(one.times)],
                }


def _given(params: Mapping[str, Any] | None, events: Mapping[str, Any] | None, bars: str | int | None) -> Case:
    """Return what a run is given from outside, without what is empty."""
    dates = {name: [_seconds(time) for time in times] for name, times in (events or {}).items()}
    found = {"bars": duration_text(bars) if isinstance(bars, int) else bars, "params": params, "events": dates}
    return {name: value for name, value in found.items() if value}


def _seconds(time: Any) -> float:
    return _whole(seconds_of(f"{time}T00:00Z" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(time)) else time))


def _whole(time: float) -> float:
    return int(time) if time == int(time) else time


# Probes: the values of functions, shown as levels ─────────────────────────────────────────────────────────────────────


def _probes() -> Iterator[Case]:
    for expression, (low, high) in PROBES.items():
        text = f"bars 1h\ntarget value between {low} and {high}\notherwise value {expression}\n"
        yield {"name": expression, "from": "functions", "rules": text, "steps": market(expression)}


# Runs of tests ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Recording:
    """A run that notes what its steps are given, until it is given the state of another one."""

    def __init__(self, run: Any, case: Case) -> None:
        self._run, self._case = run, case

    def __getattr__(self, name: str) -> Any:
        if name == "load":
            self._case["steps"] = list(self._case["steps"])  # what comes after belongs to another run
        return getattr(self._run, name)

    def step(self, time: Any, values: Any) -> Any:
        try:
            self._case["steps"].append({"time": _whole(seconds_of(time)), "values": dict(values)})
        except (StepRefused, TypeError, ValueError):
            self._case["steps"].append(_PYTHONS)
        return self._run.step(time, values)


_PYTHONS = float("nan")
"""Stands for a step that is none of the language but of Python: a time without a zone, values that are no mapping."""


class _Recorder:
    """Notes the runs and the refused texts of the tests that pytest runs."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.used: dict[Source, Case] = {}
        self.test = ""

    def pytest_runtest_call(self, item: pytest.Item) -> None:
        self.test = item.nodeid

    def add(self, case: Case) -> Case:
        path, _, test = self.test.partition("::")
        self.cases.append({"name": test.removeprefix("test_"), "from": path, **case})
        return self.cases[-1]

    def started(self, start: Any) -> Any:
        def recording(rules: Any, **given: Any) -> Any:
            run = start(rules, **given)
            outside = _given(given.get("params"), given.get("events"), given.get("bars") or _outer(rules))
            texts = {"rules": rules.checked.source.text, **self.used.get(rules.checked.source, {})}
            return _Recording(run, self.add({**texts, **outside, "steps": []}))

        return recording

    def checked(self, check: Any) -> Any:
        def recording(source: Any, *, reader: Any = None, **given: Any) -> Any:
            files: dict[str, str] = {}
            found = check(source, reader=reader and _noting(reader, files), **given)
            self.used[source] = {"files": files} if files else {}
            if found.rules is None:
                self.add({"rules": source.text, **self.used[source]})
            return found

        return recording


def _noting(reader: Any, files: dict[str, str]) -> Any:
    """Return a reader that notes what it read."""

    def read(path: str) -> Any:
        found = reader(path)
        if isinstance(found, str):
            files[path] = found
        return found

    return read


def _outer(rules: Any) -> Any:
    return None if rules.checked.stated_bars else rules.bars


def _recorded() -> Iterator[Case]:
    recorder = _Recorder()
    with (
        mock.patch.object(api.Rules, "start", recorder.started(api.Rules.start)),
        mock.patch.object(api, "_check", recorder.checked(api._check)),
    ):
        code = pytest.main(
            ["-q", "-n", "0", "-p", "no:cacheprovider", *(str(ROOT / path) for path in EXAMPLES)], plugins=[recorder]
        )
    if code != pytest.ExitCode.OK:
        raise SystemExit("the examples fail: see above")
    yield from filter(_fits, recorder.cases)


def _fits(case: Case) -> bool:
    """Say whether a case is of the language alone: not of Python's values, and not too long."""
    steps = case.get("steps", [None])
    size = sum(map(len, [case["rules"], *case.get("files", {}).values()]))
    return size <= LARGEST and 0 < len(steps) <= LONGEST and plain(case)


def plain(case: Case) -> bool:
    """Say whether JSON can hold a case."""
    try:
        json.dumps(case, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
