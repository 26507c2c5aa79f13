"""`rulelang backtest`: simulate a book under the rules, and print what it came to."""

import gc
from collections.abc import Callable
from pathlib import Path

import click
from attrs import frozen

from rulelang.backtest.forms import as_csv, as_json, columns
from rulelang.backtest.gather import feeds, history, lanes_of, needs, with_real
from rulelang.backtest.result import Result
from rulelang.backtest.run import Asked, Options, coins_of, lanes, tested
from rulelang.backtest.screen import as_text
from rulelang.backtest.stock import Costs
from rulelang.cli import market, reporting, terminal
from rulelang.cli.books import read_book
from rulelang.cli.loading import Problems, shown
from rulelang.cli.reporting import Done
from rulelang.data.writing import write_columns
from rulelang.engine.coded import Coded
from rulelang.plan import PlanError, Portfolio


@frozen
class Span:
    """From when to when a test goes, as the command line has it."""

    start: str | None
    end: str | None

    def seconds(self) -> tuple[float | None, float | None]:
        """Return both in seconds since 1970. Raises `UsageError`."""
        start, end = market.moment(self.start, "--from"), market.moment(self.end, "--to")
        if start is not None and end is not None and start > end:
            raise click.UsageError(f"--from {self.start} is after --to {self.end}")
        return start, end


@frozen
class Order:
    """What the command line asks for. `slippage`: basis points; `drift`: percent; `None`: what the files say."""

    asked: market.Asked
    portfolio: str
    instruments: str
    span: Span
    slippage: float | None
    drift: float
    seed: int
    samples: int
    form: str
    output: str | None
    page: str | None
    reasons: int

    @property
    def options(self) -> Options:
        start, end = self.span.seconds()
        slippage = None if self.slippage is None else self.slippage / 10_000
        return Options(start, end, Costs(slippage, self.drift / 100), self.seed, self.samples)


def print_backtest(order: Order) -> int:
    """Print a backtest; return the exit code."""
    gc.enable()
    if order.form == "parquet" and order.output is None:
        raise click.UsageError("--format parquet needs --output FILE")
    options = order.options
    try:
        with market.problems_shown():
            made = done(order.asked, read_book(order.portfolio, order.instruments), options)
            _write(made.result, order)
            if order.page is not None:
                page = reporting.page(made, order.asked, order.reasons)
                _written(order.page, page.save)
    except PlanError as error:
        raise Problems(f"error: {error}") from None
    return 0


def result(asked: market.Asked, held: Portfolio, options: Options) -> Result:
    """Read rules and data, and return what came of them. Raises `PlanError`."""
    return done(asked, held, options).result


def done(asked: market.Asked, held: Portfolio, options: Options) -> Done:
    """Read rules and data, and return what came of them beside them. Raises `PlanError`."""
    reading = market.Reading(asked)
    name = shown(asked.file)
    rules = reading.shape()
    own = coins_of(rules, held, name)
    coins, listings = lanes(rules, held, name)
    labels = [spec.asset for spec in reading.specs if spec.asset is not None]
    found = lanes_of(coins, listings, own.get(None), labels)
    idle = [asset for asset, coin in own.items() if coin not in held.coins]
    data = reading.market(needs(found), idle)
    rules = reading.rules(data.bars, warn=True)
    reading.warn_of_events(rules, data.events, data.steps.times[0])
    past, events = history(data, found, coins), market.dates(data.events)
    result, given = tested(Asked(rules, name, held, events, options), past, feeds(rules, data))
    return Done(result, rules, with_real(data, rules, given))


def _write(found: Result, order: Order) -> None:
    if order.form == "parquet":
        assert order.output is not None
        _written(order.output, lambda path: write_columns(path, _spread(found), ("time",)))
        return
    text = _text(found, order.form)
    if order.output is None:
        click.echo(text, nl=False)
    else:
        _written(order.output, lambda path: path.write_text(text, "utf-8"))


def _spread(found: Result) -> dict[str, object]:
    every = columns(found)
    return {name: column.spread().tolist() if isinstance(column, Coded) else column for name, column in every.items()}


def _written(name: str, write: Callable[[Path], object]) -> None:
    try:
        write(Path(name))
    except OSError as error:
        raise click.UsageError(f"{name} can't be written: {error.strerror or error}") from None


def _text(found: Result, form: str) -> str:
    match form:
        case "json":
            return as_json(found)
        case "csv":
            return as_csv(found)
        case _:
            return as_text(found, terminal.width())
