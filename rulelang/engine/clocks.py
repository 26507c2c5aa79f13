# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The operations that live on clocks: published fields, longer bars, memories that take one observation a period.

A node that moves with the periods of a clock has, beside its value, a *settled* one (what the period's observation will
be if nothing more comes), a position (at which period it stands), and whether it is complete (nothing can come).
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython  # type: ignore[no-redef]
if not cython.compiled:
    from math import floor

    from rulelang.engine.memories import observe, start
    from rulelang.engine.ops import *

    whole = int


def period_of(time, period):
    """Return the number of the period that a time lies in."""
    tick = whole(floor(time / period))
    rest = time - tick * period
    return tick - 1 if rest < 0 else tick + 1 if rest >= period else tick


def ticks(m, first, last, lo, hi):
    code, s, v, w, t, q = m.code, m.stride, m.v, m.w, m.t, m.q
    for row in range(first, last):
        i = row * WIDTH
        o, do, state = code[i + I_OUT] * s, code[i + I_B] * s, code[i + I_STATE]
        period, begin = code[i + I_N], code[i + I_X]
        if period == 0:
            for j in range(lo, hi):
                w[o + j] = whole(v[R_BAR * s + j])
                t[do + j] = 0
        else:
            tick = period_of(v[R_TIME * s + lo] - begin, period)
            low = float(tick * period + begin)
            for j in range(lo, hi):
                time = v[R_TIME * s + j]
                if time - low >= period:
                    tick = period_of(time - begin, period)
                    low = float(tick * period + begin)
                w[o + j] = tick
                t[do + j] = time == low
        if q[state] == 0:
            q[state] = 1
            q[state + 1] = w[o + lo]
            if period != 0:
                q[state + 2] = 1 - period_of(begin + code[i + I_Y] - v[R_TIME * s + lo], period)


def stand(m, first, last, lo, hi):
    """Say where two nodes stand together, whether they are complete, and the first period that they know."""
    code, s, w, t, q = m.code, m.stride, m.w, m.t, m.q
    for row in range(first, last):
        i = row * WIDTH
        o, ao, bo = code[i + I_POS] * s, code[i + I_A] * s, code[i + I_B] * s
        for j in range(lo, hi):
            a, b = w[ao + j], w[bo + j]
            w[o + j] = a if a > b else b
        if code[i + I_COMPLETE] >= 0:
            o, ao, bo = code[i + I_COMPLETE] * s, code[i + I_C] * s, code[i + I_D] * s
            for j in range(lo, hi):
                t[o + j] = t[ao + j] & t[bo + j]
        one, other = q[code[i + I_X]], q[code[i + I_Y]]
        q[code[i + I_FIRST]] = one if one > other else other


def mask_values(m, first, last, lo, hi):
    code, s, v, w = m.code, m.stride, m.v, m.w
    for row in range(first, last):
        i = row * WIDTH
        o, ticking, begin = code[i + I_OUT] * s, code[i + I_TICK] * s, m.q[code[i + I_FIRST]]
        for j in range(lo, hi):
            if w[ticking + j] < begin:
                v[o + j] = m.nan


def mask_truths(m, first, last, lo, hi):
    code, s, w, t = m.code, m.stride, m.w, m.t
    for row in range(first, last):
        i = row * WIDTH
        o, ticking, begin = code[i + I_OUT] * s, code[i + I_TICK] * s, m.q[code[i + I_FIRST]]
        for j in range(lo, hi):
            if w[ticking + j] < begin:
                t[o + j] = 1


# Memories that take one observation a period ──────────────────────────────────────────────────────────────────────────


def ticked(m, first, last, lo, hi):
    for row in range(first, last):
        _ticked(m, row * WIDTH, lo, hi)


