"""Running one test: its bars through the reference evaluator, what it expects beside what is decided."""

import math
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from rulelang.check import CheckedRules, Outside
from rulelang.check.tested import CheckedTest, Expected, ExpectedAlert
from rulelang.evaluate import AssetDecision, Decision, Run
from rulelang.kinds import reading_text
from rulelang.kinds.units import time_text
from rulelang.syntax import printed, tree
from rulelang.testing.coverage import Coverage
from rulelang.testing.lengths import column, length, named
from rulelang.text import RuleError, Span

TOLERANCE = 1e-9
"""By how much a decided value may differ from the expected one."""

AROUND = 3
"""So many bars are shown before and after the first one that differs."""

_HOUR = 3600
_NOTHING = (None,)


@frozen
class Row:
    """One bar around a difference: its number (from 1), its close, what was given, expected and decided, as texts."""

    bar: int
    time: str
    given: dict[str, str]
    expected: str
    found: str
    differs: bool


@frozen
class Failure:
    """One expectation that isn't met, or one thing that keeps a test from being a test.

    `bar` (from 1): the first that differs; `rows`: the bars around it; `record`: its decision record. `rule`: the rule
    that was expected to be, or not to be, active.
    """

    message: str
    span: Span
    bar: int | None = None
    asset: str | None = None
    rule: str | None = None
    rows: tuple[Row, ...] = ()
    record: dict[str, Any] | None = None


