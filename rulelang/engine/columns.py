# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The operations that work column by column: arithmetic, comparisons, logic, functions of present values.

Each takes the instructions first to last - 1, all of one kind, and does them for the bars lo to hi - 1 of the block.
What an operation makes of one bar stands once, by its number; the loops around take that number as a constant, so that
a compiler leaves the choice out of them. Missing is NaN; a truth is 0 (false), 1 (unknown) or 2 (true), so that `and`
is the lesser and `or` the greater one.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from math import ceil, copysign, exp, floor, log, sqrt

    from rulelang.engine.ops import *
    from rulelang.engine.sides import sides, sides_of_rows
    from rulelang.engine.store import doubles_on, octets_on

YEAR = 31_536_000.0
LARGEST_POWER = 709.782712893384
"""e to more than this is more than a double holds."""


def values(op, m, first, last, lo, hi):
    """Do instructions that make values."""
    if op == ADD:
        _of_two(ADD, m, first, last, lo, hi)
    elif op == SUBTRACT:
        _of_two(SUBTRACT, m, first, last, lo, hi)
    elif op == MULTIPLY:
        _of_two(MULTIPLY, m, first, last, lo, hi)
    elif op == DIVIDE:
        _of_two(DIVIDE, m, first, last, lo, hi)
    elif op == NEGATE:
        _of_one(NEGATE, m, first, last, lo, hi)
    elif op == SCALE:
        _of_one(SCALE, m, first, last, lo, hi)
    elif op == CONVERT:
        _of_one(CONVERT, m, first, last, lo, hi)
    elif op == ABS:
        _of_one(ABS, m, first, last, lo, hi)
    elif op == MIN:
        _of_two(MIN, m, first, last, lo, hi)
    elif op == MAX:
        _of_two(MAX, m, first, last, lo, hi)
    elif op == SQRT:
        _of_one(SQRT, m, first, last, lo, hi)
    elif op == LOG:
        _of_one(LOG, m, first, last, lo, hi)
    elif op == EXP:
        _of_one(EXP, m, first, last, lo, hi)
    elif op == ROUND:
        _of_one(ROUND, m, first, last, lo, hi)
    elif op == FLOOR:
        _of_one(FLOOR, m, first, last, lo, hi)
    elif op == CEIL:
        _of_one(CEIL, m, first, last, lo, hi)
    elif op == CLAMP:
        _clamped(m, first, last, lo, hi)
    elif op == CHOOSE:
        _chosen(m, first, last, lo, hi)
    elif op == BASIS:
        _of_two(BASIS, m, first, last, lo, hi)
    elif op == A_YEAR:
        _of_two(A_YEAR, m, first, last, lo, hi)


def truths(op, m, first, last, lo, hi):
    """Do instructions that make truths, and the one that makes numbers of them."""
    if op == ABOVE:
        _compared(ABOVE, m, first, last, lo, hi)
    elif op == AT_LEAST:
        _compared(AT_LEAST, m, first, last, lo, hi)
    elif op == BELOW:
        _compared(BELOW, m, first, last, lo, hi)
    elif op == AT_MOST:
        _compared(AT_MOST, m, first, last, lo, hi)
    elif op == AND:
        _joined(AND, m, first, last, lo, hi)
    elif op == OR:
        _joined(OR, m, first, last, lo, hi)
    elif op == NOT:
        _turned(NOT, m, first, last, lo, hi)
    elif op == KNOWN:
        _seen(KNOWN, m, first, last, lo, hi)
    elif op == MISSING:
        _seen(MISSING, m, first, last, lo, hi)
    elif op == SURE:
        _turned(SURE, m, first, last, lo, hi)
    elif op == UNSURE:
        _turned(UNSURE, m, first, last, lo, hi)
    elif op == EQUAL:
        _equal(m, first, last, lo, hi)
    elif op == MOVED:
        _moved(m, first, last, lo, hi)
    elif op == NUMBER:
        _numbered(m, first, last, lo, hi)


