"""How other languages spell what is written differently here: one table, found where a text can't be read."""

from rulelang.syntax.foreign.conditions import CONDITIONS
from rulelang.syntax.foreign.numbers import DURATIONS, NUMBERS
from rulelang.syntax.foreign.record import Foreign, Offer, Spelt
from rulelang.syntax.foreign.statements import ACTIONS, COMMENTS, STATEMENTS
from rulelang.syntax.foreign.values import CALLS, VALUES
from rulelang.text import Span

__all__ = ["COMMENTS", "FOREIGN", "Foreign", "Offer", "Spelt", "beginning", "touching", "translated"]

IN_CALLS: tuple[Foreign, ...] = (*CALLS, *VALUES, *NUMBERS, *DURATIONS, *CONDITIONS)
"""What can stand within a call: what a rule does, and what begins a statement, can't."""

FOREIGN: tuple[Foreign, ...] = (
    *COMMENTS,
    *CALLS,
    *VALUES,
    *NUMBERS,
    *DURATIONS,
    *STATEMENTS,
    *ACTIONS,
    *CONDITIONS,
)
"""Every spelling of Pine, thinkScript, Python, MQL and everyday English that is known to differ from ours."""

_WINDOW = 300
"""So many characters before and behind a mistake are searched for the spelling that it comes from."""


def touching(text: str, start: int, end: int, at: int) -> Spelt | None:
    """Return the foreign spelling in which reading a part of a text stopped: the first, and of those the longest."""
    low, high = max(start, at - _WINDOW), min(end, at + _WINDOW)
    spelt = (one for record in FOREIGN for one in record.matches(text, low, high))
    met = [one for one in spelt if one.place.start <= at <= _reach(text, one)]
    return min(met, key=lambda one: (one.span.start, -one.span.end), default=None)


def _reach(text: str, spelt: Spelt) -> int:
    """Return up to where a spelling is the cause: capitals are read as an asset, so reading stops at what follows."""
    if not spelt.theirs.isupper():
        return spelt.place.end
    return len(text) - len(text[spelt.place.end :].lstrip())


def beginning(text: str, span: Span) -> Spelt | None:
    """Return the foreign spelling that begins where a name stands."""
    spelt = (one for record in FOREIGN for one in record.matches(text, span.start, span.end + _WINDOW))
    return next((one for one in spelt if one.span.start == span.start and one.place.end >= span.end), None)


def translated(text: str) -> str:
    """Return a text with the foreign spellings in it as they are written here, where one can be put in their place."""
    from rulelang.syntax.foreign.record import arguments_translated

    return arguments_translated(text, FOREIGN)
