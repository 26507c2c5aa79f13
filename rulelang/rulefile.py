"""Rule files as they lie in a folder: their bytes as text, other text in their place, and the files that they use."""

import errno
import os
import shutil
import sys
import tempfile
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


def rewrite(path: Path, text: str) -> None:
    """Put a text in the place of a file's, whole or not at all; its mode stays, and a link stays a link.

    Raises `OSError` where the file is not to be written.
    """
    target = path.resolve()
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    handle, beside_it = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        shutil.copymode(target, beside_it)
        os.replace(beside_it, target)
    except BaseException:
        os.unlink(beside_it)
        raise


def beside(path: Path) -> Reader:
    """Return a reader of the rule files in a file's folder and below."""

    def read(name: str) -> str | None:
        try:
            return decoded(content(path.parent / name))
        except OSError:
            return None

    return read
