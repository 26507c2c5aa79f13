"""The gallery of messages: an example reaches every place in the code that makes one, and every example is mended."""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest

from rulelang.text.pages import PAGES

ROOT = Path(__file__).parents[2]
ROOMS = [ROOT / "rulelang" / room for room in ("check", "syntax")]
MAKERS = {"Mistake", "unknown", "error", "warn"}
"""What makes a diagnostic: `Mistake(…)`, `report.error(…)`, `report.warn(…)`, and `unknown(…)` for names."""


@cache
def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_gallery", ROOT / "docs" / "gallery.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_gallery"] = module
    spec.loader.exec_module(module)
    return module


EXAMPLES = gallery().examples()


def named(one: Any) -> str:
    return f"{one.code} {' '.join(one.text[:60].split())}"


@pytest.mark.parametrize("one", EXAMPLES, ids=named)
def test_an_example_gets_its_message_and_no_other(one: Any) -> None:
    assert [found.code for found in one.found] == [one.code], [str(found) for found in one.found]


@pytest.mark.parametrize("one", [one for one in EXAMPLES if one.repaired], ids=named)
def test_a_mended_example_gets_none(one: Any) -> None:
    assert one.repaired != one.text
    assert [str(found) for found in gallery().checked(one.repaired, {})] == []


def test_what_no_text_can_mend_comes_from_outside_or_is_too_long() -> None:
    left = [one for one in EXAMPLES if not one.repaired]
    assert all(one.params or len(one.text) > gallery().LONGEST for one in left), [named(one) for one in left]


@pytest.mark.parametrize("one", EXAMPLES, ids=named)
def test_a_message_is_plain(one: Any) -> None:
    (found,) = one.found
    for text in filter(None, (found.message, found.why)):
        assert not text.endswith((".", "!")) and "\n" not in text
        assert text.count("`") % 2 == 0
        assert not text[0].isupper() or text.startswith("U+")
        assert not set(text.split()) & {"None", "True", "False", "token", "parse", "syntax", "invalid", "identifier"}
    assert found.why or found.fixes or ":" in found.message, "what is to be done?"
    assert found.why != found.message


def sites() -> Iterator[tuple[str, int, int]]:
    """Yield every place that makes a diagnostic: its file, its first and last line."""
    for path in sorted(path for room in ROOMS for path in room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in MAKERS:
                yield str(path), node.lineno, node.end_lineno or node.lineno


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def reached() -> set[tuple[str, int]]:
    """Return the lines of checking that run while the gallery is made."""
    lines: set[tuple[str, int]] = set()
    folders = tuple(str(room) for room in ROOMS)

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(folders):
            return None
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for one in (one for one in EXAMPLES if len(one.text) < gallery().LONGEST):
            gallery().checked(one.text, one.params)
        for page in PAGES:
            gallery().checked(page.mistake, {})
    finally:
        sys.settrace(before)
    return lines


TOO_LONG_TO_TRACE = {"RL110", "RL114"}


def test_every_message_in_the_code_is_in_the_gallery() -> None:
    run = reached()
    assert len(list(sites())) > 150
    left = [
        f"{Path(file).name}:{first}"
        for file, first, last in sites()
        if not any((file, line) in run for line in range(first, last + 1))
        and not any(
            code in "".join(Path(file).read_text("utf-8").splitlines()[first - 1 : last]) for code in TOO_LONG_TO_TRACE
        )
    ]
    assert left == []
    assert {one.code for one in EXAMPLES} >= TOO_LONG_TO_TRACE
