# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What memories hold after a long gap, whatever it was before: the same at once as after walking all missing bars.

A window full of missing values is the same one however it was filled, but for the slot that comes next. So it is made
once, in a second arena, and copied. `gaps` tells of which programs all memories are such, and from which length on.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.functions import PROFILES, RECURSIONS, skip
    from rulelang.engine.ops import *


def imagine(m, d, q, first, last):
    """Put the windows of functions into another arena, full of missing values."""
    for row in range(first, last):
        i = row * WIDTH
        skip(m.code[i + I_X], d, q, m.code[i + I_STATE], m.code[i + I_N], 2 * m.code[i + I_N])


def forget(op, m, blank, first, last, count):
    """Let so many bars pass in which nothing is known."""
    if op == FUNCTION:
        _forget_values(m, blank, first, last, count)
    elif op == PAST:
        _forget_past(m, first, last, count)


def _forget_values(m, blank, first, last, count):
    code, q = m.code, m.q
    for row in range(first, last):
        i = row * WIDTH
        o, n, op = code[i + I_STATE], code[i + I_N], code[i + I_X]
        if RECURSIONS <= op < PROFILES:
            skip(op, m.d, q, o, n, count)
            continue
        slot = (q[o] + count) % n
        for word in range(o, o + code[i + I_SIZE]):
            q[word] = blank[word]
        q[o] = slot


def _forget_past(m, first, last, count):
    for row in range(first, last):
        i = row * WIDTH
        state, n = m.code[i + I_STATE], m.code[i + I_N]
        m.q[state], m.q[state + 1] = n, (m.q[state + 1] + count) % n
        for word in range(state + 2, state + 2 + n):
            m.d[word] = m.nan


def settle(m, first, last, count):
    """Let so many more bars pass in which conditions are what they are now, for each that has to hold."""
    code = m.code
    for row in range(first, last):
        i = row * WIDTH
        state, n, truth = code[i + I_STATE], code[i + I_N], m.t[code[i + I_A] * m.stride]
        if code[i + I_COUNT] != n:
            _settle_some(m, state, n, truth, count)
        elif n <= SHORT:
            m.q[state] = 0 if truth == 2 else m.q[state + 1] & LOW if truth == 0 else m.q[state + 1] & ~LOW
        else:
            m.q[state], m.q[state + 1] = 0 if truth == 0 else n, 0 if truth == 1 else n


def _settle_some(m, state, n, truth, count):
    q = m.q
    q[state], q[state + 1] = n, (q[state + 1] + count) % n
    q[state + 2], q[state + 3] = n if truth == 2 else 0, n if truth == 0 else 0
    for place in range(8 * (state + 4), 8 * (state + 4) + n):
        m.b[place] = truth
