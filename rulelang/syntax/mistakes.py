"""What is said of a mistake of syntax: the commonest ones by name, the others by what would have fitted."""

import re
from decimal import Decimal
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
    "AT": "at",
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
    said: list[str] = []
    for needed, words in _CATEGORIES:
        if needed <= left:
            said.append(words)
            left -= needed if words != "a value" else _VALUES
            if words == "a name":
                left -= _SOFT
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
    return _starts_nothing(match[1], Span(*match.span(1)))


def _starts_nothing(word: str, span: Span) -> Mistake:
    from difflib import get_close_matches

    close = get_close_matches(word, STARTERS, n=1)
    message = f"`{word}` starts no statement"
    if close:
        return Mistake("RL103", span, f"{message}; did you mean `{close[0]}`?", _STATEMENTS, (Fix(close[0], span),))
    return Mistake("RL103", span, message, _STATEMENTS)


_STATEMENTS = f"a statement starts with one of the words {', '.join(STARTERS)}"


def ended(text: str, piece: Piece) -> Mistake:
    """Say that a statement ends too early."""
    end = end_of(text, piece)
    return Mistake("RL103", Span(end, end), f"the `{piece.word}` statement ends in the middle")


def brace(span: Span) -> Mistake:
    """Say that a brace in a text has no partner."""
    return Mistake("RL107", span, "a brace without its partner", "in a text, `{name}` stands for a value")


def hole(span: Span) -> Mistake:
    """Say that there is nothing in a text's braces."""
    return Mistake("RL107", span, "nothing stands in the braces", "in a text, `{name}` stands for a value")


def too_deep(span: Span, limit: int) -> Mistake:
    """Say that an expression is nested deeper than a rule file may be."""
    message = f"nested, or joined in a chain, deeper than {limit} levels, which is the most a rule file may have"
    return Mistake("RL111", span, message, "give parts of the expression a name with `let`")


def unexpected_token(text: str, piece: Piece, found: Any) -> Mistake:
    """Say what is wrong with a word that doesn't fit where it stands."""
    token, expected = found.token, set(found.accepts or found.expected)
    if token.type == "$END":
        end = end_of(text, piece)
        bare = _bare_periods(text, token, Span(end, end), expected)
        message = f"the `{piece.word}` statement ends here, but {_wanted(expected)} should follow"
        return bare or Mistake("RL103", Span(end, end), message)
    span = Span(token.start_pos, token.end_pos)
    for known in _KNOWN:
        if (mistake := known(text, token, span, expected)) is not None:
            return mistake
    if token.type == "NAME" and "$END" in expected and first_on_line(text, span.start):
        return _starts_nothing(str(token), span)
    return Mistake("RL103", span, f"found `{_shown(token)}`, where {_wanted(expected)} should stand")


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


