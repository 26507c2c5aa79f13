"""Rule files as the command line names them: found, read, and checked where a command needs them whole."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import click

from rulelang.check import CheckedRules, Outside, Reader, check
from rulelang.cli import terminal
from rulelang.rulefile import beside, content, decoded
from rulelang.text import Diagnostic, Severity, Source, render


class Problems(click.ClickException):
    """Something is wrong with the rules or the data; the message has been made."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def shown(name: str) -> str:
    """Return what a file is called in messages."""
    return "<stdin>" if name == "-" else name


def rule_files(paths: Sequence[str]) -> Iterator[str]:
    """Yield the names of the rule files that paths name; a folder names every *.rules in it, `-` is standard input."""
    for name in paths:
        path = Path(name)
        if name == "-":
            yield name
        elif path.is_dir():
            found = sorted(file for file in path.rglob("*.rules") if file.is_file())
            if not found:
                raise click.UsageError(f"there is no *.rules in the folder {name}")
            yield from map(str, found)
        elif path.exists():
            yield name
        else:
            raise click.UsageError(f"there is no file {name}")


def rule_bytes(name: str) -> bytes:
    """Return what a rule file holds, `-`: standard input. Raises `UsageError` where it can't be read."""
    with _reading(name, "rule file"):
        return content(None if name == "-" else Path(name))


def record_lines(name: str) -> Iterator[str]:
    """Yield the lines of a file of records, however many, `-`: of standard input; what isn't UTF-8 shows.

    Raises `UsageError` where it can't be read.
    """
    with _reading(name, "file of decision records"), _opened(name) as file:
        yield from (line.decode("utf-8", "replace") for line in file)


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb")


@contextmanager
def _reading(name: str, what: str) -> Iterator[None]:
    if name != "-" and Path(name).is_dir():
        raise click.UsageError(f"{name} is a folder; name one {what} in it")
    try:
        yield
    except FileNotFoundError:
        raise click.UsageError(f"there is no file {name}") from None
    except OSError as error:
        raise click.UsageError(f"{name} can't be read: {error.strerror}") from None


def rule_source(name: str) -> tuple[Source, Reader]:
    """Return a rule file's text and a reader of the files beside it. Raises `UsageError` where it can't be read."""
    return Source(shown(name), decoded(rule_bytes(name))), beside(Path(name))


def checked_rules(name: str, outside: Outside | None = None) -> CheckedRules:
    """Return a rule file, checked; its errors are shown on standard error, and raise `Problems`."""
    source, reader = rule_source(name)
    checking = check(source, reader=reader, outside=outside or Outside())
    if checking.rules is None:
        errors = [d for d in checking.diagnostics if d.severity is Severity.ERROR]
        raise Problems(f"{_told(errors)}{shown(name)} has errors: mend them first")
    return checking.rules


def show_problems(diagnostics: Sequence[Diagnostic]) -> None:
    """Print diagnostics on standard error."""
    click.echo(_told(diagnostics), err=True)


def _told(diagnostics: Sequence[Diagnostic]) -> str:
    return render.text(diagnostics, colour=terminal.colour(sys.stderr), width=terminal.width(sys.stderr))
