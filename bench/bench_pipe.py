"""How many lines a second `rulelang run` takes from a pipe and answers, beside `csv` passing the lines on alone.

Each is a process of its own that reads one-minute bars from a pipe and writes a line of CSV for each into another; its
starting counts. All take turns, and each round is printed as it ends: lines a second by the clock, and of the process's
own processor time, which others at work disturb less. Last come the best of the rounds.

    python bench/bench_pipe.py [LINES]
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LINES = 300_000
ROUNDS = 3
WANTED = 50_000
RULES = Path(__file__).parent.parent / "rules"
_PASSING = """
import csv, sys
write = csv.writer(sys.stdout, lineterminator="\\n").writerow
for cells in csv.reader(sys.stdin):
    write(cells)
"""


def market(lines: int) -> str:
    """Return one-minute bars as CSV: a walk of prices from 50,000, with the open time in milliseconds."""
    chance, close = random.Random(1), 50_000.0
    rows = ["time,open,high,low,close,volume,funding_8h"]
    for bar in range(lines):
        opened, close = close, close * (1 + chance.gauss(0, 5e-4))
        high = max(opened, close) * (1 + abs(chance.gauss(0, 2e-4)))
        low = min(opened, close) * (1 - abs(chance.gauss(0, 2e-4)))
        funding = f"{chance.gauss(1e-4, 1e-4):.6f}" if bar % 480 == 0 else ""
        time_ = 1_704_067_200_000 + 60_000 * bar
        rows.append(f"{time_},{opened:.2f},{high:.2f},{low:.2f},{close:.2f},{chance.gammavariate(2, 5):.4f},{funding}")
    return "\n".join(rows) + "\n"


def twenty() -> str:
    """Return a file of ten functions and twenty rules, each for three periods."""
    conditions = (
        "close > sma(close, 50) and rsi(close, 14) > {0}",
        "sma(close, 50) > sma(close, 200) and change(close, 42) < -0.{0}%",
        "ema(close, 20) > sma(close, 200) and rank(close, 100) > {0}%",
        "close < median(close, 30) and stdev(close, 20) > {0} and atr(14) > 20",
        "close >= highest(close, 100) * 0.9{0} and rsi(close, 14) < 70",
    )
    does = ("hedge {0}%", "increase hedge by 5% of exposure", "hedge at least {0}%", "reduce hedge by 4% of exposure")
    pairs = [(conditions[at % 5].format(50 + at), does[at % 4].format(20 + at)) for at in range(20)]
    rules = [f"when ({condition}) for 3 periods then {action}" for condition, action in pairs]
    return "\n".join(["bars 1m", "target hedge between 0% and 100% change at least 10% cooldown 60m", *rules]) + "\n"


class Taken(NamedTuple):
    """What a run took: seconds by the clock, and those of the processor."""

    clock: float
    processor: float


def piped(words: list[str], data: Path) -> Taken:
    """Return what a process takes that gets a file through a pipe and writes to one."""
    started = time.perf_counter()
    with data.open("rb") as file:
        feed = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        work = subprocess.Popen(words, stdin=feed.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        subprocess.run(["cat"], stdin=work.stdout, stdout=subprocess.DEVNULL, check=True)
    _, status, used = os.wait4(work.pid, 0)
    work.returncode = os.waitstatus_to_exitcode(status)
    assert work.returncode == 0 and feed.wait() == 0
    return Taken(time.perf_counter() - started, used.ru_utime + used.ru_stime)


def objects(bars: str) -> str:
    """Return lines of CSV as NDJSON, numbers as numbers; an empty cell has no key."""
    names, *rows = (line.split(",") for line in bars.splitlines())
    records = ({name: json.loads(cell) for name, cell in zip(names, row, strict=True) if cell} for row in rows)
    return "".join(f"{json.dumps(record)}\n" for record in records)


def contenders(folder: Path, lines: int) -> dict[str, tuple[list[str], Path]]:
    """Write bars and rules; return what takes part, by its name: its command, and what it reads."""
    bars, sample = market(lines), (RULES / "rsi.rules").read_text("utf-8").replace("bars 1h", "bars 1m")
    written = {"bars.csv": bars, "bars.ndjson": objects(bars), "twenty.rules": twenty(), "rsi.rules": sample}
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8")

    def run(rules: str, data: str) -> tuple[list[str], Path]:
        asked = ["run", str(folder / rules), "--data", "-", "--time", "open", "--format", "csv"]
        return [sys.executable, "-m", "rulelang", *asked], folder / data

    return {
        "csv alone": ([sys.executable, "-c", _PASSING], folder / "bars.csv"),
        "twenty rules": run("twenty.rules", "bars.csv"),
        "twenty rules, NDJSON": run("twenty.rules", "bars.ndjson"),
        "rules/rsi.rules on minutes": run("rsi.rules", "bars.csv"),
    }


def rounds(asked: dict[str, tuple[list[str], Path]], lines: int) -> Iterator[dict[str, Taken]]:
    """Measure all in turn, round by round; print each as it ends."""
    for number in range(1, ROUNDS + 1):
        found = {}
        for title, (words, data) in asked.items():
            one = found[title] = piped(words, data)
            speeds = f"{lines / one.clock:,.0f} lines a second, {lines / one.processor:,.0f} of processor time"
            print(f"round {number}, {title}: {speeds}", flush=True)
        yield found


def main(lines: int) -> None:
    """Print lines a second, and how much longer than passing them on it takes."""
    with tempfile.TemporaryDirectory() as name:
        asked = contenders(Path(name), lines)
        print(f"{lines:,} lines were made; {ROUNDS} rounds", flush=True)
        found = list(rounds(asked, lines))
    passing = min(one["csv alone"].clock for one in found)
    for title in list(asked)[1:]:
        clock = min(one[title].clock for one in found)
        ratio = f"{clock / passing:.1f} times as long as csv alone"
        print(f"{title}: {lines / clock:,.0f} lines a second (wanted: {WANTED:,}), {ratio}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES)
