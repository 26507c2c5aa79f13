"""Replay: deciding again from recorded inputs, and telling every difference from the record."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from attrs import frozen

from rulelang.evaluate import AssetDecision, Run, StepRefused, seconds_of

Record = dict[str, Any]
Step = tuple[float, Mapping[str, Any]]
Key = tuple[str, str | None]

_REQUIRED = ("time", "asset", "run", "targets", "rules", "inputs", "events", "params", "hashes")


class NoRecord(ValueError):
    """Raised for a line that is no decision record."""


@frozen
class Difference:
    """A place at which deciding again doesn't give what was recorded. `time` and `asset`: of the record."""

    time: str
    asset: str | None
    what: str

    def __str__(self) -> str:
        return f"{self.time}{f' {self.asset}' if self.asset else ''}: {self.what}"


def parsed(line: str) -> Record:
    """Return the record of a line of NDJSON. Raises `NoRecord`."""
    try:
        record = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise NoRecord(f"no whole record, {error}") from None
    if not isinstance(record, dict) or any(name not in record for name in _REQUIRED):
        raise NoRecord("no decision record; `rulelang run --format ndjson` writes them")
    if not isinstance(record["run"], dict) or not isinstance(record["inputs"], dict):
        raise NoRecord("no decision record: `run` and `inputs` have no content")
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def begins(records: Sequence[Record]) -> bool:
    """Say whether records hold their run from its first step on, so that nothing else is needed to decide again."""
    return records[0]["run"].get("previous") is None


def recorded_steps(records: Sequence[Record]) -> Iterator[Step]:
    """Yield the steps that records hold: their times, and the values that came with them."""
    for time, group in groupby(records, key=lambda record: record["time"]):
        yield seconds_of(str(time)), _values(list(group))


def _values(records: Sequence[Record]) -> dict[str, Any]:
    """Return the values of one step as `Run.step` takes them."""
    assets = {record["asset"] for record in records} - {None}
    values: dict[str, Any] = {asset: {} for asset in assets}
    for record in records:
        for name, value in record["inputs"].items():
            owner, _, field = name.partition(".")
            if owner in assets and record["asset"] == owner:
                values[owner][field] = value
            elif owner not in assets and (record["asset"] is None or owner[:1].isupper() or owner[:1].isdigit()):
                values[name] = value
    return values


def recorded_events(records: Iterable[Record]) -> dict[str, tuple[float, ...]]:
    """Return the dates of events that records hold."""
    found: dict[str, set[float]] = {}
    for record in records:
        for name, dates in record["events"].items():
            found.setdefault(name, set()).update(map(seconds_of, dates))
    return {name: tuple(sorted(dates)) for name, dates in found.items()}


def replayed(records: Sequence[Record], run: Run, steps: Iterable[Step]) -> Iterator[Difference]:
    """Decide again, step by step, and yield every difference from the records.

    `run` is fresh; `steps` are those of the recorded run, from its first on. A step between the first and the last
    record that has none is a difference too.
    """
    waiting = {_key(record): record for record in records}
    if len(waiting) != len(records):
        yield from (Difference(*key, "recorded twice") for key in _doubled(records))
    first, last = records[0]["time"], seconds_of(records[-1]["time"])
    reached = False
    run.record()
    for time, values in steps:
        if time > last:
            break
        try:
            decisions = run.step(time, values).by_asset.values()
        except StepRefused as refused:
            yield Difference(first, None, str(refused))
            return
        for decision in decisions:
            found = _again(decision)
            reached = reached or found["time"] == first
            if reached:
                yield from _compared(waiting.pop(_key(found), None), found)
    yield from (Difference(*key, "recorded, but nothing was decided there") for key in waiting)


def _key(record: Record) -> Key:
    return str(record["time"]), record["asset"]


def _doubled(records: Sequence[Record]) -> list[Key]:
    seen: set[Key] = set()
    return [key for key in map(_key, records) if key in seen or seen.add(key)]  # type: ignore[func-returns-value]


def _again(decision: AssetDecision) -> Record:
    record: Record = json.loads(json.dumps(decision.record))
    return record


def _compared(recorded: Record | None, decided: Record) -> Iterator[Difference]:
    if recorded is None:
        yield Difference(*_key(decided), "decided, but there is no record of it")
        return
    for path, was, now in _differing("", recorded, decided):
        yield Difference(*_key(decided), f"{path}: recorded {was}, decided {now}")


def _differing(path: str, was: Any, now: Any) -> Iterator[tuple[str, str, str]]:
    """Yield where two values differ, with both as texts."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in [*now, *(name for name in was if name not in now)]:
            inner = f"{path}.{name}" if path else name
            if name not in was or name not in now:
                yield inner, _shown(was, name), _shown(now, name)
            else:
                yield from _differing(inner, was[name], now[name])
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for at, (one, other) in enumerate(zip(was, now, strict=True), 1):
            yield from _differing(f"{path}[{at}]", one, other)
    elif json.dumps(was) != json.dumps(now):
        yield path, json.dumps(was), json.dumps(now)


def _shown(values: dict[str, Any], name: str) -> str:
    return json.dumps(values[name]) if name in values else "nothing"
