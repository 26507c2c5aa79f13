"""Everything that can be wrong with what `rulelang run` is given: one message that says what to do, no traceback."""

from pathlib import Path

import polars
import pytest

from tests.cli.running import PRICES, RULES, called, files

HEAD = "open_time,close,funding_8h\n"


def _lines(*rows: str) -> str:
    return HEAD + "".join(f"{row}\n" for row in rows)


def _hours(*closes: object) -> str:
    return _lines(*(f"2024-01-01T{at:02}:00Z,{close}," for at, close in enumerate(closes)))


DATA = {
    "an empty file": ("", "RL700", "prices.csv: is empty; nothing was read"),
    "blanks only": (" \n\n", "RL700", "prices.csv: is empty; nothing was read"),
    "only a header": (HEAD, "RL700", "prices.csv: holds no rows, only the names of columns"),
    "a needed column missing": (
        "open_time,open,funding_8h\n2024-01-01T00:00Z,1,\n",
        "RL706",
        "no file supplies `close`; the columns are `open_time`, `open`, `funding_8h`; add a file that has it, or say "
        "which column it is: --map close=COLUMN",
    ),
    "no column of times": (
        "close,funding_8h\n1,\n",
        "RL701",
        "prices.csv: no column is the time; the columns are `close`, `funding_8h`; say which one is: --map time=COLUMN",
    ),
    "text among numbers": (
        _hours(1, "abc"),
        "RL705",
        "prices.csv: row 3, column `close`: `abc` is no number: write one, or leave the cell empty where there is none",
    ),
    "a comma in a number": (
        HEAD + '2024-01-01T00:00Z,"65,000",\n',
        "RL705",
        "prices.csv: row 2, column `close`: `65,000` has a comma: write numbers as in 65000.5",
    ),
    "a percent sign": (
        _lines("2024-01-01T00:00Z,1,0.01%"),
        "RL705",
        "prices.csv: row 2, column `funding_8h`: `0.01%` has a percent sign: "
        "write the fraction, as in 0.0001 for 0.01%",
    ),
    "two values at one time": (
        _lines("2024-01-01T00:00Z,1,", "2024-01-01T00:00Z,2,"),
        "RL703",
        "prices.csv: row 3, column `close`: 2024-01-01T00:00Z has `close` 2 here and 1 in row 2; keep the right one",
    ),
    "times out of order": (
        _lines("2024-01-01T00:00Z,1,", "2024-01-01T02:00Z,2,", "2024-01-01T01:00Z,2,", "2024-01-01T03:00Z,2,"),
        "RL703",
        "prices.csv: row 4, column `open_time`: 2024-01-01T01:00Z comes before 2024-01-01T02:00Z of the row above; "
        "sort the file by `open_time`",
    ),
    "seconds and milliseconds": (
        _lines("1704067200,1,", "1704070800000,2,"),
        "RL702",
        "prices.csv: row 3, column `open_time`: `1704070800000` is in milliseconds, the rows above are in seconds; "
        "write all times in one unit",
    ),
    "a time without a zone": (
        _lines("2024-01-01 00:00:00,1,"),
        "RL702",
        "prices.csv: row 2, column `open_time`: `2024-01-01 00:00:00` has no time zone; "
        "add Z if it is UTC (`2024-01-01T00:00:00Z`), else convert it to UTC",
    ),
    "nothing says open or close": (
        _hours(1, 2).replace("open_time", "time"),
        "RL704",
        "prices.csv: column `time`: nothing says whether it is the open or the close of each bar, and an open taken "
        "for a close lets rules see the future; write --time open (as exchanges do) or --time close",
    ),
    "bars of another length": (
        _lines("2024-01-01T00:00Z,1,", "2024-01-02T00:00Z,1,", "2024-01-03T00:00Z,1,"),
        "RL708",
        "prices.csv: column `close`: most rows are 1d apart, the bars are 1h; write `bars 1d` in the rule file, "
        "or use a file of 1h bars",
    ),
    "a row too short": (
        HEAD + "2024-01-01T00:00Z,1\n",
        "RL700",
        "prices.csv: row 2: has 2 cells, the first row names 3 columns; give each row one cell a column",
    ),
    "bytes that are no text": (
        HEAD.encode() + b"\xff\xfe\x00",
        "RL700",
        "prices.csv: row 2: is not UTF-8 text; save it as UTF-8",
    ),
    "percentage points": (
        _lines("2024-01-01T00:00Z,1,0.01", "2024-01-01T01:00Z,1,0.02"),
        "RL707",
        "prices.csv: column `funding_8h`: as `funding_8h` the median would be 1.5% per 8h: these look like percentage "
        "points; if they are, --map funding_8h=funding_8h*0.01",
    ),
}


