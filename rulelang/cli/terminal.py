"""What the terminal can show: colour, width, long lines, and a reader that has gone away."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable
from typing import IO

LABELLED = 4
"""Lines that begin with so many blanks have a label of ten columns, then a text that may be broken."""


def colour(stream: IO[str] | None = None) -> bool:
    """Say whether a stream (`None`: standard output) shows colour: a terminal, unless NO_COLOR is set."""
    stream = stream or sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(stream: IO[str] | None = None) -> int:
    """Return how many columns a line may have."""
    stream = stream or sys.stdout
    return shutil.get_terminal_size((100, 24)).columns if stream.isatty() else 100


def broken(lines: Iterable[str], columns: int) -> list[str]:
    """Return lines with those that have a label broken between words, the rest under the text's first column."""
    return [part for line in lines for part in _parts(line, columns)]


def _parts(line: str, columns: int) -> list[str]:
    if len(line) <= columns or not line.startswith(" " * LABELLED):
        return [line]
    return paragraph(line, columns, " " * (LABELLED + 10))


def paragraph(line: str, columns: int, indent: str = "") -> list[str]:
    """Return a line broken between words; a word stays whole, however long."""
    return textwrap.wrap(
        line, max(columns, 40), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [""]


def leave_output() -> None:
    """Point standard output nowhere once its reader has gone (`| head`): what is still to come needs no reader."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
