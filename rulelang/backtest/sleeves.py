"""Sleeves: for each target that is traded, how many base coins contracts have to be short, and how far that is away.

The same sizes as in `rulelang plan`, on doubles: coins against coins, value times beta across, one beta for the book.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from rulelang.backtest.stock import Ground, Stock
from rulelang.kinds.units import time_text
from rulelang.plan.errors import PlanError
from rulelang.plan.instruments import Listing
from rulelang.plan.portfolio import BOOK, Portfolio

HEDGE, BETA, LEVERAGE = "hedge", "beta", "leverage"
FULLY = {HEDGE: 1.0, BETA: 0.0}
"""The level of each goal at which nothing is left to the market."""
DAY = 86_400


@frozen
class Aim:
    """What the rules want of one coin: the goal, its level at each bar (NaN: nothing yet), and its band."""

    coin: str
    goal: str
    levels: Any = field(repr=False)
    band: float | None


@frozen
class Sleeve:
    """The legs of one coin, and the aims that they serve. `turns`: (first row, leg or `None`), which leg opens.

    `moved`: the legs whose contracts make the level move with their prices; `None` where more than these do. `simple`:
    it has one aim, and where the prices of these legs are the same it moves one way with that price.
    """

    goal: str
    coin: str
    aims: tuple[Aim, ...]
    legs: tuple[int, ...]
    turns: tuple[tuple[int, int | None], ...]
    band: float
    moved: tuple[int, ...] | None = None
    simple: bool = False

    def hedge(self, row: int) -> int | None:
        """Return the leg that opens, decided at a row; `None` after the last of dated ones."""
        if len(self.turns) == 1:
            return self.turns[0][1]
        return [leg for first, leg in self.turns if first <= row][-1]

    def due(self, row: int) -> tuple[int, ...]:
        """Return the legs that have had their turn."""
        if len(self.turns) == 1:
            return ()
        past = [leg for first, leg in self.turns if first <= row][:-1]
        return tuple(leg for leg in past if leg is not None)

    def known(self, row: int) -> bool:
        """Say whether all aims have a level."""
        return all(aim.levels[row] == aim.levels[row] for aim in self.aims)


# Making them ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def traded(portfolio: Portfolio, goals: Mapping[str, Sequence[str]], rules: str) -> dict[str, list[Listing]]:
    """Return the listings that open hedges, by the key of `[hedge]`: of each coin, or of the whole book.

    `goals`: for each coin the targets that the rules set. Raises `PlanError`.
    """
    every = {goal for each in goals.values() for goal in each}
    if {HEDGE, BETA} <= every:
        raise PlanError(rules, "", "targets `hedge` and `beta` both say how many contracts; wanted one of the two")
    if BETA in every:
        key = portfolio.benchmark or next(iter(goals))
        return {BOOK: _chain(portfolio, _listing(portfolio, BOOK, key, "bring the book to a beta"))}
    if HEDGE not in every:
        raise PlanError(rules, "", "sets neither a target `hedge` nor `beta`, wanted one that contracts can follow")
    held = [coin for coin, each in goals.items() if HEDGE in each and coin in portfolio.coins]
    if not held:
        raise portfolio.wrong("holdings", f"has nothing of {', '.join(goals)}, which the rules run for")
    return {coin: _chain(portfolio, _listing(portfolio, coin, coin, f"hedge {coin}")) for coin in held}


def _listing(portfolio: Portfolio, key: str, coin: str, why: str) -> Listing:
    if key in portfolio.hedge:
        return portfolio.listings[portfolio.hedge[key]]
    found = [one for one in portfolio.listings.values() if one.base == coin]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(one.name for one in found)
        raise portfolio.wrong(f"hedge.{key}", f"is missing, and {names} could each {why}; wanted one of them")
    names = ", ".join(portfolio.listings)
    raise portfolio.wrong(f"hedge.{key}", f"is missing, and no instrument of {coin} could {why}; wanted one of {names}")


def _chain(portfolio: Portfolio, first: Listing) -> list[Listing]:
    """Return a listing, and for a dated one those that it can be rolled into, in the order of their expiries."""
    if first.expiry is None:
        return [first]
    same = [
        one
        for one in portfolio.listings.values()
        if (one.base, one.settle, one.venue, type(one.contract))
        == (first.base, first.settle, first.venue, type(first.contract))
        and one.expiry is not None
    ]
    return sorted(same, key=lambda one: one.expiry.timestamp() if one.expiry is not None else 0)


def sleeves(
    ground: Ground, chains: Mapping[str, Sequence[Listing]], aims: Sequence[Aim], bands: bool = True
) -> tuple[Sleeve, ...]:
    """Return the sleeves: one for each instrument that hedges, or one for the book. Raises `PlanError`."""
    groups: dict[str, tuple[list[Listing], list[Aim]]] = {}
    for key, chain in chains.items():
        own = [aim for aim in aims if key in (aim.coin, BOOK)]
        first, found = groups.setdefault(chain[0].base, (list(chain), []))
        if first[0].name != chain[0].name:
            said = f"is {chain[0].name}, and {found[0].coin} is hedged with {first[0].name}"
            raise ground.portfolio.wrong(f"hedge.{key}", f"{said}: wanted one instrument of {chain[0].base} for both")
        found += own
    return tuple(_sleeve(ground, coin, chain, own, bands) for coin, (chain, own) in groups.items() if own)


def _sleeve(ground: Ground, coin: str, chain: Sequence[Listing], aims: Sequence[Aim], bands: bool) -> Sleeve:
    stated = [aim.band for aim in aims if aim.band is not None] if bands else []
    legs = tuple(leg for leg, one in enumerate(ground.terms) if one.listing.base == coin)
    band = min(stated, default=ground.drift)
    moved = _moved(ground, coin, aims, legs)
    simple = moved is not None and len(aims) == 1 and all(ground.terms[leg].inverse for leg in moved)
    return Sleeve(aims[0].goal, coin, tuple(aims), legs, _turns(ground, chain), band, moved, simple)


def _moved(ground: Ground, coin: str, aims: Sequence[Aim], legs: Sequence[int]) -> tuple[int, ...] | None:
    """Return the legs that make a level move: linear contracts against their own coin don't."""
    if aims[0].goal != HEDGE or any(aim.coin != coin for aim in aims):
        return None
    every = enumerate(ground.terms)
    return tuple(leg for leg, one in every if one.pays is not None and (leg in legs or one.pays == coin))


