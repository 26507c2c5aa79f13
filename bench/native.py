"""The engine as it is measured: its plain build or the one for AVX2; batches of columns, and bar after bar."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from workload import Market

import rulelang
import rulelang.engine

PLAIN, AVX2 = "plain", "AVX2"
FOLDER = Path(rulelang.engine.__file__).parent


def choose(build: str) -> None:
    """Let the modules of one build be imported; before any of them is. Raises `LookupError` where it wasn't built."""
    wide = FOLDER / "avx2"
    if build == PLAIN:
        rulelang.engine.prefer_plain()
    elif str(wide) not in rulelang.engine.__path__ or not any(wide.glob("machine.*.so")):
        raise LookupError("the engine was not built for AVX2, or the processor has none")


def which() -> str:
    """Return which build runs."""
    from rulelang.engine.machine import BUILD

    return AVX2 if BUILD == "avx2" else BUILD


def batch(text: str) -> Callable[[Market], dict[str, Any]]:
    """Return rules as a function from bars to columns, a fresh run each time.

    Columns: `hedge` (in force) and `desired`, ratios; `word`, `held`, and `active`, one for each rule.
    """
    from rulelang.engine.batch import run_columns
    from rulelang.engine.run import AssetRun

    checked = rulelang.loads(text).checked.programs[None]

    def ran(bars: Market) -> dict[str, Any]:
        run = AssetRun(checked, {})
        target, rules = run.program.targets[0], run.program.rules
        values = {"hedge": target.after, "desired": target.desired, "word": target.word}
        columns = [bars[inlet.key[1]] for inlet in run.inlets]
        truths = [target.held, *(rule.active for rule in rules)]
        found = run_columns(run, bars["time"], columns, list(values.values()), truths)
        named = {name: found.values[register] for name, register in values.items()}
        active = [found.truths[rule.active] for rule in rules]
        return {**named, "held": found.truths[target.held], "active": active}

    return ran


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether two outcomes are equal to the last bit."""
    columns = all(np.array_equal(one[name], other[name]) for name in ("hedge", "desired", "word", "held"))
    return columns and all(np.array_equal(a, b) for a, b in zip(one["active"], other["active"], strict=True))


def steps(text: str) -> Callable[[float, dict[str, float]], Any]:
    """Return the step of a fresh run of rules: a time and the values of a bar give a decision."""
    return rulelang.loads(text).start().step
