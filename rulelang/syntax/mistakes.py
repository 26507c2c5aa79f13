"""What is said of a mistake of syntax: the commonest ones by name, the others by what would have fitted."""

import re
from typing import Any

from attrs import frozen

from rulelang.syntax.statements import STARTERS, Piece, first_on_line
from rulelang.syntax.vocabulary import CURRENCIES, KEYWORDS
from rulelang.text import Fix, Span


@frozen
class Mistake:
    """A mistake of syntax: its code, its place, and what to say of it."""

    code: str
    span: Span
    message: str
    why: str = ""
    fixes: tuple[Fix, ...] = ()


_CATEGORIES = (
    ({"NAME", "NUMBER", "LPAR", "PERCENT"}, "a value"),
    ({"NAME"}, "a name"),
    ({"ASSET"}, "an asset (in capitals)"),
    ({"DURATION"}, "a duration such as `8h`"),
    ({"STRING"}, "a text in quotes"),
    ({"TIME", "DATE"}, "a time such as `2026-12-10T13:30Z`"),
    ({"NUMBER"}, "a number"),
    ({"COMPARATOR"}, "a comparison"),
)
_SIGNS = {
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "EQUAL": "=",
    "COLON": ":",
    "DOT": ".",
    "__ANON_0": "..",
    "VBAR": "|",
    "PLUS": "+",
    "MINUS": "-",
    "STAR": "*",
    "SLASH": "/",
}
_SOFT = {word.upper() for word, record in KEYWORDS.items() if record.nameable}
"""Words that may also be names."""

# fmt: off
_VALUES = {
    "NAME", "NUMBER", "LPAR", "PERCENT", "DURATION", "TIME", "DATE", "ASSET", "MINUS", "NOT", "WITHIN", "EVERY", *_SOFT
}
# fmt: on
_MARK = {"PLUS", "MINUS", "STAR", "SLASH", "DOT", "__ANON_0"}


def _spelt(terminal: str) -> str:
    return f"`{_SIGNS.get(terminal, terminal.lower())}`"


def _wanted(expected: set[str]) -> str:
    """Say in words what would have fitted."""
    left = set(expected) - {"$END"}
    if "AND" in left or "BECAUSE" in left:
        left -= {"ASSET", "PER"}  # the unit of a number that may as well have none
    said: list[str] = []
    for needed, words in _CATEGORIES:
        if needed <= left:
            said.append(words)
            left -= needed if words != "a value" else _VALUES
            if words == "a name":
                left -= _SOFT
    if "AT" in left:
        left.remove("AT")
        said += ["`at least`", "`at most`"] if "BETWEEN" in left else ["`at once`"] if "BECAUSE" in left else ["`at`"]
    plain = sorted(name for name in left if name not in _MARK and not name.startswith("__"))
    said += [_spelt(name) for name in plain[: max(0, 6 - len(said))]]
    if not said:
        return "the end of the statement"
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"


def end_of(text: str, piece: Piece) -> int:
    """Return where the last word of a piece ends: before blanks and comments."""
    body = re.sub(r'("[^"\n]*")|#[^\n]*', lambda m: m[1] or " " * len(m[0]), text[piece.start : piece.end])
    return piece.start + len(body.rstrip())


def no_statement(text: str, piece: Piece) -> Mistake:
    """Say that no statement begins like this."""
    match = re.compile(r'(?:\s|#[^\n]*)*([A-Za-z_]\w*|"[^"\n]*"?|\S)').match(text, piece.start, piece.end)
    assert match is not None
    return _elsewhere(text, piece, match.start(1)) or _starts_nothing(match[1], Span(*match.span(1)))


def _elsewhere(text: str, piece: Piece, at: int) -> Mistake | None:
    """Say that a statement is spelt as in another language, where reading it stopped in such a spelling."""
    from rulelang.syntax.foreign import touching

    found = touching(text, piece.start, piece.end, at)
    if found is None:
        return None
    return Mistake(found.record.code, found.span, found.message, found.record.why, found.fixes)


def _starts_nothing(word: str, span: Span) -> Mistake:
    from difflib import get_close_matches

    close = get_close_matches(word, STARTERS, n=1)
    message = f"`{word}` starts no statement"
    if close:
        return Mistake("RL103", span, f"{message}; did you mean `{close[0]}`?", _STATEMENTS, (Fix(close[0], span),))
    return Mistake("RL103", span, message, _STATEMENTS)


_STATEMENTS = f"a statement starts with one of the words {', '.join(STARTERS)}"


