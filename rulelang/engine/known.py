"""What the lowering knows of a value: where it is, how it moves, and what it remembers."""

from collections.abc import Callable

from attrs import define, frozen

from rulelang.engine.schedule import Row
from rulelang.kinds import Kind

Role = tuple[str, int]
"""The part that a memory plays: that of a node (`node` or `base`, by its identity), or the time of a clock (`time`)."""


@frozen
class Clock:
    """A clock: the registers of its periods and of whether one ends; the words of the first one and first whole one."""

    tick: int
    dot: int
    first: int
    whole: int


@frozen
class Standing:
    """How a value moves that moves with the periods of a clock.

    `pos`: the register of the period at which it stands; `complete`: that of whether anything can still come (`None`:
    nothing ever can); `first`: the word of the first period that it knows.
    """

    pos: int
    complete: int | None
    first: int


@define(eq=False)
class Known:
    """Where a value is, and how it moves.

    `constant`: it counts as a constant where values on a clock are joined; `fixed`: it never changes. `standing`: of a
    value on a clock. `settled`: the register of what its period's observation will be, made by `settle` when it is
    first asked for. `echo`: the rule at whose start it moves.
    """

    register: int
    constant: bool = False
    fixed: bool = False
    standing: Standing | None = None
    settled: int | None = None
    settle: Callable[[], int] | None = None
    echo: int | None = None


@define(eq=False)
class Memory:
    """Where something is remembered: its words, the instruction that keeps it, and the parts that it plays.

    `begun`: the word of the first period that it knows, or -1; `words`: how many words a field has that it keeps.
    """

    roles: list[Role]
    row: Row
    word: int
    size: int
    begun: int = -1
    words: int = 0

    @property
    def op(self) -> int:
        """The operation that keeps it."""
        return self.row.numbers[0]


@frozen
class Capture:
    """What a rule captures: its word, whether it is a truth, and how many words it has where it is one of a field."""

    word: int
    truth: bool
    words: int


def words_of(kind: Kind) -> int:
    """Return how many words there are of a kind; 0 where it is of numbers."""
    return len(kind.unit) if kind.name == "word" and isinstance(kind.unit, tuple) else 0
