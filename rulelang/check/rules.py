"""Elaborating rules, `otherwise` and tests: conditions, actions, exits and texts."""

from collections.abc import Iterator

from rulelang.check import conditions
from rulelang.check.checked import (
    CONSTANT,
    MIXED,
    CheckedAction,
    CheckedRule,
    CheckedTarget,
    CheckedText,
    Node,
    Span,
)
from rulelang.check.expressions import Elaborator, Place, a, is_trigger, text
from rulelang.check.memory import same_source
from rulelang.check.names import unknown
from rulelang.check.uses import Placed
from rulelang.check.walk import everything
from rulelang.kinds import RATIO
from rulelang.syntax import printed, tree
from rulelang.text import Fix, Source
from rulelang.text import Span as TextSpan

LIMIT = 10_000
"""The most rules a file may have."""


class Rules:
    """Takes the rules of a file, one after the other."""

    def __init__(self, e: Elaborator) -> None:
        self.e, self.names, self.report = e, e.names, e.report
        self.rules: list[tuple[CheckedRule, tree.Scope | None]] = []
        self.otherwise: dict[tuple[str | None, str], Node | None] = {}
        self.otherwise_written: list[tuple[CheckedTarget, Node, tree.SetLevel, Source]] = []
        self._called: dict[int, str] = {}
        self.by_name: dict[str, int] = {}
        self._on_line: dict[str, int] = {}

    # --- names

    def ahead(self, statements: list[Placed]) -> None:
        """Give every rule its name (C29), and report those that are taken."""
        for placed in statements:
            if not isinstance(rule := placed.statement, tree.Rule):
                continue
            name = rule.name.text if rule.name is not None else self._line_name(rule, placed)
            if name in self.names.all_rules:
                assert rule.name is not None
                self.report.source = placed.source
                why = "a rule's state, its record and the question why go by its name"
                self.report.error("RL207", rule.name.span, f"a second rule called `{name}`", why)
            self.names.all_rules[name] = rule.scope
            self._called[id(rule)] = name
            self.by_name[name] = id(rule)
        if len(self._called) > LIMIT:
            last = statements[-1].statement
            message = f"{len(self._called):,} rules, more than the {LIMIT:,} that a file may have"
            why = "rules that differ in a number only are one rule with a `param` that differs by asset"
            self.report.error("RL114", TextSpan(last.span.start, last.span.start), message, why)

    def _line_name(self, rule: tree.Rule, placed: Placed) -> str:
        stem = f"{placed.stem}_" if placed.stem else ""
        name = f"{stem}line_{placed.source.position(rule.when.start).line}"
        self._on_line[name] = number = self._on_line.get(name, 0) + 1
        return name if number == 1 else f"{name}_{number}"

    # --- a rule

    def rule(self, placed: Placed) -> None:
        """Take a rule."""
        rule = placed.statement
        assert isinstance(rule, tree.Rule)
        name = self._called[id(rule)]
        checked = self.e.remembered(rule, ("rule", name), lambda: self._rule(placed, rule, name))
        self.names.rules.append(name)
        if checked is not None:
            self.rules.append((same_source(checked, placed.source), rule.scope))

    def _rule(self, placed: Placed, rule: tree.Rule, name: str) -> CheckedRule | None:
        e = self.e
        self._scope(rule.scope)
        condition = e.condition(rule.condition, Place())
        until = None
        if rule.until is not None:
            until = e.condition(rule.until, conditions.exit_place(Place(), name))
        self._triggers(rule)
        e.step(name)
        place = Place(trigger=name, after=True)
        actions = [action for one in rule.actions if (action := self._action(one, place)) is not None]
        alerts = [self._text(one.text, place) for one in rule.actions if isinstance(one, tree.Alert)]
        because = self._text(rule.because, place) if rule.because is not None else None
        lasting = self._lasting(rule, condition)
        self._undone(rule)
        if condition is None or (rule.until is not None and until is None) or None in alerts:
            return None
        exit_ = printed(rule.until) if rule.until is not None else ""
        owner = rule.name.text if rule.name is not None else ""
        return CheckedRule(
            name,
            condition,
            until,
            lasting,
            tuple(actions),
            tuple(alert for alert in alerts if alert is not None),
            because,
            rule.at_once,
            f"{owner}|{printed(rule.condition)}|{exit_}",
            rule,
            placed.source,
        )

    def _scope(self, scope: tree.Scope | None) -> None:
        for asset in scope.assets if scope is not None else ():
            if asset.text not in self.names.assets:
                unknown("asset", asset, list(self.names.assets), self.names, self.report)

    def _triggers(self, rule: tree.Rule) -> None:
        """Elaborate what `at_trigger` asks for in actions and texts, so that it is known when the rule starts."""
        for written in _values(rule):
            for part in everything(written):
                if is_trigger(part) and isinstance(part, tree.Call) and len(part.arguments) == 1:
                    self.e.value(part.arguments[0], Place())

    def _lasting(self, rule: tree.Rule, condition: Node | None) -> Span | None:
        written, e = rule.lasting, self.e
        if written is None or condition is None:
            return None
        if isinstance(written, tree.Lasting):
            seconds = e.period(written.duration)
            if seconds is None or not e.whole_bars(seconds, written.duration, "`then … for`"):
                return None
            return Span(seconds)
        if written.out_of is not None:
            self.report.error(
                "RL404",
                written.span,
                "`then … for` takes one span, not m of n periods",
                "it says how long the rule stays on",
            )
            return None
        count = conditions._whole(e, written.count)
        if count is None:
            return None
        if written.each is not None:
            each = e.period(written.each)
            return Span(count * each) if each and e.whole_bars(each, written.each, "a period") else None
        clock = condition.clock if condition.clock != CONSTANT else e.base
        if clock == MIXED:
            shown = printed(written)
            message = f"`{shown}` of which clock? The condition moves on several: write `{shown} of 1d`, or a duration"
            why = "a period could be a bar or a day"
            self.report.error("RL408", written.span, message, why, Fix(f"{shown} of 1d", written.span))
            return None
        period = e.seconds(clock)
        return Span(None, count) if period is None else Span(count * period)

    def _undone(self, rule: tree.Rule) -> None:
        """Report a momentary condition with an action that lasts and nothing that keeps it (6.3)."""
        lasts = any(not isinstance(action, tree.Alert) for action in rule.actions)
        if not lasts or rule.lasting or rule.until or not self.names.is_momentary(rule.condition):
            return
        message = (
            f"`{text(rule.condition)}` is true for one bar, so what it does would be undone one bar later: "
            "say how long, `then … for 1d`, or until when, `until …`"
        )
        end = rule.actions[-1].span.end
        fix = Fix(" for 1d", TextSpan(end, end))
        self.report.error(
            "RL503", rule.condition.span, message, "a line counts while its rule is active, and only then", fix
        )

    # --- actions

    def _target_of(self, name: tree.Name) -> CheckedTarget | None:
        if name.text in self.names.broken:
            return None
        if name.text not in self.names.targets:
            if self.names.later.get(name.text) == "target":
                message = f"the target `{name.text}` is declared further down: move its line up"
                self.report.error("RL202", name.span, message, "a name means what stands above")
            else:
                unknown("target", name, list(self.names.targets), self.names, self.report)
            return None
        self.e.read(name.text)
        return self.names.targets[name.text]

    def _action(self, action: tree.Action, place: Place) -> CheckedAction | None:
        match action:
            case tree.Alert():
                return None
            case tree.Adjust():
                return self._adjust(action, place)
            case tree.Freeze():
                target = self._target_of(action.target)
                return None if target is None else CheckedAction("freeze", target.name, written=action)
            case tree.Corridor():
                target = self._target_of(action.target)
                ends = [self._amount(target, one, place) for one in (action.low, action.high)]
                if target is None or ends[0] is None or ends[1] is None:
                    return None
                return CheckedAction("corridor", target.name, (ends[0], ends[1]), written=action)
            case _:
                target = self._target_of(action.target)
                node = self._amount(target, action.value, place)
                what = {"SetLevel": "set", "Floor": "floor", "Cap": "cap"}[type(action).__name__]
                if target is None or node is None:
                    return None
                return CheckedAction(what, target.name, (node,), written=action)

    def _amount(self, target: CheckedTarget | None, written: tree.Expression, place: Place) -> Node | None:
        """Return the node of a value that is given to a target."""
        if target is None:
            return None
        if target.name in self.names.levels(written):
            message = (
                f"the value given to `{target.name}` reads `{target.name}` itself, so it would run away bar by bar"
            )
            why = f"to move it, write `increase {target.name} by …`; to keep it, `freeze {target.name}`"
            self.report.error("RL506", written.span, message, why)
            return None
        node = self.e.fitting(target.kind, written, place, f"the target `{target.name}`")
        if node is not None and node.kind.name == "rate" and node.kind != target.kind:
            assert isinstance(target.kind.unit, int)
            return self.e.on_period(node, target.kind.unit)
        return node

    def _adjust(self, action: tree.Adjust, place: Place) -> CheckedAction | None:
        target = self._target_of(action.target)
        if target is None:
            return None
        ratio, share = target.kind == RATIO, action.share
        if ratio and not share:
            written, name = text(action.value), target.name
            message = (
                f"`{written}` of what: write `{written} of exposure` for points of `{name}`, "
                f"or `{written} of level` for that share of the level so far"
            )
            end = TextSpan(action.value.span.end, action.value.span.end)
            self.report.error(
                "RL507",
                action.value.span,
                message,
                "60% increased by 25% is 85% of exposure, or 75%, a quarter more",
                Fix(" of exposure", end),
                Fix(" of level", end),
            )
            return None
        if share == "exposure" and not ratio:
            message = f"`{target.name}` is {a(target.kind)}: write the amount alone, or `of level`"
            fix = Fix("", TextSpan(action.value.span.end, action.span.end))
            self.report.error("RL507", action.span, message, "points of exposure are for ratios", fix)
            return None
        if share == "level":
            node = self.e.fitting(RATIO, action.value, place, "a share of the level")
        else:
            node = self._amount(target, action.value, place)
        return None if node is None else CheckedAction(action.verb, target.name, (node,), share, written=action)

    def _text(self, written: tree.Text, place: Place) -> CheckedText | None:
        pieces: list[str | Node] = []
        for piece in written.pieces:
            node = piece if isinstance(piece, str) else self.e.any(piece, place)
            if node is None:
                return None
            pieces.append(node)
        return CheckedText(tuple(pieces))

    # --- otherwise

    def take_otherwise(self, placed: Placed) -> None:
        """Take an `otherwise`."""
        statement = placed.statement
        assert isinstance(statement, tree.Otherwise)
        self._scope(statement.scope)
        for one in statement.sets:
            target = self._target_of(one.target)
            node = self._amount(target, one.value, Place())
            if target is None:
                continue
            for asset in self._assets_of(statement.scope):
                if (asset, target.name) in self.otherwise:
                    whose = f" on {asset}" if asset else ""
                    message = f"a second `otherwise` for `{target.name}`{whose}"
                    self.report.error("RL207", one.span, message, "a target has one level while no rule sets it")
                    break
                self.otherwise[asset, target.name] = node
            if node is not None:
                self.otherwise_written.append((target, node, one, placed.source))

    def _assets_of(self, scope: tree.Scope | None) -> tuple[str | None, ...]:
        if scope is None:
            return (None,)
        named = {asset.text for asset in scope.assets}
        return tuple(asset for asset in self.names.assets if (asset in named) != scope.all_but)


def _values(rule: tree.Rule) -> Iterator[tree.Expression]:
    """Yield the expressions in a rule's actions and texts."""
    texts = [rule.because] if rule.because is not None else []
    for action in rule.actions:
        match action:
            case tree.Alert():
                texts.append(action.text)
            case tree.Corridor():
                yield action.low
                yield action.high
            case tree.Freeze():
                pass
            case _:
                yield action.value
    for one in texts:
        yield from (piece for piece in one.pieces if not isinstance(piece, str))


def applies(scope: tree.Scope | None, asset: str | None) -> bool:
    """Say whether a rule counts for an asset."""
    if scope is None:
        return True
    return (asset in {one.text for one in scope.assets}) != scope.all_but
