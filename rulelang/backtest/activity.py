"""What each rule did: when it was active, which changes it caused or wanted, and what it earned with the last word."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from rulelang.backtest.decisions import Decided, Target, names
from rulelang.backtest.result import Activity, Change
from rulelang.check.checked import CheckedRule
from rulelang.engine.coded import Coded

_PART = 65_536
_TABLE = 1 << 22
"""Up to so many different numbers are counted in a table."""


def changes_of(
    asset: str | None, target: Target, rows: Sequence[int], times: Any, worth: Any, first: int
) -> list[Change]:
    """Return the changes of a target in force at some rows, counted from `first`, with what contracts earned until the
    next.

    `worth`: what they have paid up to each bar, with open positions; `None` without any.
    """
    if not rows:
        return []
    earned = np.zeros(len(rows)) if worth is None else np.diff(worth[[*rows, len(times) - 1]])
    before = target.after[[max(0, row - 1) for row in rows]]
    before[0] = before[0] if rows[0] else target.before
    columns = (rows, times[rows], before, target.after[rows], target.rule.codes[rows], earned)
    cells = zip(*(np.asarray(column).tolist() for column in columns), strict=True)
    return [
        Change(number, row, time, asset, target.name, old, new, target.rule.texts[code], brought)
        for number, (row, time, old, new, code, brought) in enumerate(cells, first)
    ]


def change_rows(target: Target) -> list[int]:
    """Return the rows at which what is in force is another than a bar before."""
    after = target.after
    apart = after[1:] != after[:-1]
    apart &= after[1:] == after[1:]
    rows: list[int] = (np.flatnonzero(apart) + 1).tolist()
    return [0, *rows] if len(after) and after[0] == after[0] and after[0] != target.before else rows


def held_back(target: Target) -> dict[str | None, dict[str, int]]:
    """Return the changes that brakes held back, by rule and brake.

    A change counts once as long as the same rule wants the same against the same brake.
    """
    held, word, wanted = target.held.codes, target.rule.codes, target.desired
    fresh = np.ones(len(held), bool)
    fresh[1:] = (held[1:] != held[:-1]) | (word[1:] != word[:-1]) | (wanted[1:] != wanted[:-1])
    fresh &= held != 0
    rows = np.flatnonzero(fresh)
    pairs = word[rows].astype(np.int64) * len(target.held.texts) + held[rows]
    found: dict[str | None, dict[str, int]] = {}
    numbers, counts = _counted([pairs], len(target.rule.texts) * len(target.held.texts))
    for pair, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        rule, brake = divmod(pair, len(target.held.texts))
        each = found.setdefault(target.rule.texts[rule], {})
        each[str(target.held.texts[brake])] = count
    return found


def activity(
    found: Decided, goal: Target | None, changes: Sequence[Change], worth: Any
) -> tuple[list[Activity], float]:
    """Return what each rule of an asset did, and the PnL for which no rule and no `otherwise` stands.

    `goal`: the target that is traded, `worth`: what its contracts have paid up to each bar.
    """
    bars, starts = active_bars(found.active)
    words, sums = _owned(goal, worth)
    held = {} if goal is None else held_back(goal)
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
    rules = sorted(frozenset().union(*each))
    among = np.array([[name in some for name in rules] for some in each], np.int64).reshape(len(each), len(rules))
    firsts = range(0, len(codes), _PART)
    counts = sum(np.bincount(codes[at : at + _PART], minlength=len(each)) for at in firsts)
    bars = (np.zeros(len(each), np.int64) + counts) @ among
    starts = among[codes[0]].copy() if len(codes) else np.zeros(len(rules), np.int64)
    pairs, counts = _counted((_turns(codes[max(0, at - 1) : at + _PART], len(each)) for at in firsts), len(each) ** 2)
    starts += counts @ (among[pairs % len(each)] & ~among[pairs // len(each)])
    return dict(zip(rules, bars.tolist(), strict=True)), dict(zip(rules, starts.tolist(), strict=True))


def _turns(codes: Any, count: int) -> Any:
    """Return the codes before and after each row with another than before, each pair as one number."""
    edges = np.flatnonzero(codes[1:] != codes[:-1])
    return codes[edges].astype(np.int64) * count + codes[1:][edges]


def _edges(codes: Any) -> Any:
    """Return the rows at which a code is another than a row before."""
    found = []
    for first in range(1, len(codes), _PART):
        some = codes[first - 1 : first + _PART]
        found.append(np.flatnonzero(some[1:] != some[:-1]) + first)
    return np.concatenate([np.zeros(0, np.int64), *found])


def _counted(parts: Iterable[Any], below: int) -> tuple[Any, Any]:
    """Return the different numbers in some columns of them, and how often each occurs."""
    if below > _TABLE:
        return np.unique(np.concatenate([np.zeros(0, np.int64), *parts]), return_counts=True)
    counts = np.zeros(below, np.int64)
    for numbers in parts:
        np.add.at(counts, numbers, 1)
    found = np.flatnonzero(counts)
    return found, counts[found]


def _owned(goal: Target | None, worth: Any) -> tuple[dict[str | None, int], dict[str | None, float]]:
    """Return for each rule the bars with its last word, and the PnL of the bars after them; `None`: of no rule."""
    if goal is None:
        return {}, {}
    texts, codes = goal.rule.texts, goal.rule.codes
    words: dict[str | None, int] = {}
    sums: dict[str | None, float] = {None: 0.0}
    edges = _edges(codes)
    starts, ends = np.append(0, edges)[: len(codes)], np.append(edges, len(codes))[: len(codes)]
    seen = codes[starts]
    for name, count in zip(texts, np.bincount(seen, weights=ends - starts, minlength=len(texts)).tolist(), strict=True):
        words[name] = words.get(name, 0) + int(count)
    if worth is not None:
        sums[None] = float(worth[0])
        earned = worth[np.minimum(ends, len(codes) - 1)] - worth[starts]
        amounts = np.bincount(seen, weights=earned, minlength=len(texts))
        for name, amount in zip(texts, amounts.tolist(), strict=True):
            sums[name] = sums.get(name, 0.0) + amount
    return words, sums
