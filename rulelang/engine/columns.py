# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The operations that work column by column: arithmetic, comparisons, logic, functions of present values.

Each takes the instructions first to last - 1, all of one kind, and does them for the bars lo to hi - 1 of the block.
Missing is NaN; a truth is 0 (false), 1 (unknown) or 2 (true), so that `and` is the lesser and `or` the greater one."""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython  # type: ignore[no-redef]
if not cython.compiled:
    from math import copysign, exp, floor, ceil, log, sqrt

    from rulelang.engine.ops import *

    whole = int

YEAR = 31_536_000.0
SHORT = 8
"""Fewer bars than this are compared one by one; more go through a column of floats, which compilers do side by side."""
LARGEST_POWER = 709.782712893384
"""e to more than this is more than a double holds."""


def _finite(value, nan):
    return value if value - value == 0.0 else nan


def add(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            v[o + j] = _finite(x + y, nan)


def subtract(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            v[o + j] = _finite(x - y, nan)


def multiply(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            v[o + j] = _finite(x * y, nan)


def divide(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            v[o + j] = _finite(x / y, nan) if y != 0.0 else nan


def negate(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = -x


def scale(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        times, by = m.numbers[code[i + I_F]], m.numbers[code[i + I_F] + 1]
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = _finite(x * times / by, nan)


def convert(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        factor, by = m.numbers[code[i + I_F]], m.numbers[code[i + I_F] + 1]
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = x * factor if by == 1.0 else x / by


def absolute(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = (-x if x < 0.0 else x) + 0.0


def least(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            v[o + j] = nan if x != x or y != y else _finite((y if y < x else x) + 0.0, nan)


def most(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            v[o + j] = nan if x != x or y != y else _finite((y if y > x else x) + 0.0, nan)


def root(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = sqrt(x) + 0.0 if x >= 0.0 else nan


def logarithm(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = log(x) + 0.0 if x > 0.0 else nan


def power(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = _finite(exp(x), nan) if x <= LARGEST_POWER else nan


def rounded(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            size = -x if x < 0.0 else x
            whole = _floor(size, nan)
            v[o + j] = copysign(whole + (1.0 if size - whole >= 0.5 else 0.0), x) + 0.0


def floored(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = _floor(x, nan) + 0.0


def raised(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            v[o + j] = -_floor(-x, nan) + 0.0


def clamped(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        zo = code[i + I_C] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            z = v[zo + j]
            r = y if y > x else x
            v[o + j] = nan if x != x or y != y or z != z else _finite((z if z < r else r) + 0.0, nan)


def chosen(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        po = code[i + I_A] * s
        yo = code[i + I_B] * s
        zo = code[i + I_C] * s
        for j in range(lo, hi):
            p = t[po + j]
            y = v[yo + j]
            z = v[zo + j]
            v[o + j] = y if p == 2 else z if p == 0 else nan


def premium(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            v[o + j] = _finite(x / y - 1.0 + 0.0, nan) if y != 0.0 else nan


def a_year(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            v[o + j] = _finite(x * (YEAR / y) + 0.0, nan) if y > 0.0 else nan


def numbered(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        po = code[i + I_A] * s
        for j in range(lo, hi):
            p = t[po + j]
            v[o + j] = 0.5 * p if p != 1 else nan


def above(m, first, last, lo, hi):
    code, s, v, t, f = m.code, m.stride, m.v, m.t, m.f
    for row in range(first, last):
        i = row * WIDTH
        o, xo, yo = code[i + I_OUT] * s, code[i + I_A] * s, code[i + I_B] * s
        if hi - lo < SHORT:
            for j in range(lo, hi):
                t[o + j] = 1 + (v[xo + j] > v[yo + j]) - (v[xo + j] <= v[yo + j])
        elif code[i + I_N]:
            y = v[yo + lo]
            for j in range(lo, hi):
                x = v[xo + j]
                f[j] = (1.0 if x > y else 0.0) - (1.0 if x <= y else 0.0)
            _truths(m, o, lo, hi)
        else:
            for j in range(lo, hi):
                x, z = v[xo + j], v[yo + j]
                f[j] = (1.0 if x > z else 0.0) - (1.0 if x <= z else 0.0)
            _truths(m, o, lo, hi)

def at_least(m, first, last, lo, hi):
    code, s, v, t, f = m.code, m.stride, m.v, m.t, m.f
    for row in range(first, last):
        i = row * WIDTH
        o, xo, yo = code[i + I_OUT] * s, code[i + I_A] * s, code[i + I_B] * s
        if hi - lo < SHORT:
            for j in range(lo, hi):
                t[o + j] = 1 + (v[xo + j] >= v[yo + j]) - (v[xo + j] < v[yo + j])
        elif code[i + I_N]:
            y = v[yo + lo]
            for j in range(lo, hi):
                x = v[xo + j]
                f[j] = (1.0 if x >= y else 0.0) - (1.0 if x < y else 0.0)
            _truths(m, o, lo, hi)
        else:
            for j in range(lo, hi):
                x, z = v[xo + j], v[yo + j]
                f[j] = (1.0 if x >= z else 0.0) - (1.0 if x < z else 0.0)
            _truths(m, o, lo, hi)

def below(m, first, last, lo, hi):
    code, s, v, t, f = m.code, m.stride, m.v, m.t, m.f
    for row in range(first, last):
        i = row * WIDTH
        o, xo, yo = code[i + I_OUT] * s, code[i + I_A] * s, code[i + I_B] * s
        if hi - lo < SHORT:
            for j in range(lo, hi):
                t[o + j] = 1 + (v[xo + j] < v[yo + j]) - (v[xo + j] >= v[yo + j])
        elif code[i + I_N]:
            y = v[yo + lo]
            for j in range(lo, hi):
                x = v[xo + j]
                f[j] = (1.0 if x < y else 0.0) - (1.0 if x >= y else 0.0)
            _truths(m, o, lo, hi)
        else:
            for j in range(lo, hi):
                x, z = v[xo + j], v[yo + j]
                f[j] = (1.0 if x < z else 0.0) - (1.0 if x >= z else 0.0)
            _truths(m, o, lo, hi)

def at_most(m, first, last, lo, hi):
    code, s, v, t, f = m.code, m.stride, m.v, m.t, m.f
    for row in range(first, last):
        i = row * WIDTH
        o, xo, yo = code[i + I_OUT] * s, code[i + I_A] * s, code[i + I_B] * s
        if hi - lo < SHORT:
            for j in range(lo, hi):
                t[o + j] = 1 + (v[xo + j] <= v[yo + j]) - (v[xo + j] > v[yo + j])
        elif code[i + I_N]:
            y = v[yo + lo]
            for j in range(lo, hi):
                x = v[xo + j]
                f[j] = (1.0 if x <= y else 0.0) - (1.0 if x > y else 0.0)
            _truths(m, o, lo, hi)
        else:
            for j in range(lo, hi):
                x, z = v[xo + j], v[yo + j]
                f[j] = (1.0 if x <= z else 0.0) - (1.0 if x > z else 0.0)
            _truths(m, o, lo, hi)


def _truths(m, o, lo, hi):
    t, f = m.t, m.f
    for j in range(lo, hi):
        t[o + j] = 1 + whole(f[j])

def both(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        po = code[i + I_A] * s
        ro = code[i + I_B] * s
        for j in range(lo, hi):
            p = t[po + j]
            r = t[ro + j]
            t[o + j] = p if p < r else r


def either(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        po = code[i + I_A] * s
        ro = code[i + I_B] * s
        for j in range(lo, hi):
            p = t[po + j]
            r = t[ro + j]
            t[o + j] = p if p > r else r


def inverted(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        po = code[i + I_A] * s
        for j in range(lo, hi):
            p = t[po + j]
            t[o + j] = 2 - p


def known(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            t[o + j] = 2 * (x == x)


def missing(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        for j in range(lo, hi):
            x = v[xo + j]
            t[o + j] = 2 * (x != x)


def sure(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        po = code[i + I_A] * s
        for j in range(lo, hi):
            p = t[po + j]
            t[o + j] = 2 * (p != 1)


def unsure(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        po = code[i + I_A] * s
        for j in range(lo, hi):
            p = t[po + j]
            t[o + j] = 2 * (p == 1)


def equal(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            t[o + j] = 1 + (x == y) - (x < y or x > y)


def moved(m, first, last, lo, hi):
    code, s, nan = m.code, m.stride, m.nan
    t = m.t
    v = m.v
    for row in range(first, last):
        i = row * WIDTH
        o = code[i + I_OUT] * s
        xo = code[i + I_A] * s
        yo = code[i + I_B] * s
        zo = code[i + I_C] * s
        for j in range(lo, hi):
            x = v[xo + j]
            y = v[yo + j]
            z = v[zo + j]
            t[o + j] = moved_by(code[i + I_N], x, y, z)


def _floor(x, nan):
    return floor(x) if x == x else nan


def moved_by(verb, value, amount, base):
    """Say whether a value has risen (0), fallen (1) or moved (2) by a ratio from a base, which must be positive."""
    if value != value or amount != amount or not base > 0.0:
        return 1
    change = value / base - 1.0
    if verb == 1 or (verb == 2 and change < 0.0):
        change = -change
    return 2 if change >= amount - 1e-9 else 0


def truths(op, m, first, last, lo, hi):
    """Do instructions that make truths; say whether they were of that kind."""
    if op == ABOVE:
        above(m, first, last, lo, hi)
    elif op == AT_LEAST:
        at_least(m, first, last, lo, hi)
    elif op == BELOW:
        below(m, first, last, lo, hi)
    elif op == AT_MOST:
        at_most(m, first, last, lo, hi)
    elif op == AND:
        both(m, first, last, lo, hi)
    elif op == OR:
        either(m, first, last, lo, hi)
    elif op == NOT:
        inverted(m, first, last, lo, hi)
    elif op == KNOWN:
        known(m, first, last, lo, hi)
    elif op == MISSING:
        missing(m, first, last, lo, hi)
    elif op == SURE:
        sure(m, first, last, lo, hi)
    elif op == UNSURE:
        unsure(m, first, last, lo, hi)
    elif op == EQUAL:
        equal(m, first, last, lo, hi)
    elif op == MOVED:
        moved(m, first, last, lo, hi)
    else:
        return False
    return True


def values(op, m, first, last, lo, hi):
    """Do instructions that make values; say whether they were of that kind."""
    if op == ADD:
        add(m, first, last, lo, hi)
    elif op == SUBTRACT:
        subtract(m, first, last, lo, hi)
    elif op == MULTIPLY:
        multiply(m, first, last, lo, hi)
    elif op == DIVIDE:
        divide(m, first, last, lo, hi)
    elif op == NEGATE:
        negate(m, first, last, lo, hi)
    elif op == SCALE:
        scale(m, first, last, lo, hi)
    elif op == CONVERT:
        convert(m, first, last, lo, hi)
    elif op == ABS:
        absolute(m, first, last, lo, hi)
    elif op == MIN:
        least(m, first, last, lo, hi)
    elif op == MAX:
        most(m, first, last, lo, hi)
    elif op == SQRT:
        root(m, first, last, lo, hi)
    elif op == LOG:
        logarithm(m, first, last, lo, hi)
    elif op == EXP:
        power(m, first, last, lo, hi)
    elif op == ROUND:
        rounded(m, first, last, lo, hi)
    elif op == FLOOR:
        floored(m, first, last, lo, hi)
    elif op == CEIL:
        raised(m, first, last, lo, hi)
    elif op == CLAMP:
        clamped(m, first, last, lo, hi)
    elif op == CHOOSE:
        chosen(m, first, last, lo, hi)
    elif op == BASIS:
        premium(m, first, last, lo, hi)
    elif op == A_YEAR:
        a_year(m, first, last, lo, hi)
    elif op == NUMBER:
        numbered(m, first, last, lo, hi)
    else:
        return False
    return True
