"""Repairs that are certain: made, checked again, and taken back where a mistake came of them."""

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from rulelang.check.checker import Checking
from rulelang.syntax import readable
from rulelang.syntax.statements import cut
from rulelang.text import Diagnostic, Fix, Severity, Source, Span

_STRANGER = "RL101"


@frozen
class Repair:
    """A repair that was made, and the mistake that it mends, as it stood when the repair was made."""

    diagnostic: Diagnostic
    fix: Fix


@frozen
class Repaired:
    """A file with every certain repair made: its text, what checking says of it now, and the repairs in their order."""

    source: Source
    checking: Checking
    repairs: tuple[Repair, ...] = ()


def repaired(source: Source, check: Callable[[Source], Checking]) -> Repaired:
    """Make every certain repair of a file, again and again until none is left; used files stay as they are.

    No statement without a mistake has one afterwards, and none that could be read has more than before.
    """
    state = Repaired(source, check(source))
    while (following := _round(state, check)) is not None:
        state = following
    return state


def _round(state: Repaired, check: Callable[[Source], Checking]) -> Repaired | None:
    """Make all repairs that don't overlap, or where they do harm together the first that does none by itself."""
    chosen = list(_apart(_certain(state)))
    for group in filter(None, (chosen, *([one] for one in chosen))):
        source = Source(state.source.name, _applied(state.source.text, group))
        checking = check(source)
        if not _worse(_Counts(state.source, state.checking), _Counts(source, checking), group):
            return Repaired(source, checking, (*state.repairs, *group))
    return None


def _certain(state: Repaired) -> Iterator[Repair]:
    for diagnostic in state.checking.diagnostics:
        if diagnostic.source == state.source and len(diagnostic.fixes) == 1 and diagnostic.fixes[0].certain:
            yield Repair(diagnostic, diagnostic.fixes[0])


def _apart(repairs: Iterator[Repair]) -> Iterator[Repair]:
    """Yield repairs in the order of the text, without those that overlap one before."""
    end = -1
    for one in sorted(repairs, key=lambda repair: repair.fix.span):
        if one.fix.span.start > end:
            yield one
            end = one.fix.span.end


def _applied(text: str, repairs: Sequence[Repair]) -> str:
    for one in reversed(repairs):
        text = text[: one.fix.span.start] + one.fix.text + text[one.fix.span.end :]
    return text


class _Counts:
    """What is wrong with each statement: how many errors, and how many characters before its end reading stopped."""

    def __init__(self, source: Source, checking: Checking) -> None:
        self.starts = [0, *(piece.start for piece in cut(readable(source.text))[0])]
        self.ends = [*self.starts[1:], len(source.text)]
        self.texts = [source.text[start:end] for start, end in zip(self.starts, self.ends, strict=True)]
        self.errors = [0] * len(self.starts)
        self.elsewhere = 0
        self.unread: dict[int, int] = {}
        for one in checking.diagnostics:
            if one.severity is Severity.ERROR:
                self._count(one, source)

    def _count(self, error: Diagnostic, source: Source) -> None:
        if error.source != source:
            self.elsewhere += 1
            return
        at = self.statement(error.span)
        self.errors[at] += 1
        if error.code.startswith("RL1"):
            left = self.ends[at] - (0 if error.code == _STRANGER else error.span.end)
            self.unread[at] = max(left, self.unread.get(at, 0))

    def statement(self, span: Span) -> int:
        """Return which statement a place lies in."""
        return bisect(self.starts, span.start) - 1


def _worse(before: _Counts, after: _Counts, made: Sequence[Repair]) -> bool:
    """Say whether repairs did harm. What comes to light in a statement that can be read further is none."""
    if after.elsewhere > before.elsewhere:
        return True
    if len(after.starts) != len(before.starts):
        return _cut_worse(before, after)
    touched = {before.statement(one.fix.span) for one in made}
    return any(_harmed(before, after, at, at in touched) for at in range(len(before.starts)))


def _cut_worse(before: _Counts, after: _Counts) -> bool:
    """Say whether repairs did harm that make more statements of one, as of `if …`: all of it has to be read further."""
    whole = {text: errors for text, errors in zip(before.texts, before.errors, strict=True) if not errors}
    if any(errors for text, errors in zip(after.texts, after.errors, strict=True) if text in whole):
        return True
    return sum(after.unread.values()) >= sum(before.unread.values())


def _harmed(before: _Counts, after: _Counts, at: int, touched: bool) -> bool:
    if at not in before.unread:
        return after.errors[at] > before.errors[at] or at in after.unread
    if not touched or at not in after.unread:
        return False
    return after.errors[at] >= before.errors[at] and after.unread[at] >= before.unread[at]
