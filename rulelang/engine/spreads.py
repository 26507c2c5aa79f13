# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Spreads of a window in a flat arena: stdev, zscore, volatility, correlation, beta, without drift or cancellation.

Blocks as in `sums`. What is summed are distances from an *anchor*, one of the window's own values: the last known one
of the block before, and when that leaves, one of the present block. So a flat window has nothing but zeros in its
sums. In any other at most k - 1 of k distances are not zero, and by Cauchy and Schwarz the square of their sum over k
is at most (k - 1) / k of the sum of squares: the difference, k times the variance, never cancels to nothing.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from math import fabs, log, sqrt

    from rulelang.engine.arena import (
        KNOWN,
        MISSING,
        PRODUCT_LARGEST,
        SLOT,
        SMALLEST,
        at,
        bound,
        extreme,
        finite,
        has_value,
        span,
        turn,
        two_sum,
        window_is_sound,
    )  # fmt: skip
    from rulelang.engine.sums import scale_of
    from rulelang.engine.vectors import add_distances, run_of_plain

    STDEV, ZSCORE, VOLATILITY, CORRELATION, BETA = range(5)
    ODD, ANCHORED, ANCHOR, ANCHOR_Y, BEFORE, FIRST, SQUARE = 3, 4, 5, 6, 7, 8, 10
    BODY = 12
    Y, XX, YY, XY, PAIR_BODY = 1, 2, 3, 4, 18

from rulelang.engine.arena import Doubles, Wholes

NAMES = ("stdev", "zscore", "volatility", "correlation", "beta")
# A state goes on with: how many values have squares that could lose bits; the anchor's slot + 1 (n + 1 in the present
# block, 0 nowhere), the anchor; the close before; the present block's sums of distances and of their squares, each
# with what its roundings lost; the arrays. The sums over pairs begin with that of x, then come those of `Y` to `XY`.


def words(op: int, n: int) -> int:
    """Return the size of a state."""
    return PAIR_BODY + 7 * n if op >= CORRELATION else BODY + 3 * n


def sound(op: int, d: Doubles, q: Wholes, o: int, n: int) -> bool:
    """Say whether a state could have come from pushes, as far as they rely on it."""
    if not (0 <= q[at(o + ODD)] <= n and 0 <= q[at(o + ANCHORED)] <= n + 1):
        return False
    return window_is_sound(d, q, o, n, o + (PAIR_BODY if op >= CORRELATION else BODY))


def bounded(length: int) -> None:
    """Set the arena's length for a checked build."""
    bound(length)


def push(op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, x0: float, x1: float) -> float:
    """Take one observation and return the function's value; a volatility is multiplied by `f`."""
    if op >= CORRELATION:
        return _push_pair(op, d, q, o, n, x0, x1)
    if op == VOLATILITY:
        before = d[o + BEFORE]
        d[o + BEFORE] = x0
        x0 = _return(before, x0)
    return _push_spread(op, d, q, o, n, f, x0)


def _return(before: float, now: float) -> float:
    """Return a log return, missing where a close is; words of zero stand for no close before."""
    if not (before > 0 and now > 0):
        return MISSING
    ratio = now / before
    return log(ratio) if ratio > 0 and ratio - ratio == 0 else log(now) - log(before)


# One series ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _push_spread(op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, x: float) -> float:
    raw = o + BODY
    q[o + ODD] += extreme(x) - extreme(d[at(raw + q[o + SLOT])])
    slot = turn(d, q, o, n, raw, x)
    if slot == n - 1:
        _lay(d, q, o, n)
    elif q[o + ANCHORED] == slot + 1:
        _anchor_anew(d, q, o, n, slot)
    elif x == x:
        if q[o + ANCHORED] == 0:
            d[o + ANCHOR], q[o + ANCHORED] = x, n + 1
        _add(d, o, x)
    if not has_value(q, o, n) or (op == ZSCORE and x != x):
        return MISSING
    if q[o + ODD] > 0:
        return _careful(op, d, q, o, n, f)
    rest = at(raw + n + q[o + SLOT])
    first = d[rest] + (d[o + FIRST] + d[o + FIRST + 1])
    square = d[at(rest + n)] + (d[o + SQUARE] + d[o + SQUARE + 1])
    return _result(op, x - d[o + ANCHOR], first, square, q[o + KNOWN], n, f)


