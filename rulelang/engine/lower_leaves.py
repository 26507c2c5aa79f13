"""Lowering of leaves: fields, what is known of targets and rules, time and calendar, on bars and on longer ones."""

from rulelang.check import checked as c
from rulelang.engine import ops
from rulelang.engine.draft import FEEDBACK, Draft, bare
from rulelang.engine.known import Known, Memory, Role, Standing, words_of
from rulelang.engine.lower_clocks import clock, joint, period_of
from rulelang.engine.lower_nodes import pure
from rulelang.fields import Aggregation
from rulelang.kinds.units import offset

_HOW = {Aggregation.FIRST: 0, Aggregation.MAX: 1, Aggregation.MIN: 2, Aggregation.LAST: 3, Aggregation.SUM: 4}

# Fields ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def field(draft: Draft, node: c.FieldValue) -> Known:
    if node.frame is None:
        return _field(draft, node, draft.role(node))
    how = 3 if node.field.every is not None else _HOW[node.field.aggregation]
    return _long_bar(draft, node, node.frame, _field(draft, node, draft.role(node, base=True)), how)


def _field(draft: Draft, node: c.FieldValue, role: Role) -> Known:
    """Return a field as it is on bars of the base period; what is kept of it is shared."""
    asset = None if node.asset == draft.program.asset else node.asset
    key = (asset, node.field.name, draft.group(role))
    found = draft.fields.get(key)
    if found is None:
        found = draft.fields[key] = _new_field(draft, asset, node, role)
    elif found[1] is not None:
        found[1].roles.append(role)
    return found[0]


def _new_field(draft: Draft, asset: str | None, node: c.FieldValue, role: Role) -> tuple[Known, Memory | None]:
    one, register = node.field, draft.input(asset, node.field.name)
    if one.valid_for is not None:
        return _valid(draft, register, node, role)
    if one.every is not None:
        return _published(draft, register, node, role)
    return Known(register), None


def _valid(draft: Draft, register: int, node: c.FieldValue, role: Role) -> tuple[Known, Memory]:
    out, state = draft.value(), draft.words(2, missing=(0, 1))
    row = draft.emit(ops.VALID, (out,), (register,))
    numbers = row.numbers
    numbers[ops.I_A], numbers[ops.I_OUT], numbers[ops.I_STATE] = register, out, state
    numbers[ops.I_N] = node.field.valid_for or 0
    return Known(out), draft.remember(role, row, state, 2, words=words_of(node.kind))


def _published(draft: Draft, register: int, node: c.FieldValue, role: Role) -> tuple[Known, Memory]:
    counter = clock(draft, max(node.field.every or 0, draft.bars), draft.group(role))
    out, ahead, pos, complete = draft.value(), draft.value(), draft.value(), draft.truth()
    state = draft.words(2, missing=(1,), never=(0,))
    row = draft.emit(ops.PUBLISHED, (out, ahead, pos, complete), (register, counter.tick))
    numbers = row.numbers
    numbers[ops.I_A], numbers[ops.I_OUT], numbers[ops.I_SETTLED] = register, out, ahead
    numbers[ops.I_POS], numbers[ops.I_COMPLETE] = pos, ~complete
    numbers[ops.I_TICK], numbers[ops.I_STATE] = counter.tick, state
    known = Known(out, standing=Standing(pos, complete, counter.first), settled=ahead)
    return known, draft.remember(role, row, state, 2, counter.first, words_of(node.kind))


def _long_bar(draft: Draft, node: c.Node, frame: int, part: Known, how: int) -> Known:
    """Lower a value on longer bars, made of its parts on bars of the base period."""
    role = draft.role(node)
    counter, truth = clock(draft, frame, draft.group(role)), part.register < 0
    out, state = draft.register(truth), draft.words(2, missing=(0, 1))
    row = draft.emit(ops.LONG_BAR, (out,), (part.register, counter.dot, counter.tick))
    numbers = row.numbers
    numbers[ops.I_A], numbers[ops.I_OUT], numbers[ops.I_B] = bare(part.register), bare(out), ~counter.dot
    numbers[ops.I_TICK], numbers[ops.I_FIRST] = counter.tick, counter.whole
    numbers[ops.I_N], numbers[ops.I_INNER], numbers[ops.I_STATE] = how, int(truth), state
    draft.remember(role, row, state, 2, counter.whole, words_of(node.kind))
    return Known(out, standing=Standing(counter.tick, None, counter.whole))


