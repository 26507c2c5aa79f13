"""Foreign spellings of conditions: signs of logic, comparisons and crossings."""

import re

from rulelang.syntax.foreign.record import LIKELY, SURE, TOLD, Foreign

_ENGLISH = "rules read like English, so that anybody can check what they say"
_NO_EQUALITY = "measured values are hardly ever equal to the last bit, so a rule that waits for it waits for ever"
_WORDS = "|".join(
    one
    for word in (
        "when",
        "then",
        "and",
        "or",
        "not",
        "is",
        "for",
        "until",
        "because",
        "otherwise",
        "between",
        "above",
        "below",
        "crosses",
        "rule",
        "let",
        "param",
        "target",
        "assets",
        "bars",
        "event",
        "test",
        "alert",
        "hedge",
    )
    for one in (word.upper(), word.capitalize())
)
_VALUE = r"(?:[\w.@]+(?:\([^()\n]*\))?(?:@\w+)?)"
_TURNED = {"drops": "falls", "declines": "falls", "loses": "falls", "drop": "falls", "fall": "falls"}


def _small(match: re.Match[str]) -> str:
    return match[0].lower()


def _moving(match: re.Match[str]) -> str:
    return _TURNED.get(match[1], "rises") + " "


def _side(match: re.Match[str]) -> str:
    return f"crosses {'above' if match[1] in ('above', 'over', 'up') else 'below'}"


CONDITIONS = (
    Foreign("&&", "and", _ENGLISH, SURE, r"[ \t]*&&?[ \t]*", " and "),
    Foreign("||", "or", _ENGLISH, SURE, r"[ \t]*\|\|?[ \t]*", " or "),
    Foreign("!", "not", _ENGLISH, SURE, r"!(?!=)[ \t]*", "not "),
    Foreign(
        "AND",
        "and",
        "words of the language are small letters; capitals are for assets",
        SURE,
        rf"(?<![\w.])(?:{_WORDS})(?![\w.])",
        _small,
    ),
    Foreign(
        "close == 5",
        "write `between A and A`, or `>=` and `<=`",
        _NO_EQUALITY,
        TOLD,
        r"==?(?=\s*[\w(.-])",
        behind=r"[\w)\]%]",
        code="RL106",
    ),
    Foreign("close != 5", "write `not A between B and B`, or `>` and `<`", _NO_EQUALITY, TOLD, r"!=|<>", code="RL106"),
    Foreign("close => 5", "close >= 5", "", SURE, r"=>", ">="),
    Foreign("close =< 5", "close <= 5", "", SURE, r"=<", "<="),
    Foreign(
        "5 < close < 6",
        "close between 5 and 6",
        "each comparison has two sides",
        LIKELY,
        rf"({_VALUE})\s*<=?\s*({_VALUE})\s*<=?\s*({_VALUE})",
        r"\2 between \1 and \3",
    ),
    Foreign(
        "close is above 5",
        "close > 5",
        "",
        SURE,
        r"\bis\s+(?:above|over|greater\s+than|higher\s+than|more\s+than)\b\s*",
        "> ",
    ),
    Foreign(
        "close is below 5",
        "close < 5",
        "",
        SURE,
        r"\bis\s+(?:below|under|less\s+than|lower\s+than|smaller\s+than)\b\s*",
        "< ",
    ),
    Foreign(
        "close above 5",
        "close > 5",
        "`crosses above` is true for the one bar at which it becomes so",
        LIKELY,
        r"\b(?:above|exceeds|(?:greater|higher|more)\s+than)\b",
        ">",
        behind=r"[\w)%](?<!\bcrosses)",
    ),
    Foreign(
        "close below 5",
        "close < 5",
        "`crosses below` is true for the one bar at which it becomes so",
        LIKELY,
        r"\b(?:below|under|(?:less|lower|smaller)\s+than)\b",
        "<",
        behind=r"[\w)%](?<!\bcrosses)",
    ),
    Foreign(
        "close cross above 5",
        "close crosses above 5",
        "",
        SURE,
        r"\b(?:cross|crosses|crossed|crossing)\s+(above|below|over|under|up|down)(?:\s+through)?\b",
        _side,
    ),
    Foreign(
        "close crosses 5",
        "close crosses above 5",
        "a crossing has a direction, `above` or `below`",
        LIKELY,
        r"\b(?:crosses|cross|crossed)\b(?!\s+(?:above|below|over|under|up|down)\b)\s*(?=\S)",
        "crosses above ",
    ),
    Foreign(
        "close drops 5% over 24h",
        "close falls 5% over 24h",
        "",
        SURE,
        r"\b(drops|declines|loses|drop|fall|climbs|gains|jumps|rise)\s+(?:by\s+)?(?=\d)",
        _moving,
    ),
    Foreign(
        "close falls by 5% over 24h", "close falls 5% over 24h", "", SURE, r"\b(falls|rises|moves)\s+by\s+", r"\1 "
    ),
    Foreign(
        "close falls 5% in 24h",
        "close falls 5% over 24h",
        "",
        SURE,
        r"\b(?:in|within|during)\b(?:\s+the\s+(?:last|past))?",
        "over",
        behind=r"(?:falls|rises|moves)\s+[\w.]+%?",
    ),
    Foreign("close is na", "close is missing", "", SURE, r"(?:==?|\bis)\s*(?:na|nan|NaN|null|None|NA)\b", "is missing"),
    Foreign(
        "close is not missing", "close is known", "", SURE, r"\bis\s+not\s+(?:missing|na|nan|null|None)\b", "is known"
    ),
    Foreign("close > open ? 1 : 0", "`if(condition, a, b)` chooses one of two values", "", TOLD, r"\?"),
    Foreign("close ** 2", "`x * x` is a square, `sqrt(x)` a root, `exp(x * log(y))` a power", "", TOLD, r"\*\*|\^"),
    Foreign("close // 2", "the whole part of a division is `floor(x / y)`", "", TOLD, r"//(?=[ \t]*\d)"),
    Foreign(
        "close % 2",
        "there is no remainder of a division, `%` belongs to a number: `5%`",
        "",
        TOLD,
        r"(?<=[a-z)_])\s*%",
    ),
    Foreign(
        "unless close > 6",
        "write `when … and not (…)` in the condition, or `until …` behind the action",
        "",
        TOLD,
        r"\bunless\b",
    ),
)
