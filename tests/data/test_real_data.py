"""Real history joins as the contract says: closes after their open, settlements at their instant, nothing early."""

from calendar import timegm
from pathlib import Path

import pytest
from attrs import evolve

from rulelang.data import DataError, Need, Request, Stamp, parse_spec, read
from rulelang.fields import CATALOGUE
from tests.data.making import DAY, HOUR, column, declared, need, request, run
from tests.shared import shared

DATA = "data"


def at(*moment: int) -> int:
    return timegm((*moment, 0, 0, 0)[:6])


def real(name: str) -> str:
    return str(shared() / DATA / name)


def test_bitcoin_by_the_hour_with_funding_and_calendar() -> None:
    asked = Request(
        need("open", "high", "low", "close", "volume", "funding_8h"), ("BTC",), HOUR, ("cpi", "fomc", "halving")
    )
    market = run(
        [
            real("ohlcv/binance-spot-BTCUSDT-1h.parquet"),
            real("funding/binance-um-BTCUSDT-funding-8h.parquet") + ":BTC",
            real("calendar/us-macro-events.parquet"),
        ],
        asked,
    )
    rows = dict(market.steps)
    assert len(rows) == 58_404
    assert rows[at(2017, 8, 17, 5)]["BTC"] == {
        "open": 4261.48, "high": 4313.62, "low": 4261.32, "close": 4308.83, "volume": 47.181009,
    }  # fmt: skip
    assert rows[at(2019, 9, 10, 8)]["BTC"]["funding_8h"] == 0.0001
    assert "funding_8h" not in rows[at(2019, 9, 10, 9)]["BTC"]
    prices, funding, events = market.report.files
    assert (prices.gaps.count, prices.gaps.missing, prices.gaps.longest) == (28, 128, 33)
    assert (funding.between, funding.outside) == ({}, {"funding_8h": 212})
    assert len(market.events["cpi"]) == 90
    assert len(market.events["fomc"]) == 63, "two decisions of March 2020 came unannounced"
    assert at(2020, 3, 15, 21) not in market.events["fomc"]
    assert market.report.undated == ("halving",)
    assert events.kind == "events"


def test_every_settlement_lands_at_its_own_step() -> None:
    market = run(
        [
            real("ohlcv/binance-um-BTCUSDT-1h-2023-2024.parquet"),
            real("funding/binance-um-BTCUSDT-funding-8h.parquet"),
        ],
        request("close", "funding_8h"),
    )
    funding = column(market, "funding_8h")
    first, *later = funding
    assert first == at(2023, 12, 1, 1), "the settlement of 00:00 still stands at the first close"
    assert all(time % (8 * HOUR) == 0 for time in later)
    assert len(funding) == 639


def test_funding_alone_makes_the_steps() -> None:
    market = run(real("funding/binance-um-BTCUSDT-funding-8h.parquet"), request("funding_8h", bars=None), stamp=None)
    assert market.bars == 8 * HOUR
    assert len(list(market.steps)) == 5267


def test_settlements_of_every_hour_are_normalised_to_eight() -> None:
    hourly = evolve(CATALOGUE["funding_8h"], every=HOUR)
    market = run(real("funding/dydx-BTCUSDT-funding-1h.parquet"), declared(hourly), stamp=None)
    values = column(market, "funding_8h")
    assert values[at(2022, 1, 1, 1)] == 4.01085e-05 * 8
    assert len(values) == 17_520
    assert market.report.files[0].columns[0].how == "a known name, × 8 / `interval_hours`"


def test_hourly_settlements_read_every_eight_hours_are_said_loudly() -> None:
    market = run(real("funding/dydx-BTCUSDT-funding-1h.parquet"), request("funding_8h"), stamp=None)
    assert market.report.files[0].notes == (
        "`funding_8h` comes every 1h, the rule file reads it every 8h: only the first value in each 8h counts; "
        "write `field funding_8h every 1h` to use all",
    )


def test_dvol_is_refused_as_percentage_points_then_taken_with_the_map_offered() -> None:
    path = real("iv/deribit-BTC-dvol-1d.parquet")
    daily = evolve(CATALOGUE["iv"], every=DAY)
    with pytest.raises(DataError) as caught:
        run(path, declared(daily, bars=DAY))
    assert str(caught.value) == (
        f"{path}: column `dvol`: as `iv` the median would be 5381%: these look like percentage points; "
        "if they are, --map iv=dvol*0.01"
    )
    market = run(path, declared(daily, bars=DAY), "iv=dvol*0.01")
    values = column(market, "iv")
    assert values[at(2022, 11, 7)] == 0.5676, "the value of 6 November is known when that day is over"
    assert values[at(2022, 11, 10)] == 1.1472


