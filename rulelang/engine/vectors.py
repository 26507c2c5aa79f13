"""Work on many numbers at once: counts, ranks, the exchange of one in a sorted array, sums of distances.

This is what runs where nothing is compiled; `vectors.pxd` says the same in C, with the vectors of the processor.
"""

from rulelang.engine.arena import Doubles, at, span, two_sum


def run_of_known(x: Doubles, lo: int, m: int) -> int:
    """Return how many of the next m values of a column are known."""
    return next((k for k in range(m) if x[lo + k] != x[lo + k]), m)


def run_of_plain(x: Doubles, lo: int, m: int, least: float, most: float) -> int:
    """Return how many of the next m values of a column are zero or of a size within bounds."""
    return next((k for k in range(m) if not (x[lo + k] == 0 or least <= abs(x[lo + k]) <= most)), m)


def count_below(d: Doubles, first: int, n: int, x: float) -> int:
    """Return how many of n words are below a value."""
    return sum(value < x for value in d[span(first, n) : first + n])


def count_twice(d: Doubles, first: int, n: int, x: float) -> int:
    """Return how many of n words are below a value plus how many are not above it."""
    return sum((value < x) + (value <= x) for value in d[span(first, n) : first + n])


def replace(d: Doubles, first: int, n: int, gone: float, x: float) -> None:
    """Put a value into n sorted words in the place of one that is among them.

    What is not below `gone` moves down by one; each place then takes the greater of the one before and the lesser of
    its own and x.
    """
    before = float("-inf")
    for here in range(span(first, n), first + n):
        after = d[here + 1] if here + 1 < first + n else float("inf")
        left = after if d[here] >= gone else d[here]
        least = left if left < x else x
        d[here] = before if before > least else least
        before = left


def rank_each(d: Doubles, raw: int, n: int, slot: int, x: Doubles, lo: int, m: int, out: Doubles) -> None:
    """Push m known values into a full ring of n, and write for each how many of the n - 1 before it are below it plus
    how many are not above it."""
    span(raw, n)
    for bar in range(m):
        now, here = x[lo + bar] + 0.0, at(raw + (slot + bar) % n)
        d[here] = now
        out[lo + bar] = count_twice(d, raw, n, now) - 1.0


def add_distances(
    d: Doubles, sums: int, anchor: float, x: Doubles, lo: int, m: int, step: int, firsts: Doubles, to: int,
    squares: Doubles, into: int,
) -> None:  # fmt: skip
    """Add the distances of m values from an anchor, and their squares, to two sums that are kept in words with what
    their roundings lost; write how they grow."""
    first, lost, square, square_lost = d[sums], d[sums + 1], d[sums + 2], d[sums + 3]
    for k in range(0, m * step, step):
        distance = x[lo + k] - anchor
        first, more = two_sum(first, distance)
        lost += more
        square, more = two_sum(square, distance * distance)
        square_lost += more
        firsts[to + k], squares[into + k] = first + lost, square + square_lost
    d[sums], d[sums + 1], d[sums + 2], d[sums + 3] = first, lost, square, square_lost


def move(d: Doubles, to: int, first: int, n: int) -> None:
    """Copy n words to where they may overlap themselves."""
    if n > 0:
        d[span(to, n) : to + n] = memoryview(bytes(d[span(first, n) : first + n])).cast("d")
