"""Foreign spellings of statements, of what a rule does, and of comments."""

import re

from rulelang.syntax.foreign.record import LIKELY, SURE, TOLD, Foreign

_THEN = r"\bthen|,|\botherwise|\belse|:"
_ACTS = "(?:hedge|alert|freeze|increase|reduce)"
_STATEMENT = "a rule file says how much is hedged; orders come out of `rulelang plan`, pictures out of a backtest"
_COMMENT = "a comment starts with `#`"
_SET = "a rule sets how much is hedged: 0% is nothing, 100% all of what is held"


_NO_VARIABLES = (
    "nothing is kept from bar to bar; `let x = …` names a value, and `until`, `for 3 periods`, `at_trigger(x)` remember"
)


def _param(match: re.Match[str]) -> str:
    ends = [re.search(rf"\b{name}\s*=\s*(-?[\d.]+)", match[3]) for name in ("minval", "maxval")]
    low, high = (end[1] if end else "" for end in ends)
    return f"param {match[1]} = {match[2]}" + (f" in {low} .. {high}" if low and high else "")


def _named(match: re.Match[str]) -> str:
    return f"rule {re.sub(r'[^a-z0-9]+', '_', match[1].lower()).strip('_')}"


COMMENTS = (
    Foreign("// text", "# text", _COMMENT, SURE, r"//(?![ \t]*\d[\d.]*[ \t]*(?:[<>=+*)]|then\b|crosses\b))", "#"),
    Foreign("/* text */", "# text", _COMMENT, SURE, r"/\*[ \t]*([^\n*]*?)[ \t]*\*/", r"# \1"),
    Foreign("; text", "# text", _COMMENT, SURE, r"(?m)^[ \t]*;", "#"),
    Foreign("hedge 50%;", "hedge 50%", "a statement ends where the next one starts", SURE, r"(?<=[^\s;])[ \t]*;+", ""),
    Foreign("-- text", "# text", _COMMENT, LIKELY, r"--[ \t]+([A-Za-z][^\n]*)", r"# \1"),
)
"""All but the last are found before anything is read, by `comments`."""

ACTIONS = (
    Foreign(
        "hedge = 50%",
        "hedge 50%",
        "a level is set without a sign",
        SURE,
        r"\s*(?::=|==|=)\s*",
        " ",
        rf"(?:{_THEN})\s*(?:set\s+)?\w+",
    ),
    Foreign(
        "hedge to 50%", "hedge 50%", "a level is set without `to`", SURE, r"\bto\s+(?=[\d.])", "", rf"(?:{_THEN})\s*\w+"
    ),
    Foreign(
        "set hedge to 50%",
        "hedge 50%",
        "a level is set by the name of its target alone",
        SURE,
        r"\b(?:set|make|move|put)\s+(?:the\s+)?(\w+)\s+(?:to|at|=)\s+(?=[\d.])",
        r"\1 ",
    ),
    Foreign(
        "raise hedge to 80%",
        "hedge at least 80%",
        "",
        LIKELY,
        r"\b(?:raise|increase)\s+(\w+)\s+to\s+(?=[\d.])",
        r"\1 at least ",
    ),
    Foreign(
        "lower hedge to 20%",
        "hedge at most 20%",
        "",
        LIKELY,
        r"\b(?:lower|decrease|cut|reduce)\s+(\w+)\s+to\s+(?=[\d.])",
        r"\1 at most ",
    ),
    Foreign(
        "raise hedge by 10%",
        "increase hedge by 10%",
        "",
        SURE,
        r"\b(?:raise|add\s+to|grow)\s+(\w+)\s+by\b",
        r"increase \1 by",
    ),
    Foreign(
        "lower hedge by 10%",
        "reduce hedge by 10%",
        "",
        SURE,
        r"\b(?:lower|decrease|cut|shrink)\s+(\w+)\s+by\b",
        r"reduce \1 by",
    ),
    Foreign(
        "increase hedge 10%",
        "increase hedge by 10%",
        "",
        SURE,
        r"\b(increase|reduce)\s+(\w+)\s+(?=[\d.])",
        r"\1 \2 by ",
    ),
    Foreign(
        "hedge >= 50%",
        "hedge at least 50%",
        "a floor is `at least`, a cap `at most`",
        SURE,
        r"\s*(?:>=|>|\bmin(?:imum)?\b|\bno\s+less\s+than\b)\s*(?=[\d.])",
        " at least ",
        rf"(?:{_THEN})\s*\w+",
    ),
    Foreign(
        "hedge <= 50%",
        "hedge at most 50%",
        "a floor is `at least`, a cap `at most`",
        SURE,
        r"\s*(?:<=|<|\bmax(?:imum)?\b|\bno\s+more\s+than\b|\bup\s+to\b)\s*(?=[\d.])",
        " at most ",
        rf"(?:{_THEN})\s*\w+",
    ),
    Foreign(
        "short 50%",
        "hedge 50%",
        _SET,
        LIKELY,
        r"\b(?:go\s+|enter\s+|open\s+)?(?:sell|short|SELL|SHORT)\b\s*(?=\d)",
        "hedge ",
        _THEN,
    ),
    Foreign(
        "short",
        "hedge 100%",
        _SET,
        LIKELY,
        r"\b(?:go\s+|enter\s+|open\s+)?(?:sell|short|SELL|SHORT)\b(?:\s*\(\s*\))?(?!\s*\d)",
        "hedge 100%",
        _THEN,
    ),
    Foreign(
        "buy",
        "hedge 0%",
        _SET,
        LIKELY,
        r"\b(?:go\s+|enter\s+|open\s+)?(?:buy|long|cover|close|exit|flat|BUY|LONG|CLOSE)\b(?:\s*\(\s*\))?(?:\s+position)?(?:\s+\d+%?)?",
        "hedge 0%",
        _THEN,
    ),
    Foreign(
        "hedge 50% and alert …",
        "hedge 50%, alert …",
        "what a rule does is listed with commas",
        SURE,
        rf"\s*\band\s+(?={_ACTS}\b)",
        ", ",
    ),
    Foreign("{ hedge 50% }", "hedge 50%", "a statement needs no braces", SURE, r"[{}][ \t]*", ""),
)

