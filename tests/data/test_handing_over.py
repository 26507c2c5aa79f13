"""Which step a published or held value is handed to: the first that may know it, in its period, while it is valid."""

from pathlib import Path

import pytest
from attrs import evolve

from rulelang.data import Market, Need, Request
from rulelang.fields import CATALOGUE, Field
from tests.data.making import DAY, HOUR, column, declared, need, parquet, run

FIRST = 1_704_067_200
FUNDING = CATALOGUE["funding_8h"]
VIEW = evolve(CATALOGUE["iv"], valid_for=2 * HOUR)


def market(folder: Path, field: Field, published: dict[int, float], closes: list[int]) -> Market:
    """Join values of one field (by the minute they were known) with bars that close at these hours."""
    bars = parquet(folder / "a.parquet", known_at=[f"{stamp(h * 60)}" for h in closes], close=[1.0] * len(closes))
    values = parquet(
        folder / "b.parquet", known_at=[stamp(m) for m in published], **{field.name: list(published.values())}
    )
    return run([bars, values], Request((*need("close"), Need(None, field)), (), HOUR), stamp=None)


def stamp(minute: int) -> str:
    return f"2024-01-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}Z"


def by_hour(joined: Market, field: Field) -> dict[float, object]:
    return {(time - FIRST) / HOUR: value for time, value in column(joined, field.name).items()}


def test_the_first_value_of_a_period_counts_where_two_meet_in_one_step(tmp_path: Path) -> None:
    joined = market(tmp_path, FUNDING, {480: 0.0001, 540: 0.0002}, [7, 10, 11])
    assert by_hour(joined, FUNDING) == {10: 0.0001}
    assert joined.report.files[1].superseded == {"funding_8h": 1}


def test_the_newest_value_counts_where_it_is_valid_for_a_while(tmp_path: Path) -> None:
    joined = market(tmp_path, VIEW, {370: 0.5, 400: 0.6}, [6, 7, 8])
    assert by_hour(joined, VIEW) == {7: 0.6}
    assert joined.report.files[1].superseded == {"iv": 1}


@pytest.mark.parametrize(("minute", "handed"), [(360, {}), (361, {8: 0.5}), (480, {8: 0.5})])
def test_a_value_too_old_at_the_next_step_is_lost(minute: int, handed: dict[int, float], tmp_path: Path) -> None:
    joined = market(tmp_path, VIEW, {minute: 0.5}, [5, 8, 9])
    assert by_hour(joined, VIEW) == handed
    assert joined.report.files[1].between == ({} if handed else {"iv": 1})


def test_a_value_of_the_period_before_is_never_handed_over(tmp_path: Path) -> None:
    joined = market(tmp_path, FUNDING, {0: 0.0001, 480: 0.0002}, [9, 10])
    assert by_hour(joined, FUNDING) == {9: 0.0002}
    assert joined.report.files[1].outside == {"funding_8h": 1}


def test_the_same_settlements_in_two_files_count_once(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"time": [FIRST, FIRST + 8 * HOUR], "funding_8h": [0.0001, 0.0002]}
    paths = [parquet(tmp_path / name, **columns) for name in ("a.parquet", "b.parquet")]
    joined = run(paths, declared(FUNDING), stamp=None)
    assert by_hour(joined, FUNDING) == {0: 0.0001, 8: 0.0002}
    assert [file.superseded for file in joined.report.files] == [{}, {}]


def test_days_stamped_at_their_open_are_known_when_they_are_over(tmp_path: Path) -> None:
    daily = evolve(CATALOGUE["iv"], every=DAY)
    values = parquet(tmp_path / "b.parquet", open_time=[stamp(0), stamp(1440)], iv=[0.5, 0.6])
    bars = parquet(tmp_path / "a.parquet", known_at=[stamp(60 * h) for h in range(60)], close=[1.0] * 60)
    joined = run([bars, values], Request((*need("close"), Need(None, daily)), (), HOUR), stamp=None)
    assert by_hour(joined, daily) == {24: 0.5, 48: 0.6}


def test_bars_that_nobody_reads_ask_nothing_and_add_no_step_where_others_are(tmp_path: Path) -> None:
    other = parquet(tmp_path / "b.parquet", time=[FIRST + 5 * HOUR, FIRST + 6 * HOUR], close=[1.0, 2.0])
    marks = parquet(tmp_path / "a.parquet", known_at=[stamp(60), stamp(120)], mark=[1.0, 2.0])
    joined = run([marks, other], Request(need("mark"), (), HOUR), stamp=None)
    assert [time for time, _ in joined.steps] == [FIRST + HOUR, FIRST + 2 * HOUR]


def test_rates_in_a_file_of_bars_count_as_known_when_the_bar_closes(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", open_time=[stamp(0), stamp(60)], close=[1.0, 2.0], funding_8h=[0.0001, None])
    joined = run(path, Request(need("close", "funding_8h"), (), HOUR), stamp=None)
    assert by_hour(joined, FUNDING) == {1: 0.0001}
    assert joined.report.files[0].notes == (
        "`funding_8h` stands in a file of bars: it counts as known when its bar closes",
    )


def test_a_market_can_be_gone_through_again(tmp_path: Path) -> None:
    joined = market(tmp_path, FUNDING, {480: 0.0001}, [7, 8, 9])
    assert list(joined.steps) == list(joined.steps)
