"""Soundness: whether the words of an arena could have come from a run, so that nothing leaves it from there on."""

from collections.abc import Callable, Iterator, Mapping
from math import inf

from attrs import frozen

from rulelang.engine import ops
from rulelang.engine.functions import is_sound
from rulelang.engine.known import Capture, Memory
from rulelang.engine.lower import Lowered
from rulelang.evaluate.steps import FURTHEST

_MOST_BARS = 1 << 53


@frozen(eq=False)
class _Arena:
    """An arena as doubles, whole numbers and bytes."""

    d: "memoryview[float]"
    q: "memoryview[int]"
    b: "memoryview[int]"


def fault(flat: Lowered, state: bytearray, last: float | None, alone: bool) -> str | None:
    """Return what in a state could not have come from a run of a program; `None`: nothing.

    `last`: the time of the run's last step, which is also that of the asset where it is `alone`.
    """
    memory = memoryview(state)
    arena = _Arena(memory.cast("d"), memory.cast("q"), memory)
    return next(_faults(flat, arena), None) if _is_header(arena, last, alone) else "the last bar"


def _is_header(arena: _Arena, last: float | None, alone: bool) -> bool:
    """Check whether a bar came, when the last one did, and how many."""
    begun, time, bars = arena.q[0], arena.d[1], arena.q[2]
    if begun == 0:
        return time == 0 and 0 <= bars <= _MOST_BARS and (last is None or not alone)
    in_time = last is not None and (time == last if alone else -FURTHEST <= time <= last)
    return begun == 1 and in_time and 0 <= bars <= _MOST_BARS


def _faults(flat: Lowered, arena: _Arena) -> Iterator[str]:
    if not all(arena.q[word] in (0, 1) for word in flat.clocks):
        yield "a clock"
    for rule in flat.program.rules:
        if not _is_rule(arena, rule.state):
            yield f"rule {rule.name}"
    if not all(_is_captured(arena, one) for captured in flat.captured for one in captured):
        yield "a value at a trigger"
    for target in flat.program.targets:
        if not _is_target(arena, target.state):
            yield f"target {target.name}"
    for memory in flat.memories:
        if not _SOUND[memory.op](arena, memory):
            yield "what is remembered"


# Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_truth(value: float) -> bool:
    return value in (0, 1, 2)


def _is_value(value: float) -> bool:
    """Say whether a double is a number or missing."""
    return value != value or -inf < value < inf


def _is_kept(value: float, words: int) -> bool:
    """Say whether a double is a value of a field or missing; `words`: how many words it has, 0 where it is a number."""
    return value != value or (value in range(words) if words else -inf < value < inf)


# Rules and targets ────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_rule(arena: _Arena, at: int) -> bool:
    return arena.q[at] in (0, 1) and arena.q[at + 1] in (0, 1, 2) and _is_value(arena.d[at + 3])


def _is_captured(arena: _Arena, one: Capture) -> bool:
    value = arena.d[one.word]
    return _is_truth(value) if one.truth else _is_kept(value, one.words)


def _is_target(arena: _Arena, at: int) -> bool:
    d = arena.d
    return -inf < d[at] < inf and all(_is_value(d[at + word]) for word in (1, 2, 4)) and d[at + 3] in (0, 1)


# Memories ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_kept_value(arena: _Arena, memory: Memory) -> bool:
    """Check a field that is published: its period, its value."""
    return _is_kept(arena.d[memory.word + 1], memory.words)


def _is_valid_value(arena: _Arena, memory: Memory) -> bool:
    """Check a field that is held for a while: its value, when it came."""
    return _is_kept(arena.d[memory.word], memory.words) and _is_value(arena.d[memory.word + 1])


def _is_long_bar(arena: _Arena, memory: Memory) -> bool:
    words = 3 if memory.row.numbers[ops.I_INNER] else memory.words
    return all(_is_kept(arena.d[memory.word + word], words) for word in (0, 1))


