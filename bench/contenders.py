"""The same work as users of other libraries write it: TA-Lib with NumPy, polars, pandas, pandas with NumPy, vectorbt.

Functions come from the library wherever it has them, conditions are whole columns, comparisons that several rules share
are made once. What no column can say, which target is in force after which, is a loop: in Python, with NumPy for what
goes before it, or all of it compiled by Numba. Bars at which something isn't known yet count as false.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numba import njit
from workload import BAND, COOLDOWN, FLOOR, INCREASE, SET, Market, Rule

Outcome = dict[str, Any]
"""What the engine gives too: `hedge` (in force) and `desired`, ratios; `word`, the rule that had the last one (-1:
none); `held`, the brake that held a move (1 band, 2 cooldown); `active`, which rules are, a row of truths for each."""


# Rules over any kind of columns ───────────────────────────────────────────────────────────────────────────────────────


def _shared(v: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with the comparisons that several rules make."""
    return {
        **v,
        "over_sma": v["close"] > v["sma50"],
        "rising": v["sma50"] > v["sma200"],
        "ema_over": v["ema20"] > v["sma200"],
        "under_median": v["close"] < v["median30"],
    }


def _condition(rule: Rule, v: Mapping[str, Any]) -> Any:
    match rule.condition:
        case 0:
            return v["over_sma"] & (v["rsi14"] > rule.first)
        case 1:
            return v["rising"] & (v["change42"] < rule.first)
        case 2:
            return v["ema_over"] & (v["rank100"] > rule.first)
        case 3:
            return v["under_median"] & (v["stdev20"] > rule.first) & (v["atr14"] > rule.second)
        case _:
            return (v["close"] >= v["highest100"] * rule.first) & (v["rsi14"] < rule.second)


@njit(cache=False)  # type: ignore[untyped-decorator]
def _decided(active: Any, actions: Any, amounts: Any, time: Any, band: float, cooldown: float) -> Any:
    """Return what is in force and desired, the last word, and what held a move, bar after bar."""
    bars = active.shape[1]
    after, wanted = np.empty(bars), np.empty(bars)
    words, helds = np.empty(bars), np.empty(bars, np.uint8)
    force, since = 0.0, -np.inf
    for bar in range(bars):
        level, floor, word = 0.0, 0.0, -1
        for rule in range(active.shape[0]):
            if active[rule, bar]:
                if actions[rule] == FLOOR:
                    floor = max(floor, amounts[rule])
                    continue
                if actions[rule] == SET:
                    level = amounts[rule]
                elif actions[rule] == INCREASE:
                    level += amounts[rule]
                else:
                    level -= amounts[rule]
                word = rule
        desired = min(max(level, floor), 1.0)
        held = 0
        if bar > 0 and abs(desired - force) > 1e-9:
            if abs(desired - force) < band - 1e-9 and 1e-9 < desired < 1.0 - 1e-9:
                held = 1
            elif time[bar] - since < cooldown:
                held = 2
        let_through = desired if held == 0 else max(force, floor)
        if abs(let_through - force) > 1e-9:
            force, since = let_through, time[bar]
        after[bar], wanted[bar], words[bar] = force, desired, word
        helds[bar] = held if abs(desired - force) > 1e-9 else 0
    return after, wanted, words, helds


def compiled_target(rules: list[Rule], active: Any, bars: Market) -> Outcome:
    """Decide in a loop compiled by Numba."""
    actions, amounts = np.array([rule.action for rule in rules]), np.array([rule.amount for rule in rules])
    found = _decided(active, actions, amounts, bars["time"], BAND, float(COOLDOWN))
    return {**dict(zip(("hedge", "desired", "word", "held"), found, strict=True)), "active": active}


def plain_target(rules: list[Rule], active: Any, bars: Market) -> Outcome:
    """Decide without Numba: levels and floors as columns, brakes in Python."""
    level, floor, word = np.zeros(active.shape[1]), np.zeros(active.shape[1]), np.full(active.shape[1], -1.0)
    for number, (rule, row) in enumerate(zip(rules, active, strict=True)):
        if rule.action == FLOOR:
            np.maximum(floor, rule.amount, out=floor, where=row)
            continue
        if rule.action == SET:
            np.copyto(level, rule.amount, where=row)
        else:
            np.add(level, rule.amount if rule.action == INCREASE else -rule.amount, out=level, where=row)
        np.copyto(word, number, where=row)
    desired = np.minimum(np.maximum(level, floor), 1.0)
    hedge, held = _braked(zip(desired.tolist(), floor.tolist(), bars["time"].tolist(), strict=True))
    found = {"hedge": np.array(hedge), "desired": desired, "word": word, "held": np.array(held, np.uint8)}
    return {**found, "active": active}


def _braked(rows: Iterable[tuple[float, ...]]) -> tuple[list[float], list[int]]:
    """Return what is in force, and which brake held it, of rows of what is desired, the floor and the time."""
    after, helds = [], []
    force, since = 0.0, float("-inf")
    for want, least, now in rows:
        held, size = 0, abs(want - force)
        if size > 1e-9:
            if size < BAND - 1e-9 and 1e-9 < want < 1 - 1e-9 and after:
                held = 1
            elif now - since < COOLDOWN:
                held = 2
            let_through = max(force, least) if held else want
            if abs(let_through - force) > 1e-9:
                force, since = let_through, now
                if abs(want - force) <= 1e-9:
                    held = 0
        after.append(force)
        helds.append(held)
    return after, helds


