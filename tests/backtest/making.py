"""Makes small markets, portfolios and rules that hedge as a column says."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

import rulelang
from rulelang.backtest import Asked, Costs, Feed, Funding, History, Options, Prices, Result, backtest
from rulelang.plan import Portfolio, instruments, portfolio

HOUR = 3600
START = 1_704_067_200  # 2024-01-01T00:00Z

AS_TOLD = """
bars 1h
field wanted : ratio
target hedge between -100% and 300%
rule told when wanted >= -100% then hedge wanted
"""
"""Hedges what the field says."""

LINEAR = """
[PERP]
venue = "v"
base = "BTC"
settle = "USDT"
payoff = "linear"
contract_size = 1
tick = 0.1
lot = 0.001
min_notional = {notional}
taker = "{fee}%"
slippage = "{slip}%"
maintenance = [{{ from = 0, rate = "0.5%" }}, {{ from = 50_000, rate = "1%" }}]
funding_interval = "8h"
"""
INVERSE = """
[INV]
venue = "v"
base = "BTC"
settle = "BTC"
payoff = "inverse"
contract_size = 1
tick = 0.1
lot = 1
min_notional = 0
taker = "{fee}%"
slippage = "{slip}%"
maintenance = [{{ from = 0, rate = "0.5%" }}, {{ from = 5, rate = "1%" }}]
funding_interval = "8h"
"""
HELD = "[holdings.BTC]\ncoins = {coins}\n"


def book(text: str, traded: str = LINEAR, fee: str = "0", slip: str = "0", notional: str = "0") -> Portfolio:
    listings = instruments("i.toml", traded.format(fee=fee, slip=slip, notional=notional), lambda name: "")
    return portfolio("p.toml", text, listings)


def market(closes: Sequence[float], opens: Sequence[float] | None = None, spread: float = 0.0) -> Prices:
    """Return bars; each opens where the last one closed unless it is said, with highs and lows by a spread."""
    close = np.array(closes, float)
    open_ = np.concatenate((close[:1], close[:-1])) if opens is None else np.array(opens, float)
    high, low = np.fmax(open_, close) * (1 + spread), np.fmin(open_, close) * (1 - spread)
    return Prices(close, open_, high, low)


def times(count: int) -> Any:
    return START + HOUR * np.arange(1.0, count + 1)


def settled(count: int, rates: Sequence[float]) -> Funding:
    """Return a settlement each 8 hours from the start on; rates are taken in turn."""
    at = np.arange(START, START + count * HOUR + 1, 8 * HOUR, dtype=float)
    return Funding(at, np.resize(np.array(rates, float), len(at)))


def run(
    held: Portfolio,
    prices: Prices,
    wanted: Sequence[float],
    funding: Funding | None = None,
    *,
    rules: str = AS_TOLD,
    at: Any = None,
    options: Options | None = None,
    extra: dict[str, Prices] | None = None,
) -> Result:
    """Return the result of rules that hedge as a column says."""
    axis = times(len(prices.close)) if at is None else at
    settlements = {} if funding is None else {"BTC": funding}
    past = History(HOUR, axis, {"BTC": prices, **(extra or {})}, settlements)
    checked = rulelang.loads(rules).checked
    asked = Asked(checked, "told.rules", held, options=options or Options(samples=20))
    return backtest(asked, (past, {None: Feed(axis, (np.array(wanted, float),))}))


def near(one: float, other: float, size: float = 1.0) -> bool:
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), size)


FREE = Options(costs=Costs(0.0, 0.01), samples=20)

_steps = st.floats(-0.08, 0.08)
_ratios = st.sampled_from([0.0, 0.25, 0.5, 0.7, 1.0, 1.2])


@st.composite
def paths(draw: st.DrawFn, longest: int = 60) -> tuple[Prices, list[float], list[float]]:
    """Draw bars with gaps between close and open, wanted ratios that change now and then, and funding rates."""
    count = draw(st.integers(3, longest))
    moves = draw(st.lists(_steps, min_size=count, max_size=count))
    jumps = draw(st.lists(st.sampled_from([0.0, 0.0, 0.01, -0.02]), min_size=count, max_size=count))
    closes = 40_000 * np.exp(np.cumsum(moves))
    opens = np.concatenate(([40_000.0], closes[:-1])) * (1 + np.array(jumps))
    wanted, now = [], draw(_ratios)
    for _ in range(count):
        now = draw(_ratios) if draw(st.integers(0, 4)) == 0 else now
        wanted.append(now)
    rates = draw(st.lists(st.floats(-0.002, 0.002), min_size=1, max_size=6))
    return market(closes.tolist(), opens.tolist(), 0.01), wanted, rates
