"""Margins: the money behind positions, when it is too little, and what is lost then.

A pot is what stands behind some legs: the isolated margin of one, or all that an account has in one currency. In that
currency a pot has room = money + size × (contracts × g(price) − basis) − maintenance; it is liquidated where that is 0.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from attrs import frozen

from rulelang.backtest.stock import Ground, Stock

_HALVINGS = 50
_LITTLE = 1e-6
"""With less than so much of its money left an account is looked at bar by bar."""


@frozen
class Account:
    """What an account at a venue holds in one currency (`None`: money, of any kind), and the legs that pay in it.

    `start`: what the portfolio puts up there, `None` where it puts up nothing in this currency.
    """

    venue: str
    currency: str | None
    start: float | None
    legs: tuple[int, ...]

    def balance(self, stock: Stock) -> float | None:
        """Return what it holds without open positions."""
        return None if self.start is None else self.start + sum([stock.realised(leg) for leg in self.legs])

    def free(self, stock: Stock) -> float | None:
        """Return what no isolated position has taken."""
        held = self.balance(stock)
        return None if held is None else held - sum([stock.positions[leg].margin or 0.0 for leg in self.legs])


def calm(account: Account, stock: Stock, row: int, stop: int) -> bool:
    """Say whether shared money is so much that nothing in an account can be liquidated from a row to another."""
    left = account.start or 0.0
    few = left * _LITTLE
    for leg in account.legs:
        own, one, found = stock.positions[leg], stock.ground.terms[leg], stock.ground.series[leg]
        left += own.flow - one.size * own.basis
        if own.contracts:
            held, size = own.contracts * one.size, abs(own.contracts) * one.size
            low, high = found.extremes.low(row, stop), found.extremes.high(row, stop)
            at_low = held * one.g(low) - one.maintenance(size * one.h(low))
            at_high = held * one.g(high) - one.maintenance(size * one.h(high))
            left += min(at_low, at_high) - size * found.settled.most(row, stop)
        if own.margin is not None:
            return False
    return left > few > 0


def accounts(ground: Ground) -> tuple[Account, ...]:
    """Return the accounts that the legs of a ground pay into."""
    found: dict[tuple[str, str | None], list[int]] = {}
    for leg, one in enumerate(ground.terms):
        found.setdefault((one.listing.venue, one.pays), []).append(leg)
    return tuple(Account(*key, _start(ground, *key), tuple(legs)) for key, legs in found.items())


def _start(ground: Ground, venue: str, currency: str | None) -> float | None:
    own = [
        float(one.amount)
        for one in ground.portfolio.collateral
        if one.venue == venue and (one.asset == currency or (currency is None and one.asset not in ground.coins))
    ]
    return sum(own) if own else None


@frozen
class Pot:
    """Money behind some legs, with contracts and basis of each as they are between two fills."""

    money: float
    legs: tuple[int, ...]
    contracts: tuple[float, ...]
    basis: tuple[float, ...]
    isolated: bool

    def room(self, ground: Ground, prices: Sequence[float]) -> float:
        """Return what is left above maintenance at some prices."""
        left = self.money
        for leg, held, basis, price in zip(self.legs, self.contracts, self.basis, prices, strict=True):
            one = ground.terms[leg]
            left += one.size * (held * one.g(price) - basis)
            left -= one.maintenance(one.size * abs(held) * one.h(price))
        return left

    def least(self, ground: Ground, row: int, stop: int) -> float:
        """Return no more than its least room from a row to another: each leg at the worse end of its prices."""
        left = self.money if self.isolated else self.money - self.most(ground, row, stop)
        for leg, held, basis in zip(self.legs, self.contracts, self.basis, strict=True):
            one, extremes = ground.terms[leg], ground.series[leg].extremes
            size = one.size * abs(held)
            left += min(
                one.size * (held * one.g(price) - basis) - one.maintenance(size * one.h(price))
                for price in (extremes.low(row, stop), extremes.high(row, stop))
            )
        return left

    def worth(self, ground: Ground, prices: Sequence[float]) -> float:
        """Return money and PnL at some prices."""
        found = self.money
        for leg, held, basis, price in zip(self.legs, self.contracts, self.basis, prices, strict=True):
            found += ground.terms[leg].size * (held * ground.terms[leg].g(price) - basis)
        return found

    def most(self, ground: Ground, row: int, stop: int) -> float:
        """Return no less than what its legs can pay as funding from a row to the close of another."""
        found = 0.0
        for leg, held in zip(self.legs, self.contracts, strict=True):
            found += abs(held) * ground.terms[leg].size * ground.series[leg].settled.most(row, stop)
        return found


def pots(stock: Stock, every: Sequence[Account]) -> Iterator[Pot]:
    """Yield what stands behind the open positions; none for those of which nobody has said it."""
    for account in every:
        shared = []
        for leg in account.legs:
            own = stock.positions[leg]
            if own.contracts and own.margin is not None:
                basis = own.contracts * stock.ground.terms[leg].g(own.entry)
                yield Pot(own.margin, (leg,), (own.contracts,), (basis,), True)
            elif own.contracts:
                shared.append(leg)
        if shared and account.start is not None:
            yield _shared(stock, account, tuple(shared))


def _shared(stock: Stock, account: Account, legs: tuple[int, ...]) -> Pot:
    """Return the pot of legs that share what is free in their account."""
    free = account.free(stock)
    assert free is not None
    held = tuple(stock.positions[leg].contracts for leg in legs)
    basis = tuple(
        own * stock.ground.terms[leg].g(stock.positions[leg].entry) for leg, own in zip(legs, held, strict=True)
    )
    return Pot(free, legs, held, basis, False)


@frozen
class Hit:
    """A liquidation: the bar, the prices of the pot's legs, and what was left then, which the venue keeps or bears."""

    row: int
    pot: Pot
    prices: tuple[float, ...]
    rest: float