def _small_asset(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if token.type != "NAME" or "ASSET" not in expected or "NAME" in expected:
        return None
    upper = str(token).upper()
    message = f"`{token}` is no asset: assets are written in capitals, `{upper}`"
    certain = expected <= {"ASSET", "ALL"} or upper in CURRENCIES  # behind a number it may be a misspelt word
    fix = Fix(upper, span, certain)
    return Mistake("RL104", span, message, "small letters are for names of fields and rules", (fix,))


def _comma_in_number(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    match = re.compile(r"(\d{1,3}(?:,\d{3})+)(\.\d+)?").search(text, max(0, span.start - 12), span.end + 12)
    if match is None or not match.start() <= span.start <= match.end():
        return None
    whole = Span(*match.span())
    fixed = match[0].replace(",", "_")
    message = f"a comma doesn't group digits: write `{fixed}`"
    return Mistake("RL105", whole, message, "commas separate values, so `60,000` would be two", (Fix(fixed, whole),))


def _bare_periods(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    before = re.search(r"(?:for|over|of)\s+(\d[\d_]*)\s*$", text[max(0, span.start - 60) : span.start])
    if before is None or "PERIODS" not in expected:
        return None
    end = len(text[: span.start].rstrip())
    number = Span(end - len(before[1]), end)
    message = f"`{before[1]}` of what: write `{before[1]} periods`, or a duration such as `{before[1]}h`"
    return Mistake("RL103", number, message, "", (Fix(f"{before[1]} periods", number), Fix(f"{before[1]}h", number)))


def _equality(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if token.type != "EQUAL" or "COMPARATOR" not in expected:
        return None
    message = "values are not compared with `=`: write `between A and A`, or `>=` and `<=`"
    return Mistake("RL106", span, message, "measured values are hardly ever equal to the last bit")


def _missing_is(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if token.type != "NOT" or not re.search(r"\bis\s*$", text[max(0, span.start - 20) : span.start]):
        return None
    return Mistake("RL103", span, "found `not` behind `is`: write `not` before the whole, `not outlook is bearish`")


def _leading_point(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    match = re.compile(r"\.\d+%?").match(text, span.start)
    if token.type != "DOT" or match is None:
        return None
    whole = Span(*match.span())
    message = f"a number starts with a digit: write `0{match[0]}`"
    return Mistake("RL105", whole, message, "", (Fix("0" + match[0], whole, True),))


def _thousands(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    before = re.search(r"(\d[\d_]*(?:\.\d+)?)$", text[max(0, span.start - 30) : span.start])
    if str(token) not in ("k", "m", "bn") or before is None:
        return None
    zeros = {"k": 3, "m": 6, "bn": 9}[str(token)]
    value = f"{Decimal(before[1].replace('_', '')).scaleb(zeros):,f}".replace(",", "_")
    whole = Span(span.start - len(before[1]), span.end)
    message = f"`{before[1]}{token}` is no number: write `{value}`"
    fix = Fix(value, whole, certain=str(token) != "m")  # `2.5m` may be minutes
    return Mistake("RL105", whole, message, "letters behind a number are durations (`8h`) or coins", (fix,))


_SIDES = {"above": ">", "over": ">", "below": "<", "under": "<"}


def _is_above(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    found = re.search(r"\bis\s*$", text[max(0, span.start - 20) : span.start])
    if str(token) not in _SIDES or found is None or "KNOWN" not in expected:
        return None
    whole = Span(span.start - len(found[0]), span.end)
    sign = _SIDES[str(token)]
    message = f"`is {token}` is written `{sign}`, as in `close {sign} 100`"
    return Mistake("RL106", whole, message, "", (Fix(sign, whole, True),))


def _two_clocks(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if token.type != "__ANON_1" and str(token) != "@":
        return None
    message = "a second `@`: an expression lives on bars of one length, so `@` doesn't go into `@`"
    return Mistake("RL103", span, message) if "@" in text[max(0, span.start - 40) : span.start] else None


def _to_value(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    found = re.search(r"(\w+)\s+(to\s+)$", text[max(0, span.start - 60) : span.start])
    if found is None or found[1] in ("rises", "falls", "moves") or token.type not in ("PERCENT", "NUMBER"):
        return None
    at = span.start - len(found[2])
    message = f"a level is set without `to`: write `hedge {token}`"
    return Mistake("RL103", Span(at, at + 2), message, "", (Fix("", Span(at, span.start), True),))


_SPELLINGS = {
    "crossover": "`a crosses above b`",
    "crossunder": "`a crosses below b`",
    "barssince": "`periods_since(condition)`",
    "if": "`when … then …`",
    "else": "`otherwise`",
}


def _foreign(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if token.type == "LSQB" or str(token) not in _SPELLINGS or "$END" not in expected:
        return None
    return Mistake("RL103", span, f"`{token}` is not how this is said here: write {_SPELLINGS[str(token)]}")


def _two_bars(text: str, token: Any, span: Span, expected: set[str]) -> Mistake | None:
    if text[span.start : span.start + 2] != "||" or "OR" not in expected:
        return None
    whole = Span(span.start, span.start + 2)
    fix = Fix(_set_apart(text, whole, "or"), whole, certain=True)
    return Mistake("RL104", whole, "`||` is no sign of the language: write `or`", "", (fix,))


_KNOWN = (
    _two_bars,
    _missing_is,
    _is_above,
    _leading_point,
    _thousands,
    _two_clocks,
    _to_value,
    _reserved,
    _small_asset,
    _comma_in_number,
    _bare_periods,
    _equality,
    _foreign,
)
"""The mistakes that have a name, the first that fits."""

_CHARACTERS = {
    "&": ("&&?", "and"),
    "!": ("!(?!=)", "not"),
    "'": ("'", '"'),
}


def unexpected_characters(text: str, piece: Piece, found: Any) -> Mistake:
    """Say what is wrong with a character that starts no word of the language."""
    at = found.pos_in_stream
    character = text[at]
    if character == '"':
        end = text.find("\n", at)
        span = Span(at, len(text) if end < 0 else end)
        return Mistake(
            "RL108", span, "this text has no closing quote on its line", "", (Fix('"', Span(span.end, span.end)),)
        )
    if text[at : at + 2] == "!=":
        message = "values are not compared with `!=`: write `not A between B and B`, or `>` and `<`"
        return Mistake("RL106", Span(at, at + 2), message, "measured values are hardly ever equal to the last bit")
    if character == "%" and (match := re.search(r"(\d[\d_.]*)[ \t]+$", text[:at])):
        span = Span(match.start(), at + 1)
        message = f"the % stands directly behind its number: write `{match[1]}%`"
        return Mistake("RL105", span, message, "", (Fix(f"{match[1]}%", span, True),))
    if character in _CHARACTERS and (match := re.compile(_CHARACTERS[character][0]).match(text, at)):
        span, word = Span(*match.span()), _CHARACTERS[character][1]
        fix = Fix(_set_apart(text, span, word), span, certain=word != '"')  # a quote needs its partner
        message = f"`{match[0]}` is no sign of the language: write `{word}`"
        return Mistake("RL104", span, message, "", (fix,))
    if match := re.compile(r"\.\d+%?").match(text, at):
        span = Span(*match.span())
        return Mistake(
            "RL105", span, f"a number starts with a digit: write `0{match[0]}`", "", (Fix("0" + match[0], span, True),)
        )
    if match := re.compile(r"\[\s*(\d+)\s*\]").match(text, at):
        span = Span(*match.span())
        return Mistake(
            "RL104", span, f"`{match[0]}` is not how the past is asked here: write `previous(x, {match[1]})`"
        )
    if match := re.compile(r"[A-Za-z_]\w*").match(text, at):
        span = Span(*match.span())
        return _misspelt(match[0], span)
    return Mistake("RL104", Span(at, at + 1), f"`{character}` is no sign of the language")


def _set_apart(text: str, span: Span, word: str) -> str:
    """Return a word with the blanks that it needs where a sign stands now."""
    if word == '"':
        return word
    before, behind = text[: span.start][-1:], text[span.end :][:1]
    return " " * (before not in "( \t\n") + word + " " * (behind not in " \t\n")


def _misspelt(word: str, span: Span) -> Mistake:
    small = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", word).lower().strip("_") or "name_"
    message = f"`{word}` is no name: names are small letters, digits and `_`, assets are capitals"
    return Mistake("RL104", span, message, "", (Fix(small, span),))
