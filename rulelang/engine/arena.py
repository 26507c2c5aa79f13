"""The few operations on the arena that every module has inline: the check of an index, an exact sum, counts, a move.

This is what runs where nothing is compiled; `arena.pxd` says the same in C. There the check is made only in a build
with `RULELANG_CHECKED` defined, and else costs nothing.
"""

from bisect import insort
from typing import TypeAlias

Doubles: TypeAlias = "memoryview[float]"
Wholes: TypeAlias = "memoryview[int]"

_length = [0]


def bound(words: int) -> None:
    """Set how many words the arena has."""
    _length[0] = words


def at(word: int) -> int:
    """Return the index of a word. Raises `IndexError` where it lies outside of the arena."""
    if not 0 <= word < _length[0]:
        raise IndexError(f"word {word} of an arena of {_length[0]}")
    return word


def two_sum(a: float, b: float) -> tuple[float, float]:
    """Return a + b and what its rounding lost (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def count_below(d: Doubles, first: int, n: int, x: float) -> int:
    """Return how many of n words are below a value."""
    return sum(value < x for value in d[at(first) : first + n])


def count_twice(d: Doubles, first: int, n: int, x: float) -> int:
    """Return how many of n words are below a value plus how many are not above it."""
    return sum((value < x) + (value <= x) for value in d[at(first) : first + n])


def replace(d: Doubles, first: int, n: int, gone: float, x: float) -> None:
    """Put a value into n sorted words in the place of one that is among them."""
    values = list(d[at(first) : first + n])
    values.remove(gone)
    insort(values, x)
    for index, value in enumerate(values, first):
        d[index] = value


def move(d: Doubles, to: int, first: int, n: int) -> None:
    """Copy n words to where they may overlap themselves."""
    if n > 0:
        d[at(to) : to + n] = memoryview(bytes(d[at(first) : first + n])).cast("d")
