"""The commands in docs/ print what stands below them."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def console() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_console", DOCS / "console.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = console().pages()


def test_the_tutorial_has_commands() -> None:
    assert {"tutorial", "pipe"} <= {page.stem for page in PAGES}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_print_what_stands_below_them(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    assert console().ran(text, tmp_path) == text, "run `make docs` and read what it wrote"
