"""How long a bar takes that comes alone: from a dict of twelve values to a decision, beside other libraries.

Each measurement is of a hundred bars, in processor time; what is measured takes turns. Printed are medians of these
means, and for the engine the 99th percentile beside its median; a loop that only counts, which takes turns too, shows
how much of that is the machine's.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median

import live
import native
import workload

CALLS = 100
ROUNDS = 200
FEWER = 20
"""One in so many rounds measures a slow library too."""
SLOW = 20e-6
SETTLED = 1000
"""Bars after which a decision that began later has come to be the same."""

Bar = dict[str, float]
Step = Callable[[float, Bar], float]
Take = Callable[[list[tuple[int, Bar]]], object]
"""Goes through bars, each with its time."""


def main() -> None:
    """Print what was measured."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    bars = workload.rows(workload.market(20_000))[1]
    rules = workload.table()
    _agree(bars)
    streams = {f"TA-Lib's streams, {name}": live.combined(rules, library) for name, library in live.LIBRARIES.items()}
    libraries = {name: _taking(step) for name, step in streams.items()}
    libraries["TA-Lib's streams alone"] = _values(live.Streams())
    found = _measured({"engine": _deciding(workload.text()), **libraries}, bars, rounds)
    _print("ten functions and 20 rules, from a dict of 12 values to a decision", found, 1.0, _TIMES)
    found = _measured({"engine": _deciding(workload.text(200))}, bars, rounds)
    _print("the same with 200 rules", found, 3.0, {})
    found = _measured({"engine": _deciding(_text()), **_evaluating()}, _states(), rounds)
    _print("20 rules on a dict, no function of history", found, 0.4, {})


_TIMES = {"TA-Lib's streams, rule-engine": "at least 150"} | {
    f"TA-Lib's streams, {name}": "at least 10" for name in live.LIBRARIES if name.startswith("zen")
}


# What is measured ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _deciding(text: str) -> Take:
    step = native.steps(text)

    def take(bars: list[tuple[int, Bar]]) -> None:
        for now, bar in bars:
            step(now, bar).hedge  # noqa: B018  # looking it up is part of what is measured

    return take


def _taking(step: Step) -> Take:
    def take(bars: list[tuple[int, Bar]]) -> None:
        for now, bar in bars:
            step(now, bar)

    return take


def _values(streams: live.Streams) -> Take:
    def take(bars: list[tuple[int, Bar]]) -> None:
        for _, bar in bars:
            streams.take(bar)

    return take


def _evaluating() -> dict[str, Take]:
    """Return the libraries for expressions, each evaluating the twenty conditions and no more."""
    found = {name: library(_expressions()) for name, library in live.LIBRARIES.items()}
    return {name: _taking(lambda _, bar, evaluate=evaluate: evaluate(bar)) for name, evaluate in found.items()}


_MACHINE = "a loop that counts to 20"


def _counting(bars: list[tuple[int, Bar]]) -> None:
    for _ in bars:
        for _ in range(20):
            pass


_ONLY = "close > {} and volume > {} and iv < {}"


def _numbers() -> list[tuple[int, int, int]]:
    """Return for each of twenty rules a price, a volume, and percents."""
    return [(48_000 + 200 * k, 2 * k, 110 - 3 * k) for k in range(20)]


def _text() -> str:
    """Return a file of twenty rules without a function of history."""
    lines = ["bars 1m", "target hedge between 0% and 100% change at least 10% cooldown 60m"]
    for number, (price, volume, iv) in enumerate(_numbers()):
        action = workload.ACTIONS[number % 4].format(5 + number)
        lines.append(f"when {_ONLY.format(price, volume, f'{iv}%')} then {action}")
    return "\n".join(lines)


def _expressions() -> list[str]:
    return [_ONLY.format(price, volume, iv / 100) for price, volume, iv in _numbers()]


