"""The table of foreign spellings: each is found, is one message, and its repair does what its record says."""

import re

import pytest

import rulelang
from rulelang import Diagnostic
from rulelang.check import check
from rulelang.check.repairs import repaired
from rulelang.syntax.foreign import FOREIGN, Foreign, Offer, translated
from rulelang.text import Severity, Source

_WHEN = "bars 1h\nwhen {} > 5 then hedge 50%"
_IF = "bars 1h\nwhen {} then hedge 50% for 1d"
_THEN = "bars 1h\nwhen close > 5 then {}"

EXAMPLES: dict[str, tuple[str, str]] = {
    # comments
    "// text": (
        "// when it falls, let it\n" + _IF.format("close > 5") + " // text",
        "# when it falls, let it\n" + _IF.format("close > 5") + " # text",
    ),
    "/* text */": (
        "/* a rule\n * of mine */\n" + _IF.format("close > 5"),
        "# a rule\n# of mine\n" + _IF.format("close > 5"),
    ),
    "; text": ("; a rule\n" + _IF.format("close > 5"), "# a rule\n" + _IF.format("close > 5")),
    "hedge 50%;": ("bars 1h;\n" + _IF.format("close > 5")[8:] + " ;", "bars 1h\n" + _IF.format("close > 5")[8:]),
    "-- text": (_THEN.format("hedge 50% -- some text"), _THEN.format("hedge 50% # some text")),
    # calls
    "crossover(a, b)": (
        _IF.format("ta.crossover(ta.sma(close, 20), ta.sma(close, 50))"),
        _IF.format("sma(close, 20) crosses above sma(close, 50)"),
    ),
    "crossunder(a, b)": (_IF.format("crossunder(close, 100)"), _IF.format("close crosses below 100")),
    "cross(a, b)": (
        _IF.format("ta.cross(close, open)"),
        _IF.format("(close crosses above open or close crosses below open)"),
    ),
    "barssince(c)": (_WHEN.format("ta.barssince(close > 100)"), _WHEN.format("periods_since(close > 100)")),
    "valuewhen(c, x, n)": (_WHEN.format("ta.valuewhen(close > 5, high, 0)"), ""),
    "valuewhen(c, x)": (_WHEN.format("ta.valuewhen(close > 5, high)"), ""),
    "ref(close, -1)": (_WHEN.format("Ref(close, -1)"), _WHEN.format("previous(close, 1)")),
    "ta.change(x)": (_WHEN.format("ta.change(close)"), _WHEN.format("difference(close, 1)")),
    "ta.change(x, n)": (_WHEN.format("ta.change(close, 3)"), _WHEN.format("difference(close, 3)")),
    "ta.highest(n)": (_WHEN.format("ta.highest(20)"), _WHEN.format("highest(high, 20)")),
    "ta.lowest(n)": (_WHEN.format("ta.lowest(20)"), _WHEN.format("lowest(low, 20)")),
    "talib.MAX(x, n)": (_WHEN.format("talib.MAX(close, 20)"), _WHEN.format("highest(close, 20)")),
    "talib.MIN(x, n)": (_WHEN.format("talib.MIN(close, 20)"), _WHEN.format("lowest(close, 20)")),
    "talib.ATR(h, l, c, n)": (_WHEN.format("talib.ATR(high, low, close, 14)"), _WHEN.format("atr(14)")),
    "math.avg(a, b)": (_WHEN.format("math.avg(close, open)"), _WHEN.format("((close + open) / 2)")),
    "ExpAverage(x, n)": (_WHEN.format("ExpAverage(close, 20)"), _WHEN.format("ema(close, 20)")),
    "iff(c, a, b)": (_WHEN.format("iff(close > open, high, low)"), _WHEN.format("if(close > open, high, low)")),
    "na(x)": (_IF.format("na(close)"), _IF.format("close is missing")),
    "nz(x)": (_WHEN.format("nz(close)"), _WHEN.format("if(close is missing, 0, close)")),
    "nz(x, y)": (_WHEN.format("nz(close, open)"), _WHEN.format("if(close is missing, open, close)")),
    "shift(x, n)": (_WHEN.format("ref(close, 1)"), _WHEN.format("previous(close, 1)")),
    "mom(x, n)": (_WHEN.format("ta.mom(close, 10)"), _WHEN.format("difference(close, 10)")),
    "roc(x, n)": ("when roc(close, 10) > 5% then hedge 50%", "when change(close, 10) > 5% then hedge 50%"),
    "std(x, n)": (_WHEN.format("std(close, 20)"), _WHEN.format("stdev(close, 20)")),
    "mean(x, n)": (_WHEN.format("moving_average(close, 20)"), _WHEN.format("sma(close, 20)")),
    "rma(x, n)": (_WHEN.format("ta.rma(close, 20)"), _WHEN.format("wilder(close, 20)")),
    "hhv(x, n)": (_WHEN.format("hhv(high, 20)"), _WHEN.format("highest(high, 20)")),
    "llv(x, n)": (_WHEN.format("llv(low, 20)"), _WHEN.format("lowest(low, 20)")),
    "corr(x, y, n)": (_WHEN.format("corr(close, open, 20) * 10"), _WHEN.format("correlation(close, open, 20) * 10")),
    "percentrank(x, n)": (
        "when ta.percentrank(close, 100) > 90% then hedge 50%",
        "when rank(close, 100) > 90% then hedge 50%",
    ),
    "percentile_linear_interpolation(x, n, p)": (
        _WHEN.format("ta.percentile_linear_interpolation(close, 20, 90)"),
        _WHEN.format("percentile(close, 90, 20)"),
    ),
    "macd(x, f, s, n)": (_WHEN.format("ta.macd(close, 12, 26, 9)"), _WHEN.format("(ema(close, 12) - ema(close, 26))")),
    "macd(x, f, s)": (_WHEN.format("macd(close, 12, 26)"), _WHEN.format("(ema(close, 12) - ema(close, 26))")),
    "bbands(x, n, k)": (
        _WHEN.format("bollinger(close, 20, 2)"),
        _WHEN.format("(sma(close, 20) + 2 * stdev(close, 20))"),
    ),
    "security(s, t, x)": (_WHEN.format("request.security(s, t, close)"), ""),
    # values
    "price": (_WHEN.format("price"), _WHEN.format("close")),
    "Close": (_WHEN.format("Close"), _WHEN.format("close")),
    "mark_price": (_WHEN.format("markPrice"), _WHEN.format("mark")),
    "index_price": (_WHEN.format("index_price"), _WHEN.format("index")),
    "funding rate": ("when funding rate > 0.05% then hedge 50%", "when funding_8h > 0.05% then hedge 50%"),
    "openInterest": (_WHEN.format("openInterest"), _WHEN.format("open_interest")),
    "implied_volatility": ("when dvol > 80% then hedge 50%", "when iv > 80% then hedge 50%"),
    "hl2": (_WHEN.format("hl2"), _WHEN.format("((high + low) / 2)")),
    "hlc3": (_WHEN.format("hlc3"), _WHEN.format("((high + low + close) / 3)")),
    "ohlc4": (_WHEN.format("ohlc4"), _WHEN.format("((open + high + low + close) / 4)")),
    "strategy.position_size": (
        "when strategy.position_size > 50% then hedge 40%",
        "when hedge.actual > 50% then hedge 40%",
    ),
    "position": (
        'when position_size > 50% and close > 5 then alert "x"',
        'when hedge > 50% and close > 5 then alert "x"',
    ),
    "EMA200": ("when close > EMA200 then hedge 50%", "when close > ema(close, 200) then hedge 50%"),
    "RSI(14)": ("when RSI(14) > 70 then hedge 50%", "when rsi(close, 14) > 70 then hedge 50%"),
    "RSI": ("when RSI > 70 then hedge 50%", "when rsi(close, 14) > 70 then hedge 50%"),
    "ATR": (_WHEN.format("ATR"), _WHEN.format("atr(14)")),
    "VWAP": (_IF.format("close > VWAP"), _IF.format("close > vwap(24h)")),
    "MACD": (_WHEN.format("MACD"), _WHEN.format("(ema(close, 12) - ema(close, 26))")),
    "SMA(close, 200)": ("when close > SMA(close, 200) then hedge 50%", "when close > sma(close, 200) then hedge 50%"),
    "MAX(close, 20)": (_WHEN.format("MAX(close, 20)"), _WHEN.format("highest(close, 20)")),
    "MAX(close, open)": (_WHEN.format("MAX(close, open)"), _WHEN.format("max(close, open)")),
    "ta.rsi(close, 14)": ("when talib.RSI(close, 14) > 70 then hedge 50%", "when rsi(close, 14) > 70 then hedge 50%"),
    "iRSI(NULL, 0, 14, PRICE_CLOSE, 0)": (_WHEN.format("iRSI(NULL, 0, 14, PRICE_CLOSE, 0)"), ""),
    "btc": ("when btc > 60_000 then hedge 50%", "when BTC.close > 60_000 then hedge 50%"),
    "BTC price": ("when BTC price > 60_000 then hedge 50%", "when BTC.close > 60_000 then hedge 50%"),
    "close[1]": (
        "param n = 3 when close > sma(close, 20)[n] then hedge 50%",
        "param n = 3 when close > previous(sma(close, 20), n) then hedge 50%",
    ),
    "close from 1 bar ago": (_WHEN.format("close from 2 bars ago"), _WHEN.format("previous(close, 2)")),
    "close.shift(1)": ("when close > close.shift(1) then hedge 50%", "when close > previous(close, 1) then hedge 50%"),
    "close.rolling(20).mean()": (
        "when close > close.rolling(20).mean() then hedge 50%",
        "when close > sma(close, 20) then hedge 50%",
    ),
    "close.rolling(20).std()": (_WHEN.format("close.rolling(20).std()"), _WHEN.format("stdev(close, 20)")),
    'df["close"]': (_WHEN.format("df['close']"), _WHEN.format("close")),
    "true": ("when true then hedge 50%", ""),
    "na": ("when close > na then hedge 50%", ""),
    "ta.stoch(close, high, low, 14)": (_WHEN.format("ta.stoch(close, high, low, 14)"), ""),
    # numbers
    "60,000": ("when close > 60,000.5 then hedge 50%", "when close > 60_000.5 then hedge 50%"),
    "1e5": ("when close > 1.5e5 then hedge 50%", "when close > 150_000 then hedge 50%"),
    "60k": ("when close > 60k USD then hedge 50%", "when close > 60_000 USD then hedge 50%"),
    "2.5m": ("when open_interest > 2.5m then hedge 50%", "when open_interest > 2_500_000 then hedge 50%"),
    "$60,000": ("when close > $60,000 then hedge 50%", "when close > 60_000 USD then hedge 50%"),
    "5 bps": ("when funding_8h > 5 bps then hedge 50%", "when funding_8h > 0.05% then hedge 50%"),
    "5 percent": ("when funding_8h > 0.05 percent then hedge 50%", "when funding_8h > 0.05% then hedge 50%"),
    "%5": ("when funding_8h > %0.05 then hedge 50%", "when funding_8h > 0.05% then hedge 50%"),
    "80 %": (_THEN.format("hedge 80 %"), _THEN.format("hedge 80%")),
    ".5": ("when iv > .5% then hedge 50%", "when iv > 0.5% then hedge 50%"),
    "09:30": ("when time > 09:30 then hedge 50%", ""),
    # durations
    "for 3 bars": (
        "when close > 5 for 3 consecutive bars then hedge 50%",
        "when close > 5 for 3 periods then hedge 50%",
    ),
    "3 consecutive days": (_IF.format("close > 5 for 3 consecutive days"), _IF.format("close > 5 for 3d")),
    "3 days": (_IF.format("close > 5 for 3 days"), _IF.format("close > 5 for 3d")),
    "2 months": (_IF.format("close > 5 for 2 months"), ""),
    "4H": ("bars 4H\nwhen close@1D > 5 then hedge 50%", "bars 4h\nwhen close@1d > 5 then hedge 50%"),
    "@daily": (_WHEN.format("sma(close, 20)@daily"), _WHEN.format("sma(close, 20)@1d")),
    "@hourly": ("bars hourly when close@1d > 5 then hedge 50%", "bars 1h when close@1d > 5 then hedge 50%"),
    "@weekly": ('bars 1h when every week then alert "look"', 'bars 1h when every 1w then alert "look"'),
    "hour > 9": ("when hour > 9 then hedge 50%", ""),
    "daily close": (_WHEN.format("daily close"), _WHEN.format("close@1d")),
    # statements
    "let x = if a then b else c": (
        "let x = if close > open then 1 else 0\nwhen x > 0 then hedge 50%",
        "let x = if(close > open, 1, 0)\nwhen x > 0 then hedge 50%",
    ),
    "if close > 5 then": (
        "if close > 5 then hedge 50%\nif close > 4 then hedge 40%",
        "when close > 5 then hedge 50%\nwhen close > 4 then hedge 40%",
    ),
    "if (close > 5)": ("if (close > 5) then hedge 50%", "when (close > 5) then hedge 50%"),
    "else if close > 5": (_THEN.format("hedge 50%\nelse if close > 4 then hedge 40%"), ""),
    "else hedge 30%": (_THEN.format("hedge 50%\nelse hedge 30%"), _THEN.format("hedge 50%\notherwise hedge 30%")),
    "when close > 5: hedge 50%": ("when close > 5:\n  hedge 50%", "when close > 5 then\n  hedge 50%"),
    "otherwise: hedge 30%": (
        _THEN.format("hedge 50%\notherwise: hedge 30%"),
        _THEN.format("hedge 50%\notherwise hedge 30%"),
    ),
    "rule crowded:": (
        "rule crowded:\n  when close > 5 then hedge 50%",
        "rule crowded\n  when close > 5 then hedge 50%",
    ),
    'rule "hot funding"': (
        'rule "Hot funding!" when close > 5 then hedge 50%',
        "rule hot_funding when close > 5 then hedge 50%",
    ),
    "rule hot-funding": (
        "rule my hot-rule when close > 5 then hedge 50%",
        "rule my_hot_rule when close > 5 then hedge 50%",
    ),
    "x := 5": ("x := 5\nwhen close > x then hedge 50%", ""),
    "var x = 5": ("var float x = 5\nwhen close > x then hedge 50%", ""),
    "let x := 5": ("let x := 5\nwhen close > x then hedge 50%", "let x = 5\nwhen close > x then hedge 50%"),
    "length = input(14)": (
        'length = input.int(14, "Length")\nwhen close > sma(close, length) then hedge 50%',
        "param length = 14\nwhen close > sma(close, length) then hedge 50%",
    ),
    "crowded = input.float(0.05)": (
        'level = input.float(0.5, "Level", minval = 0.2, maxval = 0.8)\nwhen close > level then hedge 50%',
        "param level = 0.5 in 0.2 .. 0.8\nwhen close > level then hedge 50%",
    ),
    "input length = 14": (
        "input int length = 14\nwhen close > sma(close, length) then hedge 50%",
        "param length = 14\nwhen close > sma(close, length) then hedge 50%",
    ),
    "def x = 5": ("const float x = 5\nwhen close > x then hedge 50%", "let x = 5\nwhen close > x then hedge 50%"),
    "x = 5": (
        "x = sma(close, 20)\nwhen close > x then hedge 50%",
        "let x = sma(close, 20)\nwhen close > x then hedge 50%",
    ),
    "assets BTC ETH": (
        "assets BTC ETH SOL\n" + _THEN.format("hedge 50%"),
        "assets BTC, ETH, SOL\n" + _THEN.format("hedge 50%"),
    ),
    "assets BTC/USDT": (
        "assets BTC/USDT, ETH\n" + _THEN.format("hedge 50%"),
        "assets BTC, ETH\n" + _THEN.format("hedge 50%"),
    ),
    "timeframe = 1h": (
        'timeframe = "1h"\nwhen close@1d > 5 then hedge 50%',
        "bars 1h\nwhen close@1d > 5 then hedge 50%",
    ),
    "symbols BTC": ("symbols BTC, ETH\n" + _THEN.format("hedge 50%"), "assets BTC, ETH\n" + _THEN.format("hedge 50%")),
    "strategy.entry(…)": ('strategy.entry("Short", strategy.short)', ""),
    "plot(close)": ("plot(close)\n" + _THEN.format("hedge 50%"), _THEN.format("hedge 50%")),
    # actions
    "hedge = 50%": (_THEN.format("hedge = 50%"), _THEN.format("hedge 50%")),
    "hedge to 50%": (_THEN.format("hedge to 50%"), _THEN.format("hedge 50%")),
    "set hedge to 50%": (_THEN.format("set hedge to 50%"), _THEN.format("hedge 50%")),
    "raise hedge to 80%": (_THEN.format("raise hedge to 80%"), _THEN.format("hedge at least 80%")),
    "lower hedge to 20%": (_THEN.format("cut hedge to 20%"), _THEN.format("hedge at most 20%")),
    "raise hedge by 10%": (_THEN.format("raise hedge by 10% of level"), _THEN.format("increase hedge by 10% of level")),
    "lower hedge by 10%": (
        _THEN.format("decrease hedge by 10% of level"),
        _THEN.format("reduce hedge by 10% of level"),
    ),
    "increase hedge 10%": (_THEN.format("increase hedge 10% of level"), _THEN.format("increase hedge by 10% of level")),
    "hedge >= 50%": (_THEN.format("hedge >= 50%"), _THEN.format("hedge at least 50%")),
    "hedge <= 50%": (_THEN.format("hedge max 50%"), _THEN.format("hedge at most 50%")),
    "short 50%": (_THEN.format("sell 50%"), _THEN.format("hedge 50%")),
    "short": (_THEN.format("go short"), _THEN.format("hedge 100%")),
    "buy": (_THEN.format("buy"), _THEN.format("hedge 0%")),
    "hedge 50% and alert …": (_THEN.format('hedge 50% and alert "up"'), _THEN.format('hedge 50%, alert "up"')),
    "{ hedge 50% }": (_THEN.format("{ hedge 50% }"), _THEN.format("hedge 50% ")),
    # conditions
    "&&": (_IF.format("close > 5&&close < 9"), _IF.format("close > 5 and close < 9")),
    "||": (_IF.format("close > 5 || close < 9"), _IF.format("close > 5 or close < 9")),
    "!": (_IF.format("!(close > 5)"), _IF.format("not (close > 5)")),
    "AND": ("WHEN close > 5 AND close < 9 THEN hedge 50%", "when close > 5 and close < 9 then hedge 50%"),
    "close == 5": (_IF.format("close == 5"), ""),
    "close != 5": (_IF.format("close != 5"), ""),
    "close => 5": (_IF.format("close => 5"), _IF.format("close >= 5")),
    "close =< 5": (_IF.format("close =< 5"), _IF.format("close <= 5")),
    "5 < close < 6": (_IF.format("5 < sma(close, 20) <= 6"), _IF.format("sma(close, 20) between 5 and 6")),
    "close is above 5": (_IF.format("close is greater than 5"), _IF.format("close > 5")),
    "close is below 5": (_IF.format("close is under 5"), _IF.format("close < 5")),
    "close above 5": (_IF.format("close exceeds 5"), _IF.format("close > 5")),
    "close below 5": (_IF.format("close less than 5"), _IF.format("close < 5")),
    "close cross above 5": (_IF.format("close crossed over 5"), _IF.format("close crosses above 5")),
    "close crosses 5": (_IF.format("close crosses 5"), _IF.format("close crosses above 5")),
    "close drops 5% over 24h": (_IF.format("close drops 5% over 24h"), _IF.format("close falls 5% over 24h")),
    "close falls by 5% over 24h": (_IF.format("close falls by 5% over 24h"), _IF.format("close falls 5% over 24h")),
    "close falls 5% in 24h": (_IF.format("close falls 5% in the last 24h"), _IF.format("close falls 5% over 24h")),
    "close is na": (_IF.format("close == null"), _IF.format("close is missing")),
    "close is not missing": (_IF.format("close is not missing"), _IF.format("close is known")),
    "close > open ? 1 : 0": (_WHEN.format("(close > open ? 1 : 0)"), ""),
    "close ** 2": (_WHEN.format("close ** 2"), ""),
    "close // 2": (_WHEN.format("close // 2"), ""),
    "close % 2": (_WHEN.format("close % 2"), ""),
    "unless close > 6": (_THEN.format("hedge 50% unless close > 6"), ""),
}
"""A text with each spelling, and the same repaired; nothing where there is nothing to put in its place."""


