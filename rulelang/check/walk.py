"""Walking what was written: the expressions inside an expression."""

from collections.abc import Iterator

from rulelang.syntax import tree


def parts(written: tree.Expression) -> tuple[tree.Expression, ...]:
    """Return the expressions directly inside one."""
    match written:
        case tree.Call():
            return written.arguments
        case tree.Parentheses() | tree.AtClock() | tree.Negative() | tree.Not():
            return (written.inner,)
        case tree.Binary() | tree.Logic() | tree.Compare() | tree.Crosses():
            return written.left, written.right
        case tree.Between():
            return written.value, written.low, written.high
        case tree.Is():
            return (written.value,)
        case tree.Moves():
            return (written.value, written.amount) + (() if written.origin is None else (written.origin,))
        case tree.Within():
            return (written.anchor,)
        case tree.For():
            return (written.condition,)
        case _:
            return ()


def everything(written: tree.Expression) -> Iterator[tree.Expression]:
    """Yield an expression and all that is inside it, outermost first."""
    yield written
    for part in parts(written):
        yield from everything(part)


def unwrapped(written: tree.Expression) -> tree.Expression:
    """Return an expression without the parentheses around it."""
    while isinstance(written, tree.Parentheses):
        written = written.inner
    return written
