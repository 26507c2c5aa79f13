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


def median_each(d: Doubles, order: int, raw: int, n: int, slot: int, x: Doubles, lo: int, m: int, out: Doubles) -> None:
    """Push m known values into a full ring of n, at most 64, that has its order in another place; write medians."""
    for bar in range(lo, lo + m):
        here, now = at(raw + slot), x[bar] + 0.0
        replace(d, order, n, d[here], now)
        d[here] = now
        slot = slot + 1 if slot + 1 < n else 0
        low, high = d[at(order + (n - 1) // 2)], d[at(order + n // 2)]
        middle = (low + high) / 2
        out[bar] = middle if middle - middle == 0 else low / 2 + high / 2


def rank_each(d: Doubles, raw: int, n: int, slot: int, x: Doubles, lo: int, m: int, out: Doubles) -> None:
    """Push m known values into a full ring of n, and write for each how many of the n - 1 before it are below it plus
    how many are not above it."""
    span(raw, n)
    for bar in range(m):
        now, here = x[lo + bar] + 0.0, at(raw + (slot + bar) % n)
        d[here] = now
        out[lo + bar] = count_twice(d, raw, n, now) - 1.0


def sum_on(d: Doubles, sums: int, x: Doubles, lo: int, m: int, out: Doubles, lows: list[float]) -> None:
    """Add m values to the pair in two words; write how it grows: to a column, and what roundings lost to a list."""
    high, low = d[at(sums)], d[at(sums + 1)]
    for k in range(m):
        high, lost = two_sum(high, x[lo + k])
        low += lost
        out[lo + k], lows[k] = high, low
    d[sums], d[sums + 1] = high, low


def sum_both_ways(
    d: Doubles, sums: int, raw: int, n: int, x: Doubles, lo: int, m: int, out: Doubles, lows: list[float]
) -> None:
    """Add n words from the last to the first, and write after them how the pair grows; do `sum_on` for m < n values."""
    sum_on(d, sums, x, lo, m, out, lows)
    high = low = 0.0
    for here in range(span(raw, 3 * n) + n - 1, raw - 1, -1):
        high, lost = two_sum(high, d[here])
        low += lost
        d[here + n], d[here + 2 * n] = high, low


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
