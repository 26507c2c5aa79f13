# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The machine: runs a program over bars, one at a time or in blocks, with all state in one arena."""

from array import array
from math import inf, nextafter

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
from rulelang.engine.functions import bounded
from rulelang.engine.given import LARGEST_WHOLE

if not cython.compiled:
    from rulelang.engine.blanks import forget, imagine, settle
    from rulelang.engine.clocks import period_of
    from rulelang.engine.memories import start
    from rulelang.engine.ops import *
    from rulelang.engine.rules import execute
    from rulelang.engine.store import Store, doubles, doubles_at, octets_at, whole, wholes

    as_double = float
    has_avx2 = False

BLOCK, STRIDE = 256, 264
"""Bars of a block, and how far columns are apart: a little further, or they would all lie in the same cache lines."""
NAN = float("nan")
_LONGEST = [0]
COMPILED = cython.compiled
"""Whether the machine was compiled; uncompiled it gives the same bits, slowly."""
BUILD = "uncompiled" if not cython.compiled else "avx2" if has_avx2 else "plain"
"""Which of the builds this is."""


def _wholes(numbers):
    return bytearray(array("q", list(numbers) or [0]).tobytes())


def _doubles(numbers):
    return bytearray(array("d", list(numbers) or [0.0]).tobytes())


