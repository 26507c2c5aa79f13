"""Differential tests by the ten thousand: `python -m tests.engine.fuzz`, which goes on where it was when it stopped.

Each batch of pairs has a seed of its own. What was counted is kept in a file, and each pair on which engine and
reference differ, as small as it could be made, in another one."""

import argparse
import json
import os
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import engine as making

from rulelang.engine.machine import COMPILED
from tests.engine.agreement import VERDICTS, agrees
from tests.engine.pairs import Pair

BATCH = 250
"""Pairs of one seed."""
FOLDER = Path("build", "fuzz")
making.MAX_SHRINKING_SECONDS = 60  # a batch with a difference shouldn't hold up the others


def batch(number: int, pairs: int) -> tuple[int, Counter[str], str]:
    """Run the pairs of a seed; return it, how many there were of each verdict, and what was found if any differed."""
    counts: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=pairs,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(st.data())
    def every(data: st.DataObject) -> None:
        verdict, where = agrees(Pair(data))
        counts[verdict] += 1
        if where:
            counts[f"{verdict} at {where}"] += 1

    try:
        every()
    except Exception as error:
        notes = "\n".join(getattr(error, "__notes__", ()))
        return number, counts, f"{''.join(traceback.format_exception(error))}\n{notes}"
    return number, counts, ""


class Tally:
    """What has been counted, in a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "tally.json"
        known = json.loads(self.file.read_text("utf-8")) if self.file.exists() else {}
        self.done: set[int] = set(known.get("seeds", ()))
        self.counts = Counter(known.get("counts", {}))
        self.different: list[int] = known.get("different", [])

    @property
    def pairs(self) -> int:
        """How many pairs there were."""
        return sum(self.counts[verdict] for verdict in VERDICTS)

    def add(self, number: int, counts: Counter[str], found: str) -> None:
        """Count a batch, and keep what it found."""
        self.done.add(number)
        self.counts += Counter() if found else counts
        if found:
            self.different.append(number)
            (self.folder / f"different-{number}.txt").write_text(found, "utf-8")
        kept = {"seeds": sorted(self.done), "counts": self.counts, "different": self.different}
        self.file.write_text(json.dumps(kept), "utf-8")

    def __str__(self) -> str:
        each = ", ".join(f"{self.counts[verdict]:,} {verdict}" for verdict in VERDICTS)
        ties = "".join(f"\n  {self.counts[one]:,} {one}" for one in sorted(self.counts) if one not in VERDICTS)
        kept = f", kept in {self.folder}" if self.different else ""
        return f"{self.pairs:,} pairs: {each}; {len(self.different)} differed{kept}{ties}"


def fuzz(pairs: int, first: int, cores: int, folder: Path) -> int:
    """Run so many pairs in all, counting those of runs before; return 1 if any differed."""
    folder.mkdir(parents=True, exist_ok=True)
    tally, begun = Tally(folder), time.monotonic()
    batches = -(-pairs // BATCH)
    size = -(-pairs // batches)
    wanted = [number for number in range(first, first + batches) if number not in tally.done]
    with ProcessPoolExecutor(cores) as pool:
        for ready in as_completed([pool.submit(batch, number, size) for number in wanted]):
            tally.add(*ready.result())
            sys.stdout.write(f"{time.monotonic() - begun:.0f} s: {tally}\n")
            sys.stdout.flush()
    return int(bool(tally.different))


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="compare engine and reference over generated files and markets")
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first batch; what ran before is not run again")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given_ = parser.parse_args()
    sys.stdout.write(f"the engine is {'compiled' if COMPILED else 'not compiled'}\n")
    return fuzz(given_.pairs, given_.seed, given_.cores, given_.folder)


if __name__ == "__main__":
    sys.exit(main())