@pytest.mark.parametrize("case", DATA)
def test_bad_data(case: str, folder: Path) -> None:
    content, code, message = DATA[case]
    files(folder, prices_csv=content)
    result = called("run", "my.rules", "--data", "prices.csv", "--format", "csv")
    assert (result.code, result.out, result.err) == (1, "", f"error[{code}]: {message}\n")


@pytest.mark.parametrize("cell", ["", "NaN", "inf", "-inf", "1e308", "1e999", "-5", "0"])
def test_cells_that_count_as_missing(cell: str, folder: Path) -> None:
    files(
        folder, prices_csv=_hours(99, cell, 99, 99), my_rules="bars 1h rule gone when close is missing then hedge 50%"
    )
    result = called("run", "my.rules", "--data", "prices.csv", "--format", "csv")
    assert result.code == 0
    assert [line.split(",")[1] for line in result.out.splitlines()] == ["hedge", "0.0", "0.5", "0.0", "0.0"]
    assert ("refused   1 value of close" in result.err) == (cell not in ("", "NaN"))


STDIN = {
    "nothing": (b"", "RL700", "standard input: holds no rows; nothing was read"),
    "only a header": (HEAD.encode(), "RL700", "standard input: holds no rows; nothing was read"),
    "binary": (
        b"PAR1\x00\xff\xfe" * 99,
        "RL700",
        "standard input: row 1: is not UTF-8 text; send CSV or NDJSON lines in UTF-8",
    ),
    "control characters": (
        b"a\x1b[31m,b\n1,2\n",
        "RL706",
        "no file supplies `close`; the columns are `a\N{REPLACEMENT CHARACTER}[31m`, `b`; "
        "add a file that has it, or say which column it is: --map close=COLUMN",
    ),
    "a line cut short": (
        b'{"open_time": "2024-01-01T00:00Z", "close": 1, "funding_8h": 0}\n{"open_time": "2024-01',
        "RL700",
        'standard input: row 2: `{"open_time": "2024-01` is no JSON; write one whole object a line',
    ),
    "a time that goes back": (
        _lines("2024-01-01T01:00Z,1,", "2024-01-01T00:00Z,1,").encode(),
        "RL703",
        "standard input: row 3, column `open_time`: 2024-01-01T00:00Z is before the bar of 2024-01-01T01:00Z that came "
        "before; send bars oldest first, each once",
    ),
}


@pytest.mark.parametrize("case", STDIN)
def test_bad_standard_input(case: str) -> None:
    content, code, message = STDIN[case]
    result = called("run", "my.rules", "--data", "-", stdin=content)
    assert (result.code, result.err) == (1, f"error[{code}]: {message}\n")


def test_standard_input_without_a_base_period(folder: Path) -> None:
    files(folder, my_rules="when close > 1 USD then hedge 1%")
    result = called("run", "my.rules", "--data", "-", stdin=PRICES)
    assert (result.code, result.last) == (
        1,
        "error[RL708]: standard input: a stream does not tell how long a bar is; write it in the rule file, "
        "as in `bars 1h`",
    )


