"""`rulelang test`: find the tests of rule files, run them, print what differs and what they cover."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from rulelang.check import Checking, Outside, check
from rulelang.cli import terminal
from rulelang.cli.loading import rule_files, rule_source, shown
from rulelang.explain.why import why, why_not
from rulelang.testing import Coverage, Failure, Result, run_test
from rulelang.text import Severity, Source, render
from rulelang.text.layout import columns, paragraph
from rulelang.text.outline import Told, as_json, outlined

_PAUSE = 0.3
"""So many seconds lie between two looks at the files that are watched."""

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
    """What came of one file: its check, and where it has no errors the results of its tests and their coverage."""

    name: str
    checking: Checking
    results: tuple[Result, ...]
    coverage: Coverage | None

    @property
    def failed(self) -> list[Result]:
        """The tests that failed."""
        return [result for result in self.results if not result.passed]


def run_tests(order: Order) -> int:
    """Run the tests of every file and print what came of them; return the exit code."""
    files = list(rule_files(order.paths))
    found = [_tested(name, order.selected) for name in files]
    click.echo(_shown(order, found), nl=False)
    return 0 if _good(order, found) else 1


def watch(order: Order) -> int:
    """Run the tests again each time that a rule file is saved, until Ctrl-C."""
    if "-" in order.paths:
        raise click.UsageError("--watch looks at files, and standard input (-) is none")
    before: dict[Path, float] = {}
    while True:
        now = _saved(order.paths)
        if now != before:
            before = now
            if sys.stdout.isatty():
                click.clear()
            run_tests(order)
            click.echo("\nwaiting for a change; Ctrl-C ends")
        time.sleep(_PAUSE)


def _saved(paths: Sequence[str]) -> dict[Path, float]:
    """Return when each rule file in the folders of what is tested was saved."""
    folders = {Path(name) if Path(name).is_dir() else Path(name).parent for name in paths}
    files = {file for folder in folders for file in folder.rglob("*.rules")} | {Path(name) for name in paths}
    return {file: file.stat().st_mtime_ns for file in files if file.is_file()}


def _tested(name: str, selected: Sequence[str]) -> FileResult:
    source, reader = rule_source(name)
    checking = check(source, reader=reader, outside=Outside())
    rules = checking.rules
    if rules is None:
        return FileResult(shown(name), checking, (), None)
    coverage = Coverage(rules)
    tests = [test for test in rules.tests if _selected(f"{name}::{test.name}", selected)]
    return FileResult(shown(name), checking, tuple(run_test(rules, test, coverage) for test in tests), coverage)


def _selected(name: str, words: Sequence[str]) -> bool:
    return not words or any(word in name for word in words)


# --- what is good


def _good(order: Order, found: Sequence[FileResult]) -> bool:
    ran = sum(len(file.results) for file in found)
    broken = any(file.coverage is None or file.failed for file in found)
    return ran > 0 and not broken and not _below(order, found)


def _below(order: Order, found: Sequence[FileResult]) -> list[FileResult]:
    """Return the files that are covered less than is asked for."""
    if order.least is None:
        return []
    return [file for file in found if file.coverage is not None and 100 * file.coverage.share < order.least - 1e-9]


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
            for failure in result.failures:
                yield from _failure_lines(file, result, failure, width, colour)
                yield ""
    for file in found:
        if file.coverage is not None:
            yield from _file_lines(file, width, bool(order.selected))
    yield from _closing(order, found)


def _failure_lines(file: FileResult, result: Result, failure: Failure, width: int, colour: bool) -> Iterator[str]:
    yield f"{_styled('FAILED', '1;31', colour)} {_place(result.test.source, failure)}: {result.test.name}"
    yield from paragraph(f"  {failure.message}", width, "  ")
    if failure.rows:
        yield ""
        yield from (f"  {line}".rstrip() for line in columns(_rows(failure), width - 2, ("bar", "expected", "found")))
    if failure.record is not None:
        yield ""
        yield from (f"  {line}" for line in outlined(_explained(failure), width - 2, colour))


def _place(source: Source, failure: Failure) -> str:
    return f"{source.name}:{source.position(failure.span.start).line}"


def _rows(failure: Failure) -> list[list[str]]:
    given = list(failure.rows[0].given)
    rows = [["bar", "closes", *given, "expected", "found", ""]]
    for row in failure.rows:
        values = [row.given[name] for name in given]
        rows.append([str(row.bar), row.time, *values, row.expected, row.found, "<- differs" if row.differs else ""])
    return rows


def _explained(failure: Failure) -> Told:
    assert failure.record is not None
    return why(failure.record) if failure.rule is None else why_not(failure.record, failure.rule)


def _file_lines(file: FileResult, width: int, selected: bool) -> Iterator[str]:
    assert file.coverage is not None
    coverage, passed = file.coverage, len(file.results) - len(file.failed)
    if not file.results:
        yield f"{file.name}: {'no test of it is selected' if selected else 'no tests'}"
        return
    failed = f", {len(file.failed)} failed" if file.failed else ""
    covered = f"coverage {_percent(coverage)} ({coverage.covered} of {_total(coverage)})"
    yield f"{file.name}: {passed} passed{failed} · {covered}"
    for point in coverage.missing[:_LISTED]:
        place = "" if point.file == file.name else f"{point.file} "
        yield from paragraph(f"  {place}line {point.line}: {point.text} is {point.what}", width, "    ")
    if len(coverage.missing) > _LISTED:
        yield f"  and {len(coverage.missing) - _LISTED} more; --format json lists all"


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


def _styled(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


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
    rows = [
        {"bar": row.bar, "closes": row.time, "given": row.given, "expected": row.expected, "found": row.found}
        for row in failure.rows
    ]
    return {
        "message": failure.message,
        "line": result.test.source.position(failure.span.start).line,
        "bar": failure.bar,
        "asset": failure.asset,
        "rows": rows,
        "why": None if failure.record is None else as_json(_explained(failure)),
        "record": failure.record,
    }


def _junit(order: Order, found: Sequence[FileResult]) -> str:
    from xml.etree import ElementTree as Xml

    root = Xml.Element("testsuites", name="rulelang")
    for file in found:
        cases = len(file.results) + (file.coverage is None)
        suite = Xml.SubElement(root, "testsuite", name=file.name, tests=str(cases))
        suite.set("failures", str(len(file.failed)))
        suite.set("errors", str(int(file.coverage is None)))
        if file.coverage is None:
            case = Xml.SubElement(suite, "testcase", name="check", classname=file.name)
            error = Xml.SubElement(case, "error", message="the rule file has errors")
            error.text = _clean("\n".join(map(str, file.checking.diagnostics)))
        for result in file.results:
            case = Xml.SubElement(suite, "testcase", name=result.test.name, classname=file.name)
            for failure in result.failures:
                element = Xml.SubElement(case, "failure", message=_clean(failure.message))
                element.text = _clean("\n".join(_failure_lines(file, result, failure, 100, False)))
        _coverage_case(order, file, suite, Xml.SubElement)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _coverage_case(order: Order, file: FileResult, suite: Any, element: Callable[..., Any]) -> None:
    """Add a test case for the coverage where one is asked for."""
    if order.least is None or file.coverage is None:
        return
    case = element(suite, "testcase", name=f"coverage of at least {order.least:g}%", classname=file.name)
    suite.set("tests", str(int(suite.get("tests")) + 1))
    if _below(order, [file]):
        suite.set("failures", str(int(suite.get("failures")) + 1))
        failure = element(case, "failure", message=f"coverage is {_percent(file.coverage)}")
        failure.text = _clean("\n".join(f"line {p.line}: {p.text} is {p.what}" for p in file.coverage.missing))


def _clean(text: str) -> str:
    """Return a text without the characters that XML can't hold."""
    return "".join(c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff")
