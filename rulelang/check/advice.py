"""Warnings that save money: rules that are well formed and yet can't do what their author wants."""

import math
from fractions import Fraction

from rulelang.check.checked import (
    Applied,
    Both,
    CheckedAction,
    CheckedRule,
    CheckedTarget,
    Comparison,
    FieldValue,
    Held,
    Node,
    ParamValue,
    Scaled,
)
from rulelang.check.exact import exact_value
from rulelang.check.expressions import Elaborator, text
from rulelang.check.literals import percent, plain
from rulelang.check.ranges import Ranges, never_above
from rulelang.check.walk import everything
from rulelang.kinds import value_text
from rulelang.syntax import tree
from rulelang.text import Fix

Bound = tuple[Node, str, Fraction]
"""A comparison with a constant: what is compared, `>` or `<`, and the constant."""

_DEEP = 10
"""So many conditions deep it is asked whether funding has to be positive."""

_SWAPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


class Advice:
    """Looks at every rule of a file for what will not work as it was meant."""

    def __init__(self, e: Elaborator, otherwise: dict[tuple[str | None, str], Node | None]) -> None:
        self.e, self.report, self.otherwise = e, e.report, otherwise
        self.ranges = Ranges(e.names.targets)

    def on(self, rule: CheckedRule) -> None:
        """Look at one rule."""
        self.report.source = rule.source
        written = rule.written
        for condition, exit_of in ((written.condition, None), (written.until, rule.name)):
            if condition is not None:
                self._feedback(rule, condition)
                self._thresholds(condition, exit_of)
        self._exit_overlaps(rule)
        self._funding_sign(rule)
        for action, one in zip(rule.actions, self._acting(rule), strict=False):
            self._bounds(action, one)

    def _acting(self, rule: CheckedRule) -> list[tree.Action]:
        return [action for action in rule.written.actions if not isinstance(action, tree.Alert)]

    def on_otherwise(self, target: CheckedTarget, node: Node, written: tree.SetLevel) -> None:
        """Look at a level of `otherwise`."""
        self._bounds(CheckedAction("set", target.name, (node,), written=written), written)

    def unused(self) -> None:
        """Warn of params, lets and events that nothing reads."""
        declared = self.e.names
        for name in [*declared.params, *declared.lets, *declared.events]:
            if name not in declared.used:
                self._unused(name)

    def _unused(self, name: str) -> None:
        place = self.e.where.get(name)
        if place is None:
            return
        statement, self.report.source = place
        what = {"Let": "let", "Param": "param", "Event": "event"}[type(statement).__name__]
        why = "a value that nothing reads changes no decision: it may be misspelt where it was meant"
        self.report.warn("RL210", statement.name.span, f"the {what} `{name}` is never used", why)

    # --- rules that chase themselves

    def _feedback(self, rule: CheckedRule, condition: tree.Expression) -> None:
        targets = {action.target for action in rule.actions}
        for part in everything(condition):
            if isinstance(part, tree.Compare | tree.Crosses | tree.Between | tree.Moves):
                for name in sorted(targets & self.e.names.levels(part)):
                    message = f"this rule reads `{name}` and sets it: it may flip with every bar"
                    why = "what it does changes what it asks; a rule of its own with `until` keeps still"
                    self.report.warn("RL508", part.span, message, why)

    # --- thresholds that can't be reached

    def _thresholds(self, condition: tree.Expression, exit_of: str | None) -> None:
        for part in everything(condition):
            if not isinstance(part, tree.Compare | tree.Crosses | tree.Between):
                continue
            node = self.e.meaning(part, exit_of)
            if isinstance(part, tree.Between):
                self._corridor(part, node)
                continue
            if isinstance(node, Comparison) and isinstance(part, tree.Compare):
                self._threshold(part, node)
            elif isinstance(part, tree.Crosses) and node is not None:
                operator = ">" if part.direction == "above" else "<"
                crossing = Comparison(operator, node.left, node.right, kind=node.kind, clock=node.clock)  # type: ignore[union-attr]
                self._threshold(part, crossing)

    def _corridor(self, part: tree.Between, node: Node | None) -> None:
        """Warn of a `between` that nothing can be inside."""
        if (
            not isinstance(node, Both)
            or not isinstance(node.left, Comparison)
            or not isinstance(node.right, Comparison)
        ):
            return
        lowest, highest = self.ranges.of(node.left.left)
        low, high = self.ranges.of(node.left.right)[0], self.ranges.of(node.right.right)[1]
        if max(lowest, low) > min(highest, high):
            message = f"`{text(part)}` can never be true: nothing lies in between"
            self.report.warn("RL509", part.span, message, "a rule that waits for it never acts")

    def _threshold(self, part: tree.Compare | tree.Crosses, node: Comparison) -> None:
        above = node.operator in (">", ">=")
        high, low = (node.left, node.right) if above else (node.right, node.left)
        strict = node.operator in (">", "<")
        if strict and never_above(high, low):
            self._made_of_itself(part, node)
            return
        top, bottom = self.ranges.of(high)[1], self.ranges.of(low)[0]
        if top < bottom or (strict and top <= bottom):
            limit = top if exact_value(high) is None else bottom
            said = f": the limit is {value_text(limit, node.left.kind)}" if math.isfinite(limit) else ""
            message = f"`{text(part)}` can never be true{said}"
            self.report.warn("RL509", part.span, message, "a rule that waits for it never acts")
            return
        bottom, top = self.ranges.of(high)[0], self.ranges.of(low)[1]
        if bottom > top or (not strict and bottom >= top):
            self.report.warn("RL509", part.span, f"`{text(part)}` is always true", "a rule that asks it is never off")
            return
        self._plausible(part, node)

    def _made_of_itself(self, part: tree.Compare | tree.Crosses, node: Comparison) -> None:
        for written, other in ((part.right, node.right), (part.left, node.left)):
            if isinstance(other, Applied) and other.function in ("highest", "lowest"):
                repair = f"previous({text(written)}, 1)"
                message = (
                    f"`{text(part)}` can never be true: `{text(written)}` includes the present bar; write `{repair}`"
                )
                why = "a breakout is measured against the bars before this one"
                self.report.warn("RL509", part.span, message, why, Fix(repair, written.span))
                return
        self.report.warn("RL509", part.span, f"`{text(part)}` can never be true", "a rule that waits for it never acts")

    def _plausible(self, part: tree.Compare | tree.Crosses, node: Comparison) -> None:
        for written, side, other in ((part.right, node.left, node.right), (part.left, node.right, node.left)):
            value, field = exact_value(other), _observed(side)
            if field is None or value is None:
                continue
            plausible = field.field.plausible
            if value == 0 or plausible.holds(float(value)):
                continue
            low, high = (value_text(end, field.kind) for end in (plausible.low, plausible.high))
            shown = text(written)
            if isinstance(other, ParamValue):
                shown += f" = {value_text(float(value), field.kind)}"
            message = f"`{shown}` is far from what `{field.field.name}` is: {low} to {high}"
            why = f"{field.field.help}; check the unit"
            fixes: tuple[Fix, ...] = ()
            if isinstance(written, tree.Percent) and plausible.holds(float(value) / 100):
                fixes = (Fix(percent(plain(written.text) / 100), written.span),)
            self.report.warn("RL510", written.span, message, why, *fixes)

    # --- exits

    def _exit_overlaps(self, rule: CheckedRule) -> None:
        if rule.until is None or rule.written.until is None:
            return
        entry, exit_ = _bound(rule.condition), _bound(rule.until)
        if entry is None or exit_ is None or entry[0] != exit_[0]:
            return
        if _overlap(entry, exit_):
            message = (
                f"the exit `{text(rule.written.until)}` is true where the entry `{text(rule.written.condition)}` is"
            )
            why = "the rule would end on the bar after it began; an exit lies on the other side of its entry"
            self.report.warn("RL511", rule.written.until.span, message, why)

    # --- who pays funding

    def _funding_sign(self, rule: CheckedRule) -> None:
        hedging = [action for action in rule.actions if action.target == "hedge"]
        if hedging and all(map(self._lowers, hedging)) and _needs_positive_funding(rule.condition):
            message = "this rule lowers the hedge while funding is positive, which is when a short is paid"
            why = "a positive funding rate is paid by longs to shorts, so the hedge earns it; a negative one costs"
            self.report.warn("RL513", rule.written.condition.span, message, why)

    def _lowers(self, action: CheckedAction) -> bool:
        if action.what in ("reduce", "cap"):
            return True
        if action.what != "set":
            return False
        level = self.otherwise.get((None, "hedge"))
        here, there = exact_value(action.values[0]), exact_value(level) if level is not None else Fraction(0)
        return here is not None and there is not None and here < there

    # --- bounds

    def _bounds(self, action: CheckedAction, written: tree.Action) -> None:
        if action.what not in ("set", "floor", "cap", "corridor"):
            return
        target = self.e.names.targets[action.target]
        for node in action.values:
            value = exact_value(node)
            if value is not None and not target.low <= float(value) <= target.high:
                self._outside(action, written, target, float(value))

    def _outside(self, action: CheckedAction, written: tree.Action, target: CheckedTarget, value: float) -> None:
        shown, low, high = (value_text(v, target.kind) for v in (value, target.low, target.high))
        what = {"set": "level", "floor": "floor", "cap": "cap", "corridor": "corridor"}[action.what]
        message = f"the {what} {shown} lies outside the bounds of `{target.name}`, {low} to {high}"
        why = f"bounds always win: what is in force never leaves them; widen those of `target {target.name}`"
        self.report.warn("RL514", written.span, message, why)


