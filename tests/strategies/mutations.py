"""Texts that are no rule files, or nearly: rough ones, and valid files with pieces lost, doubled, swapped or put in."""

import re

from hypothesis import strategies as st

from tests.strategies.drawing import Draw, Drawing

_PIECE = re.compile(r'"[^"\n]*"|[A-Za-z_]\w*|\d[\w.%]*|\s+|.', re.S)

JUNK = (
    "then",
    "when",
    "(",
    ")",
    '"',
    "{",
    "}",
    "#",
    "@",
    "for",
    "hedge",
    "50%",
    "\n",
    ",",
    "..",
    "0.05",
    "-",
    "é",
    "а",
    "\x00",
    "close",
    "rule",
    "given",
    "test",
    "1d",
    "999999999999999999999999",
    "is",
    "not",
    "BTC.",
    "=",
    "\ufeff",
    "\r",
    "1e9",
    "2026-13-45",
    "use",
    "level",
    "x",
    "per",
    "let let",
    "≥",
    "“",
    "\u200b",
    "9" * 400,
    "sma(",
    "]]",
    "%",
    "_",
    "__",
    "1_",
)
"""What gets put in."""


def rough_texts() -> st.SearchStrategy[str]:
    """Return texts of characters and words of the language in no order."""
    words = st.sampled_from(JUNK)
    mixed = st.lists(st.one_of(words, st.text(max_size=5)), max_size=40).map(" ".join)
    return st.one_of(mixed, st.text(max_size=200))


@st.composite
def broken_texts(draw: Draw, texts: st.SearchStrategy[str]) -> str:
    """Generate a text with one to four pieces lost, doubled, swapped, cut off or put in."""
    d = Drawing(draw)
    pieces = _PIECE.findall(draw(texts))
    for _ in range(d.number(1, 4)):
        if not pieces:
            break
        at = d.number(0, len(pieces) - 1)
        how = d.number(0, 5)
        if how == 0:
            del pieces[at]
        elif how == 1:
            pieces.insert(at, pieces[at])
        elif how == 2:
            other = d.number(0, len(pieces) - 1)
            pieces[at], pieces[other] = pieces[other], pieces[at]
        elif how == 3:
            pieces.insert(at, d.pick(JUNK))
        elif how == 4:
            pieces[at] = d.pick(JUNK)
        else:
            del pieces[d.number(1, len(pieces)) :]
    return "".join(pieces)
