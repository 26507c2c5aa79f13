"""The book that was simulated, bar by bar: columns of its legs and of the whole, made when somebody asks for them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import field, frozen

from rulelang.backtest import result as r
from rulelang.backtest.columns import (
    LegColumns,
    Moved,
    Nearness,
    amounts_in_quote,
    in_quote,
    least,
    leg_columns,
    nearness,
    parts,
    spread,
)
from rulelang.backtest.runs import Runs
from rulelang.backtest.simulate import Walked


@frozen
class Made:
    """What one way through the rows makes: `equity`, `ratio`, for each leg the lowest total of each part, and for each
    group of legs what they have brought so far, quote currency."""

    equity: Any = field(repr=False)
    ratio: Any = field(repr=False)
    lows: Mapping[int, list[float]] = field(repr=False)
    worth: Mapping[tuple[int, ...], Any] = field(repr=False)


@frozen(eq=False)
class Ledger:
    """What was walked, with the columns of its legs; the rest follows from them.

    `bare`: what was held at the start; `groups`: legs whose worth together is wanted too.
    """

    walked: Walked = field(repr=False)
    bare: Any = field(repr=False)
    groups: tuple[tuple[int, ...], ...] = ()

    @cached_property
    def columns(self) -> tuple[LegColumns, ...]:
        """The columns of each leg."""
        return tuple(leg_columns(self.walked, leg) for leg in range(len(self.walked.ground.terms)))

    @cached_property
    def used(self) -> tuple[int, ...]:
        """The legs that had contracts."""
        return tuple(leg for leg, one in enumerate(self.columns) if one.used)

    @property
    def nearest(self) -> tuple[float, int] | None:
        """The least distance to a liquidation of any leg, and its row; `None` without any."""
        return least(self.walked, self.columns, self.made.lows)

    @property
    def equity(self) -> Any:
        """What the book is worth: what was held at the start, and what contracts brought."""
        return self.made.equity

    @property
    def ratio(self) -> Any:
        """What contracts are short over what is held, by the coins' prices; NaN where nothing is held."""
        return self.made.ratio

    @cached_property
    def made(self) -> Made:
        """Columns of the whole book, made part by part, so that what lies between stays in the processor's cache."""
        count = len(self.bare)
        groups = [group for group in self.groups if any(leg in self.used for leg in group)]
        if not self.used:
            return Made(self.bare.copy(), np.zeros(count), {}, {})
        worth = {group: np.empty(count) for group in groups}
        made = Made(np.empty(count), np.empty(count), {leg: [] for leg in self.used}, worth)
        for part in parts(count):
            self._make(made, part)
        return made

    def _make(self, made: Made, part: slice) -> None:
        """Make a part of the rows."""
        held = {leg: self.columns[leg].contracts.part(part) for leg in self.used}
        totals = {leg: self.columns[leg].total_of(count, part) for leg, count in held.items()}
        worth = {leg: self.columns[leg].quoted(total, part) for leg, total in totals.items()}
        before = self.bare[part]
        for leg in self.used:
            made.lows[leg].append(float(totals[leg].min()))
            before = np.add(before, worth[leg], out=made.equity[part])
        for group, column in made.worth.items():
            first, *rest = (worth[leg] for leg in group if leg in worth)
            column[part] = sum(rest, first)
        self._ratio(part, held, totals, made.ratio[part])

    def _ratio(self, part: slice, contracts: Mapping[int, Any], totals: Mapping[int, Any], into: Any) -> None:
        """Fill in what contracts are short over what is held in a part of the rows."""
        ground = self.walked.ground
        short: Any = 0.0
        held: Any = 0.0
        for leg in self.used:
            one = ground.terms[leg]
            short = short - ground.closes[one.listing.base][part] * self.columns[leg].delta_of(contracts[leg], part)
        for coin, amount in ground.coins.items():
            paid_in = [totals[leg] for leg in self.used if ground.terms[leg].pays == coin]
            if amount or paid_in:
                held = held + ground.closes[coin][part] * sum(paid_in, amount)
        np.divide(short, held if np.min(held) > 0 else np.where(np.greater(held, 0), held, np.nan), out=into)

    def legs(self) -> tuple[r.Leg, ...]:
        """Return each leg at each bar."""
        near = nearness(self.walked, self.columns)
        return tuple(self._leg(leg, near[leg]) for leg in range(len(self.columns)))

    def book(self) -> r.Book:
        """Return the whole book at each bar."""
        ground = self.walked.ground
        count = len(ground.history)
        coins = {coin: np.full(count, amount) for coin, amount in ground.coins.items()}
        value, cash, unrealised = np.zeros(count), np.full(count, ground.money), np.zeros(count)
        entries = {leg: self._entries(leg) for leg in self.used}
        for part in parts(count):
            for leg in self.used:
                terms, paid = ground.terms[leg], ground.paid[leg]
                open_ = terms.g(ground.series[leg].mark[part]) - entries[leg].part(part)
                open_ *= self.columns[leg].contracts.part(part)
                open_ *= terms.size
                into = cash if terms.pays is None else coins[terms.pays]
                into[part] += self.columns[leg].total(part) - open_
                unrealised[part] += open_ if paid is None else open_ * paid[part]
            for coin, column in coins.items():
                value[part] += column[part] * ground.closes[coin][part]
        sums = [np.zeros(count) for _ in range(3)]
        for leg in self.used:
            for moved, into in zip(self._moved(leg), sums, strict=True):
                moved.onto(into)
        return r.Book(self.ratio, coins, value, cash, unrealised, *sums)

    def _leg(self, leg: int, near: Nearness) -> r.Leg:
        ground, one = self.walked.ground, self.columns[leg]
        terms, prices, count = ground.terms[leg], ground.series[leg], len(ground.history)
        whole, contracts = slice(0, count), one.contracts.column()
        funding, fees, slippage = (each.column(count) for each in self._moved(leg))
        gain = np.diff(one.worth(whole), prepend=0.0) - funding + fees + slippage
        value = in_quote(ground, leg, terms.size * contracts * terms.h(prices.mark))
        delta = one.delta(whole)
        return r.Leg(
            terms.name, terms.listing.venue, terms.listing.base, terms.listing.settle, contracts, prices.mark,
            value, np.full(count, delta) if isinstance(delta, float) else delta, gain, funding, fees, slippage,
            near.margin, near.price, near.distance,
        )  # fmt: skip

    def _moved(self, leg: int) -> Sequence[Moved]:
        """Return funding, fees and slippage of a leg, quote currency."""
        one = self.columns[leg]
        each = (one.funding, one.fees, one.slippage)
        return [Moved(moved.rows, amounts_in_quote(self.walked.ground, leg, moved)) for moved in each]

    def _entries(self, leg: int) -> Runs:
        """Return g(entry) of a leg at each bar."""
        terms, count = self.walked.ground.terms[leg], len(self.walked.ground.history)
        return spread(self.walked.steps[leg], count, lambda step: float(terms.g(step.entry or 1.0)))