def found(text: str) -> list[Diagnostic]:
    return [one for one in rulelang.check(text) if one.severity is Severity.ERROR]


def test_every_record_has_an_example() -> None:
    assert [record.spelling for record in FOREIGN] == list(dict.fromkeys(record.spelling for record in FOREIGN))
    assert set(EXAMPLES) == {record.spelling for record in FOREIGN}


def mended(text: str) -> str:
    """Return a text with the first repair of its first error made, again and again."""
    for _ in range(8):
        fixes = [fix for one in found(text) for fix in one.fixes][:1]
        for fix in fixes:
            text = text[: fix.span.start] + fix.text + text[fix.span.end :]
    return text


@pytest.mark.parametrize("record", FOREIGN, ids=lambda record: record.spelling)
def test_a_foreign_spelling_gets_one_message_that_names_both(record: Foreign) -> None:
    text, _ = EXAMPLES[record.spelling]
    of_statement = [one for one in found(text) if one.code != "RL104" or "comment" not in one.message]
    assert len({one.position.line for one in found(text)}) == len(found(text)), found(text)
    first = found(text)[0]
    assert first.message.count("`") >= 2, first.message
    assert not re.search(r"found `|starts no statement|should follow", first.message), first.message
    assert len(of_statement) <= 2


@pytest.mark.parametrize("record", FOREIGN, ids=lambda record: record.spelling)
def test_its_repair_checks_clean(record: Foreign) -> None:
    text, after = EXAMPLES[record.spelling]
    if record.offer is Offer.TOLD:
        assert after == "" and [fix for one in found(text) for fix in one.fixes] == []
        return
    assert mended(text) == after
    assert found(after) == []


