"""`rulelang data`: look files of market data over, bring them into Parquet, and list the formats."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import click
from attrs import evolve, frozen

from rulelang.cli import terminal
from rulelang.cli.market import problems_shown
from rulelang.data import FORMATS, Asked, Checkup, DataError, Imported, Stamp, checked, imported
from rulelang.data.foreign.carriers import carrier
from rulelang.data.tables import is_table
from rulelang.kinds import duration_text
from rulelang.kinds.units import time_text
from rulelang.text.layout import columns

_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_HIDDEN = (".", "__MACOSX")


@frozen
class Said:
    """What the command line says about files beside their paths, as it is typed."""

    form: str | None
    zone: str | None
    every: str | None
    stamp: str | None


def check_files(paths: Sequence[str], said: Said, form: str) -> int:
    """Print what is found in files; return the exit code: 1 where there are problems."""
    asked = evolve(_asked(said), lenient=True)
    with problems_shown():
        found = [one for path in _files(paths) for one in checked(path, asked)]
    if form == "json":
        click.echo(json.dumps([one.as_dict() | {"problems": one.problems} for one in found], indent=2))
    else:
        click.echo("\n".join(terminal.broken(_report(found), terminal.width())))
    return 1 if any(one.problems for one in found) else 0


def import_files(paths: Sequence[str], said: Said, folder: str, force: bool, form: str) -> int:
    """Write files as Parquet, and print what was made of them; return the exit code."""
    with problems_shown():
        made = imported(_files(paths, but=Path(folder)), _asked(said), Path(folder), force)
    if form == "json":
        click.echo(json.dumps([one.as_dict() for one in made], indent=2))
    else:
        lines = [line for one in made for line in _made(one)]
        click.echo("\n".join(terminal.broken(lines, terminal.width())))
    return 0


def print_formats(form: str) -> int:
    """Print the table of formats; return the exit code."""
    if form == "json":
        rows = [
            {"name": one.name, "title": one.title, "kind": one.kind.value, "columns": list(one.values)}
            for one in FORMATS.values()
        ]
        click.echo(json.dumps(rows, indent=2))
        return 0
    table = [("format", "what it is", "what it gives"), *((o.name, o.title, o.kind.value) for o in FORMATS.values())]
    click.echo("\n".join(columns(table, terminal.width(), ("format",))))
    return 0


def _asked(said: Said) -> Asked:
    if said.form is not None and said.form not in FORMATS:
        near = get_close_matches(said.form, FORMATS, 1)
        hint = f"did you mean {near[0]}" if near else "`rulelang data formats` lists them"
        raise click.UsageError(f"--as {said.form} is no format; {hint}")
    return Asked(said.form, said.zone, _seconds(said.every), Stamp(said.stamp) if said.stamp else None)


def _files(paths: Sequence[str], but: Path | None = None) -> list[str]:
    """Return files, and of folders all below them that can hold market data, each once."""
    found: dict[str, None] = {}
    for path in paths:
        if not os.path.isdir(path):
            found[path] = None
            continue
        if but is not None and Path(path).resolve() == but.resolve():
            raise click.UsageError(f"-o {but} is the folder that is read; name another one")
        below = sorted(file for file in _below(path, but) if is_table(file) or carrier(file) is not None)
        if not below:
            raise click.UsageError(f"{path} has no file of market data in it, nor have the folders below")
        found |= dict.fromkeys(below)
    return list(found)


def _below(folder: str, but: Path | None) -> Iterator[str]:
    """Yield the files in a folder and below it, but hidden ones, and what lies in one of the folders."""
    left = but.resolve() if but is not None else None
    for inside, folders, names in os.walk(folder, onerror=_unreadable):
        shown = [name for name in folders if not name.startswith(_HIDDEN)]
        folders[:] = [name for name in shown if Path(inside, name).resolve() != left]
        files = (str(Path(inside, name)) for name in names if not name.startswith(_HIDDEN))
        yield from (file for file in files if os.path.isfile(file))


def _unreadable(error: OSError) -> None:
    raise DataError("RL700", f"can't be read ({error.strerror})", error.filename)


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    count, unit = text[:-1], text[-1:]
    if not count.isascii() or not count.isdigit() or unit not in _UNITS or not 0 < int(count) < 10_000:
        raise click.UsageError(f"--every {text} is no duration; write one such as 15m, 1h or 1d")
    return int(count) * _UNITS[unit]


# What is printed ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _report(found: Sequence[Checkup]) -> Iterator[str]:
    for one in found:
        yield from _block(one)
    count = sum(one.problems for one in found)
    files = len({one.path for one in found})
    yield f"{_n(files, 'file')}, {_n(count, 'problem') if count else 'no problem'}"


def _block(one: Checkup) -> Iterator[str]:
    whose = f", {one.symbol}" if one.symbol else ""
    yield f"{one.path}: {one.title} ({one.format}){whose}" if one.format else f"{one.path}: can't be read"
    items = [*_facts(one), *(("PROBLEM" if f.problem else "note", _finding(f.text, f.row)) for f in one.findings)]
    yield from (f"    {name:<10}{text}" for name, text in items)


def _facts(one: Checkup) -> Iterable[tuple[str, str]]:
    if one.first is None or one.last is None:
        return
    span = f"{time_text(one.first)} to {time_text(one.last)}"
    yield "span", span if one.zone else span.replace("Z", "")
    length = duration_text(one.length) if one.length else "unknown length"
    match one.kind:
        case "bars":
            yield "bars", f"{one.rows:,} of {length}"
        case "funding":
            yield "rates", f"{_n(one.rows, 'settlement')}" + (f", most {length} apart" if one.length else "")
        case _:
            yield one.kind, f"{one.rows:,}" + (f", most {length} apart" if one.length else "")
    yield "time", f"{_unit(one.unit)}, {one.zone or 'no zone'}{_stamp(one)}"


def _unit(unit: str) -> str:
    return f"{unit} since 1970" if unit.endswith("seconds") else unit


def _stamp(one: Checkup) -> str:
    if one.kind == "funding":
        return "; each is a settlement"
    if one.kind == "events" or one.stamp is None:
        return ""
    if one.kind == "bars":
        return f"; each is the {one.stamp} of a bar"
    return "; each is when the value was known" if one.stamp == "close" else "; each is the open of a period"


def _finding(text: str, row: int | None) -> str:
    return text if row is None or text.startswith(f"row {row}") else f"{text} (row {row})"


def _made(one: Imported) -> Iterator[str]:
    yield f"{one.path}: {_n(one.rows, 'row')} from {_sources(one)}"
    what = {"close_time": "the close of each bar, when it is known", "known_at": "when each value was known"}
    items = [
        ("format", f"{one.title} ({one.format})" + (f", {one.symbol}" if one.symbol else "")),
        ("span", f"{time_text(one.first)} to {time_text(one.last)}"),
        ("columns", ", ".join(one.columns)),
        ("time", f"`{one.time}` is {what.get(one.time, 'the moment itself')}, UTC"),
        *(("note", note) for note in one.notes),
    ]
    yield from (f"    {name:<10}{text}" for name, text in items)


def _sources(one: Imported) -> str:
    return one.sources[0] if len(one.sources) == 1 else f"{len(one.sources)} files, {one.sources[0]} first"


def _n(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
