"""The generated pages of docs/ are what the tables say now."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


def test_nothing_differs() -> None:
    found = generator().differences()
    assert not found, "run `make docs`:\n" + "\n".join(found)


def test_a_difference_is_shown_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = generator()
    for name in module.MADE:
        (tmp_path / name).write_text((DOCS / name).read_text("utf-8").replace("plain average", "mean"), "utf-8")
    assert any(line.startswith("-") and "mean" in line for line in module.differences(tmp_path))
    monkeypatch.setattr(module, "differences", lambda: ["a difference"])
    assert (module.main(["--check"]), module.main(["--what"])) == (1, 2)
