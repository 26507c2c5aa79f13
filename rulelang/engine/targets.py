# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Targets on the machine: levels in file order, floors and caps, bounds, then the brakes.

The state of a target: what is in force, when it changed and at which price, whether a level was ever known, where a
stepped move is heading; then, within a step, the level, its flags, its last word, and whether the next step can repeat.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython  # type: ignore[no-redef]
if not cython.compiled:
    from rulelang.engine.ops import *

MOST = 1.7976931348623157e308
BEFORE, DESIRED, AFTER, UNTIL, WORD, HELD_BY, FROZEN, OTHERWISE, CLOSE, CHANGED, DOINGS, WATCHED, VARYING, LISTS = range(14)
"""What an instruction for a target holds in `extra`: its registers, counts, then what it watches, then its doings."""
WIDE = 8
"""Words of a doing: the register of its rule, what it does, its values, whether of level, at once, rule, how many."""
FIXED, BLIND, AT_ONCE = 1, 2, 4


def targets(m, first, last, lo, hi):
    if not m.virtual:
        for row in range(first, last):
            _target(m, row * WIDTH, lo, hi)


def _target(m, i, lo, hi):
    at, state, s, t, v, d, q = m.code[i + I_X], m.code[i + I_STATE], m.stride, m.t, m.v, m.d, m.q
    changed = m.extra[at + CHANGED] * s
    if hi - lo > 1:
        _changes(m, i, lo, hi)
    for j in range(lo, hi):
        wait = d[state + 9]
        time = v[R_TIME * s + j]
        if j > lo and t[changed + j] == 0 and q[state + 8] and (wait != wait or time - d[state + 1] < wait):
            _repeat(m, at, j)
        else:
            _step(m, i, j)


def _changes(m, i, lo, hi):
    """Mark the bars at which something moves that the target depends on."""
    extra, s, t, v, at = m.extra, m.stride, m.t, m.v, m.code[i + I_X]
    o, watched, varying = extra[at + CHANGED] * s, extra[at + WATCHED], extra[at + VARYING]
    for j in range(lo, hi):
        t[o + j] = 0
    for one in range(watched):
        a = extra[at + LISTS + one] * s
        for j in range(lo + 1, hi):
            t[o + j] |= t[a + j] ^ t[a + j - 1]
    for one in range(watched, watched + varying):
        a = extra[at + LISTS + one] * s
        for j in range(lo + 1, hi):
            t[o + j] |= v[a + j] != v[a + j - 1]


def _repeat(m, at, j):
    """Say the same as at the bar before."""
    extra, s, v, t = m.extra, m.stride, m.v, m.t
    v[extra[at + BEFORE] * s + j] = v[extra[at + AFTER] * s + j - 1]
    for one in range(DESIRED, WORD + 1):
        o = extra[at + one] * s + j
        v[o] = v[o - 1]
    for one in range(HELD_BY, FROZEN + 1):
        o = extra[at + one] * s + j
        t[o] = t[o - 1]


def _step(m, i, j):
    """Decide what is in force after this step."""
    extra, s, v, d, q, at = m.extra, m.stride, m.v, m.d, m.q, m.code[i + I_X]
    state, time, tolerance = m.code[i + I_STATE], v[R_TIME * s + j], m.numbers[m.code[i + I_F] + 2]
    before = d[state]
    _level(m, i, j)
    flags = q[state + 6]
    desired = _bounded(m, i, _limited(m, i, d[state + 5], j))
    free = flags & AT_ONCE or (d[state + 3] == 0.0 and not flags & FIXED)
    held = 0 if free else _held(m, i, desired, time)
    up = desired > before
    cooldown = m.numbers[m.code[i + I_F] + (6 if up else 7)]
    let_through = desired if held == 0 else before
    if held == 3:
        let_through = before + m.numbers[m.code[i + I_F] + 4] if up else before - m.numbers[m.code[i + I_F] + 5]
    after = _bounded(m, i, _limited(m, i, let_through, j))
    if d[state + 4] == d[state + 4] and _size(d[state + 4] - desired) > tolerance:
        d[state + 4] = m.nan
    if held == 3:
        d[state + 4] = desired
    if _size(after - desired) <= tolerance:
        d[state + 4] = m.nan
    until = d[state + 1] + cooldown if held == 2 else m.nan
    d[state + 9] = cooldown if held == 2 else m.nan
    q[state + 8] = held != 3
    if not flags & FIXED:
        d[state + 3] = 1.0
    if _size(after - before) > tolerance:
        d[state], d[state + 1] = after, time
        d[state + 2] = v[extra[at + CLOSE] * s + j] if extra[at + CLOSE] >= 0 else m.nan
    else:
        d[state] = _bounded(m, i, before)
    q[state + 8] = q[state + 8] and d[state] == before
    if _size(desired - d[state]) <= tolerance:
        held, until = 0, m.nan
    v[extra[at + BEFORE] * s + j], v[extra[at + DESIRED] * s + j] = before, desired
    v[extra[at + AFTER] * s + j], v[extra[at + UNTIL] * s + j] = d[state], until
    v[extra[at + WORD] * s + j] = q[state + 7]
    m.t[extra[at + HELD_BY] * s + j] = held
    m.t[extra[at + FROZEN] * s + j] = (flags & BLIND) != 0


