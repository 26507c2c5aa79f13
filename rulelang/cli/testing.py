"""`rulelang test`: find the tests of rule files, run them, print what differs and what they cover."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from rulelang.check import Checking, Outside, check
from rulelang.cli import terminal
from rulelang.cli.loading import rule_files, rule_source, shown
from rulelang.explain.why import why, why_not
from rulelang.testing import Coverage, Failure, Result, Row, run_test
from rulelang.text import Severity, Source, render
from rulelang.text.layout import columns, painted, paragraph
from rulelang.text.outline import Told, as_json, outlined

_PAUSE = 0.3
"""So many seconds lie between two looks at the files that are watched."""

_RED = "1;31"
_DIFFERS = "<- differs"
_WHOLE = ("bar", "closes", "expected", "found", "")
"""The columns of a table that are never cut, by their headings."""

_LISTED = 12
"""So many points that nothing covers are listed of a file."""


@frozen
class Order:
    """What the command line asks for; `least`: the coverage in percent that every file has to reach."""

    paths: tuple[str, ...]
    form: str
    selected: tuple[str, ...]
    least: float | None


@frozen
class FileResult:
    """What came of one file: its check, where it has no errors the tests' results and their coverage, what it uses."""

    name: str
    checking: Checking
    results: tuple[Result, ...]
    coverage: Coverage | None
    used: set[Path]

    @property
    def failed(self) -> list[Result]:
        """The tests that failed."""
        return [result for result in self.results if not result.passed]


def run_tests(order: Order) -> int:
    """Run the tests of every file and print what came of them; return the exit code."""
    found = _found(order)
    click.echo(_shown(order, found), nl=False)
    return 0 if _good(order, found) else 1


def watch(order: Order) -> int:
    """Run the tests again each time that a rule file is saved, until Ctrl-C."""
    if "-" in order.paths:
        raise click.UsageError("--watch looks at files, and standard input (-) is none")
    used: set[Path] = {Path(name) for name in rule_files(order.paths)}
    before: dict[Path, tuple[int, int]] | None = None
    while True:
        now = _saved(order.paths, used)
        if now != before:
            if sys.stdout.isatty():
                click.clear()
            used |= _again(order)
            before = {**_saved((), used), **now}
            click.echo("\nwaiting for a change; Ctrl-C ends", err=True)
        time.sleep(_PAUSE)


def _again(order: Order) -> set[Path]:
    """Run the tests and return the files that they used; a file that is gone is told, and may come back."""
    try:
        found = _found(order)
    except click.ClickException as error:
        error.show()
        return set()
    click.echo(_shown(order, found), nl=False)
    return {path for file in found for path in file.used}


def _saved(paths: Sequence[str], used: set[Path]) -> dict[Path, tuple[int, int]]:
    """Return of each file that is watched, and of the rule files in each folder, when it was saved and its size."""
    files = used | {file for name in paths if Path(name).is_dir() for file in Path(name).rglob("*.rules")}
    found = {}
    for file in files:
        with suppress(OSError):  # gone, or just being replaced
            state = file.stat()
            found[file] = (state.st_mtime_ns, state.st_size)
    return found


def _found(order: Order) -> list[FileResult]:
    return [_tested(name, order.selected) for name in list(rule_files(order.paths))]


def _tested(name: str, selected: Sequence[str]) -> FileResult:
    source, read = rule_source(name)
    used: set[Path] = set()

    def reader(path: str) -> str | None:
        used.add(Path(name).parent / path)
        return read(path)

    checking = check(source, reader=reader, outside=Outside())
    rules = checking.rules
    if rules is None:
        return FileResult(shown(name), checking, (), None, used)
    coverage = Coverage(rules)
    tests = [test for test in rules.tests if _selected(f"{name}::{test.name}", selected)]
    return FileResult(shown(name), checking, tuple(run_test(rules, test, coverage) for test in tests), coverage, used)


def _selected(name: str, words: Sequence[str]) -> bool:
    return not words or any(word in name for word in words)


# --- what is good


def _good(order: Order, found: Sequence[FileResult]) -> bool:
    ran = sum(len(file.results) for file in found)
    broken = any(file.coverage is None or file.failed for file in found)
    return ran > 0 and not broken and not _below(order, found)


