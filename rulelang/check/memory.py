"""What came of each statement when a text was last checked, so that a changed text is checked where it changed.

What comes of a statement depends on its words, and on what the file declares under them. So it is recalled, not found
out anew, where the statement stands as it stood, and nothing that it names was touched since.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from attrs import define, evolve, field, fields

from rulelang.check.checked import Node
from rulelang.check.uses import Placed
from rulelang.functions import FUNCTIONS
from rulelang.syntax import Kept, tree
from rulelang.syntax.characters import strangers, without
from rulelang.text import TOP, Diagnostic, Source, Span

Key = tuple[int, Hashable]
"""A statement, by its identity, and which work on it."""

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_MOST = 100
"""After so many nodes for each statement all are forgotten: most of them are of earlier texts."""


@define(eq=False)
class Findings:
    """What comes of a piece of work, in its order: nodes and rules, needs, diagnostics, meanings, names.

    `parts`: work done within it, and where in its order and needs that stands; in `heard` it stands for all of its own.
    `wide`: it asked for all names, to find the one that was meant. `tainted`: it depends on where it was done.
    """

    order: list[Any] = field(factory=list)
    needs: list[Any] = field(factory=list)
    heard: list[Any] = field(factory=list)
    parts: list[tuple[int, int, "Unit"]] = field(factory=list)
    meanings: dict[tuple[int, int | None, str | None], Node] = field(factory=dict)
    done: dict[Any, Any] = field(factory=dict)
    reads: set[str] = field(factory=set)
    used: set[str] = field(factory=set)
    wide: bool = False
    tainted: bool = False

    def add(self, unit: "Unit") -> None:
        """Take what came of a part of the work."""
        self.parts.append((len(self.order), len(self.needs), unit))
        self.heard.append(unit)
        self.tainted |= unit.findings.tainted


@define(eq=False)
class Unit:
    """A piece of work that was done on a statement, which began at `start` then, and what came of it.

    `shape`: which names there were.
    """

    key: Key
    start: int
    shape: int
    findings: Findings
    result: Any = None


@define(eq=False)
class Recall:
    """What is known from the last time for one binding of the params; `fresh`: the statements to look at anew.

    `apart`: it is about tests, which ask for lets from below them.
    """

    interned: dict[tuple[object, ...], Node] = field(factory=dict)
    units: dict[Key, Unit] = field(factory=dict)
    placed: dict[int, Placed] = field(factory=dict)
    words: dict[int, frozenset[str]] = field(factory=dict)
    fresh: set[int] = field(factory=set)
    changed: set[str] = field(factory=set)
    around: object = None
    called: Mapping[str, int] = field(factory=dict)
    unread: frozenset[str] = frozenset()
    beside: object = None
    apart: bool = False
    _shapes: dict[object, int] = field(factory=dict)
    _before: Sequence[Placed] = ()

    def begin(
        self, statements: Sequence[Placed], around: object, called: Mapping[str, int], unread: frozenset[str]
    ) -> None:
        """Find out what changed.

        `around`: what all statements depend on, `called`: the rule of each rule's name, `unread`: names declared where
        reading failed.
        """
        if around != self.around or len(self.interned) > _MOST * (len(statements) + 100):
            self.interned, self.units, self.words, self._shapes, self._before = {}, {}, {}, {}, ()
        old, new = self._apart(statements)
        self.fresh = {id(one.statement) for one in new}
        self.changed = {name for one in (*old, *new) if (name := declared(one.statement)) is not None}
        self.changed |= {name for name, _ in called.items() ^ self.called.items()} | (unread ^ self.unread)
        self.placed = {id(one.statement): one for one in statements}
        self.words = {at: words for at, words in self.words.items() if at in self.placed and at not in self.fresh}
        self.around, self.called, self.unread, self._before = around, called, unread, statements

    def follow(self, other: "Recall") -> None:
        """Take what another one found out of what changed."""
        if other.interned is not self.beside:
            self.interned, self.units, self.beside = {}, {}, other.interned
        self.placed, self.fresh, self.changed = other.placed, other.fresh, other.changed

    def _apart(self, statements: Sequence[Placed]) -> tuple[Sequence[Placed], Sequence[Placed]]:
        """Return the statements between those that stand as they stood at the beginning and at the end: old and new."""
        old, new = self._before, statements
        first, most = 0, min(len(old), len(new))
        while first < most and old[first].statement is new[first].statement:
            first += 1
        last = 0
        while last < most - first and old[-1 - last].statement is new[-1 - last].statement:
            last += 1
        return old[first : len(old) - last], new[first : len(new) - last]

    def look(self, placed: Placed) -> None:
        """Say that a statement is to be looked at anew if it names what changed; so has what it declares, then."""
        known = id(placed.statement)
        if known not in self.fresh:
            words = self.words.get(known)
            if words is None:
                self.words[known] = words = _words(placed)
            if words.isdisjoint(self.changed):
                return
            self.fresh.add(known)
        if (name := declared(placed.statement)) is not None:
            self.changed.add(name)

    def shape(self, before: int, statement: tree.Statement, broken: bool) -> int:
        """Return the number of the names that there are behind a statement that declares one."""
        return self._numbered((before, type(statement), declared(statement), broken))

    def shape_of(self, names: object) -> int:
        """Return the number of the names that there are before all statements."""
        return self._numbered(names)

    def _numbered(self, what: object) -> int:
        return self._shapes.setdefault(what, len(self._shapes))

    def known(self, key: Key, shape: int) -> Unit | None:
        """Return what came of a piece of work, where that still holds."""
        unit = self.units.get(key) if key[0] not in self.fresh else None
        if unit is None or unit.findings.tainted or (unit.findings.wide and unit.shape != shape):
            return None
        return unit

    def moved(self, diagnostic: Diagnostic, unit: Unit) -> Diagnostic:
        """Return a diagnostic where its statement stands now."""
        placed = self.placed[unit.key[0]]
        by = placed.statement.span.start - unit.start
        if not by and diagnostic.source is placed.source:
            return diagnostic
        fixes = tuple(fix if fix.span is TOP else evolve(fix, span=_moved(fix.span, by)) for fix in diagnostic.fixes)
        return evolve(diagnostic, source=placed.source, span=_moved(diagnostic.span, by), fixes=fixes)


@define(eq=False)
class Memory:
    """What is known of a text from the last time that it was checked: its statements, and what came of each."""

    files: dict[tuple[str, int], Kept] = field(factory=dict)
    recalls: dict[str | None, Recall] = field(factory=dict)
    tests: dict[str | None, Recall] = field(factory=dict)

    def file(self, path: str, number: int) -> Kept:
        """Return what is known of a file's text, `number`: how often it was used before in the same text."""
        return self.files.setdefault((path, number), Kept())

    def recall(self, asset: str | None) -> Recall:
        """Return what is known of the elaboration for an asset."""
        return self.recalls.setdefault(asset, Recall())

    def recall_of_tests(self, asset: str | None) -> Recall:
        """Return what is known of the tests in the elaboration for an asset."""
        return self.tests.setdefault(asset, Recall(apart=True))


