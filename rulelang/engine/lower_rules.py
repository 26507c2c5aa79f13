"""Lowering of rules: when they are active, what they capture when they start, and the loops that their exits make."""

from rulelang.check import checked as c
from rulelang.engine import ops
from rulelang.engine.draft import FEEDBACK, NAN, Draft, bare
from rulelang.engine.known import Capture, Known, words_of
from rulelang.engine.program import Rule
from rulelang.engine.schedule import Row


def note_captures(draft: Draft) -> None:
    """Give registers and words to what rules capture, in the order in which it is read."""
    for node in draft.program.order:
        if type(node) is c.AtTrigger and node.rule in draft.applies:
            found = draft.captures[draft.applies[node.rule]]
            if id(node.inner) not in found:
                shown = Known(draft.register(node.kind.name == "condition"), constant=True)
                capture = Capture(draft.words(1), shown.register < 0, words_of(node.kind))
                found[id(node.inner)] = (shown, capture)


def at_trigger(draft: Draft, node: c.AtTrigger) -> Known:
    number, truth = draft.applies.get(node.rule), node.kind.name == "condition"
    if number is None:
        return Known(draft.fixed_truth(1) if truth else draft.constant(NAN).register, constant=True)
    draft.of(node.inner)
    shown, capture = draft.captures[number][id(node.inner)]
    if node.after:
        return shown
    out = draft.register(truth)
    row = draft.emit(ops.CAPTURED, (out,), ())
    row.numbers[ops.I_OUT], row.numbers[ops.I_STATE] = bare(out), capture.word
    row.numbers[ops.I_X], row.numbers[ops.I_INNER] = draft.rule_states[number], int(truth)
    draft.put_into(row, number)
    draft.echoes[number].append(row)
    return Known(out, constant=True, echo=number)


def rule(draft: Draft, number: int) -> None:
    """Add the instruction of a rule."""
    one, captures = draft.program.rules[number], draft.captures[number]
    condition, until = draft.of(one.condition), None if one.until is None else draft.of(one.until)
    active, event = draft.actives[number], draft.happened[number]
    reads, out = _registers(condition), [active, event]
    if until is not None:
        reads += _registers(until)
    if captures:
        reads += [draft.known[inner].register for inner in captures]
        out += [shown.register for shown, _ in captures.values()]
    row = draft.emit(ops.RULE, tuple(out), tuple(reads))
    numbers = row.numbers
    numbers[ops.I_A], numbers[ops.I_SA] = ~condition.register, _stands(condition)
    numbers[ops.I_B], numbers[ops.I_SB] = (-1, -1) if until is None else (~until.register, _stands(until))
    numbers[ops.I_OUT], numbers[ops.I_D], numbers[ops.I_STATE] = ~active, ~event, draft.rule_states[number]
    numbers[ops.I_INNER], numbers[ops.I_N] = _lasting(one)
    numbers[ops.I_X], numbers[ops.I_COUNT] = len(draft.extra), len(captures)
    for inner, (shown, capture) in captures.items():
        draft.extra += (draft.known[inner].register, shown.register, capture.word)
    _refer(draft, row, number)
    _tell(draft, one)
    draft.rules.append(Rule(one.name, ~active, ~event, draft.rule_states[number]))
    if number in draft.inside or row.loop is not None:
        _close_loop(draft, row, number)


def _registers(known: Known) -> list[int]:
    return [known.register] if known.standing is None else [known.register, known.standing.pos]


def _stands(known: Known) -> int:
    return -1 if known.standing is None else known.standing.pos


def _lasting(one: c.CheckedRule) -> tuple[int, int]:
    """Return what kind of end a rule has, and the length of its `for`."""
    if one.lasting is None:
        return int(one.until is not None), 0
    return (3, one.lasting.bars or 0) if one.lasting.seconds is None else (2, one.lasting.seconds)


def _refer(draft: Draft, row: Row, number: int) -> None:
    """Let a rule refer to the instructions that its start moves."""
    echoes, exits = draft.echoes[number], draft.exits[number]
    row.numbers[ops.I_Y], row.numbers[ops.I_Z] = len(echoes), len(exits)
    for other in (*echoes, *exits):
        draft.references.append((len(draft.extra), other))
        draft.extra.append(0)


def _tell(draft: Draft, one: c.CheckedRule) -> None:
    """Let every value have a register that an alert tells."""
    for alert in one.alerts:
        draft.parts(*[piece for piece in alert.pieces if isinstance(piece, c.Constant)])


def _close_loop(draft: Draft, row: Row, number: int) -> None:
    """Let a rule stand in one loop with its exit, or its exit in the one that it stands in."""
    inside = draft.inside.pop(number, ())
    if not inside:
        return
    if row.loop == FEEDBACK:
        for one in inside:
            draft.put_into(one, FEEDBACK)
        return
    row.loop = number
    for register in row.makes:  # what comes after can go column by column again
        draft.loops.pop(register, None)