def test_a_day_of_implied_volatility_joins_hours_when_its_day_is_over() -> None:
    daily = evolve(CATALOGUE["iv"], every=DAY)
    asked = Request((*need("close"), Need(None, daily)), (), HOUR)
    paths = [real("ohlcv/binance-um-BTCUSDT-1h-2023-2024.parquet"), real("iv/deribit-BTC-dvol-1d.parquet")]
    values = column(run(paths, asked, "iv=dvol*0.01"), "iv")
    first, *later = values
    assert first == at(2023, 12, 1, 1), "that of November is known since midnight"
    assert all(time % DAY == 0 for time in later)
    assert len(values) == 214
    with pytest.raises(DataError) as caught:
        run(paths, request("close", "iv"), "iv=dvol*0.01")
    assert str(caught.value) == (
        f"{paths[1]}: column `dvol`: most rows are 1d apart, the bars are 1h; if a value stands for 1d, "
        "write `field iv every 1d` in the rule file"
    )


def test_open_interest_by_the_day_needs_to_say_when_it_was_known() -> None:
    held = evolve(CATALOGUE["open_interest"], valid_for=DAY)
    path = real("oi/all-exchanges-BTC-open-interest-1d.parquet")
    with pytest.raises(DataError) as caught:
        run(path, declared(held, bars=DAY), stamp=None)
    assert str(caught.value) == (
        f"{path}: column `time`: nothing says whether it is the open or the close of each bar, and an open taken for a "
        "close lets rules see the future; write --time open (as exchanges do) or --time close"
    )
    market = run(path, declared(held, bars=DAY))
    assert column(market, "open_interest")[at(2019, 3, 31)] == 605_258_083.0


def test_two_files_of_ether_follow_each_other() -> None:
    paths = [real(f"ohlcv/binance-spot-ETHUSDT-1h-{years}.parquet") for years in ("2019-2021", "2022-2024")]
    market = run([paths[1], paths[0]], request("close", bars=None))
    closes = column(market, "close")
    assert len(closes) == 21_036 + 21_887
    assert closes[at(2021, 5, 27)] == 2884.94
    assert [time for time, _ in market.steps] == sorted(closes)


def test_three_assets_by_the_hour() -> None:
    files = [f"{real(f'ohlcv/binance-um-{asset}USDT-1h-2023-2024.parquet')}:{asset}" for asset in ("BTC", "ETH", "SOL")]
    files += [f"{real(f'funding/binance-um-{asset}USDT-funding-8h.parquet')}:{asset}" for asset in ("BTC", "ETH")]
    files += [f"{real('funding/binance-um-SOLUSDT-funding-8h-2024.parquet')}:SOL"]
    market = run(files, request("close", "funding_8h", assets=("BTC", "ETH", "SOL")))
    rows = dict(market.steps)
    assert rows[at(2024, 7, 1)].keys() == {"BTC", "ETH", "SOL"}
    assert [rows[at(2024, 7, 1)][asset]["close"] for asset in ("BTC", "ETH", "SOL")] == [62_766.0, 3436.73, 146.582]
    assert rows[at(2024, 1, 6, 8)]["SOL"]["funding_8h"] == 0.0001


def test_several_assets_need_to_be_told_apart() -> None:
    path = real("ohlcv/binance-um-BTCUSDT-1h-2023-2024.parquet")
    with pytest.raises(DataError) as caught:
        run(path, request("close", assets=("BTC", "ETH")))
    assert str(caught.value) == (
        f"{path}: nothing says which asset this is; "
        f"write --data {path}:BTC (the rules are for BTC, ETH) or add a column `asset`"
    )


def test_another_asset_that_the_rules_only_read() -> None:
    files = [
        real("ohlcv/binance-um-ETHUSDT-1h-2023-2024.parquet"),
        real("ohlcv/binance-um-BTCUSDT-1h-2023-2024.parquet") + ":BTC",
    ]
    market = run(files, Request((*need("close"), *need("high", asset="BTC")), ("ETH",), HOUR))
    time, values = next(iter(market.steps))
    assert time == at(2023, 12, 1, 1)
    assert values == {"ETH": {"close": 2049.06}, "BTC": {"high": 37_734.6}}


def test_a_table_of_several_markets_names_the_column_to_choose_by() -> None:
    path = real("ohlcv/binance-BTC-ETH-spot-perp-8h.parquet")
    with pytest.raises(DataError) as caught:
        run(path, request("close", assets=("BTC", "ETH"), bars=8 * HOUR))
    assert str(caught.value).startswith(f"{path}: row ")
    assert "keep the rows of one `market`" in str(caught.value) or "sort the file" in str(caught.value)


def test_quarterlies_are_no_certain_asset() -> None:
    path = real("basis/binance-um-BTCUSDT-quarterlies-1h.parquet")
    with pytest.raises(DataError) as caught:
        run(path, request("close", assets=("BTC",)))
    assert str(caught.value) == (
        f"{path}: column `symbol`: `BTCUSDT_230929`, `BTCUSDT_231229`, `BTCUSDT_240329`, `BTCUSDT_240628`: "
        "none is certain "
        f"to be one of BTC; keep the rows of one and name it BTC"
    )


def test_a_premium_index_is_no_price() -> None:
    path = real("basis/binance-um-BTCUSDT-premium-index-1h.parquet")
    with pytest.raises(DataError) as caught:
        run(path, request("close"))
    assert "values can't be `close` (the first: `-0.00019461`, out of bounds: `close` is above 0)" in str(caught.value)


