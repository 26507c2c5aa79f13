"""The tables of idioms in docs/from-pine.md: what stands in the column `rulelang` can be pasted."""

import re
from pathlib import Path
from typing import Any

import pytest

import rulelang
from rulelang.check import check
from rulelang.check.repairs import repaired
from rulelang.text import Severity, Source

PAGE = Path(__file__).parents[2] / "docs" / "from-pine.md"
ROW = re.compile(r"^\| (?!rulelang|---)(?P<theirs>.+?) \| `(?P<ours>[^`]+)` \|", re.MULTILINE)
START = "assets BTC, ETH\nbars 1h\n"
NAMES = ("let", "param")
STATEMENTS = ("when", "#")
ALSO_RIGHT = {"close > open and close[1] > open[1]": "close > open and previous(close, 1) > previous(open, 1)"}
"""What says the same as the page, word by word."""
PARTS = {"until": "when close > open then hedge 50% {}", "because": "when close > open then hedge 50% {}"}


def idioms() -> list[Any]:
    """Return every row of the tables: theirs as the name, ours."""
    rows = ROW.finditer(PAGE.read_text("utf-8"))
    return [pytest.param(row["ours"], id=row["theirs"].replace("`", "")) for row in rows]


def both() -> list[Any]:
    """Return what stands on the left of every row, and what on its right."""
    rows = ROW.finditer(PAGE.read_text("utf-8"))
    return [pytest.param(one, row["ours"], id=one) for row in rows for one in re.findall(r"`([^`]+)`", row["theirs"])]


def files(ours: str) -> list[str]:
    """Return the files in which an idiom may be meant: names, statements, a part of a rule, a condition, a value."""
    word = ours.partition(" ")[0]
    if word in NAMES:
        name = re.findall(r"(\w+) = ", ours)[-1]
        return [f"{START}{ours} when {name} is known then hedge 50%"]
    if word in STATEMENTS:
        return [START + ours]
    if word in PARTS:
        return [START + PARTS[word].format(ours)]
    tried = (f"when {ours} then hedge 50% for 2h", f"when {ours} is known then hedge 50%", f"otherwise hedge {ours}")
    return [START + one for one in tried]


def test_there_are_tables_of_both() -> None:
    assert len(idioms()) > 60


@pytest.mark.parametrize("ours", idioms())
def test_an_idiom_can_be_pasted(ours: str) -> None:
    told = [[one.message for one in rulelang.check(text)] for text in files(ours)]
    assert [] in told, told


@pytest.mark.parametrize("theirs", ["ta.rsi(close, 14)", "close[1]", "close == open", "nz(iv)"])
def test_what_is_theirs_can_not(theirs: str) -> None:
    assert all(rulelang.check(text) for text in files(theirs))


@pytest.mark.parametrize(("theirs", "ours"), both())
def test_what_is_mended_without_asking_is_what_the_page_says(theirs: str, ours: str) -> None:
    for text, meant in zip(files(theirs), files(ours), strict=False):
        made = repaired(Source("my.rules", text), check)
        clean = all(one.severity is not Severity.ERROR for one in made.checking.diagnostics)
        right = (meant, meant.replace(ours, ALSO_RIGHT.get(theirs, ours)))
        assert not (made.repairs and clean) or made.source.text in right
