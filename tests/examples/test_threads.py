"""Runs in parallel threads decide as runs one after another do."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import rulelang

RULES = rulelang.loads("""
bars 1m
target hedge between 0% and 100% change at least 5% cooldown 15m
rule hot when rsi(close, 14) > 60 and close > sma(close, 50) for 3 periods then increase hedge by 20% of exposure
rule low when rank(close, 40) < 20% then hedge at least 40% for 10m
rule calm when stdev(close, 20) < 30 then hedge 10% until close > highest(close, 30) * 0.999
otherwise hedge 25%
""")
ASSETS = rulelang.loads("assets BTC, SOL\nbars 1m\nwhen change(close, 5) < change(BTC.close, 5) - 0.1% then hedge 60%")
RUNS, BARS = 8, 600


def closes(seed: int, bars: int = BARS) -> list[float]:
    chance, close, found = random.Random(seed), 50_000.0, []
    for _ in range(bars):
        close *= 1 + chance.gauss(0, 5e-4)
        found.append(close)
    return found


def of_one(seed: int) -> Any:
    run = RULES.start(keep=BARS)
    decided = [run.step(60 * at, {"close": close}) for at, close in enumerate(closes(seed), 1)]
    run.catch_up()
    return [(one.hedge, one.targets["hedge"].last_word, one.active) for one in decided], run.snapshot()


def of_several(seed: int) -> Any:
    run = ASSETS.start(records=False)
    pairs = zip(closes(seed, 400), closes(seed + 1, 400), strict=True)
    steps = [run.step(60 * at, {"BTC": {"close": a}, "SOL": {"close": b}}) for at, (a, b) in enumerate(pairs, 1)]
    return [{asset: (one.hedge, one.active) for asset, one in step.items()} for step in steps], run.snapshot()


def of_a_frame(seed: int) -> Any:
    frame = {"time": np.arange(1, 20_001) * 60, "close": np.array(closes(seed, 20_000))}
    return {name: column.tolist() for name, column in RULES.over(frame).items()}


@pytest.mark.parametrize("work", [of_one, of_several, of_a_frame])
def test_in_parallel_threads_as_one_after_another(work: Callable[[int], Any]) -> None:
    together = threading.Barrier(4)

    def begun_together(seed: int) -> Any:
        together.wait(60)
        return work(seed)

    with ThreadPoolExecutor(4) as threads:
        parallel = list(threads.map(begun_together, range(RUNS)))
    assert parallel == [work(seed) for seed in range(RUNS)]
