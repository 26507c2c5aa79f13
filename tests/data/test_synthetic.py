"""The synthetic sample market: what is shipped is what its generator makes, and it has the features it promises."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from rulelang.data import synthetic

SAMPLE = Path(str(files("rulelang.data"))) / "sample"
COINS = ["BTC", "ETH", "SOL"]
BULL = datetime(2023, 10, 15, tzinfo=UTC), datetime(2024, 3, 10, tzinfo=UTC)
CRASH = datetime(2024, 5, 24, tzinfo=UTC), datetime(2024, 6, 4, tzinfo=UTC)


def shipped(name: str) -> pl.DataFrame:
    return pl.read_parquet(SAMPLE / f"synthetic-{name}.parquet")


def of(table: pl.DataFrame, coin: str) -> pl.DataFrame:
    return table.filter(pl.col("asset") == coin)


def within(table: pl.DataFrame, span: tuple[datetime, datetime]) -> pl.DataFrame:
    return table.filter(pl.col(table.columns[0]).is_between(*span))


@pytest.fixture(scope="module")
def bars() -> pl.DataFrame:
    return shipped("bars-1h")


@pytest.fixture(scope="module")
def funding() -> pl.DataFrame:
    return shipped("funding-8h")


def test_the_shipped_files_are_what_the_generator_makes() -> None:
    made = synthetic.tables()
    assert {path.name for path in SAMPLE.iterdir()} == {*made, "README.txt"}
    for name, table in made.items():
        assert_frame_equal(pl.read_parquet(SAMPLE / name), table, check_exact=True)
    assert (SAMPLE / "README.txt").read_text("utf-8") == synthetic.README


def test_every_file_says_that_it_is_synthetic() -> None:
    for path in SAMPLE.glob("*.parquet"):
        assert path.name.startswith("synthetic-")
        assert pl.read_parquet_metadata(path)["synthetic"].startswith("SYNTHETIC")
    assert (SAMPLE / "README.txt").read_text("utf-8").startswith("SYNTHETIC")
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 3_000_000


def test_writing_makes_the_same_files(tmp_path: Path) -> None:
    synthetic.write(tmp_path / "market")
    for path in (tmp_path / "market").glob("*.parquet"):
        assert_frame_equal(pl.read_parquet(path), pl.read_parquet(SAMPLE / path.name), check_exact=True)


def test_bars_are_possible(bars: pl.DataFrame) -> None:
    assert bars.null_count().sum_horizontal().item() == 0
    assert bars.select(
        pl.all_horizontal(
            pl.col("low") > 0,
            pl.col("high") >= pl.max_horizontal("open", "close"),
            pl.col("low") <= pl.min_horizontal("open", "close"),
            pl.col("volume") > 0,
        ).all()
    ).item()
    for coin in COINS:
        assert (of(bars, coin)["open_time"].diff().drop_nulls() > timedelta(0)).all()


def test_bars_have_gaps_and_an_outage_of_nine_hours(bars: pl.DataFrame) -> None:
    for coin in COINS:
        gaps = of(bars, coin)["open_time"].diff().drop_nulls()
        assert gaps.max() == timedelta(hours=10)
        assert (gaps > timedelta(hours=1)).sum() >= 4
        assert of(bars, coin).height == synthetic.HOURS - 16


def test_the_bull_runs_and_the_crash_crashes(bars: pl.DataFrame) -> None:
    for coin in COINS:
        bull, crash = within(of(bars, coin), BULL)["close"], within(of(bars, coin), CRASH)["close"]
        assert bull[-1] > 1.9 * bull[0]
        assert 0.4 < 1 - crash[-1] / crash[0] < 0.8


def test_longs_crowd_in_the_bull_run_and_flee_in_the_crash(funding: pl.DataFrame) -> None:
    for coin in COINS:
        bull = within(of(funding, coin), BULL)["funding_rate"]
        assert longest_run(bull > 0.0005) >= 3
        assert longest_run(within(of(funding, coin), CRASH)["funding_rate"] < 0) >= 3
        assert 0.5 < (of(funding, coin)["funding_rate"] == 0.0001).mean() < 0.9
    assert funding["funding_rate"].abs().max() <= 0.003


def longest_run(flags: pl.Series) -> int:
    runs = flags.rle().struct.unnest().filter(pl.col("value"))
    return int(runs["len"].max() or 0)


def test_one_settlement_is_missing(funding: pl.DataFrame) -> None:
    missing = {coin: (of(funding, coin)["time"].diff().drop_nulls() > timedelta(hours=8)).sum() for coin in COINS}
    assert missing == {"BTC": 1, "ETH": 0, "SOL": 0}
    assert (funding["interval_hours"] == 8).all()


def test_assets_move_together(bars: pl.DataFrame) -> None:
    changes = bars.pivot(on="asset", index="open_time", values="close").select(pl.col(COINS).pct_change()).drop_nulls()
    assert changes.select(pl.corr("BTC", "ETH")).item() > 0.7
    assert changes.select(pl.corr("BTC", "SOL")).item() > 0.7


def test_implied_volatility_is_a_plain_ratio_of_every_day() -> None:
    iv = shipped("iv-1d")
    assert 0.1 < iv["iv"].min() < iv["iv"].max() < 3
    assert iv.height == 3 * 731


def test_the_calendar_goes_on_after_the_bars(bars: pl.DataFrame) -> None:
    events = shipped("events")
    assert set(events["event"]) == {"cpi", "fomc"}
    assert events["time"].is_sorted()
    assert {moment.strftime("%H:%M") for moment in events["time"]} == {"12:30", "13:30", "18:00", "19:00"}
    assert events["time"].max() > bars["open_time"].max()
