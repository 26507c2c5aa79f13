"""Doing the work on one statement apart from that on others, so that what came of it can be recalled the next time."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from rulelang.check.memory import Findings, Key, Recall, Unit, declared
from rulelang.check.names import Names
from rulelang.check.report import Report
from rulelang.fields import Field
from rulelang.syntax import tree


class Work:
    """The work on the statements of one text, one after the other; `recall`: what is known of an earlier one.

    `whole`: what comes of it, `passed`: its parts so far, `shape`: the number of the names that there are by now.
    """

    def __init__(self, names: Names, report: Report, recall: Recall) -> None:
        self.names = names
        self.report = report
        self.recall = recall
        self.whole = Findings()
        self.passed: dict[Key, Unit] = {}
        self.shape = 0
        self._found = self.whole

    def remembered(
        self, statement: tree.Statement, what: Hashable, work: Callable[[], Any], elsewhere: bool = False
    ) -> Any:
        """Do a piece of work on a statement, once, or recall it; return what came of it.

        `elsewhere`: not where the statement stands but further down, where there are more names than it can name.
        """
        key = id(statement), what
        unit = self.passed.get(key)
        if unit is None:
            unit = self.recall.known(key, self.shape)
            if unit is None:
                unit = self._worked(statement, key, work, elsewhere)
            else:
                self._recalled(unit)
            self.passed[key] = unit
        self._found.add(unit)
        return unit.result

    def _worked(self, statement: tree.Statement, key: Key, work: Callable[[], Any], elsewhere: bool) -> Unit:
        """Do a piece of work; what comes of it is kept apart from what comes of others."""
        if key in self.recall.units and (name := declared(statement)) is not None:
            self.recall.changed.add(name)
        unit = Unit(key, statement.span.start, self.shape, Findings())
        before, self._found = self._found, unit.findings
        names, report = self.names, self.report
        used, names.used, wide, names.wide = names.used, unit.findings.used, names.wide, False
        heard, report.heard = report.heard, unit.findings.heard
        unit.result = work()
        unit.findings.wide = names.wide
        early = any(not isinstance(one, Unit) and one[0].code == "RL202" for one in report.heard)
        unit.findings.tainted |= elsewhere and (names.wide or early)
        self._found, names.used, names.wide, report.heard = before, used, wide, heard
        return unit

    def _recalled(self, unit: Unit) -> None:
        """Tell again what was said of a statement, and of the lets that it asked for."""
        heard, self.report.heard = self.report.heard, []
        for one in unit.findings.heard:
            if not isinstance(one, Unit):
                self.report.again(self.recall.moved(one[0], unit), one[1])
            elif one.key not in self.passed:
                self._recalled(one)
                self.passed[one.key] = one
        self.report.heard = heard

    def step(self, rule: str) -> None:
        """Note that a rule is worked off here."""
        self._found.order.append(rule)

    def read(self, target: str) -> None:
        """Note that a target is read or acted on."""
        self._found.reads.add(target)

    def need(self, asset: str | None, record: Field) -> None:
        """Note that a field is needed."""
        self._found.needs.append(((asset, record.name), record))

    def meanings_of(self, unit: Unit) -> None:
        """Let the work in hand see what the parts of a statement mean."""
        self._found.meanings = unit.findings.meanings

    def everything(self) -> Iterator[Findings]:
        """Yield what came of all work so far, in no order."""
        yield self.whole
        for unit in self.passed.values():
            yield unit.findings
