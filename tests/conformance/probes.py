"""Expressions whose values a case shows as levels of a target, and the market that they are asked of."""

import re
from typing import Any

from rulelang.fields import CATALOGUE

BARS = 60
MONDAY = 1_767_571_200
HOUR = 3600

PRICE = ("0 USD", "1_000_000 USD")
DISTANCE = ("-1_000_000 USD", "1_000_000 USD")
RATIO = ("-10_000%", "10_000%")
NUMBER = ("-1_000_000", "1_000_000")

PROBES: dict[str, tuple[str, str]] = {
    "sma(close, 5)": PRICE,
    "sma(close, 3)@4h": PRICE,
    "close@1d": PRICE,
    "sma(funding_8h, 2)": RATIO,
    "ema(close, 5)": PRICE,
    "ema(close, 5)@2h": PRICE,
    "wma(close, 5)": PRICE,
    "wilder(close, 5)": PRICE,
    "stdev(close, 5)": PRICE,
    "zscore(close, 5)": NUMBER,
    "atr(5)": PRICE,
    "rsi(close, 5) / rsi(close, 14)": RATIO,
    "highest(close, 7)": PRICE,
    "lowest(low, 7)": PRICE,
    "median(close, 6)": PRICE,
    "percentile(close, 90, 7)": PRICE,
    "rank(close, 8)": RATIO,
    "previous(close, 3)": PRICE,
    "change(close, 3)": RATIO,
    "change(close, 6h)": RATIO,
    "difference(close, 3)": DISTANCE,
    "drawdown(close, 9)": RATIO,
    "sum(funding_8h, 24h)": RATIO,
    "count(close > open, 6)": NUMBER,
    "periods_since(close > sma(close, 9))": NUMBER,
    "vwap(6)": PRICE,
    "point_of_control(12)": PRICE,
    "value_area_high(12)": PRICE,
    "value_area_low(12)": PRICE,
    "volatility(12)": RATIO,
    "correlation(change(close, 1), change(spot, 1), 12)": NUMBER,
    "beta(change(close, 1), change(spot, 1), 12)": NUMBER,
    "basis()": RATIO,
    "annualised(funding_8h)": RATIO,
    "annualised(basis(), 90d)": RATIO,
    "abs(close - open)": PRICE,
    "min(open, close, spot)": PRICE,
    "max(open, close, spot)": PRICE,
    "sqrt(close / open)": NUMBER,
    "log(close / open)": NUMBER,
    "exp(close / open - 1)": NUMBER,
    "round(close / 1 USD)": NUMBER,
    "floor(close / 3 USD)": NUMBER,
    "ceil(close / 3 USD)": NUMBER,
    "clamp(close, 98 USD, 103 USD)": PRICE,
    "if(close > open, close - open, 0)": PRICE,
    "(close - open) / (high - low)": RATIO,
    "close * 2 - open + 1.5": PRICE,
}
"""Each with the bounds of a target of its kind."""

_LOST = {7: ("close",), 19: ("volume", "high"), 33: ("close", "spot")}
"""Values that are missing, by bar."""
_GAP = 40
"""Before this bar two bars are missing whole."""


def market(expression: str) -> list[dict[str, Any]]:
    """Return the steps of the market, with the fields that an expression reads."""
    names = set(re.findall(r"[a-z_0-9]+", expression))
    read = {name for name in CATALOGUE if name in names} | _read_by(expression)
    steps = []
    for at, bar in enumerate(_bars(), 1):
        lost = _LOST.get(at, ())
        values = {name: bar[name] for name in sorted(read) if name in bar and name not in lost}
        steps.append({"time": MONDAY + HOUR * (at + 2 * (at >= _GAP)), "values": values})
    return steps


def _read_by(expression: str) -> set[str]:
    """Return the fields that the functions in an expression read by themselves."""
    from rulelang.functions import FUNCTIONS

    return {name for one in FUNCTIONS.values() if f"{one.name}(" in expression for name in one.reads}


def _bars() -> list[dict[str, float]]:
    """Return bars from a generator of 31 bits: the same on every machine, with as many digits as prices have."""
    state, close, found = 20_260_105, 100.0, []

    def drawn(most: int) -> int:
        nonlocal state
        state = (1_103_515_245 * state + 12_345) % 2**31
        return state // 65_536 % most

    for at in range(BARS):
        opened, close = close, round(close + (drawn(401) - 200) / 100, 2)
        high, low = round(max(opened, close) + drawn(80) / 100, 2), round(min(opened, close) - drawn(80) / 100, 2)
        bar = {"open": opened, "high": high, "low": low, "close": close, "volume": float(1 + drawn(900)) / 10}
        bar |= {"spot": round(close + (drawn(41) - 20) / 100, 2), "future": round(close * 1.01, 2)}
        found.append(bar | ({"funding_8h": (drawn(21) - 8) / 1e5} if at % 8 == 7 else {}))
    return found
