"""Confidence intervals by block bootstrap: days drawn in blocks, so that what hangs together stays together.

Circular blocks. Numbers come from a counter through SplitMix64, so that the same seed gives the same intervals always.
Source: Politis and Romano, A circular block-resampling procedure for stationary data; Steele, Lea and Flood, Fast
splittable pseudorandom number generators.
"""

from typing import Any

import numpy as np

from rulelang.backtest.result import Bootstrap, Interval

_GOLDEN, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_FEWEST = 60
"""With fewer days there is too little to draw from: no intervals."""


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
    return max(5, round(2 * days ** (1 / 3)))


def plan_of(days: int, seed: int, samples: int) -> Bootstrap:
    """Return how the intervals of so many days are made."""
    return Bootstrap(seed, samples, block_of(days), 0.95)


def drawn(days: int, how: Bootstrap) -> Any:
    """Return the days of each sample: a row of places each."""
    blocks = -(-days // how.block)
    starts = draws(how.seed, how.samples * blocks, days).reshape(how.samples, blocks, 1)
    places = (starts + np.arange(how.block)) % days
    return places.reshape(how.samples, -1)[:, :days]


def intervals(returns: Any, changes: Any, bare: Any, places: Any, level: float) -> dict[str, Interval]:
    """Return intervals of a track's numbers.

    `returns`: daily, fractions; `changes`, `bare`: daily changes of equity of the track and of `no hedge`; `places`: as
    `drawn` gives them. Nothing for fewer than 60 days, where equity was 0 or less, or
    where it never moved.
    """
    if len(returns) < _FEWEST or not np.isfinite(returns).all() or (returns <= -1).any() or not returns.any():
        return {}
    grown = np.log1p(returns)[places].cumsum(axis=1)
    years = len(returns) / 365
    some = returns[places]
    tail = max(1, round(0.05 * len(returns)))
    worst = np.partition(some, tail - 1, axis=1)[:, :tail].mean(axis=1)
    peaks = np.maximum(np.maximum.accumulate(grown, axis=1), 0.0)
    found = {
        "total_return": np.expm1(grown[:, -1]),
        "annual_return": np.expm1(grown[:, -1] / years),
        "volatility": some.std(axis=1, ddof=1) * np.sqrt(365),
        "max_drawdown": np.expm1((grown - peaks).min(axis=1)),
        "shortfall": worst,
        "effectiveness": _effectiveness(changes, bare, places),
    }
    return {name: _interval(column, level) for name, column in found.items() if np.isfinite(column).all()}


def _effectiveness(changes: Any, bare: Any, places: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 - changes[places].var(axis=1) / bare[places].var(axis=1)


def _interval(column: Any, level: float) -> Interval:
    low, high = np.quantile(column, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
