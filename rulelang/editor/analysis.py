"""What the editor knows about one text: its tree, what the checker says, and the newest rules without errors."""

from attrs import frozen

from rulelang.check import CheckedRules, Outside, Reader, check
from rulelang.check.memory import Memory
from rulelang.syntax import tree
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
    source: Source,
    reader: Reader | None = None,
    last: CheckedRules | None = None,
    now: float | None = None,
    memory: Memory | None = None,
) -> Analysis:
    """Return what can be known about a text at a time (in seconds since 1970); never raises, whatever the text.

    `memory`: of earlier texts in its place. Their statements that are in this text too are moved to where they stand
    now, so that analyses of earlier texts are no longer to be asked.
    """
    checking = check(source, reader=reader, outside=Outside(now=now), memory=memory)
    return Analysis(source, checking.file, checking.diagnostics, checking.rules, checking.rules or last)
