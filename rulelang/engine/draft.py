"""The draft of a program: registers, words of state, constants and instructions, as the lowering lays them out."""

from collections.abc import Mapping
from fractions import Fraction

from rulelang.check import checked as c
from rulelang.engine import ops
from rulelang.engine.functions import words
from rulelang.engine.known import Capture, Clock, Known, Memory, Role, Standing
from rulelang.engine.program import Rule
from rulelang.engine.schedule import Row

_BLANK = [0] * ops.WIDTH
FEEDBACK = -1
"""The loop of everything that depends on what is in force; a rule's number names the loop of its exit."""
TICKED = frozenset(
    (ops.CLOCK, ops.STAND, ops.PUBLISHED, ops.TICKED, ops.LONG_BAR, ops.LONG_TIME, ops.LONG_FIRST, ops.HELD_ENDS)
)
"""What moves with the periods of clocks; besides, computations over such values do."""
RULE_WORDS, TARGET_WORDS = 5, 10
NAN = float("nan")

_sizes: dict[tuple[int, int], int] = {}


def function_words(op: int, n: int) -> int:
    """Return the size of a function's state."""
    size = _sizes.get((op, n))
    if size is None:
        size = _sizes[op, n] = words(op, n)
    return size


def bare(register: int) -> int:
    """Return the number of a register in its bank."""
    return register if register >= 0 else ~register