def brace(span: Span) -> Mistake:
    """Say that a brace in a text has no partner."""
    message = "a brace without its partner: write `{name}` for a value, or leave the brace out"
    return Mistake("RL107", span, message, _BRACES)


def hole(span: Span) -> Mistake:
    """Say that there is nothing in a text's braces."""
    message = "nothing stands in the braces: put a value there, as in `{close}`, or leave them out"
    return Mistake("RL107", span, message, _BRACES)


def remark(text: str, sign: Span, fix: Fix) -> Mistake:
    """Say that a comment, or the end of a line, is none here."""
    theirs = text[sign.start : sign.end]
    if not fix.text:
        return Mistake("RL104", sign, f"`{theirs}` has no place here: leave it out", _ENDS, (fix,))
    return Mistake("RL104", sign, f"a comment starts with `#` here, not with `{theirs}`", "", (fix,))


_ENDS = "a statement ends where the next one starts"


_BRACES = "in a text, `{close}` stands for the value of `close` at that moment"


def too_long(limit: int) -> Mistake:
    """Say that a text is longer than a rule file may be."""
    message = f"the text is longer than {limit:,} bytes, which is the most a rule file may have"
    return Mistake("RL110", Span(0, 0), message, "cut it into several files, and run each by itself")


def too_deep(span: Span, limit: int) -> Mistake:
    """Say that an expression is nested deeper than a rule file may be."""
    message = f"nested, or joined in a chain, deeper than {limit} levels, which is the most a rule file may have"
    return Mistake("RL111", span, message, "give parts of the expression a name with `let`")


def unexpected_token(text: str, piece: Piece, found: Any) -> Mistake:
    """Say what is wrong with a word that doesn't fit where it stands."""
    token, expected = found.token, set(found.accepts or found.expected)
    if token.type == "$END":
        end = end_of(text, piece)
        bare = _elsewhere(text, piece, end) or _bare_periods(text, token, Span(end, end), expected)
        message = f"the `{piece.word}` statement ends here, but {_wanted(expected)} should follow"
        return bare or Mistake("RL103", Span(end, end), message, _form(piece))
    span = Span(token.start_pos, token.end_pos)
    if (mistake := _elsewhere(text, piece, span.start)) is not None:
        return mistake
    for known in _KNOWN:
        if (mistake := known(text, token, span, expected)) is not None:
            return mistake
    if token.type == "NAME" and "$END" in expected and first_on_line(text, span.start):
        return _starts_nothing(str(token), span)
    message = f"found `{_shown(token)}`, where {_wanted(expected)} should stand"
    return Mistake("RL103", span, message, _form(piece))


_FORMS = {
    "assets": "`assets BTC, ETH`",
    "bars": "`bars 1h`",
    "use": '`use "other.rules"`',
    "field": "`field outlook : bearish | bullish valid for 7d`",
    "event": "`event cpi at 2026-12-10T13:30Z`",
    "param": "`param crowded = 0.05% in 0.02% .. 0.15%`",
    "let": "`let trend = sma(close, 200)`",
    "target": "`target hedge between 0% and 100% change at least 10% cooldown 8h`",
    "rule": '`rule NAME when CONDITION then hedge 50% for 3d until CONDITION because "…"`',
    "when": '`when CONDITION then hedge 50% for 3d until CONDITION because "…"`',
    "otherwise": "`otherwise hedge 50%`",
    "test": "`test NAME given close = 100 x 3, 90 expect hedge = 0% x 3, 50%`",
}


def _form(piece: Piece) -> str:
    """Return how a statement of this kind looks."""
    return f"it looks like {_FORMS[piece.word]}" if piece.word in _FORMS else ""


def _shown(token: Any) -> str:
    value = str(token)
    return value if len(value) <= 40 else value[:37] + "…"


