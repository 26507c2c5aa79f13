"""`rulelang table`: check a file, and print what every combination of active rules does to each target."""

from collections.abc import Sequence

import click

from rulelang.cli import terminal
from rulelang.cli.loading import checked_rules, shown
from rulelang.explain.table import Table, TableError, tables
from rulelang.explain.table_forms import as_csv, as_html, as_markdown
from rulelang.explain.table_text import as_text


def print_table(file: str, names: Sequence[str], assets: Sequence[str], form: str) -> int:
    """Print the tables of a file, of some of its rules and assets where they are named; return the exit code."""
    rules = checked_rules(file)
    try:
        found = tables(rules, names, assets)
    except TableError as error:
        raise click.UsageError(str(error)) from None
    click.echo(_text(found, form, shown(file)), nl=False)
    return 0


def _text(found: Sequence[Table], form: str, title: str) -> str:
    match form:
        case "markdown":
            return as_markdown(found)
        case "csv":
            return as_csv(found)
        case "html":
            return as_html(found, title)
        case _:
            return as_text(found, terminal.width())
