"""Rule files as they lie in a folder: their bytes as text, and the files that they use."""

import sys
from pathlib import Path

from rulelang.check import Reader
from rulelang.text import normalised

_MOST = 4 << 20
"""A rule file may have 1 MiB; byte-order mark and line ends make a few bytes more of it."""


def decoded(content: bytes | str) -> str:
    """Return text as rule files are read: UTF-8, no byte-order mark, line ends as `\\n`; what isn't UTF-8 shows."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return normalised(text)


def content(path: Path | None) -> bytes:
    """Return the bytes of a rule file, `None`: of standard input; no more than decides that it is too long."""
    if path is None:
        return sys.stdin.buffer.read(_MOST)
    with path.open("rb") as file:
        return file.read(_MOST)


def beside(path: Path) -> Reader:
    """Return a reader of the rule files in a file's folder and below."""

    def read(name: str) -> str | None:
        try:
            return decoded(content(path.parent / name))
        except OSError:
            return None

    return read
