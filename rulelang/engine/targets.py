# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Targets on the machine: levels in file order, floors and caps, bounds, then the brakes.

The state of a target: what is in force, when it changed and at which price, whether a level was ever known, where a
stepped move is heading; and for how long the next steps say the same if nothing changes, if they do. Which of the rules
are active stands in `bits`: a column of bytes for each eight of the things that rules do to the target.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.ops import *
    from rulelang.engine.store import octets_on

    def lowest(bits):
        return (bits & -bits).bit_length() - 1

    def unit():
        return 1


MOST = 1.7976931348623157e308


def targets(m, first, last, lo, hi):
    if not m.virtual:
        for row in range(first, last):
            _target(m, row * WIDTH, lo, hi)


def _target(m, i, lo, hi):
    at, state, s, t, v, d, q = m.code[i + I_X], m.code[i + I_STATE], m.stride, m.t, m.v, m.d, m.q
    changed = m.extra[at + T_CHANGED] * s
    if hi - lo == 1:
        _gather_once(m, at, lo)
        _step(m, i, lo)
        return
    _gather(m, at, lo, hi)
    _changes(m, at, lo, hi)
    _step(m, i, lo)
    for j in range(lo + 1, hi):
        wait = d[state + 9]
        if t[changed + j] == 0 and q[state + 8] and (wait != wait or v[R_TIME * s + j] - d[state + 1] < wait):
            _repeat(m, at, j)
        else:
            _step(m, i, j)


# Which rules are active, and where that changes ───────────────────────────────────────────────────────────────────────


def _first(m, at):
    """Return where the doings of a target begin."""
    return at + T_LISTS + m.extra[at + T_WATCHED] + m.extra[at + T_VARYING]


def _gather_once(m, at, j):
    extra, s, t, bits = m.extra, m.stride, octets_on(m.t, j), m.bits
    doing, count = _first(m, at), extra[at + T_DOINGS]
    for group in range((count + 7) >> 3):
        found, most = 0, count - 8 * group if count - 8 * group < 8 else 8
        doing += DOING * most
        last = doing
        for _ in range(most):
            last -= DOING
            found = found + found + t[extra[last] * s]
        bits[group * s + j] = found >> 1


def _gather(m, at, lo, hi):
    extra, s, t, bits = m.extra, m.stride, m.t, m.bits
    count, doing = extra[at + T_DOINGS], _first(m, at)
    for group in range((count + 7) >> 3):
        o = group * s
        for j in range(lo, hi):
            bits[o + j] = 0
        for one in range((8 * group + 8 if 8 * group + 8 < count else count) - 1, 8 * group - 1, -1):
            a = extra[doing + DOING * one] * s
            for j in range(lo, hi):
                bits[o + j] = bits[o + j] + bits[o + j] + (t[a + j] == 2)


def _changes(m, at, lo, hi):
    """Mark the bars at which something moves that the target depends on, be it from 0 to -0."""
    extra, s, t, w, bits = m.extra, m.stride, m.t, m.w, m.bits
    o, first = extra[at + T_CHANGED] * s, at + T_LISTS + extra[at + T_WATCHED]
    for j in range(lo, hi):
        t[o + j] = 0
    for group in range((extra[at + T_DOINGS] + 7) >> 3):
        a = group * s
        for j in range(lo + 1, hi):
            t[o + j] |= bits[a + j] ^ bits[a + j - 1]
    for one in range(extra[at + T_VARYING]):
        a = extra[first + one] * s
        for j in range(lo + 1, hi):
            t[o + j] |= w[a + j] != w[a + j - 1]


def _repeat(m, at, j):
    """Say the same as at the bar before."""
    extra, s, v, t = m.extra, m.stride, m.v, m.t
    v[extra[at + T_BEFORE] * s + j] = v[extra[at + T_AFTER] * s + j - 1]
    for one in range(T_DESIRED, T_WORD + 1):
        o = extra[at + one] * s + j
        v[o] = v[o - 1]
    for one in range(T_HELD_BY, T_FROZEN + 1):
        o = extra[at + one] * s + j
        t[o] = t[o - 1]


