"""Shapes: nodes put together so that the printed text parses to the same tree, in parentheses where that takes them."""

from attrs import frozen

from rulelang.syntax import tree

OR, AND, NOT, SPANNED, COMPARISON, SUM, PRODUCT, UNARY, POSTFIX, ATOM = range(10)
"""How tightly a node binds."""

BASE = "base"


@frozen
class Made:
    """An expression with what decides where it may stand: the clocks it moves on, and whether it is momentary."""

    node: tree.Expression
    clocks: frozenset[str | int] = frozenset()
    momentary: bool = False

    @property
    def mixed(self) -> bool:
        """Whether it moves on several clocks."""
        return len(self.clocks) > 1


def tightness(node: tree.Expression) -> int:
    """Return how tightly a node binds."""
    match node:
        case tree.Logic():
            return OR if node.operator == "or" else AND
        case tree.Not():
            return NOT
        case tree.For():
            return SPANNED
        case tree.Compare() | tree.Crosses() | tree.Between() | tree.Is() | tree.Moves() | tree.Within() | tree.Every():
            return COMPARISON
        case tree.Binary():
            return SUM if node.operator in "+-" else PRODUCT
        case tree.Negative():
            return UNARY
        case tree.AtClock():
            return POSTFIX
        case _:
            return ATOM


def fit(node: tree.Expression, least: int) -> tree.Expression:
    """Return a node as it can stand where something binding so tightly is wanted."""
    return node if tightness(node) >= least else tree.Parentheses(node)


def binary(left: tree.Expression, operator: str, right: tree.Expression) -> tree.Expression:
    """Return two values joined by `+ - * /`."""
    own = SUM if operator in "+-" else PRODUCT
    return tree.Binary(operator, fit(left, own), fit(right, own + 1))


def logic(left: tree.Expression, operator: str, right: tree.Expression) -> tree.Expression:
    """Return two conditions joined by `and` or `or`."""
    own = OR if operator == "or" else AND
    return tree.Logic(operator, fit(left, own), fit(right, own + 1))


def call(function: str, *arguments: tree.Expression) -> tree.Expression:
    """Return a call."""
    return tree.Call(tree.Name(function), arguments)


def at_clock(inner: tree.Expression, period: str) -> tree.Expression:
    """Return an expression on longer bars."""
    return tree.AtClock(fit(inner, ATOM), tree.Duration(period))
