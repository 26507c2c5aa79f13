"""`Rules.over`: the same decisions as step by step, for every kind of frame."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy
import pandas  # type: ignore[import-untyped]
import polars
import pyarrow
import pytest

import rulelang
from rulelang import StepRefused

HOUR = 3600
FIRST = datetime(2026, 1, 5, 1, tzinfo=UTC)
RULES = rulelang.loads(
    """
    bars 1h
    target hedge between 0% and 120% change at least 10% cooldown 2h
    rule up when close > sma(close, 3) then hedge 80%
    rule hot when funding_8h > 0.05% then hedge at least 60% until funding_8h < 0.01%
    rule calm when outlook is bullish then reduce hedge by 25% of level
    otherwise hedge 40%
    """.replace("bars 1h", "bars 1h field outlook : bullish | bearish")
)
COLUMNS: dict[str, list[Any]] = {
    "close_time": [FIRST + timedelta(hours=at) for at in range(12)],
    "close": [10.0, 11.0, 12.0, 11.0, None, 9.0, 8.0, 9.5, 12.0, 13.0, 12.5, 7.0],
    "funding_8h": [None] * 7 + [0.0006, None, None, None, None],
    "outlook": [None, "bullish", "bearish", None, *["bullish", "bearish"] * 4],
}


def stepwise() -> list[float | None]:
    run = RULES.start()
    rows = zip(*COLUMNS.values(), strict=True)
    return [run.step(row[0], dict(zip(COLUMNS, row, strict=True))).hedge for row in rows]


KINDS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], dict[str, list[Any]]], type]] = {
    "dict": (dict, dict, dict),
    "polars": (polars.DataFrame, lambda frame: frame.to_dict(as_series=False), polars.DataFrame),
    "pandas": (pandas.DataFrame, lambda frame: frame.to_dict(orient="list"), pandas.DataFrame),
    "arrow": (pyarrow.table, lambda frame: frame.to_pydict(), pyarrow.Table),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_as_step_by_step(kind: str) -> None:
    make, opened, native = KINDS[kind]
    result = RULES.over(make(COLUMNS))
    assert isinstance(result, native)
    columns = opened(result)
    assert columns["hedge"] == stepwise()
    assert len(set(stepwise())) > 2
    assert [time.timestamp() for time in columns["close_time"]] == [time.timestamp() for time in COLUMNS["close_time"]]
    assert set(columns) == {"close_time", "hedge", "hedge_desired", "hedge_held", "hedge_rule", "active"}


def test_arrays_of_numbers() -> None:
    columns = {"time": numpy.arange(1, 4) * HOUR, "close": numpy.array([1.0, numpy.nan, 3.0])}
    rules = rulelang.loads("bars 1h when close is missing then hedge 50%")
    assert rules.over(columns)["hedge"].tolist() == [0, 0.5, 0]


def test_integer_and_narrow_columns() -> None:
    frame = polars.DataFrame(
        {"time": [HOUR, 2 * HOUR], "close": polars.Series([5, 1], dtype=polars.Int32)},
    )
    assert rulelang.loads("bars 1h when close > 3 then hedge 50%").over(frame)["hedge"].to_list() == [0.5, 0]


def test_open_times_are_moved_to_the_close() -> None:
    opened = {"open_time" if name == "close_time" else name: column for name, column in COLUMNS.items()}
    opened["open_time"] = [time - timedelta(hours=1) for time in COLUMNS["close_time"]]
    assert RULES.over(opened)["hedge"] == stepwise()


def test_open_times_need_the_length_of_a_bar() -> None:
    with pytest.raises(StepRefused, match="bars"):
        rulelang.loads("when close > 1 then hedge 1%").over({"open_time": [0], "close": [1]})


def test_a_named_column_of_times() -> None:
    renamed = {"known" if name == "close_time" else name: column for name, column in COLUMNS.items()}
    assert RULES.over(renamed, time="known")["hedge"] == stepwise()
    with pytest.raises(StepRefused, match="no column `when`"):
        RULES.over(renamed, time="when")
    with pytest.raises(StepRefused, match="column of times"):
        RULES.over(renamed)


def test_texts_as_times() -> None:
    texts = {**COLUMNS, "close_time": [time.isoformat() for time in COLUMNS["close_time"]]}
    assert RULES.over(texts)["hedge"] == stepwise()


@pytest.mark.parametrize(
    "times", [[2 * HOUR, HOUR], [HOUR, HOUR], [HOUR, HOUR + 1], ["2026-01-01T00:00", "2026-01-02T00:00"]]
)
def test_times_that_are_refused_name_their_row(times: list[Any]) -> None:
    rules = rulelang.loads("bars 1h when close > 1 then hedge 1%")
    with pytest.raises(StepRefused, match=r"row \d"):
        rules.over({"time": times, "close": [1, 2]})


TWO = rulelang.loads("assets BTC, ETH bars 1h when close > BTC.close - 1 then hedge 50%")


def test_several_assets() -> None:
    frame = {"time": [HOUR, HOUR, 2 * HOUR, 2 * HOUR], "asset": ["BTC", "ETH", "ETH", "BTC"], "close": [10, 2, 30, 20]}
    assert TWO.over(frame)["hedge"] == [0.5, 0, 0.5, 0.5]


def test_several_assets_need_a_column() -> None:
    with pytest.raises(StepRefused, match="asset"):
        TWO.over({"time": [HOUR], "close": [1]})


def test_a_row_of_an_asset_that_the_rules_do_not_run_for() -> None:
    """Its fields can be read (`SOL.close`); it has nothing decided for it."""
    rules = rulelang.loads("assets BTC, ETH bars 1h when SOL.close > 5 then hedge 50%")
    frame = {"time": [HOUR] * 3, "asset": ["BTC", "ETH", "SOL"], "close": [2, 2, 9]}
    result = rules.over(frame)
    assert {name: len(column) for name, column in result.items()} == dict.fromkeys(result, len(result["time"]))
    assert dict(zip(result["asset"], result["hedge"], strict=True)) | {"SOL": None} == {
        "BTC": 0.5,
        "ETH": 0.5,
        "SOL": None,
    }


def test_a_row_of_another_asset_beside_a_single_one() -> None:
    rules = rulelang.loads("assets BTC bars 1h when close > 5 then hedge 50%")
    result = rules.over({"time": [HOUR] * 2, "asset": ["ETH", "BTC"], "close": [9, 2]})
    assert dict(zip(result["asset"], result["hedge"], strict=True)).get("ETH") is None
    assert dict(zip(result["asset"], result["hedge"], strict=True))["BTC"] == 0


def test_an_asset_column_where_the_rules_name_none() -> None:
    """One asset in the frame is the one; several are refused. Never: every value silently missing."""
    rules = rulelang.loads("bars 1h when close > 5 then hedge 50%")
    assert rules.over({"time": [HOUR], "asset": ["BTC"], "close": [9]})["hedge"] == [0.5]
    with pytest.raises(StepRefused, match="asset"):
        rules.over({"time": [HOUR] * 2, "asset": ["BTC", "ETH"], "close": [9, 2]})


def test_an_asset_that_comes_twice_at_a_time_is_refused() -> None:
    with pytest.raises(StepRefused, match="row 2"):
        TWO.over({"time": [HOUR] * 2, "asset": ["BTC", "BTC"], "close": [9, 2]})


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(StepRefused):
        rulelang.loads("when close > 1 then hedge 1%").over({"time": [HOUR, 2 * HOUR], "close": [1]})


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_frame(kind: str) -> None:
    make, opened, _ = KINDS[kind]
    result = opened(rulelang.loads("when close > 1 then hedge 1%").over(make({"time": [], "close": []})))
    assert result == {name: [] for name in ("time", "hedge", "hedge_desired", "hedge_held", "hedge_rule", "active")}


def test_params_events_and_bars() -> None:
    rules = rulelang.loads("event cpi param p = 5 when close > p and within 2h before cpi then hedge 50%")
    frame = {"time": ["2026-01-05T00:00Z", "2026-01-05T01:00Z"], "close": [4, 4]}
    result = rules.over(frame, params={"p": 3}, events={"cpi": ["2026-01-05T03:00Z"]}, bars="1h")
    assert result["hedge"] == [0, 0.5]


def test_missing_words_are_not_refused_values() -> None:
    """NaN is how pandas says missing, in a column of texts too."""
    frame = pandas.DataFrame({"time": [HOUR, 2 * HOUR], "mood": ["calm", None]})
    rules = rulelang.loads("bars 1h field mood : calm | wild when mood is missing then hedge 50%")
    assert rules.over(frame)["hedge"].to_list() == [0, 0.5]
    assert rules.start().step(HOUR, {"mood": float("nan")}).rejected == ()
    assert rules.start().step(HOUR, {"mood": pandas.NA}).rejected == ()


@pytest.mark.parametrize("time", [numpy.nan, numpy.inf, 1e30])
def test_an_array_with_what_is_no_time_is_refused(time: float) -> None:
    with pytest.raises(StepRefused, match=r"^row 2: .* is no time"):
        RULES.over({"time": numpy.array([HOUR, time]), "close": numpy.array([1.0, 2.0])})
