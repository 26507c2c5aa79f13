"""What the editor asks about a place in a text: handed to the room's pure parts, answered in the protocol's words."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from rulelang.editor import completion, definition, hints, hover, paths, rename, signatures, tokens, wire
from rulelang.editor.analysis import Analysis
from rulelang.editor.documents import Document, key
from rulelang.editor.positions import Positions, units
from rulelang.text import Source, Span

if TYPE_CHECKING:
    from rulelang.editor.server import Server

_STOP = re.compile(r"\$\{\d+:((?:\\.|[^}\\])*)\}|\$\d+")
_ESCAPED = re.compile(r"\\([$}\\])")
_MARKDOWN = types.MarkupKind.Markdown
_KINDS = {
    "field": types.CompletionItemKind.Field,
    "function": types.CompletionItemKind.Function,
    "rule": types.CompletionItemKind.Event,
    "param": types.CompletionItemKind.Constant,
    "let": types.CompletionItemKind.Variable,
    "target": types.CompletionItemKind.Property,
    "event": types.CompletionItemKind.Event,
    "asset": types.CompletionItemKind.EnumMember,
    "member": types.CompletionItemKind.Property,
    "word": types.CompletionItemKind.EnumMember,
    "kind": types.CompletionItemKind.TypeParameter,
    "keyword": types.CompletionItemKind.Keyword,
    "literal": types.CompletionItemKind.Value,
    "file": types.CompletionItemKind.File,
}


class _At:
    """The place that a request is about: the text, what is known of it, and the offset."""

    def __init__(self, ls: "Server", document: Document, analysis: Analysis, position: types.Position) -> None:
        self.ls, self.document, self.analysis = ls, document, analysis
        self.offset = document.positions.offset(position.line, position.character)

    def place(self, source: Source, span: Span) -> types.Location:
        """Return a stretch of this file, or of one that it uses, in the protocol's words."""
        if source.name == self.analysis.source.name and source.text == self.document.text:
            return types.Location(self.document.uri, wire.range_of(self.document.positions, span))
        uri = self.ls.session.documents.address(self.document.uri, source.name)
        return types.Location(uri, wire.range_of(Positions(source.text), span))


def _at(ls: "Server", params: Any) -> _At | None:
    found = ls.session.at(params.text_document.uri)
    return None if found is None else _At(ls, *found, params.position)


def _hover(ls: "Server", params: types.HoverParams) -> types.Hover | None:
    at = _at(ls, params)
    found = hover.hover(at.analysis, at.offset) if at is not None else None
    if at is None or found is None:
        return None
    text = types.MarkupContent(_MARKDOWN, found.markdown)
    return types.Hover(text, wire.range_of(at.document.positions, found.span))


def _completion(ls: "Server", params: types.CompletionParams) -> types.CompletionList | None:
    at = _at(ls, params)
    if at is None:
        return None
    snippets = ls.knows_snippets
    items = [_item(at.document, one, snippets) for one in _offered(at)]
    return types.CompletionList(is_incomplete=False, items=items)


def _offered(at: _At) -> tuple[completion.Completion, ...]:
    """Return what may stand at a place; paths can be listed where the text is of a file."""
    written = paths.begun(at.document.text, at.offset)
    if written is None:
        return completion.completion(at.analysis, at.offset)
    path = key(at.document.uri)
    return () if path == at.document.uri else paths.paths(written, at.offset, Path(path))


def _item(document: Document, one: completion.Completion, snippets: bool) -> types.CompletionItem:
    insert = one.insert if snippets else _plain(one.insert)
    return types.CompletionItem(
        one.label,
        kind=_KINDS.get(one.what),
        detail=one.detail or None,
        documentation=types.MarkupContent(_MARKDOWN, one.documentation) if one.documentation else None,
        sort_text=one.order,
        filter_text=one.label,
        text_edit=types.TextEdit(wire.range_of(document.positions, one.span), insert),
        insert_text_format=types.InsertTextFormat.Snippet if snippets else types.InsertTextFormat.PlainText,
    )


def _plain(insert: str) -> str:
    """Return a snippet as text: what its stops propose, without marks."""
    return _ESCAPED.sub(r"\1", _STOP.sub(r"\1", insert))


