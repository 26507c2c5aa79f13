"""Every kind of broken data gets one line that names file, row and column and says what to do, or counts as missing."""

from pathlib import Path

import pytest
from attrs import evolve

from rulelang.data import DataError, Need, Request, Stamp
from rulelang.fields import CATALOGUE, Field
from rulelang.kinds import words
from tests.data.making import DAY, HOUR, column, declared, need, parquet, request, run

HEAD = "time,close\n"


def rows(*values: object) -> str:
    """Return a CSV of hourly closes from 2024-01-01T00:00Z."""
    return HEAD + "".join(f"2024-01-01T{hour:02}:00Z,{value}\n" for hour, value in enumerate(values))


def write(folder: Path, content: str | bytes, name: str = "a.csv") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def complaint(path: "str | list[str]", asked: Request, *maps: str, stamp: Stamp | None = Stamp.OPEN) -> str:
    """Return the message of the refusal, with the folder of the file cut away."""
    with pytest.raises(DataError) as caught:
        run(path, asked, *maps, stamp=stamp)
    folder = str(Path(path if isinstance(path, str) else path[0]).parent) + "/"
    text = str(caught.value)
    assert "\n" not in text
    return text.replace(folder, "")


CLOSE = request("close")
FUNDING = request("funding_8h")

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "empty file": ("", "a.csv: is empty; nothing was read"),
    "only a header": ("time,close\n", "a.csv: holds no rows, only the names of columns"),
    "text in a number column": (
        rows(1, "abc", 3),
        "a.csv: row 3, column `close`: `abc` is no number: write one, or leave the cell empty where there is none",
    ),
    "a comma that groups digits": (
        rows(1, '"1,500.5"'),
        "a.csv: row 3, column `close`: `1,500.5` has a comma: write numbers as in 65000.5",
    ),
    "a percent sign": (
        rows(1, "0.01%"),
        "a.csv: row 3, column `close`: `0.01%` has a percent sign: write the fraction, as in 0.0001 for 0.01%",
    ),
    "a comma too many": (
        rows(1, "2,5"),
        "a.csv: row 3: has 3 cells, the first row names 2 columns; give each row one cell a column",
    ),
    "lines above the header": (
        "https://example.org\n" + rows(1),
        "a.csv: row 2: has 2 cells, but the first row names one column; "
        "remove what stands above the names of the columns",
    ),
    "an open quote": (
        rows(1) + '2024-01-01T01:00Z,"2\n',
        "a.csv: row 3: is no CSV (unexpected end of data); check its quotes",
    ),
    "a column named twice": (
        "time,close,close\n1,2,3\n",
        "a.csv: row 1: two columns are named `close`; give each its own name",
    ),
    "semicolons": (
        "time;close\n1;2\n",
        "a.csv: row 1: the first row `time;close` has no commas; separate cells by commas",
    ),
    "no header": (
        "1704067200000,5\n1704070800000,5\n",
        "a.csv: row 1: the first row holds numbers; it must name the columns, as in time,open,high,low,close,volume",
    ),
    "UTF-16": (rows(1).encode("utf-16"), "a.csv: row 1: is not UTF-8 text; save it as UTF-8"),
    "one time with two values": (
        rows(1, 2, 3) + "2024-01-01T02:00Z,4\n",
        "a.csv: row 5, column `close`: 2024-01-01T02:00Z has `close` 4 here and 3 in row 4; keep the right one",
    ),
    "one time in two markets": (
        "time,market,close\n2024-01-01T00:00Z,spot,1\n2024-01-01T00:00Z,perp,2\n",
        "a.csv: row 3, column `close`: 2024-01-01T00:00Z has `close` 2 here and 1 in row 2; "
        "keep the rows of one `market` (`spot` or `perp`)",
    ),
    "unsorted": (
        rows(1, 2, 3) + "2024-01-01T00:30Z,2\n",
        "a.csv: row 5, column `time`: 2024-01-01T00:30Z comes before 2024-01-01T02:00Z of the row above; "
        "sort the file by `time`",
    ),
    "mixed units": (
        HEAD + "1704067200,1\n1704070800000,2\n",
        "a.csv: row 3, column `time`: `1704070800000` is in milliseconds, the rows above are in seconds; "
        "write all times in one unit",
    ),
    "written and counted times": (
        HEAD + "1704067200,1\n2024-01-01T01:00Z,2\n",
        "a.csv: row 3, column `time`: `2024-01-01T01:00Z` is written out, the rows above are in seconds; "
        "write all times in one unit",
    ),
    "no time": (
        HEAD + "yesterday,1\n",
        "a.csv: row 2, column `time`: `yesterday` is no time; "
        "write 2024-05-12T08:00Z, or seconds or milliseconds since 1970",
    ),
    "a number that is no time": (
        HEAD + "20240101,1\n",
        "a.csv: row 2, column `time`: `20240101` is no time; "
        "write 2024-05-12T08:00Z, or seconds or milliseconds since 1970",
    ),
    "a time left empty": (
        HEAD + ",1\n",
        "a.csv: row 2, column `time`: is empty; every row needs its time: fill it in or remove the row",
    ),
    "no zone": (
        HEAD + "2024-01-01 00:00:00,1\n",
        "a.csv: row 2, column `time`: `2024-01-01 00:00:00` has no time zone; add Z if it is UTC "
        "(`2024-01-01T00:00:00Z`), else convert it to UTC",
    ),
    "a spreadsheet's time": (
        HEAD + "1.70407E+12,1\n",
        "a.csv: row 2, column `time`: `1.70407E+12` has lost its last digits, as in a spreadsheet; "
        "export the file again",
    ),
    "off the grid": (
        HEAD + "2024-01-01T00:30Z,1\n2024-01-01T01:30Z,1\n",
        "a.csv: row 2, column `time`: 2024-01-01T00:30Z is no open of a bar of 1h; correct or remove the row",
    ),
    "missing column": (
        "time,price,close_price\n2024-01-01T00:00Z,1,2\n",
        "no file supplies `close`; the columns are `time`, `price`, `close_price`; add a file that has it, "
        "or say which column it is: --map close=close_price",
    ),
    "no time column": (
        "when,close\n2024-01-01T00:00Z,1\n",
        "a.csv: no column is the time; the columns are `when`, `close`; say which one is: --map time=COLUMN",
    ),
    "two time columns": (
        "time,date,close\n1,2,3\n",
        "a.csv: `time`, `date` could each be the time; say which one is: --map time=time",
    ),
    "an asset left empty": (
        "time,asset,close\n2024-01-01T00:00Z,,1\n",
        "a.csv: row 2, column `asset`: is empty; every row needs its asset",
    ),
    "several assets for nameless rules": (
        "time,symbol,close\n2024-01-01T00:00Z,BTCUSDT,1\n2024-01-01T00:00Z,ETHUSDT,1\n",
        "a.csv: column `symbol`: holds `BTCUSDT`, `ETHUSDT`, but the rule file names no assets; "
        "write `assets BTC, ETH` in it, or --data a.csv:BTC",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_one_line(case: str, tmp_path: Path) -> None:
    content, message = REFUSED[case]
    assert complaint(write(tmp_path, content), CLOSE) == message


RATES = {
    "no interval": (
        "time,funding_rate\n1704067200,0.0001\n",
        "a.csv: column `funding_rate`: nothing says how many hours each rate is for; add a column `interval_hours`, or "
        "state the interval in the rule file as in `field funding_8h every 4h`, or --map funding_8h=funding_rate "
        "if the rates already are per 8 hours",
    ),
    "an interval left empty": (
        "time,funding_rate,interval_hours\n1704067200,0.0001,8\n1704096000,0.0001,\n",
        "a.csv: row 3, column `funding_rate`: its `interval_hours` is empty: write the hours that the rate "
        "is for, such as 8",
    ),
    "an interval of nought": (
        "time,funding_rate,interval_hours\n1704067200,0.0001,0\n",
        "a.csv: row 2, column `funding_rate`: its `interval_hours` is `0`: write the hours that the rate is "
        "for, such as 8",
    ),
    "percentage points": (
        "time,funding_rate,interval_hours\n1704067200,0.01,8\n1704096000,0.01,8\n",
        "a.csv: column `funding_rate`: as `funding_8h` the median would be 1% per 8h: these look like "
        "percentage points; "
        "if they are, --map funding_8h=funding_rate*0.01",
    ),
}


@pytest.mark.parametrize("case", RATES)
def test_rates_that_are_not_certain(case: str, tmp_path: Path) -> None:
    content, message = RATES[case]
    assert complaint(write(tmp_path, content), FUNDING, stamp=None) == message


def test_the_map_that_a_message_offers_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path, RATES["percentage points"][0])
    market = run(path, FUNDING, "funding_8h=funding_rate*0.01", stamp=None)
    assert list(column(market, "funding_8h").values()) == [0.0001, 0.0001]