# What is decided ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _step(m, i, j):
    """Decide what is in force after this step."""
    extra, s, v, d, q, at = m.extra, m.stride, m.v, m.d, m.q, m.code[i + I_X]
    state, time, tolerance = m.code[i + I_STATE], v[R_TIME * s + j], m.numbers[m.code[i + I_F] + 2]
    before = d[state]
    _level(m, i, j)
    desired = _bounded(m, i, _limited(m, m.level))
    free = m.flags & AT_ONCE or (d[state + 3] == 0.0 and not m.flags & FIXED)
    held = 0 if free else _held(m, i, desired, time)
    up = desired > before
    cooldown = m.numbers[m.code[i + I_F] + (6 if up else 7)]
    let_through = desired if held == 0 else before
    if held == 3:
        let_through = before + m.numbers[m.code[i + I_F] + 4] if up else before - m.numbers[m.code[i + I_F] + 5]
    after = _bounded(m, i, _limited(m, let_through))
    if d[state + 4] == d[state + 4] and _size(d[state + 4] - desired) > tolerance:
        d[state + 4] = m.nan
    if held == 3:
        d[state + 4] = desired
    if _size(after - desired) <= tolerance:
        d[state + 4] = m.nan
    until = d[state + 1] + cooldown if held == 2 else m.nan
    d[state + 9] = cooldown if held == 2 else m.nan
    q[state + 8] = held != 3
    if not m.flags & FIXED:
        d[state + 3] = 1.0
    if _size(after - before) > tolerance:
        d[state], d[state + 1] = after, time
        d[state + 2] = v[extra[at + T_CLOSE] * s + j] if extra[at + T_CLOSE] >= 0 else m.nan
    else:
        d[state] = _bounded(m, i, before)
    q[state + 8] = q[state + 8] and d[state] == before
    if _size(desired - d[state]) <= tolerance:
        held, until = 0, m.nan
    v[extra[at + T_BEFORE] * s + j], v[extra[at + T_DESIRED] * s + j] = before, desired
    v[extra[at + T_AFTER] * s + j], v[extra[at + T_UNTIL] * s + j] = d[state], until
    v[extra[at + T_WORD] * s + j] = m.word
    m.t[extra[at + T_HELD_BY] * s + j] = held
    m.t[extra[at + T_FROZEN] * s + j] = (m.flags & BLIND) != 0


def _level(m, i, j):
    """Find the level, and the corridor of floors and caps; the same rules have the same one, if no value varies."""
    extra, k, x, at = m.extra, m.noted, m.noted_values, m.code[i + I_X]
    if extra[at + T_VARYING] or extra[at + T_DOINGS] > MEMORABLE:
        _reckon(m, i, j)
        return
    active = _active(m, at, j)
    o = NOTE * _slot(active, at)
    if k[o] == active and k[o + 1] == at + 1:
        m.level, m.low, m.high, m.flags, m.word = x[o + 2], x[o + 3], x[o + 4], k[o + 5], k[o + 6]
        return
    _reckon(m, i, j)
    if not m.flags & FIXED:  # else it hangs on what is in force
        k[o], k[o + 1], k[o + 5], k[o + 6] = active, at + 1, m.flags, m.word
        x[o + 2], x[o + 3], x[o + 4] = m.level, m.low, m.high


def _active(m, at, j):
    """Return a bit for each doing whose rule is active."""
    active = unit() - 1
    for group in range((m.extra[at + T_DOINGS] + 7) >> 3):
        active |= (m.bits[group * m.stride + j] * unit()) << 8 * group
    return active


def _slot(active, at):
    """Return where among the notes a set of rules is looked for."""
    mixed = (active ^ active >> 29 ^ at) & 2147483647
    return (mixed * 1540483477 >> 21) & (NOTES - 1)


def _reckon(m, i, j):
    """Take the level through what the active rules do, in file order; floors and caps become one corridor."""
    extra, s, at, before = m.extra, m.stride, m.code[i + I_X], m.d[m.code[i + I_STATE]]
    otherwise, first = extra[at + T_OTHERWISE], _first(m, at)
    level = m.v[otherwise * s + j] if otherwise >= 0 else m.numbers[m.code[i + I_F] + 8]
    m.flags = 0 if level == level else FIXED | BLIND
    m.word = -2 if otherwise >= 0 else -1
    m.level = level if level == level else before
    m.low, m.high = -MOST, MOST
    for group in range((extra[at + T_DOINGS] + 7) >> 3):
        left = m.bits[group * s + j]
        while left:
            _apply(m, first + DOING * (8 * group + lowest(left)), before, j)
            left &= left - 1


def _apply(m, doing, before, j):
    extra, s, what = m.extra, m.stride, m.extra[doing + 1]
    value, other = m.v[extra[doing + 2] * s + j], m.v[extra[doing + 3] * s + j]
    at_once = AT_ONCE if extra[doing + 5] else 0
    if what == DO_FREEZE or value != value or other != other:
        m.level = before
        m.flags = FIXED | at_once | (m.flags & BLIND) | (BLIND if what != DO_FREEZE else 0)
    elif DO_FLOOR <= what <= DO_CORRIDOR:
        _limit(m, what, value, other)
        return
    elif what == DO_SET:
        m.level, m.flags = value, at_once
    elif m.flags & FIXED:
        return
    else:
        amount = value * m.level if extra[doing + 4] else value
        level = m.level + amount if what == DO_INCREASE else m.level - amount
        m.level, m.flags = MOST if level > MOST else -MOST if level < -MOST else level, at_once
    m.word = extra[doing + 6]


def _limit(m, what, low, high):
    """Let a floor and a cap hold after those that hold already."""
    if what != DO_CAP:
        m.low, m.high = low if low > m.low else m.low, low if low > m.high else m.high
    if what != DO_FLOOR:
        m.low, m.high = high if high < m.low else m.low, high if high < m.high else m.high


def _limited(m, value):
    """Return a value within the floors and caps of the active rules."""
    value = m.low if m.low > value else value
    return m.high if m.high < value else value


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
