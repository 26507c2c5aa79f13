"""Every block of the README runs (`make test` itself aside, which is what runs this)."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rulelang

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
RULES = next(text for kind, text in BLOCKS if kind == "rules")
HOUR = 3_600_000


COMMANDS = next(text for kind, text in BLOCKS if kind == "sh" and "rulelang" in text)
PYTHON = next(text for kind, text in BLOCKS if kind == "python")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the blocks name."""
    return filled(tmp_path)


def filled(folder: Path) -> Path:
    """Write the files that the blocks name: the README's own rules, and 1,000 hours of data."""
    (folder / "my.rules").write_text(RULES)
    with (folder / "btc-1h.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "open", "high", "low", "close", "volume"])
        rows.writerows([at * HOUR + 1_767_225_600_000, 100, 101, 99, 100 + at % 7, 5] for at in range(1000))
    with (folder / "btc-funding.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "funding_rate", "interval_hours"])
        rows.writerows([at * 8 * HOUR + 1_767_225_600_000, "0.0007", 8] for at in range(125))
    return folder


def test_the_readme_has_the_blocks_that_run_here() -> None:
    assert [kind for kind, _ in BLOCKS] == ["rules", "sh", "sh", "sh", "python"]


def test_the_example_is_clean() -> None:
    assert rulelang.check(RULES) == []


@pytest.mark.slow
def test_make_demo() -> None:
    found = subprocess.run(["make", "demo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "rules/funding.rules: 3 rules" in found.stdout
    assert "lie in build/demo.ndjson" in found.stdout
    assert (ROOT / "build" / "demo.ndjson").stat().st_size > 0


def test_the_commands_on_own_data(folder: Path) -> None:
    printed_as_it_should(Path(sys.executable).with_name("rulelang"), folder)


def printed_as_it_should(program: Path, folder: Path, **environment: str) -> None:
    """Run the commands of the README with a program in a folder, and look at what they print."""
    printed = ""
    for line in COMMANDS.strip().splitlines():
        words = [str(program), *line.split()[1:]]
        given = {**os.environ, **environment}
        found = subprocess.run(words, cwd=folder, env=given, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stderr
        printed += found.stdout
    assert "my.rules: 2 rules · assets BTC · bars 1h" in printed
    assert "1,000 decisions from 2026-01-01T01:00Z" in printed
    assert "80%" in printed
    assert "BTC at 2026-01-20T08:00Z: hedge 80%" in printed


def test_the_python_block(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(folder)
    exec(PYTHON, {})
    assert capsys.readouterr().out.startswith(PRINTED)


PRINTED = "0.5 {'line_6': False, 'trend_broken': False} 1 of 3 periods"
