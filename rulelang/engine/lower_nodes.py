"""Lowering of nodes that are made of others: computations without a memory, and memories of observations."""

from collections.abc import Mapping
from functools import partial

from rulelang.check import checked as c
from rulelang.engine import ops
from rulelang.engine.draft import Draft, bare
from rulelang.engine.known import Known, Standing
from rulelang.engine.lower_clocks import clock, joint, period_of
from rulelang.engine.schedule import Row

_COMPARISONS = {">": ops.ABOVE, ">=": ops.AT_LEAST, "<": ops.BELOW, "<=": ops.AT_MOST}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_ARITHMETIC = {"+": ops.ADD, "-": ops.SUBTRACT, "*": ops.MULTIPLY, "/": ops.DIVIDE}
_VERBS = {"rises": 0, "falls": 1, "moves": 2}
_TRUTHS = frozenset(range(ops.ABOVE, ops.MOVED + 1)) | {ops.NEAR}

Fields = Mapping[int, int]
"""What else stands in an instruction, by its places."""
_NOTHING: Fields = {}
_CONSTANT: Fields = {ops.I_N: 1}

# Without a memory ─────────────────────────────────────────────────────────────────────────────────────────────────────


def compute(draft: Draft, node: c.Node, op: int, parts: tuple[Known, ...], fields: Fields = _NOTHING) -> Known:
    """Lower a node without a memory; inside `@` it has no value before the first whole bar."""
    period = period_of(draft, node, parts)
    if period is None:
        return pure(draft, op, parts, None, fields)
    standing = joint(draft, parts, period)
    waits = clock(draft, period).tick if getattr(node, "frame", None) is not None else None
    return pure(draft, op, parts, standing, fields, waits)


def pure(
    draft: Draft,
    op: int,
    parts: tuple[Known, ...],
    standing: Standing | None,
    fields: Fields = _NOTHING,
    waits: int | None = None,
) -> Known:
    """Lower a computation over parts that stand together; `waits`: the register of the periods it waits for."""
    echo, fixed, registers = None, True, []
    for part in parts:
        registers.append(part.register)
        if not part.fixed:
            fixed = False
            if echo is None:
                echo = part.echo
    row = _computation(draft, op, tuple(registers), fields)
    row.fixed = fixed
    known = Known(row.makes[0], False, fixed, standing, None, None, echo)
    if standing is not None:
        _wait(draft, row, standing, waits, echo)
        if standing.complete is not None:
            known.settle = partial(_settle, draft, op, parts, standing, fields, waits, echo)
    elif echo is not None:
        draft.echoes[echo].append(row)
    return known


def _settle(
    draft: Draft,
    op: int,
    parts: tuple[Known, ...],
    standing: Standing,
    fields: Fields,
    waits: int | None,
    echo: int | None,
) -> int:
    """Add the computation over what its parts will have been if nothing more comes; return its register."""
    row = _computation(draft, op, tuple([settled(part) for part in parts]), fields)
    _wait(draft, row, standing, waits, echo)
    return row.makes[0]


def _computation(draft: Draft, op: int, registers: tuple[int, ...], fields: Fields) -> Row:
    out = draft.truth() if op in _TRUTHS else draft.value()
    row = draft.emit(op, (out,), registers)
    numbers = row.numbers
    numbers[ops.I_OUT] = out if out >= 0 else ~out
    place = ops.I_A
    for register in registers:
        numbers[place] = register if register >= 0 else ~register
        place += 1
    if fields:
        for place, value in fields.items():
            numbers[place] = value
    return row


def _wait(draft: Draft, row: Row, standing: Standing, waits: int | None, echo: int | None) -> None:
    """Let a value on a clock wait for its first period."""
    rows, out = [row], row.makes[0]
    if waits is not None:
        mask = draft.emit(ops.MASK_TRUTH if out < 0 else ops.MASK_VALUE, (out,), (out, waits, standing.pos))
        mask.numbers[ops.I_OUT], mask.numbers[ops.I_TICK] = bare(out), waits
        mask.numbers[ops.I_FIRST] = standing.first
        rows.append(mask)
    if echo is not None:
        draft.echoes[echo] += rows
    for one in rows:
        one.ticked = True


