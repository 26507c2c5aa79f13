"""What a program should answer, of diagnostics and decisions: plain records, without what is empty or goes unsaid."""

from collections.abc import Iterable
from typing import Any

from rulelang.evaluate import AssetDecision, Decision, Outcome
from rulelang.text import Diagnostic, Severity

Record = dict[str, Any]


def refused(diagnostics: Iterable[Diagnostic]) -> list[Record]:
    """Return the errors among diagnostics: their codes, and where they begin and end, lines and columns from 1."""
    return [
        {"code": one.code, "from": list(one.position), "to": list(one.end)}
        for one in diagnostics
        if one.severity is Severity.ERROR
    ]


def decided(decision: Decision) -> Record:
    """Return what a step decided, by asset; the asset without a name is called by an empty text."""
    return {asset or "": _one(each) for asset, each in decision.items()}


def _one(decision: AssetDecision) -> Record:
    found: Record = {"targets": {name: _outcome(one) for name, one in decision.targets.items()}}
    found["active"] = [name for name, active in decision.active.items() if active]
    found["started"], found["ended"] = list(decision.started), list(decision.ended)
    found["alerts"] = [{"rule": alert.rule, "text": alert.text} for alert in decision.alerts]
    found["rejected"] = sorted(decision.rejected)
    return {key: value for key, value in found.items() if value}


def _outcome(outcome: Outcome) -> Record:
    desired = {"desired": outcome.desired} if outcome.desired != outcome.after else {}
    words = {"last_word": outcome.last_word, "held": outcome.held, "frozen": outcome.frozen}
    return {"after": outcome.after, **desired, **{key: value for key, value in words.items() if value}}
