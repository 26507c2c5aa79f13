"""Elaborating conditions: comparisons, crossings, calendars, and how long something has held."""

from typing import TYPE_CHECKING, assert_never

from attrs import evolve

from rulelang.check import calls
from rulelang.check.checked import (
    CONSTANT,
    MIXED,
    Both,
    Clock,
    Comparison,
    Crossing,
    EveryPeriod,
    FieldValue,
    Held,
    Inverted,
    Known,
    Moved,
    Near,
    Node,
    RuleActive,
    WordIs,
)
from rulelang.check.clashes import Side, hundredfold, kinds_clash
from rulelang.check.names import suggestion, unknown
from rulelang.kinds import CONDITION, DURATION, NUMBER, RATIO, Clash, duration_text, unify
from rulelang.syntax import printed, tree
from rulelang.text import Fix, Span

if TYPE_CHECKING:
    from rulelang.check.expressions import Elaborator, Place


_UNIT = "a count says nothing without its unit"


def elaborate(e: "Elaborator", written: tree.Expression, place: "Place") -> Node | None:
    """Return the node of a condition."""
    match written:
        case tree.Logic():
            return _logic(e, written, place)
        case tree.Not():
            inner = e.condition(written.inner, place)
            return None if inner is None else Inverted(inner, kind=CONDITION, clock=inner.clock)
        case tree.Compare():
            return _compare(e, written.operator, written.left, written.right, place)
        case tree.Between():
            return _between(e, written, place)
        case tree.Crosses():
            return _crosses(e, written, place)
        case tree.Is():
            return _is(e, written, place)
        case tree.Moves():
            return _moves(e, written, place)
        case tree.Within():
            return _within(e, written, place)
        case tree.Every():
            return _every(e, written, place)
        case tree.For():
            return _for(e, written, place)
        case _:
            raise AssertionError(written)


def _logic(e: "Elaborator", written: tree.Logic, place: "Place") -> Node | None:
    left, right = e.condition(written.left, place), e.condition(written.right, place)
    _two_readings(e, written)
    if left is None or right is None:
        return None
    return Both(written.operator, left, right, kind=CONDITION, clock=_merged(left, right))


def _two_readings(e: "Elaborator", written: tree.Logic) -> None:
    """Warn of a `for` behind an unparenthesised `and` or `or`."""
    right = written.right
    held = right.inner if isinstance(right, tree.Not) else right
    if not isinstance(held, tree.For):
        return
    length = printed(held.length)
    one = printed(held.condition)
    head = printed(right).removesuffix(f" for {length}")
    whole = f"({printed(written.left)} {written.operator} {head}) for {length}"
    narrow = f"({printed(right)})"
    message = f"`for {length}` belongs to `{one}` alone; for all of it write `{whole}`, to keep it `{narrow}`"
    why = f"without parentheses it is easily read as if it belonged to all that is joined by `{written.operator}`"
    fixes = (Fix(whole, written.span), Fix(narrow, right.span))
    e.report.warn("RL410", held.span, message, why, *fixes)


def _merged(*nodes: Node) -> Clock:
    from rulelang.check.expressions import merged

    return merged(nodes)


def sides(e: "Elaborator", left: tree.Expression, right: tree.Expression, place: "Place") -> tuple[Node, Node] | None:
    """Return two values that can be compared, rates on one period; `None` with a diagnostic where they can't."""
    from rulelang.check.expressions import _loose_ratio

    one, other = e.value(left, place), e.value(right, place)
    if one is None or other is None:
        return None
    kind = unify(one.kind, other.kind)
    if _loose_ratio("+", one, other):
        kind = Clash("only a written percentage takes the period of the rate beside it")
    if isinstance(kind, Clash):
        pair = Side(left, one), Side(right, other)
        if not hundredfold(e.report, *pair, None):
            kinds_clash(e.report, "compare", *pair, kind)
        return None
    return e.aligned(one, other)


def _compare(
    e: "Elaborator", operator: str, left: tree.Expression, right: tree.Expression, place: "Place"
) -> Node | None:
    found = sides(e, left, right, place)
    return None if found is None else Comparison(operator, *found, kind=CONDITION, clock=_merged(*found))


def _between(e: "Elaborator", written: tree.Between, place: "Place") -> Node | None:
    low = _compare(e, ">=", written.value, written.low, place)
    high = _compare(e, "<=", written.value, written.high, place)
    if low is None or high is None:
        return None
    low, high = e.intern(low), e.intern(high)
    return Both("and", low, high, kind=CONDITION, clock=_merged(low, high))


def _crosses(e: "Elaborator", written: tree.Crosses, place: "Place") -> Node | None:
    found = sides(e, written.left, written.right, place)
    if found is None:
        return None
    return Crossing(written.direction, *found, kind=CONDITION, clock=_merged(*found))


