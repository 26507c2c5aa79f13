"""Units of formulas, worked out by the language's own arithmetic of kinds."""

import ast

from rulelang.hedging.errors import HedgingError
from rulelang.kinds import Kind, combine, named

_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def unit(formula: str) -> str:
    """Return the kind that a formula of kinds gives; raise `HedgingError` for one that means nothing.

    A count, of contracts or of days, is a number; the size of a contract is an amount for one of them.

    >>> unit("number * coins * (price - price)")
    'money'
    """
    return _kind(ast.parse(formula, mode="eval").body).name


def _kind(node: ast.expr) -> Kind:
    match node:
        case ast.Name(id=name) if (known := named(name)) is not None:
            return known
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            found = combine(_SIGNS[type(op)], _kind(left), _kind(right))
            if isinstance(found, Kind):
                return found
            raise HedgingError(ast.unparse(node), f"means nothing: {found.reason}", "kinds that go together")
    raise HedgingError(ast.unparse(node), "is no kind", "kinds such as `price` with + - * / between them")
