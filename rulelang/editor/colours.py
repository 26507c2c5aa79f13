"""What each word of a rule file is, for whatever colours it: one table for the TextMate grammar and the Pygments lexer.

A row is a pattern in parts. Of all rows the one that matches first in a line counts, of those that match in the same
place the uppermost: so do editors read a grammar, and so does `coloured`. Patterns keep to what Python's expressions
and Oniguruma's have in common, and look at no other line.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache

from attrs import frozen

from rulelang.check.names import MEMBERS
from rulelang.fields import CATALOGUE
from rulelang.functions import FUNCTIONS
from rulelang.kinds import DECLARED


class Colour(Enum):
    """What a stretch of text is: its TextMate scope, without the language's name, and its Pygments token."""

    COMMENT = "comment.line.number-sign", "Comment.Single"
    TEXT = "string.quoted.double", "String.Double"
    BRACE = "punctuation.section.embedded", "String.Interpol"
    DECLARATION = "storage.type", "Keyword.Declaration"
    CONTROL = "keyword.control", "Keyword"
    ACTION = "keyword.control.action", "Keyword"
    CLAUSE = "keyword.other", "Keyword"
    LOGIC = "keyword.operator.logical", "Operator.Word"
    COMPARISON = "keyword.operator.comparison", "Keyword"
    STATE = "constant.language", "Keyword.Constant"
    FUNCTION = "support.function", "Name.Builtin"
    FIELD = "support.variable", "Name.Variable.Global"
    KIND = "support.type", "Keyword.Type"
    ITSELF = "variable.language", "Name.Builtin.Pseudo"
    MEMBER = "variable.other.property", "Name.Attribute"
    NAME = "variable.other", "Name"
    PARAM = "variable.parameter", "Name.Variable"
    LET = "variable.other.constant", "Name.Variable"
    TITLE = "entity.name.function", "Name.Function"
    TARGET = "entity.name.type", "Name.Class"
    EVENT = "entity.name.label", "Name.Class"
    ASSET = "constant.other.asset", "Name.Constant"
    NUMBER = "constant.numeric", "Number"
    MOMENT = "constant.numeric.time", "Literal.Date"
    UNIT = "keyword.other.unit", "Number"
    SIGN = "keyword.operator", "Operator"
    MARK = "punctuation", "Punctuation"
    WRONG = "invalid.illegal", "Error"

    @property
    def scope(self) -> str:
        """The scope that themes of editors know."""
        return self.value[0]

    @property
    def token(self) -> str:
        """The name of the Pygments token."""
        return self.value[1]


@frozen
class Row:
    """A pattern in parts, each with its colour or none; parts hold no groups of their own that capture."""

    parts: tuple[tuple[str, Colour | None], ...]

    @property
    def pattern(self) -> str:
        """All parts, each a group."""
        return "".join(f"({pattern})" for pattern, _ in self.parts)


# Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

RESERVED = {
    Colour.DECLARATION: "assets bars use field event param let target rule test",
    Colour.CONTROL: "when then otherwise until because given expect",
    Colour.ACTION: "increase reduce freeze alert",
    Colour.CLAUSE: "for on in at by of per valid periods period",
    Colour.LOGIC: "and or not",
    Colour.COMPARISON: "is between crosses above below rises falls moves over from within before after every",
    Colour.STATE: "missing known active",
}
"""The words that can be nothing else."""


def _any(words: Iterable[str]) -> str:
    """Return the pattern of one of some words, whole."""
    return f"(?:{'|'.join(words)}){_END}"


_END = r"(?![0-9A-Za-z_])"
_BLANK = r"[ \t]+"
_PERHAPS = r"[ \t]*"
_WORD = r"[a-z][a-z0-9_]*(?![A-Z])"
_DIGITS = r"[0-9][0-9_]*(?:\.[0-9][0-9_]*)?"
_ASSET = rf"[0-9]*[A-Z][A-Z0-9]*{_END}"
_CALLED = rf"(?={_PERHAPS}\()"
_RESERVED = _any(sorted(word for words in RESERVED.values() for word in words.split()))
_FREE = rf"(?!{_RESERVED}){_WORD}"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_BEHIND_A_VALUE = "(?:(?<=[0-9A-Z%] )|(?<=[0-9][mhdwy] ))"
_COUNT = "[0-9][0-9_]*(?![0-9A-Za-z_.%])"


def _row(*parts: str | tuple[str, Colour]) -> Row:
    return Row(tuple((part, None) if isinstance(part, str) else part for part in parts))


# Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def rows() -> tuple[Row, ...]:
    """Return all rows of code; comments and texts, which hold code in braces, come before them."""
    return (*_declared(), *_soft(), *_words(), *_numbers(), *_signs())


def _declared() -> Iterator[Row]:
    """Yield what introduces a name."""
    for words, colour in (
        ("rule|test", Colour.TITLE),
        ("let", Colour.LET),
        ("param", Colour.PARAM),
        ("target", Colour.TARGET),
        ("event", Colour.EVENT),
        ("field", Colour.FIELD),
    ):
        yield _row((words, Colour.DECLARATION), _BLANK, (_FREE, colour))
    yield _row((":", Colour.MARK), _PERHAPS, (_any(DECLARED), Colour.KIND))


