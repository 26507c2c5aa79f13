"""Columns of levels and targets are, row by row, what the sizes of a sleeve say."""

from collections.abc import Callable

import numpy as np
import pytest

import rulelang
from rulelang.backtest import Asked, Feed, History, Options, Prices, backtest, simulate
from rulelang.backtest.drift import lines
from rulelang.backtest.sleeves import Sleeve, state
from rulelang.backtest.stock import Stock
from tests.backtest.making import HOUR, INVERSE, LINEAR, book, market, times

COINS = {"BTC": 3.0, "ETH": 40.0, "SOL": 500.0}
HELD = "".join(f"[holdings.{coin}]\ncoins = {count}\n" for coin, count in COINS.items())
MEASURED = '[beta]\nbenchmark = "BTC"\nwindow = "5d"\n'
WANTS = """
assets BTC, ETH, SOL
bars 1h
target {target} between 0% and 100% change at least 5%
when close < sma(close, 30) then {target} 80%
otherwise {target} 30%
"""
COUNT = 24 * 15


def prices() -> dict[str, Prices]:
    """Return hours of three coins that move together, each in its own measure."""
    random = np.random.default_rng(3)
    common = random.normal(0, 0.01, COUNT)
    moves = [common * size + random.normal(0, 0.004, COUNT) for size in (1, 1.4, 2)]
    return {coin: market((1_000 * np.exp(np.cumsum(move))).tolist()) for coin, move in zip(COINS, moves, strict=True)}


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Compare columns with rows wherever a simulation looks for drift; count the rows."""
    seen: list[int] = []
    drifted: Callable[..., int | None] = simulate.drifted

    def looking(sleeve: Sleeve, stock: Stock, rows: range, off: float) -> int | None:
        level, target = lines(sleeve, stock, slice(rows.start, rows.stop))
        for row in rows:
            one = state(sleeve, stock, row)
            assert level[row - rows.start] == pytest.approx(np.nan if one.level is None else one.level, nan_ok=True)
            assert target[row - rows.start] == pytest.approx(one.target, nan_ok=True)
        seen.append(len(rows))
        return drifted(sleeve, stock, rows, off)

    monkeypatch.setattr(simulate, "drifted", looking)
    return seen


@pytest.mark.parametrize("traded", [LINEAR, INVERSE], ids=["linear", "inverse"])
@pytest.mark.parametrize(
    ("target", "hedged", "betas"),
    [
        ("hedge", ("BTC", "ETH", "SOL"), MEASURED),
        ("beta", ("book",), MEASURED),
        ("beta", ("book",), MEASURED.replace("[beta]", "[holdings.AVAX]\ncoins = 9\nbeta = 1.7\n[beta]")),
    ],
    ids=["across", "book", "book with a stated beta"],
)
def test_columns_say_what_rows_say(
    target: str, hedged: tuple[str, ...], betas: str, traded: str, compared: list[int]
) -> None:
    instrument = "PERP" if traded is LINEAR else "INV"
    held = book(HELD + betas + "[hedge]\n" + "".join(f'{key} = "{instrument}"\n' for key in hedged), traded)
    quoted, axis = prices(), times(COUNT)
    if "AVAX" in held.coins:
        quoted["AVAX"] = quoted["SOL"]
    rules = rulelang.loads(WANTS.format(target=target)).checked
    feeds = {coin: Feed(axis, (quoted[coin].close,)) for coin in COINS}
    asked = Asked(rules, "my.rules", held, options=Options(samples=20))
    found = backtest(asked, (History(HOUR, axis, quoted, {}), feeds))
    assert sum(compared) > COUNT and any(fill.cause == "drift" for fill in found.fills)
