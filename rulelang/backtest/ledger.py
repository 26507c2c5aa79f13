"""The book that was simulated, bar by bar: columns of its legs and of the whole, made when somebody asks for them."""

from collections.abc import Sequence
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
from rulelang.backtest.simulate import Walked


@frozen(eq=False)
class Ledger:
    """What was walked, with the columns of its legs; the rest follows from them."""

    walked: Walked = field(repr=False)

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
        return least(self.walked, self.columns)

    def equity(self, bare: Any) -> Any:
        """Return what the book is worth: what was held at the start, and what contracts brought."""
        if not self.used:
            return bare.copy()
        found = bare + self.columns[self.used[0]].worth
        for leg in self.used[1:]:
            found += self.columns[leg].worth
        return found

    @cached_property
    def ratio(self) -> Any:
        """What contracts are short over what is held, by the coins' prices; NaN where nothing is held."""
        ground = self.walked.ground
        found = np.zeros(len(ground.history))
        for part in parts(len(found) if self.used else 0):
            held, short = np.zeros(part.stop - part.start), found[part]
            for leg in self.used:
                short -= self.delta(leg, part) * ground.closes[ground.terms[leg].listing.base][part]
            for coin, amount in ground.coins.items():
                paid_in = (self.columns[leg].total[part] for leg in self.used if ground.terms[leg].pays == coin)
                held += sum(paid_in, amount) * ground.closes[coin][part]
            short /= held if held.min() > 0 else np.where(held > 0, held, np.nan)
        return found

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
                open_ = terms.g(ground.series[leg].mark[part]) - entries[leg][part]
                open_ *= self.columns[leg].contracts[part]
                open_ *= terms.size
                into = cash if terms.pays is None else coins[terms.pays]
                into[part] += self.columns[leg].total[part] - open_
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
        funding, fees, slippage = (each.column(count) for each in self._moved(leg))
        gain = np.diff(one.worth, prepend=0.0) - funding + fees + slippage
        value = in_quote(ground, leg, terms.size * one.contracts * terms.h(prices.mark))
        return r.Leg(
            terms.name, terms.listing.venue, terms.listing.base, terms.listing.settle, one.contracts, prices.mark,
            value, self.delta(leg, slice(0, count)), gain, funding, fees, slippage,
            near.margin, near.price, near.distance,
        )  # fmt: skip

    def delta(self, leg: int, part: slice) -> Any:
        """Return the base coins that a leg moves as, at some bars."""
        ground, held = self.walked.ground, self.columns[leg].contracts[part]
        terms, paid = ground.terms[leg], ground.paid[leg]
        if terms.inverse:
            return held * terms.size / ground.series[leg].mark[part]
        return held * (terms.size if paid is None else terms.size * paid[part])

    def _moved(self, leg: int) -> Sequence[Moved]:
        """Return funding, fees and slippage of a leg, quote currency."""
        one = self.columns[leg]
        each = (one.funding, one.fees, one.slippage)
        return [Moved(moved.rows, amounts_in_quote(self.walked.ground, leg, moved)) for moved in each]

    def _entries(self, leg: int) -> Any:
        """Return g(entry) of a leg at each bar."""
        terms, count = self.walked.ground.terms[leg], len(self.walked.ground.history)
        return spread(self.walked.steps[leg], count, lambda step: float(terms.g(step.entry or 1.0)))
