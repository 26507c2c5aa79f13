"""The outline of a rule file: its statements by name, and the stretches that fold away."""

from collections.abc import Iterator

from attrs import frozen

from rulelang.editor.analysis import Analysis
from rulelang.syntax import tree
from rulelang.text import Source, Span

_SHOWN = 60
"""The longest piece of a statement that is shown beside its name."""


@frozen
class Symbol:
    """A statement in the outline: what starts it (`rule`, `let` …), its name, and what it says in short.

    `name_span`: where its name stands, or its first word.
    """

    word: str
    name: str
    detail: str
    span: Span
    name_span: Span


@frozen
class Fold:
    """A stretch that folds: from one line to another (from 0, both included)."""

    first: int
    last: int
    comment: bool


def symbols(analysis: Analysis) -> Iterator[Symbol]:
    """Yield the statements of a text in their order."""
    for statement in analysis.file.statements:
        yield _symbol(statement, analysis.source)


def _symbol(statement: tree.Statement, source: Source) -> Symbol:
    match statement:
        case tree.Rule():
            return _rule(statement, source)
        case tree.Let():
            return _named("let", statement.name, _short(source, statement.value.span), statement.span)
        case tree.Param():
            return _named("param", statement.name, _short(source, statement.value.span), statement.span)
        case tree.Target() | tree.FieldDeclaration() | tree.Event() | tree.Test():
            word = {"FieldDeclaration": "field"}.get(type(statement).__name__, type(statement).__name__.lower())
            return _named(word, statement.name, _behind(source, statement), statement.span)
        case tree.Use():
            return Symbol("use", statement.path, "", statement.span, statement.path_span)
        case _:
            word = type(statement).__name__.lower()
            start = statement.span.start
            rest = _short(source, Span(start + len(word), statement.span.end))
            return Symbol(word, word, rest, statement.span, Span(start, start + len(word)))


def _rule(rule: tree.Rule, source: Source) -> Symbol:
    condition = _short(source, rule.condition.span)
    if rule.name is None:
        return Symbol("rule", f"when {condition}", "", rule.span, rule.when)
    return _named("rule", rule.name, condition, rule.span)


def _named(word: str, name: tree.Name, detail: str, span: Span) -> Symbol:
    return Symbol(word, name.text, detail, span, name.span)


def _behind(source: Source, statement: tree.Target | tree.FieldDeclaration | tree.Event | tree.Test) -> str:
    """Return what stands behind a statement's name; of a test nothing, as it is long."""
    if isinstance(statement, tree.Test):
        return ""
    return _short(source, Span(statement.name.span.end, statement.span.end))


def _short(source: Source, span: Span) -> str:
    words = " ".join(source.text[span.start : min(span.end, span.start + 4 * _SHOWN)].split())
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"


def folds(analysis: Analysis) -> Iterator[Fold]:
    """Yield what folds: statements and blocks of comments of several lines."""
    line = analysis.source.position
    for statement in analysis.file.statements:
        first, last = line(statement.span.start).line - 1, line(statement.span.end).line - 1
        if last > first:
            yield Fold(first, last, comment=False)
    yield from _comments(analysis)


def _comments(analysis: Analysis) -> Iterator[Fold]:
    """Yield the blocks of comments that have lines of their own."""
    block: list[int] = []
    for comment in analysis.file.comments:
        line, column = analysis.source.position(comment.span.start)
        if analysis.source.line(line)[: column - 1].strip():
            continue
        if block and line - 1 != block[-1] + 1:
            yield from _block(block)
            block = []
        block.append(line - 1)
    yield from _block(block)


def _block(lines: list[int]) -> Iterator[Fold]:
    if len(lines) > 1:
        yield Fold(lines[0], lines[-1], comment=True)