# What an operation makes of one bar ───────────────────────────────────────────────────────────────────────────────────


def _finite(value, nan):
    return value if value - value == 0.0 else nan


def _two(op, x, y, nan):
    if op == ADD:
        return _finite(x + y, nan)
    if op == SUBTRACT:
        return _finite(x - y, nan)
    if op == MULTIPLY:
        return _finite(x * y, nan)
    if op == DIVIDE:
        return _finite(x / y, nan) if y != 0.0 else nan
    if op == MIN:
        return nan if x != x or y != y else _finite((y if y < x else x) + 0.0, nan)
    if op == MAX:
        return nan if x != x or y != y else _finite((y if y > x else x) + 0.0, nan)
    if op == BASIS:
        return _finite(x / y - 1.0 + 0.0, nan) if y != 0.0 else nan
    return _finite(x * (YEAR / y) + 0.0, nan) if y > 0.0 else nan


def _one(op, x, times, by, nan):
    if op == NEGATE:
        return -x
    if op == SCALE:
        return _finite(x * times / by, nan)
    if op == CONVERT:
        return x * times if by == 1.0 else x / by
    if op == ABS:
        return (-x if x < 0.0 else x) + 0.0
    if op == SQRT:
        return sqrt(x) + 0.0 if x >= 0.0 else nan
    if op == LOG:
        return log(x) + 0.0 if x > 0.0 else nan
    if op == EXP:
        return _finite(exp(x), nan) if x <= LARGEST_POWER else nan
    if x != x:
        return nan
    if op == ROUND:
        return _rounded(x)
    return floor(x) + 0.0 if op == FLOOR else ceil(x) + 0.0


def _rounded(x):
    size = -x if x < 0.0 else x
    below = floor(size)
    return copysign(below + (1.0 if size - below >= 0.5 else 0.0), x) + 0.0


def _join(op, p, r):
    if op == AND:
        return p if p < r else r
    return p if p > r else r


def _turn(op, p):
    if op == NOT:
        return 2 - p
    return 2 * (p != 1) if op == SURE else 2 * (p == 1)


def moved_by(verb, value, amount, base):
    """Say whether a value has risen (0), fallen (1) or moved (2) by a ratio from a base, which must be positive."""
    if value != value or amount != amount or not base > 0.0:
        return 1
    change = value / base - 1.0
    if verb == 1 or (verb == 2 and change < 0.0):
        change = -change
    return 2 if change >= amount - 1e-9 else 0


# Loops around them; that of a single bar goes straight from instruction to instruction ────────────────────────────────


def _of_two(op, m, first, last, lo, hi):
    hot, v, nan = m.hot, m.v, m.nan
    for row in range(first, last):
        i = row * HOT
        o, xo, yo = hot[i + H_OUT], hot[i + H_A], hot[i + H_B]
        if hi - lo == 1:
            v[o + lo] = _two(op, v[xo + lo], v[yo + lo], nan)
        else:
            for j in range(lo, hi):
                v[o + j] = _two(op, v[xo + j], v[yo + j], nan)


def _of_one(op, m, first, last, lo, hi):
    hot, v, nan = m.hot, m.v, m.nan
    for row in range(first, last):
        i = row * HOT
        o, xo, f = hot[i + H_OUT], hot[i + H_A], m.code[row * WIDTH + I_F]
        times, by = m.numbers[f], m.numbers[f + 1]
        if hi - lo == 1:
            v[o + lo] = _one(op, v[xo + lo], times, by, nan)
        else:
            for j in range(lo, hi):
                v[o + j] = _one(op, v[xo + j], times, by, nan)


