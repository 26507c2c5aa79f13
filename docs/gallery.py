"""The gallery of messages: small files with a mistake, from docs/gallery/, what is said of each, and the same mended.

An example begins with `== CODE`. `-- mended` stands before the mended text; without it the first repair that is offered
is made. Behind the code may stand `repeated N`, `set NAME=VALUE` (a param from outside), or `float NAME=VALUE`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from rulelang.check import Outside, Override, check
from rulelang.text import Diagnostic, Source
from rulelang.text.pages import FILES, NOW
from rulelang.text.render import text as rendered

FOLDER = Path(__file__).parent / "gallery"
LONGEST = 5_000
"""A longer text isn't shown whole."""


@frozen
class Example:
    """A text with a mistake, the code it gets, and the text mended (empty: nothing in it can mend it)."""

    code: str
    text: str
    mended: str
    params: dict[str, Override]

    @property
    def uses_others(self) -> bool:
        """Whether it uses files that are made up for it."""
        return re.search(r'use "(?!base\.)', self.text) is not None

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """What checking says of it."""
        return checked(self.text, self.params)

    @property
    def repaired(self) -> str:
        """The text mended: as it is given, or by the first repair that is offered."""
        fixes = [fix for one in self.found[:1] for fix in one.fixes]
        if self.mended or not fixes:
            return self.mended
        return self.text[: fixes[0].span.start] + fixes[0].text + self.text[fixes[0].span.end :]

    @property
    def message(self) -> str:
        """What a user sees."""
        lines = rendered(self.found, colour=False, width=100).splitlines()
        return "\n".join(lines)


def checked(text: str, params: dict[str, Override]) -> tuple[Diagnostic, ...]:
    """Return what checking says of a text in the little world of the pages."""
    return check(Source("example.rules", text), reader=read, outside=Outside(now=NOW, params=params)).diagnostics


def read(path: str) -> str | None:
    """Return the text of a file that examples use."""
    if numbered := re.fullmatch(r"many/(\d+)\.rules", path):
        return f'use "{int(numbered[1]) + 1}.rules"\n'
    if path == "loop.rules":
        return 'use "loop.rules"\n'
    if path.startswith("long"):
        return "# a remark\n" * 60_000
    return FILES.get(path)


def examples() -> list[Example]:
    """Return every example, in the order of the codes."""
    found = [one for path in sorted(FOLDER.glob("*.txt")) for one in _of(path.read_text("utf-8"))]
    return sorted(found, key=lambda one: one.code)


def _of(text: str) -> Iterator[Example]:
    for head, body in re.findall(r"(?ms)^== ([^\n]*)\n(.*?)(?=^== |\Z)", text):
        code, _, options = head.partition(" ")
        mistake, _, mended = body.rstrip("\n").partition("\n-- mended\n")
        word, _, said = options.partition(" ")
        times = int(said) if word == "repeated" else 1
        name, _, value = said.partition("=") if word in ("set", "float") else ("", "", "")
        params: dict[str, Override] = {name: float(value) if word == "float" else value} if name else {}
        yield Example(code, f"{mistake}\n" * times, f"{mended}\n" if mended else "", params)
