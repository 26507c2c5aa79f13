"""Reads standard input line by line: one line in, one step out, at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain
from typing import IO, Any

from attrs import define, evolve

from rulelang.data.assets import asset_column, label_owners, matches, stated_asset, wide_assets
from rulelang.data.calendars import Calendar, dates_of
from rulelang.data.cells import NAN, CellError, Use, Value, convert, refusal, value_plain
from rulelang.data.columns import check_maps, missing_field, uses
from rulelang.data.errors import DataError, listed
from rulelang.data.join import Step
from rulelang.data.lanes import Lane, lane
from rulelang.data.parts import check_plausible, may_be_points
from rulelang.data.report import ColumnUse, FileReport, Gaps, Refused, Report
from rulelang.data.request import FileSpec, Mapping_, Request, Stamp
from rulelang.data.tables import closed_lines, csv_records, json_record, sniffed
from rulelang.data.times import SECOND, TELLING, TimeCells, closed_at, on_grid, time_column, written

_FIRST = 99
"""So many values of a field are looked at for percentage points."""
_CHUNK = 1 << 16
"""So many bytes are taken at a time where they are waiting."""
LONGEST = 1 << 26
"""So many bytes are gathered before a line has an end."""

Plan = dict[str | None, tuple[Use, ...]]
Line = tuple[int, tuple[str, ...], Any]
"""A line: its row, the names of its columns, its cells as a list, or as the object of a line of NDJSON."""

Tell = Callable[[tuple[tuple[str | None, str], ...], int | None], None]
"""Takes the needed fields that didn't come, each with its asset, and in how many lines; `None`: in all."""
ENOUGH = 100
"""Behind so many lines it is told which needed fields didn't come."""


@define
class _Tally:
    """Counts the lines of a stream as they come."""

    rows: int = 0
    steps: int = 0
    bars: int = 0
    duplicates: int = 0
    gaps: int = 0
    absent: int = 0
    longest: int = 0
    first: int | None = None
    last: int | None = None

    def bar(self, time: int, absent: int) -> None:
        """Count a bar, and the bars that are absent before it."""
        self.bars += 1
        self.gaps += absent > 0
        self.absent += absent
        self.longest = max(self.longest, absent)
        self.first = time if self.first is None else self.first
        self.last = time


