"""What the terminal can show: colour and width."""

import os
import shutil
import sys
from typing import IO


def colour(stream: IO[str] = sys.stdout) -> bool:
    """Say whether a stream shows colour: a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(stream: IO[str] = sys.stdout) -> int:
    """Return how many columns a line may have."""
    return shutil.get_terminal_size((100, 24)).columns if stream.isatty() else 100
