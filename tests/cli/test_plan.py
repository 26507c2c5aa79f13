"""`rulelang plan` and `rulelang beta`: screens, formats, wrong usage, and runs over real markets."""

import csv
import io
import json
import re
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest

from tests import golden
from tests.cli.running import Result, called, files
from tests.shared import shared

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "rulelang" / "data" / "sample"
TEMPLATES = ROOT / "rulelang" / "plan" / "templates"
BARS, FUNDING = SAMPLE / "synthetic-bars-1h.parquet", SAMPLE / "synthetic-funding-8h.parquet"
AT = ("--at", "2024-03-14T08:00Z")

SEVERAL = """\
assets BTC, ETH, SOL
bars 1h
target hedge between 0% and 100% change at least 5%
target leverage between 1 and 10
target spot_weight between 0% and 100%
when close@1d > sma(close, 50)@1d then hedge 40%
otherwise hedge 70%, leverage 3, spot_weight 80%
"""
BETA = "assets BTC\nbars 1h\ntarget beta between 0 and 2 change at least 0.1\notherwise beta 0.3\n"
DEMO = """\
[holdings.BTC]
coins = 12.5
cost = 31_000
[holdings.ETH]
coins = 150
[holdings.SOL]
coins = 2000
venue = "binance"
[[positions]]
instrument = "XBTUSD"
contracts = -150_000
entry = 36_000
margin = 2
[[collateral]]
venue = "binance"
asset = "USDT"
amount = 50_000
[[collateral]]
venue = "bitmex"
asset = "BTC"
amount = 4
[venues.binance]
leverage = 4
[hedge]
SOL = "ETHUSDT"
book = "XBTUSD"
[beta]
benchmark = "BTC"
window = "90d"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with rules, a portfolio and instruments: XBTUSD for BTC, ETHUSDT for ETH."""
    monkeypatch.chdir(tmp_path)
    xbt = (TEMPLATES / "bitmex.toml").read_text("utf-8").partition("[ETHUSD]")[0]
    eth = "[ETHUSDT]" + (TEMPLATES / "binance.toml").read_text("utf-8").split("[ETHUSDT]")[1].partition("[BTCUSD_P")[0]
    files(tmp_path, several_rules=SEVERAL, beta_rules=BETA, demo_toml=DEMO, instruments_toml=xbt + eth)
    return tmp_path


def asked(rules: str = "several.rules", *more: object, portfolio: str = "demo.toml") -> Result:
    places = ("--portfolio", portfolio, "--instruments", "instruments.toml")
    return called("plan", rules, *places, "--data", BARS, "--data", FUNDING, *(more or AT))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["several", "beta"])
def test_a_plan_as_text(here: Path, name: str) -> None:
    result = asked(f"{name}.rules")
    assert (result.code, result.err) == (0, "")
    golden.check(f"plan/{name}.txt", result.out)
    assert max(map(len, result.out.splitlines())) <= 112


DATED = """\
[holdings.BTC]
coins = 12.5
[[positions]]
instrument = "MAR"
contracts = -2000
entry = 36_000
stop = "10%"
[[options]]
base = "BTC"
type = "put"
strike = 38_000
expiry = 2024-04-26T08:00:00Z
coins = -10
vol = "62%"
[venues.binance]
leverage = 5
[hedge]
BTC = "MAR"
[roll]
MAR = "JUN"
[limits]
roll = "30d"
risk_aversion = 0.0001
liquidation = "30%"
"""
REAL = "bars 1h\ntarget hedge between 0% and 100%\nwhen close > hedge.entry * 110% then hedge 0%\notherwise hedge 70%\n"


@pytest.fixture
def dated(here: Path) -> Path:
    """Leave two dated contracts in the folder, one of which is due, a portfolio with options, and rules with a stop."""
    tables = (TEMPLATES / "binance.toml").read_text("utf-8").split("\n\n")
    one = next(text for text in tables if text.startswith("[BTCUSD_261225]"))
    near = _dated(one, "MAR", "2024-03-29", "40_200")
    files(here, dated_toml=DATED, instruments_toml=near + _dated(one, "JUN", "2024-06-28", "41_100"), real_rules=REAL)
    trend = "bars 1h\ntarget hedge between 0% and 100% change at least 10%\notherwise hedge 25%\n"
    files(here, trend_rules=trend)
    return here


