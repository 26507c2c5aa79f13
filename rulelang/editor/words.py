"""The words of a text and the part that each plays, found without a tree, so that a broken statement has them too."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from attrs import define

from rulelang.syntax.statements import STARTERS, cut
from rulelang.syntax.vocabulary import CURRENCIES, KEYWORDS
from rulelang.text import Source, Span

DECLARING = ("field", "event", "param", "let", "target", "rule", "test")
"""The words that a new name follows."""

_WORD = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>"[^"\n]*"?)
    |(?P<time>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?|(?![\w.])))
    |(?P<percent>\d[\d_]*(?:\.\d[\d_]*)?%)
    |(?P<duration>\d[\d_]*[mhdwy](?![A-Za-z0-9_]))
    |(?P<asset>\d*[A-Z][A-Z0-9]*(?![a-z_]))
    |(?P<number>\d[\d_]*(?:\.\d[\d_]*)?)
    |(?P<name>[a-z][a-z0-9_]*)
    |(?P<sign>>=|<=|\.\.|[^\s\w])
    |(?P<odd>\w+)""",
    re.VERBOSE,
)
_HOLE = re.compile(r"\{([^{}]*)\}?")
_VALUES = ("time", "percent", "duration", "asset", "number", "name")
_ENDING = ("missing", "known", "active", "periods", "period", "up", "down")
"""Words of the language that end a value or condition: a word behind them joins it to something."""

_TARGET_WORDS = ("change", "step", "cooldown", "up", "down")
_TEST_WORDS = ("x", "to", "restart")


class Word(NamedTuple):
    """A word, number, sign, text or comment, and its part.

    `part`: `keyword number unit time string comment sign odd asset function member field rule param let target event
    test kind word`, or where only the names of the file can tell: `value` (of whatever kind), `anchor` (an event or
    a value), `item` (of a test's series: a word of the field `owner`, or a value). `owner`: the target of a member,
    the asset of a field, the field of a word. `declares`: the name is declared here.
    """

    span: Span
    text: str
    part: str
    owner: str = ""
    declares: bool = False

    def moved(self, by: int) -> "Word":
        """Return the word so many characters further on."""
        return self._replace(span=Span(self.span.start + by, self.span.end + by))


class _Raw(NamedTuple):
    """A word before its part is known."""

    form: str
    text: str
    start: int


_NOTHING = _Raw("", "", 0)


@lru_cache(16_384)
def words(text: str) -> tuple[Word, ...]:
    """Return the words of one statement's text, comments included, in their order."""
    raw = [_Raw(match.lastgroup or "odd", match[0], match.start()) for match in _WORD.finditer(text)]
    parts = iter(_Parts([one for one in raw if one.form != "comment"]).all())
    found: list[Word] = []
    for one in raw:
        span = Span(one.start, one.start + len(one.text))
        found += [Word(span, one.text, "comment")] if one.form == "comment" else next(parts)
    return tuple(found)