def _ticked(m, i, lo, hi):
    code, s, w, d, q = m.code, m.stride, m.w, m.d, m.q
    state, settled, count = code[i + I_STATE], code[i + I_SETTLED], code[i + I_Y]
    ticking, po, co = code[i + I_TICK] * s, code[i + I_POS] * s, code[i + I_COMPLETE] * s
    begin = q[code[i + I_FIRST]]
    for j in range(lo, hi):
        tick, pos = w[ticking + j], w[po + j]
        complete = co < 0 or m.t[co + j] != 0
        if tick > q[state] > q[state + 1] and q[state] >= begin:
            q[state + 1] = q[state]
            d[state + 2] = _take_pending(m, i)
            q[state + 4] = 0
        q[state] = tick
        if pos == tick and complete and q[state + 1] < tick and tick >= begin:
            q[state + 1] = tick
            d[state + 2] = _take(m, i, j)
            q[state + 4] = 0
        for part in range(count):
            value = _part(m, i, I_SA + part, j)
            before = d[state + 5 + part]
            if value != before and (value == value or before == before):
                q[state + 4] = 0
            d[state + 5 + part] = value
        open_ = tick >= begin and q[state + 1] < tick
        _put(m, i, code[i + I_OUT], j, _trial(m, i, j) if open_ and pos == tick and not complete else d[state + 2])
        if settled >= 0:
            value = _trial_pending(m, i) if open_ else d[state + 2] if q[state + 1] >= tick else m.nan
            _put(m, i, settled, j, value)


def _part(m, i, part, j):
    at = m.code[i + part] * m.stride + j
    return m.t[at] if m.code[i + I_INNER] == HELD else m.v[at]


def _take(m, i, j):
    state = m.code[i + I_STATE] + HEADER
    return observe(
        m, i, state, _part(m, i, I_A, j), _part(m, i, I_B, j), _part(m, i, I_C, j), _part(m, i, I_D, j)
    )  # fmt: skip


def _take_pending(m, i):
    d, p = m.d, m.code[i + I_STATE] + 5
    return observe(m, i, p - 5 + HEADER, d[p], d[p + 1], d[p + 2], d[p + 3])


def _trial(m, i, j):
    """Return what the value would be with what has come so far; the memory stays as it is."""
    _copy(m, i)
    return observe(
        m, i, m.scratch, _part(m, i, I_A, j), _part(m, i, I_B, j), _part(m, i, I_C, j), _part(m, i, I_D, j)
    )  # fmt: skip


def _trial_pending(m, i):
    """Return what the value would be if nothing more came."""
    d, p = m.d, m.code[i + I_STATE] + 5
    if m.q[p - 1] == 0:
        _copy(m, i)
        d[p - 2] = observe(m, i, m.scratch, d[p], d[p + 1], d[p + 2], d[p + 3])
        m.q[p - 1] = 1
    return d[p - 2]


def _copy(m, i):
    state, to = m.code[i + I_STATE] + HEADER, m.scratch
    for word in range(m.code[i + I_SIZE] - HEADER):
        m.q[to + word] = m.q[state + word]


def _put(m, i, register, j, value):
    """Put the value of a memory into a register: a number, or a truth (NaN: unknown)."""
    at = register * m.stride + j
    if m.code[i + I_INNER] == FUNCTION:
        m.v[at] = value
    else:
        m.t[at] = whole(value) if value == value else 1


def restart_ticked(m, i, j):
    """Let a `for` on a clock count from the first observation on that comes later than the present one."""
    state, pos = m.code[i + I_STATE], m.w[m.code[i + I_POS] * m.stride + j]
    start(m, i, state + HEADER)
    if pos > m.q[state + 1]:
        m.q[state + 1] = pos
    m.d[state + 2] = 1.0
    m.q[state + 4] = 0


