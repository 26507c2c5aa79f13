"""Every real file in the formats of others is known or refused, as the notes that came with it say."""

import json
from pathlib import Path

import polars
import pytest

from rulelang.data import DataError
from rulelang.data.checkup import checked
from rulelang.data.foreign import Asked, canonical, opened
from tests.data.making import column, request, run
from tests.shared import shared

KNOWN = {
    "raw/binance-site-export/Funding Rate History_BTCUSDT Perpetual.csv": ("binance-funding-export", 5267),
    "raw/cryptodatadownload/BTCUSD_PERP_Binance_futures_CM_hour.csv": ("cryptodatadownload-coinm", 2181),
    "raw/cryptodatadownload/Binance_BTCUSDT_d.csv": ("cryptodatadownload", 2461),
    "raw/cryptodatadownload/Binance_ETHUSDT_d.csv": ("cryptodatadownload", 2461),
    "raw/cryptodatadownload/Binance_SOLUSDT_d.csv": ("cryptodatadownload", 1371),
    "raw/dated-futures/BTCUSDT_240628-1h.csv": ("table", 4439),
    "raw/freqtrade/futures/SOL_USDT_USDT-15m-futures.feather": ("freqtrade-bars", 3093),
    "raw/freqtrade/futures/SOL_USDT_USDT-1h-futures.feather": ("freqtrade-bars", 719),
    "raw/freqtrade/futures/SOL_USDT_USDT-1m-futures.feather": ("freqtrade-bars", 43_200),
    "raw/freqtrade/futures/SOL_USDT_USDT-8h-funding_rate.feather": ("freqtrade-funding", 266),
    "raw/freqtrade/futures/SOL_USDT_USDT-8h-mark.feather": ("freqtrade-mark", 266),
    "raw/funding-fetcher/BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv": ("funding-fetcher", 4383),
    "raw/funding-fetcher/ETH-USDT_binance_2020-01-01_2024-01-01_funding_history.csv": ("funding-fetcher", 4383),
    "exchange-fixtures/binance/http_futures_market_funding_rate.json": ("binance-funding-answer", 2),
    "exchange-fixtures/binance/http_futures_market_klines.json": ("binance-klines", 1),
    "exchange-fixtures/binance/http_futures_market_mark_price_klines.json": ("binance-mark-klines", 1),
    "exchange-fixtures/binance/http_futures_market_open_interest_historical.json": ("binance-open-interest", 2),
    "exchange-fixtures/binance/http_spot_market_klines.json": ("binance-klines", 10),
    "exchange-fixtures/bitmex/ws_funding_rate.json": ("bitmex-funding", 1),
    "exchange-fixtures/bybit/http_get_funding_history.json": ("bybit-funding", 2),
    "exchange-fixtures/bybit/http_get_klines_linear.json": ("bybit-klines", 1),
    "exchange-fixtures/deribit/http_get_tradingview_chart_data.json": ("deribit-chart", 5),
    "exchange-fixtures/dydx/http_get_candles.json": ("dydx-candles", 3),
    "exchange-fixtures/dydx/http_get_historical_funding.json": ("dydx-funding", 3),
    "exchange-fixtures/hyperliquid/http_funding_history.json": ("hyperliquid-funding", 3),
    "exchange-fixtures/kraken/http_futures_candles_mark.json": ("kraken-futures-mark", 3),
    "exchange-fixtures/kraken/http_futures_candles_trade.json": ("kraken-futures-candles", 3),
    "exchange-fixtures/okx/http_get_candlesticks_full.json": ("okx-swap-candles", 2),
    "exchange-fixtures/okx/http_get_funding_rate_history.json": ("okx-funding", 2),
}
"""Files that are known: their format and rows. All others are refused."""
REFUSED = {
    "raw/cryptodatadownload/Binance_ETHUSDT_1h.mangled.csv": "`1.60151E+12` has lost its last digits",
    "raw/dated-futures/contract-specs.csv": "no column is the time",
    "exchange-fixtures/okx/http_get_candlesticks.json": "could be okx-spot-candles or okx-swap-candles",
}
"""Files that are refused for a reason of their own; the rest hold no series."""


