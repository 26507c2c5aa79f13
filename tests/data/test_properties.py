"""What holds for any table: format and cut into files change nothing, no value comes before it was known."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulelang.data import DataError, Stamp, parse_spec, read, stream
from tests.data.making import HOUR, column, parquet, request

FIRST = 1_704_067_200
PERIOD = 8 * HOUR
pytestmark = pytest.mark.slow
FEW = settings(max_examples=60, deadline=None)
numbers: st.SearchStrategy[object] = st.one_of(st.none(), st.floats(allow_nan=False), st.floats(1, 1e5))


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[object]]:
    """Draw bars of an hour with gaps, odd values among them; most of them follow each other."""
    hours = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=20))) + list(range(100, 140))
    cells: st.SearchStrategy[list[object]] = st.lists(numbers, min_size=len(hours), max_size=len(hours))
    return {"time": [FIRST + hour * HOUR for hour in hours], "close": draw(cells), "volume": draw(cells)}


def as_csv(path: Path, table: dict[str, list[object]]) -> str:
    rows = zip(*table.values(), strict=True)
    lines = [",".join(table), *(",".join("" if cell is None else repr(cell) for cell in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def as_ndjson(path: Path, table: dict[str, list[object]]) -> str:
    rows = zip(*table.values(), strict=True)
    path.write_text("".join(json.dumps(dict(zip(table, row, strict=True))) + "\n" for row in rows))
    return str(path)


def steps_of(paths: list[str]) -> object:
    try:
        return list(read([parse_spec(path) for path in paths], request("close", "volume"), (), Stamp.OPEN).steps)
    except DataError as error:
        return error.code


@FEW
@given(tables())
def test_the_format_changes_nothing(table: dict[str, list[object]]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        texts = [as_csv(root / "a.csv", table), as_ndjson(root / "a.ndjson", table)]
        expected = steps_of([parquet(root / "a.parquet", **table)])
        assert [steps_of([path]) for path in texts] == [expected, expected]
        if isinstance(expected, list):
            lines = Path(texts[0]).read_text().splitlines(keepends=True)
            assert list(stream(lines, "csv", request("close", "volume"), (), Stamp.OPEN)) == expected


@FEW
@given(tables(), st.integers(1, 39), st.integers(0, 3))
def test_the_cut_into_files_changes_nothing(table: dict[str, list[object]], cut: int, shared: int) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        whole = steps_of([as_csv(root / "a.csv", table)])
        at = len(table["time"]) - cut
        first = {name: cells[: at + shared] for name, cells in table.items()}
        second = {name: cells[at:] for name, cells in table.items()}
        parts = [as_csv(root / "b.csv", second), parquet(root / "c.parquet", **first)]
        if isinstance(whole, list) and len(first["time"]) > 30:
            assert steps_of(parts) in (whole, "RL707"), "a part alone may look like another quantity"


@FEW
@given(st.sets(st.integers(0, 400), min_size=2, max_size=60), st.lists(st.integers(-60, 60), min_size=20, max_size=20))
def test_a_settlement_is_handed_over_once_and_never_before_it_is_known(hours: set[int], jitter: list[int]) -> None:
    kept = sorted(hours | set(range(401, 420)))
    settlements = [FIRST + n * PERIOD + late for n, late in enumerate(jitter)]
    rates = [n / 1_000_000 for n in range(1, len(settlements) + 1)]
    with TemporaryDirectory() as folder:
        root = Path(folder)
        prices = parquet(root / "p.parquet", time=[FIRST + h * HOUR for h in kept], close=[1.0] * len(kept))
        funding = parquet(root / "f.parquet", time=settlements, funding_rate=rates, interval_hours=[8] * len(rates))
        market = read([parse_spec(prices), parse_spec(funding)], request("close", "funding_8h"), (), Stamp.OPEN)
    known = {FIRST + (h + 1) * HOUR for h in kept}
    handed = column(market, "funding_8h")
    for n, rate in enumerate(rates):
        due = [t for t in sorted(known) if FIRST + n * PERIOD <= t < FIRST + (n + 1) * PERIOD]
        assert [t for t, value in handed.items() if value == rate] == due[:1]
    report = market.report.files[1]
    assert len(handed) + sum(report.between.values()) + sum(report.outside.values()) == len(rates)


@FEW
@given(tables(), st.integers(0, 39))
def test_what_comes_later_changes_nothing_before(table: dict[str, list[object]], cut: int) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        whole, prefix = (steps_of([as_csv(root / f"{n}.csv", t)]) for n, t in enumerate((table, head(table, cut))))
    if isinstance(whole, list) and isinstance(prefix, list):
        assert whole[: len(prefix)] == prefix


def head(table: dict[str, list[object]], cut: int) -> dict[str, list[object]]:
    return {name: cells[: len(cells) - cut] for name, cells in table.items()}


@FEW
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.ndjson", "a.parquet", "a.csv.gz"]))
def test_no_bytes_make_a_traceback(data: bytes, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        assert isinstance(steps_of([str(path)]), str)


texts = st.text(st.sampled_from('time,close0123456789.-:TZe"\n{}[]% '), max_size=80)


@FEW
@given(texts, st.sampled_from(["a.csv", "a.ndjson"]))
def test_no_text_under_a_good_header_makes_a_traceback(text: str, name: str) -> None:
    good = (
        "time,close,volume\n1704067200,1,1\n" if name == "a.csv" else '{"time": 1704067200, "close": 1, "volume": 2}\n'
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(good + text)
        steps_of([str(path)])


@FEW
@given(st.data())
def test_no_damaged_parquet_makes_a_traceback(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        polars.DataFrame({"time": [FIRST], "close": [1.0], "volume": [1.0]}).write_parquet(path)
        damaged = bytearray(path.read_bytes())
        for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=5)):
            damaged[at] = data.draw(st.integers(0, 255))
        path.write_bytes(bytes(damaged))
        steps_of([str(path)])
