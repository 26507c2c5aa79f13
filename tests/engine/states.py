"""States of native functions for tests: in an arena of their own with room around them, compiled or not."""

import importlib.util
import math
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from rulelang import engine
from rulelang.engine import functions as present
from rulelang.functions import FUNCTIONS

Answer = float | None
Row = tuple[float | None, ...]

WITH_HISTORY = sorted(name for name, function in FUNCTIONS.items() if function.start)
FOLDER = Path(engine.__file__).parent
MODULES = ("sums", "spreads", "orders", "trees", "ranks", "recursions", "profiles", "functions")
ROOM = 5
"""Words before and after a state, which it must leave alone."""


@cache
def uncompiled() -> ModuleType:
    """Return the functions as their source alone makes them, whatever is compiled."""
    kept = {name: module for name, module in sys.modules.items() if name.startswith("rulelang.engine.")}
    try:
        for name in MODULES:
            sys.modules.pop(f"rulelang.engine.{name}", None)
        for name in MODULES:
            _load(name)
        return sys.modules["rulelang.engine.functions"]
    finally:
        for name in MODULES:
            sys.modules[f"rulelang.engine.{name}"] = kept[f"rulelang.engine.{name}"]
            setattr(sys.modules["rulelang.engine"], name, kept[f"rulelang.engine.{name}"])


def _load(name: str) -> None:
    spec = importlib.util.spec_from_file_location(f"rulelang.engine.{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    setattr(sys.modules["rulelang.engine"], name, module)
    spec.loader.exec_module(module)


class State:
    """The state of one function."""

    def __init__(self, name: str, n: int, f: float = 1.0, g: float = 1.0, functions: ModuleType = present) -> None:
        self.op, self.n, self.f, self.g, self.functions = functions.OPS[name], n, f, g, functions
        self.length = functions.words(self.op, n)
        self.arena = bytearray(8 * (self.length + 2 * ROOM))
        self.d, self.q = memoryview(self.arena).cast("d"), memoryview(self.arena).cast("q")
        functions.bounded(ROOM + self.length)

    def push(self, row: Row) -> Answer:
        values = [math.nan if value is None else float(value) for value in row] + [math.nan] * (4 - len(row))
        found = self.functions.push_values(self.op, self.d, self.q, ROOM, self.n, self.f, self.g, *values)
        return None if math.isnan(found) else found

    def run(self, rows: Sequence[Row], block: int, times: int = 1) -> list[Answer]:
        """Push rows in blocks, so many times over, and return what came out the last time."""
        columns = [memoryview(bytearray(8 * max(1, len(rows)))).cast("d") for _ in range(5)]
        for bar, row in enumerate(rows):
            for column, value in zip(columns, row, strict=False):
                column[bar] = math.nan if value is None else float(value)
        setting = self.op, self.d, self.q, ROOM, self.n, self.f, self.g
        for _ in range(times):
            self.functions.run_columns(*setting, *columns, 0, len(rows), block)
        return [None if math.isnan(found) else found for found in columns[4][: len(rows)]]

    def skip(self, k: int) -> None:
        self.functions.skip_periods(self.op, self.d, self.q, ROOM, self.n, k)

    def is_sound(self) -> bool:
        return bool(self.functions.is_sound(self.op, self.d, self.q, ROOM, self.n))

    def copied(self) -> "State":
        """Return another state with the same words."""
        other = object.__new__(State)
        other.__dict__.update(self.__dict__)
        other.arena = bytearray(self.arena)
        other.d, other.q = memoryview(other.arena).cast("d"), memoryview(other.arena).cast("q")
        return other

    @property
    def around(self) -> bytes:
        """The words that are not the state's."""
        return bytes(self.arena[: 8 * ROOM] + self.arena[-8 * ROOM :])
