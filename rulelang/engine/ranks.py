# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Median, percentile and rank of a window in a flat arena, exactly.

A rank in a short window counts the window itself. Otherwise the known values are held in order: in a sorted array, in
which a value is exchanged by moving those between the old place and the new one; in long windows in a search tree.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.arena import KNOWN, MISSING, SLOT, at, bound, has_value, turn, window_is_sound
    from rulelang.engine.trees import below, insert, is_whole, not_above, remove, select
    from rulelang.engine.vectors import count_below, count_twice, median_each, move, rank_each, replace, run_of_known

    MEDIAN, PERCENTILE, RANK = range(3)
    BODY, BLOCK, COUNTED, SCANNED, SORTED = 3, 256, 64, 256, 4096

from rulelang.engine.arena import Doubles, Wholes

NAMES = ("median", "percentile", "rank")
# Up to `COUNTED` values the sorted array is gone through whole, up to `SCANNED` a rank is counted in the window itself,
# up to `SORTED` there is a sorted array at all.


def words(op: int, n: int) -> int:
    """Return the size of a state."""
    if op == RANK and n <= SCANNED:
        return BODY + n
    return BODY + 2 * n + (n > SORTED)


def sound(op: int, d: Doubles, q: Wholes, o: int, n: int) -> bool:
    """Say whether a state could have come from pushes, as far as they rely on it."""
    if not window_is_sound(d, q, o, n, o + BODY):
        return False
    if n > SORTED:
        return is_whole(d, q, o + BODY, o + BODY + n, n, q[o + KNOWN])
    return (op == RANK and n <= SCANNED) or _ascends(d, o + BODY + n, q[o + KNOWN])


def _ascends(d: Doubles, first: int, known: int) -> bool:
    """Say whether so many words are values in order."""
    ascending = 0
    for here in range(first, first + known):
        ascending += 1 if d[at(max(here - 1, first))] <= d[at(here)] else 0
    return ascending == known


def bounded(length: int) -> None:
    """Set the arena's length for a checked build."""
    bound(length)


def push(op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, x: float) -> float:
    """Take one observation and return the function's value; a percentile is that of `f` percent."""
    raw, order = o + BODY, o + BODY + n
    slot, before = q[o + SLOT], q[o + KNOWN]
    x += 0.0  # no negative zero
    if op == RANK and n <= SCANNED:
        turn(d, q, o, n, raw, x)
    elif n <= SORTED:
        gone = d[at(raw + slot)]
        turn(d, q, o, n, raw, x)
        _change(d, order, before, before + (1 if x == x else 0) - q[o + KNOWN], gone, x)
    else:
        if q[at(order + slot + 1)]:
            remove(d, q, raw, order, slot + 1)
        turn(d, q, o, n, raw, x)
        if x == x:
            insert(d, q, raw, order, slot + 1)
    return _result(op, d, q, o, n, f, x) if has_value(q, o, n) else MISSING


# Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _result(op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, x: float) -> float:
    if op == RANK:
        return _rank(d, q, o, n, x)
    if op == PERCENTILE:
        return _percentile(d, q, o, n, f / 100)
    known = q[o + KNOWN]
    return _median(_place(d, q, o, n, (known - 1) // 2), _place(d, q, o, n, known // 2))


def _place(d: Doubles, q: Wholes, o: int, n: int, index: int) -> float:
    """Return the value at a place of the order."""
    order = o + BODY + n
    return d[at(order + index)] if n <= SORTED else select(d, q, o + BODY, order, index)


def _median(low: float, high: float) -> float:
    middle = (low + high) / 2
    return middle if middle - middle == 0 else low / 2 + high / 2


def _percentile(d: Doubles, q: Wholes, o: int, n: int, part: float) -> float:
    last = q[o + KNOWN] - 1
    place = last * part
    index = int(place)
    low = _place(d, q, o, n, index)
    return _between(low, _place(d, q, o, n, min(index + 1, last)), place - index)


def _between(low: float, high: float, part: float) -> float:
    """Return the value a part of the way from low to high, by the order of operations of NumPy's."""
    width = high - low
    if width - width != 0:
        return low * (1 - part) + high * part
    return high - width * (1 - part) if part >= 0.5 else low + width * part


def _rank(d: Doubles, q: Wholes, o: int, n: int, x: float) -> float:
    known = q[o + KNOWN]
    raw, order = o + BODY, o + BODY + n
    if x != x or known < 2:
        return MISSING
    if n <= SCANNED:
        counted = count_twice(d, raw, n, x)
    elif n <= SORTED:
        counted = _bisected(d, order, known, x) + _bisected_after(d, order, known, x)
    else:
        counted = below(d, q, raw, order, x) + not_above(d, q, raw, order, x)
    return (counted - 1.0) / (2.0 * (known - 1))


# The sorted array ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _bisected(d: Doubles, first: int, known: int, x: float) -> int:
    """Return how many of the sorted values are below one."""
    if known <= COUNTED:
        return count_below(d, first, known, x)
    low = first
    while known > 0:
        half = (known + 1) // 2
        low += half if d[at(low + half - 1)] < x else 0
        known -= half
    return low - first


def _bisected_after(d: Doubles, first: int, known: int, x: float) -> int:
    """Return how many of the sorted values are not above one."""
    low = first
    while known > 0:
        half = (known + 1) // 2
        low += half if d[at(low + half - 1)] <= x else 0
        known -= half
    return low - first


def _exchange(d: Doubles, first: int, known: int, gone: float, x: float) -> None:
    """Put a value into the sorted array in the place of one that goes."""
    if known <= COUNTED:
        replace(d, first, known, gone, x)
        return
    old, new = min(_bisected(d, first, known, gone), known - 1), _bisected(d, first, known, x)
    if new > old:
        new -= 1
        move(d, first + old, first + old + 1, new - old)
    else:
        move(d, first + new + 1, first + new, old - new)
    d[at(first + new)] = x


def _change(d: Doubles, first: int, known: int, leaves: int, gone: float, x: float) -> None:
    """Bring the sorted array of so many values up to date: one leaves, or enters, or both, or neither."""
    if leaves and x == x:
        _exchange(d, first, known, gone, x)
    elif leaves:
        old = _bisected(d, first, known, gone)
        move(d, first + old, first + old + 1, known - 1 - old)
    elif x == x:
        new = _bisected(d, first, known, x)
        move(d, first + new + 1, first + new, known - new)
        d[at(first + new)] = x


# Blocks of bars ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run(op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, x: Doubles, out: Doubles, lo: int, hi: int) -> None:
    """Push the bars lo to hi - 1 of a column and write what comes out."""
    bar = lo
    while bar < hi:
        whole = q[o + KNOWN] == n and ((op == MEDIAN and n <= SORTED) or (op == RANK and 2 <= n <= SCANNED))
        m = run_of_known(x, bar, min(hi - bar, BLOCK)) if whole else 0
        if m > 0 and op == MEDIAN:
            _run_medians(d, q, o, n, x, out, bar, m)
        elif m > 0:
            _run_ranks(d, q, o, n, x, out, bar, m)
        else:
            m = 1
            out[bar] = push(op, d, q, o, n, f, x[bar])
        bar += m


def _run_medians(d: Doubles, q: Wholes, o: int, n: int, x: Doubles, out: Doubles, lo: int, m: int) -> None:
    """Push known values into a window without gaps."""
    raw, slot, order = o + BODY, q[o + SLOT], o + BODY + n
    if n <= COUNTED:
        median_each(d, order, raw, n, slot, x, lo, m, out)
        q[o + SLOT] = (slot + m) % n
        return
    low, high = at(order + (n - 1) // 2), at(order + n // 2)
    for bar in range(lo, lo + m):
        now, gone = x[bar] + 0.0, d[at(raw + slot)]
        _exchange(d, order, n, gone, now)
        d[at(raw + slot)] = now
        slot = slot + 1 if slot + 1 < n else 0
        out[bar] = _median(d[low], d[high])
    q[o + SLOT] = slot


def _run_ranks(d: Doubles, q: Wholes, o: int, n: int, x: Doubles, out: Doubles, lo: int, m: int) -> None:
    """Push known values, no more than a block, into a window without gaps."""
    rank_each(d, o + BODY, n, q[o + SLOT], x, lo, m, out)
    others = 2.0 * (n - 1)
    for bar in range(lo, lo + m):
        out[bar] /= others
    q[o + SLOT] = (q[o + SLOT] + m) % n
