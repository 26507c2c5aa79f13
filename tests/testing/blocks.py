"""Test blocks written from what the evaluator decided: generated files and markets as people would note them down."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from attrs import frozen
from hypothesis import assume
from hypothesis import strategies as st

import rulelang
from rulelang import Decision, RuleError
from rulelang.check import CheckedRules
from rulelang.check.tested import CheckedTest
from rulelang.evaluate import Run
from tests.strategies import Written, files, grounds, markets

NAME = "as_decided"

Key = tuple[str | None, str]
"""An asset (`None`: the only one, or all of them) and a field or target."""


@frozen
class Clause:
    """One `expect` of a block: what is expected of which asset, a value a bar."""

    asset: str | None
    what: str
    kind: str
    values: tuple[Any, ...]

    @property
    def text(self) -> str:
        """The clause as it is written."""
        return f"  expect {self.what} = {series(self.values, self.kind)}"

    def changed(self, at: int) -> "Clause":
        """Return the clause with another value at a bar (from 0)."""
        other = {"yes": "no", "no": "yes"}.get(self.values[at]) or self.values[at] + 0.015625
        return Clause(self.asset, self.what, self.kind, (*self.values[:at], other, *self.values[at + 1 :]))


def value(written: Any, kind: str) -> str:
    """Return a value as the language writes it, so that it is read as the same double."""
    if written is None:
        return "missing"
    if isinstance(written, str):
        return written
    if kind == "time":
        return datetime.fromtimestamp(written, UTC).strftime("%Y-%m-%dT%H:%MZ")
    exact = Decimal(repr(float(written)))
    return f"{exact * 100:f}%" if kind in ("ratio", "rate") else f"{exact:f}"


def series(values: tuple[Any, ...], kind: str) -> str:
    """Return values as a series, equal neighbours together."""
    runs = [(text, len(list(run))) for text, run in groupby(value(one, kind) for one in values)]
    return ", ".join(text if times == 1 else f"{text} x {times}" for text, times in runs)


class Block:
    """A generated file and market, what was decided, and the test that says so."""

    def __init__(self, data: st.DataObject) -> None:
        self.written: Written = data.draw(files(grounds()))
        market = data.draw(markets(self.written.ground, self.written.fields, odd=False))
        ground = self.written.ground
        self.bars, self.length = ground.bars, len(market)
        self.file = ("" if ground.said else f"bars {ground.written}\n") + self.written.text
        assume(self.length > 0)
        self.start = market.steps[0].time - ground.bars
        self.rules = self._loaded()
        self.columns = self._columns([step.values for step in market.steps])
        self.decisions = list(self._decisions())
        self.expected = list(self._expected())

    @property
    def times(self) -> list[int]:
        """When the bars close; they follow one another without a gap, as in every test."""
        return [self.start + self.bars * (at + 1) for at in range(self.length)]

    def _columns(self, rows: list[Mapping[str, Any]]) -> dict[Key, tuple[Any, ...]]:
        """Return what is given; what a host supplies is the same for all assets, since a test can't say otherwise."""
        assets = self.written.ground.assets
        read = {need.asset for program in self.rules.programs.values() for need in program.needs}
        found: dict[Key, tuple[Any, ...]] = {}
        for name in sorted(self.written.fields):
            asset, _, field = name.rpartition(".")
            if asset.isupper() and asset not in {*assets, *read}:
                continue  # only a let that nothing uses reads it
            if asset.isupper():
                found[asset, field] = tuple(_of(row, asset, field) for row in rows)
            elif asset or not assets:
                found[None, name] = tuple(_of(row, assets[0] if assets else None, name) for row in rows)
            else:
                found |= {(one, name): tuple(_of(row, one, name) for row in rows) for one in assets}
        return found

    def values(self, at: int) -> dict[str, Any]:
        """Return what is known at a bar (from 0)."""
        assets = self.written.ground.assets
        values: dict[str, Any] = {asset: {} for asset in assets}
        for (asset, name), column in self.columns.items():
            if asset is not None:
                values.setdefault(asset, {})[name] = column[at]
            else:
                for own in [values[one] for one in assets] or [values]:
                    own[name] = column[at]
        return values

    def _loaded(self) -> CheckedRules:
        try:
            return rulelang.loads(self.file).checked
        except RuleError:  # a mistake of the generator
            assume(False)
            raise

    def _decisions(self) -> list[Decision]:
        run = Run(self.rules, {}, records=True)
        return [run.step(time, self.values(at)) for at, time in enumerate(self.times)]

    def _kind(self, name: str) -> str:
        fields = {series.name: series.kind for series in self.written.ground.fields}
        return fields.get(name) or {"entry": "price", "actual": "ratio"}[name.rpartition(".")[2]]

    def _expected(self) -> list[Clause]:
        clauses = []
        for asset, program in self.rules.programs.items():
            of = f"{asset}." if asset else ""
            mine = [decision[asset] for decision in self.decisions]
            for name, target in program.targets.items():
                levels = tuple(one.targets[name].after for one in mine)
                clauses.append(Clause(asset, of + name, target.kind.name, levels))
            for rule in self.written.rules:
                if rule.name is not None and rule.name.text in mine[0].active:
                    active = tuple("yes" if one.active[rule.name.text] else "no" for one in mine)
                    clauses.append(Clause(asset, f"active {of}{rule.name.text}", "word", active))
        return clauses

    def text(self, expected: list[Clause] | None = None, *more: str) -> str:
        """Return the file with the block, perhaps with other expectations, and more lines in it."""
        opens = datetime.fromtimestamp(self.start, UTC).strftime("%Y-%m-%dT%H:%MZ")
        lines = [f"test {NAME}", f"  given bars {self.written.ground.written}", f"  given from {opens}"]
        for (asset, name), column in self.columns.items():
            lines.append(f"  given {f'{asset}.' if asset else ''}{name} = {series(column, self._kind(name))}")
        lines += [clause.text for clause in (self.expected if expected is None else expected)]
        return "\n".join([self.file, *lines, *more, ""])


def checked(text: str) -> tuple[CheckedRules, CheckedTest]:
    """Return a file and its one test."""
    rules = rulelang.loads(text).checked
    (test,) = rules.tests
    return rules, test


def _of(row: Mapping[str, Any], asset: str | None, name: str) -> Any:
    """Return what a row knows of an asset; one that is left out has no bar."""
    if asset is None:
        return row.get(name)
    return row.get(f"{asset}.{name}", row.get(asset, {}).get(name))
