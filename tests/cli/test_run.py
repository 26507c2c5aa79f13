"""`rulelang run`: what it prints and writes, and that every way of asking gives the same decisions."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars
import pytest

import rulelang
from tests import golden
from tests.cli.running import PRICES, RULES, called, files
from tests.shared import shared

ASSETS = """\
assets BTC, ETH
bars 1h
rule up when close > previous(close, 1) and BTC.close > 100 USD then hedge 50%
"""
LONG = "time,asset,close\n" + "".join(
    f"{1_704_067_200 + hour * 3600},{asset},{100 + (hour * 7 + at * 3) % 11}\n"
    for hour in range(12)
    for at, asset in enumerate(("BTC", "ETH"))
    if (hour, asset) not in ((4, "ETH"), (7, "BTC"))
)


def rows(text: str) -> list[dict[str, Any]]:
    """Return the lines of a CSV of decisions, numbers as numbers, empty texts as `None`."""
    found: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text)))
    for row in found:
        for name, value in row.items():
            row[name] = float(value) if name in ("hedge", "hedge_desired") else value or None
    return found


def test_what_is_real_is_read_from_a_column_of_its_name(tmp_path: Path) -> None:
    rules, bars = tmp_path / "my.rules", tmp_path / "bars.csv"
    rules.write_text("bars 1h\nwhen close > hedge.entry * 110% then hedge 0%\notherwise hedge 70%\n")
    bars.write_text("close_time,close,hedge.entry\n2024-01-01T01:00Z,111,\n2024-01-01T02:00Z,111,100\n")
    told = rows(called("run", rules, "--data", bars, "--format", "csv").out)
    assert [row["hedge"] for row in told] == [0.7, 0.0]
    assert "hedge.entry = `hedge.entry`, by its name" in called("run", rules, "--data", bars).out
    bars.write_text("close_time,close\n2024-01-01T01:00Z,111\n2024-01-01T02:00Z,111\n")
    told = rows(called("run", rules, "--data", bars, "--format", "csv").out)
    assert [row["hedge"] for row in told] == [0.7, 0.7]


def test_the_summary() -> None:
    result = called("run", "my.rules", "--data", "prices.csv")
    assert (result.code, result.err) == (0, "")
    golden.check("cli/run-summary.txt", result.out)


def test_the_formats_agree_with_each_other_and_with_the_library() -> None:
    text = called("run", "my.rules", "--data", "prices.csv", "--format", "csv")
    assert called("run", "my.rules", "--data", "prices.csv", "-o", "d.parquet").code == 0
    records = called("run", "my.rules", "--data", "prices.csv", "--format", "ndjson")
    lines = rows(text.out)
    assert len({row["hedge"] for row in lines}) == 3 and any(row["hedge_held"] for row in lines)
    stored = polars.read_parquet("d.parquet").with_columns(polars.col("time").dt.strftime("%Y-%m-%dT%H:%MZ"))
    assert [{k: v or (0.0 if v == 0.0 else None) for k, v in row.items()} for row in stored.to_dicts()] == lines
    for row, record in zip(lines, map(json.loads, records.out.splitlines()), strict=True):
        target = record["targets"]["hedge"]
        assert row["time"] == record["time"]
        assert [row["hedge"], row["hedge_desired"], row["hedge_held"], row["hedge_rule"]] == [
            target["after"], target["desired"], target["held"], target["last_word"],
        ]  # fmt: skip
        assert (row["active"] or "") == "; ".join(record["active"])
        assert (row["alerts"] or "") == "; ".join(alert["text"] for alert in record["alerts"])
    assert "prices.csv: bars of 1h" in text.err and "prices.csv: bars of 1h" in records.err
    _as_from_python(lines, [json.loads(line) for line in records.out.splitlines()])


def _as_from_python(lines: list[dict[str, Any]], records: list[dict[str, Any]]) -> None:
    rules = rulelang.load("my.rules")
    given = list(csv.DictReader(io.StringIO(PRICES)))
    frame = {
        "open_time": [row["open_time"] for row in given],
        "close": [float(row["close"]) for row in given],
        "funding_8h": [float(row["funding_rate"]) if row["funding_rate"] else None for row in given],
    }
    result = rules.over(frame)
    assert result["hedge"] == [row["hedge"] for row in lines]
    assert result["hedge_desired"] == [row["hedge_desired"] for row in lines]
    assert result["hedge_held"] == [row["hedge_held"] for row in lines]
    run = rules.start()
    for row, record, close, rate in zip(lines, records, frame["close"], frame["funding_8h"], strict=True):
        values = {"close": close} if rate is None else {"close": close, "funding_8h": rate}
        assert run.step(row["time"], values).record == record


def test_standard_input_gives_what_the_file_gives() -> None:
    whole = called("run", "my.rules", "--data", "prices.csv", "--format", "ndjson")
    piped = called("run", "my.rules", "--data", "-", "--format", "ndjson", stdin=PRICES)
    assert piped.code == 0 and piped.out == whole.out != ""
    rules = called("run", "-", "--data", "prices.csv", "--format", "ndjson", stdin=RULES)
    assert [json.loads(line)["targets"] for line in rules.out.splitlines()] == [
        json.loads(line)["targets"] for line in whole.out.splitlines()
    ]


def test_several_assets_on_standard_input_give_what_the_file_gives(folder: Path) -> None:
    files(folder, two_rules=ASSETS, two_csv=LONG)
    whole = called("run", "two.rules", "--data", "two.csv", "--time", "close", "--format", "csv")
    piped = called("run", "two.rules", "--data", "-", "--time", "close", "--format", "csv", stdin=LONG)
    assert whole.code == piped.code == 0
    assert piped.out == whole.out
    assert {(row["asset"], row["hedge"]) for row in rows(whole.out)} == {
        (asset, hedge) for asset in ("BTC", "ETH") for hedge in (0.0, 0.5)
    }


def test_lines_of_one_time_must_come_together(folder: Path) -> None:
    files(folder, two_rules=ASSETS)
    lines = "time,asset,close\n1704067200,BTC,1\n1704070800,BTC,1\n1704067200,ETH,1\n"
    result = called("run", "two.rules", "--data", "-", "--time", "close", stdin=lines)
    assert result.code == 1
    assert result.last == (
        "error[RL703]: standard input: row 4, column `time`: 2024-01-01T00:00Z comes after the step of "
        "2024-01-01T01:00Z was made; send the lines of one time together, oldest first"
    )


def test_standard_input_for_a_stated_asset(folder: Path) -> None:
    files(folder, one_rules="bars 1h assets BTC when close > 1 USD then hedge 50%")
    lines = "time,symbol,close\n1704067200,ETHUSDT,5\n1704067200,BTCUSDT,5\n"
    result = called("run", "one.rules", "--data", "-:BTC", "--time", "close", "--format", "csv", stdin=lines)
    assert [(row["asset"], row["hedge"]) for row in rows(result.out)] == [("BTC", 0.5)]
    assert "ignored   `ETHUSDT`" in result.err


@pytest.mark.parametrize("options", [["--to", "2024-01-01T06:00Z"], ["--from", "2024-01-01T05:00Z"]])
def test_a_part_is_a_part_of_the_whole(options: list[str]) -> None:
    whole = called("run", "my.rules", "--data", "prices.csv", "--format", "csv").out.splitlines()
    part = called("run", "my.rules", "--data", "prices.csv", "--format", "csv", *options).out.splitlines()
    assert part == [whole[0], *(whole[1:7] if options[0] == "--to" else whole[5:])]


def test_a_cold_start_knows_nothing_of_before() -> None:
    options = ("--data", "prices.csv", "--format", "csv", "--from", "2024-01-01T04:00Z", "--to", "2024-01-01T04:00Z")
    warm, cold = called("run", "my.rules", *options), called("run", "my.rules", *options, "--cold")
    assert [row["active"] for row in rows(warm.out)] == ["low"]  # the second bar below 100
    assert [row["active"] for row in rows(cold.out)] == [None]  # the first that it sees


def test_a_cold_start_drops_the_day_that_had_begun(folder: Path) -> None:
    files(folder, day_rules="bars 1h rule seen when close@1d is known then hedge 50%")
    lines = "close_time,close\n" + "".join(f"{1_704_067_200 + 3600 * hour},1\n" for hour in range(1, 73))
    files(folder, days_csv=lines)
    options = ("--data", "days.csv", "--format", "csv", "--from", "2024-01-01T12:00Z")
    first = {}
    for cold in ((), ("--cold",)):
        result = called("run", "day.rules", *options, *cold)
        first[cold] = next(row["time"] for row in rows(result.out) if row["hedge"] == 0.5)
    assert first == {(): "2024-01-02T00:00Z", ("--cold",): "2024-01-03T00:00Z"}


def test_the_base_period_comes_from_the_data(folder: Path) -> None:
    files(folder, day_rules="when change(close, 2h) < 0% then hedge 50%")
    result = called("run", "day.rules", "--data", "prices.csv", "--format", "csv")
    assert result.code == 0
    assert [row["hedge"] for row in rows(result.out)] == [0, 0, 0.5, 0.5, 0, 0, 0, 0, 0.5, 0.5]


def test_a_param_from_outside() -> None:
    def hedges(*options: str) -> list[float]:
        result = called("run", "my.rules", "--data", "prices.csv", "--format", "csv", *options)
        return [row["hedge"] for row in rows(result.out)]

    assert hedges("--set", "least=101 USD", "--set", "n=1") != hedges() != hedges("--set", "n=3")
    assert hedges("--set", "n=2") == hedges()


def test_a_mapped_column_and_what_mapped_by_itself(folder: Path) -> None:
    files(
        folder,
        iv_rules="bars 1d when iv > 60% then hedge 50%",
        iv_csv="close_time,dvol\n2024-01-01,59.5\n2024-01-02,60.5\n",
    )
    refused = called("run", "iv.rules", "--data", "iv.csv")
    assert (refused.code, refused.last) == (
        1,
        "error[RL707]: iv.csv: column `dvol`: as `iv` the median would be 6000%: these look like percentage points; "
        "if they are, --map iv=dvol*0.01",
    )
    mapped = called("run", "iv.rules", "--data", "iv.csv", "--map", "iv=dvol*0.01")
    assert mapped.code == 0
    assert "column    iv = `dvol` × 0.01, by --map iv=dvol*0.01" in mapped.out
    own = called("run", "my.rules", "--data", "prices.csv")
    assert "column    funding_8h = `funding_rate`, a known name, × 8 / `interval_hours`" in own.out


EVENTS = "bars 1h event cpi rule ahead when within 2h before cpi then hedge 90%"
CALENDAR = "time,event\n2024-01-01T05:00Z,CPI\n2024-01-01T05:00Z,FOMC\n"


def test_a_calendar_beside_a_file_and_beside_standard_input(folder: Path) -> None:
    files(folder, event_rules=EVENTS, dates_csv=CALENDAR)
    whole = called("run", "event.rules", "--data", "prices.csv", "--data", "dates.csv", "--format", "csv")
    piped = called("run", "event.rules", "--data", "-", "--data", "dates.csv", "--format", "csv", stdin=PRICES)
    assert whole.code == piped.code == 0
    assert [row["time"] for row in rows(whole.out) if row["hedge"] > 0] == ["2024-01-01T03:00Z", "2024-01-01T04:00Z"]
    assert piped.out == whole.out
    assert "dates.csv: event dates" in piped.err and "note      cpi: 1 date" in piped.err


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            EVENTS,
            "the event `cpi` has no date, neither in the rule file nor in a calendar: what waits for it never acts;",
        ),
        (
            EVENTS.replace("cpi rule", "cpi at 2023-05-01 rule"),
            "the event `cpi` has no date after 2024-01-01T01:00Z, the last is 2023-05-01T00:00Z: what waits for",
        ),
    ],
)
def test_an_event_that_never_comes_is_said(rules: str, message: str, folder: Path) -> None:
    files(folder, event_rules=rules)
    result = called("run", "event.rules", "--data", "prices.csv")
    assert result.code == 0
    assert result.err.startswith(f"warning[RL413]: {message}")
    assert len(result.err.splitlines()) == 1


def test_an_event_of_the_past_is_no_warning_in_a_run_over_the_past(folder: Path) -> None:
    files(folder, event_rules=EVENTS.replace("cpi rule", "cpi at 2024-01-01T05:00Z rule"))
    assert called("run", "event.rules", "--data", "prices.csv").err == ""


def test_rows_beyond_bounds_are_missing_and_said(folder: Path) -> None:
    files(folder, prices_csv=PRICES.replace(",98,", ",-98,").replace(",105,", ",1e308,"))
    result = called("run", "my.rules", "--data", "prices.csv")
    assert result.code == 0
    assert "refused   2 values of close, now missing; the first in row 5: `-98`" in result.out


def test_a_file_that_is_cut_by_nothing_gets_its_name(folder: Path) -> None:
    assert called("run", "my.rules", "--data", "prices.csv", "-o", "d.csv").out.endswith(
        "\na line for each decision lies in d.csv\n"
    )
    assert (folder / "d.csv").read_text() == called("run", "my.rules", "--data", "prices.csv", "--format", "csv").out
    assert not (folder / "d.csv.partial").exists()


def test_a_bad_line_leaves_the_part_and_the_earlier_file(folder: Path) -> None:
    (folder / "d.ndjson").write_text("of an earlier run")
    broken = PRICES.replace(",105,", ",abc,")
    result = called("run", "my.rules", "--data", "-", "-o", "d.ndjson", stdin=broken)
    assert result.code == 1
    assert result.err.splitlines() == [
        "what was decided until then lies in d.ndjson.partial",
        "error[RL705]: standard input: row 6, column `close`: `abc` is no number: write one, "
        "or leave the cell empty where there is none",
    ]
    assert (folder / "d.ndjson").read_text() == "of an earlier run"
    assert [json.loads(line)["time"] for line in (folder / "d.ndjson.partial").read_text().splitlines()] == [
        f"2024-01-01T0{hour}:00Z" for hour in (1, 2, 3, 4)
    ]


def test_a_run_that_decides_nothing_leaves_no_part(folder: Path) -> None:
    assert called("run", "my.rules", "--data", "-", "-o", "d.csv", stdin="").code == 1
    assert not list(folder.glob("d.csv*"))


def test_alerts_and_long_names_in_the_summary(folder: Path) -> None:
    name = "a_rule_" + "with_a_long_name_" * 8
    files(folder, my_rules=f'bars 1h rule {name} when close < 100 USD then alert "close is {{close}}", hedge 50%')
    result = called("run", "my.rules", "--data", "prices.csv")
    assert "\n1 alert:\n" in result.out and "close is 99" in result.out
    assert "2 changes:" in result.out
    assert max(map(len, result.out.splitlines())) <= 100


@pytest.mark.slow
def test_years_of_bitcoin_with_funding_and_calendar(folder: Path) -> None:
    data = shared() / "data"
    files(
        folder,
        btc_rules=(
            "assets BTC bars 1h event cpi target hedge between 0% and 120% change at least 10% cooldown 8h "
            "rule hot when funding_8h > 0.05% for 3 periods then hedge 80% "
            "rule down when close@1d < sma(close, 50)@1d for 2 periods then hedge at least 75% "
            "rule ahead when within 24h before cpi then hedge at least 90% otherwise hedge 60%"
        ),
    )
    paths = ("ohlcv/binance-spot-BTCUSDT-1h", "funding/binance-um-BTCUSDT-funding-8h", "calendar/us-macro-events")
    options = [f"--data={data / path}.parquet" for path in paths] + ["--time", "open", "--to", "2020-03-01"]
    whole = called("run", "btc.rules", *options, "-o", "all.csv")
    assert (whole.code, whole.err) == (0, "")
    tail = called("run", "btc.rules", *options, "--from", "2020-01-01", "-o", "tail.csv")
    assert tail.code == 0 and "steps before, from 2017-08-17T05:00Z on, warmed the rules up" in tail.out
    lines, last = ((folder / name).read_text().splitlines() for name in ("all.csv", "tail.csv"))
    first = next(at for at, line in enumerate(lines) if line.startswith("2020-01-01T00:00Z"))
    assert [lines[0], *lines[first:]] == last
    assert {row["hedge_rule"] for row in rows("\n".join(lines))} == {"otherwise", "hot"}
    assert {row["hedge"] for row in rows("\n".join(last))} >= {0.6, 0.75, 0.9}