def settled(known: Known) -> int:
    """Return the register of what a value will have been if nothing more comes in its period."""
    if known.settled is None:
        known.settled = known.register if known.settle is None else known.settle()
    return known.settled


def param(draft: Draft, node: c.ParamValue) -> Known:
    if node.exact != draft.program.params[node.name].exact:  # converted: to periods of a rate, to another period
        return draft.constant(float(node.exact))
    if node.name not in draft.params:
        draft.params[node.name] = Known(draft.value(), constant=True, fixed=True)
    return draft.params[node.name]


def negated(draft: Draft, node: c.Negated) -> Known:
    return compute(draft, node, ops.NEGATE, draft.parts(node.inner))


def scaled(draft: Draft, node: c.Scaled) -> Known:
    fields = {ops.I_F: draft.pair(float(node.times), float(node.by))}
    return compute(draft, node, ops.SCALE, draft.parts(node.inner), fields)


def arithmetic(draft: Draft, node: c.Arithmetic) -> Known:
    return compute(draft, node, _ARITHMETIC[node.operator], draft.parts(node.left, node.right))


def comparison(draft: Draft, node: c.Comparison) -> Known:
    left, right = draft.of(node.left), draft.of(node.right)
    operator = node.operator
    if left.fixed and not right.fixed:  # what never changes stands on the right
        left, right, operator = right, left, _TURNED[operator]
    return compute(draft, node, _COMPARISONS[operator], (left, right), _CONSTANT if right.fixed else _NOTHING)


def both(draft: Draft, node: c.Both) -> Known:
    op = ops.AND if node.operator == "and" else ops.OR
    return compute(draft, node, op, (draft.of(node.left), draft.of(node.right)))


def inverted(draft: Draft, node: c.Inverted) -> Known:
    return compute(draft, node, ops.NOT, draft.parts(node.inner))


def known(draft: Draft, node: c.Known) -> Known:
    (part,) = draft.parts(node.inner)
    of_value, of_truth = (ops.MISSING, ops.UNSURE) if node.missing else (ops.KNOWN, ops.SURE)
    return compute(draft, node, of_truth if part.register < 0 else of_value, (part,))


def word_is(draft: Draft, node: c.WordIs) -> Known:
    (part,), unit = draft.parts(node.inner), node.inner.kind.unit
    assert isinstance(unit, tuple)
    return compute(draft, node, ops.EQUAL, (part, draft.constant(float(unit.index(node.word)))))


# With a memory ────────────────────────────────────────────────────────────────────────────────────────────────────────


def remembering(
    draft: Draft,
    node: c.Node,
    op: int,
    parts: tuple[Known, ...],
    size: int,
    n: int,
    f: int = 0,
    x: int = 0,
    count: int = 0,
) -> tuple[Known, Row]:
    """Lower a node with a memory of so many words; return it and its instruction, in which the other numbers stand."""
    period = period_of(draft, node, parts)
    if period is None:
        known, row = _with_bars(draft, op, parts, size)
    else:
        known, row = _with_periods(draft, op, parts, size, period)
    numbers = row.numbers
    numbers[ops.I_OUT], numbers[ops.I_INNER] = bare(known.register), op
    numbers[ops.I_N], numbers[ops.I_F], numbers[ops.I_X], numbers[ops.I_COUNT] = n, f, x, count
    place = ops.I_A
    for part in parts:
        register = part.register
        numbers[place] = register if register >= 0 else ~register
        place += 1
    if op == ops.HELD:
        draft.fresh.append((row, numbers[ops.I_STATE] + numbers[ops.I_Z]))
    draft.remember(draft.role(node), row, numbers[ops.I_STATE], numbers[ops.I_SIZE])
    return known, row


def _with_bars(draft: Draft, op: int, parts: tuple[Known, ...], size: int) -> tuple[Known, Row]:
    """Lower a memory that takes an observation with every bar."""
    out = draft.register(op != ops.FUNCTION)
    row = draft.emit(op, (out,), tuple([part.register for part in parts]))
    row.numbers[ops.I_STATE], row.numbers[ops.I_SIZE] = draft.words(size), size
    return Known(out), row


