"""Shows diagnostics: as text for people, as JSON, as GitHub annotations, as SARIF."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any
from urllib.parse import quote

from attrs import frozen

from rulelang.text.diagnostic import Diagnostic, Fix, Severity
from rulelang.text.layout import painted, unpainted
from rulelang.text.source import Source, Span

Paint = Callable[[str, str], str]
"""Puts a text into a style; on a terminal without colour it returns the text alone."""

BOLD = "1"
GUTTER = "1;36"
SEVERITY_STYLE = {Severity.ERROR: "1;31", Severity.WARNING: "1;33"}

NARROWEST = 40
TAB = 4
QUOTED_AT_MOST = 48
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
COMBINING_CATEGORIES = {"Mn", "Me"}
CUT = "…"


# As text ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def text(diagnostics: Iterable[Diagnostic], *, colour: bool, width: int) -> str:
    """Show diagnostics to a person, in the order given, each with the source it speaks of.

    `width` counts terminal cells; `colour` asks for ANSI escapes. The result is empty or ends with a line end.
    """
    paint = painted if colour else unpainted
    return "\n".join(_block(diagnostic, paint, max(width, NARROWEST)) for diagnostic in diagnostics)


def _block(diagnostic: Diagnostic, paint: Paint, width: int) -> str:
    gutter = len(str(_last_line(diagnostic)))
    lines = [
        _headline(diagnostic, paint),
        _place(diagnostic, paint, gutter),
        *_excerpt(diagnostic, paint, gutter, width),
        *_notes(diagnostic, paint, gutter, width),
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _headline(diagnostic: Diagnostic, paint: Paint) -> str:
    label = paint(f"{diagnostic.severity.value}[{diagnostic.code}]", SEVERITY_STYLE[diagnostic.severity])
    return label + paint(f": {visible(diagnostic.message)}", BOLD)


def _place(diagnostic: Diagnostic, paint: Paint, gutter: int) -> str:
    line, column = diagnostic.position
    return f"{' ' * gutter}{paint('-->', GUTTER)} {visible(diagnostic.source.name)}:{line}:{column}"


# The source lines and what is underlined in them ──────────────────────────────────────────────────────────────────────


@frozen
class _Marked:
    """A line of source and the characters to underline in it, counted from 0 within the line."""

    number: int
    content: str
    start: int
    end: int


def _last_line(diagnostic: Diagnostic) -> int:
    """Return the line of the last character in the span: a span that ends with a line end does not reach the next."""
    start, end = diagnostic.span
    return diagnostic.source.position(max(start, end - 1)).line


def _excerpt(diagnostic: Diagnostic, paint: Paint, gutter: int, width: int) -> Iterator[str]:
    first, *rest = _marked_lines(diagnostic)
    yield paint(f"{' ' * gutter} |", GUTTER)
    yield from _marked_rows(first, diagnostic.severity, paint, gutter, width)
    for last in rest:
        if last.number > first.number + 1:
            yield paint("...", GUTTER)
        yield from _marked_rows(last, diagnostic.severity, paint, gutter, width)


def _marked_lines(diagnostic: Diagnostic) -> list[_Marked]:
    """Return the first line of the span and, where it has several, the last."""
    source, (line, column) = diagnostic.source, diagnostic.position
    content = source.line(line)
    last = _last_line(diagnostic)
    if last == line:
        length = diagnostic.span.end - diagnostic.span.start
        return [_Marked(line, content, column - 1, column - 1 + length)]
    ending = source.line(last)
    end = source.position(diagnostic.span.end - 1).column
    indent = len(ending) - len(ending.lstrip())
    return [_Marked(line, content, column - 1, len(content)), _Marked(last, ending, min(indent, end - 1), end)]


def _marked_rows(marked: _Marked, severity: Severity, paint: Paint, gutter: int, width: int) -> Iterator[str]:
    shown, underline = _fit(marked, width - gutter - 3)
    yield paint(f"{marked.number:>{gutter}} |", GUTTER) + f" {shown}"
    blank = len(underline) - len(underline.lstrip())
    yield paint(f"{' ' * gutter} |", GUTTER) + " " * (blank + 1) + paint(underline[blank:], SEVERITY_STYLE[severity])


def _fit(marked: _Marked, room: int) -> tuple[str, str]:
    """Return the line as shown and its underline, cut around the marked characters to fit `room` cells."""
    cells = _cells(marked.content)
    edges = [0, *accumulate(width for _, width in cells)]
    start, end = _marked_edges(marked, edges)
    left, right = _window(start, end, max(edges[-1], end), room)
    kept = [cells[i][0] for i in range(len(cells)) if edges[i] >= left and edges[i + 1] <= right]
    first = next((edge for edge in edges if edge >= left), left)
    before, behind = CUT if left > 0 else "", CUT if edges[-1] > right else ""
    lead = len(before) + max(0, start - first)
    return f"{before}{''.join(kept)}{behind}", " " * lead + "^" * max(1, min(end, right) - max(start, first))


def _marked_edges(marked: _Marked, edges: list[int]) -> tuple[int, int]:
    """Return the cells where the underline starts and ends; it is never empty, and may stand behind the last one."""
    last = len(edges) - 1
    start = edges[min(marked.start, last)]
    return start, max(edges[min(marked.end, last)], start + 1)


def _window(start: int, end: int, total: int, room: int) -> tuple[int, int]:
    """Return the range of cells to show: all, or those around the span, with a cell left for each cut mark."""
    if total <= room:
        return 0, total
    inner = room - 2
    margin = max(inner - (end - start), inner // 4) // 2
    left = max(0, min(start - margin, total - inner))
    return left, left + inner


def _cells(line: str) -> list[tuple[str, int]]:
    """Return what each character of a line is shown as, and how many terminal cells that takes."""
    cells: list[tuple[str, int]] = []
    column = 0
    for character in line:
        shown = " " * (TAB - column % TAB) if character == "\t" else _shown(character)
        cells.append((shown, _width(shown)))
        column += cells[-1][1]
    return cells


def _width(shown: str) -> int:
    return sum(_character_width(character) for character in shown)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in COMBINING_CATEGORIES:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def visible(content: str) -> str:
    """Return a text with each character that a terminal would obey or hide written as an escape, such as `\\x1b`."""
    return "".join(map(_shown, content))


def _shown(character: str) -> str:
    if unicodedata.category(character) not in HIDDEN_CATEGORIES:
        return character
    return character.encode("unicode_escape").decode("ascii")


# Why, and what to write instead ───────────────────────────────────────────────────────────────────────────────────────


def _notes(diagnostic: Diagnostic, paint: Paint, gutter: int, width: int) -> Iterator[str]:
    if diagnostic.why:
        yield from _note("why", diagnostic.why, paint, gutter, width)
    for advice in _advices(diagnostic):
        yield from _note("help", advice, paint, gutter, width)


def _note(label: str, content: str, paint: Paint, gutter: int, width: int) -> Iterator[str]:
    indent = gutter + len(f" = {label}: ")
    first, *rest = _wrapped(content, width - indent)
    yield paint(f"{' ' * gutter} =", GUTTER) + paint(f" {label}:", BOLD) + f" {first}"
    yield from (" " * indent + line for line in rest)


def _wrapped(content: str, room: int) -> list[str]:
    """Return the words of a text in lines of at most `room` cells; a longer word gets a line of its own."""
    lines = [""]
    for word in map(visible, content.split()):
        joined = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and _width(joined) > room:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def _advices(diagnostic: Diagnostic) -> list[str]:
    return [_advice(fix, diagnostic) for fix in diagnostic.fixes]


def _advice(fix: Fix, diagnostic: Diagnostic) -> str:
    line = diagnostic.source.position(fix.span.start).line
    elsewhere = "" if line == diagnostic.position.line else f" (line {line})"
    return _change(fix, diagnostic.source) + elsewhere


def _change(fix: Fix, source: Source) -> str:
    replaced = source.excerpt(fix.span)
    if not fix.text.strip():
        return f"remove {_quoted(replaced)}"
    if replaced:
        return f"write {_quoted(fix.text)} in place of {_quoted(replaced)}"
    return f"add {_quoted(fix.text)}{_behind(fix.span, source)}"


def _behind(span: Span, source: Source) -> str:
    """Say behind which word of its line something is added."""
    line, column = source.position(span.start)
    word = re.search(r"\S+\s*$", source.line(line)[: column - 1])
    return f" behind {_quoted(word.group())}" if word else " at the start of the line"


def _quoted(content: str) -> str:
    """Return a piece of rule text in backticks, in one line: white space has no meaning there (clause 1.1)."""
    line = " ".join(content.split())
    return f"`{line}`" if len(line) <= QUOTED_AT_MOST else f"`{line[: QUOTED_AT_MOST - 1]}{CUT}`"


# For programs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def as_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as plain records; lines and columns count characters from 1, an end lies just behind."""
    return [_record(diagnostic) for diagnostic in diagnostics]