def test_a_cadence_stated_by_the_rule_file_is_the_interval(tmp_path: Path) -> None:
    path = write(tmp_path, RATES["no interval"][0])
    four = evolve(CATALOGUE["funding_8h"], every=4 * HOUR)
    assert list(column(run(path, declared(four), stamp=None), "funding_8h").values()) == [0.0002]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("-5", "out of bounds: `close` is above 0"),
        ("0", "out of bounds: `close` is above 0"),
        ("inf", "larger than any value of a market"),
        ("1e308", "larger than any value of a market"),
        ("1e999", "larger than any value of a market"),
    ],
)
def test_values_out_of_bounds_are_missing_and_reported(cell: str, why: str, tmp_path: Path) -> None:
    market = run(write(tmp_path, rows(1, cell, 3)), CLOSE)
    assert [values[None] for _, values in market.steps] == [{"close": 1.0}, {}, {"close": 3.0}]
    line = f"    refused   1 value of close, now missing; the first in row 3: `{cell}`, {why}"
    assert line in market.report.lines()


@pytest.mark.parametrize("cell", ["", "NaN", "null", "N/A", " "])
def test_nothing_is_simply_missing(cell: str, tmp_path: Path) -> None:
    market = run(write(tmp_path, rows(1, cell, 3)), CLOSE)
    assert [values[None] for _, values in market.steps] == [{"close": 1.0}, {}, {"close": 3.0}]
    assert market.report.files[0].refused == ()


