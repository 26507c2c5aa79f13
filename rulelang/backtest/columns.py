"""Columns of a simulated book, made from its steps at once: positions, money in each bar, equity, distances."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from rulelang.backtest.margins import Account
from rulelang.backtest.runs import Runs, runs
from rulelang.backtest.simulate import Step, Walked
from rulelang.backtest.stock import Ground
from rulelang.backtest.terms import Terms

_PART = 16_384


@frozen
class Moved:
    """Money that a leg moved at some rows, in its currency; a row may stand there more than once."""

    rows: Any = field(repr=False)
    amounts: Any = field(repr=False)

    def onto(self, column: Any) -> Any:
        """Add it to a column, and return that."""
        np.add.at(column, self.rows, self.amounts)
        return column

    def column(self, count: int) -> Any:
        """Return it as a column."""
        return self.onto(np.zeros(count))


@frozen(eq=False)
class LegColumns:
    """A leg at each bar, made part by part of what stays the same for long: `contracts`, and `paid`, what it has paid
    so far in its currency (`unit`: the prices of that, `None` for money) less what open contracts are worth by
    g(price). `funding`, `fees`, `slippage`: at their rows."""

    terms: Terms = field(repr=False)
    mark: Any = field(repr=False)
    unit: Any = field(repr=False)
    contracts: Runs
    paid: Runs
    funding: Moved
    fees: Moved
    slippage: Moved
    used: bool

    def total(self, part: slice) -> Any:
        """Return what it has paid so far in its currency, with open contracts at the mark."""
        return self.total_of(self.contracts.part(part), part)

    def total_of(self, held: Any, part: slice) -> Any:
        """Return the same with so many contracts."""
        found = self.terms.g(self.mark[part]) * (held * self.terms.size)
        found += self.paid.part(part)
        return found

    def worth(self, part: slice) -> Any:
        """Return the same in the quote currency."""
        return self.quoted(self.total(part), part)

    def quoted(self, column: Any, part: slice) -> Any:
        """Return a column of its currency, of a part of the rows, in the quote currency."""
        return column if self.unit is None else column * self.unit[part]

    def delta(self, part: slice) -> Any:
        """Return the base coins that it moves as: one number where that stays the same."""
        return self.delta_of(self.contracts.part(part), part)

    def delta_of(self, held: Any, part: slice) -> Any:
        """Return the same with so many contracts."""
        size = self.terms.size
        if self.terms.inverse:
            return held * size / self.mark[part]
        return held * (size if self.unit is None else size * self.unit[part])


def spread(steps: Sequence[Step], count: int, value: Callable[[Step], float]) -> Runs:
    """Return a column of what each step says, from its row on."""
    return runs([step.row for step in steps], [value(step) for step in steps], count)


def leg_columns(walked: Walked, leg: int) -> LegColumns:
    """Return the columns of a leg."""
    ground, steps, count = walked.ground, walked.steps[leg], len(walked.ground.history)
    one, settled = ground.terms[leg], ground.series[leg].settled
    held = spread(steps, count, lambda step: step.contracts)
    before = np.maximum(settled.rows - settled.early, 0)
    funding = Moved(settled.rows, -one.size * held.at(before) * settled.amounts)
    fees, slippage = _costs(walked, leg)
    used = any(step.contracts for step in steps)
    paid = _paid(steps, one, (funding, fees, slippage), count)
    return LegColumns(
        one, ground.series[leg].mark, ground.paid[leg], held, paid, funding, fees, slippage, used
    )  # fmt: skip


def _paid(steps: Sequence[Step], one: Terms, moved: tuple[Moved, Moved, Moved], count: int) -> Runs:
    """Return what a leg has paid so far, less what its open position is worth by g(price)."""
    basis = np.array([step.basis for step in steps])
    rows = [np.array([step.row for step in steps]), *(each.rows for each in moved)]
    funding, fees, slippage = (each.amounts for each in moved)
    amounts = [-one.size * np.diff(basis, prepend=0.0), funding, -fees, -slippage]
    every = np.concatenate(rows)
    order = every.argsort(kind="stable")
    return runs(every[order], np.concatenate(amounts)[order].cumsum(), count)


def _costs(walked: Walked, leg: int) -> tuple[Moved, Moved]:
    own = [fill for fill in walked.fills if fill.leg == leg and fill.contracts]
    rows = np.array([fill.row for fill in own], np.int64)
    fees, slippage = (np.array(column) for column in ([fill.fee for fill in own], [fill.slippage for fill in own]))
    return Moved(rows, fees), Moved(rows, slippage)


def holding(ground: Ground) -> Any:
    """Return what coins and money of the start are worth at each bar, quote currency."""
    worth = [amount * ground.closes[coin] for coin, amount in ground.coins.items() if amount]
    found = worth[0] if worth else np.zeros(len(ground.history))
    found += ground.money
    for column in worth[1:]:
        found += column
    return found


def in_quote(ground: Ground, leg: int, column: Any) -> Any:
    """Return a column of a leg's currency in the quote currency, at each bar's close."""
    paid = ground.paid[leg]
    return column if paid is None else column * paid


def amounts_in_quote(ground: Ground, leg: int, moved: Moved) -> Any:
    """Return what was moved in the quote currency, each at the close of its bar."""
    paid = ground.paid[leg]
    return moved.amounts if paid is None else moved.amounts * paid[moved.rows]


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
        elif account.start is not None and one.used:
            found.append(_shared(walked, leg, account, legs))
        else:
            nothing = np.full(len(walked.ground.history), np.nan)
            found.append(Nearness(nothing, nothing, nothing))
    return found


def _isolated(walked: Walked, leg: int) -> Nearness:
    """An isolated position's price of liquidation stays between two fills."""
    ground, steps = walked.ground, walked.steps[leg]
    one, count = ground.terms[leg], len(ground.history)
    price = spread(steps, count, lambda step: liquidated_at(one, step)).column()
    margin = spread(steps, count, lambda step: np.nan if step.margin is None else step.margin).column()
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
    free, price, distance = np.empty(count), np.empty(count), np.empty(count)
    one, mark = ground.terms[leg], ground.series[leg].mark
    for part in parts(count):
        free[part], factor = _share(ground, leg, account, legs, part)
        moved = 1 / factor if one.inverse else factor
        np.multiply(mark[part], moved, out=price[part])
        np.abs(moved - 1, out=distance[part])
    return Nearness(free, price, distance)


