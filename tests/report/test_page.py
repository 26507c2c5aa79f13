"""The page as a text: packed columns, tables, the rule file, and that nothing in it breaks out of its place."""

import base64
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import rulelang
from rulelang.backtest.result import Activity, Change
from rulelang.evaluate import Run
from rulelang.report import figures, newest, picture, reasons
from rulelang.report.columns import BLOCK, MISSING, column, spans
from rulelang.report.reasons import pooled
from rulelang.report.source import blocks
from rulelang.text.outline import Told
from tests.report import making
from tests.share import share

COLUMNS = arrays.arrays(
    np.float64,
    st.integers(1, 3 * BLOCK),
    elements=st.floats(-1e12, 1e12) | st.sampled_from([np.nan, np.inf]),
    fill=st.floats(-100, 100),
)


def unpacked(packed: dict[str, Any], count: int) -> Any:
    """Return a packed column, as the page's script unpacks it."""
    read = {name: base64.b64decode(text) for name, text in packed.items()}
    if "at" in read:
        at, values = np.frombuffer(read["at"], "<u4"), np.frombuffer(read["value"], "<f8")
        return np.repeat(values, np.diff(np.append(at, count)))
    blocks = np.arange(count) // BLOCK
    codes = np.frombuffer(read["code"], "<u2")
    low, step = (np.frombuffer(read[name], "<f8")[blocks] for name in ("low", "step"))
    return np.where(codes == MISSING, np.nan, low + step * codes)


@share(40)
@given(COLUMNS)
def test_a_packed_column_loses_next_to_nothing(values: Any) -> None:
    back = unpacked(column(values), len(values))
    known = np.isfinite(values)
    assert (np.isnan(back) == ~known).all()
    for first in range(0, len(values), BLOCK):
        block, ours = values[first : first + BLOCK], back[first : first + BLOCK]
        some = np.isfinite(block)
        if some.any():
            moved = block[some].max() - block[some].min()
            assert np.abs(ours[some] - block[some]).max() <= moved / 130_000 + 1e-9 * np.abs(block[some]).max()


@share(40)
@given(arrays.arrays(np.bool_, st.integers(0, 50)))
def test_spans_are_where_a_column_is_true(truths: Any) -> None:
    edges = spans(truths)
    back = np.zeros(len(truths), bool)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        back[start:end] = True
    assert (back == truths).all()


class Reading(HTMLParser):
    """Reads a page: its tags, and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]


def test_a_page_needs_nothing_else_and_its_texts_stay_texts() -> None:
    page = picture(making.result()).html
    reading = Reading()
    reading.feed(page)
    assert {link for link in reading.links if not link.startswith(("#", "data:"))} == set()
    assert "{{" not in page.partition("<script")[0]
    assert reading.tags.count("b") == 0  # the rule file has `<b>` in a comment
    assert reading.tags.count("script") == 8  # and `</script>` in a condition


def test_the_licence_of_the_library_is_in_the_page() -> None:
    assert "Leon Sorokin" in picture(making.result(50)).html


def test_a_rule_stands_beside_its_figures() -> None:
    rules = "# why\nrule a\n  when close > 1\n  then hedge 1%\n\nrule b\n  when close > 2\n  then hedge 2%\n"
    source = f"bars 1h\n\n{rules}\notherwise hedge 3%\n"
    did = [Activity(name, None, line, 1, 2, 3, 4, {}, 5.0) for name, line in (("a", 4), ("b", 8), ("otherwise", None))]
    found = [(block.first, len(block.lines), [one.rule for one in block.did]) for block in blocks(source, did)]
    assert found == [(1, 2, []), (3, 5, ["a"]), (8, 4, ["b"]), (12, 1, ["otherwise"])]


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (figures.percent(-0.1234), "−12.3%"),
        (figures.percent(-0.0001), "0.0%"),
        (figures.gain(0.05), "+5.0%"),
        (figures.percent(None), "–"),
        (figures.money(-1234.5), "−1,234"),
        (figures.money(0.12345), "0.1235"),
        (figures.earned(12), "+12.00"),
        (figures.share(1, 100_000), "<0.1%"),
    ],
)
def test_figures(shown: str, text: str) -> None:
    assert shown == text


def test_reasons_are_those_of_the_decision_records() -> None:
    rules = rulelang.loads("bars 1h rule high when close > 10 then hedge 70% otherwise hedge 20%")
    closes = [9, 11, 12, 8]
    steps = [(3600 * (at + 1), {"close": close}) for at, close in enumerate(closes)]
    made = [(0, 0, 0.2, "otherwise"), (1, 0.2, 0.7, "high"), (3, 0.7, 0.2, "otherwise")]
    changes = [
        Change(number, row, 3600 * (row + 1), None, "hedge", before, after, rule, 0.0)
        for number, (row, before, after, rule) in enumerate(made, 1)
    ]
    found = reasons(Run(rules.checked, {}, records=False), iter(steps), changes, 2)
    assert sorted(found) == [2, 3]
    assert found[2].text == "1970-01-01T02:00Z: hedge 70%"
    level = Told("the level is 70%: high has the last word", (Told("high: hedge 70%, makes 70%"),))
    assert found[2].below[0] == Told("hedge rises from 20% to 70%", (level,))


def test_the_newest_changes_are_those_of_all_assets() -> None:
    """Changes are numbered asset by asset, not in the order of time."""
    times = {1: 10.0, 2: 50.0, 3: 90.0, 4: 20.0, 5: 60.0}
    changes = [Change(number, 0, time, None, "hedge", 0, 1, None, 0.0) for number, time in times.items()]
    assert [change.number for change in newest(changes, 2)] == [5, 3]
    assert len(newest(changes, 9)) == 5
    assert newest(changes, 0) == []


def test_equal_sentences_are_kept_once() -> None:
    told = Told("a", (Told("b", (), "yes"), Told("b", (), "unknown")))
    held = [0, "", [[1, "y"], [1, "u"]]]
    assert pooled({1: told, 7: told}) == {"texts": ["a", "b"], "told": {"1": held, "7": held}}