def _reserved(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    word = str(token)
    if "NAME" not in expected or token.type == "NAME" or not re.fullmatch("[a-z]+", word):
        return None
    if "NUMBER" in expected and word in ("then", "and", "or", "for", "until", "because", "at", "when"):
        return None  # a value is missing before a word that goes on
    message = f"`{word}` is a word of the language and can't be a name"
    fix = Fix(word + "_", span)
    return Mistake("RL102", span, message, "words of the language mean the same everywhere in a file", (fix,))


_COINS = ("BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "AVAX", "LINK", "DOT", "LTC", "BCH", "TRX", "XBT")


def _small_asset(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if token.type != "NAME" or "ASSET" not in expected or "NAME" in expected:
        return None
    upper = str(token).upper()
    if "AND" in expected and upper not in (*CURRENCIES, *_COINS):
        return None  # behind a number it is most likely a misspelt word
    message = f"`{token}` is no asset: assets are written in capitals, `{upper}`"
    certain = expected <= {"ASSET", "ALL"} or upper in CURRENCIES
    fix = Fix(upper, span, certain)
    return Mistake("RL104", span, message, "small letters are for names of fields and rules", (fix,))


def _bare_asset(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    before = re.search(r"(?<![\w.])([A-Z][A-Z0-9]*)\s*$", text[max(0, span.start - 40) : span.start])
    if before is None or "DOT" not in expected:
        return None
    asset = Span(span.start - len(before[0]), span.start - len(before[0]) + len(before[1]))
    message = f"`{before[1]}` is an asset: ask for a field of it, such as `{before[1]}.close`"
    return Mistake("RL103", asset, message, "capitals are for assets", (Fix(f"{before[1]}.close", asset),))


def _then_missing(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    acts = token.type in ("ALERT", "FREEZE", "INCREASE", "REDUCE") or str(token) == "hedge"
    if not acts or "THEN" not in expected:
        return None
    message = f"`then` is missing between the condition and what is done, `{token}`"
    return Mistake("RL103", span, message, "a rule reads `when … then …`", (Fix(f"then {token}", span),))


def _bare_periods(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    before = re.search(r"(?:for|over|of)\s+(\d[\d_]*)\s*$", text[max(0, span.start - 60) : span.start])
    if before is None or "PERIODS" not in expected:
        return None
    end = len(text[: span.start].rstrip())
    number = Span(end - len(before[1]), end)
    message = f"`{before[1]}` of what: write `{before[1]} periods`, or a duration such as `{before[1]}h`"
    return Mistake(
        "RL103",
        number,
        message,
        "a count says nothing without its unit",
        (Fix(f"{before[1]} periods", number), Fix(f"{before[1]}h", number)),
    )


def _missing_is(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if token.type != "NOT" or not re.search(r"\bis\s*$", text[max(0, span.start - 20) : span.start]):
        return None
    message = "found `not` behind `is`: write `not` before the whole, as in `not outlook is bearish`"
    whole = re.compile(r"([\w.]+)\s+is\s+not\s+([a-z]\w*)").search(text, max(0, span.start - 60), span.end + 40)
    fixes = () if whole is None else (Fix(f"not {whole[1]} is {whole[2]}", Span(*whole.span()), certain=True),)
    return Mistake("RL103", span, message, "`not` turns the condition behind it round", fixes)


def _two_clocks(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if token.type != "__ANON_1" and str(token) != "@":
        return None
    message = "a second `@`: an expression lives on bars of one length, so `@` doesn't go into `@`"
    why = "write one `@` behind the whole, as in `sma(close, 20)@1w`"
    return Mistake("RL103", span, message, why) if "@" in text[max(0, span.start - 40) : span.start] else None


_KNOWN = (_missing_is, _two_clocks, _then_missing, _reserved, _bare_asset, _small_asset, _bare_periods)
"""The mistakes that have a name, the first that fits."""


def unexpected_characters(text: str, piece: Piece, found: Any) -> Mistake:
    """Say what is wrong with a character that starts no word of the language."""
    at = found.pos_in_stream
    if text[at] == '"':
        return _open_quote(text, at)
    if (mistake := _elsewhere(text, piece, at)) is not None:
        return mistake
    if text[at] == "'":
        message = 'a text stands between double quotes, `"`'
        return Mistake("RL104", Span(at, at + 1), message, "single ones are apostrophes", (Fix('"', Span(at, at + 1)),))
    if match := re.compile(r"[A-Za-z_]\w*").match(text, at):
        return _misspelt(match[0], Span(*match.span()))
    return Mistake("RL104", Span(at, at + 1), f"`{text[at]}` is no sign of the language", _SIGNS_ARE)


_SIGNS_ARE = "there are `+ - * /`, `> < >= <=`, parentheses, `@` for longer bars and `%` behind a number"


def _open_quote(text: str, at: int) -> Mistake:
    end = text.find("\n", at)
    span = Span(at, len(text) if end < 0 else end)
    fix = Fix('"', Span(span.end, span.end))
    return Mistake("RL108", span, "this text has no closing quote on its line", "a text ends on its line", (fix,))


def _misspelt(word: str, span: Span) -> Mistake:
    small = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", word).lower().strip("_") or "name_"
    message = f"`{word}` is no name: names are small letters, digits and `_`, assets are capitals"
    return Mistake("RL104", span, message, "so one can tell a field or rule from an asset", (Fix(small, span),))