def _below(order: Order, found: Sequence[FileResult]) -> list[FileResult]:
    """Return the files that are covered less than is asked for; with -k, of those with a selected test."""
    if order.least is None:
        return []
    asked = [file for file in found if file.results or not order.selected]
    return [file for file in asked if file.coverage is not None and 100 * file.coverage.share < order.least - 1e-9]


# --- how it is shown


def _shown(order: Order, found: Sequence[FileResult]) -> str:
    match order.form:
        case "json":
            return json.dumps(_as_json(order, found), indent=2) + "\n"
        case "junit":
            return _junit(order, found)
        case _:
            return "\n".join(_text(order, found)) + "\n"


def _text(order: Order, found: Sequence[FileResult]) -> Iterator[str]:
    width, colour = terminal.width(), terminal.colour()
    for file in found:
        if file.coverage is None:
            errors = [d for d in file.checking.diagnostics if d.severity is Severity.ERROR]
            yield render.text(errors, colour=colour, width=width)
            yield f"{file.name} has errors, so its tests can't run"
        for result in file.failed:
            yield from _result_lines(result, width, colour)
    for file in found:
        if file.coverage is not None:
            yield from _file_lines(file, width, colour, bool(order.selected))
    yield from _closing(order, found)


def _result_lines(result: Result, width: int, colour: bool) -> Iterator[str]:
    """Yield all failures of a test; a bar that several of them are about is explained once."""
    explained: set[tuple[int | None, str | None]] = set()
    for failure in result.failures:
        yield f"{_red('FAILED', colour)} {_place(result.test.source, failure)}: {result.test.name}"
        yield from paragraph(f"  {failure.message}", width, "  ")
        yield from _table(failure, width - 2, colour)
        if failure.record is not None:
            known = (failure.bar, failure.asset) in explained
            told = [f"why: see above, bar {failure.bar}"] if known else outlined(_explained(failure), width - 2, colour)
            yield from ("", *(f"  {line}" for line in told))
        if failure.rule is None:
            explained.add((failure.bar, failure.asset))
        yield ""


def _place(source: Source, failure: Failure) -> str:
    return f"{source.name}:{source.position(failure.span.start).line}"


def _table(failure: Failure, width: int, colour: bool) -> list[str]:
    """Return the bars around a difference; fields for which a line has no room are named below."""
    if not failure.rows:
        return []
    fields = list(failure.rows[0].given)
    for room in range(len(fields), -1, -1):
        lines = columns(_rows(failure, fields[:room]), width, _WHOLE)
        if max(map(len, lines)) <= width:
            break
    marked = [line.replace(_DIFFERS, _red(_DIFFERS, colour)) for line in lines]
    left_out = [f"(no room for {', '.join(fields[room:])})"] if room < len(fields) else []
    return ["", *(f"  {line}".rstrip() for line in (*marked, *left_out))]


def _rows(failure: Failure, fields: Sequence[str]) -> list[list[str]]:
    rows = [["bar", "closes", *fields, "expected", "found", ""]]
    for row in failure.rows:
        values = [row.given[name] for name in fields]
        rows.append([str(row.bar), row.time, *values, row.expected, row.found, _DIFFERS if row.differs else ""])
    return rows


def _explained(failure: Failure) -> Told:
    assert failure.record is not None
    return why(failure.record) if failure.rule is None else why_not(failure.record, failure.rule)


def _file_lines(file: FileResult, width: int, colour: bool, selected: bool) -> Iterator[str]:
    assert file.coverage is not None
    coverage, passed = file.coverage, len(file.results) - len(file.failed)
    if not file.results:
        yield from [] if selected else [f"{file.name}: no tests"]
        return
    failed = f", {_red(f'{len(file.failed)} failed', colour)}" if file.failed else ""
    covered = f"coverage {_percent(coverage)} ({coverage.covered} of {_total(coverage)})"
    yield f"{file.name}: {passed} passed{failed} · {covered}{' by the selected tests' if selected else ''}"
    missing = [] if selected else coverage.missing
    for point in missing[:_LISTED]:
        place = "" if point.file == file.name else f"{point.file} "
        yield from paragraph(f"  {place}line {point.line}: {point.text} is {point.what}", width, "    ")
    if len(missing) > _LISTED:
        yield f"  and {len(missing) - _LISTED} more; --format json lists all"


def _percent(coverage: Coverage) -> str:
    """Return the coverage, rounded down so that 100% says that nothing is missing."""
    return f"{int(100 * coverage.share)}%"


