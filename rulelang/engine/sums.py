# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Sums of a window in a flat arena: sum, sma, wma, vwap, in twice the precision of a double and without drift.

Positions are laid in blocks of n. The window that ends in a block is that block so far and the rest of the block
before it, whose sums from each position to the end were taken once, when it was complete. So every sum is fresh: it
carries no error along, and nothing is felt that has left the window. Sums are pairs of doubles, high and low.

In every function `d` and `q` are the arena as doubles and as whole numbers, `o` is where the state begins, `n` is the
window; NaN is missing. A state starts from words of zero.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from math import fabs

    from rulelang.engine.arena import (
        KNOWN,
        MISSING,
        PASSED,
        PRODUCT_LARGEST,
        SLOT,
        SMALLEST,
        SPLIT,
        at,
        bound,
        extreme,
        finite,
        has_value,
        mean,
        span,
        turn,
        two_sum,
        window_is_sound,
    )  # fmt: skip
    from rulelang.engine.vectors import run_of_plain, sum_both_ways, sum_on

    SUM, SMA, WMA, VWAP = range(4)
    ODD, HIGH, LOW, SECOND_HIGH, SECOND_LOW, WEIGHTS, BODY = range(3, 10)
    BLOCK = 256
    LARGEST, DOWN, UP = 2.0**900, 2.0**-600, 2.0**600

from rulelang.engine.arena import Doubles, Wholes

NAMES = ("sum", "sma", "wma", "vwap")
# A state goes on with how many values are odd, the present block's sums, weights of the known values, the arrays.
# Odd are values too large for plain sums: up to `LARGEST` a million of them and their weights can be summed.


# Arithmetic of pairs ──────────────────────────────────────────────────────────────────────────────────────────────────


