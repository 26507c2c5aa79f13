"""Running the tests of a text, and saying where they fail."""

from collections.abc import Sequence

from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.testing import Coverage, Failure, Result, run_test
from rulelang.text import Source, Span


@frozen
class Failed:
    """An expectation that isn't met: in which file, where, and what was found in its place."""

    test: str
    source: Source
    span: Span
    message: str


@frozen
class Ran:
    """What came of tests: the names of those that passed, and why others failed."""

    passed: tuple[str, ...]
    failed: tuple[Failed, ...]

    def __str__(self) -> str:
        names = list(dict.fromkeys(one.test for one in self.failed))
        count = len(self.passed) + len(names)
        if not count:
            return "there is no test to run"
        said = f"{count} test{'s' if count > 1 else ''}"
        if not names:
            return f"{said} passed"
        return f"{len(names)} of {said} failed: {', '.join(names)}"


def run(rules: CheckedRules, name: str | None) -> Ran:
    """Run all tests of a file, or the one of a name."""
    coverage = Coverage(rules)
    results = [run_test(rules, test, coverage) for test in rules.tests if name in (None, test.name)]
    passed = tuple(result.test.name for result in results if result.passed)
    return Ran(passed, tuple(_failed(results)))


def _failed(results: Sequence[Result]) -> list[Failed]:
    return [_told(result, failure) for result in results for failure in result.failures]


def _told(result: Result, failure: Failure) -> Failed:
    where = f" (bar {failure.bar})" if failure.bar is not None and f"bar {failure.bar}" not in failure.message else ""
    return Failed(result.test.name, result.test.source, failure.span, f"{failure.message}{where}")
