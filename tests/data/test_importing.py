"""What is written when files are brought into Parquet: all of it or nothing, and never over what is there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars
import pytest

from rulelang.data import DataError
from rulelang.data.foreign import Asked
from rulelang.data.importing import Imported, imported
from rulelang.data.writing import write_whole
from tests.data import samples
from tests.data.making import HOUR
from tests.data.samples import FIRST, SAMPLES, bars, rates

KLINES = SAMPLES[1]


def month(folder: Path, name: str, rows: list[samples.Row]) -> str:
    made = KLINES.make(rows)
    assert isinstance(made, str)
    (folder / name).write_text(made)
    return str(folder / name)


def bring(folder: Path, *paths: str, force: bool = False, asked: Asked = Asked()) -> list[Imported]:  # noqa: B008
    return imported(paths, asked, folder / "out", force)


def refusal(folder: Path, *paths: str, asked: Asked = Asked()) -> str:  # noqa: B008
    with pytest.raises(DataError) as caught:
        bring(folder, *paths, asked=asked)
    return str(caught.value).replace(str(folder) + "/", "")


def test_the_months_of_one_series_become_one_file(tmp_path: Path) -> None:
    rows = bars(30)
    later = month(tmp_path, "BTCUSDT-1h-2024-02.csv", rows[18:])
    first = month(tmp_path, "BTCUSDT-1h-2024-01.csv", rows[:20])
    other = month(tmp_path, "ETHUSDT-1h-2024-01.csv", rows)
    made = bring(tmp_path, later, first, other)
    assert [Path(one.path).name for one in made] == ["BTCUSDT-1h.parquet", "ETHUSDT-1h.parquet"]
    assert [len(one.sources) for one in made] == [2, 1]
    assert made[0].notes == ("2 rows that said the same again left out",)
    btc, eth = (polars.read_parquet(one.path).drop("symbol") for one in made)
    assert btc.equals(eth) and btc.height == 30
    assert btc.schema["close_time"] == polars.Datetime("ms", "UTC")


def test_files_that_disagree_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    rows = bars(10)
    twisted = [*rows[:3], samples.Row(rows[3].time, (*rows[3].values[:4], "99")), *rows[4:]]
    one, other = month(tmp_path, "BTCUSDT-1h-2024-01.csv", rows), month(tmp_path, "BTCUSDT-1h-2024-02.csv", twisted)
    assert refusal(tmp_path, one, other) == (
        "BTCUSDT-1h-2024-02.csv: row 5: 2024-01-01T04:00Z has `volume` 99 here and 12.5 in row 5 of "
        "BTCUSDT-1h-2024-01.csv; keep the right one"
    )
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_over_without_being_told(tmp_path: Path) -> None:
    path = month(tmp_path, "BTCUSDT-1h-2024-01.csv", bars(5))
    (made,) = bring(tmp_path, path)
    before = Path(made.path).read_bytes()
    month(tmp_path, "BTCUSDT-1h-2024-01.csv", bars(9))
    assert refusal(tmp_path, path) == "out/BTCUSDT-1h.parquet: is there already; --force writes over it"
    assert Path(made.path).read_bytes() == before
    (made,) = bring(tmp_path, path, force=True)
    assert made.rows == polars.read_parquet(made.path).height == 9
    assert os.listdir(tmp_path / "out") == ["BTCUSDT-1h.parquet"]


def test_order_and_bars_that_are_not_over_are_told(tmp_path: Path) -> None:
    rows = bars(6)
    path = month(tmp_path, "a.csv", [rows[1], rows[0], *rows[2:]])
    os.utime(path, (FIRST + 6 * HOUR - 1,) * 2)
    (made,) = bring(tmp_path, path)
    assert made.notes == ("1 bar that wasn't over left out", "1 row was out of order; put in order")
    frame = polars.read_parquet(made.path)
    assert frame["close_time"].dt.epoch("s").to_list() == [row.time + HOUR for row in rows[:-1]]
    assert (made.time, made.first, made.last) == ("close_time", FIRST + HOUR, FIRST + 5 * HOUR)


def test_what_is_not_certain_is_asked_for(tmp_path: Path) -> None:
    one = tmp_path / "one.json"
    one.write_text(f"[[{FIRST * 1000},1,2,1,2,5]]")
    assert "one row doesn't tell how long a bar is; say it, as in --every 1h" in refusal(tmp_path, str(one))
    assert bring(tmp_path, str(one), asked=Asked(every=HOUR))[0].rows == 1
    funding = samples.write(tmp_path, next(s for s in SAMPLES if s.format == "bybit-funding"), rates(1))
    assert "how many hours each rate is for; say it, as in --every 8h" in refusal(tmp_path, funding)
    table = tmp_path / "t.csv"
    table.write_text("time,close\n2024-01-01T00:00Z,1\n2024-01-01T01:00Z,1\n")
    assert "whether times are the open or the close; say it, as in --time open" in refusal(tmp_path, str(table))


def test_two_series_for_one_place_and_a_folder_that_is_none(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    paths = [month(tmp_path / name, "BTCUSDT-1h-2024-01.csv", bars()) for name in ("a", "b")]
    assert refusal(tmp_path, *paths) == (
        "out/BTCUSDT-1h.parquet: two series would be written there, of a/BTCUSDT-1h-2024-01.csv and of "
        "b/BTCUSDT-1h-2024-01.csv; import them into different folders"
    )
    (tmp_path / "out").write_text("")
    assert refusal(tmp_path, paths[0]) == "out: is no folder; name one after -o"


def test_own_tables_keep_all_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("open_time,close,outlook,score\n2024-01-01T00:00Z,1,bearish,1.5\n2024-01-01T01:00Z,2,,2.5\n")
    (made,) = bring(tmp_path, str(path))
    assert polars.read_parquet(made.path).to_dict(as_series=False) | {"close_time": []} == {
        "close_time": [], "close": [1, 2], "outlook": ["bearish", None], "score": [1.5, 2.5],
    }  # fmt: skip


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.parquet"
    target.write_bytes(b"before")
    with pytest.raises(polars.exceptions.PolarsError):
        write_whole(polars.DataFrame({"a": [object()]}), target)
    assert target.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.parquet"]


KILLED = """
import sys, polars, pathlib
from rulelang.data.writing import write_whole
frame = polars.DataFrame({"a": polars.int_range(30_000_000, eager=True).cast(polars.Float64).sin()})
print("ready", flush=True)
write_whole(frame, pathlib.Path(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.01, 0.05, 0.2])
def test_killed_half_way_it_leaves_no_broken_file(after: float, tmp_path: Path) -> None:
    target = tmp_path / "a.parquet"
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(target)], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not target.exists() or polars.read_parquet(target).height == 30_000_000
