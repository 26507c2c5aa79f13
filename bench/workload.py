"""The work that is measured: ten functions, twenty rules (or two hundred), one braked target, and markets for them."""

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

BARS = 1_000_000
PERIOD = 60
FOR = 3
BAND, COOLDOWN = 0.1, 60 * PERIOD
FIELDS = ("high", "low", "close")
"""What the rules read, in the order in which hand-written code takes it."""

Market = Mapping[str, Any]
"""Columns of bars: `time` (seconds, the close of a bar), `open`, `high`, `low`, `close`, `volume`."""

CONDITIONS = (
    "close > sma(close, 50) and rsi(close, 14) > {a}",
    "sma(close, 50) > sma(close, 200) and change(close, 42) < {a}%",
    "ema(close, 20) > sma(close, 200) and rank(close, 100) > {a}%",
    "close < median(close, 30) and stdev(close, 20) > {a} and atr(14) > {b}",
    "close >= highest(close, 100) * {a} and rsi(close, 14) < {b}",
)
ACTIONS = ("hedge {}%", "increase hedge by {}% of exposure", "hedge at least {}%", "reduce hedge by {}% of exposure")
SET, INCREASE, FLOOR, REDUCE = range(4)
PERCENT = (False, True, True, False, False)
"""Which conditions compare with a percentage."""


@frozen
class Rule:
    """A rule: which condition (its number), the numbers `a` and `b` in it, which action, and by how many percent."""

    condition: int
    a: str
    b: str
    action: int
    percent: int

    @property
    def text(self) -> str:
        """The rule in the language."""
        condition = CONDITIONS[self.condition].format(a=self.a, b=self.b)
        return f"when ({condition}) for {FOR} periods then {ACTIONS[self.action].format(self.percent)}"

    @property
    def first(self) -> float:
        """The number `a` as a ratio where it is a percentage."""
        return float(Fraction(self.a) / (100 if PERCENT[self.condition] else 1))

    @property
    def second(self) -> float:
        """The number `b`."""
        return float(Fraction(self.b))

    @property
    def amount(self) -> float:
        """The action's amount as a ratio."""
        return float(Fraction(self.percent, 100))


def table(count: int = 20) -> list[Rule]:
    """Return so many rules, 200 at most; no two are alike."""
    return [_rule(number) for number in range(count)]


def _rule(number: int) -> Rule:
    step = Fraction(number % 20) + Fraction(number // 20, 10)
    numbers = (
        (50 + step, 0),
        ((step - 10) / 10, 0),
        (50 + step, 0),
        (10 + step, 8 + step),
        (Fraction(99, 100) + step / 2500, 80 - step),
    )
    a, b = numbers[number % 5]
    percent = (20 + 3 * number % 60, 5 + number % 7, 10 + number % 70, 5 + number % 7)[number % 4]
    return Rule(number % 5, f"{float(a):.10g}", f"{float(b):.10g}", number % 4, percent)


def text(count: int = 20) -> str:
    """Return a rule file with so many rules, each on a line."""
    lines = ["bars 1m", "target hedge between 0% and 100% change at least 10% cooldown 60m"]
    return "\n".join([*lines, *(rule.text for rule in table(count))])


def market(bars: int = BARS, seed: int = 1) -> Market:
    """Return seeded one-minute bars of a price that begins at 50,000."""
    draw = np.random.default_rng(seed)
    close = 50_000 * np.exp(np.cumsum(draw.normal(0, 5e-4, bars)))
    opened = np.r_[close[0], close[:-1]]
    high = np.maximum(opened, close) * (1 + np.abs(draw.normal(0, 2e-4, bars)))
    low = np.minimum(opened, close) * (1 - np.abs(draw.normal(0, 2e-4, bars)))
    columns = {"open": opened, "high": high, "low": low, "close": close, "volume": draw.gamma(2.0, 5.0, bars)}
    return {"time": _times(bars), **columns}


def real() -> Market | None:
    """Return the real one-minute bars that the team shares, or `None` without them.

    File after file, as if each went on where the last one ended: prices are scaled so that the files join, and so that
    the first close is 50,000; minutes are counted through.
    """
    folder = Path(os.environ.get("RULELANG_SHARED") or Path(__file__).parents[2] / "shared", "data", "ohlcv-1m")
    files = sorted(folder.glob("*.parquet"))
    return _joined(files) if files else None


def _joined(files: list[Path]) -> Market:
    import polars as pl

    names, pieces, price = ("open", "high", "low", "close", "volume"), [], 50_000.0
    for file in files:
        piece = pl.read_parquet(file, columns=list(names)).drop_nulls()
        scale = price / piece["close"][0]
        pieces.append(np.column_stack([piece[name].to_numpy() * (scale if name != "volume" else 1) for name in names]))
        price = pieces[-1][-1, 3]
    joined = np.concatenate(pieces)
    columns = {name: np.ascontiguousarray(joined[:, at]) for at, name in enumerate(names)}
    return {"time": _times(len(joined)), **columns}


def _times(bars: int) -> Any:
    return np.arange(1, bars + 1) * float(PERIOD)


def rows(bars: Market) -> tuple[list[int], list[dict[str, float]]]:
    """Return bars one by one: times, and dicts of twelve values, of which the rules read three."""
    names = [name for name in bars if name != "time"]
    others = dict.fromkeys(("mark", "index", "bid", "ask", "trades", "spread", "depth"), 1.0)
    columns = zip(*(bars[name].tolist() for name in names), strict=True)
    return [int(time) for time in bars["time"]], [{**dict(zip(names, row, strict=True)), **others} for row in columns]
