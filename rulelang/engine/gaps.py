"""Gaps: how many missing bars have to be walked, so that a gap of a year costs no more than a short one.

In a gap no field has a value, rules and targets stay as they are, and only time goes on. A register depends on so many
of the last bars (its *depth*), and either it *moves* with time for ever or it is still once so many bars have passed.
So the head of a gap is walked until what doesn't move is still, the middle is left out, and the tail is walked to fill
windows with what does. That fails only where something moving meets a memory without an end: then every bar counts.
"""

from math import inf

from rulelang.engine import ops
from rulelang.engine.functions import OPS
from rulelang.engine.schedule import Row

_SINCE = OPS["periods_since"]
_RECURSIVE = frozenset(OPS[name] for name in ("ema", "wilder", "atr", "rsi"))
_STILL = frozenset((ops.CLOCK, ops.STAND, ops.CAPTURED, ops.RULE, ops.TARGET, ops.IN_FORCE, ops.PRICE, ops.FIRST))
_MOVING = frozenset((ops.AGE, ops.LONG_TIME, ops.LONG_FIRST, ops.NEAR))
_WINDOWS = frozenset((ops.FUNCTION, ops.HELD, ops.PAST, ops.CROSS, ops.TICKED, ops.HELD_ENDS))
_PERIODS = frozenset((ops.PUBLISHED, ops.LONG_BAR, ops.MASK_TRUTH, ops.MASK_VALUE))


class Gap:
    """What becomes of registers in a gap.

    `after`: how many bars have to be walked (`inf`: all); `longest`: the bars of the longest clock; `counting`: the
    counters that go on where bars are left out: each one's word, and the length and start of its periods (0: bars).
    """

    def __init__(self, rows: list[Row], bars: int | None, inputs: set[int]) -> None:
        self.bars = bars or 0
        self.depths: dict[int, float] = {}
        self.moving = {ops.R_TIME, ops.R_BAR}
        self.blank = inputs
        self.clocks: dict[int, Row] = {}
        self.counting: list[tuple[int, int, int]] = []
        self.blanks, self.window = bars is not None, 0
        self.held: set[int] = set()
        self.after = self._walked(rows) if bars else inf
        self.longest = max([self._bars_of(clock) for clock in self.clocks.values()], default=0)

    def _walked(self, rows: list[Row]) -> float:
        """Go through the instructions in their order; return how many bars the deepest needs."""
        depths, moving, blank, held = self.depths, self.moving, self.blank, self.held
        after = 0.0
        for row in rows:
            op, reads = row.numbers[0], row.reads
            if op in _STILL:
                if op == ops.CLOCK:
                    self.clocks[row.makes[0]] = self.clocks[row.makes[1]] = row
                    self.blanks = False
                continue
            depth = 0.0
            for register in reads:
                below = depths.get(register, 0.0)
                if below > depth:
                    depth = below
            moves = op in _MOVING or not moving.isdisjoint(reads)
            missing = not blank.isdisjoint(reads)
            if op == ops.HELD or not held.isdisjoint(reads):
                held.update(row.makes)
            if op == ops.HELD:
                self.blanks = self.blanks and not moves and reads[0] not in held
                depth, missing = depth + self._length(row), False
            elif op >= ops.CROSS:
                if self.blanks:
                    self.blanks = self._goes_blank(row, moves)
                depth, moves = self._kept(row, depth, moves)
                missing = self._is_blank(row)
            elif op == ops.CHOOSE:
                missing = blank.issuperset(reads[1:])
            if missing and not ops.ABOVE <= op < ops.CROSS:
                blank.update(row.makes)
            if moves:
                moving.update(row.makes)
            if depth:
                for register in row.makes:
                    depths[register] = depth
                after = depth if depth > after else after
        return after

    def blank_after(self) -> int:
        """Return after how many missing bars all memories are those of missing bars alone; -1 where one never is."""
        return int(self.after) + 2 * self.window + 2 if self.blanks and self.after < inf else -1

    def _goes_blank(self, row: Row, moves: bool) -> bool:
        """Say whether a memory after a long gap is one of missing bars alone, or of conditions that stay as they are.

        What keeps its newest value, recursive averages and crossings, must be without one from the first bar on.
        """
        op, reads, numbers = row.numbers[0], row.reads, row.numbers
        if op in (ops.VALID, ops.NEAR, ops.AGE):
            return True
        self.window = max(self.window, numbers[ops.I_N])
        if op == ops.PAST:
            return reads[0] in self.blank
        if op == ops.CROSS:
            return any(self._is_blank_at_once(register) for register in reads)
        if op != ops.FUNCTION or numbers[ops.I_X] == _SINCE or not self._reads_nothing(row):
            return False
        return numbers[ops.I_X] not in _RECURSIVE or all(map(self._is_blank_at_once, reads))

    def _is_blank_at_once(self, register: int) -> bool:
        return register in self.blank and register not in self.depths

    def _kept(self, row: Row, depth: float, moves: bool) -> tuple[float, bool]:
        """Return the depth of an instruction that remembers, and whether what it makes moves."""
        op, numbers = row.numbers[0], row.numbers
        if op == ops.VALID:
            return -(-numbers[ops.I_N] // self.bars) + 2, False
        if op in _PERIODS:
            return depth + 3 * self._period(row), moves and op != ops.PUBLISHED
        if op not in _WINDOWS:
            return depth, moves
        own = self._length(row)
        if op == ops.HELD_ENDS:
            return own, False
        kind = numbers[ops.I_INNER]
        if kind == ops.CROSS:
            return inf if moves else depth + own, False
        if kind == ops.FUNCTION and numbers[ops.I_X] == _SINCE:
            self._count_on(row)
            return inf if moves else depth + own, True
        if kind == ops.FUNCTION and numbers[ops.I_X] in _RECURSIVE and not self._reads_nothing(row):
            return inf, True
        return depth + own, moves

    def _length(self, row: Row) -> int:
        """Return how many bars a window needs until all of it is new."""
        return (row.numbers[ops.I_N] + 3) * self._period(row)

    def _count_on(self, row: Row) -> None:
        """Note a counter, which goes on in a gap."""
        numbers = row.numbers
        clock = self.clocks[numbers[ops.I_TICK]].numbers if numbers[0] == ops.TICKED else None
        length, start = (0, 0) if clock is None else (clock[ops.I_N], clock[ops.I_X])
        self.counting.append((numbers[ops.I_STATE], length, start))

    def _bars_of(self, clock: Row) -> int:
        return -(-clock.numbers[ops.I_N] // self.bars)

    def _period(self, row: Row) -> int:
        """Return how many bars the periods have that an instruction lives on."""
        if not self.clocks:
            return 1
        found = [clock for register in row.reads if (clock := self.clocks.get(register)) is not None]
        return max([1, *[self._bars_of(clock) for clock in found]])

    def _reads_nothing(self, row: Row) -> bool:
        """Say whether a function reads nothing in a gap: all its observations are missing."""
        count = row.numbers[ops.I_Y] if row.numbers[0] == ops.TICKED else len(row.reads)
        return self.blank.issuperset(row.reads[:count])

    def _is_blank(self, row: Row) -> bool:
        """Say whether what an instruction makes ends up missing in a gap."""
        op = row.numbers[0]
        if op in (ops.VALID, ops.PUBLISHED):
            return True
        if op == ops.LONG_BAR:
            return row.reads[0] in self.blank
        return op in _WINDOWS and row.numbers[ops.I_INNER] == ops.FUNCTION and self._reads_nothing(row)
