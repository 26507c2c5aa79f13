"""Writes the generated pages of docs/ from the library's tables and help; `--check` fails where one differs.

What commands print that stand in pages (`console` blocks) is written anew too.
"""

# ruff: noqa: E402  (the library is found by the path above)

import sys
import tempfile
from collections.abc import Callable, Iterator
from difflib import unified_diff
from itertools import groupby
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent), str(DOCS)]

import click
import console

from rulelang.check import Outside, check
from rulelang.cli.commands import commands
from rulelang.data.foreign import FORMATS, Format, Kind
from rulelang.explain import reference
from rulelang.fields import CATALOGUE
from rulelang.functions import FUNCTIONS
from rulelang.text import Source
from rulelang.text.pages import FILES, NOW, PAGES, Page
from rulelang.text.render import text as rendered

NOTE = "<!-- made by docs/generate.py from the tables of the library; `make docs` writes it anew -->"
WIDTH = 100


# Functions ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def functions() -> Iterator[str]:
    """Yield the lines of functions.md."""
    yield from (
        "# Functions",
        "",
        NOTE,
        "",
        "A window `n` is a count of periods of the clock, `20`, or a duration that is a whole number of them,",
        "`30d`; it includes the present period. A window needs its whole time to have passed and at least half of",
        "its values to be known. Before that the function is missing, and a comparison with it is unknown.",
        "Argument and result kinds are explained in [language.md](language.md#values-and-kinds).",
        "`rulelang functions NAME` prints the same.",
        "",
        "| function | what it is |",
        "| --- | --- |",
    )
    entries = [reference.function_entry(one) for one in FUNCTIONS.values()]
    for one in entries:
        yield f"| [`{one.heading}`](#{one.name}) | {cell(one.help)} |"
    for one in entries:
        yield from ("", f"## {one.name}", "", f"`{one.heading}`: {one.help}.", "")
        yield from details(one)


def details(one: reference.Entry) -> Iterator[str]:
    """Yield the facts of a function or field, and its example."""
    yield from (f"- `{name}` ({role}): {text}" for name, role, text in one.parameters)
    yield from (f"- {label}: {text}" for label, text in one.facts)
    yield from ("", "```rules", one.example.rstrip("\n"), "```")


# Fields ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def fields() -> Iterator[str]:
    """Yield the lines of fields.md."""
    yield from (
        "# Market fields",
        "",
        NOTE,
        "",
        "These fields are known to every rule file; each may be left out of the data if no rule reads it. Others",
        "are declared with `field NAME : KIND`. A value outside its *bounds* counts as missing and is reported. A",
        "threshold outside the *plausible range* gets the warning `RL510`. A longer bar (`close@1d`) is made of",
        "its known parts as the table says. `rulelang fields NAME` prints the same.",
        "",
        "| field | kind | what it is | a longer bar has |",
        "| --- | --- | --- | --- |",
    )
    for one in CATALOGUE.values():
        kind, longer = reference.kind_text(one.kind), reference.LONGER[one.aggregation]
        yield f"| [`{one.name}`](#{one.name}) | {kind} | {cell(one.help)} | {longer} |"
    for one in CATALOGUE.values():
        yield from ("", f"## {one.name}", "", f"{one.help[0].upper()}{one.help[1:]}.", "")
        yield from details(reference.field_entry(one))


# Diagnostics ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FAMILIES = {
    "1": "Characters, words and files",
    "2": "Names",
    "3": "Kinds",
    "4": "Bars, clocks and dates",
    "5": "Targets, brakes and money",
    "7": "Data",
}


def diagnostics() -> Iterator[str]:
    """Yield the lines of diagnostics.md."""
    yield from (
        "# Diagnostics",
        "",
        NOTE,
        "",
        "An *error* keeps a rule file from running. A *warning* does not, but says that a rule will most likely",
        "not do what its author wants. Every code has a page here; each shows a small file with the mistake, the",
        "message it gets, and the same file mended.",
        "",
        "| code | severity | about |",
        "| --- | --- | --- |",
    )
    for one in PAGES:
        yield f"| [{one.code}](#{one.code.lower()}) | {one.severity.value} | {cell(one.title)} |"
    for family, pages in groupby(PAGES, lambda one: one.code[2]):
        yield from ("", f"## {FAMILIES[family]}")
        for one in pages:
            yield from diagnostic(one)