def _is(e: "Elaborator", written: tree.Is, place: "Place") -> Node | None:
    what = written.what.text
    if what == "active":
        return _rule_active(e, written, place)
    inner = e.any(written.value, place.inside)
    if inner is None:
        return None
    if what in ("missing", "known"):
        return Known(inner, what == "missing", kind=CONDITION, clock=inner.clock, frame=place.frame)
    if inner.kind.name != "word":
        said = printed(written.value)
        message = f"`{said}` is a {inner.kind}; only a field of words can be asked with `is {what}`"
        e.report.error("RL303", written.span, message, "compare it instead, with `>` or `<`")
        return None
    words = inner.kind.unit
    assert isinstance(words, tuple)
    if what not in words:
        assert isinstance(inner, FieldValue)
        unknown(f"word of `{inner.field.name}` called", written.what, list(words), e.names, e.report)
        return None
    return WordIs(inner, what, kind=CONDITION, clock=inner.clock)


def _rule_active(e: "Elaborator", written: tree.Is, place: "Place") -> Node | None:
    name = written.value
    if not isinstance(name, tree.Name):
        e.report.error("RL303", name.span, f"`{printed(name)}` is no rule: only a rule can be active")
        return None
    if name.text not in e.names.rules:
        if name.text in e.names.all_rules:
            message = f"the rule `{name.text}` stands further down: move it up, only rules above can be asked"
            e.report.error("RL202", name.span, message, "rules are worked off from the top, so that nothing goes round")
        else:
            unknown("rule", name, sorted(e.names.all_rules), e.names, e.report)
        return None
    return RuleActive(name.text, kind=CONDITION, clock=e.clock(place.frame), frame=place.frame)


def _moves(e: "Elaborator", written: tree.Moves, place: "Place") -> Node | None:
    value = e.value(written.value, place)
    if value is not None and value.kind.name in ("time", "word"):
        e.report.error(
            "RL301", written.value.span, f"`{printed(written.value)}` is a {value.kind}: it has no ratio to rise by"
        )
        return None
    amount = e.fitting(RATIO, written.amount, place.inside, f"what it {written.verb} by")
    if value is None or amount is None:
        return None
    if written.origin is not None:
        found = sides(e, written.value, written.origin, place)
        if found is None:
            return None
        value, origin = found
        return Moved(written.verb, value, amount, None, origin, kind=CONDITION, clock=_merged(value, amount, origin))
    assert written.over is not None
    clock = value.clock if value.clock != CONSTANT else e.clock(place.frame)
    length = _count(e, written.over, clock)
    if length is None:
        return None
    if length[2] is not None or length[0] != length[1]:
        e.report.error(
            "RL404", written.over.span, "`over` takes a duration or a count of periods", "such as `over 24h`"
        )
        return None
    return Moved(written.verb, value, amount, length[1], None, kind=CONDITION, clock=_merged(value, amount))


def _within(e: "Elaborator", written: tree.Within, place: "Place") -> Node | None:
    distance = e.period(written.distance)
    anchor = written.anchor
    clock = e.clock(place.frame)
    if distance is None:
        return None
    if e.names.bars is not None and distance < e.names.bars:
        shown, base = duration_text(distance), duration_text(e.names.bars)
        message = f"`within {shown}` is shorter than a bar of `{base}`: a bar may miss it altogether"
        e.report.warn("RL411", written.span, message, "it is asked at the close of each bar only")
    if isinstance(anchor, tree.Name) and anchor.text in e.names.events:
        e.names.used.add(anchor.text)
        return Near(distance, written.side, anchor.text, None, kind=CONDITION, clock=clock, frame=place.frame)
    if isinstance(anchor, tree.Name) and anchor.text not in e.names.values():
        _no_event(e, anchor)
        return None
    node = e.value(anchor, place)
    if node is None:
        return None
    if node.kind.name != "time":
        message = f"`{printed(anchor)}` is a {node.kind}, where an event or a time is wanted"
        e.report.error("RL301", anchor.span, message, "such as `expiry`, `2026-12-10`, or a name behind `event`")
        return None
    clock = _merged(node) if node.clock != CONSTANT and node.clock.name == "each" and place.frame else clock
    return Near(distance, written.side, None, node, kind=CONDITION, clock=clock, frame=place.frame)


def _no_event(e: "Elaborator", anchor: tree.Name) -> None:
    if anchor.text in e.names.broken:
        return
    meant = suggestion(anchor.text, [*e.names.events, "expiry"], e.names)
    message = f"there is no event `{anchor.text}`"
    why = "an event has to be declared, so that a slip of the pen can't disarm a rule that protects"
    if meant is not None:
        e.report.error("RL203", anchor.span, f"{message}; did you mean `{meant}`?", why, Fix(meant, anchor.span))
    else:
        e.report.error("RL203", anchor.span, f"{message}: declare it with `event {anchor.text}`", why)