class Draft:
    """One asset's program on its way; `known` finds where the value of a checked node is, by its identity.

    `groups` tells leaves apart that know different first periods, or that keep different values of one field: what
    isn't named there is of group 0.
    """

    def __init__(self, program: c.Program, events: tuple[str, ...], groups: Mapping[Role, int]) -> None:
        self.program, self.events, self.groups = program, events, groups
        self.bars = program.bars or 0
        self.values, self.truths, self.scratch = 2, 0, 1  # the first registers: time and bar
        self.arena = 4  # the first words: whether a bar came, its time, its number, and one that is spare
        self.missing: list[int] = []
        self.never: list[int] = []
        self.rows: list[Row] = []
        self.loops: dict[int, int] = {}
        self.inside: dict[int, list[Row]] = {}
        self.fresh: list[tuple[Row, int]] = []
        self.numbers: list[float] = []
        self.pairs: dict[tuple[float, ...], int] = {}
        self.constants: dict[float, Known] = {}
        self.fixed: list[tuple[int, float]] = []
        self.params: dict[str, Known] = {}
        self.inputs: dict[tuple[str | None, str], int] = {}
        self.known: dict[int, Known] = {}
        self.shared: dict[tuple[str, ...], Known] = {}
        self.clocks: dict[tuple[int, int], Clock] = {}
        self.standings: dict[tuple[Standing, Standing], Standing] = {}
        self.memories: list[Memory] = []
        self.fields: dict[tuple[str | None, str, int], tuple[Known, Memory | None]] = {}
        self.times: dict[tuple[int, int], tuple[Known, Memory]] = {}
        self.extra: list[int] = []
        self.references: list[tuple[int, Row]] = []
        self.rules: list[Rule] = []
        self._never, self._false = -1, 0
        self._begin_rules()
        self.always = self.fixed_truth(1)

    def _begin_rules(self) -> None:
        """Lay out what stands before all instructions, for they refer to it: rules' and targets' states."""
        program = self.program
        self.applies = {rule.name: number for number, rule in enumerate(program.rules)}
        self.rule_states = [self.words(RULE_WORDS, missing=(3,), never=(2, 4)) for _ in program.rules]
        self.actives = [self.truth() for _ in program.rules]
        self.happened = [self.truth() for _ in program.rules]
        self.captures: list[dict[int, tuple[Known, Capture]]] = [{} for _ in program.rules]
        self.exits: list[list[Row]] = [[] for _ in program.rules]
        self.echoes: list[list[Row]] = [[] for _ in program.rules]
        self.target_states = {name: self.words(TARGET_WORDS, missing=(1, 2, 4, 9)) for name in program.targets}

    # --- registers, numbers, words of state

    def value(self) -> int:
        """Return a new register of values."""
        self.values += 1
        return self.values - 1

    def truth(self) -> int:
        """Return a new register of truths."""
        self.truths += 1
        return -self.truths

    def register(self, truth: bool) -> int:
        """Return a new register, of truths or of values."""
        return self.truth() if truth else self.value()

    def words(self, count: int, missing: tuple[int, ...] = (), never: tuple[int, ...] = ()) -> int:
        """Return where so many new words begin, of which some begin as a missing number or as no period."""
        at = self.arena
        self.arena += count
        for word in missing:
            self.missing.append(at + word)
        for word in never:
            self.never.append(at + word)
        return at

    def never_word(self) -> int:
        """Return the word of the first period of nodes that know every one."""
        if self._never < 0:
            self._never = self.words(1, never=(0,))
        return self._never

    def pair(self, *values: float) -> int:
        """Return where numbers stand that an instruction refers to."""
        at = self.pairs.get(values)
        if at is None:
            at = self.pairs[values] = len(self.numbers)
            self.numbers += values
        return at

    def constant(self, value: float) -> Known:
        """Return a constant."""
        known = self.constants.get(value)
        if known is None:
            register = self.value()
            self.fixed.append((register, value))
            known = self.constants[value] = Known(register, True, True)
        return known

    def fixed_truth(self, truth: int) -> int:
        """Return a register of a truth that never changes."""
        register = self.truth()
        self.fixed.append((register, float(truth)))
        return register

    def never_true(self) -> int:
        """Return the register of a truth that is always false."""
        if self._false == 0:
            self._false = self.fixed_truth(0)
        return self._false

    def input(self, asset: str | None, name: str) -> int:
        """Return the register of a supplied field."""
        key = (None if asset == self.program.asset else asset, name)
        register = self.inputs.get(key)
        if register is None:
            register = self.inputs[key] = self.value()
        return register

    def of(self, node: c.Node) -> Known:
        """Return where the value of a node is; constants are laid out when they are first asked for, or never."""
        known = self.known.get(id(node))
        if known is None:
            assert isinstance(node, c.Constant)
            exact = node.exact
            value = exact.numerator / exact.denominator if isinstance(exact, Fraction) else 0.0
            known = self.known[id(node)] = self.constant(value)
        return known

    def parts(self, *nodes: c.Node) -> tuple[Known, ...]:
        """Return where the values of nodes are."""
        known = self.known
        return tuple([known.get(id(node)) or self.of(node) for node in nodes])

    # --- instructions

    def emit(self, op: int, out: tuple[int, ...], reads: tuple[int, ...]) -> Row:
        """Add an instruction that makes some registers of others, and stands in a loop with them."""
        numbers = _BLANK.copy()
        numbers[0] = op
        row = Row(numbers, out, reads, None, False, op in TICKED)
        self.rows.append(row)
        if not self.loops.keys().isdisjoint(reads):
            self._enter(row)
        return row

    def _enter(self, row: Row) -> None:
        """Let an instruction stand in the loop of what it reads."""
        found = [loop for register in row.reads if (loop := self.loops.get(register)) is not None]
        self.put_into(row, FEEDBACK if FEEDBACK in found else found[0])

    def put_into(self, row: Row, loop: int) -> None:
        """Put an instruction into a loop, and all that is made of what it makes from here on."""
        row.loop = loop
        self.inside.setdefault(loop, []).append(row)
        for register in row.makes:
            self.loops[register] = loop

    # --- memories

    def role(self, node: c.Node, base: bool = False) -> Role:
        """Return the part that a node's memory plays; `base`: what a longer bar is made of."""
        return ("base" if base else "node", id(node))

    def group(self, role: Role) -> int:
        """Return the group of a leaf, and 0 where nothing tells leaves apart."""
        return self.groups.get(role, 0) if self.groups else 0

    def remember(self, role: Role, row: Row, word: int, size: int, begun: int = -1, words: int = 0) -> Memory:
        """Note where the memory of a node lies."""
        memory = Memory([role], row, word, size, begun, words)
        self.memories.append(memory)
        return memory
