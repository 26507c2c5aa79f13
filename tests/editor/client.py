"""A client as editors are: it starts `python -m rulelang lsp` and talks to it over its standard input and output."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE = 60.0
"""So many seconds an answer may take on a busy machine."""

COMMAND = (sys.executable, "-m", "rulelang", "lsp")


class Editor(LanguageClient):
    """An editor with some texts open; `told` holds the last diagnostics of each address."""

    def __init__(self) -> None:
        super().__init__("tests", "1")
        self.told: dict[str, types.PublishDiagnosticsParams] = {}
        self.shown: list[types.ShowMessageParams] = []
        self.text = ""
        self.refreshed = 0
        self._news = asyncio.Event()
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(partial(self._take))
        self.feature(types.WINDOW_SHOW_MESSAGE)(partial(self._show))
        self.feature(types.WORKSPACE_CODE_LENS_REFRESH)(lambda params: self._refresh())
        self.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)

    def _take(self, params: types.PublishDiagnosticsParams) -> None:
        self.told[params.uri] = params
        self._news.set()

    def _show(self, params: types.ShowMessageParams) -> None:
        self.shown.append(params)
        self._news.set()

    def _refresh(self) -> None:
        self.refreshed += 1
        self._news.set()

    async def until(self, known: Callable[[], bool]) -> None:
        """Wait until something is known."""
        async with asyncio.timeout(PATIENCE):
            while not known():
                self._news.clear()
                await self._news.wait()

    async def diagnostics(self, uri: str, version: int | None = None) -> list[types.Diagnostic]:
        """Return the diagnostics of a text, of a version of it where one is named."""
        await self.until(lambda: uri in self.told and version in (None, self.told[uri].version))
        return list(self.told[uri].diagnostics)

    async def open(self, uri: str, text: str, version: int = 1) -> list[types.Diagnostic]:
        """Open a text and return what is wrong with it."""
        self.told.pop(uri, None)
        self.text = text
        self.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "rulelang", version, text))
        )
        return await self.diagnostics(uri, version)

    def change(self, uri: str, version: int, *edits: tuple[tuple[int, int], tuple[int, int], str]) -> None:
        """Put texts in the place of ranges, one after the other."""
        changes = [
            types.TextDocumentContentChangePartial(types.Range(types.Position(*a), types.Position(*b)), text)
            for a, b, text in edits
        ]
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version, uri), changes)
        )

    def replace(self, uri: str, version: int, text: str) -> None:
        """Hand a whole text over."""
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def leave(self) -> int:
        """Shut the server down as the protocol says; return its exit code."""
        await self.shutdown_async(None)
        self.exit(None)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until the server has ended; return its exit code."""
        assert self._server is not None
        code = await asyncio.wait_for(self._server.wait(), PATIENCE)
        await self.stop()  # type: ignore[no-untyped-call]
        return code


async def started(*command: str, options: Any = None, folder: Path | None = None) -> Editor:
    """Return an editor with its server started and initialised."""
    editor = Editor()
    await editor.start_io(*(command or COMMAND))
    capabilities = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            code_lens=types.CodeLensWorkspaceClientCapabilities(refresh_support=True)
        )
    )
    root = folder.as_uri() if folder else None
    params = types.InitializeParams(capabilities, root_uri=root, initialization_options=options)
    editor.answer = await asyncio.wait_for(editor.initialize_async(params), PATIENCE)  # type: ignore[attr-defined]
    editor.initialized(types.InitializedParams())
    return editor


@asynccontextmanager
async def editing(*command: str, options: Any = None, folder: Path | None = None) -> AsyncIterator[Editor]:
    """Give an editor, and see that its server ends well."""
    editor = await started(*command, options=options, folder=folder)
    yield editor
    assert await editor.leave() == 0


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Run a test that talks to a server."""
    asyncio.run(work())  # type: ignore[arg-type]


def applied(text: str, edit: types.WorkspaceEdit | None, uri: str) -> str:
    """Return a text after an edit, as an editor makes it: from the end, by lines and UTF-16 units."""
    assert edit is not None and edit.changes is not None
    found = sorted(edit.changes[uri], key=lambda one: one.range.start, reverse=True)
    for one in found:
        start, end = (_offset(text, at) for at in (one.range.start, one.range.end))
        text = text[:start] + one.new_text + text[end:]
    return text


def _offset(text: str, at: types.Position) -> int:
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[: at.line])
    if at.line >= len(lines):
        return len(text)
    line = lines[at.line].encode("utf-16-le")
    return before + len(line[: 2 * at.character].decode("utf-16-le"))
