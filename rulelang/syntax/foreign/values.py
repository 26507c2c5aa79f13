"""Foreign spellings of values: functions, fields, and the past."""

import re

from rulelang.syntax.foreign.record import LIKELY, SURE, TOLD, Foreign, plain

Match = re.Match[str]

_ENGLISH = "rules read like English, so that anybody can check what they say"
_ONE_VALUE = "there are no series to index: a value is asked from so many periods ago"


_LISTED = "`rulelang functions` lists the functions there are, `rulelang fields` the fields"
_DIFFERENCE = "Pine's change is in the unit of the value; `change` is relative here"
_SAME = (
    r"ta\.(?:sma|ema|wma|rsi|atr|stdev|highest|lowest|median|correlation)|"
    r"math\.(?:abs|max|min|sum|sqrt|log|exp|round|floor|ceil)|talib\.(?:SMA|EMA|WMA|RSI|SUM)|"
    r"np\.(?:abs|sqrt|log|exp|floor|ceil)"
)
"""What is called the same in other languages, takes the same arguments, and gives the same."""


def _small(match: Match) -> str:
    return match[0].lower()


def _previous(match: Match) -> str:
    value = plain(match[1])
    return value if match[2] == "0" else f"previous({value}, {match[2]})"


_KEPT = {"mean": "sma", "max": "highest", "min": "lowest", "sum": "sum", "median": "median"}


def _rolled(match: Match) -> str:
    return f"{_KEPT[match[3]]}({match[1]}, {match[2]})"


def _averaged(match: Match) -> str:
    name, window = match[1].lower(), match[2]
    return f"atr({window})" if name == "atr" else f"{name}(close, {window})"


