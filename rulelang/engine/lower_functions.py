"""Lowering of functions: those with a history as states of the native ones, the plain ones as computations."""

from math import gcd, sqrt

from rulelang.check import checked as c
from rulelang.check.exact import exact_value
from rulelang.engine import ops
from rulelang.engine.draft import NAN, Draft, function_words
from rulelang.engine.functions import OPS
from rulelang.engine.known import Known
from rulelang.engine.lower_clocks import joint, period_of
from rulelang.engine.lower_nodes import compute, pure, remembering
from rulelang.functions import FUNCTIONS
from rulelang.kinds import YEAR, Kind

_PLAIN = {
    "abs": ops.ABS,
    "min": ops.MIN,
    "max": ops.MAX,
    "sqrt": ops.SQRT,
    "log": ops.LOG,
    "exp": ops.EXP,
    "round": ops.ROUND,
    "floor": ops.FLOOR,
    "ceil": ops.CEIL,
    "clamp": ops.CLAMP,
    "if": ops.CHOOSE,
    "basis": ops.BASIS,
}


def applied(draft: Draft, node: c.Applied) -> Known:
    parts = draft.parts(*node.arguments)
    op = OPS.get(node.function)
    if op is None:
        return _plain(draft, node, parts, _kinds(node))
    numbers = _setting(node)
    parts = tuple([_as_number(draft, part) for part in parts])
    if numbers is None:
        return _unclocked(draft, node, parts)
    window = node.window or 1
    size, f = function_words(op, window), draft.pair(*numbers)
    return remembering(draft, node, ops.FUNCTION, parts, size, n=window, f=f, x=op)[0]


def _kinds(node: c.Applied) -> tuple[Kind, ...]:
    """Return the kinds of what is written as arguments, behind the fields that a function reads by itself."""
    return tuple([one.kind for one in node.arguments[len(FUNCTIONS[node.function].reads) :]])


def _setting(node: c.Applied) -> tuple[float, float] | None:
    """Return the constants of a function with a history; `None` where it needs a clock that nobody knows."""
    if node.function == "percentile":
        exact = next(value for one in node.numbers if (value := exact_value(one)) is not None)
        return float(exact), 0.0
    if node.function == "volatility":
        return None if node.seconds is None else (sqrt(YEAR / node.seconds), 0.0)
    if node.function == "sum" and (kind := _kinds(node)[0]).name == "rate":
        assert isinstance(kind.unit, int)
        return None if node.seconds is None else (float(node.seconds), float(kind.unit))
    return 1.0, 1.0


def _unclocked(draft: Draft, node: c.Applied, parts: tuple[Known, ...]) -> Known:
    register, period = draft.constant(NAN).register, period_of(draft, node, parts)
    return Known(register, standing=None if period is None else joint(draft, parts, period), settled=register)


def _as_number(draft: Draft, part: Known) -> Known:
    return pure(draft, ops.NUMBER, (part,), part.standing) if part.register < 0 else part


def _plain(draft: Draft, node: c.Applied, parts: tuple[Known, ...], kinds: tuple[Kind, ...]) -> Known:
    to = next((kind.unit for kind in kinds if kind.name == "rate" and isinstance(kind.unit, int)), None)
    if node.function == "annualised":
        if len(kinds) == 2:
            return compute(draft, node, ops.A_YEAR, parts)
        part = _converted(draft, parts[0], to or YEAR, YEAR)
        return compute(draft, node, ops.MAX, (part, part))
    if to is not None and node.function in ("min", "max", "clamp", "if"):
        pairs = zip(parts, kinds, strict=True)
        parts = tuple([_converted(draft, p, k.unit, to) if k.name == "rate" else p for p, k in pairs])
    op = _PLAIN[node.function]
    if op not in (ops.MIN, ops.MAX):
        return compute(draft, node, op, parts)
    period = period_of(draft, node, parts)
    for part in parts[1:-1]:
        standing = None if period is None else joint(draft, (parts[0], part), period)
        parts = (pure(draft, op, (parts[0], part), standing), *parts[2:])
    return compute(draft, node, op, parts)


def _converted(draft: Draft, part: Known, unit: object, to: int) -> Known:
    """Return a rate in another period; it may be beyond the doubles on its way."""
    assert isinstance(unit, int)
    if unit == to and part.register >= 0:
        return part
    shared = gcd(to, unit)
    times, over = to // shared, unit // shared
    factor, by = (1.0, float(over)) if times == 1 and over != 1 else (times / over, 1.0)
    known = pure(draft, ops.CONVERT, (part,), part.standing, {ops.I_F: draft.pair(factor, by)})
    known.constant = part.constant
    return known
