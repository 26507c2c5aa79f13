"""The backtest: rules, a portfolio and a history go in, the result comes out."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from rulelang.backtest import result as r
from rulelang.backtest.activity import activity, change_rows, changes_of
from rulelang.backtest.bootstrap import drawn, plan_of
from rulelang.backtest.columns import holding
from rulelang.backtest.decisions import Decided, Feed, Target, decide
from rulelang.backtest.decisions import part as part_of
from rulelang.backtest.history import History, filled, positive
from rulelang.backtest.ledger import Ledger
from rulelang.backtest.numbers import Days, Money, day_rows, money, tracks
from rulelang.backtest.real import Asks, given, real, real_names, same, unsaid
from rulelang.backtest.simulate import Walked, walk
from rulelang.backtest.sleeves import BETA, FULLY, HEDGE, LEVERAGE, Aim, Sleeve, sleeves, traded
from rulelang.backtest.stock import Costs, ground, monies
from rulelang.backtest.terms import funding_of
from rulelang.backtest.years import lacks, years
from rulelang.check import CheckedRules
from rulelang.kinds.units import time_text
from rulelang.plan.errors import PlanError
from rulelang.plan.instruments import Listing
from rulelang.plan.portfolio import Portfolio

Events = Mapping[str, tuple[float, ...]]
Feeds = Mapping[str | None, Feed]
Data = tuple[History, Feeds]
_WORK = 60_000_000
"""So many bars may be decided in all, when rules are asked anew with what their own decisions made of the book."""


@frozen
class Options:
    """How a backtest is made: `start`, `end` (seconds since 1970, `None`: all), costs, seed and samples of intervals.

    Rules run over all bars from the first; what lies before `start` only warms them up.
    """

    start: float | None = None
    end: float | None = None
    costs: Costs = Costs()
    seed: int = 1
    samples: int = 500


@frozen
class Asked:
    """What is tested: checked rules, the name of their file, the portfolio, dates of events, options."""

    rules: CheckedRules
    name: str
    portfolio: Portfolio
    events: Events = field(factory=dict)
    options: Options = Options()


def backtest(asked: Asked, data: Data) -> r.Result:
    """Return what the rules would have done to the portfolio over a history.

    `data`: the history, with prices of every coin in `lanes`, and for each asset of the rules what they are given; its
    times lie on the history's axis. Raises `PlanError` where portfolio and rules don't fit, or no bar is left.
    """
    return tested(asked, *data)[0]


def tested(asked: Asked, history: History, feeds: Feeds) -> tuple[r.Result, Feeds]:
    """Return the result, and what the rules were given: with what is real of the book (`hedge.actual`, `hedge.entry`),
    where rules ask for it and the data don't say it.

    What is real at a bar follows from decisions at bars before. So the rules run over the whole history with what is
    known of the book so far, and again with what they made of it, until nothing changes any more: each time it is right
    for at least one bar more, and in the end for all.
    """
    asks = unsaid(asked.rules, feeds)
    rounds = max(1, _WORK // max(1, len(history.times)))
    for _ in range(rounds):
        decided = decide(asked.rules, asked.events, feeds, history.times)
        testing = _Testing(asked, history, decided, asks)
        before, feeds = feeds, testing.told(feeds)
        if all(same(feeds[asset], before[asset]) for asset in asks):
            return testing.result(), feeds
    names = " and ".join(real_names(asks))
    said = f"{names} changed what is decided more than {rounds:,} times in {len(history.times):,} bars"
    raise PlanError(asked.name, "", f"takes too long to test: {said}; test a part of them, with --from and --to")


def judged(asked: Asked, history: History, decided: Mapping[str | None, Decided]) -> r.Result:
    """Return the result of decisions that have been made, whatever they made of the book."""
    return _Testing(asked, history, decided, {}).result()


def coins_of(rules: CheckedRules, portfolio: Portfolio, name: str) -> dict[str | None, str]:
    """Return which coin each asset of the rules is; rules without one are for the portfolio's only coin."""
    if None not in rules.programs:
        return {asset: str(asset) for asset in rules.programs}
    if len(portfolio.coins) != 1:
        held = ", ".join(portfolio.coins) or "no coin"
        raise PlanError(name, "", f"names no asset, and the portfolio has {held}; wanted `assets {held}` or fewer")
    return {None: portfolio.coins[0]}


