"""A rule at work: when it starts, goes on and ends (clauses 6.1 and 6.2)."""

from typing import Any

from rulelang.check.checked import AtTrigger, CheckedRule
from rulelang.evaluate.held import Held
from rulelang.evaluate.live import Live, Now, Ticked


class Captured(Live):
    """`at_trigger(x)`: x as it was when the rule started, missing while it is not active."""

    __slots__ = ("inner", "rule", "slot")
    constant = True

    def __init__(self, rule: "LiveRule", slot: int, inner: Live) -> None:
        super().__init__()
        self.rule, self.slot, self.inner = rule, slot, inner

    def step(self) -> None:
        self.now = self.rule.captured[self.slot] if self.rule.active else None


class Activity(Live):
    """`RULE is active`."""

    __slots__ = ("rule",)

    def __init__(self, rule: "LiveRule | None") -> None:
        super().__init__()
        self.rule = rule

    def step(self) -> None:
        self.now = self.rule is not None and self.rule.active


class LiveRule:
    """One rule of one asset; `active` is what it is after the step."""

    def __init__(self, rule: CheckedRule, moment: Now) -> None:
        self.rule, self.moment = rule, moment
        self.condition: Live = Live()
        self.until: Live | None = None
        self.exits: list[Held] = []  # the `for`s in the exit, which count from the start
        self.captures: list[tuple[AtTrigger, Live]] = []
        self.captured: list[Any] = []
        self.echoes: list[Live] = []  # nodes without memory that are made of what is captured, in their order
        self.active = False
        self.before: Any = None  # the condition at the step before
        self.asked_from: int | None = None  # where a ticked exit stood when the rule started
        self.true_at: float | None = None  # when the last period became known in which the condition was true
        self.true_pos: int | None = None
        self.began: float | None = None  # the first step at which it was asked
        self.since: float | None = None  # since when it has been as it is; `None`: ever since then
        self.otherwise: float | None = None  # the last step at which it was otherwise
        self.ended_by = ""  # how it ended when it last did: `condition`, `until` or `for`

    def slot(self, node: AtTrigger, inner: Live) -> int:
        """Return the place in which a value at the trigger is kept."""
        for at, (known, _) in enumerate(self.captures):
            if known.inner is node.inner:
                return at
        self.captures.append((node, inner))
        self.captured.append(None)
        return len(self.captures) - 1

    def step(self, last: float | None) -> tuple[bool, bool]:
        """Move to the step in hand, after one at `last`; return whether the rule started and whether it ended."""
        was, truth = self.active, self.condition.now
        self.began = self.moment.time if self.began is None else self.began
        if not self.rule.endures:
            started, ended = self._plain(truth)
        else:
            started, ended = self._enduring(truth)
        self.before = truth
        if started:
            self._start()
        if self.active is not was:
            self.since, self.otherwise = self.moment.time, last
        return started, ended

    def _plain(self, truth: Any) -> tuple[bool, bool]:
        was = self.active
        if truth is not None:
            self.active = truth
        if was and not self.active:
            self.ended_by = "condition"
        return self.active and not was, was and not self.active

    def _enduring(self, truth: Any) -> tuple[bool, bool]:
        anew = truth is True and self.before is not True
        if truth is True:
            self._was_true()
        ending = ("until" if self._exits() else "for" if self._over(truth) else "") if self.active else ""
        ended = ending != ""
        if ended:
            self.active, self.ended_by = False, ending
        started = anew and not self.active
        if started:
            self.active = True
        return started, ended and not started

    def _was_true(self) -> None:
        """Note the newest period in which the condition was true, from the bar with which that became known (C09)."""
        time = self.moment.bar if self._counts_bars() else self.moment.time
        if not isinstance(self.condition, Ticked):
            self.true_at = time
        elif self.true_pos != self.condition.pos:
            self.true_at, self.true_pos = time, self.condition.pos

    def _counts_bars(self) -> bool:
        return self.rule.lasting is not None and self.rule.lasting.seconds is None

    def _exits(self) -> bool:
        if self.until is None or self.until.now is not True:
            return False
        if isinstance(self.until, Ticked) and self.asked_from is not None:
            return self.until.pos > self.asked_from
        return True

    def _over(self, truth: Any) -> bool:
        lasting = self.rule.lasting
        if lasting is None or truth is True:
            return False
        if self.true_at is None:
            return True
        if lasting.seconds is None:
            return self.moment.bar - self.true_at >= (lasting.bars or 0)
        return self.moment.time - self.true_at >= lasting.seconds

    def _start(self) -> None:
        self.captured = [inner.now for _, inner in self.captures]
        for live in self.echoes:
            live.step()  # so that the exit stands as it does now that there is a trigger
        for held in self.exits:
            held.restart()
        self.asked_from = self.until.pos if isinstance(self.until, Ticked) else None

    def save(self) -> list[Any]:
        """Return the memory of the rule as JSON can hold it."""
        told = [self.began, self.since, self.otherwise, self.ended_by]
        return [self.active, self.before, self.asked_from, self.true_at, self.true_pos, self.captured, told]

    def load(self, saved: list[Any]) -> None:
        """Take over a saved memory."""
        active, before, asked_from, true_at, true_pos, captured, told = saved
        self.began, self.since, self.otherwise, self.ended_by = told
        self.active, self.before, self.asked_from = active, before, asked_from
        self.true_at, self.true_pos = true_at, true_pos
        if len(captured) == len(self.captured):
            self.captured = list(captured)
