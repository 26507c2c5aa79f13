"""What each rule did: when it was active, which changes it caused or wanted, and what it earned with the last word."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from rulelang.backtest.decisions import Decided, Target, names
from rulelang.backtest.result import Activity, Change
from rulelang.check.checked import CheckedRule
from rulelang.engine.coded import Coded


def changes_of(asset: str | None, target: Target, times: Any, pnl: Any, first: int) -> list[Change]:
    """Return the changes of a target in force, counted from `first`, with what contracts earned until the next."""
    rows = change_rows(target)
    earned = np.concatenate((pnl.cumsum(), [0.0])) if pnl is not None else np.zeros(len(times) + 1)
    ends = [*rows[1:], len(times) - 1]
    before = [target.before, *target.after[:-1][[row - 1 for row in rows if row]].tolist()] if rows else []
    before = before if rows and rows[0] == 0 else before[1:]
    return [
        Change(
            first + at, row, float(times[row]), asset, target.name, float(before[at]), float(target.after[row]),
            target.rule.texts[int(target.rule.codes[row])], float(earned[ends[at]] - earned[row]),
        )
        for at, row in enumerate(rows)
    ]  # fmt: skip


def change_rows(target: Target) -> list[int]:
    """Return the rows at which what is in force is another than a bar before."""
    after = target.after
    apart = after[1:] != after[:-1]
    apart &= after[1:] == after[1:]
    rows: list[int] = (np.flatnonzero(apart) + 1).tolist()
    return [0, *rows] if len(after) and after[0] == after[0] and after[0] != target.before else rows


@frozen
class Episodes:
    """Changes that brakes held back: the rule that wanted each, and the brake."""

    rules: tuple[str | None, ...]
    brakes: tuple[str | None, ...]


def episodes(target: Target) -> Episodes:
    """Return the changes that were held back: each as long as the same rule wants the same against the same brake."""
    held, word, wanted = target.held.codes, target.rule.codes, target.desired
    now = np.flatnonzero(held)
    if not len(now):
        return Episodes((), ())
    last = now - 1
    fresh = (now == 0) | (held[last] != held[now]) | (word[last] != word[now]) | (wanted[last] != wanted[now])
    rows = now[fresh].tolist()
    return Episodes(
        tuple(target.rule.texts[int(word[row])] for row in rows),
        tuple(target.held.texts[int(held[row])] for row in rows),
    )


def activity(found: Decided, goal: Target | None, changes: Sequence[Change], pnl: Any) -> tuple[list[Activity], float]:
    """Return what each rule of an asset did, and the PnL for which no rule and no `otherwise` stands.

    `goal`: the target that is traded, `pnl`: what its contracts brought in each bar.
    """
    bars, starts = active_bars(found.active)
    words, sums = _owned(goal, pnl)
    held: dict[str | None, dict[str, int]] = {}
    for target in found.targets.values():
        seen = episodes(target)
        for rule, brake in zip(seen.rules, seen.brakes, strict=True):
            each = held.setdefault(rule, {})
            each[str(brake)] = each.get(str(brake), 0) + 1
    caused = [change.rule for change in changes]
    rules = [*found.program.rules, *([None] if words.get("otherwise") or "otherwise" in caused else [])]
    rows = []
    for rule in rules:
        name = "otherwise" if rule is None else rule.name
        rows.append(
            Activity(
                name, found.asset, _line(rule), starts.get(name, 0), bars.get(name, 0), words.get(name, 0),
                caused.count(name), held.get(name, {}), sums.get(name, 0.0),
            )
        )  # fmt: skip
    return rows, sums.get(None, 0.0)


def _line(rule: CheckedRule | None) -> int | None:
    return None if rule is None else rule.source.position(rule.written.span.start)[0]


def active_bars(active: Coded) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return in how many bars each rule was active, and how often it became active."""
    each, codes = names(active.texts), active.codes
    bars: dict[str, int] = {}
    for code, count in enumerate(np.bincount(codes, minlength=len(each)).tolist()):
        for name in each[code] if count else ():
            bars[name] = bars.get(name, 0) + count
    starts: dict[str, int] = dict.fromkeys(each[int(codes[0])], 1) if len(codes) else {}
    rows = np.flatnonzero(codes[1:] != codes[:-1])
    pairs, counts = np.unique(codes[rows].astype(np.int64) * len(each) + codes[rows + 1], return_counts=True)
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        for name in each[pair % len(each)] - each[pair // len(each)]:
            starts[name] = starts.get(name, 0) + count
    return bars, starts


def _owned(goal: Target | None, pnl: Any) -> tuple[dict[str | None, int], dict[str | None, float]]:
    """Return for each rule the bars with its last word, and the PnL of the bars after them; `None`: of no rule."""
    if goal is None:
        return {}, {}
    texts, codes = goal.rule.texts, goal.rule.codes
    words: dict[str | None, int] = {}
    sums: dict[str | None, float] = {None: 0.0}
    for name, count in zip(texts, np.bincount(codes, minlength=len(texts)).tolist(), strict=True):
        words[name] = words.get(name, 0) + count
    if pnl is not None:
        sums[None] = float(pnl[0])
        earned = np.bincount(codes[:-1], weights=pnl[1:], minlength=len(texts)).tolist()
        for name, amount in zip(texts, earned, strict=True):
            sums[name] = sums.get(name, 0.0) + amount
    return words, sums
