# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The operations with a memory that take an observation with every bar: crossings, moves, `for`, window functions.

What each remembers lies in the arena from its `state` on. A short `for n of n periods` is a word with a bit for each of
the last periods in which the condition was false, one `HIGH` above for each in which it was unknown, and a word with
the bits that count. A long one has two counts: how long ago the condition was last false, and how long ago unknown; n
where that is further back.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.columns import moved_by
    from rulelang.engine.functions import push, run
    from rulelang.engine.ops import *

    whole = int

    def one():
        return 1


def start(m, i, state):
    """Put the memory of an instruction into its first state, where that isn't zero: unknown in every period."""
    if m.code[i + I_INNER] == HELD:
        n = m.code[i + I_N]
        if m.code[i + I_COUNT] == n and n <= SHORT:
            bits = (one() << n) - 1
            m.q[state], m.q[state + 1] = bits << HIGH, bits << HIGH | bits
        elif m.code[i + I_COUNT] == n:
            m.q[state], m.q[state + 1] = n, 0
        else:
            for word in range(4):
                m.q[state + word] = 0


def observe(m, i, state, x0, x1, x2, x3):
    """Take an observation into a memory at `state` and return the value with it; truths are 0, 1 or 2."""
    op = m.code[i + I_INNER]
    if op == FUNCTION:
        f = m.numbers[m.code[i + I_F]]
        g = m.numbers[m.code[i + I_F] + 1]
        return push(m.code[i + I_X], m.d, m.q, state, m.code[i + I_N], f, g, x0, x1, x2, x3)
    if op == CROSS:
        return _cross(m, i, state, x0, x1)
    if op == PAST:
        return _past(m, i, state, x0, x1)
    return _hold(m, i, state, whole(x0))


# Crossings and moves ──────────────────────────────────────────────────────────────────────────────────────────────────


def _cross(m, i, state, left, right):
    if left != left or right != right:
        return 1
    if left == right:
        return 0
    side = 2 if left > right else 1
    before = m.q[state]
    m.q[state] = side
    return 2 if before != 0 and before != side and side == m.code[i + I_N] else 0


def crossings(m, first, last, lo, hi):
    code, s, v, t = m.code, m.stride, m.v, m.t
    for row in range(first, last):
        i = row * WIDTH
        o, xo, yo, state = code[i + I_OUT] * s, code[i + I_A] * s, code[i + I_B] * s, code[i + I_STATE]
        for j in range(lo, hi):
            t[o + j] = _cross(m, i, state, v[xo + j], v[yo + j])


def _past(m, i, state, value, amount):
    n = m.code[i + I_N]
    d, q = m.d, m.q
    seen, at = q[state], q[state + 1]
    base = d[state + 2 + at] if seen == n else m.nan
    d[state + 2 + at] = value
    q[state + 1] = at + 1 if at + 1 < n else 0
    if seen < n:
        q[state] = seen + 1
    return moved_by(m.code[i + I_X], value, amount, base)


def moves(m, first, last, lo, hi):
    code, s, v, t = m.code, m.stride, m.v, m.t
    for row in range(first, last):
        i = row * WIDTH
        o, xo, yo, state = code[i + I_OUT] * s, code[i + I_A] * s, code[i + I_B] * s, code[i + I_STATE]
        for j in range(lo, hi):
            t[o + j] = _past(m, i, state, v[xo + j], v[yo + j])


# `for` ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _hold(m, i, state, truth):
    n, count = m.code[i + I_N], m.code[i + I_COUNT]
    if count == n:
        return _hold_all(m.q, state, n, truth)
    return _hold_some(m, state, n, count, truth)


def _hold_all(q, state, n, truth):
    return _hold_short(q, state, truth) if n <= SHORT else _hold_long(q, state, n, truth)


def _hold_short(q, state, truth):
    """Let a period pass, without a branch to guess: what it brings is not foreseeable."""
    bits = (q[state] + q[state]) & q[state + 1]
    bits |= (truth == 0) + ((truth & one()) << HIGH)
    q[state] = bits
    return (bits & LOW == 0) + (bits == 0)


