"""Each format is known by itself, its values are the source's, and what isn't certain is refused."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from rulelang.data import DataError
from rulelang.data.foreign import FORMATS, Asked, Opened, canonical, opened
from tests.data import samples
from tests.data.making import HOUR, column, request, run
from tests.data.samples import FIRST, SAMPLES, Row, Sample, bars, ics, kline, rates

KNOWN = {"binance-funding": 0.003, "dydx-funding": 0.003}
"""Seconds after the hour at which a sample stamps its settlements."""


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def refusal(path: str, asked: Asked = Asked()) -> str:  # noqa: B008
    with pytest.raises(DataError) as caught:
        opened(path, asked)
    text = str(caught.value)
    assert "\n" not in text
    return text.replace(str(Path(path).parent) + "/", "")


def rows_of(one: Opened, columns: tuple[str, ...]) -> list[tuple[float, ...]]:
    """Return known-at times in seconds, oldest first, with the values of columns."""
    frame = canonical(one)
    time = next(name for name in ("close_time", "known_at", "time") if name in frame.columns)
    times = [micros / 1e6 for micros in frame[time].dt.epoch("us")]
    return sorted(zip(times, *(frame[name] for name in columns), strict=True))


def expected(sample: Sample) -> list[tuple[float, ...]]:
    rows = rates() if sample.rates else bars()
    late = KNOWN.get(sample.format, 0) if sample.rates else HOUR
    return [(row.time + late, *map(float, row.values[: len(sample.columns)])) for row in rows]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.format}-{one.name}")
def test_a_format_is_known_by_itself_and_gives_what_the_source_holds(sample: Sample, tmp_path: Path) -> None:
    one = opened(samples.write(tmp_path, sample), Asked())
    assert one.format.name == sample.format
    assert rows_of(one, sample.columns) == expected(sample)
    assert one.zone == "UTC"
    if sample.rates:
        assert one.frame["interval_hours"].to_list() == [8] * 5


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.format}-{one.name}")
def test_what_a_run_reads_is_what_is_opened(sample: Sample, tmp_path: Path) -> None:
    path = samples.write(tmp_path, sample)
    names = tuple(name for name in sample.columns if name in ("open", "close", "volume", "mark", "index"))
    asked = request("funding_8h", bars=8 * HOUR) if sample.rates else request(*names)
    market = run(path, asked, stamp=None)
    for name in names:
        assert list(column(market, name).items()) == [(r[0], r[1]) for r in rows_of(opened(path, Asked()), (name,))]
    if sample.rates:
        assert list(column(market, "funding_8h").values()) == [float(row.values[0]) for row in rates()]


@pytest.mark.parametrize("sample", [one for one in SAMPLES if one.name.endswith(".csv")], ids=lambda one: one.name)
def test_packed_or_not_a_file_says_the_same(sample: Sample, tmp_path: Path) -> None:
    path = samples.write(tmp_path, sample)
    data = Path(path).read_bytes()
    plain = canonical(opened(path, Asked()))
    packed = [write(tmp_path, f"{sample.name}.gz", gzip.compress(data)), str(tmp_path / f"{sample.name}.zip")]
    with zipfile.ZipFile(packed[1], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(sample.name, data)
    windows = write(tmp_path, f"w{sample.name}", b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    for path in (*packed, windows):
        other = opened(path, Asked(form=sample.format))
        assert canonical(other).drop("symbol", strict=False).equals(plain.drop("symbol", strict=False))


def test_every_format_is_in_a_sample_or_tested_by_name() -> None:
    elsewhere = {
        "binance-premium-klines", "freqtrade-premium", "binance-funding-export", "binance-metrics", "deribit-dvol",
        "binance-coinm-metrics", "binance-open-interest", "funding-fetcher", "ics",
    }  # fmt: skip
    assert {one.format for one in SAMPLES} | elsewhere == set(FORMATS)
    assert all(record.title and (record.values or record.name == "ics") for record in FORMATS.values())


# Formats one by one ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_premium_is_known_by_values_below_nought(tmp_path: Path) -> None:
    rows = [Row(FIRST, ("0.0001", "0.0003", "-0.0002", "-0.00010001", "0"))]
    path = write(tmp_path, "a.csv", "".join(",".join(map(str, samples.quiet_kline(row))) + "\n" for row in rows))
    one = opened(path, Asked())
    assert one.format.name == "binance-premium-klines"
    assert rows_of(one, ("premium", "premium_low")) == [(FIRST + HOUR, -0.00010001, -0.0002)]
    feather = write(tmp_path, "BTC_USDT_USDT-1h-premiumIndex.feather", samples.feather(rows))
    assert opened(feather, Asked()).format.name == "freqtrade-premium"


def test_implied_volatility_comes_as_a_ratio_rounded_once(tmp_path: Path) -> None:
    rows = [[FIRST * 1000, 56.1, 57, 55.99, 56.76], [(FIRST + 86_400) * 1000, 56.76, 58.07, 56, 58.05]]
    path = write(tmp_path, "a.json", json.dumps({"jsonrpc": "2.0", "result": {"data": rows, "continuation": None}}))
    one = opened(path, Asked())
    assert (one.format.name, one.length) == ("deribit-dvol", 86_400)
    assert rows_of(one, ("iv", "iv_low")) == [(FIRST + 86_400, 0.5676, 0.5599), (FIRST + 2 * 86_400, 0.5805, 0.56)]


def chart(taken: int, cost: float = 1.0) -> dict[str, Any]:
    """Return three bars of an hour as Deribit answers them at a time: 2 coins in each, at about 100."""
    prices = {name: [100.0, 101.0, 102.0] for name in ("open", "close")}
    reach = {"high": [103.0] * 3, "low": [99.0] * 3, "volume": [2.0] * 3, "cost": [202.0 * cost] * 3}
    ticks = [(FIRST + at * HOUR) * 1000 for at in range(3)]
    result = {**prices, **reach, "ticks": ticks, "status": "ok"}
    return {"jsonrpc": "2.0", "usOut": taken * 1_000_000, "result": result}


def test_a_chart_is_read_without_the_bar_that_was_not_over(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", json.dumps(chart(FIRST + 3 * HOUR - 1)))
    one = opened(path, Asked())
    assert (one.format.name, one.length, one.unfinished) == ("deribit-chart", HOUR, 1)
    assert rows_of(one, ("close", "volume")) == [(FIRST + HOUR, 100.0, 2.0), (FIRST + 2 * HOUR, 101.0, 2.0)]
    whole = opened(write(tmp_path, "b.json", json.dumps(chart(FIRST + 3 * HOUR))), Asked())
    assert (whole.frame.height, whole.unfinished) == (3, 0)


def test_a_chart_whose_volume_is_no_count_of_coins_is_not_taken_for_one(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", json.dumps(chart(FIRST + 3 * HOUR, cost=0.01)))
    with pytest.raises(DataError, match="is nearly deribit-chart, but its values don't fit it; mend it or"):
        opened(path, Asked())
    ragged = chart(FIRST + 3 * HOUR)
    ragged["result"]["close"].pop()
    with pytest.raises(DataError, match="is in no format that is known"):
        opened(write(tmp_path, "b.json", json.dumps(ragged)), Asked())


def funding(**other: object) -> str:
    """Return a settlement of BitMEX as its API answers it."""
    told = {"timestamp": "2024-11-25T04:00:00.000Z", "symbol": "XBTUSD", "fundingInterval": "2000-01-01T08:00:00.000Z"}
    return json.dumps([told | {"fundingRate": 0.0001, "fundingRateDaily": 0.0003} | other])


def test_a_settlement_of_bitmex_tells_its_hours(tmp_path: Path) -> None:
    one = opened(write(tmp_path, "a.json", funding()), Asked())
    assert (one.format.name, one.symbol, one.derived) == ("bitmex-funding", "XBTUSD", False)
    assert one.frame["interval_hours"].to_list() == [8] and one.frame["funding_rate"].to_list() == [0.0001]
    assert one.frame["time"].dt.epoch("s").to_list() == [1_732_507_200]
    often = funding(fundingInterval="2000-01-01T04:00:00.000Z", fundingRateDaily=0.0006)
    assert opened(write(tmp_path, "b.json", often), Asked()).frame["interval_hours"].to_list() == [4]


@pytest.mark.parametrize("other", [{"fundingRateDaily": 0.0004}, {"fundingInterval": "8h"}, {"fundingRate": 0.01}])
def test_a_rate_that_is_not_a_part_of_the_daily_one_is_not_taken(other: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is nearly bitmex-funding, but its values don't fit it; mend it or"):
        opened(write(tmp_path, "a.json", funding(**other)), Asked())


def settlements(count: int, **others: list[object]) -> str:
    """Return settlements of BitMEX, 8 hours apart, with some of their values as they are given here."""
    (told,) = json.loads(funding())
    times = (f"2024-11-{25 + at // 3}T{4 + at % 3 * 8:02}:00:00.000Z" for at in range(count))
    rows = [told | {"timestamp": time} for time in times]
    for name, values in others.items():
        rows = [row | {name: value} for row, value in zip(rows, values, strict=True)]
    return json.dumps(rows)


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_the_one_row_that_keeps_a_file_from_its_format_is_named(missing: object, tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", settlements(4, fundingRate=[0.0001, 0.0001, missing, 0.0001]))
    with pytest.raises(DataError, match="is nearly bitmex-funding, but row 3: `fundingrate` is missing; mend it or"):
        opened(path, Asked())
    assert opened(path, Asked("bitmex-funding")).frame["funding_rate"].to_list() == [0.0001, 0.0001, None, 0.0001]


def test_hours_that_are_missing_are_the_distance_to_the_settlement_before(tmp_path: Path) -> None:
    eight = "2000-01-01T08:00:00.000Z"
    asked = Asked("bitmex-funding")
    path = write(tmp_path, "a.json", settlements(4, fundingInterval=[eight, None, eight, None]))
    with pytest.raises(DataError, match="but row 2: `fundinginterval` is missing"):
        opened(path, Asked())
    one = opened(path, asked)
    assert one.frame["interval_hours"].to_list() == [8, 8, 8, 8]
    assert one.notes == ("2 rates without hours: taken from the distance to the settlement before it",)
    alone = opened(write(tmp_path, "b.json", funding(fundingInterval=None)), asked)
    assert "interval_hours" not in alone.frame.columns


def test_a_record_alone_is_a_list_of_one(tmp_path: Path) -> None:
    (record,) = json.loads(funding())
    one = opened(write(tmp_path, "a.json", json.dumps(record)), Asked())
    assert one.frame.equals(opened(write(tmp_path, "b.json", funding()), Asked()).frame)


def test_open_interest_is_in_usd_where_the_exchange_says_so(tmp_path: Path) -> None:
    body = "2024-01-01 00:05:00,{symbol},20403.637,150570784.0780998,1.2\n"
    linear = write(tmp_path, "a.csv", f"{samples.METRICS}\n" + body.format(symbol="BTCUSDT"))
    one = opened(linear, Asked())
    assert (one.format.name, one.symbol) == ("binance-metrics", "BTCUSDT")
    assert rows_of(one, ("open_interest", "open_interest_coins")) == [(FIRST + 300, 150570784.0780998, 20403.637)]
    inverse = write(tmp_path, "b.csv", f"{samples.METRICS}\n" + body.format(symbol="BTCUSD_PERP"))
    one = opened(inverse, Asked())
    assert one.format.name == "binance-coinm-metrics"
    assert "open_interest" not in one.frame.columns
    history = {"symbol": "BTCUSDT", "sumOpenInterest": "2.5", "sumOpenInterestValue": "3.5", "timestamp": FIRST * 1000}
    one = opened(write(tmp_path, "c.json", json.dumps([history])), Asked())
    assert rows_of(one, ("open_interest", "open_interest_coins")) == [(FIRST, 3.5, 2.5)]


EXPORT = '"Time","Contracts","Funding Interval","Funding Rate"\n'


def exported(*rows: tuple[str, str]) -> str:
    return EXPORT + "".join(f'"{time}","BTCUSDT Perpetual","8h","{rate}"\n' for time, rate in rows)


SUMMER_ENDS = exported(
    ("2023-10-29 16:00:00", "0.012345%"), ("2023-10-29 08:00:00", "-0.003%"), ("2023-10-29 01:00:00", "0.010000%"),
    ("2023-10-28 17:00:00", "0.01%"), ("2023-10-28 09:00:00", "0.01%"),
)  # fmt: skip


def test_a_zone_is_never_guessed_and_a_wrong_one_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", SUMMER_ENDS)
    assert "has no time zone; say which, as in rulelang data import --zone UTC" in refusal(path)
    for zone in ("UTC", "Europe/Paris", "+02:00"):
        assert f"in {zone} most settlements don't fall on hours of UTC" in refusal(path, Asked(zone=zone))
    assert refusal(path, Asked(zone="Nowhere")) == (
        "--zone `Nowhere` is no zone; write UTC, a name such as Europe/London, or +03:00"
    )
    one = opened(path, Asked(zone="Europe/London"))
    first = 1_698_480_000
    assert rows_of(one, ("funding_rate",)) == [
        (first, 0.0001), (first + 28_800, 0.0001), (first + 57_600, 0.0001),
        (first + 86_400, -0.00003), (first + 115_200, 0.00012345),
    ]  # fmt: skip


def test_a_time_that_no_clock_showed_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "time,close\n2024-03-31 01:30:00,5\n2024-03-31 03:30:00,5\n")
    assert "was never on a clock in Europe/London" in refusal(path, Asked(zone="Europe/London"))
    twice = write(tmp_path, "b.csv", "time,close\n2023-10-29 01:30:00,5\n2023-10-29 03:30:00,5\n")
    assert opened(twice, Asked(zone="+01:00")).frame["time"][0].timestamp() == 1_698_539_400


def test_the_fetcher_gives_the_offset_of_its_clock(tmp_path: Path) -> None:
    lines = "".join(f"BTC-USDT,2020-01-01 {hour}:00:00.002,0.0001\n" for hour in ("03", "11", "19"))
    path = write(tmp_path, "a.csv", "Symbol,Date,Funding Rate\n" + lines)
    assert "has no time zone" in refusal(path)
    one = opened(path, Asked(zone="+03:00"))
    assert one.format.name == "funding-fetcher"
    assert rows_of(one, ("interval_hours",))[0] == (1_577_836_800.002, 8)


def test_an_interval_that_changes_is_followed_and_a_gap_is_no_interval(tmp_path: Path) -> None:
    hours = [0, 8, 16, 24, 28, 32, 36, 44, 48, 52]
    rows = [{"symbol": "X", "fundingRate": "0.1", "fundingTime": (FIRST + h * HOUR) * 1000} for h in hours]
    one = opened(write(tmp_path, "a.json", json.dumps(rows)), Asked())
    assert one.frame["interval_hours"].to_list() == [8, 8, 8, 8, 4, 4, 4, 4, 4, 4]
    single = opened(write(tmp_path, "b.json", json.dumps(rows[:1])), Asked())
    assert "interval_hours" not in single.frame.columns
    stated = opened(write(tmp_path, "b.json", json.dumps(rows[:1])), Asked(every=4 * HOUR))
    assert stated.frame["interval_hours"].to_list() == [4]


def test_bars_that_are_not_over_are_left_out(tmp_path: Path) -> None:
    rows = [[row.time * 1000, *row.values[:4], "1250", row.values[4], samples._turnover(row)] for row in bars(3)]
    told = [[*map(str, row), "0" if at == 2 else "1"] for at, row in enumerate(rows)][::-1]
    one = opened(write(tmp_path, "a.json", json.dumps({"code": "0", "data": told})), Asked())
    assert (one.frame.height, one.unfinished) == (2, 1)
    result = {"category": "spot", "symbol": "BTCUSDT", "list": [list(map(str, row[:7])) for row in rows[::-1]]}
    answer = {"retCode": 0, "result": result, "time": (FIRST + 3 * HOUR - 1) * 1000}
    one = opened(write(tmp_path, "b.json", json.dumps(answer)), Asked())
    assert (one.frame.height, one.unfinished) == (2, 1)


def test_a_file_name_tells_instrument_and_length(tmp_path: Path) -> None:
    made = ",".join(map(str, kline(bars()[0]))) + "\n"
    one = opened(write(tmp_path, "BTCUSDT-1h-2024-01.csv", made), Asked())
    assert (one.symbol, one.length) == ("BTCUSDT", HOUR)
    one = opened(write(tmp_path, "ETH_USDT_USDT-1h-futures.feather", samples.feather(bars(1))), Asked())
    assert (one.symbol, one.length) == ("ETH/USDT:USDT", HOUR)
    path = write(tmp_path, "ETH_USDT_USDT-5m-futures.feather", samples.feather(bars()))
    assert "its name says bars of 300 s, most rows are 3600 s apart" in refusal(path)


def test_a_calendar(tmp_path: Path) -> None:
    text = ics(("20240131T190000Z", "FOMC"), ("20240213T133000Z", "CPI\\, US"))
    zoned = text.replace("DTSTART:20240131T190000Z", "DTSTART;TZID=America/New_York:20240131T140000")
    for content in (text, zoned):
        one = opened(write(tmp_path, "a.ics", content), Asked())
        assert rows_of(one, ("event",)) == [(1_706_727_600, "FOMC"), (1_707_831_000, "CPI, US")]
    market = run(
        [write(tmp_path, "a.ics", text), write(tmp_path, "p.csv", "close_time,close\n2024-01-01T00:00Z,1\n")],
        request("close", events=("fomc",)),
    )
    assert market.events == {"fomc": (1_706_727_600,)}


def test_events_without_a_zone_or_repeated_are_refused(tmp_path: Path) -> None:
    floating = write(tmp_path, "a.ics", ics(("20240131T140000", "FOMC")))
    assert "`2024-01-31 14:00:00` has no time zone" in refusal(floating)
    one = opened(floating, Asked(zone="America/New_York"))
    assert rows_of(one, ("event",)) == [(1_706_727_600, "FOMC")]
    both = write(tmp_path, "b.ics", ics(("20240131T140000", "FOMC"), ("20240213T133000Z", "CPI")))
    assert "has no time zone" in refusal(both)
    repeated = ics(("20240131T140000Z", "FOMC")).replace("SUMMARY", "RRULE:FREQ=WEEKLY\r\nSUMMARY")
    assert "`FOMC` repeats (`RRULE`); export the calendar with each date" in refusal(write(tmp_path, "c.ics", repeated))
    dated = ics(("20240131", "FOMC")).replace("DTSTART:", "DTSTART;VALUE=DATE:")
    day = opened(write(tmp_path, "d.ics", dated), Asked())
    assert day.notes == ("dates without a time of day are taken as 00:00 UTC",)


# What isn't certain, and what is broken ───────────────────────────────────────────────────────────────────────────────


def test_candidates_are_named_and_one_is_taken_when_said(tmp_path: Path) -> None:
    quiet = "".join(",".join(map(str, samples.quiet_kline(row))) + "\n" for row in bars())
    path = write(tmp_path, "a.csv", quiet)
    assert refusal(path) == (
        "a.csv: could be binance-mark-klines or binance-index-klines, and nothing in it decides; "
        "say which, as in rulelang data import --as binance-mark-klines"
    )
    assert opened(path, Asked(form="binance-index-klines")).format.calls == "index"
    assert refusal(path, Asked(form="okx-funding")).startswith("a.csv: is no okx-funding (OKX funding rate history)")


def test_payments_of_funding_are_no_rates(tmp_path: Path) -> None:
    paid = [{"symbol": "BTC/USDT:USDT", "code": "USDT", "amount": -0.5, "timestamp": 1, "datetime": "", "id": "1"}]
    assert "holds payments of funding, no rates" in refusal(write(tmp_path, "a.json", json.dumps(paid)))


KLINE = ",".join(map(str, kline(bars()[0])))
BROKEN: dict[str, tuple[str, str | bytes, str]] = {
    "empty": ("a.json", "", "is empty; nothing was read"),
    "empty CSV": ("a.csv", "", "is empty; nothing was read"),
    "only a header": ("a.csv", samples.KLINES + "\n", "holds no rows, only the names of columns"),
    "no number": ("a.csv", f"{KLINE}\n" + KLINE.replace("100.10,", "abc,", 1), "row 2, column `1`: `abc` is no number"),
    "mixed units": (
        "a.csv", f"{KLINE}\n" + ",".join(map(str, kline(bars()[1], 1_000_000))),
        "is in microseconds, the rows above are in milliseconds; write all times in one unit",
    ),
    "a row cut short": ("a.csv", f"{KLINE}\n{KLINE[:40]}", "the last row has 5 cells, the others 12: it is cut short"),
    "a short row amid": ("a.csv", f"{KLINE}\n1704070800000,5\n{KLINE}\n", "row 2: has 2 cells, the others 12"),
    "no JSON": ("a.json", '{"a": ', "is cut short or damaged"),
    "lists cut short": ("a.json", "[[1,2,3,4,5,6],[1,2", "is cut short or damaged"),
    "lines of JSON": ("a.json", '{"a": 1}\n{"a": 2}\n', "if each line is a record, name the file .ndjson"),
    "binary garbage as JSON": ("a.json", bytes(range(256)), "is cut short or damaged"),
    "binary garbage as CSV": ("a.csv", bytes(range(128, 256)), "is not UTF-8 text"),
    "binary garbage as feather": ("a.feather", b"ARROW1" + bytes(range(256)), "is cut short or damaged"),
    "binary garbage as zip": ("a.zip", b"PK\x03\x04" + bytes(range(256)), "is cut short or damaged"),
    "no calendar": ("a.ics", "hello", "is no iCalendar file, or is cut short"),
    "a calendar without events": ("a.ics", ics(), "holds no event"),
    "JSON of something else": ("a.json", '{"timezone": "UTC"}', "is in no format that is known"),
    "UTF-16": ("a.csv", f"{KLINE}\n".encode("utf-16"), "is not UTF-8 text; save it as UTF-8"),
    "an empty row amid": ("a.csv", f"{KLINE}\n\n{KLINE}\n", "row 2, column `0`: is empty; every row needs its time"),
    "a time of nought": ("a.csv", KLINE.replace("1704067200000", "12", 1), "`12` is no time"),
    "a time cut by a spreadsheet": ("a.csv", KLINE.replace("1704067200000", "1.7E+12", 1), "first row"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_get_one_line(case: str, tmp_path: Path) -> None:
    name, content, message = BROKEN[case]
    assert message in refusal(write(tmp_path, name, content))


def test_a_packed_file_cut_short_or_with_several_inside(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", f"{KLINE}\n" * 2000)
    path.write_bytes(path.read_bytes()[:-30])
    assert "is cut short or damaged" in refusal(str(path))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", KLINE)
        archive.writestr("b.csv", KLINE)
    assert "holds `a.csv`, `b.csv`; unpack it" in refusal(str(path))
    assert "is a folder" in refusal(str(tmp_path))
    assert "there is no such file" in refusal(str(tmp_path / "none.csv"))
    assert "there is no such file" in refusal(str(tmp_path / "none.json"))


def test_values_that_are_missing_or_huge_stay_what_they_are(tmp_path: Path) -> None:
    rows = [kline(row) for row in bars(4)]
    rows[1][5], rows[2][5], rows[3][5] = "", "NaN", "1e400"
    path = write(tmp_path, "a.csv", "".join(",".join(map(str, row)) + "\n" for row in rows))
    assert opened(path, Asked()).frame["volume"].to_list() == [12.5, None, None, float("inf")]


def test_a_map_of_the_source_s_own_column_reads_it_as_it_stands(tmp_path: Path) -> None:
    path = samples.write(tmp_path, next(one for one in SAMPLES if one.name == "headed.csv"))
    market = run(path, request("close"), "close=quote_volume", stamp=None)
    assert next(iter(column(market, "close").values())) == float(str(kline(bars()[0])[7]))
    assert next(iter(column(market, "close"))) == FIRST + HOUR


def test_without_polars_our_tables_are_read_and_others_ask_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    own = write(tmp_path, "own.csv", "open_time,close\n2024-01-01T00:00Z,1\n2024-01-01T01:00Z,2\n")
    other = samples.write(tmp_path, SAMPLES[1])
    monkeypatch.setitem(sys.modules, "polars", None)
    assert len(list(run(own, request("close")).steps)) == 2
    with pytest.raises(DataError, match=r"reading it needs polars: pip install 'rulelang\[data\]'"):
        run(other, request("close"))


def test_empty_lines_at_the_end_blanks_and_quotes_change_nothing(tmp_path: Path) -> None:
    rows = [list(map(str, kline(row))) for row in bars()]
    expected = opened(write(tmp_path, "a.csv", "".join(",".join(row) + "\n" for row in rows)), Asked()).frame
    for text in (
        "".join(",".join(row) + "\n" for row in rows) + "\n\n",
        "".join(", ".join(row) + "\n" for row in rows),
        "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows),
    ):
        assert opened(write(tmp_path, "b.csv", text), Asked()).frame.equals(expected)


def test_a_wrong_row_does_not_hide_the_format(tmp_path: Path) -> None:
    rows = [kline(row) for row in bars(9)]
    rows[4][3] = "-1"
    rows[5][2], rows[5][3] = "1", "2"
    path = write(tmp_path, "a.csv", "".join(",".join(map(str, row)) + "\n" for row in rows))
    assert opened(path, Asked()).format.name == "binance-klines"
