# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Extremes, counts and the past in a flat arena: highest, lowest, drawdown, count, previous, change, difference.

Extremes are laid in blocks as sums are: the highest of a window is the higher of the rest of the block before, kept
for each slot, and the present block so far. The lowest is the highest, upside down. All are exact.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.arena import (
        KNOWN,
        MISSING,
        PASSED,
        SLOT,
        at,
        bound,
        finite,
        has_value,
        ring_is_sound,
        span,
        turn,
        window_is_sound,
    )  # fmt: skip
    from rulelang.engine.vectors import run_of_known

    PREVIOUS, DIFFERENCE, CHANGE, HIGHEST, LOWEST, DRAWDOWN, COUNT, SINCE = range(8)
    TRUE, BEST, BODY = 3, 3, 4
    NOTHING = float("-inf")
    MOST = 2**53

from rulelang.engine.arena import Doubles, Wholes

NAMES = ("previous", "difference", "change", "highest", "lowest", "drawdown", "count", "periods_since")
# A state goes on with how many held values are true, or the present block's extreme, and the arrays.


def words(op: int, n: int) -> int:
    """Return the size of a state."""
    if op == SINCE:
        return 1
    return BODY + (2 * n if HIGHEST <= op <= DRAWDOWN else n)


def sound(op: int, d: Doubles, q: Wholes, o: int, n: int) -> bool:
    """Say whether a state could have come from pushes, as far as they rely on it."""
    if op == SINCE:
        return 0 <= q[at(o)] <= MOST
    if op <= CHANGE:
        return ring_is_sound(q, o, n)
    return (op != COUNT or 0 <= q[at(o + TRUE)] <= n) and window_is_sound(d, q, o, n, o + BODY)


def bounded(length: int) -> None:
    """Set the arena's length for a checked build."""
    bound(length)


def push(op: int, d: Doubles, q: Wholes, o: int, n: int, x: float) -> float:
    """Take one observation and return the function's value."""
    if op <= CHANGE:
        return _push_past(op, d, q, o, n, x)
    if op <= DRAWDOWN:
        return _push_extreme(op, d, q, o, n, x)
    return _push_count(d, q, o, n, x) if op == COUNT else _push_since(q, o, x)


# The past ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _push_past(op: int, d: Doubles, q: Wholes, o: int, n: int, x: float) -> float:
    slot, passed = q[o + SLOT], q[o + PASSED]
    before = d[at(o + BODY + slot)] if passed == n else MISSING
    d[at(o + BODY + slot)] = x
    q[o + SLOT] = slot + 1 if slot + 1 < n else 0
    q[o + PASSED] = passed if passed == n else passed + 1
    return _compared(op, before, x)


def _compared(op: int, before: float, now: float) -> float:
    if op == PREVIOUS:
        return before
    if op == DIFFERENCE:
        return finite(now - before)
    return finite(now / before - 1) if before > 0 else MISSING


def _push_since(q: Wholes, o: int, x: float) -> float:
    """Count on from the last true observation; 0 stands for none so far, 1 for now."""
    if x == 1:
        q[o] = 1
    elif q[o] > 0:
        q[o] += 1
    return q[o] - 1.0 if q[o] > 0 else MISSING


def skip_since(q: Wholes, o: int, k: int) -> None:
    """Let k observations of `periods_since` be unknown."""
    if q[o] > 0:
        q[o] += k


# Counts and extremes ──────────────────────────────────────────────────────────────────────────────────────────────────


def _push_count(d: Doubles, q: Wholes, o: int, n: int, x: float) -> float:
    q[o + TRUE] += (x == 1) - (d[at(o + BODY + q[o + SLOT])] == 1)
    turn(d, q, o, n, o + BODY, x)
    return q[o + TRUE] + 0.0 if has_value(q, o, n) else MISSING


def _push_extreme(op: int, d: Doubles, q: Wholes, o: int, n: int, x: float) -> float:
    sign = -1.0 if op == LOWEST else 1.0
    slot = turn(d, q, o, n, o + BODY, x)
    best = NOTHING if slot == 0 else d[o + BEST]
    d[o + BEST] = x * sign if x * sign > best else best
    if slot == n - 1:
        _lay(d, o, n, sign)
    if not has_value(q, o, n):
        return MISSING
    rest = d[at(o + BODY + n + q[o + SLOT])]
    return _result(op, max(rest, d[o + BEST]), x)


def _result(op: int, best: float, x: float) -> float:
    """Return the function of an extreme; zeros lose their sign."""
    if op == LOWEST:
        return 0.0 - best
    if op == HIGHEST:
        return best + 0.0
    return finite(1 - x / best) if best > 0 else MISSING


def _lay(d: Doubles, o: int, n: int, sign: float) -> None:
    """Begin a new block: take the extremes of the complete one from each slot to its end."""
    best = NOTHING
    for back in range(n):
        here = at(o + BODY + n - 1 - back)
        x = d[here] * sign
        best = x if x > best else best
        d[at(here + n)] = best
    d[o + BEST] = NOTHING


# Blocks of bars ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run(op: int, d: Doubles, q: Wholes, o: int, n: int, x: Doubles, out: Doubles, lo: int, hi: int) -> None:
    """Push the bars lo to hi - 1 of a column and write what comes out."""
    bar = lo
    while bar < hi:
        free = min(hi - bar, n - q[o + SLOT])
        if op <= CHANGE and q[o + PASSED] == n:
            _run_past(op, d, q, o, n, x, out, bar, bar + free)
            bar += free
            continue
        whole = HIGHEST <= op <= DRAWDOWN and q[o + KNOWN] == n and q[o + SLOT] > 0
        m = run_of_known(x, bar, min(free, n - 1 - q[o + SLOT])) if whole else 0
        if m > 0:
            _run_extremes(op, d, q, o, n, x, out, bar, m)
        else:
            m = 1
            out[bar] = push(op, d, q, o, n, x[bar])
        bar += m


def _run_past(op: int, d: Doubles, q: Wholes, o: int, n: int, x: Doubles, out: Doubles, lo: int, hi: int) -> None:
    """Push values that stay in their round of the slots, once n have passed."""
    here = span(o + BODY + q[o + SLOT], hi - lo) - lo
    for bar in range(lo, hi):
        before, now = d[at(here + bar)], x[bar]
        d[at(here + bar)] = now
        out[bar] = _compared(op, before, now)
    slot = q[o + SLOT] + hi - lo
    q[o + SLOT] = slot if slot < n else 0


def _run_extremes(op: int, d: Doubles, q: Wholes, o: int, n: int, x: Doubles, out: Doubles, lo: int, m: int) -> None:
    """Push known values that stay in their block, in a window without gaps."""
    slot = q[o + SLOT]
    raw = o + BODY + slot
    rest = raw + n + 1
    sign = -1.0 if op == LOWEST else 1.0
    best = d[o + BEST]
    for bar in range(m):
        now = x[lo + bar]
        d[at(raw + bar)] = now
        best = now * sign if now * sign > best else best
        out[lo + bar] = _result(op, max(d[at(rest + bar)], best), now)
    d[o + BEST] = best
    q[o + SLOT] = slot + m