def _hold_long(q, state, n, truth):
    false, unknown = q[state], q[state + 1]
    false = 0 if truth == 0 else false + 1 if false < n else n
    unknown = 0 if truth == 1 else unknown + 1 if unknown < n else n
    q[state], q[state + 1] = false, unknown
    return 0 if false < n else 1 if unknown < n else 2


def _hold_some(m, state, n, count, truth):
    q, b = m.q, m.b
    seen, at = q[state], q[state + 1]
    ring = 8 * (state + 4) + at
    if seen == n:
        gone = b[ring]
        if gone == 2:
            q[state + 2] -= 1
        elif gone == 0:
            q[state + 3] -= 1
    else:
        q[state] = seen + 1
    b[ring] = truth
    q[state + 1] = at + 1 if at + 1 < n else 0
    if truth == 2:
        q[state + 2] += 1
    elif truth == 0:
        q[state + 3] += 1
    if q[state + 2] >= count:
        return 2
    return 0 if n - q[state + 3] < count else 1


def restart(m, i):
    """Forget what has been observed of a condition that has to hold."""
    start(m, i, m.code[i + I_STATE] + m.code[i + I_Z])


def holds(m, first, last, lo, hi):
    hot, t, q = m.hot, m.t, m.q
    for row in range(first, last):
        i = row * HOT
        n, state, o, po = hot[i + H_N], hot[i + H_STATE], hot[i + H_OUT], hot[i + H_A]
        if hot[i + H_COUNT] != n:
            for j in range(lo, hi):
                t[o + j] = _hold_some(m, state, n, hot[i + H_COUNT], t[po + j])
        elif hi - lo == 1:
            t[o + lo] = _hold_all(q, state, n, t[po + lo])
        elif n <= SHORTER and hi - lo >= n:
            _side_by_side(m, i, lo, hi)
        else:
            for j in range(lo, hi):
                t[o + j] = _hold_all(m.q, state, n, t[po + j])


def _side_by_side(m, i, lo, hi):
    """Do a short `for` over a block: the least of the last n truths, bars side by side."""
    hot, t = m.hot, m.t
    n, state, o, po = hot[i + H_N], hot[i + H_STATE], hot[i + H_OUT], hot[i + H_A]
    head = lo + n - 1
    for j in range(lo, head):
        t[o + j] = _hold_all(m.q, state, n, t[po + j])
    for j in range(head, hi):
        p, r = t[po + j], t[po + j - 1] if n > 1 else t[po + j]
        t[o + j] = p if p < r else r
    for back in range(2, n):
        for j in range(head, hi):
            p, r = t[o + j], t[po + j - back]
            t[o + j] = p if p < r else r
    for j in range(hi - n, hi):
        _hold_short(m.q, state, t[po + j])


# Window functions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def functions(m, first, last, lo, hi):
    code, hot, s, v = m.code, m.hot, m.stride, m.v
    for row in range(first, last):
        h, i = row * HOT, row * WIDTH
        n, state, op, f = hot[h + H_N], hot[h + H_STATE], code[i + I_X], code[i + I_F]
        ao, bo, co, do, o = hot[h + H_A], hot[h + H_B], code[i + I_C] * s, hot[h + H_D], hot[h + H_OUT]
        p, r = m.numbers[f], m.numbers[f + 1]
        if cython.compiled:
            run(op, m.d, m.q, state, n, p, r, v + ao, v + bo, v + co, v + do, v + o, lo, hi)
        else:
            a, b, c, d, out = v[ao : ao + s], v[bo : bo + s], v[co : co + s], v[do : do + s], v[o : o + s]
            run(op, m.d, m.q, state, n, p, r, a, b, c, d, out, lo, hi)


def memories(op, m, first, last, lo, hi):
    """Do instructions with a memory."""
    if op == FUNCTION:
        functions(m, first, last, lo, hi)
    elif op == HELD:
        holds(m, first, last, lo, hi)
    elif op == CROSS:
        crossings(m, first, last, lo, hi)
    elif op == PAST:
        moves(m, first, last, lo, hi)
