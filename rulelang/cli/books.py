"""Portfolio and instruments as the command line names them."""

from pathlib import Path

import click

from rulelang.cli.loading import Problems
from rulelang.plan import Portfolio, instruments, portfolio


def read_book(held: str, traded: str) -> Portfolio:
    """Read a portfolio file and its instruments. Raises `PlanError`, and `UsageError` for a file that isn't there."""
    return portfolio(held, _content(held), instruments(traded, _content(traded), _beside(traded)))


def _content(name: str) -> str:
    """Return the text of a file that an option names."""
    try:
        return Path(name).read_text("utf-8-sig")
    except FileNotFoundError:
        raise click.UsageError(f"there is no file {name}") from None
    except UnicodeDecodeError:
        raise Problems(f"error: {name}: this is no text in UTF-8") from None
    except OSError as error:
        raise click.UsageError(f"{name} can't be read: {error.strerror}") from None


class _beside:
    """Reads the files that another one names, from where it lies."""

    def __init__(self, name: str) -> None:
        self.folder = Path(name).parent

    def __call__(self, name: str) -> str:
        return _content(str(self.folder / name))