def declared(statement: tree.Statement) -> str | None:
    """Return the name that a statement declares."""
    name = getattr(statement, "name", None)
    return name.text if isinstance(name, tree.Name) else None


def _words(placed: Placed) -> frozenset[str]:
    """Return every word of a statement, and the fields that it reads without naming them."""
    written = placed.source.excerpt(placed.statement.span)
    written = without(written, list(strangers(written)))
    words = set(_WORD.findall(written))
    for function in words & FUNCTIONS.keys():
        words.update(FUNCTIONS[function].reads)
    if "price" in words:  # of a target: `close` when it changed
        words.add("close")
    return frozenset(words)


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def unfolded(findings: Findings) -> tuple[list[Any], list[Any]]:
    """Return the nodes and rules, and the needs, that came of work in its order, each part of it once."""
    order: list[Any] = []
    needs: list[Any] = []
    seen: set[int] = set()
    open_ = [(findings, iter(findings.parts), 0, 0)]
    while open_:
        found, parts, placed, needed = open_.pop()
        for to, upto, unit in parts:
            if id(unit) in seen:
                continue
            seen.add(id(unit))
            order += found.order[placed:to]
            needs += found.needs[needed:upto]
            placed, needed = to, upto
            if not unit.findings.parts:
                order += unit.findings.order
                needs += unit.findings.needs
                continue
            open_ += [(found, parts, to, upto), (unit.findings, iter(unit.findings.parts), 0, 0)]
            break
        else:
            order += found.order[placed:]
            needs += found.needs[needed:]
    return order, needs


def same_source(result: Any, source: Source) -> Any:
    """Return a checked record of a statement with the source in which that stands now; it ends with the source."""
    if result is None or result.source is source:
        return result
    kind: Any = type(result)
    return kind(*_but_the_source(kind)(result), source)


@cache
def _but_the_source(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives all of a record but its last field: `evolve` takes several times as long."""
    *names, last = (attribute.name for attribute in fields(kind))
    assert last == "source"
    return attrgetter(*names)