def _turns(ground: Ground, chain: Sequence[Listing]) -> tuple[tuple[int, int | None], ...]:
    """Return from which row on each listing is the one that opens; nothing opens after the last has expired."""
    times, roll = ground.history.times, ground.portfolio.limits.roll
    if chain[0].expiry is None:
        return ((0, ground.place(chain[0].name)),)
    turns: list[tuple[int, int | None]] = []
    first = 0
    for at, one in enumerate(chain):
        assert one.expiry is not None
        until = one.expiry.timestamp() - (roll if at + 1 < len(chain) else 0)
        end = int(np.searchsorted(times, until))
        if end > first or (not turns and at + 1 == len(chain) and end > 0):
            turns.append((first, ground.place(one.name)))
            first = end
    if not turns:
        last = chain[-1]
        assert last.expiry is not None
        then, here = time_text(last.expiry.timestamp()), time_text(float(times[0]))
        raise last.wrong("expiry", f"is {then}, wanted a time after the first bar of the test, {here}")
    return (*turns, (first, None)) if first < len(times) else tuple(turns)


# Sizes ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class State:
    """Where a sleeve is at a row: base coins that contracts move as, those wanted, and the line level = start + slope
    × coins, `None` where it isn't defined."""

    delta: float
    want: float
    target: float
    start: float
    slope: float | None

    @property
    def level(self) -> float | None:
        return None if self.slope is None else self.start + self.slope * self.delta


def state(sleeve: Sleeve, stock: Stock, row: int) -> State:
    """Return where a sleeve is at the close of a row, by what is known then."""
    delta = sum([stock.delta(leg, row) for leg in sleeve.legs])
    return (_book if sleeve.goal == BETA else _hedge)(sleeve, stock, row, delta)


