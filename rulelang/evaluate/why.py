"""Why and why not: what every rule saw at a step, from the comparisons that were written (clause 7)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from rulelang.check.checked import (
    CheckedRule,
    Comparison,
    Crossing,
    FieldValue,
    Moved,
    Near,
    Node,
    Program,
)
from rulelang.evaluate.decision import AssetDecision
from rulelang.evaluate.held import HeldBars, HeldEnds, HeldTicks
from rulelang.evaluate.targets import Outcome
from rulelang.kinds import RATIO, value_text
from rulelang.kinds.units import time_text
from rulelang.syntax import printed, tree

if TYPE_CHECKING:
    from rulelang.evaluate.machine import Machine


_LETS = 5
"""So many lets deep a condition is taken apart."""


class Recorder:
    """Makes the records of decisions; `rules` is the hash of the rules that decide."""

    def __init__(self, rules: str) -> None:
        self.rules = rules

    def recorded(self, decision: AssetDecision, machine: "Machine") -> AssetDecision:
        """Return a decision with its record."""
        rules = {
            name: _Questions(machine, live.rule).answer(live.active) for name, live in machine.assembly.rules.items()
        }
        because = {
            name: machine.text(live.rule.because)
            for name, live in machine.assembly.rules.items()
            if live.active and live.rule.because is not None
        }
        record = {
            "time": time_text(decision.time),
            "asset": decision.asset,
            "targets": {name: _target(outcome, machine, name) for name, outcome in decision.targets.items()},
            "active": [name for name, active in decision.active.items() if active],
            "started": list(decision.started),
            "ended": list(decision.ended),
            "alerts": [{"rule": alert.rule, "text": alert.text} for alert in decision.alerts],
            "rules": rules,
            "because": because,
            "rejected": list(decision.rejected),
            "hashes": {"rules": self.rules, "inputs": _inputs(decision.time, machine.moment.values)},
        }
        return evolve(decision, record=record)


def _target(outcome: Outcome, machine: "Machine", name: str) -> dict[str, Any]:
    kind = machine.program.targets[name].kind
    parts = [
        {"rule": part.rule, "does": part.what, "values": list(part.values), "result": part.result}
        for part in outcome.parts
    ]
    return {
        "before": outcome.before,
        "desired": outcome.desired,
        "after": outcome.after,
        "text": value_text(outcome.after, kind),
        "last_word": outcome.last_word,
        "held": outcome.held,
        "held_until": None if outcome.held_until is None else time_text(outcome.held_until),
        "frozen": outcome.frozen,
        "parts": parts,
    }


def _inputs(time: float, values: Mapping[tuple[str | None, str], Any]) -> str:
    listed = sorted(
        (f"{asset}.{name}" if asset else name, _plain(value))
        for (asset, name), value in values.items()
        if value is not None
    )
    return hashlib.sha256(json.dumps([time, listed]).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    try:
        return repr(float(value))
    except (TypeError, ValueError, OverflowError):
        return str(value)


class _Questions:
    """Asks one rule what it saw."""

    def __init__(self, machine: "Machine", rule: CheckedRule) -> None:
        self.machine, self.rule = machine, rule
        self.program: Program = machine.program

    def answer(self, active: bool) -> dict[str, Any]:
        """Return whether the rule is active, and what was seen: all comparisons, or those that keep it off."""
        found: dict[str, Any] = {"active": active}
        leaves = list(self._leaves(self.rule.written.condition, None))
        if active:
            found["why"] = leaves
            if self.rule.written.until is not None:
                found["until"] = list(self._leaves(self.rule.written.until, self.rule.name))
        else:
            failing = [leaf for leaf in leaves if leaf["truth"] is not True] or leaves
            found["why_not"] = failing
        return found

    def _node(self, written: tree.Expression, frame: int | None, exit_of: str | None) -> Node | None:
        meanings = self.program.meanings
        for key in ((id(written), frame, exit_of), (id(written), frame, None)):
            if key in meanings:
                return meanings[key]
        return None

    def _leaves(
        self, written: tree.Expression, exit_of: str | None, frame: int | None = None, lets: int = 0
    ) -> Iterator[dict[str, Any]]:
        """Yield what was seen of each comparison in a condition; a let in a let, and so on, is shown as a whole."""
        match written:
            case tree.Logic():
                yield from self._leaves(written.left, exit_of, frame, lets)
                yield from self._leaves(written.right, exit_of, frame, lets)
            case tree.Parentheses():
                yield from self._leaves(written.inner, exit_of, frame, lets)
            case tree.AtClock():
                yield from self._leaves(written.inner, exit_of, self._frame_of(written), lets)
            case tree.Name() if written.text in self.program.lets and lets < _LETS:
                yield from self._leaves(self.program.lets[written.text].value, exit_of, frame, lets + 1)
            case tree.Not():
                for leaf in self._leaves(written.inner, exit_of, frame, lets):
                    truth = leaf["truth"]
                    yield {
                        **leaf,
                        "condition": f"not ({leaf['condition']})",
                        "truth": None if truth is None else not truth,
                    }
            case _:
                yield self._leaf(written, exit_of, frame)

    def _frame_of(self, written: tree.AtClock) -> int | None:
        """Return the frame that the inside of `@` was elaborated in."""
        inner = next((key for key in self.program.meanings if key[0] == id(written.inner) and key[1] is not None), None)
        return inner[1] if inner is not None else None

    def _leaf(self, written: tree.Expression, exit_of: str | None, frame: int | None) -> dict[str, Any]:
        node = self._node(written, frame, exit_of)
        if node is None:
            return {"condition": printed(written), "truth": None}
        live = self.machine.assembly.of(node)
        found: dict[str, Any] = {"condition": printed(written), "truth": live.now}
        if isinstance(written, tree.For):
            inner = self._leaf(written.condition, exit_of, frame)
            found |= {key: value for key, value in inner.items() if key in ("values", "short_by", "text")}
            if isinstance(live, HeldBars | HeldTicks | HeldEnds):
                done, count, out_of = live.progress()
                found["for"] = {"true": min(done, count), "needed": count, "of": out_of}
        else:
            found |= self._values(written, node, frame)
        found["text"] = _sentence(found)
        return found

    def _values(self, written: tree.Expression, node: Node, frame: int | None) -> dict[str, Any]:
        """Return the values behind a comparison, in their units, and by how much it fails."""
        now = self.machine.assembly.of
        match node:
            case Comparison() | Crossing():
                found = self._sides(written, node)
                left, right = now(node.left).now, now(node.right).now
                if isinstance(node, Comparison) and left is not None and right is not None and not now(node).now:
                    kind = RATIO if node.left.kind.name == "rate" else node.left.kind
                    found["short_by"] = {"value": abs(left - right), "text": value_text(abs(left - right), kind)}
                return found
            case Moved():
                return {"values": {printed(_first(written)): _value(node.value, now(node.value).now)}}
            case Near():
                return {"values": {"time": time_text(self.machine.moment.time)}}
            case FieldValue():
                return {"values": {printed(written): _value(node, now(node).now)}}
            case _:
                values = {}
                for part in _asked(written):
                    inner = self._node(part, frame, None)
                    if inner is not None and inner.kind.name != "condition":
                        values[printed(part)] = _value(inner, now(inner).now)
                return {"values": values} if values else {}

    def _sides(self, written: tree.Expression, node: Comparison | Crossing) -> dict[str, Any]:
        now = self.machine.assembly.of
        values: dict[str, str] = {}
        if isinstance(written, tree.Compare | tree.Crosses):
            for part, side in ((written.left, node.left), (written.right, node.right)):
                text = printed(part)
                shown = _value(side, now(side).now)
                if shown != text:
                    values[text] = shown
        return {"values": values}


def _value(node: Node, value: Any) -> str:
    return value_text(value, node.kind)


def _first(written: tree.Expression) -> tree.Expression:
    return written.value if isinstance(written, tree.Moves) else written


def _asked(written: tree.Expression) -> tuple[tree.Expression, ...]:
    match written:
        case tree.Is():
            return (written.value,)
        case tree.Between():
            return written.value, written.low, written.high
        case _:
            return ()


def _sentence(found: Mapping[str, Any]) -> str:
    """Return what was seen as a person says it: `2 of 3 periods, short by 0.012%`."""
    said: list[str] = []
    if "for" in found:
        progress = found["for"]
        out_of = f" of the last {progress['of']}" if progress["of"] != progress["needed"] else ""
        said.append(f"{progress['true']} of {progress['needed']} periods{out_of}")
    said += [f"{name} is {value}" for name, value in found.get("values", {}).items()]
    if "short_by" in found:
        said.append(f"short by {found['short_by']['text']}")
    if found["truth"] is None:
        said.append("unknown")
    return ", ".join(said)
