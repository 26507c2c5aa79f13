"""Gaps: after how many missing bars nothing moves any more, so that a gap of a year costs no more than a short one."""

from math import inf

from rulelang.engine import ops
from rulelang.engine.functions import OPS
from rulelang.engine.schedule import Row

_SINCE = OPS["periods_since"]
_STILL = (ops.CLOCK, ops.STAND, ops.CAPTURED, ops.RULE, ops.TARGET, ops.IN_FORCE, ops.PRICE, ops.FIRST)
_MOVING = (ops.AGE, ops.LONG_TIME, ops.LONG_FIRST, ops.NEAR)


class Gap:
    """What becomes of registers in a gap: after how many bars each is still, and whether it is missing then."""

    def __init__(self, rows: list[Row], bars: int | None, inputs: set[int]) -> None:
        self.bars = bars or 0
        self.still: dict[int, float] = {ops.R_TIME: inf, ops.R_BAR: inf}
        self.blank = set(inputs)
        self.clocks: dict[int, int] = {}
        self.after = max([self._row(row) for row in rows], default=0.0) if bars else inf
        self.longest = max(self.clocks.values(), default=0)

    def _row(self, row: Row) -> float:
        numbers, op = row.numbers, row.numbers[0]
        if op == ops.CLOCK:
            self.clocks[numbers[ops.I_OUT]] = self.clocks[~numbers[ops.I_B]] = -(-numbers[ops.I_N] // self.bars)
        reads = [register for register in row.reads if register not in self.clocks]
        after = 0.0 if op in _STILL else max([self.still.get(register, 0.0) for register in reads], default=0.0)
        after += inf if op in _MOVING else self._own(row, reads)
        if self._is_blank(row, reads):
            self.blank |= set(row.makes)
        for register in row.makes:
            self.still[register] = max(after, self.still.get(register, 0.0))
        return after

    def _own(self, row: Row, reads: list[int]) -> float:
        """Return how many bars an instruction needs by itself until it is still."""
        numbers, op = row.numbers, row.numbers[0]
        period = max([self.clocks[register] for register in row.reads if register in self.clocks], default=1)
        n = numbers[ops.I_N]
        if op in (ops.FUNCTION, ops.TICKED) and numbers[ops.I_INNER] == ops.FUNCTION:
            known = not self._inputs(row) <= self.blank
            return inf if known or numbers[ops.I_X] == _SINCE else (n + 3) * period
        if op in (ops.HELD, ops.PAST, ops.CROSS, ops.TICKED, ops.HELD_ENDS):
            return (n + 3) * period
        if op == ops.VALID:
            return -(-n // self.bars) + 2
        return 3 * period if op in (ops.PUBLISHED, ops.LONG_BAR, ops.MASK_TRUTH, ops.MASK_VALUE) else 0

    def _inputs(self, row: Row) -> set[int]:
        count = row.numbers[ops.I_Y] if row.numbers[0] == ops.TICKED else len(row.reads)
        return set(row.reads[:count])

    def _is_blank(self, row: Row, reads: list[int]) -> bool:
        op = row.numbers[0]
        if op in (ops.VALID, ops.PUBLISHED) or row.numbers[ops.I_INNER] == ops.FUNCTION:
            return True
        if op == ops.LONG_BAR:
            return row.reads[0] in self.blank
        if op == ops.CHOOSE:
            return set(reads[1:]) <= self.blank
        return op < ops.ABOVE and any(register in self.blank for register in reads)
