"""Reads the files of a run into one market: steps by the time known, events, and the data report."""

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import IO

from attrs import evolve, field, frozen

from rulelang.data.assets import portions
from rulelang.data.calendars import Calendar, dates_of, name_column, read_calendar
from rulelang.data.cells import Use
from rulelang.data.columns import check_maps, missing_field, uses
from rulelang.data.errors import DataError, display, listed
from rulelang.data.foreign import foreign_table
from rulelang.data.join import Losses, Steps, Supply, join
from rulelang.data.parts import Part, read_part
from rulelang.data.placing import Placed, Role, base_period, place, roles_of
from rulelang.data.report import ColumnUse, FileReport, Gaps, Report, gaps_in
from rulelang.data.request import FileSpec, Mapping_, Request, Stamp
from rulelang.data.tables import Table, is_table, open_table
from rulelang.data.times import TimeCells, time_column
from rulelang.fields import CATALOGUE

_KINDS = {
    Role.PUBLISHED: "published",
    Role.HELD: "bars",
    Role.BARS: "bars",
    Role.CLOCK: "bars",
    Role.NOTHING: "not used",
}


@frozen
class Market:
    """What the data says, as the rules see it.

    `bars`: base period in seconds. `steps`: (time, values by asset and field); the time, in seconds since 1970, is when
    the values became known, and rises strictly; an asset without a row at that time is absent, a value that is missing
    has no key. `events`: dates of the declared events in seconds since 1970. `supplies`: the values of each file when
    they became known, before the join: those that no step gets, as a settlement within a long bar, are here too.
    """

    bars: int
    steps: Steps = field(repr=False)
    events: dict[str, tuple[int, ...]]
    report: Report
    supplies: tuple[Supply, ...] = field(default=(), repr=False)


def read(
    specs: Sequence[FileSpec],
    request: Request,
    maps: Sequence[Mapping_] = (),
    stamp: Stamp | None = None,
    stdin: IO[bytes] | None = None,
) -> Market:
    """Read files into a market, joined by the time at which each value became known.

    `stamp` says which moment of a bar the times are, for files that don't tell. Raises `DataError` where anything about
    the data is uncertain; values out of their field's bounds count as missing and are in the report.
    """
    tables = [_opened(spec, maps, stdin) for spec in specs]
    names = tuple(dict.fromkeys(chain.from_iterable(table.names for table in tables)))
    check_maps(maps, request, names)
    read_files = [_read_file(table, spec, request, maps) for table, spec in zip(tables, specs, strict=True)]
    calendars = [file for file in read_files if isinstance(file, Calendar)]
    parts = [part for file in read_files if not isinstance(file, Calendar) for part in file]
    _check_supplied(parts, request, names)
    roles = roles_of(parts)
    base = base_period(list(zip(parts, roles, strict=True)), request)
    placed = [place(part, role, base, stamp) for part, role in zip(parts, roles, strict=True)]
    supplies = tuple(_supplies(placed))
    steps, losses = join(_bar_times(placed), supplies, base)
    if not len(steps):
        files = ", ".join(display(spec.path) for spec in specs)
        raise DataError("RL700", f"no step can be made of {files}; add a file of bars")
    report = _report(base, steps, placed, losses, calendars, request)
    return Market(base, steps, dates_of(calendars, request), report, supplies)


def read_calendars(
    specs: Sequence[FileSpec], request: Request, maps: Sequence[Mapping_] = ()
) -> tuple[Calendar, ...] | None:
    """Read files that are all event calendars; `None` where one of them holds anything else."""
    tables = [_opened(spec, maps) for spec in specs]
    columns = [_calendar_column(table, request, maps) for table in tables]
    if None in columns:
        return None
    return tuple(read_calendar(t, c, request, maps) for t, c in zip(tables, columns, strict=True) if c is not None)


def _opened(spec: FileSpec, maps: Sequence[Mapping_], stdin: IO[bytes] | None = None) -> Table:
    """Open a file; one in a format of others as a plain table where a `--map` names a column that only that has."""
    foreign = foreign_table(spec.path)
    if foreign is None:
        return open_table(spec.path, stdin)
    unknown = {mapping.column for mapping in maps} - set(foreign.names)
    if unknown and is_table(spec.path):
        plain = open_table(spec.path)
        return plain if unknown & set(plain.names) else foreign
    return foreign


