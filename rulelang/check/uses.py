"""Putting the statements of used files in the place of their `use` (clause 2.10)."""

import posixpath
from collections import Counter
from collections.abc import Callable, Iterator

from attrs import frozen

from rulelang.check.report import Report
from rulelang.syntax import LIMIT, Kept, parse, size, tree
from rulelang.text import Source, Span, normalised

Reader = Callable[[str], str | None]
"""Gives the text of a rule file by its path, relative to the first file's folder; `None` where there is none."""


Known = Callable[[str, int], Kept]
"""Gives what is known of a file from before, by its path and how often it was used by now."""


@frozen
class Placed:
    """A statement, the file it stands in, and that file's stem (empty for the first file)."""

    statement: tree.Statement
    source: Source
    stem: str = ""


def _refusal(path: str) -> str:
    """Return why a path may not be used, or nothing."""
    if not path:
        return "the path is empty"
    if path.startswith(("/", "\\", "~")) or path[1:2] == ":":
        return "an absolute path"
    if "\\" in path:
        return "paths are written with `/`"
    if ".." in path.split("/"):
        return "a path out of the folder"
    return ""


FILES = 100
"""The most files that a rule file may use, those of used files included."""


class _Expander:
    def __init__(self, report: Report, read: Reader | None, known: Known | None) -> None:
        self.report, self.read, self.known = report, read, known
        self.times: Counter[str] = Counter()
        self.files = 0
        self.bytes = size(report.source.text)

    def file(self, file: tree.File, source: Source, folder: str, chain: tuple[str, ...]) -> Iterator[Placed]:
        stem = posixpath.basename(chain[-1]).split(".")[0] if chain else ""
        for statement in file.statements:
            if isinstance(statement, tree.Use):
                self.report.source = source
                yield from self.use(statement, source, folder, chain)
            else:
                yield Placed(statement, source, stem)

    def use(self, statement: tree.Use, source: Source, folder: str, chain: tuple[str, ...]) -> Iterator[Placed]:
        span, written = statement.path_span, statement.path
        if reason := _refusal(written):
            why = "a rule file reaches files in its own folder or below only, so that it can be moved as a whole"
            self.error(span, f"`{written}` can't be used: {reason}", why)
            return
        path = posixpath.normpath(posixpath.join(folder, written))
        if path in chain:
            circle = " uses ".join([*chain[chain.index(path) :], path])
            self.error(span, f"`{written}` uses itself: {circle}", "put what both need into a file of its own")
            return
        text = self.read(path) if self.read is not None else None
        if text is None:
            message = f"there is no file `{path}` to use" if self.read else f"`{path}` can't be read from here"
            self.error(span, message, "a file is looked for in the folder of the one that uses it, and below")
            return
        used = Source(path, normalised(text))
        if not self.room_for(used, span):
            return
        self.report.sources.append(used)
        self.times[path] += 1
        file, mistakes = parse(used, self.known(path, self.times[path]) if self.known is not None else None)
        self.report.add(mistakes)
        yield from self.file(file, used, posixpath.dirname(path), (*chain, path))

    def room_for(self, used: Source, span: Span) -> bool:
        """Say whether another used file is within the limits of a rule file, with a diagnostic where it isn't."""
        self.files += 1
        self.bytes += size(used.text)
        if self.files > FILES:
            if self.files == FILES + 1:
                message = f"more than {FILES} files are used, which is the most a rule file may use"
                self.error(span, message, "put small files together")
            return False
        if self.bytes > LIMIT and self.bytes - size(used.text) > LIMIT:
            return False  # that has been said
        if self.bytes > LIMIT:
            message = f"together the files are longer than {LIMIT:,} bytes, which is the most a rule file may have"
            self.report.error("RL110", span, message, "run some of them by themselves")
            return False
        return True

    def error(self, span: Span, message: str, why: str = "") -> None:
        self.report.error("RL113", span, message, why)


def expanded(
    file: tree.File, source: Source, read: Reader | None, report: Report, known: Known | None = None
) -> list[Placed]:
    """Return every statement of a file and of the files it uses, in order; `known`: what was read of those before."""
    statements = list(_Expander(report, read, known).file(file, source, "", ()))
    report.source = source
    return statements
