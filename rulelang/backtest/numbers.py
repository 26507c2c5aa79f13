"""The numbers of a track: what its equity comes to, by day and over all, and what its contracts cost and earned."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from rulelang.backtest.bootstrap import Daily, intervals
from rulelang.backtest.columns import LegColumns, amounts_in_quote
from rulelang.backtest.result import Bootstrap, Interval, Numbers, Track
from rulelang.backtest.simulate import Walked

_DAY, _YEAR = 86_400, 365 * 86_400
_TAIL = 0.05
_PART = 4096


@frozen
class Days:
    """What all tracks share: the last row of each day (UTC), daily changes of `no hedge`, how days are drawn."""

    rows: Any = field(repr=False)
    bare: Any = field(repr=False)
    places: Any = field(repr=False)
    how: Bootstrap


@frozen
class Money:
    """What contracts moved, quote currency, and the hedge that they made."""

    received: float = 0.0
    paid: float = 0.0
    fees: float = 0.0
    slippage: float = 0.0
    turnover: float = 0.0
    fills: int = 0
    liquidations: int = 0
    changes: int = 0
    ratio: Any = field(default=None, repr=False)
    nearest: tuple[float, int] | None = None


def day_rows(times: Any) -> Any:
    """Return the first row, and the last row of each day that has one."""
    midnights = np.arange(np.ceil(times[0] / _DAY), np.ceil(times[-1] / _DAY) + 1) * _DAY
    ends = np.searchsorted(times, midnights, side="right") - 1
    return np.unique(np.concatenate(([0], ends)))


def money(
    walked: Walked, legs: Sequence[LegColumns], ratio: Any, nearest: tuple[float, int] | None, changes: int
) -> Money:
    """Return what the contracts of a simulation moved; `nearest`: to a liquidation, and its row."""
    ground = walked.ground
    funding = [amounts_in_quote(ground, leg, one.funding) for leg, one in enumerate(legs)]
    sent = [fill for fill in walked.fills if fill.contracts]
    return Money(
        received=float(sum(column[column > 0].sum() for column in funding)),
        paid=float(-sum(column[column < 0].sum() for column in funding)),
        fees=float(sum(fill.fee * fill.unit for fill in sent)),
        slippage=float(sum(fill.slippage * fill.unit for fill in sent)),
        turnover=float(sum(_worth(walked, fill) for fill in sent)),
        fills=len(sent),
        liquidations=sum(fill.cause == "liquidation" for fill in sent),
        changes=changes,
        ratio=ratio,
        nearest=nearest,
    )


def _worth(walked: Walked, fill: Any) -> float:
    one = walked.ground.terms[fill.leg]
    return float(one.size * abs(fill.contracts) * one.h(fill.price) * fill.unit)


def tracks(times: Any, days: Days, held: Sequence[tuple[str, Any, Money]]) -> tuple[Track, ...]:
    """Return tracks with their numbers, of the name, the equity and the money of each."""
    daily = [_daily(equity[days.rows]) for _, equity, _ in held]
    within = intervals(daily, days.bare, days.places, days.how.level)
    return tuple(
        Track(name, equity, _numbers(times, equity, moved, own, days.bare, some))
        for (name, equity, moved), own, some in zip(held, daily, within, strict=True)
    )


def _daily(closes: Any) -> Daily:
    changes = np.diff(closes)
    sound = bool((closes > 0).all())
    return Daily(changes / closes[:-1] if sound else np.full(len(changes), np.nan), changes, sound)


def _numbers(times: Any, equity: Any, moved: Money, own: Daily, bare: Any, within: Mapping[str, Interval]) -> Numbers:
    start, end = float(equity[0]), float(equity[-1])
    span = float(times[-1] - times[0]) / _YEAR
    year = _power(end / start, 1 / span) if own.sound and span > 0 else None
    nearest, when = (None, None) if moved.nearest is None else (moved.nearest[0], float(times[moved.nearest[1]]))
    mean = float(equity.mean())
    return Numbers(
        start, end, end - start, end / start - 1 if start > 0 else None,
        year, _volatility(own.returns), *_deepest(times, equity),
        float(own.returns.min()) if len(own.returns) and own.sound else None, _shortfall(own.returns),
        _effectiveness(own.changes, bare),
        moved.received, moved.paid, moved.fees, moved.slippage, moved.turnover,
        moved.turnover / mean / span if mean > 0 and span > 0 else None, moved.changes, moved.fills,
        *_ratio(moved.ratio), nearest, when, moved.liquidations, within,
    )  # fmt: skip


def _power(base: float, exponent: float) -> float | None:
    try:
        return base**exponent - 1 if base > 0 else None
    except OverflowError:
        return None


def _volatility(returns: Any) -> float | None:
    return _or_none(returns.std(ddof=1) * np.sqrt(365)) if len(returns) > 1 else None


def _shortfall(returns: Any) -> float | None:
    """Return the mean of the worst 5% of days, of one day at least."""
    if not len(returns):
        return None
    count = max(1, round(_TAIL * len(returns)))
    return _or_none(np.partition(returns, count - 1)[:count].mean())


def _effectiveness(changes: Any, bare: Any) -> float | None:
    spread = float(bare.var()) if len(bare) else 0.0
    return 1 - float(changes.var()) / spread if spread > 0 else None


def _deepest(times: Any, equity: Any) -> tuple[float, float | None, float | None, float | None]:
    """Return the deepest fall, the time of its peak and its bottom, and when the peak was reached again."""
    deepest, low = _fall(equity)
    if deepest != deepest or deepest == 0:
        return deepest, None, None, None
    peak = int(equity[: low + 1].argmax())
    above = equity[low:] >= equity[peak]
    again = int(above.argmax())
    to = float(times[low + again]) if above[again] else None
    return deepest, float(times[peak]), float(times[low]), to


def _fall(equity: Any) -> tuple[float, int]:
    """Return the deepest fall below the highest so far, and its first row; NaN where equity begins at 0 or below.

    A part of the rows falls no deeper than from the highest up to its end to its lowest: most are left out by that.
    """
    if not equity[0] > 0:
        return float("nan"), 0
    starts = np.arange(0, len(equity), _PART)
    peaks = np.maximum.accumulate(np.maximum.reduceat(equity, starts))
    bounds = np.minimum.reduceat(equity, starts) / peaks - 1
    found = (0.0, 0)
    for at in bounds.argsort(kind="stable").tolist():
        if bounds[at] > found[0] or bounds[at] == 0:
            break
        part = equity[starts[at] : starts[at] + _PART]
        highest = np.maximum.accumulate(part)
        fallen = part / (np.maximum(highest, peaks[at - 1]) if at else highest) - 1
        low = int(fallen.argmin())
        found = min(found, (float(fallen[low]), int(starts[at]) + low))
    return found


def _ratio(ratio: Any) -> tuple[float | None, float]:
    """Return the average hedge, and the share of bars with more than 100%."""
    if ratio is None:
        return 0.0, 0.0
    known, total = ratio, ratio.sum()
    if not np.isfinite(total):
        known = ratio[ratio == ratio]
        total = known.sum()
    over = int(np.count_nonzero(known > 1 + 1e-9))
    return (float(total) / len(known), over / len(known)) if len(known) else (None, 0.0)


def _or_none(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