def _result(op: int, now: float, first: float, square: float, known: float, n: int, f: float) -> float:
    """Return the function of the sums of distances; `now` is the present one."""
    spread = _spread(first, square, known)
    if op == STDEV:
        return spread
    if op == VOLATILITY:
        return spread * f
    if spread == 0:
        return MISSING
    limit = sqrt(n - 1.0)
    return min(max((now - first / known) / spread, -limit), limit)


def _spread(first: float, square: float, known: float) -> float:
    """Return the standard deviation from the sums of distances and of their squares."""
    part = 1.0 / known
    return sqrt((square - first * (first * part)) * part)


def _add(d: Doubles, o: int, x: float) -> None:
    distance = x - d[o + ANCHOR]
    _add_one(d, o + FIRST, distance)
    _add_one(d, o + SQUARE, distance * distance)


def _add_one(d: Doubles, to: int, x: float) -> None:
    total, lost = two_sum(d[to], x)
    d[to] = total
    d[to + 1] += lost


def _clear(d: Doubles, o: int, kinds: int) -> None:
    """Begin the present block's sums of so many kinds."""
    for kind in range(2 * kinds):
        d[o + FIRST + kind] = 0.0


def _newest(d: Doubles, raw: int, slot: int) -> int:
    """Return the last slot, up to one, with a known value; -1 where there is none."""
    while slot >= 0 and d[at(raw + slot)] != d[at(raw + slot)]:
        slot -= 1
    return slot


def _lay(d: Doubles, q: Wholes, o: int, n: int) -> None:
    """Begin a new block: anchor, and the sums of the complete one from each slot to its end."""
    raw = o + BODY
    newest = _newest(d, raw, n - 1)
    anchor = d[at(raw + newest)] if newest >= 0 else 0.0
    d[o + ANCHOR], q[o + ANCHORED] = anchor, newest + 1
    _clear(d, o, 2)
    if q[o + KNOWN] == n:
        last = span(raw, 3 * n) + n - 1
        add_distances(d, o + FIRST, anchor, d, last, n, -1, d, last + n, d, last + 2 * n)
    else:
        for back in range(n):
            here = raw + n - 1 - back
            if d[at(here)] == d[at(here)]:
                _add(d, o, d[at(here)])
            d[at(here + n)] = d[o + FIRST] + d[o + FIRST + 1]
            d[at(here + 2 * n)] = d[o + SQUARE] + d[o + SQUARE + 1]
    _clear(d, o, 2)


def _anchor_anew(d: Doubles, q: Wholes, o: int, n: int, slot: int) -> None:
    """Take an anchor from the present block: the old one has left, and the rest of its block holds nothing known."""
    raw = o + BODY
    newest = _newest(d, raw, slot)
    _clear(d, o, 2)
    d[o + ANCHOR] = d[at(raw + newest)] if newest >= 0 else 0.0
    q[o + ANCHORED] = n + 1 if newest >= 0 else 0
    for k in range(newest + 1):
        if d[at(raw + k)] == d[at(raw + k)]:
            _add(d, o, d[at(raw + k)])


def _largest(d: Doubles, raw: int, n: int) -> float:
    largest = 0.0
    for slot in range(n):
        if fabs(d[at(raw + slot)]) > largest:
            largest = fabs(d[at(raw + slot)])
    return largest


def _careful(op: int, d: Doubles, q: Wholes, o: int, n: int, f: float) -> float:
    """Return the function of values of any size, from the window itself."""
    raw = o + BODY
    by = scale_of(_largest(d, raw, n))
    now = at(raw + (n - 1 + q[o + SLOT]) % n)
    anchor = d[at(raw + _newest(d, raw, n - 1))] * by
    first = lost = square = square_lost = 0.0
    for slot in range(n):
        x = d[at(raw + slot)]
        if x == x:
            distance = x * by - anchor
            first, more = two_sum(first, distance)
            lost += more
            square, more = two_sum(square, distance * distance)
            square_lost += more
    found = _result(op, d[now] * by - anchor, first + lost, square + square_lost, q[o + KNOWN], n, f)
    return found if op == ZSCORE else finite(found / by)


