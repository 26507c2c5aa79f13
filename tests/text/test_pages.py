"""Pages: every code has one, and its example shows the mistake and the repair."""

import re
from pathlib import Path

import pytest

from rulelang.check import Outside, check
from rulelang.text import Diagnostic, Severity, Source
from rulelang.text.pages import FILES, NOW, PAGES, Page, page

PACKAGE = Path(__file__).parents[2] / "rulelang"
CODE = re.compile(r"\bRL\d{3}\b")
SHOWN = [one for one in PAGES if one.mistake]
CANNOT_BE_SHOWN = {"RL110", "RL114"}
"""They take a file of a million characters, or of ten thousand rules."""


def sources() -> set[str]:
    """Return every code that the code of the library names, pages left out."""
    files = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] != "text"]
    return {code for path in files for code in CODE.findall(path.read_text("utf-8"))}


def checked(text: str) -> tuple[Diagnostic, ...]:
    return check(Source("example.rules", text), reader=FILES.get, outside=Outside(now=NOW)).diagnostics


def named(one: Page) -> str:
    return one.code


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {one.code for one in PAGES} == sources()


def test_pages_are_in_order_and_each_is_found_by_its_code() -> None:
    codes = [one.code for one in PAGES]
    assert codes == sorted(set(codes))
    assert all(page(one.code) is one for one in PAGES)
    assert page("RL999") is None


@pytest.mark.parametrize("one", PAGES, ids=named)
def test_a_page_says_something(one: Page) -> None:
    assert 2 <= len(re.findall(r"[.)](?:\s|$)", one.page)) <= 8
    assert one.title[0].islower() or one.title[0] in "`@"
    assert not one.title.endswith(".")


def test_only_these_pages_lack_an_example() -> None:
    assert {one.code for one in PAGES if not one.mistake} == CANNOT_BE_SHOWN | {c for c in sources() if c[2] == "7"}


@pytest.mark.parametrize("one", SHOWN, ids=named)
def test_the_mistake_gets_its_diagnostic_and_no_other(one: Page) -> None:
    assert [(found.code, found.severity) for found in checked(one.mistake)] == [(one.code, one.severity)]


@pytest.mark.parametrize("one", SHOWN, ids=named)
def test_the_repair_gets_none(one: Page) -> None:
    assert one.repair != one.mistake
    assert [str(found) for found in checked(one.repair)] == []


def test_what_cannot_be_shown_on_a_page_is_reported_all_the_same() -> None:
    too_long, too_many = "# " + "x" * (1 << 20), "when close > 1 then hedge 1%\n" * 10_001
    found = [[(one.code, one.severity) for one in checked(text)] for text in (too_long, too_many)]
    assert found == [[("RL110", Severity.ERROR)], [("RL114", Severity.ERROR)]]
