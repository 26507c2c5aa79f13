"""What a rule saw at a step: each comparison that was written, with its values, its margin, and how far a `for` is."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from rulelang.check import checked as c
from rulelang.check.walk import unwrapped
from rulelang.evaluate.held import HeldBars, HeldEnds, HeldTicks
from rulelang.evaluate.live import History, Live
from rulelang.evaluate.truth import Past
from rulelang.kinds import DURATION, RATIO, Kind, reading_text, time_span_text
from rulelang.kinds.units import offset, time_text
from rulelang.syntax import printed, tree

if TYPE_CHECKING:
    from rulelang.evaluate.machine import Machine

Leaf = dict[str, Any]

_LETS = 5
"""So many lets deep a condition is taken apart."""

_EXACT = Context(prec=1500)
"""Enough digits for the difference of any two doubles."""


class Seen:
    """Tells what was seen of the conditions of one asset's rules."""

    def __init__(self, machine: "Machine") -> None:
        self.machine, self.program = machine, machine.program
        self.frames = {written: frame for written, frame, _ in self.program.meanings if frame is not None}
        self.clocks: dict[int, str] = {}  # what the file calls the longer bars that conditions live on
        self.texts: dict[int, str] = {}
        self.asked: dict[tuple[int, int | None, str | None], list[tuple[str, c.Node, Live]]] = {}

    def text(self, written: "tree.Expression | tree.PeriodSpan | tree.Action") -> str:
        """Return what stands in the file, in its canonical form."""
        known = self.texts.get(id(written))
        if known is None:
            known = self.texts[id(written)] = printed(written)
        return known

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
                yield from self.leaves(written.inner, exit_of, self._frame(written, frame), lets)
            case tree.Name() if written.text in self.program.lets and lets < _LETS:
                inside = self.leaves(self.program.lets[written.text].value, exit_of, frame, lets + 1)
                yield from ({"let": written.text, **leaf} if lets == 0 else leaf for leaf in inside)
            case tree.Not():
                yield from map(_denied, self.leaves(written.inner, exit_of, frame, lets))
            case tree.For():
                yield self._held(written, exit_of, frame, lets)
            case _:
                yield self._leaf(written, exit_of, frame)

    def _frame(self, written: tree.AtClock, frame: int | None) -> int | None:
        """Return the frame of what stands before an `@`, and note what the file calls it."""
        found = self.frames.get(id(written.inner), frame)
        if found is not None:
            self.clocks[found] = f"@{self.text(written.period)}"
        return found

    def _named(self, written: tree.Expression, frame: int | None, node: c.Node | None = None) -> str:
        """Return the name of what lives on longer bars with its clock: `close@1d`."""
        text = self.text(written)
        if frame is None or (node is not None and node.clock == c.CONSTANT):
            return text
        whole = isinstance(written, tree.Name | tree.OtherAsset | tree.Member | tree.Call | tree.Parentheses)
        return (text if whole else f"({text})") + self.clocks.get(frame, "")

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
        found: Leaf = {"condition": self._named(written, frame), "truth": None if node is None else self.now(node)}
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
        found: Leaf = {"condition": self._named(written, frame), "truth": None if node is None else self.now(node)}
        if node is not None:
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
                asked = (written.value, written.amount, *(() if written.origin is None else (written.origin,)))
                return {"values": self._values(asked, exit_of, frame)} | self._moved(written, node)
            case tree.Within(), c.Near():
                return {"event": self._near(written, node)}
            case tree.Every(), c.EveryPeriod():
                return {"event": self._every(node)}
            case tree.Is(), c.RuleActive():
                state = "active" if self.now(node) else "inactive"
                return {"values": {node.rule: {"value": state, "text": state}}}
            case tree.Is(), _:
                return {"values": self._values((written.value,), exit_of, frame)}
            case _:
                return {}

    def _values(self, asked: tuple[tree.Expression, ...], exit_of: str | None, frame: int | None) -> dict[str, Any]:
        """Return what was asked for, and the parts that a computed value is made of; literals speak for themselves."""
        key = (id(asked[0]), frame, exit_of)
        if key not in self.asked:
            self.asked[key] = self._nodes(asked, exit_of, frame)
        return {name: _value(node, live.now) for name, node, live in self.asked[key]}

    def _nodes(
        self, asked: tuple[tree.Expression, ...], exit_of: str | None, frame: int | None
    ) -> list[tuple[str, c.Node, Live]]:
        found: dict[str, c.Node] = {}
        for written in map(unwrapped, asked):
            inner, level = self._on_clock(written, frame)
            for part, on in [(written, frame), *((p, level) for p in _operands(inner))]:
                node = self._node(part, on, exit_of)
                if node is not None and node.kind.name != "condition" and not _literal(part):
                    found.setdefault(self._named(part, on, node), node)
        return [(name, node, self.machine.assembly.of(node)) for name, node in found.items()]

    def _on_clock(self, written: tree.Expression, frame: int | None) -> tuple[tree.Expression, int | None]:
        """Return what stands before an `@`, and the frame that it lives on."""
        if isinstance(written, tree.AtClock):
            return unwrapped(written.inner), self._frame(written, frame)
        return written, frame

    def _margin(self, left: c.Node, right: c.Node) -> Leaf:
        """Return by how much the left side would have to move for the sides to be equal, exactly."""
        here, there = self.now(left), self.now(right)
        if not isinstance(here, float) or not isinstance(there, float):
            return {}
        return {"margin": margin(_measured(left), here, there)}

    def _apart(self, node: c.Crossing) -> Leaf:
        """Say on which side the left value of a crossing is."""
        here, there = self.now(node.left), self.now(node.right)
        if not isinstance(here, float) or not isinstance(there, float):
            return {}
        if here == there:
            return {"event": "just equal"}
        side = "above" if here > there else "below"
        when = "just crossed: " if self.now(node) else "already " if side == node.direction else ""
        away = margin(_measured(node.left), here, there)["text"]
        return {"event": f"{when}{away} {side}"}

    def _margin_between(self, low: c.Comparison, high: c.Comparison) -> Leaf:
        """Return the margin to the end that is missed, or to the nearer one."""
        ends = [self._margin(one.left, one.right) for one in (low, high)]
        failing = [end for end, one in zip(ends, (low, high), strict=True) if end and self.now(one) is False]
        known = failing or sorted((end for end in ends if end), key=lambda end: abs(end["margin"]["value"]))
        return known[0] if known else {}

    def _moved(self, written: tree.Moves, node: c.Moved) -> Leaf:
        """Return how far a value has moved, from where, and how far it should have."""
        base, value, amount = self._base(node), self.now(node.value), self.now(node.amount)
        if base is None or value is None or amount is None or base <= 0:
            return self._no_base(written, node, base) if value is not None else {}
        change = value / base - 1
        had = {"rises": change, "falls": -change, "moves": abs(change)}[node.verb]
        way = "up" if change > 0 else "down" if change < 0 else "changed"
        return {
            "moved": {
                "from": base,
                "value": change if isfinite(change) else None,
                "wanted": amount,
                "text": f"{way} {_size(change, RATIO)} {self._whence(written, node, base)}",
                "short": _size(max(0.0, amount - had), RATIO),
            }
        }

    def _no_base(self, written: tree.Moves, node: c.Moved, base: float | None) -> Leaf:
        """Say why a value that is known has moved by no known ratio; a missing `from` is told with its value."""
        over = f" over {self.text(written.over)}" if written.over is not None else ""
        if base is None:
            return {"event": f"its base{over} is missing"} if over else {}
        return {"event": f"its base{over} is {reading_text(base, node.value.kind)}, not positive"} if base <= 0 else {}

    def _whence(self, written: tree.Moves, node: c.Moved, base: float) -> str:
        if written.over is None:
            return f"from {self.text(written.origin)}" if written.origin is not None else ""
        return f"over {self.text(written.over)}, from {reading_text(base, node.value.kind)}"

    def _base(self, node: c.Moved) -> Any:
        if node.origin is not None:
            return self.now(node.origin)
        live = self.machine.assembly.of(node)
        state = live.state if isinstance(live, History) else getattr(live, "state", None)
        if not isinstance(state, Past) or len(state.seen) != state.back + 1:
            return None
        return state.seen[0]

    # --- the calendar

    def _near(self, written: tree.Within, node: c.Near) -> str:
        """Say how far the next or last date is, and how far outside the window."""
        time, ahead = self.machine.moment.time, node.side == "before"
        if node.event is not None:
            dates = self.machine.assembly.events.get(node.event, ())
            at = bisect_right(dates, time)
            if not dates[at:] if ahead else at == 0:
                return f"no {node.event} lies ahead" if ahead else f"no {node.event} has been yet"
            return f"{'next' if ahead else 'last'} {node.event} {_distance(node, time, dates[at if ahead else at - 1])}"
        assert node.anchor is not None
        anchor = self.now(node.anchor)
        if anchor is None:
            return f"{self.text(written.anchor)} is missing"
        name = "" if _literal(written.anchor) else f"{self.text(written.anchor)} is "
        if (anchor <= time) is ahead:
            return f"{name}{time_text(anchor)}, {'no longer' if ahead else 'still'} ahead"
        return name + _distance(node, time, anchor)

    def _every(self, node: c.EveryPeriod) -> str:
        """Say when the next period begins, unless one has begun with this bar."""
        if self.now(node):
            return "the first bar of a new period"
        begins = offset(node.period)
        periods = -((begins - self.machine.moment.time) // node.period)
        return f"the next period begins at {time_text(begins + periods * node.period)}"


def _size(number: float, kind: Kind) -> str:
    return reading_text(abs(number), kind) if isfinite(number) else "more than any number"


def _measured(node: c.Node) -> Kind:
    """Return the kind in which differences of a value are told."""
    return {"zero": RATIO, "time": DURATION}.get(node.kind.name, node.kind)


def _who_pays(node: c.Node, value: Any) -> str:
    """Say who pays funding of such a sign (3.4): a positive rate is paid by longs."""
    if not isinstance(node, c.FieldValue) or not isinstance(value, float) or value == 0:
        return ""
    side = "longs" if value > 0 else "shorts"
    return {"funding_8h": f" ({side} pay)", "predicted_funding_8h": f" ({side} would pay)"}.get(node.field.name, "")


def _value(node: c.Node, value: Any) -> dict[str, Any]:
    return {"value": value, "text": reading_text(value, node.kind) + _who_pays(node, value)}


def margin(kind: Kind, here: float, there: float) -> dict[str, Any]:
    """Return a margin: the move of the left value that makes both sides equal, as a number, exactly, and in words."""
    exact = _EXACT.subtract(Decimal(there), Decimal(here))
    nearest = float(exact)
    return {
        "value": nearest if isfinite(nearest) else None,
        "exact": f"{exact.normalize(_EXACT):f}",
        "text": _size(nearest, kind),
        "left": here,
        "right": there,
    }


def _denied(leaf: Leaf) -> Leaf:
    """Return what was seen of `not` a comparison."""
    truth = None if leaf["truth"] is None else not leaf["truth"]
    found = {**leaf, "condition": f"not ({leaf['condition']})", "truth": truth}
    return {**found, "text": sentence({key: value for key, value in found.items() if key != "now"})}


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
        case tree.Number() | tree.Percent() | tree.Rate() | tree.Duration() | tree.Quantity() | tree.Moment():
            return True
        case tree.Negative() | tree.Parentheses():
            return _literal(written.inner)
        case _:
            return False


def _distance(node: c.Near, time: float, date: float) -> str:
    """Say how far a date is, and how far outside the window."""
    ahead, away = node.side == "before", abs(date - time)
    told = f"{time_text(date)}, {f'in {time_span_text(away)}' if ahead else f'{time_span_text(away)} ago'}"
    if away < node.distance or (ahead and away == node.distance):
        return told
    outside = away - node.distance
    beyond = f"{time_span_text(outside)} too {'early' if ahead else 'late'}" if outside else "just over"
    return f"{told}, {beyond}"


def sentence(found: Mapping[str, Any]) -> str:
    """Return what was seen as a person says it: `2 of 3 periods, close is 101, short by 1`."""
    said = [_progress(found["for"])] if "for" in found else []
    said += [f"{name} is {value['text']}" for name, value in found.get("values", {}).items()]
    said += [found["moved"]["text"]] if "moved" in found else []
    said += [found["event"]] if "event" in found else []
    truth = found.get("now", found["truth"])
    if "margin" in found and truth is not None:
        said.append(_told_margin(found["margin"], truth))
    elif "moved" in found and truth is False:
        said.append(f"short by {found['moved']['short']}")
    if truth is None and "parts" not in found:
        said.append("so it is unknown" if said else "unknown")
    return ", ".join(said)


def _progress(progress: Mapping[str, int]) -> str:
    true, needed, of = progress["true"], progress["needed"], progress["of"]
    if needed == of:
        return f"{true} of {needed} period{'' if needed == 1 else 's'}"
    return f"{true} of the last {of} periods ({needed} needed)"


def _told_margin(margin: Mapping[str, Any], truth: bool) -> str:
    if margin["exact"] == "0":
        return "just equal"
    if truth:
        return f"{margin['text']} to spare"
    return f"{'over' if margin['exact'].startswith('-') else 'short'} by {margin['text']}"