# Two series ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _push_pair(op: int, d: Doubles, q: Wholes, o: int, n: int, x: float, y: float) -> float:
    raw = o + PAIR_BODY
    here = at(raw + q[o + SLOT])
    if not (x == x and y == y):
        x = y = MISSING
    q[o + ODD] += _is_odd(x, y) - _is_odd(d[here], d[at(here + n)])
    slot = turn(d, q, o, n, raw, x)
    d[at(here + n)] = y
    if slot == n - 1:
        _lay_pairs(d, q, o, n)
    elif q[o + ANCHORED] == slot + 1:
        _anchor_pairs_anew(d, q, o, n, slot)
    elif x == x:
        if q[o + ANCHORED] == 0:
            d[o + ANCHOR], d[o + ANCHOR_Y], q[o + ANCHORED] = x, y, n + 1
        _add_pair(d, o, x - d[o + ANCHOR], y - d[o + ANCHOR_Y])
    if not has_value(q, o, n):
        return MISSING
    if q[o + ODD] > 0:
        return _careful_pair(op, d, q, o, n)
    rest = raw + 2 * n
    sum_x, sum_y = _sum(d, o, rest, 0, n, q[o + SLOT]), _sum(d, o, rest, Y, n, q[o + SLOT])
    xx, yy = _sum(d, o, rest, XX, n, q[o + SLOT]), _sum(d, o, rest, YY, n, q[o + SLOT])
    return _together(op, sum_x, sum_y, xx, yy, _sum(d, o, rest, XY, n, q[o + SLOT]), q[o + KNOWN])


def _is_odd(x: float, y: float) -> bool:
    return extreme(x) or extreme(y)


def _sum(d: Doubles, o: int, suffix: int, kind: int, n: int, slot: int) -> float:
    """Return one of the window's five sums."""
    prefix = o + FIRST + 2 * kind
    return d[at(suffix + kind * n + slot)] + (d[prefix] + d[prefix + 1])


def _together(op: int, x: float, y: float, xx: float, yy: float, xy: float, known: float) -> float:
    """Return correlation or beta from the sums; missing where one they divide by is flat."""
    both = xy - x * (y / known)
    spread_of_y = yy - y * (y / known)
    if op == BETA:
        return both / spread_of_y if spread_of_y > 0 else MISSING
    spread = sqrt(xx - x * (x / known)) * sqrt(spread_of_y)
    return min(max(both / spread, -1.0), 1.0) if spread > 0 else MISSING


def _add_pair(d: Doubles, o: int, x: float, y: float) -> None:
    _add_one(d, o + FIRST, x)
    _add_one(d, o + FIRST + 2 * Y, y)
    _add_one(d, o + FIRST + 2 * XX, x * x)
    _add_one(d, o + FIRST + 2 * YY, y * y)
    _add_one(d, o + FIRST + 2 * XY, x * y)


def _lay_pairs(d: Doubles, q: Wholes, o: int, n: int) -> None:
    """Begin a new block, as `_lay`, with the sums of the present block for scratch."""
    raw = o + PAIR_BODY
    newest = _newest(d, raw, n - 1)
    x = d[at(raw + newest)] if newest >= 0 else 0.0
    y = d[at(raw + n + newest)] if newest >= 0 else 0.0
    d[o + ANCHOR], d[o + ANCHOR_Y], q[o + ANCHORED] = x, y, newest + 1
    _clear(d, o, 5)
    for back in range(n):
        here = raw + n - 1 - back
        if d[at(here)] == d[at(here)]:
            _add_pair(d, o, d[at(here)] - x, d[at(here + n)] - y)
        for kind in range(5):
            d[at(here + (2 + kind) * n)] = d[o + FIRST + 2 * kind] + d[o + FIRST + 2 * kind + 1]
    _clear(d, o, 5)


