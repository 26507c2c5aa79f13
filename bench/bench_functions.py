"""How fast the native functions are: nanoseconds a bar, over a million bars in blocks of 256.

Processor time, the best of several runs; the first ten are the functions of `bench_reference.py`, with their sum.
Then all by the length of the window, which what a bar costs should not depend on, or by its logarithm.
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
    ("value_area_low", 720),
)  # fmt: skip
LENGTHS = (100, 10_000, 100_000)
FEWER = 300_000
"""Bars for those lengths, of which the first three quarters are not measured."""


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


def once(name: str, n: int, columns: dict[str, array[float]], bars: int, block: int = BLOCK, first: int = 0) -> float:
    """Return the nanoseconds a bar of one run over bars, from the first that is measured."""
    op, out = functions.OPS[name], array("d", bytes(8 * bars))
    arena = bytearray(8 * functions.words(op, n))
    functions.bounded(len(arena) // 8)
    words = memoryview(arena).cast("d"), memoryview(arena).cast("q")
    given = [columns[column] for column in (*reads(name), "close", "close", "close")[:4]]
    setting = op, *words, 0, n, 50.0 if name == "percentile" else 1.0, 1.0, *given, out
    functions.run_columns(*setting, 0, first, block)
    start = time.thread_time()
    functions.run_columns(*setting, first, bars, block)
    return (time.thread_time() - start) / (bars - first) * 1e9


def the_first(columns: dict[str, array[float]], bars: int) -> None:
    """Print the cost of the first ten, in blocks and bar by bar, as a live run has them."""
    print(f"  {'':<24}{'in blocks':>12}{'one by one':>12}")
    together = [0.0, 0.0]
    for name, n in FIRST:
        best = [min(once(name, n, columns, bars, block) for _ in range(RUNS)) for block in (BLOCK, 1)]
        together = [total + one for total, one in zip(together, best, strict=True)]
        print(f"  {f'{name} {n}':<24}{best[0]:12.1f}{best[1]:12.1f}")
    print(f"  {'these together':<24}{together[0]:12.1f}{together[1]:12.1f}")


def the_others(columns: dict[str, array[float]], bars: int) -> None:
    """Print the cost of other functions in blocks, then that of all by the length of their window."""
    for name, n in OTHERS:
        print(f"  {f'{name} {n}':<24}{once(name, n, columns, bars):12.1f}")
    print(f"  {'with a window of':<24}" + "".join(f"{n:>12,}" for n in LENGTHS))
    for name in functions.OPS:
        costs = [once(name, n, columns, FEWER, first=FEWER * 3 // 4) for n in LENGTHS]
        print(f"  {name:<24}" + "".join(f"{cost:12.1f}" for cost in costs))


def main() -> None:
    """Measure, and print a line for each function."""
    columns, bars = market(), BARS if functions.COMPILED else BARS // 100
    print(f"native functions, ns a bar ({'compiled' if functions.COMPILED else 'not compiled'})")
    the_first(columns, bars)
    if functions.COMPILED:
        the_others(columns, bars)


if __name__ == "__main__":
    main()
