"""How long it takes until rules run: lowering, importing, snapshots; and what a gap costs."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import native
import workload
from measuring import alternating

import rulelang

_HOUR, _YEAR = 3600, 31_536_000
_WANTED = {20: 1, 200: 10}
"""Milliseconds that are wanted from checked rules to a run of so many."""


def main() -> None:
    """Print what was measured."""
    for number, wanted in _WANTED.items():
        print(f"from {number} checked rules to a run: {_lowering(number) * 1e3:.2f} ms (at most {wanted})")
    _imports()
    _snapshots()
    _gap()


def _took(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def _lowering(number: int) -> float:
    """Return the seconds from checked rules to a run of them; rules that are new each time, for lowering is kept."""
    text, taken = workload.text(number), []
    for _ in range(15):
        rules = rulelang.loads(text)
        start = time.process_time()
        rules.start()
        taken.append(time.process_time() - start)
    return median(taken)


# Importing ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _imports() -> None:
    """Print what importing costs beyond the libraries that it needs, in processor time."""
    bare = "import lark, attrs"
    for code, wanted in (("import rulelang", "at most 60"), ("from rulelang import load", "nothing said")):
        one, other = alternating(lambda code=code: _process(f"{bare}; {code}"), lambda: _process(bare), runs=15)
        print(f"{code}: {(one - other) * 1e3:.0f} ms more than `{bare}` ({wanted}; that takes {other * 1e3:.0f} ms)")
    asked = "import sys, rulelang; from rulelang import load; sys.exit('numpy' in sys.modules)"
    missing = subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
    print(f"NumPy is {'not imported' if missing else 'imported'} by it (not: until the engine is)")


def _process(code: str) -> float:
    """Return the processor time of a whole process."""
    before = _children()
    subprocess.run([sys.executable, "-c", code], check=True)
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# State ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _snapshots() -> None:
    """Print what a snapshot costs of twenty rules with a window of 200 days on bars of an hour."""
    from rulelang.engine.run import EngineRun

    text = workload.text().replace("bars 1m", "bars 1h").replace("cooldown 60m", "cooldown 60h")
    text = text.replace("sma(close, 200)", "sma(close, 200d)")
    checked = rulelang.loads(text).checked
    run, bars = EngineRun(checked, {}), workload.rows(workload.market(6_000))[1]
    for number, bar in enumerate(bars, 1):
        run.step(number * _HOUR, bar)
    other, taken = EngineRun(checked, {}), run.snapshot()
    saving = median(_took(run.snapshot) for _ in range(50))
    loading = median(_took(lambda: other.load(taken)) for _ in range(50))
    print(f"snapshot of 20 rules with a window of 200 days on 1h bars: {saving * 1e3:.2f} ms (less than 1)")
    print(f"restoring it: {loading * 1e3:.2f} ms (less than 1); its size: {len(taken) / 1024:.1f} KiB")
    print(f"  its state, as `check` says: {rulelang.loads(text).summary}")


def _gap() -> None:
    """Print what a step costs after a year without bars, over what it costs after a bar."""
    step, bars = native.steps(workload.text()), workload.rows(workload.market(1_000))[1]
    now, after_bar, after_year = 0, [], []
    for bar in bars[:500]:
        now += workload.PERIOD
        after_bar.append(_took(lambda bar=bar, now=now: step(now, bar)))
    for bar in bars[500:520]:
        now += _YEAR
        after_year.append(_took(lambda bar=bar, now=now: step(now, bar)))
    one, other = median(after_year), median(after_bar)
    print(f"a bar after a year of missing ones / a bar: {one / other:.1f} (at most 2; {one * 1e6:.1f} µs)")


if __name__ == "__main__":
    main()
