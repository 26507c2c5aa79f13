"""Replay: deciding again from recorded inputs, and telling every difference from the record."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from attrs import frozen

from rulelang.check import CheckedRules, Outside
from rulelang.evaluate import AssetDecision, Run, StepRefused, seconds_of
from rulelang.kinds import parse_duration
from rulelang.kinds.units import time_text

Record = dict[str, Any]
Step = tuple[float, Mapping[str, Any]]
Key = tuple[str, str | None]

_NONE = "no decision record; `rulelang run --format ndjson` writes them"


class NoRecord(ValueError):
    """Raised for a line that is no decision record."""


@frozen
class Difference:
    """A place at which deciding again doesn't give what was recorded. `time` and `asset`: of the record.

    `beyond`: decided before the first record or after the last one, as in a log of a part of its run.
    """

    time: str
    asset: str | None
    what: str
    beyond: bool = False

    def __str__(self) -> str:
        return f"{self.time}{f' {self.asset}' if self.asset else ''}: {self.what}"


# --- reading


def parsed(line: str) -> Record:
    """Return the record of a line of NDJSON. Raises `NoRecord`."""
    try:
        record = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise NoRecord(f"no whole record: {error}") from None
    match record:
        case {
            "time": str(time),
            "asset": str() | None,
            "run": {"began": str(began), "previous": str() | None as previous, "bars": str() | None as bars},
            "targets": dict(),
            "rules": dict(),
            "inputs": dict(),
            "events": dict(events),
            "params": dict(),
            "hashes": {"rules": str()},
        } if all(isinstance(dates, list) for dates in events.values()):
            _check_times([time, began, *(date for dates in events.values() for date in dates)], previous, bars)
            return dict(record)
        case _:
            raise NoRecord(_NONE)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def _check_times(times: Sequence[Any], previous: str | None, bars: str | None) -> None:
    """Raise `NoRecord` where a time or the length of a bar is none."""
    for time in times if previous is None else [*times, previous]:
        try:
            seconds_of(time if isinstance(time, str) else "")
        except StepRefused:
            raise NoRecord(f"no decision record: {json.dumps(time)} is no time") from None
    if bars is not None and not re.fullmatch(r"[1-9]\d{0,9}[mhdwy]", bars):
        raise NoRecord(f"no decision record: {json.dumps(bars)} is not the length of a bar")


def begins(records: Sequence[Record]) -> bool:
    """Say whether records hold their run from its first step on, so that nothing else is needed to decide again."""
    return records[0]["run"]["previous"] is None


# --- what records hold of their run


def outside(record: Record) -> Outside:
    """Return what was not said in the rule file, but from outside: the length of a bar, and values of params."""
    bars = record["run"]["bars"]
    return Outside(bars=None if bars is None else parse_duration(bars), params=record["params"])


def recorded_run(records: Sequence[Record], rules: CheckedRules) -> tuple[Run, Iterator[Step]]:
    """Return a fresh run and the steps that records hold, which begin with their run."""
    return Run(rules, _events(records), records=False), _steps(records)


def _steps(records: Sequence[Record]) -> Iterator[Step]:
    """Yield the steps that records hold: their times, and the values that came with them."""
    ordered = sorted(records, key=_seconds)
    for time, group in groupby(ordered, key=_seconds):
        yield time, _values(list(group))


def _seconds(record: Record) -> float:
    return seconds_of(str(record["time"]))


def _values(records: Sequence[Record]) -> dict[str, Any]:
    """Return the values of one step as `Run.step` takes them.

    A record holds what came for its asset twice, as `BTC.close` and `close`; a `close` alone came for all assets.
    """
    assets = {record["asset"] for record in records} - {None}
    values: dict[str, Any] = {asset: {} for asset in assets}
    for record in records:
        inputs = record["inputs"]
        for name, value in inputs.items():
            owner, _, field = name.partition(".")
            if owner in assets:
                values[owner][field] = value
            elif f"{record['asset']}.{name}" not in inputs:
                values[name] = value
    return values


def _events(records: Iterable[Record]) -> dict[str, tuple[float, ...]]:
    """Return the dates of events that records hold."""
    found: dict[str, set[float]] = {}
    for record in records:
        for name, dates in record["events"].items():
            found.setdefault(name, set()).update(map(seconds_of, dates))
    return {name: tuple(sorted(dates)) for name, dates in found.items()}


# --- deciding again


def replayed(records: Sequence[Record], run: Run, steps: Iterable[Step]) -> Iterator[Difference]:
    """Decide again, step by step, and yield every difference from the records.

    `run` is fresh; `steps` are those of the recorded run, from its first on. A step that has no record is a difference
    too, and so is a record in a wrong place.
    """
    waiting = {_key(record): record for record in records}
    yield from (Difference(*key, "recorded twice") for key in _doubled(records))
    decided: list[Key] = []
    run.record()
    for time, values in steps:
        try:
            decisions = run.step(time, values).by_asset.values()
        except StepRefused as refused:
            yield Difference(time_text(time), None, str(refused))
            break
        for found in map(_record, decisions):
            decided.append(_key(found))
            if decided[-1] in waiting:
                yield from _compared(waiting.pop(decided[-1]), found)
    yield from _unrecorded(records, decided)
    yield from _misplaced(records, decided)
    yield from (Difference(*key, "recorded, but nothing was decided there") for key in waiting)


def _unrecorded(records: Sequence[Record], decided: Sequence[Key]) -> Iterator[Difference]:
    """Yield what was decided without a record: each bar between records, the others together."""
    known = {_key(record) for record in records}
    times = list(map(_seconds, records))
    gone = [(seconds_of(key[0]), key) for key in decided if key not in known]
    early = [key for time, key in gone if time < min(times)]
    late = [key for time, key in gone if time > max(times)]
    for keys in filter(None, (early, late)):
        more = f", nor of {len(keys) - 1:,} more up to {keys[-1][0]}" if len(keys) > 1 else ""
        yield Difference(*keys[0], f"decided, but there is no record of it{more}", beyond=True)
    for time, key in gone:
        if min(times) <= time <= max(times):
            yield Difference(*key, "decided, but there is no record of it")


def _misplaced(records: Sequence[Record], decided: Sequence[Key]) -> Iterator[Difference]:
    """Yield the first record that stands in another place than its decision came."""
    order, places = dict.fromkeys(map(_key, records)), set(decided)
    for key, right in zip(filter(places.__contains__, order), filter(order.__contains__, decided), strict=True):
        if key != right:
            time, asset = right
            yield Difference(*key, f"stands where the record of {f'{asset} at ' if asset else ''}{time} belongs")
            return


def _key(record: Record) -> Key:
    return str(record["time"]), record["asset"]


def _doubled(records: Sequence[Record]) -> list[Key]:
    seen: set[Key] = set()
    return [key for key in map(_key, records) if key in seen or seen.add(key)]  # type: ignore[func-returns-value]


def _record(decision: AssetDecision) -> Record:
    assert decision.record is not None
    return decision.record


def _compared(recorded: Record, decided: Record) -> Iterator[Difference]:
    if json.dumps(recorded) != json.dumps(decided):
        for path, was, now in _differing("", recorded, json.loads(json.dumps(decided))):
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