CALLS = (
    Foreign("crossover(a, b)", "a crosses above b", _ENGLISH, names=("crossover", "crossed_above", "crosses_above")),
    Foreign("crossunder(a, b)", "a crosses below b", _ENGLISH, names=("crossunder", "crossed_below", "crosses_below")),
    Foreign("cross(a, b)", "(a crosses above b or a crosses below b)", "a crossing has a direction"),
    Foreign(
        "barssince(c)",
        "periods_since(c)",
        "it counts periods of the clock of its condition",
        names=("barssince", "BarsSince"),
    ),
    Foreign(
        "valuewhen(c, x, n)",
        "`at_trigger(x)` is `x` as it was when the rule started, in `until`, actions and texts",
        "a rule remembers the moment at which it started, and no other",
        TOLD,
    ),
    Foreign("valuewhen(c, x)", "`at_trigger(x)` is `x` as it was when the rule started", "", TOLD),
    Foreign("iff(c, a, b)", "if(c, a, b)", "", names=("iff", "IF", "If", "where", "iif")),
    Foreign("na(x)", "x is missing", _ENGLISH, names=("na", "isnan", "isna", "isnull", "is_na", "isNaN", "IsNaN")),
    Foreign(
        "nz(x)",
        "if(x is missing, 0, x)",
        "a comparison with a missing value is unknown and changes nothing, so mostly nothing has to be done",
        LIKELY,
    ),
    Foreign(
        "nz(x, y)",
        "if(x is missing, y, x)",
        "a missing value changes nothing, so mostly nothing has to be done",
        LIKELY,
    ),
    Foreign("shift(x, n)", "previous(x, n)", "", names=("shift", "ref", "Ref", "lag", "delay", "offset")),
    Foreign(
        "ref(close, -1)",
        "previous(close, 1)",
        "a value is asked from so many periods ago, and none from the future",
        LIKELY,
        r"(?<![\w.])(?:ref|Ref|REF)\(\s*(\w+)\s*,\s*-\s*([1-9]\d*)\s*\)",
        r"previous(\1, \2)",
    ),
    Foreign("ta.change(x)", "difference(x, 1)", _DIFFERENCE, names=("ta.change",)),
    Foreign("ta.change(x, n)", "difference(x, n)", _DIFFERENCE, names=("ta.change",)),
    Foreign("ta.highest(n)", "highest(high, n)", "a function is told what it is of", names=("ta.highest",)),
    Foreign("ta.lowest(n)", "lowest(low, n)", "a function is told what it is of", names=("ta.lowest",)),
    Foreign("talib.MAX(x, n)", "highest(x, n)", "`max` is the largest of its values", names=("talib.MAX",)),
    Foreign("talib.MIN(x, n)", "lowest(x, n)", "`min` is the smallest of its values", names=("talib.MIN",)),
    Foreign("talib.ATR(h, l, c, n)", "atr(n)", "it is of the bars of the asset", LIKELY, names=("talib.ATR",)),
    Foreign("math.avg(a, b)", "((a + b) / 2)", "`sma` is an average over time", names=("math.avg",)),
    Foreign("ExpAverage(x, n)", "ema(x, n)"),
    Foreign("mom(x, n)", "difference(x, n)", "`change` is relative, `difference` in the unit of the value"),
    Foreign("roc(x, n)", "change(x, n)", "`change` is a ratio: compare it with a percentage, such as 5%", LIKELY),
    Foreign("std(x, n)", "stdev(x, n)", "", names=("std", "stddev", "StDev", "STDDEV", "standard_deviation")),
    Foreign(
        "mean(x, n)",
        "sma(x, n)",
        "the plain average is called `sma`; `ema`, `wma` and `wilder` weigh the newest more",
        LIKELY,
        names=(
            "mean",
            "average",
            "avg",
            "ma",
            "moving_average",
            "simple_moving_average",
            "rolling_mean",
            "MA",
            "Average",
        ),
    ),
    Foreign("rma(x, n)", "wilder(x, n)", "it is Wilder's average", names=("rma", "smma", "WildersAverage")),
    Foreign("hhv(x, n)", "highest(x, n)", "", names=("hhv", "HHV", "rolling_max", "Highest")),
    Foreign("llv(x, n)", "lowest(x, n)", "", names=("llv", "LLV", "rolling_min", "Lowest")),
    Foreign("corr(x, y, n)", "correlation(x, y, n)", "it is taken of the series given, usually of `change(close, 1)`"),
    Foreign("percentrank(x, n)", "rank(x, n)", "`rank` is a ratio: compare it with a percentage, such as 90%", LIKELY),
    Foreign("percentile_linear_interpolation(x, n, p)", "percentile(x, p, n)"),
    Foreign("macd(x, f, s, n)", "(ema(x, f) - ema(x, s))", "it is made of two averages", LIKELY),
    Foreign("macd(x, f, s)", "(ema(x, f) - ema(x, s))", "it is made of two averages", LIKELY),
    Foreign(
        "bbands(x, n, k)",
        "(sma(x, n) + k * stdev(x, n))",
        "a band is an average and so many deviations; `zscore(x, n)` tells how many deviations a value is away",
        LIKELY,
        names=("bbands", "bb", "bollinger", "bollinger_bands", "BBANDS"),
    ),
    Foreign(
        "security(s, t, x)",
        "an expression on longer bars is written like `close@1d`, one of another asset like `ETH.close`",
        "",
        TOLD,
        r"(?<![\w.])(?:request\.\w+|security)\s*\([^()\n]*\)?",
    ),
)

