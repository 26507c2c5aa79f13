"""`rulelang data`: what a person sees of files of market data, and what becomes of them."""

import json
import os
from pathlib import Path

import pytest

from rulelang.data.foreign import FORMATS
from tests import golden
from tests.cli.running import RULES, called, files
from tests.data import samples
from tests.data.samples import SAMPLES, bars

NOW = 1_735_689_600


def written(folder: Path, name: str, rows: list[samples.Row]) -> str:
    made = SAMPLES[0].make(rows)
    files(folder, **{name.replace(".", "_"): made})
    os.utime(folder / name, (NOW, NOW))
    return name


EXPORT = """\
"Time","Contracts","Funding Interval","Funding Rate"
"2024-06-30 17:00:00","BTCUSDT Perpetual","8h","0.010000%"
"2024-06-30 09:00:00","BTCUSDT Perpetual","8h","5%"
"""


@pytest.fixture
def sources(folder: Path) -> list[str]:
    rows = bars(8)
    bad = samples.Row(rows[5].time, ("100", "99", "101", "100", "-3"))
    names = [written(folder, "clean.csv", rows), written(folder, "bad.csv", [*rows[:2], *rows[3:5], bad, *rows[6:]])]
    files(folder, export_csv=EXPORT, broken_json="{", events_ics=samples.ics(("20240131T190000Z", "FOMC")))
    return [*names, "export.csv", "broken.json", "events.ics"]


def test_a_check_is_a_block_a_file(sources: list[str]) -> None:
    result = called("data", "check", *sources)
    assert (result.code, result.err) == (1, "")
    golden.check("cli/data-check.txt", result.out)
    assert called("data", "check", "clean.csv", "events.ics").code == 0


def test_a_folder_stands_for_the_files_below_it(sources: list[str], folder: Path) -> None:
    below = folder / "history" / "2024"
    below.mkdir(parents=True)
    for name in ("clean.csv", "events.ics"):
        (folder / name).rename(below / name)
    files(below, notes_md="what I think of it", _hidden_csv="x")
    (below / "_hidden.csv").rename(below / ".hidden.csv")
    checked = called("data", "check", "history", "--format", "json")
    assert [Path(one["path"]).name for one in json.loads(checked.out)] == ["clean.csv", "events.ics"]
    made = called("data", "import", "history", "-o", "history/ours")
    assert made.code == 0 and sorted(os.listdir("history/ours")) == ["clean.parquet", "events.parquet"]
    again = called("data", "import", "history", "-o", "history/ours", "--force", "--format", "json")
    assert [one["rows"] for one in json.loads(again.out)] == [8, 1]
    (folder / "empty").mkdir()
    nothing = called("data", "check", "empty")
    assert (nothing.code, nothing.last) == (2, "empty has no file of market data in it, nor have the folders below")


def test_what_lies_in_different_folders_may_be_of_different_markets(folder: Path) -> None:
    """Spot and futures have files of the same names: whoever joins them has a price that never was."""
    rows = bars(24)
    for name, part in (("spot", rows[:12]), ("um", rows[12:])):
        (folder / "history" / name).mkdir(parents=True)
        written(folder / "history" / name, "BTCUSDT-1h-2024-01.csv", part)
    apart = called("data", "import", "history", "-o", "out")
    assert apart.code != 0 and not (folder / "out").exists()
    assert all(str(Path("history", name, "BTCUSDT-1h-2024-01.csv")) in apart.last for name in ("spot", "um"))


def test_the_folder_that_is_read_is_not_written_to(sources: list[str], folder: Path) -> None:
    for path, output in ((".", "."), (str(folder), "."), ("own", "own/")):
        (folder / "own").mkdir(exist_ok=True)
        result = called("data", "import", path, "-o", output)
        assert (result.code, result.last) == (2, f"-o {Path(output)} is the folder that is read; name another one")
    (folder / "clean.csv").rename(folder / "own" / "clean.csv")
    assert called("data", "import", "own", "-o", ".").code == 0 and (folder / "clean.parquet").is_file()


