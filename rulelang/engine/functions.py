# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Every function with a history as state in a flat arena of 8-byte words: one observation or a block of bars at a time.

The functions lie in modules of their kind; here a number, `OPS[name]`, leads to them. In all of them `d` and `q` are
the arena as doubles and as whole numbers, `o` is the first word of the state, `n` is the window in periods, `f` and `g`
are constants of the setting: percentile's p, volatility's annual factor, the times and over of a sum of rates (equal
where it is none). NaN is missing, a truth is 1 or 0. A state starts from words of zero, holds no addresses, and depends
on the observations alone, not on the blocks they came in.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine import orders, profiles, ranks, recursions, spreads, sums
    from rulelang.engine.arena import MISSING

from rulelang.engine.arena import Doubles, Wholes
from rulelang.engine.orders import NAMES as _ORDERS
from rulelang.engine.orders import bounded as _bounded_orders
from rulelang.engine.profiles import NAMES as _PROFILES
from rulelang.engine.profiles import bounded as _bounded_profiles
from rulelang.engine.ranks import NAMES as _RANKS
from rulelang.engine.ranks import bounded as _bounded_ranks
from rulelang.engine.recursions import NAMES as _RECURSIONS
from rulelang.engine.recursions import bounded as _bounded_recursions
from rulelang.engine.spreads import NAMES as _SPREADS
from rulelang.engine.spreads import bounded as _bounded_spreads
from rulelang.engine.sums import NAMES as _SUMS
from rulelang.engine.sums import bounded as _bounded_sums
from rulelang.engine.trees import bounded as _bounded_trees

SPREADS = len(_SUMS)
ORDERS = SPREADS + len(_SPREADS)
RANKS = ORDERS + len(_ORDERS)
RECURSIONS = RANKS + len(_RANKS)
PROFILES = RECURSIONS + len(_RECURSIONS)
"""The first number of each kind after sums."""

OPS = {name: op for op, name in enumerate((*_SUMS, *_SPREADS, *_ORDERS, *_RANKS, *_RECURSIONS, *_PROFILES))}
"""The number of each function with a history."""

SINCE = OPS["periods_since"]
COMPILED = cython.compiled
"""Whether these modules were compiled; uncompiled they give the same bits, slowly."""


def bounded(length: int) -> None:
    """Set the arena's length, for the checks of a checked build and of uncompiled modules."""
    for bound in (
        _bounded_sums, _bounded_spreads, _bounded_orders, _bounded_ranks, _bounded_trees, _bounded_recursions,
        _bounded_profiles,
    ):  # fmt: skip
        bound(length)


def words(op: int, n: int) -> int:
    """Return the size of a function's state in words."""
    if op < SPREADS:
        return sums.words(op, n)
    if op < ORDERS:
        return spreads.words(op - SPREADS, n)
    if op < RANKS:
        return orders.words(op - ORDERS, n)
    if op < RECURSIONS:
        return ranks.words(op - RANKS, n)
    return recursions.words(op - RECURSIONS, n) if op < PROFILES else profiles.words(op - PROFILES, n)


def reset(op: int, d: Doubles, q: Wholes, o: int, n: int) -> None:
    """Forget every observation."""
    for word in range(o, o + words(op, n)):
        q[word] = 0


def sound(op: int, d: Doubles, q: Wholes, o: int, n: int) -> bool:
    """Say whether the words of a state, from whatever hand, could have come from pushes as far as they rely on it.

    Then no push leads out of the state or has no end; without it, values that were altered are values like others.
    """
    if op < SPREADS:
        return sums.sound(op, d, q, o, n)
    if op < ORDERS:
        return spreads.sound(op - SPREADS, d, q, o, n)
    if op < RANKS:
        return orders.sound(op - ORDERS, d, q, o, n)
    if op < RECURSIONS:
        return ranks.sound(op - RANKS, d, q, o, n)
    return recursions.sound(op - RECURSIONS, q, o, n) if op < PROFILES else profiles.sound(d, q, o, n)


