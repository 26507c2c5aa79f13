"""The builds of the engine, for every processor, for those with AVX2 and uncompiled, give the same bits."""

import subprocess
import sys
from pathlib import Path

import pytest

from rulelang.engine.machine import BUILD

ROOT = Path(__file__).parents[2]
SOURCES = """
import sys
from importlib.machinery import FileFinder, SourceFileLoader

class Sources:
    def find_spec(name, path=None, target=None):
        if name.startswith("rulelang.engine"):
            return FileFinder(path[-1], (SourceFileLoader, [".py"])).find_spec(name)

sys.meta_path.insert(0, Sources)
"""
PROGRAM = '''
import hashlib
import numpy as np
import rulelang
from rulelang.engine.batch import run_columns
from rulelang.engine.machine import BUILD
from rulelang.engine.run import EngineRun

RULES = """
bars 1m
target hedge between 0% and 100% change at least 5% cooldown 10m
when (close > sma(close, 20) and rsi(close, 14) > 50) for 3 periods then hedge 40%
when ema(close, 9) >= stdev(close, 20) * 300 or close <= median(close, 7) then increase hedge by 10% of exposure
when rank(close, 30) < 40% for 2 of 4 periods then reduce hedge by 5% of exposure
when change(close, 5) <= -0.1% then hedge at least 20%
when abs(close - open) / (high - low) < 50% and not (volume is missing) then hedge at most 80%
when sqrt(volume / 5) > log(volume / 2) and round(volume / 1) > floor(volume / 2) for 40 periods then hedge 10%
"""
random = np.random.default_rng(7)
count = 3000
close = 100 * np.exp(np.cumsum(random.normal(0, 1e-3, count)))
close[random.random(count) < 0.01] = np.nan
market = {"close": close, "open": close * 0.999, "high": close * 1.002, "low": close * 0.997}
market["volume"] = random.gamma(2.0, 5.0, count)
run = EngineRun(rulelang.loads(RULES).checked, {}).assets[None]
values, truths = range(run.program.values), range(run.program.truths)
columns = [market[inlet.key[1]] for inlet in run.inlets]
found = run_columns(run, np.arange(1, count + 1) * 60.0, columns, values, truths)
bits = [np.nan_to_num(column, nan=-1.5).tobytes() for column in found.values.values()]
bits += [column.tobytes() for column in found.truths.values()]
print(BUILD, hashlib.sha256(b"".join([*bits, run.machine.save()])).hexdigest())
'''
PLAIN = "import rulelang.engine\nrulelang.engine.prefer_plain()\n"


def outcome(first: str) -> list[str]:
    """Return the build that ran a batch in a process of its own, and a sum over the bits that it gave."""
    command = [sys.executable, "-W", "ignore", "-c", first + PROGRAM]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not found.stderr
    return found.stdout.split()


@pytest.mark.skipif(BUILD != "avx2", reason="this processor has no AVX2, or nothing is compiled")
def test_builds_give_the_same_bits() -> None:
    (quick, its), (plain, other) = outcome(""), outcome(PLAIN)
    assert (quick, plain) == ("avx2", "plain")
    assert its == other


@pytest.mark.skipif(BUILD == "uncompiled", reason="nothing is compiled")
def test_what_is_compiled_gives_the_bits_of_the_source() -> None:
    (build, its), (other_build, other) = outcome(""), outcome(SOURCES)
    assert (build, other_build) == (BUILD, "uncompiled")
    assert its == other
