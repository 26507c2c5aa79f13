"""Counting what a run decided, for the summary."""

from collections import Counter, deque

from attrs import define, field

from rulelang.evaluate import Alert, AssetDecision, Outcome

KEPT = 20
"""How many of the last changes, and of the last alerts, a summary shows."""


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

    def count(self, outcome: Outcome) -> None:
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

    def count(self, time: float, active: bool, started: bool) -> None:
        """Take one step; a rule that is active before the first one counts as one stretch."""
        self.times += started or (active and not self.seen)
        self.seen += 1
        if active:
            self.bars += 1
            self.last = time


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
    rules: dict[tuple[str | None, str], RuleTally] = field(factory=dict)
    changes: deque[tuple[AssetDecision, str]] = field(factory=lambda: deque(maxlen=KEPT))
    alerts: int = 0
    alerted: deque[tuple[AssetDecision, Alert]] = field(factory=lambda: deque(maxlen=KEPT))
    rejected: Counter[str] = field(factory=Counter)

    def count(self, decision: AssetDecision) -> None:
        """Take one step of one asset."""
        self.bars += 1
        self.first = decision.time if self.first is None else self.first
        self.last = decision.time
        self.alerts += len(decision.alerts)
        self.alerted.extend((decision, alert) for alert in decision.alerts)
        self.rejected.update(decision.rejected)
        for name, outcome in decision.targets.items():
            self.targets.setdefault((decision.asset, name), TargetTally()).count(outcome)
            if outcome.after != outcome.before:
                self.changes.append((decision, name))
        for name, active in decision.active.items():
            rule = self.rules.setdefault((decision.asset, name), RuleTally())
            rule.count(decision.time, active, name in decision.started)
