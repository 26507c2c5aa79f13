"""Going on from a snapshot: with the same rules from the arena as it is, with others from what fits them (clause 6.9).

A memory belongs to what it remembers, so it is found by the key of its node; a rule's state belongs to its name and
identity; what a target has in force to the target's name. Leaves that have known their clock for different times get
clocks of their own: for that the rules are lowered again.
"""

from collections.abc import Mapping

from attrs import frozen

from rulelang.check import checked as c
from rulelang.engine import ops
from rulelang.engine.directory import Directory, Place, clock_of, names, read, written
from rulelang.engine.draft import RULE_WORDS
from rulelang.engine.known import Memory, Role
from rulelang.engine.lower import Lowered, Lowering
from rulelang.engine.machine import Machine
from rulelang.engine.snapshots import Saved
from rulelang.engine.sound import fault
from rulelang.evaluate.steps import Loaded, SnapshotError

_KEPT = 5
"""The words of a target that outlive a step."""


@frozen(eq=False)
class Resumed:
    """What a run goes on from: its program, its arena, and of which rules the state was kept, reset or new."""

    flat: Lowered
    arena: bytearray
    loaded: Loaded


def resumed(saved: Saved, last: float | None, program: c.Program, flat: Lowered) -> Resumed:
    """Return what the rules of an asset go on from after the step at `last`; `flat` is what they were lowered to.

    Raises `SnapshotError` for a state that no run leaves.
    """
    if saved.mark == written(flat).mark:
        kept = [rule.name for rule in flat.rules]
        found = Resumed(flat, bytearray(saved.arena), Loaded(kept=kept))
    else:
        try:
            found = _taken_over(saved, program, flat)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
            raise SnapshotError("this snapshot is not of a run of such rules") from error
    if len(found.arena) != 8 * found.flat.program.arena:
        raise SnapshotError("this snapshot is damaged: its state has another size than its rules have")
    wrong = fault(found.flat, found.arena, last, program.asset is None)
    if wrong is not None:
        raise SnapshotError(f"this snapshot is damaged: no run leaves {wrong} like that")
    return found


def _taken_over(saved: Saved, program: c.Program, flat: Lowered) -> Resumed:
    """Return an arena of other rules, with what fits them."""
    directory, source = read(saved.directory), _Source(saved.arena)
    same_bars = directory.bars == flat.program.bars
    if same_bars:
        flat = _apart(directory, source, program, flat)
    taken = _Taken(source, _first_state(flat))
    taken.copy(0, 0, 3)
    if same_bars:
        _take_memories(taken, directory, flat)
    loaded = _take_rules(taken, directory, flat, same_bars)
    for target in flat.program.targets:
        if target.name in directory.targets:
            taken.copy(directory.targets[target.name], target.state, _KEPT)
    return Resumed(flat, taken.arena, loaded)


def _first_state(flat: Lowered) -> bytearray:
    params = {name: 0.0 for name, _ in flat.program.params}
    return bytearray(Machine(flat.program, params, [() for _ in flat.program.events]).save())


class _Source:
    """A saved arena, of which nobody knows whether it is what it should be."""

    def __init__(self, arena: memoryview) -> None:
        self.arena = arena

    def words(self, at: int, count: int) -> bytes:
        """Return some words. Raises `ValueError` for any that aren't there."""
        if not 0 <= at <= at + count <= len(self.arena) // 8:
            raise ValueError("words that aren't there")
        return bytes(self.arena[8 * at : 8 * (at + count)])

    def first(self, place: Place) -> bytes | None:
        """Return the first periods that a clock knew; `None` where it hadn't begun."""
        state = self.words(place.clock, 3)
        return state[8:] if any(state[:8]) else None


class _Taken:
    """An arena on its way."""

    def __init__(self, source: _Source, arena: bytearray) -> None:
        self.source, self.arena = source, arena

    def copy(self, place: int, to: int, count: int) -> None:
        """Take over some words."""
        self.put(to, self.source.words(place, count))

    def put(self, to: int, words: bytes) -> None:
        """Put words into their place."""
        self.arena[8 * to : 8 * to + len(words)] = words


# Memories ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _take_memories(taken: _Taken, directory: Directory, flat: Lowered) -> None:
    named = names(flat)
    for memory in flat.memories:
        place = _place(directory, memory, named[memory.roles[0]])
        if place is None:
            continue
        taken.copy(place.word, memory.word, memory.size)
        if memory.begun >= 0 and (first := taken.source.first(place)) is not None:
            taken.put(clock_of(memory), (1).to_bytes(8, "little") + first)


def _place(directory: Directory, memory: Memory, name: str) -> Place | None:
    """Return where the same was remembered."""
    place = directory.memories.get(name)
    return place if place is not None and (place.op, place.size) == (memory.op, memory.size) else None


def _apart(directory: Directory, source: _Source, program: c.Program, flat: Lowered) -> Lowered:
    """Return the program in which leaves that know different things of one clock or field are apart."""
    named = names(flat)
    groups: dict[Role, int] = {}
    seen: dict[int, list[bytes | None]] = {}
    for memory in flat.memories:
        if memory.begun < 0 and memory.op != ops.VALID:
            continue
        unit = memory.word if memory.begun < 0 else clock_of(memory)
        for role in memory.roles:
            known, sign = seen.setdefault(unit, []), _sign(directory, source, memory, named[role])
            if sign not in known:
                known.append(sign)
            groups[role] = known.index(sign)
    if not any(groups.values()):
        return flat
    return Lowering(program, flat.program.events, groups).whole()


def _sign(directory: Directory, source: _Source, memory: Memory, name: str) -> bytes | None:
    """Return what tells a leaf's memory from others: the first period it knows, or what is held; `None`: it is new."""
    place = _place(directory, memory, name)
    if place is None:
        return None
    return source.words(place.word, place.size) if memory.begun < 0 else source.first(place)


# Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _take_rules(taken: _Taken, directory: Directory, flat: Lowered, same_bars: bool) -> Loaded:
    """Take over the states of rules: by name, or, where they have none, by themselves."""
    loaded = Loaded()
    nameless = {place.identity: place for place in directory.rules.values() if place.identity.startswith("|")}
    states = {rule.name: rule.state for rule in flat.program.rules}
    for rule, captured in zip(flat.rules, flat.captured, strict=True):
        found = nameless.get(rule.identity) or directory.rules.get(rule.name)
        if found is None:
            loaded.new.append(rule.name)
        elif found.identity != rule.identity or not same_bars:
            loaded.reset.append(rule.name)
        else:
            loaded.kept.append(rule.name)
            taken.copy(found.word, states[rule.name], RULE_WORDS)
            if [one.truth for one in captured] == [truth for _, truth in found.captured]:
                for one, (word, _) in zip(captured, found.captured, strict=True):
                    taken.copy(word, one.word, 1)
    return loaded


def labelled(loaded: Mapping[str | None, Loaded]) -> Loaded:
    """Return what came of several assets' rules as one, each rule under its asset's name."""
    whole = Loaded()
    for asset, one in loaded.items():
        before = f"{asset}." if asset else ""
        whole.kept += [before + name for name in one.kept]
        whole.reset += [before + name for name in one.reset]
        whole.new += [before + name for name in one.new]
    return whole
