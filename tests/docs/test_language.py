"""Every block in docs/ is executed: rules are checked, tables are run step by step, Python runs.

A block of `rules` has no diagnostics, unless a block of `text` follows at once: then it has exactly those. A block of
`decides` runs the rules above it: a line a bar, what is given left of `|`, what is decided right of it. `-` is
missing, or nobody. Right of `|` there may be targets, `active` (rule names), `held` (the brake) and, last, `alert`.
A block of `pycon` answers as shown.
"""

import doctest
import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import rulelang
from rulelang.check import Outside, check
from rulelang.testing import Coverage, run_test
from rulelang.text import Source
from rulelang.text.pages import FILES, NOW
from rulelang.text.render import text as rendered

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SAVED = re.compile(r"\bas `([\w-]+\.(?:rules|toml|py))`[^`]*\Z")
"""How a block is introduced that lies in a file of that name, for the blocks of Python below it."""
OURS = {"rules", "text", "decides", "python", "pycon", "console", "diff", ""}
THEIRS = {"sh", "toml", "yaml", "json", "lua", "elisp"}
MONDAY = 4 * 86_400


@frozen
class Block:
    """A fenced block: its language, its text, its line, whether it follows the one before at once, its file's name."""

    language: str
    content: str
    line: int
    at_once: bool
    saved: str | None


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    end = 0
    for match in BLOCK.finditer(text):
        before = text[end : match.start()]
        saved = SAVED.search(before)
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match[1], match[2], line, not before.strip(), saved[1] if saved else None)
        end = match.end()


def examples() -> Iterator[Any]:
    """Yield each block that is executed, with the block before or the rules above it, as a case."""
    for page in PAGES:
        rules = before = None
        for block in blocks(page):
            if block.language in ("rules", "decides"):
                yield pytest.param(block, rules, id=f"{page.stem}-{block.line}")
            elif block.language == "text" and block.at_once and before is not None and before.language == "rules":
                yield pytest.param(block, before, id=f"{page.stem}-{block.line}")
            rules = block if block.language == "rules" else rules
            before = block


def announced() -> set[tuple[str, int]]:
    """Return page and line of the blocks of rules whose diagnostics are shown."""
    found = set()
    for page in PAGES:
        before = None
        for block in blocks(page):
            if block.language == "text" and block.at_once and before is not None and before.language == "rules":
                found.add((before.content, before.line))
            before = block
    return found


ANNOUNCED = announced()


@pytest.mark.parametrize(("block", "rules"), list(examples()))
def test_example(block: Block, rules: Block | None) -> None:
    if block.language == "decides":
        assert rules is not None
        decides(rules.content, block.content)
    elif block.language == "text":
        assert rules is not None
        assert shown(rules.content) == block.content
    elif (block.content, block.line) not in ANNOUNCED:
        assert shown(block.content) == ""


def test_the_tests_in_the_page_of_the_language_pass() -> None:
    files = [block.content for block in blocks(DOCS / "language.md") if block.language == "rules"]
    results = [
        run_test(rules, test, Coverage(rules))
        for rules in (rulelang.loads(text, reader=FILES.get).checked for text in files if "\ntest " in text)
        for test in rules.tests
    ]
    assert len(results) >= 5
    assert [f"{one.test.name}: {failure.message}" for one in results for failure in one.failures] == []


def shown(rules: str) -> str:
    checking = check(Source("example.rules", rules), reader=FILES.get, outside=Outside(now=NOW))
    return rendered(checking.diagnostics, colour=False, width=100)


# Tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def decides(text: str, table: str) -> None:
    rules = rulelang.loads(text, reader=FILES.get)
    run = rules.start()
    header, *lines = table.splitlines()
    given, wanted = (part.split() for part in header.split("|"))
    for at, line in enumerate(lines):
        left, right = line.split("|")
        values = dict(zip(given, map(value, left.split()), strict=True))
        time = values.pop("time", None) or MONDAY + (rules.bars or 3600) * (at + 1)
        decision = run.step(time, values if len(rules.assets) < 2 else by_asset(values))
        expected = right.split(maxsplit=len(wanted) - 1)
        found = [decided(decision, name) for name in wanted]
        assert found == [pytest.approx(e, abs=1e-9) if isinstance(e, float) else e for e in map(value, expected)], line


def by_asset(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return values named as in `ETH.close` by asset."""
    found: dict[str, dict[str, Any]] = {}
    for name, one in values.items():
        asset, _, field = name.partition(".")
        found.setdefault(asset, {})[field] = one
    return found


def value(written: str) -> Any:
    written = written.strip()
    if written == "-":
        return None
    if written.endswith("%"):
        return float(written[:-1]) / 100
    try:
        return float(written)
    except ValueError:
        return written


def decided(decision: rulelang.Decision, name: str) -> Any:
    asset, _, name = name.rpartition(".")
    one = decision[asset] if asset else next(iter(decision.values()))
    if name == "active":
        return ",".join(rule for rule, active in one.active.items() if active) or None
    if name == "alert":
        return "; ".join(alert.text for alert in one.alerts) or None
    return one.targets["hedge"].held if name == "held" else one.targets[name].after


# Python ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", StringIO())  # programs that answer lines are given none
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block.saved is not None:
            Path(block.saved).write_text(block.content, "utf-8")
        if block.language == "python":
            exec(compile("\n" * block.line + block.content, str(page), "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_answers_as_shown(page: Path) -> None:
    """Blocks of `pycon` are doctests; names of one block are known to the next."""
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block.language == "pycon":
            test = doctest.DocTestParser().get_doctest(block.content, names, page.stem, str(page), block.line)
            told: list[str] = []
            doctest.DocTestRunner(verbose=False).run(test, out=told.append, clear_globs=False)
            assert test.examples and not told, "".join(told)
            names = test.globs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_is_of_a_language_that_is_known(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= OURS | THEIRS
    assert page.read_text("utf-8").count("\n```") == 2 * len(list(blocks(page)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_goes_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for path, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
        target = page.parent / path if path else page
        assert target.exists(), path
        if anchor and target.suffix == ".md":
            titles = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}, anchor
