"""What a target can be given: a number, or the file's own words with the range that their value lies in."""

import sys
from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen

from rulelang.check.checked import Arithmetic, CheckedTarget, Constant, Negated, Node, ParamValue, Program, Scaled
from rulelang.check.walk import unwrapped
from rulelang.evaluate import compute
from rulelang.functions import Span
from rulelang.kinds import RATIO, Kind, value_text
from rulelang.syntax import printed, tree

_MOST = sys.float_info.max
"""No level is larger: the evaluator keeps it there."""


@frozen
class Amount:
    """A value as far as the rules tell it: in words, and the lowest and highest that it can be while it is known.

    `loose` words are a sum or the like, and stand in parentheses beside `*`, `of` and `-`.
    """

    low: float
    high: float
    words: str
    loose: bool = False

    @property
    def number(self) -> float | None:
        """The value where it is determined, `None` where it depends on data."""
        return self.low if self.low == self.high else None

    @property
    def tight(self) -> str:
        """The words as they stand inside a longer expression."""
        return f"({self.words})" if self.loose else self.words


@frozen
class Limit:
    """A floor or a cap of an active rule; `rule` is `None` for a bound of the target."""

    what: str
    amount: Amount
    rule: str | None


def constants(program: Program) -> Mapping[int, float]:
    """Return what the constant nodes are, by identity: the doubles that the evaluator makes of them, to the last bit.

    One pass over the nodes, children first, since a chain of lets can be deeper than any stack.
    """
    known: dict[int, float] = {}
    for node in program.nodes:
        value = _constant(node, known)
        if value is not None:
            known[id(node)] = value
    return known


def _constant(node: Node, known: Mapping[int, float]) -> float | None:
    match node:
        case Constant() | ParamValue():
            return float(node.exact) if isinstance(node.exact, Fraction) else None
        case Negated():
            return compute.negative(known.get(id(node.inner)))
        case Scaled():
            return compute.scaling(node.times, node.by)(known.get(id(node.inner)))
        case Arithmetic():
            return compute.ARITHMETIC[node.operator](known.get(id(node.left)), known.get(id(node.right)))
        case _:
            return None


def number(value: float, kind: Kind) -> Amount:
    """Return a value that is known."""
    return Amount(value, value, value_text(value, kind))


def written_amount(span: Span, written: tree.Expression, kind: Kind) -> Amount:
    """Return a value that depends on data as the file says it, `span` being all that it can be."""
    inner = unwrapped(written)
    loose = isinstance(inner, tree.Binary | tree.Negative)
    low, high = map(_kept, span)
    return _amount(low, high, printed(inner), loose, kind)


def _kept(value: float) -> float:
    return max(-_MOST, min(_MOST, value))


def _amount(low: float, high: float, words: str, loose: bool, kind: Kind) -> Amount:
    return number(low, kind) if low == high else Amount(low, high, words, loose)


# --- increase and reduce

_SIGNS = {"increase": "+", "reduce": "-"}


def moved(level: Amount, by: Amount, verb: str, kind: Kind) -> Amount:
    """Return a level that was increased or reduced by points of the target."""
    words = f"{level.words} {_SIGNS[verb]} {by.tight}"
    if level.number == 0 and verb == "increase":
        words = by.words
    ends = [_shifted(start, step, verb) for start in (level.low, level.high) for step in (by.low, by.high)]
    return _amount(min(ends), max(ends), words, True, kind)


def grown(level: Amount, share: Amount, verb: str, kind: Kind) -> Amount:
    """Return a level that was increased or reduced by a share of itself."""
    whole = f"(100% {_SIGNS[verb]} {share.tight})"
    if share.number is not None:
        whole = value_text(_shifted(1, share.number, verb), RATIO)
    parts = (share.low, share.high)
    ends = [_shifted(start, part * start, verb) for start in (level.low, level.high) for part in parts]
    return _amount(min(ends), max(ends), f"{whole} of {level.tight}", True, kind)


def _shifted(start: float, step: float, verb: str) -> float:
    return _kept(start + step if verb == "increase" else start - step)


# --- floors and caps


@frozen
class _Within:
    """A value on its way through floors and caps: constant ones narrow the range, others are joined to the words."""

    core: Amount
    low: float
    high: float


def limited(level: Amount, limits: list[Limit], target: CheckedTarget) -> tuple[Amount, Limit | None]:
    """Return a level within floors and caps, in their order, and then the target's bounds; and which of them decided.

    What decided is known where the result is a number: the last one that changed anything.
    """
    ends = (Limit("floor", number(target.low, target.kind), None), Limit("cap", number(target.high, target.kind), None))
    now, last = _Within(level, level.low, level.high), None
    for limit in (*limits, *ends):
        after = _applied(now, limit, target.kind)
        now, last = after, limit if after != now else last
    if now.low == now.high:
        return number(now.low, target.kind), last
    return Amount(now.low, now.high, _with_limits(now, target)), None


def _applied(now: _Within, limit: Limit, kind: Kind) -> _Within:
    amount, floor = limit.amount, limit.what == "floor"
    pick = max if floor else min
    if amount.number is not None:
        return _Within(now.core, pick(now.low, amount.low), pick(now.high, amount.low))
    if (amount.high <= now.low) if floor else (amount.low >= now.high):
        return now
    if (amount.low >= now.high) if floor else (amount.high <= now.low):
        return _Within(amount, amount.low, amount.high)
    low, high = pick(now.low, amount.low), pick(now.high, amount.high)
    words = f"{pick.__name__}({_as_function(now, kind)}, {amount.words})"
    return _Within(_amount(low, high, words, False, kind), low, high)


def _as_function(now: _Within, kind: Kind) -> str:
    """Return words with their constant floor and cap said as `max` and `min`."""
    if now.low == now.high:
        return value_text(now.low, kind)
    words = now.core.words
    if now.low > now.core.low:
        words = f"max({words}, {value_text(now.low, kind)})"
    return f"min({words}, {value_text(now.high, kind)})" if now.high < now.core.high else words


def _with_limits(now: _Within, target: CheckedTarget) -> str:
    """Return words with the constant floor and cap behind them: those that the target's bounds don't imply."""
    words = now.core.words
    if now.low > max(now.core.low, target.low):
        words += f", at least {value_text(now.low, target.kind)}"
    if now.high < min(now.core.high, target.high):
        words += f", at most {value_text(now.high, target.kind)}"
    return words


def limits_text(limits: list[Limit], target: CheckedTarget) -> str:
    """Return floors and caps as one reads them together; nothing where the target's bounds say as much."""
    words = {"floor": "at least", "cap": "at most"}
    if any(limit.amount.number is None for limit in limits):
        return ", ".join(f"{words[limit.what]} {limit.amount.words}" for limit in limits)
    found, _ = limited(Amount(-_MOST, _MOST, ""), limits, target)
    if found.number is not None:
        return f"exactly {found.words}"
    ends = (("floor", found.low, found.low > target.low), ("cap", found.high, found.high < target.high))
    return ", ".join(f"{words[what]} {value_text(end, target.kind)}" for what, end, matters in ends if matters)