def diagnostic(one: Page) -> Iterator[str]:
    """Yield the section of a code."""
    yield from ("", f"### {one.code}", "", f"*{one.severity.value}*: {one.title}", "", one.page)
    if not one.mistake:
        return
    checking = check(Source("example.rules", one.mistake), reader=FILES.get, outside=Outside(now=NOW))
    message = rendered(checking.diagnostics, colour=False, width=WIDTH)
    yield from ("", "The mistake:", "", "```rules", one.mistake.rstrip("\n"), "```")
    yield from ("", "```text", message.rstrip("\n"), "```")
    yield from ("", "The repair:", "", "```rules", one.repair.rstrip("\n"), "```")


def cell(text: str) -> str:
    """Return a text as a cell of a table holds it."""
    return text.replace("|", "\\|")


# Formats of data ──────────────────────────────────────────────────────────────────────────────────────────────────────

MARKS = ("<!-- formats: made by docs/generate.py from their records -->", "<!-- end of formats -->")


def data() -> Iterator[str]:
    """Yield the lines of data.md: as they are, with the table of formats between its marks made anew."""
    lines = (DOCS / "data.md").read_text("utf-8").splitlines()
    first, last = (lines.index(mark) for mark in MARKS)
    yield from (*lines[: first + 1], "")
    yield from ("| `--as` | what it is | columns | certain by itself |", "| --- | --- | --- | --- |")
    for one in FORMATS.values():
        yield f"| `{one.name}` | {cell(one.title)} | {', '.join(columns_of(one))} | {certainty(one)} |"
    yield from ("", *lines[last:])


def columns_of(one: Format) -> Iterator[str]:
    """Yield what a format becomes, in columns of ours."""
    yield {Kind.BARS: "`close_time`", Kind.VALUES: "`known_at`"}.get(one.kind, "`time`")
    yield from (f"`{name}`" for name in one.called.values())
    if one.kind is Kind.RATES:
        yield "`interval_hours`"


def certainty(one: Format) -> str:
    """Return what makes a format certain, and what has to be said."""
    told = "its columns" if one.fits is None else "its columns and values"
    if one.named is not None and one.calls:
        told += ", and its path"
    return told if one.zone is not None or one.kind is Kind.EVENTS else f"{told}; say `--zone`"


# The command line ─────────────────────────────────────────────────────────────────────────────────────────────────────


def command_line() -> Iterator[str]:
    """Yield the lines of cli.md: what `--help` prints, command by command."""
    yield from ("# The command line", "", NOTE, "")
    yield from help_of("rulelang", commands)
    for name, command in sorted(commands.commands.items()):
        yield from ("", f"## rulelang {name}", "")
        yield from help_of(f"rulelang {name}", command)
        for inner, part in command.commands.items() if isinstance(command, click.Group) else ():
            yield from ("", f"### rulelang {name} {inner}", "")
            yield from help_of(f"rulelang {name} {inner}", part)


def help_of(name: str, command: click.Command) -> Iterator[str]:
    """Yield the help of a command as a block, as it is printed 100 columns wide."""
    context = click.Context(command, info_name=name, terminal_width=WIDTH, help_option_names=["-h", "--help"])
    yield from ("```text", command.get_help(context), "```")


# Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

MADE: dict[str, Callable[[], Iterator[str]]] = {
    "functions.md": functions,
    "fields.md": fields,
    "diagnostics.md": diagnostics,
    "cli.md": command_line,
    "data.md": data,
}


def made() -> dict[str, str]:
    """Return the text of every generated page, by file name."""
    return {name: "\n".join(lines()) + "\n" for name, lines in MADE.items()}


def differences(folder: Path = DOCS) -> list[str]:
    """Return where the pages in a folder differ from what the tables say now, as lines of a diff."""
    found: list[str] = []
    for name, text in made().items():
        path = folder / name
        there = path.read_text("utf-8") if path.exists() else ""
        found += unified_diff(there.splitlines(), text.splitlines(), f"docs/{name}", "now", lineterm="", n=1)
    return found


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    if arguments == ["--check"]:
        found = differences()
        print("\n".join(found) if found else "docs/ is as the tables say")
        return 1 if found else 0
    if arguments:
        print("usage: python docs/generate.py [--check]")
        return 2
    for name, text in made().items():
        (DOCS / name).write_text(text, "utf-8")
        print(f"wrote docs/{name}")
    for page in console.pages():
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(console.ran(page.read_text("utf-8"), Path(folder)), "utf-8")
        print(f"ran the commands of docs/{page.relative_to(DOCS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
