"""What docs/comparison.md and docs/testing.md point at is there: tests by path, commands by name."""

import re
from pathlib import Path

import pytest

from rulelang.cli.commands import commands

ROOT = Path(__file__).parents[2]
PAGES = ("comparison.md", "testing.md")
TEXTS = {name: (ROOT / "docs" / name).read_text("utf-8") for name in PAGES}
EVIDENCE = re.compile(r"^\| (?!rulelang \||---)(?P<claim>[^|]+) \| (?P<shown>[^|]+) \|$", re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_tests_and_programs_that_are_named_are_there(name: str) -> None:
    paths = re.findall(r"`((?:tests|bench)/[\w./]+)`", TEXTS[name])
    assert len(paths) > 9
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_commands_that_are_named_are_there(name: str) -> None:
    named = set(re.findall(r"`rulelang (\w+)", TEXTS[name]))
    assert named <= set(commands.commands)
    made = set(re.findall(r"`make (\w+)`", TEXTS[name]))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert made <= targets


def test_properties_that_are_named_are_there() -> None:
    named = re.findall(r"`(tests/[\w./]+)`, `(\w+)`", TEXTS["comparison.md"])
    assert len(named) == 3
    for path, name in named:
        assert f"\ndef {name}(" in (ROOT / path).read_text("utf-8")


def test_every_claim_has_something_behind_it() -> None:
    rows = list(EVIDENCE.finditer(TEXTS["comparison.md"]))
    assert len(rows) == 19
    assert [row["claim"] for row in rows if "`" not in row["shown"] and "](" not in row["shown"]] == []
