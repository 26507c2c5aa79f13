"""Running rules over frames of any kind: pandas, polars, Arrow, or a dict of columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from rulelang.check import CheckedRules
from rulelang.evaluate import AssetDecision, Run, StepRefused
from rulelang.evaluate.run import seconds_of

_TIMES = ("close_time", "time", "timestamp", "date", "open_time")


def run_over(rules: CheckedRules, frame: Any, time: str | None, events: Mapping[str, tuple[float, ...]]) -> Any:
    """Return the decisions over a frame as the same kind of frame; see `Rules.over`."""
    columns, rebuild = _opened(frame)
    name = _time_column(columns, time)
    decided = _decided(rules, columns, name, events)
    return rebuild(_result(columns, name, decided))


def _opened(frame: Any) -> tuple[dict[str, list[Any]], Any]:
    """Return a frame's columns as lists, and what makes a frame of the same kind."""
    if isinstance(frame, Mapping):
        return {str(key): _listed(column) for key, column in frame.items()}, lambda result: result
    import narwhals as nw

    native = nw.from_native(frame, eager_only=True)
    columns = {name: native[name].to_list() for name in native.columns}
    return columns, lambda result: nw.from_dict(result, backend=native.implementation).to_native()


def _listed(column: Any) -> list[Any]:
    return list(column.tolist()) if hasattr(column, "tolist") else list(column)


def _time_column(columns: Mapping[str, Sequence[Any]], time: str | None) -> str:
    if time is not None:
        if time not in columns:
            raise StepRefused(f"the frame has no column `{time}`; it has {', '.join(columns)}")
        return time
    found = next((name for name in _TIMES if name in columns), None)
    if found is None:
        raise StepRefused(f"the frame has no column of times ({', '.join(_TIMES)}): name it, over(frame, time=…)")
    return found


def _decided(
    rules: CheckedRules, columns: dict[str, list[Any]], name: str, events: Mapping[str, tuple[float, ...]]
) -> list[AssetDecision]:
    bars = rules.bars
    if name == "open_time" and bars is None:
        raise StepRefused("open times need the length of a bar: say it in the file, `bars 1h`")
    run = Run(rules, events, False)
    fields = [column for column in columns if column not in (name, "asset")]
    found: list[AssetDecision] = []
    several = len(rules.programs) > 1
    row, rows = 0, len(columns[name])
    assets = columns.get("asset")
    if several and assets is None:
        raise StepRefused(f"the rules run for {', '.join(rules.assets)}: the frame needs a column `asset`")
    while row < rows:
        at = _at(columns[name][row], row) + ((bars or 0) if name == "open_time" else 0)
        values: dict[str, Any] = {}
        end = row
        while end < rows and columns[name][end] == columns[name][row]:
            one = {field: columns[field][end] for field in fields}
            if assets is None:
                values = one
                end += 1
                break
            values[str(assets[end])] = one
            end += 1
        decision = _stepped(run, at, values, row)
        for index in range(row, end):
            whose = str(assets[index]) if assets is not None and several else next(iter(decision))
            if whose in decision:
                found.append(decision[whose])
        row = end
    return found


def _at(value: Any, row: int) -> float:
    try:
        return seconds_of(value)
    except StepRefused as refused:
        raise StepRefused(f"row {row + 1}: {refused}") from None


def _stepped(run: Run, at: float, values: Mapping[str, Any], row: int) -> Any:
    try:
        return run.step(at, values)
    except StepRefused as refused:
        raise StepRefused(f"row {row + 1}: {refused}") from None


def _result(columns: Mapping[str, list[Any]], name: str, decided: list[AssetDecision]) -> dict[str, list[Any]]:
    result: dict[str, list[Any]] = {name: columns[name]}
    if "asset" in columns:
        result["asset"] = columns["asset"]
    targets = list(decided[0].targets) if decided else []
    for target in targets:
        outcomes = [decision.targets[target] for decision in decided]
        result[target] = [outcome.after for outcome in outcomes]
        result[f"{target}_desired"] = [outcome.desired for outcome in outcomes]
        result[f"{target}_held"] = [outcome.held for outcome in outcomes]
        result[f"{target}_rule"] = [outcome.last_word for outcome in outcomes]
    result["active"] = [", ".join(name for name, on in decision.active.items() if on) for decision in decided]
    return result