# Targets and rules ────────────────────────────────────────────────────────────────────────────────────────────────────


def target(draft: Draft, node: c.TargetValue) -> Known:
    key = (node.target, node.what)
    known = draft.shared.get(key)
    if known is None:
        known = draft.shared[key] = _target(draft, node)
    return known if node.frame is None else _long_bar(draft, node, node.frame, known, 3)


def _target(draft: Draft, node: c.TargetValue) -> Known:
    if node.what in c.SUPPLIED:
        return Known(draft.input(None, f"{node.target}.{node.what}"))
    out = draft.value()
    row = draft.emit({"price": ops.PRICE, "age": ops.AGE}.get(node.what, ops.IN_FORCE), (out,), ())
    row.numbers[ops.I_OUT], row.numbers[ops.I_STATE] = out, draft.target_states[node.target]
    draft.put_into(row, FEEDBACK)
    return Known(out)


def active(draft: Draft, node: c.RuleActive) -> Known:
    number = draft.applies.get(node.rule)
    known = Known(draft.never_true() if number is None else draft.actives[number])
    return known if node.frame is None else _long_bar(draft, node, node.frame, known, 3)


# Time and calendar ────────────────────────────────────────────────────────────────────────────────────────────────────


def time(draft: Draft, node: c.TimeValue) -> Known:
    return Known(ops.R_TIME) if node.frame is None else _long_time(draft, node.frame, draft.role(node))


def _long_time(draft: Draft, frame: int, role: Role) -> Known:
    """Return when the longer bars of a period end."""
    group = draft.group(role)
    found = draft.times.get((frame, group))
    if found is None:
        found = draft.times[frame, group] = _new_long_time(draft, frame, group, role)
    elif role not in found[1].roles:
        found[1].roles.append(role)
    return found[0]


def _new_long_time(draft: Draft, frame: int, group: int, role: Role) -> tuple[Known, Memory]:
    counter, out = clock(draft, frame, group), draft.value()
    row = draft.emit(ops.LONG_TIME, (out,), (counter.tick,))
    numbers = row.numbers
    numbers[ops.I_OUT], numbers[ops.I_TICK], numbers[ops.I_FIRST] = out, counter.tick, counter.whole
    numbers[ops.I_N], numbers[ops.I_X] = frame, offset(frame)
    known = Known(out, standing=Standing(counter.tick, None, counter.whole))
    return known, draft.remember(role, row, counter.whole, 0, counter.whole)


def every(draft: Draft, node: c.EveryPeriod) -> Known:
    if node.frame is None:
        return _first(draft, node)
    standing = _long_time(draft, node.frame, ("time", node.frame)).standing
    assert standing is not None
    out = draft.truth()
    numbers = draft.emit(ops.LONG_FIRST, (out,), (standing.pos,)).numbers
    numbers[ops.I_OUT], numbers[ops.I_TICK], numbers[ops.I_FIRST] = ~out, standing.pos, standing.first
    numbers[ops.I_N], numbers[ops.I_X] = node.frame, offset(node.frame)
    numbers[ops.I_Y], numbers[ops.I_Z] = node.period, offset(node.period)
    return Known(out, standing=standing)


def _first(draft: Draft, node: c.EveryPeriod) -> Known:
    out, state = draft.truth(), draft.words(2)
    row = draft.emit(ops.FIRST, (out,), ())
    numbers = row.numbers
    numbers[ops.I_OUT], numbers[ops.I_STATE] = ~out, state
    numbers[ops.I_N], numbers[ops.I_X], numbers[ops.I_Y] = node.period, offset(node.period), draft.bars
    draft.remember(draft.role(node), row, state, 2)
    return Known(out)


def near(draft: Draft, node: c.Near) -> Known:
    frame = node.frame
    time = Known(ops.R_TIME) if frame is None else _long_time(draft, frame, ("time", frame))
    parts = (time,) if node.anchor is None else (time, *draft.parts(node.anchor))
    period = period_of(draft, node, parts)
    standing = None if period is None else joint(draft, parts, period)
    event = -1 if node.event is None else draft.events.index(node.event)
    fields = {ops.I_N: node.distance, ops.I_X: int(node.side != "before"), ops.I_Y: event}
    return pure(draft, ops.NEAR, parts, standing, fields)
