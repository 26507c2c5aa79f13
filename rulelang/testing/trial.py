"""Running one test: its bars through the reference evaluator, what it expects beside what is decided."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from rulelang.check import CheckedRules, Outside
from rulelang.check.tested import CheckedTest, Expected, ExpectedAlert
from rulelang.evaluate import AssetDecision, Decision, Run
from rulelang.kinds import reading_text
from rulelang.kinds.units import time_text
from rulelang.syntax import printed, tree
from rulelang.testing.coverage import Coverage, Watch
from rulelang.testing.difference import Difference, Failure, Row, differing, wanted
from rulelang.testing.lengths import column, comes, length, opens, strangers
from rulelang.text import RuleError, Severity

AROUND = 3
"""So many bars are shown before and after the first one that differs."""

_HOUR = 3600


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


@frozen
class _Raised:
    """An alert of a bar: its asset and rule, its text filled in, and as it was written."""

    bar: int
    asset: str | None
    rule: str
    filled: str
    written: str


def run_test(rules: CheckedRules, test: CheckedTest, coverage: Coverage) -> Result:
    """Run a test and note what it covers; never raises, whatever the test."""
    try:
        bound = rules.bound(Outside(bars=test.bars, params=test.params)) if test.bars or test.params else rules
    except RuleError as error:
        first = next(d for d in error.diagnostics if d.severity is Severity.ERROR)
        return Result(test, 0, (Failure(f"the rules can't run so: {first.message}", test.written.name.span),))
    return _Trial(bound.dated(test.events), test).result(coverage)


class _Trial:
    """One test on its way."""

    def __init__(self, rules: CheckedRules, test: CheckedTest) -> None:
        self.rules, self.test = rules, test
        self.bars = rules.bars or _HOUR
        self.length, faults = length(test, self.bars)
        self.faults = [*faults, *strangers(test, rules)]
        start = opens(test, self.bars)
        self.times = [start + self.bars * (at + 1) for at in range(self.length)]
        given = sorted(test.given, key=lambda one: one.asset is not None)  # what an asset is given itself wins
        self.columns = [(one, column(one, self.times)) for one in given]
        self.found: dict[tuple[int, str | None], list[Any]] = {}
        self.alerts: list[_Raised] = []

    def result(self, coverage: Coverage) -> Result:
        """Run the bars and compare."""
        for at, decision in enumerate(self._decisions(coverage)):
            self._note(at, decision)
        differences = [one for expected in self.test.expected if (one := self._compared(expected)) is not None]
        missed = [alert for alert in self.test.alerts if alert.at <= self.length and not self._came(alert)]
        decided = self._recorded({*(one.bars[0] for one in differences), *(alert.at for alert in missed)})
        failures = [self._differing(one, decided[one.bars[0]][one.asset]) for one in differences]
        failures += [self._missed(alert, decided[alert.at]) for alert in missed]
        return Result(self.test, self.length, (*failures, *(Failure(f.message, f.span) for f in self.faults)))

    # --- the bars

    def _decisions(self, coverage: Coverage) -> Iterator[Decision]:
        """Yield what is decided at each bar."""
        run = Run(self.rules, {}, records=False)
        watch = Watch(coverage, run)
        for at in range(self.length):
            decision = run.step(self.times[at], self._values(at))
            watch.step(decision)
            yield decision
            if at + 1 in self.test.restarts:
                run = self._resumed(run)
                watch = Watch(coverage, run)

    def _resumed(self, run: Run) -> Run:
        """Return a run that goes on from where another one is."""
        twin = Run(self.rules, {}, records=False)
        twin.load(run.snapshot())
        return twin

    def _recorded(self, bars: set[int]) -> dict[int, Decision]:
        """Return the decisions of some bars (from 1) with their records."""
        run, found = Run(self.rules, {}, records=False), {}
        for at in range(max(bars, default=0)):
            if at + 1 in bars:
                twin = self._resumed(run)
                twin.record()
                found[at + 1] = twin.step(self.times[at], self._values(at))
            run.step(self.times[at], self._values(at))
        return found

    def _values(self, at: int) -> dict[str, Any]:
        """Return what is known at a bar: what is given to no asset in particular is given to each of them."""
        values: dict[str, Any] = {asset: {} for asset in self.rules.assets}
        for given, listed in self.columns:
            value = listed[at] if comes(given, self.times[at], self.bars, at == 0) else None
            if given.asset is not None:
                values.setdefault(given.asset, {})[given.name] = value
            elif self.rules.assets:
                for asset in self.rules.assets:
                    values[asset][given.name] = value
            else:
                values[given.name] = value
        return values

    def _note(self, at: int, decision: Decision) -> None:
        """Keep of a decision what something is expected of."""
        for expected in self.test.expected:
            for asset in self._assets(expected):
                self.found.setdefault((id(expected), asset), []).append(_found(expected, decision[asset]))
        for asset, one in decision.items():
            if one.alerts:
                self.alerts += self._raised(at + 1, asset, one)

    # --- levels and active rules

    def _assets(self, expected: Expected) -> list[str | None]:
        """Return the assets of which something is expected."""
        if expected.asset is not None:
            return [expected.asset]
        programs = self.rules.programs
        if expected.what == "active":
            return [a for a, p in programs.items() if any(rule.name == expected.name for rule in p.rules)]
        return [asset for asset, program in programs.items() if expected.name in program.targets]

    def _compared(self, expected: Expected) -> Difference | None:
        """Return how the decisions differ from what is expected, of the first asset where they do."""
        listed = wanted(expected, self.length)
        for asset in self._assets(expected):
            found = self.found.get((id(expected), asset), [])
            if bars := differing(listed, found):
                return Difference(expected, asset, listed, found, bars)
        return None

    def _differing(self, one: Difference, decision: AssetDecision) -> Failure:
        first = one.bars[0]
        shown = range(max(1, first - AROUND), min(self.length, first + AROUND) + 1)
        rows = tuple(self._row(bar, one) for bar in shown)
        rule = one.expected.name if one.expected.what == "active" else None
        return Failure(one.message, one.expected.span, first, one.asset, rule, rows, decision.record)

    def _row(self, bar: int, one: Difference) -> Row:
        given = {
            each.name if each.asset in (None, one.asset) else f"{each.asset}.{each.name}": reading_text(
                listed[bar - 1], each.kind
            )
            for each, listed in self.columns
        }
        time = time_text(self.times[bar - 1])
        return Row(bar, time, given, one.wanted_text(bar), one.found_text(bar), bar in one.bars)

    # --- alerts

    def _raised(self, bar: int, asset: str | None, decision: AssetDecision) -> Iterator[_Raised]:
        """Yield the alerts of a bar, filled in and as they were written."""
        rules = {rule.name: rule for rule in self.rules.programs[asset].rules}
        written = [
            printed(action.text)[1:-1]
            for name in decision.started
            for action in rules[name].written.actions
            if isinstance(action, tree.Alert)
        ]
        for alert, text in zip(decision.alerts, written, strict=True):
            yield _Raised(bar, asset, alert.rule, alert.text, text)

    def _came(self, expected: ExpectedAlert) -> bool:
        return any(one.bar == expected.at and expected.text in (one.filled, one.written) for one in self.alerts)

    def _missed(self, expected: ExpectedAlert, decision: Decision) -> Failure:
        """Return that an alert didn't come at its bar, and why its rule didn't become active there."""
        same = [one for one in self.alerts if expected.text in (one.filled, one.written)]
        here = [one for one in self.alerts if one.bar == expected.at]
        said = f'no alert "{expected.text}" at bar {expected.at}: {_instead(same, here or self.alerts)}'
        asset = next((one.asset for one in same or here or self.alerts), next(iter(self.rules.programs)))
        return Failure(said, expected.span, expected.at, asset, record=decision[asset].record)


def _found(expected: Expected, decision: AssetDecision) -> Any:
    if expected.what == "active":
        return "yes" if decision.active[expected.name] else "no"
    return decision.targets[expected.name].after


def _instead(same: list[_Raised], others: list[_Raised]) -> str:
    """Say when an alert came, or else which others did."""
    if same:
        bars = sorted({one.bar for one in same})
        return f"it came at bar {', '.join(map(str, bars[:5]))}{', …' if len(bars) > 5 else ''}"
    if not others:
        return "the test has no alerts"
    texts = list(dict.fromkeys(f'"{one.filled}" at bar {one.bar}' for one in others))
    return f"it never came; there came {', '.join(texts[:3])}{', …' if len(texts) > 3 else ''}"