Target = Callable[[list[Rule], Any, Market], Outcome]


# TA-Lib and NumPy ─────────────────────────────────────────────────────────────────────────────────────────────────────


def talib_numpy(rules: list[Rule], bars: Market, target: Target) -> Outcome:
    """Do the work with TA-Lib; with NumPy what it lacks: the median, the rank, and the rules."""
    import talib

    high, low, close = bars["high"], bars["low"], bars["close"]
    values = _shared(
        {
            "close": close,
            "sma50": talib.SMA(close, 50),
            "sma200": talib.SMA(close, 200),
            "ema20": talib.EMA(close, 20),
            "rsi14": talib.RSI(close, 14),
            "atr14": talib.ATR(high, low, close, 14),
            "stdev20": talib.STDDEV(close, 20),
            "highest100": talib.MAX(close, 100),
            "median30": _median(close, 30),
            "rank100": _rank(close, 100),
            "change42": talib.ROCP(close, 42),
        }
    )
    active = np.zeros((len(rules), len(close)), bool)
    for row, rule in zip(active, rules, strict=True):
        now = _condition(rule, values)
        np.logical_and(now[2:], now[1:-1], out=row[2:])
        row[2:] &= now[:-2]
    return target(rules, active, bars)


def _median(x: Any, n: int) -> Any:
    """Return the medians of windows of an even number; piece by piece, so that the sorted windows stay in the cache."""
    out, windows = np.full(len(x), np.nan), np.lib.stride_tricks.sliding_window_view(x, n)
    for at in range(0, len(windows), 2048):
        held = np.sort(windows[at : at + 2048], axis=1)
        out[n - 1 + at : n - 1 + at + len(held)] = (held[:, n // 2 - 1] + held[:, n // 2]) / 2
    return out


def _rank(x: Any, n: int) -> Any:
    """Return the ranks within windows: bars are compared with those of each age, side by side in a byte a bar."""
    out = np.full(len(x), np.nan)
    for at in range(n - 1, len(x), 8192):
        now = x[at : at + 8192]
        counted = np.zeros(len(now), np.uint8)
        for age in range(1, n):
            then = x[at - age : at - age + len(now)]
            counted += (then < now).view(np.uint8)
            counted += (then <= now).view(np.uint8)
        out[at : at + len(now)] = counted / (2.0 * (n - 1))
    return out


# polars ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def polars(rules: list[Rule], bars: Market, target: Target) -> Outcome:
    """Do the work with polars: one lazy query for the functions and the rules."""
    import polars as pl

    close, change = pl.col("close"), pl.col("close").diff()
    before = close.shift(1)
    reach = pl.max_horizontal(
        pl.col("high") - pl.col("low"), (pl.col("high") - before).abs(), (pl.col("low") - before).abs()
    )
    up = change.clip(lower_bound=0).ewm_mean(alpha=1 / 14, adjust=False)
    down = (-change).clip(lower_bound=0).ewm_mean(alpha=1 / 14, adjust=False)
    functions = {
        "sma50": close.rolling_mean(50),
        "sma200": close.rolling_mean(200),
        "ema20": close.ewm_mean(span=20, adjust=False),
        "rsi14": 100 * up / (up + down),
        "atr14": reach.ewm_mean(alpha=1 / 14, adjust=False),
        "stdev20": close.rolling_std(20, ddof=0),
        "highest100": close.rolling_max(100),
        "median30": close.rolling_median(30),
        "rank100": (close.rolling_rank(100) - 1) / 99,
        "change42": close / close.shift(42) - 1,
    }
    values = _shared({name: pl.col(name) for name in ("close", *functions)})
    held = []
    for number, rule in enumerate(rules):
        now = _condition(rule, values)
        held.append((now & now.shift(1) & now.shift(2)).fill_null(False).alias(f"rule{number}"))
    frame = pl.LazyFrame({name: bars[name] for name in ("high", "low", "close")})
    found = frame.with_columns(**functions).select(held).collect()
    return target(rules, np.stack([column.to_numpy() for column in found]), bars)


# pandas ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def pandas(rules: list[Rule], bars: Market, target: Target) -> Outcome:
    """Do the work with pandas alone: what holds for some bars rolls, and the target goes through the rows."""
    import pandas as pd

    values = _rolled(bars, lambda sizes: pd.concat(sizes, axis=1).max(axis=1))
    active = pd.concat([_condition(rule, values).rolling(3).sum() == 3 for rule in rules], axis=1)
    return target(rules, active, bars)


def pandas_numpy(rules: list[Rule], bars: Market, target: Target) -> Outcome:
    """Do the work with pandas where it is quick, and else with NumPy."""
    values = _rolled(bars, lambda sizes: np.maximum(np.maximum(sizes[0], sizes[1]), sizes[2]))
    active = []
    for rule in rules:
        now = _condition(rule, values)
        active.append(now & now.shift(1, fill_value=False) & now.shift(2, fill_value=False))
    return target(rules, np.stack([column.to_numpy() for column in active]), bars)


def _rolled(bars: Market, greatest: Callable[[list[Any]], Any]) -> dict[str, Any]:
    """Return the functions as pandas has them; `greatest` of some series."""
    import pandas as pd

    high, low, close = (pd.Series(bars[name]) for name in ("high", "low", "close"))
    change, before = close.diff(), close.shift(1)
    up = change.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    down = (-change).clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    reach = greatest([high - low, (high - before).abs(), (low - before).abs()])
    return _shared(
        {
            "close": close,
            "sma50": close.rolling(50).mean(),
            "sma200": close.rolling(200).mean(),
            "ema20": close.ewm(span=20, adjust=False).mean(),
            "rsi14": 100 * up / (up + down),
            "atr14": reach.ewm(alpha=1 / 14, adjust=False).mean(),
            "stdev20": close.rolling(20).std(ddof=0),
            "highest100": close.rolling(100).max(),
            "median30": close.rolling(30).median(),
            "rank100": (close.rolling(100).rank() - 1) / 99,
            "change42": close.pct_change(42),
        }
    )


def series_target(rules: list[Rule], active: Any, bars: Market) -> Outcome:
    """Decide with pandas alone: levels and floors as series, brakes row after row."""
    import pandas as pd

    level, floor = pd.Series(0.0, active.index), pd.Series(0.0, active.index)
    word = pd.Series(-1.0, active.index)
    for number, rule in enumerate(rules):
        row = active[number]
        if rule.action == FLOOR:
            floor = floor.mask(row, floor.clip(lower=rule.amount))
            continue
        step = rule.amount if rule.action == INCREASE else -rule.amount
        level = level.mask(row, rule.amount if rule.action == SET else level + step)
        word = word.mask(row, number)
    desired = pd.concat([level, floor], axis=1).max(axis=1).clip(upper=1.0)
    rows = pd.DataFrame({"desired": desired, "floor": floor, "time": bars["time"]})
    hedge, held = _braked(rows.itertuples(index=False))
    found = {"hedge": np.array(hedge), "desired": desired.to_numpy(), "word": word.to_numpy()}
    return {**found, "held": np.array(held, np.uint8), "active": active.to_numpy().T}


# vectorbt ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@njit(cache=False)  # type: ignore[untyped-decorator]
def _median_of(bar: int, column: int, window: Any) -> float:
    return np.median(window)  # type: ignore[no-any-return]


@njit(cache=False)  # type: ignore[untyped-decorator]
def _rank_of(bar: int, column: int, window: Any) -> float:
    last, counted = window[-1], 0
    for value in window[:-1]:
        counted += (value < last) + (value <= last)
    return counted / (2.0 * (len(window) - 1))


def vectorbt(rules: list[Rule], bars: Market, target: Target) -> Outcome:
    """Do the work with vectorbt: its indicators, its rolling functions, and functions of ours that it rolls."""
    import pandas as pd
    import vectorbt as vbt

    high, low, close = (pd.Series(bars[name]) for name in ("high", "low", "close"))
    wilder = 2 * 14 - 1  # as many periods of an exponential average weigh alike
    values = _shared(
        {
            "close": close,
            "sma50": vbt.MA.run(close, 50).ma,
            "sma200": vbt.MA.run(close, 200).ma,
            "ema20": vbt.MA.run(close, 20, ewm=True).ma,
            "rsi14": vbt.RSI.run(close, wilder, ewm=True).rsi,
            "atr14": vbt.ATR.run(high, low, close, wilder, ewm=True).atr,
            "stdev20": vbt.MSTD.run(close, 20).mstd,
            "highest100": close.vbt.rolling_max(100),
            "median30": close.vbt.rolling_apply(30, _median_of),
            "rank100": close.vbt.rolling_apply(100, _rank_of),
            "change42": close / close.vbt.fshift(42) - 1,
        }
    )
    values = {name: column.to_numpy() for name, column in values.items()}
    active = []
    for rule in rules:
        now = pd.Series(_condition(rule, values))
        active.append(now & now.vbt.fshift(1).eq(1) & now.vbt.fshift(2).eq(1))
    return target(rules, np.stack([column.to_numpy() for column in active]), bars)


CONTENDERS: dict[str, tuple[str, Callable[[list[Rule], Market, Target], Outcome], Target]] = {
    "TA-Lib + NumPy": ("talib", talib_numpy, plain_target),
    "TA-Lib + NumPy with Numba": ("talib", talib_numpy, compiled_target),
    "polars": ("polars", polars, plain_target),
    "polars with Numba": ("polars", polars, compiled_target),
    "pandas": ("pandas", pandas, series_target),
    "pandas + NumPy": ("pandas", pandas_numpy, plain_target),
    "pandas + NumPy with Numba": ("pandas", pandas_numpy, compiled_target),
    "vectorbt": ("vectorbt", vectorbt, compiled_target),
}
"""Who does the work: the module that is needed, and how. vectorbt is never without Numba."""