def _is_first(arena: _Arena, memory: Memory) -> bool:
    return arena.q[memory.word] in (0, 1)


def _is_long_time(arena: _Arena, memory: Memory) -> bool:
    """Say yes: all that is known of it is its clock."""
    return True


def _is_own(arena: _Arena, memory: Memory) -> bool:
    """Check a memory that takes an observation with every bar."""
    return _OWN[memory.op](arena, memory.row.numbers, memory.word)


def _is_ticked(arena: _Arena, memory: Memory) -> bool:
    """Check a memory that takes an observation with each period: its values, what is pending, and its own words."""
    numbers, at, d = memory.row.numbers, memory.word, arena.d
    inner = numbers[ops.I_INNER]
    values = (d[at + 2], d[at + 3] if arena.q[at + 4] else 0.0)
    if inner != ops.FUNCTION and not all(value != value or _is_truth(value) for value in values):
        return False
    pending = d[at + 5 : at + 5 + numbers[ops.I_Y]]
    if not all(_is_truth(value) if inner == ops.HELD else _is_value(value) for value in (*values, *pending)[2:]):
        return False
    return arena.q[at + 4] in (0, 1) and _OWN[inner](arena, numbers, at + ops.HEADER)


def _is_ends(arena: _Arena, memory: Memory) -> bool:
    at = memory.word
    return all(_is_truth(arena.d[at + word]) for word in (0, 1)) and _is_held(arena, memory.row.numbers, at + 2)


def _is_function(arena: _Arena, numbers: list[int], at: int) -> bool:
    return is_sound(numbers[ops.I_X], arena.d, arena.q, at, numbers[ops.I_N])


def _is_cross(arena: _Arena, numbers: list[int], at: int) -> bool:
    return arena.q[at] in (0, 1, 2)


def _is_past(arena: _Arena, numbers: list[int], at: int) -> bool:
    n = numbers[ops.I_N]
    return _is_ring(arena.q[at], arena.q[at + 1], n)


def _is_ring(seen: int, at: int, n: int) -> bool:
    """Say whether so many values of n can have been seen where the next one goes to a place."""
    return 0 <= seen <= n and 0 <= at < n and (seen == n or at == seen)


def _is_held(arena: _Arena, numbers: list[int], at: int) -> bool:
    n, one, other = numbers[ops.I_N], arena.q[at], arena.q[at + 1]
    if numbers[ops.I_COUNT] != n:
        return _is_held_some(arena, n, at)
    if n > ops.SHORT:
        return 0 <= one <= n and 0 <= other <= n
    bits = (1 << n) - 1
    mask = bits << ops.HIGH | bits
    return other == mask and one & mask == one


def _is_held_some(arena: _Arena, n: int, at: int) -> bool:
    seen, place = arena.q[at], arena.q[at + 1]
    ring = bytes(arena.b[8 * at + 32 : 8 * at + 32 + n])
    if not _is_ring(seen, place, n) or ring.translate(None, b"\0\1\2"):
        return False
    known = ring[:seen]
    return arena.q[at + 2] == known.count(2) and arena.q[at + 3] == known.count(0)


_OWN: Mapping[int, Callable[[_Arena, list[int], int], bool]] = {
    ops.FUNCTION: _is_function,
    ops.HELD: _is_held,
    ops.CROSS: _is_cross,
    ops.PAST: _is_past,
}
_SOUND: Mapping[int, Callable[[_Arena, Memory], bool]] = {
    ops.PUBLISHED: _is_kept_value,
    ops.VALID: _is_valid_value,
    ops.LONG_BAR: _is_long_bar,
    ops.LONG_TIME: _is_long_time,
    ops.FIRST: _is_first,
    ops.TICKED: _is_ticked,
    ops.HELD_ENDS: _is_ends,
    **dict.fromkeys(_OWN, _is_own),
}