def _dated(text: str, name: str, day: str, price: str) -> str:
    return f"{text.replace('BTCUSD_261225', name).replace('2026-12-25', day).rstrip()}\nprice = {price}\n\n"


def of_one(rules: str, *more: object) -> Result:
    places = ("--portfolio", "dated.toml", "--instruments", "instruments.toml")
    return called("plan", rules, *places, "--data", f"{BARS}:BTC", "--data", f"{FUNDING}:BTC", *AT, *more)


def test_a_plan_with_rolls_and_options_as_text(dated: Path) -> None:
    result = of_one("trend.rules", "--html", "plan.html")
    assert (result.code, result.err) == (0, "")
    golden.check("plan/dated.txt", result.out)
    assert (dated / "plan.html").read_text("utf-8").count("<polyline") == 4


def test_rules_read_the_entry_of_the_real_short(dated: Path) -> None:
    told = json.loads(of_one("real.rules", "--format", "json").out)
    assert (told["targets"][0]["target"], told["positions"][0]["stopped"]) == ("0", True)
    assert [(one["side"], one["contracts"]) for one in told["orders"]] == [("buy", "2000")] and told["rolls"] == []
    files(dated, dated_toml=DATED.replace("36_000", "40_000"))
    assert json.loads(of_one("real.rules", "--format", "json").out)["targets"][0]["target"] == "0.7"


@pytest.mark.slow
def test_json_and_csv_say_the_same(here: Path) -> None:
    told = json.loads(asked("several.rules", *AT, "--format", "json").out)
    rows = list(csv.DictReader(io.StringIO(asked("several.rules", *AT, "--format", "csv").out)))
    assert told["time"] == "2024-03-14T08:00Z"
    assert [row["contracts"] for row in rows] == [one["contracts"] for one in told["orders"]]
    assert [row["reduce_only"] for row in rows] == [str(one["reduce_only"]).lower() for one in told["orders"]]
    assert sum(Decimal(row["notional"]) for row in rows) == Decimal(told["costs"]["notional"])
    assert {one["instrument"] for one in told["positions"]} == {"XBTUSD", "ETHUSDT"}


def test_a_page_stands_for_itself(here: Path) -> None:
    files(here, one_rules="bars 1h\notherwise hedge 100%\n", one_toml="[holdings.BTC]\ncoins = 2\n")
    places = ("--portfolio", "one.toml", "--instruments", "instruments.toml", "--data", f"{BARS}:BTC", *AT)
    result = called("plan", "one.rules", *places, "--html", "plan.html")
    page = (here / "plan.html").read_text("utf-8")
    assert result.code == 0 and unescape(page.partition("<pre>")[2].partition("</pre>")[0]) == result.out
    assert "http" not in page and "src=" not in page and "<script" not in page and "prefers-color-scheme: dark" in page
    lines = [found.split() for found in re.findall(r'<polyline [^>]*points="([^"]*)"', page)]
    heights = [[float(point.split(",")[1]) for point in line] for line in lines]
    net, futures, spot = heights
    assert spot == sorted(spot, reverse=True) and futures == sorted(futures)
    assert max(net) - min(net) < 1  # all of it is hedged
    assert called("plan", "one.rules", *places, "--html", "none/plan.html").code == 2


def test_the_time_of_a_plan(here: Path) -> None:
    between = asked("several.rules", "--at", "2023-02-01T08:10Z")
    assert between.code == 1 and between.last.startswith("error: demo.toml: `beta.window` is 90 days")
    early = asked("several.rules", "--at", "2022-01-01")
    assert (early.code, early.last) == (2, "--at is before the first bar, which closes at 2023-01-01T01:00Z")


