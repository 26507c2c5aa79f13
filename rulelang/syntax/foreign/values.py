"""Foreign spellings of values: functions, fields, and the past."""

import re

from rulelang.syntax.foreign.record import LIKELY, SURE, TOLD, Foreign

Match = re.Match[str]

_ENGLISH = "rules read like English, so that anybody can check what they say"
_ONE_VALUE = "there are no series to index: a value is asked from so many periods ago"


def _small(match: Match) -> str:
    return match[0].lower()


_KEPT = {"mean": "sma", "std": "stdev", "max": "highest", "min": "lowest", "sum": "sum", "median": "median"}


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
    Foreign("iff(c, a, b)", "if(c, a, b)", "", names=("iff", "IF", "If", "where", "iif")),
    Foreign("na(x)", "x is missing", _ENGLISH, names=("na", "isnan", "isna", "isnull", "is_na", "isNaN")),
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
    Foreign("rma(x, n)", "wilder(x, n)", "it is Wilder's average", names=("rma", "smma")),
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
        names=("security", "request.security"),
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
        "position",
        "hedge",
        "the hedge in force is called `hedge`, the real one `hedge.actual`",
        LIKELY,
        r"(?<![\w.])(?:position(?:_size)?|strategy\.position_size|hedge_ratio|hedgeRatio)(?![\w(])",
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
        "vwap(20)",
        "a session has no end here: say over how many bars, or how long, `vwap(1d)`",
        LIKELY,
        r"(?<![\w.])(?:VWAP|vwap)(?![\w(])",
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
        r"(?<![\w.])(?:SMA|EMA|WMA|RSI|ATR|VWAP|ABS|MAX|MIN|SUM|SQRT|LOG|EXP|MEDIAN|BETA)(?=\()",
        _small,
    ),
    Foreign(
        "ta.rsi(close, 14)",
        "rsi(close, 14)",
        "functions have no family name",
        SURE,
        r"(?<![\w.])(?:ta|math|talib|np|pd|qtpylib|tf)\.(\w+)(?=\s*\()",
        lambda m: m[1].lower(),
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
        r"(?<![\w.])(\w+(?:\.\w+)?(?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))?)\s*\[\s*(\d+|[a-z]\w*)\s*\]",
        r"previous(\1, \2)",
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
        r"(?<![\w.])(\w+)\.rolling\(\s*(?:window=)?(\d+)\s*\)\.(mean|std|max|min|sum|median)\(\)",
        _rolled,
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
)
