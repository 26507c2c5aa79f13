# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Recursive averages in a flat arena: ema, wilder, and the atr and rsi made of them.

They are seeded with a plain average, pass over missing values, keep their state, and are missing while the last n
observations all were. The order of every operation is the reference's, so that its bits are.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from math import fabs, pow

    from rulelang.engine.arena import MISSING, at, bound, mean, two_sum

    EMA, WILDER, ATR, RSI = range(4)
    SILENT, COUNT, VALUE, SEED, CLOSE, BEGUN = 0, 1, 2, 3, 6, 7
    UP, DOWN, STILL, SEED_UP, SEED_DOWN = 8, 9, 10, 11, 14
    LARGEST, FINER, COARSER, MOST = 2.0**900, 2.0**64, 2.0**-64, 2**53

from rulelang.engine.arena import Doubles, Wholes

NAMES = ("ema", "wilder", "atr", "rsi")
# A state holds: missing observations since the last known one (n at most), values in the seed, the average, the seed's
# words; of atr and rsi the close or value before and whether there is one; of rsi both averages, bars without a move
# since they were last brought forward, and their seeds.


def words(op: int, n: int) -> int:
    """Return the size of a state."""
    return 17 if op == RSI else 8


def sound(op: int, q: Wholes, o: int, n: int) -> bool:
    """Say whether a state could have come from pushes, as far as they rely on it."""
    if not (0 <= q[at(o + SILENT)] <= n and 0 <= q[at(o + COUNT)] <= n):
        return False
    return op != RSI or 0 <= q[at(o + STILL)] <= MOST


def bounded(length: int) -> None:
    """Set the arena's length for a checked build."""
    bound(length)


def push(op: int, d: Doubles, q: Wholes, o: int, n: int, x0: float, x1: float, x2: float) -> float:
    """Take one observation and return the function's value."""
    if op == RSI:
        return _push_strength(d, q, o, n, x0)
    if op == ATR:
        return _push_range(d, q, o, n, x0, x1, x2)
    return _push_average(d, q, o, n, _weight(op, n), x0)


def skip(q: Wholes, o: int, n: int, k: int) -> None:
    """Let k observations be missing."""
    q[o + SILENT] = min(q[o + SILENT] + min(k, n), n)


def _weight(op: int, n: int) -> float:
    return 2 / (n + 1.0) if op == EMA else 1.0 / n


def _towards(old: float, new: float, n: int, weight: float) -> float:
    """Return `old` moved towards `new` by `weight`; an equal value leaves it as it is, to the last bit."""
    if n == 1:
        return new
    step = new - old
    return old + weight * step if step - step == 0 else old * (1 - weight) + new * weight


def _sow(d: Doubles, q: Wholes, seed: int, x: float) -> None:
    """Add a value to a seed: a pair of doubles, 2**-64 of the sum once a value was too large for a plain one."""
    if q[seed + 2] == 0 and fabs(x) > LARGEST:
        d[seed], d[seed + 1], q[seed + 2] = d[seed] * COARSER, d[seed + 1] * COARSER, 1
    total, lost = two_sum(d[seed], x * COARSER if q[seed + 2] else x)
    d[seed] = total
    d[seed + 1] += lost


def _grown(d: Doubles, q: Wholes, seed: int, n: int) -> float:
    """Return the average of a seed's n values, and clear it."""
    high, low = two_sum(d[seed], d[seed + 1])
    average = mean(high, low, n)
    if q[seed + 2]:
        average *= FINER
    d[seed] = d[seed + 1] = 0.0
    q[seed + 2] = 0
    return average


# Averages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _average(d: Doubles, q: Wholes, o: int, n: int, weight: float, x: float) -> None:
    """Move the average on by one known value."""
    if q[o + COUNT] == n:
        d[o + VALUE] = _towards(d[o + VALUE], x, n, weight)
        return
    _sow(d, q, o + SEED, x)
    q[o + COUNT] += 1
    if q[o + COUNT] == n:
        d[o + VALUE] = _grown(d, q, o + SEED, n)


def _push_average(d: Doubles, q: Wholes, o: int, n: int, weight: float, x: float) -> float:
    if x == x:
        q[o + SILENT] = 0
        _average(d, q, o, n, weight, x)
    else:
        skip(q, o, n, 1)
    return d[o + VALUE] if q[o + COUNT] == n and q[o + SILENT] < n else MISSING


# Average true range ───────────────────────────────────────────────────────────────────────────────────────────────────


def _reach(before: float, high: float, low: float) -> float:
    """Return the true range of a bar after a close."""
    reach, above, below = high - low, fabs(high - before), fabs(low - before)
    reach = above if above > reach else reach
    return below if below > reach else reach


def _push_range(d: Doubles, q: Wholes, o: int, n: int, high: float, low: float, close: float) -> float:
    if high == high and low == low and close == close:
        q[o + SILENT] = 0
        before, begun = d[o + CLOSE], q[o + BEGUN]
        d[o + CLOSE], q[o + BEGUN] = close, 1
        reach = _reach(before, high, low)
        if begun and reach - reach == 0:
            _average(d, q, o, n, 1.0 / n, reach)
    else:
        skip(q, o, n, 1)
    return d[o + VALUE] if q[o + COUNT] == n and q[o + SILENT] < n else MISSING


# Relative strength ────────────────────────────────────────────────────────────────────────────────────────────────────


