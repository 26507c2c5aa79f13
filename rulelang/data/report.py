"""What was read, from where, and what was refused: the data report, for people and as plain data."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from attrs import asdict, field, frozen

from rulelang.data.errors import display, listed, shown
from rulelang.data.times import written
from rulelang.kinds import duration_text


@frozen
class Refused:
    """Values of one column that count as missing: how many, the row and text of the first, and why."""

    field: str
    column: str
    count: int
    row: int
    value: str
    why: str


@frozen
class ColumnUse:
    """Which column was taken for a field, with which factor, and why that one."""

    field: str
    column: str
    scale: str
    how: str


@frozen
class Gaps:
    """Bars that are not there: number of gaps, bars missing in all of them, bars missing in the longest."""

    count: int = 0
    missing: int = 0
    longest: int = 0


def gaps_in(times: Sequence[int], period: int) -> Gaps:
    """Count the gaps in rising times on the grid of a period.

    >>> gaps_in([0, 60, 240], 60)
    Gaps(count=1, missing=2, longest=2)
    """
    absent = [missing for a, b in pairwise(times) if (missing := (b - a) // period - 1) > 0]
    return Gaps(len(absent), sum(absent), max(absent, default=0))


@frozen
class FileReport:
    """What one file gave for one asset. Times are known-at times in seconds since 1970.

    `kind`: "bars", "published", "values" (each held until the next), "events" or "not used".
    `stamp`: "open" or "close" where it matters.
    `outside`: values by field from before the first step or after the last: nobody asks for them.
    `between`: values by field in whose period there is no step: they fell into a gap and are not delivered.
    `superseded`: values by field that another value of the same step and period goes before.
    """

    path: str
    kind: str
    asset: str | None = None
    label: str = ""
    first: int | None = None
    last: int | None = None
    rows: int = 0
    bars: int = 0
    spacing: int | None = None
    gaps: Gaps = Gaps()
    duplicates: int = 0
    newest_first: bool = False
    stamp: str | None = None
    time: str = ""
    columns: tuple[ColumnUse, ...] = ()
    refused: tuple[Refused, ...] = ()
    outside: dict[str, int] = field(factory=dict)
    between: dict[str, int] = field(factory=dict)
    superseded: dict[str, int] = field(factory=dict)
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@frozen
class Report:
    """The data report: base period (seconds), steps and their span, each file, declared events without a date."""

    bars: int
    steps: int
    first: int | None
    last: int | None
    files: tuple[FileReport, ...]
    undated: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the report for people, times in UTC, one block a file."""
        span = (
            f", known from {written(self.first)} to {written(self.last)}"
            if self.first is not None and self.last is not None
            else ""
        )
        return [f"data: {_count(self.steps, 'step')} of {duration_text(self.bars)}{span}"] + [
            line for file in self.files for line in _file_lines(file)
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return asdict(self, value_serializer=lambda _, __, value: list(value) if isinstance(value, tuple) else value)


_HEADINGS = {"published": "published values", "values": "values, each held until the next", "events": "event dates"}


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _file_lines(file: FileReport) -> list[str]:
    whose = f" for {file.asset}" if file.asset else ""
    called = f" (called {shown(file.label)} there)" if file.label and file.label != file.asset else ""
    kind = _HEADINGS.get(file.kind, file.kind)
    period = f" of {duration_text(file.spacing)}" if file.spacing and file.kind == "bars" else ""
    items = [*_span(file), *_rows(file), *_columns(file), *_refused(file), *_lost(file)]
    items += [("note", note) for note in file.notes]
    if file.kind == "not used":
        items.append(("note", "no rule reads any of its columns"))
    if file.ignored:
        items.append(("ignored", listed(file.ignored)))
    return [
        f"  {display(file.path)}: {kind}{period}{whose}{called}",
        *(f"    {name:<10}{text}" for name, text in items),
    ]


def _span(file: FileReport) -> list[tuple[str, str]]:
    if file.first is None or file.last is None:
        return []
    span = f"{written(file.first)} to {written(file.last)}"
    if file.stamp == "open" and file.spacing:
        length = duration_text(file.spacing)
        return [
            ("span", span),
            ("time", f"`{file.time}` is the OPEN of each bar; its values are known {length} later, at the close"),
        ]
    if file.kind == "values":
        return [("span", span), ("time", f"`{file.time}` is when each value became known")]
    if file.stamp == "close":
        return [("span", span), ("time", f"`{file.time}` is the CLOSE of each bar, when its values are known")]
    return [("span", span)]


def _rows(file: FileReport) -> list[tuple[str, str]]:
    if file.kind == "not used":
        return []
    text = _count(file.rows, "row")
    if file.kind == "bars":
        text += f", {_count(file.bars, 'bar')}, {_gaps(file)}"
    if file.duplicates:
        text += f", {_count(file.duplicates, 'duplicate')} dropped"
    if file.newest_first:
        text += ", newest first (turned round)"
    return [("rows", text)]


def _gaps(file: FileReport) -> str:
    if not file.gaps.count:
        return "no gap"
    longest = duration_text(file.gaps.longest * file.spacing) if file.spacing else str(file.gaps.longest)
    return f"{_count(file.gaps.count, 'gap')} ({_count(file.gaps.missing, 'bar')} missing, the longest {longest})"


def _columns(file: FileReport) -> list[tuple[str, str]]:
    width = max((len(use.field) for use in file.columns), default=0)
    rows = []
    for use in file.columns:
        scale = "" if use.scale == "1" else f" × {use.scale}"
        rows.append(("column", f"{use.field:<{width}} = {shown(use.column)}{scale}, {use.how}"))
    return rows


def _refused(file: FileReport) -> list[tuple[str, str]]:
    return [
        (
            "refused",
            f"{_count(r.count, 'value')} of {r.field}, now missing; "
            f"the first in row {r.row}: {shown(r.value)}, {r.why}",
        )
        for r in file.refused
    ]


def _lost(file: FileReport) -> list[tuple[str, str]]:
    between = [
        ("lost", f"{_count(n, 'value')} of {name}: no step in their period, they fell into a gap")
        for name, n in file.between.items()
    ]
    later = [
        ("lost", f"{_count(n, 'value')} of {name}: another value of the same step counts")
        for name, n in file.superseded.items()
    ]
    outside = [
        ("unused", f"{_count(n, 'value')} of {name} from before the first step or after the last")
        for name, n in file.outside.items()
    ]
    return between + later + outside
