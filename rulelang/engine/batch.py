"""Batches: many bars of one asset at once, columns in and columns out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from rulelang.engine.coded import Coded
from rulelang.engine.decisions import HELD
from rulelang.engine.inlets import Inlet
from rulelang.engine.machine import COMPILED
from rulelang.engine.run import AssetRun

CHUNK = 65_536
"""So many bars are done at a time, so that what lies between input and output stays small."""
_NO_RULE = ("otherwise", None)
"""Where no rule has the last word: what -2 and -1 stand for."""
_WIDE = 20
"""Of so many rules at a time, which are active together is looked up in a table; it has 2 to that many places."""


@frozen
class TargetColumns:
    """What was done to a target at each bar: in force after it, desired, the brake that held it, the last word."""

    after: Any
    desired: Any
    held: Coded
    rule: Coded


@frozen
class Batch:
    """What came of a batch: for each target its columns, at each bar the active rules' names, registers asked for."""

    targets: Mapping[str, TargetColumns]
    active: Coded
    values: Mapping[int, Any] = field(factory=dict)


@frozen
class Columns:
    """What registers held: a column for each that was asked for; and how often each field was refused."""

    values: Mapping[int, Any]
    truths: Mapping[int, Any]
    refused: Mapping[str, int]


def decided(run: AssetRun, times: Any, columns: Sequence[Any], also: Sequence[int] = ()) -> Batch:
    """Take many bars, one after another; `also`: registers of values whose columns are wanted too.

    `times`: seconds since 1970, increasing. `columns`: one for each inlet of the run, in their order, doubles with NaN
    where missing; a value out of its field's bounds counts as missing.
    """
    count, program = len(times), run.program
    targets = program.targets
    own = (register for one in targets for register in (one.after, one.desired))
    numbers: dict[int, Any] = {register: np.empty(count) for register in (*own, *also)}
    held = {one.held: np.empty(count, np.int8) for one in targets}
    words = {one.word: np.empty(count, np.int32) for one in targets}
    together = _Together([rule.name for rule in program.rules], count)
    for first in range(0, count, CHUNK):
        part = slice(first, min(count, first + CHUNK))
        truths = [*held, *(rule.active for rule in program.rules)]
        some = run_columns(run, times[part], [column[part] for column in columns], [*numbers, *words], truths)
        for register, column in (*numbers.items(), *words.items()):
            column[part] = some.values[register]
        for register, brake in held.items():
            brake[part] = some.truths[register]
        together.add(part, [some.truths[rule.active] for rule in program.rules])
    names = tuple(rule.name for rule in run.checked.rules)
    done = {
        one.name: TargetColumns(
            numbers[one.after],
            numbers[one.desired],
            Coded(held[one.held], HELD),
            Coded(words[one.word] + 2, (*_NO_RULE, *names)),
        )
        for one in targets
    }
    return Batch(done, together.coded(), {register: numbers[register] for register in also})


class _Together:
    """Which rules are active together: each combination gets a number."""

    def __init__(self, names: list[str], count: int) -> None:
        self.names = names
        self.codes = np.zeros(count, np.int32)
        self.table = np.full(1 << min(_WIDE, len(names)), -1, np.int32)
        self.known: dict[tuple[int, ...], int] = {}
        self.texts: list[str] = []

    def add(self, part: slice, truths: list[Any]) -> None:
        """Number the combinations of some bars."""
        bits = [_bits(truths[first : first + _WIDE]) for first in range(0, len(truths), _WIDE)]
        if len(bits) == 1:
            self.codes[part] = self._looked_up(bits[0])
            return
        ids = np.zeros(part.stop - part.start, np.int64)
        for code in bits:
            ids = _numbered((ids << _WIDE) | code)
        some = np.zeros(int(ids.max(initial=0)) + 1, np.int64)
        some[ids] = np.arange(len(ids))
        numbers = [self._number(code) for code in zip(*(code[some].tolist() for code in bits), strict=True)]
        self.codes[part] = np.array(numbers or [self._number(())], np.int32)[ids]

    def _looked_up(self, code: Any) -> Any:
        """Return the numbers of combinations of few rules, which are all in one table."""
        found = self.table.take(code)
        if found.min(initial=0) == 0:
            return found
        fresh = np.unique(code[found < 0])
        self.table[fresh] = [self._number((bits,)) for bits in fresh.tolist()]
        return self.table.take(code)

    def _number(self, bits: tuple[int, ...]) -> int:
        if bits not in self.known:
            self.known[bits] = len(self.texts)
            active = [name for at, name in enumerate(self.names) if bits[at // _WIDE] >> at % _WIDE & 1]
            self.texts.append(", ".join(active))
        return self.known[bits]

    def coded(self) -> Coded:
        """Return the column of combinations."""
        return Coded(self.codes, tuple(self.texts))


def _bits(truths: list[Any]) -> Any:
    """Return a number for each bar, with a bit for each rule that is active."""
    found = np.zeros(len(truths[0]), np.int32)
    for first in range(0, len(truths), 8):
        byte = np.zeros(len(found), np.uint8)
        for truth in reversed(truths[first : first + 8]):
            byte += byte  # NumPy adds and compares many bytes at a time, and shifts one
            byte |= (truth == 2).view(np.uint8)
        found |= byte * np.int32(1 << first)
    return found


def _numbered(codes: Any) -> Any:
    """Return for each code its number among those that occur."""
    most = int(codes.max(initial=0))
    if most >= 1 << _WIDE + 1:
        return np.unique(codes, return_inverse=True)[1]
    table = np.zeros(most + 1, np.int32)
    table[codes] = 1
    return (np.cumsum(table, dtype=np.int32) - 1)[codes]


def run_columns(
    run: AssetRun, times: Any, columns: Sequence[Any], values: Sequence[int], truths: Sequence[int]
) -> Columns:
    """Take many bars as `decided` does; return the columns of the registers wanted."""
    times = _doubles(times)
    count = len(times)
    given = [_doubles(column) for column in columns]
    bounds = [np.array([inlet.low, inlet.high], np.float64) for inlet in run.inlets]
    found = {register: np.empty(count) for register in values}
    asked = {register: np.empty(count, np.uint8) for register in truths}
    table = [_place(times)]
    for column, ends in zip(given, bounds, strict=True):
        table += [_place(column), _place(ends)]
    for register, into in (*found.items(), *asked.items()):
        table += [register, _place(into)]
    refused = run.machine.many(count, table, len(found), len(asked))
    return Columns(found, asked, {inlet.label: bad for inlet, bad in zip(run.inlets, refused, strict=True)})


def numbered(inlet: Inlet, column: Any) -> Any:
    """Return a column of supplied values as doubles, NaN where missing or refused for what they are."""
    if inlet.words is None and isinstance(column, np.ndarray) and column.dtype.kind in "fiu":
        return column.astype(np.float64, copy=False)
    if inlet.words is None and set(map(type, column)) <= {float, int, type(None)}:
        try:
            return np.array(column, np.float64)
        except OverflowError:
            pass
    return np.array([inlet.number(value)[0] for value in column], np.float64)


def _doubles(column: Any) -> Any:
    return np.ascontiguousarray(column, np.float64)


def _place(column: Any) -> Any:
    """Return what the machine takes for a column: its address, or uncompiled a view of it."""
    return column.ctypes.data if COMPILED else memoryview(column)
