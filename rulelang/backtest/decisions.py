"""Decisions: rules run over a history by the engine, and their targets laid on its axis."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from rulelang.backtest.history import placed
from rulelang.check import CheckedRules
from rulelang.check.checked import Program
from rulelang.engine.batch import Batch, TargetColumns, decided, numbered
from rulelang.engine.coded import Coded
from rulelang.engine.run import AssetRun, EngineRun
from rulelang.fields import Field


@frozen
class Feed:
    """What the rules of one asset are given: times of its bars, and a column for each inlet, NaN where missing."""

    times: Any = field(repr=False)
    columns: tuple[Any, ...] = field(repr=False)


@frozen
class Target:
    """A target on the axis of a history: in force after each bar, desired, the brake, the rule with the last word.

    Here a floor or cap has the last word where what is in force is its value.

    `before`: what was in force before the first bar. `band`: of the target, `None` without.
    """

    name: str
    after: Any = field(repr=False)
    desired: Any = field(repr=False)
    held: Coded = field(repr=False)
    rule: Coded = field(repr=False)
    before: float
    band: float | None


@frozen
class Input:
    """A field that the rules read: `every` seconds a value (`None`: each bar), and whether each bar brought one.

    A value that counts for a while is wanted as often as it ends.
    """

    label: str
    every: int | None
    known: Any = field(repr=False)


@frozen
class Decided:
    """What the rules decided for an asset at each row; before its first bar the targets are NaN."""

    asset: str | None
    program: Program
    targets: Mapping[str, Target]
    active: Coded
    inputs: tuple[Input, ...]


def decide(
    rules: CheckedRules, events: Mapping[str, tuple[float, ...]], feeds: Mapping[str | None, Feed], axis: Any
) -> dict[str | None, Decided]:
    """Run rules over the feeds of their assets and lay the decisions on an axis, which holds all of their times."""
    run = EngineRun(rules, events)
    return {asset: _decide(run, asset, feed, axis) for asset, feed in feeds.items()}


def inlets(rules: CheckedRules) -> dict[str | None, tuple[tuple[str | None, str], ...]]:
    """Return for each asset which fields its rules take, of which asset (`None`: its own)."""
    run = EngineRun(rules, {})
    return {asset: tuple(inlet.key for inlet in one.inlets) for asset, one in run.assets.items()}


def _decide(run: EngineRun, asset: str | None, feed: Feed, axis: Any) -> Decided:
    own = run.assets[asset]
    columns = [numbered(inlet, column) for inlet, column in zip(own.inlets, feed.columns, strict=True)]
    limits = _limits(own)
    batch = decided(own, feed.times, columns, [limit.register for limit in limits if limit.value is None])
    batch = evolve(batch, targets={name: _limited(one, name, limits, batch) for name, one in batch.targets.items()})
    rows = None if len(feed.times) == len(axis) else np.searchsorted(axis, feed.times)
    needs = {(need.asset, need.field.name): need.field for need in own.checked.needs}
    every = [next((_every(f) for (_, name), f in needs.items() if name == inlet.key[1]), None) for inlet in own.inlets]
    known = [
        Input(inlet.label, each, placed(feed.times, axis, column) == placed(feed.times, axis, column))
        for inlet, each, column in zip(own.inlets, every, columns, strict=True)
    ]
    return _laid(asset, own.checked, batch, rows, len(axis), tuple(known))


def _every(read: Field) -> int | None:
    return read.every or read.valid_for


@frozen
class _Limit:
    """A floor or cap of a rule: its target, the rule's number, and its value, or the register that holds it."""

    target: str
    rule: int
    register: int
    value: float | None


def _limits(run: AssetRun) -> list[_Limit]:
    """Return the floors and caps of the rules, in the order of the file."""
    fixed = dict(run.program.constants)
    fixed |= {register: float(run.checked.params[name].exact) for name, register in run.program.params}
    return [
        _Limit(action.target, number, register, fixed.get(register))
        for number, rule in enumerate(run.checked.rules)
        for action in rule.actions
        if action.what in ("floor", "cap", "corridor")
        for register in (run.reading.known[id(node)] for node in action.values)
    ]


def _limited(found: TargetColumns, name: str, limits: Sequence[_Limit], batch: Batch) -> TargetColumns:
    """Return a target where a floor or cap has the last word while what is in force is its value."""
    codes, active = found.rule.codes, names(batch.active.texts)
    for limit in (one for one in limits if one.target == name):
        value = batch.values[limit.register] if limit.value is None else limit.value
        rows = np.flatnonzero(found.after == value)
        own = np.array([found.rule.texts[limit.rule + 2] in each for each in active])
        rows = rows[own[batch.active.codes[rows]]]
        if len(rows):
            codes = codes.copy() if codes is found.rule.codes else codes
            codes[rows] = limit.rule + 2
    return evolve(found, rule=Coded(codes, found.rule.texts))


def _laid(
    asset: str | None, program: Program, batch: Batch, rows: Any, count: int, known: tuple[Input, ...]
) -> Decided:
    targets = {}
    for name, found in batch.targets.items():
        declared = program.targets[name]
        band = None if declared.band is None else float(declared.band)
        before = max(float(declared.low), min(float(declared.high), 0.0))
        targets[name] = Target(
            name, _held(found.after, rows, count), _held(found.desired, rows, count),
            _coded(found.held, rows, count), _coded(found.rule, rows, count), before, band,
        )  # fmt: skip
    return Decided(asset, program, targets, _coded(batch.active, rows, count), known)


def _places(rows: Any, count: int) -> Any:
    """Return for each row of the axis which bar is the newest then; -1 before the first."""
    return np.searchsorted(rows, np.arange(count), side="right") - 1


def _held(column: Any, rows: Any, count: int) -> Any:
    """Return a column on the axis: a target stays where no bar of its asset comes."""
    if rows is None:
        return column
    places = _places(rows, count)
    return np.where(places < 0, np.nan, column[np.maximum(places, 0)])


def _coded(column: Coded, rows: Any, count: int) -> Coded:
    if rows is None:
        return column
    places = _places(rows, count)
    codes = np.where(places < 0, len(column.texts), column.codes[np.maximum(places, 0)])
    return Coded(codes.astype(np.int32), (*column.texts, None))


def part(found: Decided, first: int, end: int) -> Decided:
    """Return the rows from `first` to `end` - 1; `before` is then what was in force at the row before."""
    cut = slice(first, end)
    targets = {name: _part(one, cut) for name, one in found.targets.items()}
    known = tuple(evolve(one, known=one.known[cut]) for one in found.inputs)
    return evolve(found, targets=targets, active=_cut(found.active, cut), inputs=known)


def _part(one: Target, cut: slice) -> Target:
    before = float(one.after[cut.start - 1]) if cut.start else one.before
    before = before if before == before else one.before
    return Target(
        one.name, one.after[cut], one.desired[cut], _cut(one.held, cut), _cut(one.rule, cut), before, one.band
    )


def _cut(column: Coded, cut: slice) -> Coded:
    return Coded(column.codes[cut], column.texts)


def names(texts: Sequence[str | None]) -> list[frozenset[str]]:
    """Return the rules that each text of active ones names."""
    return [frozenset(text.split(", ")) if text else frozenset() for text in texts]
