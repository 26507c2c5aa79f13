"""`rulelang why`, `why-not` and `replay`: answers about decisions, from data or from their records."""

import gc
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.cli import terminal
from rulelang.cli.loading import Problems, checked_rules, record_lines, rule_source, shown
from rulelang.cli.market import Asked, Reading, dates, moment, payload, problems_shown
from rulelang.data import Market
from rulelang.evaluate import AssetDecision, Run, StepRefused, seconds_of
from rulelang.explain import replay
from rulelang.explain.recall import engine_run
from rulelang.explain.why import NoSuchRule, moment_of, no_rule, why, why_not
from rulelang.kinds.units import time_text
from rulelang.text.outline import as_json, outlined

_LISTED = 20
"""So many differences of a replay are listed."""

Record = dict[str, Any]


@frozen
class Order:
    """What `why` (`rule`: none) and `why-not` are asked."""

    asked: Asked
    rule: str | None
    at: str | None
    asset: str | None
    form: str


def answer(order: Order) -> int:
    """Print why, or why not."""
    with problems_shown():
        record = _from_records(order) if _holds_records(order.asked.file) else _from_data(order)
    try:
        told = why(record) if order.rule is None else why_not(record, order.rule)
    except NoSuchRule as error:
        raise click.UsageError(str(error.args[0])) from None
    except (LookupError, TypeError, AttributeError, ValueError, AssertionError):
        raise Problems(f"the record of {record['time']} in {order.asked.file} is damaged") from None
    if order.form == "json":
        click.echo(json.dumps({"answer": as_json(told), "record": record}, indent=2))
        return 0
    if order.rule is not None:
        click.echo(moment_of(record))
    click.echo("\n".join(outlined(told, terminal.width(), terminal.colour())))
    return 0


def _moment(order: Order) -> float | None:
    return moment(order.at, "--at")


# --- from records


def _holds_records(name: str) -> bool:
    """Say whether a file holds decision records: its first sign is a brace, which begins no rule file."""
    try:
        with Path(name).open("rb") as file:
            return name != "-" and file.read(4096).lstrip()[:1] == b"{"
    except OSError:  # said where it is read as a rule file
        return False


def _records(name: str) -> Iterator[Record]:
    """Yield the records of a file. Raises `Problems` where a line is none, and where there is none."""
    some = False
    for number, line in enumerate(record_lines(name), 1):
        if line.strip():
            try:
                yield replay.parsed(line)
            except replay.NoRecord as error:
                raise Problems(f"{shown(name)}:{number}: {error}") from None
            some = True
    if not some:
        raise Problems(f"{shown(name)} has no decision records")


def _from_records(order: Order) -> Record:
    if order.asked.data:
        raise click.UsageError(f"{order.asked.file} holds decision records: they answer without --data")
    at = _moment(order)
    asked = (record for record in _records(order.asked.file) if order.asset in (None, record["asset"]))
    found = _gathered(asked, inf if at is None else at)
    if not found.count:
        raise click.UsageError(f"{order.asked.file} has no record of {order.asset}")
    if at is None and found.first != found.last:
        raise click.UsageError(f"{order.asked.file} has {found.count:,} records: say which, --at TIME")
    if not found.newest:
        raise click.UsageError(f"--at {order.at} is before the first record, of {time_text(found.first)}")
    if at is not None:
        _say_newest(at, seconds_of(found.newest[0]["time"]))
    return _only(order, _by_asset(order.asked.file, found.newest))


@frozen
class _Gathered:
    """What records hold: how many there are, the time of the first and the last, the newest of those asked about."""

    count: int
    first: float
    last: float
    newest: Sequence[Record]


def _gathered(records: Iterable[Record], at: float) -> _Gathered:
    """Look through records, in whatever order they stand, and keep the newest up to a time."""
    count, first, last, newest, when = 0, inf, -inf, list[Record](), -inf
    for record in records:
        count += 1
        time = seconds_of(record["time"])
        first, last = min(first, time), max(last, time)
        if when < time <= at:
            newest, when = [record], time
        elif time == when:
            newest.append(record)
    return _Gathered(count, first, last, newest)


def _by_asset(name: str, newest: Sequence[Record]) -> dict[str | None, Record]:
    """Return the records of a bar by asset. Raises `Problems` where two of an asset say different things."""
    found: dict[str | None, Record] = {}
    for record in newest:
        if found.setdefault(record["asset"], record) != record:
            raise Problems(f"{name} has two records of {moment_of(record)}, and they differ: are two logs in it?")
    return found


def _only(order: Order, found: Mapping[str | None, Record]) -> Record:
    """Return the record of the asset that is asked about."""
    if order.asset is not None:
        if order.asset not in found:
            known = ", ".join(str(asset) for asset in found if asset) or "one without a name"
            raise click.UsageError(f"there is no asset {order.asset}; there is {known}")
        return found[order.asset]
    if len(found) > 1:
        raise click.UsageError(f"--asset says which: {', '.join(str(asset) for asset in found)}")
    return next(iter(found.values()))


# --- from data


