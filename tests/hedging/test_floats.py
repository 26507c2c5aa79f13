"""Only `orders` takes floats: nothing else in the room names one."""

import ast
from pathlib import Path

import pytest

from rulelang import hedging

MODULES = sorted(Path(hedging.__path__[0]).glob("*.py"))
REFUSES_THEM = "exact"
TAKES_THEM = "orders"


def floats(text: str) -> list[int]:
    """Return the lines on which a float is written or named."""
    nodes = list(ast.walk(ast.parse(text)))
    literals = [node.lineno for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    return sorted([*literals, *(node.lineno for node in nodes if isinstance(node, ast.Name) and node.id == "float")])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_floats_stay_where_orders_are_made(path: Path) -> None:
    found = floats(path.read_text("utf-8"))
    assert bool(found) == (path.stem in (REFUSES_THEM, TAKES_THEM))


def test_floats_are_seen() -> None:
    assert floats("x = 1\ny = 0.5\ndef f(z: float): ...") == [2, 3]
