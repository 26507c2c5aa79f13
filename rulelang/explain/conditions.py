"""Conditions in words: on one line where they are simple, as a head with parts below where they are joined."""

from attrs import evolve, frozen

from rulelang.check.checked import Held
from rulelang.check.walk import unwrapped
from rulelang.explain import amounts, values
from rulelang.explain.funding import paid
from rulelang.explain.reading import DAY, WEEK, Reading, Where, params, set_by
from rulelang.kinds import CONDITION
from rulelang.syntax import tree


@frozen
class Clause:
    """A condition as it is told: a text, and the parts that it stands for, each on a line of its own."""

    text: str
    parts: tuple["Clause", ...] = ()


ALL, ANY = "all of these hold", "at least one of these holds"
_NEGATED = {ALL: "not all of these hold", ANY: "none of these holds"}
_HEADS = {*_NEGATED, *_NEGATED.values()}


def clause(r: Reading, written: tree.Expression, where: Where) -> Clause:
    """Return a condition with its parts, down to comparisons."""
    match written:
        case tree.Parentheses():
            return clause(r, written.inner, where)
        case tree.AtClock():
            return clause(r, *values.on_clock(r, written, where))
        case tree.Logic():
            parts = tuple(clause(r, part, where) for part in _joined(written, written.operator))
            return Clause(ALL if written.operator == "and" else ANY, parts)
        case tree.Not() if (inner := clause(r, written.inner, where)).text in _NEGATED:
            return evolve(inner, text=_NEGATED[inner.text])
        case tree.For() if (inner := clause(r, written.condition, where)).text in _HEADS:
            return evolve(inner, text=f"{inner.text}{_held(r, written, where)}")
        case _:
            return Clause(condition(r, written, where))


def _joined(written: tree.Expression, operator: str) -> list[tree.Expression]:
    """Return the parts of a chain of `and`, or of `or`, parentheses inside it included."""
    inner = unwrapped(written)
    if isinstance(inner, tree.Logic) and inner.operator == operator:
        return [*_joined(inner.left, operator), *_joined(inner.right, operator)]
    return [inner]


def condition(r: Reading, written: tree.Expression, where: Where) -> str:
    """Return a condition on one line."""
    match written:
        case tree.Logic():
            return _logic(r, written, where)
        case tree.Not() if isinstance(inner := unwrapped(written.inner), tree.Name):
            return f"{values.value(r, inner, where)} does not hold"
        case tree.Not():
            return f"it is not true that {_grouped(r, written.inner, where)}"
        case tree.Compare():
            return _compare(r, written, where)
        case tree.Crosses():
            one, other = _sides(r, written.left, written.right, where)
            return f"{one} crosses {written.direction} {other}"
        case tree.Between():
            return _between(r, written, where)
        case tree.Is():
            return _is(r, written, where)
        case tree.Moves():
            return _moves(r, written, where)
        case tree.Within():
            return _within(r, written, where)
        case tree.Every():
            return _every(r, written, where)
        case tree.For():
            return f"{_grouped(r, written.condition, where)}{_held(r, written, where)}"
        case tree.Parentheses():
            return condition(r, written.inner, where)
        case tree.AtClock():
            return condition(r, *values.on_clock(r, written, where))
        case tree.Name():
            return f"{values.value(r, written, where)} holds"
        case _:
            raise AssertionError(written)  # values; checked rules have none in the place of a condition


def _logic(r: Reading, written: tree.Logic, where: Where) -> str:
    parts = [f"({condition(r, part, where)})" for part in _joined(written, written.operator)]
    if len(parts) == 2:
        return f"{'both' if written.operator == 'and' else 'either'} {amounts.listed(parts, written.operator)}"
    return f"{'all of' if written.operator == 'and' else 'any of'} {amounts.listed(parts, written.operator)}"


def _grouped(r: Reading, written: tree.Expression, where: Where) -> str:
    text = condition(r, written, where)
    return f"({text})" if isinstance(unwrapped(written), tree.Logic | tree.Not | tree.For) else text


# --- comparisons

_VERBS = {">": "is above", ">=": "is at or above", "<": "is below", "<=": "is at or below"}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_LONG = {">": "is longer than", ">=": "is at least", "<": "is shorter than", "<=": "is at most"}
_LATE = {">": "is after", ">=": "is at or after", "<": "is before", "<=": "is at or before"}


def _sides(r: Reading, left: tree.Expression, right: tree.Expression, where: Where) -> tuple[str, str]:
    beside = where.beside(r.kind(left, where), r.kind(right, where))
    return _side(r, left, beside), _side(r, right, beside)


def _side(r: Reading, written: tree.Expression, where: Where) -> str:
    inner = unwrapped(written)
    chosen = isinstance(inner, tree.Call) and inner.function.text == "if"
    return values.operand(r, written, where) if chosen else values.value(r, written, where)


