"""Running rules over a frame of bars: what it must hold, its rows as steps, and the decisions as columns."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.engine.coded import Coded
from rulelang.evaluate import AssetDecision, Run, StepRefused, seconds_of
from rulelang.evaluate.steps import FURTHEST, LONGEST_GAP, admit, admit_gap
from rulelang.frames import Frame, Same, opened
from rulelang.kinds.units import offset

if TYPE_CHECKING:
    from rulelang.engine.batch import Batch
    from rulelang.engine.inlets import Inlet

_TIMES = ("close_time", "time", "timestamp", "date", "open_time")

Events = Mapping[str, tuple[float, ...]]
Result = dict[str, Any]


@frozen
class _Rows:
    """A frame's rows: which column says when they are known, or lie so long before, and for whom; and its fields.

    `places`: the rows of each label, in order.
    """

    frame: Frame
    time: str
    later: int
    labels: list[str] | None
    places: Mapping[str, Any]
    fields: tuple[str, ...]

    def __len__(self) -> int:
        return self.frame.lengths()[self.time]

    def asset(self, row: int) -> str | None:
        """Return the asset that a row belongs to; `None` where no column says it."""
        return None if self.labels is None else self.labels[row]


def run_over(rules: CheckedRules, frame: Any, time: str | None, events: Events, engine: str) -> Any:
    """Return the decisions over a frame as the same kind of frame; see `Rules.over`."""
    rows = _rows(rules, opened(frame), time)
    _check_assets(rules, rows)
    _check_fields(rules, rows)
    stepwise = engine == "reference" or rows.frame.nested
    columns = _stepwise(rules, rows, events) if stepwise else _at_once(rules, rows, events)
    return rows.frame.result(columns)


# --- what a frame must hold


def _rows(rules: CheckedRules, frame: Frame, time: str | None) -> _Rows:
    time = _time_column(frame.names, time)
    _check_lengths(frame.lengths())
    labels = [str(label) for label in frame.column("asset")] if "asset" in frame.names else None
    later = 0
    if time == "open_time":
        if rules.bars is None:
            raise StepRefused("open times need the length of a bar: say it in the file, `bars 1h`")
        later = rules.bars
    fields = tuple(name for name in frame.names if name not in (time, "asset"))
    return _Rows(frame, time, later, labels, _places(labels or []), fields)


def _places(labels: list[str]) -> dict[str, Any]:
    """Return the rows of each label, in order."""
    import numpy as np

    whose = np.array(labels, object)
    return {label: np.flatnonzero(whose == label) for label in dict.fromkeys(labels)}


def _time_column(names: tuple[str, ...], time: str | None) -> str:
    if time is not None:
        if time not in names:
            raise StepRefused(f"the frame has no column `{time}`; it has {', '.join(names)}")
        return time
    found = next((name for name in _TIMES if name in names), None)
    if found is None:
        raise StepRefused(f"the frame has no column of times ({', '.join(_TIMES)}): name it, over(frame, time=…)")
    return found


def _check_lengths(lengths: Mapping[str, int]) -> None:
    if len(set(lengths.values())) > 1:
        each = ", ".join(f"`{name}` has {length}" for name, length in lengths.items())
        raise StepRefused(f"every column needs as many rows as the others: {each}")


def _check_assets(rules: CheckedRules, rows: _Rows) -> None:
    if rows.labels is None:
        if len(rules.programs) > 1:
            raise StepRefused(f"the rules run for {', '.join(rules.assets)}: the frame needs a column `asset`")
        return
    labels = ", ".join(dict.fromkeys(rows.labels))
    if not rules.assets and len(set(rows.labels)) > 1:
        message = f"the column `asset` holds {labels}, but the rules name no assets"
        raise StepRefused(f"{message}: write `assets {labels}` in them, or keep the rows of one")


def _check_fields(rules: CheckedRules, rows: _Rows) -> None:
    """Refuse a frame with not one of the fields that the rules read: everything would be missing without a word."""
    needs = [need for program in rules.programs.values() for need in program.needs]
    wanted = {need.field.name if need.asset is None else f"{need.asset}.{need.field.name}" for need in needs}
    if len(rows) and wanted and not wanted & set(rows.fields) and not {n.field.name for n in needs} & set(rows.fields):
        raise StepRefused(f"the rules read {', '.join(sorted(wanted))}; the frame has {', '.join(rows.frame.names)}")


# --- by the engine, all bars of an asset at once


def _at_once(rules: CheckedRules, rows: _Rows, events: Events) -> Result:
    from rulelang.engine.batch import decided
    from rulelang.engine.run import EngineRun

    times = _seconds(rows)
    _check_order(rules, rows, times)
    run, mine = EngineRun(rules, events), _mine(rules, rows)
    found = {}
    for asset, places in mine.items():
        columns = [_numbers(rows, inlet, asset, times) for inlet in run.assets[asset].inlets]
        found[asset] = decided(run.assets[asset], times if places is None else times[places], columns)
    return _columns(rows, _together(found, mine, len(rows)))


def _seconds(rows: _Rows) -> Any:
    """Return when each row is known, in seconds since 1970. Raises `StepRefused`."""
    import numpy as np

    column = rows.frame.seconds(rows.time)
    if isinstance(column, np.ndarray) and (np.abs(column) <= FURTHEST).all():
        return column.astype(np.float64) + rows.later
    times = np.empty(len(column))
    for row, at in enumerate(column):
        with _of_row(row):
            times[row] = seconds_of(at) + rows.later
    return times


@contextmanager
def _of_row(row: int) -> Iterator[None]:
    """Let a refusal say of which row it is."""
    try:
        yield
    except StepRefused as refused:
        raise StepRefused(f"row {row + 1}: {refused}") from None


def _mine(rules: CheckedRules, rows: _Rows) -> dict[str | None, Any]:
    """Return the places of each asset's rows, of those that the rules run for; `None`: all rows."""
    import numpy as np

    if rows.labels is None or not rules.assets:
        return {next(iter(rules.programs)): None}
    return {asset: rows.places.get(str(asset), np.empty(0, np.intp)) for asset in rules.programs}


