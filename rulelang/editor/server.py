"""The language server: what the editor tells and asks, handed to the room's pure parts and answered."""

import asyncio
import logging
from collections.abc import Callable, Generator
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import RPCMessage

from rulelang import __version__
from rulelang.editor import edits, lenses, outline, trials, wire
from rulelang.editor.answers import ANSWERS
from rulelang.editor.asking import Asking
from rulelang.editor.documents import key, opened
from rulelang.editor.listening import listen
from rulelang.editor.session import Session
from rulelang.editor.settings import Settings, settings_of
from rulelang.editor.tidying import Tidying, begin, keep

_log = logging.getLogger(__name__)

_FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.rulelang"


class Protocol(LanguageServerProtocol):
    """The protocol as it stands, but for texts: they are kept here, by the lines that the protocol knows."""

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self._tidying = Tidying()

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Agree on UTF-16, which every editor has to know."""
        if params.capabilities.general is not None:
            params.capabilities.general.position_encodings = [types.PositionEncodingKind.Utf16]
        return (yield from super().lsp_initialize(params))

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Answer a request whose parameters can't be understood, in place of silence."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and "id" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def handle_message(self, message: RPCMessage) -> None:
        """Do what a message asks for; once none comes for a while, memory is tidied up."""
        super().handle_message(message)
        self._tidying.heard()

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand on a text that was opened."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand on what was typed."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand on that a text was closed."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None


class Server(LanguageServer):
    """The server of one editor, with what it knows of the texts that are open there."""

    def __init__(self) -> None:
        super().__init__("rulelang", __version__, protocol_cls=Protocol)
        self.session = Session(self.text_document_publish_diagnostics)
        self.asking = Asking(self._answered)
        self.asked_to_stop = False

    @property
    def knows_versions(self) -> bool:
        """Whether the editor takes edits of a version of a text."""
        workspace = self.client_capabilities.workspace
        return bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)

    @property
    def knows_snippets(self) -> bool:
        """Whether the editor takes completions with places to fill in."""
        texts = self.client_capabilities.text_document
        item = texts.completion.completion_item if texts and texts.completion else None
        return bool(item and item.snippet_support)

    @property
    def asks_later(self) -> bool:
        """Whether the editor asks for the edit of an action when it is chosen."""
        texts = self.client_capabilities.text_document
        return bool(texts and texts.code_action and texts.code_action.resolve_support)

    def look(self, uri: str) -> None:
        """Ask the data about a text that is new."""
        document = self.session.documents.get(uri)
        asked = None if document is None else self.session.asked(document, self.folder)
        if asked is not None:
            self.asking.ask(asked)

    @property
    def folder(self) -> str | None:
        """The folder that is open in the editor."""
        root: str | None = self.workspace.root_path
        return root

    def refresh(self) -> None:
        """Let the editor ask again what stands above rules, where it can."""
        workspace = self.client_capabilities.workspace
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)

    def _answered(self, error: str | None) -> None:
        """Say what is new of the data, and what is wrong with them, once."""
        self.refresh()
        if error is not None:
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"data of rules: {error}"))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what went wrong and say so in the editor; the server goes on."""
        _log.error("%s", error, exc_info=error)
        super().report_server_error(error, source)


def serve(server: Server) -> int:
    """Serve an editor on standard input and output; return the exit code: 1 where nobody asked for the end."""
    begin()
    server.start_io()
    return 0 if server.asked_to_stop else 1


def serve_at(server: Server, host: str, port: int, tell: Callable[[str], None]) -> int:
    """Serve the first editor that connects; return the exit code as `serve` does. Raises `OSError` and `NotSpoken`."""
    begin()
    listen(server, host, port, tell)
    return 0 if server.asked_to_stop else 1


def made() -> Server:
    """Return a server with everything that it can do."""
    server = Server()
    for method, (work, options) in {**_FEATURES, **ANSWERS}.items():
        server.feature(method, options)(work)
    server.command(wire.RUN_TESTS)(_run_tests)
    return server


# Texts ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _initialize(ls: Server, params: types.InitializeParams) -> None:
    ls.session.settings = settings_of(params.initialization_options, Settings())


