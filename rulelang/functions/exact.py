"""Sums of doubles without rounding: whole numbers of a unit small enough for every value seen.

Every double is a whole number times a power of two. Sums of such numbers are exact, so what comes into a sum can leave
it again without a trace: a rolling sum depends on the window's content and on nothing before it. One rounding, at the
end.
"""

import math
from typing import Any

from rulelang.functions.saved import parts, whole

FINEST = 1074
"""Binary places of the smallest double."""


class FixedPoint:
    """Numbers in units of 2**-`bits`; `bits` grows when a value needs it, and `grown` then shifts the sums."""

    def __init__(self) -> None:
        self.bits = 0

    def units(self, value: float) -> int:
        """Return a value as a whole number of units."""
        numerator, denominator = value.as_integer_ratio()
        shift = self.bits + 1 - denominator.bit_length()
        if shift < 0:
            self.bits -= shift
            self.grown(-shift)
            shift = 0
        return numerator << shift

    def all_units(self, values: tuple[float, ...]) -> list[int]:
        """Return several values in the same unit."""
        while True:
            bits = self.bits
            units = [self.units(value) for value in values]
            if bits == self.bits:
                return units

    def grown(self, by: int) -> None:
        """Make the sums fit a unit that is 2**`by` times smaller."""


class Total(FixedPoint):
    """The exact sum of what was added."""

    def __init__(self) -> None:
        super().__init__()
        self.sum = 0

    def grown(self, by: int) -> None:
        self.sum <<= by

    def add(self, value: float) -> None:
        """Add a value."""
        units = self.units(value)
        self.sum += units

    def mean(self, count: int) -> float:
        """Return the sum over `count`, rounded once."""
        return self.sum / (count << self.bits)

    def save(self) -> list[Any]:
        """Return the sum as two whole numbers."""
        return [self.sum, self.bits]

    @classmethod
    def saved(cls, saved: object) -> "Total":
        """Return the total that was saved. Raises `ValueError` on anything else."""
        total = cls()
        units, bits = parts(saved, 2)
        total.sum, total.bits = whole(units, negative=True), whole(bits)
        if total.bits > FINEST:
            raise ValueError(f"no double needs {total.bits} binary places")
        return total


def root(square: int) -> tuple[int, int]:
    """Return `r` and `k` so that r / 2**k is the square root of a whole number, to 63 bits at least."""
    k = max(0, (129 - square.bit_length()) // 2)
    return math.isqrt(square << 2 * k), k