def _every(e: "Elaborator", written: tree.Every, place: "Place") -> Node | None:
    period = e.period(written.period)
    if period is None or not e.whole_bars(period, written.period, "`every`"):
        return None
    return EveryPeriod(period, kind=CONDITION, clock=e.clock(place.frame), frame=place.frame)


def _for(e: "Elaborator", written: tree.For, place: "Place") -> Node | None:
    condition = e.condition(written.condition, place)
    if condition is None:
        return None
    clock = condition.clock if condition.clock != CONSTANT else e.clock(place.frame)
    length = _count(e, written.length, clock)
    if length is None:
        return None
    count, out_of, each = length
    if out_of > 1 and count == out_of and e.names.is_crossing(written.condition):
        message = (
            f"`{printed(written.condition)}` is true for a moment: it can hardly ever be true {out_of} times on end"
        )
        why = "ask for it within a while, `for 1 of 5 periods`, or for the state that it begins, with `>` or `<`"
        e.report.error("RL502", written.condition.span, message, why)
        return None
    period = each if each is not None else None
    result = e.clock(period) if period is not None else clock
    return Held(condition, count, out_of, each, place.exit_of, kind=CONDITION, clock=result)


def _count(e: "Elaborator", written: tree.PeriodSpan, clock: Clock) -> tuple[int, int, int | None] | None:
    """Return a span as m, n and the length of a period that is not the clock's own; `None` with a diagnostic."""
    match written:
        case tree.Lasting():
            return _lasting(e, written, clock)
        case tree.Periods():
            return _periods(e, written, clock)
        case _:
            assert_never(written)


def _lasting(e: "Elaborator", written: tree.Lasting, clock: Clock) -> tuple[int, int, int | None] | None:
    from rulelang.check.exact import exact_value
    from rulelang.check.expressions import Place

    node = e.any(written.duration, Place())
    if node is None:
        return None
    if node.kind == NUMBER and exact_value(node) is not None:
        name = printed(written.duration)
        message = f"`{name}` of what: write `{name} periods`, or give it a duration such as `8h`"
        e.report.error("RL404", written.span, message, _UNIT, Fix(f"{name} periods", written.span))
        return None
    seconds = e.period(written.duration)
    count = None if seconds is None else calls.periods(e, seconds, written.duration, clock)
    return None if count is None else (count, count, None)


def _periods(e: "Elaborator", written: tree.Periods, clock: Clock) -> tuple[int, int, int | None] | None:
    count = _whole(e, written.count)
    out_of = count if written.out_of is None else _whole(e, written.out_of)
    if count is None or out_of is None:
        return None
    if count > out_of:
        assert written.out_of is not None
        span = Span(written.count.span.start, written.out_of.span.end)
        message = f"{count} of {out_of} periods can't be: the first number is how many of the second have to be true"
        e.report.error(
            "RL407",
            written.span,
            message,
            "3 of 5 are three true ones among the last five",
            Fix(f"{out_of} of {count}", span),
        )
        return None
    if written.each is not None:
        each = e.period(written.each)
        if each is None or not e.whole_bars(each, written.each, "a period"):
            return None
        return count, out_of, each
    if clock == MIXED:
        shown = printed(written)
        message = f"`{shown}` of which clock? The parts move at different times: write `{shown} of 1d`, or a duration"
        why = "what is compared moves on several clocks, so a period could be a bar or a day"
        e.report.error("RL408", written.span, message, why, Fix(f"{shown} of 1d", written.span))
        return None
    return count, out_of, None


def _whole(e: "Elaborator", written: tree.Number | tree.Name) -> int | None:
    """Return a count of periods, or `None` with a diagnostic."""
    from rulelang.check.exact import exact_value
    from rulelang.check.expressions import Place

    node = e.value(written, Place())
    if node is None:
        return None
    value = exact_value(node)
    if value is None or node.kind.name not in ("number", "zero") or value.denominator != 1 or value < 1:
        shown = printed(written)
        if node.kind == DURATION:
            message, why = f"`{shown}` is a duration: write it alone, without `periods`", "it tells the length already"
        else:
            message, why = f"`{shown}` is no whole number of periods from 1 up", "periods are counted whole"
        e.report.error("RL404", written.span, message, why)
        return None
    return calls.limited(e, int(value), written)


def exit_place(place: "Place", rule: str) -> "Place":
    """Return the place of a rule's exit."""
    return evolve(place, exit_of=rule, trigger=rule)