async def _initialized(ls: Server, params: types.InitializedParams) -> None:
    """Ask to be told when rule files change on the disk, where the editor can tell."""
    watching = ls.client_capabilities.workspace and ls.client_capabilities.workspace.did_change_watched_files
    if watching and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher("**/*.rules")]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        asked = types.Registration("rules", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await ls.client_register_capability_async(types.RegistrationParams([asked]))


async def _configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    """Take new settings; an editor that only says that they changed is asked for them."""
    found: Any = params.settings
    workspace = ls.client_capabilities.workspace
    if not found and workspace and workspace.configuration:
        asked = types.ConfigurationParams([types.ConfigurationItem(section="rulelang")])
        found = (await ls.workspace_configuration_async(asked))[0]
    ls.session.settings = settings_of(found, ls.session.settings)
    ls.session.renew_all()
    for document in ls.session.documents:
        ls.look(document.uri)
    ls.refresh()


def _opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    ls.session.renew(opened(document.uri, document.version, document.text))
    keep()
    ls.look(document.uri)


def _changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    document = ls.session.documents.get(params.text_document.uri)
    if document is None:
        _log.warning("%s was changed, but it isn't open", params.text_document.uri)
        return
    ls.session.renew(document.changed(params.text_document.version, map(_change, params.content_changes)))
    ls.look(document.uri)


def _change(change: types.TextDocumentContentChangeEvent) -> tuple[tuple[int, int, int, int] | None, str]:
    if not isinstance(change, types.TextDocumentContentChangePartial):
        return None, change.text
    first, last = change.range.start, change.range.end
    return (first.line, first.character, last.line, last.character), change.text


def _closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.asking.drop(key(params.text_document.uri))
    ls.session.close(params.text_document.uri)


def _watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    ls.session.renew_all()


def _shutdown(ls: Server, params: None) -> None:
    ls.asked_to_stop = True
    ls.asking.end()


# Edits ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    found = ls.session.at(params.text_document.uri)
    if found is None:
        return None
    document, analysis = found
    actions = []
    if _wanted(params, types.CodeActionKind.QuickFix.value):
        for repair in edits.repairs(analysis, wire.span_of(document.positions, params.range)):
            told = ls.session.told(document, repair.diagnostic)
            change = wire.changes(document, [repair.edit], ls.knows_versions)
            actions.append(wire.quick_fix(repair, told, change))
    if edits.is_repairable(analysis) and _wanted(params, _FIX_ALL):
        every = types.CodeAction("make every certain repair", kind=_FIX_ALL, data=document.uri)
        actions.append(every if ls.asks_later and params.context.only is None else _with_repairs(ls, every))
    return actions


def _wanted(params: types.CodeActionParams, kind: str) -> bool:
    only = params.context.only
    return only is None or any(kind == one or kind.startswith(f"{one}.") for one in map(_text, only))


def _text(kind: Any) -> str:
    return str(getattr(kind, "value", kind))


def _with_repairs(ls: Server, action: types.CodeAction) -> types.CodeAction:
    """Return the action that makes every certain repair, with its edit."""
    found = ls.session.at(str(action.data))
    if found is not None:
        document, _ = found
        made = edits.repair_all(document.source, ls.session.checking(document))
        action.edit = wire.changes(document, made, ls.knows_versions)
    return action


def _layout(ls: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    document = ls.session.documents.get(params.text_document.uri)
    return None if document is None else [wire.edit(document, one) for one in edits.layout(document.source)]


def _layout_of(ls: Server, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
    document = ls.session.documents.get(params.text_document.uri)
    if document is None:
        return None
    first, last = params.range.start, params.range.end
    lines = range(first.line, last.line + (last.character > 0 or last.line == first.line))
    return [wire.edit(document, one) for one in edits.layout_of(document.source, lines)]


# Outline ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _symbols(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
    found = ls.session.at(params.text_document.uri)
    if found is None:
        return None
    document, analysis = found
    return [wire.symbol(document.positions, one) for one in outline.symbols(analysis)]


def _workspace_symbols(ls: Server, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    return [
        wire.workspace_symbol(document, one)
        for document, analysis in ls.session.all()
        for one in outline.symbols(analysis)
        if params.query.lower() in one.name.lower()
    ]


def _folds(ls: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
    found = ls.session.at(params.text_document.uri)
    return None if found is None else [wire.fold(one) for one in outline.folds(found[1])]


# Data and tests ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _lenses(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    found = ls.session.at(params.text_document.uri)
    if found is None:
        return None
    document, analysis = found
    asked = ls.session.asked(document, ls.folder)
    said = None if asked is None else ls.asking.said(asked)
    return [wire.lens(document, one) for one in lenses.lenses(analysis, said)]


async def _run_tests(ls: Server, *arguments: Any) -> dict[str, Any] | None:
    """Run the tests of a text, or the one that is named, and say what came of them."""
    uri, name = str(arguments[0]) if arguments else "", str(arguments[1]) if len(arguments) > 1 else None
    document = ls.session.documents.get(uri)
    checking = None if document is None else ls.session.checking(document)(document.source)
    if document is None or checking is None or checking.rules is None:
        said = "open the rule file to run its tests" if document is None else "the file has errors: mend them first"
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, said))
        return None
    ran = await asyncio.get_running_loop().run_in_executor(None, trials.run, checking.rules, name)
    if ls.session.documents.get(uri) is document:  # else it was changed meanwhile, and places are others
        ls.session.tested(document, ran.failed)
    level = types.MessageType.Error if ran.failed else types.MessageType.Info
    ls.window_show_message(types.ShowMessageParams(level, str(ran)))
    failed = [{"test": one.test, "message": one.message} for one in ran.failed]
    return {"passed": list(ran.passed), "failed": failed}


_FEATURES: dict[str, tuple[Any, Any]] = {
    types.INITIALIZE: (_initialize, None),
    types.INITIALIZED: (_initialized, None),
    types.SHUTDOWN: (_shutdown, None),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: (_configured, None),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (_watched, None),
    types.TEXT_DOCUMENT_DID_OPEN: (_opened, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (_changed, None),
    types.TEXT_DOCUMENT_DID_CLOSE: (_closed, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (
        _code_actions,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, _FIX_ALL], resolve_provider=True),
    ),
    types.CODE_ACTION_RESOLVE: (_with_repairs, None),
    types.TEXT_DOCUMENT_FORMATTING: (_layout, None),
    types.TEXT_DOCUMENT_RANGE_FORMATTING: (_layout_of, None),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (_symbols, None),
    types.WORKSPACE_SYMBOL: (_workspace_symbols, None),
    types.TEXT_DOCUMENT_FOLDING_RANGE: (_folds, None),
    types.TEXT_DOCUMENT_CODE_LENS: (_lenses, None),
}
