"""Checking `test` statements: names, kinds and counts; what passes is run by the room that tests."""

from collections.abc import Iterator
from difflib import get_close_matches
from fractions import Fraction

from rulelang.check import literals
from rulelang.check.checked import SUPPLIED
from rulelang.check.exact import exact_value
from rulelang.check.expressions import Elaborator, Place, a, text
from rulelang.check.memory import Recall, same_source
from rulelang.check.names import unknown
from rulelang.check.rules import applies
from rulelang.check.tested import CheckedTest, Expected, ExpectedAlert, Given, Series, Stretch
from rulelang.check.uses import Placed
from rulelang.kinds import CONDITION, PRICE, Kind, duration_text, parse_duration, unify
from rulelang.kinds.units import offset, time_text
from rulelang.syntax import printed, tree
from rulelang.text import Fix, Source, Span

LONGEST = 1_000_000
"""The most values of a series."""

_OUTSIDE = "`hedge.actual` and `hedge.entry` come from outside, so they can"
_COUNTED = "bars are counted from 1, and a value is repeated whole times"

_EXPECTING = (tree.ExpectValue, tree.ExpectActive, tree.ExpectAlert)

Reference = tree.Name | tree.OtherAsset | tree.Member


class Trials:
    """Takes the tests of a file, one after the other; `stated`: the base period that the file itself states."""

    def __init__(self, e: Elaborator, stated: int | None, recall: Recall) -> None:
        self.e = Elaborator(e.names, e.report, recall)  # one of its own: what stands in tests is no part of the program
        self.names, self.report, self.stated = e.names, e.report, stated
        self.bars: int | None = None  # of the test at hand
        self.tests: list[CheckedTest] = []
        self.seen: set[str] = set()

    def test(self, placed: Placed) -> None:
        """Take a test."""
        test = placed.statement
        assert isinstance(test, tree.Test)
        if test.name.text in self.seen:
            self.report.error(
                "RL207", test.name.span, f"a second test called `{test.name.text}`", "tests go by their names"
            )
        self.seen.add(test.name.text)
        found = self.e.remembered(test, "test", lambda: self._checked(test, placed.source))
        self.tests.append(same_source(found, placed.source))

    def _checked(self, test: tree.Test, source: Source) -> CheckedTest:
        if not any(isinstance(clause, _EXPECTING) for clause in test.clauses):
            message = f"the test `{test.name.text}` expects nothing, so it can't fail"
            self.report.error("RL209", test.name.span, message, "add a line such as `expect hedge = 50% at 1`")
        self._twice(test)
        given = next((self._bars(c) for c in test.clauses if isinstance(c, tree.GivenBars)), None)
        if given is None and self.stated is None:
            given = self._shortest(test)
        self.bars = given or self.stated
        found = [result for clause in test.clauses if (result := self._clause(clause)) is not None]
        return CheckedTest(
            test.name.text,
            given,
            next((self._start(c) for c in test.clauses if isinstance(c, tree.GivenFrom)), None),
            tuple(one for one in found if isinstance(one, Given)),
            dict(self._events(test)),
            dict(self._params(test)),
            tuple(one for one in found if isinstance(one, Expected)),
            tuple(one for one in found if isinstance(one, ExpectedAlert)),
            tuple(sorted(one for one in found if isinstance(one, int))),
            test,
            source,
        )

    def _twice(self, test: tree.Test) -> None:
        """Report what a test is given twice."""
        seen: set[str] = set()
        for clause in test.clauses:
            match clause:
                case tree.GivenBars() | tree.GivenFrom():
                    given = "bars" if isinstance(clause, tree.GivenBars) else "from"
                case tree.GivenSeries():
                    given = text(clause.reference)
                case tree.GivenParam() | tree.GivenEvent():
                    word = "param" if isinstance(clause, tree.GivenParam) else "event"
                    given = f"{word} {clause.name.text}"
                case _:
                    continue
            if given in seen:
                self.report.error(
                    "RL207", clause.span, f"`given {given}` stands twice in this test", "list all values in one line"
                )
            seen.add(given)

    def _clause(self, clause: tree.Clause) -> Given | Expected | ExpectedAlert | int | None:
        match clause:
            case tree.GivenSeries():
                return self._given(clause)
            case tree.ExpectValue():
                return self._expected(clause)
            case tree.ExpectActive():
                return self._active(clause)
            case tree.ExpectAlert():
                return self._alert(clause)
            case tree.Restart():
                return self._whole(clause.position.text, clause.position.span)
            case _:
                return None

    # --- what is given

    def _bars(self, clause: tree.GivenBars) -> int | None:
        bars = literals.duration(clause.period, self.report)
        if bars is not None and self.stated not in (None, bars):
            said = f"the file has bars of {duration_text(self.stated or 0)}, so a test can't have others"
            self.report.error("RL209", clause.span, said, "leave `given bars` out: the bars of the file count")
        return bars

    def _shortest(self, test: tree.Test) -> int | None:
        """Return the shortest period of what is given: bars are as long where nobody says how long they are."""
        periods: list[int | None] = []
        for clause in test.clauses:
            if isinstance(clause, tree.GivenSeries):
                declared = self.names.fields.get(_named(clause.reference)[1])
                said = parse_duration(clause.every.text) if clause.every is not None else None
                periods.append(said or (None if declared is None else declared.every))
        return min((period for period in periods if period is not None), default=None)

    def _start(self, clause: tree.GivenFrom) -> float:
        start = literals.moment(clause.moment, self.report) or 0
        if self.bars is not None and (start - offset(self.bars)) % self.bars:
            said = f"no bar of {duration_text(self.bars)} opens at `{clause.moment.text}`"
            opens = time_text(start - (start - offset(self.bars)) % self.bars)
            self.report.error("RL209", clause.span, said, "", Fix(opens, clause.moment.span))
        return start

    def _events(self, test: tree.Test) -> Iterator[tuple[str, tuple[float, ...]]]:
        for clause in test.clauses:
            if not isinstance(clause, tree.GivenEvent):
                continue
            if clause.name.text not in self.names.events:
                unknown("event", clause.name, list(self.names.events), self.names, self.report)
            dates = (literals.moment(date, self.report) for date in clause.dates)
            yield clause.name.text, tuple(sorted(date for date in dates if date is not None))

    def _params(self, test: tree.Test) -> Iterator[tuple[str, str]]:
        for clause in test.clauses:
            if not isinstance(clause, tree.GivenParam):
                continue
            name = clause.name.text
            param = self.names.params.get(name)
            if name not in self.names.params:
                unknown("param", clause.name, list(self.names.params), self.names, self.report)
            elif param is not None:
                value = self._constant(clause.value, param.kind, f"the param `{name}`")
                limits = self.names.limits.get(name)
                if value is not None and limits is not None and not limits[0] <= value <= limits[1]:
                    said = f"`{text(clause.value)}` is outside the limits of the param `{name}`"
                    self.report.error("RL306", clause.value.span, said, "they stand behind `in`, where it is declared")
            yield name, printed(clause.value)

    def _given(self, clause: tree.GivenSeries) -> Given | None:
        every = literals.duration(clause.every, self.report) if clause.every is not None else None
        if every is not None and self.bars is not None and every % self.bars:
            said = f"`{duration_text(every)}` is no multiple of the bars of {duration_text(self.bars)}"
            self.report.error("RL209", clause.span, said, "a value comes with a bar, never within one")
        kind = self._given_kind(clause.reference)
        series = self._series(clause.series, kind)
        if kind is None or series is None:
            return None
        asset, name = _named(clause.reference)
        return Given(asset, name, kind, every, series, clause)

    def _given_kind(self, reference: Reference) -> Kind | None:
        if isinstance(reference, tree.Member):
            target, member = reference.owner.text, reference.member.text
            if target in self.names.targets and member in SUPPLIED:
                return self.names.targets[target].kind if member == "actual" else PRICE
            self.report.error(
                "RL201", reference.span, f"`{text(reference)}` can't be given: it follows from the rules", _OUTSIDE
            )
            return None
        name = reference.field if isinstance(reference, tree.OtherAsset) else reference
        if name.text in self.names.fields:
            return self.names.fields[name.text].kind
        unknown("field", name, list(self.names.fields), self.names, self.report)
        return None

    # --- what is expected

    def _expected(self, clause: tree.ExpectValue) -> Expected | None:
        kind = self._target_kind(clause.reference)
        at = self._position(clause.position, clause.series)
        series = self._series(clause.series, kind)
        if kind is None or series is None:
            return None
        if any(stretch.value is None for stretch in series.stretches):
            self.report.error(
                "RL209", clause.span, "a target is never missing, whatever the market", "expect the level that it has"
            )
        asset, name = _named(clause.reference)
        self._of_asset(clause.reference.asset if isinstance(clause.reference, tree.OtherAsset) else None)
        return Expected("value", asset, name, kind, series, at, clause)

    def _target_kind(self, reference: Reference) -> Kind | None:
        if isinstance(reference, tree.Member):
            self.report.error(
                "RL201", reference.span, f"`{text(reference)}` is no target: write such as `expect hedge = 50%`"
            )
            return None
        name = reference.field if isinstance(reference, tree.OtherAsset) else reference
        if name.text in self.names.targets:
            return self.names.targets[name.text].kind
        unknown("target", name, list(self.names.targets), self.names, self.report)
        return None

    def _active(self, clause: tree.ExpectActive) -> Expected | None:
        if clause.rule.text not in self.names.all_rules:
            unknown("rule", clause.rule, sorted(self.names.all_rules), self.names, self.report)
        self._of_asset(clause.asset)
        self._in_scope(clause)
        at = self._position(clause.position, clause.series)
        for item in clause.series:
            if not isinstance(item.value, tree.Name) or item.value.text not in ("yes", "no") or item.to is not None:
                self.report.error(
                    "RL209", item.span, "whether a rule is active is `yes` or `no`", "as in `yes x 3, no x 2`"
                )
                return None
        stretches = (Stretch(text(item.value), None, self._times(item)) for item in clause.series if item.value)
        asset = None if clause.asset is None else clause.asset.text
        return Expected("active", asset, clause.rule.text, CONDITION, Series(tuple(stretches)), at, clause)

    def _in_scope(self, clause: tree.ExpectActive) -> None:
        """Report a rule that doesn't run for the asset of which it is expected."""
        scope = self.names.all_rules.get(clause.rule.text)
        if clause.asset is not None and not applies(scope, clause.asset.text):
            said = f"the rule `{clause.rule.text}` doesn't run for {clause.asset.text}"
            self.report.error("RL209", clause.asset.span, said, "behind its name stands `on`, and for which it runs")

    def _of_asset(self, asset: tree.Asset | None) -> None:
        if asset is not None and asset.text not in self.names.assets:
            unknown("asset", asset, list(self.names.assets), self.names, self.report)

    def _alert(self, clause: tree.ExpectAlert) -> ExpectedAlert | None:
        at = self._whole(clause.position.text, clause.position.span)
        return None if at is None else ExpectedAlert(printed(clause.text)[1:-1], at, clause)

    # --- series

    def _series(self, series: tuple[tree.Item, ...], kind: Kind | None) -> Series | None:
        stretches = [self._stretch(item, kind) for item in series]
        known = tuple(stretch for stretch in stretches if stretch is not None)
        found = Series(known)
        if len(found) > LONGEST:
            span = Span(series[0].span.start, series[-1].span.end)
            self.report.error("RL209", span, f"{len(found):,} values, more than the {LONGEST:,} of a test: list fewer")
            return None
        return found if len(known) == len(stretches) else None

    def _stretch(self, item: tree.Item, kind: Kind | None) -> Stretch | None:
        times = self._times(item)
        if item.value is None:
            return Stretch(None, None, times)
        if kind is None:
            return None
        if kind.name == "word":
            return self._word(item.value, kind, times)
        value = self._constant(item.value, kind, "what is listed here")
        to = self._constant(item.to, kind, "what is listed here") if item.to is not None else None
        if item.to is not None and times < 2:
            self.report.error("RL209", item.span, "from one value to another takes at least 2: `100 to 110 x 11`")
            return None
        return None if value is None or (item.to is not None and to is None) else Stretch(value, to, times)

    def _constant(self, written: tree.Expression, kind: Kind, what: str) -> Fraction | None:
        """Return the exact value of what is listed, or `None` with a diagnostic where it is none of that kind."""
        node = self.e.fitting(kind, written, Place(), what)
        if node is None:
            return None
        joint = unify(kind, node.kind)
        if node.kind.name == "rate" and isinstance(kind.unit, int) and joint == kind:
            node = self.e.on_period(node, kind.unit)
        value = exact_value(node)
        if value is None:
            said = f"`{text(written)}` depends on the market; {what} has to be {a(kind)} that is known beforehand"
            self.report.error("RL209", written.span, said, "a test says itself what the market did")
        return value

    def _word(self, value: tree.Expression, kind: Kind, times: int) -> Stretch | None:
        assert isinstance(kind.unit, tuple)
        if isinstance(value, tree.Name) and value.text in kind.unit:
            return Stretch(value.text, None, times)
        choices = ", ".join(f"`{word}`" for word in kind.unit)
        near = get_close_matches(text(value), kind.unit, 1)
        fixes = (Fix(word, value.span) for word in near)
        self.report.error(
            "RL209", value.span, f"`{text(value)}` is no word of this field: it has {choices}", "", *fixes
        )
        return None

    # --- counts

    def _times(self, item: tree.Item) -> int:
        return 1 if item.times is None else self._whole(item.times, item.span) or 1

    def _position(self, position: tree.Number | None, series: tuple[tree.Item, ...]) -> int | None:
        if position is None:
            return None
        if len(series) != 1 or series[0].times is not None:
            self.report.error(
                "RL209", position.span, "`at` goes with one value: write such as `expect hedge = 50% at 3`"
            )
        return self._whole(position.text, position.span)

    def _whole(self, written: str, span: Span) -> int | None:
        value = literals.exact(written)
        if value.denominator == 1 and 1 <= value <= literals.WINDOW:
            return int(value)
        self.report.error("RL209", span, f"`{written}` is no whole number from 1 to {literals.WINDOW:,}", _COUNTED)
        return None


def _named(reference: Reference) -> tuple[str | None, str]:
    """Return the asset that a reference names, and the field or target."""
    if isinstance(reference, tree.OtherAsset):
        return reference.asset.text, reference.field.text
    return None, text(reference)