def _overlap(entry: Bound, exit_: Bound) -> bool:
    """Say whether an exit is true where its entry is: across from it, or all along it in the same direction."""
    up = entry[1] == ">"
    if entry[1] == exit_[1]:
        return exit_[2] <= entry[2] if up else exit_[2] >= entry[2]
    return exit_[2] > entry[2] if up else exit_[2] < entry[2]


_KEEPING = ("sma", "ema", "wma", "wilder", "median", "highest", "lowest", "percentile", "previous")


def _observed(node: Node) -> FieldValue | None:
    """Return the field that a value is, or that it is an average or another picked value of."""
    while isinstance(node, Applied) and node.function in _KEEPING:
        node = node.arguments[0]
    return node if isinstance(node, FieldValue) else None


def _bound(node: Node) -> Bound | None:
    """Return a comparison with a constant as what is compared, the direction, and the constant."""
    if isinstance(node, Held):
        return _bound(node.condition)
    if not isinstance(node, Comparison):
        return None
    left, right = exact_value(node.left), exact_value(node.right)
    if right is not None and left is None:
        return node.left, node.operator[0], right
    if left is not None and right is None:
        return node.right, _SWAPPED[node.operator][0], left
    return None


def _needs_positive_funding(node: Node, depth: int = 0) -> bool:
    if depth > _DEEP:
        return False
    match node:
        case Held():
            return _needs_positive_funding(node.condition, depth + 1)
        case Both(operator="and"):
            return any(_needs_positive_funding(part, depth + 1) for part in (node.left, node.right))
        case Both():
            return all(_needs_positive_funding(part, depth + 1) for part in (node.left, node.right))
        case Comparison():
            bound = _bound(node)
            return bound is not None and bound[1] == ">" and bound[2] >= 0 and _is_funding(bound[0])
        case _:
            return False


def _is_funding(node: Node) -> bool:
    match node:
        case FieldValue():
            return node.field.name in ("funding_8h", "predicted_funding_8h")
        case Scaled():
            return _is_funding(node.inner)
        case Applied(
            function="sma" | "ema" | "wma" | "wilder" | "median" | "lowest" | "highest" | "annualised" | "sum"
        ):
            return _is_funding(node.arguments[0])
        case _:
            return False
