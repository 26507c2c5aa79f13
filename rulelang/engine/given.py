# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What came with the newest steps of a run: numbers packed in rows, and whole what isn't only numbers.

A row holds a step's time, then a number for each name that ever came, NaN where it is missing. Names that come anew
make rows longer. Rows lie in blocks, made when they are reached and then used again in turn.
"""

from collections.abc import Mapping
from typing import Any

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.store import doubles, wholes

    as_double = float

    ROWS = 64

    def in_order(values, names, numbers, at):
        return False


NAN = float("nan")
LARGEST_WHOLE = 2**53
"""Up to this every whole number is a double."""
MOST_NAMES = 64
"""A step with more of them is kept whole."""


class Given:
    """The newest `most` steps with what came, and a row for the numbers of the step that comes next.

    `numbers` from `at` on are that row; `inlets` tells for each wanted name which of them it has, 0 where none.
    `count`: how many steps were kept; `whole`: those that are kept whole, by their numbers.
    """

    wanted: Any
    names: Any

    def __init__(self, most):
        self.most, self.count, self.place, self.width = most, 0, 0, 1
        self.wanted = ()
        self.names, self.places = (), {}
        self.blocks, self.widths = [], []
        self.whole = {}
        self._open()
        self.want(())

    def want(self, names):
        """Set the names whose numbers are looked up in each row."""
        self.wanted = tuple(names)
        self.table = bytearray(8 * max(1, len(self.wanted)))
        self.inlets = wholes(self.table)
        self._point()

    def _point(self):
        for inlet, name in enumerate(self.wanted):
            self.inlets[inlet] = self.places.get(name, 0)

    def read(self, values):
        """Put a dict's values into the row; say whether they could be: plain numbers, or missing."""
        return in_order(values, self.names, self.numbers, self.at) or self._read(values)

    def _read(self, values):
        new = [name for name in values if name not in self.places]
        if new and not self._widened(new):
            return False
        for place in range(1, self.width):
            self.numbers[self.at + place] = NAN
        for name, value in values.items():
            if isinstance(value, float):
                x = as_double(value)
            elif type(value) is int and -LARGEST_WHOLE <= value <= LARGEST_WHOLE:
                x = float(value)
            elif value is None:
                continue
            else:
                return False
            self.numbers[self.at + self.places[name]] = x
        return True

    def _widened(self, names):
        """Make room for names; say whether they may be such of numbers."""
        if len(self.names) + len(names) > MOST_NAMES or not all(map(_is_name, names)):
            return False
        self.names = (*self.names, *names)
        self.places = {name: place for place, name in enumerate(self.names, 1)}
        self.width = len(self.names) + 1
        self._open()
        self._point()
        return True

    # --- rows

    def keep(self, time):
        """Keep the row as that of the step that was taken."""
        self.numbers[self.at] = time
        self._next()

    def keep_whole(self, time, values):
        """Keep a step whose values are not all numbers."""
        self.whole[self.count] = time, _copied(values)
        self._next()

    def _next(self):
        self.count += 1
        self.place = self.place + 1 if self.place + 1 < self.most else 0
        self.at += self.width
        if self.place % ROWS == 0:
            self._open()

    def _open(self):
        """Let the next row be in its block, which is as wide as rows are now."""
        if self.whole:
            self._forget()
        block = self.place // ROWS
        if block == len(self.blocks):
            self.blocks.append(bytearray(8 * self.width * min(ROWS, max(1, self.most - block * ROWS))))
            self.widths.append(self.width)
        elif self.widths[block] != self.width:
            self._widen(block)
        self.numbers, self.at = doubles(self.blocks[block]), self.place % ROWS * self.width

    def _forget(self):
        """Let go of steps kept whole that are no longer among the newest."""
        for number in [number for number in self.whole if number < self.count - self.most]:
            del self.whole[number]

    def _widen(self, block):
        before, old = self.blocks[block], 8 * self.widths[block]
        more = b"\0\0\0\0\0\0\xf8\x7f" * (self.width - self.widths[block])
        rows = [before[at : at + old] + more for at in range(0, len(before), old)]
        self.blocks[block], self.widths[block] = bytearray().join(rows), self.width

    def step(self, number):
        """Return the time of a step that is kept, and the values that came with it."""
        if number in self.whole:
            return self.whole[number]
        place = number % self.most
        block, width = self.blocks[place // ROWS], self.widths[place // ROWS]
        row = memoryview(block).cast("d")[place % ROWS * width :][:width].tolist()
        return row[0], {self.names[place]: x for place, x in enumerate(row[1:]) if x == x}


def _is_name(name):
    return isinstance(name, str) and all(part.isidentifier() for part in name.split("."))


def _copied(values):
    """Return supplied values as they are now."""
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}