VALUES = (
    Foreign(
        "price",
        "close",
        "the last price of a bar is called `close`",
        LIKELY,
        r"(?<![\w.])(?:last_price|last|price|close_price)(?![\w(])",
    ),
    Foreign(
        "Close",
        "close",
        "names are small letters, digits and `_`; capitals are for assets",
        SURE,
        r"(?<![\w.])(?:Open|High|Low|Close|Volume|OPEN|HIGH|LOW|CLOSE|VOLUME)(?![\w(.])",
        _small,
    ),
    Foreign("mark_price", "mark", "", LIKELY, r"(?<![\w.])(?:mark_price|markPrice)\b"),
    Foreign("index_price", "index", "", LIKELY, r"(?<![\w.])(?:index_price|indexPrice)\b"),
    Foreign(
        "funding rate",
        "funding_8h",
        "the settled rate, normalised to 8 hours, is called `funding_8h`; the running estimate `predicted_funding_8h`",
        LIKELY,
        r"(?<![\w.])(?:funding[ _]?rate|fundingRate|FUNDING|[Ff]unding)(?![\w(])",
    ),
    Foreign(
        "openInterest",
        "open_interest",
        "names are small letters, digits and `_`; it is in money, USD",
        LIKELY,
        r"(?<![\w.])(?:openInterest|OpenInterest|open[ ]interest|OI|oi)(?![\w(])",
    ),
    Foreign(
        "implied_volatility",
        "iv",
        "implied volatility is called `iv`, as a ratio (80%)",
        LIKELY,
        r"(?<![\w.])(?:implied_vol(?:atility)?|impliedVolatility|dvol|DVOL)(?![\w(])",
    ),
    Foreign("hl2", "((high + low) / 2)"),
    Foreign("hlc3", "((high + low + close) / 3)"),
    Foreign("ohlc4", "((open + high + low + close) / 4)"),
    Foreign(
        "strategy.position_size",
        "hedge.actual",
        "it is a ratio, and comes from the host; the hedge that the rules have set is called `hedge`",
        LIKELY,
    ),
    Foreign(
        "position",
        "hedge",
        "the hedge in force is called `hedge`, the real one `hedge.actual`",
        LIKELY,
        r"(?<![\w.])(?:position(?:_size)?|hedge_ratio|hedgeRatio)(?![\w(])",
    ),
    Foreign(
        "EMA200",
        "ema(close, 200)",
        "an indicator is a function: what it is of, and over how long",
        LIKELY,
        r"(?<![\w.])(?i:(sma|ema|wma|rsi|atr))_?(\d+)(?![\w(%])",
        _averaged,
    ),
    Foreign(
        "RSI(14)",
        "rsi(close, 14)",
        "functions are small letters, and are told what they are of",
        LIKELY,
        r"(?<![\w.])(RSI|SMA|EMA|WMA|ATR)\(\s*(\d+)\s*\)",
        _averaged,
    ),
    Foreign(
        "RSI",
        "rsi(close, 14)",
        "an indicator is a function: what it is of, and over how long",
        LIKELY,
        r"(?<![\w.])(?:RSI|rsi)(?![\w(])",
    ),
    Foreign("ATR", "atr(14)", "an indicator is a function of its window", LIKELY, r"(?<![\w.])(?:ATR|atr)(?![\w(])"),
    Foreign(
        "VWAP",
        "vwap(24h)",
        "a session has no end here: say over how many bars, or how long",
        LIKELY,
        r"(?<![\w.])(?:VWAP|(?:ta\.)?vwap)(?![\w(])",
    ),
    Foreign(
        "MACD",
        "(ema(close, 12) - ema(close, 26))",
        "it is made of two averages",
        LIKELY,
        r"(?<![\w.])(?:MACD|macd)(?![\w(])",
    ),
    Foreign(
        "SMA(close, 200)",
        "sma(close, 200)",
        "functions are small letters; capitals are for assets",
        SURE,
        r"(?<![\w.])(?:SMA|EMA|WMA|RSI|ATR|VWAP|ABS|SUM|SQRT|EXP)(?=\()",
        _small,
    ),
    Foreign(
        "MAX(close, 20)",
        "highest(close, 20)",
        "a whole number behind a value is most likely a window; `max` is the largest of its values",
        LIKELY,
        r"(?<![\w.])(MAX|MIN)(?=\([^(),\n]*(?:\([^()\n]*\)[^(),\n]*)?,\s*(?:[2-9]|[1-9]\d|[1-9]\d\d|1000)\s*\))",
        lambda m: {"MAX": "highest", "MIN": "lowest"}[m[0]],
    ),
    Foreign(
        "MAX(close, open)",
        "max(close, open)",
        "`max` is the largest of its values, `highest(x, n)` that of a window; `log` is the natural logarithm",
        LIKELY,
        r"(?<![\w.])(?:MAX|MIN|LOG|MEDIAN|BETA)(?=\()",
        _small,
    ),
    Foreign(
        "ta.rsi(close, 14)",
        "rsi(close, 14)",
        "functions have no family name",
        SURE,
        rf"(?<![\w.])(?:{_SAME})(?=\s*\()",
        lambda m: m[0].partition(".")[2].lower(),
    ),
    Foreign(
        "iRSI(NULL, 0, 14, PRICE_CLOSE, 0)",
        "indicators are functions of a value and a window, as in `rsi(close, 14)`, `sma(close, 20)`, `atr(14)`",
        "",
        TOLD,
        r"(?<![\w.])i[A-Z]\w*\s*\([^()\n]*\)?",
    ),
    Foreign(
        "btc",
        "BTC.close",
        "an asset is written in capitals, and a field of it with a point",
        LIKELY,
        r"(?<![\w.])(?:btc|eth|sol|bnb|xrp|ada|doge|avax|ltc)(?:usdt?|usdc)?(?![\w(.])",
        lambda m: f"{m[0].upper()}.close",
        r"[<>=(+*/-]|\b(?:when|and|or|not|above|below|between|let\s+\w+\s*=)",
    ),
    Foreign(
        "BTC price",
        "BTC.close",
        "a field of an asset is asked with a point",
        LIKELY,
        r"(?<![\w.])(?!(?:WHEN|AND|OR|NOT)\b)([A-Z][A-Z0-9]*)\s+(?:price|close)\b",
        r"\1.close",
    ),
    Foreign(
        "close[1]",
        "previous(close, 1)",
        _ONE_VALUE,
        SURE,
        r"(?<![\w.@])(\w+(?:\.\w+)?(?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))?)\s*\[\s*(\d+|[a-z]\w*)\s*\]",
        _previous,
    ),
    Foreign(
        "close from 1 bar ago",
        "previous(close, 1)",
        _ONE_VALUE,
        SURE,
        r"(?<![\w.])(\w+)\s+from\s+(\d+)\s+bars?\s+ago\b",
        _previous,
    ),
    Foreign(
        "close.shift(1)",
        "previous(close, 1)",
        _ONE_VALUE,
        SURE,
        r"(?<![\w.])(\w+)\.shift\(\s*(\d+)\s*\)",
        r"previous(\1, \2)",
    ),
    Foreign(
        "close.rolling(20).mean()",
        "sma(close, 20)",
        "",
        SURE,
        r"(?<![\w.])(\w+)\.rolling\(\s*(?:window=)?(\d+)\s*\)\.(mean|max|min|sum|median)\(\)",
        _rolled,
    ),
    Foreign(
        "close.rolling(20).std()",
        "stdev(close, 20)",
        "`stdev` is the deviation of a population, theirs of a sample: theirs is a little larger",
        LIKELY,
        r"(?<![\w.])(\w+)\.rolling\(\s*(?:window=)?(\d+)\s*\)\.std\(\)",
        r"stdev(\1, \2)",
    ),
    Foreign(
        'df["close"]',
        "close",
        "fields are called by their names alone",
        SURE,
        r"(?<![\w.])(?:df|data|dataframe)\[\s*[\"'](\w+)[\"']\s*\]",
        r"\1",
    ),
    Foreign(
        "true",
        "a level that always counts is `otherwise`; a condition compares, as in `close > 100`",
        "",
        TOLD,
        r"(?<![\w.])(?:true|false|True|False|TRUE|FALSE)(?![\w(])",
    ),
    Foreign(
        "na",
        "whether a value is missing is asked with `is missing`",
        "",
        TOLD,
        r"(?<![\w.])(?:na|nan|NaN|null|NULL|None|none)(?![\w(])",
    ),
    Foreign(
        "ta.stoch(close, high, low, 14)",
        _LISTED,
        "",
        TOLD,
        r"(?<![\w.])(?:ta|math|talib|qtpylib|np|pd|tf|strategy|request|barstate|syminfo|timeframe|str|array)\.\w+",
    ),
)
