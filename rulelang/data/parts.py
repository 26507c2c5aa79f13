"""The rows of one file that belong to one asset: converted, in order, each time once, every refusal counted."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import cast

from attrs import field, frozen

from rulelang.data.assets import Portion
from rulelang.data.cells import NAN, CellError, Use, Value, convert, plain, refusal, value_plain
from rulelang.data.errors import DataError, shown
from rulelang.data.report import Refused
from rulelang.data.request import Mapping_, map_text
from rulelang.data.tables import Cell, Table
from rulelang.data.times import SECOND, TimeCells, written
from rulelang.fields import Field
from rulelang.kinds import value_text

_IV_MOST = 5.0
_FUNDING_MOST = 0.002
"""Medians above these (500% a year; 0.2% per 8h) look like percentage points."""
_ENOUGH = 100
_MANY = 20
"""A column of texts that changes less often than this tells series apart that stand one behind the other."""
_FEW = 0.1
"""Of so many values at least, more than this share out of bounds means that the column is another field."""


@frozen
class Part:
    """The rows of one file for one asset, oldest first, each time once.

    `stamps`: times as the file has them, in microseconds since 1970. `rows`: their row numbers in the file.
    `values`: by field name, aligned with `stamps`, NaN where missing. `priced`: the file has columns of bars.
    """

    path: str
    asset: str | None
    label: str
    time: str
    uses: tuple[Use, ...]
    stamps: Sequence[int] = field(repr=False)
    rows: Sequence[int] = field(repr=False)
    values: dict[str, Sequence[Value]] = field(repr=False)
    count: int
    duplicates: int = 0
    newest_first: bool = False
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    priced: bool = False


def read_part(table: Table, time: str, stamps: Sequence[int], portion: Portion, uses: tuple[Use, ...]) -> Part:
    """Convert one portion of a table, put it oldest first, and drop rows that say the same twice."""
    own = [stamps[i] for i in portion.indexes]
    rows = [table.rows[i] for i in portion.indexes]
    newest_first = _newest_first(table, time, own, rows)
    columns = {use.column: table.column(use.column) for use in uses}
    order = range(len(own))[::-1] if newest_first else range(len(own))
    converted = [_column(table, use, columns[use.column], portion.indexes) for use in uses]
    values = {use.field.name: [column[i] for i in order] for use, (column, _) in zip(uses, converted, strict=True)}
    own, rows = [own[i] for i in order], [rows[i] for i in order]
    keep = _once(table, portion, time, uses, own, rows, values)
    return Part(
        table.path, portion.asset, portion.label, time, uses,
        array("q", (own[i] for i in keep)), array("q", (rows[i] for i in keep)),
        {name: _packed([column[i] for i in keep]) for name, column in values.items()},
        len(own), len(own) - len(keep), newest_first,
        tuple(refused for _, refused in converted if refused is not None),
        tuple(note for use in uses for note in _interval_notes(table, use, portion.indexes)),
    )  # fmt: skip


def _packed(values: list[Value]) -> Sequence[Value]:
    return values if any(isinstance(value, str) for value in values) else array("d", (float(value) for value in values))


def _newest_first(table: Table, time: str, stamps: Sequence[int], rows: Sequence[int]) -> bool:
    falls = [i for i in range(1, len(stamps)) if stamps[i] < stamps[i - 1]]
    if not falls:
        return False
    rises = [i for i in range(1, len(stamps)) if stamps[i] > stamps[i - 1]]
    if not rises:
        return True
    at = falls[0] if len(falls) <= len(rises) else rises[0]
    word = "before" if len(falls) <= len(rises) else "after"
    raise DataError(
        "RL703",
        f"{moment(stamps[at])} comes {word} {moment(stamps[at - 1])} of the row above; "
        f"{_series(table, rows[at - 1], rows[at]) or f'sort the file by `{time}`'}",
        table.path,
        rows[at],
        time,
    )


def _series(table: Table, above: int, row: int) -> str | None:
    """Return what to do where the rows are several series, one behind the other, told apart by a column of texts."""
    one, other = table.rows.index(above), table.rows.index(row)
    for name, column in _texts(table):
        changes = sum(a != b for a, b in pairwise(column))
        if column[one] != column[other] and changes < _MANY:
            return f"keep the rows of one `{name}` ({shown(column[one])} or {shown(column[other])})"
    return None


def moment(micros: int) -> str:
    """Return a stamp as messages write it."""
    return written(micros / SECOND)


def _column(table: Table, use: Use, cells: list[Cell], indexes: Sequence[int]) -> tuple[list[Value], Refused | None]:
    picked: Sequence[Cell] = cells if len(indexes) == len(cells) else [cells[i] for i in indexes]
    if use.field.kind.name == "time":
        picked = _instants(table, use, picked, indexes)
    values = _converted(table, use, picked, indexes)
    check_plausible(table.path, use, values)
    return _bounded(table, use, picked, indexes, values)


def _converted(table: Table, use: Use, cells: Sequence[Cell], indexes: Sequence[int]) -> list[Value]:
    swift = _swiftly(cells) if plain(use) else None
    if swift is not None:
        return swift
    intervals = table.column(use.interval) if use.interval is not None else None
    values: list[Value] = []
    for index, cell in zip(indexes, cells, strict=True):
        try:
            values.append(convert(use, cell, intervals[index] if intervals is not None else None))
        except CellError as error:
            raise DataError("RL705", str(error), table.path, table.rows[index], use.column) from None
    return values


def _swiftly(cells: Sequence[Cell]) -> list[Value] | None:
    """Return a column of nothing but numbers, or of numbers as text; `None`: look closer."""
    kinds = {type(cell) for cell in cells}
    if kinds == {float}:
        return cast("list[Value]", list(cells))
    if kinds != {str}:
        return None
    try:
        return [float(cell) for cell in cast("Sequence[str]", cells)]
    except ValueError:
        return None


def _instants(table: Table, use: Use, cells: Sequence[Cell], indexes: Sequence[int]) -> list[Cell]:
    reader = TimeCells(table.path, use.column, table.stored.get(use.column, ""))
    micros = (reader.micros(cell, table.rows[i]) for i, cell in zip(indexes, cells, strict=True))
    return [None if value is None else value / SECOND for value in micros]


def _interval_notes(table: Table, use: Use, indexes: Sequence[int]) -> list[str]:
    if use.interval is None:
        return []
    cells = table.column(use.interval)
    stated = [i for i in indexes if cells[i] not in (None, "") and cells[i] == cells[i]]
    changes = [(a, b) for a, b in pairwise(stated) if cells[a] != cells[b]]
    return [f"`{use.interval}` changes from {cells[a]} to {cells[b]} in row {table.rows[b]}" for a, b in changes[:3]]


def _bounded(
    table: Table, use: Use, cells: Sequence[Cell], indexes: Sequence[int], values: list[Value]
) -> tuple[list[Value], Refused | None]:
    if _all_inside(use.field, values):
        return values, None
    outside = [(at, why) for at, why in enumerate(refusal(use.field, value) for value in values) if why is not None]
    if not outside:
        return values, None
    at, why = outside[0]
    known = sum(value == value for value in values)
    refused = Refused(use.field.name, use.column, len(outside), table.rows[indexes[at]], str(cells[at]), why)
    if known >= _ENOUGH and len(outside) > _FEW * known:
        raise DataError(
            "RL707",
            f"{len(outside):,} of {known:,} values can't be `{use.field.name}` (the first: {shown(cells[at])}, {why}); "
            f"this is another quantity; say which column is `{use.field.name}`: --map {use.field.name}=COLUMN",
            table.path,
            refused.row,
            use.column,
        )
    for at, _ in outside:
        values[at] = NAN
    return values, refused


def _all_inside(wanted: Field, values: list[Value]) -> bool:
    """Say whether the least and the greatest number of a column are within bounds: then all are."""
    known = [value for value in values if isinstance(value, float) and value == value]
    if len(known) == 0 or wanted.kind.name == "word":
        return False
    return refusal(wanted, min(known)) is None and refusal(wanted, max(known)) is None


def check_plausible(path: str, use: Use, values: Iterable[Value]) -> None:
    """Refuse values that look like percentage points, with the `--map` that would make them fractions."""
    per_8h = _limit_scale(use.field)
    if per_8h is None:
        return
    known = [abs(value) for value in values if isinstance(value, float) and abs(value) < float("inf")]
    if not known:
        return
    middle = median(known)
    if middle * per_8h <= (_IV_MOST if use.field.name == "iv" else _FUNDING_MOST):
        return
    repair = map_text(Mapping_(use.field.name, use.column, use.scale.scaleb(-2)))
    raise DataError(
        "RL707",
        f"as `{use.field.name}` the median would be {value_text(middle, use.field.kind)}: these look like "
        f"percentage points; if they are, {repair}",
        path,
        column=use.column,
    )


def may_be_points(field: Field) -> bool:
    """Say whether values of a field may turn out to be percentage points."""
    return _limit_scale(field) is not None


def _limit_scale(field: Field) -> float | None:
    if field.name == "iv":
        return 1.0
    if field.kind.name == "rate" and isinstance(field.kind.unit, int):
        return 28_800 / field.kind.unit
    return None


def _once(
    table: Table,
    portion: Portion,
    time: str,
    uses: tuple[Use, ...],
    stamps: Sequence[int],
    rows: Sequence[int],
    values: dict[str, list[Value]],
) -> Sequence[int]:
    """Return the positions of the first row of each time; rows of one time must say the same."""
    if len(set(stamps)) == len(stamps):
        return range(len(stamps))
    keep: list[int] = [0]
    for at in range(1, len(stamps)):
        if stamps[at] != stamps[keep[-1]]:
            keep.append(at)
            continue
        for use in uses:
            column = values[use.field.name]
            one, other = column[keep[-1]], column[at]
            if one != other and (one == one or other == other):
                raise _twice(table, use, stamps[at], (rows[keep[-1]], rows[at]), (one, other))
    return keep


def _twice(table: Table, use: Use, stamp: int, rows: tuple[int, int], values: tuple[Value, Value]) -> DataError:
    first, second = sorted(rows)
    one, other = values if rows[0] <= rows[1] else values[::-1]
    return DataError(
        "RL703",
        f"{moment(stamp)} has `{use.field.name}` {value_plain(other)} here and {value_plain(one)} in row {first}; "
        f"{_repair(table, first, second)}",
        table.path,
        second,
        use.column,
    )


def _repair(table: Table, first: int, second: int) -> str:
    """Return what to do about two rows of one time: name the text column in which they differ, if there is one."""
    one, other = table.rows.index(first), table.rows.index(second)
    for name, column in _texts(table):
        if column[one] != column[other]:
            return f"keep the rows of one `{name}` ({shown(column[one])} or {shown(column[other])})"
    return "keep the right one"


def _texts(table: Table) -> Iterator[tuple[str, list[Cell]]]:
    for name in table.names:
        if name in table.stored:
            continue
        column = table.column(name)
        if isinstance(column[0], str) and not _numeric(column[0]):
            yield name, column


def _numeric(text: str) -> bool:
    return text.strip()[:1].isdigit() or text.strip()[:1] in ("-", "+", ".", "")
