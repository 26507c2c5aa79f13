# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Rules on the machine: when each starts, goes on and ends; and what can be read of rules and targets.

The state of a rule: whether it is active, its condition at the step before, where a ticked exit stood when it started,
when its condition was last true (as a time or a bar, and as a period), and the values that it captured.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.clocks import clocks, restart_ends, restart_ticked
    from rulelang.engine.columns import truths, values
    from rulelang.engine.memories import memories, restart
    from rulelang.engine.ops import *
    from rulelang.engine.store import octets_on
    from rulelang.engine.targets import targets

    whole = int


def execute(op, m, first, last, lo, hi):
    """Do the instructions first to last - 1, all of one kind, for the bars lo to hi - 1 of the block."""
    if op < ABOVE:
        values(op, m, first, last, lo, hi)
    elif op < CROSS:
        truths(op, m, first, last, lo, hi)
    elif op < CLOCK:
        memories(op, m, first, last, lo, hi)
    elif op < IN_FORCE:
        clocks(op, m, first, last, lo, hi)
    elif op == RULE:
        rules(m, first, last, lo, hi)
    elif op == CAPTURED:
        captured(m, first, last, lo, hi)
    elif op == TARGET:
        targets(m, first, last, lo, hi)
    else:
        known_of_targets(op, m, first, last, lo, hi)


def rules(m, first, last, lo, hi):
    if hi - lo == 1 and not m.virtual:
        _of_a_bar(m, first, last, lo)
        return
    hot = m.hot
    for row in range(first, last):
        i = row * HOT
        if m.virtual:
            _pass(m, row * WIDTH, lo, hi)
        elif hot[i + H_COUNT] | hot[i + H_INNER]:
            for j in range(lo, hi):
                _step(m, row * WIDTH, j)
        else:
            _plain(m, i, lo, hi)


def _of_a_bar(m, first, last, j):
    hot, q, t = m.hot, m.q, octets_on(m.t, j)
    for row in range(first, last):
        i = row * HOT
        if hot[i + H_COUNT] | hot[i + H_INNER]:
            _step(m, row * WIDTH, j)
        else:
            _once(q, t, hot[i + H_STATE], hot[i + H_A], hot[i + H_OUT], hot[i + H_D])


def _pass(m, i, lo, hi):
    """Let missing bars pass: a rule stays as it is."""
    s, o, active = m.stride, m.code[i + I_OUT] * m.stride, 2 * m.q[m.code[i + I_STATE]]
    for j in range(lo, hi):
        m.t[o + j] = active
        m.t[m.code[i + I_D] * s + j] = 0
        _capture(m, i, j)


def _once(q, t, state, condition, out, event):
    """Do a bar of a rule that is active while its condition is true, and stays as it is while it is unknown."""
    truth, before = t[condition], q[state] << 1
    now = before if truth == 1 else truth
    t[out], t[event] = now, (now ^ before) >> (now >> 1)  # as `_change`
    q[state] = now >> 1


def _plain(m, i, lo, hi):
    """Do the bars of such a rule."""
    hot, t = m.hot, m.t
    po, o, eo, state = hot[i + H_A], hot[i + H_OUT], hot[i + H_D], hot[i + H_STATE]
    first, unknown = 2 * m.q[state], 0
    for j in range(lo, hi):
        t[o + j] = t[po + j]
        unknown |= t[po + j]
    if unknown & 1:
        before = first
        for j in range(lo, hi):
            before = before if t[po + j] == 1 else t[po + j]
            t[o + j] = before
    t[eo + lo] = _change(t[o + lo], first)
    for j in range(lo + 1, hi):
        t[eo + j] = _change(t[o + j], t[o + j - 1])
    m.q[state] = t[o + hi - 1] >> 1


def _change(now, before):
    """Return 1 where a rule starts, 2 where it ends: its truths are 0 and 2."""
    return (now & ~before) >> 1 | (before & ~now)


def _step(m, i, j):
    code, s, q = m.code, m.stride, m.q
    state, truth = code[i + I_STATE], m.t[code[i + I_A] * s + j]
    if code[i + I_INNER] == 0:
        was = q[state]
        if truth != 1:
            q[state] = truth == 2
        event = 1 if q[state] > was else 2 if q[state] < was else 0
    else:
        event = _enduring(m, i, j, truth)
    q[state + 1] = truth
    m.t[code[i + I_OUT] * s + j] = 2 * q[state]
    m.t[code[i + I_D] * s + j] = event
    if event == 1:
        _start(m, i, j)
    _capture(m, i, j)


