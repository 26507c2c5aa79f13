"""Options that several commands have, and how a command does its work."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from rulelang.cli import terminal

CLEAN = 0

Named = tuple[tuple[str, ...], tuple[str, ...], str | None, tuple[str, ...]]
"""Market data as a command line names it: files, maps, what times are, and values of params."""


def market_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that name market data, and values of params; the command gets them as one, `named`."""

    @wraps(command)
    def bundled(
        *, data: tuple[str, ...], maps: tuple[str, ...], stamp: str | None, params: tuple[str, ...], **others: Any
    ) -> int:
        return command(named=(data, maps, stamp, params), **others)

    return data_options(
        click.option(
            "--set",
            "params",
            multiple=True,
            metavar="PARAM=VALUE",
            help="Give a param another value: --set crowded=0.1%.",
        )(bundled)
    )


def data_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that name market data."""
    for option in (
        click.option(
            "--time",
            "stamp",
            type=click.Choice(["open", "close"]),
            help="What the times of bars are, where a file doesn't tell.",
        ),
        click.option(
            "--map",
            "maps",
            multiple=True,
            metavar="FIELD=COLUMN[*SCALE]",
            help="Take a field from a column, times a factor: --map iv=dvol*0.01.",
        ),
        click.option(
            "--data",
            multiple=True,
            metavar="PATH[:ASSET]",
            help="A Parquet, CSV or NDJSON file (- is standard input): bars, funding, an event calendar. Repeat.",
        ),
    ):
        command = option(command)
    return command


def book_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of a simulated book: how long, at which costs."""
    for option in (
        click.option(
            "--drift",
            type=click.FloatRange(0, 100),
            default=1.0,
            show_default=True,
            metavar="PERCENT",
            help="Trade a hedge back that is further off, where its target has no band.",
        ),
        click.option(
            "--slippage",
            type=click.FloatRange(0, 10_000),
            metavar="BP",
            help="Basis points of what is traded; else the instruments'.",
        ),
        click.option("--to", "end", metavar="TIME", help="Up to the bar that closes then."),
        click.option("--from", "start", metavar="TIME", help="From this time on; earlier data warms the rules up."),
    ):
        command = option(command)
    return command


def piped(work: Callable[[], int]) -> int:
    """Do the work; a reader of standard output that has seen enough (`| head`) ends it, which is no problem."""
    try:
        code = work()
        sys.stdout.flush()
    except BrokenPipeError:
        terminal.leave_output()
        return CLEAN
    except OSError as error:
        if not terminal.is_full(error):
            raise
        terminal.leave_output()
        raise click.ClickException(f"what is printed can't be written: {error.strerror}") from None
    return code
