"""The texts that are open in the editor, kept up to date change by change, and what they use from the disk."""

import posixpath
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from attrs import field, frozen
from pygls.uris import from_fs_path, to_fs_path

from rulelang.check import Reader
from rulelang.editor.positions import Positions
from rulelang.rulefile import beside
from rulelang.text import Source, normalised

Range = tuple[int, int, int, int]
"""First and last line and column of a stretch of text, as the editor counts them."""


@frozen(eq=False, slots=False)
class Document:
    """One text as the editor has it; its lines end with `\\n` here, with `newline` in the editor."""

    uri: str
    version: int | None
    text: str = field(repr=False)
    newline: str = "\n"

    @cached_property
    def positions(self) -> Positions:
        """Its lines."""
        return Positions(self.text)

    @cached_property
    def source(self) -> Source:
        """What is read and checked."""
        return Source(posixpath.basename(key(self.uri)), self.text)

    def changed(self, version: int | None, changes: Iterable[tuple[Range | None, str]]) -> "Document":
        """Return the text after changes, one after the other; one without a range is the whole text."""
        document = self
        for stretch, text in changes:
            if stretch is None:
                document = opened(self.uri, version, text)
                continue
            first, last = (document.positions.offset(*end) for end in (stretch[:2], stretch[2:]))
            whole = document.text[:first] + normalised(text) + document.text[max(first, last) :]
            document = Document(self.uri, version, whole, document.newline)
        return document


def opened(uri: str, version: int | None, text: str) -> Document:
    """Return a text as the editor hands it over."""
    return Document(uri, version, normalised(text), "\r\n" if "\r\n" in text else "\n")


def key(uri: str) -> str:
    """Return what two ways to write the same address have in common: the path of a file, else the address."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return path or uri


class Documents:
    """The open texts, by the key of their address."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """Return the open text of an address, if there is one."""
        return self._open.get(key(uri))

    def put(self, document: Document) -> None:
        """Note a text, in the place of the one that its address had."""
        self._open[key(document.uri)] = document

    def drop(self, uri: str) -> None:
        """Forget a text that was closed."""
        self._open.pop(key(uri), None)

    def reader(self, uri: str) -> Reader | None:
        """Return a reader of the files beside a text: as they stand in the editor, else on the disk."""
        path = key(uri)
        if path == uri:
            return None
        on_disk, folder = beside(Path(path)), Path(path).parent

        def read(name: str) -> str | None:
            document = self._open.get(str(folder / name))
            return document.text if document is not None else on_disk(name)

        return read

    def address(self, uri: str, name: str) -> str:
        """Return the address of a file that a text uses, as the editor writes it where it is open."""
        path = str(Path(key(uri)).parent / name)
        document = self._open.get(path)
        return document.uri if document is not None else from_fs_path(path) or path
