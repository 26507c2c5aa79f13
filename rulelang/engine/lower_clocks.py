"""Lowering of clocks: their periods, and where values stand together that move with them."""

from rulelang.check import checked as c
from rulelang.engine import ops
from rulelang.engine.draft import Draft
from rulelang.engine.known import Clock, Known, Standing
from rulelang.kinds.units import offset

_NEVER_AS_DOUBLE = -2.0
"""The double whose bits are those of `NEVER`."""


def clock(draft: Draft, period: int | None, group: int = 0) -> Clock:
    """Return the clock of a period in seconds (0: bars), for leaves that know the same first one."""
    length = period or 0
    found = draft.clocks.get((length, group))
    if found is None:
        tick, dot, state = draft.value(), draft.truth(), draft.words(3)
        numbers = draft.emit(ops.CLOCK, (tick, dot), ()).numbers
        numbers[ops.I_OUT], numbers[ops.I_B], numbers[ops.I_STATE] = tick, ~dot, state
        numbers[ops.I_N], numbers[ops.I_X] = length, offset(length) if length else 0
        numbers[ops.I_Y] = draft.bars
        found = draft.clocks[length, group] = Clock(tick, dot, state + 1, state + 2)
    return found


def period_of(draft: Draft, node: c.Node, parts: tuple[Known, ...]) -> int | None:
    """Return the clock of a node that moves with the periods of one, in seconds (0: bars); `None` for all others."""
    moves = node.clock
    if moves.name == "each":
        return moves.period
    if moves.name == "base":
        for part in parts:
            if part.standing is not None:
                return draft.bars
    return None


def joint(draft: Draft, parts: tuple[Known, ...], period: int) -> Standing:
    """Return where values stand together."""
    found = list(dict.fromkeys([part.standing for part in parts if part.standing is not None]))
    if any(part.standing is None and not part.constant for part in parts):
        found.append(Standing(clock(draft, period).tick, None, draft.never_word()))
    if not found:
        return Standing(draft.constant(_NEVER_AS_DOUBLE).register, None, draft.never_word())
    first = found[0]
    for other in found[1:]:
        first = _together(draft, first, other)
    return first


def _together(draft: Draft, one: Standing, other: Standing) -> Standing:
    if one == other or (other.pos == one.pos and other.complete is None and other.first == draft.never_word()):
        return one
    found = draft.standings.get((one, other))
    if found is None:
        found = draft.standings[one, other] = _stand(draft, one, other)
    return found


def _stand(draft: Draft, one: Standing, other: Standing) -> Standing:
    """Add an instruction that says where two values stand together."""
    pos, first = draft.value(), draft.words(1)
    complete = None if one.complete is None and other.complete is None else draft.truth()
    ends = [draft.always if way.complete is None else way.complete for way in (one, other)]
    out = (pos,) if complete is None else (pos, complete)
    numbers = draft.emit(ops.STAND, out, (one.pos, other.pos, *ends)).numbers
    numbers[ops.I_POS], numbers[ops.I_COMPLETE] = pos, -1 if complete is None else ~complete
    numbers[ops.I_A], numbers[ops.I_B], numbers[ops.I_C], numbers[ops.I_D] = one.pos, other.pos, ~ends[0], ~ends[1]
    numbers[ops.I_FIRST], numbers[ops.I_X], numbers[ops.I_Y] = first, one.first, other.first
    return Standing(pos, complete, first)
