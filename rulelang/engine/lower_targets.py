"""Lowering of targets: what rules do to them, and the numbers that bound and brake them."""

from attrs import field, frozen

from rulelang.check import checked as c
from rulelang.engine import ops
from rulelang.engine.draft import FEEDBACK, NAN, Draft
from rulelang.engine.program import Target

_WHAT = {"set": 0, "floor": 1, "cap": 2, "corridor": 3, "increase": 4, "reduce": 5, "freeze": 6}


@frozen
class _Doings:
    """What rules do to a target, in file order; the truths and the values on which that depends."""

    words: list[tuple[int, ...]] = field(factory=list)
    watched: dict[int, None] = field(factory=dict)
    varying: dict[int, None] = field(factory=dict)


def targets(draft: Draft) -> tuple[tuple[Target, ...], int, int]:
    """Add the instructions of all targets; return them, the register of the close, and the most doings of one."""
    read = {(node.target, node.what) for node in draft.program.order if type(node) is c.TargetValue}
    fed_back = {target for target, what in read if what not in c.SUPPLIED}
    close = draft.input(None, "close") if any(what == "price" for _, what in read) else -1
    doings = {name: _Doings() for name in draft.program.targets}
    for number, rule in enumerate(draft.program.rules):
        for action in rule.actions:
            _note(draft, doings[action.target], number, rule.at_once, action)
    made = [_target(draft, one, doings[name], close, name in fed_back) for name, one in draft.program.targets.items()]
    return tuple(made), close, max([len(one.words) for one in doings.values()], default=0)


def _note(draft: Draft, doings: _Doings, number: int, at_once: bool, action: c.CheckedAction) -> None:
    """Note what a rule does to a target."""
    active, first, last, count = draft.actives[number], 0, 0, 0
    for node in action.values:
        value = draft.of(node)
        last = value.register
        first, count = last if count == 0 else first, count + 1
        if not value.fixed:
            doings.varying[last] = None
    doings.watched[active] = None
    share = int(action.share == "level")
    doings.words.append((~active, _WHAT[action.what], first, last, share, int(at_once), number, count))


def _target(draft: Draft, target: c.CheckedTarget, doings: _Doings, close: int, fed_back: bool) -> Target:
    outs = (draft.value(), draft.value(), draft.value(), draft.value(), draft.value())
    held, blind, changed = draft.truth(), draft.truth(), draft.truth()
    otherwise = draft.program.otherwise.get(target.name)
    level = None if otherwise is None else draft.of(otherwise)
    if level is not None and not level.fixed:
        doings.varying[level.register] = None
    reads = (*doings.watched, *doings.varying, *(() if close < 0 else (close,)))
    row = draft.emit(ops.TARGET, (*outs, held, blind, changed), ())
    row.reads = reads  # told afterwards, for it stands in the loop of everything or in none
    if fed_back or FEEDBACK in [draft.loops.get(register) for register in reads]:
        draft.put_into(row, FEEDBACK)
    state = draft.target_states[target.name]
    row.numbers[ops.I_X], row.numbers[ops.I_F], row.numbers[ops.I_STATE] = len(draft.extra), len(draft.numbers), state
    header = [*outs, ~held, ~blind, -1 if level is None else level.register, close, ~changed]
    draft.extra += [*header, len(doings.words), len(doings.watched), len(doings.varying)]
    draft.extra += [*(~register for register in doings.watched), *doings.varying]
    for words in doings.words:
        draft.extra += words
    made = Target(target.name, *outs, ~held, ~blind, state, len(draft.numbers))
    draft.numbers += _numbers(target)
    return made


def _numbers(target: c.CheckedTarget) -> tuple[float, ...]:
    """Return a target's bounds, its tolerance, its brakes (NaN: none), and where it begins."""
    brakes = (target.band, target.step_up, target.step_down, target.cooldown_up, target.cooldown_down)
    start = max(target.low, min(target.high, 0.0))
    limits = (target.low, target.high, 1e-9 * target.range)
    return (*limits, *[NAN if brake is None else float(brake) for brake in brakes], start)
