"""What a rule does, in sentences: when, what, for how long, and why."""

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from attrs import frozen

from rulelang.check.checked import CheckedRule, CheckedTarget, Clock, Node
from rulelang.check.walk import everything
from rulelang.explain import amounts
from rulelang.explain.conditions import Clause, clause
from rulelang.explain.reading import Beat, Reading, Where, Window, completed, params
from rulelang.explain.values import is_literal, operand, param_values, value
from rulelang.kinds import RATIO
from rulelang.syntax import tree


@frozen
class Line:
    """One sentence, or a part of the one above it, `depth` levels below."""

    text: str
    depth: int = 0


def told(start: str, said: Clause) -> Iterator[Line]:
    """Yield a condition behind the start of a sentence, its parts below it."""
    yield Line(f"{start} {said.text}{':' if said.parts else '.'}")
    yield from _parts(said, 1)


def _parts(said: Clause, depth: int) -> Iterator[Line]:
    for part in said.parts:
        yield Line(f"{part.text}{':' if part.parts else ''}", depth)
        yield from _parts(part, depth + 1)


def rule(r: Reading, rule: CheckedRule) -> Iterator[Line]:
    """Yield the sentences of a rule."""
    written = rule.written
    if written.scope is not None:
        yield Line(f"It counts for {scope(written.scope)}.")
    yield _looked_at(r, rule.condition)
    yield from _active(r, rule)
    yield from uneven(r, [written.condition] if written.until is None else [written.condition, written.until])
    for action in written.actions:
        yield Line(_action(r, action, rule.name))
    if written.at_once:
        yield Line("Where its level has the last word, it takes effect at once: no brake holds it back.")
    if written.because is not None:
        yield Line(f"Reason: “{text(r, written.because)}”.")


def uneven(r: Reading, expressions: Iterable[tree.Expression]) -> Iterator[Line]:
    """Yield a remark for each param that makes longer bars longer for one asset than for another."""
    lengths = (length for one in expressions for part in everything(one) for length in _lengths(part))
    for name in dict.fromkeys(one.text for one in lengths if isinstance(one, tree.Name)):
        if len(said := param_values(r, name, Where())) > 1:
            yield Line(f"This is told for {r.program.asset}; `{name}`, the length of its bars, is {', '.join(said)}.")


def _lengths(part: tree.Expression) -> tuple[tree.Duration | tree.Name, ...]:
    """Return the length of the longer bars that an expression asks for by itself."""
    match part:
        case tree.AtClock() | tree.Every():
            return (part.period,)
        case tree.For(length=tree.Periods(each=each)) if each is not None:
            return (each,)
        case _:
            return ()


def scope(written: tree.Scope) -> str:
    """Return the assets for which a rule, or a level, counts."""
    names = amounts.listed([asset.text for asset in written.assets])
    return f"all assets but {names}" if written.all_but else f"{names} only"


def _looked_at(r: Reading, condition: Node) -> Line:
    clock: Clock = condition.clock
    if clock.name == "mixed":
        return Line("Its parts move at different times, so it is looked at with every bar.")
    beat = r.beat(condition)
    if clock.name != "each":
        return Line("It is looked at with every bar.")
    assert clock.period is not None
    if beat == completed(clock.period):
        return Line(f"It is looked at with every {beat.one} (UTC), and stands in between.")
    return Line(f"It is looked at with every {beat.one} ({amounts.each(clock.period)}), and stands in between.")


def _active(r: Reading, rule: CheckedRule) -> Iterator[Line]:
    """Yield when a rule is active, and how long."""
    written = rule.written
    said = clause(r, written.condition, Where())
    if written.until is None:
        yield from told("It is active while", said)
    else:
        yield from told("It becomes active when", said)
    if written.lasting is not None:
        yield Line(_lasting(r, rule, written.lasting))
    if written.until is not None:
        start = f"It ends{' sooner' if written.lasting is not None else ''} when, after its start,"
        yield from told(start, clause(r, written.until, Where(exit_of=rule.name)))
        yield Line("After that it becomes active again only when its condition becomes true anew.")


def _lasting(r: Reading, rule: CheckedRule, written: tree.PeriodSpan) -> str:
    beat = _beat(r, rule, written)
    spans = {asset: one.lasting for asset, one in r.rules[rule.name].items() if one.lasting is not None}
    counts = {asset: beat.count(span) for asset, span in spans.items()}
    length = Window(beat, counts, params(written, r.program)).lasting
    if rule.written.until is None:
        return f"It stays active until {length} after the last time this was true."
    return f"It stays active while this is true, and until {length} after the last time it was."


def _beat(r: Reading, rule: CheckedRule, written: tree.PeriodSpan) -> Beat:
    """Return the periods in which a rule's span is counted."""
    match written:
        case tree.Lasting():
            return r.bar
        case tree.Periods(each=None):
            return r.beat(rule.condition)
        case tree.Periods():
            assert written.each is not None
            return completed(int(r.first(written.each)))
        case _:
            assert_never(written)


# --- actions


def _action(r: Reading, action: tree.Action, name: str) -> str:
    match action:
        case tree.SetLevel():
            return f"It sets `{action.target.text}` to {level(r, action.target, action.value)}."
        case tree.Floor():
            return f"It keeps `{action.target.text}` at or above {level(r, action.target, action.value)} (a floor)."
        case tree.Cap():
            return f"It keeps `{action.target.text}` at or below {level(r, action.target, action.value)} (a cap)."
        case tree.Corridor():
            low, high = (level(r, action.target, one, inside=True) for one in (action.low, action.high))
            return f"It keeps `{action.target.text}` between {low} and {high} (a floor and a cap)."
        case tree.Adjust():
            return f"It {_verb(action)} `{action.target.text}` by {_moved(r, action)}."
        case tree.Freeze():
            return f"It freezes `{action.target.text}`: the level in force stays, unless a rule below sets another."
        case tree.Alert():
            return f"It sends an alert, once each time it becomes active: “{text(r, action.text)}”."
        case _:
            assert_never(action)


def _verb(action: tree.Adjust) -> str:
    return "raises" if action.verb == "increase" else "lowers"


def level(r: Reading, target: tree.Name, written: tree.Expression, inside: bool = False) -> str:
    """Return a level of a target; `inside`: with other words behind it."""
    where = Where().beside(_target(r, target).kind)
    return operand(r, written, where) if inside else value(r, written, where)


def _target(r: Reading, name: tree.Name) -> CheckedTarget:
    targets: Mapping[str, CheckedTarget] = r.program.targets
    return targets[name.text]


def _moved(r: Reading, action: tree.Adjust) -> str:
    """Return by how much an action moves a level."""
    if action.share == "level":
        return f"{value(r, action.value, Where())} of the level so far"
    kind = _target(r, action.target).kind
    where = Where().beside(kind)
    known = set(r.fixed(action.value, where).values())
    if kind == RATIO and len(known) == 1 and is_literal(action.value):
        return amounts.move(known.pop(), RATIO)
    return f"{value(r, action.value, where)}{', in points' if kind == RATIO else ''}"


def text(r: Reading, written: tree.Text) -> str:
    """Return a text, what is filled in at run time in brackets."""
    pieces = (piece if isinstance(piece, str) else f"[{value(r, piece, Where())}]" for piece in written.pieces)
    return "".join(pieces)
