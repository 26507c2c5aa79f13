"""Pages: where an option names a file of HTML, it is written there."""

from pathlib import Path

import click


def write_page(name: str, text: str) -> None:
    """Write a page to a file. Raises `UsageError` where that can't be."""
    try:
        Path(name).write_text(text, "utf-8")
    except OSError as error:
        raise click.UsageError(f"{name} can't be written: {error.strerror}") from None
