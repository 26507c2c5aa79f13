"""Semantic tokens: every word of a text with its type, in order, for an editor's colours."""

from functools import lru_cache
from typing import NamedTuple

from rulelang.editor.analysis import Analysis
from rulelang.editor.knowledge import Knowledge, knowledge
from rulelang.editor.words import Word, words
from rulelang.text import Span

TYPES = (
    *("keyword", "field", "function", "rule", "param", "let", "target", "event", "asset", "test", "member", "word"),
    *("kind", "name", "number", "unit", "time", "string", "comment"),
)
"""`name`: nobody says what it stands for. `unit`: behind a number. `word`: of a field, or `yes` and `no`."""

_READONLY = ("param", "let", "field", "member")


class Token(NamedTuple):
    """A word: where it is, and its type, one of `TYPES`.

    `declaration`: it is declared here. `readonly`: rules can't give it a value, as they can to a target.
    """

    start: int
    end: int
    type: str
    declaration: bool
    readonly: bool


_new = tuple.__new__
"""Makes a named tuple in half the time: a long file has tens of thousands."""


def tokens(analysis: Analysis, span: Span | None = None) -> list[Token]:
    """Return the tokens of all statements that touch a stretch of text (`None`: all of it), in their order."""
    k = knowledge(analysis)
    text, starts = k.page.source.text, k.page.starts
    found: list[Token] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if span is None or (start < span.end and end > span.start):
            piece = text[start:end]
            types = tuple(_type(word, k) for word in _open(piece))
            found += [_new(Token, (a + start, b + start, what, d, r)) for a, b, what, d, r in _piece(piece, types)]
    return found


@lru_cache(16_384)
def _open(text: str) -> tuple[Word, ...]:
    """Return the words of one statement of which only the names of the file can tell what they are."""
    return tuple(word for word in words(text) if word.part in _OPEN)


_OPEN = ("value", "anchor", "item")


@lru_cache(16_384)
def _piece(text: str, types: tuple[str, ...]) -> tuple[Token, ...]:
    """Return the tokens of one statement, counted from its start; `types`: of its open words."""
    left = iter(types)
    typed = ((word, next(left) if word.part in _OPEN else word.part) for word in words(text))
    return tuple(
        Token(*word.span, "name" if what == "odd" else what, word.declares, what in _READONLY)
        for word, what in typed
        if what != "sign" and word.span.start < word.span.end
    )


def _type(word: Word, k: Knowledge) -> str:
    """Return the type of a word that depends on the names of the file."""
    if word.part == "value":
        return k.values.get(word.text, "name")
    symbol = k.symbol(word)
    return "name" if symbol is None else symbol.what