def _level(m, i, j):
    """Take the level through the active rules, in file order; list the floors and caps among what they do."""
    extra, s, t, d, q, found = m.extra, m.stride, m.t, m.d, m.q, m.list
    at, state, active, limits = m.code[i + I_X], m.code[i + I_STATE], 0, 0
    otherwise, count = extra[at + OTHERWISE], extra[at + DOINGS]
    level = m.v[otherwise * s + j] if otherwise >= 0 else m.numbers[m.code[i + I_F] + 8]
    q[state + 6] = 0 if level == level else FIXED | BLIND
    q[state + 7] = -2 if otherwise >= 0 else -1
    d[state + 5] = level if level == level else d[state]
    doing = at + LISTS + extra[at + WATCHED] + extra[at + VARYING]
    for _ in range(count):
        found[active] = doing
        active += t[extra[doing] * s + j] >> 1
        doing += WIDE
    for one in range(active):
        doing = found[one]
        if _limits(m, doing, j):
            found[count + limits] = doing
            limits += 1
        else:
            _apply(m, i, doing, j)
    found[2 * count] = limits


def _apply(m, i, doing, j):
    extra, s, d, q, state = m.extra, m.stride, m.d, m.q, m.code[i + I_STATE]
    what, at_once = extra[doing + 1], AT_ONCE if extra[doing + 5] else 0
    value = m.v[extra[doing + 2] * s + j] if what != 6 else m.nan
    if what == 6 or 1 <= what <= 3 or value != value:
        d[state + 5] = d[state]
        q[state + 6] = FIXED | at_once | (q[state + 6] & BLIND) | (BLIND if what != 6 else 0)
    elif what == 0:
        d[state + 5] = value
        q[state + 6] = at_once
    elif q[state + 6] & FIXED:
        return
    else:
        level = d[state + 5]
        amount = value * level if extra[doing + 4] else value
        level = level + amount if what == 4 else level - amount
        d[state + 5] = MOST if level > MOST else -MOST if level < -MOST else level
        q[state + 6] = at_once
    q[state + 7] = extra[doing + 6]


def _limits(m, doing, j):
    """Say whether a doing is a floor or cap (or both) with known values."""
    extra, s = m.extra, m.stride
    if not 1 <= extra[doing + 1] <= 3:
        return False
    low, high = m.v[extra[doing + 2] * s + j], m.v[extra[doing + 3] * s + j]
    return low == low and high == high


def _limited(m, i, value, j):
    """Return a value within the floors and caps of the active rules, in file order."""
    extra, s, found, count = m.extra, m.stride, m.list, m.extra[m.code[i + I_X] + DOINGS]
    for one in range(count, count + found[2 * count]):
        doing = found[one]
        what, low, high = extra[doing + 1], m.v[extra[doing + 2] * s + j], m.v[extra[doing + 3] * s + j]
        if what != 2 and low > value:
            value = low
        if what != 1 and high < value:
            value = high
    return value


def _bounded(m, i, value):
    low, high = m.numbers[m.code[i + I_F]], m.numbers[m.code[i + I_F] + 1]
    value = value if value < high else high
    return value if value > low else low


def _held(m, i, desired, time):
    """Return the first brake that holds a move back: 1 band, 2 cooldown, 3 step; 0 where none does."""
    d, state, f = m.d, m.code[i + I_STATE], m.code[i + I_F]
    move, tolerance = desired - d[state], m.numbers[f + 2]
    size = _size(move)
    if size <= tolerance:
        return 0
    if size < m.numbers[f + 3] - tolerance and not _passes_band(m, i, desired):
        return 1
    if time - d[state + 1] < m.numbers[f + (6 if move > 0.0 else 7)]:
        return 2
    return 3 if size > m.numbers[f + (4 if move > 0.0 else 5)] + tolerance else 0


def _passes_band(m, i, desired):
    f, heading = m.code[i + I_F], m.d[m.code[i + I_STATE] + 4]
    tolerance = m.numbers[f + 2]
    for end in range(2):
        if _size(desired - m.numbers[f + end]) <= tolerance:
            return True
    return _size(desired) <= tolerance or _size(heading - desired) <= tolerance


def _size(value):
    return -value if value < 0.0 else value
