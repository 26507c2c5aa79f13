"""How many lines a second `rulelang run` takes from a pipe and answers, beside `csv` passing the lines on alone.

Both read a million one-minute bars from a pipe, as processes of their own; their starting counts. Written is a line of
CSV for each bar. Time is that of the clock; the best of several runs in turn is printed.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LINES = 1_000_000
ROUNDS = 3
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


def piped(words: list[str], data: Path) -> float:
    """Return how long a process takes that gets a file through a pipe and writes to one, in seconds."""
    started = time.perf_counter()
    with data.open("rb") as file:
        feed = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        work = subprocess.Popen(words, stdin=feed.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        subprocess.run(["cat"], stdin=work.stdout, stdout=subprocess.DEVNULL, check=True)
    assert work.wait() == 0 and feed.wait() == 0
    return time.perf_counter() - started


def files(folder: Path) -> dict[str, Path]:
    """Write the rule files, by what they are called."""
    sample = (RULES / "rsi.rules").read_text("utf-8").replace("bars 1h", "bars 1m")
    written = {"twenty rules": twenty(), "rules/rsi.rules on minutes": sample}
    paths = {name: folder / f"{at}.rules" for at, name in enumerate(written)}
    for name, text in written.items():
        paths[name].write_text(text, "utf-8")
    return paths


def main(lines: int) -> None:
    """Print lines a second, and how much longer than passing them on it takes."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "bars.csv"
        data.write_text(market(lines), "utf-8")
        asked = files(Path(name))
        commands = [[sys.executable, "-c", _PASSING]] + [
            [sys.executable, "-m", "rulelang", "run", str(path), "--data", "-", "--time", "open", "--format", "csv"]
            for path in asked.values()
        ]
        times = [[piped(words, data) for words in commands] for _ in range(ROUNDS)]
    passing, *found = map(min, zip(*times, strict=True))
    print(f"lines passed on by csv alone: {lines / passing:,.0f} a second")
    for title, took in zip(asked, found, strict=True):
        print(f"{title}: {lines / took:,.0f} lines a second (wanted: 50,000), {took / passing:.1f} times as long")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES)