# Leaves ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def published(m, first, last, lo, hi):
    code, s, v, w, t, d, q = m.code, m.stride, m.v, m.w, m.t, m.d, m.q
    for row in range(first, last):
        i = row * WIDTH
        xo, o, state = code[i + I_A] * s, code[i + I_OUT] * s, code[i + I_STATE]
        so, po, co = code[i + I_SETTLED] * s, code[i + I_POS] * s, code[i + I_COMPLETE] * s
        ticking, seen, value = code[i + I_TICK] * s, q[state], d[state + 1]
        for j in range(lo, hi):
            tick, x = w[ticking + j], v[xo + j]
            if seen != tick and x == x:
                seen, value = tick, x
            complete = seen == tick
            t[co + j] = complete
            w[po + j] = tick if complete else tick - 1
            v[so + j] = value if complete else m.nan
            v[o + j] = value if complete or seen == tick - 1 else m.nan
        q[state], d[state + 1] = seen, value


def valid(m, first, last, lo, hi):
    code, s, v, d = m.code, m.stride, m.v, m.d
    for row in range(first, last):
        i = row * WIDTH
        xo, o, state = code[i + I_A] * s, code[i + I_OUT] * s, code[i + I_STATE]
        age = float(code[i + I_N])
        for j in range(lo, hi):
            x, time = v[xo + j], v[R_TIME * s + j]
            if x == x:
                d[state], d[state + 1] = x, time
            v[o + j] = d[state] if time - d[state + 1] < age else m.nan


def long_bars(m, first, last, lo, hi):
    code, s, v, w, t, d = m.code, m.stride, m.v, m.w, m.t, m.d
    for row in range(first, last):
        i = row * WIDTH
        xo, o, do, ticking = code[i + I_A] * s, code[i + I_OUT] * s, code[i + I_B] * s, code[i + I_TICK] * s
        state, how, truth, begin = code[i + I_STATE], code[i + I_N], code[i + I_INNER], m.q[code[i + I_FIRST]]
        so_far, now = d[state], d[state + 1]
        for j in range(lo, hi):
            x = m.nan if truth and t[xo + j] == 1 else t[xo + j] if truth else v[xo + j]
            if x == x:
                so_far = x if so_far != so_far else _together(how, so_far, x)
            if t[do + j]:
                now = so_far if w[ticking + j] >= begin else m.nan
                so_far = m.nan
            if truth:
                t[o + j] = whole(now) if now == now else 1
            else:
                v[o + j] = now
        d[state], d[state + 1] = so_far, now


def _together(how, before, value):
    """Return what a longer bar is made of: the first, greatest, least, last value of its parts, or their sum."""
    if how == 0:
        return before
    if how == 1:
        return value if value > before else before
    if how == 2:
        return value if value < before else before
    if how == 3:
        return value
    total = before + value
    return total if total - total == 0.0 else total - total


def long_times(m, first, last, lo, hi):
    code, s, v, w = m.code, m.stride, m.v, m.w
    for row in range(first, last):
        i = row * WIDTH
        o, ticking, begin = code[i + I_OUT] * s, code[i + I_TICK] * s, m.q[code[i + I_FIRST]]
        for j in range(lo, hi):
            tick = w[ticking + j]
            v[o + j] = float(tick * code[i + I_N] + code[i + I_X]) if tick >= begin else m.nan


def firsts(m, first, last, lo, hi):
    """Say of each bar whether it is the first of its period; a run that begins inside one has missed it."""
    code, s, v, t, q = m.code, m.stride, m.v, m.t, m.q
    for row in range(first, last):
        i = row * WIDTH
        o, state, period = code[i + I_OUT] * s, code[i + I_STATE], code[i + I_N]
        for j in range(lo, hi):
            if m.virtual:
                t[o + j] = 0
                continue
            time = v[R_TIME * s + j] - code[i + I_X]
            index = -period_of(-time, period)
            before = q[state + 1] if q[state] else -period_of(code[i + I_Y] - time, period)
            t[o + j] = 2 * (index != before)
            q[state], q[state + 1] = 1, index


