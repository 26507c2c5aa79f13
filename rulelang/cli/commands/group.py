"""The group of commands, and the options that several share."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from rulelang import __version__
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
            help="Bars, funding, an event calendar: Parquet, CSV, NDJSON (- is standard input), or a format of others "
            "(see `rulelang data formats`). Repeat.",
        ),
    ):
        command = option(command)
    return command


_ENGINES = {"avx2": "native engine, AVX2", "plain": "native engine", "uncompiled": "engine uncompiled: slow"}


def _print_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if not asked or context.resilient_parsing:
        return
    from rulelang.engine.machine import BUILD

    click.echo(f"rulelang {__version__} ({_ENGINES[BUILD]})")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version, and which engine is in use.",
)
def commands() -> None:
    """Hedging rules that read like English: check them, run them over history.

    Exit codes: 0 clean, 1 problems found, 2 wrong usage, 3 a fault of rulelang itself.
    """


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
