"""The summary of a run for people: targets, rules, the last changes and alerts, and where the decisions lie."""

from typing import Any

from rulelang.check import CheckedRules, summary
from rulelang.cli.output import Sink
from rulelang.cli.tally import Tally
from rulelang.evaluate import Outcome
from rulelang.kinds import duration_text, value_text
from rulelang.kinds.units import time_text
from rulelang.text.layout import columns

_LIMITS = {"floor": "floor", "cap": "cap", "corridor": "floor and cap"}


def summarised(tally: Tally, rules: CheckedRules, sink: Sink, width: int) -> str:
    """Return what a person wants to know of a run."""
    if not tally.bars:
        return ""
    several = bool(rules.assets)
    kinds = {name: target.kind for name, target in next(iter(rules.programs.values())).targets.items()}
    lines = [*_heading(tally, rules)]
    for rows in (_target_rows(tally, kinds, several), _rule_rows(tally, several)):
        lines += ["", *table] if (table := columns(rows, width)) else []
    total = sum(target.changes for target in tally.targets.values())
    lines += _titled(total, "change", _change_rows(tally, kinds, several), width)
    lines += _titled(tally.alerts, "alert", _alert_rows(tally, several), width)
    if tally.rejected:
        refused = ", ".join(f"{name} {count:,} times" for name, count in tally.rejected.most_common())
        lines += ["", f"out of bounds, so counted as missing: {refused}"]
    if sink.place is not None:
        lines += ["", sink.place]
    return "\n".join(lines) + "\n"


def _heading(tally: Tally, rules: CheckedRules) -> list[str]:
    assert tally.first is not None and tally.last is not None and tally.begun is not None
    lines = ["", f"{_counted(tally.bars, 'decision')} from {time_text(tally.first)} to {time_text(tally.last)}"]
    if tally.warming:
        lines.append(f"{_counted(tally.warming, 'step')} before, from {time_text(tally.begun)} on, warmed the rules up")
    asked = summary(rules)
    reached = tally.begun - (rules.bars or 0) + (asked.history or 0)
    if reached > tally.first:
        back = duration_text(asked.history or 0)
        lines.append(f"the rules look back {back}: until {time_text(reached)} some of their values may be missing")
    return lines


def _titled(total: int, word: str, rows: list[list[str]], width: int) -> list[str]:
    if len(rows) < 2:
        return []
    shown = len(rows) - 1
    title = f"{_counted(total, word)}:" if total == shown else f"the last {shown} of {_counted(total, word)}:"
    return ["", title, "", *columns(rows, width)]


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _name(asset: str | None, name: str, several: bool) -> str:
    return f"{asset} {name}" if several else name


def _target_rows(tally: Tally, kinds: dict[str, Any], several: bool) -> list[list[str]]:
    rows = [["target", "average", "lowest", "highest", "changes", "frozen bars", "held back"]]
    for (asset, name), found in tally.targets.items():
        kind = kinds[name]
        held = ", ".join(f"{brake} {_counted(count, 'bar')}" for brake, count in found.held.most_common()) or "-"
        average = float(f"{found.total / found.bars:.4g}")
        shown = [value_text(value, kind) for value in (average, found.lowest, found.highest)]
        rows.append([_name(asset, name, several), *shown, f"{found.changes:,}", f"{found.frozen:,}", held])
    return rows


def _rule_rows(tally: Tally, several: bool) -> list[list[str]]:
    rows = [["rule", "times active", "bars active", "last active"]]
    for (asset, name), found in tally.rules().items():
        share = f"{found.bars:,} ({found.bars / found.seen:.1%})" if found.bars else "never"
        last = "-" if found.last is None else time_text(found.last)
        rows.append([_name(asset, name, several), f"{found.times:,}", share, last])
    return rows


def _change_rows(tally: Tally, kinds: dict[str, Any], several: bool) -> list[list[str]]:
    rows = [["time", "target", "from", "to", "desired", "by"]]
    for glance, name in tally.changes:
        decision = glance.decision()
        outcome, kind = decision.targets[name], kinds[name]
        shown = [value_text(v, kind) for v in (outcome.before, outcome.after, outcome.desired)]
        rows.append([time_text(decision.time), _name(decision.asset, name, several), *shown, _decider(outcome)])
    return rows


def _decider(outcome: Outcome) -> str:
    """Return who made the desired value: the last floor or cap that moved it, else the last word."""
    before = None
    decider = outcome.last_word or "no rule"
    for part in outcome.parts:
        if part.what in _LIMITS and part.result in part.values and part.result != before:
            decider = f"{part.rule} ({_LIMITS[part.what]})"
        before = part.result
    return decider


def _alert_rows(tally: Tally, several: bool) -> list[list[str]]:
    rows = [["time", "rule", "text"]]
    for decision, alert in tally.alerted:
        rows.append(
            [time_text(decision.time), _name(decision.asset, alert.rule, several), " ".join(alert.text.split())]
        )
    return rows