def long_firsts(m, first, last, lo, hi):
    code, s, w, t = m.code, m.stride, m.w, m.t
    for row in range(first, last):
        i = row * WIDTH
        o, ticking, begin = code[i + I_OUT] * s, code[i + I_TICK] * s, m.q[code[i + I_FIRST]]
        frame, period = code[i + I_N], code[i + I_Y]
        for j in range(lo, hi):
            end = float(w[ticking + j] * frame + code[i + I_X] - code[i + I_Z])
            anew = period_of(-end, period) != period_of(frame - end, period)
            t[o + j] = 2 * anew if w[ticking + j] >= begin else 1


# Dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def near(m, first, last, lo, hi):
    code, s, v, t = m.code, m.stride, m.v, m.t
    for row in range(first, last):
        i = row * WIDTH
        o, xo, bo, event = code[i + I_OUT] * s, code[i + I_A] * s, code[i + I_B] * s, code[i + I_Y]
        after, distance = code[i + I_X] == 1, float(code[i + I_N])
        for j in range(lo, hi):
            if event < 0:
                t[o + j] = _near_one(v[bo + j], after, distance, v[xo + j])
            else:
                at, count = whole(m.dates[2 * event]), whole(m.dates[2 * event + 1])
                t[o + j] = _near(m.dates, at, count, after, distance, v[xo + j])


def _near_one(at, after, distance, time):
    if at != at or time != time:
        return 1
    if after:
        return 2 * (at <= time and time - at < distance)
    return 2 * (at > time and at - time <= distance)


def _near(dates, start, count, after, distance, time):
    if time != time:
        return 1
    low, high = start, start + count
    while low < high:  # the first date after the time
        middle = (low + high) // 2
        if dates[middle] > time:
            high = middle
        else:
            low = middle + 1
    if after:
        return 2 * (low > start and time - dates[low - 1] < distance)
    return 2 * (low < start + count and dates[low] - time <= distance)


# Ends of periods ──────────────────────────────────────────────────────────────────────────────────────────────────────


def ends(m, first, last, lo, hi):
    """Do `C for n periods of 1d`: the condition as it stood at the last bar of each completed period."""
    code, s, t, d = m.code, m.stride, m.t, m.d
    for row in range(first, last):
        i = row * WIDTH
        o, po, do, state = code[i + I_OUT] * s, code[i + I_A] * s, code[i + I_B] * s, code[i + I_STATE]
        for j in range(lo, hi):
            if not m.virtual:
                d[state] = t[po + j]
            if t[do + j]:
                d[state + 1] = observe(m, i, state + 2, d[state], 0.0, 0.0, 0.0)
                d[state] = 1.0
            t[o + j] = whole(d[state + 1])


def restart_ends(m, i, j):
    """Let a `for` count from the first period on that ends after this bar."""
    state, s = m.code[i + I_STATE], m.stride
    start(m, i, state + 2)
    m.d[state] = m.t[m.code[i + I_A] * s + j]
    m.d[state + 1] = 1.0
    m.t[m.code[i + I_OUT] * s + j] = 1


def clocks(op, m, first, last, lo, hi):
    """Do instructions that live on clocks."""
    if op == CLOCK:
        ticks(m, first, last, lo, hi)
    elif op == STAND:
        stand(m, first, last, lo, hi)
    elif op == MASK_VALUE:
        mask_values(m, first, last, lo, hi)
    elif op == MASK_TRUTH:
        mask_truths(m, first, last, lo, hi)
    elif op == TICKED:
        ticked(m, first, last, lo, hi)
    elif op == PUBLISHED:
        published(m, first, last, lo, hi)
    elif op == VALID:
        valid(m, first, last, lo, hi)
    elif op == LONG_BAR:
        long_bars(m, first, last, lo, hi)
    elif op == LONG_TIME:
        long_times(m, first, last, lo, hi)
    elif op == FIRST:
        firsts(m, first, last, lo, hi)
    elif op == LONG_FIRST:
        long_firsts(m, first, last, lo, hi)
    elif op == NEAR:
        near(m, first, last, lo, hi)
    elif op == HELD_ENDS:
        ends(m, first, last, lo, hi)
