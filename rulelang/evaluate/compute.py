"""What the nodes without memory compute: arithmetic, comparisons, scaling. Missing in, missing out."""

import math
from collections.abc import Callable
from typing import Any

from rulelang.evaluate.truth import Truth

_LIMIT = math.inf
Number = float | None


def finite(value: float) -> Number:
    """Return a number, or missing where it overflowed."""
    return value if -_LIMIT < value < _LIMIT else None


def add(left: Number, right: Number) -> Number:
    return None if left is None or right is None else finite(left + right)


def subtract(left: Number, right: Number) -> Number:
    return None if left is None or right is None else finite(left - right)


def multiply(left: Number, right: Number) -> Number:
    return None if left is None or right is None else finite(left * right)


def divide(left: Number, right: Number) -> Number:
    return None if left is None or right is None or right == 0 else finite(left / right)


def negative(value: Number) -> Number:
    return None if value is None else -value


def above(left: Number, right: Number) -> Truth:
    return None if left is None or right is None else left > right


def at_least(left: Number, right: Number) -> Truth:
    return None if left is None or right is None else left >= right


def below(left: Number, right: Number) -> Truth:
    return None if left is None or right is None else left < right


def at_most(left: Number, right: Number) -> Truth:
    return None if left is None or right is None else left <= right


def is_missing(value: Any) -> bool:
    return value is None


def is_known(value: Any) -> bool:
    return value is not None


ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
}
COMPARISONS: dict[str, Callable[[Number, Number], Truth]] = {
    ">": above,
    ">=": at_least,
    "<": below,
    "<=": at_most,
}


def scaling(times: int, by: int) -> Callable[[Number], Number]:
    """Return the computation value x times / by."""

    def scaled(value: Number) -> Number:
        return None if value is None else finite(value * times / by)

    return scaled


def word_is(word: str) -> Callable[[Any], Truth]:
    """Return the question whether a field of words is one of them."""

    def asked(value: Any) -> Truth:
        return None if value is None else value == word

    return asked


def guarded(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Return a computation of which no input can make an exception."""

    def total(*values: Any) -> Any:
        try:
            return compute(*values)
        except (OverflowError, ZeroDivisionError, ValueError):
            return None

    return total