def test_rules_without_a_name_of_an_asset_are_for_the_only_coin(here: Path) -> None:
    files(here, one_rules="bars 1h\notherwise hedge 50%\n", one_toml="[holdings.BTC]\ncoins = 2\n")
    data = ("--data", f"{BARS}:BTC", *AT, "--format", "json")
    result = called("plan", "one.rules", "--portfolio", "one.toml", "--instruments", "instruments.toml", *data)
    told = json.loads(result.out)
    assert (told["targets"][0]["assets"], told["targets"][0]["target"]) == (["BTC"], "0.5")
    assert told["orders"][0]["contracts"] == str(int(Decimal(told["exposures"][0]["spot"]) // 100 * 100))


@pytest.mark.parametrize(
    ("file", "text", "code", "said"),
    [
        ("demo_toml", "[holdings.BTC]\ncoins = \n", 1, "error: demo.toml:2: this is no TOML: invalid value"),
        ("demo_toml", "", 1, "error: demo.toml: `holdings` is missing, wanted coins that are held, or open positions"),
        ("demo_toml", b"\xff", 1, "error: demo.toml: this is no text in UTF-8"),
        ("demo_toml", "[holdings.DOGE]\ncoins = 1\n", 1,
         "error: demo.toml: `holdings.DOGE` needs the price of DOGE; the data has no close by 2024-03-14T08:00Z"),
        ("instruments_toml", "", 1,
         "error: instruments.toml: names no instrument, wanted a table for each, such as [BTCUSDT-PERP]"),
        ("instruments_toml", '{"BTC/USDT:USDT": {}}', 1,
         'error: instruments.toml: this is JSON, wanted TOML; a dump of ccxt goes beside it, markets = "markets.json", '
         "with what it doesn't say"),
        ("instruments_toml", 'markets = "none.json"\nprecision = "tick"\n', 2, "there is no file none.json"),
    ],
)  # fmt: skip
def test_files_that_are_wrong(here: Path, file: str, text: str | bytes, code: int, said: str) -> None:
    if file == "instruments_toml":
        files(here, bare_toml="[holdings.BTC]\ncoins = 1\n")
    files(here, **{file: text})
    result = asked("several.rules", portfolio="bare.toml" if file == "instruments_toml" else "demo.toml")
    assert (result.code, result.last) == (code, said)


def test_wrong_usage(here: Path) -> None:
    places = ("--portfolio", "demo.toml", "--instruments", "instruments.toml")
    assert called("plan", "several.rules", *places).last == "give market data: --data FILE"
    assert asked("several.rules", portfolio="none.toml").last == "there is no file none.toml"
    assert called("plan", "several.rules", "--portfolio", "demo.toml").code == 2


# Betas ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_betas_as_text() -> None:
    result = called("beta", "--data", BARS, "--benchmark", "BTC", "--asset", "ETH", "--asset", "SOL")
    assert (result.code, result.err) == (0, "")
    golden.check("plan/betas.txt", result.out)


@pytest.mark.slow
def test_betas_as_a_page(tmp_path: Path) -> None:
    page = tmp_path / "betas.html"
    asked_ = ("--data", BARS, "--benchmark", "BTC", "--asset", "ETH", "--asset", "SOL", "--html", page)
    result = called("beta", *asked_)
    text = page.read_text("utf-8")
    assert result.code == 0 and unescape(text.partition("<pre>")[2].partition("</pre>")[0]) == result.out
    assert "http" not in text and "src=" not in text and "<script" not in text
    lines = [found.split() for found in re.findall(r'<polyline [^>]*points="([^"]*)"', text)]
    assert [len(line) for line in lines] == [640, 641, 640, 641]
    sol = [float(point.split(",")[1]) for point in lines[1]]
    eth = [float(point.split(",")[1]) for point in lines[0]]
    assert sum(sol) / 641 < sum(eth) / 640  # of the greater beta, so higher up
    short = called("beta", *asked_[:-1], page, "--at", "2023-02-01")
    assert short.code == 0 and "<svg" not in page.read_text("utf-8")
    assert called("beta", *asked_[:-1], tmp_path / "none" / "page.html").code == 2


@pytest.mark.slow
def test_betas_of_a_real_market_are_those_of_numpy() -> None:
    import numpy as np
    import polars as pl

    ohlcv = shared() / "data" / "ohlcv"
    spot = {name: ohlcv / f"binance-spot-{name}USDT-1d.parquet" for name in ("BTC", "ETH")}
    named = [part for name, path in spot.items() for part in ("--data", f"{path}:{name}")]
    result = called("beta", *named, "--time", "open", "--benchmark", "BTC", "--window", "60d", "--format", "json")
    (told,) = json.loads(result.out)["assets"]
    closes = [pl.read_parquet(path).select("time", pl.col("close").alias(name)) for name, path in spot.items()]
    table = closes[0].join(closes[1], on="time").sort("time")
    x, y = (np.diff(table[name].to_numpy()) / table[name].to_numpy()[:-1] for name in ("ETH", "BTC"))
    assert told["all"]["days"] == len(x)
    assert float(told["all"]["beta"]) == pytest.approx(np.cov(x, y)[0, 1] / np.var(y, ddof=1))
    assert float(told["all"]["r2"]) == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    spans = [slice(at - 60, at) for at in range(60, len(x) + 1)]
    each = [np.cov(x[span], y[span])[0, 1] / np.var(y[span], ddof=1) for span in spans]
    assert told["rolling"]["windows"] == len(spans)
    assert told["rolling"]["beta"] == pytest.approx({"low": min(each), "median": np.median(each), "high": max(each)})
    assert float(told["newest"]["beta"]) == pytest.approx(each[-1])
    weights = 0.94 ** np.arange(len(x))[::-1]
    assert float(told["ewma"]) == pytest.approx((weights * x * y).sum() / (weights * y * y).sum())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--asset", "ETH"), "give market data: --data FILE"),
        (("--data", BARS), "say of which assets: --asset ETH, or --data PATH:ETH"),
        (("--data", BARS, "--asset", "eth"), "eth is no asset: assets are in capitals, such as BTC"),
        (("--data", BARS, "--asset", "ETH", "--window", "8h"),
         "--window 8h is no window; write whole days, at least 2, such as 90d"),
        (("--data", BARS, "--asset", "ETH", "--at", "2022-01-01"),
         "--at 2022-01-01T00:00Z is before the first close of BTC, ETH"),
        (("--data", BARS, "--asset", "ETH", "--decay", "94%"),
         "--decay 94% is no decay; write a number between 0 and 1, such as 0.94"),
        (("--data", BARS, "--asset", "ETH", "--decay", "0.0"),
         "--decay 0.0 is no decay; write a number between 0 and 1, such as 0.94"),
    ],
)  # fmt: skip
def test_betas_that_can_not_be(arguments: tuple[object, ...], said: str) -> None:
    result = called("beta", "--benchmark", "BTC", *arguments)
    assert (result.code, result.last) == (2, said)


