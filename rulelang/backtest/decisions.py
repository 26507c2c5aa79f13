"""Decisions: rules run over a history by the engine, and their targets laid on its axis."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from rulelang.backtest.history import placed
from rulelang.check import CheckedRules
from rulelang.check.checked import Program
from rulelang.engine.batch import Batch, decided, numbered
from rulelang.engine.coded import Coded
from rulelang.engine.run import EngineRun


@frozen
class Feed:
    """What the rules of one asset are given: times of its bars, and a column for each inlet, NaN where missing."""

    times: Any = field(repr=False)
    columns: tuple[Any, ...] = field(repr=False)


@frozen
class Target:
    """A target on the axis of a history: in force after each bar, desired, the brake, the rule with the last word.

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
    """A field that the rules read: `every` seconds a value (`None`: each bar), and whether each bar brought one."""

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
    batch = decided(own, feed.times, columns)
    rows = None if len(feed.times) == len(axis) else np.searchsorted(axis, feed.times)
    needs = {(need.asset, need.field.name): need.field for need in own.checked.needs}
    every = [next((f.every for (_, name), f in needs.items() if name == inlet.key[1]), None) for inlet in own.inlets]
    known = [
        Input(inlet.label, each, placed(feed.times, axis, column) == placed(feed.times, axis, column))
        for inlet, each, column in zip(own.inlets, every, columns, strict=True)
    ]
    return _laid(asset, own.checked, batch, rows, len(axis), tuple(known))


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
    before = one.before if cut.start == 0 or one.after[cut.start - 1] != one.after[cut.start - 1] else one.after[cut.start - 1]
    return Target(
        one.name, one.after[cut], one.desired[cut], _cut(one.held, cut), _cut(one.rule, cut), float(before), one.band
    )


def _cut(column: Coded, cut: slice) -> Coded:
    return Coded(column.codes[cut], column.texts)


def names(texts: Sequence[str | None]) -> list[frozenset[str]]:
    """Return the rules that each text of active ones names."""
    return [frozenset(text.split(", ")) if text else frozenset() for text in texts]
