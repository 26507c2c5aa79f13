# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The volume profile of a window in a flat arena: point of control, value area high and low.

24 equal rows between the lowest low and the highest high, each bar's volume spread evenly over its range. While the
range of the window stays, a step moves two bars; else all are laid anew. The rows hold pairs of doubles, and are laid
anew after n bars too, and when most of the volume has left, so that no rounding is carried along.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.arena import MISSING, PASSED, SLOT, at, bound, has_value, turn, two_sum, window_is_sound

    CONTROL, AREA_HIGH, AREA_LOW = range(3)
    ROWS = 24
    LAID, AT_TOP, AT_BOTTOM, HEAVY, AGE, BOTTOM, TOP, PEAK = range(3, 11)
    EDGES, VOLUMES, SHARES, BODY = 11, 36, 84, 108
    SHARE, NOISE, FADED, SMALLER = 0.7, 1e-12, 2.0**-30, 2.0**-24

from rulelang.engine.arena import Doubles, Wholes

NAMES = ("point_of_control", "value_area_high", "value_area_low")
# A state goes on with: whether the rows are valid, the bars at either end of them, bars with volume, bars since the
# rows were laid; their ends, and the most volume they held; their edges, their volumes as pairs, their shares; bars.
# Shares that differ by less than `NOISE` are equal. Rows are laid anew when less than `FADED` is left of the most they
# ever held. Volumes are kept `SMALLER`: so a million of the largest can be summed.


def words(op: int, n: int) -> int:
    """Return the size of a state."""
    return BODY + 3 * n


def sound(d: Doubles, q: Wholes, o: int, n: int) -> bool:
    """Say whether a state could have come from pushes, as far as they rely on it."""
    for word in range(AT_TOP, AGE + 1):
        if not 0 <= q[at(o + word)] <= n:
            return False
    return 0 <= q[at(o + LAID)] <= 1 and window_is_sound(d, q, o, n, o + BODY)


def bounded(length: int) -> None:
    """Set the arena's length for a checked build."""
    bound(length)


def push(op: int, d: Doubles, q: Wholes, o: int, n: int, high: float, low: float, volume: float) -> float:
    """Take one bar and return the price asked for; bars with a gap, or a high below the low, are left out."""
    raw = o + BODY
    here = at(raw + q[o + SLOT])
    complete = high >= low and volume == volume
    held = q[o + PASSED] == n and d[here] == d[here]
    if held:
        _leave(d, q, o, d[here], d[at(here + n)], d[at(here + 2 * n)])
    turn(d, q, o, n, raw, high if complete else MISSING)
    d[at(here + n)], d[at(here + 2 * n)] = low, volume
    if complete:
        _enter(d, q, o, high, low, volume)
    q[o + AGE] += 1 if q[o + LAID] else 0
    if q[o + AGE] == n:
        q[o + LAID] = q[o + AGE] = 0
    return _value(op, d, q, o, n) if has_value(q, o, n) else MISSING


def run(
    op: int, d: Doubles, q: Wholes, o: int, n: int, in0: Doubles, in1: Doubles, in2: Doubles, out: Doubles,
    lo: int, hi: int,
) -> None:  # fmt: skip
    """Push the bars lo to hi - 1 of the columns and write what comes out."""
    for bar in range(lo, hi):
        out[bar] = push(op, d, q, o, n, in0[bar], in1[bar], in2[bar])


# Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _leave(d: Doubles, q: Wholes, o: int, high: float, low: float, volume: float) -> None:
    """Let a bar go; when it was the last one at an end of the rows, they are no longer valid."""
    q[o + HEAVY] -= 1 if volume > 0 else 0
    if not q[o + LAID]:
        return
    q[o + AT_TOP] -= 1 if high == d[o + TOP] else 0
    q[o + AT_BOTTOM] -= 1 if low == d[o + BOTTOM] else 0
    if q[o + AT_TOP] == 0 or q[o + AT_BOTTOM] == 0:
        q[o + LAID] = 0
    else:
        _spread(d, o, high, low, -volume)


def _enter(d: Doubles, q: Wholes, o: int, high: float, low: float, volume: float) -> None:
    """Take a bar in; when it reaches beyond the rows, they are no longer valid."""
    q[o + HEAVY] += 1 if volume > 0 else 0
    if not q[o + LAID]:
        return
    if high > d[o + TOP] or low < d[o + BOTTOM]:
        q[o + LAID] = 0
        return
    q[o + AT_TOP] += 1 if high == d[o + TOP] else 0
    q[o + AT_BOTTOM] += 1 if low == d[o + BOTTOM] else 0
    _spread(d, o, high, low, volume)


def _spread(d: Doubles, o: int, high: float, low: float, volume: float) -> None:
    """Add a bar's volume to the rows that its range lies in; one without lies in its row, on an edge in the lower."""
    edges = o + EDGES
    row = _row(d, edges, low)
    while high == low and row > 0 and d[at(edges + row)] == low:
        row -= 1
    if high <= d[at(edges + row + 1)]:
        _add(d, o, row, volume)
        return
    scale = high - low
    while row < ROWS and d[at(edges + row)] < high:
        bottom, top = d[at(edges + row)], d[at(edges + row + 1)]
        _add(d, o, row, volume * (((top if top < high else high) - (bottom if bottom > low else low)) / scale))
        row += 1


