"""`rulelang new`: what it makes works at once, as a whole or not at all."""

import json
import os
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest

from rulelang.cli.commands.rules import TEMPLATES
from tests.cli.running import called
from tests.data import samples
from tests.shared import shared

DVOL = "iv/deribit-BTC-dvol-1d.parquet"


def commands(folder: Path) -> list[list[str]]:
    """Return the commands that the README of a folder names, as their words."""
    lines = (folder / "README.md").read_text("utf-8").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("    rulelang ")]


@pytest.mark.parametrize(
    "template", [TEMPLATES[0], *(pytest.param(one, marks=pytest.mark.slow) for one in TEMPLATES[1:])]
)
def test_every_command_it_names_works_right_away(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = called("new", "my-hedge", "--template", template)
    assert (made.code, made.err) == (0, "")
    monkeypatch.chdir(tmp_path / "my-hedge")
    told = commands(tmp_path / "my-hedge")
    assert [words[0] for words in told] == ["check", "test", "run", "backtest", "data", "backtest"]
    for words in told[:4]:
        done = called(*words)
        assert done.code == 0, (words, done.out[-500:], done.err)
        assert f"rulelang {shlex.join(words)}" in made.out
    assert called("test", "--cover-at-least", "100", "my-hedge.rules").code == 0
    assert called("check", "--strict", "my-hedge.rules").code == 0
    assert called("fmt", "--check", "my-hedge.rules").code == 0


def archived(folder: Path, name: str, rows: Iterable[Iterable[object]]) -> None:
    """Write a file as Binance's archives have it."""
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    with ZipFile(folder / f"{name}.zip", "w") as packed:
        packed.writestr(f"{name}.csv", text)


def months(of: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield three months of real history, with their names."""
    found = pl.read_parquet(shared() / "data" / f"{of}.parquet")
    for month in (1, 2, 3):
        own = (pl.col("time").dt.year() == 2024) & (pl.col("time").dt.month() == month)
        yield f"2024-{month:02}", found.filter(own).with_columns(pl.col("time").dt.epoch("ms"))


def test_the_commands_for_own_files_work_on_bitcoin_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three months of real bars and settlements of bitcoin, in the form of Binance's archives."""
    monkeypatch.chdir(tmp_path)
    made = called("new", "my-hedge")
    folder = tmp_path / "my-hedge"
    monkeypatch.chdir(folder)
    for month, table in months("ohlcv/binance-spot-BTCUSDT-1h"):
        bars = table.select("time", "open", "high", "low", "close", "volume").iter_rows()
        rows = ((*bar, bar[0] + 3_599_999, bar[4] * bar[5], 9, 1, 1, 0) for bar in bars)
        archived(folder, f"BTCUSDT-1h-{month}", rows)
    for month, table in months("funding/binance-um-BTCUSDT-funding-8h"):
        rows = table.select("time", "interval_hours", "funding_rate").iter_rows()
        head = ("calc_time", "funding_interval_hours", "last_funding_rate")
        archived(folder, f"BTCUSDT-fundingRate-{month}", (head, *rows))
    imported, tested = commands(folder)[4:]
    files = sorted(str(path.relative_to(folder)) for word in imported for path in folder.glob(word) if "*" in word)
    done = called(*(word for word in imported if "*" not in word), *files)
    assert done.code == 0 and sorted(os.listdir("data")) == ["BTCUSDT-1h.parquet", "BTCUSDT-funding.parquet"]
    done = called(*tested)
    assert done.code == 0 and "over 2,184 bars of 1h" in done.out
    assert f"rulelang {shlex.join(tested)}" in made.out


def test_what_the_archives_do_not_have_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for template, files, made, words in (
        ("volatility", ["dvol-BTC.json", "dvol-ETH.json"], "data/dvol-ETH.parquet:ETH", "get_volatility_index_data"),
        ("events", ["events.ics"], "data/events.parquet", "events.ics is a calendar"),
    ):
        said = called("new", template, "--template", template)
        imported, tested = commands(tmp_path / template)[4:]
        assert imported[-len(files) - 2 :] == [*files, "-o", "data"] and tested[-2:] == ["--data", made]
        assert words in said.out and words in (tmp_path / template / "README.md").read_text("utf-8")
    assert "no such archive" not in called("new", "plain").out


def test_files_beside_the_archives_are_brought_in_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real DVOL of bitcoin as Deribit answers it, and a calendar."""
    monkeypatch.chdir(tmp_path)
    history = pl.read_parquet(shared() / "data" / DVOL).select(pl.col("time").dt.epoch("ms"), "dvol").rows()
    answer = {"jsonrpc": "2.0", "result": {"data": [[time, *[value] * 4] for time, value in history]}}
    for coin in ("BTC", "ETH"):
        Path(f"dvol-{coin}.json").write_text(json.dumps(answer))
    Path("events.ics").write_text(samples.ics(("20240131T190000Z", "fomc")))
    for template in ("volatility", "events"):
        assert called("new", template, "--template", template).code == 0
        imported, tested = commands(tmp_path / template)[4:]
        files = [word for word in imported if word.endswith((".json", ".ics"))]
        assert called("data", "import", *files, "-o", "data").code == 0
        made = [word.partition(":")[0] for word in tested if "dvol" in word or "events.p" in word]
        assert [Path(one).is_file() for one in made] == [True] * len(files)


def test_the_portfolio_holds_what_the_rules_run_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert called("new", "one").code == called("new", "three", "--template", "funding").code == 0
    for folder, coins in (("one", ["BTC"]), ("three", ["BTC", "ETH", "SOL"])):
        held = tomllib.loads((tmp_path / folder / "portfolio.toml").read_text("utf-8"))
        traded = tomllib.loads((tmp_path / folder / "instruments.toml").read_text("utf-8"))
        assert [*held["holdings"]] == coins and [*traded] == [f"{coin}USDT" for coin in coins]
        assert held["collateral"] and held["venues"]["binance"]


def test_a_name_of_a_rule_file_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = called("new", "my.rules")
    assert made.code == 0 and not Path("my.rules.rules").exists() and not (tmp_path / "my.rules").is_dir()
    assert (tmp_path / "my" / "my.rules").is_file() and "    cd my\n    rulelang check my.rules\n" in made.out


def test_a_name_with_a_blank_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = called("new", "my hedge")
    assert made.code == 0 and "    cd 'my hedge'\n" in made.out
    monkeypatch.chdir(tmp_path / "my hedge")
    assert [called(*words).code for words in commands(Path())[:2]] == [0, 0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("there", "there is already there: name a folder that isn't there yet"),
        ("file", "there is already file: name a folder that isn't there yet"),
        ("no/where", "there is no folder no: make it first"),
        ("..", "`..` is no name for a folder: write letters, digits, - and _, such as my-hedge"),
        ("a$b", "`a$b` is no name for a folder: write letters, digits, - and _, such as my-hedge"),
        (".rules", "`.` is no name for a folder: write letters, digits, - and _, such as my-hedge"),
        ("", "`.` is no name for a folder: write letters, digits, - and _, such as my-hedge"),
    ],
)
def test_nothing_is_written_over_or_half_made(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("there").mkdir()
    Path("file").write_text("kept")
    result = called("new", name)
    assert (result.code, result.out, result.last) == (2, "", message)
    assert sorted(os.listdir()) == ["file", "there"]
    assert Path("file").read_text() == "kept" and not list(Path("there").iterdir())


def test_what_can_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    long = "x" * 250  # a name that a folder may have, and a rule file in it may not
    result = called("new", long)
    assert result.code == 2 and "can't be made" in result.last
    assert os.listdir() == []
