"""How fast the reference evaluator is: years of hourly bars, ten functions, twenty rules, records off.

Beside it stands what one would write without rolling state: the same ten functions recomputed from their windows with
NumPy at each bar, and no rules at all.
"""

import random
import time
from collections.abc import Callable

import numpy as np
from measuring import alternating, ratio_line

import rulelang

BARS = 58_000
RECOMPUTED = 5_800
"""Bars for which the windows are recomputed: a tenth, its time counted tenfold."""

_FUNCTIONS = (
    "sma(close, 50)", "sma(close, 200)", "ema(close, 20)", "rsi(close, 14)", "atr(14)", "stdev(close, 20)",
    "highest(high, 100)", "median(close, 30)", "rank(close, 100)", "change(close, 42)",
)  # fmt: skip


def rules() -> str:
    """Return a file with ten functions and twenty rules of two or three comparisons, each for three periods."""
    lets = [f"let f{at} = {function}" for at, function in enumerate(_FUNCTIONS)]
    lines = ["bars 1h", "target hedge between 0% and 100% change at least 10% cooldown 60h", *lets]
    for at in range(20):
        third = f" and f8 > {10 + at}%" if at % 2 else ""
        asked = f"close > f{at % 2} and f3 < {50 + at} and f4 < f5 * {1 + at / 10:g}"
        asked = asked if at % 3 else "f2 > f7 and f9 < 5%"
        lines.append(f"rule r{at} when ({asked}{third}) for 3 periods then hedge {5 * at}%")
    lines.append("rule low when close < f6 * 0.9 then hedge at least 60%")
    return "\n".join(lines)


def market() -> list[dict[str, float]]:
    """Return seeded hourly bars."""
    draw, price, bars = random.Random(7), 20_000.0, []
    for _ in range(BARS):
        opened, price = price, price * (1 + draw.gauss(0, 0.006))
        high, low = max(opened, price) * 1.002, min(opened, price) * 0.998
        bars.append({"open": opened, "high": high, "low": low, "close": price, "volume": draw.uniform(1, 90)})
    return bars


def reference(bars: list[dict[str, float]]) -> float:
    """Return the seconds of a run of the reference."""
    run = rulelang.loads(rules()).start(records=False, engine="reference")
    start = time.perf_counter()
    for at, bar in enumerate(bars, 1):
        run.step(at * 3600, bar)
    return time.perf_counter() - start


def recomputed(bars: list[dict[str, float]]) -> float:
    """Return the seconds of recomputing the ten functions from their windows, projected onto all bars."""
    close = np.array([bar["close"] for bar in bars])
    high = np.array([bar["high"] for bar in bars])
    windows: list[Callable[[int], object]] = [
        lambda i: close[i - 49 : i + 1].mean(),
        lambda i: close[i - 199 : i + 1].mean(),
        lambda i: np.average(close[i - 99 : i + 1], weights=_EMA),
        lambda i: np.diff(close[i - 14 : i + 1]).clip(0).mean(),
        lambda i: np.abs(np.diff(close[i - 14 : i + 1])).mean(),
        lambda i: close[i - 19 : i + 1].std(),
        lambda i: high[i - 99 : i + 1].max(),
        lambda i: np.median(close[i - 29 : i + 1]),
        lambda i: (close[i - 99 : i] < close[i]).mean(),
        lambda i: close[i] / close[i - 42] - 1,
    ]
    start = time.perf_counter()
    for i in range(200, 200 + RECOMPUTED):
        for window in windows:
            window(i)
    return (time.perf_counter() - start) * BARS / RECOMPUTED


_EMA = (1 - 2 / 21) ** np.arange(99, -1, -1)


def main() -> None:
    """Print the ratio."""
    bars = market()
    one, other = alternating(lambda: reference(bars), lambda: recomputed(bars), runs=3)
    name = f"reference over {BARS:,} bars / ten windows recomputed with NumPy"
    print(ratio_line(name, one, other, "a minute at most"))


if __name__ == "__main__":
    main()
