"""Commands about market data: data check, data import, data formats."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from rulelang.cli.commands.group import commands, piped


@commands.group(short_help="Look market data over, and bring files of others into Parquet.")
def data() -> None:
    """Look files of market data over, and bring those of exchanges, libraries and vendors into Parquet.

    What `rulelang data formats` lists is read by every --data as well, where it is certain what a file is.
    """


def source_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say what a file doesn't tell; the command gets them as one, `said`."""

    @wraps(command)
    def bundled(*, source: str | None, zone: str | None, every: str | None, stamp: str | None, **others: Any) -> int:
        return command(said=(source, zone, every, stamp), **others)

    for option in (
        click.option("--time", "stamp", type=click.Choice(["open", "close"]), help="What the times of bars are."),
        click.option("--every", metavar="DURATION", help="The length of a bar, or between settlements: 1h."),
        click.option("--zone", metavar="ZONE", help="The zone of times without one: UTC, Europe/London, +03:00."),
        click.option("--as", "source", metavar="FORMAT", help="The format: see `rulelang data formats`."),
    ):
        bundled = option(bundled)
    return bundled


_source_format = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or JSON.",
)
_NO_SOURCE = "name files of market data"


@data.command("check", short_help="Say what is in files, and what can't be right.")
@click.argument("paths", nargs=-1, metavar="PATH...")
@source_options
@_source_format
def data_check(paths: tuple[str, ...], said: tuple[Any, ...], form: str) -> int:
    """Say what is in files of market data, and what can't be right: format, instrument, span, bars, clock, gaps,
    duplicates, order, impossible values, a last bar that isn't over, a feed that stands still, funding. A folder stands
    for all such files in it and below.

    \b
    rulelang data check BTCUSDT-1h-2024-01.zip funding.csv
    rulelang data check user_data/data
    """
    from rulelang.cli import sourcing

    if not paths:
        raise click.UsageError(_NO_SOURCE)
    return piped(lambda: sourcing.check_files(paths, sourcing.Said(*said), form))


@data.command("import", short_help="Bring files into Parquet as rules read it.")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("-o", "--output", "folder", required=True, metavar="DIR", help="The folder to write to.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@source_options
@_source_format
def data_import(paths: tuple[str, ...], folder: str, force: bool, said: tuple[Any, ...], form: str) -> int:
    """Bring files into Parquet as rules read it: oldest first, each time once, each value with the time it was known.
    Files of one folder that are parts of one series become one. A folder stands for all such files in it
    and below.

    \b
    rulelang data import BTCUSDT-1h-2024-*.zip -o data
    rulelang data import "Funding Rate History.csv" --zone Europe/London -o data
    """
    from rulelang.cli import sourcing

    if not paths:
        raise click.UsageError(_NO_SOURCE)
    return piped(lambda: sourcing.import_files(paths, sourcing.Said(*said), folder, force, form))


@data.command("formats", short_help="List the formats that are read.")
@_source_format
def data_formats(form: str) -> int:
    """List the formats that are read beside tables in columns of rulelang's own."""
    from rulelang.cli import sourcing

    return piped(lambda: sourcing.print_formats(form))
