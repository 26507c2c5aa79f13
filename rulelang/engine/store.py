# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The memory that a machine works on: its program, its arena of state, and a bank of registers.

A bank holds a column of `stride` bars for each register: `v` doubles, `w` the same words as whole numbers, `t` truths.
`d`, `q` and `b` are the arena as doubles, whole numbers and bytes. `code` are the instructions, `hot` what loops need
of each. What is compiled has pointers, what is not views.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.ops import *

    def doubles(memory):
        return memoryview(memory).cast("d")

    def wholes(memory):
        return memoryview(memory).cast("q")

    octets = memoryview

    def places(memory):
        return memoryview(memory).cast("i")

    whole = int

    def doubles_at(view):
        return view

    octets_at = doubles_at

    def doubles_on(column, bars):
        return column[bars:]

    octets_on = doubles_on


HOT_PLACES = (I_OUT, I_A, I_B, I_D, I_STATE, I_N, I_COUNT, I_INNER)
REGISTERS = 4
"""How many of these are registers."""
MOST = 2147483647
"""The greatest of the numbers there; what can be greater, lengths of time in seconds, is read from `code`."""


class Store:
    """A bank of registers over an arena, which several banks may share."""

    def __init__(self, code, extra, numbers, arena, stride, values, truths, scratch, dates, doings):
        self.stride, self.virtual, self.scratch = stride, False, scratch
        self.nan = float("nan")
        rows = len(code) // (8 * WIDTH)
        bank, truth = bytearray(8 * max(1, values * stride)), bytearray(max(8, truths * stride))
        hot, bits = bytearray(4 * HOT * max(1, rows)), bytearray((doings + 7) // 8 * stride + 8)
        notes = bytearray(8 * NOTE * NOTES)
        self.memory, self.truth_memory = bank, truth
        self.kept = (code, extra, numbers, arena, bank, truth, dates, hot, bits, notes)
        self.code, self.extra, self.numbers = wholes(code), wholes(extra), doubles(numbers)
        self.hot, self.bits = places(hot), octets(bits)
        self.noted, self.noted_values = wholes(notes), doubles(notes)
        self.dates = doubles(dates)
        self.d, self.q, self.b = doubles(arena), wholes(arena), octets(arena)
        self.v, self.w, self.t = doubles(bank), wholes(bank), octets(truth)
        self._fill_hot(rows)

    def _fill_hot(self, rows):
        for place in range(HOT):
            source, times = HOT_PLACES[place], self.stride if place < REGISTERS else 1
            for row in range(rows):
                number = self.code[row * WIDTH + source]
                self.hot[row * HOT + place] = number * times if number < MOST else MOST

    def value(self, register, bar):
        """Return what a register holds at a bar of the block."""
        return self.v[register * self.stride + bar]

    def whole(self, register, bar):
        """Return what a register holds at a bar of the block, as a whole number."""
        return self.w[register * self.stride + bar]

    def truth(self, register, bar):
        """Return the truth that a register holds at a bar of the block."""
        return self.t[register * self.stride + bar]

    def fill(self, register, value):
        """Put a number into a register for every bar of the block."""
        for bar in range(self.stride):
            self.v[register * self.stride + bar] = value

    def fill_truth(self, register, truth):
        """Put a truth into a register for every bar of the block."""
        for bar in range(self.stride):
            self.t[register * self.stride + bar] = truth

    def values(self):
        """Return the bank's numbers as they are now."""
        return memoryview(self.bank()).cast("d")

    def bank(self):
        """Return the bank's numbers as they are now, as bytes."""
        return bytes(self.memory)

    def truths(self):
        """Return the bank's truths as they are now."""
        return bytes(self.truth_memory)