def _from_data(order: Order) -> Record:
    if not order.asked.data:
        rule_source(order.asked.file)  # a file that isn't there is said first
        raise click.UsageError("give market data, --data FILE, or name a file of decision records")
    gc.enable()
    at = _moment(order)
    if at is None:
        raise click.UsageError("say of which bar: --at TIME")
    reading = Reading(order.asked)
    market = reading.market()
    rules = reading.rules(market.bars, warn=False)
    asset = _asset(order, rules)
    names = [rule.name for rule in rules.programs[asset].rules]
    if order.rule is not None and order.rule not in names:
        raise click.UsageError(no_rule(order.rule, names))
    newest = _newest(market, asset, at, len(rules.programs) == 1)
    run = engine_run(rules, dates(market.events), len(market.steps.times))
    for time, values in market.steps:
        mine = payload(run, values)
        decided = None if mine is None else run.step(time, mine)
        if decided is not None and time == newest and asset in decided:
            return _record(decided[asset], at)
    raise AssertionError(newest)


def _record(decision: AssetDecision, at: float) -> Record:
    _say_newest(at, decision.time)
    assert decision.record is not None
    return decision.record


def _say_newest(at: float, found: float) -> None:
    if found != at:
        click.echo(f"no bar closes at {time_text(at)}; this is the newest before it", err=True)


def _asset(order: Order, rules: CheckedRules) -> str | None:
    if order.asset is None and len(rules.programs) == 1:
        return next(iter(rules.programs))
    if order.asset not in rules.programs:
        known = ", ".join(rules.assets)
        if order.asset is None:
            raise click.UsageError(f"--asset says which: {known}")
        raise click.UsageError(f"the rules don't run for {order.asset}; they run for {known or 'one without a name'}")
    return order.asset


def _newest(market: Market, asset: str | None, at: float, only: bool) -> int:
    """Return when the newest bar of an asset closes, up to a time."""
    times = market.steps.times[: bisect_right(market.steps.times, at)]
    if only and times:
        return times[-1]
    found = [time for time, values in market.steps if time <= at and (asset in values or only)]
    if not found:
        first = time_text(market.steps.times[0])
        raise click.UsageError(f"{time_text(at)} is before the first bar, which closes at {first}")
    return found[-1]


# --- replay


@frozen
class Replay:
    """What `rulelang replay` is asked: records, rules, and data unless the records hold their run whole.

    `part`: the records are those of a part of their run.
    """

    records: str
    asked: Asked
    part: bool


def replay_records(order: Replay) -> int:
    """Decide again and print every difference; return the exit code."""
    gc.enable()
    records = list(_records(order.records))
    with problems_shown():
        try:
            run, steps = _with_data(order, records) if order.asked.data else _alone(order, records)
            found = replay.replayed(records, run, steps)
            differences = [one for one in found if not (order.part and one.beyond)]
        except (LookupError, TypeError, AttributeError, StepRefused) as error:
            raise Problems(f"{shown(order.records)} is damaged: {error}") from None
    others = _other_rules(order, records, run)
    for line in others:
        click.echo(line)
    return _told(records, [one for one in differences if not (others and one.what.startswith("hashes.rules:"))], others)


def _other_rules(order: Replay, records: Sequence[Record], run: Run) -> list[str]:
    """Return what is said before all differences: which records are of other rules than those that decide again."""
    since = {record["hashes"]["rules"]: record["time"] for record in reversed(records)}
    since.pop(run.hash, None)
    ours = f"{shown(order.asked.file)}, with its params and bars, has {run.hash}"
    return [f"other rules decided from {time} on, their hash is {digest}; {ours}" for digest, time in since.items()]


def _told(records: Sequence[Record], differences: Sequence[replay.Difference], others: Sequence[str]) -> int:
    """Print differences and a last line; return the exit code."""
    for difference in differences[:_LISTED]:
        click.echo(str(difference))
    if len(differences) > _LISTED:
        click.echo(f"… and {len(differences) - _LISTED:,} more")
    span = f"{_count(len(records), 'record')} from {records[0]['time']} to {records[-1]['time']}"
    if differences:
        found = f"{_count(len(differences), 'difference')}; what was recorded is not what these rules decide"
    else:
        found = "decided again, no difference" + (" but that other rules were recorded" if others else "")
    click.echo(f"{span}: {found}")
    return 1 if differences or others else 0


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _alone(order: Replay, records: Sequence[Record]) -> tuple[Run, Iterator[replay.Step]]:
    """Return a fresh run and the steps that the records themselves hold."""
    if not replay.begins(records):
        began = records[0]["run"]["began"]
        raise click.UsageError(
            f"the records begin amid their run, which began at {began}: give the data from then on, --data FILE, and "
            "--part if the log was meant to begin there"
        )
    return replay.recorded_run(records, checked_rules(order.asked.file, replay.outside(records[0])))


def _with_data(order: Replay, records: Sequence[Record]) -> tuple[Run, Iterator[replay.Step]]:
    """Return a fresh run, and the steps of the data from the run's first on."""
    reading = Reading(order.asked)
    reading.params = {**records[0]["params"], **reading.params}
    market = reading.market()
    rules = reading.rules(market.bars, warn=False)
    began = seconds_of(records[0]["run"]["began"])
    if began < market.steps.times[0]:
        raise click.UsageError(
            f"the recorded run began at {time_text(began)}, the data at {time_text(market.steps.times[0])}: "
            "give the data from then on"
        )
    run = Run(rules, dates(market.events), records=False)
    return run, _steps(run, market, began)


def _steps(run: Run, market: Market, began: float) -> Iterator[replay.Step]:
    for time, values in market.steps:
        mine = payload(run, values)
        if time >= began and mine is not None:
            yield time, mine