class _Parts:
    """Tells the part of each word of a statement from those around it."""

    def __init__(self, raw: list[_Raw]) -> None:
        self.raw = raw
        self.starter = raw[0].text if raw and raw[0].text in STARTERS else ""
        self.depth = 0
        self.acting = self.starter == "otherwise"  # within actions
        self.given = ""  # the field whose values are listed
        self.nameable: list[bool] = []  # whether a word is no keyword, as far as they are done

    def all(self) -> Iterator[list[Word]]:
        """Yield the words that each raw one makes."""
        for at, one in enumerate(self.raw):
            made = self._made(at, one)
            self.nameable.append(made[0].part != "keyword")
            self._follow(one, made[0])
            yield made

    def _follow(self, one: _Raw, word: Word) -> None:
        """Note what the words behind this one have to know of it."""
        if one.text in ("(", ")"):
            self.depth = max(0, self.depth + (1 if one.text == "(" else -1))
        elif word.part == "keyword":
            if one.text in ("then", "when", "until", "because"):
                self.acting = one.text == "then"
            elif one.text in ("given", "expect"):
                self.given = ""

    def at(self, at: int) -> _Raw:
        """Return a raw word, or an empty one beyond the ends."""
        return self.raw[at] if 0 <= at < len(self.raw) else _NOTHING

    def _made(self, at: int, one: _Raw) -> list[Word]:
        start, end = one.start, one.start + len(one.text)
        match one.form:
            case "name":
                return [self._name(at, one, Span(start, end))]
            case "percent" | "duration":
                number, unit = Span(start, end - 1), Span(end - 1, end)
                return [Word(number, one.text[:-1], "number"), Word(unit, one.text[-1], "unit")]
            case "asset":
                part = "unit" if one.text in CURRENCIES and self.at(at - 1).form == "number" else "asset"
                return [Word(Span(start, end), one.text, part, declares=self.starter == "assets")]
            case "string":
                return _pieces(one) if self.starter != "use" else [Word(Span(start, end), one.text, "string")]
            case form:
                return [Word(Span(start, end), one.text, form)]

    # --- names

    def _name(self, at: int, one: _Raw, span: Span) -> Word:
        word, before = one.text, self.at(at - 1).text
        if before == ".":
            return self._qualified(at, one, span)
        if at == 1 and self.starter in DECLARING:
            taken = word in KEYWORDS and not KEYWORDS[word].nameable
            return Word(span, word, "keyword" if taken else self.starter, declares=not taken)
        if word in KEYWORDS and (not KEYWORDS[word].nameable or self._joins(at, word, before)):
            return Word(span, word, "keyword")
        if self._is_target(at, before):
            return Word(span, word, "target")
        if self.starter == "test" and (found := self._tested(at, one, span, before)) is not None:
            return found
        if self.starter == "field" and before in (":", "|"):
            several = "|" in (before, self.at(at + 1).text)
            return Word(span, word, "word" if several else "kind", self.at(1).text, declares=several)
        return Word(span, word, *self._value(at, before))

    def _qualified(self, at: int, one: _Raw, span: Span) -> Word:
        owner = self.at(at - 2)
        if owner.form != "asset":
            return Word(span, one.text, "member", owner.text)
        head = self.at(at - 3).text if self.starter == "test" else ""
        part = {"active": "rule", "expect": "target"}.get(head, "field")
        if head == "given":
            self.given = one.text
        return Word(span, one.text, part, owner.text)

    def _value(self, at: int, before: str) -> tuple[str, str]:
        behind = self.at(at + 1).text
        if behind == ".":
            return "target", ""
        if before == "is":
            return "word", self._asked(at - 2)
        if behind == "is" and self.at(at + 2).text == "active":
            return "rule", ""
        if before in ("before", "after") and behind not in ("+", "-", "*", "/", "@"):
            return "anchor", ""
        return ("function", "") if behind == "(" else ("value", "")

    def _asked(self, at: int) -> str:
        return self.at(at).text if self.at(at).form == "name" else ""

    def _is_target(self, at: int, before: str) -> bool:
        if before in ("increase", "reduce", "freeze") and not self.nameable[at - 1]:
            return True
        if not self.acting or self.depth:
            return False
        if self.starter == "otherwise" and self.at(at - 1).form == "asset":
            return self.at(at - 2).text in ("on", "but", ",")
        return before in ("then", ",", "otherwise") and not (before == "then" and self.nameable[at - 1])

    def _tested(self, at: int, one: _Raw, span: Span, before: str) -> Word | None:
        """Return a name that stands where only a test has one."""
        if before in ("given", "expect", "event", "param", "active") and not self.nameable[at - 1]:
            if self.at(at + 1).text == ".":
                return Word(span, one.text, "target")
            if before == "given":
                self.given = one.text
            part = {"given": "field", "expect": "target", "active": "rule"}.get(before, before)
            return Word(span, one.text, part)
        if self.given and self.depth == 0:
            return Word(span, one.text, "item", self.given)
        if before in ("=", ",") and self.depth == 0 and one.text in ("yes", "no"):
            return Word(span, one.text, "word")
        return None

    def _joins(self, at: int, word: str, before: str) -> bool:
        """Say whether a word that may be a name is one of the language here."""
        behind = self.at(at + 1).text
        match word:
            case "once" | "least" | "most":
                return before == "at"
            case "exposure" | "level":
                counted = ("periods", "period")
                return before == "of" and behind not in counted and self.at(at - 2).text not in counted
            case "all":
                return before == "on"
            case "but":
                return before == "all" and self.at(at - 2).text == "on"
            case _:
                own = {"target": _TARGET_WORDS, "test": _TEST_WORDS}.get(self.starter, ())
                return word in own and self._ended(at - 1)

    def _ended(self, at: int) -> bool:
        """Say whether a value ends with a word, so that no other one can follow it."""
        one = self.at(at)
        if one.form == "name" and not self.nameable[at]:
            return one.text in _ENDING
        return one.form in _VALUES or one.text == ")" or (one.form == "string" and self.starter == "test")


def _pieces(one: _Raw) -> list[Word]:
    """Return a text as what is plain in it, and the words in its braces."""
    found: list[Word] = []
    plain = 0
    for match in _HOLE.finditer(one.text):
        found.append(_plain(one, plain, match.start(1)))
        found += [word.moved(one.start + match.start(1)) for word in words(match[1])]
        plain = match.end(1)
    return [*found, _plain(one, plain, len(one.text))] if plain < len(one.text) else found


def _plain(one: _Raw, start: int, end: int) -> Word:
    return Word(Span(one.start + start, one.start + end), one.text[start:end], "string")


@define(eq=False, slots=False)
class Page:
    """The text of one file as stretches of one statement each."""

    source: Source

    @cached_property
    def starts(self) -> list[int]:
        """Where the stretches begin; the first one is what stands before all statements."""
        pieces, _ = cut(self.source.text)
        found = [piece.start for piece in pieces]
        return found if found[:1] == [0] else [0, *found]

    def stretch(self, at: int) -> Span:
        """Return the place of a stretch."""
        end = self.starts[at + 1] if at + 1 < len(self.starts) else len(self.source.text)
        return Span(self.starts[at], end)

    def around(self, offset: int) -> Span:
        """Return the stretch that an offset lies in."""
        return self.stretch(max(0, bisect_right(self.starts, offset) - 1))

    def words(self, span: Span | None = None) -> Iterator[Word]:
        """Yield the words of all stretches that touch a span, in their order."""
        first = 0 if span is None else max(0, bisect_right(self.starts, span.start) - 1)
        for at in range(first, len(self.starts)):
            start, end = self.stretch(at)
            if span is not None and start > span.end:
                return
            for word in words(self.source.text[start:end]):
                yield word.moved(start)

    def word(self, offset: int) -> Word | None:
        """Return the word at an offset: the one that begins there or goes on, else the one that ends there."""
        stretch = self.around(offset)
        relative = offset - stretch.start
        found = [
            word
            for word in words(self.source.text[stretch.start : stretch.end])
            if word.span.start <= relative <= word.span.end
        ]
        named = [word for word in found if word.part not in ("sign", "string")] or found
        return max(named, key=lambda word: word.span.start).moved(stretch.start) if named else None

    def called(self, name: str) -> Iterator[Word]:
        """Yield the words that read so."""
        done = 0
        for match in re.finditer(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", self.source.text):
            if match.start() >= done:
                start, done = self.around(match.start())
                found = words(self.source.text[start:done])
                yield from (word.moved(start) for word in found if word.text == name)