class Stream:
    """The steps of a stream of lines, each made as its line arrives; `report` says what was read so far.

    A line is one bar of one asset (a wide one, with columns as `BTC.close`, of several). Where the rules need several
    assets, a step is made as soon as each has its line of that time, or a line of a later time begins. Times are
    known-at times. Needed fields that no line had are told to `tell`, once.
    """

    def __init__(
        self,
        lines: Iterable[str],
        form: str | None,
        request: Request,
        maps: Sequence[Mapping_],
        stamp: Stamp | None,
        asset: str | None,
        calendars: Sequence[Calendar],
    ) -> None:
        if request.bars is None:
            raise DataError(
                "RL708", "a stream does not tell how long a bar is; write it in the rule file, as in `bars 1h`", "-"
            )
        self.bars = request.bars
        self._request = request
        self._maps = maps
        self._stamp = stamp
        self._stated = None if asset is None else FileSpec("-", asset)
        self._calendars = tuple(calendars)
        self._lines = _lines(lines, form)
        self._alone = len(request.all_assets) == 1
        self._times: TimeCells | None = None
        self._instants: dict[str, TimeCells] = {}
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._lanes: dict[str | None, Lane] = {}
        self._laned: tuple[str, ...] = ()
        self._label: int | str | None = None
        self._last: dict[str | None, tuple[int, dict[str, Value]]] = {}
        self._waiting: Step | None = None
        self._done: int | None = None
        self.tell: Tell = lambda lacking, lines: None
        self._told = False
        self._came: set[tuple[str | None, str]] = set()
        self._seen: dict[str, list[Value]] = {}
        self._whose: dict[str, str | None] = {}
        self._file = FileReport("-", "bars", spacing=request.bars)
        self._tally = _Tally()

    @property
    def report(self) -> Report:
        """The data report of the lines read so far."""
        tally = self._tally
        gaps = Gaps(tally.gaps, tally.absent, tally.longest)
        file = evolve(
            self._file, first=tally.first, last=tally.last, rows=tally.rows, bars=tally.bars,
            gaps=gaps, duplicates=tally.duplicates,
        )  # fmt: skip
        files = (file, *(calendar.report for calendar in self._calendars))
        undated = tuple(name for name in self._request.events if name not in self.events)
        return Report(self.bars, tally.steps, tally.first, tally.last, files, undated)

    @property
    def events(self) -> dict[str, tuple[int, ...]]:
        """Dates of the declared events from the calendars beside the stream, seconds since 1970."""
        return dates_of(self._calendars, self._request)

    def __iter__(self) -> Iterator[Step]:
        for count, (row, names, cells) in enumerate(self._lines):
            if count == ENOUGH:
                self._tell_lacking(count)
            step = self._usual(row, names, cells) or self._closely(row, names, cells)
            if step is None:
                continue
            if self._alone:
                self._done = step[0]
                self._tally.steps += 1
                yield step
            else:
                yield from self._joined(row, *step)
        yield from self._let_go()
        self._check_used()
        self._tell_lacking(None)

    def _tell_lacking(self, lines: int | None) -> None:
        """Tell once which needed fields didn't come, in so many lines or (`None`) in all."""
        needed = ((asset, field.name) for asset in self._request.all_assets
                  for field in self._request.required_of(asset))  # fmt: skip
        lacking = tuple(need for need in needed if need not in self._came)
        if lacking and not self._told:
            self._told = True
            self.tell(lacking, lines)

    # --- usual lines

    def _usual(self, row: int, names: tuple[str, ...], cells: Any) -> Step | None:
        """Return the step of a usual line; `None`: look closer."""
        if names is not self._laned and names != self._laned:
            return None
        label = None if self._label is None else cells[self._label]
        lane = self._lanes.get(label) if label is None or type(label) is str else None
        if lane is None or (values := lane.values(cells)) is None:
            return None
        cell, tally = cells[lane.time], self._tally
        if cell == lane.following:
            time = lane.next(self.bars)
            tally.bars += 1
            tally.last = time
        else:
            time = self._known(row, cell)
            if time <= lane.last:
                return None
            tally.bar(time, (time - lane.last) // self.bars - 1)
            lane.follow(cell, time, self.bars)
        tally.rows += 1
        self._last[lane.asset] = (time, values)
        return time, {lane.asset: values}

    def _note_lane(self, names: tuple[str, ...], cells: Any, plan: Plan, label: str | None, time: int) -> None:
        """Let the lines be usual that are as one that was looked at."""
        assert self._times is not None
        if names != self._laned:
            self._lanes, self._laned = {}, names

        def place(column: str) -> int | str:
            return column if isinstance(cells, dict) else names.index(column)

        self._label = None if label is None else place(label)
        key = None if self._label is None else str(cells[self._label])
        owner = next(iter(plan)) if key is None else self._whose[key.strip()]
        mine = self._lanes.get(key)
        if mine is None or mine.unsettled:
            settled = {use.field.name: self._settled(owner, use) for use in plan[owner]}
            mine = self._lanes[key] = lane(owner, plan[owner], place, self._times.column, settled)
        mine.follow(cells[mine.time], time, self.bars)

    def _settled(self, asset: str | None, use: Use) -> bool:
        return not may_be_points(use.field) or len(self._seen.get(f"{asset}.{use.field.name}", ())) >= _FIRST

    # --- steps

    def _joined(self, row: int, time: int, values: dict[str | None, dict[str, Value]]) -> Iterator[Step]:
        """Yield the steps that a line completes: the one that waited for other assets, its own, both or none."""
        latest = self._waiting[0] if self._waiting is not None else self._done
        if latest is not None and (time < latest or time == self._done):
            assert self._times is not None
            raise DataError(
                "RL703",
                f"{self._sent(time)} comes after the step of {self._sent(latest)} was made; "
                "send the lines of one time together, oldest first",
                "-",
                row,
                self._times.column,
            )
        if self._waiting is not None and time > self._waiting[0]:
            yield from self._let_go()
        if self._waiting is None:
            self._waiting = (time, {})
        self._waiting[1].update(values)
        if all(asset in self._waiting[1] for asset in self._request.all_assets):
            yield from self._let_go()

    def _let_go(self) -> Iterator[Step]:
        if self._waiting is not None:
            step, self._waiting = self._waiting, None
            self._done = step[0]
            self._tally.steps += 1
            yield step

    def _check_used(self) -> None:
        if self._tally.steps:
            return
        if self._file.ignored:
            wanted = ", ".join(self._request.named)
            raise DataError("RL709", f"holds rows of {listed(self._file.ignored)} only; the rules need {wanted}", "-")
        raise DataError("RL700", "holds no rows; nothing was read", "-")

    def _closely(self, row: int, names: tuple[str, ...], cells: Any) -> Step | None:
        record: dict[str, Any] = cells if isinstance(cells, dict) else dict(zip(names, cells, strict=True))
        plan = self._plans.get(names) or self._planned(names, isinstance(cells, list))
        time = self._known(row, record.get(self._time_column(names)))
        label = asset_column(names)
        owner = self._owner(row, record, label) if label is not None else next(iter(plan))
        if label is not None and owner not in plan:
            return None
        assets = [owner] if label is not None else list(plan)
        self._came.update((asset, use.field.name) for asset in assets for use in plan[asset])
        values = {asset: self._values(row, record, plan[asset], asset) for asset in assets}
        fresh = {asset: own for asset, own in values.items() if self._fresh(row, plan[asset], asset, time, own)}
        if fresh and len(assets) == 1:
            self._note_lane(names, cells, plan, label, time)
        return (time, fresh) if fresh else None

    def _planned(self, names: tuple[str, ...], headed: bool) -> Plan:
        """Return how lines with these names are read; `headed`: no line will have others, as in CSV."""
        if not self._plans:
            check_maps(self._maps, self._request, names if headed else (*names, *(m.column for m in self._maps)))
        wide = wide_assets(names, self._request)
        assets: Sequence[str | None] = wide or self._plain_assets(names)
        plan = {
            asset: uses(names, self._request.fields_of(asset), self._maps, "-", f"{asset}." if wide else "")
            for asset in assets
        }
        if headed:
            self._check_supplied(plan, names)
        self._plans[names] = plan
        self._note_columns(plan)
        return plan

    def _plain_assets(self, names: tuple[str, ...]) -> Sequence[str | None]:
        if asset_column(names) is not None:
            return self._request.all_assets
        if self._stated is not None:
            return (stated_asset(self._stated, self._request),)
        if len(self._request.assets) > 1:
            raise DataError(
                "RL709",
                "nothing says which asset a line is; add a column `asset` "
                f"({', '.join(self._request.assets)}), or name columns as in `{self._request.assets[0]}.close`",
                "-",
            )
        return self._request.assets or (None,)

    def _check_supplied(self, plan: Plan, names: tuple[str, ...]) -> None:
        """Refuse a header that has no column for a needed field, as files are refused."""
        for asset in self._request.all_assets:
            supplied = {use.field.name for use in plan.get(asset, ())}
            for needed in self._request.required_of(asset):
                if needed.name not in supplied:
                    raise missing_field(needed, asset, names)

    def _note_columns(self, plan: Plan) -> None:
        known = {(use.field, use.column) for use in self._file.columns}
        new = {
            (use.field.name, use.column): ColumnUse(use.field.name, use.column, f"{use.scale.normalize():f}", use.how)
            for own in plan.values()
            for use in own
        }
        added = tuple(use for key, use in new.items() if key not in known)
        self._file = evolve(self._file, columns=self._file.columns + added)

    def _time_column(self, names: tuple[str, ...]) -> str:
        if self._times is None:
            self._times = TimeCells("-", time_column(names, self._maps, "-"))
            self._file = evolve(self._file, time=self._times.column, stamp=self._moment().value)
        return self._times.column

    def _known(self, row: int, cell: object) -> int:
        assert self._times is not None
        stamp = self._moment()
        own = self._times.required(cell, row)
        second = own // SECOND
        opens = own % SECOND == 0 and on_grid(second, self.bars)
        time = closed_at(own, self.bars) if stamp is Stamp.CLOSE else second + self.bars if opens else None
        if time is None:
            raise DataError(
                "RL708",
                f"{written(own / SECOND)} is no {stamp.value} of a bar of the rule file; correct or remove the row",
                "-",
                row,
                self._times.column,
            )
        return time

    def _moment(self) -> Stamp:
        assert self._times is not None
        stamp = TELLING.get(self._times.column.strip().lower(), self._stamp)
        if stamp is None:
            raise DataError(
                "RL704",
                "nothing says whether it is the open or the close of each bar, and an open taken for a close "
                "lets rules see the future; "
                "write --time open (as exchanges do) or --time close",
                "-",
                column=self._times.column,
            )
        return stamp

    def _owner(self, row: int, record: dict[str, Any], column: str) -> str | None:
        label = str(record[column] if record[column] is not None else "").strip()
        if not label:
            raise DataError("RL709", "is empty; every row needs its asset", "-", row, column)
        if label not in self._whose:
            asset = self._owners(label, column).get(label, "")
            rival = next((name for name, own in self._whose.items() if own == asset and asset != ""), None)
            if rival is not None:
                raise DataError(
                    "RL709",
                    f"{listed([rival, label])} could each be {asset or 'the one asset'}; keep the rows of one of them",
                    "-",
                    row,
                    column,
                )
            self._whose[label] = asset
            if asset == "":
                self._file = evolve(self._file, ignored=(*self._file.ignored, label))
        return self._whose[label]

    def _owners(self, label: str, column: str) -> dict[str, str | None]:
        if self._stated is not None and self._stated.asset is not None:
            own = stated_asset(self._stated, self._request)
            return {label: own} if matches(label, self._stated.asset) else {}
        try:
            return label_owners((label,), FileSpec("-"), self._request, column)
        except DataError:
            return {}

    def _values(self, row: int, record: dict[str, Any], own: tuple[Use, ...], asset: str | None) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for use in own:
            value = self._value(row, record, use)
            seen = self._seen.setdefault(f"{asset}.{use.field.name}", [])
            if value == value and len(seen) < _FIRST:
                seen.append(value)
                check_plausible("-", use, seen)
            why = refusal(use.field, value)
            if why is not None:
                self._refuse(row, use, str(record.get(use.column)), why)
            elif value == value:
                values[use.field.name] = value
        return values

    def _value(self, row: int, record: dict[str, Any], use: Use) -> Value:
        cell = record.get(use.column)
        if use.field.kind.name == "time":
            reader = self._instants.setdefault(use.column, TimeCells("-", use.column))
            micros = reader.micros(cell, row)
            cell = None if micros is None else micros / SECOND
        try:
            return convert(
                use, cell, record.get(use.interval) if use.interval is not None and cell not in (None, "") else 8
            )
        except CellError as error:
            raise DataError("RL705", str(error), "-", row, use.column) from None

    def _refuse(self, row: int, use: Use, cell: str, why: str) -> None:
        first = Refused(use.field.name, use.column, 0, row, cell, why)
        known = {(r.field, r.column): r for r in self._file.refused}
        refused = known.get((first.field, first.column), first)
        known[first.field, first.column] = evolve(refused, count=refused.count + 1)
        self._file = evolve(self._file, refused=tuple(known.values()))

    def _fresh(self, row: int, own: tuple[Use, ...], asset: str | None, time: int, values: dict[str, Value]) -> bool:
        """Say whether a row is later than the last one of its asset; the same row again is passed over."""
        before = self._last.get(asset)
        self._tally.rows += 1
        if before is not None and time <= before[0]:
            if time < before[0]:
                raise self._disorder(row, time, f"is before the bar of {self._sent(before[0])} that came before")
            if values != before[1]:
                raise self._twice(row, own, time, before[1], values)
            self._tally.duplicates += 1
            return False
        self._last[asset] = (time, values)
        self._tally.bar(time, 0 if before is None else (time - before[0]) // self.bars - 1)
        return True

    def _sent(self, time: int) -> str:
        """Return the time of a bar as its row has it: of its open, where the rows have those."""
        return written(time - self.bars if self._moment() is Stamp.OPEN else time)

    def _disorder(self, row: int, time: int, what: str) -> DataError:
        assert self._times is not None
        message = f"{self._sent(time)} {what}; send bars oldest first, each once"
        return DataError("RL703", message, "-", row, self._times.column)

    def _twice(
        self, row: int, own: tuple[Use, ...], time: int, before: dict[str, Value], values: dict[str, Value]
    ) -> DataError:
        """Return the error for a bar that came with other values, with the column that differs and both values."""
        for use in own:
            one, other = (of.get(use.field.name, NAN) for of in (before, values))
            if one != other and (one == one or other == other):
                message = (
                    f"{self._sent(time)} has `{use.field.name}` {value_plain(other)} here and {value_plain(one)} "
                    "in an earlier row; send each bar once"
                )
                return DataError("RL703", message, "-", row, use.column)
        return self._disorder(row, time, "has other fields than the bar that came before")


def stream(
    lines: Iterable[str],
    form: str | None,
    request: Request,
    maps: Sequence[Mapping_] = (),
    stamp: Stamp | None = None,
    asset: str | None = None,
    calendars: Sequence[Calendar] = (),
) -> Stream:
    """Return the steps of lines of CSV (`form` "csv", a header first) or NDJSON ("ndjson"), each as its line arrives.

    Without `form` the first line tells. The rule file must state `bars`. `asset`: the one that all lines belong to, if
    stated. `calendars` give the dates of events. Values stand in the row of their bar and count as known when it
    closes. Raises `DataError` at the line that can't be read with certainty.
    """
    return Stream(lines, form, request, maps, stamp, asset, calendars)


def data_lines(file: IO[bytes], waiting: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Yield the lines of a file as they arrive; ones that are no UTF-8 are refused.

    `waiting` is called when no further line is there yet, before the next one is waited for.
    """
    rows = 0
    for block in _arriving(file, waiting):
        if len(block) > LONGEST:
            message = f"has no end within {LONGEST >> 20} MiB; end each line with a line feed"
            raise DataError("RL700", message, "-", rows + 1)
        sound = _sound(block)
        yield from StringIO(sound.decode("utf-8" if rows else "utf-8-sig"), newline="\n")
        rows += sound.count(b"\n")
        if len(sound) < len(block):
            raise DataError("RL700", "is not UTF-8 text; send CSV or NDJSON lines in UTF-8", "-", rows + 1)


def _sound(block: bytes) -> bytes:
    """Return the lines of a block that stand before any that is no UTF-8."""
    try:
        block.decode()
    except UnicodeDecodeError as error:
        return block[: block.rfind(b"\n", 0, error.start) + 1]
    return block


def _arriving(file: Any, waiting: Callable[[], None]) -> Iterator[bytes]:
    """Yield what arrived whenever a line ends in it, up to the last end; at last the rest, or what is too long."""
    begun: list[bytes] = []
    waiting()
    while data := file.read1(_CHUNK):
        end = data.rfind(b"\n") + 1
        if end:
            yield b"".join([*begun, data[:end]])
            begun = []
        begun.append(data[end:])
        if len(begun) * _CHUNK > LONGEST and sum(map(len, begun)) > LONGEST:
            break
        waiting()
    yield from filter(None, [b"".join(begun)])


def _lines(lines: Iterable[str], form: str | None) -> Iterator[Line]:
    if form is None:
        lines = iter(lines)
        first = next(lines, "")
        form, lines = sniffed(first), chain([first] if first else [], lines)
    if form == "ndjson":
        for row, line in enumerate(lines, 1):
            if line.strip("\ufeff \t\r\n"):
                record = json_record("-", line, row)
                yield row, tuple(record), record
        return
    records = csv_records("-", closed_lines("-", lines))
    names = tuple(next(records, (0, []))[1])
    for row, cells in records:
        yield row, names, cells
