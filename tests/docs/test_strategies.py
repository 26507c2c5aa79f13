"""The pages of docs/strategies: one for each rule file, true to it, with the numbers that its commands print."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import polars
import pytest

from tests.shared import shared

DOCS = Path(__file__).parents[2] / "docs"
PAGES = DOCS / "strategies"
NAMES = sorted(path.stem for path in (DOCS.parent / "rules").glob("*.rules"))
PICTURE, ALL_OF_IT = 60_000, 3_000_000
"""Bytes that a picture, and the folder, may have."""


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return the modules of docs/library by their names."""
    monkeypatch.syspath_prepend(str(DOCS / "library"))
    names = ("histories", "runs", "tried", "figures", "picture", "pages", "index", "weights")
    return SimpleNamespace(**{name: __import__(name) for name in names})


# What needs the rule files only ───────────────────────────────────────────────────────────────────────────────────────


def test_every_strategy_has_a_page_and_a_row_and_no_page_is_without_a_strategy() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.md")) == sorted([*NAMES, "README"])
    linked = re.findall(r"^\| \[[^]]+\]\(([\w-]+)\.md\)", (PAGES / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(linked) == NAMES


def test_each_strategy_is_tried(library: SimpleNamespace) -> None:
    assert sorted(library.runs.TRIALS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_of_the_rule_file_as_it_is(name: str, library: SimpleNamespace) -> None:
    text = (PAGES / f"{name}.md").read_text("utf-8")
    one = library.pages.strategy(name)
    assert one.mark in text, "the rule file has changed since the page was made: run `make strategies`"
    assert text.startswith(library.pages.head(one)), "run `make strategies`"


def test_pictures_are_there_small_and_shown() -> None:
    shown = {found for page in PAGES.glob("*.md") for found in re.findall(r"\((\S+\.svg)\)", page.read_text("utf-8"))}
    assert shown == {path.name for path in PAGES.glob("*.svg")}
    assert [path.name for path in PAGES.glob("*.svg") if path.stat().st_size > PICTURE] == []
    assert sum(path.stat().st_size for path in PAGES.rglob("*") if path.is_file()) < ALL_OF_IT


# Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_liquidated_constant_hedge_is_said_to_have_been(library: SimpleNamespace) -> None:
    own, constant = numbers(0.1, -0.4) | {"nearest": 0.034}, numbers(0.1, -0.6) | {"nearest": 0.01, "liquidations": 2}
    sentences = told(library.figures, own, numbers(0.2, -0.7), constant)
    assert any("the average that they wanted, which was liquidated" in one for one in sentences)
    counts = "0 with the rules, 2 as a constant hedge"
    assert f"Liquidations: {counts}. With the rules the price came within 3.4% of one." in sentences


def test_words_and_calls_stand_in_for_what_nobody_publishes(
    library: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RULELANG_SHARED", str(shared()))
    views, calls = library.histories.views(), library.histories.calls()
    assert set(views["known_at"].dt.weekday()) == {1} and set(views["outlook"]) == {"bearish", "neutral", "bullish"}
    assert calls["book_delta"].is_between(0, 1).all() and calls["book_gamma"].is_between(0, 0.2).all()
    first = calls.row(0, named=True)
    assert first["book_delta"] == pytest.approx(0.46, abs=0.02)  # a call at the money has a delta a little above a half


def test_a_book_at_weights_earns_what_is_held_from_the_bar_after_the_decision(library: SimpleNamespace) -> None:
    times = [datetime(2024, 1, 1, hour, tzinfo=UTC) for hour in (0, 8, 16)]
    decided = polars.DataFrame(
        {
            "time": [f"{time:%Y-%m-%dT%H:%MZ}" for time in times],
            "spot_weight": [0.6, 0.6, 0.5], "futures_weight": [-0.2, -0.2, -0.5],
        }
    )  # fmt: skip
    prices = polars.DataFrame({"close_time": times, "close": [100.0, 110.0, 121.0]})
    settled = [time + timedelta(milliseconds=3) for time in times]
    rates = polars.DataFrame({"time": settled, "funding_rate": [0.5, 0.01, 0.02]})
    bars = library.weights._bars(decided, prices, rates)
    assert bars["paid"].to_list() == [0.5, 0.01, 0.02]
    found = library.weights.account("x", bars, bars["spot_weight"], bars["futures_weight"])
    first = 1 + 0.4 * 0.1 + 0.2 * 0.01
    second = 1 + 0.4 * 0.1 + 0.2 * 0.02 - 0.4 * library.weights.COST
    assert found.worth.to_list() == pytest.approx([1, first, first * second])
    assert (found.funding, found.changes) == (pytest.approx(0.2 * 0.03), 1)


@pytest.mark.slow
def test_the_commands_print_the_numbers_of_the_pages(library: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RULELANG_SHARED", str(shared()))
    library.histories.write()
    for name in ("carry", "funding-hot", "trend", "roll", "conviction", "margin", "options", "matrix"):
        text, pictures = library.pages.page(library.pages.strategy(name))
        assert text == (PAGES / f"{name}.md").read_text("utf-8"), "run `make strategies`"
        assert {f"{name}.svg"} <= set(pictures)


def test_eight_hours_are_made_of_whole_ones_only(library: SimpleNamespace) -> None:
    hours = [*range(1, 9), *range(9, 16), *range(17, 25)]
    closes = [f"2024-01-01T{hour:02}:00" if hour < 24 else "2024-01-02T00:00" for hour in hours]
    frame = polars.DataFrame(
        {
            "asset": "BTC", "close_time": closes, "open": [float(hour) for hour in hours],
            "high": [hour + 2.0 for hour in hours], "low": [hour - 2.0 for hour in hours],
            "close": [hour + 1.0 for hour in hours], "volume": 1.0,
        }
    ).with_columns(polars.col("close_time").str.to_datetime("%Y-%m-%dT%H:%M", time_zone="UTC"))  # fmt: skip
    made = library.histories.eight_hours(frame)
    assert [str(time)[:16] for time in made["close_time"]] == ["2024-01-01 08:00", "2024-01-02 00:00"]
    assert made.drop("asset", "close_time").rows() == [(1, 10, -1, 9, 8), (17, 26, 15, 25, 8)]


# Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def numbers(gained: float, worst: float, low: float = -0.1, high: float = 0.9) -> dict[str, Any]:
    intervals = {"annual_return": {"low": low, "high": high}}
    funding = {"funding_received": 0.0, "funding_paid": 0.0, "fees": 0.0, "slippage": 0.0}
    near = {"nearest": None, "liquidations": 0}
    own = {"annual_return": gained, "max_drawdown": worst, "mean_ratio": 0.5, "intervals": intervals}
    return {**own, **funding, **near}


def told(figures: ModuleType, own: dict[str, Any], bare: dict[str, Any], constant: dict[str, Any]) -> list[str]:
    named = {"strategy": own, "no hedge": bare, "constant hedge": constant}
    never = {"rule": "storm", "never_active": True}
    found = {"tracks": [{"name": name, **one} for name, one in named.items()], "activity": [never]}
    return list(figures.verdict(found))


@pytest.mark.parametrize(
    ("gained", "worst", "said"),
    [
        (0.40, -0.20, "They beat a constant hedge of their own average, 50%: 10.0 points a year more, and a worst"),
        (0.20, -0.40, "They did not beat a constant hedge of their own average, 50%: 10.0 points a year less, and"),
        (0.40, -0.40, "they made 10.0 points a year more, and fell by 10.0 points more at worst"),
        (0.20, -0.20, "they fell by 10.0 points less at worst, and made 10.0 points a year less"),
        (0.3001, -0.3001, "To a tenth of a point that is what a constant hedge of their own average, 50%, comes to."),
    ],
)
def test_a_verdict_says_what_the_numbers_say(gained: float, worst: float, said: str, library: SimpleNamespace) -> None:
    sentences = told(library.figures, numbers(gained, worst), numbers(0.5, -0.7), numbers(0.3, -0.3))
    assert said in sentences[1]
    assert "can't be told apart" in sentences[2]
    assert sentences[-1].startswith("Never active in all that time: `storm`.")


def test_returns_that_differ_by_more_than_chance_are_said_to(library: SimpleNamespace) -> None:
    apart = told(library.figures, numbers(0.5, -0.1, 0.4, 0.6), numbers(0.1, -0.7, 0.0, 0.2), numbers(0.3, -0.3))
    within = "40.0% to 60.0% a year with the rules, 0.0% to 20.0% without."
    assert apart[2] == f"The returns differ by more than chance would have them: {within}"


# Pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_picture_loses_no_spike_and_lifts_its_pen_where_nothing_is_known(library: SimpleNamespace) -> None:
    values: list[float | None] = [0.5] * 10_000
    values[5_000], values[7_000:8_000] = 1.0, [None] * 1_000
    picture = library.picture
    line = picture.Line("hedge", values, "a", stepped=True)
    times = [f"20{20 + hour // 2_000}-01-01T00:00Z" for hour in range(10_000)]
    drawn = picture.svg(times, [picture.Panel((line,), 70, ".0%")])
    way = re.findall(r'class="a" d="(M[^"]+)"', drawn)[-1]
    assert way.count("M") == 2
    assert "V20.0" in way  # the top of the panel, at a bar among thousands
    assert re.findall(r">(20\d\d)<", drawn) == ["2021", "2022", "2023", "2024"]