def _signature(ls: "Server", params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    at = _at(ls, params)
    found = signatures.signature_help(at.analysis, at.offset) if at is not None else None
    if found is None:
        return None
    parameters = [_parameter(found.label, one) for one in found.parameters]
    text = types.MarkupContent(_MARKDOWN, found.documentation)
    active = found.active if found.active is not None else len(parameters)
    return types.SignatureHelp([types.SignatureInformation(found.label, text, parameters, active)], 0, active)


def _parameter(label: str, one: signatures.Argument) -> types.ParameterInformation:
    ends = tuple(units(label[:at]) for at in one.span)
    return types.ParameterInformation((ends[0], ends[1]), one.documentation or None)


def _definition(ls: "Server", params: types.DefinitionParams) -> types.Location | None:
    at = _at(ls, params)
    found = definition.definition(at.analysis, at.offset) if at is not None else None
    return None if at is None or found is None else at.place(found.source, found.span)


def _references(ls: "Server", params: types.ReferenceParams) -> list[types.Location] | None:
    at = _at(ls, params)
    if at is None:
        return None
    wanted = params.context.include_declaration
    found = definition.references(at.analysis, at.offset, declaration=wanted)
    return [at.place(one.source, one.span) for one in found]


def _highlights(ls: "Server", params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    at = _at(ls, params)
    if at is None:
        return None
    places = [at.place(one.source, one.span) for one in definition.references(at.analysis, at.offset)]
    return [types.DocumentHighlight(one.range) for one in places if one.uri == at.document.uri]


def _prepare(ls: "Server", params: types.PrepareRenameParams) -> types.Range | None:
    at = _at(ls, params)
    found = rename.renameable(at.analysis, at.offset) if at is not None else None
    if at is None or found is None:
        return None
    if isinstance(found, rename.Refusal):
        raise JsonRpcInvalidParams(found.reason)
    return wire.range_of(at.document.positions, found.span)


def _rename(ls: "Server", params: types.RenameParams) -> types.WorkspaceEdit | None:
    at = _at(ls, params)
    if at is None:
        return None
    found = rename.rename(at.analysis, at.offset, params.new_name)
    if isinstance(found, rename.Refusal):
        raise JsonRpcInvalidParams(found.reason)
    edits: dict[str, list[types.TextEdit]] = {}
    for one in found:
        place = at.place(one.source, one.span)
        edits.setdefault(place.uri, []).append(types.TextEdit(place.range, one.text))
    return _renamed(ls, edits)


def _renamed(ls: "Server", edits: dict[str, list[types.TextEdit]]) -> types.WorkspaceEdit:
    if not ls.knows_versions:
        return types.WorkspaceEdit(changes=edits)
    return types.WorkspaceEdit(document_changes=[_changes(ls, uri, made) for uri, made in edits.items()])


def _changes(ls: "Server", uri: str, made: Sequence[types.TextEdit]) -> types.TextDocumentEdit:
    document = ls.session.documents.get(uri)
    version = None if document is None else document.version
    return types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, version), made)


def _tokens(ls: "Server", params: types.SemanticTokensParams) -> types.SemanticTokens | None:
    found = ls.session.at(params.text_document.uri)
    return None if found is None else _coded(found[0].positions, tokens.tokens(found[1]))


def _some_tokens(ls: "Server", params: types.SemanticTokensRangeParams) -> types.SemanticTokens | None:
    found = ls.session.at(params.text_document.uri)
    if found is None:
        return None
    document, analysis = found
    span = wire.span_of(document.positions, params.range)
    return _coded(document.positions, tokens.tokens(analysis, span))


_TYPES = {name: at for at, name in enumerate(tokens.TYPES)}


def _coded(positions: Positions, found: Sequence[tokens.Token]) -> types.SemanticTokens:
    """Return tokens as the protocol has them: five numbers each, its place counted from the one before."""
    data: list[int] = []
    line = column = 0
    for start, end, what, declared, fixed in found:
        at, first = positions.place(start)
        length = end - start if positions.plain else units(positions.text[start:end])
        data += (at - line, first - column if at == line else first, length, _TYPES[what], declared + 2 * fixed)
        line, column = at, first
    return types.SemanticTokens(data)


def _hints(ls: "Server", params: types.InlayHintParams) -> list[types.InlayHint] | None:
    found = ls.session.at(params.text_document.uri)
    if found is None:
        return None
    document, analysis = found
    listed = hints.hints(analysis, wire.span_of(document.positions, params.range))
    return [
        types.InlayHint(
            types.Position(*document.positions.place(one.offset)), one.text, tooltip=one.tooltip, padding_left=True
        )
        for one in listed
    ]


ANSWERS: dict[str, tuple[Any, Any]] = {
    types.TEXT_DOCUMENT_HOVER: (_hover, None),
    types.TEXT_DOCUMENT_COMPLETION: (_completion, types.CompletionOptions([".", "@", "{", '"', "/"])),
    types.TEXT_DOCUMENT_SIGNATURE_HELP: (_signature, types.SignatureHelpOptions(["(", ","])),
    types.TEXT_DOCUMENT_DEFINITION: (_definition, None),
    types.TEXT_DOCUMENT_REFERENCES: (_references, None),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: (_highlights, None),
    types.TEXT_DOCUMENT_PREPARE_RENAME: (_prepare, None),
    types.TEXT_DOCUMENT_RENAME: (_rename, types.RenameOptions(prepare_provider=True)),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: (
        _tokens,
        types.SemanticTokensLegend(list(tokens.TYPES), ["declaration", "readonly"]),
    ),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: (
        _some_tokens,
        types.SemanticTokensLegend(list(tokens.TYPES), ["declaration", "readonly"]),
    ),
    types.TEXT_DOCUMENT_INLAY_HINT: (_hints, None),
}
"""The questions about a place, what answers them, and how that is announced."""
