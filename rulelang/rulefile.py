"""Rule files as they lie in a folder: their bytes as text, and the files that they use."""

from pathlib import Path

from rulelang.check import Reader


def decoded(content: bytes | str) -> str:
    """Return text as rule files are read: UTF-8, no byte-order mark, line ends as `\\n`; what isn't UTF-8 shows."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def beside(path: Path) -> Reader:
    """Return a reader of the rule files in a file's folder and below."""

    def read(name: str) -> str | None:
        try:
            return decoded((path.parent / name).read_bytes())
        except OSError:
            return None

    return read