def first_hit(ground: Ground, pot: Pot, row: int, stop: int) -> Hit | None:
    """Return the first liquidation of a pot from a row to another, both included, while its positions stay as they are.

    Within a bar the price goes from its open to its high or low; on the way room falls, and at 0 the pot is taken over.
    """
    part = slice(row, stop + 1)
    if pot.least(ground, row, stop) > 0:
        return None
    received = None if pot.isolated else _spread(_funding(ground, pot, row, stop), row, stop)
    low = rooms(ground, pot, [ground.series[leg].low[part] for leg in pot.legs])
    high = rooms(ground, pot, [ground.series[leg].high[part] for leg in pot.legs])
    worst = np.minimum(low, high) if received is None else np.minimum(low, high) + received
    under = np.flatnonzero(worst <= 0)
    if not len(under):
        return None
    at = int(under[0])
    return _hit(ground, pot, row + at, 0.0 if received is None else float(received[at]), bool(high[at] < low[at]))


def rooms(ground: Ground, pot: Pot, prices: Sequence[Any]) -> Any:
    """Return `Pot.room` for columns of prices."""
    left = np.full(len(prices[0]), pot.money)
    for leg, held, basis, price in zip(pot.legs, pot.contracts, pot.basis, prices, strict=True):
        one = ground.terms[leg]
        left += one.size * (held * one.g(price) - basis)
        left -= one.maintenances(one.size * abs(held) * one.h(price))
    return left


def _funding(ground: Ground, pot: Pot, row: int, stop: int) -> list[tuple[int, float]]:
    """Return what shared money has received from each row on, before the close of its bar: (row, sum so far)."""
    moved = [(row, 0.0)]
    for leg, held in zip(pot.legs, pot.contracts, strict=True):
        settled = ground.series[leg].settled
        first, end = bisect_left(settled.at, row), bisect_right(settled.at, stop)
        for at in range(first, end):
            early = bool(settled.early[at])
            if not early or settled.at[at] > row:
                amount = -held * ground.terms[leg].size * float(settled.amounts[at])
                moved.append((settled.at[at] + (not early), amount))
    moved.sort()
    sums = accumulate(amount for _, amount in moved)
    return [(at, amount) for (at, _), amount in zip(moved, sums, strict=True)]


def _spread(funding: list[tuple[int, float]], row: int, stop: int) -> Any:
    """Return the sums as a column."""
    rows = [min(at, stop + 1) for at, _ in funding]
    return np.repeat([amount for _, amount in funding], np.diff([*rows, stop + 1]))


def _hit(ground: Ground, pot: Pot, row: int, received: float, up: bool) -> Hit:
    """Return the liquidation in a bar: where room is 0 between its open and its high or low."""
    starts = [_start_of(ground, leg, row) for leg in pot.legs]
    ends = [float((ground.series[leg].high if up else ground.series[leg].low)[row]) for leg in pot.legs]

    def between(share: float) -> tuple[float, ...]:
        return tuple(start + share * (end - start) for start, end in zip(starts, ends, strict=True))

    low, high = 0.0, 1.0
    if pot.room(ground, between(0.0)) + received <= 0:
        high = 0.0
    else:
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if pot.room(ground, between(middle)) + received > 0 else (low, middle)
    prices = between(high)
    return Hit(row, pot, prices, pot.worth(ground, prices) + received)


def _start_of(ground: Ground, leg: int, row: int) -> float:
    found = ground.series[leg]
    opened = float(found.open[row])
    return opened if opened == opened else float(found.mark[max(0, row - 1)])
