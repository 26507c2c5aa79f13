"""Counting what a run decided, for the summary."""

from collections import Counter, deque

from attrs import define, field

from rulelang.evaluate import AssetDecision, Outcome

KEPT = 20
"""How many of the last changes a summary shows."""


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
    """What happened to one rule of one asset."""

    bars: int = 0
    times: int = 0
    last: float | None = None


@define
class Tally:
    """What happened in a run: bars, targets and rules by asset, the last changes, alerts, refused values."""

    bars: int = 0
    first: float | None = None
    last: float | None = None
    targets: dict[tuple[str | None, str], TargetTally] = field(factory=dict)
    rules: dict[tuple[str | None, str], RuleTally] = field(factory=dict)
    changes: deque[tuple[AssetDecision, str]] = field(factory=lambda: deque(maxlen=KEPT))
    alerts: int = 0
    rejected: Counter[str] = field(factory=Counter)

    def count(self, decision: AssetDecision) -> None:
        """Take one step of one asset."""
        self.bars += 1
        self.first = decision.time if self.first is None else self.first
        self.last = decision.time
        self.alerts += len(decision.alerts)
        self.rejected.update(decision.rejected)
        for name, outcome in decision.targets.items():
            self.targets.setdefault((decision.asset, name), TargetTally()).count(outcome)
            if outcome.after != outcome.before:
                self.changes.append((decision, name))
        for name, active in decision.active.items():
            rule = self.rules.setdefault((decision.asset, name), RuleTally())
            if active:
                rule.bars += 1
                rule.last = decision.time
        for name in decision.started:
            self.rules[decision.asset, name].times += 1
