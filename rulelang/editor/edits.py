"""Changes that the server proposes: the checker's own repairs, all certain ones at once, and the canonical layout."""

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from attrs import frozen

from rulelang.check import Checking
from rulelang.check.repairs import repaired
from rulelang.editor.analysis import Analysis
from rulelang.syntax.formatter import formatted
from rulelang.text import Diagnostic, Fix, RuleError, Source, Span

_MANY = 2_000
"""Texts that differ in more lines than this are replaced there as a whole."""


@frozen
class Edit:
    """A text in the place of a span."""

    span: Span
    text: str


@frozen
class Repair:
    """A repair of one mistake; `sure`: it is the only one, and what the author must have meant."""

    title: str
    diagnostic: Diagnostic
    edit: Edit
    sure: bool


def repairs(analysis: Analysis, span: Span) -> Iterator[Repair]:
    """Yield the repairs of the mistakes that a span touches."""
    for one in analysis.diagnostics:
        if one.source is analysis.source and one.span.start <= span.end and span.start <= one.span.end:
            for fix in one.fixes:
                sure = len(one.fixes) == 1 and fix.certain
                yield Repair(_title(fix, analysis.source), one, Edit(fix.span, fix.text), sure)


def _title(fix: Fix, source: Source) -> str:
    before, after = (" ".join(text.split()) for text in (source.excerpt(fix.span), fix.text))
    if not after:
        return f"remove `{before}`" if before else "remove the blanks"
    return f"replace `{before}` by `{after}`" if before else f"insert `{after}`"


def is_repairable(analysis: Analysis) -> bool:
    """Say whether a text has a mistake with one certain repair."""
    found = (one.fixes for one in analysis.diagnostics if one.source is analysis.source)
    return any(len(fixes) == 1 and fixes[0].certain for fixes in found)


def repair_all(source: Source, check: Callable[[Source], Checking]) -> list[Edit]:
    """Return the changes that make every certain repair, as `rulelang check --fix` does."""
    return differences(source.text, repaired(source, check).source.text)


def layout(source: Source) -> list[Edit]:
    """Return the changes that bring a text into its canonical layout; none where it has mistakes of syntax."""
    try:
        return differences(source.text, formatted(source))
    except RuleError:
        return []


def layout_of(source: Source, lines: range) -> list[Edit]:
    """Return those changes of the layout that touch some lines (from 0)."""
    touched = []
    for edit in layout(source):
        first, last = (source.position(at).line - 1 for at in edit.span)
        if first < lines.stop and max(last, first + 1) > lines.start:
            touched.append(edit)
    return touched


def differences(before: str, after: str) -> list[Edit]:
    """Return the changes, line by line, that make one text of another."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    first = _same(old, new)
    last = _same(old[first:][::-1], new[first:][::-1])
    start = sum(map(len, old[:first]))
    return list(_changes(old[first : len(old) - last], new[first : len(new) - last], start))


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _changes(old: Sequence[str], new: Sequence[str], start: int) -> Iterator[Edit]:
    if max(len(old), len(new)) > _MANY:
        yield Edit(Span(start, start + sum(map(len, old))), "".join(new))
        return
    for what, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        end = start + sum(map(len, old[i:j]))
        if what != "equal":
            yield Edit(Span(start, end), "".join(new[k:m]))
        start = end