def _total(coverage: Coverage) -> int:
    return len(coverage.points)


def _closing(order: Order, found: Sequence[FileResult]) -> Iterator[str]:
    ran = sum(len(file.results) for file in found)
    failed = sum(len(file.failed) for file in found)
    if not ran and all(file.coverage is not None for file in found):
        what = f"no test is selected by -k {' -k '.join(order.selected)}" if order.selected else "there are no tests"
        yield f"{what}: nothing has run, which counts as a failure"
        return
    for file in _below(order, found):
        assert file.coverage is not None
        yield f"{file.name}: coverage {_percent(file.coverage)} is less than the {order.least:g}% asked for"
    if len(found) > 1 or failed:
        yield f"{ran - failed} passed, {failed} failed in {len(found)} file{'s' if len(found) != 1 else ''}"


def _red(text: str, colour: bool) -> str:
    return painted(text, _RED if colour else "")


# --- for machines


def _as_json(order: Order, found: Sequence[FileResult]) -> dict[str, Any]:
    return {"passed": _good(order, found), "files": [_file_json(file) for file in found]}


def _file_json(file: FileResult) -> dict[str, Any]:
    coverage = file.coverage
    return {
        "file": file.name,
        "diagnostics": render.as_json(file.checking.diagnostics),
        "tests": [_result_json(result) for result in file.results],
        "coverage": None
        if coverage is None
        else {
            "share": coverage.share,
            "covered": coverage.covered,
            "points": _total(coverage),
            "missing": [{"file": p.file, "line": p.line, "text": f"{p.text} is {p.what}"} for p in coverage.missing],
        },
    }


def _result_json(result: Result) -> dict[str, Any]:
    return {
        "name": result.test.name,
        "line": result.test.source.position(result.test.written.span.start).line,
        "passed": result.passed,
        "bars": result.bars,
        "failures": [_failure_json(result, failure) for failure in result.failures],
    }


def _failure_json(result: Result, failure: Failure) -> dict[str, Any]:
    return {
        "message": failure.message,
        "line": result.test.source.position(failure.span.start).line,
        "bar": failure.bar,
        "asset": failure.asset,
        "rows": [_row_json(row) for row in failure.rows],
        "why": None if failure.record is None else as_json(_explained(failure)),
        "record": failure.record,
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "bar": row.bar,
        "closes": row.time,
        "given": row.given,
        "expected": row.expected or None,
        "found": row.found,
        "differs": row.differs,
    }


def _junit(order: Order, found: Sequence[FileResult]) -> str:
    from xml.etree import ElementTree as Xml

    root = Xml.Element("testsuites", name="rulelang")
    for file in found:
        suite = Xml.SubElement(root, "testsuite", name=_clean(file.name))
        cases = list(_cases(order, file))
        suite.set("tests", str(len(cases)))
        for what in ("failure", "error"):
            suite.set(f"{what}s", str(sum(case.what == what for case in cases)))
        for case in cases:
            element = Xml.SubElement(suite, "testcase", name=case.name, classname=_clean(file.name))
            if case.what:
                Xml.SubElement(element, case.what, message=_clean(case.message)).text = _clean(case.text)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


@frozen
class _Case:
    """A test case of a JUnit report; `what`: `failure`, `error`, or empty where it passed."""

    name: str
    what: str = ""
    message: str = ""
    text: str = ""


def _cases(order: Order, file: FileResult) -> Iterator[_Case]:
    """Yield the cases of a file: each test, its check where that failed, its coverage where so much is asked for."""
    if file.coverage is None:
        yield _Case("check", "error", "the rule file has errors", "\n".join(map(str, file.checking.diagnostics)))
        return
    for result in file.results:
        if result.passed:
            yield _Case(result.test.name)
            continue
        messages = "; ".join(failure.message for failure in result.failures)
        yield _Case(result.test.name, "failure", messages, "\n".join(_result_lines(result, 100, False)))
    if order.least is not None:
        name, missing = f"coverage of at least {order.least:g}%", file.coverage.missing
        below = "\n".join(f"{p.file}:{p.line}: {p.text} is {p.what}" for p in missing)
        short = bool(_below(order, [file]))
        yield _Case(name, "failure", f"coverage is {_percent(file.coverage)}", below) if short else _Case(name)


def _clean(text: str) -> str:
    """Return a text without the characters that XML can't hold."""
    return "".join(c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")
