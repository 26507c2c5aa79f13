"""Checking `test` statements: names, kinds and counts; they are kept, and run by the room that tests."""

from rulelang.check import literals
from rulelang.check.expressions import Elaborator, Place, text
from rulelang.check.names import MEMBERS, unknown
from rulelang.kinds import PRICE, Kind
from rulelang.syntax import tree


class Trials:
    """Takes the tests of a file, one after the other."""

    def __init__(self, e: Elaborator) -> None:
        self.e, self.names, self.report = e, e.names, e.report
        self.seen: set[str] = set()

    def test(self, test: tree.Test) -> None:
        """Take a test."""
        if test.name.text in self.seen:
            self.report.error("RL207", test.name.span, f"a second test called `{test.name.text}`")
        self.seen.add(test.name.text)
        for clause in test.clauses:
            self._clause(clause)
        if not any(isinstance(c, tree.ExpectValue | tree.ExpectActive | tree.ExpectAlert) for c in test.clauses):
            self.report.error("RL209", test.name.span, f"the test `{test.name.text}` expects nothing, so it can't fail")

    def _clause(self, clause: tree.Clause) -> None:
        match clause:
            case tree.GivenBars():
                literals.duration(clause.period, self.report)
            case tree.GivenFrom():
                literals.moment(clause.moment, self.report)
            case tree.GivenSeries():
                if clause.every is not None:
                    literals.duration(clause.every, self.report)
                self._series(clause.series, self._given(clause.reference))
            case tree.ExpectValue():
                self._series(clause.series, self._expected(clause.reference))
                self._position(clause.position, clause.series)
            case tree.ExpectActive():
                if clause.rule.text not in self.names.all_rules:
                    unknown("rule", clause.rule, sorted(self.names.all_rules), self.names, self.report)
                self._answers(clause.series)
                self._position(clause.position, clause.series)
            case tree.ExpectAlert():
                self._whole(clause.position.text, clause.position)

    def _given(self, reference: tree.Name | tree.OtherAsset | tree.Member) -> Kind | None:
        if isinstance(reference, tree.Member):
            target, member = reference.owner.text, reference.member.text
            if target in self.names.targets and member in MEMBERS[2:]:
                return PRICE if member == "entry" else self.names.targets[target].kind
            self.report.error("RL201", reference.span, f"`{text(reference)}` is nothing that a host supplies")
            return None
        name = reference.field if isinstance(reference, tree.OtherAsset) else reference
        if name.text in self.names.fields:
            return self.names.fields[name.text].kind
        unknown("field", name, list(self.names.fields), self.names, self.report)
        return None

    def _expected(self, reference: tree.Name | tree.OtherAsset | tree.Member) -> Kind | None:
        if isinstance(reference, tree.Member):
            self.report.error("RL201", reference.span, f"`{text(reference)}` is no target")
            return None
        name = reference.field if isinstance(reference, tree.OtherAsset) else reference
        if name.text in self.names.targets:
            return self.names.targets[name.text].kind
        unknown("target", name, list(self.names.targets), self.names, self.report)
        return None

    def _series(self, series: tuple[tree.Item, ...], kind: Kind | None) -> None:
        for item in series:
            if item.times is not None:
                self._whole(item.times, item)
            for value in (item.value, item.to):
                if value is not None and kind is not None:
                    self._item(value, kind)

    def _item(self, value: tree.Expression, kind: Kind) -> None:
        if kind.name == "word":
            assert isinstance(kind.unit, tuple)
            if not isinstance(value, tree.Name) or value.text not in kind.unit:
                choices = " | ".join(kind.unit)
                self.report.error("RL209", value.span, f"`{text(value)}` is none of the words {choices}")
            return
        self.e.fitting(kind, value, Place(), "what is listed here")

    def _answers(self, series: tuple[tree.Item, ...]) -> None:
        for item in series:
            if item.times is not None:
                self._whole(item.times, item)
            if not isinstance(item.value, tree.Name) or item.value.text not in ("yes", "no") or item.to is not None:
                self.report.error("RL209", item.span, "whether a rule is active is `yes` or `no`")

    def _position(self, position: tree.Number | None, series: tuple[tree.Item, ...]) -> None:
        if position is None:
            return
        self._whole(position.text, position)
        if len(series) != 1 or series[0].times is not None:
            self.report.error("RL209", position.span, "`at` goes with one value")

    def _whole(self, written: str, node: tree.Number | tree.Item) -> None:
        value = literals.exact(written)
        if value.denominator != 1 or not 1 <= value <= literals.WINDOW:
            self.report.error("RL209", node.span, f"`{written}` is no whole number from 1 to {literals.WINDOW:,}")