def _check_order(rules: CheckedRules, rows: _Rows, times: Any) -> None:
    """Refuse rows out of order, between bars, twice for one asset, or after too long a gap: the first of them."""
    import numpy as np

    bars = rules.bars or 1
    suspicious = bool((np.diff(times) < 0).any()) or bool(((times - offset(bars)) % bars != 0).any())
    for own in rows.places.values() if rows.labels is not None else [slice(None)]:
        apart = np.diff(times[own])
        suspicious |= bool((apart <= 0).any() or (apart > LONGEST_GAP * bars).any())
    if suspicious:
        _step_through(rules, rows, times)


def _step_through(rules: CheckedRules, rows: _Rows, times: Any) -> None:
    last: float | None = None
    lasts: dict[str | None, float] = {}
    for first, end in _steps(rows, times):
        at = _whole(times[first])
        with _of_row(first):
            admit(at, last, rules.bars)
            for row in range(first, end):
                asset = rows.asset(row)
                admit_gap(at, lasts.get(asset), rules.bars)
                lasts[asset] = at
        last = at


def _whole(time: float) -> float:
    return int(time) if time == int(time) else float(time)


def _numbers(rows: _Rows, inlet: "Inlet", asset: str | None, times: Any) -> Any:
    """Return the column that comes in at an inlet of an asset's rules, NaN where nothing does."""
    import numpy as np

    from rulelang.engine.batch import numbered

    whose, field = inlet.key
    if rows.labels is None or asset is None:
        names = [f"{whose or asset}.{field}"] if whose or asset else []
        name = next((one for one in [*names, *([] if whose else [field])] if one in rows.frame.names), None)
        return np.full(len(rows), np.nan) if name is None else numbered(inlet, rows.frame.column(name))
    nowhere = np.empty(0, np.intp)
    own, theirs = rows.places.get(asset, nowhere), rows.places.get(whose or asset, nowhere)
    if field not in rows.frame.names or not len(theirs):
        return np.full(len(own), np.nan)
    column = rows.frame.column(field)
    part = column[theirs] if isinstance(column, np.ndarray) else [column[row] for row in theirs]
    values = numbered(inlet, part)
    if whose is None or whose == asset:
        return values
    at = np.minimum(np.searchsorted(times[theirs], times[own]), len(theirs) - 1)
    return np.where(times[theirs][at] == times[own], values[at], np.nan)


