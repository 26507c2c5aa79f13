"""A target at work: levels in file order, floors and caps, bounds, then the brakes (clauses 6.4 to 6.7)."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import field, frozen

from rulelang.check.checked import CheckedAction, CheckedTarget
from rulelang.evaluate.live import Live

_TOLERANCE = 1e-9
_MOST = sys.float_info.max


@frozen
class Doing:
    """An action at work: which rule it belongs to, what it does, and the nodes of its values."""

    rule: str
    at_once: bool
    action: CheckedAction
    values: tuple[Live, ...]

    @property
    def what(self) -> str:
        """What the action does: `set`, `floor` …"""
        return self.action.what


@frozen
class Part:
    """How a rule took part: what it did (`set` …), with which values, and the level or desired value behind it."""

    rule: str
    what: str
    values: tuple[float | None, ...]
    result: float
    action: CheckedAction = field(eq=False, repr=False)


@frozen
class Outcome:
    """What a step did to a target.

    `held`: the brake that held the change back, and until when where that is known. `frozen`: a missing value froze the
    level and no set stands below it. `last_word`: the rule that made the level, `otherwise`, or `None`.
    """

    before: float
    desired: float
    after: float
    last_word: str | None
    held: str | None
    held_until: float | None
    frozen: bool
    parts: tuple[Part, ...]


class _Level:
    """The level on its way through the active rules."""

    __slots__ = ("at_once", "blind", "fixed", "in_force", "last_word", "level", "start")

    def __init__(self, level: float | None, in_force: float, word: str | None) -> None:
        self.in_force = in_force
        self.level = self.start = in_force if level is None else level
        self.fixed = level is None  # frozen: adjustments do nothing
        self.blind = level is None  # frozen by a missing value
        self.last_word = word
        self.at_once = False

    def freeze(self, rule: str, at_once: bool, blind: bool) -> None:
        self.level, self.fixed, self.last_word, self.at_once = self.in_force, True, rule, at_once
        self.blind = self.blind or blind

    def put(self, level: float, rule: str, at_once: bool) -> None:
        self.level = max(-_MOST, min(_MOST, level))
        self.last_word, self.at_once = rule, at_once

    def apply(self, doing: Doing, values: list[Any]) -> None:
        if doing.what == "freeze" or None in values:
            self.freeze(doing.rule, doing.at_once, doing.what != "freeze")
        elif doing.what == "set":
            self.fixed = self.blind = False
            self.put(values[0], doing.rule, doing.at_once)
        elif doing.what in ("increase", "reduce") and not self.fixed:
            amount = values[0] * self.level if doing.action.share == "level" else values[0]
            level = self.level + amount if doing.what == "increase" else self.level - amount
            self.put(level, doing.rule, doing.at_once)


Limit = tuple[Doing, list[Any]]
"""A floor or cap, and its values."""


def _limited(value: float, limits: Sequence[Limit]) -> float:
    """Return a value within the floors and caps of the active rules, in file order."""
    for doing, values in limits:
        if doing.what in ("floor", "corridor"):
            value = max(value, values[0])
        if doing.what in ("cap", "corridor"):
            value = min(value, values[-1])
    return value


def _moving(value: float, limits: Sequence[Limit]) -> Iterator[str]:
    """Yield the rules whose floors and caps move a value on its way: only without these can it end elsewhere."""
    for limit in limits:
        before, value = value, _limited(value, [limit])
        if value != before:
            yield limit[0].rule


@frozen
class Trace:
    """How the last step came about: the level, first and last, floors and caps, and what the brakes let through."""

    start: float
    level: float
    limits: tuple[Limit, ...]
    let_through: float


class LiveTarget:
    """One target of one asset: what is in force, since when, and at which price."""

    def __init__(self, target: CheckedTarget, otherwise: Live | None, doings: tuple[Doing, ...]) -> None:
        self.target, self.otherwise, self.doings = target, otherwise, doings
        self.tolerance = _TOLERANCE * target.range
        self.in_force = max(target.low, min(target.high, 0.0))
        self.changed: float | None = None
        self.price: float | None = None
        self.begun = False
        self.heading: float | None = None  # where a move that `step at most` has begun is going
        self.trace = Trace(self.in_force, self.in_force, (), self.in_force)

    def step(self, active: dict[str, bool], time: float, close: float | None) -> Outcome:
        """Decide what is in force after this step."""
        before = self.in_force
        level, limits, parts = self._level(active)
        desired = self._bounded(_limited(level.level, limits))
        free = level.at_once or (not self.begun and not level.fixed)
        held, until = (None, None) if free else self._held(desired, time)
        let_through = desired if free else self._let_through(desired, held)
        after = self._bounded(_limited(let_through, limits))
        self.trace = Trace(level.start, level.level, tuple(limits), let_through)
        self._heads(desired, after, held)
        if not level.fixed:
            self.begun = True
        if abs(after - before) > self.tolerance:
            self.in_force, self.changed, self.price = after, time, close
        else:
            self.in_force = self._bounded(before)  # loaded rules may have moved the bounds by a hair
        if abs(desired - self.in_force) <= self.tolerance:
            held, until = None, None
        return Outcome(before, desired, self.in_force, level.last_word, held, until, level.blind, tuple(parts))

    def binding(self) -> list[str]:
        """Return the rules whose floors and caps made a difference in the last step: without them, another value."""
        limits, values = self.trace.limits, self._ways(self.trace.limits)
        moving = {rule for way in (self.trace.level, self.trace.let_through) for rule in _moving(way, limits)}
        candidates = [rule for rule in dict.fromkeys(doing.rule for doing, _ in limits) if rule in moving]
        without = {rule: [limit for limit in limits if limit[0].rule != rule] for rule in candidates}
        return [rule for rule, others in without.items() if self._ways(others) != values]

    def _ways(self, limits: Sequence[Limit]) -> list[float]:
        """Return where some floors and caps lead, from the level and from what the brakes let through."""
        return [self._bounded(_limited(way, limits)) for way in (self.trace.level, self.trace.let_through)]

    def _level(self, active: dict[str, bool]) -> tuple[_Level, list[Limit], list[Part]]:
        start = 0.0 if self.otherwise is None else self.otherwise.now
        if self.otherwise is None:
            start = max(self.target.low, min(self.target.high, start))
        level = _Level(start, self.in_force, "otherwise" if self.otherwise is not None else None)
        limits: list[Limit] = []
        parts: list[Part] = []
        for doing in self.doings:
            if not active.get(doing.rule):
                continue
            values = [value.now for value in doing.values]
            if doing.what in ("floor", "cap", "corridor") and None not in values:
                limits.append((doing, values))
                continue
            level.apply(doing, values)
            parts.append(Part(doing.rule, doing.what, tuple(values), level.level, doing.action))
        value = level.level
        for doing, values in limits:
            value = _limited(value, [(doing, values)])
            parts.append(Part(doing.rule, doing.what, tuple(values), value, doing.action))
        return level, limits, parts

    def _bounded(self, value: float) -> float:
        return max(self.target.low, min(self.target.high, value))

    def _held(self, desired: float, time: float) -> tuple[str | None, float | None]:
        """Return the first brake that holds the move back, and until when where that is known."""
        target, move = self.target, desired - self.in_force
        size = abs(move)
        if size <= self.tolerance:
            return None, None
        if target.band is not None and size < target.band - self.tolerance and not self._passes_band(desired):
            return "band", None
        cooldown = target.cooldown_up if move > 0 else target.cooldown_down
        if cooldown is not None and self.changed is not None and time - self.changed < cooldown:
            return "cooldown", self.changed + cooldown
        step = target.step_up if move > 0 else target.step_down
        return ("step", None) if step is not None and size > step + self.tolerance else (None, None)

    def _passes_band(self, desired: float) -> bool:
        ends = (0.0, self.target.low, self.target.high)
        if any(abs(desired - end) <= self.tolerance for end in ends):
            return True
        return self.heading is not None and abs(self.heading - desired) <= self.tolerance

    def _let_through(self, desired: float, held: str | None) -> float:
        if held is None:
            return desired
        if held != "step":
            return self.in_force
        up = desired > self.in_force
        step = self.target.step_up if up else self.target.step_down
        assert step is not None
        return self.in_force + step if up else self.in_force - step

    def _heads(self, desired: float, after: float, held: str | None) -> None:
        """Note where a move is going that `step at most` has begun, until it arrives or `desired` changes."""
        if self.heading is not None and abs(self.heading - desired) > self.tolerance:
            self.heading = None
        if held == "step":
            self.heading = desired
        if abs(after - desired) <= self.tolerance:
            self.heading = None

    def save(self) -> dict[str, Any]:
        """Return the memory of the target as JSON can hold it."""
        return {
            "in_force": self.in_force,
            "changed": self.changed,
            "price": self.price,
            "begun": self.begun,
            "heading": self.heading,
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Take over a saved memory; what it has in force outside the present bounds comes inside with the next step."""
        self.in_force = float(saved["in_force"])
        self.changed, self.price = saved["changed"], saved["price"]
        self.begun, self.heading = bool(saved["begun"]), saved["heading"]
