"""Every test of the command line works in a folder of its own, at a fixed width."""

from pathlib import Path

import pytest

from tests.cli.running import PRICES, RULES, files


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to an empty folder with `my.rules` and `prices.csv` in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("RULELANG_TRACEBACK", raising=False)
    files(tmp_path, my_rules=RULES, prices_csv=PRICES)
    return tmp_path
