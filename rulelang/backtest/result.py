"""What a backtest found, as records with NumPy columns: money in the quote currency, times in seconds since 1970.

Every column has one value a bar, at the bar's close (`times`), doubles unless something else is said; NaN is unknown.
Ratios and returns are fractions (0.7 is 70%). Positions are those held *through* the bar that closes then: a decision
at the close of one bar is filled at the open of the next, and so is in the position columns from the next bar on.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from attrs import field, frozen

from rulelang.engine.coded import Coded

if TYPE_CHECKING:
    from rulelang.report import Picture, Reasons

STRATEGY, NO_HEDGE, CONSTANT, FULL, CASH = "strategy", "no hedge", "constant hedge", "100% hedge", "cash"
"""Names of the tracks, in this order: the rules, and what they are compared with."""


@frozen
class Interval:
    """A confidence interval of a number, by block bootstrap."""

    low: float
    high: float


@frozen
class Bootstrap:
    """How the intervals were made: seed, samples, days a block has, and the share of samples inside (0.95)."""

    seed: int
    samples: int
    block: int
    level: float


@frozen
class Numbers:
    """What one track comes to. `None`: not defined, or not known.

    `start`, `end`: equity. `profit`: end - start. `total_return`, `annual_return`; `volatility` a year, of daily
    returns, 365 days a year. `max_drawdown`: deepest fall from a peak, a fraction, 0 or below; `drawdown_from` its
    peak, `drawdown_low` its bottom, `drawdown_to` when the peak was reached again (`None`: never). `worst_day`: lowest
    daily return. `shortfall`: the mean of the worst 5% of daily returns. `effectiveness`: 1 - variance of daily changes
    of equity / that of `no hedge`. `funding_received`, `funding_paid`, `fees`, `slippage`: money, 0 or above.
    `turnover`: value traded; `turnover_year`: the same a year, over the mean equity. `changes`: of the target in force;
    `fills`: orders filled. `mean_ratio`: average actual hedge; `over`: share of time with an actual hedge above 100%.
    `nearest`: least distance from the price to a liquidation price, a fraction of the price; `nearest_at`: when.
    `intervals`: by the name of the number (`total_return`, `annual_return`, `volatility`, `max_drawdown`, `shortfall`,
    `effectiveness`).
    """

    start: float
    end: float
    profit: float
    total_return: float | None
    annual_return: float | None
    volatility: float | None
    max_drawdown: float
    drawdown_from: float | None
    drawdown_low: float | None
    drawdown_to: float | None
    worst_day: float | None
    shortfall: float | None
    effectiveness: float | None
    funding_received: float
    funding_paid: float
    fees: float
    slippage: float
    turnover: float
    turnover_year: float | None
    changes: int
    fills: int
    mean_ratio: float | None
    over: float
    nearest: float | None
    nearest_at: float | None
    liquidations: int
    intervals: Mapping[str, Interval]


@frozen
class Track:
    """One way to hold the book."""

    name: str
    equity: Any = field(repr=False)
    numbers: Numbers

    @cached_property
    def drawdown(self) -> Any:
        """How far equity is below its highest so far, a fraction, 0 or below; NaN while that isn't above 0."""
        highest = np.maximum.accumulate(self.equity)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.divide(self.equity, np.where(highest > 0, highest, np.nan)) - 1


@frozen
class Asset:
    """An asset that the rules run for.

    `name`: `None` where the rule file names none; `coin`: what that is in the portfolio. `open`, `high`, `low`, `price`
    (the close): quote per coin. `goal`: the target that is traded (`hedge` or `beta`), `None` without.
    `ratio`: the target in force after the bar's decision; `target`: what was desired; `held`: the brake that held a
    change back; `rule`: which rule had the last word; `active`: names of the active rules (all three coded texts).
    `leverage`: that target in force after the bar's decision, `None` where the rules have none.
    """

    name: str | None
    coin: str
    open: Any = field(repr=False)
    high: Any = field(repr=False)
    low: Any = field(repr=False)
    price: Any = field(repr=False)
    goal: str | None
    ratio: Any = field(repr=False)
    target: Any = field(repr=False)
    held: Coded = field(repr=False)
    rule: Coded = field(repr=False)
    active: Coded = field(repr=False)
    leverage: Any = field(default=None, repr=False)


@frozen
class Leg:
    """Contracts of one instrument through the run of the strategy.

    `contracts` (short below 0), `price` (mark, quote per base coin), `value` (quote, short below 0), `delta` (base
    coins that move as the contracts do). Money in the bar, quote currency: `gain` (PnL by price), `funding` (received
    above 0), `fees`, `slippage` (paid above 0). `liquidation`: price at which the position is liquidated, and
    `distance` from the price to it, a fraction of the price, 0 or above; NaN where there is none. `margin`: what stands
    behind the position, in `currency`, NaN where it isn't known.
    """

    instrument: str
    venue: str
    coin: str
    currency: str
    contracts: Any = field(repr=False)
    price: Any = field(repr=False)
    value: Any = field(repr=False)
    delta: Any = field(repr=False)
    gain: Any = field(repr=False)
    funding: Any = field(repr=False)
    fees: Any = field(repr=False)
    slippage: Any = field(repr=False)
    margin: Any = field(repr=False)
    liquidation: Any = field(repr=False)
    distance: Any = field(repr=False)


