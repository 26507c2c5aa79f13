"""Drift: how far the level of a sleeve goes from its target while nothing is traded, by columns of many rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rulelang.backtest.sleeves import BETA, DAY, Sleeve, beta
from rulelang.backtest.stock import Ground, Stock


def still(sleeve: Sleeve, stock: Stock) -> bool:
    """Say whether the level of a sleeve can't move while positions stay."""
    if sleeve.moved is None:
        return False
    return not any(stock.positions[leg].contracts for leg in sleeve.moved)


def drifted(sleeve: Sleeve, stock: Stock, rows: range, off: float) -> int | None:
    """Return the first row at whose close the level is further from the target than the band and what is `off` now.

    Positions stay as they are; coins that contracts pay count with the price, funding from the next change on.
    """
    if not _may_drift(sleeve, stock, rows, off):
        return None
    first, size = rows.start, 1024
    while first < rows.stop:
        part = slice(first, min(rows.stop, first + size))
        level, target = lines(sleeve, stock, part)
        away = np.abs(level - (sleeve.aims[0].levels[part] if len(sleeve.aims) == 1 else target))
        with np.errstate(invalid="ignore"):
            over = np.flatnonzero(away > sleeve.band + abs(off))
        if len(over):
            return first + int(over[0])
        first, size = part.stop, size * 4
    return None


def _may_drift(sleeve: Sleeve, stock: Stock, rows: range, off: float) -> bool:
    """Say whether a level may go too far. With one price for all legs it moves one way with that price, so that no
    highest and no lowest of it can be further away; the target stays within the rows."""
    ground = stock.ground
    held = [leg for leg in sleeve.moved or () if stock.positions[leg].contracts]
    if not sleeve.simple or any(ground.series[leg].mark is not ground.series[held[0]].mark for leg in held[1:]):
        return True
    target, band = float(sleeve.aims[0].levels[rows.start]), sleeve.band + abs(off)
    extremes = ground.series[held[0]].extremes
    for price in (extremes.low(rows.start, rows.stop - 1), extremes.high(rows.start, rows.stop - 1)):
        whole = stock.coins_at(sleeve.coin, price)
        if not whole or abs(sum([_delta(stock, leg, price) for leg in sleeve.legs]) / whole + target) > band:
            return True
    return False


def _delta(stock: Stock, leg: int, price: float) -> float:
    """Return the base coins that a leg moves as at a price; it pays in money, or is inverse."""
    one, held = stock.ground.terms[leg], stock.positions[leg].contracts
    return held * one.size / price if one.inverse else held * one.size


# Columns ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def lines(sleeve: Sleeve, stock: Stock, part: slice) -> tuple[Any, Any]:
    """Return the level and the target at each row of a part, as `state` has them; NaN where there is no level."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (_book if sleeve.goal == BETA else _hedge)(sleeve, stock, part)


def _hedge(sleeve: Sleeve, stock: Stock, part: slice) -> tuple[Any, Any]:
    ground, price = stock.ground, opening_prices(sleeve, stock.ground, part)
    want, whole = 0.0, 0.0
    for aim in sleeve.aims:
        full = coin_columns(stock, aim.coin, part)
        if aim.coin != sleeve.coin:
            full = full * (betas(ground, aim.coin, sleeve.coin, part) * ground.closes[aim.coin][part] / price)
        want, whole = want - aim.levels[part] * full, whole + full
    held = whole != 0
    return np.where(held, -deltas(stock, sleeve.legs, part) / whole, np.nan), np.where(held, -want / whole, 0.0)


def _book(sleeve: Sleeve, stock: Stock, part: slice) -> tuple[Any, Any]:
    ground = stock.ground
    coin = ground.portfolio.benchmark or sleeve.coin
    levels = {aim.coin: aim.levels[part] for aim in sleeve.aims}
    only = next(iter(levels.values())) if len(levels) == 1 else None
    goal, bare, value = 0.0, 0.0, 0.0
    for asset in ground.coins:
        worth = coin_columns(stock, asset, part) * ground.closes[asset][part]
        own = betas(ground, asset, coin, part)
        goal = goal + worth * (levels.get(asset, own) if only is None else only)
        bare, value = bare + worth * own, value + worth
    for leg, one in enumerate(ground.terms):
        if leg not in sleeve.legs:
            worth = deltas(stock, (leg,), part) * ground.series[leg].mark[part]
            bare = bare + worth * betas(ground, one.listing.base, coin, part)
    each = betas(ground, sleeve.coin, coin, part) * opening_prices(sleeve, ground, part)
    held = (value != 0) & (each != 0)
    level = bare / value + each / value * deltas(stock, sleeve.legs, part)
    return np.where(held, level, np.nan), np.where(held, goal / value, 0.0)


def opening_prices(sleeve: Sleeve, ground: Ground, part: slice) -> Any:
    """Return the price of what opens at each row."""
    found = np.empty(part.stop - part.start)
    ends = [*(first for first, _ in sleeve.turns[1:]), part.stop]
    for (first, leg), end in zip(sleeve.turns, ends, strict=True):
        own = slice(max(first, part.start), min(end, part.stop))
        if own.start < own.stop:
            column = ground.closes[sleeve.coin] if leg is None else ground.series[leg].mark
            found[own.start - part.start : own.stop - part.start] = column[own]
    return found


def betas(ground: Ground, asset: str, coin: str, part: slice) -> Any:
    """Return the beta of an asset to a coin at each row of a part: one a day, 1 to itself."""
    if asset == coin:
        return np.ones(part.stop - part.start)
    days = ground.history.times[part] // DAY
    _, firsts, places = np.unique(days, return_index=True, return_inverse=True)
    return np.array([beta(ground, asset, coin, part.start + int(row)) for row in firsts])[places]


def deltas(stock: Stock, legs: Sequence[int], part: slice) -> Any:
    """Return the base coins that legs move as, at each row of a part."""
    ground, found = stock.ground, np.zeros(part.stop - part.start)
    for leg in legs:
        one, held = ground.terms[leg], stock.positions[leg].contracts
        if held and one.inverse:
            found += held * one.size / ground.series[leg].mark[part]
        elif held:
            found += held * one.size * (1.0 if one.pays is None else ground.paid[leg][part])
    return found


def coin_columns(stock: Stock, asset: str, part: slice) -> Any:
    """Return the coins of an asset at each row of a part, with what its contracts pay at the prices there."""
    ground = stock.ground
    found = np.full(part.stop - part.start, ground.coins.get(asset, 0.0))
    for leg, (one, own) in enumerate(zip(ground.terms, stock.positions, strict=True)):
        if one.pays == asset:
            open_ = own.contracts * one.g(ground.series[leg].mark[part]) if own.contracts else 0.0
            found += one.size * (open_ - own.basis) + own.flow
    return found