class Machine:
    """A program at work for one asset.

    `params`: the values of its params by name; `dates`: those of each of its events, sorted.
    """

    def __init__(self, program, params, dates):
        self.program = program
        self.bars = program.bars or 0
        self.still, self.longest, self.blank_after = program.still, program.longest, program.blank_after
        words = program.arena + program.scratch
        self.arena = bytearray(8 * words)
        _LONGEST[0] = max(_LONGEST[0], words)
        bounded(_LONGEST[0])
        stages = (*program.stages, *program.ticking)
        self.main, self.count, self.stage_count = program.main, len(program.inputs), len(program.stages)
        table = _wholes([number for stage in stages for number in (stage.op, stage.first, stage.last)])
        inlets = _wholes([inlet.register for inlet in program.inputs])
        dated = self._dated(dates)
        counting = _wholes([number for counter in program.counting for number in counter])
        self.counters, self.counting = len(program.counting), wholes(counting)
        code, extra = bytearray(program.code or bytes(8)), bytearray(program.extra)
        self.tables = (table, inlets, dated, code, extra, params, counting)
        self.stages, self.inlets = wholes(table), wholes(inlets)
        self.numbers = _doubles(program.numbers)
        self.live = self._store(1)
        self._block = self.blank = None
        self.clear()

    def _dated(self, dates):
        starts, found, at = [], array("d"), 2 * len(dates)
        for one in dates:
            starts += [float(at + len(found)), float(len(one))]
            found.extend(map(float, one))
        return _doubles([*starts, *found])

    def _store(self, stride):
        program, (_, _, dated, code, extra, params, _) = self.program, self.tables
        store = Store(
            code, extra, self.numbers, self.arena, stride, program.values, program.truths, program.arena, dated,
            program.doings,
        )  # fmt: skip
        for register, value in program.constants:
            if register < 0:
                store.fill_truth(~register, int(value))
            else:
                store.fill(register, value)
        for name, register in program.params:
            store.fill(register, params[name])
        for stage in program.prelude:
            execute(stage.op, store, stage.first, stage.last, 0, stride)
        return store

    def block(self):
        """Return the bank of registers for a block of bars."""
        if self._block is None:
            self._block = self._store(STRIDE)
        return self._block

    def clear(self):
        """Put the arena into its first state."""
        program, m = self.program, self.live
        memoryview(self.arena)[:] = bytes(len(self.arena))
        for word in program.missing:
            m.d[word] = NAN
        for word in program.never:
            m.q[word] = NEVER
        for row, word in program.fresh:
            start(m, row * WIDTH, word)
            if m.code[row * WIDTH] == HELD_ENDS:
                m.d[word - 2] = m.d[word - 1] = 1.0
        for target in program.targets:
            m.d[target.state] = m.numbers[target.numbers + 8]

    # --- snapshots

    def save(self):
        """Return the state."""
        return bytes(memoryview(self.arena)[: 8 * self.program.arena])

    def load(self, state):
        """Take over a saved state of the same program. Raises `ValueError`, and changes nothing, for any other."""
        size = 8 * self.program.arena
        if len(state) != size:
            raise ValueError(f"a state of {len(state)} bytes is none of a program whose state has {size}")
        memoryview(self.arena)[:size] = state
        if self.program.ticking:
            self._show_captured()

    def _show_captured(self):
        """Show what rules captured, which periods that pass without bars read."""
        m = self.live
        m.virtual = True
        for op, first, last in self.program.stages:
            if op in (RULE, CAPTURED):
                execute(op, m, first, last, 0, 1)
        m.virtual = False

    # --- work

    def work(self, m, lo, hi):
        """Do every stage for the bars lo to hi - 1 of a block."""
        stages = self.stages
        for stage in range(self.main):
            op, first, last = stages[3 * stage], stages[3 * stage + 1], stages[3 * stage + 2]
            if op != LOOP:
                execute(op, m, first, last, lo, hi)
                continue
            for j in range(lo, hi):
                for inner in range(first, last):
                    execute(
                        stages[3 * inner], m, stages[3 * inner + 1], stages[3 * inner + 2], j, j + 1
                    )  # fmt: skip

    def missing_bars(self, m, time):
        """Let the bars pass that are missing before a time: periods in which no field has a value.

        Of a long gap the head and the tail are enough, or the last bar, as `gaps` tells.
        """
        count, last = self._missing(m, time), m.d[1]
        if 0 <= self.blank_after < count:
            self._pass_at_once(m, count)
            return
        head, tail = self.still + 1, self.still + 3 * self.longest + 3
        if self.still < 0 or count <= head + tail:
            self._virtual(m, last, count)
            return
        self._virtual(m, last, head)
        m.q[2] += count - head - tail
        self._count_on(m, last + (count - tail + 1) * self.bars, count - head - tail)
        self._virtual(m, last + (count - tail) * self.bars, tail)

    def _missing(self, m, time):
        """Return how many bars are missing before a time."""
        if m.q[0] == 0 or self.bars == 0 or time - m.d[1] <= self.bars:
            return 0
        count = whole((time - m.d[1]) / self.bars)
        return count - 1 if m.d[1] + count * self.bars >= time else count

    def _pass_at_once(self, m, count):
        stages, last, blank = self.stages, m.d[1], self._blanks()
        for stage in range(self.stage_count):
            forget(stages[3 * stage], m, blank, stages[3 * stage + 1], stages[3 * stage + 2], count - 1)
        m.q[2] += count - 1
        self._virtual(m, last + (count - 1) * self.bars, 1)
        for stage in range(self.stage_count):
            if stages[3 * stage] == HELD:
                settle(m, stages[3 * stage + 1], stages[3 * stage + 2], count - 1)

    def _blanks(self):
        """Return an arena in which all windows are full of missing values."""
        if self.blank is None:
            self.blank = bytearray(len(self.arena))
            for op, first, last in self.program.stages:
                if op == FUNCTION:
                    imagine(self.live, doubles(self.blank), wholes(self.blank), first, last)
        return wholes(self.blank)

    def _count_on(self, m, time, skipped):
        """Let counters go on to a time though so many bars before it are left out."""
        for one in range(self.counters):
            word, length, more = self.counting[3 * one], self.counting[3 * one + 1], skipped
            if length > 0:
                more = period_of(time - self.counting[3 * one + 2], length) - m.q[word] - 1
                m.q[word + 4] = 0
                word += HEADER
            if m.q[word] > 1 and more > 0:
                m.q[word] += more

    def _virtual(self, m, time, count):
        s, v, done = m.stride, m.v, 0
        m.virtual = True
        most = s if s < BLOCK else BLOCK
        while done < count:
            size = count - done if count - done < most else most
            for inlet in range(self.count):
                o = self.inlets[inlet] * s
                for j in range(size):
                    v[o + j] = m.nan
            for j in range(size):
                v[R_TIME * s + j] = time + (done + j + 1) * self.bars
                v[R_BAR * s + j] = m.q[2] + j
            m.q[2] += size
            self.work(m, 0, size)
            done += size
        m.virtual = False

    # --- one bar

    def last(self):
        """Return the time of the last bar, or `None` before the first."""
        return self.live.d[1] if self.live.q[0] else None

    def step(self, m, time):
        """Take a bar whose values stand in the inputs of the live bank."""
        m.v[R_TIME], m.v[R_BAR] = time, m.q[2]
        m.q[0], m.d[1] = 1, time
        m.q[2] += 1
        self.work(m, 0, 1)

    def watch(self, names, bounds):
        """Set the names under which the inputs' values come, and the lowest and highest of each, for `supplied`."""
        self.names = tuple(names)
        self.limits = _doubles(bounds)
        self.ends = doubles(self.limits)

    def supplied(self, time, values):
        """Take a bar with values by name; say whether it was taken: all plain numbers within bounds, or missing."""
        m = self.live
        for inlet in range(self.count):
            value = values.get(self.names[inlet])
            if value is None:
                m.v[self.inlets[inlet]] = m.nan
                continue
            if isinstance(value, float):
                x = as_double(value)
            elif type(value) is int and -LARGEST_WHOLE <= value <= LARGEST_WHOLE:
                x = float(value)
            else:
                return False
            if x < self.ends[2 * inlet] or x > self.ends[2 * inlet + 1]:
                return False
            m.v[self.inlets[inlet]] = x
        return self._followed(time)

    def fed(self, time, given):
        """Take a bar with the numbers of a row; say whether it was taken: all within bounds, or missing."""
        m, numbers, at, inlets, ends = self.live, given.numbers, given.at, given.inlets, self.ends
        for inlet in range(self.count):
            place = inlets[inlet]
            x = numbers[at + place] if place > 0 else m.nan
            if x < ends[2 * inlet] or x > ends[2 * inlet + 1]:
                return False
            m.v[self.inlets[inlet]] = x
        return self._followed(time)

    def _followed(self, time):
        """Take a bar whose values stand in the inputs; say whether it was: unless periods without a length passed."""
        m = self.live
        if m.q[0] != 0 and time - m.d[1] > self.bars:
            if self.bars == 0:
                return False
            self.missing_bars(self.block(), time)
        self.step(m, time)
        return True

    def one(self, time, values):
        """Take a bar with the values of all inputs, in their order; NaN is missing."""
        m = self.live
        if m.q[0] != 0 and time - m.d[1] > self.bars:
            if self.bars > 0:
                self.missing_bars(self.block(), time)
            else:
                self.missing_periods(time)
        for inlet in range(self.count):
            m.v[self.inlets[inlet]] = values[inlet]
        self.step(m, time)

    def missing_periods(self, time):
        """Let the whole periods of published fields pass, where the length of a bar isn't known."""
        m, last, program = self.live, self.live.d[1], self.program
        times = set()
        for period in program.periods:
            begin, end = int(last // period) + 1, int(time // period)
            times |= {tick * period for tick in range(max(begin, end - 1_000_000), end)}
        m.virtual = True
        for stage in program.ticking if times else ():
            if stage.op == PUBLISHED:
                m.v[m.code[stage.first * WIDTH + I_A]] = NAN
        for at in sorted(times):
            m.v[R_TIME] = at
            for stage in program.ticking:
                execute(stage.op, m, stage.first, stage.last, 0, 1)
        m.virtual = False

    # --- blocks of bars

    def many(self, count, table, values, truths):
        """Take so many bars; return how often each input's value was refused for being out of bounds.

        `table` holds the addresses of columns: of the times, of each input with its lowest and highest value, then of
        what is wanted: pairs of a register and the address of where it goes, first values, then truths.
        """
        if self.program.ticking:
            return self._one_by_one(count, table, values, truths)
        refused = _wholes([0] * self.count)
        m = self.block()
        if cython.compiled:
            held = _wholes(table)
            pointer, counts = wholes(held), wholes(refused)
            with cython.nogil:
                self._rows(m, 0, count, pointer, values, truths, counts)
        else:
            self._rows(m, 0, count, table, values, truths, wholes(refused))
        return list(array("q", bytes(refused)))[: self.count]

    def _one_by_one(self, count, table, values, truths):
        """Take bars of unknown length: between them periods can pass."""
        m, refused, times = self.live, _wholes([0] * self.count), doubles_at(table[0])
        given = _wholes(table) if cython.compiled else table
        places = wholes(given) if cython.compiled else given
        for at in range(count):
            if m.q[0] != 0:
                self.missing_periods(times[at])
            self._take(m, at, 1, places, wholes(refused))
            self.step(m, times[at])
            self._give(m, at, 1, places, values, truths)
        return list(array("q", bytes(refused)))[: self.count]

    def _rows(self, m, at, count, table, values, truths, refused):
        times, s = doubles_at(table[0]), m.stride
        while at < count:
            size = self._together(times, at, count)
            self.missing_bars(m, times[at])
            for j in range(size):
                m.v[R_TIME * s + j] = times[at + j]
                m.v[R_BAR * s + j] = m.q[2] + j
            self._take(m, at, size, table, refused)
            m.q[0], m.d[1] = 1, times[at + size - 1]
            m.q[2] += size
            self.work(m, 0, size)
            self._give(m, at, size, table, values, truths)
            at += size
        return at

    def _together(self, times, at, count):
        """Return how many bars from one on follow each other without a gap, up to a block."""
        most, odd = count - at if count - at < BLOCK else BLOCK, 0
        if self.bars == 0:
            return most
        for j in range(at + 1, at + most):
            odd += times[j] - times[j - 1] != self.bars
        size = 1 if odd else most
        while size < most and times[at + size] - times[at + size - 1] == self.bars:
            size += 1
        return size

    def _take(self, m, at, size, table, refused):
        s, v, nan = m.stride, m.v, m.nan
        for inlet in range(self.count):
            column, bounds = doubles_at(table[1 + 2 * inlet]), doubles_at(table[2 + 2 * inlet])
            o, low, high = self.inlets[inlet] * s, bounds[0], bounds[1]
            without = 0
            for j in range(size):
                x = column[at + j]
                v[o + j] = x if low <= x <= high else nan
                without += not low <= x <= high
            for j in range(at, at + size if without else at):
                refused[inlet] += column[j] < low or column[j] > high

    def _give(self, m, at, size, table, values, truths):
        s, v, t, place = m.stride, m.v, m.t, 1 + 2 * self.count
        for _ in range(values):
            o, to = table[place] * s, doubles_at(table[place + 1])
            for j in range(size):
                to[at + j] = v[o + j]
            place += 2
        for _ in range(truths):
            o, bytes_ = table[place] * s, octets_at(table[place + 1])
            for j in range(size):
                bytes_[at + j] = t[o + j]
            place += 2


def effective(low, high, open_low):
    """Return the least and the greatest number that a range holds.

    >>> effective(-inf, inf, False)
    (-1.7976931348623157e+308, 1.7976931348623157e+308)
    """
    low = nextafter(low, inf) if open_low or low == -inf else low
    return float(low), float(nextafter(high, -inf) if high == inf else high)