@frozen
class Book:
    """The strategy's book at each bar, quote currency; equity = `coins_value` + `cash` + `unrealised`.

    `ratio`: what contracts are short, over what is held (the actual hedge; NaN where nothing is held). `coins`: by
    asset, base coins held, put up as collateral, and paid by contracts. `cash`: money. `unrealised`: PnL since entry.
    `funding`, `fees`, `slippage`: of all legs in the bar.
    """

    ratio: Any = field(repr=False)
    coins: Mapping[str, Any] = field(repr=False)
    coins_value: Any = field(repr=False)
    cash: Any = field(repr=False)
    unrealised: Any = field(repr=False)
    funding: Any = field(repr=False)
    fees: Any = field(repr=False)
    slippage: Any = field(repr=False)


@frozen
class Fill:
    """One order: `row` and `time` (the open of that bar) of the fill, `change` (number of the change behind it).

    `contracts` sold below 0; `price` quote per base coin; `notional`, `fee`, `slippage`: quote currency. `cause`:
    `target`, `drift`, `roll`, `expiry` or `liquidation`. `status`: `ok` and `capped` were filled; `zero`,
    `below_min_qty`, `below_min_notional`, `no_margin` were not, and have 0 contracts.
    """

    number: int
    row: int
    time: float
    instrument: str
    contracts: float
    price: float
    notional: float
    fee: float
    slippage: float
    cause: str
    status: str
    change: int | None


@frozen
class Change:
    """A change of a target in force: counted from 1, decided at `row` (close of the bar at `time`), by `rule`.

    `asset`: as in `Asset.name`. `before`, `after`: levels. `rule`: with the last word; `otherwise` or `None` without.
    `earned`: what the contracts brought, costs and funding included, until the asset's next change (quote currency).
    """

    number: int
    row: int
    time: float
    asset: str | None
    target: str
    before: float
    after: float
    rule: str | None
    earned: float


@frozen
class Activity:
    """What one rule did, for one asset.

    `starts`: times it became active; `bars`: bars active; `last_word`: bars in which it had the last word, as a floor
    or cap too where that is what is in force. `changes`: of the target in force that it caused. `held`: changes held
    back, by brake (`band`, `cooldown`, `step`). `pnl`: what the contracts brought while it had the last word, costs and
    funding included. `line`: of the rule file, counted from 1. `rule` is `otherwise` where no rule had the last word.
    """

    rule: str
    asset: str | None
    line: int | None
    starts: int
    bars: int
    last_word: int
    changes: int
    held: Mapping[str, int]
    pnl: float

    @property
    def never_active(self) -> bool:
        return self.bars == 0

    @property
    def never_mattered(self) -> bool:
        """Whether it was active, and never had the last word."""
        return self.bars > 0 and self.last_word == 0


@frozen
class Event:
    """A dated event of the rule file that lies in the time of the test."""

    name: str
    time: float


@frozen
class Year:
    """A calendar year (UTC): bars there are and bars that are missing, settlements alike, inputs missing at some bars.

    `returns`: by track. `missing`: by input (`close`, `funding_8h` …) the share of the year without it.
    `complete`: nothing is missing; the numbers of other years, and of the whole, are told with what they lack.
    """

    year: int
    bars: int
    missing_bars: int
    settlements: int
    missing_settlements: int
    returns: Mapping[str, float]
    missing: Mapping[str, float]

    @property
    def complete(self) -> bool:
        return not (self.missing_bars or self.missing_settlements or self.missing)


class Ledger(Protocol):
    """What a result's legs and book are made from."""

    def legs(self) -> tuple[Leg, ...]:
        """Return each leg at each bar."""

    def book(self) -> Book:
        """Return the whole book at each bar."""


@frozen
class Result:
    """Everything a backtest found.

    `rules`: name of the rule file; `source`: its text. `bars`: seconds. `quote`: what prices and money are in (`USDT`).
    `times`: closes of the bars. `tracks`: the strategy first, then what it is compared with. `assets`: those the rules
    run for. `ledger`: what `legs` and `book` are made from. `unattributed`: PnL of contracts that no rule's last word
    explains (before the first decision). `notes`: what isn't modelled or isn't known, in sentences; `lacks`: what is
    missing in which years, in sentences.
    """

    rules: str
    source: str = field(repr=False)
    bars: int
    quote: str
    times: Any = field(repr=False)
    tracks: tuple[Track, ...]
    assets: tuple[Asset, ...]
    ledger: Ledger = field(repr=False, eq=False)
    changes: tuple[Change, ...] = field(repr=False)
    fills: tuple[Fill, ...] = field(repr=False)
    activity: tuple[Activity, ...]
    unattributed: float
    years: tuple[Year, ...]
    events: tuple[Event, ...]
    bootstrap: Bootstrap
    notes: tuple[str, ...]
    lacks: tuple[str, ...]

    @property
    def strategy(self) -> Track:
        return self.tracks[0]

    @cached_property
    def legs(self) -> tuple[Leg, ...]:
        """The contracts of the strategy, by instrument; made at the first look."""
        return self.ledger.legs()

    @cached_property
    def book(self) -> Book:
        """The strategy's book; made at the first look."""
        return self.ledger.book()

    def plot(self, reasons: "Reasons | None" = None, command: str = "rulelang why RULES --data …") -> "Picture":
        """Return the charts and tables as a page, which a notebook shows; `save(path)` writes it.

        `reasons`: why changes happened, from `rulelang.report.reasons`. `command`: what tells it of the others.
        """
        from rulelang.report import picture

        return picture(self, reasons, command)

    def track(self, name: str) -> Track:
        """Return a track by its name. Raises `KeyError`."""
        return {one.name: one for one in self.tracks}[name]
