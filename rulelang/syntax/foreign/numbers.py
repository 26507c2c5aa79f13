"""Foreign spellings of numbers, money, rates and durations."""

import re
from decimal import Decimal

from rulelang.syntax.foreign.record import LIKELY, SURE, TOLD, Foreign

Match = re.Match[str]

_UNITS = {"mi": "m", "ho": "h", "hr": "h", "da": "d", "we": "w", "wk": "w", "ye": "y", "yr": "y"}
_ZEROS = {"k": 3, "m": 6, "mio": 6, "bn": 9}


def _grouped(value: Decimal) -> str:
    return f"{value.normalize():,f}".replace(",", "_")


def _whole(match: Match) -> str:
    return _grouped(Decimal(match[0].replace("_", "")))


def _percent(match: Match) -> str:
    return f"{(Decimal(match[1].replace('_', '')) / 100).normalize():f}%"


def _thousands(match: Match) -> str:
    return _grouped(Decimal(match[1].replace("_", "")).scaleb(_ZEROS[match[2].lower()]))


def _dollars(match: Match) -> str:
    number = match[1].replace(",", "_")
    return f"{_grouped(Decimal(number.replace('_', '')).scaleb(_ZEROS.get(match[2].lower(), 0)))} USD"


def _duration(match: Match) -> str:
    return f"{match[1]}{_UNITS[match[2][:2].lower()]}"


def _small(match: Match) -> str:
    return match[0].lower()


NUMBERS = (
    Foreign(
        "60,000",
        "60_000",
        "commas separate values, so `60,000` would be two",
        LIKELY,
        r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w%])",
        lambda m: m[0].replace(",", "_"),
        code="RL105",
    ),
    Foreign(
        "1e5",
        "100_000",
        "a number is written out",
        SURE,
        r"(?<![\w.])\d[\d_]*(?:\.\d+)?[eE][+-]?\d{1,2}(?!\w)",
        _whole,
        code="RL105",
    ),
    Foreign(
        "60k",
        "60_000",
        "letters behind a number are durations (`8h`) or coins",
        SURE,
        r"(?<![\w.])(\d[\d_]*(?:\.\d+)?)\s*(k|bn|K)(?!\w)",
        _thousands,
        code="RL105",
    ),
    Foreign(
        "2.5m",
        "2_500_000",
        "letters behind a number are durations (`8h`) or coins",
        LIKELY,
        r"(?<![\w.])(\d[\d_]*\.\d+)\s*(m|mio)(?!\w)",
        _thousands,
        code="RL105",
    ),
    Foreign(
        "$60,000",
        "60_000 USD",
        "the currency stands behind its number",
        SURE,
        r"\$\s*(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d[\d_]*(?:\.\d+)?)(k|K|bn|)(?!\w)",
        _dollars,
        code="RL105",
    ),
    Foreign(
        "5 bps",
        "0.05%",
        "rates are percentages: a basis point is 0.01%",
        SURE,
        r"(?<![\w.])(\d[\d_]*(?:\.\d+)?)\s*(?:bps|bp)(?!\w)",
        _percent,
        code="RL105",
    ),
    Foreign(
        "5 percent",
        "5%",
        "",
        SURE,
        r"(?<![\w.])(\d[\d_]*(?:\.\d+)?)\s*(?:percent|per cent|pct)(?!\w)",
        r"\1%",
        code="RL105",
    ),
    Foreign("%5", "5%", "", SURE, r"(?<![\w)])(?<![\w)] )%(\d[\d_]*(?:\.\d+)?)(?![\w%])", r"\1%", code="RL105"),
    Foreign("80 %", "80%", "", SURE, r"(?<![\w.])(\d[\d_]*(?:\.\d+)?)[ \t]+%", r"\1%", code="RL105"),
    Foreign(".5", "0.5", "a number starts with a digit", SURE, r"(?<![\w.)])\.\d+%?", r"0\g<0>", code="RL105"),
    Foreign(
        "09:30",
        "a time is written with its day, `2026-12-10T09:30Z`; a rule can't ask for the hour of a day",
        "",
        TOLD,
        r"(?<![\w:])\d{1,2}:\d{2}(?!\w)",
        code="RL105",
    ),
)

_CLOCKED = r"@|\bevery|\bof|\bover|\bfor|\bwithin|\bbars"

DURATIONS = (
    Foreign(
        "for 3 bars",
        "for 3 periods",
        "a period is a bar, or what the values compared are published in",
        SURE,
        r"(?<![\w.])(\d+)\s+(?:(?:consecutive|straight)\s+(?:bars?|candles?|closes|periods)|"
        r"bars?|candles?|candlesticks?|closes|times|settlements|in a row)(?!\w)",
        r"\1 periods",
    ),
    Foreign(
        "3 consecutive days",
        "3d",
        "a period is a bar, or what the values compared are published in",
        LIKELY,
        r"(?<![\w.])(\d+)\s+(?:consecutive|straight)\s+(minutes|hours|days|weeks)(?!\w)",
        _duration,
    ),
    Foreign(
        "3 days",
        "3d",
        "a duration is a number with `m`, `h`, `d`, `w` or `y` behind it",
        SURE,
        r"(?<![\w.])(\d+)[ \t-]*(minutes?|mins?|hours?|hrs?|hr|days?|weeks?|wks?|years?|yrs?)(?!\w)",
        _duration,
    ),
    Foreign(
        "2 months",
        "a month has no fixed length: write `30d`, or whatever is meant",
        "",
        TOLD,
        r"(?<![\w.])\d+[ \t-]*(?:months?|mo|M)(?!\w)",
    ),
    Foreign(
        "4H",
        "4h",
        "durations are small letters: `m` minutes, `h` hours, `d` days, `w` weeks, `y` years",
        SURE,
        r"(?<![\w.])\d+[HDWY](?!\w)",
        _small,
    ),
    Foreign("@daily", "@1d", "", LIKELY, r"(?<![\w.])(?:daily|day)(?![\w(])", "1d", _CLOCKED),
    Foreign("@hourly", "@1h", "", LIKELY, r"(?<![\w.])(?:hourly|hour)(?![\w(])", "1h", _CLOCKED),
    Foreign("@weekly", "@1w", "", LIKELY, r"(?<![\w.])(?:weekly|week)(?![\w(])", "1w", _CLOCKED),
    Foreign(
        "hour > 9",
        "a rule can't ask for the hour of a day; `every 1d` is true once a day, `within 2h before TIME` near a time",
        "",
        TOLD,
        r"(?<![\w.])(?:hour|minute|dayofweek|dayofmonth|weekday|month)(?![\w(])",
    ),
    Foreign(
        "daily close",
        "close@1d",
        "a value on longer bars is written with `@`",
        LIKELY,
        r"(?<![\w.])daily\s+(open|high|low|close|volume)\b",
        r"\1@1d",
    ),
)