def test_a_column_mostly_out_of_bounds_is_another_quantity(tmp_path: Path) -> None:
    content = HEAD + "".join(f"{1_704_067_200 + i * HOUR},{i % 5 - 1}\n" for i in range(200))
    assert complaint(write(tmp_path, content), CLOSE) == (
        "a.csv: row 2, column `close`: 80 of 200 values can't be `close` (the first: `-1`, out of bounds: `close` is "
        "above 0); this is another quantity; say which column is `close`: --map close=COLUMN"
    )


def test_the_same_row_twice_counts_once(tmp_path: Path) -> None:
    market = run(write(tmp_path, rows(1, 2) + "2024-01-01T01:00Z,2\n2024-01-01T02:00Z,3\n"), CLOSE)
    assert list(column(market, "close").values()) == [1, 2, 3]
    assert market.report.files[0].duplicates == 1


def test_newest_first_is_turned_round(tmp_path: Path) -> None:
    lines = rows(1, 2, 3).splitlines()
    market = run(write(tmp_path, "\n".join([lines[0], *lines[:0:-1]])), CLOSE)
    assert list(column(market, "close").values()) == [1, 2, 3]
    assert market.report.files[0].newest_first


def test_which_moment_of_the_bar_must_be_known(tmp_path: Path) -> None:
    assert complaint(write(tmp_path, rows(1, 2)), CLOSE, stamp=None) == (
        "a.csv: column `time`: nothing says whether it is the open or the close of each bar, and an open taken for a "
        "close lets rules see the future; write --time open (as exchanges do) or --time close"
    )


@pytest.mark.parametrize(
    "content",
    [
        "open_time,close\n1704067200000,5\n1704070800000,6\n",
        "close_time,close\n1704070799999,5\n1704074399999,6\n",
        "close_time,close\n1704070799999999,5\n1704074399999999,6\n",
        "known_at,close\n2024-01-01T01:00Z,5\n2024-01-01T02:00:00+00:00,6\n",
        "known_at,close\n2024-01-01 01:00:00 UTC,5\n2024-01-01T03:00+01:00,6\n",
        "open_time,close_time,close\n1704067200000,1704070799999,5\n1704070800000,1704074399999,6\n",
    ],
)
def test_columns_that_tell_the_moment_themselves(content: str, tmp_path: Path) -> None:
    market = run(write(tmp_path, content), CLOSE, stamp=None)
    assert column(market, "close") == {1_704_070_800: 5.0, 1_704_074_400: 6.0}


