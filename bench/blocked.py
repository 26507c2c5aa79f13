"""The workload as a blocked loop written by hand in C: `blocked.c`, built where it is needed and called."""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from workload import BAND, COOLDOWN, FIELDS, Market, Rule

SOURCE = Path(__file__).with_name("blocked.c")
FLAGS = ("-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")
"""As the engine is built: nothing that changes a value."""

Run = Callable[[Market], dict[str, Any]]


class _Rule(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int64) for name in ("condition", "action")),
        *((name, ctypes.c_double) for name in ("a", "b", "amount")),
    )


def compiler() -> str | None:
    """Return the C compiler, or `None` where there is none."""
    return shutil.which("cc")


def built(rules: Sequence[Rule], *flags: str) -> Run:
    """Return the loop, compiled with further flags, as a function from bars to columns of what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "blocked.so")
        subprocess.run(["cc", *FLAGS, *flags, str(SOURCE), "-o", str(library), "-lm"], check=True)
        loop = ctypes.CDLL(str(library)).blocked
    loop.restype = None
    given = [_Rule(rule.condition, rule.action, rule.first, rule.second, rule.amount) for rule in rules]
    array = (_Rule * len(rules))(*given)
    return lambda bars: _called(loop, array, bars)


def _called(loop: Any, rules: Any, bars: Market) -> dict[str, Any]:
    count = len(bars["time"])
    found = {name: np.empty(count) for name in ("hedge", "desired", "word")}
    found |= {"held": np.empty(count, np.uint8), "active": np.empty((len(rules), count), np.uint8)}
    given = [bars[name] for name in ("time", *FIELDS)]
    sizes = (ctypes.c_long(count), ctypes.c_long(len(rules)))
    brakes = (ctypes.c_double(BAND), ctypes.c_double(COOLDOWN))
    loop(*sizes, rules, *brakes, *(_place(column) for column in (*given, *found.values())))
    return found


def _place(column: Any) -> Any:
    return ctypes.c_void_p(column.ctypes.data)
