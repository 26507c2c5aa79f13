"""Rule files that a command changes: read to the byte, shown as a difference, written whole or not at all."""

import re
import sys
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from pathlib import Path

import click
from attrs import frozen

from rulelang.cli import terminal
from rulelang.cli.loading import rule_bytes, rule_files, shown
from rulelang.rulefile import decoded, rewrite
from rulelang.text import Source
from rulelang.text.render import visible

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@frozen
class Original:
    """A rule file as it was found; `text` has its byte-order mark and line ends, `source` is what is parsed."""

    name: str
    text: str
    source: Source

    def write(self, text: str) -> None:
        """Put another text in its place. Raises `UsageError` where that isn't allowed."""
        try:
            rewrite(Path(self.name), text)
        except OSError as error:
            raise click.UsageError(f"{self.name} can't be written: {error.strerror}") from None

    def restored(self, text: str) -> str:
        """Return a text with this file's byte-order mark and line ends."""
        ends = text.replace("\n", "\r\n") if "\r\n" in self.text else text
        return "\ufeff" * self.text.startswith("\ufeff") + ends

    def difference(self, text: str) -> str:
        """Return what another text in its place would change, as `diff -u` and `patch` know it."""
        before, after = (list(_lines(one)) for one in (self.text, text))
        return "".join(map(_painted, unified_diff(before, after, self.source.name, self.source.name)))


def alone(paths: Sequence[str]) -> list[str]:
    """Return the names of rule files, each once; standard input stands alone, as its text goes to standard output."""
    names = list(dict.fromkeys(rule_files(paths)))
    if "-" in names and len(names) > 1:
        raise click.UsageError("- is standard input: it stands alone, and what comes of it goes to standard output")
    return names


def original(name: str) -> Original | None:
    """Return a rule file, `-` from standard input; one that isn't UTF-8 is reported on standard error: `None`."""
    content = rule_bytes(name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        click.echo(f"{shown(name)} is no UTF-8 text from byte {error.start + 1} on: it is left alone", err=True)
        return None
    return Original(name, text, Source(shown(name), decoded(text)))


def _lines(text: str) -> Iterator[str]:
    for line in _LINE.findall(text):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _painted(line: str) -> str:
    """Return a line of a difference; on a terminal with nothing that the terminal would obey or hide, and in colour."""
    if not sys.stdout.isatty():
        return line
    safe = "\n".join("\t".join(map(visible, part.split("\t"))) for part in line.split("\n"))
    return click.style(safe, fg=_STYLES[line[0]]) if terminal.colour() and line[0] in _STYLES else safe
