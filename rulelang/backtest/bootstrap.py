"""Confidence intervals by block bootstrap: days drawn in blocks, so that what hangs together stays together.

Circular blocks. Numbers come from a counter through SplitMix64, so that the same seed gives the same intervals always.
Source: Politis and Romano, A circular block-resampling procedure for stationary data; Steele, Lea and Flood, Fast
splittable pseudorandom number generators.
"""

from collections.abc import Sequence
from math import cbrt
from typing import Any

import numpy as np
from attrs import field, frozen

from rulelang.backtest.result import Bootstrap, Interval

_GOLDEN, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_FEWEST = 60
"""With fewer days there is too little to draw from: no intervals."""
_SOME = 64
"""So many samples at a time are counted."""


def draws(seed: int, count: int, below: int) -> Any:
    """Return whole numbers from 0 to `below` - 1, drawn by a seed."""
    with np.errstate(over="ignore"):
        state = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed)) * _GOLDEN
        state = (state ^ (state >> np.uint64(30))) * _FIRST
        state = (state ^ (state >> np.uint64(27))) * _SECOND
        state ^= state >> np.uint64(31)
    return ((state >> np.uint64(11)).astype(np.float64) * 2.0**-53 * below).astype(np.int64)


def block_of(days: int) -> int:
    """Return the days of a block: twice the cube root of all, at least 5.

    >>> block_of(365), block_of(3650)
    (14, 31)
    """
    return max(5, int(2 * cbrt(days) + 0.5))


def plan_of(days: int, seed: int, samples: int) -> Bootstrap:
    """Return how the intervals of so many days are made."""
    return Bootstrap(seed, samples, block_of(days), 0.95)


@frozen
class Drawn:
    """The days of each sample, one in a column of `places`; how often each day is among them, one in a row."""

    places: Any = field(repr=False)
    weights: Any = field(repr=False)


def drawn(days: int, how: Bootstrap) -> Drawn:
    """Return the days of each sample."""
    blocks = -(-days // how.block)
    starts = draws(how.seed, how.samples * blocks, days).reshape(how.samples, blocks).T[:, None]
    places = starts + np.arange(how.block)[:, None]
    while places.max() >= days:
        np.subtract(places, days, out=places, where=places >= days)
    places = places.reshape(-1, how.samples)[:days]
    weights = np.empty((how.samples, days))
    for first in range(0, how.samples, _SOME):
        some = places[:, first : first + _SOME]
        rows = some + np.arange(some.shape[1]) * days
        weights[first : first + _SOME] = np.bincount(rows.ravel(), minlength=rows.shape[1] * days).reshape(-1, days)
    return Drawn(places, weights)


@frozen
class Daily:
    """What days changed: `returns`, fractions; `changes` of equity. `sound`: it was above 0 all the time."""

    returns: Any = field(repr=False)
    changes: Any = field(repr=False)
    sound: bool

    @property
    def tells(self) -> bool:
        """Whether there is enough to draw from: 60 days, in which equity stayed above 0 and moved."""
        known = len(self.returns) >= _FEWEST and bool(np.isfinite(self.returns).all())
        return known and bool((self.returns > -1).all() and self.returns.any())


def intervals(tracks: Sequence[Daily], bare: Any, some: Drawn, level: float) -> list[dict[str, Interval]]:
    """Return intervals of the numbers of each track; nothing where there is too little to draw from.

    `bare`: daily changes of equity of `no hedge`.
    """
    told = [at for at, one in enumerate(tracks) if one.tells]
    if not told:
        return [{} for _ in tracks]
    logs, spread = np.log1p([tracks[at].returns for at in told]), _variance(bare, some)
    falls = _deepest(logs, some)
    found = {
        at: _intervals(tracks[at], own, fall, spread, some, level)
        for at, own, fall in zip(told, logs, falls, strict=True)
    }
    return [found.get(at, {}) for at in range(len(tracks))]


def _intervals(own: Daily, logs: Any, falls: Any, bare: Any, some: Drawn, level: float) -> dict[str, Interval]:
    count = len(logs)
    grown, spread = some.weights @ logs, _variance(own.returns, some) * count / (count - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = 1 - _variance(own.changes, some) / bare
    found = {
        "total_return": np.expm1(grown),
        "annual_return": np.expm1(grown / (count / 365)),
        "volatility": np.sqrt(spread * 365),
        "max_drawdown": falls,
        "shortfall": _shortfall(own.returns, some),
        "effectiveness": effect,
    }
    return {name: _interval(column, level) for name, column in found.items() if np.isfinite(column).all()}


def _variance(values: Any, some: Drawn) -> Any:
    """Return the variance of each sample."""
    centred, count = values - values.mean(), len(values)
    return np.maximum(some.weights @ centred**2 / count - (some.weights @ centred / count) ** 2, 0.0)


def _deepest(logs: Any, some: Drawn) -> Any:
    """Return the deepest fall of each sample of each track, from its beginning or a day's end; all tracks at once."""
    days = np.ascontiguousarray(logs.T)
    grown, peaks, falls, fallen = np.zeros((4, some.places.shape[1], len(logs)))
    for places in some.places:
        grown += days.take(places, axis=0)
        np.maximum(peaks, grown, out=peaks)
        np.minimum(falls, np.subtract(grown, peaks, out=fallen), out=falls)
    return np.expm1(falls).T


def _shortfall(returns: Any, some: Drawn) -> Any:
    """Return the mean of the worst 5% of each sample: the lowest returns, each as often as it was drawn."""
    tail = max(1, round(0.05 * len(returns)))
    order, taken = returns.argsort(), np.zeros(len(some.weights))
    sums = np.zeros(len(taken))
    for day in order.tolist():
        more = np.minimum(some.weights[:, day], tail - taken)
        sums += more * returns[day]
        taken += more
        if taken.min() >= tail:
            break
    return sums / tail


def _interval(column: Any, level: float) -> Interval:
    low, high = np.quantile(column, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
