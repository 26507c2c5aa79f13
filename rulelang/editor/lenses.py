"""What stands above rules and tests: how often a rule was active over the user's data, and the way to run tests."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from rulelang.editor.analysis import Analysis
from rulelang.syntax import tree
from rulelang.text import Span

WAITING = "…"
"""What stands above a rule until the data have been asked."""


@frozen
class Lens:
    """A line above a statement; `test`: clicked, it runs the test of this name, `""`: all of them, `None`: nothing."""

    span: Span
    title: str
    test: str | None = None


def lenses(analysis: Analysis, said: Mapping[str, str] | None) -> Iterator[Lens]:
    """Yield what stands above each rule and test; `said`: of rules by name, `None` where no data are configured."""
    tested = any(isinstance(statement, tree.Test) for statement in analysis.file.statements)
    seen: dict[int, int] = {}
    for statement in analysis.file.statements:
        if isinstance(statement, tree.Test):
            yield Lens(statement.name.span, "run test", statement.name.text)
        elif isinstance(statement, tree.Rule):
            span = statement.name.span if statement.name is not None else statement.when
            if said is not None:
                yield Lens(span, said.get(_name(statement, analysis, seen), WAITING))
            if tested:
                yield Lens(span, "run tests", "")


def _name(rule: tree.Rule, analysis: Analysis, seen: dict[int, int]) -> str:
    """Return the name that a rule goes by: its own, else that of its line."""
    if rule.name is not None:
        return rule.name.text
    line = analysis.source.position(rule.when.start).line
    seen[line] = seen.get(line, 0) + 1
    return f"line_{line}" if seen[line] == 1 else f"line_{line}_{seen[line]}"
