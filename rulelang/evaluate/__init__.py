"""The reference evaluator: the meaning of the language, one step at a time, slow and clear."""

from rulelang.evaluate.decision import Alert, AssetDecision, Decision
from rulelang.evaluate.machine import Loaded, StepRefused
from rulelang.evaluate.run import Run, SnapshotError, Time, seconds_of
from rulelang.evaluate.targets import Outcome

__all__ = [
    "Alert",
    "AssetDecision",
    "Decision",
    "Loaded",
    "Outcome",
    "Run",
    "SnapshotError",
    "StepRefused",
    "Time",
    "seconds_of",
]
