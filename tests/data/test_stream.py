"""Standard input line by line: one line in, one step out, at once, with the same rules as for files."""

import io
import itertools
import json
from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.data import DataError, Request, Stamp, data_lines, parse_map, stream
from rulelang.data.columns import missing_field
from rulelang.data.stream import LONGEST
from rulelang.fields import CATALOGUE
from tests.data.making import HOUR, need, request

FIRST = 1_704_067_200
CLOSE = request("close")


def hours(*values: object) -> list[str]:
    return [f"{FIRST + i * HOUR},{value}\n" for i, value in enumerate(values)]


def complaint(
    lines: list[str], asked: Request = CLOSE, form: str | None = "csv", *maps: str, stamp: Stamp | None = Stamp.OPEN
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
            "standard input: row 4, column `time`: 2024-01-01T00:00Z is before the bar of 2024-01-01T01:00Z "
            "that came before; "
            "send bars oldest first, each once",
        ),
        (
            ["time,close\n", *hours(1), f"{FIRST},2\n"],
            "standard input: row 3, column `close`: 2024-01-01T00:00Z has `close` 2 here and 1 in an earlier row; "
            "send each bar once",
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
        (
            ["time,close\n", *hours(1), f"{FIRST + HOUR},{'1' * 200_000}\n"],
            "standard input: row 3: has a cell of more than 131,072 characters; check the ends of its lines and quotes",
        ),
        (
            ["time,close\n", *hours(1, '"2'), f'{FIRST + 2 * HOUR},"3"\n'],
            "standard input: row 3: has a quote that is still open where the line ends; close it, and send no line "
            "break in a cell",
        ),
        (
            ["2026-01-05T00:00Z,5\n"],
            "standard input: row 1: the first row holds numbers; it must name the columns, as in "
            "time,open,high,low,close,volume",
        ),
        (
            [f"time,close\r{FIRST},1\r"],
            "standard input: row 1: has a carriage return that ends no line; end each line with a line feed",
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


def test_a_header_must_name_what_is_published_now_and_then_too() -> None:
    message = complaint(["time,close\n", *hours(1)], request("close", "funding_8h"))
    assert message.startswith("no file supplies `funding_8h`; the columns are `time`, `close`; add a file that has it")
    wide = ["time,BTC.close,SOL.close,BTC.funding_8h\n", f"{FIRST},1,2,0\n"]
    assert complaint(wide, request("close", "funding_8h", assets=("BTC", "SOL"))).startswith(
        "no file supplies `funding_8h` for SOL"
    )


def test_no_map_is_proposed_that_changes_nothing() -> None:
    error = missing_field(CATALOGUE["funding_8h"], "SOL", ("time", "asset", "funding_8h"))
    assert str(error) == (
        "no file supplies `funding_8h` for SOL; the columns are `time`, `asset`, `funding_8h`; add a file that has it"
    )


def told(lines: list[str], asked: Request) -> tuple[list[Any], list[Any]]:
    """Return the steps of lines, and which fields were told not to have come, in how many lines."""
    read, lacking = stream(lines, None, asked, (), Stamp.CLOSE), list[Any]()
    read.tell = lambda fields, lines: lacking.append((fields, lines))
    return list(read), lacking


def test_the_first_line_of_json_may_lack_a_field() -> None:
    lines = [f'{{"time": {FIRST}}}\n', f'{{"time": {FIRST + HOUR}, "close": 5}}\n']
    assert told(lines, CLOSE) == ([(FIRST, {None: {}}), (FIRST + HOUR, {None: {"close": 5.0}})], [])
    mapped = stream([lines[0], lines[1].replace("close", "px")], None, CLOSE, [parse_map("close=px")], Stamp.CLOSE)
    assert [values[None] for _, values in mapped] == [{}, {"close": 5.0}]


def test_fields_that_never_come_are_told_once() -> None:
    lines = [f'{{"time": {FIRST + at * HOUR}, "clsoe": 5}}\n' for at in range(250)]
    assert told(lines[:100], CLOSE)[1] == [(((None, "close"),), None)]
    assert told(lines, CLOSE)[1] == [(((None, "close"),), 100)]


def test_an_asset_that_never_comes_is_told() -> None:
    lines = ["time,asset,close\n", f"{FIRST},BTC,5\n", f"{FIRST + HOUR},BTC,6\n"]
    steps, lacking = told(lines, request("close", assets=("BTC", "SOL")))
    assert len(steps) == 2
    assert lacking == [((("SOL", "close"),), None)]


def test_an_open_quote_ends_a_stream_before_the_next_line_is_waited_for() -> None:
    def lines() -> Iterator[str]:
        yield from ('time,"clo\n', 'se",close\n', *hours("1,1", '"2"",2",2', '3,"3'))
        raise AssertionError("a line was waited for")

    read = iter(stream(lines(), "csv", CLOSE, (), Stamp.CLOSE))
    assert [next(read)[0], next(read)[0]] == [FIRST, FIRST + HOUR]
    with pytest.raises(DataError, match="row 5: has a quote that is still open"):
        next(read)


def test_an_array_of_json_is_no_line() -> None:
    assert complaint([f'[{{"time": {FIRST}, "close": 5}}]\n'], form=None).endswith(
        'is no JSON object; write one such as {"time": …, "close": …} a line'
    )


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


# --- usual lines are read as lines that are looked at


NUMBERS = st.sampled_from(["1", "2.5", " 7 ", "", "nan", "-3", "1e31", "1e400", "0", "+4", "1_0"])
TIMES = st.sampled_from(
    ["{s}", "{s}000", "{s}000000", "{s}.0", " {s}", "0{s}", "2024-01-01T{h:02}:00Z", "2024-01-01 {h:02}:00:00+00:00"]
)


def read_whole(lines: list[str], asked: Request, closely: bool) -> tuple[list[Any], str, Any]:
    """Return the steps of lines, the complaint that ended them, and the report."""
    read = stream(lines, None, asked, (), Stamp.OPEN)
    if closely:
        read._usual = lambda row, names, cells: None  # type: ignore[method-assign]
    steps, complaint = [], ""
    try:
        for step in read:
            steps.append(step)
    except DataError as error:
        complaint = str(error)
    return steps, complaint, read.report


@given(st.data())
def test_usual_lines_are_read_as_those_that_are_looked_at(data: st.DataObject) -> None:
    labels = data.draw(st.sampled_from([(), ("BTC",), ("BTC", "SOL"), ("BTC", "DOGE")]))
    assets = tuple(label for label in labels if label != "DOGE")
    asked = request("close", "funding_8h", assets=assets) if assets else request("close", "funding_8h")
    form = data.draw(TIMES)
    hour, lines = 0, ["time,close,funding_8h" + (",asset" if labels else "") + "\n"]
    for _ in range(data.draw(st.integers(1, 12))):
        hour += data.draw(st.sampled_from([1, 1, 1, 1, 1, 1, 0, 2, -1]))
        time = data.draw(st.sampled_from([form] * 9 + ["{s}"])).format(s=FIRST + HOUR * hour, h=hour % 24)
        for label in labels or [""]:
            cells = [time, data.draw(NUMBERS), data.draw(st.sampled_from(["", "0.0001", "0.5", "x"])), label]
            lines.append(",".join(cells[: 4 if labels else 3]) + "\n")
    if data.draw(st.booleans()):
        names = lines[0].strip().split(",")
        lines = [json.dumps(dict(zip(names, line.strip("\n").split(","), strict=True))) + "\n" for line in lines[1:]]
    assert read_whole(lines, asked, closely=False) == read_whole(lines, asked, closely=True)


@pytest.mark.parametrize(
    "cell",
    [True, False, None, [1], {"a": 1}, 10**400, 5, 5.5, "5.5", float("nan"), float("inf")],
    ids=lambda cell: repr(cell)[:9],
)
def test_usual_cells_of_ndjson_are_read_as_those_that_are_looked_at(cell: Any) -> None:
    rows = [{"time": FIRST + HOUR * at, "close": 1.0 if at < 3 else cell} for at in range(5)]
    lines = [json.dumps(row) + "\n" for row in rows]
    assert read_whole(lines, CLOSE, closely=False) == read_whole(lines, CLOSE, closely=True)


def test_an_asset_that_is_no_text_is_no_fault_of_ours() -> None:
    labels = ["BTC", "BTC", ["BTC"]]
    rows = [{"time": FIRST + HOUR * at, "close": 1, "asset": label} for at, label in enumerate(labels)]
    lines = [json.dumps(row) + "\n" for row in rows]
    asked = request("close", assets=("BTC",))
    assert read_whole(lines, asked, closely=False) == read_whole(lines, asked, closely=True)


def test_what_waits_together_is_read_before_the_next_is_waited_for() -> None:
    parts = [b"time,clo", b"se\n1,2\n3,", b"4\n5,6\n7,8\n9", b",10"]
    happened: list[str] = []

    class Pipe:
        def read1(self, most: int) -> bytes:
            happened.append("read")
            return parts.pop(0) if parts else b""

    for line in data_lines(Pipe(), lambda: happened.append("waiting")):  # type: ignore[arg-type]
        happened.append(line.strip())
    assert happened == [
        "waiting", "read", "waiting", "read", "time,close", "1,2", "waiting", "read", "3,4", "5,6", "7,8",
        "waiting", "read", "waiting", "read", "9,10",
    ]  # fmt: skip


class _Trickle:
    """A pipe in which the same bytes come again and again, little by little."""

    def __init__(self, begin: bytes, again: bytes) -> None:
        self.begin, self.again, self.taken = begin, again, 0

    def read1(self, most: int) -> bytes:
        piece, self.begin = (self.begin or self.again)[:most], b""
        self.taken += len(piece)
        return piece


def test_a_line_without_an_end_is_refused_before_it_takes_all_memory() -> None:
    pipe = _Trickle(b"time,close\n1,2\n", bytes(1 << 16))
    lines = data_lines(pipe)  # type: ignore[arg-type]
    assert [next(lines), next(lines)] == ["time,close\n", "1,2\n"]
    with pytest.raises(DataError, match="row 3: has no end within 64 MiB; end each line with a line feed"):
        next(lines)
    assert pipe.taken < LONGEST + (1 << 17)


@given(st.text("a,\r\n\u2028\ufeffß"), st.lists(st.integers(1, 9), min_size=1), st.sampled_from([b"", b"\xff\n1,2\n"]))
def test_lines_are_the_same_however_they_arrive(text: str, sizes: list[int], broken: bytes) -> None:
    sound = (text + "\n" * bool(broken)).encode()
    whole, taken = io.BytesIO(sound + broken), itertools.cycle(sizes)
    pipe: Any = SimpleNamespace(read1=lambda most: whole.read(next(taken)))
    found = []
    with pytest.raises(DataError, match="is not UTF-8 text") if broken else nullcontext():
        for line in data_lines(pipe):
            found.append(line)
    assert found == list(io.StringIO(sound.decode("utf-8-sig"), newline="\n"))
