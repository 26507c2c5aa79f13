"""`rulelang plan`: decide at a bar, and print the orders that bring a portfolio there."""

import gc
from collections.abc import Mapping
from typing import Any

import click
from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.cli import terminal
from rulelang.cli.books import read_book
from rulelang.cli.loading import Problems, shown
from rulelang.cli.market import Asked, Reading, dates, moment, payload, problems_shown
from rulelang.cli.pages import write_page
from rulelang.data import Market, Need
from rulelang.engine.run import EngineRun
from rulelang.evaluate import AssetDecision
from rulelang.kinds.units import time_text
from rulelang.plan import (
    Plan,
    PlanError,
    Portfolio,
    Quote,
    Watch,
    Wish,
    actual,
    aims,
    asks,
    plan,
)
from rulelang.plan.forms import as_csv, as_json
from rulelang.plan.picture import as_html
from rulelang.plan.quotes import fields
from rulelang.plan.screen import as_text

Values = Mapping[str | None, Mapping[str, Any]]
"""The fields of one step, by asset."""


@frozen
class Order:
    """What the command line asks for."""

    asked: Asked
    portfolio: str
    instruments: str
    at: str | None
    form: str
    page: str | None


def print_plan(order: Order) -> int:
    """Print a plan; return the exit code."""
    gc.enable()
    try:
        with problems_shown():
            found = _planned(order)
    except PlanError as error:
        raise Problems(f"error: {error}") from None
    click.echo(_text(found, order.form), nl=False)
    if order.page is not None:
        write_page(order.page, as_html(found))
    return 0


def _text(found: Plan, form: str) -> str:
    match form:
        case "json":
            return as_json(found)
        case "csv":
            return as_csv(found)
        case _:
            return as_text(found, terminal.width())


def _planned(order: Order) -> Plan:
    at = moment(order.at, "--at")
    held = read_book(order.portfolio, order.instruments)
    reading = Reading(order.asked)
    return _Planning(reading, held, at).plan()


class _Planning:
    """One call of `rulelang plan`."""

    def __init__(self, reading: Reading, held: Portfolio, at: float | None) -> None:
        self.reading, self.held, self.at = reading, held, at
        self.named = reading.assets()

    def plan(self) -> Plan:
        lanes = self._lanes()
        market = self.reading.market([Need(lane, one) for lane in lanes for one in fields()])
        rules = self.reading.rules(market.bars, warn=True)
        self.reading.warn_of_events(rules, market.events, market.steps.times[0])
        return self._at(market, rules, lanes)

    def _lanes(self) -> dict[str | None, str]:
        """Return which coin each asset of the data is; the nameless one of the rules is the only coin."""
        coins = self.held.priced
        if not coins:
            raise self.held.wrong("holdings", "is missing, wanted coins that are held, or open positions")
        if self.named or len(self.held.coins) != 1:
            return {coin: coin for coin in coins}
        own = self.held.coins[0]
        return {None if coin == own else coin: coin for coin in coins}

    def _at(self, market: Market, rules: CheckedRules, lanes: Mapping[str | None, str]) -> Plan:
        time = _newest(market, self.at)
        watches = {lane: Watch(market.bars) for lane in lanes}
        run, real = EngineRun(rules, dates(market.events)), asks(rules)
        decided: dict[str | None, AssetDecision] = {}
        for now, values in market.steps:
            if now > time:
                break
            for lane, watch in watches.items():
                if lane in values:
                    watch.see(now, values[lane])
            last = real and now == time
            mine = payload(run, self._with_real(values, rules, _quotes(lanes, watches, time), time) if last else values)
            if mine is not None:
                decided.update(run.step(now, mine).by_asset)
        wish = Wish(aims(rules, decided), shown(self.reading.asked.file), time)
        return plan(self.held, _quotes(lanes, watches, time), wish)

    def _with_real(self, values: Values, rules: CheckedRules, quotes: Mapping[str, Quote], time: int) -> Values:
        """Return the last step's values, and what is real then beside them: the portfolio is of that time."""
        found = actual(self.held, quotes, rules, shown(self.reading.asked.file), time)
        return {lane: {**one, **found.get(lane, {})} for lane, one in values.items()}


def _quotes(lanes: Mapping[str | None, str], watches: Mapping[str | None, Watch], time: int) -> dict[str, Quote]:
    """Return what is known of each coin at a time."""
    return {coin: quote for lane, coin in lanes.items() if (quote := watches[lane].quote(time)) is not None}


def _newest(market: Market, at: float | None) -> int:
    """Return when the newest bar closes, up to a time."""
    known = [time for time in market.steps.times if at is None or time <= at]
    if not known:
        raise click.UsageError(f"--at is before the first bar, which closes at {time_text(market.steps.times[0])}")
    if at is not None and known[-1] != at:
        click.echo(f"no bar closes at {time_text(at)}; this is the newest before it", err=True)
    return known[-1]
