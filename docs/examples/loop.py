"""Follows a market: bar after bar from a source, a hedge to bring about, and a state that outlives a restart."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import rulelang


def follow(bars: Iterable[tuple[str, Mapping[str, float]]], bring_about: Callable[[float], None], kept: Path) -> None:
    """Decide on each bar: the time of its close, and its values."""
    rules = rulelang.load("hedge.rules")
    run = rules.resume(kept.read_bytes()) if kept.exists() else rules.start()
    for time, values in bars:
        decision = run.step(time, values)
        outcome = decision.targets["hedge"]
        if outcome.after != outcome.before:
            bring_about(outcome.after)
        for alert in decision.alerts:
            print(f"{time} {alert.rule}: {alert.text}")
        kept.write_bytes(run.snapshot())