def real(name: str) -> str:
    return str(shared() / "data" / name)


def test_a_chart_that_deribit_answered_holds_a_bar_that_was_not_over(tmp_path: Path) -> None:
    """Asked at 11:13 it had a bar of 11:00: its times are those at which bars open."""
    told = json.loads(Path(real("exchange-fixtures/deribit/ccxt-fetchOHLCV-fetchTicker.json")).read_text("utf-8"))
    path = tmp_path / "chart.json"
    path.write_text(json.dumps(told["methods"]["fetchOHLCV"][0]["httpResponse"]))
    with pytest.raises(DataError, match="holds no bar that was over when the answer was given"):
        opened(str(path), Asked(every=3600))
    assert opened(str(path), Asked(every=60)).frame.row(0)[2:] == (73427.75, 73448.39, 73427.75, 73448.39, 0.008)


def test_a_settlement_that_bitmex_told_has_the_form_of_its_history(tmp_path: Path) -> None:
    alone = real("exchange-fixtures/bitmex/ws_funding_rate.json")
    path = tmp_path / "funding.json"
    path.write_text(f"[{Path(alone).read_text('utf-8')}]")
    for name in (alone, str(path)):
        found = opened(name, Asked())
        assert (found.format.name, found.frame["interval_hours"].to_list()) == ("bitmex-funding", [8])


def test_every_file_is_known_or_refused() -> None:
    root = shared() / "data"
    names = [
        str(path.relative_to(root))
        for folder in ("raw", "exchange-fixtures")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    ]
    assert set(KNOWN) | set(REFUSED) <= set(names)
    for name in names:
        if name in KNOWN:
            one = opened(str(root / name), Asked(lenient=True))
            assert (one.format.name, one.frame.height) == KNOWN[name], name
            continue
        with pytest.raises(DataError) as caught:
            opened(str(root / name), Asked(lenient=True))
        assert REFUSED.get(name, "is in no format that is known") in str(caught.value), name


CLEAN = {
    "raw/cryptodatadownload/Binance_BTCUSDT_d.csv": "ohlcv/binance-spot-BTCUSDT-1d.parquet",
    "raw/cryptodatadownload/Binance_ETHUSDT_d.csv": "ohlcv/binance-spot-ETHUSDT-1d.parquet",
    "raw/cryptodatadownload/Binance_SOLUSDT_d.csv": "ohlcv/binance-spot-SOLUSDT-1d.parquet",
    "raw/cryptodatadownload/BTCUSD_PERP_Binance_futures_CM_hour.csv": "ohlcv/binance-cm-BTCUSD_PERP-1h.parquet",
    "raw/freqtrade/futures/SOL_USDT_USDT-1m-futures.feather": "ohlcv-1m/binance-um-SOLUSDT-1m-2025.parquet",
}


@pytest.mark.parametrize("name", CLEAN)
def test_bars_are_those_of_the_clean_file_a_bar_later(name: str) -> None:
    one = opened(real(name), Asked())
    ours = canonical(one).sort("close_time")
    clean = polars.read_parquet(real(CLEAN[name])).with_columns(
        polars.col("time").dt.cast_time_unit("us") + polars.duration(seconds=one.length, time_unit="us")
    )
    assert ours.height > 700
    both = ours.join(clean, left_on="close_time", right_on="time", how="inner")
    assert both.height == ours.height
    for name in ("open", "high", "low", "close", "volume"):
        assert both[name].equals(both[f"{name}_right"].cast(polars.Float64).alias(name)), name


