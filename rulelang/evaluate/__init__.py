"""The reference evaluator: the meaning of the language, one step at a time, slow and clear."""

from rulelang.evaluate.decision import Alert, AssetDecision, Decision, Forgotten
from rulelang.evaluate.run import Run
from rulelang.evaluate.steps import Loaded, SnapshotError, StepRefused, Time, seconds_of
from rulelang.evaluate.targets import Outcome

__all__ = [
    "Alert",
    "AssetDecision",
    "Decision",
    "Forgotten",
    "Loaded",
    "Outcome",
    "Run",
    "SnapshotError",
    "StepRefused",
    "Time",
    "seconds_of",
]
