"""The record of a foreign spelling, and how it is found in a text."""

import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cached_property

from attrs import define, frozen

from rulelang.text import Fix, Span

_SHOWN = 48
_PREFIX = r"(?<![\w.])(?:(?:ta|math|talib|qtpylib|np|pd|tf)\.)?"
"""Families of functions: other languages write `ta.rsi`."""


class Offer(Enum):
    """How sure it is what a spelling means here."""

    SURE = "it can mean nothing else, so it is mended without asking"
    LIKELY = "most likely this is meant: it is offered"
    TOLD = "there is nothing to put in its place: it is said how one goes about it here"


SURE, LIKELY, TOLD = Offer.SURE, Offer.LIKELY, Offer.TOLD
Match = re.Match[str]


@define(eq=False)
class Foreign:
    """A spelling of other languages, ours, and why ours is another one.

    A spelling with parentheses, `crossover(a, b)`, is a call by any of its `names`: its arguments stand in `ours` too.
    Others are found by `pattern`, and become `made` (a template of its groups, or what makes the text) or `ours`.
    `behind` is what has to stand before; `code` is the code of the diagnostic.
    """

    spelling: str
    ours: str
    why: str = ""
    offer: Offer = SURE
    pattern: str = ""
    made: str | Callable[[Match], str] | None = None
    behind: str = ""
    names: tuple[str, ...] = ()
    code: str = "RL104"

    @property
    def is_call(self) -> bool:
        """Whether it is found as a call with arguments."""
        return not self.pattern and self.spelling.endswith(")")

    @cached_property
    def found_by(self) -> re.Pattern[str]:
        """What finds it: of a call its name with the parenthesis."""
        if self.is_call:
            names = "|".join(map(re.escape, self.names or (self.spelling.partition("(")[0],)))
            return re.compile(rf"{_PREFIX}(?:{names})\s*\(")
        return re.compile(self.pattern or rf"(?<![\w.]){re.escape(self.spelling)}(?![\w(])")

    def matches(self, text: str, start: int, end: int) -> "Iterator[Spelt]":
        """Yield where it stands in a part of a text, and what is to stand there."""
        for match in self.found_by.finditer(text, start, end):
            if self.behind and not re.search(
                rf"(?:{self.behind})\s*$", text[max(0, match.start() - 60) : match.start()]
            ):
                continue
            spelt = self._call(text, match, end) if self.is_call else self._plain(match)
            if spelt is not None and spelt.theirs.split() != spelt.ours.split():
                yield spelt

    def _plain(self, match: Match) -> "Spelt":
        made = self.made(match) if callable(self.made) else self.ours if self.made is None else match.expand(self.made)
        blanks = len(match[0]) - len(match[0].lstrip())
        theirs = match[0].strip()
        start = match.start() + blanks
        return Spelt(self, Span(start, start + len(theirs)), Span(*match.span()), theirs, made)

    def _call(self, text: str, match: Match, end: int) -> "Spelt | None":
        parameters = re.findall(r"\w+", self.spelling.partition("(")[2])
        found = arguments(text, match.end(), end)
        if found is None or len(found[0]) != len(parameters):
            return None
        if any(name == "n" and one.startswith("-") for name, one in zip(parameters, found[0], strict=True)):
            return None  # a window is no negative number, and there is no future to ask
        given = dict(zip(parameters, map(plain, found[0]), strict=True))
        ours = self.ours if self.offer is TOLD else re.sub(r"\b[a-z]\b", lambda m: given.get(m[0], m[0]), self.ours)
        span = Span(match.start(), found[1])
        return Spelt(self, span, span, text[span.start : span.end], ours)


@frozen(eq=False)
class Spelt:
    """A foreign spelling found in a text, and what is written here in its `place`, blanks around it included."""

    record: Foreign
    span: Span
    place: Span
    theirs: str
    ours: str

    @property
    def message(self) -> str:
        """What a diagnostic says of it."""
        theirs, ours = _short(self.theirs), _short(self.ours.strip())
        if self.record.offer is TOLD:
            return f"`{theirs}` doesn't exist here: {self.record.ours}"
        if not ours:
            return f"`{theirs}` has no place here: leave it out"
        return f"`{theirs}` is written `{ours}` here"

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """Its repair, where there is something to put in its place."""
        if self.record.offer is TOLD:
            return ()
        (start, end), ours = self.place, self.ours
        if start < self.span.start and ours[:1] == " ":  # blanks that are there stay
            start, ours = self.span.start, ours.lstrip()
        if end > self.span.end and ours[-1:] == " ":
            end, ours = self.span.end, ours.rstrip()
        return (Fix(ours, Span(start, end), self.record.offer is SURE),)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def arguments(text: str, start: int, end: int) -> tuple[list[str], int] | None:
    """Return the arguments that begin behind a parenthesis, and where the call ends; `None` where it doesn't."""
    depth, at, found = 0, start, []
    for match in re.compile(r"[(),\n\"#]|\[|\]").finditer(text, start, end):
        if match[0] in ("#", '"'):
            return None
        if depth == 0 and match[0] in (",", ")"):
            found.append(text[at : match.start()].strip())
            at = match.end()
            if match[0] == ")":
                return found, at
        depth += (match[0] in ("(", "[")) - (match[0] in (")", "]"))
    return None


def plain(text: str) -> str:
    """Return an argument of a foreign call without what is foreign in it."""
    from rulelang.syntax.foreign import IN_CALLS

    return arguments_translated(text, IN_CALLS)


def arguments_translated(text: str, table: "tuple[Foreign, ...]") -> str:
    """Return a text with the spellings of a table put as they are written here, one after the other."""
    for _ in range(20):
        spelt = (one for record in table for one in record.matches(text, 0, len(text)) if record.offer is not TOLD)
        first = next(spelt, None)
        if first is None:
            break
        text = text[: first.place.start] + first.ours + text[first.place.end :]
    return text
