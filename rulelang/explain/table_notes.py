"""What is said of a table beside its rows: its heading, who has the last word, and the notes below."""

from collections.abc import Iterator, Mapping, Sequence

from rulelang.check.checked import CheckedTarget
from rulelang.explain.table import IN_FORCE, Cell, Table
from rulelang.kinds import duration_text, value_text

ON, OFF, NOTHING = "x", "·", "-"
"""An active rule, one that is not, and nothing to say."""

_MANY = 20
"""So many names are listed; of the rest only the number is said."""


def heading(table: Table) -> str:
    """Return the assets and the targets with their bounds."""
    targets = ", ".join(f"{target.name} {_bounds(target)}" for target in table.targets)
    return ": ".join(part for part in (", ".join(table.assets), targets) if part)


def _bounds(target: CheckedTarget) -> str:
    return f"{value_text(target.low, target.kind)} to {value_text(target.high, target.kind)}"


def last_word(cell: Cell, called: Mapping[str, str] | None = None) -> str:
    """Return who made the level and which limit decided; `called` are shorter names of rules."""
    called = called or {}
    said = []
    if cell.last_word is not None:
        said.append(called.get(cell.last_word, cell.last_word) + (" at once" if cell.at_once else ""))
    if cell.decides is not None:
        rule = cell.decides.rule
        said.append("the bounds" if rule is None else f"{cell.decides.what} of {called.get(rule, rule)}")
    return "; ".join(said) or NOTHING


def limits_matter(table: Table, at: int) -> bool:
    """Say whether a target's desired value is ever anything else than its level."""
    cells = (row.cells[at] for row in table.rows)
    return any(cell.limits or cell.level.words != cell.desired.words for cell in cells)


def notes(table: Table) -> list[str]:
    """Return what has to be known to read the rows."""
    return list(_notes(table))


def _notes(table: Table) -> Iterator[str]:
    if not table.targets:
        yield "no rule moves a target"
    if table.others:
        yield f"taken as inactive: {_listed(table.others)}"
    if table.left_out:
        total, values = table.left_out + len(table.rows), _listed(table.because)
        yield f"{table.left_out:,} of {total:,} combinations can't occur: no value of {values} allows them"
    if table.idle:
        yield f"in any combination {_listed(table.idle)} change{'s' if len(table.idle) == 1 else ''} nothing"
    if table.alerting:
        yield f"only alerts: {_listed(table.alerting)}"
    if any(cell.level.words == IN_FORCE for row in table.rows for cell in row.cells):
        yield f"{IN_FORCE}: frozen where it stands"
    if table.expressions:
        yield "values in words depend on data; while one is missing, its action freezes the target"
    for target in table.targets:
        if brakes := list(_brakes(target)):
            yield f"desired is not yet in force: {', '.join(brakes)} then decide when {target.name} moves"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MANY
    return ", ".join(names[:_MANY]) + (f" and {more:,} more" if more > 0 else "")


def _brakes(target: CheckedTarget) -> Iterator[str]:
    """Yield the brakes of a target as the file says them."""
    if target.band is not None:
        yield f"change at least {value_text(target.band, target.kind)}"
    steps = [None if step is None else value_text(step, target.kind) for step in (target.step_up, target.step_down)]
    waits = [None if wait is None else duration_text(wait) for wait in (target.cooldown_up, target.cooldown_down)]
    for words, (up, down) in (("step at most", steps), ("cooldown", waits)):
        if up is not None and up == down:
            yield f"{words} {up}"
        else:
            yield from (f"{words} {text} {way}" for text, way in ((up, "up"), (down, "down")) if text is not None)
