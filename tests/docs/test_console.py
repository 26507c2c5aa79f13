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


def test_a_command_goes_on_and_files_are_there(tmp_path: Path) -> None:
    page = "A book, as `b.toml`:\n\n```toml\n[a]\n```\n\n```console\n$ cat b.toml \\\n>   b.toml\nold\n$ echo 1\n```\n"
    assert "$ cat b.toml \\\n>   b.toml\n[a]\n[a]\n$ echo 1\n1\n```\n" in console().ran(page, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_print_what_stands_below_them(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    assert console().ran(text, tmp_path) == text, "run `make docs` and read what it wrote"
