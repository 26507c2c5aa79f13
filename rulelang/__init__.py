"""rulelang: hedging rules that read like English, checked before they cost money, the same live and in a backtest."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rulelang.api import Rules, check, load, loads
    from rulelang.engine.run import EngineRun as Run
    from rulelang.evaluate import Alert, AssetDecision, Decision, Forgotten, Outcome, SnapshotError, StepRefused
    from rulelang.text import Diagnostic, Fix, RuleError, Severity

__version__ = "0.1.0"

_HOMES = {
    "rulelang.api": ("Rules", "check", "load", "loads"),
    "rulelang.engine.run": ("Run",),
    "rulelang.evaluate": ("Alert", "AssetDecision", "Decision", "Forgotten", "Outcome", "SnapshotError", "StepRefused"),
    "rulelang.text": ("Diagnostic", "Fix", "RuleError", "Severity"),
}

__all__ = [
    "Alert",
    "AssetDecision",
    "Decision",
    "Diagnostic",
    "Fix",
    "Forgotten",
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


class _Room(ModuleType):
    """The room `rulelang.check`, which can be called: then it is the function of that name."""

    def __call__(self, text: str | bytes, **options: Any) -> Any:
        return _imported("check")(text, **options)


class _Face(ModuleType):
    """The package itself: `rulelang.check` is a function and, for those who work on it, a room."""

    def __getattr__(self, name: str) -> Any:
        return _imported(name)

    @property
    def check(self) -> Any:
        return import_module("rulelang.check")

    @check.setter
    def check(self, room: ModuleType) -> None:
        room.__class__ = _Room


sys.modules[__name__].__class__ = _Face
