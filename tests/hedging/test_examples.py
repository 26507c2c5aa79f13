"""The examples in the docstrings of `rulelang.hedging` run: numbers and units of every formula."""

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest

from rulelang import hedging

NAMES = [found.name for found in pkgutil.iter_modules(hedging.__path__)]
MODULES = [importlib.import_module(f"rulelang.hedging.{name}") for name in NAMES]
FORMULAS = [module for module in MODULES if module.__name__.rpartition(".")[2] not in ("errors", "exact", "units")]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_run(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.failed == 0
    assert found.attempted > 0


def _formulas() -> Iterator[FunctionType]:
    """Yield the functions that give money, counts or ratios as Decimals: those that others call."""
    for module in FORMULAS:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            gives_exact = "Fraction" in str(inspect.signature(function).return_annotation)
            if function.__module__ == module.__name__ and not name.startswith("_") and not gives_exact:
                yield function


@pytest.mark.parametrize("function", list(_formulas()), ids=lambda function: function.__qualname__)
def test_a_formula_has_an_example_and_a_source(function: FunctionType) -> None:
    told = inspect.getdoc(function) or ""
    assert ">>> " in told
    assert "Source: " in told or ">>> unit(" not in told
