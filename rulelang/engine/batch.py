"""Batches: many bars of one asset at once, columns in and columns out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from rulelang.engine.machine import COMPILED
from rulelang.engine.run import AssetRun


@frozen
class Columns:
    """What came of a batch: a column for each register that was asked for, and how often each field was refused."""

    values: Mapping[int, Any]
    truths: Mapping[int, Any]
    refused: Mapping[str, int]


def run_columns(
    run: AssetRun, times: Any, columns: Sequence[Any], values: Sequence[int], truths: Sequence[int]
) -> Columns:
    """Take many bars, one after another.

    `times`: seconds since 1970, increasing. `columns`: one for each inlet of the run, in their order, doubles with NaN
    where missing. `values`, `truths`: the registers wanted.
    """
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


def _doubles(column: Any) -> Any:
    return np.ascontiguousarray(column, np.float64)


def _place(column: Any) -> Any:
    """Return what the machine takes for a column: its address, or uncompiled a view of it."""
    return column.ctypes.data if COMPILED else memoryview(column)
