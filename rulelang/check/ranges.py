"""Which values an expression can have at all: intervals, from the bounds of fields and the facts of functions."""

import math
from collections.abc import Mapping
from fractions import Fraction

from rulelang.check.checked import (
    Applied,
    Arithmetic,
    AtTrigger,
    CheckedTarget,
    Constant,
    FieldValue,
    Negated,
    Node,
    ParamValue,
    Scaled,
    TargetValue,
)
from rulelang.check.exact import exact_value
from rulelang.functions import EVERYTHING, FUNCTIONS, Setting, Span

_DEEP = 100
"""Through so many nodes ranges are followed; beyond, a value can be anything."""


class Ranges:
    """The ranges of the nodes of one program, each computed once."""

    def __init__(self, targets: Mapping[str, CheckedTarget]) -> None:
        self._known: dict[int, Span] = {}
        self._targets = targets

    def of(self, node: Node, depth: int = 0) -> Span:
        """Return the lowest and the highest value that a node can have."""
        known = self._known.get(id(node))
        if known is None:
            self._known[id(node)] = known = EVERYTHING if depth > _DEEP else self._computed(node, depth + 1)
        return known

    def _computed(self, node: Node, depth: int) -> Span:
        match node:
            case Constant() | ParamValue():
                value = float(node.exact) if isinstance(node.exact, Fraction) else math.nan
                return (value, value) if value == value else EVERYTHING
            case FieldValue():
                return node.field.bounds.low, node.field.bounds.high
            case TargetValue(what="in force"):
                return self._targets[node.target].low, self._targets[node.target].high
            case Negated():
                low, high = self.of(node.inner, depth)
                return -high, -low
            case Scaled():
                low, high = self.of(node.inner, depth)
                return low * node.times / node.by, high * node.times / node.by
            case Arithmetic():
                return _arithmetic(node.operator, self.of(node.left, depth), self.of(node.right, depth))
            case Applied():
                return self._applied(node, depth)
            case AtTrigger():
                return self.of(node.inner, depth)
            case _:
                return EVERYTHING

    def _applied(self, node: Applied, depth: int) -> Span:
        record = FUNCTIONS[node.function]
        if record.span is None:
            return EVERYTHING
        numbers = tuple(float(value) for one in node.numbers if (value := exact_value(one)) is not None)
        arguments = node.arguments[len(record.reads) :]
        setting = Setting(
            window=node.window,
            clock=node.seconds,
            kinds=tuple(argument.kind for argument in arguments),
            numbers=numbers,
            spans=tuple(self.of(argument, depth) for argument in arguments),
        )
        return record.span(setting)


def _arithmetic(operator: str, left: Span, right: Span) -> Span:
    if operator == "+":
        return _clean(left[0] + right[0], left[1] + right[1])
    if operator == "-":
        return _clean(left[0] - right[1], left[1] - right[0])
    if operator == "*":
        return _hull([_times(a, b) for a in left for b in right])
    if right[0] <= 0 <= right[1]:
        return EVERYTHING if left[0] < 0 or right[0] < 0 else (0.0, math.inf)
    return _hull([a / b if not (math.isinf(a) and math.isinf(b)) else 0.0 for a in left for b in right])


def _times(a: float, b: float) -> float:
    return 0.0 if 0 in (a, b) else a * b


def _hull(values: list[float]) -> Span:
    return (min(values), max(values)) if not any(map(math.isnan, values)) else EVERYTHING


def _clean(low: float, high: float) -> Span:
    return EVERYTHING if math.isnan(low) or math.isnan(high) else (low, high)


_INSIDE_BAR = {"low": 0, "open": 1, "close": 1, "high": 2}


def never_above(left: Node, right: Node) -> bool:
    """Say whether a value is never above another one by the way they are made: `close` above `highest(high, 20)`."""
    if left == right:
        return True
    if isinstance(right, Applied) and FUNCTIONS[right.function].never == "below":
        return never_above(left, right.arguments[0])
    if isinstance(left, Applied) and FUNCTIONS[left.function].never == "above":
        return never_above(left.arguments[0], right)
    if isinstance(left, FieldValue) and isinstance(right, FieldValue):
        same = left.asset == right.asset and left.frame == right.frame
        names = left.field.name, right.field.name
        if same and all(name in _INSIDE_BAR for name in names):
            return _INSIDE_BAR[names[0]] < _INSIDE_BAR[names[1]]
    return False
