"""Records: what a step saw and decided, whole, as JSON can hold it (clause 7)."""

import hashlib
import json
import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from attrs import evolve

from rulelang.check import CheckedRules, Override
from rulelang.evaluate.decision import AssetDecision, Told
from rulelang.evaluate.rule import LiveRule
from rulelang.evaluate.seen import Seen
from rulelang.evaluate.targets import LiveTarget, Outcome, Part
from rulelang.kinds import duration_text, value_text
from rulelang.kinds.units import time_text

if TYPE_CHECKING:
    from rulelang.evaluate.machine import Machine

Record = dict[str, Any]


class Recorder:
    """Makes the records of decisions; `digest` is the hash of the rules that decide."""

    def __init__(self, rules: CheckedRules, digest: str) -> None:
        self.digest = digest
        self.params = {name: _given(value) for name, value in rules.overrides.items()}
        self.seen: dict[str | None, Seen] = {}

    def recorded(self, decision: AssetDecision, machine: "Machine") -> AssetDecision:
        """Return a decision with its record."""
        seen = self.seen.get(decision.asset)
        if seen is None:
            seen = self.seen[decision.asset] = Seen(machine)
        live, targets = machine.assembly.rules, machine.assembly.targets
        inputs, events = _inputs(machine), _events(machine)
        record = {
            "time": time_text(decision.time),
            "asset": decision.asset,
            "run": {"began": _when(machine.began), "previous": _when(machine.previous), "bars": _bars(machine)},
            "targets": {name: _target(outcome, targets[name], seen) for name, outcome in decision.targets.items()},
            "active": [name for name, active in decision.active.items() if active],
            "started": list(decision.started),
            "ended": list(decision.ended),
            "alerts": [{"rule": alert.rule, "text": alert.text} for alert in decision.alerts],
            "rules": {name: _rule(rule, seen) for name, rule in live.items()},
            "because": {
                name: machine.text(rule.rule.because)
                for name, rule in live.items()
                if rule.active and rule.rule.because is not None
            },
            "rejected": list(decision.rejected),
            "inputs": inputs,
            "events": events,
            "params": self.params,
            "hashes": {"rules": self.digest, "inputs": _hash([decision.time, inputs, events])},
        }
        return evolve(decision, told=Told(record))


def _given(value: Override) -> str | float:
    """Return the value of a param as it was given: as text of the language, or as a number."""
    return value if isinstance(value, str | int) else float(value)


def _when(time: float | None) -> str | None:
    return None if time is None else time_text(time)


def _bars(machine: "Machine") -> str | None:
    bars = machine.program.bars
    return None if bars is None else duration_text(bars)


# --- targets


def _target(outcome: Outcome, live: LiveTarget, seen: Seen) -> Record:
    target = live.target
    return {
        "kind": [target.kind.name, target.kind.unit],
        "bounds": [target.low, target.high],
        "before": outcome.before,
        "start": live.trace.start,
        "level": live.trace.level,
        "desired": outcome.desired,
        "after": outcome.after,
        "text": value_text(outcome.after, target.kind),
        "last_word": outcome.last_word,
        "limited_by": live.binding(),
        "held": outcome.held,
        "held_until": _when(outcome.held_until),
        "held_limit": _limit(outcome, live),
        "frozen": outcome.frozen,
        "since": _when(live.changed),
        "price": live.price,
        "let_through": live.trace.let_through,
        "parts": [_part(part, seen) for part in outcome.parts],
    }


def _limit(outcome: Outcome, live: LiveTarget) -> float | None:
    """Return the size of the brake that held a change back: of the band, the step, or the cooldown in seconds."""
    target, up = live.target, outcome.desired > outcome.before
    match outcome.held:
        case "band":
            return target.band
        case "step":
            return target.step_up if up else target.step_down
        case "cooldown":
            return target.cooldown_up if up else target.cooldown_down
        case _:
            return None


def _part(part: Part, seen: Seen) -> Record:
    return {
        "rule": part.rule,
        "does": part.what,
        "action": seen.text(part.action.written),
        "values": list(part.values),
        "result": part.result,
    }


# --- rules


def _rule(live: LiveRule, seen: Seen) -> Record:
    """Return whether a rule is active, since when, and what was seen: all comparisons, or those that keep it off."""
    written = live.rule.written
    found: Record = {
        "active": live.active,
        "began": _when(live.began),
        "since": _when(live.since),
        "otherwise": _when(live.otherwise),
        "condition": seen.text(written.condition),
        "truth": live.condition.now,
    }
    leaves = list(seen.leaves(written.condition, None))
    if live.active:
        return found | {"why": leaves} | _end(live, seen)
    found["why_not"] = [leaf for leaf in leaves if leaf["truth"] is not True] or leaves
    if live.ended_by:
        found["ended_by"] = live.ended_by
    if live.ended_by == "until" and written.until is not None:
        found["exit"] = seen.text(written.until)
    return found


def _end(live: LiveRule, seen: Seen) -> Record:
    """Return what will end an active rule, and how far that has come."""
    written = live.rule.written
    found: Record = {}
    if written.until is not None:
        found["exit"] = seen.text(written.until)
        found["until"] = list(seen.leaves(written.until, live.rule.name))
    if written.lasting is not None:
        found["lasts"] = {"for": seen.text(written.lasting), "until": _when(_lasts_until(live))}
    return found


def _lasts_until(live: LiveRule) -> float | None:
    """Return until when a rule surely goes on that lasts for a time; `None`: as long as its condition is true."""
    lasting = live.rule.lasting
    if lasting is None or lasting.seconds is None or live.true_at is None:
        return None
    until = live.true_at + lasting.seconds
    return until if until > live.moment.time else None


# --- what was known


def _inputs(machine: "Machine") -> Record:
    """Return the values that came with the step, without those that were missing."""
    named = {
        f"{asset}.{name}" if asset else name: _plain(value) for (asset, name), value in machine.moment.values.items()
    }
    return {name: named[name] for name in sorted(named) if named[name] is not None}


def _plain(value: Any) -> Any:
    """Return a supplied value as JSON can hold it; `None` where it is missing."""
    if value is None or isinstance(value, str | bool) or type(value).__name__ == "NAType":
        return None if type(value).__name__ == "NAType" else value
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return repr(value)
    if math.isnan(number):
        return None
    return number if math.isfinite(number) else str(number)


def _events(machine: "Machine") -> Record:
    """Return the dates of each event that count now: the last one before, those since the last step, the next one."""
    time, before = machine.moment.time, machine.previous
    found: Record = {}
    for name, dates in machine.assembly.events.items():
        first = max(0, bisect_left(dates, time if before is None else before) - 1)
        found[name] = [time_text(date) for date in dates[first : bisect_right(dates, time) + 1]]
    return found


def _hash(known: Any) -> str:
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]
