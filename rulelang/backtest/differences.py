"""Differences: where two results over the same bars want something else, by how much, and what each earned."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from rulelang.backtest.result import Asset, Leg, Result
from rulelang.kinds.units import time_text
from rulelang.text.layout import columns, paragraph


@frozen
class Difference:
    """A time in which two rule files want something else of an asset, from the close of one bar to that of another.

    `old`, `new`: the targets in force at its start, by rules `old_rule`, `new_rule`; `apart`: the mean of new - old in
    it. `old_earned`, `new_earned`: what contracts brought in the bars after these decisions, quote currency, costs and
    funding included.
    """

    asset: str | None
    start: float
    end: float
    bars: int
    old: float
    new: float
    apart: float
    old_rule: str | None
    new_rule: str | None
    old_earned: float
    new_earned: float


@frozen
class Comparison:
    """What sets two versions apart. `bars`: of each asset, compared; `apart`: those with another target.

    `old_earned`, `new_earned`: of contracts over the whole time; `old_end`, `new_end`: equity at the end; all money is
    in `quote`.
    """

    old: str
    new: str
    bars: int
    apart: int
    differences: tuple[Difference, ...]
    old_earned: float
    new_earned: float
    old_end: float
    new_end: float
    quote: str


def compare(old: Result, new: Result, names: tuple[str, str]) -> Comparison:
    """Return where two results over the same bars differ; assets that only one of them has are left out."""
    theirs = {one.name: one for one in new.assets}
    pairs = [(one, theirs[one.name]) for one in old.assets if one.name in theirs]
    found = [difference for pair in pairs for difference in _differences(old, new, *pair)]
    earned = [float(sum(_leg_pnl(leg).sum() for leg in each.legs)) for each in (old, new)]
    ends = [float(each.strategy.equity[-1]) for each in (old, new)]
    return Comparison(
        names[0], names[1], len(old.times), sum(one.bars for one in found), tuple(found),
        earned[0], earned[1], ends[0], ends[1], old.quote,
    )  # fmt: skip


def _leg_pnl(leg: Leg) -> Any:
    return leg.gain + leg.funding - leg.fees - leg.slippage


def _pnl(result: Result, coin: str) -> Any:
    """Return what the contracts of a coin brought in each bar."""
    return sum((_leg_pnl(leg) for leg in result.legs if leg.coin == coin), np.zeros(len(result.times)))


def _differences(old: Result, new: Result, one: Asset, other: Asset) -> list[Difference]:
    """Return the times in which an asset's targets differ: each as long as neither of them changes."""
    both = one.ratio - other.ratio
    apart = (both != 0) & ~((one.ratio != one.ratio) & (other.ratio != other.ratio))
    starts, ends = _spans(apart, one.ratio, other.ratio)
    sums = [np.concatenate(([0.0], _pnl(each, one.coin).cumsum())) for each in (old, new)]
    count = len(old.times)
    found = []
    for start, end in zip(starts, ends, strict=True):
        first, last = min(start + 1, count), min(end + 1, count)
        found.append(
            Difference(
                one.name, float(old.times[start]), float(old.times[end - 1]), end - start,
                float(one.ratio[start]), float(other.ratio[start]), float((-both[start:end]).mean()),
                _rule(one, start), _rule(other, start),
                *(float(each[last] - each[first]) for each in sums),
            )
        )  # fmt: skip
    return found


def _spans(apart: Any, one: Any, other: Any) -> tuple[Sequence[int], Sequence[int]]:
    if not apart.any():
        return (), ()
    moved = np.zeros(len(apart), bool)
    moved[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1]) | (apart[1:] != apart[:-1])
    moved[0] = True
    edges = np.flatnonzero(moved)
    ends = np.append(edges[1:], len(apart))
    inside = apart[edges]
    return edges[inside].tolist(), ends[inside].tolist()


def _rule(asset: Asset, row: int) -> str | None:
    return asset.rule.texts[int(asset.rule.codes[row])]


# As text ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

_MOST = 40


def as_text(found: Comparison, width: int) -> str:
    """Return a comparison as text: the sums, and the times that mattered most, oldest first."""
    from rulelang.backtest.screen import money, percent

    if not found.differences:
        return f"{found.old} and {found.new} decide the same at all {found.bars:,} bars\n"
    share = percent(found.apart / found.bars)
    head = f"{found.old} and {found.new} differ at {found.apart:,} of {found.bars:,} bars ({share})"
    sums = f"the contracts earned {money(found.old_earned)} with the old, {money(found.new_earned)} with the new"
    ends = f"the book ends at {money(found.old_end)} and {money(found.new_end)} {found.quote}"
    shown = _weightiest(found.differences)
    table = columns(_rows(shown), width, ("old rule", "new rule"))
    lines = [*paragraph(f"{head}; {sums}; {ends}", width, "  "), "", *table]
    if len(shown) < len(found.differences):
        more = len(found.differences) - len(shown)
        lines.append(f"and {more:,} more, of less weight: --format csv has all")
    return "\n".join(lines) + "\n"


def _weightiest(every: Sequence[Difference]) -> list[Difference]:
    weights = sorted(every, key=lambda one: abs(one.new_earned - one.old_earned), reverse=True)[:_MOST]
    return sorted(weights, key=lambda one: one.start)


def _rows(every: Sequence[Difference]) -> list[list[str]]:
    from rulelang.backtest.screen import money, percent

    several = len({one.asset for one in every}) > 1
    head = ["from", "to", "bars", "old", "new", "old rule", "new rule", "old earned", "new earned", "new - old"]
    rows = [[*(["asset"] if several else []), *head]]
    for one in every:
        earned = (one.old_earned, one.new_earned, one.new_earned - one.old_earned)
        times = (time_text(one.start), time_text(one.end))
        ratios = (percent(one.old), percent(one.new))
        rules = (one.old_rule or "", one.new_rule or "")
        cells = [*times, f"{one.bars:,}", *ratios, *rules, *map(money, earned)]
        rows.append([*([str(one.asset)] if several else []), *cells])
    return rows