def test_settlements_that_jitter_are_those_of_the_boundary(tmp_path: Path) -> None:
    content = "time,funding_rate,interval_hours\n1704067200.003,0.0001,8\n1704095959,0.0002,8\n1704124860,0.0003,8\n"
    market = run(write(tmp_path, content), FUNDING, stamp=None)
    assert column(market, "funding_8h") == {1_704_067_200: 0.0001, 1_704_096_000: 0.0002, 1_704_124_800: 0.0003}


def test_a_settlement_in_a_gap_is_counted_not_delivered(tmp_path: Path) -> None:
    prices = [1_704_067_200 + hour * HOUR for hour in range(40) if not 7 <= hour < 17]
    write(tmp_path, HEAD + "".join(f"{time},1\n" for time in prices))
    funding = "".join(f"{1_704_067_200 + n * 8 * HOUR},0.000{n},8\n" for n in range(1, 5))
    write(tmp_path, "time,funding_rate,interval_hours\n" + funding, "f.csv")
    market = run([str(tmp_path / "a.csv"), str(tmp_path / "f.csv")], request("close", "funding_8h"))
    first = 1_704_067_200
    assert column(market, "funding_8h") == {
        first + 18 * HOUR: 0.0002,
        first + 24 * HOUR: 0.0003,
        first + 32 * HOUR: 0.0004,
    }
    assert market.report.files[1].between == {"funding_8h": 1}
    assert "    lost      1 value of funding_8h: no step in their period, they fell into a gap" in market.report.lines()


def test_a_change_of_interval_is_reported_and_normalised(tmp_path: Path) -> None:
    content = "time,funding_rate,interval_hours\n1704067200,0.0001,8\n1704096000,0.0002,8\n1704110400,0.0003,4\n"
    market = run(write(tmp_path, content), declared(evolve(CATALOGUE["funding_8h"], every=4 * HOUR)), stamp=None)
    assert list(column(market, "funding_8h").values()) == [0.0001, 0.0002, 0.0006]
    assert "`interval_hours` changes from 8 to 4 in row 4" in market.report.files[0].notes


def test_files_that_disagree(tmp_path: Path) -> None:
    paths = [write(tmp_path, rows(1, 2, 3), "x.csv"), write(tmp_path, rows(1, 2, 4), "y.csv")]
    assert complaint(paths, CLOSE) == (
        "y.csv: row 4, column `close`: `close` known at 2024-01-01T03:00Z is 4 here and 3 in x.csv (row 4); "
        "keep the file that is right"
    )


def test_files_that_agree_where_they_overlap(tmp_path: Path) -> None:
    lines = rows(1, 2, 3, 4).splitlines()
    paths = [write(tmp_path, rows(1, 2, 3), "x.csv"), write(tmp_path, "\n".join([lines[0], *lines[3:]]), "y.csv")]
    assert list(column(run(paths, CLOSE), "close").values()) == [1, 2, 3, 4]


