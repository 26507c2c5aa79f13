"""`rulelang describe`, `functions` and `fields`: a rule file in plain English, and the reference of the language."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import click

from rulelang.check.calls import signature
from rulelang.check.names import foreign
from rulelang.cli import terminal
from rulelang.cli.loading import checked_rules
from rulelang.explain import reference
from rulelang.explain.describe import described
from rulelang.explain.reference import Entry
from rulelang.fields import CATALOGUE
from rulelang.functions import FAMILIES, FUNCTIONS
from rulelang.text.layout import paragraph

Record = TypeVar("Record")


def describe(name: str, form: str) -> int:
    """Print a rule file in plain English: one sentence a line in a pipe, paragraphs on a terminal."""
    found = described(checked_rules(name))
    _print(found.markdown() if form == "markdown" else found.text())
    return 0


def functions(name: str | None, form: str) -> int:
    """Print the functions by family, or what is to be said of one."""
    return _reference("function", name, form, FUNCTIONS, reference.function_entry, _families)


def fields(name: str | None, form: str) -> int:
    """Print the market fields, or what is to be said of one."""
    return _reference("field", name, form, CATALOGUE, reference.field_entry, _catalogue)


def _reference(
    what: str,
    name: str | None,
    form: str,
    known: Mapping[str, Record],
    entry: Callable[[Record], Entry],
    table: Callable[[], Iterator[str]],
) -> int:
    if name is not None and name not in known:
        raise click.UsageError(_unknown(what, name, known))
    if form == "json":
        chosen = [entry(known[one]).record() for one in ([name] if name is not None else known)]
        click.echo(json.dumps(chosen[0] if name is not None else chosen, indent=2, ensure_ascii=False))
    else:
        _print(_page(entry(known[name])) if name is not None else table())
    return 0


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    meant = reference.nearest(name, known)
    called = foreign(name) if what == "field" else ""
    hint = f"did you mean `{meant}`?" if meant is not None else called or f"`rulelang {what}s` lists them"
    return f"there is no {what} `{name}`; {hint}"


def _families() -> Iterator[str]:
    for at, (family, members) in enumerate(FAMILIES.items()):
        yield from ([""] if at else []) + [family]
        yield from _aligned([(signature(one), one.help) for one in members], _widest())


def _widest() -> int:
    return max(len(signature(one)) for one in FUNCTIONS.values())


def _catalogue() -> Iterator[str]:
    rows = [(one.name, reference.kind_text(one.kind), one.help) for one in CATALOGUE.values()]
    kinds = max(len(kind) for _, kind, _ in rows)
    named = [(name, f"{kind.ljust(kinds)}  {text}") for name, kind, text in rows]
    yield from _aligned(named, max(len(name) for name, _ in named))


def _page(one: Entry) -> Iterator[str]:
    """Yield what is to be said of a function or field."""
    yield f"{one.heading}: {one.help}"
    yield ""
    rows = [(name, f"{role}: {text}") for name, role, text in one.parameters] + list(one.facts)
    yield from _aligned(rows, max(len(label) for label, _ in rows))
    yield from ("", "example:", "")
    yield from (f"    {line}" for line in one.example.splitlines())


# --- lines


def _aligned(rows: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    return (f"  {label.ljust(width)}  {text}" for label, text in rows)


def _print(lines: Iterable[str]) -> None:
    """Print lines as they are in a pipe, so that two outputs can be compared; within the width of a terminal."""
    columns = terminal.width() if sys.stdout.isatty() else None
    for line in shown(lines, columns):
        bold = terminal.colour() and line[:1].strip() and not line.startswith("#")
        click.echo(click.style(line, bold=True) if bold else line)


def shown(lines: Iterable[str], columns: int | None) -> Iterator[str]:
    """Yield lines, long ones broken to so many columns (`None`: left whole), the rest below where the text began."""
    for line in lines:
        yield from [line] if columns is None else paragraph(line, columns, " " * _text_at(line, columns))


def _text_at(line: str, columns: int) -> int:
    """Return where the text of a line begins: behind its label, its dash or its blanks."""
    inner = line.lstrip(" ")
    start = len(line) - len(inner)
    if inner.startswith("- "):
        return start + 2
    _, gap, text = inner.partition("  ")
    at = len(line) - len(text.lstrip(" "))
    return at if gap and at < columns // 2 else start + 2
