"""How fast the engine goes over a million bars: beside a C loop written by hand, and beside other libraries.

Every contender is a process of its own; they work in turn, and the medians of their processor times are compared.
`python bench/bench_batch.py` takes a minute or two; a number after it is that of the rounds.
"""

import sys
import tempfile
from collections.abc import Iterable
from statistics import median
from typing import Any

import native
import numpy as np
import workload
from measuring import ratio_line
from worker import Worker

ROUNDS = 11
BUILDS = {native.PLAIN: 8, native.AVX2: 12}
"""Millions of bars a second that are wanted of each build of the engine."""
LIBRARIES = {"TA-Lib + NumPy": 3, "polars": 3, "pandas": 25, "pandas + NumPy": None, "vectorbt": 8}
"""How many times faster than each library the engine is wanted to be, where something is wanted."""
SETTLED = 5_000
"""Bars after which averages that libraries begin otherwise have come near."""

Times = dict[str, float]
_NUMBA = " with Numba"


def main() -> None:
    """Print what was measured."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    own = [f"{kind} {build}" for build in BUILDS for kind in ("engine", "C")]
    print(f"{workload.BARS:,} generated one-minute bars, one core")
    polars = _workers(["polars" + _NUMBA], " on all cores", cores=0)
    _measured({**_workers(own), **_workers(_named(LIBRARIES)), **polars}, rounds)
    print("the real one-minute bars that the team shares, file after file")
    _measured(_workers(own, market="real"), rounds)
    print("200 rules")
    _measured(_workers(own, rules=200), rounds)
    _room_and_threads()


def _named(libraries: Iterable[str]) -> list[str]:
    """Return the contenders: each library as it is, and with its target in Numba where it would do without."""
    alone = {"pandas", "vectorbt"}  # one is without NumPy and Numba, the other never without
    return [name for one in libraries for name in ((one,) if one in alone else (one, one + _NUMBA))]


def _workers(names: Iterable[str], note: str = "", **given: Any) -> dict[str, Worker]:
    """Return the contenders that can run here; say why of the others."""
    found = {}
    for name in names:
        try:
            found[name + note] = Worker(name, **given)
        except LookupError as reason:
            print(f"  {name} is not measured: {reason}")
    return found


def _measured(workers: dict[str, Worker], rounds: int) -> None:
    """Print how fast contenders are, once it is sure that they do the same; and let them go."""
    bars = _agree(workers)
    rows = [[worker.seconds() for worker in workers.values()] for _ in range(rounds)]
    times = {name: median(column) for name, column in zip(workers, zip(*rows, strict=True), strict=True)}
    for worker in workers.values():
        worker.end()
    for build, wanted in BUILDS.items():
        if f"engine {build}" in times:
            _print_build(build, times, bars, wanted if len(workers) > 2 * len(BUILDS) else None)


def _print_build(build: str, times: Times, bars: int, wanted: int | None) -> None:
    engine = times[f"engine {build}"]
    asked = f"at least {wanted}" if wanted else "nothing said"
    print(f"  engine {build}: {bars / engine / 1e6:.1f} million bars/s ({asked}; {engine:.3f} s)")
    if f"C {build}" in times:
        print("  " + ratio_line(f"engine {build} / C loop by hand", engine, times[f"C {build}"], "at most 1.2"))
    for name, seconds in times.items():
        if name.partition(_NUMBA)[0] in LIBRARIES:
            least = f"at least {LIBRARIES[name]}" if LIBRARIES.get(name) else "nothing said"
            print("  " + ratio_line(f"{name} / engine {build}", seconds, engine, least))


# Is it the same? ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _agree(workers: dict[str, Worker]) -> int:
    """Stop unless engine and C decide the same to the last bit; print how near the libraries come. Return the bars."""
    with tempfile.TemporaryDirectory() as folder:
        reference = workers[f"engine {native.PLAIN}"].outcome(folder)
        for name, worker in workers.items():
            found = worker.outcome(folder)
            if name.startswith(("engine", "C ")):
                assert native.same(reference, found), f"{name} does not decide what the plain engine decides"
            else:
                _print_share(name, reference, found)
    return len(reference["hedge"])


def _print_share(name: str, reference: dict[str, Any], found: dict[str, Any]) -> None:
    rules = (reference["active"] == 2) == found["active"]
    hedge = np.abs(reference["hedge"] - found["hedge"]) < 1e-9
    shares = f"{rules[:, SETTLED:].mean():.4%} of rules' states, {hedge[SETTLED:].mean():.4%} of hedges"
    print(f"  {name} agrees with the engine in {shares}")


# Memory and threads ───────────────────────────────────────────────────────────────────────────────────────────────────


def _room_and_threads() -> None:
    for bars in (workload.BARS, 4 * workload.BARS):
        worker = Worker(f"engine {native.PLAIN}", bars=bars)
        extra = int(worker.ask("extra")) / 2**20
        print(f"memory beyond input and output, {bars:,} bars: {extra:.1f} MiB (at most 16)")
        if bars == workload.BARS:
            together = float(worker.ask("together"))
            print(f"two assets in two threads / one asset: {together:.2f} (at most 1.25)")
        worker.end()


if __name__ == "__main__":
    main()