def _together(found: Mapping[str | None, "Batch"], mine: Mapping[str | None, Any], count: int) -> Result:
    """Return the columns of all assets: each row has what was decided for its asset."""
    made = {asset: _made(batch) for asset, batch in found.items()}
    if all(rows is None for rows in mine.values()):
        return next(iter(made.values()))
    first = next(iter(made.values()))
    return {name: _merged([(columns[name], mine[asset]) for asset, columns in made.items()], count) for name in first}


def _made(batch: "Batch") -> Result:
    columns: Result = {}
    for target, found in batch.targets.items():
        columns[target] = found.after
        columns[f"{target}_desired"] = found.desired
        columns[f"{target}_held"] = found.held
        columns[f"{target}_rule"] = found.rule
    return columns | {"active": batch.active}


def _merged(parts: list[tuple[Any, Any]], count: int) -> Any:
    """Return a column of several assets' columns and the rows that they are for; rows of none are missing."""
    import numpy as np

    if isinstance(parts[0][0], Coded):
        codes, texts = np.zeros(count, np.int32), [None]
        for column, rows in parts:
            codes[rows] = column.codes + len(texts)
            texts += column.texts
        return Coded(codes, tuple(texts))
    values, known = np.zeros(count), np.zeros(count, bool)
    for column, rows in parts:
        values[rows], known[rows] = column, True
    if known.all():
        return values
    return [value if there else None for value, there in zip(values.tolist(), known, strict=True)]


def _columns(rows: _Rows, columns: Result) -> Result:
    """Return the columns of the result: the times, the assets, then what was decided."""
    named = {"asset": Same("asset")} if rows.labels is not None else {}
    return {rows.time: Same(rows.time), **named, **columns}


# --- by the reference, step by step


def _stepwise(rules: CheckedRules, rows: _Rows, events: Events) -> Result:
    decided = _decided(rules, rows, events)
    columns: Result = {}
    for target in next(iter(rules.programs.values())).targets:
        outcomes = [None if decision is None else decision.targets[target] for decision in decided]
        columns[target] = [o and o.after for o in outcomes]
        columns[f"{target}_desired"] = [o and o.desired for o in outcomes]
        columns[f"{target}_held"] = [o and o.held for o in outcomes]
        columns[f"{target}_rule"] = [o and o.last_word for o in outcomes]
    columns["active"] = [
        None if decision is None else ", ".join(name for name, on in decision.active.items() if on)
        for decision in decided
    ]
    return _columns(rows, columns)


def _decided(rules: CheckedRules, rows: _Rows, events: Events) -> list[AssetDecision | None]:
    """Return the decision of each row; `None` for a row of an asset that the rules don't run for."""
    run, times = Run(rules, events, False), _seconds(rows)
    columns = {name: rows.frame.column(name) for name in rows.fields}
    found: list[AssetDecision | None] = []
    for first, end in _steps(rows, times):
        with _of_row(first):
            decided = run.step(_whole(times[first]), _values(rules, rows, columns, first, end)).by_asset
        named = rows.labels is not None and rules.assets
        found += [decided.get(rows.asset(row) if named else next(iter(decided))) for row in range(first, end)]
    return found


def _steps(rows: _Rows, times: Any) -> Iterator[tuple[int, int]]:
    """Yield the first row of each step and the row after its last: neighbours of one time, each for its own asset."""
    first = 0
    while first < len(rows):
        end = first + 1
        while rows.labels is not None and end < len(rows) and times[end] == times[first]:
            if rows.labels[end] in rows.labels[first:end]:
                above = f"{rows.labels[end]} has a row of this time above; keep one of the two"
                raise StepRefused(f"row {end + 1}: {above}")
            end += 1
        yield first, end
        first = end


def _values(rules: CheckedRules, rows: _Rows, columns: Mapping[str, Any], first: int, end: int) -> dict[str, Any]:
    if rows.labels is None or not rules.assets:
        return {name: column[first] for name, column in columns.items()}
    return {rows.labels[row]: {name: column[row] for name, column in columns.items()} for row in range(first, end)}
