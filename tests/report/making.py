"""Results of backtests that never were: any number of bars, rules and assets, made of random numbers from a seed."""

from typing import Any

import numpy as np
from attrs import evolve, frozen

from rulelang.backtest.result import (
    CASH,
    CONSTANT,
    FULL,
    NO_HEDGE,
    STRATEGY,
    Activity,
    Asset,
    Book,
    Bootstrap,
    Change,
    Event,
    Fill,
    Interval,
    Leg,
    Numbers,
    Result,
    Track,
    Year,
)
from rulelang.engine.coded import Coded

START = 1_672_531_200.0
NAMES = (STRATEGY, NO_HEDGE, CONSTANT, FULL, CASH)


def result(bars: int = 2_000, rules: int = 3, assets: tuple[str | None, ...] = (None,), period: int = 3600) -> Result:
    """Return a result with as many bars, rules and assets."""
    random = np.random.default_rng(7)
    times = START + period * np.arange(1, bars + 1, dtype=float)
    names = [f"rule_{number}" for number in range(1, rules + 1)]
    held = tuple(_asset(asset, names, bars, random) for asset in assets)
    changes = _changes(held, times)
    tracks = tuple(_track(name, held[0].price, share) for name, share in zip(NAMES, (0.5, 0, 0.45, 1, 1), strict=True))
    return Result(
        rules="some.rules",
        source=_source(names),
        bars=period,
        quote="USDT",
        times=times,
        tracks=tracks,
        assets=held,
        ledger=_Made(_book(held, bars, random)),
        changes=changes,
        fills=tuple(_fill(change) for change in changes[:500]),
        activity=tuple(_did(one, name, at, changes) for one in held for at, name in enumerate(names)),
        unattributed=0.0,
        years=(Year(2023, bars, 0, 0, 0, dict.fromkeys(NAMES, 0.1), {}),),
        events=tuple(Event("cpi", float(time)) for time in times[:: max(1, bars // 9)]),
        bootstrap=Bootstrap(1, 500, 20, 0.95),
        notes=("taxes aren't modelled; see `notes`",),
        lacks=(),
    )


@frozen
class _Made:
    """A book, and its legs: none of them unless a test says so."""

    whole: Book
    held: tuple[Leg, ...] = ()

    def legs(self) -> tuple[Leg, ...]:
        return self.held

    def book(self) -> Book:
        return self.whole


def without_bars(found: Result, *rows: int) -> Result:
    """Return a result in which the prices of some bars are missing."""
    price = found.assets[0].price.copy()
    price[list(rows)] = np.nan
    return evolve(found, assets=(evolve(found.assets[0], price=price), *found.assets[1:]))


def _asset(name: str | None, rules: list[str], bars: int, random: Any) -> Asset:
    price = 30_000 * np.exp(np.cumsum(random.normal(0, 0.02 / bars**0.25 / 10, bars)))
    on = np.array([_stretches(random, bars) for _ in rules]).reshape(len(rules), bars)
    codes, texts, places = np.zeros(bars, np.int32), [], {}
    for start in np.flatnonzero(np.concatenate(([True], (on[:, 1:] != on[:, :-1]).any(axis=0)))):
        active = ", ".join(rule for rule, is_on in zip(rules, on[:, start], strict=True) if is_on)
        if active not in places:
            places[active] = len(texts)
            texts.append(active)
        codes[start:] = places[active]
    numbers = (on * np.arange(1, len(rules) + 1)[:, None]).max(axis=0, initial=0)
    ratio = np.where(numbers > 0, 0.2 + 0.6 * numbers / max(1, len(rules)), 0.5)
    return Asset(
        name,
        name or "BTC",
        price,
        price * 1.001,
        price * 0.999,
        price,
        "hedge",
        ratio,
        ratio,
        Coded(np.zeros(bars, np.int8), (None,)),
        Coded(numbers.astype(np.int32), ("otherwise", *rules)),
        Coded(codes, tuple(texts)),
    )


def _stretches(random: Any, bars: int) -> Any:
    """Return when a rule is active: a few dozen stretches of all lengths."""
    edges = np.sort(random.integers(0, bars, 2 * min(25, 1 + bars // 100)))
    return (np.searchsorted(edges, np.arange(bars), side="right") % 2).astype(bool)


def _changes(assets: tuple[Asset, ...], times: Any) -> tuple[Change, ...]:
    found = []
    for asset in assets:
        rows = np.flatnonzero(np.diff(asset.ratio)) + 1
        rule = asset.rule.spread()
        found += [(row, asset.name, asset.ratio[row - 1], asset.ratio[row], rule[row]) for row in rows.tolist()]
    return tuple(
        Change(
            number, row, float(times[row]), asset, "hedge", float(before), float(after), rule, 100.0 * (-1) ** number
        )
        for number, (row, asset, before, after, rule) in enumerate(sorted(found, key=lambda one: one[0]), 1)
    )


def _track(name: str, price: Any, share: float) -> Track:
    flat = name == CASH
    equity = np.full(len(price), 1e6) if flat else 1e6 * (1 + (1 - share) * (price / price[0] - 1))
    fall = equity / np.maximum.accumulate(equity) - 1
    return Track(name, equity, _numbers(equity, fall))


def _numbers(equity: Any, fall: Any) -> Numbers:
    start, end = float(equity[0]), float(equity[-1])
    return Numbers(
        start=start,
        end=end,
        profit=end - start,
        total_return=end / start - 1,
        annual_return=None,
        volatility=0.3,
        max_drawdown=float(fall.min()),
        drawdown_from=START,
        drawdown_low=START + 864_000,
        drawdown_to=None,
        worst_day=-0.05,
        shortfall=-0.04,
        effectiveness=0.6,
        funding_received=1234.5,
        funding_paid=99.0,
        fees=12.0,
        slippage=3.0,
        turnover=100_000.0,
        turnover_year=0.1,
        changes=3,
        fills=3,
        mean_ratio=0.5,
        over=0.0,
        nearest=None,
        nearest_at=None,
        liquidations=0,
        intervals={"total_return": Interval(-0.2, 0.3)},
    )


def _book(assets: tuple[Asset, ...], bars: int, random: Any) -> Book:
    funding = np.where(np.arange(bars) % 8 == 7, random.normal(20, 60, bars), 0.0)
    none = np.zeros(bars)
    actual = np.concatenate((assets[0].ratio[:1], assets[0].ratio[:-1])) * (1 + random.normal(0, 0.01, bars))
    return Book(actual, {one.coin: np.ones(bars) for one in assets}, none, none, none, funding, none, none)


def _fill(change: Change) -> Fill:
    contracts, price = change.before - change.after, 30_000.0
    return Fill(
        change.number,
        change.row + 1,
        change.time,
        "BTCUSDT",
        contracts,
        price,
        abs(contracts) * price,
        1.0,
        0.5,
        "target",
        "ok",
        change.number,
    )


def _did(asset: Asset, rule: str, at: int, changes: tuple[Change, ...]) -> Activity:
    active = np.array([rule in (text or "").split(", ") for text in asset.active.texts], bool)[asset.active.codes]
    starts = int((np.diff(active.astype(int)) > 0).sum() + active[0])
    last = int((asset.rule.spread() == rule).sum())
    mine = sum(change.rule == rule and change.asset == asset.name for change in changes)
    return Activity(rule, asset.name, 5 + 4 * at, starts, int(active.sum()), last, mine, {"cooldown": 1}, 10.0 * at - 5)


def _source(rules: list[str]) -> str:
    when = 'when close > 1 and close < "</script>"'
    said = "\n\n".join(f"rule {name}\n  {when}\n  then hedge {at}%" for at, name in enumerate(rules))
    return f"bars 1h\n\notherwise hedge 50%  # <b>\n\n{said}\n"
