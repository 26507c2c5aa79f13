"""The arithmetic of kinds: what may be added, compared and multiplied, and what comes out (clause 3.1)."""

from attrs import frozen

from rulelang.kinds.kind import DURATION, NUMBER, RATIO, TIME, Kind, coins, money, price

_TAKES_NUMBERS = {"price", "coins", "money", "score", "amount"}
_SCALES = {"ratio", "rate", "price", "coins", "money", "score", "duration", "amount"}
_DOLLARS = {"USD", "USDT", "USDC"}


@frozen
class Clash:
    """Two kinds that don't go together, and why, in a few words."""

    reason: str


def _same_unit(left: Kind, right: Kind) -> bool:
    a, b = left.unit, right.unit
    return a is None or b is None or a == b or (a in _DOLLARS and b in _DOLLARS)


def _unit(left: Kind, right: Kind) -> str | None:
    unit = left.unit if left.unit is not None else right.unit
    assert unit is None or isinstance(unit, str)
    return unit


def unify(left: Kind, right: Kind) -> Kind | Clash:
    """Return the one kind that two values share when compared, added or offered as alternatives.

    A bare number goes with a price, coins, money or a score; a written amount with a price and with money; a written 0
    with everything. Of two rates the left one's period counts.
    """
    if "zero" in (left.name, right.name):
        return _with_zero(left, right)
    if left.name in ("condition", "word") or right.name in ("condition", "word"):
        return Clash(f"a {left} and a {right} have nothing in common")
    if left.name == "rate" and right.name in ("rate", "ratio"):
        return left
    if right.name == "rate" and left.name == "ratio":
        return right
    if left.name == right.name:
        return _joined(left.name, left, right)
    if right.name == "number" and left.name in _TAKES_NUMBERS:
        return left
    if left.name == "number" and right.name in _TAKES_NUMBERS:
        return right
    for amount, other in ((left, right), (right, left)):
        if amount.name == "amount" and other.name in ("price", "money"):
            return _joined(other.name, left, right)
    return Clash(f"{_a(left)} and {_a(right)} can't be put side by side")


def _with_zero(left: Kind, right: Kind) -> Kind | Clash:
    other = right if left.name == "zero" else left
    if other.name in ("condition", "word"):
        return Clash(f"0 is no {other}")
    return other


def _joined(name: str, left: Kind, right: Kind) -> Kind | Clash:
    if not _same_unit(left, right):
        return Clash(f"one is in {left.unit}, the other in {right.unit}")
    if name in ("price", "money", "amount", "coins"):
        return Kind(name, _unit(left, right))
    return left


def comparable(left: Kind, right: Kind) -> bool:
    """Say whether two kinds can be compared."""
    return isinstance(unify(left, right), Kind)


def combine(operator: str, left: Kind, right: Kind) -> Kind | Clash:
    """Return the kind of `left operator right` for `+ - * /`, or why it means nothing.

    A literal 1 beside a ratio is the checker's business: here it is a number.
    """
    if operator in "+-":
        return _sum(operator, left, right)
    return _product(left, right) if operator == "*" else _quotient(left, right)


def _sum(operator: str, left: Kind, right: Kind) -> Kind | Clash:
    if left == TIME and right == DURATION:
        return TIME
    if operator == "+" and left == DURATION and right == TIME:
        return TIME
    if left == TIME and right == TIME:
        return DURATION if operator == "-" else Clash("two times can't be added")
    return unify(left, right)


def _product(left: Kind, right: Kind) -> Kind | Clash:
    names = {left.name, right.name}
    if names == {"zero"}:
        return NUMBER
    if "zero" in names:
        return _product(left, NUMBER) if right.name == "zero" else _product(NUMBER, right)
    for one, other in ((left, right), (right, left)):
        if one == NUMBER and (other.name in _SCALES or other == NUMBER):
            return other
    for one, other in ((left, right), (right, left)):
        if one == RATIO and other.name in _SCALES:
            return other
        if one.name in ("price", "amount") and other.name == "coins":
            return money(one.unit if isinstance(one.unit, str) else None)
        if one.name == "rate" and other == DURATION:
            return RATIO
    return Clash(f"{_a(left)} times {_a(right)} has no meaning")


def _quotient(left: Kind, right: Kind) -> Kind | Clash:
    if right.name == "zero":
        return Clash("division by 0 is always missing")
    if left.name == "zero":
        left = NUMBER if right.name in ("number", "ratio") else right
    if left == NUMBER and right == NUMBER:
        return NUMBER
    if right in (NUMBER, RATIO) and (left.name in _SCALES or left == NUMBER):
        return RATIO if left == RATIO else left
    if left.name in ("money", "amount") and right.name == "coins":
        return price(left.unit if isinstance(left.unit, str) else None)
    if left.name in ("money", "amount") and right.name == "price" and left.name == "money":
        return coins(None)
    if left.name in _SCALES and isinstance(unify(left, right), Kind) and right != NUMBER:
        return RATIO
    return Clash(f"{_a(left)} divided by {_a(right)} has no meaning")


def _a(kind: Kind) -> str:
    article = "an" if kind.name == "amount" else "" if kind.name in ("money", "coins") else "a"
    return f"{article} {kind.name}".strip()