def lanes(rules: CheckedRules, portfolio: Portfolio, name: str) -> tuple[tuple[str, ...], tuple[Listing, ...]]:
    """Return the coins whose prices a test needs, and the instruments that it may trade. Raises `PlanError`."""
    goals = {coin: tuple(rules.programs[asset].targets) for asset, coin in coins_of(rules, portfolio, name).items()}
    chains = traded(portfolio, goals, name)
    every = [*(one for chain in chains.values() for one in chain), *(one.listing for one in portfolio.positions)]
    listings = tuple({one.name: one for one in every}.values())
    paid = [coin for one in listings for coin in (one.base, one.settle)]
    benchmark = [portfolio.benchmark] if portfolio.benchmark else []
    named = [*portfolio.coins, *benchmark, *(coin for coin in paid if coin not in ("USD", "USDT", "USDC"))]
    return tuple(dict.fromkeys(named)), listings


class _Testing:
    """One backtest."""

    def __init__(self, asked: Asked, history: History, decided: Mapping[str | None, Decided], asks: Asks) -> None:
        self.asked, self.portfolio, self.asks = asked, asked.portfolio, asks
        self.spans: list[str] = []
        self.coins = coins_of(asked.rules, asked.portfolio, asked.name)
        needed, listings = lanes(asked.rules, asked.portfolio, asked.name)
        first, end = self._span(history, needed)
        self.history = history.part(first, end)
        held = [asset for asset in decided if self.coins[asset] in self.portfolio.coins]
        self.decided = {asset: part_of(decided[asset], first, end) for asset in held}
        self.ground = ground(self.portfolio, listings, self.history, asked.options.costs)
        self.monies = monies(self.portfolio, listings)
        goals = {self.coins[asset]: tuple(one.targets) for asset, one in self.decided.items()}
        self.changes = {asset: change_rows(goal) for asset, one in self.decided.items() if (goal := self._goal(one))}
        self.chains = traded(self.portfolio, goals, asked.name)
        self.aims = self._aims()

    def _span(self, history: History, needed: Sequence[str]) -> tuple[int, int]:
        """Return the rows of the test: from where every coin has a price, within the time asked for."""
        options, times = self.asked.options, history.times
        first = 0 if options.start is None else int(np.searchsorted(times, options.start))
        end = len(times) if options.end is None else int(np.searchsorted(times, options.end, side="right"))
        for coin in needed:
            if coin not in history.prices:
                raise self.portfolio.wrong(self.portfolio.key_of(coin), f"needs prices of {coin}; the data has none")
            known = np.isfinite(positive(history.prices[coin].close))
            span = (int(known.argmax()), len(known) - int(known[::-1].argmax())) if known.any() else (end, end)
            self._say_span(coin, times, (first, end), span)
            first, end = max(first, span[0]), min(end, span[1])
        if end - first < 2:
            left = max(0, end - first)
            raise PlanError(self.asked.name, "", f"can't be tested: {left} bars are left, wanted 2 or more")
        return first, end

    def _say_span(self, coin: str, times: Any, asked: tuple[int, int], span: tuple[int, int]) -> None:
        """Say which coin without a price makes the test shorter."""
        if asked[0] < span[0] < asked[1]:
            self.spans.append(f"the test begins at {_date(times[span[0]])}: before there is no close of {coin}")
        if asked[0] < span[1] < asked[1]:
            self.spans.append(f"the test ends at {_date(times[span[1] - 1])}: after it there is no close of {coin}")

    def _aims(self) -> tuple[Aim, ...]:
        found = []
        for asset, one in self.decided.items():
            goal = self._goal(one)
            if goal is not None and (goal.name == BETA or self.coins[asset] in self.chains):
                found.append(Aim(self.coins[asset], goal.name, filled(goal.after), goal.band))
        return tuple(found)

    def _goal(self, one: Decided) -> Target | None:
        return one.targets.get(HEDGE) or one.targets.get(BETA)

    # --- tracks

    @cached_property
    def own(self) -> tuple[Sleeve, ...]:
        """The sleeves that the rules trade."""
        return sleeves(self.ground, self.chains, self.aims)

    @cached_property
    def ledger(self) -> Ledger:
        """The book under the rules."""
        walked = walk(self.ground, self.own, self.portfolio.positions, self._leverage())
        return Ledger(walked, self.bare, tuple(one.legs for one in self.own))

    @cached_property
    def bare(self) -> Any:
        """What is held at the start, at each bar."""
        return holding(self.ground)

    def told(self, feeds: Feeds) -> Feeds:
        """Return what rules are given, with what is real of the book where they ask for it."""
        found = dict(feeds)
        for asset, places in self.asks.items():
            sleeve = next((one for one in self.own if any(aim.coin == self.coins[asset] for aim in one.aims)), None)
            if asset in self.decided and sleeve is not None:
                found[asset] = given(feeds[asset], places, real(self.ledger, sleeve), self.history.times)
        return found

    def result(self) -> r.Result:
        own, bare, ledger = self.own, self.bare, self.ledger
        days = self._days(bare)
        changed = sum(map(len, self.changes.values()))
        held = [
            self._held(r.STRATEGY, ledger, changed),
            (r.NO_HEDGE, bare, Money()),
            self._constant(r.CONSTANT, bare, lambda aim: _mean(aim.levels)),
            self._constant(r.FULL, bare, lambda aim: FULLY[aim.goal]),
            (r.CASH, np.broadcast_to(bare[0], len(bare)), Money()),
        ]
        return self._told(ledger, own, tracks(self.history.times, days, held), days)

    def _held(self, name: str, ledger: Ledger, changes: int) -> tuple[str, Any, Money]:
        return name, ledger.equity, money(ledger.walked, ledger.columns, ledger.ratio, ledger.nearest, changes)

    def _constant(self, name: str, bare: Any, level: Callable[[Aim], float]) -> tuple[str, Any, Money]:
        """Return what a hedge that stays came to, traded by the same terms."""
        aims = [evolve(aim, levels=np.broadcast_to(level(aim), len(bare))) for aim in self.aims]
        walked = walk(self.ground, sleeves(self.ground, self.chains, aims), (), self._leverage())
        return self._held(name, Ledger(walked, bare), len(aims))

    def _days(self, bare: Any) -> Days:
        rows, options = day_rows(self.history.times), self.asked.options
        how = plan_of(max(1, len(rows) - 1), options.seed, options.samples)
        return Days(rows, np.diff(bare[rows]), drawn(max(1, len(rows) - 1), how), how)

    def _leverage(self) -> dict[str, Any]:
        return {
            self.coins[asset]: filled(one.targets[LEVERAGE].after)
            for asset, one in self.decided.items()
            if LEVERAGE in one.targets
        }

    # --- what is told

    def _told(self, ledger: Ledger, own: Sequence[Sleeve], tracks: tuple[r.Track, ...], days: Days) -> r.Result:
        changes, rules, rest = self._by_rule(own, ledger)
        asked = {asset: frozenset(places.values()) for asset, places in self.asks.items()}
        every = [(each.asset, one) for each in self.decided.values() for one in each.inputs]
        inputs = [one for asset, one in every if one.label not in asked.get(asset, ())]
        found = years(self.ground, tracks, ledger.used, inputs)
        return r.Result(
            rules=self.asked.name,
            source=self.asked.rules.source.text,
            bars=self.history.bars,
            quote=self.monies[0],
            times=self.history.times,
            tracks=tracks,
            assets=tuple(self._asset(asset, one) for asset, one in self.decided.items()),
            ledger=ledger,
            changes=changes,
            fills=self._fills(ledger.walked, own, changes),
            activity=rules,
            unattributed=rest,
            years=found,
            events=self._events(),
            bootstrap=days.how,
            notes=tuple(self._notes(ledger.walked, ledger.used)),
            lacks=lacks(found),
        )

    def _by_rule(
        self, own: Sequence[Sleeve], ledger: Ledger
    ) -> tuple[tuple[r.Change, ...], tuple[r.Activity, ...], float]:
        changes: list[r.Change] = []
        rules: list[r.Activity] = []
        last = slice(len(self.history) - 1, len(self.history))
        rest = sum((float(one.worth(last)[0]) for leg, one in enumerate(ledger.columns) if not _served(own, leg)), 0.0)
        for asset, one in self.decided.items():
            sleeve = next((each for each in own if each.aims[0].coin == self.coins[asset]), None)
            worth = None if sleeve is None else ledger.made.worth.get(sleeve.legs)
            goal = self._goal(one)
            rows, first = self.changes.get(asset, []), len(changes) + 1
            mine = [] if goal is None else changes_of(asset, goal, rows, self.history.times, worth, first)
            did, left = activity(one, goal, mine, worth)
            changes += mine
            rules += did
            rest += left
        return tuple(changes), tuple(rules), rest

    def _asset(self, asset: str | None, one: Decided) -> r.Asset:
        coin, goal = self.coins[asset], self._goal(one)
        prices, count = self.history.prices[coin], len(self.history)
        said = (prices.open, prices.high, prices.low)
        opens, highs, lows = (np.full(count, np.nan) if column is None else column for column in said)
        assert goal is not None
        return r.Asset(
            asset, coin, opens, highs, lows, self.ground.closes[coin], goal.name, goal.after, goal.desired,
            goal.held, goal.rule, one.active, one.targets[LEVERAGE].after if LEVERAGE in one.targets else None,
        )  # fmt: skip

    def _fills(self, walked: Walked, own: Sequence[Sleeve], changes: Sequence[r.Change]) -> tuple[r.Fill, ...]:
        last = {asset: _newest(changes, asset) for asset in self.decided}
        assets = {coin: asset for asset, coin in self.coins.items()}
        times = self.history.times[[one.row for one in walked.fills]].tolist() if walked.fills else []
        served = {leg: assets.get(sleeve.aims[0].coin) for sleeve in reversed(own) for leg in sleeve.legs}
        found = []
        for number, (one, time) in enumerate(zip(walked.fills, times, strict=True), 1):
            terms = self.ground.terms[one.leg]
            known = one.cause == "target" and one.leg in served
            change = last[served[one.leg]](one.decided) if known else None
            worth = terms.size * abs(one.contracts) * terms.h(one.price) * one.unit
            at = time - (0 if one.cause == "liquidation" else self.history.bars)
            found.append(
                r.Fill(
                    number, one.row, at, terms.name, one.contracts, one.price, worth, one.fee * one.unit * bool(worth),
                    one.slippage * one.unit * bool(worth), one.cause, one.status, change,
                )
            )  # fmt: skip
        return tuple(found)

    def _events(self) -> tuple[r.Event, ...]:
        rules, first, last = self.asked.rules, float(self.history.times[0]), float(self.history.times[-1])
        return tuple(
            r.Event(name, float(time))
            for name, stated in rules.events.items()
            for time in sorted({*stated, *self.asked.events.get(name, ())})
            if first <= time <= last
        )

    def _notes(self, walked: Walked, used: Sequence[int]) -> list[str]:
        """Return what isn't modelled, and what isn't known, in sentences."""
        left = [coin for asset, coin in self.coins.items() if asset not in self.decided]
        notes = [f"the rules run for {coin}, of which nothing is held: it is left out" for coin in left]
        notes += [f"{other} counts as {self.monies[0]}, one for one" for other in self.monies[1:]]
        notes += self.spans
        if self.asks:
            names = " and ".join(real_names(self.asks))
            notes.append(f"{names}: of the simulated book; `run` and `why` know it from a column only")
            if self.portfolio.positions:
                notes.append("positions of the portfolio begin at the first mark, whatever their `entry`: so do these")
        for leg in used:
            one = self.ground.terms[leg]
            if self.ground.series[leg].source == "close":
                wanted = "mark" if one.listing.expiry is None else "future"
                said = f"the data has no `{wanted}` of it"
                notes.append(f"{one.name} is priced at the close of {one.listing.base}: {said}")
            if one.listing.interval is not None and funding_of(one, self.history) is None:
                notes.append(f"the data has no funding of {one.name}: what holding it earns or costs is NOT counted")
            account = next(each for each in walked.accounts if leg in each.legs)
            if account.start is None and all(step.margin is None for step in walked.steps[leg]):
                said = f"no {one.listing.settle} lies at {one.listing.venue} and no leverage is said"
                notes.append(f"the margin of {one.name} isn't known ({said}): its liquidation is NOT modelled")
            if (times := _liquidated(walked, leg)) > 1:
                said = "nothing is added to what was set aside when it was opened; less `leverage` takes it away"
                notes.append(f"{one.name} was liquidated {times} times: {said}")
            if one.slippage == 0:
                notes.append(f"{one.name} has no slippage: say `slippage` in the instruments, or --slippage")
        for coin, prices in self.history.prices.items():
            if prices.open is None and coin in self.ground.coins:
                notes.append(f"the data has no `open` of {coin}: orders fill at the close of the next bar")
        pending = [one for one in self.decided.values() if (goal := self._goal(one)) and _at_end(goal)]
        if pending:
            notes.append(f"the change of {_date(self.history.times[-1])}, the last bar, is not filled: no bar follows")
        return notes


def _at_end(goal: Target) -> bool:
    return len(goal.after) > 1 and bool(goal.after[-1] != goal.after[-2])


def _liquidated(walked: Walked, leg: int) -> int:
    """Return how often the position of a leg with a margin of its own was liquidated."""
    alone = any(step.margin is not None for step in walked.steps[leg])
    return alone * sum(fill.leg == leg and fill.cause == "liquidation" for fill in walked.fills)


def _date(time: Any) -> str:
    return time_text(datetime.fromtimestamp(float(time), UTC).timestamp())


def _mean(levels: Any) -> float:
    """Return the mean of the levels that are known."""
    total = float(levels.sum())
    return total / len(levels) if total == total else float(np.nanmean(levels))


def _served(own: Sequence[Sleeve], leg: int) -> bool:
    return any(leg in sleeve.legs for sleeve in own)


def _newest(changes: Sequence[r.Change], asset: str | None) -> Callable[[int], int | None]:
    """Return what gives the number of an asset's newest change at a row."""
    mine = [one for one in changes if one.asset == asset]
    rows = [one.row for one in mine]

    def newest(row: int) -> int | None:
        at = bisect_right(rows, row) - 1
        return mine[at].number if at >= 0 else None

    return newest
