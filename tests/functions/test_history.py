"""Functions over seven years of hourly bars, against TA-Lib and NumPy."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
import talib

from tests.functions.naive import Answer, Row, run, series, start
from tests.shared import shared

Column = npt.NDArray[np.float64]
PRECISION = 1e-9
LATELY = 6_000
"""Bars of the newest part, for what is recomputed from every window."""


@pytest.fixture(scope="module")
def bars() -> dict[str, Column]:
    frame = pl.read_parquet(shared() / "data" / "ohlcv" / "binance-spot-BTCUSDT-1h.parquet")
    return {name: frame[name].to_numpy() for name in ("high", "low", "close", "volume")}


def column(found: list[Answer]) -> Column:
    return np.array([math.nan if value is None else value for value in found])


def rows(*columns: Column) -> list[Row]:
    return list(zip(*(one.tolist() for one in columns), strict=True))


@pytest.mark.parametrize("n", [2, 14, 200])
@pytest.mark.parametrize(
    ("name", "reference"),
    [("sma", talib.SMA), ("ema", talib.EMA), ("wma", talib.WMA), ("rsi", talib.RSI), ("stdev", talib.STDDEV)],
)
def test_values_and_warm_up_are_ta_lib_s(
    name: str, reference: Callable[[Column, int], Column], n: int, bars: dict[str, Column]
) -> None:
    close = bars["close"]
    found, expected = column(run(start(name, n), rows(close))), reference(close, n)
    # between two nearly equal prices TA-Lib is off by up to 2.4e-9 USD; sixty digits agree with ours
    lost = 1e-8 if (name, n) == ("stdev", 2) else 0.0
    np.testing.assert_allclose(found, expected, rtol=PRECISION, atol=lost)


@pytest.mark.parametrize("n", [1, 14, 200])
def test_the_average_true_range_is_ta_lib_s(n: int, bars: dict[str, Column]) -> None:
    high, low, close = bars["high"], bars["low"], bars["close"]
    found = column(run(start("atr", n), rows(high, low, close)))
    np.testing.assert_allclose(found, talib.ATR(high, low, close, n), rtol=PRECISION)


def windows(values: Column, n: int) -> Column:
    return np.lib.stride_tricks.sliding_window_view(values, n)


NUMPY: dict[str, Callable[[Column], Column]] = {
    "sma": lambda w: w.mean(axis=1),
    "stdev": lambda w: w.std(axis=1),
    "zscore": lambda w: (w[:, -1] - w.mean(axis=1)) / w.std(axis=1),
    "highest": lambda w: w.max(axis=1),
    "lowest": lambda w: w.min(axis=1),
    "median": lambda w: np.median(w, axis=1),
    "percentile": lambda w: np.percentile(w, 30, axis=1),
    "rank": lambda w: ((w < w[:, -1:]).sum(axis=1) + ((w == w[:, -1:]).sum(axis=1) - 1) / 2) / (w.shape[1] - 1),
    "drawdown": lambda w: 1 - w[:, -1] / w.max(axis=1),
    "sum": lambda w: w.sum(axis=1),
}


@pytest.mark.parametrize("name", NUMPY)
@pytest.mark.parametrize("n", [24, 168])
def test_windows_are_numpy_s(name: str, n: int, bars: dict[str, Column]) -> None:
    close = bars["close"][-LATELY:]
    found = column(run(start(name, n, 30), rows(close)))
    assert np.isnan(found[: n - 1]).all()
    np.testing.assert_allclose(found[n - 1 :], NUMPY[name](windows(close, n)), rtol=PRECISION, atol=1e-12)


def test_the_past_is_numpy_s(bars: dict[str, Column]) -> None:
    close = bars["close"][-LATELY:]
    now, before = close[24:], close[:-24]
    for name, expected in (("previous", before), ("difference", now - before), ("change", now / before - 1)):
        np.testing.assert_allclose(column(run(start(name, 24), rows(close)))[24:], expected, rtol=PRECISION, atol=1e-12)


def test_volatility_is_numpy_s(bars: dict[str, Column]) -> None:
    close = bars["close"][-LATELY:]
    found = column(run(start("volatility", 720), rows(close)))
    expected = windows(np.diff(np.log(close)), 720).std(axis=1) * math.sqrt(8760)
    np.testing.assert_allclose(found[720:], expected, rtol=PRECISION)
    first = np.diff(np.log(close[:720])).std() * math.sqrt(8760)
    assert np.isnan(found[:719]).all() and found[719] == pytest.approx(first, rel=PRECISION)


def test_correlation_and_beta_are_numpy_s(bars: dict[str, Column]) -> None:
    x, y = (np.diff(bars[name][-2_000:]) / bars[name][-2_000:-1] for name in ("close", "high"))
    correlation, beta = (column(run(start(name, 168), rows(x, y)))[167:] for name in ("correlation", "beta"))
    pairs = list(zip(windows(x, 168), windows(y, 168), strict=True))
    np.testing.assert_allclose(correlation, [np.corrcoef(a, b)[0, 1] for a, b in pairs], rtol=PRECISION)
    slopes = [np.cov(a, b, bias=True)[0, 1] / np.var(b) for a, b in pairs]
    np.testing.assert_allclose(beta, slopes, rtol=PRECISION)


def test_the_average_price_by_volume_is_numpy_s(bars: dict[str, Column]) -> None:
    high, low, close, volume = (bars[name][-LATELY:] for name in ("high", "low", "close", "volume"))
    found = column(run(start("vwap", 168), rows(high, low, close, volume)))[167:]
    typical = (high + low + close) / 3
    expected = windows(typical * volume, 168).sum(axis=1) / windows(volume, 168).sum(axis=1)
    np.testing.assert_allclose(found, expected, rtol=PRECISION)


def test_volume_profiles_are_numpy_s(bars: dict[str, Column]) -> None:
    high, low, volume = (bars[name][-2_000:] for name in ("high", "low", "volume"))
    names = ("point_of_control", "value_area_low", "value_area_high")
    found = [column(run(start(name, 240), rows(high, low, volume))) for name in names]
    for end in range(240, 2_000, 7):
        chosen = slice(end - 240, end)
        expected = profile(high[chosen], low[chosen], volume[chosen])
        assert [one[end - 1] for one in found] == pytest.approx(expected, rel=1e-12)


def profile(high: Column, low: Column, volume: Column) -> tuple[float, float, float]:
    """Return point of control and value area of bars that all have a range."""
    edges = np.linspace(low.min(), high.max(), 25)
    overlap = np.minimum(high, edges[1:, None]) - np.maximum(low, edges[:-1, None])
    rows = (volume * np.maximum(overlap, 0) / (high - low)).sum(axis=1)
    first = last = int(rows.argmax())
    while rows[first : last + 1].sum() < 0.7 * rows.sum():
        below = rows[first - 1] if first else -1
        above = rows[last + 1] if last < 23 else -1
        first, last = (first - 1, last) if below >= above else (first, last + 1)
    fullest = int(rows.argmax())
    return (edges[fullest] + edges[fullest + 1]) / 2, edges[first], edges[last + 1]


def test_a_long_run_is_no_less_exact_than_a_fresh_start(bars: dict[str, Column]) -> None:
    close = rows(bars["close"])
    for name in ("sma", "wma", "stdev", "zscore"):
        assert run(start(name, 200), close)[-1] == run(start(name, 200), close[-200:])[-1]


def test_a_series_may_have_holes(bars: dict[str, Column]) -> None:
    close: list[float | None] = bars["close"][-500:].tolist()
    close[100:160] = [None] * 60
    found = run(start("sma", 48), series(close))
    assert [k for k in range(48, 500) if found[k] is None] == list(range(124, 183))