def _hedge(sleeve: Sleeve, stock: Stock, row: int, delta: float) -> State:
    price = _price(sleeve, stock.ground, row)
    want, whole = 0.0, 0.0
    for aim in sleeve.aims:
        full = stock.coins(aim.coin, row)
        if aim.coin != sleeve.coin:
            full *= beta(stock.ground, aim.coin, sleeve.coin, row) * float(stock.ground.closes[aim.coin][row]) / price
        want -= float(aim.levels[row]) * full
        whole += full
    return State(delta, want, -want / whole if whole else 0.0, 0.0, -1 / whole if whole else None)


def _book(sleeve: Sleeve, stock: Stock, row: int, delta: float) -> State:
    ground = stock.ground
    coin = ground.portfolio.benchmark or sleeve.coin
    levels = {aim.coin: float(aim.levels[row]) for aim in sleeve.aims}
    only = next(iter(levels.values())) if len(levels) == 1 else None
    goal = bare = value = 0.0
    for asset in ground.coins:
        worth, own = stock.coins(asset, row) * float(ground.closes[asset][row]), beta(ground, asset, coin, row)
        goal += worth * (own if only is None and asset not in levels else levels[asset] if only is None else only)
        bare, value = bare + worth * own, value + worth
    for leg, one in enumerate(ground.terms):
        if leg not in sleeve.legs:
            worth = stock.delta(leg, row) * float(ground.series[leg].mark[row])
            bare += worth * beta(ground, one.listing.base, coin, row)
    each = beta(ground, sleeve.coin, coin, row) * _price(sleeve, ground, row)
    if not value or not each:
        return State(delta, delta, 0.0, 0.0, None)
    return State(delta, (goal - bare) / each, goal / value, bare / value, each / value)


def _price(sleeve: Sleeve, ground: Ground, row: int) -> float:
    leg = sleeve.hedge(row)
    return float(ground.closes[sleeve.coin][row] if leg is None else ground.series[leg].mark[row])


def beta(ground: Ground, asset: str, coin: str, row: int) -> float:
    """Return the beta of an asset to a coin: the stated one, else measured on daily closes up to a row.

    Raises `PlanError` where the file says neither; 0 while there are too few days.
    """
    if asset == coin:
        return 1.0
    portfolio = ground.portfolio
    holding = portfolio.holdings.get(asset)
    if holding is not None and holding.beta is not None and portfolio.benchmark in (None, coin):
        return float(holding.beta)
    if portfolio.window is None:
        wanted = f'wanted the beta of {asset} to {coin}, or a window to measure it over, [beta] window = "90d"'
        raise portfolio.wrong(f"holdings.{asset}.beta", f"is missing, {wanted}")
    key = (asset, coin, int(ground.history.times[row] // DAY))
    if key not in ground.betas:
        ground.betas[key] = _measured(ground, asset, coin, row, portfolio.window // DAY)
    return ground.betas[key]


def _measured(ground: Ground, asset: str, coin: str, row: int, days: int) -> float:
    first = max(0, row - (days + 2) * max(1, DAY // ground.history.bars))
    times = ground.history.times[first : row + 1]
    ends = np.flatnonzero(times % DAY == 0)[-days - 1 :] + first
    if len(ends) <= days:
        return 0.0
    own, other = (np.diff(column[ends]) / column[ends[:-1]] for column in (ground.closes[asset], ground.closes[coin]))
    spread = float(((other - other.mean()) ** 2).sum())
    return float(((own - own.mean()) * (other - other.mean())).sum()) / spread if spread else 0.0


def asked(sleeve: Sleeve, stock: Stock, now: State, row: int) -> dict[int, float]:
    """Return the contracts to trade of each leg, before lots: what is due, then what closes, then what opens."""
    left, found = now.want - now.delta, dict[int, float]()
    hedge = sleeve.hedge(row)
    for leg in sleeve.due(row):
        if stock.positions[leg].contracts:
            found[leg] = -stock.positions[leg].contracts
            left += stock.delta(leg, row)
    for leg in sorted(sleeve.legs, key=lambda one: one != hedge):
        delta = 0.0 if leg in found else stock.delta(leg, row)
        if delta * left < 0:
            part = left if abs(left) <= abs(delta) else -delta
            found[leg] = part / stock.each(leg, row)
            left -= part
    if left and hedge is not None:
        found[hedge] = found.get(hedge, 0.0) + left / stock.each(hedge, row)
    return found
