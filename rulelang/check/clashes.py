"""What is said where kinds don't go together, above all of the hundredfold mistake (clause 3.2)."""

from decimal import Decimal

from attrs import frozen

from rulelang.check.checked import Node
from rulelang.check.literals import percent, plain
from rulelang.check.report import Report
from rulelang.check.walk import unwrapped
from rulelang.kinds import NUMBER, RATIO, Clash, Kind
from rulelang.syntax import printed, tree
from rulelang.text import Fix

_LITERALS = tree.Number | tree.Percent | tree.Rate | tree.Duration | tree.Quantity | tree.Moment
_WHY_HUNDREDFOLD = "a number without its % is off by a factor of a hundred, one way or the other"


@frozen
class Side:
    """One side of a clash: what was written and what it means; or, for what a value is used as, the wanted kind."""

    written: tree.Expression
    node: Node
    want: Kind | None = None
    name: str = ""

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return self.want or self.node.kind

    @property
    def said(self) -> str:
        """How a message calls it."""
        return self.name or f"`{_short(self.written)}`"


def _short(written: tree.Expression) -> str:
    whole = printed(written)
    return whole if len(whole) <= 60 else whole[:57] + "…"


def _a(kind: Kind) -> str:
    from rulelang.check.expressions import a

    return a(kind)


def _literal(written: tree.Expression) -> bool:
    written = unwrapped(written)
    return isinstance(written.inner if isinstance(written, tree.Negative) else written, _LITERALS)


def _is_quotient(written: tree.Expression) -> bool:
    written = unwrapped(written)
    return isinstance(written, tree.Binary) and written.operator == "/"


def hundredfold(report: Report, left: Side, right: Side, sum_: tree.Binary | None) -> bool:
    """Report a bare number beside a ratio or rate, with its repair; `False` where that is not the mistake."""
    for bare, other in ((right, left), (left, right)):
        if bare.want is not None or bare.node.kind != NUMBER or other.kind.name not in ("ratio", "rate"):
            continue
        choices = _choices(bare.written, other, in_sum=sum_ is not None)
        said = f"{other.said} is {_a(other.kind)}, `{_short(bare.written)}` a bare number"
        if choices:
            said += f": write {' or '.join(choices)}"
        elif not _literal(bare.written):
            said += ": give it its % where it is written"
        fixes = tuple(Fix(choice, bare.written.span) for choice in choices)
        report.error("RL302", bare.written.span, said, _WHY_HUNDREDFOLD, *fixes)
        return True
    return False


def _choices(written: tree.Expression, other: Side, in_sum: bool) -> list[str]:
    """Return the percentages that may have been meant, the likeliest first."""
    inner = unwrapped(written)
    sign = "-" if isinstance(inner, tree.Negative) else ""
    inner = unwrapped(inner.inner) if isinstance(inner, tree.Negative) else inner
    if not isinstance(inner, tree.Number) or len(inner.text) > 30:
        return []
    value = plain(inner.text)
    times, same = sign + percent(value * 100), sign + percent(value)
    if other.kind.name == "rate":
        return [same]
    if other.want is None and _is_quotient(other.written):
        return [same] if in_sum and value >= 1 else [times]
    return [times, same] if value <= Decimal("1.5") else [same]


def kinds_clash(report: Report, operator: str, left: Side, right: Side, clash: Clash) -> None:
    """Report two kinds that don't go together, at the side that was written as a literal, else at the right one."""
    culprit, other = (left, right) if _literal(left.written) and not _literal(right.written) else (right, left)
    said = f"{other.said} is {_a(other.kind)}, {culprit.said} {_a(culprit.kind)}"
    fixes: tuple[Fix, ...] = ()
    inner = unwrapped(culprit.written)
    if other.kind.name == "score" and isinstance(inner, tree.Percent):
        bare = inner.text[:-1]
        said += f": write {bare}"
        fixes = (Fix(bare, culprit.written.span, certain=operator == "compare" and plain(bare) >= 1),)
    elif (
        operator in ("compare", "+", "-")
        and {left.kind, right.kind} >= {RATIO}
        and "price"
        in (
            left.kind.name,
            right.kind.name,
        )
    ):
        said += f": divide the price by another one, as in `{_short(other.written)} / sma(close, 20)`"
    why = clash.reason
    if operator in "*/" or left.kind.name == right.kind.name:
        said, why = f"{said}: {clash.reason}", ""
    if operator == "/" and culprit.kind.name == "zero":
        said, why = f"{other.said} is divided by 0: that is always missing", "a rule that waits for it never acts"
    report.error("RL301", culprit.written.span, said, why, *fixes)
