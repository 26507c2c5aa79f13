"""What the editor knows about one text: its tree, what the checker says, and the newest rules without errors."""

from attrs import frozen

from rulelang.check import CheckedRules, Outside, Reader, check
from rulelang.syntax import parse, tree
from rulelang.text import Diagnostic, Source


@frozen(eq=False)
class Analysis:
    """One text, read and checked.

    `source`: line ends normalised; every offset is in code points into its text. `file`: the statements that could be
    read. `rules`: those of this text, where it has no error. `last`: the newest without errors, of this text or of an
    earlier one.
    """

    source: Source
    file: tree.File
    diagnostics: tuple[Diagnostic, ...]
    rules: CheckedRules | None
    last: CheckedRules | None


def analyse(
    source: Source, reader: Reader | None = None, last: CheckedRules | None = None, now: float | None = None
) -> Analysis:
    """Return what can be known about a text at a time (in seconds since 1970); never raises, whatever the text."""
    file, _ = parse(source)
    checking = check(source, reader=reader, outside=Outside(now=now))
    return Analysis(source, file, checking.diagnostics, checking.rules, checking.rules or last)
