"""Counting what a run decided, for the summary."""

from collections import Counter, deque

from attrs import define, evolve, field

from rulelang.engine.glances import Glance, Seen, Standing
from rulelang.evaluate import Alert

KEPT = 20
"""How many of the last changes, and of the last alerts, a summary shows."""
_MOST = 10_000
"""So many ways in which rules stand are counted one by one."""


@define
class TargetTally:
    """What happened to one target of one asset."""

    bars: int = 0
    total: float = 0.0
    lowest: float = float("inf")
    highest: float = float("-inf")
    changes: int = 0
    held: Counter[str] = field(factory=Counter)
    frozen: int = 0

    def count(self, outcome: Seen) -> None:
        """Take one step."""
        self.bars += 1
        self.total += outcome.after
        self.lowest, self.highest = min(self.lowest, outcome.after), max(self.highest, outcome.after)
        self.changes += outcome.after != outcome.before
        self.frozen += outcome.frozen
        if outcome.held is not None:
            self.held[outcome.held] += 1


@define
class RuleTally:
    """What happened to one rule of one asset: bars seen, bars active, stretches of them, the last active bar."""

    seen: int = 0
    bars: int = 0
    times: int = 0
    last: float | None = None


@define
class Stretches:
    """In how many steps the rules of an asset stood in which way, and when they last did."""

    first: Standing
    steps: dict[Standing, int] = field(factory=dict)
    last: dict[Standing, float] = field(factory=dict)
    earlier: list[RuleTally] = field(factory=list)

    def count(self, time: float, standing: Standing) -> None:
        """Take one step."""
        self.steps[standing] = self.steps.get(standing, 0) + 1
        self.last[standing] = time
        if len(self.steps) > _MOST:
            self.earlier = self.rules()
            self.steps, self.last = {}, {}

    def rules(self) -> list[RuleTally]:
        """Return what happened to each rule; one that is active before the first step counts as one stretch."""
        rules = [evolve(rule) for rule in self.earlier] or self._begun()
        for standing, steps in self.steps.items():
            for rule, active, started in zip(rules, standing.active, standing.started, strict=True):
                rule.seen += steps
                rule.times += steps * started
                if active:
                    rule.bars += steps
                    last = self.last[standing]
                    rule.last = last if rule.last is None else max(rule.last, last)
        return rules

    def _begun(self) -> list[RuleTally]:
        states = zip(self.first.active, self.first.started, strict=True)
        return [RuleTally(times=int(active and not started)) for active, started in states]


@define
class Tally:
    """What happened in a run: bars, targets and rules by asset, the last changes and alerts, refused values.

    `begun`: when the first step was taken, and `warming` how many were, before the first one that is reported.
    """

    begun: float | None = None
    warming: int = 0
    bars: int = 0
    first: float | None = None
    last: float | None = None
    targets: dict[tuple[str | None, str], TargetTally] = field(factory=dict)
    stretches: dict[str | None, Stretches] = field(factory=dict)
    changes: deque[tuple[Glance, str]] = field(factory=lambda: deque(maxlen=KEPT))
    alerts: int = 0
    alerted: deque[tuple[Glance, Alert]] = field(factory=lambda: deque(maxlen=KEPT))
    rejected: Counter[str] = field(factory=Counter)

    def count(self, decision: Glance) -> None:
        """Take one step of one asset."""
        self.bars += 1
        self.first = decision.time if self.first is None else self.first
        self.last = decision.time
        if decision.alerts:
            self.alerts += len(decision.alerts)
            self.alerted.extend((decision.hold(), alert) for alert in decision.alerts)
        if decision.rejected:
            self.rejected.update(decision.rejected)
        for outcome in decision.targets:
            self._count_target(decision, outcome)
        stretches = self.stretches.get(decision.asset)
        if stretches is None:
            stretches = self.stretches[decision.asset] = Stretches(decision.standing)
        stretches.count(decision.time, decision.standing)

    def _count_target(self, decision: Glance, outcome: Seen) -> None:
        key = decision.asset, outcome.name
        target = self.targets.get(key)
        if target is None:
            target = self.targets[key] = TargetTally()
        target.count(outcome)
        if outcome.after != outcome.before:
            self.changes.append((decision.hold(), outcome.name))

    def rules(self) -> dict[tuple[str | None, str], RuleTally]:
        """Return what happened to each rule of each asset."""
        return {
            (asset, name): rule
            for asset, found in self.stretches.items()
            for name, rule in zip(found.first.names, found.rules(), strict=True)
        }


@define
class BareTally(Tally):
    """Counts bars alone, where nobody is shown a summary."""

    def count(self, decision: Glance) -> None:
        """Take one step of one asset."""
        self.bars += 1