def _calendar_column(table: Table, request: Request, maps: Sequence[Mapping_]) -> str | None:
    """Return the column of event names where a file is a calendar and nothing else."""
    wanted = tuple({need.field.name: need.field for need in request.needs}.values())
    column = name_column(table.names)
    return None if column is None or uses(table.names, wanted, maps, table.path) else column


def _read_file(table: Table, spec: FileSpec, request: Request, maps: Sequence[Mapping_]) -> Calendar | list[Part]:
    calendar = _calendar_column(table, request, maps)
    if calendar is not None:
        return read_calendar(table, calendar, request, maps)
    time = time_column(table.names, maps, table.path)
    reader = TimeCells(table.path, time, table.stored.get(time, ""))
    stamps = [reader.required(cell, row) for cell, row in zip(table.column(time), table.rows, strict=True)]
    taken, ignored = portions(table, spec, request)
    notes = table.notes
    notes += ("dates without a time of day are taken as 00:00 UTC",) if reader.days else ()
    notes += (f"rows of {listed(ignored)} are not needed",) if ignored else ()
    each = [uses(table.names, request.fields_of(one.asset), maps, table.path, one.prefix) for one in taken]
    table.fetch(name for how in each for use in how for name in (use.column, use.interval) if name is not None)
    parts = []
    for portion, how in zip(taken, each, strict=True):
        part = read_part(table, time, stamps, portion, how)
        parts.append(evolve(part, notes=(*notes, *part.notes), priced=_priced(table.names)))
    return parts


def _priced(names: Sequence[str]) -> bool:
    """Say whether the columns are those of bars: then they make steps even where no rule reads them."""
    lowered = {name.strip().lower() for name in names}
    return any(name in lowered for name, known in CATALOGUE.items() if known.kind.name == "price")


def _check_supplied(parts: Sequence[Part], request: Request, names: Sequence[str]) -> None:
    supplied = {(part.asset, use.field.name) for part in parts for use in part.uses}
    for asset in request.all_assets:
        for needed in request.required_of(asset):
            if (asset, needed.name) not in supplied:
                raise missing_field(needed, asset, names)


def _bar_times(placed: Sequence[Placed]) -> dict[str | None, Sequence[int]]:
    found: dict[str | None, list[Sequence[int]]] = {}
    for one in placed:
        if one.role in (Role.BARS, Role.CLOCK):
            found.setdefault(one.part.asset, []).append(one.known)
    return {
        asset: known[0] if len(known) == 1 else array("q", sorted(set().union(*known)))
        for asset, known in found.items()
    }


def _supplies(placed: Sequence[Placed]) -> list[Supply]:
    return [
        Supply(
            one.part.asset,
            use,
            one.part.path,
            at,
            one.role is Role.BARS,
            one.known,
            one.part.values[use.field.name],
            one.part.rows,
        )
        for at, one in enumerate(placed)
        for use in one.part.uses
    ]


def _report(
    base: int, steps: Steps, placed: Sequence[Placed], losses: Losses, calendars: Sequence[Calendar], request: Request
) -> Report:
    files = [_file_report(at, one, losses) for at, one in enumerate(placed)]
    dated = dates_of(calendars, request)
    undated = tuple(name for name in request.events if name not in dated)
    return Report(base, len(steps), steps.times[0], steps.times[-1], (*files, *(c.report for c in calendars)), undated)


def _file_report(at: int, one: Placed, losses: Losses) -> FileReport:
    part = one.part
    kind = _KINDS[one.role] if one.role is not Role.HELD or one.stamp is Stamp.OPEN else "values"
    gaps = gaps_in(one.known, one.length) if one.length is not None and kind == "bars" else Gaps()
    return FileReport(
        part.path, kind, part.asset, part.label,
        one.known[0] if one.known else None, one.known[-1] if one.known else None,
        part.count, len(one.known) if kind == "bars" else 0, one.length, gaps, part.duplicates, part.newest_first,
        one.stamp.value if one.stamp is not None else None, part.time,
        tuple(_column_use(use) for use in part.uses), part.refused,
        _of_file(losses.outside, at), _of_file(losses.between, at), _of_file(losses.superseded, at),
        (), (*part.notes, *one.notes),
    )  # fmt: skip


def _of_file(counts: dict[tuple[int, str], int], at: int) -> dict[str, int]:
    return {name: count for (file, name), count in counts.items() if file == at}


def _column_use(use: Use) -> ColumnUse:
    return ColumnUse(use.field.name, use.column, f"{use.scale.normalize():f}", use.how)
