"""Running rules over frames of any kind: pandas, polars, Arrow, or a dict of columns."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.evaluate import AssetDecision, Run, StepRefused
from rulelang.evaluate.run import seconds_of

_TIMES = ("close_time", "time", "timestamp", "date", "open_time")

Columns = dict[str, list[Any]]


@frozen
class _Rows:
    """The columns of a frame as lists of one length, and which of them say when and for whom."""

    columns: Columns
    time: str
    labelled: bool
    fields: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.columns[self.time])

    def asset(self, row: int) -> str | None:
        """Return the asset that a row belongs to; `None` where no column says it."""
        return str(self.columns["asset"][row]) if self.labelled else None

    def values(self, row: int) -> dict[str, Any]:
        """Return the fields of a row."""
        return {name: self.columns[name][row] for name in self.fields}


def run_over(rules: CheckedRules, frame: Any, time: str | None, events: Mapping[str, tuple[float, ...]]) -> Any:
    """Return the decisions over a frame as the same kind of frame; see `Rules.over`."""
    columns, rebuild = _opened(frame)
    time = _time_column(columns, time)
    rows = _Rows(columns, time, "asset" in columns, tuple(name for name in columns if name not in (time, "asset")))
    _check_lengths(columns)
    _check_assets(rules, rows)
    _check_fields(rules, rows)
    return rebuild(_result(rules, rows, _decided(rules, rows, events)))


def _opened(frame: Any) -> tuple[Columns, Callable[[Columns], Any]]:
    """Return a frame's columns as lists, and what makes a frame of the same kind."""
    if isinstance(frame, Mapping):
        return {str(key): _listed(column) for key, column in frame.items()}, lambda result: result
    import narwhals as nw

    native = nw.from_native(frame, eager_only=True)
    columns = {name: native[name].to_list() for name in native.columns}
    return columns, lambda result: nw.from_dict(result, backend=native.implementation).to_native()


def _listed(column: Any) -> list[Any]:
    return list(column.tolist()) if hasattr(column, "tolist") else list(column)


def _time_column(columns: Columns, time: str | None) -> str:
    if time is not None:
        if time not in columns:
            raise StepRefused(f"the frame has no column `{time}`; it has {', '.join(columns)}")
        return time
    found = next((name for name in _TIMES if name in columns), None)
    if found is None:
        raise StepRefused(f"the frame has no column of times ({', '.join(_TIMES)}): name it, over(frame, time=…)")
    return found


def _check_lengths(columns: Columns) -> None:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        each = ", ".join(f"`{name}` has {length}" for name, length in lengths.items())
        raise StepRefused(f"every column needs as many rows as the others: {each}")


def _check_assets(rules: CheckedRules, rows: _Rows) -> None:
    if len(rules.programs) > 1 and not rows.labelled:
        raise StepRefused(f"the rules run for {', '.join(rules.assets)}: the frame needs a column `asset`")
    labels = dict.fromkeys(rows.asset(row) for row in range(len(rows)))
    if rows.labelled and not rules.assets and len(labels) > 1:
        message = f"the column `asset` holds {', '.join(map(str, labels))}, but the rules name no assets"
        raise StepRefused(f"{message}: write `assets {', '.join(map(str, labels))}` in them, or keep the rows of one")


def _check_fields(rules: CheckedRules, rows: _Rows) -> None:
    """Refuse a frame with not one of the fields that the rules read: everything would be missing without a word."""
    needs = [need for program in rules.programs.values() for need in program.needs]
    wanted = {need.field.name if need.asset is None else f"{need.asset}.{need.field.name}" for need in needs}
    if len(rows) and wanted and not wanted & set(rows.fields) and not {n.field.name for n in needs} & set(rows.fields):
        raise StepRefused(f"the rules read {', '.join(sorted(wanted))}; the frame has {', '.join(rows.columns)}")


def _decided(rules: CheckedRules, rows: _Rows, events: Mapping[str, tuple[float, ...]]) -> list[AssetDecision | None]:
    """Return the decision of each row; `None` for a row of an asset that the rules don't run for."""
    run = Run(rules, events, False)
    later = 0
    if rows.time == "open_time":
        if rules.bars is None:
            raise StepRefused("open times need the length of a bar: say it in the file, `bars 1h`")
        later = rules.bars
    found: list[AssetDecision | None] = []
    for first, end in _steps(rows):
        try:
            at = seconds_of(rows.columns[rows.time][first]) + later
            decided = run.step(at, _values(rules, rows, first, end)).by_asset
        except StepRefused as refused:
            raise StepRefused(f"row {first + 1}: {refused}") from None
        named = rows.labelled and rules.assets
        found += [decided.get(rows.asset(row) if named else next(iter(decided))) for row in range(first, end)]
    return found


def _steps(rows: _Rows) -> Iterator[tuple[int, int]]:
    """Yield the first row of each step and the row after its last: neighbours of one time, each for its own asset."""
    times = rows.columns[rows.time]
    first = 0
    while first < len(rows):
        end = first + 1
        while rows.labelled and end < len(rows) and times[end] == times[first]:
            if rows.asset(end) in {rows.asset(row) for row in range(first, end)}:
                raise StepRefused(f"row {end + 1}: {rows.asset(end)} has a row of this time above; keep one of the two")
            end += 1
        yield first, end
        first = end


def _values(rules: CheckedRules, rows: _Rows, first: int, end: int) -> dict[str, Any]:
    if not rows.labelled or not rules.assets:
        return rows.values(first)
    return {str(rows.asset(row)): rows.values(row) for row in range(first, end)}


def _result(rules: CheckedRules, rows: _Rows, decided: list[AssetDecision | None]) -> Columns:
    result: Columns = {rows.time: rows.columns[rows.time]}
    if rows.labelled:
        result["asset"] = rows.columns["asset"]
    for target in next(iter(rules.programs.values())).targets:
        outcomes = [None if decision is None else decision.targets[target] for decision in decided]
        result[target] = [o and o.after for o in outcomes]
        result[f"{target}_desired"] = [o and o.desired for o in outcomes]
        result[f"{target}_held"] = [o and o.held for o in outcomes]
        result[f"{target}_rule"] = [o and o.last_word for o in outcomes]
    result["active"] = [
        None if decision is None else ", ".join(name for name, on in decision.active.items() if on)
        for decision in decided
    ]
    return result
