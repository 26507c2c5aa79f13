"""`rulelang backtest --html`: the file, the reasons in it, and the command for those that aren't."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import called

RULES = "bars 1h\nrule low\n  when close < 100 USD\n  then hedge 80%\notherwise hedge 20%\n"
INSTRUMENTS = """\
[PERP]
venue = "v"
base = "BTC"
settle = "USDT"
payoff = "linear"
contract_size = 1
tick = 0.1
lot = 0.001
min_notional = 0
maintenance = [{ from = 0, rate = "0.5%" }]
funding_interval = "8h"
taker = "0.05%"
"""
PORTFOLIO = '[holdings.BTC]\ncoins = 2\n[[collateral]]\nvenue = "v"\nasset = "USDT"\namount = 500\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = ["open_time,open,high,low,close,funding_8h"]
    for hour in range(200):
        price = 95 if (hour // 20) % 2 else 105
        rows.append(f"2024-01-{1 + hour // 24:02d}T{hour % 24:02d}:00Z,{price},{price},{price},{price},")
    texts = {"my.rules": RULES, "i.toml": INSTRUMENTS, "p.toml": PORTFOLIO, "bars.csv": "\n".join(rows) + "\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def reported(folder: Path, *more: object) -> dict[str, Any]:
    """Return what the charts of a report are drawn from."""
    files = ("--portfolio", folder / "p.toml", "--instruments", folder / "i.toml", "--data", folder / "bars.csv")
    found = called("backtest", folder / "my.rules", *files, "--html", folder / "r.html", *more)
    assert found.code == 0, found.err
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', (folder / "r.html").read_text(), re.S)
    assert data is not None
    return dict(json.loads(data.group(1)))


def test_every_change_has_its_reason(folder: Path) -> None:
    found = reported(folder)
    numbers = found["changes"]["number"]
    assert len(numbers) == 10
    assert list(found["reasons"]["told"]) == list(map(str, numbers))
    assert "hedge rises from 20% to 80%" in found["reasons"]["texts"]


def test_a_reason_is_what_why_tells(folder: Path) -> None:
    found = reported(folder)
    at, _, below = found["reasons"]["told"]["2"]
    texts = found["reasons"]["texts"]
    when = texts[at].removesuffix(": hedge 80%")
    told = called("why", folder / "my.rules", "--data", folder / "bars.csv", "--at", when)
    assert told.out.splitlines()[0] == texts[at]
    assert texts[below[0][0]] in told.out


def test_only_the_newest_are_explained_and_the_command_is_there_for_the_others(folder: Path) -> None:
    found = reported(folder, "--reasons", 3)
    assert sorted(map(int, found["reasons"]["told"])) == [8, 9, 10]
    assert found["command"] == f"rulelang why {folder}/my.rules --data {folder}/bars.csv"
    assert reported(folder, "--reasons", 0)["reasons"]["told"] == {}


def test_a_file_that_cannot_be_written_is_said(folder: Path) -> None:
    files = ("--portfolio", folder / "p.toml", "--instruments", folder / "i.toml", "--data", folder / "bars.csv")
    found = called("backtest", folder / "my.rules", *files, "--html", folder / "no" / "r.html")
    assert found.code == 2
    assert "can't be written" in found.last