def _clamped(m, first, last, lo, hi):
    hot, v, nan = m.hot, m.v, m.nan
    for row in range(first, last):
        i = row * HOT
        o, xo, yo, zo = hot[i + H_OUT], hot[i + H_A], hot[i + H_B], m.code[row * WIDTH + I_C] * m.stride
        for j in range(lo, hi):
            x, y, z = v[xo + j], v[yo + j], v[zo + j]
            least = y if y > x else x
            v[o + j] = nan if x != x or y != y or z != z else _finite((z if z < least else least) + 0.0, nan)


def _chosen(m, first, last, lo, hi):
    hot, t, v, nan = m.hot, m.t, m.v, m.nan
    for row in range(first, last):
        i = row * HOT
        o, po, yo, zo = hot[i + H_OUT], hot[i + H_A], hot[i + H_B], m.code[row * WIDTH + I_C] * m.stride
        for j in range(lo, hi):
            p = t[po + j]
            v[o + j] = v[yo + j] if p == 2 else v[zo + j] if p == 0 else nan


def _numbered(m, first, last, lo, hi):
    hot, t, v, nan = m.hot, m.t, m.v, m.nan
    for row in range(first, last):
        o, po = hot[row * HOT + H_OUT], hot[row * HOT + H_A]
        for j in range(lo, hi):
            p = t[po + j]
            v[o + j] = 0.5 * p if p != 1 else nan


def _compared(op, m, first, last, lo, hi):
    hot, v, t = m.hot, m.v, m.t
    if hi - lo == 1:
        sides_of_rows(op, doubles_on(v, lo), hot, first, last, octets_on(t, lo))
    else:
        for row in range(first, last):
            i = row * HOT
            o, xo, yo, fixed = hot[i + H_OUT] + lo, hot[i + H_A] + lo, hot[i + H_B] + lo, hot[i + H_N]
            sides(op, v, xo, yo, fixed, t, o, hi - lo)


def _equal(m, first, last, lo, hi):
    hot, v, t = m.hot, m.v, m.t
    for row in range(first, last):
        i = row * HOT
        o, xo, yo = hot[i + H_OUT], hot[i + H_A], hot[i + H_B]
        for j in range(lo, hi):
            x, y = v[xo + j], v[yo + j]
            t[o + j] = 1 + (x == y) - (x < y or x > y)


def _moved(m, first, last, lo, hi):
    hot, v, t = m.hot, m.v, m.t
    for row in range(first, last):
        i = row * HOT
        o, xo, yo, zo = hot[i + H_OUT], hot[i + H_A], hot[i + H_B], m.code[row * WIDTH + I_C] * m.stride
        for j in range(lo, hi):
            t[o + j] = moved_by(hot[i + H_N], v[xo + j], v[yo + j], v[zo + j])


def _seen(op, m, first, last, lo, hi):
    hot, v, t = m.hot, m.v, m.t
    for row in range(first, last):
        o, xo = hot[row * HOT + H_OUT], hot[row * HOT + H_A]
        for j in range(lo, hi):
            x = v[xo + j]
            t[o + j] = 2 * (x == x) if op == KNOWN else 2 * (x != x)


def _joined(op, m, first, last, lo, hi):
    hot, t = m.hot, m.t
    if hi - lo == 1:
        t = octets_on(t, lo)
        for row in range(first, last):
            i = row * HOT
            t[hot[i + H_OUT]] = _join(op, t[hot[i + H_A]], t[hot[i + H_B]])
    else:
        for row in range(first, last):
            i = row * HOT
            o, po, ro = hot[i + H_OUT], hot[i + H_A], hot[i + H_B]
            for j in range(lo, hi):
                t[o + j] = _join(op, t[po + j], t[ro + j])


def _turned(op, m, first, last, lo, hi):
    hot, t = m.hot, m.t
    for row in range(first, last):
        o, po = hot[row * HOT + H_OUT], hot[row * HOT + H_A]
        if hi - lo == 1:
            t[o + lo] = _turn(op, t[po + lo])
        else:
            for j in range(lo, hi):
                t[o + j] = _turn(op, t[po + j])