def _enduring(m, i, j, truth):
    """Do a step of a rule with an end of its own; return 1 where it starts, 2 where it ends."""
    q, state = m.q, m.code[i + I_STATE]
    anew = truth == 2 and q[state + 1] != 2
    if truth == 2:
        _was_true(m, i, j)
    ended = q[state] != 0 and (_exits(m, i, j) or _over(m, i, j, truth))
    if ended:
        q[state] = 0
    if anew and q[state] == 0:
        q[state] = 1
        return 1
    return 2 if ended else 0


def _was_true(m, i, j):
    """Note the newest period in which the condition was true, from the bar with which that became known."""
    code, s, q, state = m.code, m.stride, m.q, m.code[i + I_STATE]
    time = m.v[R_BAR * s + j] if code[i + I_INNER] == 3 else m.v[R_TIME * s + j]
    if code[i + I_SA] < 0:
        m.d[state + 3] = time
    elif q[state + 4] != m.w[code[i + I_SA] * s + j]:
        m.d[state + 3] = time
        q[state + 4] = m.w[code[i + I_SA] * s + j]


def _exits(m, i, j):
    code, s = m.code, m.stride
    if code[i + I_B] < 0 or m.t[code[i + I_B] * s + j] != 2:
        return False
    return code[i + I_SB] < 0 or m.w[code[i + I_SB] * s + j] > m.q[code[i + I_STATE] + 2]


def _over(m, i, j, truth):
    kind, s = m.code[i + I_INNER], m.stride
    if kind < 2 or truth == 2:
        return False
    since = m.d[m.code[i + I_STATE] + 3]
    now = m.v[R_BAR * s + j] if kind == 3 else m.v[R_TIME * s + j]
    return since != since or now - since >= m.code[i + I_N]


def _start(m, i, j):
    """Keep what is captured, let the exit stand as it does with a trigger, and let its `for`s count from here."""
    code, s, extra, at = m.code, m.stride, m.extra, m.code[i + I_X]
    for _ in range(code[i + I_COUNT]):
        register, word = extra[at], extra[at + 2]
        m.d[word] = m.t[~register * s + j] if register < 0 else m.v[register * s + j]
        at += 3
    for _ in range(code[i + I_Y]):
        row = extra[at]
        execute(whole(code[row * WIDTH]), m, row, row + 1, j, j + 1)
        at += 1
    for _ in range(code[i + I_Z]):
        row = extra[at] * WIDTH
        if code[row] == TICKED:
            restart_ticked(m, row, j)
        elif code[row] == HELD_ENDS:
            restart_ends(m, row, j)
        else:
            restart(m, row)
        at += 1
    if code[i + I_SB] >= 0:
        m.q[code[i + I_STATE] + 2] = m.w[code[i + I_SB] * s + j]


def _capture(m, i, j):
    """Show what the rule captured, missing while it is not active."""
    code, s, extra, at = m.code, m.stride, m.extra, m.code[i + I_X]
    active = m.q[code[i + I_STATE]] != 0
    for _ in range(code[i + I_COUNT]):
        out, value = extra[at + 1], m.d[extra[at + 2]]
        if out < 0:
            m.t[~out * s + j] = whole(value) if active else 1
        else:
            m.v[out * s + j] = value if active else m.nan
        at += 3


def captured(m, first, last, lo, hi):
    """Show what a rule had captured at the step before."""
    for row in range(first, last):
        i = row * WIDTH
        o, active, value = m.code[i + I_OUT] * m.stride, m.q[m.code[i + I_X]] != 0, m.d[m.code[i + I_STATE]]
        for j in range(lo, hi):
            if m.code[i + I_INNER]:
                m.t[o + j] = whole(value) if active else 1
            else:
                m.v[o + j] = value if active else m.nan


def known_of_targets(op, m, first, last, lo, hi):
    """Show what is known of targets before this step: in force, since when, and at which price."""
    for row in range(first, last):
        i = row * WIDTH
        o, state = m.code[i + I_OUT] * m.stride, m.code[i + I_STATE]
        for j in range(lo, hi):
            if op == AGE:
                m.v[o + j] = m.v[R_TIME * m.stride + j] - m.d[state + 1]
            else:
                m.v[o + j] = m.d[state] if op == IN_FORCE else m.d[state + 2]
