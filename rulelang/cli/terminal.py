"""What the terminal can show: colour, width, long lines, and a reader that has gone away."""

import errno
import os
import shutil
import sys
from collections.abc import Iterable
from typing import IO

from rulelang.text.layout import paragraph

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
    """Return lines broken between words where they are too long, the rest of a labelled one under its text."""
    return [part for line in lines for part in _parts(line, columns)]


def _parts(line: str, columns: int) -> list[str]:
    if len(line) <= columns:
        return [line]
    if line.startswith(" " * LABELLED):
        return paragraph(line, columns, " " * (LABELLED + 10))
    return [line] if "  " in line else paragraph(line, columns, "  ")  # the row of a table, or a name, stays as it is


def open_streams() -> None:
    """Open each standard stream that the caller has closed (`<&-`) on nothing, as if it were empty or unread."""
    for name, mode in (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, mode), "r" if name == "stdin" else "w", encoding="utf-8"))


def is_full(error: OSError) -> bool:
    """Say whether an error means that there was no room to write."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def leave_output() -> None:
    """Point standard output nowhere once its reader has gone (`| head`): what is still to come needs no reader."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
