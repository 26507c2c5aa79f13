"""Many runs in parallel threads decide as they do one after another: bar by bar, and over frames."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import numpy as np

import rulelang
from rulelang import Rules

THREADS, HOUR, MONDAY = 8, 3600, 1_767_571_200
Result = TypeVar("Result")
RULES = """
bars 1h
target hedge between 0% and 100% change at least 5% step at most 20% cooldown 2h
let calm = stdev(close, 20) / sma(close, 20) < {calm}
rule crowded
  when rsi(close, 14) > 55 for 2 of 3 periods and not calm
  then increase hedge by 20% of exposure
rule broken
  when close crosses below ema(close, {slow})
  then hedge at least 40%
  until close > at_trigger(close) * 1.01
rule late
  when rank(volume, 100) > 80% and median(close@1d, 3) > point_of_control(50)
  then hedge 70%
"""


def _rules(number: int) -> Rules:
    return rulelang.loads(RULES.format(calm=f"{1 + number % 3}%", slow=10 + number))


def _market(number: int, length: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(number)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, length)))
    close[random.random(length) < 0.02] = np.nan
    times = MONDAY + HOUR * np.arange(length, dtype=np.float64)
    volume = random.gamma(2, 10, length)
    return {"close_time": times, "close": close, "high": close * 1.01, "low": close * 0.99, "volume": volume}


def _together(work: Callable[[int], Result], numbers: Sequence[int]) -> list[Result]:
    """Return what work gives for each number, all done at once."""
    ready = Barrier(len(numbers))

    def waiting(number: int) -> Result:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(len(numbers)) as pool:
        return list(pool.map(waiting, numbers))


def _live(number: int) -> list[Any]:
    market, run = _market(number, 400), _rules(number).start(records=False)
    names = [name for name in market if name != "close_time"]
    decisions = [
        run.step(float(time), {name: float(market[name][bar]) for name in names})
        for bar, time in enumerate(market["close_time"])
    ]
    return [*map(dict, decisions), run.snapshot()]


def _over(number: int) -> dict[str, list[Any]]:
    found = _rules(number).over(_market(number, 40_000))
    return {name: column.tolist() for name, column in found.items()}


def test_runs_in_threads() -> None:
    numbers = range(THREADS)
    expected = [_live(number) for number in numbers]
    assert len({repr(one[-1]) for one in expected}) == THREADS
    assert _together(_live, numbers) == expected


def test_frames_in_threads() -> None:
    numbers = range(THREADS)
    expected = [_over(number) for number in numbers]
    assert all(len(set(one["hedge"])) > 3 for one in expected)
    assert repr(_together(_over, numbers)) == repr(expected)


def test_frames_and_runs_in_threads_of_the_same_rules() -> None:
    rules = _rules(3)
    market = _market(3, 20_000)
    expected = rules.over(market)["hedge"].tolist()

    def stepped(_: int) -> list[float]:
        run = rules.start(records=False)
        return [
            run.step(float(market["close_time"][bar]), {name: float(market[name][bar]) for name in market}).hedge
            for bar in range(300)
        ]

    def over(number: int) -> list[float]:
        found: list[float] = stepped(number) if number % 2 else rules.over(market)["hedge"].tolist()
        return found

    for number, found in enumerate(_together(over, range(THREADS))):
        assert found == (expected[:300] if number % 2 else expected)