@pytest.mark.parametrize("record", [one for one in FOREIGN if one.offer is Offer.SURE], ids=lambda one: one.spelling)
def test_what_is_sure_is_mended_without_asking(record: Foreign) -> None:
    text, after = EXAMPLES[record.spelling]
    assert repaired(Source("my.rules", text), check).source.text == after


@pytest.mark.parametrize("record", [one for one in FOREIGN if one.offer is Offer.LIKELY], ids=lambda one: one.spelling)
def test_what_is_only_likely_is_left_to_a_person(record: Foreign) -> None:
    text, after = EXAMPLES[record.spelling]
    assert repaired(Source("my.rules", text), check).source.text != after


@pytest.mark.parametrize("ours", ["crosses", "crosses above", "crosses below", "crosses  above"])
def test_what_is_written_as_here_is_no_foreign_spelling(ours: str) -> None:
    """The text ends behind it: a value is missing, and nothing else is wrong."""
    (mistake,) = found(f"rule a\n  when close {ours}")
    assert mistake.message.startswith("the `rule` statement ends here, but")


def test_snippets_are_translated() -> None:
    assert translated("ta.rsi(close, 14) > 70 && close < ta.sma(close, 20)[1]") == (
        "rsi(close, 14) > 70 and close < previous(sma(close, 20), 1)"
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("ta.crossover(math.max(open, close), 5)", "max(open, close) crosses above 5"),
        ("ta.crossover(ta.highest(high, 20)[1], close[0])", "previous(highest(high, 20), 1) crosses above close"),
        ("math.avg(ta.change(high), ta.change(low)) > 5", "((difference(high, 1) + difference(low, 1)) / 2) > 5"),
    ],
)
def test_calls_within_calls_are_mended_as_values(theirs: str, ours: str) -> None:
    assert repaired(Source("my.rules", _IF.format(theirs)), check).source.text == _IF.format(ours)