def _anchor_pairs_anew(d: Doubles, q: Wholes, o: int, n: int, slot: int) -> None:
    """Take an anchor from the present block, as `_anchor_anew`."""
    raw = o + PAIR_BODY
    newest = _newest(d, raw, slot)
    _clear(d, o, 5)
    d[o + ANCHOR] = d[at(raw + newest)] if newest >= 0 else 0.0
    d[o + ANCHOR_Y] = d[at(raw + n + newest)] if newest >= 0 else 0.0
    q[o + ANCHORED] = n + 1 if newest >= 0 else 0
    for k in range(newest + 1):
        if d[at(raw + k)] == d[at(raw + k)]:
            _add_pair(d, o, d[at(raw + k)] - d[o + ANCHOR], d[at(raw + n + k)] - d[o + ANCHOR_Y])


def _careful_pair(op: int, d: Doubles, q: Wholes, o: int, n: int) -> float:
    """Return the function of pairs of any size, from the window itself."""
    raw = o + PAIR_BODY
    by_x, by_y = scale_of(_largest(d, raw, n)), scale_of(_largest(d, raw + n, n))
    newest = _newest(d, raw, n - 1)
    anchor_x, anchor_y = d[at(raw + newest)] * by_x, d[at(raw + n + newest)] * by_y
    sum_x = sum_y = xx = yy = xy = x_lost = y_lost = xx_lost = yy_lost = xy_lost = 0.0
    for slot in range(n):
        if d[at(raw + slot)] == d[at(raw + slot)]:
            x, y = d[at(raw + slot)] * by_x - anchor_x, d[at(raw + n + slot)] * by_y - anchor_y
            sum_x, more = two_sum(sum_x, x)
            x_lost += more
            sum_y, more = two_sum(sum_y, y)
            y_lost += more
            xx, more = two_sum(xx, x * x)
            xx_lost += more
            yy, more = two_sum(yy, y * y)
            yy_lost += more
            xy, more = two_sum(xy, x * y)
            xy_lost += more
    found = _together(op, sum_x + x_lost, sum_y + y_lost, xx + xx_lost, yy + yy_lost, xy + xy_lost, q[o + KNOWN])
    return found if op == CORRELATION or by_x == by_y else finite(found * by_y / by_x)


# Blocks of bars ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run(
    op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, in0: Doubles, in1: Doubles, out: Doubles, lo: int, hi: int
) -> None:
    """Push the bars lo to hi - 1 of the columns and write what comes out."""
    if op >= CORRELATION:
        for bar in range(lo, hi):
            out[bar] = _push_pair(op, d, q, o, n, in0[bar], in1[bar])
        return
    bar = lo
    while bar < hi:
        whole = op < VOLATILITY and q[o + KNOWN] == n and q[o + ODD] == 0
        plain = bar + (run_of_plain(in0, bar, hi - bar, SMALLEST, PRODUCT_LARGEST) if whole else 0)
        while bar < plain:
            m = min(plain - bar, n - 1 - q[o + SLOT])
            if m > 0:
                _run_spreads(op, d, q, o, n, f, in0, out, bar, m)
                bar += m
            if bar < plain:
                out[bar] = _push_spread(op, d, q, o, n, f, in0[bar])
                bar += 1
        if bar < hi:
            out[bar] = push(op, d, q, o, n, f, in0[bar], 0.0)
            bar += 1


def _run_spreads(
    op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, x: Doubles, out: Doubles, lo: int, m: int
) -> None:
    """Push known values that stay in their block, in a window without gaps.

    First come the block's sums, those of distances in the place of the values, then all that can be done side by side.
    """
    raw = span(o + BODY + q[o + SLOT], m)
    suffix = raw + n + 1
    anchor, k = d[o + ANCHOR], float(n)
    add_distances(d, o + FIRST, anchor, x, lo, m, 1, d, raw, out, lo)
    if op == STDEV:
        for bar in range(m):
            both, squares = d[at(suffix + bar)] + d[at(raw + bar)], d[at(suffix + n + bar)] + out[lo + bar]
            out[lo + bar] = _spread(both, squares, k)
    else:
        for bar in range(m):
            both, squares = d[at(suffix + bar)] + d[at(raw + bar)], d[at(suffix + n + bar)] + out[lo + bar]
            out[lo + bar] = _result(op, x[lo + bar] - anchor, both, squares, k, n, f)
    for bar in range(m):
        d[at(raw + bar)] = x[lo + bar]
    q[o + SLOT] += m