def test_a_parquet_file_cut_short(folder: Path) -> None:
    polars.DataFrame({"close_time": ["2024-01-01T00:00Z"], "close": [1.0], "funding_8h": [0.0]}).write_parquet(
        "p.parquet"
    )
    assert called("run", "my.rules", "--data", "p.parquet").code == 0
    content = (folder / "p.parquet").read_bytes()
    for size in (0, 1, 4, len(content) // 2, len(content) - 1):
        (folder / "p.parquet").write_bytes(content[:size])
        result = called("run", "my.rules", "--data", "p.parquet")
        assert result.code == 1
        assert result.err.startswith("error[RL700]: p.parquet: is ") and len(result.err.splitlines()) == 1


def test_several_spacings_ask_for_bars(folder: Path) -> None:
    files(folder, my_rules="when close > 1 USD then hedge 1%", days_csv="open_time,close\n2024-01-01,1\n2024-01-02,1\n")
    result = called("run", "my.rules", "--data", "prices.csv", "--data", "days.csv")
    assert (result.code, result.last) == (
        1,
        "error[RL708]: the data has several spacings: 1h (prices.csv), 1d (days.csv); "
        "write the one to step by in the rule file, as in `bars 1h`",
    )


def test_an_asset_that_the_rules_do_not_know(folder: Path) -> None:
    files(folder, my_rules="assets BTC, ETH bars 1h when close > 1 USD then hedge 1%")
    result = called("run", "my.rules", "--data", "prices.csv:SOL")
    assert (result.code, result.last) == (
        1,
        "error[RL709]: prices.csv: the rules know no asset SOL; they are for BTC, ETH",
    )
    result = called("run", "my.rules", "--data", "prices.csv")
    assert result.last.startswith(
        "error[RL709]: prices.csv: nothing says which asset this is; write --data prices.csv:BTC"
    )


def test_rules_with_errors_do_not_run(folder: Path) -> None:
    files(folder, my_rules=RULES.replace("0.05%", "0.05"))
    result = called("run", "my.rules", "--data", "prices.csv")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[RL302]: ") and result.last == "my.rules has errors, so it can't run"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("gone.csv", "error[RL700]: gone.csv: there is no such file"),
        ("empty", "error[RL700]: empty: is a folder; name the files in it"),
        ("my.rules", "error[RL700]: my.rules: is in no format that can be read; name a .parquet, .csv, .ndjson, "),
        ("loop.csv", "error[RL700]: loop.csv: can't be read (Too many levels of symbolic links)"),
    ],
)
def test_paths_that_are_no_data(path: str, message: str, folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "loop.csv").symlink_to("loop.csv")
    result = called("run", "my.rules", "--data", path)
    assert result.code == 1
    assert result.last.startswith(message)


