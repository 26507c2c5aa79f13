"""Event calendars: a file with a time and a name a row."""

from collections.abc import Sequence

from attrs import frozen

from rulelang.data.errors import DataError
from rulelang.data.report import FileReport
from rulelang.data.request import Mapping_, Request
from rulelang.data.tables import Cell, Table
from rulelang.data.times import SECOND, TimeCells, time_column

COLUMNS = ("event", "name")
"""Columns (in small letters) that hold the name of an event."""
_FALSE = (False, "false", "no", "0", 0)


@frozen
class Calendar:
    """Dates of the declared events in one file (seconds since 1970, rising, by declared name), and its report."""

    dates: dict[str, tuple[int, ...]]
    report: FileReport


def name_column(names: Sequence[str]) -> str | None:
    """Return the column that makes a file a calendar, if it has one."""
    return next((name for name in names if name.strip().lower() in COLUMNS), None)


def read_calendar(table: Table, column: str, request: Request, maps: Sequence[Mapping_]) -> Calendar:
    """Read the dates of the declared events; names are compared without regard to case.

    Rows with `scheduled` false are left out: nobody could know of them beforehand.
    """
    time = time_column(table.names, maps, table.path)
    reader = TimeCells(table.path, time, table.stored.get(time, ""))
    seconds = [reader.required(cell, row) // SECOND for cell, row in zip(table.column(time), table.rows, strict=True)]
    names = _names(table, column)
    planned = _scheduled(table)
    declared = {name.casefold(): name for name in request.events}
    dates: dict[str, set[int]] = {}
    for name, second, known_before in zip(names, seconds, planned, strict=True):
        if name.casefold() in declared and known_before:
            dates.setdefault(declared[name.casefold()], set()).add(second)
    report = FileReport(
        table.path, "events", first=min(seconds), last=max(seconds), rows=len(seconds), time=time,
        ignored=tuple(dict.fromkeys(name for name in names if name.casefold() not in declared)),
        notes=_notes(names, planned, dates),
    )  # fmt: skip
    return Calendar({name: tuple(sorted(found)) for name, found in dates.items()}, report)


def dates_of(calendars: Sequence[Calendar], request: Request) -> dict[str, tuple[int, ...]]:
    """Return the dates that calendars give to the declared events, seconds since 1970, rising."""
    found: dict[str, set[int]] = {}
    for calendar in calendars:
        for name, dates in calendar.dates.items():
            found.setdefault(name, set()).update(dates)
    return {name: tuple(sorted(found[name])) for name in request.events if name in found}


def _names(table: Table, column: str) -> list[str]:
    def text(cell: Cell, row: int) -> str:
        if cell is None or not str(cell).strip():
            raise DataError("RL706", "is empty; every row of a calendar names its event", table.path, row, column)
        return str(cell).strip()

    return [text(cell, row) for cell, row in zip(table.column(column), table.rows, strict=True)]


def _scheduled(table: Table) -> list[bool]:
    column = next((name for name in table.names if name.strip().lower() == "scheduled"), None)
    if column is None:
        return [True] * len(table.rows)
    return [(cell.strip().lower() if isinstance(cell, str) else cell) not in _FALSE for cell in table.column(column)]


def _notes(names: Sequence[str], planned: Sequence[bool], dates: dict[str, set[int]]) -> tuple[str, ...]:
    found = [f"{name}: {len(times)} date{'' if len(times) == 1 else 's'}" for name, times in dates.items()]
    surprises = [name for name, known_before in zip(names, planned, strict=True) if not known_before]
    if surprises:
        found.append(
            f"{len(surprises)} unscheduled events left out ({', '.join(dict.fromkeys(surprises))}): nobody "
            "knew of them beforehand"
        )
    return tuple(found)
