"""Directories: where in an arena what is remembered, so that other rules can take over what fits them."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

from attrs import frozen

from rulelang.engine import ops
from rulelang.engine.keys import keys
from rulelang.engine.known import Memory, Role
from rulelang.engine.lower import Lowered


@frozen
class Place:
    """Where something is remembered: the operation that keeps it, its first word, how many they are, and its clock.

    `clock`: the state of the clock that tells the first period that it knows, or -1.
    """

    op: int
    word: int
    size: int
    clock: int


@frozen
class RulePlace:
    """Where a rule's state lies, and each value that it captured with whether it is a truth."""

    identity: str
    word: int
    captured: tuple[tuple[int, bool], ...]


@frozen(eq=False)
class Directory:
    """What lies in an arena: memories by the names of what they remember, rules and targets by theirs."""

    bars: int | None
    memories: Mapping[str, Place]
    rules: Mapping[str, RulePlace]
    targets: Mapping[str, int]


@frozen(eq=False)
class Written:
    """A directory as bytes; arenas with the same `mark` are of the same program and remember the same things."""

    text: bytes
    mark: bytes


_written: WeakKeyDictionary[Lowered, Written] = WeakKeyDictionary()


def written(flat: Lowered) -> Written:
    """Return the directory of a program's arena as bytes. It is made once."""
    found = _written.get(flat)
    if found is None:
        text = json.dumps(_contents(flat), separators=(",", ":")).encode()
        mark = blake2b(flat.program.digest + text, digest_size=16).digest()
        found = _written[flat] = Written(text, mark)
    return found


def _contents(flat: Lowered) -> dict[str, Any]:
    named = names(flat)
    places = [
        [named[role], memory.op, memory.word, memory.size, clock_of(memory)]
        for memory in flat.memories
        for role in dict.fromkeys(memory.roles)
    ]
    states = {rule.name: rule.state for rule in flat.program.rules}
    return {
        "bars": flat.program.bars,
        "memories": places,
        "rules": [
            [rule.name, rule.identity, states[rule.name], [(one.word, one.truth) for one in captured]]
            for rule, captured in zip(flat.rules, flat.captured, strict=True)
        ],
        "targets": {target.name: target.state for target in flat.program.targets},
    }


def names(flat: Lowered) -> dict[Role, str]:
    """Return the name of each part that a memory plays: one that outlives the rules."""
    roles = [role for memory in flat.memories for role in memory.roles]
    found = keys(flat.order, [node for what, node in roles if what != "time"])
    return {(what, node): f"{what} {node if what == 'time' else found[node]}" for what, node in roles}


def clock_of(memory: Memory) -> int:
    """Return the state of the clock that tells the first period of a memory: it counts whole ones for longer bars."""
    if memory.begun < 0:
        return -1
    return memory.begun - (2 if memory.op in (ops.LONG_BAR, ops.LONG_TIME) else 1)


def read(text: bytes) -> Directory:
    """Return a directory of bytes. Raises `ValueError`, `TypeError` or `KeyError` where they are none."""
    found = json.loads(text)
    memories = {str(name): Place(*map(_whole, place)) for name, *place in found["memories"]}
    rules = {
        str(name): RulePlace(str(identity), _whole(word), tuple([(_whole(at), bool(truth)) for at, truth in captured]))
        for name, identity, word, captured in found["rules"]
    }
    targets = {str(name): _whole(word) for name, word in found["targets"].items()}
    return Directory(None if found["bars"] is None else _whole(found["bars"]), memories, rules, targets)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is no place")
    return value
