"""Inlay hints: what counts, durations and rates come to, and when a rule can first be known."""

from collections.abc import Iterator

from attrs import frozen

from rulelang.editor.analysis import Analysis
from rulelang.editor.knowledge import knowledge
from rulelang.editor.notes import notes
from rulelang.text import Span


@frozen
class Hint:
    """A few words to show behind an offset, and a sentence that explains them."""

    offset: int
    text: str
    tooltip: str


def hints(analysis: Analysis, span: Span | None = None) -> tuple[Hint, ...]:
    """Return the hints for a stretch of text (`None`: all of it), in their order."""
    return tuple(sorted(_hints(analysis, span or Span(0, len(analysis.source.text))), key=lambda hint: hint.offset))


def _hints(analysis: Analysis, span: Span) -> Iterator[Hint]:
    k = knowledge(analysis)
    for statement in k.statements(span):
        for note in notes(k, statement):
            if span.start <= note.span.end <= span.end and not note.plain:
                yield Hint(note.span.end, note.short, note.sentence)
