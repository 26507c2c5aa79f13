"""What the rooms know, in the protocol's words: positions, diagnostics, edits, symbols, folds."""

from collections.abc import Iterable, Mapping

from lsprotocol import types

from rulelang.editor.documents import Document
from rulelang.editor.edits import Edit, Repair
from rulelang.editor.outline import Fold, Symbol
from rulelang.editor.positions import Positions
from rulelang.syntax import tree
from rulelang.text import Diagnostic, Severity, Span

SOURCE = "rulelang"
TESTS = "rulelang test"

_SEVERITIES = {Severity.ERROR: types.DiagnosticSeverity.Error, Severity.WARNING: types.DiagnosticSeverity.Warning}
_NEEDLESS = ("RL210",)
"""The codes of what changes nothing: an editor shows it faded."""

_TAKEN = ("RL202", "RL207")
"""The codes of mistakes with a name that is declared elsewhere too."""

_KINDS = {
    "rule": types.SymbolKind.Function,
    "let": types.SymbolKind.Variable,
    "param": types.SymbolKind.Constant,
    "target": types.SymbolKind.Property,
    "field": types.SymbolKind.Field,
    "event": types.SymbolKind.Event,
    "test": types.SymbolKind.Method,
    "otherwise": types.SymbolKind.Function,
    "use": types.SymbolKind.Module,
}


def range_of(positions: Positions, span: Span) -> types.Range:
    """Return a span as the editor counts it."""
    return types.Range(*(types.Position(*positions.place(at)) for at in span))


def span_of(positions: Positions, found: types.Range) -> Span:
    """Return a range of the editor as a span."""
    start, end = (positions.offset(at.line, at.character) for at in (found.start, found.end))
    return Span(start, max(start, end))


def diagnostic(
    one: Diagnostic, positions: Positions, uri: str, declared: Mapping[str, Span], pages: str | None
) -> types.Diagnostic:
    """Return a diagnostic; `declared`: where the names of its file are declared, `pages`: where each code has one."""
    return types.Diagnostic(
        range_of(positions, one.span),
        message=f"{one.message}\n{one.why}" if one.why else one.message,
        severity=_SEVERITIES[one.severity],
        code=one.code,
        code_description=types.CodeDescription(f"{pages}#{one.code.lower()}") if pages else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if one.code in _NEEDLESS else None,
        related_information=_related(one, positions, uri, declared),
    )


def _related(
    one: Diagnostic, positions: Positions, uri: str, declared: Mapping[str, Span]
) -> list[types.DiagnosticRelatedInformation] | None:
    name = one.source.excerpt(one.span)
    span = declared.get(name) if one.code in _TAKEN else None
    if span is None or span == one.span:
        return None
    place = types.Location(uri, range_of(positions, span))
    return [types.DiagnosticRelatedInformation(place, f"`{name}` is declared here")]


def declared(statements: Iterable[tree.Statement]) -> dict[str, Span]:
    """Return where each name of a file is declared first."""
    names = (getattr(statement, "name", None) for statement in statements)
    found: dict[str, Span] = {}
    for name in names:
        if isinstance(name, tree.Name):
            found.setdefault(name.text, name.span)
    return found


def edit(document: Document, one: Edit) -> types.TextEdit:
    """Return an edit, with the line ends of its text."""
    return types.TextEdit(range_of(document.positions, one.span), one.text.replace("\n", document.newline))


def changes(document: Document, edits: Iterable[Edit], versions: bool) -> types.WorkspaceEdit:
    """Return edits of one text; where the editor knows `versions`, good for the one that they were made for only."""
    made = [edit(document, one) for one in edits]
    if not versions:
        return types.WorkspaceEdit(changes={document.uri: made})
    name = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(name, made)])


def quick_fix(repair: Repair, told: types.Diagnostic, change: types.WorkspaceEdit) -> types.CodeAction:
    """Return a repair as an action."""
    return types.CodeAction(
        repair.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[told],
        is_preferred=repair.sure or None,
        edit=change,
    )


def symbol(positions: Positions, one: Symbol) -> types.DocumentSymbol:
    """Return a statement of the outline."""
    return types.DocumentSymbol(
        one.name,
        _KINDS.get(one.word, types.SymbolKind.Key),
        range_of(positions, one.span),
        range_of(positions, one.name_span),
        detail=one.detail or None,
    )


def workspace_symbol(document: Document, one: Symbol) -> types.WorkspaceSymbol:
    """Return a statement as a search over all files finds it."""
    place = types.Location(document.uri, range_of(document.positions, one.name_span))
    return types.WorkspaceSymbol(place, one.name, _KINDS.get(one.word, types.SymbolKind.Key))


def fold(one: Fold) -> types.FoldingRange:
    """Return a stretch that folds."""
    kind = types.FoldingRangeKind.Comment if one.comment else None
    return types.FoldingRange(one.first, one.last, kind=kind)
