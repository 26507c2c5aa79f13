"""The examples in the docstrings of `rulelang.hedging` run: numbers and units of every formula."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

from rulelang import hedging

MODULES = [importlib.import_module(f"{hedging.__name__}.{found.name}") for found in pkgutil.iter_modules(hedging.__path__)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_run(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.failed == 0
    assert found.attempted > 0
