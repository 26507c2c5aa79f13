"""`rulelang backtest` and `rulelang diff` as commands: what they print, refuse, and write."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.cli.running import called

RULES = """\
bars 1h
target hedge between 0% and 100% change at least 10%
param least = 100 USD in 50 USD .. 200 USD
rule low when close < least then hedge 80%
rule hot when funding_8h > 0.05% then hedge at least 90%
otherwise hedge 20%
"""
INSTRUMENTS = """\
[PERP]
venue = "v"
base = "BTC"
settle = "USDT"
payoff = "linear"
contract_size = 1
tick = 0.1
lot = 0.001
min_notional = 0
taker = "0.05%"
slippage = "0.02%"
maintenance = [{ from = 0, rate = "0.5%" }]
funding_interval = "8h"
"""
PORTFOLIO = '[holdings.BTC]\ncoins = 2\n[[collateral]]\nvenue = "v"\nasset = "USDT"\namount = 500\n'


def _bars(count: int, *, gap: range = range(0), header: str = "open_time,open,high,low,close,funding_8h") -> str:
    rows = [header]
    for hour in range(count):
        if hour in gap:
            continue
        price = 100 + 12 * ((hour // 20) % 2) - 6 + hour % 5
        funding = ("0.0006" if (hour // 8) % 3 else "0.0001") if hour % 8 == 7 else ""
        day = f"2024-01-{1 + hour // 24:02d}T{hour % 24:02d}:00Z"
        rows.append(f"{day},{price - 1},{price + 2},{price - 2},{price},{funding}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"my.rules": RULES, "i.toml": INSTRUMENTS, "p.toml": PORTFOLIO, "bars.csv": _bars(300)}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def _book(folder: Path) -> tuple[object, ...]:
    return ("--portfolio", folder / "p.toml", "--instruments", folder / "i.toml", "--data", folder / "bars.csv")


def test_it_prints_tracks_years_rules_and_notes(folder: Path) -> None:
    done = called("backtest", folder / "my.rules", *_book(folder))
    assert done.code == 0, done.err
    for said in ("no hedge", "100% hedge", "no intervals: there are too few days", "Year by year"):
        assert said in done.out
    assert "otherwise" in done.out and "PERP is priced at the close" in done.out


def test_every_form_tells_what_money_is_in(folder: Path) -> None:
    asked = ("backtest", folder / "my.rules", *_book(folder))
    assert "money in USDT" in " ".join(called(*asked).out.split())
    assert json.loads(called(*asked, "--format", "json").out)["quote"] == "USDT"
    called(*asked, "--html", folder / "report.html")
    assert "prices and money in USDT" in (folder / "report.html").read_text("utf-8")
    both = ("diff", folder / "my.rules", "--set", "least=97 USD", *_book(folder))
    assert re.search(r"the book ends at [\d,.]+ and [\d,.]+ USDT", " ".join(called(*both).out.split()))
    assert json.loads(called(*both, "--format", "json").out)["quote"] == "USDT"


def test_json_has_every_number_and_every_column(folder: Path) -> None:
    told = json.loads(called("backtest", folder / "my.rules", *_book(folder), "--format", "json").out)
    assert [one["name"] for one in told["tracks"]] == ["strategy", "no hedge", "constant hedge", "100% hedge", "cash"]
    assert {len(column) for column in told["columns"].values()} == {300}
    total = sum(one["pnl"] for one in told["activity"]) + told["unattributed"]
    assert total == pytest.approx(told["tracks"][0]["profit"] - told["tracks"][1]["profit"])


def test_csv_and_parquet_have_a_line_a_bar(folder: Path) -> None:
    text = called("backtest", folder / "my.rules", *_book(folder), "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 300 and rows[0]["time"] == "2024-01-01T01:00Z"
    done = called("backtest", folder / "my.rules", *_book(folder), "--format", "parquet", "-o", folder / "out.parquet")
    assert done.code == 0, done.err
    import polars

    frame = polars.read_parquet(folder / "out.parquet")
    assert frame.height == 300 and list(frame.columns) == list(rows[0])
    assert frame["strategy.equity"][-1] == pytest.approx(float(rows[-1]["strategy.equity"]))


def test_parquet_needs_a_file(folder: Path) -> None:
    done = called("backtest", folder / "my.rules", *_book(folder), "--format", "parquet")
    assert done.code == 2 and done.last == "--format parquet needs --output FILE"


def test_from_warms_the_rules_up_and_counts_from_there(folder: Path) -> None:
    whole = json.loads(called("backtest", folder / "my.rules", *_book(folder), "--format", "json").out)["columns"]
    asked = ("--from", "2024-01-05", "--to", "2024-01-08T12:00Z", "--format", "json")
    part = json.loads(called("backtest", folder / "my.rules", *_book(folder), *asked).out)["columns"]
    assert part["time"][0] == "2024-01-05T00:00Z" and part["time"][-1] == "2024-01-08T12:00Z"
    first = whole["time"].index(part["time"][0])
    assert part["hedge"] == whole["hedge"][first : first + len(part["hedge"])]


# Broken data ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_file_is_one_message(folder: Path) -> None:
    (folder / "bars.csv").write_text("")
    done = called("backtest", folder / "my.rules", *_book(folder))
    assert done.code in (1, 2) and "Traceback" not in done.err and done.last


def test_one_bar_is_no_test(folder: Path) -> None:
    (folder / "bars.csv").write_text(_bars(8))
    done = called("backtest", folder / "my.rules", *_book(folder), "--from", "2024-01-01T08:00Z")
    assert done.code == 1 and done.last.endswith("can't be tested: 1 bars are left, wanted 2 or more")


def test_missing_prices_and_gaps_are_counted_and_said(folder: Path) -> None:
    text = _bars(300, gap=range(40, 60)).replace("105,102,", ",,", 1)
    (folder / "bars.csv").write_text(text)
    done = called("backtest", folder / "my.rules", *_book(folder))
    assert done.code == 0, done.err
    assert "20 of 300 bars are missing" in done.out and "What is missing" in done.out


def test_without_a_column_of_funding_the_year_is_not_told_as_whole(folder: Path) -> None:
    (folder / "my.rules").write_text(RULES.replace("rule hot when funding_8h > 0.05% then hedge at least 90%\n", ""))
    text = "\n".join(line.rpartition(",")[0] for line in _bars(300).splitlines()) + "\n"
    (folder / "bars.csv").write_text(text)
    done = called("backtest", folder / "my.rules", *_book(folder))
    assert done.code == 0, done.err
    flat = " ".join(done.out.split())
    assert "no settlement of funding is there" in flat and "is NOT counted" in flat


def test_without_opens_orders_fill_at_the_next_close_and_that_is_said(folder: Path) -> None:
    lines = [line.split(",") for line in _bars(300).splitlines()]
    (folder / "bars.csv").write_text("\n".join(",".join((one[0], one[4], one[5])) for one in lines) + "\n")
    done = called("backtest", folder / "my.rules", *_book(folder))
    assert done.code == 0, done.err
    assert "orders fill at the close of the next bar" in " ".join(done.out.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[holdings.BTC]\ncoins = 2\n[holdings.ETH]\ncoins = 1\n", "names no asset, and the portfolio has BTC, ETH"),
        ("[holdings.ETH]\ncoins = 2\n", "hedge.ETH"),
        ("", "names no asset"),
    ],
)
def test_a_portfolio_that_does_not_fit_is_one_message(folder: Path, text: str, said: str) -> None:
    (folder / "p.toml").write_text(text)
    done = called("backtest", folder / "my.rules", *_book(folder))
    assert done.code == 1 and said in done.err and "fault of ours" not in done.err


def test_coins_that_are_not_held_need_no_data(folder: Path) -> None:
    (folder / "my.rules").write_text("assets BTC, ETH\n" + RULES)
    labelled = (*_book(folder)[:-1], f"{folder / 'bars.csv'}:BTC")
    found = called("backtest", folder / "my.rules", *labelled, "--format", "csv")
    assert found.code == 0, found.err
    alone = called("backtest", folder / "my.rules", *_book(folder)[:-1], folder / "bars.csv", "--format", "csv")
    assert alone.code == 1 and ":BTC" in alone.err  # with two assets a file has to say whose it is
    (folder / "my.rules").write_text("assets BTC\n" + RULES)
    assert called("backtest", folder / "my.rules", *_book(folder), "--format", "csv").out == found.out
    (folder / "my.rules").write_text("assets BTC, ETH\n" + RULES.replace("close < least", "ETH.close < least"))
    read = called("backtest", folder / "my.rules", *labelled)
    assert read.code == 1 and "no file supplies `close` for ETH" in read.err


def test_an_instrument_may_have_marks_alone(folder: Path) -> None:
    bars = [line.split(",") for line in _bars(300).splitlines()[1:]]
    for name in ("close", "mark"):
        text = "\n".join([f"open_time,{name}", *(f"{one[0]},{float(one[4]) * 1.01}" for one in bars)]) + "\n"
        (folder / f"{name}.csv").write_text(text)
    (folder / "my.rules").write_text("assets BTC\n" + RULES)
    asked = ("backtest", folder / "my.rules", *_book(folder), "--format", "csv", "--data")
    closes, marks = (called(*asked, f"{folder / name}.csv:PERP") for name in ("close", "mark"))
    assert closes.code == 0 and closes.out == marks.out
    row = list(csv.DictReader(io.StringIO(marks.out)))[5]
    assert float(row["PERP.price"]) == pytest.approx(float(row["close"]) * 1.01)


def test_rules_without_a_target_that_contracts_follow_are_refused(folder: Path) -> None:
    (folder / "my.rules").write_text("bars 1h\ntarget mood between 0% and 100%\nwhen close > 1 USD then mood 50%\n")
    done = called("backtest", folder / "my.rules", *_book(folder))
    assert done.code == 1 and "sets neither a target `hedge` nor `beta`" in done.err


# rulelang diff ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_versions_of_a_file_are_compared(folder: Path) -> None:
    (folder / "new.rules").write_text(RULES.replace("hedge 80%", "hedge 60%"))
    done = called("diff", folder / "my.rules", folder / "new.rules", "--data", folder / "bars.csv", "--format", "csv")
    assert done.code == 0, done.err
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert rows and {(row["old"], row["new"]) for row in rows} == {("0.8", "0.6")}
    for row in rows[:-1]:  # of two coins' worth of shorts, the smaller one earns three quarters of the larger
        assert float(row["new_earned"]) == pytest.approx(float(row["old_earned"]) * 0.75, abs=1e-6)


def test_a_param_with_another_value_is_compared(folder: Path) -> None:
    done = called("diff", folder / "my.rules", "--set", "least=97 USD", *_book(folder))
    assert done.code == 0, done.err
    assert "--set least=97 USD differ at" in " ".join(done.out.split())


def test_equal_files_decide_the_same(folder: Path) -> None:
    done = called("diff", folder / "my.rules", folder / "my.rules", "--data", folder / "bars.csv")
    assert done.code == 0 and "decide the same at all 300 bars" in done.out


def test_diff_needs_something_to_compare(folder: Path) -> None:
    done = called("diff", folder / "my.rules", "--data", folder / "bars.csv")
    assert done.code == 2 and "give a second rule file, or --set" in done.last