# Real markets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_plan_in_a_real_market(here: Path) -> None:
    data = shared() / "data"
    files(here, real_toml="[holdings.BTC]\ncoins = 10\n[holdings.ETH]\ncoins = 100\n[venues.bybit]\nleverage = 3\n")
    files(here, real_rules="assets BTC, ETH\nbars 1h\nwhen funding_8h > 0.005% then hedge 80%\notherwise hedge 40%\n")
    (here / "instruments.toml").write_text((TEMPLATES / "bybit.toml").read_text("utf-8").partition("[BTCUSD]")[0])
    named = [f"{data}/ohlcv/binance-um-{name}USDT-1h-2023-2024.parquet:{name}" for name in ("BTC", "ETH")]
    named += [f"{data}/funding/binance-um-{name}USDT-funding-8h.parquet:{name}" for name in ("BTC", "ETH")]
    sources = [part for one in named for part in ("--data", one)]
    more = ("--time", "open", "--at", "2024-03-14T08:00Z", "--format", "json")
    places = ("--portfolio", "real.toml", "--instruments", "instruments.toml")
    result = called("plan", "real.rules", *places, *sources, *more)
    assert result.code == 0, result.err
    told = json.loads(result.out)
    assert [(one["side"], one["instrument"], one["contracts"]) for one in told["orders"]] == [
        ("sell", "BTCUSDT", "8"), ("sell", "ETHUSDT", "80")
    ]  # fmt: skip
    assert [one["payer"] for one in told["carry"]] == ["longs", "longs"]
    assert all(5 < float(one["atrs"]) < 40 for one in told["positions"] if one["atrs"])
    assert float(told["moves"][0]["net"]) == pytest.approx(-0.06 * float(told["equity"]), rel=1e-9)