def _soft() -> Iterator[Row]:
    """Yield the words that mean something in their place only, and may be names elsewhere."""
    said = Colour.CLAUSE
    yield _row(("at", said), _BLANK, (_any(("least", "most", "once")), said))
    yield _row(("on", said), _BLANK, ("all", said), _BLANK, (f"but{_END}", said))
    yield _row(("of", said), _BLANK, (_any(("exposure", "level")), said))
    for brake in (_row(("cooldown", said)), _row(("step", said), _BLANK, ("at", said), _BLANK, ("most", said))):
        yield Row((*brake.parts, (_BLANK, None), (_FREE, Colour.NAME), (_BLANK, None), (_any(("up", "down")), said)))
    yield _row((f"change(?={_BLANK}at{_BLANK}least{_END})", said))
    yield _row((f"step(?={_BLANK}at{_BLANK}most{_END})", said))
    yield _row((f"cooldown(?={_BLANK}(?:[0-9]|{_FREE}))", said))
    yield _row((rf"{_BEHIND_A_VALUE}(?:up|down){_END}(?!{_PERHAPS}[-+*/=<>(.@])", said))
    yield _row((f"to(?={_BLANK}-?[0-9])", said))
    yield _row((f"x(?={_BLANK}{_COUNT})", said))
    yield _row((f"restart(?={_BLANK}at{_END})", Colour.CONTROL))


def _words() -> Iterator[Row]:
    yield _row((_any((*FUNCTIONS, "at_trigger")) + _CALLED, Colour.FUNCTION))
    yield from (_row((_any(words.split()), colour)) for colour, words in RESERVED.items())
    yield _row((_any(("yes", "no")), Colour.STATE))
    yield _row((_any(CATALOGUE), Colour.FIELD))
    yield _row((_any(("hedge", "time")), Colour.ITSELF))
    yield _row((_WORD, Colour.NAME))


def _numbers() -> Iterator[Row]:
    yield _row((_DAY + _CLOCK, Colour.MOMENT))
    yield _row((_DAY + r"(?![0-9A-Za-z_.])", Colour.MOMENT))
    yield _row((_DIGITS, Colour.NUMBER), ("%", Colour.UNIT))
    yield _row(("[0-9][0-9_]*", Colour.NUMBER), (f"[mhdwy]{_END}", Colour.UNIT))
    yield _row((_ASSET, Colour.ASSET))
    yield _row((_DIGITS, Colour.NUMBER), _BLANK, (_ASSET, Colour.UNIT))
    yield _row((_DIGITS, Colour.NUMBER))


def _signs() -> Iterator[Row]:
    yield _row((r"\.", Colour.MARK), (_any(MEMBERS), Colour.MEMBER))
    yield _row((r">=|<=|>|<|=|\.\.|[-+*/@|]", Colour.SIGN))
    yield _row((r"[(),:.]", Colour.MARK))
    yield _row((r"[A-Za-z_][0-9A-Za-z_]*", Colour.WRONG))
    yield _row((r"[^ \t\r\n\f]", Colour.WRONG))


# Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

_COMMENT = _row(("#[^\n]*", Colour.COMMENT))
_TEXT = _row(('"[^"\n]*"?', Colour.TEXT))
_HOLE = re.compile(r"\{([^}\"]*)(\}?)")


def coloured(text: str) -> Iterator[tuple[int, str, Colour | None]]:
    """Yield a text in stretches, each with its place and its colour; what has none is white space."""
    yield from _stretches(text, 0, len(text), (_COMMENT, _TEXT, *rows()))


def _stretches(text: str, at: int, end: int, found: tuple[Row, ...]) -> Iterator[tuple[int, str, Colour | None]]:
    for match in _pattern(found).finditer(text, at, end):
        if match.start() > at:
            yield at, text[at : match.start()], None
        assert match.lastgroup is not None and match.lastindex is not None
        for number, (_, colour) in enumerate(found[int(match.lastgroup[1:])].parts, match.lastindex + 1):
            if colour is Colour.TEXT:
                yield from _in_quotes(text, *match.span(number))
            elif match[number]:
                yield match.start(number), match[number], colour
        at = match.end()
    if end > at:
        yield at, text[at:end], None


@cache
def _pattern(found: tuple[Row, ...]) -> re.Pattern[str]:
    """Return one pattern for all rows: the number of the row that matched is the name of its group."""
    return re.compile("|".join(f"(?P<_{number}>{row.pattern})" for number, row in enumerate(found)))


def _in_quotes(text: str, at: int, end: int) -> Iterator[tuple[int, str, Colour | None]]:
    for hole in _HOLE.finditer(text, at, end):
        if hole.start() > at:
            yield at, text[at : hole.start()], Colour.TEXT
        yield hole.start(), "{", Colour.BRACE
        yield from _stretches(text, *hole.span(1), rows())
        if hole[2]:
            yield hole.start(2), "}", Colour.BRACE
        at = hole.end()
    if end > at:
        yield at, text[at:end], Colour.TEXT
