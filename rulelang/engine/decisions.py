"""Decisions of the engine: made of a machine's registers as they were, when somebody asks."""

from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Any

from rulelang.check import checked as c
from rulelang.engine.program import Program, Target
from rulelang.evaluate.decision import Alert, AssetDecision, Decision
from rulelang.evaluate.targets import Outcome, Part
from rulelang.kinds import value_text

_MOST = 1.7976931348623157e308
_HELD = (None, "band", "cooldown", "step")
_LIMITS = ("floor", "cap", "corridor")


class Reading:
    """What a machine's registers mean: `known` gives the register of a checked node (~register: a truth)."""

    def __init__(self, checked: c.Program, program: Program, known: Mapping[int, int]) -> None:
        self.checked, self.program, self.known = checked, program, known
        self.names = [rule.name for rule in program.rules]
        rules = {rule.name: rule for rule in checked.rules}
        self.rules = [rules[name] for name in self.names]
        self.hedge = next((8 * target.after for target in program.targets if target.name == "hedge"), -1)
        self.numbers = {rule.name: number for number, rule in enumerate(checked.rules)}

    def decision(self, time: float, values: Any, truths: Any, rejected: tuple[str, ...]) -> AssetDecision:
        """Return the decision of a bar, of what the registers of values and of truths held after it."""
        active = {rule.name: truths[rule.active] == 2 for rule in self.program.rules}
        started = tuple(rule.name for rule in self.program.rules if truths[rule.event] == 1)
        ended = tuple(rule.name for rule in self.program.rules if truths[rule.event] == 2)
        targets = {target.name: self._outcome(target, active, values, truths) for target in self.program.targets}
        alerts = tuple(
            Alert(rule.name, self._text(alert, values, truths))
            for rule in self.rules
            if rule.name in started
            for alert in rule.alerts
        )
        return AssetDecision(time, self.checked.asset, targets, active, started, ended, alerts, rejected)

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
            before, desired, after, last_word, _HELD[truths[target.held]], held_until, bool(truths[target.frozen]), parts
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


class EngineDecision:
    """What a step decided for the one asset that the rules run for; everything but `time` and `hedge` made when asked.

    Its face is that of `Decision`, to which it is equal when the same was decided.
    """

    __slots__ = ("_bank", "_made", "_reading", "_truths", "time")

    def __init__(self, time: float, reading: Reading, bank: bytes, truths: bytes) -> None:
        self.time, self._reading, self._bank, self._truths = time, reading, bank, truths
        self._made: Decision | None = None

    def whole(self) -> Decision:
        """Return the decision as a record of its own."""
        if self._made is None:
            values = memoryview(self._bank).cast("d")
            one = self._reading.decision(self.time, values, self._truths, ())
            self._made = Decision(self.time, {self._reading.checked.asset: one})
        return self._made

    @property
    def hedge(self) -> float | None:
        """The hedge in force after the step, a ratio (0.7 is 70%), or `None` where the rules set none."""
        at = self._reading.hedge
        return None if at < 0 else _DOUBLE.unpack_from(self._bank, at)[0]  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole(), name)

    def __getitem__(self, asset: str | None) -> AssetDecision:
        return self.whole()[asset]

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.whole())

    def __len__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        return self.whole() == (other.whole() if isinstance(other, EngineDecision) else other)

    def __hash__(self) -> int:
        return hash(self.time)

    def __repr__(self) -> str:
        return repr(self.whole())


_DOUBLE = Struct("d")


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