def push(
    op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, g: float, x0: float, x1: float, x2: float, x3: float
) -> float:
    """Take one observation and return the function's value."""
    if op < SPREADS:
        return sums.push(op, d, q, o, n, f, g, x0, x1, x2, x3)
    if op < ORDERS:
        return spreads.push(op - SPREADS, d, q, o, n, f, x0, x1)
    if op < RANKS:
        return orders.push(op - ORDERS, d, q, o, n, x0)
    if op < RECURSIONS:
        return ranks.push(op - RANKS, d, q, o, n, f, x0)
    if op < PROFILES:
        return recursions.push(op - RECURSIONS, d, q, o, n, x0, x1, x2)
    return profiles.push(op - PROFILES, d, q, o, n, x0, x1, x2)


def run(
    op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, g: float,
    in0: Doubles, in1: Doubles, in2: Doubles, in3: Doubles, out: Doubles, lo: int, hi: int,
) -> None:  # fmt: skip
    """Push the bars lo to hi - 1 of the columns and write what comes out; the bits are those of single pushes."""
    if hi - lo == 1:
        out[lo] = push(op, d, q, o, n, f, g, in0[lo], in1[lo], in2[lo], in3[lo])
    elif op < SPREADS:
        sums.run(op, d, q, o, n, f, g, in0, in1, in2, in3, out, lo, hi)
    elif op < ORDERS:
        spreads.run(op - SPREADS, d, q, o, n, f, in0, in1, out, lo, hi)
    elif op < RANKS:
        orders.run(op - ORDERS, d, q, o, n, in0, out, lo, hi)
    elif op < RECURSIONS:
        ranks.run(op - RANKS, d, q, o, n, f, in0, out, lo, hi)
    elif op < PROFILES:
        recursions.run(op - RECURSIONS, d, q, o, n, in0, in1, in2, out, lo, hi)
    else:
        profiles.run(op - PROFILES, d, q, o, n, in0, in1, in2, out, lo, hi)


def skip(op: int, d: Doubles, q: Wholes, o: int, n: int, k: int) -> None:
    """Let k observations be missing. After 2n of them a window is the same at every nth."""
    if RECURSIONS <= op < PROFILES:
        recursions.skip(q, o, n, k)
    elif op == SINCE:
        orders.skip_since(q, o, k)
    else:
        if k > 3 * n:
            k = 2 * n + k % n
        for _ in range(k):
            push(op, d, q, o, n, 1.0, 1.0, MISSING, MISSING, MISSING, MISSING)


# For callers that are not compiled ────────────────────────────────────────────────────────────────────────────────────


def push_values(
    op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, g: float, x0: float, x1: float, x2: float, x3: float
) -> float:
    """Take one observation, as `push`; `d` and `q` are memory views of one arena."""
    if cython.compiled:
        return push(op, cython.address(d[0]), cython.address(q[0]), o, n, f, g, x0, x1, x2, x3)
    else:  # noqa: RET505  # only here is it left out of what is compiled
        return push(op, d, q, o, n, f, g, x0, x1, x2, x3)


def run_columns(
    op: int, d: Doubles, q: Wholes, o: int, n: int, f: float, g: float,
    in0: Doubles, in1: Doubles, in2: Doubles, in3: Doubles, out: Doubles, lo: int, hi: int, block: int,
) -> None:  # fmt: skip
    """Push bars as `run` does, in blocks of so many; columns that a function doesn't read can be any others."""
    while lo < hi:
        end = min(lo + block, hi)
        if cython.compiled:
            run(op, cython.address(d[0]), cython.address(q[0]), o, n, f, g, cython.address(in0[0]),
                cython.address(in1[0]), cython.address(in2[0]), cython.address(in3[0]), cython.address(out[0]),
                lo, end)  # fmt: skip
        else:
            run(op, d, q, o, n, f, g, in0, in1, in2, in3, out, lo, end)
        lo = end


def skip_periods(op: int, d: Doubles, q: Wholes, o: int, n: int, k: int) -> None:
    """Let k observations be missing, as `skip`."""
    if cython.compiled:
        skip(op, cython.address(d[0]), cython.address(q[0]), o, n, k)
    else:
        skip(op, d, q, o, n, k)


def is_sound(op: int, d: Doubles, q: Wholes, o: int, n: int) -> bool:
    """Say whether a state's words could have come from pushes, as `sound`."""
    if cython.compiled:
        return sound(op, cython.address(d[0]), cython.address(q[0]), o, n)
    else:  # noqa: RET505
        return sound(op, d, q, o, n)
