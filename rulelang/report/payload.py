"""What the charts of a page are drawn from: columns, spans of active rules, changes, events, reasons."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rulelang.backtest.result import Asset, Change, Result
from rulelang.engine.coded import Coded
from rulelang.report.columns import changes, column, spans, text
from rulelang.report.reasons import Reasons, pooled


def payload(result: Result, reasons: Reasons, command: str) -> dict[str, Any]:
    """Return what the page needs at once, ready for JSON: price, hedge, rules, and what is clicked."""
    rules = rule_names(result)
    return {
        "rules": rules,
        "count": len(result.times),
        "bars": result.bars,
        "times": _times(result),
        "assets": [_asset(one, rules) for one in result.assets],
        "held": column(result.book.ratio),
        "tracks": [one.name for one in result.tracks],
        "margins": bool(np.isfinite(_distance(result)).any()),
        "events": [{"name": one.name, "time": one.time} for one in result.events],
        "changes": _changes(result, rules),
        "reasons": pooled(reasons),
        "command": command,
    }


def later(result: Result) -> dict[str, Any]:
    """Return what the lower charts need, which the browser reads while the upper ones are seen."""
    return {
        "funding": column(result.book.funding),
        "equity": [column(one.equity) for one in result.tracks],
        "distance": column(_distance(result)),
    }


def _distance(result: Result) -> Any:
    """Return how far the nearest position is from its liquidation at each bar, NaN where none has one."""
    return np.fmin.reduce([np.full(len(result.times), np.nan), *(leg.distance for leg in result.legs)])


def rule_names(result: Result) -> list[str]:
    """Return the rules in the order of the file; without `otherwise`."""
    return list(dict.fromkeys(one.rule for one in result.activity if one.rule != "otherwise"))


def _times(result: Result) -> dict[str, str]:
    """Return times as stretches without a gap: place and time of the first bar of each."""
    times = np.asarray(result.times, np.float64)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(times) != result.bars) + 1))[: len(times)]
    return {"at": text(starts, "u4"), "value": text(times[starts], "f8")}


def _asset(asset: Asset, rules: list[str]) -> dict[str, Any]:
    return {
        "name": asset.name or asset.coin,
        "goal": asset.goal,
        "price": column(asset.price),
        "ratio": column(asset.ratio),
        "target": column(asset.target),
        "active": dict(_active(asset.active, rules)),
        "word": _word(asset.rule, rules),
    }


def _active(active: Coded, rules: list[str]) -> Iterator[tuple[str, str]]:
    """Yield when each rule was active: the rules that were at all, and their spans of bars."""
    together = [set(() if names is None else names.split(", ")) for names in active.texts]
    codes = np.asarray(active.codes)
    for rule in rules:
        member = np.array([rule in names for names in together], bool)
        if len(codes) and member.any():
            edges = spans(member[codes])
            if len(edges):
                yield rule, text(edges, "u4")


def _word(word: Coded, rules: list[str]) -> dict[str, str]:
    """Return who had the last word: the number of the rule, -1 for `otherwise` and for none."""
    number = np.array([rules.index(name) if name in rules else -1 for name in word.texts] or [-1], np.float64)
    codes = number[np.asarray(word.codes)]
    starts = changes(codes)
    return {"at": text(starts, "u4"), "value": text(codes[starts], "f8")}


def _changes(result: Result, rules: list[str]) -> dict[str, list[Any]]:
    """Return the changes by column. `earned` is left out where it isn't known."""
    places = {asset.name: at for at, asset in enumerate(result.assets)}
    numbers = {rule: at for at, rule in enumerate(rules)}

    def row(one: Change) -> list[Any]:
        word = numbers.get(one.rule or "", -1)
        earned = round(one.earned, 6) if np.isfinite(one.earned) else None
        return [one.number, one.row, one.time, places[one.asset], one.target, one.before, one.after, word, earned]

    names = ["number", "row", "time", "asset", "target", "before", "after", "rule", "earned"]
    rows = [row(one) for one in result.changes]
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {name: [] for name in names}