def least(walked: Walked, legs: Sequence[LegColumns], lows: Mapping[int, list[float]]) -> tuple[float, int] | None:
    """Return the least distance to a liquidation of any leg, and its row; `None` without any.

    `lows`: for each leg that had contracts the lowest `LegColumns.total` of each part of the rows.
    """
    found = [each for leg, one in enumerate(legs) if one.used for each in _leasts(walked, leg, legs, lows)]
    return min(found, default=None)


def _leasts(
    walked: Walked, leg: int, legs: Sequence[LegColumns], lows: Mapping[int, list[float]]
) -> Iterator[tuple[float, int]]:
    """Yield the least distance of some parts of the rows, as `nearness` has it."""
    ground, one = walked.ground, walked.ground.terms[leg]
    account = next(each for each in walked.accounts if leg in each.legs)
    if any(step.contracts and step.margin is not None for step in walked.steps[leg]):
        yield from lowest(_isolated(walked, leg).distance)
    elif account.start is not None:
        nearest, every = np.inf, list(parts(len(ground.history)))
        bounds = _bounds(ground, account, legs, lows)
        if one.inverse:
            up = all(ground.terms[each].inverse and legs[each].contracts.values.max() <= 0 for each in account.legs)
            bounds = bounds / np.maximum(1 - bounds if up else 1 + bounds, 1e-9)  # inverse shorts end only upwards
        for at in bounds.argsort(kind="stable").tolist():
            if bounds[at] > nearest:
                break
            factor = _share(ground, leg, account, legs, every[at])[1]
            away = np.abs((1 / factor if one.inverse else factor) - 1)
            for found in lowest(away, every[at].start):
                nearest = min(nearest, found[0])
                yield found


def _bounds(ground: Ground, account: Account, legs: Sequence[LegColumns], lows: Mapping[int, list[float]]) -> Any:
    """Return for each part of the rows no more than how far its factors are from 1, a bit less for the rounding."""
    every = list(parts(len(ground.history)))
    spare, slope = np.full(len(every), account.start), np.zeros(len(every))
    for other in (each for each in account.legs if legs[each].used):
        one, held, extremes = ground.terms[other], legs[other].contracts, ground.series[other].extremes
        most = np.array([np.abs(held.among(part)).max() for part in every])
        furthest = extremes.low if one.inverse else extremes.high
        value = one.size * most * one.h(np.array([furthest(part.start, part.stop - 1) for part in every]))
        spare += np.array(lows[other]) - one.maintenances(value)
        slope += value * (1 + max(rate for rate, _ in one.tiers))
    return np.fmax(spare / np.maximum(slope, 1e-9) * (1 - 1e-6) - 1e-9, 0.0)


def lowest(column: Any, first: int = 0) -> Iterator[tuple[float, int]]:
    """Yield the lowest value of a column and its row, counted from `first`; nothing where all are NaN."""
    found = np.fmin.reduce(column)
    if found == found:
        yield float(found), first + int((column == found).argmax())


def _share(ground: Ground, leg: int, account: Account, legs: Sequence[LegColumns], part: slice) -> tuple[Any, Any]:
    """Return the shared money at some bars, and the factor of prices (of 1 / price, for inverse contracts)."""
    free = np.full(part.stop - part.start, account.start)
    slope, asked = np.zeros(len(free)), np.zeros(len(free))
    for other in (each for each in account.legs if legs[each].used):
        one = ground.terms[other]
        free += legs[other].total(part)
        moved = one.g(ground.series[other].mark[part]) * legs[other].contracts.part(part)
        moved *= one.size
        keep, bit = one.kept(np.abs(moved))
        asked += keep
        slope += moved
        slope -= bit
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = 1 - (free - asked) / slope
        factor[(factor <= 0) | (legs[leg].contracts.part(part) == 0)] = np.nan
    return free, factor


def parts(count: int) -> Iterator[slice]:
    """Yield the rows in parts that stay in a processor's cache."""
    for first in range(0, count, _PART):
        yield slice(first, min(count, first + _PART))