@pytest.mark.parametrize(
    "theirs",
    [
        "when ta.valuewhen(close > open, close) > 5 then hedge 50%",
        'when request.security("ETHUSDT", timeframe.period, close) > 5 then hedge 50%',
        'when request.security(syminfo.tickerid, "1D", close[1], lookahead = barmerge.lookahead_on) > 5 then hedge 50%',
        "when strategy.position_size > 5 then hedge 50%",
        "when ta.stoch(close, high, low, 14) > 80 then hedge 50%",
        "when talib.BETA(high, low, 5) > 1 then hedge 50%",
        "when MAX(close, 20) > 5 then hedge 50%",
        "when ref(close, -1) > 5 then hedge 50%",
        "bars 1h\nwhen close > 5 for 3 consecutive days then hedge 50%",
        "bars 1h\nwhen close // 2 > 5 then hedge 50%",
        "var float entry = close\nwhen close > entry then hedge 50%",
        "when close > 5 then hedge 80%\nelse if close > 4 then hedge 40%",
        "when close > 5 then hedge 80%\nelif close > 4 then hedge 40%",
    ],
)
def test_what_may_mean_something_else_is_never_mended_without_asking(theirs: str) -> None:
    assert repaired(Source("my.rules", theirs), check).source.text == theirs


@pytest.mark.parametrize("bounds", ["", ', "Length"', ', "Length", minval = 1', ", minval = 2, maxval = 50"])
def test_inputs_keep_the_bounds_that_they_have_both(bounds: str) -> None:
    text = f"length = input.int(14{bounds})\nwhen close > sma(close, length) then hedge 50%"
    made = repaired(Source("my.rules", text), check).source.text
    assert made.splitlines()[0] == "param length = 14" + (" in 2 .. 50" if "maxval" in bounds else "")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("MIN(low, 14)", "lowest(low, 14)"),
        ("MAX(abs(close - open), 1000 )", "highest(abs(close - open), 1000 )"),
        ("MAX(sma(close, 5), 20)", "highest(sma(close, 5), 20)"),
        ("MAX(close, 65_000)", "max(close, 65_000)"),
        ("MAX(close, 65000 USD)", "max(close, 65000 USD)"),
        ("MAX(close, 20 USD)", "max(close, 20 USD)"),
        ("MAX(close, 0)", "max(close, 0)"),
        ("MAX(close, 0.5)", "max(close, 0.5)"),
        ("MAX(close, 20, open)", "max(close, 20, open)"),
        ("MAX(20, close)", "max(20, close)"),
    ],
)
def test_a_whole_number_behind_a_value_is_offered_as_a_window(theirs: str, ours: str) -> None:
    (diagnostic,) = found(_IF.format(f"close > {theirs}"))
    (fix,) = diagnostic.fixes
    text = _IF.format(f"close > {theirs}")
    assert text[: fix.span.start] + fix.text + text[fix.span.end :] == _IF.format(f"close > {ours}")
    assert not fix.certain


def test_names_of_a_statement_that_could_not_be_read_are_not_missed() -> None:
    text = "let x := 5\nfast = ta.sma(close, 5)\nevent cpi on 5\nwhen close > x and close > fast then hedge 50%"
    assert [one.position.line for one in found(f"{text}\nwhen within 1h before cpi then hedge 50%")] == [1, 3]


def test_what_stands_in_texts_and_comments_is_left_alone() -> None:
    text = '# see https://example.org; if (a && b) // c\nwhen close > 5 then alert "a; b // c /* && if x := 5"'
    assert found(text) == []