RATES = {
    "raw/funding-fetcher/BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv": ("+03:00", "BTCUSDT-funding-8h"),
    "raw/funding-fetcher/ETH-USDT_binance_2020-01-01_2024-01-01_funding_history.csv": (
        "Asia/Qatar",
        "ETHUSDT-funding-8h",
    ),
    "raw/freqtrade/futures/SOL_USDT_USDT-8h-funding_rate.feather": (None, "SOLUSDT-funding-2025"),
}


@pytest.mark.parametrize("name", RATES)
def test_settlements_are_those_of_the_clean_file(name: str) -> None:
    zone, clean_name = RATES[name]
    ours = canonical(opened(real(name), Asked(zone=zone))).with_columns(polars.col("time").dt.truncate("1m"))
    clean = polars.read_parquet(real(f"funding/binance-um-{clean_name}.parquet"))
    both = ours.join(clean.with_columns(polars.col("time").dt.cast_time_unit("us")), on="time")
    assert both.height == ours.height
    assert both["funding_rate"].equals(both["funding_rate_right"].alias("funding_rate"))
    assert both["interval_hours"].to_list() == both["interval_hours_right"].to_list()


def test_the_site_s_export_is_in_london_and_rounded() -> None:
    path = real("raw/binance-site-export/Funding Rate History_BTCUSDT Perpetual.csv")
    ours = canonical(opened(path, Asked(zone="Europe/London"))).sort("time")
    clean = polars.read_parquet(real("funding/binance-um-BTCUSDT-funding-8h.parquet"))
    assert ours["time"].dt.epoch("ms").equals(clean["time"].dt.epoch("ms"))
    assert (ours["funding_rate"] - clean["funding_rate"]).abs().max() < 1.1e-8  # type: ignore[operator]
    for zone in ("UTC", "Europe/Paris", "+01:00"):
        with pytest.raises(DataError, match="don't fall on hours of UTC"):
            opened(path, Asked(zone=zone))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ohlcv/binance-spot-BTCUSDT-1h.parquet", "28 gaps (128 bars missing, the longest 33h)"),
        ("ohlcv/binance-cm-BTCUSD_PERP-1h.parquet", "31 gaps (284 bars missing, the longest 2d)"),
        ("raw/dated-futures/BTCUSDT_240628-1h.csv", "the longest, 71 bars from 2024-06-28T08:00Z, at `61440`"),
        ("raw/binance-site-export/Funding Rate History_BTCUSDT Perpetual.csv", "they fall 1 h (2,999 rows) and 0 h"),
        ("raw/funding-fetcher/ETH-USDT_binance_2020-01-01_2024-01-01_funding_history.csv", "3 h (4,383 rows)"),
        ("raw/cryptodatadownload/Binance_ETHUSDT_1h.mangled.csv", "has lost its last digits"),
        ("exchange-fixtures/binance/http_futures_market_funding_rate.json", "1 value beyond ±3% per 8h"),
    ],
)
def test_a_check_finds_the_traps(name: str, expected: str) -> None:
    (one,) = checked(real(name), Asked(lenient=True))
    assert any(found.problem and expected in found.text for found in one.findings)


def test_clean_files_have_nothing_but_gaps() -> None:
    from rulelang.data import Stamp

    for path in sorted((shared() / "data").glob("ohlcv*/*.parquet")):
        for one in checked(str(path), Asked(stamp=Stamp.OPEN)):
            assert {found.what for found in one.findings if found.problem} <= {"gaps"}, path


def test_a_file_of_coins_runs_as_it_is() -> None:
    path = real("raw/cryptodatadownload/BTCUSD_PERP_Binance_futures_CM_hour.csv")
    market = run([path + ":BTC"], request("close", "volume", assets=("BTC",)), stamp=None)
    clean = run(real("ohlcv/binance-cm-BTCUSD_PERP-1h.parquet") + ":BTC", request("close", "volume", assets=("BTC",)))
    volumes = column(clean, "volume", "BTC")
    assert all(volumes[time] == volume for time, volume in column(market, "volume", "BTC").items())
