"""Writes the generated pages of docs/ from the library's tables and help; `--check` fails where one differs."""

# ruff: noqa: E402  (the library is found by the path above)

import sys
from collections.abc import Callable, Iterator
from difflib import unified_diff
from itertools import groupby
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

import click

from rulelang.check import Outside, check
from rulelang.check.calls import signature
from rulelang.cli.commands import commands
from rulelang.fields import CATALOGUE, Aggregation, Field, Range
from rulelang.functions import EVERYTHING, FUNCTIONS, Function, Parameter, Role
from rulelang.kinds import COINS, MONEY, NUMBER, PRICE, RATIO, SCORE, TIME, Kind, duration_text, rate, value_text
from rulelang.text import Source
from rulelang.text.pages import FILES, NOW, PAGES, Page
from rulelang.text.render import text as rendered

NOTE = "<!-- made by docs/generate.py from the tables of the library; `make docs` writes it anew -->"
WIDTH = 100


# Functions ────────────────────────────────────────────────────────────────────────────────────────────────────────────

ROLES = {
    Role.SERIES: "series, looked at in every period",
    Role.CONDITION: "condition",
    Role.WINDOW: "window",
    Role.NUMBER: "number in the file",
    Role.VALUE: "present value",
}
KINDS = (NUMBER, RATIO, rate(28_800), PRICE, COINS, MONEY, SCORE)
LONG, SHORT = 1000, 1


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
        "",
        "| function | what it is |",
        "| --- | --- |",
    )
    for one in FUNCTIONS.values():
        yield f"| [`{signature(one)}`](#{one.name}) | {cell(one.help)} |"
    for one in FUNCTIONS.values():
        yield from function(one)


def function(one: Function) -> Iterator[str]:
    """Yield the section of a function."""
    yield from ("", f"## {one.name}", "", f"`{signature(one)}`: {one.help}.", "")
    yield from (f"- `{p.name}` ({ROLES[p.role]}): {p.help}" for p in one.parameters)
    if one.reads:
        yield f"- reads {', '.join(f'`{name}`' for name in one.reads)}"
    yield f"- result: {result(one)}"
    yield f"- first value after: {warm_up(one)}"
    yield f"- cost: {one.cost}{state(one)}"
    yield f"- computed as: {one.source}"
    yield from ("", "```rules", f"{bars(one)}when {one.example} then hedge 50%{lasting(one)}", "```")


def bars(one: Function) -> str:
    """Return the line that an example needs where the function asks how long a bar is."""
    return "bars 1h\n" if one.name in ("annualised", "volatility") else ""


def lasting(one: Function) -> str:
    """Return the end that an example needs whose condition is true for a moment."""
    return " for 24 periods" if " crosses " in one.example else ""


def result(one: Function) -> str:
    """Say which kind comes out, by trying the kinds that can go in."""
    taken = [p for p in one.parameters if p.role not in (Role.WINDOW, Role.NUMBER)]
    if not taken:
        return said(one.result(()))
    found = {kind: one.result(kinds(taken, kind)) for kind in KINDS}
    good = {kind: out for kind, out in found.items() if isinstance(out, Kind)}
    if len(set(good.values())) == 1 and len(good) > 1:
        return said(next(iter(good.values())))
    same = [kind for kind, out in good.items() if out == kind]
    others = [f"of a {kind} {said(out)}" for kind, out in good.items() if out != kind]
    parts = [f"the kind of `{_measured(taken).name}`"] if same else []
    return "; ".join([*parts, *others])


def _measured(parameters: list[Parameter]) -> Parameter:
    return next(p for p in parameters if p.role is not Role.CONDITION)


def kinds(parameters: list[Parameter], kind: Kind) -> tuple[Kind, ...]:
    """Return argument kinds that try one kind everywhere."""
    from rulelang.kinds import CONDITION, DURATION

    known = {"duration": DURATION}
    return tuple(CONDITION if p.role is Role.CONDITION else known.get(p.name, kind) for p in parameters)


def said(kind: object) -> str:
    """Return a kind with its article."""
    return str(kind) if str(kind) in ("money", "coins") else f"a {kind}"


def warm_up(one: Function) -> str:
    """Say how many periods pass until the first value."""
    if not any(p.role is Role.WINDOW for p in one.parameters):
        return "1 period"
    extra = one.warm_up(LONG) - LONG
    least = one.warm_up(SHORT)
    return f"n{f' + {extra}' if extra else ''} periods" + (", at least 2" if least > SHORT + extra else "")


def state(one: Function) -> str:
    """Say how much memory a window takes."""
    if one.start is None:
        return ""
    each = one.state_bytes(LONG + 1) - one.state_bytes(LONG)
    fixed = one.state_bytes(LONG) - LONG * each
    return f"; {fixed} bytes" + (f" and {each} for every period of the window" if each else "")


# Fields ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

LONGER = {
    Aggregation.FIRST: "the first",
    Aggregation.MAX: "the highest",
    Aggregation.MIN: "the lowest",
    Aggregation.LAST: "the last known",
    Aggregation.SUM: "the sum",
}


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
        "its known parts as the table says.",
        "",
        "| field | kind | what it is | a longer bar has |",
        "| --- | --- | --- | --- |",
    )
    for one in CATALOGUE.values():
        yield f"| [`{one.name}`](#{one.name}) | {kind_text(one.kind)} | {cell(one.help)} | {LONGER[one.aggregation]} |"
    for one in CATALOGUE.values():
        yield from field(one)


def field(one: Field) -> Iterator[str]:
    """Yield the section of a field."""
    yield from ("", f"## {one.name}", "", f"{one.help[0].upper()}{one.help[1:]}.", "")
    yield f"- kind: {kind_text(one.kind)}"
    yield f"- values come: {'once every ' + duration_text(one.every) if one.every else 'with every bar'}"
    yield f"- bounds: {range_text(one.bounds, one.kind)}"
    if one.plausible != Range():
        yield f"- plausible: {range_text(one.plausible, one.kind)}"
    yield f"- a longer bar has: {LONGER[one.aggregation]}"
    start = "bars 1h\n" if one.kind == TIME or " over " in one.example else ""
    yield from ("", "```rules", f"{start}when {one.example} then hedge 50%", "```")


def kind_text(kind: Kind) -> str:
    """Return a kind with its period."""
    return f"{kind} per {duration_text(kind.unit)}" if isinstance(kind.unit, int) else str(kind)


def range_text(one: Range, kind: Kind) -> str:
    """Return a range in words."""
    low, high = (value_text(end, kind) for end in (one.low, one.high))
    if (one.low, one.high) == EVERYTHING:
        return "any finite value"
    if one.high == float("inf"):
        return f"above {low}" if one.open_low else f"{low} or more"
    return f"{low} to {high}"


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


# The command line ─────────────────────────────────────────────────────────────────────────────────────────────────────


def command_line() -> Iterator[str]:
    """Yield the lines of cli.md: what `--help` prints, command by command."""
    yield from ("# The command line", "", NOTE, "")
    yield from help_of("rulelang", commands)
    for name, command in commands.commands.items():
        yield from ("", f"## rulelang {name}", "")
        yield from help_of(f"rulelang {name}", command)


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
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