def _with_periods(draft: Draft, op: int, parts: tuple[Known, ...], size: int, period: int) -> tuple[Known, Row]:
    """Lower a memory that takes an observation with each period of a clock."""
    out, standing, tick = draft.register(op != ops.FUNCTION), joint(draft, parts, period), clock(draft, period).tick
    ahead = [settled(part) for part in parts]
    reads = (*[part.register for part in parts], *ahead, standing.pos, tick)
    row = draft.emit(ops.TICKED, (out,), reads if standing.complete is None else (*reads, standing.complete))
    numbers = row.numbers
    numbers[ops.I_STATE] = draft.words(ops.HEADER + size, missing=(2,), never=(0, 1))
    numbers[ops.I_SIZE], numbers[ops.I_Z], numbers[ops.I_Y] = ops.HEADER + size, ops.HEADER, len(parts)
    numbers[ops.I_POS], numbers[ops.I_TICK], numbers[ops.I_FIRST] = standing.pos, tick, standing.first
    numbers[ops.I_COMPLETE] = -1 if standing.complete is None else ~standing.complete
    numbers[ops.I_SETTLED] = -1
    for place, register in enumerate(ahead, ops.I_SA):
        numbers[place] = bare(register)
    draft.scratch = max(draft.scratch, size)
    known = Known(out, standing=standing)
    if standing.complete is not None:
        known.settle = lambda: _also(draft, row, out < 0)
    return known, row


def _also(draft: Draft, row: Row, truth: bool) -> int:
    """Let a ticked memory give its settled value too."""
    register = draft.register(truth)
    row.numbers[ops.I_SETTLED] = bare(register)
    row.makes = (*row.makes, register)
    if row.loop is not None:
        draft.loops[register] = row.loop
    return register


def crossing(draft: Draft, node: c.Crossing) -> Known:
    parts, side = draft.parts(node.left, node.right), 2 if node.direction == "above" else 1
    return remembering(draft, node, ops.CROSS, parts, 1, n=side)[0]


def moved(draft: Draft, node: c.Moved) -> Known:
    verb = _VERBS[node.verb]
    if node.back is not None:
        parts = draft.parts(node.value, node.amount)
        return remembering(draft, node, ops.PAST, parts, node.back + 2, n=node.back, x=verb)[0]
    assert node.origin is not None
    return compute(draft, node, ops.MOVED, draft.parts(node.value, node.amount, node.origin), {ops.I_N: verb})


def held(draft: Draft, node: c.Held) -> Known:
    parts = (draft.of(node.condition),)
    size = 2 if node.count == node.out_of else 4 + (node.out_of + 7) // 8
    if node.each is not None:
        known, row = _held_ends(draft, node, parts[0], node.each, size)
    else:
        known, row = remembering(draft, node, ops.HELD, parts, size, n=node.out_of, count=node.count)
    if node.rule in draft.applies:
        rule = draft.applies[node.rule]
        draft.exits[rule].append(row)
        if row.loop is None:
            draft.put_into(row, rule)
    return known


def _held_ends(draft: Draft, node: c.Held, part: Known, period: int, size: int) -> tuple[Known, Row]:
    role = draft.role(node)
    counter = clock(draft, period, draft.group(role))
    out, state = draft.truth(), draft.words(2 + size)
    row = draft.emit(ops.HELD_ENDS, (out,), (part.register, counter.dot))
    numbers = row.numbers
    numbers[ops.I_OUT], numbers[ops.I_A], numbers[ops.I_B] = ~out, bare(part.register), ~counter.dot
    numbers[ops.I_STATE], numbers[ops.I_SIZE], numbers[ops.I_Z] = state, 2 + size, 2
    numbers[ops.I_INNER], numbers[ops.I_N], numbers[ops.I_COUNT] = ops.HELD, node.out_of, node.count
    draft.fresh.append((row, state + 2))
    draft.remember(role, row, state, 2 + size, counter.first)
    return Known(out, standing=Standing(counter.tick, None, counter.first)), row
