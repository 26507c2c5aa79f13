"""The report of a backtest: why its newest changes happened, and the page with all of it."""

import shlex
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from rulelang.backtest.result import Result
from rulelang.check import CheckedRules
from rulelang.cli import market
from rulelang.cli.running import progress
from rulelang.data import Market
from rulelang.evaluate import Run
from rulelang.report import Picture, Reasons, newest, picture, reasons


@frozen
class Done:
    """A backtest that was made: the result, and the rules and data behind it."""

    result: Result
    rules: CheckedRules
    data: Market


def page(done: Done, asked: market.Asked, most: int) -> Picture:
    """Return the report. The reference goes over the data once more to tell why the newest changes happened."""
    return picture(done.result, _reasons(done, most), command("why", asked))


def _reasons(done: Done, most: int) -> Reasons:
    changes = newest(done.result.changes, most)
    if not changes:
        return {}
    run = Run(done.rules, market.dates(done.data.events), records=False)
    total = sum(time <= changes[-1].time for time in done.data.steps.times)
    with progress(total, "telling why") as advance:
        return reasons(run, _steps(run, done.data, advance), changes)


def _steps(run: Run, data: Market, advance: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for time, values in data.steps:
        advance()
        mine = market.payload(run, values)
        if mine is not None:
            yield time, mine


def command(name: str, asked: market.Asked) -> str:
    """Return a command line with the same rules, data and params."""
    words = ["rulelang", name, asked.file]
    for option, values in (("--data", asked.data), ("--map", asked.maps), ("--set", asked.params)):
        words += [word for value in values for word in (option, value)]
    return shlex.join([*words, *(["--time", asked.stamp] if asked.stamp else [])])
