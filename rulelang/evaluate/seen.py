"""What a rule saw at a step: each comparison that was written, with its values, its margin, and how far a `for` is."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from rulelang.check import checked as c
from rulelang.check.walk import unwrapped
from rulelang.evaluate.held import HeldBars, HeldEnds, HeldTicks
from rulelang.evaluate.live import History
from rulelang.evaluate.truth import Past
from rulelang.kinds import DURATION, RATIO, Kind, duration_text, reading_text, time_span_text
from rulelang.kinds.units import time_text
from rulelang.syntax import printed, tree

if TYPE_CHECKING:
    from rulelang.evaluate.machine import Machine

Leaf = dict[str, Any]

_LETS = 5
"""So many lets deep a condition is taken apart."""

_EXACT = Context(prec=1200)
"""Enough digits for the difference of any two doubles."""


class Seen:
    """Tells what was seen of the conditions of one asset's rules."""

    def __init__(self, machine: "Machine") -> None:
        self.machine, self.program = machine, machine.program
        self.frames = {written: frame for written, frame, _ in self.program.meanings if frame is not None}

    def leaves(
        self, written: tree.Expression, exit_of: str | None, frame: int | None = None, lets: int = 0
    ) -> Iterator[Leaf]:
        """Yield what was seen of each comparison in a condition; a let in a let, and so on, is shown as a whole."""
        match written:
            case tree.Logic():
                yield from self.leaves(written.left, exit_of, frame, lets)
                yield from self.leaves(written.right, exit_of, frame, lets)
            case tree.Parentheses():
                yield from self.leaves(written.inner, exit_of, frame, lets)
            case tree.AtClock():
                yield from self.leaves(written.inner, exit_of, self.frames.get(id(written.inner), frame), lets)
            case tree.Name() if written.text in self.program.lets and lets < _LETS:
                yield from self.leaves(self.program.lets[written.text].value, exit_of, frame, lets + 1)
            case tree.Not():
                yield from map(_denied, self.leaves(written.inner, exit_of, frame, lets))
            case tree.For():
                yield self._held(written, exit_of, frame, lets)
            case _:
                yield self._leaf(written, exit_of, frame)

    def _node(self, written: tree.Expression, frame: int | None, exit_of: str | None) -> c.Node | None:
        meanings = self.program.meanings
        for key in ((id(written), frame, exit_of), (id(written), frame, None)):
            if key in meanings:
                return meanings[key]
        return None

    def now(self, node: c.Node) -> Any:
        """Return the value of a node at this step."""
        return self.machine.assembly.of(node).now

    # --- `for`

    def _held(self, written: tree.For, exit_of: str | None, frame: int | None, lets: int) -> Leaf:
        """Return what was seen of a condition that has to hold: how far it has come, and the condition itself."""
        node = self._node(written, frame, exit_of)
        found: Leaf = {"condition": printed(written), "truth": None if node is None else self.now(node)}
        live = None if node is None else self.machine.assembly.of(node)
        if isinstance(live, HeldBars | HeldTicks | HeldEnds):
            done, count, out_of = live.progress()
            found["for"] = {"true": min(done, count), "needed": count, "of": out_of}
        parts = list(self.leaves(written.condition, exit_of, frame, lets))
        if len(parts) == 1 and not isinstance(unwrapped(written.condition), tree.Not):
            inner = parts[0]
            found |= {key: inner[key] for key in ("values", "margin", "moved", "event") if key in inner}
            found["now"] = inner["truth"]
        else:
            found["parts"] = parts
        found["text"] = sentence(found)
        return found

    # --- single comparisons

    def _leaf(self, written: tree.Expression, exit_of: str | None, frame: int | None) -> Leaf:
        node = self._node(written, frame, exit_of)
        if node is None:
            return {"condition": printed(written), "truth": None, "text": "unknown"}
        found: Leaf = {"condition": printed(written), "truth": self.now(node)}
        found |= self._facts(written, node, exit_of, frame)
        found["text"] = sentence(found)
        return found

    def _facts(self, written: tree.Expression, node: c.Node, exit_of: str | None, frame: int | None) -> Leaf:
        match written, node:
            case tree.Compare(), c.Comparison():
                shown = self._values((written.left, written.right), exit_of, frame)
                return {"values": shown} | self._margin(node.left, node.right)
            case tree.Crosses(), c.Crossing():
                shown = self._values((written.left, written.right), exit_of, frame)
                return {"values": shown} | self._apart(node)
            case tree.Between(), c.Both(left=c.Comparison() as low, right=c.Comparison() as high):
                shown = self._values((written.value, written.low, written.high), exit_of, frame)
                return {"values": shown} | self._margin_between(low, high)
            case tree.Moves(), c.Moved():
                asked = (written.value, written.amount) if written.origin is None else (written.value, written.origin)
                return {"values": self._values(asked, exit_of, frame)} | self._moved(written, node)
            case tree.Within(), c.Near():
                return self._near(written, node)
            case tree.Every(), c.EveryPeriod():
                return {"event": f"true on the first bar of each period of {duration_text(node.period)}"}
            case tree.Is(), c.RuleActive():
                state = "active" if self.now(node) else "inactive"
                return {"values": {node.rule: {"value": state, "text": state}}}
            case tree.Is(), _:
                return {"values": self._values((written.value,), exit_of, frame)}
            case _, c.FieldValue():
                return {"values": {printed(written): self._value(node)}}
            case _:
                return {}

    def _value(self, node: c.Node) -> dict[str, Any]:
        value = self.now(node)
        return {"value": value, "text": reading_text(value, node.kind)}

    def _values(self, asked: tuple[tree.Expression, ...], exit_of: str | None, frame: int | None) -> dict[str, Any]:
        """Return what was asked for, and the parts that a computed value is made of; literals speak for themselves."""
        found: dict[str, Any] = {}
        for written in asked:
            inner, level = _on_clock(unwrapped(written), frame, self.frames)
            for part, on in [(unwrapped(written), frame), *((p, level) for p in _operands(inner))]:
                node = self._node(part, on, exit_of)
                if node is None or node.kind.name == "condition" or printed(part) in found:
                    continue
                value = self._value(node)
                if not _literal(part):
                    found[printed(part)] = value
        return found

    def _margin(self, left: c.Node, right: c.Node) -> Leaf:
        """Return by how much the left side would have to move for the sides to be equal, exactly."""
        here, there = self.now(left), self.now(right)
        if not isinstance(here, float) or not isinstance(there, float):
            return {}
        exact = Fraction(there) - Fraction(here)
        kind = RATIO if left.kind.name == "zero" else left.kind
        if kind.name == "time":
            kind = DURATION
        return {"margin": margin(exact, kind, here, there)}

    def _apart(self, node: c.Crossing) -> Leaf:
        """Say on which side the left value of a crossing is."""
        here, there = self.now(node.left), self.now(node.right)
        if not isinstance(here, float) or not isinstance(there, float) or self.now(node):
            return {}
        if here == there:
            return {"event": "just equal"}
        side = "above" if here > there else "below"
        already = " already" if side == node.direction else ""
        size = float(abs(Fraction(here) - Fraction(there))) if abs(here - there) != float("inf") else abs(here)
        return {"event": f"{reading_text(size, node.left.kind)} {side}{already}"}

    def _margin_between(self, low: c.Comparison, high: c.Comparison) -> Leaf:
        """Return the margin to the end that is missed, or to the nearer one."""
        ends = [self._margin(one.left, one.right) for one in (low, high)]
        failing = [end for end, one in zip(ends, (low, high), strict=True) if end and self.now(one) is False]
        known = failing or sorted((end for end in ends if end), key=lambda end: abs(end["margin"]["value"]))
        return known[0] if known else {}

    def _moved(self, written: tree.Moves, node: c.Moved) -> Leaf:
        base = self._base(node)
        value = self.now(node.value)
        if base is None or value is None or base <= 0:
            return {}
        change, since = value / base - 1, "" if written.over is None else f" over {printed(written.over)}"
        origin = "" if written.origin is None else f" from {printed(written.origin)}"
        wanted = {"rises": "a rise", "falls": "a fall", "moves": "a move"}[node.verb]
        amount = self.now(node.amount)
        return {
            "moved": {
                "from": reading_text(base, node.value.kind),
                "value": change,
                "text": f"{'+' if change > 0 else ''}{reading_text(change, RATIO)}{since or origin}",
                "wanted": f"{wanted} of {reading_text(amount, RATIO)}",
            }
        }

    def _base(self, node: c.Moved) -> Any:
        if node.origin is not None:
            return self.now(node.origin)
        live = self.machine.assembly.of(node)
        state = live.state if isinstance(live, History) else getattr(live, "state", None)
        if not isinstance(state, Past) or len(state.seen) != state.back + 1:
            return None
        return state.seen[0]

    def _near(self, written: tree.Within, node: c.Near) -> Leaf:
        time = self.machine.moment.time
        if node.event is not None:
            dates, name = self.machine.assembly.events.get(node.event, ()), node.event
        else:
            assert node.anchor is not None
            at = self.now(node.anchor)
            dates, name = (() if at is None else (at,)), printed(written.anchor)
        return {"event": _distance(name, node.side, node.distance, time, dates)}


