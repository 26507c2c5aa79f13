"""The same rule file as somebody in a hurry would leave it: other white space, and comments between any two words."""

import re
from functools import cache
from typing import Any

from hypothesis import strategies as st

from rulelang.syntax.table import load
from tests.strategies.drawing import Draw, Drawing

_GAPS = (" ", "\n", "   ", "\n\n", "\t", "\n    ", " \n\n\n  ", " \r\n")
_REMARKS = ("# so", "#", '# a "quote', "# when close > 1 then hedge 5%", "#rule x  ", "# " + "long " * 30, "#\t# é")
_COMMENT = re.compile(r'"[^"\n]*"|(#[^\n]*)')


@cache
def _lexer() -> Any:
    return load(None)


def words(text: str) -> list[tuple[int, str]]:
    """Return place and text of every word and sign, as the grammar reads them."""
    return [(token.start_pos, str(token)) for token in _lexer().lex(text)]


def comments(text: str) -> list[tuple[int, str]]:
    """Return place and text of every comment."""
    return [(found.start(1), found[1].rstrip()) for found in _COMMENT.finditer(text) if found[1] is not None]


@st.composite
def mangled(draw: Draw, texts: st.SearchStrategy[str]) -> str:
    """Generate a text with the same words, and perhaps comments among them; no comment parts `given` from its word."""
    d = Drawing(draw)
    text = draw(texts)
    pieces, end, last = [_gap(d, "\n")], 0, ""
    for start, word in words(text):
        between = text[end:start]
        pieces += [between if last == "given" else _gap(d, between), word]
        end, last = start + len(word), word
    return "".join([*pieces, _gap(d, text[end:])])


def stretched(text: str) -> str:
    """Return a text in which every name is so long that hardly a line has room for three; its syntax is the same."""
    pieces, end = [], 0
    for token in _lexer().lex(text):
        if token.type == "NAME":
            pieces += [text[end : token.end_pos], "_of_a_long_name" * 2]
            end = token.end_pos
    return "".join([*pieces, text[end:]])


def _gap(d: Drawing, between: str) -> str:
    """Return what to put in the place of white space and comments between two words."""
    if d.once_in(8):
        blank = between if between and not between.isspace() else d.pick(_GAPS)
        return "".join(f"{d.pick(_GAPS)}{d.pick(_REMARKS)}\n" for _ in range(d.number(1, 3))) + blank
    return d.pick(_GAPS) if between and d.once_in(3) else between
