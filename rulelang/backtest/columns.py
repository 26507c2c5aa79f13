"""Columns of a simulated book, made from its steps at once: positions, money in each bar, equity, distances."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from rulelang.backtest.margins import Account
from rulelang.backtest.simulate import Step, Walked
from rulelang.backtest.stock import Ground
from rulelang.backtest.terms import Terms


_BIT = 1e-6
"""So much more value shows what maintenance asks of the next bit of it."""

_PART = 16_384


@frozen
class LegColumns:
    """A leg at each bar: `contracts`; in its currency `funding`, `costs` (fees and slippage) of the bar and `total`,
    paid so far with the open position; `worth`: that in the quote currency."""

    contracts: Any = field(repr=False)
    funding: Any = field(repr=False)
    fees: Any = field(repr=False)
    slippage: Any = field(repr=False)
    total: Any = field(repr=False)
    worth: Any = field(repr=False)

    @property
    def pnl(self) -> Any:
        """What it brought in each bar, quote currency, costs and funding included."""
        return np.diff(self.worth, prepend=0.0)


def spread(steps: Sequence[Step], count: int, value: Callable[[Step], float]) -> Any:
    """Return a column of what each step says, from its row on."""
    rows = np.array([*(step.row for step in steps), count])
    return np.repeat(np.array([value(step) for step in steps]), np.diff(rows))


def leg_columns(walked: Walked, leg: int) -> LegColumns:
    """Return the columns of a leg."""
    ground, steps = walked.ground, walked.steps[leg]
    one, prices, count = ground.terms[leg], ground.series[leg], len(ground.history)
    fees, slippage = _costs(walked, leg, count)
    if all(step.contracts == 0 for step in steps) and not fees.any():
        nothing = np.zeros(count)
        return LegColumns(nothing, nothing, nothing, nothing, nothing, nothing)
    held = spread(steps, count, lambda step: step.contracts)
    funding = -one.size * held * prices.normal
    if prices.early.any():
        funding[1:] -= one.size * held[:-1] * prices.early[1:]
    total = one.size * (held * one.g(prices.mark) - spread(steps, count, lambda step: step.basis))
    total += (funding - fees - slippage).cumsum()
    paid = ground.paid[leg]
    return LegColumns(held, funding, fees, slippage, total, total if paid is None else total * paid)


def _costs(walked: Walked, leg: int, count: int) -> tuple[Any, Any]:
    fees, slippage = np.zeros(count), np.zeros(count)
    for fill in walked.fills:
        if fill.leg == leg and fill.contracts:
            fees[fill.row] += fill.fee
            slippage[fill.row] += fill.slippage
    return fees, slippage


def holding(ground: Ground) -> Any:
    """Return what coins and money of the start are worth at each bar, quote currency."""
    found = np.full(len(ground.history), ground.money)
    for coin, amount in ground.coins.items():
        if amount:
            found += amount * ground.closes[coin]
    return found


def in_quote(ground: Ground, leg: int, column: Any) -> Any:
    """Return a column of a leg's currency in the quote currency, at each bar's close."""
    paid = ground.paid[leg]
    return column if paid is None else column * paid


def drawdown(equity: Any) -> Any:
    """Return how far equity is below its highest so far, a fraction, 0 or below; NaN from equity of 0 or less on."""
    highest = np.maximum.accumulate(equity)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(highest > 0, equity / highest - 1, np.nan) if highest[:1] <= 0 else equity / highest - 1


# Liquidation ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Nearness:
    """A leg's margin (its currency), the price at which it is liquidated, and how far that is; NaN without."""

    margin: Any = field(repr=False)
    price: Any = field(repr=False)
    distance: Any = field(repr=False)


def nearness(walked: Walked, legs: Sequence[LegColumns]) -> list[Nearness]:
    """Return for each leg how near liquidation was at each close."""
    found = []
    for leg, one in enumerate(legs):
        steps = walked.steps[leg]
        account = next(each for each in walked.accounts if leg in each.legs)
        if any(step.contracts and step.margin is not None for step in steps):
            found.append(_isolated(walked, leg))
        elif account.start is not None and one.contracts.any():
            found.append(_shared(walked, leg, account, legs))
        else:
            nothing = np.full(len(walked.ground.history), np.nan)
            found.append(Nearness(nothing, nothing, nothing))
    return found


def _isolated(walked: Walked, leg: int) -> Nearness:
    """An isolated position's price of liquidation stays between two fills."""
    ground, steps = walked.ground, walked.steps[leg]
    one, count = ground.terms[leg], len(ground.history)
    price = spread(steps, count, lambda step: liquidated_at(one, step))
    margin = spread(steps, count, lambda step: np.nan if step.margin is None else step.margin)
    return Nearness(margin, price, np.abs(price / ground.series[leg].mark - 1))


def liquidated_at(one: Terms, step: Step) -> float:
    """Return the price at which an isolated position has its maintenance left; NaN where there is none."""
    if step.contracts == 0 or step.margin is None:
        return float("nan")
    lean = one.size * step.contracts * (-1 if one.inverse else 1)
    size, entry = one.size * abs(step.contracts), one.h(step.entry)
    for rate, deducted in one.tiers:
        slope = lean - rate * size
        at = (lean * entry - step.margin - deducted) / slope if slope else 0.0
        asked = rate * size * at - deducted
        if at > 0 and abs(one.maintenance(size * at) - asked) <= 1e-9 * abs(asked):
            return float(one.h(at))
    return float("nan")


def _shared(walked: Walked, leg: int, account: Account, legs: Sequence[LegColumns]) -> Nearness:
    """Shared money moves with every leg: where would all prices have to go, by the same fraction, to be liquidated?"""
    ground, count = walked.ground, len(walked.ground.history)
    free, factor = np.empty(count), np.empty(count)
    for part in parts(count):
        _share(ground, leg, account, legs, part, (free[part], factor[part]))
    one, mark = ground.terms[leg], ground.series[leg].mark
    return Nearness(free, mark / factor if one.inverse else mark * factor, np.abs(1 / factor - 1 if one.inverse else factor - 1))


def _share(
    ground: Ground, leg: int, account: Account, legs: Sequence[LegColumns], part: slice, into: tuple[Any, Any]
) -> None:
    """Work out the shared money of some bars, and the factor of prices (of 1 / price, for inverse contracts)."""
    free, factor = into
    free[:] = account.start
    slope, asked = np.zeros(len(free)), np.zeros(len(free))
    for other in account.legs:
        one, mark, held = ground.terms[other], ground.series[other].mark[part], legs[other].contracts[part]
        free += legs[other].total[part]
        moved = one.size * held * one.g(mark)
        value = np.abs(moved)
        keep = one.maintenances(value)
        asked += keep
        slope += moved - (one.maintenances(value * (1 + _BIT)) - keep) / _BIT
    with np.errstate(divide="ignore", invalid="ignore"):
        factor[:] = 1 - (free - asked) / slope
        factor[~((factor > 0) & (legs[leg].contracts[part] != 0))] = np.nan


def parts(count: int) -> Iterator[slice]:
    """Yield the rows in parts that stay in a processor's cache."""
    for first in range(0, count, _PART):
        yield slice(first, min(count, first + _PART))
