"""`rulelang diff`: two versions of a rule file over the same data, what they decide apart, and what each earned."""

import csv
import gc
import io
import json

import click
from attrs import asdict, evolve, fields, frozen

from rulelang.backtest.differences import Comparison, Difference, as_text, compare
from rulelang.backtest.result import Result
from rulelang.backtest.run import Options
from rulelang.backtest.stock import Costs
from rulelang.cli import market, terminal
from rulelang.cli.backtesting import Span, result
from rulelang.cli.books import read_book
from rulelang.cli.loading import Problems, shown
from rulelang.kinds.units import time_text
from rulelang.plan import PlanError, Portfolio, instruments, portfolio

_PLAIN = """
[{0}-PERP]
venue = "none"
base = "{0}"
settle = "USD"
payoff = "linear"
contract_size = 1
tick = 0.01
lot = 0.000001
min_notional = 0
taker = "0%"
slippage = "0%"
maintenance = [{{ from = 0, rate = "0%" }}]
funding_interval = "8h"
"""
"""Without a portfolio one coin of each asset is hedged with this, so that only prices and funding count."""


@frozen
class Order:
    """What the command line asks for: `asked` is the old file, `new` the other one, `params` hold for the new only."""

    asked: market.Asked
    new: str
    portfolio: str | None
    instruments: str | None
    span: Span
    slippage: float | None
    drift: float
    form: str


def print_differences(order: Order) -> int:
    """Print what sets two rule files apart; return the exit code."""
    gc.enable()
    if (order.portfolio is None) != (order.instruments is None):
        raise click.UsageError("--portfolio and --instruments go together: what is held, and what can be traded")
    start, end = order.span.seconds()
    slippage = None if order.slippage is None else order.slippage / 10_000
    options = Options(start, end, Costs(slippage, order.drift / 100), samples=20)
    try:
        with market.problems_shown():
            found = _compared(order, options)
    except PlanError as error:
        raise Problems(f"error: {error}") from None
    click.echo(_text(found, order.form), nl=False)
    return 0


def _compared(order: Order, options: Options) -> Comparison:
    old, new = evolve(order.asked, params=()), evolve(order.asked, file=order.new)
    one = result(old, _book(order, old), options)
    other = result(new, _book(order, new), options)
    if len(one.times) != len(other.times) or (one.times != other.times).any():
        raise _apart(one, other)
    names = (shown(old.file), shown(new.file))
    if names[0] == names[1]:
        names = (names[0], " ".join((names[1], *(f"--set {text}" for text in order.asked.params))))
    return compare(one, other, names)


def _apart(one: Result, other: Result) -> Problems:
    """Return the refusal of results of different bars: what one of them doesn't decide can't be compared."""
    first, last = (time_text(float(at)) for at in (one.times[0], one.times[-1]))
    here, there = f"{len(one.times):,} bars from {first} to {last}", f"{len(other.times):,}"
    since = time_text(float(max(one.times[0], other.times[0])))
    until = time_text(float(min(one.times[-1], other.times[-1])))
    both = len(set(one.times.tolist()) & set(other.times.tolist()))
    hint = f"give --from {since} --to {until}" if both else "give both the same data"
    said = f"the old rules decide at {here}, the new ones at {there}; {both:,} of them are common: {hint}"
    return Problems(f"error: {said}")


def _book(order: Order, asked: market.Asked) -> Portfolio:
    if order.portfolio is not None and order.instruments is not None:
        return read_book(order.portfolio, order.instruments)
    assets = market.Reading(asked).assets() or ("COIN",)
    listings = instruments("instruments", "\n".join(_PLAIN.format(asset) for asset in assets), lambda _: "")
    return portfolio("portfolio", "\n".join(f"[holdings.{asset}]\ncoins = 1" for asset in assets), listings)


def _text(found: Comparison, form: str) -> str:
    match form:
        case "json":
            return json.dumps(_plain(found), indent=2, ensure_ascii=False) + "\n"
        case "csv":
            return _csv(found)
        case _:
            return as_text(found, terminal.width())


def _plain(found: Comparison) -> dict[str, object]:
    told = asdict(found)
    told["differences"] = [_row(one) for one in found.differences]
    return told


def _row(one: Difference) -> dict[str, object]:
    return {**asdict(one), "start": time_text(one.start), "end": time_text(one.end)}


def _csv(found: Comparison) -> str:
    text = io.StringIO()
    rows = csv.DictWriter(text, [one.name for one in fields(Difference)], lineterminator="\n")
    rows.writeheader()
    rows.writerows(_row(one) for one in found.differences)
    return text.getvalue()
