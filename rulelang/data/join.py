"""Joining by the time known: values of many files become one row of values a step."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from rulelang.data.cells import NAN, Use, Value, value_plain
from rulelang.data.errors import DataError, display
from rulelang.data.times import grid_above, period_of, written

Step = tuple[int, dict[str | None, dict[str, Value]]]


@frozen
class Supply:
    """The values of one field of one asset from one file.

    `times`: seconds when each became known, rising. `on_row`: they belong to the bars of exactly these times; otherwise
    each is handed to the first step at or after its time. `file`: position of the file in the report.
    """

    asset: str | None
    use: Use
    path: str
    file: int
    on_row: bool
    times: Sequence[int] = field(repr=False)
    values: Sequence[Value] = field(repr=False)
    rows: Sequence[int] = field(repr=False)


@frozen
class Lane:
    """The steps of one asset: their times, and its values by field aligned with them, NaN where missing.

    `own` says that the asset has bars of its own: then it is there in each of these steps.
    """

    asset: str | None
    own: bool
    times: Sequence[int] = field(repr=False)
    columns: dict[str, Sequence[Value]] = field(repr=False)


@frozen
class Steps:
    """The steps of a market, oldest first; each iteration makes them anew from columns, one at a time."""

    lanes: tuple[Lane, ...]
    times: Sequence[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[Step]:
        if len(self.lanes) == 1:
            yield from _single(self.lanes[0])
            return
        rows = [_rows(lane) for lane in self.lanes]
        heads = [next(row, None) for row in rows]
        for time in self.times:
            values: dict[str | None, dict[str, Value]] = {}
            for at, lane in enumerate(self.lanes):
                head = heads[at]
                if head is not None and head[0] == time:
                    values[lane.asset] = head[1]
                    heads[at] = next(rows[at], None)
            yield time, values


def _single(lane: Lane) -> Iterator[Step]:
    for time, values in _rows(lane):
        yield time, {lane.asset: values}


def _rows(lane: Lane) -> Iterator[tuple[int, dict[str, Value]]]:
    names = tuple(lane.columns)
    if not names:
        yield from ((time, {}) for time in lane.times)
        return
    for time, *cells in zip(lane.times, *lane.columns.values(), strict=True):
        values = {name: cell for name, cell in zip(names, cells, strict=True) if cell == cell}
        if values or lane.own:
            yield time, values


@frozen
class Losses:
    """Values that no step gets, counted by file and field.

    Those from before the first step or after the last, those in a gap, those that another value of a step goes before.
    """

    outside: dict[tuple[int, str], int] = field(factory=dict)
    between: dict[tuple[int, str], int] = field(factory=dict)
    superseded: dict[tuple[int, str], int] = field(factory=dict)


def join(bars: Mapping[str | None, Sequence[int]], supplies: Sequence[Supply], base: int) -> tuple[Steps, Losses]:
    """Return the steps: each value handed to the first step that may know it.

    `bars` has the times of each asset's own bars. Without any, the steps are the moments of the values themselves, on
    the grid of the base period.
    """
    losses = Losses()
    everywhere = sorted({time for times in bars.values() for time in times})
    lanes = []
    for asset in dict.fromkeys((*bars, *(supply.asset for supply in supplies))):
        own = [supply for supply in supplies if supply.asset == asset]
        times = bars.get(asset) or everywhere or _moments(own, base)
        lanes.append(Lane(asset, asset in bars or not everywhere, times, _filled(times, own, losses)))
    return Steps(tuple(lanes), _union(lanes)), losses


def _moments(supplies: Sequence[Supply], base: int) -> list[int]:
    return sorted({grid_above(time, base) for supply in supplies for time in supply.times})


def _union(lanes: Sequence[Lane]) -> Sequence[int]:
    if len(lanes) == 1 and lanes[0].own:
        return lanes[0].times
    return sorted({time for lane in lanes for time in (lane.times if lane.own else (row[0] for row in _rows(lane)))})


def _filled(times: Sequence[int], supplies: Sequence[Supply], losses: Losses) -> dict[str, Sequence[Value]]:
    columns: dict[str, Sequence[Value]] = {}
    for name in dict.fromkeys(supply.use.field.name for supply in supplies):
        own = sorted((s for s in supplies if s.use.field.name == name), key=lambda s: (not s.on_row, s.times[0]))
        _check_agreement(own)
        column: list[Value] = [NAN] * len(times)
        seen: set[int] = set()
        for supply in own:
            (_on_rows if supply.on_row else _handed)(supply, times, column, seen, losses)
        columns[name] = _packed(column)
    return columns


def _packed(column: list[Value]) -> Sequence[Value]:
    return column if any(isinstance(value, str) for value in column) else array("d", (float(value) for value in column))


def _on_rows(supply: Supply, times: Sequence[int], column: list[Value], seen: set[int], losses: Losses) -> None:
    if len(times) == len(supply.times):
        column[:] = supply.values
    else:
        places = {time: at for at, time in enumerate(times)}
        for time, value in zip(supply.times, supply.values, strict=True):
            if value == value:
                column[places[time]] = value
    seen.update(time for time, value in zip(supply.times, supply.values, strict=True) if value == value)


def _handed(supply: Supply, times: Sequence[int], column: list[Value], seen: set[int], losses: Losses) -> None:
    """Hand each value to the first step at or after its time, if that lies in its period or while it is valid.

    The first value of a period counts (clause 4.3); of values that are valid for a while, the newest.
    """
    key = (supply.file, supply.use.field.name)
    newest = supply.use.field.every is None

    def count(losses_of_kind: dict[tuple[int, str], int]) -> None:
        losses_of_kind[key] = losses_of_kind.get(key, 0) + 1

    for time, value in zip(supply.times, supply.values, strict=True):
        if value != value or time in seen:
            continue
        seen.add(time)
        at = bisect_left(times, time)
        if at == len(times) or not _counts(supply.use, time, times[at]):
            count(losses.between if 0 < at < len(times) else losses.outside)
            continue
        taken = column[at] == column[at]
        if taken:
            count(losses.superseded)
        if newest or not taken:
            column[at] = value


def _counts(use: Use, time: int, step: int) -> bool:
    if use.field.every is not None:
        return period_of(time, use.field.every) == period_of(step, use.field.every)
    return use.field.valid_for is None or step - time < use.field.valid_for


def _check_agreement(supplies: Sequence[Supply]) -> None:
    for later, supply in enumerate(supplies):
        for earlier in supplies[:later]:
            if supply.times[0] <= earlier.times[-1] and earlier.times[0] <= supply.times[-1]:
                _compare(earlier, supply)


def _compare(one: Supply, other: Supply) -> None:
    known = {time: at for at, time in enumerate(one.times)}
    common = [(known[time], at) for at, time in enumerate(other.times) if time in known]
    name, files = one.use.field.name, (display(one.path), display(other.path))
    if not common:
        raise DataError(
            "RL711",
            f"`{name}` covers the same days as in {files[0]}, at other times; "
            "keep one of the files, or label them --data PATH:ASSET",
            other.path,
            column=other.use.column,
        )
    for here, there in common:
        left, right = one.values[here], other.values[there]
        if left != right and left == left and right == right:
            raise DataError(
                "RL711",
                f"`{name}` known at {written(one.times[here])} is {value_plain(right)} here and "
                f"{value_plain(left)} in {files[0]} (row "
                f"{one.rows[here]}); keep the file that is right",
                other.path,
                other.rows[there],
                other.use.column,
            )
