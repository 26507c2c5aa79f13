"""The table of functions: complete, explained, with kinds that fit and reasons where they don't."""

import pytest

from rulelang.fields.catalogue import CATALOGUE
from rulelang.functions import FUNCTIONS, Role, Setting
from rulelang.kinds import (
    COINS,
    CONDITION,
    DURATION,
    MONEY,
    NUMBER,
    PRICE,
    RATIO,
    SCORE,
    TIME,
    ZERO,
    Clash,
    Kind,
    quote,
    rate,
    words,
)
from rulelang.syntax import parse_expression

SIGNATURES = """
    sma(x, n) ema(x, n) wma(x, n) wilder(x, n) stdev(x, n) zscore(x, n) atr(n) rsi(x, n) highest(x, n) lowest(x, n)
    median(x, n) percentile(x, p, n) rank(x, n) previous(x, n) change(x, n) difference(x, n) drawdown(x, n) sum(x, n)
    count(condition, n) periods_since(condition) vwap(n) point_of_control(n) value_area_high(n) value_area_low(n)
    volatility(n) correlation(x, y, n) beta(x, y, n) basis() annualised(x, duration?) abs(x) min(a, b...) max(a, b...)
    sqrt(x) log(x) exp(x) round(x) floor(x) ceil(x) clamp(x, lo, hi) if(condition, a, b)
"""
"""Section 8 of the contract."""

FUNDING = rate(28_800)
WORD = words(("calm", "wild"))