STATEMENTS = (
    Foreign(
        "let x = if a then b else c",
        "let x = if(a, b, c)",
        "`if(condition, a, b)` chooses one of two values",
        LIKELY,
        r"\bif\s+([^\n;]+?)\s+then\s+([^\n;]+?)\s+else\s+([^\n;]*[^\s;])",
        r"if(\1, \2, \3)",
        r"[=(,+*/<>-]",
    ),
    Foreign("if close > 5 then", "when close > 5 then", "", SURE, r"(?<!else )\b(?:if|If|IF)\b(?!\s*\()", "when"),
    Foreign(
        "if (close > 5)",
        "when (close > 5)",
        "",
        LIKELY,
        r"(?m)^[ \t]*(?:if|If|IF)[ \t]*(?=\((?:[^(),\n]|\([^()\n]*\))*\))",
        "when ",
    ),
    Foreign(
        "else if close > 5",
        "write `when`, and `and not (…)` of the conditions above it; of rules that set a level the last one counts",
        "",
        TOLD,
        r"\b(?:(?i:else\s+if)|elif|elsif|elseif)\b",
    ),
    Foreign(
        "else hedge 30%",
        "otherwise hedge 30%",
        "`otherwise` is what counts while no rule sets the target",
        LIKELY,
        r"\b(?:(?:else|Else|ELSE)(?!\s+[iI][fF]\b)|default)\b(?:[ \t]*:)?",
        "otherwise",
    ),
    Foreign(
        "when close > 5: hedge 50%",
        "when close > 5 then hedge 50%",
        "",
        SURE,
        rf"[ \t]*:\s*(?={_ACTS}\b)",
        " then ",
        r"\bwhen\b[^:\n]*[\w)%]",
    ),
    Foreign(
        "otherwise: hedge 30%", "otherwise hedge 30%", "", SURE, r"\b(then|otherwise|when|until|because)[ \t]*:", r"\1"
    ),
    Foreign("rule crowded:", "rule crowded", "", SURE, r"\b(rule|test)\s+(\w+)[ \t]*:", r"\1 \2"),
    Foreign(
        'rule "hot funding"',
        "rule hot_funding",
        "names are small letters, digits and `_`",
        SURE,
        r'\brule\s+"([^"\n]+)"',
        _named,
    ),
    Foreign(
        "rule hot-funding",
        "rule hot_funding",
        "names are small letters, digits and `_`",
        SURE,
        r"\brule\s+(\w+(?:[ -]\w+)+?)(?=\s+(?:when|on)\b|\s*\n)",
        _named,
    ),
    Foreign("x := 5", _NO_VARIABLES, "", TOLD, r"(?m)^[ \t]*[a-z]\w*[ \t]*:="),
    Foreign("var x = 5", _NO_VARIABLES, "", TOLD, r"\b(?:var|varip|rec)\s+(?:\w+\s+)?[a-z]\w*\s*:?="),
    Foreign("let x := 5", "let x = 5", "", SURE, r"\b(let|param)\s+([a-z]\w*)\s*(?::=|==)", r"\1 \2 ="),
    Foreign(
        "length = input(14)",
        "param length = 14",
        "a value that can be changed from outside is a `param`",
        SURE,
        r"(?:\b(?:let|param|var|def|int|float)\s+)?\b([a-z]\w*)\s*=\s*input(?:\.\w+)?\(\s*(\d+%?)(?![\d.])([^()\n]*)\)",
        _param,
    ),
    Foreign(
        "crowded = input.float(0.05)",
        "param crowded = 0.05",
        "a value that can be changed from outside is a `param`; a rate or a ratio is a percentage, such as 0.05%",
        LIKELY,
        r"(?:\b(?:let|param|var|def|float)\s+)?\b([a-z]\w*)\s*=\s*input(?:\.\w+)?\(\s*(\d*\.\d+%?)([^()\n]*)\)",
        _param,
    ),
    Foreign(
        "input length = 14",
        "param length = 14",
        "a value that can be changed from outside is a `param`",
        SURE,
        r"\b(?:input|extern)\s+(?:(?:int|double|float)\s+)?([a-z]\w*)\s*=",
        r"param \1 =",
    ),
    Foreign(
        "def x = 5",
        "let x = 5",
        "a name for a value is a `let`",
        SURE,
        r"\b(?:def|const|int|float|double)\s+(?:(?:int|float|double)\s+)?([a-z]\w*)\s*:?=",
        r"let \1 =",
    ),
    Foreign(
        "x = 5",
        "let x = 5",
        "a name for a value is a `let`, one that can be changed from outside a `param`",
        SURE,
        r"(?m)^[ \t]*([a-z]\w*)[ \t]*=(?!=)",
        r"let \1 =",
    ),
    Foreign(
        "assets BTC ETH",
        "assets BTC, ETH",
        "the assets are listed with commas",
        SURE,
        r"\bassets\s+[A-Z0-9]+(?:[ \t,]+[A-Z0-9]+)+(?![\w/-])",
        lambda m: f"assets {', '.join(re.findall('[A-Z0-9]+', m[0]))}",
    ),
    Foreign(
        "assets BTC/USDT",
        "assets BTC",
        "an asset is a coin; where it is traded is said in `instruments.toml`",
        LIKELY,
        r"(?<=[A-Z0-9])[/-](?:USDT?|USDC|EUR|PERP|USD)(?!\w)",
        "",
        r"\bassets\b[^\n]*",
    ),
    Foreign(
        "timeframe = 1h",
        "bars 1h",
        "",
        SURE,
        r"\b(?:timeframe|time_frame|interval|resolution|period)\s*=?\s*([\"']?)(\d+(?:min|[mhdwHDW]))\1(?!\w)",
        lambda m: f"bars {m[2].replace('min', 'm').lower()}",
    ),
    Foreign(
        "symbols BTC",
        "assets BTC",
        "",
        SURE,
        r"\b(?:symbols?|tickers?|pairs?|coins?|markets?)\s*=?\s*(?=[A-Z])",
        "assets ",
    ),
    Foreign(
        "strategy.entry(…)",
        "write `then hedge 100%` in a rule, and `then hedge 0%` where it closes",
        _STATEMENT,
        TOLD,
        r"\b(?:strategy\.(?:entry|exit|close|close_all|order)|AddOrder|OrderSend|OrderClose)\s*\([^()\n]*\)?",
    ),
    Foreign(
        "plot(close)",
        "",
        _STATEMENT,
        LIKELY,
        r"(?m)\b(?:plot\w*|alertcondition|indicator|study|strategy|bgcolor|hline)\s*\([^\n]*\)[ \t]*\n?|"
        r"^[ \t]*(?:import|from|declare)\s[^\n]*\n?",
    ),
)
