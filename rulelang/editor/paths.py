"""Completion of the paths behind `use`: the rule files beside the one that is written, and below."""

import re
from collections.abc import Iterator
from pathlib import Path

from rulelang.editor.completion import Completion
from rulelang.text import Span

_BEGUN = re.compile(r'(?:[^"#]|"[^"]*")*\buse\s*"(?P<path>[^"#]*)$')
_MOST = 500
"""So many entries of a folder are looked at."""


def begun(text: str, offset: int) -> str | None:
    """Return the part of a path that stands before an offset, `None` where no path of `use` does."""
    found = _BEGUN.match(text[text.rfind("\n", 0, offset) + 1 : offset])
    return None if found is None else found["path"]


def paths(written: str, offset: int, file: Path) -> tuple[Completion, ...]:
    """Return what may go on a path that ends at an offset: rule files but `file` itself, then folders that hold some.

    A path that `use` refuses (out of the folder, absolute) gets nothing.
    """
    above, _, last = written.rpartition("/")
    folder = file.parent / above
    if written.startswith(("/", "~")) or "\\" in written or ".." in written.split("/"):
        return ()
    span = Span(offset - len(last), offset)
    return tuple(_listed(folder, file, span))


def _listed(folder: Path, file: Path, span: Span) -> Iterator[Completion]:
    entries = _entries(folder)
    files = [one.name for one in entries if one.suffix == ".rules" and one.is_file() and one != file]
    folders = [f"{one.name}/" for one in entries if one.is_dir() and _holds_rules(one)]
    for at, name in enumerate((*files, *folders)):
        detail = "folder" if name.endswith("/") else "rule file"
        yield Completion(name, re.sub(r"([$}\\])", r"\\\1", name), "file", detail, "", f"0{at:05}", span)


def _entries(folder: Path) -> list[Path]:
    """Return what lies in a folder, by name, without what is hidden; nothing of one that can't be read."""
    try:
        found = [one for one, _ in zip(folder.iterdir(), range(_MOST), strict=False) if one.name[0] != "."]
    except OSError:
        return []
    return sorted(found)


def _holds_rules(folder: Path) -> bool:
    """Say whether rule files lie in a folder, or in one right below it."""
    found = _entries(folder)
    return any(one.suffix == ".rules" or (one.is_dir() and _has_files(one)) for one in found)


def _has_files(folder: Path) -> bool:
    return any(one.suffix == ".rules" for one in _entries(folder))
