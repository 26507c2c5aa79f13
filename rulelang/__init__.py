"""rulelang: hedging rules that read like English, checked before they cost money, the same live and in a backtest."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rulelang.api import Rules, check, load, loads
    from rulelang.evaluate import Alert, AssetDecision, Decision, Outcome, Run, SnapshotError, StepRefused
    from rulelang.text import Diagnostic, Fix, RuleError, Severity

__version__ = "0.1.0"

_HOMES = {
    "rulelang.api": ("Rules", "check", "load", "loads"),
    "rulelang.evaluate": ("Alert", "AssetDecision", "Decision", "Outcome", "Run", "SnapshotError", "StepRefused"),
    "rulelang.text": ("Diagnostic", "Fix", "RuleError", "Severity"),
}

__all__ = [
    "Alert",
    "AssetDecision",
    "Decision",
    "Diagnostic",
    "Fix",
    "Outcome",
    "RuleError",
    "Rules",
    "Run",
    "Severity",
    "SnapshotError",
    "StepRefused",
    "__version__",
    "check",
    "load",
    "loads",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that the command line starts fast."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'rulelang' has no attribute {name!r}")
