"""The stock of a simulated book: coins, contracts with what they paid so far, and the money behind them.

All numbers are doubles. What a leg has paid in its currency is size × (contracts × g(price) − basis) + flow: the basis
grows with each fill, the flow holds funding received less fees and slippage.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from rulelang.backtest.history import History, filled, positive
from rulelang.backtest.terms import Series, Terms, series, terms
from rulelang.plan.instruments import CASH, Listing
from rulelang.plan.portfolio import Portfolio


@frozen
class Ground:
    """What all tracks share: the history, each leg's terms and prices, closes by coin, coins and money at the start.

    `paid`: for each leg the column of prices of what it pays in, `None` for money. `betas`: those measured, by day.
    """

    history: History
    portfolio: Portfolio
    terms: tuple[Terms, ...]
    series: tuple[Series, ...]
    closes: Mapping[str, Any] = field(repr=False)
    opens: Mapping[str, Any] = field(repr=False)
    paid: tuple[Any, ...] = field(repr=False)
    coins: Mapping[str, float]
    money: float
    drift: float
    betas: dict[tuple[str, str, int], float] = field(factory=dict, init=False, repr=False, eq=False)
    payers: Mapping[str, list[int]] = field(init=False, repr=False, eq=False)

    @payers.default
    def _payers(self) -> dict[str, list[int]]:
        """Return for each coin the legs that pay in it."""
        found: dict[str, list[int]] = {}
        for leg, one in enumerate(self.terms):
            if one.pays is not None:
                found.setdefault(one.pays, []).append(leg)
        return found

    def place(self, name: str) -> int:
        """Return the number of a leg."""
        return next(at for at, one in enumerate(self.terms) if one.name == name)

    def unit(self, leg: int, row: int) -> float:
        """Return what a unit of a leg's currency costs at a row."""
        column = self.paid[leg]
        return 1.0 if column is None else float(column[row])


def ground(portfolio: Portfolio, listings: Sequence[Listing], history: History, options: "Costs") -> Ground:
    """Return the ground of a simulation; every coin of the portfolio and of the listings has to have prices."""
    every = tuple(terms(one, portfolio, options.slippage) for one in listings)
    known: dict[str, Series] = {}
    seen = tuple(series(one, history, known) for one in every)
    closes = {name: filled(positive(one.close)) for name, one in history.prices.items()}
    opens = {name: closes[name] if one.open is None else positive(one.open) for name, one in history.prices.items()}
    coins = dict.fromkeys(_coins(portfolio, listings), 0.0)
    for holding in portfolio.holdings.values():
        coins[holding.asset] += float(holding.coins)
    money = 0.0
    for put in portfolio.collateral:
        if put.asset in CASH:
            money += float(put.amount)
        else:
            coins[put.asset] += float(put.amount)
    return Ground(
        history, portfolio, every, seen, closes, opens,
        tuple(None if one.pays is None else closes[one.pays] for one in every),
        coins, money, options.drift,
    )  # fmt: skip


def monies(portfolio: Portfolio, listings: Sequence[Listing]) -> tuple[str, ...]:
    """Return what money there is, one of each counted as one of any other: that of the contracts first; USD without."""
    named = [*(one.settle for one in listings), *(one.asset for one in portfolio.collateral)]
    return tuple(dict.fromkeys(name for name in named if name in CASH)) or CASH[:1]


def _coins(portfolio: Portfolio, listings: Sequence[Listing]) -> tuple[str, ...]:
    paid = [name for one in listings for name in (one.base, one.settle)]
    named = [*portfolio.holdings, *(one.asset for one in portfolio.collateral), *paid]
    return tuple(dict.fromkeys(name for name in named if name not in CASH))


@frozen
class Costs:
    """What the command says about trading: `slippage`, a fraction that goes before the instruments' (`None`: theirs
    counts); `drift`: how far the actual hedge may be off a target without a band before it is traded back."""

    slippage: float | None = None
    drift: float = 0.01


@define
class Position:
    """Contracts of one leg, and what they paid; `margin` is isolated (the leg's currency), `None` where it isn't."""

    contracts: float = 0.0
    basis: float = 0.0
    flow: float = 0.0
    entry: float = 0.0
    margin: float | None = None


@define
class Stock:
    """The book on its way: a position for each leg of the ground."""

    ground: Ground
    positions: list[Position]

    def paid_out(self, leg: int, price: float) -> float:
        """Return what a leg has paid so far in its currency, with its open position at a price."""
        one, own = self.ground.terms[leg], self.positions[leg]
        open_ = own.contracts * one.g(price) if own.contracts else 0.0
        return one.size * (open_ - own.basis) + own.flow

    def realised(self, leg: int) -> float:
        """Return what a leg has paid so far in its currency, without its open position."""
        one, own = self.ground.terms[leg], self.positions[leg]
        open_ = own.contracts * one.g(own.entry) if own.contracts else 0.0
        return one.size * (open_ - own.basis) + own.flow

    def coins(self, asset: str, row: int) -> float:
        """Return the coins of an asset at a row: held, put up, and paid by contracts."""
        found = self.ground.coins.get(asset, 0.0)
        for leg in self.ground.payers.get(asset, ()):
            found += self.paid_out(leg, float(self.ground.series[leg].mark[row]))
        return found

    def coins_at(self, asset: str, price: float) -> float:
        """Return the same at one price of all contracts that pay in it."""
        found = self.ground.coins.get(asset, 0.0)
        for leg in self.ground.payers.get(asset, ()):
            found += self.paid_out(leg, price)
        return found

    def delta(self, leg: int, row: int) -> float:
        """Return the base coins that move as the contracts of a leg do."""
        return self.positions[leg].contracts * self.each(leg, row)

    def each(self, leg: int, row: int) -> float:
        """Return the base coins that move as one contract does."""
        one = self.ground.terms[leg]
        if one.inverse:
            return one.size / float(self.ground.series[leg].mark[row])
        return one.size * self.ground.unit(leg, row)

    def settle(self, row: int, stop: int) -> None:
        """Let every leg receive what was settled while it was held from the fill of a row to the close of another."""
        for own, one, prices in zip(self.positions, self.ground.terms, self.ground.series, strict=True):
            if own.contracts:
                own.flow -= own.contracts * one.size * prices.settled.between(row, stop)

    def settle_early(self, row: int) -> None:
        """Let every leg receive what was settled after the bar before a row and before its own open: in a gap."""
        for own, one, prices in zip(self.positions, self.ground.terms, self.ground.series, strict=True):
            if own.contracts and prices.settled.gaps:
                own.flow -= own.contracts * one.size * prices.settled.early_at(row)