def margin(exact: Fraction, kind: Kind, here: float, there: float) -> dict[str, Any]:
    """Return a margin: the move of the left value that makes both sides equal, as a number, exactly, and in words."""
    try:
        nearest = float(exact)
    except OverflowError:
        nearest = float("inf") if exact > 0 else float("-inf")
    size = abs(nearest)
    finite = size != float("inf")
    return {
        "value": nearest if finite else None,
        "exact": str(_EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))),
        "text": reading_text(size, kind) if finite else "more than any number",
        "left": here,
        "right": there,
    }


def _denied(leaf: Leaf) -> Leaf:
    """Return what was seen of `not` a comparison."""
    truth = None if leaf["truth"] is None else not leaf["truth"]
    found = {**leaf, "condition": f"not ({leaf['condition']})", "truth": truth}
    return {**found, "text": sentence({key: value for key, value in found.items() if key != "now"})}


def _on_clock(
    written: tree.Expression, frame: int | None, frames: Mapping[int, int]
) -> tuple[tree.Expression, int | None]:
    """Return what stands before an `@`, and the frame that it lives on."""
    if isinstance(written, tree.AtClock):
        return unwrapped(written.inner), frames.get(id(written.inner), frame)
    return written, frame


def _operands(written: tree.Expression) -> Iterator[tree.Expression]:
    """Yield the values that a computed one is made of: names and functions between its signs."""
    match written:
        case tree.Binary():
            yield from _operands(written.left)
            yield from _operands(written.right)
        case tree.Negative() | tree.Parentheses():
            yield from _operands(written.inner)
        case tree.Call() if written.function.text in ("abs", "min", "max", "clamp", "round", "floor", "ceil"):
            for argument in written.arguments:
                yield from _operands(argument)
        case _:
            yield written


