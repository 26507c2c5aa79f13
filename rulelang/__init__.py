"""rulelang: hedging rules that read like English, checked before they cost money, the same live and in a backtest."""

import sys
from importlib import import_module
from types import ModuleType
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


def _imported(name: str) -> Any:
    """Import a public name when it is first asked for, so that the command line starts fast."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'rulelang' has no attribute {name!r}")


class _Face(ModuleType):
    """The package itself: `rulelang.check` is the function, though a room of that name is imported below."""

    def __getattr__(self, name: str) -> Any:
        return _imported(name)

    @property
    def check(self) -> Any:
        return _imported("check")

    @check.setter
    def check(self, room: ModuleType) -> None:
        """Let the import of the room pass; `from rulelang.check import …` finds it all the same."""


sys.modules[__name__].__class__ = _Face