ON = ("my.rules", "--data", "prices.csv")
USAGE: dict[str, tuple[tuple[str, ...], str]] = {
    "no data": (("my.rules",), "give market data: --data FILE"),
    "no rule file": (("gone.rules", "--data", "prices.csv"), "there is no file gone.rules"),
    "a folder of rules": (("empty", "--data", "prices.csv"), "empty is a folder; name one rule file in it"),
    "standard input twice": (
        ("-", "--data", "-"),
        "standard input (-) can be read once: for the rule file, or for one --data",
    ),
    "standard input twice as data": (
        ("my.rules", "--data", "-", "--data", "-:BTC"),
        "standard input (-) can be read once: for the rule file, or for one --data",
    ),
    "an unknown param": (
        (*ON, "--set", "leest=1 USD"),
        "--set leest=1 USD: there is no param `leest` to give a value to; the file has `least`, `n`",
    ),
    "a param of the wrong kind": (
        (*ON, "--set", "least=5%"),
        "--set least=5%: `5%` is a ratio, but the param `least` is an amount",
    ),
    "a param out of limits": (
        (*ON, "--set", "least=500 USD"),
        "--set least=500 USD: `500 USD` is outside the limits `50 USD .. 200 USD` of the param `least`",
    ),
    "a param that makes no sense": ((*ON, "--set", "n=1.5"), "--set n=1.5: `n` is no whole number of periods"),
    "a value of no language": ((*ON, "--set", "n=when"), "--set n=when: `when` is no value for `n`"),
    "a param without a value": ((*ON, "--set", "n"), "--set n can't be understood; write --set PARAM=VALUE, as in"),
    "a param twice": ((*ON, "--set", "n=3", "--set", "n=4"), "--set gives `n` twice, 3 and 4; keep one"),
    "from after to": (
        (*ON, "--from", "2024-01-01T05:00Z", "--to", "2024-01-01T04:00Z"),
        "--from 2024-01-01T05:00Z is after --to 2024-01-01T04:00Z",
    ),
    "from beyond the data": (
        (*ON, "--from", "2024-02-01"),
        "no bar lies in the time asked for, --from 2024-02-01; "
        "the bars of the data close from 2024-01-01T01:00Z to 2024-01-01T10:00Z",
    ),
    "between two bars": (
        (*ON, "--from", "2024-01-01T04:10Z", "--to", "2024-01-01T04:50Z"),
        "no bar lies in the time asked for, --from 2024-01-01T04:10Z --to 2024-01-01T04:50Z; the bars",
    ),
    "a time that is none": ((*ON, "--from", "yesterday"), "--from yesterday is no time; write 2024-01-01 or"),
    "a time without a zone": ((*ON, "--to", "2024-01-01T05:00"), "--to 2024-01-01T05:00 has no zone; write"),
    "cold without from": ((*ON, "--cold"), "--cold needs --from: it says where to start"),
    "a moment that is none": (
        (*ON, "--time", "noon"),
        "Invalid value for '--time': 'noon' is not one of 'open', 'close'.",
    ),
    "a map of a column that is not there": (
        (*ON, "--map", "close=clsoe"),
        "--map close=clsoe: no file has a column `clsoe`; did you mean --map close=close",
    ),
    "a map of a field that is not read": ((*ON, "--map", "clsoe=close"), "--map clsoe=close: the rules read no field"),
    "a map that is none": ((*ON, "--map", "close"), "--map `close` can't be understood; write --map FIELD=COLUMN"),
    "a map by nothing": ((*ON, "--map", "close=close*0"), "--map `close=close*0`: the scale `0` is no number to"),
    "data without a name": (
        ("my.rules", "--data", ""),
        "`--data` names no file; write --data PATH or --data PATH:ASSET",
    ),
    "an asset in small letters": (
        ("my.rules", "--data", "prices.csv:btc"),
        "`btc` is no asset: assets are in capitals; write --data prices.csv:BTC",
    ),
    "parquet without a file": ((*ON, "--format", "parquet"), "--format parquet needs a file: -o FILE.parquet"),
    "a table into a file": ((*ON, "--format", "table", "-o", "d.csv"), "a table goes to the terminal; with -o write"),
    "an ending of no format": ((*ON, "-o", "d.txt"), "-o d.txt: the ending tells no format; use .csv, .ndjson or"),
    "into a folder that is not there": (
        (*ON, "-o", "gone/d.csv"),
        "-o gone/d.csv: there is no folder gone; make it first",
    ),
    "into a folder": ((*ON, "-o", "empty", "--format", "csv"), "-o empty is a folder; name a file in it"),
    "over its own data": (
        (*ON, "-o", "./prices.csv"),
        "-o ./prices.csv would write over a file that is read; name another",
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage(case: str, folder: Path) -> None:
    (folder / "empty").mkdir()
    arguments, message = USAGE[case]
    before = sorted(path.name for path in folder.iterdir())
    result = called("run", *arguments, stdin=PRICES)
    assert (result.code, result.out) == (2, "")
    assert result.last.startswith(message)
    assert result.err.startswith("Usage: rulelang run ")
    assert sorted(path.name for path in folder.iterdir()) == before