def two_product(a: float, b: float) -> tuple[float, float]:
    """Return a × b and what its rounding lost (Dekker and Veltkamp)."""
    product = a * b
    t, u = SPLIT * a, SPLIT * b
    a_high, b_high = t - (t - a), u - (u - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def added(a: float, a_low: float, b: float, b_low: float) -> tuple[float, float]:
    """Return the sum of two pairs."""
    high, low = two_sum(a, b)
    return high, low + (a_low + b_low)


def times(high: float, low: float, k: float) -> tuple[float, float]:
    """Return a pair times a number."""
    product, lost = two_product(high, k)
    return product, lost + low * k


def divided(high: float, low: float, k: float) -> float:
    """Return a pair over a number, rounded once."""
    quotient = high / k
    product, lost = two_product(quotient, k)
    return quotient + (((high - product) - lost) + low) / k


def scale_of(largest: float) -> float:
    """Return the power of two that brings values up to a size to where their products keep all their bits."""
    if largest > PRODUCT_LARGEST:
        return DOWN
    return UP if largest < SMALLEST else 1.0


def add(d: Doubles, to: int, x: float, low: float) -> None:
    """Add a pair to the sum that is kept in two words."""
    total, lost = two_sum(d[to], x)
    d[to] = total
    d[to + 1] += lost + low


# Windows ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def words(op: int, n: int) -> int:
    """Return the size of a state."""
    return BODY + (8 * n if op == VWAP else 5 * n if op == WMA else 3 * n)


def sound(op: int, d: Doubles, q: Wholes, o: int, n: int) -> bool:
    """Say whether a state could have come from pushes, as far as they rely on it."""
    odd, weights = q[at(o + ODD)], q[at(o + WEIGHTS)]
    if not (0 <= odd <= n and (op != WMA or 0 <= weights <= n * (n + 1) // 2)):
        return False
    return window_is_sound(d, q, o, n, o + BODY)


def bounded(length: int) -> None:
    """Set the arena's length for a checked build."""
    bound(length)


def push(
    op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, g: float, x0: float, x1: float, x2: float, x3: float
) -> float:
    """Take one observation and return the function's value; a sum counts each value `f` / `g`."""
    if op == WMA:
        return _push_weighted(d, q, o, n, x0)
    if op == VWAP:
        return _push_price(d, q, o, n, x0, x1, x2, x3)
    return _push_sum(op, d, q, o, n, f, g, x0)


def _joined(d: Doubles, prefix: int, suffix: int, n: int, slot: int) -> tuple[float, float]:
    """Return a window's sum: the block before from a slot on, and the present one so far."""
    return added(d[at(suffix + slot)], d[at(suffix + slot + n)], d[prefix], d[prefix + 1])


def _lay(d: Doubles, prefix: int, values: int, suffix: int, n: int, whole: bool) -> None:
    """Begin a new block: take the sums of the complete one, which may have gaps, from each slot to its end."""
    high = low = 0.0
    for back in range(n):
        slot = n - 1 - back
        x = d[at(values + slot)]
        if whole or x == x:
            high, lost = two_sum(high, x)
            low += lost
        d[at(suffix + slot)], d[at(suffix + n + slot)] = high, low
    d[prefix] = d[prefix + 1] = 0.0


def _lay_weighted(d: Doubles, prefix: int, values: int, suffix: int, n: int) -> None:
    """Begin a new block of slots times values."""
    high = low = 0.0
    for back in range(n):
        slot = n - 1 - back
        x = d[at(values + slot)]
        if x == x:
            part, more = two_product(x, slot)
            high, lost = two_sum(high, part)
            low += lost + more
        d[at(suffix + slot)], d[at(suffix + n + slot)] = high, low
    d[prefix] = d[prefix + 1] = 0.0


# Sum and average ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _push_sum(op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, g: float, x: float) -> float:
    raw = o + BODY
    gone = d[at(raw + q[o + SLOT])]
    q[o + ODD] += (fabs(x) > LARGEST) - (fabs(gone) > LARGEST)
    slot = turn(d, q, o, n, raw, x)
    if slot == n - 1:
        _lay(d, o + HIGH, raw, raw + n, n, q[o + KNOWN] == n)
    elif x == x:
        add(d, o + HIGH, x, 0.0)
    if not has_value(q, o, n):
        return MISSING
    if q[o + ODD] > 0:
        return _careful_sum(op, d, raw, n, q[o + KNOWN], f, g)
    high, low = _joined(d, o + HIGH, raw + n, n, q[o + SLOT])
    return _result(op, high, low, q[o + KNOWN], f, g)


def _result(op: int, high: float, low: float, known: float, f: float, g: float) -> float:
    if op == SMA:
        return mean(high, low, known)
    if f == g:
        return high + low
    high, low = times(high, low, f)
    return divided(high, low, g)


def _careful_sum(op: int, d: Doubles, raw: int, n: int, known: float, f: float, g: float) -> float:
    """Return what plain sums could not hold, from the window itself."""
    high = low = 0.0
    for slot in range(n):
        x = d[at(raw + slot)]
        if x == x:
            high, lost = two_sum(high, x * DOWN)
            low += lost
    return finite(_result(op, high, low, known, f, g) * UP)


# Weighted average ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _push_weighted(d: Doubles, q: Wholes, o: int, n: int, x: float) -> float:
    """Weigh positions by their slot, and take the slot of the oldest away from all of them."""
    raw = o + BODY
    gone = d[at(raw + q[o + SLOT])]
    q[o + ODD] += (fabs(x) > LARGEST) - (fabs(gone) > LARGEST)
    q[o + WEIGHTS] += (n if x == x else 0) - q[o + KNOWN]
    slot = turn(d, q, o, n, raw, x)
    if slot == n - 1:
        _lay(d, o + HIGH, raw, raw + n, n, q[o + KNOWN] == n)
        _lay_weighted(d, o + SECOND_HIGH, raw, raw + 3 * n, n)
    elif x == x:
        part, lost = two_product(x, slot)
        add(d, o + HIGH, x, 0.0)
        add(d, o + SECOND_HIGH, part, lost)
    if not has_value(q, o, n):
        return MISSING
    oldest = q[o + SLOT]
    if q[o + ODD] > 0:
        return _careful_weighted(d, raw, n, oldest, q[o + WEIGHTS])
    high, low = _joined(d, o + SECOND_HIGH, raw + 3 * n, n, oldest)
    before, before_low = times(d[at(raw + n + oldest)], d[at(raw + 2 * n + oldest)], 1.0 - oldest)
    after, after_low = times(d[o + HIGH], d[o + LOW], 1.0 + n - oldest)
    before, before_low = added(before, before_low, after, after_low)
    high, low = added(high, low, before, before_low)
    return divided(high, low, q[o + WEIGHTS])


def _careful_weighted(d: Doubles, raw: int, n: int, slot: int, weights: float) -> float:
    high = low = 0.0
    for k in range(n):
        x = d[at(raw + (slot + k) % n)]
        if x == x:
            part, more = two_product(x * DOWN, k + 1.0)
            high, lost = two_sum(high, part)
            low += lost + more
    return finite(divided(high, low, weights) * UP)


# Average price ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _push_price(d: Doubles, q: Wholes, o: int, n: int, high: float, low: float, close: float, volume: float) -> float:
    """Keep the sums of volume and of volume times three typical prices."""
    raw = o + BODY
    here = at(raw + q[o + SLOT])
    if q[o + PASSED] == n and d[here] == d[here]:
        q[o + ODD] -= _is_odd(d[here], d[at(here + n)], d[at(here + 2 * n)], d[at(here + 3 * n)])
    complete = high == high and low == low and close == close and volume == volume
    slot = turn(d, q, o, n, raw, high if complete else MISSING)
    d[at(here + n)], d[at(here + 2 * n)], d[at(here + 3 * n)] = low, close, volume
    if complete:
        q[o + ODD] += _is_odd(high, low, close, volume)
    if slot == n - 1:
        _lay_prices(d, o, raw, n)
    elif complete:
        traded, lost = _traded(high, low, close, volume)
        add(d, o + HIGH, volume, 0.0)
        add(d, o + SECOND_HIGH, traded, lost)
    if not has_value(q, o, n):
        return MISSING
    if q[o + ODD] > 0:
        return _careful_price(d, raw, n)
    size, size_low = _joined(d, o + HIGH, raw + 4 * n, n, q[o + SLOT])
    total, total_low = _joined(d, o + SECOND_HIGH, raw + 6 * n, n, q[o + SLOT])
    return _price(total, total_low, size, size_low)


def _is_odd(high: float, low: float, close: float, volume: float) -> bool:
    return extreme(high) or extreme(low) or extreme(close) or extreme(volume)


def _price(total: float, total_low: float, size: float, size_low: float) -> float:
    """Return the quotient of two pairs, over 3; missing without volume."""
    if not size > 0:
        return MISSING
    size, size_low = times(size, size_low, 3.0)
    size, size_low = two_sum(size, size_low)
    quotient = total / size
    product, lost = two_product(quotient, size)
    return quotient + ((((total - product) - lost) + total_low) - quotient * size_low) / size


def _traded(high: float, low: float, close: float, volume: float) -> tuple[float, float]:
    """Return the sum of three prices times the volume, as a pair."""
    price, lost = two_sum(high, low)
    price, more = two_sum(price, close)
    return times(price, lost + more, volume)


def _lay_prices(d: Doubles, o: int, raw: int, n: int) -> None:
    volumes, prices = raw + 4 * n, raw + 6 * n
    size = size_low = total = total_low = 0.0
    for back in range(n):
        slot = n - 1 - back
        here = at(raw + slot)
        if d[here] == d[here]:
            volume = d[at(here + 3 * n)]
            traded, more = _traded(d[here], d[at(here + n)], d[at(here + 2 * n)], volume)
            size, lost = two_sum(size, volume)
            size_low += lost
            total, lost = two_sum(total, traded)
            total_low += lost + more
        d[at(volumes + slot)], d[at(volumes + n + slot)] = size, size_low
        d[at(prices + slot)], d[at(prices + n + slot)] = total, total_low
    d[o + HIGH] = d[o + LOW] = d[o + SECOND_HIGH] = d[o + SECOND_LOW] = 0.0


def _careful_price(d: Doubles, raw: int, n: int) -> float:
    """Return the average price of values of any size, from the window itself."""
    highest = most = 0.0
    for slot in range(n):
        here = at(raw + slot)
        if d[here] == d[here]:
            highest = max(highest, fabs(d[here]), fabs(d[at(here + n)]), fabs(d[at(here + 2 * n)]))
            most = max(most, fabs(d[at(here + 3 * n)]))
    by, size_by = scale_of(highest), scale_of(most)
    size = size_low = total = total_low = 0.0
    for slot in range(n):
        here = at(raw + slot)
        if d[here] == d[here]:
            volume = d[at(here + 3 * n)] * size_by
            traded, more = _traded(d[here] * by, d[at(here + n)] * by, d[at(here + 2 * n)] * by, volume)
            size, lost = two_sum(size, volume)
            size_low += lost
            total, lost = two_sum(total, traded)
            total_low += lost + more
    return finite(_price(total, total_low, size, size_low) / by)


# Blocks of bars ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run(
    op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, g: float,
    in0: Doubles, in1: Doubles, in2: Doubles, in3: Doubles, out: Doubles, lo: int, hi: int,
) -> None:  # fmt: skip
    """Push the bars lo to hi - 1 of the columns and write what comes out."""
    if op == VWAP:
        for bar in range(lo, hi):
            out[bar] = _push_price(d, q, o, n, in0[bar], in1[bar], in2[bar], in3[bar])
        return
    bar = lo
    while bar < hi:
        whole = op == SMA and q[o + KNOWN] == n and q[o + ODD] == 0
        plain = bar + (run_of_plain(in0, bar, hi - bar, 0.0, LARGEST) if whole else 0)
        while bar < plain:
            bar += _run_means(d, q, o, n, in0, out, bar, min(plain - bar, BLOCK))
        if bar < hi:
            out[bar] = push(op, d, q, o, n, f, g, in0[bar], 0.0, 0.0, 0.0)
            bar += 1


def _run_means(d: Doubles, q: Wholes, o: int, n: int, x: Doubles, out: Doubles, lo: int, m: int) -> int:
    """Push known values into a window without gaps, to the end of their block or of the next; return how many.

    First come the sums, high ones where the means go, then all that can be done side by side.
    """
    if not cython.compiled:
        lows = [0.0] * BLOCK
    raw, suffix, closing, slot = o + BODY, o + BODY + n, 0, q[o + SLOT]
    if slot == n - 1:
        d[at(raw + slot)] = x[lo]
        closing, slot, m = 1, 0, min(m, n) - 1
        d[o + HIGH] = d[o + LOW] = 0.0
        sum_both_ways(d, o + HIGH, raw, n, x, lo + 1, m, out, lows)
        high, low = added(d[at(suffix)], d[at(suffix + n)], 0.0, 0.0)
        out[lo] = mean(high, low, n)
        lo += 1
    else:
        m = min(m, n - 1 - slot)
        sum_on(d, o + HIGH, x, lo, m, out, lows)
    rest = span(suffix + slot + 1, m)
    k = float(n)
    for bar in range(m):
        total, lost = added(d[at(rest + bar)], d[at(rest + n + bar)], out[lo + bar], lows[bar])
        out[lo + bar] = mean(total, lost, k)
    for bar in range(m):
        d[at(raw + slot + bar)] = x[lo + bar]
    q[o + SLOT] = slot + m
    return closing + m