def test_damaged_parquet(tmp_path: Path) -> None:
    whole = Path(parquet(tmp_path / "a.parquet", time=[1_704_067_200 + i * HOUR for i in range(99)], close=[1.0] * 99))
    data = whole.read_bytes()
    for cut in (1, 4, len(data) // 2, len(data) - 3):
        whole.write_bytes(data[:cut])
        assert complaint(str(whole), CLOSE) == (
            "a.parquet: is cut short or damaged, or no Parquet file; download or write it again"
        )
    whole.write_bytes(b"")
    assert complaint(str(whole), CLOSE) == "a.parquet: is empty; nothing was read"


def test_parquet_without_a_zone(tmp_path: Path) -> None:
    import polars

    path = tmp_path / "a.parquet"
    frame = polars.DataFrame({"time": [1_704_067_200], "close": [1.0]}).with_columns(polars.from_epoch("time", "s"))
    frame.write_parquet(path)
    assert complaint(str(path), CLOSE) == (
        "a.parquet: column `time`: has times without a zone; store them as UTC, in pandas with "
        ".dt.tz_localize('UTC') if that is what they are"
    )


def test_parquet_with_text_for_numbers_names_the_record(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", time=[1_704_067_200, 1_704_070_800], close=["1.5", "x"])
    assert complaint(path, CLOSE) == (
        "a.parquet: row 2, column `close`: `x` is no number: write one, or leave the cell empty where there is none"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"time":"2024-01-01T00:00Z","clo\n',
            'row 1: `{"time":"2024-01-01T00:00Z","clo` is no JSON; write one whole object a line',
        ),
        ("[1]\n", 'row 1: `[1]` is no JSON object; write one such as {"time": …, "close": …} a line'),
        (
            '{"time":"2024-01-01T00:00Z","close":true}\n',
            "row 1, column `close`: `True` is no number: write one, or leave the cell empty where there is none",
        ),
    ],
)
def test_damaged_ndjson(content: str, message: str, tmp_path: Path) -> None:
    assert complaint(write(tmp_path, content, "a.ndjson"), CLOSE) == f"a.ndjson: {message}"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", "there is no such file"),
        ("none", "there is no such file"),
        ("none.xlsx", "there is no such file"),
        ("", "is a folder; name the files in it"),
        (
            "a.xlsx",
            "is in no format that can be read; name a .parquet, .csv, .ndjson, .json, .feather, .ics or .zip file",
        ),
    ],
)
def test_paths_that_are_no_data(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("a")
    with pytest.raises(DataError) as caught:
        run(str(tmp_path / name) if name else str(tmp_path), CLOSE)
    assert str(caught.value).endswith(f": {message}")


def test_a_file_cut_short_in_its_compression(tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(rows(1, 2).encode())
    assert list(column(run(write(tmp_path, packed, "a.csv.gz"), CLOSE), "close").values()) == [1, 2]
    assert complaint(write(tmp_path, packed[:-9], "a.csv.gz"), CLOSE) == (
        "a.csv.gz: is cut short or damaged; download or write it again"
    )


def test_a_word_that_the_field_does_not_take_is_missing_and_reported(tmp_path: Path) -> None:
    outlook = Field("outlook", words(("bearish", "bullish")), "", valid_for=7 * DAY)
    content = (
        "known_at,outlook\n2024-01-01T00:10:00Z,bearish\n2024-01-01T01:07:30Z,sideways\n2024-01-01T01:09Z,bullish\n"
    )
    paths = [write(tmp_path, rows(1, 2, 3)), write(tmp_path, content, "w.csv")]
    market = run(paths, Request((Need(None, outlook), *need("close")), (), HOUR))
    assert list(column(market, "outlook").items()) == [(1_704_070_800, "bearish"), (1_704_074_400, "bullish")]
    refused = market.report.files[1].refused[0]
    assert (refused.row, refused.value, refused.why) == (3, "sideways", "not one of bearish, bullish")


def test_an_asset_the_rules_do_not_know(tmp_path: Path) -> None:
    path = write(tmp_path, rows(1))
    assert complaint([f"{path}:DOGE"], request("close", assets=("BTC", "ETH"))) == (
        "a.csv: the rules know no asset DOGE; they are for BTC, ETH"
    )


def test_symbols_that_could_each_be_the_asset(tmp_path: Path) -> None:
    content = "time,symbol,close\n2024-01-01T00:00Z,BTCUSDT,1\n2024-01-01T00:00Z,BTCUSD_PERP,2\n"
    assert complaint(write(tmp_path, content), request("close", assets=("BTC",))) == (
        "a.csv: column `symbol`: `BTCUSDT`, `BTCUSD_PERP` could each be BTC; keep the rows of one of them"
    )


def test_a_symbol_of_another_asset(tmp_path: Path) -> None:
    content = "time,symbol,close\n2024-01-01T00:00Z,ETHUSDT,1\n"
    assert complaint(write(tmp_path, content), request("close", assets=("BTC",))) == (
        "a.csv: column `symbol`: `ETHUSDT`: none is certain to be one of BTC; if it is one, write --data a.csv:BTC"
    )


def test_series_one_behind_the_other_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("time,market,close\n0300000000,spot,1\n0300003600,spot,2\n0300000000,perp,3\n0300003600,perp,4\n")
    with pytest.raises(DataError) as caught:
        run(path, request("close"))
    assert str(caught.value).endswith(
        "comes before 1979-07-05T06:20Z of the row above; keep the rows of one `market` (`spot` or `perp`)"
    )
