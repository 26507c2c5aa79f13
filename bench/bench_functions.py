"""How fast the native functions are: nanoseconds a bar, over a million bars in blocks of 256.

Processor time, the best of several runs; the first ten are the functions of `bench_reference.py`, with their sum.
"""

from __future__ import annotations

import math
import random
import time
from array import array

from rulelang.engine import functions

BARS = 1_000_000
BLOCK = 256
RUNS = 5

FIRST = (
    ("sma", 50), ("sma", 200), ("ema", 20), ("rsi", 14), ("atr", 14), ("stdev", 20), ("highest", 100), ("median", 30),
    ("rank", 100), ("change", 42),
)  # fmt: skip
OTHERS = (
    ("sum", 21), ("wma", 50), ("wilder", 14), ("zscore", 48), ("volatility", 720), ("correlation", 168), ("beta", 720),
    ("drawdown", 720), ("percentile", 720), ("median", 720), ("median", 8760), ("rank", 720), ("previous", 24),
    ("difference", 24), ("count", 24), ("periods_since", 1), ("vwap", 168), ("point_of_control", 168),
    ("value_area_low", 720), ("sma", 100_000),
)  # fmt: skip


def market() -> dict[str, array[float]]:
    """Return columns of a seeded market."""
    draw, price = random.Random(7), 20_000.0
    names = ("high", "low", "close", "volume", "return", "rose")
    columns: dict[str, array[float]] = {name: array("d") for name in names}
    for _ in range(BARS):
        opened, price = price, price * math.exp(draw.gauss(0, 0.006))
        top, bottom, volume = max(opened, price) * 1.002, min(opened, price) * 0.998, draw.uniform(1, 90)
        bar = top, bottom, price, volume, price / opened - 1, float(price > opened)
        for column, value in zip(columns.values(), bar, strict=True):
            column.append(value)
    return columns


def reads(name: str) -> tuple[str, ...]:
    """Return the columns that a function is given."""
    given = {
        "atr": ("high", "low", "close"),
        "vwap": ("high", "low", "close", "volume"),
        "highest": ("high",),
        "count": ("rose",),
        "periods_since": ("rose",),
        "correlation": ("close", "return"),
        "beta": ("close", "return"),
    }
    profile = ("high", "low", "volume") if name.startswith(("point", "value")) else ("close",)
    return given.get(name, profile)


def once(name: str, n: int, columns: dict[str, array[float]], bars: int) -> float:
    """Return the nanoseconds a bar of one run."""
    op, out = functions.OPS[name], array("d", bytes(8 * bars))
    arena = bytearray(8 * functions.words(op, n))
    functions.bounded(len(arena) // 8)
    words = memoryview(arena).cast("d"), memoryview(arena).cast("q")
    given = [columns[column] for column in (*reads(name), "close", "close", "close")[:4]]
    start = time.process_time()
    functions.run_columns(op, *words, 0, n, 50.0 if name == "percentile" else 1.0, 1.0, *given, out, 0, bars, BLOCK)
    return (time.process_time() - start) / bars * 1e9


def main() -> None:
    """Measure, and print a line for each function."""
    columns, bars = market(), BARS if functions.COMPILED else BARS // 100
    print(f"native functions, ns a bar ({'compiled' if functions.COMPILED else 'not compiled'})")
    together = 0.0
    for name, n in FIRST:
        best = min(once(name, n, columns, bars) for _ in range(RUNS))
        together += best
        print(f"  {f'{name} {n}':<24}{best:8.1f}")
    print(f"  {'these together':<24}{together:8.1f}")
    for name, n in OTHERS:
        print(f"  {f'{name} {n}':<24}{once(name, n, columns, bars):8.1f}")


if __name__ == "__main__":
    main()