def _literal(written: tree.Expression) -> bool:
    match written:
        case (
            tree.Number() | tree.Percent() | tree.Rate() | tree.Duration() | tree.Quantity() | tree.Moment()
        ):
            return True
        case tree.Negative() | tree.Parentheses():
            return _literal(written.inner)
        case _:
            return False


def _distance(name: str, side: str, distance: int, time: float, dates: tuple[float, ...]) -> str:
    """Say how far the next or last date is, and how far outside the window."""
    at = bisect_right(dates, time)
    if side == "before":
        if at >= len(dates):
            return f"no {name} is known to come"
        away, when = dates[at] - time, f"next {name} {time_text(dates[at])}, in"
    else:
        if at == 0:
            return f"no {name} is known to have been"
        away, when = time - dates[at - 1], f"last {name} {time_text(dates[at - 1])}, before"
    inside = away <= distance if side == "before" else away < distance
    outside = "" if inside else f", {time_span_text(away - distance)} too far" if away > distance else ", just over"
    return f"{when} {time_span_text(away)}{outside}"


def sentence(found: Mapping[str, Any]) -> str:
    """Return what was seen as a person says it: `2 of 3 periods, close is 101, short by 1`."""
    said: list[str] = []
    if "for" in found:
        progress = found["for"]
        out_of = f" of the last {progress['of']}" if progress["of"] != progress["needed"] else ""
        said.append(f"{progress['true']} of {progress['needed']} periods{out_of}")
    said += [f"{name} is {value['text']}" for name, value in found.get("values", {}).items()]
    if "moved" in found:
        said.append(f"{found['moved']['text']}, wanted {found['moved']['wanted']}")
    if "event" in found:
        said.append(found["event"])
    truth = found.get("now", found["truth"])
    if "margin" in found and truth is False:
        said.append(f"short by {found['margin']['text']}" if found["margin"]["value"] != 0 else "just equal")
    if truth is None and "parts" not in found:
        said.append("unknown")
    return ", ".join(said)

