"""Decisions of the engine: made of a machine's registers as they were, when somebody asks."""

from array import array
from collections.abc import Mapping
from typing import Any, Protocol

from rulelang.check import checked as c
from rulelang.engine.program import Program, Target
from rulelang.evaluate.decision import Alert, AssetDecision
from rulelang.evaluate.targets import Outcome, Part
from rulelang.kinds import value_text

_MOST = 1.7976931348623157e308
HELD = (None, "band", "cooldown", "step")
_LIMITS = ("floor", "cap", "corridor")


class Told(Protocol):
    """Gives the record of a step when asked; `decided` is what the engine decided, which it compares."""

    decided: AssetDecision | None

    def __call__(self) -> dict[str, Any]: ...


class Telling(Protocol):
    """Makes the records of a run's steps, of what the run keeps."""

    def told(self, number: int, asset: str | None) -> Told: ...
    def catch_up(self) -> None: ...
    def state(self) -> bytes: ...
    def resume(self, state: bytes | None) -> None: ...


class Reading:
    """What a machine's registers mean: `known` gives the register of a checked node (~register: a truth).

    `begun`: what the registers of values hold before the first step. `shown`: those that decisions need and that may
    change; `hedge`: where the hedge stands among these, in bytes, or -1.
    """

    def __init__(self, checked: c.Program, program: Program, known: Mapping[int, int], begun: bytes) -> None:
        self.checked, self.program, self.known = checked, program, known
        self.names = [rule.name for rule in program.rules]
        rules = {rule.name: rule for rule in checked.rules}
        self.rules = [rules[name] for name in self.names]
        self.numbers = {rule.name: number for number, rule in enumerate(checked.rules)}
        self.begun, self.shown = begun, array("q", self._shown())
        after = [target.after for target in program.targets if target.name == "hedge"]
        self.hedge = 8 * self.shown.index(after[0]) if after else -1

    def _shown(self) -> list[int]:
        """Return the registers of values that decisions need, without constants."""
        checked, known = self.checked, self.known
        nodes = [*checked.otherwise.values()]
        for rule in checked.rules:
            for action in rule.actions:
                nodes += action.values
            for alert in rule.alerts:
                nodes += [piece for piece in alert.pieces if not isinstance(piece, str)]
        found = dict.fromkeys([known[id(node)] for node in nodes if type(node) is not c.Constant])
        for one in self.program.targets:
            found |= dict.fromkeys((one.before, one.desired, one.after, one.until, one.word))
        return [register for register in found if register >= 0]

    def banks(self, kept: bytes) -> tuple[Any, bytes]:
        """Return the registers of values and of truths as they were when a decision kept what it needs of them."""
        values, count = array("d", self.begun), len(self.shown)
        for register, value in zip(self.shown, array("d", kept[: 8 * count]), strict=True):
            values[register] = value
        return values, kept[8 * count :]

    def decision(
        self, time: float, values: Any, truths: Any, rejected: tuple[str, ...], told: Told | None
    ) -> AssetDecision:
        """Return the decision of a bar, of what the registers of values and of truths held after it."""
        active = {rule.name: truths[rule.active] == 2 for rule in self.program.rules}
        started = tuple(rule.name for rule in self.program.rules if truths[rule.event] == 1)
        ended = tuple(rule.name for rule in self.program.rules if truths[rule.event] == 2)
        targets = {target.name: self._outcome(target, active, values, truths) for target in self.program.targets}
        alerts = self.alerts(started, values, truths)
        decision = AssetDecision(time, self.checked.asset, targets, active, started, ended, alerts, rejected, told)
        if told is not None:
            told.decided = decision
        return decision

    def alerts(self, started: tuple[str, ...], values: Any, truths: Any) -> tuple[Alert, ...]:
        """Return the alerts of the rules that started."""
        return tuple(
            Alert(rule.name, self._text(alert, values, truths))
            for rule in self.rules
            if rule.name in started
            for alert in rule.alerts
        )

    def value(self, node: c.Node, values: Any, truths: Any) -> Any:
        """Return the value of a checked node as the language has it."""
        register = self.known[id(node)]
        if register < 0:
            return (False, None, True)[truths[~register]]
        value = values[register]
        if value != value:
            return None
        return node.kind.unit[int(value)] if node.kind.name == "word" and isinstance(node.kind.unit, tuple) else value

    def _text(self, text: c.CheckedText, values: Any, truths: Any) -> str:
        return "".join(
            piece if isinstance(piece, str) else value_text(self.value(piece, values, truths), piece.kind)
            for piece in text.pieces
        )

    def _outcome(self, target: Target, active: Mapping[str, bool], values: Any, truths: Any) -> Outcome:
        word, until = int(values[target.word]), values[target.until]
        before, desired, after = values[target.before], values[target.desired], values[target.after]
        last_word = None if word == -1 else "otherwise" if word == -2 else self.checked.rules[word].name
        parts = tuple(self._parts(target, active, before, values))
        held_until = until if until == until else None
        return Outcome(
            before, desired, after, last_word, HELD[truths[target.held]], held_until, bool(truths[target.frozen]), parts
        )

    def _parts(self, target: Target, active: Mapping[str, bool], before: float, values: Any) -> list[Part]:
        """Return how each active rule took part."""
        otherwise = self.checked.otherwise.get(target.name)
        bounds = self.checked.targets[target.name]
        start = max(bounds.low, min(bounds.high, 0.0))
        level = start if otherwise is None else self.value(otherwise, values, b"")
        fixed, level = level is None, before if level is None else level
        parts: list[Part] = []
        limits: list[tuple[str, c.CheckedAction, tuple[Any, ...]]] = []
        for rule in self.checked.rules:
            for action in rule.actions if active[rule.name] else ():
                if action.target != target.name:
                    continue
                given = tuple(self.value(node, values, b"") for node in action.values)
                if action.what in _LIMITS and None not in given:
                    limits.append((rule.name, action, given))
                    continue
                level, fixed = _taken(level, fixed, before, action, given)
                parts.append(Part(rule.name, action.what, given, level, action))
        for name, action, given in limits:
            level = max(level, given[0]) if action.what != "cap" else level
            level = min(level, given[-1]) if action.what != "floor" else level
            parts.append(Part(name, action.what, given, level, action))
        return parts


def _taken(
    level: float, fixed: bool, before: float, action: c.CheckedAction, given: tuple[Any, ...]
) -> tuple[float, bool]:
    """Return the level after an action, and whether it is frozen."""
    if action.what == "freeze" or None in given:
        return before, True
    if action.what == "set":
        return given[0], False
    if fixed:
        return level, True
    amount = given[0] * level if action.share == "level" else given[0]
    moved = level + amount if action.what == "increase" else level - amount
    return max(-_MOST, min(_MOST, moved)), False