def test_closes_of_three_markets_are_mapped_by_hand() -> None:
    path = real("basis/binance-BTC-spot-perp-closes-1h.parquet")
    market = run(path, request("spot", "future", bars=None), "spot=spot_close", "future=perp_close")
    assert next(iter(market.steps)) == (at(2021, 7, 1, 2), {None: {"spot": 34_936.43, "future": 34_923.04}})
    with pytest.raises(DataError) as caught:
        run(path, request("spot", "mark", bars=None))
    assert str(caught.value) == (
        "no file supplies `spot`; the columns are `time`, `spot_close`, `perp_close`, `coinm_close`; "
        "add a file that has "
        "it, or say which column it is: --map spot=spot_close"
    )


def test_a_column_in_use_several_spacings_ask_for_bars() -> None:
    hourly, daily = real("ohlcv/binance-spot-BTCUSDT-1h.parquet"), real("ohlcv/binance-spot-BTCUSDT-1d.parquet")
    with pytest.raises(DataError) as caught:
        run([hourly, daily], request("close", bars=None))
    assert str(caught.value) == (
        f"the data has several spacings: 1h ({hourly}), 1d ({daily}); "
        "write the one to step by in the rule file, as in `bars 1h`"
    )


def test_bars_of_a_day_cannot_serve_hours_nor_hours_days() -> None:
    hourly, daily = real("ohlcv/binance-spot-BTCUSDT-1h.parquet"), real("ohlcv/binance-spot-BTCUSDT-1d.parquet")
    with pytest.raises(DataError) as caught:
        run(daily, request("close"))
    assert str(caught.value) == (
        f"{daily}: column `close`: most rows are 1d apart, the bars are 1h; "
        "write `bars 1d` in the rule file, or use a file of 1h bars"
    )
    with pytest.raises(DataError) as caught:
        run(hourly, request("close", bars=DAY))
    assert str(caught.value) == (
        f"{hourly}: column `close`: most rows are 1h apart, the bars are 1d; "
        "write `bars 1h` in the rule file and `close@1d` where 1d is meant"
    )


@pytest.mark.parametrize("name", ["BTC", "ETH", "SOL"])
def test_daily_exports_newest_first_are_read_as_they_are_and_by_a_map(name: str) -> None:
    path = real(f"raw/cryptodatadownload/Binance_{name}USDT_d.csv")
    clean = run(real(f"ohlcv/binance-spot-{name}USDT-1d.parquet"), request("close", "volume", bars=DAY))
    market = run(path, request("close", "volume", bars=DAY), stamp=None)
    assert list(market.steps) == list(clean.steps)
    assert market.report.files[0].newest_first
    assert market.report.files[0].notes == ("read as CryptoDataDownload bars (cryptodatadownload)",)
    mapped = run(path, request("close", bars=DAY), "time=Unix")
    assert [time for time, _ in mapped.steps] == [time for time, _ in clean.steps]


def test_times_without_a_zone_are_refused() -> None:
    path = real("raw/funding-fetcher/BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv")
    with pytest.raises(DataError) as caught:
        run(path, request("funding_8h"))
    assert str(caught.value) == (
        f"{path}: row 2, column `date`: `2020-01-01 03:00:00` has no time zone; say which, as in "
        "rulelang data import --zone UTC, or --zone Europe/London"
    )


def test_a_spreadsheet_has_cut_the_times() -> None:
    path = real("raw/cryptodatadownload/Binance_ETHUSDT_1h.mangled.csv")
    with pytest.raises(DataError) as caught:
        run(path, request("close"), "time=unix")
    assert str(caught.value) == (
        f"{path}: row 2, column `unix`: `1.60151E+12` has lost its last digits, as in a spreadsheet; "
        "export the file again"
    )


FOLDERS = ("ohlcv", "ohlcv-1m", "funding", "basis", "iv", "oi")


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_clean_file_reads_or_says_in_one_line_what_to_do(folder: str) -> None:
    paths = sorted((shared() / DATA / folder).glob("*.parquet"))
    assert paths
    for path in paths:
        found = outcome(path, "funding_8h" if folder == "funding" else "close")
        assert found == REFUSED.get(path.stem, ""), path.stem


REFUSED = {
    "binance-BTC-ETH-spot-perp-8h": "RL709",  # two assets, nameless rules
    "bybit-BTC-ETH-spot-perp-8h": "RL709",
    "binance-BTC-spot-perp-closes-1h": "RL706",  # no column is the close
    "binance-um-BTCUSDT-premium-index-1h": "RL707",  # no price
    "binance-um-BTCUSDT-quarterlies-1h": "RL709",
    "deribit-BTC-dvol-1d": "RL706",
    "all-exchanges-BTC-open-interest-1d": "RL706",
}


def outcome(path: Path, field: str) -> str:
    """Return the code of the refusal, or nothing for a file that reads."""
    try:
        market = read([parse_spec(str(path))], request(field, bars=None), (), Stamp.OPEN)
    except DataError as error:
        return error.code if "\n" not in str(error) else "more than one line"
    return "" if market.report.files[0].gaps.count <= 31 else "more gaps than documented"