def _states() -> list[Bar]:
    """Return states of the market that wander: twelve values."""
    draw = random.Random(7)
    names = ("mark", "index", "spot", "future", "exposure", "open_interest", "bid", "ask", "depth")
    others = dict.fromkeys(names, 1.0)
    close, iv, found = 50_000.0, 0.8, []
    for _ in range(20_000):
        close *= 1 + draw.gauss(0, 5e-4)
        iv = abs(iv * 0.99 + draw.gauss(0.008, 0.01))
        found.append({"close": close, "volume": draw.uniform(0, 60), "iv": iv, **others})
    return found


# Measuring ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _measured(takes: dict[str, Take], bars: list[Bar], rounds: int) -> dict[str, list[float]]:
    """Return seconds a bar, for each that takes bars a sorted list of means of a hundred."""
    takes = {**takes, _MACHINE: _counting}
    feeds = {name: _feed(bars) for name in takes}
    found: dict[str, list[float]] = {name: [] for name in takes}
    for name, take in takes.items():
        for _ in range(3):  # until histories are full
            take(next(feeds[name]))
    for turn in range(rounds):
        for name, take in takes.items():
            for _ in range(_repeats(found[name], turn)):
                found[name].append(_mean(take, next(feeds[name])))
    return {name: sorted(means) for name, means in found.items()}


def _repeats(before: list[float], turn: int) -> int:
    """Return how often something is measured in a turn: slow things seldom, quick ones several times."""
    if not before:
        return 1
    if before[0] > SLOW:
        return int(turn % FEWER == 0)
    return 10 if before[0] < SLOW / 5 else 1


def _feed(bars: list[Bar]) -> Iterator[list[tuple[int, Bar]]]:
    """Yield a hundred bars at a time, again and again, at times that go on."""
    times = count(workload.PERIOD, workload.PERIOD)
    while True:
        for at in range(0, len(bars), CALLS):
            yield [(next(times), bar) for bar in bars[at : at + CALLS]]


def _mean(take: Take, bars: list[tuple[int, Bar]]) -> float:
    start = time.thread_time()
    take(bars)
    return (time.thread_time() - start) / CALLS


def _print(title: str, found: dict[str, list[float]], wanted: float, times: dict[str, str]) -> None:
    engine = found["engine"]
    middle = median(engine)
    print(title)
    print(f"  engine {native.which()}: {middle * 1e6:.2f} µs a bar (at most {wanted}), best {engine[0] * 1e6:.2f} µs")
    print(f"  99th percentile / median: {_late(engine):.2f} (at most 1.5); of {_MACHINE}: {_late(found[_MACHINE]):.2f}")
    for name, means in found.items():
        if name not in ("engine", _MACHINE):
            seconds = median(means)
            note = times.get(name, "nothing said")
            print(f"  {name} / engine: {seconds / middle:.1f} ({note}; {seconds * 1e6:.1f} µs)")


def _late(means: list[float]) -> float:
    """Return the 99th percentile of sorted means as a multiple of their median."""
    return means[int(len(means) * 0.99)] / median(means)


def _agree(bars: list[Bar]) -> None:
    """Print in how many bars the streams with each library decide what the engine decides."""
    rules, engine = workload.table(), native.steps(workload.text())
    steps = [live.combined(rules, library) for library in live.LIBRARIES.values()]
    same = [0] * len(steps)
    for number, bar in enumerate(bars[:3000], 1):
        hedge, now = engine(number * workload.PERIOD, bar).hedge, number * workload.PERIOD
        equal = [abs(step(now, bar) - hedge) < 1e-9 for step in steps]
        if number > SETTLED:
            same = [found + one for found, one in zip(same, equal, strict=True)]
    for name, found in zip(live.LIBRARIES, same, strict=True):
        print(f"TA-Lib's streams with {name} agree with the engine in {found / (3000 - SETTLED):.1%} of bars")


if __name__ == "__main__":
    main()
