"""Who pays funding when a comparison is true: longs while the rate is positive, shorts while it is negative."""

from rulelang.check.checked import Applied, FieldValue, Node
from rulelang.explain.reading import Reading, Where
from rulelang.syntax import tree

SETTLED, ESTIMATE = "funding_8h", "predicted_funding_8h"

_SIGN_KEPT = {"sma", "ema", "wma", "wilder", "sum", "annualised"}
"""Functions of a rate that are positive where, on the whole, longs pay."""

_SIDES = {
    "longs": "longs pay shorts: the short hedge receives it",
    "shorts": "shorts pay longs: the short hedge pays it",
    "longs or nobody": "longs pay shorts, or nobody pays: the short hedge never does",
    "shorts or nobody": "shorts pay longs, or nobody pays: the short hedge receives nothing",
    "longs less": "longs pay shorts less than that, or shorts pay longs",
    "shorts less": "shorts pay longs less than that, or longs pay shorts",
}
_ESTIMATED = {
    "longs": "longs would pay shorts: the short hedge would receive it",
    "shorts": "shorts would pay longs: the short hedge would pay it",
    "longs or nobody": "longs would pay shorts, or nobody would pay",
    "shorts or nobody": "shorts would pay longs, or nobody would pay",
    "longs less": "longs would pay shorts less than that, or shorts would pay longs",
    "shorts less": "shorts would pay longs less than that, or longs would pay shorts",
}


def paid(r: Reading, written: tree.Compare, where: Where) -> str:
    """Return who pays whom while a comparison of funding with a fixed value is true; nothing for all others."""
    name = _funding(r.node(written.left, where))
    sides = {_side(written.operator, limit > 0, limit < 0) for limit in r.fixed(written.right, where).values()}
    if name is None or len(sides) != 1:
        return ""
    return (_SIDES if name == SETTLED else _ESTIMATED)[sides.pop()]


def _funding(node: Node | None) -> str | None:
    """Return which funding rate of this asset a value follows in sign, if one."""
    while isinstance(node, Applied) and node.function in _SIGN_KEPT and len(node.arguments) == 1:
        node = node.arguments[0]
    own = isinstance(node, FieldValue) and node.asset is None and node.field.name in (SETTLED, ESTIMATE)
    return node.field.name if own and isinstance(node, FieldValue) else None


def _side(operator: str, positive: bool, negative: bool) -> str:
    """Return who pays where funding is above, or below, a limit of this sign."""
    if operator in (">", ">="):
        if negative:
            return "shorts less"
        return "longs" if positive or operator == ">" else "longs or nobody"
    if positive:
        return "longs less"
    return "shorts" if negative or operator == "<" else "shorts or nobody"