def _add(d: Doubles, o: int, row: int, volume: float) -> None:
    here = at(o + VOLUMES + 2 * row)
    total, lost = two_sum(d[here], volume * SMALLER)
    d[here] = total
    d[at(here + 1)] += lost


def _row(d: Doubles, edges: int, price: float) -> int:
    """Return the last row that begins at or below a price."""
    low, high = 0, ROWS - 1
    while low < high:
        middle = (low + high + 1) // 2
        if d[at(edges + middle)] <= price:
            low = middle
        else:
            high = middle - 1
    return low


def _measure(d: Doubles, q: Wholes, o: int, n: int) -> None:
    """Take the lowest low and the highest high of the window, and how many bars there are at each."""
    bottom, top, at_bottom, at_top = 0.0, 0.0, 0, 0
    for here in range(o + BODY, o + BODY + n):
        high, low = d[at(here)], d[at(here + n)]
        if high != high:
            continue
        if at_top == 0 or high > top:
            top, at_top = high, 0
        if at_bottom == 0 or low < bottom:
            bottom, at_bottom = low, 0
        at_top += 1 if high == top else 0
        at_bottom += 1 if low == bottom else 0
    d[o + BOTTOM], d[o + TOP], q[o + AT_BOTTOM], q[o + AT_TOP] = bottom, top, at_bottom, at_top


def _lay(d: Doubles, q: Wholes, o: int, n: int) -> None:
    """Lay the rows anew, and every bar of the window into them."""
    _measure(d, q, o, n)
    bottom, height = d[o + BOTTOM], d[o + TOP] - d[o + BOTTOM]
    for row in range(ROWS):
        d[at(o + EDGES + row)] = bottom + height * (float(row) / ROWS)
        d[at(o + VOLUMES + 2 * row)] = d[at(o + VOLUMES + 2 * row + 1)] = 0.0
    d[o + EDGES + ROWS] = d[o + TOP]
    d[o + PEAK], q[o + AGE], q[o + LAID] = 0.0, 0, 1
    if height - height != 0:
        q[o + LAID] = 0
        return
    for here in range(o + BODY, o + BODY + n):
        if d[at(here)] == d[at(here)]:
            _spread(d, o, d[at(here)], d[at(here + n)], d[at(here + 2 * n)])


def _total(d: Doubles, o: int) -> float:
    """Return the volume of all rows, and leave in `SHARES` that of each."""
    total = lost = 0.0
    for row in range(ROWS):
        here = at(o + VOLUMES + 2 * row)
        volume = d[here] + d[at(here + 1)]
        d[at(o + SHARES + row)] = volume
        total, more = two_sum(total, volume)
        lost += more
    return total + lost


# Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _value(op: int, d: Doubles, q: Wholes, o: int, n: int) -> float:
    if not q[o + HEAVY]:
        return MISSING
    total = 0.0
    if q[o + LAID]:
        total = _total(d, o)
    if not total > d[o + PEAK] * FADED:
        _lay(d, q, o, n)
        if not q[o + LAID]:
            return MISSING
        total = _total(d, o)
    if total > d[o + PEAK]:
        d[o + PEAK] = total
    if not total > 0:
        return MISSING
    if d[o + TOP] == d[o + BOTTOM]:
        return d[o + BOTTOM]
    for row in range(ROWS):
        d[at(o + SHARES + row)] /= total
    return _price(op, d, o)


def _price(op: int, d: Doubles, o: int) -> float:
    shares, edges = o + SHARES, o + EDGES
    if op == CONTROL:
        row = _fullest(d, shares)
        bottom, top = d[at(edges + row)], d[at(edges + row + 1)]
        return bottom + (top - bottom) / 2
    first, last = _area(d, shares)
    return d[at(edges + first)] if op == AREA_LOW else d[at(edges + last + 1)]


def _fullest(d: Doubles, shares: int) -> int:
    """Return the first of the rows that are as full as the fullest."""
    most = d[at(shares)]
    for row in range(ROWS):
        if d[at(shares + row)] > most:
            most = d[at(shares + row)]
    row = 0
    while d[at(shares + row)] < most - NOISE:
        row += 1
    return row


def _area(d: Doubles, shares: int) -> tuple[int, int]:
    """Return the first and last row of the value area, grown to the fuller neighbour, the lower one of equals."""
    first = last = _fullest(d, shares)
    held = d[at(shares + first)]
    while held < SHARE - NOISE and (first > 0 or last < ROWS - 1):
        below = d[at(shares + first - 1)] if first > 0 else -1.0
        above = d[at(shares + last + 1)] if last < ROWS - 1 else -1.0
        if last == ROWS - 1 or (first > 0 and below >= above - NOISE):
            first -= 1
            held += below
        else:
            last += 1
            held += above
    return first, last
