"""The examples in the docstrings of `rulelang.plan` run."""

import doctest
import importlib
import pkgutil

from rulelang import plan


def test_examples_run() -> None:
    names = [found.name for found in pkgutil.iter_modules(plan.__path__)]
    found = [doctest.testmod(importlib.import_module(f"rulelang.plan.{name}")) for name in names]
    assert sum(one.failed for one in found) == 0
    assert sum(one.attempted > 0 for one in found) >= 4
