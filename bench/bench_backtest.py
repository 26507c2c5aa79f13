"""How fast a backtest is: a book of two legs against the engine alone, and one leg against backtesting.py.

Both compare work done by one thread (`time.thread_time`), the best of runs taken in turn. The first: a million
one-minute bars, 20 rules, a linear and an inverse leg, some thousand changes; the comparators, the intervals and the
tables are in the time. The second: a signal that is there already, so that neither decides anything.
"""

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from native import batch
from workload import market, text

import rulelang
from rulelang.backtest import Asked, Feed, Funding, History, Prices, backtest
from rulelang.backtest.decisions import decide, inlets
from rulelang.backtest.run import judged
from rulelang.plan import Portfolio, instruments, portfolio

BARS = 1_000_000
SIGNAL_BARS = 100_000
START = 1_577_836_800
LISTING = """
[{name}]
venue = "v"
base = "BTC"
settle = "{settle}"
payoff = "{payoff}"
contract_size = {size}
tick = 0.1
lot = {lot}
min_notional = 0
taker = "0.05%"
slippage = "0.02%"
maintenance = [{{ from = 0, rate = "0.4%" }}, {{ from = {second}, rate = "0.5%" }}]
funding_interval = "8h"
"""
LINEAR = LISTING.format(name="PERP", settle="USDT", payoff="linear", size=1, lot=0.001, second=50_000)
INVERSE = LISTING.format(name="INV", settle="BTC", payoff="inverse", size=100, lot=1, second=5)
TWO_LEGS = """
[holdings.BTC]
coins = 12.5
[[positions]]
instrument = "INV"
contracts = -1500
entry = 50000
[[collateral]]
venue = "v"
asset = "USDT"
amount = 2_500_000
[[collateral]]
venue = "v"
asset = "BTC"
amount = 2
[hedge]
BTC = "PERP"
"""
ONE_LEG = "[holdings.BTC]\ncoins = 12.5\n"
TOLD = "bars 1m field wanted : ratio target hedge between 0% and 100% rule told when wanted >= 0% then hedge wanted"


def book(held: str, traded: str) -> Portfolio:
    return portfolio("portfolio", held, instruments("instruments", traded, lambda _: ""))


def history(bars: dict[str, Any]) -> History:
    """Return the bars with a settlement every 8 hours."""
    count = len(bars["close"])
    times = START + 60.0 * np.arange(1, count + 1)
    settled = np.arange(START, times[-1], 28_800.0)
    rates = np.random.default_rng(3).normal(1e-4, 1e-4, len(settled))
    prices = Prices(bars["close"], bars["open"], bars["high"], bars["low"])
    return History(60, times, {"BTC": prices}, {"BTC": Funding(settled, rates)})


def seconds(work: Callable[[], Any]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def two_legs(runs: int) -> None:
    """Print a backtest of two legs over the engine's own time."""
    written = text().replace("cooldown 60m", "cooldown 20h").replace("between 0%", "between 30%")
    rules, alone = rulelang.loads(written), batch(written)
    bars = market(BARS)
    past = history(bars)
    wanted = inlets(rules.checked)[None]
    feeds = {None: Feed(past.times, tuple(bars[key[1]] for key in wanted))}
    asked = Asked(rules.checked, "twenty.rules", book(TWO_LEGS, LINEAR + INVERSE))
    found = backtest(asked, (past, feeds))
    pairs = [(seconds(lambda: alone(bars)), seconds(lambda: backtest(asked, (past, feeds)))) for _ in range(runs)]
    engine, whole = (min(column) for column in zip(*pairs, strict=True))
    print(f"two legs, {BARS:,} bars, {len(found.changes):,} changes, {found.strategy.numbers.fills:,} fills")
    print(f"  backtest / engine alone: {whole / engine:.2f} (at most 3; {whole:.3f} s against {engine:.3f} s)")


def one_leg(runs: int) -> None:
    """Print backtesting.py over a backtest of one leg, both with a signal that is there."""
    bars = {name: column[:SIGNAL_BARS] for name, column in market(BARS).items()}
    signal = np.repeat(np.random.default_rng(5).choice([0.0, 0.25, 0.5, 0.75, 1.0], SIGNAL_BARS // 500), 500)
    past, rules = history(bars), rulelang.loads(TOLD).checked
    asked = Asked(rules, "told.rules", book(ONE_LEG, LINEAR))
    decided = decide(rules, {}, {None: Feed(past.times, (signal,))}, past.times)
    other = backtesting_py(bars, signal, past.times)
    pairs = [(seconds(other), seconds(lambda: judged(asked, past, decided))) for _ in range(runs)]
    theirs, ours = (min(column) for column in zip(*pairs, strict=True))
    print(f"one leg, {SIGNAL_BARS:,} bars, {int((np.diff(signal) != 0).sum())} changes, the signal is there")
    print(f"  backtesting.py / backtest: {theirs / ours:.1f} (at least 20; {theirs:.3f} s against {ours:.3f} s)")


def backtesting_py(bars: dict[str, Any], signal: Any, times: Any) -> Callable[[], Any]:
    """Return what runs the same signal in backtesting.py: short so much of the equity, traded at the next open."""
    import pandas as pd
    from backtesting import Backtest, Strategy

    class Told(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.wanted = self.I(lambda: signal, plot=False)

        def next(self) -> None:
            if len(self.data) > 1 and self.wanted[-1] != self.wanted[-2]:
                self.position.close()
                if self.wanted[-1] > 0:
                    self.sell(size=min(0.99, self.wanted[-1]))

    index = pd.to_datetime(times, unit="s")
    names = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume"}
    frame = pd.DataFrame({names[name]: bars[name] for name in names}, index=index)
    return lambda: Backtest(frame, Told, cash=10_000_000, commission=0.0005, finalize_trades=True).run()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    two_legs(rounds)
    one_leg(max(2, rounds // 2))
