"""One contender in a process of its own: it works each time it is asked, and says how long it took.

`Worker` is the face for who asks; run as a script, with a contender's name, it is the process.
"""

import ctypes
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import workload

Work = Callable[[workload.Market], dict[str, Any]]


class Worker:
    """A contender at work in another process.

    `name`: the engine or C with its build (`engine AVX2`), or a library. `market`: `generated` or `real`; `bars` of a
    generated one, a million where it is 0; `cores`: how many a library may use, 0 for all. Raises `LookupError` where
    the contender can't run here, with the reason.
    """

    def __init__(self, name: str, market: str = "generated", bars: int = 0, rules: int = 20, cores: int = 1) -> None:
        command = [sys.executable, __file__, name, market, str(bars), str(rules)]
        limits = {f"{library}_THREADS": str(cores) for library in ("POLARS_MAX", "NUMBA_NUM", "OMP_NUM") if cores}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **limits})
        self._clock = "seconds" if cores == 1 else "elapsed"
        ready = self.ask("ready")
        if ready != "ready":
            raise LookupError(ready)

    def ask(self, question: str) -> str:
        """Return the answer to a question, see `_ANSWERS`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(question, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"no answer to `{question}`: the worker has ended")
        return answer

    def seconds(self) -> float:
        """Return how long the work takes, once: processor time on one core, or what passes where there may be more."""
        return float(self.ask(self._clock))

    def outcome(self, folder: str) -> dict[str, Any]:
        """Return what came of the work."""
        file = Path(folder, "outcome.npz")
        self.ask(f"save {file}")
        with np.load(file) as found:
            return dict(found)

    def end(self) -> None:
        """End the process."""
        self._process.communicate()


# In the process ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _work(name: str, count: int) -> Work:
    kind, _, build = name.partition(" ")
    rules = workload.table(count)
    if kind == "engine":
        import native

        native.choose(build)
        work = native.batch(workload.text(count))
        assert native.which() == build, f"the {native.which()} build ran"
        return work
    if kind == "C":
        import blocked

        if blocked.compiler() is None:
            raise LookupError("there is no C compiler, `cc`")
        return blocked.built(rules, *(["-mavx2"] if build == "AVX2" else []))
    import contenders

    library, method, target = contenders.CONTENDERS[name]
    import_module(library)
    return lambda bars: method(rules, bars, target)


def _timed(clock: Callable[[], float], work: Callable[[], object]) -> float:
    start = clock()
    work()
    return clock() - start


def _seconds(work: Work, bars: workload.Market) -> str:
    """Return processor time, which others on the machine don't disturb."""
    return str(_timed(time.process_time, lambda: work(bars)))


def _elapsed(work: Work, bars: workload.Market) -> str:
    return str(_timed(time.perf_counter, lambda: work(bars)))


def _extra(work: Work, bars: workload.Market) -> int:
    """Return the bytes in memory at the peak of the work beyond those before it and those of what came of it."""
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    found = work(bars)
    peak = _memory("VmHWM")
    return peak - before - sum(np.asarray(column).nbytes for column in found.values())


def _memory(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def _together(work: Work, bars: workload.Market) -> str:
    """Return how long two assets in two threads take over how long one takes: the best of runs in turn."""
    pairs = [[float(_elapsed(one, bars)) for one in (lambda b: _two(work, b), work)] for _ in range(15)]
    return str(min(two for two, _ in pairs) / min(one for _, one in pairs))


def _two(work: Work, bars: workload.Market) -> dict[str, Any]:
    threads = [threading.Thread(target=work, args=(bars,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {}


_ANSWERS = {"seconds": _seconds, "elapsed": _elapsed, "together": _together}


def _serve(work: Work, bars: workload.Market) -> None:
    extra = _extra(work, bars)
    for line in sys.stdin:
        question, _, file = line.strip().partition(" ")
        if question == "save":
            np.savez(file, **work(bars))
        answer = _ANSWERS[question](work, bars) if question in _ANSWERS else question
        print(extra if question == "extra" else answer, flush=True)


def main() -> None:
    """Answer questions until there are no more."""
    name, market, bars, rules = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    try:
        work = _work(name, rules)
    except (LookupError, ImportError) as reason:
        print(reason, flush=True)
        return
    found = workload.real() if market == "real" else workload.market(bars or workload.BARS)
    if found is None:
        print("there are no real bars: set RULELANG_SHARED", flush=True)
        return
    _serve(work, found)


if __name__ == "__main__":
    main()
