"""The flat program: what a rule file means for one asset, as numbers that a machine can go through.

A *register* is a column: one number a bar. Values are doubles, NaN is missing; truths are bytes, 0 false, 1 unknown,
2 true. A truth register is written as ~register where either may stand. An *instruction* is a row of `WIDTH` whole
numbers (`ops`); a *stage* is a run of instructions of one kind, done together. What an instruction remembers from bar
to bar lies in the arena, from its `state` on.
"""

from array import array
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

from attrs import asdict, frozen


class Stage(NamedTuple):
    """Instructions of one kind, `first` to `last` - 1; or (`op` is `LOOP`) the stages of a loop, done bar by bar."""

    op: int
    first: int
    last: int


@frozen
class Target:
    """Where a target's outcome stands: its registers, its state, and where its bounds and brakes stand."""

    name: str
    before: int
    desired: int
    after: int
    until: int
    word: int
    held: int
    frozen: int
    state: int
    numbers: int


class Rule(NamedTuple):
    """Where a rule's activity stands: its registers (whether it is active, what happened to it) and its state."""

    name: str
    active: int
    event: int
    state: int


@frozen
class Input:
    """A market field that is supplied with a bar, and its register."""

    asset: str | None
    name: str
    register: int


@frozen(hash=False)
class Program:
    """A program; equal ones decide the same. Params, dates of events and fields come with the run.

    Work: `code` and `extra` are the instructions and lists that they refer to, as 8-byte whole numbers, `numbers` the
    doubles that they refer to. `stages` is what is done for a block of bars: the first `main` of them one after
    another, those behind are the insides of loops; `prelude` is done once.

    Registers: `constants` never change, `params` are given by the run, `inputs` come with each bar; `close` is that of
    the close where targets keep it (-1: nowhere). `values`, `truths` and `doings` count registers, and the most things
    that rules do to one target.

    State: `arena` and `scratch` count its words and those for trials. Of the words that don't begin as 0 `missing`
    begin as a missing number, `never` as no period, `fresh` as the memory of an instruction.

    Gaps: `still` missing bars at either end of a gap are walked (-1: all are), in `longest` bars the longest clock has
    ticked; `counting` are counters that go on where bars are left out: the word, the length and start of periods.
    After more than `blank_after` missing bars (-1: never) every memory is one of missing bars alone (`blanks`).
    Where the length of a bar isn't known, `ticking` is what moves with `periods` in seconds though no bar comes.
    """

    bars: int | None
    code: bytes
    extra: bytes
    numbers: tuple[float, ...]
    stages: tuple[Stage, ...]
    main: int
    prelude: tuple[Stage, ...]
    constants: tuple[tuple[int, float], ...]
    params: tuple[tuple[str, int], ...]
    inputs: tuple[Input, ...]
    values: int
    truths: int
    arena: int
    scratch: int
    missing: tuple[int, ...]
    never: tuple[int, ...]
    fresh: tuple[tuple[int, int], ...]
    rules: tuple[Rule, ...]
    targets: tuple[Target, ...]
    events: tuple[str, ...]
    doings: int
    still: int
    longest: int
    counting: tuple[tuple[int, int, int], ...]
    blank_after: int
    close: int
    ticking: tuple[Stage, ...]
    periods: tuple[int, ...]

    @cached_property
    def digest(self) -> bytes:
        """A digest of everything in it."""
        facts = asdict(self, recurse=False, filter=lambda one, _: one.name not in _PACKED)
        parts = (self.code, self.extra, array("d", self.numbers).tobytes(), repr(facts).encode())
        return blake2b(b"|".join(parts), digest_size=16).digest()

    def __hash__(self) -> int:
        return hash(self.digest)


_PACKED = ("code", "extra", "numbers")
