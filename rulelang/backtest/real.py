"""What is real in a simulated book at each close: how much is hedged, and from which price."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve

from rulelang.backtest.columns import in_quote, spread
from rulelang.backtest.decisions import Feed, inlets
from rulelang.backtest.drift import betas, opening_prices
from rulelang.backtest.ledger import Ledger
from rulelang.backtest.simulate import Step
from rulelang.backtest.sleeves import BETA, LEVERAGE, Sleeve
from rulelang.check import CheckedRules

Asks = Mapping[str | None, Mapping[int, str]]
"""What is real that the rules of each asset ask for and no data say: its place among their columns, and its name."""


def real(ledger: Ledger, sleeve: Sleeve) -> dict[str, Any]:
    """Return `hedge.actual`, `hedge.entry` and their like for a sleeve, as a plan has them.

    A value is of the contracts held through the bar, before what is decided at its close is traded: nothing in it is
    known later than that close. NaN where nothing is short, or where nobody has said the margin.
    """
    levels = {sleeve.goal: _level(ledger, sleeve), LEVERAGE: _leverage(ledger, sleeve)}
    entry, found = _entry(ledger, sleeve), dict[str, Any]()
    for target, level in levels.items():
        found |= {f"{target}.actual": level, f"{target}.entry": entry}
    return found


# How much ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _level(ledger: Ledger, sleeve: Sleeve) -> Any:
    deltas = sum(ledger.columns[leg].delta(_every(ledger)) for leg in sleeve.legs)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (_of_book if sleeve.goal == BETA else _of_coins)(ledger, sleeve, deltas)


def _of_coins(ledger: Ledger, sleeve: Sleeve, deltas: Any) -> Any:
    """Return the coins short over the coins held; across coins, over what these are worth times their betas."""
    ground, every = ledger.walked.ground, _every(ledger)
    whole = 0.0
    for aim in sleeve.aims:
        full = _coins(ledger, aim.coin)
        if aim.coin != sleeve.coin:
            price = opening_prices(sleeve, ground, every)
            full = full * betas(ground, aim.coin, sleeve.coin, every) * ground.closes[aim.coin] / price
        whole = whole + full
    return np.where(whole != 0, 0.0 - deltas / whole, np.nan)


def _of_book(ledger: Ledger, sleeve: Sleeve, deltas: Any) -> Any:
    """Return the beta of the whole book."""
    ground, every = ledger.walked.ground, _every(ledger)
    coin = ground.portfolio.benchmark or sleeve.coin
    value = 0.0
    moved = deltas * opening_prices(sleeve, ground, every) * betas(ground, sleeve.coin, coin, every)
    for asset in ground.coins:
        worth = _coins(ledger, asset) * ground.closes[asset]
        value, moved = value + worth, moved + worth * betas(ground, asset, coin, every)
    for leg, one in enumerate(ground.terms):
        if leg not in sleeve.legs:
            worth = ledger.columns[leg].delta(every) * ground.series[leg].mark
            moved += worth * betas(ground, one.listing.base, coin, every)
    return np.where(value != 0, moved / value, np.nan)


def _coins(ledger: Ledger, asset: str) -> Any:
    """Return the coins of an asset: those of the start, and what contracts paid in it."""
    ground = ledger.walked.ground
    found = np.full(len(ground.history), ground.coins.get(asset, 0.0))
    for leg, one in enumerate(ground.terms):
        if one.pays == asset:
            found += ledger.columns[leg].total(slice(0, len(found)))
    return found


def _every(ledger: Ledger) -> slice:
    return slice(0, len(ledger.walked.ground.history))


# From where, and on what margin ───────────────────────────────────────────────────────────────────────────────────────


def _entry(ledger: Ledger, sleeve: Sleeve) -> Any:
    """Return the average entry of the shorts by coins."""
    count = len(ledger.walked.ground.history)
    short, worth = np.zeros(count), np.zeros(count)
    for leg in _used(ledger, sleeve):
        coins = np.minimum(ledger.columns[leg].delta(_every(ledger)), 0.0)
        short += coins
        worth += coins * spread(ledger.walked.steps[leg], count, lambda step: step.entry).column()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(short != 0, worth / short, np.nan)


def _leverage(ledger: Ledger, sleeve: Sleeve) -> Any:
    """Return what isolated contracts are worth over their margin."""
    ground, walked = ledger.walked.ground, ledger.walked
    worth, margin = np.zeros(len(ground.history)), np.zeros(len(ground.history))
    for leg in _used(ledger, sleeve):
        terms, held = ground.terms[leg], ledger.columns[leg].contracts.column()
        worth += in_quote(ground, leg, terms.size * np.abs(held) * terms.h(ground.series[leg].mark))
        margin += in_quote(ground, leg, spread(walked.steps[leg], len(held), _margin).column()) * (held != 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(worth != 0, worth / margin, np.nan)


def _margin(step: Step) -> float:
    return 0.0 if not step.contracts else float("nan") if step.margin is None else step.margin


def _used(ledger: Ledger, sleeve: Sleeve) -> Sequence[int]:
    return [leg for leg in sleeve.legs if ledger.columns[leg].used]


# For rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def unsaid(rules: CheckedRules, feeds: Mapping[str | None, Feed]) -> Asks:
    """Return what is real that rules ask for, and that the data don't say."""
    asked = {
        asset: {at: name for at, (_, name) in enumerate(keys) if "." in name and not _known(feeds[asset].columns[at])}
        for asset, keys in inlets(rules).items()
        if asset in feeds
    }
    return {asset: places for asset, places in asked.items() if places}


def real_names(asks: Asks) -> list[str]:
    """Return what is asked for, as texts say it."""
    return list(dict.fromkeys(f"`{name}`" for places in asks.values() for name in places.values()))


def _known(column: Any) -> bool:
    return bool((column == column).any())


def given(feed: Feed, places: Mapping[int, str], found: Mapping[str, Any], axis: Any) -> Feed:
    """Return what rules are given with columns of `real` in their places; before and after the axis they are NaN."""
    rows = np.searchsorted(axis, feed.times)
    there = (rows < len(axis)) & (axis[np.minimum(rows, len(axis) - 1)] == feed.times)
    columns = list(feed.columns)
    for at, name in places.items():
        if name in found:
            columns[at] = np.where(there, found[name][np.minimum(rows, len(axis) - 1)], np.nan)
    return evolve(feed, columns=tuple(columns))


def same(one: Feed, other: Feed) -> bool:
    """Say whether two feeds hold the same numbers; columns that were not changed are the same objects."""
    return all(
        first is second or np.array_equal(first, second, equal_nan=True)
        for first, second in zip(one.columns, other.columns, strict=True)
    )
