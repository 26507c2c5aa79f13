"""The flat program: what a rule file means for one asset, as numbers that a machine can go through.

A *register* is a column: one number a bar. Values are doubles, NaN is missing; truths are bytes, 0 false, 1 unknown,
2 true. A truth register is written as ~register where either may stand. An *instruction* is a row of `WIDTH` whole
numbers (`ops`); a *stage* is a run of instructions of one kind, done together. What an instruction remembers from bar to
bar lies in the arena, from its `state` on.
"""

from attrs import frozen


@frozen
class Stage:
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


@frozen
class Rule:
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


@frozen
class Program:
    """A program; equal ones decide the same. Params, dates of events and fields come with the run.

    `code`, `extra`: instructions, and lists that they refer to, as 8-byte whole numbers; `numbers`: doubles that they
    refer to. `stages`: what is done for a block of bars; the first `main` of them one after another, those behind are
    the insides of loops. `prelude`: what is done once. `constants`: registers that never change, `params`: those that
    the run gives. `values`, `truths`, `arena`, `scratch`: how many registers and words there are;
    `doings`: the most things that rules do to one target. `still`: after how many missing bars nothing moves (-1: never);
    `longest`: the bars of the longest clock. `missing`, `never`,
    `fresh`: words of the arena that don't begin as 0: missing numbers, periods, and memories of instructions. `ticking`, `periods`: where the length of a bar isn't known, what moves with the
    periods of clocks even if no bar comes, and how long they are.
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
    close: int
    ticking: tuple[Stage, ...]
    periods: tuple[int, ...]