def _push_strength(d: Doubles, q: Wholes, o: int, n: int, x: float) -> float:
    if x == x:
        q[o + SILENT] = 0
        change = x - d[o + CLOSE] if q[o + BEGUN] else MISSING
        d[o + CLOSE], q[o + BEGUN] = x, 1
        if change - change == 0:
            _move(d, q, o, n, change)
    else:
        skip(q, o, n, 1)
    if q[o + COUNT] < n or q[o + SILENT] == n:
        return MISSING
    return _strength(d[o + UP], d[o + DOWN])


def _move(d: Doubles, q: Wholes, o: int, n: int, change: float) -> None:
    """Bring both averages forward. Bars without a move are counted: both fade alike, and as floats would reach 0."""
    gain, loss = change if change > 0 else 0.0, -change if change < 0 else 0.0
    if q[o + COUNT] < n:
        _sow(d, q, o + SEED_UP, gain)
        _sow(d, q, o + SEED_DOWN, loss)
        q[o + COUNT] += 1
        if q[o + COUNT] == n:
            d[o + UP], d[o + DOWN] = _grown(d, q, o + SEED_UP, n), _grown(d, q, o + SEED_DOWN, n)
    elif change == 0:
        q[o + STILL] += 1
    else:
        weight = 1.0 / n
        faded = pow(1 - weight, q[o + STILL]) if q[o + STILL] else 1.0
        up, down = _towards(d[o + UP] * faded, gain, n, weight), _towards(d[o + DOWN] * faded, loss, n, weight)
        if up == 0 and down == 0:  # a move too small to divide by n
            up, down = gain, loss
        d[o + UP], d[o + DOWN], q[o + STILL] = up, down, 0


def _strength(up: float, down: float) -> float:
    if up == 0 and down == 0:
        return MISSING
    if up + down - (up + down) != 0:
        up, down = up / 2, down / 2
    return 100 * (up / (up + down))


# Blocks of bars ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run(
    op: int, d: Doubles, q: Wholes, o: int, n: int, in0: Doubles, in1: Doubles, in2: Doubles, out: Doubles,
    lo: int, hi: int,
) -> None:  # fmt: skip
    """Push the bars lo to hi - 1 of the columns and write what comes out."""
    if op == RSI:
        _run_strengths(d, q, o, n, in0, out, lo, hi)
    elif op == ATR:
        _run_ranges(d, q, o, n, in0, in1, in2, out, lo, hi)
    else:
        _run_averages(d, q, o, n, _weight(op, n), in0, out, lo, hi)


def _run_averages(
    d: Doubles, q: Wholes, o: int, n: int, weight: float, x: Doubles, out: Doubles, lo: int, hi: int
) -> None:
    bar = lo
    while bar < hi:
        value = d[o + VALUE]
        start = bar
        if q[o + COUNT] == n:
            while bar < hi and x[bar] == x[bar]:
                value = _towards(value, x[bar], n, weight)
                out[bar] = value
                bar += 1
        if bar > start:
            d[o + VALUE], q[o + SILENT] = value, 0
        if bar < hi:
            out[bar] = _push_average(d, q, o, n, weight, x[bar])
            bar += 1


def _run_ranges(
    d: Doubles, q: Wholes, o: int, n: int, high: Doubles, low: Doubles, close: Doubles, out: Doubles, lo: int, hi: int
) -> None:
    """Go fast over stretches of complete bars whose ranges are finite."""
    weight = 1.0 / n
    bar = lo
    while bar < hi:
        value, before = d[o + VALUE], d[o + CLOSE]
        start = bar
        while q[o + COUNT] == n and bar < hi and close[bar] == close[bar]:
            reach = _reach(before, high[bar], low[bar])
            if reach - reach != 0 or high[bar] != high[bar] or low[bar] != low[bar]:
                break
            value, before = _towards(value, reach, n, weight), close[bar]
            out[bar] = value
            bar += 1
        if bar > start:
            d[o + VALUE], d[o + CLOSE], q[o + SILENT] = value, before, 0
        if bar < hi:
            out[bar] = _push_range(d, q, o, n, high[bar], low[bar], close[bar])
            bar += 1


def _run_strengths(d: Doubles, q: Wholes, o: int, n: int, x: Doubles, out: Doubles, lo: int, hi: int) -> None:
    """Go fast over stretches in which every bar moves, and no sum can be too large."""
    weight = 1.0 / n
    bar = lo
    while bar < hi:
        up, down, before = d[o + UP], d[o + DOWN], d[o + CLOSE]
        start = bar
        end = hi if q[o + COUNT] == n and q[o + STILL] == 0 and n > 1 and max(up, down) <= LARGEST else lo
        while bar < end:
            change = x[bar] - before
            size = fabs(change)
            if not 0 < size <= LARGEST:
                break
            higher = up + weight * ((size + change) * 0.5 - up)
            lower = down + weight * ((size - change) * 0.5 - down)
            total = higher + lower
            if total == 0:
                break
            up, down, before = higher, lower, x[bar]
            out[bar] = 100 * (up / total)
            bar += 1
        if bar > start:
            d[o + UP], d[o + DOWN], d[o + CLOSE], q[o + SILENT] = up, down, before, 0
        if bar < hi:
            out[bar] = _push_strength(d, q, o, n, x[bar])
            bar += 1
