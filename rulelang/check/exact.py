"""Exact values of constant expressions: literals, params, and arithmetic with them."""

import sys
from fractions import Fraction

from rulelang.check.checked import Arithmetic, Constant, Negated, Node, ParamValue, Scaled

_BITS = 4096
"""A fraction with more digits than this is no constant that anybody writes down."""

_MOST = Fraction(sys.float_info.max)


def representable(value: Fraction) -> Fraction:
    """Return a value, or the largest one that a double can hold where it is larger."""
    return max(-_MOST, min(_MOST, value))


def exact_value(node: Node) -> Fraction | None:
    """Return the exact value of a constant or param, or of arithmetic with them; `None` for all else."""
    match node:
        case Constant() | ParamValue() | Negated() | Scaled() | Arithmetic():
            return node.exact if isinstance(node.exact, Fraction) else None
        case _:
            return None


def computed(operator: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
    """Return `left operator right` of two exact values, or `None` where it isn't one or has too many digits."""
    if left is None or right is None or (operator == "/" and right == 0):
        return None
    value = {"+": left.__add__, "-": left.__sub__, "*": left.__mul__, "/": left.__truediv__}[operator](right)
    small = max(value.numerator.bit_length(), value.denominator.bit_length()) <= _BITS
    return value if small and abs(value) <= _MOST else None