def _compare(r: Reading, written: tree.Compare, where: Where) -> str:
    if r.fixed(written.left, where) and not r.fixed(written.right, where):  # what moves comes first
        written = evolve(written, operator=_TURNED[written.operator], left=written.right, right=written.left)
    one, other = _sides(r, written.left, written.right, where)
    kind = r.kind(written.left, where)
    verbs = {"duration": _LONG, "time": _LATE}.get(kind.name if kind is not None else "", _VERBS)
    text = f"{one} {verbs[written.operator]} {other}"
    note = paid(r, written, where)
    if not note:
        return text
    return f"{text[:-1]}; {note})" if text.endswith(")") and _is_param(r, written.right) else f"{text} ({note})"


def _is_param(r: Reading, written: tree.Expression) -> bool:
    return isinstance(written, tree.Name) and written.text in r.program.params


def _between(r: Reading, written: tree.Between, where: Where) -> str:
    beside = where.beside(*(r.kind(part, where) for part in (written.value, written.low, written.high)))
    asked = values.value(r, written.value, beside)
    low, high = (values.operand(r, part, beside) for part in (written.low, written.high))
    return f"{asked} is between {low} and {high}, both included"


def _is(r: Reading, written: tree.Is, where: Where) -> str:
    what, asked = written.what.text, written.value
    if what == "active" and isinstance(asked, tree.Name):
        return f"the rule `{asked.text}` {'was' if where.frame else 'is'} active{values.ago(where)}"
    if what in ("missing", "known") and r.kind(asked, where) == CONDITION:
        return f"it is {'unknown' if what == 'missing' else 'known'} whether {condition(r, asked, where)}"
    return f"{values.value(r, asked, where)} is {what}"


def _moves(r: Reading, written: tree.Moves, where: Where) -> str:
    amount = values.value(r, written.amount, where.alone)
    if written.over is not None:
        verb = {"rises": "has risen", "falls": "has fallen", "moves": "has moved, up or down,"}[written.verb]
        over = r.window(written, where, written.over).last
        return f"{values.value(r, written.value, where)} {verb} by {amount} or more over {over}"
    assert written.origin is not None
    one, other = _sides(r, written.value, written.origin, where)
    side = {"rises": "above", "falls": "below", "moves": "away from"}[written.verb]
    either = ", on either side" if written.verb == "moves" else ""
    return f"{one} is {amount} or more {side} {other}{either}"


# --- the calendar


def _within(r: Reading, written: tree.Within, where: Where) -> str:
    anchor = written.anchor
    event = isinstance(anchor, tree.Name) and r.node(anchor, where) is None
    name = f"the event `{anchor.text}`" if event and isinstance(anchor, tree.Name) else values.value(r, anchor, where)
    far = values.value(r, written.distance, where.alone)
    bound = "at most" if written.side == "before" else "less than"
    was = "it was" if where.frame is not None else "it is"
    return f"{was} {bound} {far} {written.side} {name}{values.ago(where)}"


def _every(r: Reading, written: tree.Every, where: Where) -> str:
    seconds = int(r.first(written.period))
    known = {DAY: "day", WEEK: "week, from Monday"}
    start = ", from a Monday" if seconds % WEEK == 0 else ""
    period = known.get(seconds) or f"period of {amounts.duration(seconds)}{start}"
    was = "was" if where.frame is not None else "is"
    names = params(written.period, r.program)
    by = f", {set_by(names)}" if names else ""
    return f"it {was} the first bar of a {period} (UTC{by}){values.ago(where)}"


# --- how long


def _held(r: Reading, written: tree.For, where: Where) -> str:
    """Return how long a condition has to hold: ` for three settlements in a row (24 hours)`."""
    node = r.node(written, where)
    assert isinstance(node, Held)
    window = r.window(written, where, written.length)
    if node.each is not None:
        part = _part(r, written, where) if node.count != node.out_of else "each"
        return f", at the end of {'' if node.out_of == 1 else f'{part} of '}{window.last}"
    if node.count != node.out_of:
        return f" in {_part(r, written, where)} of {window.last}"
    row = " in a row" if node.count > 1 else ""
    return f" for {window.beat.times(node.count)}{row}{window.remark()}"


def _part(r: Reading, written: tree.For, where: Where) -> str:
    """Return how many periods out of a window it takes, by asset where that differs."""
    found = {asset: r.node(written, where, program) for asset, program in r.programs.items()}
    counts = {asset: node.count for asset, node in found.items() if isinstance(node, Held)}
    first = next(iter(counts.values()))
    others = ", ".join(f"for {asset} {amounts.word(n)}" for asset, n in counts.items() if n != first)
    return f"{amounts.word(first)}{others and f' ({others})'} or more"
