"""Standard input line by line: one line in, one step out, at once, with the same rules as for files."""

from collections.abc import Iterator

import pytest

from rulelang.data import DataError, Request, Stamp, parse_map, stream
from tests.data.making import HOUR, need, request

FIRST = 1_704_067_200
CLOSE = request("close")


def hours(*values: object) -> list[str]:
    return [f"{FIRST + i * HOUR},{value}\n" for i, value in enumerate(values)]


def complaint(
    lines: list[str], asked: Request = CLOSE, form: str = "csv", *maps: str, stamp: Stamp | None = Stamp.OPEN
) -> str:
    with pytest.raises(DataError) as caught:
        list(stream(lines, form, asked, [parse_map(text) for text in maps], stamp))
    return str(caught.value)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_step_comes_out_before_the_next_line_goes_in(form: str) -> None:
    taken: list[int] = []

    def lines() -> Iterator[str]:
        if form == "csv":
            yield "time,close\n"
        for hour in range(3):
            taken.append(hour)
            time = FIRST + hour * HOUR
            yield f"{time},{hour + 1}\n" if form == "csv" else f'{{"time": {time}, "close": {hour + 1}}}\n'

    steps = iter(stream(lines(), form, CLOSE, (), Stamp.OPEN))
    for hour in range(3):
        assert next(steps) == (FIRST + (hour + 1) * HOUR, {None: {"close": hour + 1.0}})
        assert taken == list(range(hour + 1))


def test_the_base_period_must_be_stated() -> None:
    assert complaint(["time,close\n"], request("close", bars=None)) == (
        "standard input: a stream does not tell how long a bar is; write it in the rule file, as in `bars 1h`"
    )


def test_open_or_close_must_be_known() -> None:
    assert complaint(["time,close\n", *hours(1)], stamp=None).startswith(
        "standard input: column `time`: nothing says whether it is the open or the close of each bar"
    )
    assert list(stream(["known_at,close\n", *hours(1)], "csv", CLOSE)) == [(FIRST, {None: {"close": 1.0}})]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["time,close\n", *hours(1, "x")],
            "standard input: row 3, column `close`: `x` is no number: write one, or leave the cell empty "
            "where there is none",
        ),
        (
            ["time,close\n", *hours(1, 2), f"{FIRST},1\n"],
            "standard input: row 4, column `time`: 2024-01-01T01:00Z is before the bar of 2024-01-01T02:00Z "
            "that came before; "
            "send bars oldest first, each once",
        ),
        (
            ["time,close\n", *hours(1), f"{FIRST},2\n"],
            "standard input: row 3, column `time`: 2024-01-01T01:00Z has other values than the bar of "
            "2024-01-01T01:00Z that "
            "came before; send bars oldest first, each once",
        ),
        (
            ["time,close\n", f"{FIRST + 5},2\n"],
            "standard input: row 2, column `time`: 2024-01-01T00:00:05Z is no open of a bar of the rule file; "
            "correct or remove the row",
        ),
        (
            ["time,price\n", *hours(1)],
            "no file supplies `close`; the columns are `time`, `price`; "
            "add a file that has it, or say which column it is: "
            "--map close=COLUMN",
        ),
        (
            ["time,close\n", f"{FIRST}\n"],
            "standard input: row 2: has 1 cells, the first row names 2 columns; give each row one cell a column",
        ),
    ],
)
def test_refused_with_one_line(lines: list[str], message: str) -> None:
    assert complaint(lines) == message


def test_percentage_points_are_refused_at_the_first_value() -> None:
    assert complaint(["time,dvol\n", *hours(56.7)], request("iv")) == (
        "standard input: column `dvol`: as `iv` the median would be 5670%: these look like percentage points; "
        "if they are, --map iv=dvol*0.01"
    )
    values = list(stream(["time,dvol\n", *hours(56.7)], "csv", request("iv"), [parse_map("iv=dvol*0.01")], Stamp.OPEN))
    assert values == [(FIRST + HOUR, {None: {"iv": 0.567}})]


def test_missing_refused_and_repeated_values_are_in_the_report() -> None:
    lines = ["time,close\n", *hours(1, "", -3, 4), f"{FIRST + 3 * HOUR},4\n", f"{FIRST + 6 * HOUR},5\n"]
    read = stream(lines, "csv", CLOSE, (), Stamp.OPEN)
    assert [values[None] for _, values in read] == [{"close": 1.0}, {}, {}, {"close": 4.0}, {"close": 5.0}]
    file = read.report.files[0]
    assert (file.rows, file.bars, file.duplicates, file.gaps.missing) == (6, 5, 1, 2)
    assert (file.refused[0].row, file.refused[0].count) == (4, 1)
    assert read.report.lines()[0] == "data: 5 steps of 1h, known from 2024-01-01T01:00Z to 2024-01-01T07:00Z"


def test_funding_comes_in_the_records_that_have_it() -> None:
    lines = [
        f'{{"time": {FIRST}, "close": 1}}\n',
        "\n",
        f'{{"time": {FIRST + HOUR}, "close": 2, "funding_8h": 0.0001}}\n',
        f'{{"time": {FIRST + 2 * HOUR}, "close": 3, "funding_rate": 0.0001, "interval_hours": 4}}\n',
    ]
    steps = list(stream(lines, "ndjson", request("close", "funding_8h"), (), Stamp.CLOSE))
    assert [values[None].get("funding_8h") for _, values in steps] == [None, 0.0001, 0.0002]


def test_lines_of_several_assets() -> None:
    asked = request("close", assets=("BTC", "ETH"))
    lines = ["time,symbol,close\n", *(f"{FIRST},{name}USDT,{i}\n" for i, name in enumerate(("BTC", "DOGE", "ETH"), 1))]
    read = stream(lines, "csv", asked, (), Stamp.CLOSE)
    assert list(read) == [(FIRST, {"BTC": {"close": 1.0}, "ETH": {"close": 3.0}})]
    assert read.report.files[0].ignored == ("DOGEUSDT",)


def test_one_line_for_all_assets() -> None:
    asked = Request((*need("close"), *need("close", asset="BTC")), ("ETH",), HOUR)
    lines = ["time,BTC.close,ETH.close\n", f"{FIRST},1,2\n"]
    assert list(stream(lines, "csv", asked, (), Stamp.CLOSE)) == [
        (FIRST, {"ETH": {"close": 2.0}, "BTC": {"close": 1.0}})
    ]


def test_two_symbols_of_one_asset_are_refused() -> None:
    lines = ["time,symbol,close\n", f"{FIRST},BTCUSDT,1\n", f"{FIRST},BTCUSD_PERP,1\n"]
    assert complaint(lines, request("close", assets=("BTC",)), stamp=Stamp.CLOSE) == (
        "standard input: row 3, column `symbol`: `BTCUSDT`, `BTCUSD_PERP` could each be BTC; "
        "keep the rows of one of them"
    )
