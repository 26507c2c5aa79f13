"""What every module of functions has inline: the check of an index, the window's ring of values, exact arithmetic.

This is what runs where nothing is compiled; `arena.pxd` says the same in C. There the check is made only in a build
with `RULELANG_CHECKED` defined, and else costs nothing.
"""

from typing import TypeAlias

Doubles: TypeAlias = "memoryview[float]"
Wholes: TypeAlias = "memoryview[int]"

SLOT, PASSED, KNOWN = range(3)
"""Every window begins with these: the next position's slot, positions passed (n at most), how many are known."""

MISSING = float("nan")
SPLIT = 2.0**27 + 1.0
PRODUCT_LARGEST, SMALLEST = 2.0**300, 2.0**-300
"""Between these the products of values keep all their bits."""

_length = [0]


def bound(words: int) -> None:
    """Set how many words the arena has."""
    _length[0] = words


def at(word: int) -> int:
    """Return the index of a word. Raises `IndexError` where it lies outside of the arena."""
    if not 0 <= word < _length[0]:
        raise IndexError(f"word {word} of an arena of {_length[0]}")
    return word


def span(first: int, n: int) -> int:
    """Return the index of the first of n words, none of which may lie outside."""
    if n > 0:
        at(first), at(first + n - 1)
    return first


# Arithmetic ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def two_sum(a: float, b: float) -> tuple[float, float]:
    """Return a + b and what its rounding lost (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def mean(high: float, low: float, k: float) -> float:
    """Return a pair over a count below 2**26, rounded once: a first quotient, and what it leaves of the pair."""
    part = 1.0 / k
    quotient = high * part
    t = SPLIT * quotient
    q_high = t - (t - quotient)
    return quotient + (((high - q_high * k) - (quotient - q_high) * k) + low) * part


def finite(value: float) -> float:
    """Return a value, missing where it is beyond the doubles."""
    return value if value - value == 0 else MISSING


def extreme(x: float) -> bool:
    """Say whether products of a value could lose bits at either end of the doubles; a missing one is not extreme."""
    size = abs(x)
    return size > PRODUCT_LARGEST or 0 < size < SMALLEST


# Windows ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def turn(d: Doubles, q: Wholes, o: int, n: int, raw: int, x: float) -> int:
    """Put a value in the place of the oldest one and return its slot; missing ones are held too."""
    slot = q[o + SLOT]
    here = at(raw + slot)
    if q[o + PASSED] < n:
        q[o + PASSED] += 1
        q[o + KNOWN] += x == x
    else:
        q[o + KNOWN] += (x == x) - (d[here] == d[here])
    d[here] = x
    q[o + SLOT] = slot + 1 if slot + 1 < n else 0
    return slot


def has_value(q: Wholes, o: int, n: int) -> bool:
    """Say whether the window has passed and half of it is known (clause 5.6)."""
    return q[o + PASSED] == n and 2 * q[o + KNOWN] >= n


def ring_is_sound(q: Wholes, o: int, n: int) -> bool:
    """Say whether a window's next slot is one that so many observations lead to."""
    slot, passed = q[at(o + SLOT)], q[at(o + PASSED)]
    return 0 <= slot < n and 0 <= passed <= n and (passed == n or slot == passed)


def window_is_sound(d: Doubles, q: Wholes, o: int, n: int, raw: int) -> bool:
    """Say whether a window is placed, and as many of its values are known as it says."""
    if not ring_is_sound(q, o, n):
        return False
    return q[at(o + KNOWN)] == sum(d[at(raw + k)] == d[at(raw + k)] for k in range(q[o + PASSED]))