@frozen
class Result:
    """What came of a test: how many bars it ran, and why it failed."""

    test: CheckedTest
    bars: int
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether all expectations are met, and the data last as long as they do."""
        return not self.failures


def run_test(rules: CheckedRules, test: CheckedTest, coverage: Coverage) -> Result:
    """Run a test and note what it covers; never raises, whatever the test."""
    try:
        bound = rules.bound(Outside(bars=test.bars, params=test.params)) if test.bars or test.params else rules
    except RuleError as error:
        return Result(test, 0, (Failure(f"the rules can't run so: {error}", test.written.name.span),))
    return _Trial(bound.dated(test.events), test).result(coverage)


class _Trial:
    """One test on its way."""

    def __init__(self, rules: CheckedRules, test: CheckedTest) -> None:
        self.rules, self.test = rules, test
        self.bars = rules.bars or _HOUR
        self.length, self.faults = length(test, self.bars)
        self.columns = {id(given): column(given, self.times()) for given in test.given}
        self.found: dict[tuple[int, str | None], list[Any]] = {}
        self.alerts: dict[int, list[tuple[str, str]]] = {}

    def times(self) -> list[float]:
        """Return when the bars of the test close."""
        return [self.test.start + self.bars * (at + 1) for at in range(self.length)]

    def result(self, coverage: Coverage) -> Result:
        """Run the bars and compare."""
        for at, decision in enumerate(self._decisions(coverage)):
            self._note(at, decision)
        found = [self._compared(expected) for expected in self.test.expected]
        found += [self._alerted(expected) for expected in self.test.alerts if expected.at <= self.length]
        failures = [failure for failure in found if failure is not None]
        failures += [Failure(fault.message, fault.span) for fault in self.faults]
        return Result(self.test, self.length, tuple(failures))

    def _note(self, at: int, decision: Decision) -> None:
        """Keep of a decision what something is expected of."""
        for expected in self.test.expected:
            for asset in self._assets(expected):
                self.found.setdefault((id(expected), asset), []).append(_found(expected, decision[asset]))
        if alerts := list(self._alerts(decision)):
            self.alerts[at] = alerts

    # --- the bars

    def _decisions(self, coverage: Coverage | None, upto: int | None = None) -> Iterator[Decision]:
        """Yield what is decided at each bar; the last one, at `upto` (from 0), with its record."""
        run = Run(self.rules, {}, records=False)
        watch = coverage.watch(run) if coverage is not None else None
        for at, time in enumerate(self.times()):
            if at == upto:
                run.record()
            decision = run.step(time, self._values(at))
            if watch is not None:
                watch.step(decision)
            yield decision
            if at == upto:
                return
            if at + 1 in self.test.restarts:
                snapshot = run.snapshot()
                run = Run(self.rules, {}, records=False)
                run.load(snapshot)
                watch = coverage.watch(run) if coverage is not None else None

    def _values(self, at: int) -> dict[str, Any]:
        """Return what is known at a bar: what is given to no asset in particular is given to each of them."""
        values: dict[str, Any] = {asset: {} for asset in self.rules.assets}
        for given in sorted(self.test.given, key=lambda one: one.asset is not None):
            value = self.columns[id(given)][at]
            if given.asset is not None:
                values.setdefault(given.asset, {})[given.name] = value
            elif self.rules.assets:
                for asset in self.rules.assets:
                    values[asset][given.name] = value
            else:
                values[given.name] = value
        return values

    # --- what is expected

    def _compared(self, expected: Expected) -> Failure | None:
        """Return how the decisions differ from what is expected of a target or rule."""
        wanted = _wanted(expected, self.length)
        for asset in self._assets(expected):
            found = self.found.get((id(expected), asset), [])
            pairs = enumerate(zip(wanted, found, strict=True))
            differing = [at for at, (want, have) in pairs if want is not _NOTHING and _differ(want, have)]
            if differing:
                return self._differing(expected, asset, wanted, found, differing)
        return None

    def _assets(self, expected: Expected) -> list[str | None]:
        """Return the assets of which something is expected."""
        if expected.asset is not None:
            return [expected.asset]
        programs = self.rules.programs
        if expected.what == "active":
            return [a for a, p in programs.items() if any(rule.name == expected.name for rule in p.rules)]
        return [asset for asset, program in programs.items() if expected.name in program.targets]

    def _differing(
        self, expected: Expected, asset: str | None, wanted: list[Any], found: list[Any], differing: list[int]
    ) -> Failure:
        first = differing[0]
        shown = [
            self._row(at, expected, asset, wanted[at], found[at], at in differing)
            for at in range(max(0, first - AROUND), min(len(found), first + AROUND + 1))
        ]
        what = named(expected, asset)
        have, want = _text(expected, found[first]), _text(expected, wanted[first])
        said = f"{what} is {have} at bar {first + 1}, expected {want}"
        if len(differing) > 1:
            said += f"; {len(differing):,} bars differ"
        return Failure(
            said,
            expected.span,
            first + 1,
            asset,
            expected.name if expected.what == "active" else None,
            tuple(shown),
            self._record(first, asset),
        )

    def _row(self, at: int, expected: Expected, asset: str | None, wanted: Any, found: Any, differs: bool) -> Row:
        given = {
            one.name if one.asset in (None, asset) else f"{one.asset}.{one.name}": reading_text(
                self.columns[id(one)][at], one.kind
            )
            for one in self.test.given
        }
        text = "" if wanted is _NOTHING else _text(expected, wanted)
        return Row(at + 1, time_text(self.times()[at]), given, text, _text(expected, found), differs)

    def _record(self, at: int, asset: str | None) -> dict[str, Any] | None:
        *_, last = self._decisions(None, at)
        return last[asset].record

    def _alerted(self, expected: ExpectedAlert) -> Failure | None:
        """Return that an alert didn't come at its bar."""
        here = self.alerts.get(expected.at - 1, [])
        if any(expected.text in texts for texts in here):
            return None
        bars = [str(at + 1) for at, alerts in self.alerts.items() if any(expected.text in texts for texts in alerts)]
        when = f"it came at bar {', '.join(bars[:5])}" if bars else "it never came"
        shown = ", ".join(f'"{filled}"' for filled, _ in here)
        instead = f", and there came {shown}" if here else ""
        asset = next(iter(self.rules.programs))
        said = f'no alert "{expected.text}" at bar {expected.at}: {when}{instead}'
        return Failure(said, expected.span, expected.at, asset, record=self._record(expected.at - 1, asset))

    def _alerts(self, decision: Decision) -> Iterator[tuple[str, str]]:
        """Yield the alerts of a bar, filled in and as they were written."""
        for asset, one in decision.items():
            rules = {rule.name: rule for rule in self.rules.programs[asset].rules}
            written = [
                printed(action.text)[1:-1]
                for name in one.started
                for action in rules[name].written.actions
                if isinstance(action, tree.Alert)
            ]
            yield from zip((alert.text for alert in one.alerts), written, strict=True)


# --- one value


def _wanted(expected: Expected, bars: int) -> list[Any]:
    """Return what is expected at each bar, `_NOTHING` where nothing is."""
    listed = list(expected.series)
    if expected.at is None:
        return [*listed, *[_NOTHING] * bars][:bars]
    return [listed[0] if at + 1 == expected.at else _NOTHING for at in range(bars)]


def _found(expected: Expected, decision: AssetDecision) -> Any:
    if expected.what == "active":
        return "yes" if decision.active[expected.name] else "no"
    return decision.targets[expected.name].after


def _differ(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, str):
        return bool(wanted != found)
    return not math.isclose(wanted, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _text(expected: Expected, value: Any) -> str:
    return reading_text(value, expected.kind)