def test_the_table_holds_the_functions_of_the_language_and_no_others() -> None:
    found = []
    for name, function in FUNCTIONS.items():
        names = [parameter.name for parameter in function.parameters]
        if function.optional:
            names[-function.optional :] = [f"{each}?" for each in names[-function.optional :]]
        found.append(f"{name}({', '.join(names)}{'...' * function.variadic})")
    assert " ".join(found) == " ".join(SIGNATURES.split())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_record_explains_itself(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.name == name
    assert function.source and function.cost.startswith("O(")
    assert function.help[0].islower() or (function.help[0].isupper() and not function.help.endswith("."))
    assert all(parameter.help and not parameter.help.endswith(".") for parameter in function.parameters)
    assert f"{name}(" in function.example
    parse_expression(function.example)
    assert set(function.reads) <= set(CATALOGUE)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_state_takes_room_that_grows_with_the_window_where_there_is_one(name: str) -> None:
    function = FUNCTIONS[name]
    small, large = function.state_bytes(10), function.state_bytes(1_000_000)
    recursive = name in ("ema", "wilder", "rsi", "atr", "periods_since")
    assert (small > 0) == (function.start is not None)
    assert (large >= 8_000_000) == (function.start is not None and not recursive)


def test_what_is_never_below_or_above_its_series() -> None:
    assert {name: f.never for name, f in FUNCTIONS.items() if f.never} == {"highest": "below", "lowest": "above"}


def result(name: str, *kinds: Kind) -> Kind | Clash:
    return FUNCTIONS[name].result(kinds)


KEEPING = ("sma", "ema", "wma", "wilder", "stdev", "highest", "lowest", "median", "percentile", "previous")
MEASURABLE = (NUMBER, RATIO, FUNDING, PRICE, COINS, MONEY, SCORE, DURATION, ZERO, quote("USD"))


@pytest.mark.parametrize("name", [*KEEPING, "difference", "abs", "round", "floor", "ceil"])
@pytest.mark.parametrize("kind", MEASURABLE, ids=str)
def test_functions_that_keep_the_kind(name: str, kind: Kind) -> None:
    assert result(name, kind) == kind


RESULTS = {
    **dict.fromkeys(("zscore", "sqrt", "log", "exp"), NUMBER),
    **dict.fromkeys(("rank", "change", "drawdown"), RATIO),
    "rsi": SCORE,
}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("kind", MEASURABLE, ids=str)
def test_functions_with_a_kind_of_their_own(name: str, kind: Kind) -> None:
    assert result(name, kind) == RESULTS[name]


@pytest.mark.parametrize(
    ("name", "kinds", "expected"),
    [
        *(("atr", (), PRICE), ("vwap", (), PRICE), ("point_of_control", (), PRICE), ("value_area_high", (), PRICE)),
        *(("value_area_low", (), PRICE), ("volatility", (), RATIO), ("basis", (), RATIO)),
        *(("count", (CONDITION,), NUMBER), ("periods_since", (CONDITION,), NUMBER)),
        *(("correlation", (PRICE, RATIO), NUMBER), ("beta", (FUNDING, MONEY), NUMBER)),
        *(("sum", (FUNDING,), RATIO), ("sum", (COINS,), COINS), ("sum", (RATIO,), RATIO)),
        *(("annualised", (FUNDING,), RATIO), ("annualised", (RATIO, DURATION), RATIO)),
        *(("highest", (TIME,), TIME), ("lowest", (TIME,), TIME), ("previous", (TIME,), TIME)),
        *(("difference", (TIME,), DURATION), ("min", (PRICE, NUMBER, quote("USD")), Kind("price", "USD"))),
        *(("max", (RATIO, FUNDING), FUNDING), ("max", (ZERO, RATIO), RATIO), ("min", (TIME, TIME), TIME)),
        *(("clamp", (RATIO, ZERO, RATIO), RATIO), ("if", (CONDITION, ZERO, PRICE), PRICE)),
    ],
)
def test_kinds_of_results(name: str, kinds: tuple[Kind, ...], expected: Kind) -> None:
    assert result(name, *kinds) == expected


@pytest.mark.parametrize(
    ("name", "kinds", "reason"),
    [
        ("rsi", (CONDITION,), "`rsi` takes a price, a ratio or another number, not a condition"),
        ("sma", (TIME,), "`sma` takes a price, a ratio or another number, not a time"),
        ("highest", (WORD,), "`highest` takes a price, a time, a ratio or another number, not a word"),
        ("difference", (CONDITION,), "`difference` takes a price, a time, a ratio or another number, not a condition"),
        ("correlation", (PRICE, CONDITION), "`correlation` takes a price, a ratio or another number, not a condition"),
        ("sum", (WORD,), "`sum` takes a price, a ratio or another number, not a word"),
        ("sqrt", (TIME,), "`sqrt` takes a price, a ratio or another number, not a time"),
        ("count", (PRICE,), "`count` takes a condition such as `close > open`, not a price"),
        ("periods_since", (MONEY,), "`periods_since` takes a condition such as `close > open`, not money"),
        ("min", (PRICE, RATIO), "a price and a ratio can't be put side by side"),
        ("min", (PRICE, RATIO, NUMBER), "a price and a ratio can't be put side by side"),
        ("max", (PRICE, CONDITION), "`max` takes a price, a time, a ratio or another number, not a condition"),
        ("if", (PRICE, PRICE, PRICE), "`if` takes a condition first, such as `close > open`, not a price"),
        ("if", (CONDITION, PRICE, RATIO), "a price and a ratio can't be put side by side"),
        ("annualised", (PRICE,), "`annualised` takes a rate, or a ratio and a duration, not a price"),
        ("annualised", (FUNDING, DURATION), "a rate knows its period: `annualised` takes no duration beside it"),
        ("annualised", (RATIO, TIME), "`annualised` takes a ratio and a duration, not a ratio and a time"),
        ("annualised", (quote("USD"),), "`annualised` takes a rate, or a ratio and a duration, not an amount"),
    ],
)
def test_reasons_are_in_the_user_s_words(name: str, kinds: tuple[Kind, ...], reason: str) -> None:
    assert result(name, *kinds) == Clash(reason)


def test_a_ratio_alone_is_told_what_it_needs() -> None:
    clash = result("annualised", RATIO)
    assert isinstance(clash, Clash) and "needs the duration" in clash.reason


@pytest.mark.parametrize(
    ("name", "window", "span", "expected"),
    [
        *(("zscore", 10, (0.0, 1.0), (-3.0, 3.0)), ("count", 5, (0.0, 1.0), (0.0, 5.0))),
        *(("drawdown", 5, (0.0, 9.0), (0.0, 1.0)), ("drawdown", 5, (-1.0, 9.0), (0.0, float("inf")))),
        *(("change", 5, (0.0, 9.0), (-1.0, float("inf"))), ("change", 5, (-1.0, 9.0), (-float("inf"), float("inf")))),
        *(("sma", 5, (2.0, 9.0), (2.0, 9.0)), ("sum", 5, (2.0, 9.0), (0.0, float("inf")))),
        *(("abs", None, (-3.0, 2.0), (0.0, 3.0)), ("abs", None, (-3.0, -2.0), (2.0, 3.0))),
        *(("round", None, (-0.5, float("inf")), (-1.0, float("inf"))), ("rsi", 5, (-9.0, 9.0), (0.0, 100.0))),
    ],
)
def test_ranges(name: str, window: int | None, span: tuple[float, float], expected: tuple[float, float]) -> None:
    reach = FUNCTIONS[name].span
    assert reach is not None
    assert reach(Setting(window=window, spans=(span,))) == expected


def test_percentiles_are_of_a_hundred() -> None:
    within = {p.name: p.within for f in FUNCTIONS.values() for p in f.parameters if p.role is Role.NUMBER}
    assert within == {"p": (0.0, 100.0)}
