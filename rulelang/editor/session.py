"""What the server knows of the texts that are open: their analyses, and the diagnostics that were told of each file."""

import time
from collections.abc import Callable, Iterable, Iterator

from attrs import field, frozen
from lsprotocol import types

from rulelang.check import Checking, Outside, check
from rulelang.editor import wire
from rulelang.editor.analysis import Analysis, analyse
from rulelang.editor.documents import Document, Documents, key
from rulelang.editor.positions import Positions
from rulelang.editor.settings import Settings
from rulelang.text import Diagnostic, Source, Span

Told = dict[str, list[types.Diagnostic]]
"""The diagnostics of one file, by the open text on whose account they are told."""


@frozen
class _Known:
    """What is known of an open text: its analysis, where its names are declared, and which files it read."""

    document: Document
    analysis: Analysis
    declared: dict[str, Span] = field(repr=False)
    used: frozenset[str]


class Session:
    """The open texts of one editor; `publish` sends the diagnostics of a file there."""

    def __init__(self, publish: Callable[[types.PublishDiagnosticsParams], None]) -> None:
        self.documents = Documents()
        self.settings = Settings()
        self._publish = publish
        self._known: dict[str, _Known] = {}
        self._told: dict[str, Told] = {}
        self._addresses: dict[str, str] = {}

    # --- texts

    def renew(self, document: Document) -> None:
        """Take a new text of a file, tell what is wrong with it, and with the open texts that use it."""
        self.documents.put(document)
        self._analyse(document)
        own = key(document.uri)
        for other in list(self.documents):
            known = self._known.get(key(other.uri))
            if known is not None and own in known.used:
                self._analyse(other)

    def renew_all(self) -> None:
        """Look at every open text again: files on the disk, or settings, have changed."""
        for document in list(self.documents):
            self._analyse(document)

    def close(self, uri: str) -> None:
        """Forget a text; what it said of itself and of files that it uses is taken back."""
        self.documents.drop(uri)
        self._known.pop(key(uri), None)
        self._tell(key(uri), {})
        self.renew_all()

    def at(self, uri: str) -> tuple[Document, Analysis] | None:
        """Return an open text and what is known of it; nothing where it couldn't be analysed, by a fault of ours."""
        document, known = self.documents.get(uri), self._known.get(key(uri))
        return None if known is None or known.document is not document else (document, known.analysis)

    def all(self) -> Iterator[tuple[Document, Analysis]]:
        """Yield every open text with what is known of it."""
        for document in self.documents:
            if (found := self.at(document.uri)) is not None:
                yield found

    def checking(self, document: Document) -> Callable[[Source], Checking]:
        """Return what checks other texts in the place of this one."""
        reader = self.documents.reader(document.uri)
        return lambda source: check(source, reader=reader, outside=Outside(now=time.time()))

    # --- what is known and told

    def _analyse(self, document: Document) -> None:
        own = key(document.uri)
        before = self._known.get(own)
        used: set[str] = set()
        reader = self.documents.reader(document.uri)

        def noting(name: str) -> str | None:
            used.add(key(self.documents.address(document.uri, name)))
            assert reader is not None
            return reader(name)

        last = before.analysis.last if before else None
        analysis = analyse(document.source, noting if reader else None, last, time.time())
        self._known[own] = _Known(document, analysis, wire.declared(analysis.file.statements), frozenset(used))
        self._tell(own, self._sorted(document, analysis))

    def _sorted(self, document: Document, analysis: Analysis) -> dict[str, list[types.Diagnostic]]:
        """Return the diagnostics of a text by the addresses of the files that they are about; its own come always."""
        found: dict[str, list[types.Diagnostic]] = {document.uri: []}
        lines: dict[str, Positions] = {}
        for one in analysis.diagnostics:
            if one.source is analysis.source:
                found[document.uri].append(self.told(document, one))
                continue
            name = one.source.name
            positions = lines.setdefault(name, Positions(one.source.text))
            uri = self.documents.address(document.uri, name)
            found.setdefault(uri, []).append(wire.diagnostic(one, positions, uri, {}, self.settings.pages))
        return found

    def told(self, document: Document, one: Diagnostic) -> types.Diagnostic:
        """Return a diagnostic of an open text in the protocol's words."""
        declared = self._known[key(document.uri)].declared
        return wire.diagnostic(one, document.positions, document.uri, declared, self.settings.pages)

    def _tell(self, origin: str, found: dict[str, list[types.Diagnostic]]) -> None:
        """Put what a text says of files in the place of what it said before, and publish what changed."""
        now = {key(uri): uri for uri in found}
        for path, told in self._told.items():
            if origin in told and path not in now:
                del told[origin]
                self._send(path)
        for path, uri in now.items():
            self._addresses[path] = uri
            self._told.setdefault(path, {})[origin] = found[uri]
            self._send(path)

    def _send(self, path: str) -> None:
        uri = self._addresses[path]
        document = self.documents.get(uri)
        every = _once(one for told in self._told[path].values() for one in told)
        self._publish(types.PublishDiagnosticsParams(uri, every, document.version if document else None))


def _once(found: Iterable[types.Diagnostic]) -> list[types.Diagnostic]:
    """Return diagnostics, each once: a file that is open and used is looked at twice."""
    seen: set[tuple[object, ...]] = set()
    listed = []
    for one in found:
        same = (one.code, one.range.start.line, one.range.start.character, one.message)
        if same not in seen:
            seen.add(same)
            listed.append(one)
    return listed