def _record(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "file": diagnostic.source.name,
        **_range(diagnostic.source, diagnostic.span),
        "message": diagnostic.message,
        "why": diagnostic.why,
        "fixes": [_fix_record(fix, diagnostic.source) for fix in diagnostic.fixes],
    }


def _fix_record(fix: Fix, source: Source) -> dict[str, Any]:
    return {"text": fix.text, **_range(source, fix.span), "certain": fix.certain}


def _range(source: Source, span: Span) -> dict[str, int]:
    start, end = source.position(span.start), source.position(span.end)
    return {"line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column}


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return diagnostics as GitHub workflow commands, which show them beside the changed lines."""
    return "".join(f"{_command(diagnostic)}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    where = _range(diagnostic.source, diagnostic.span)
    properties = {
        "file": diagnostic.source.name,
        "line": where["line"],
        "col": where["column"],
        "endLine": where["end_line"],
        "endColumn": where["end_column"],
        "title": diagnostic.code,
    }
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{diagnostic.severity.value} {listed}::{_message_data(diagnostic)}"


def _message_data(diagnostic: Diagnostic) -> str:
    helps = (f"help: {advice}" for advice in _advices(diagnostic))
    return _data("\n".join(filter(None, (diagnostic.message, diagnostic.why, *helps))))


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


# SARIF, https://docs.oasis-open.org/sarif/sarif/v2.1.0/ ───────────────────────────────────────────────────────────────

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(diagnostics: Sequence[Diagnostic], *, version: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return diagnostics as a SARIF 2.1.0 log of one run; `titles` describes each code in a line."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    rules = [{"id": code, "shortDescription": {"text": titles.get(code, code)}} for code in codes]
    run = {
        "tool": {"driver": {"name": "rulelang", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in diagnostics],
    }
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(diagnostic: Diagnostic, rule_index: int) -> dict[str, Any]:
    location = {"artifactLocation": _artifact(diagnostic.source), "region": _region(diagnostic.source, diagnostic.span)}
    result = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": diagnostic.severity.value,
        "message": {"text": "\n".join(filter(None, (diagnostic.message, diagnostic.why)))},
        "locations": [{"physicalLocation": location}],
    }
    return result | {"fixes": [_sarif_fix(fix, diagnostic) for fix in diagnostic.fixes]} if diagnostic.fixes else result


def _sarif_fix(fix: Fix, diagnostic: Diagnostic) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(diagnostic.source, fix.span), "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": _artifact(diagnostic.source), "replacements": [replacement]}
    return {"description": {"text": _advice(fix, diagnostic)}, "artifactChanges": [change]}


def _artifact(source: Source) -> dict[str, str]:
    return {"uri": quote(source.name, errors="replace")}


def _region(source: Source, span: Span) -> dict[str, int]:
    where = _range(source, span)
    return {
        "startLine": where["line"],
        "startColumn": where["column"],
        "endLine": where["end_line"],
        "endColumn": where["end_column"],
    }