@pytest.mark.parametrize("name", ["history", "history/locked"])
def test_a_folder_that_can_not_be_read_is_an_error(
    name: str, sources: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "history" / "locked").mkdir(parents=True)
    (folder / "clean.csv").rename(folder / "history" / "clean.csv")
    scan = os.scandir

    def locked(path: str) -> "os._ScandirIterator[str]":
        if Path(path) == Path(name):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", locked)
    for command in (("check",), ("import", "-o", "out")):
        result = called("data", *command, "history")
        assert (result.code, result.out) == (1, "")
        assert result.err == f"error[RL700]: {name}: can't be read (Permission denied)\n"


def test_a_check_as_json(sources: list[str]) -> None:
    result = called("data", "check", *sources, "--format", "json")
    assert result.code == 1
    found = json.loads(result.out)
    assert [one["problems"] for one in found] == [0, 3, 2, 1, 0]
    assert found[0]["format"] == "binance-klines" and found[0]["length"] == 3600
    assert {one["what"] for one in found[1]["findings"]} == {"gaps", "high", "volume"}


def test_an_import_says_what_it_did(sources: list[str], folder: Path) -> None:
    result = called("data", "import", "clean.csv", "events.ics", "-o", "out")
    assert (result.code, result.err) == (0, "")
    golden.check("cli/data-import.txt", result.out)
    again = called("data", "import", "clean.csv", "-o", "out")
    assert (again.code, again.last) == (2, f"{Path('out', 'clean.parquet')}: is there already; --force writes over it")
    forced = called("data", "import", "clean.csv", "-o", "out", "--force", "--format", "json")
    assert forced.code == 0
    assert json.loads(forced.out)[0]["rows"] == 8


def test_what_is_not_certain_is_one_line(sources: list[str]) -> None:
    result = called("data", "import", "export.csv", "-o", "out")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "error[RL702]: export.csv: row 2, column `time`: `2024-06-30 17:00:00` has no time zone; say which, "
        "as in rulelang data import --zone UTC, or --zone Europe/London\n"
    )
    assert called("data", "import", "export.csv", "-o", "out", "--zone", "Europe/London").code == 0


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        ((), "name files of market data"),
        (("clean.csv", "--as", "binance-kline"), "--as binance-kline is no format; did you mean binance-klines"),
        (("clean.csv", "--as", "xyzzy"), "--as xyzzy is no format; `rulelang data formats` lists them"),
        (("clean.csv", "--every", "soon"), "--every soon is no duration; write one such as 15m, 1h or 1d"),
        (
            ("export.csv", "--zone", "Mars"),
            "--zone `Mars` is no zone; write UTC, a name such as Europe/London, or +03:00",
        ),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], last: str, sources: list[str]) -> None:
    for command in (("check",), ("import", "-o", "out")):
        result = called("data", *command, *arguments)
        assert (result.code, result.out, result.last) == (2, "", last)


def test_formats_are_listed() -> None:
    result = called("data", "formats")
    assert result.code == 0
    assert all(f"{name}  " in result.out for name in FORMATS)
    assert [one["name"] for one in json.loads(called("data", "formats", "--format", "json").out)] == list(FORMATS)


def test_rules_run_over_a_file_of_an_exchange_as_over_its_import(folder: Path) -> None:
    rules = RULES.replace("rule hot when funding_8h > 0.05% then hedge at least 80%\n", "")
    name = written(folder, "clean.csv", bars(9))
    files(folder, my_rules=rules)
    assert called("data", "import", name, "-o", "out").code == 0
    direct = called("run", "my.rules", "--data", name, "--format", "csv")
    brought = called("run", "my.rules", "--data", "out/clean.parquet", "--format", "csv")
    assert (direct.code, direct.out) == (0, brought.out)
    assert (
        "note      read as Binance klines, spot and USD-M (binance-klines)"
        in called("run", "my.rules", "--data", name).out
    )
