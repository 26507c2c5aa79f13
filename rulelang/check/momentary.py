"""Which conditions are true for a moment only (clause 6.3)."""

from collections.abc import Callable

from rulelang.syntax import tree


def is_momentary(written: tree.Expression, let: Callable[[str], bool], crossing: bool = False) -> bool:
    """Say whether a condition is momentary: a crossing, `every`, `and` with such a part, `or` of such parts only.

    `let` answers for a name. With `crossing`, only crossings count, not `every`.
    """
    match written:
        case tree.Crosses():
            return True
        case tree.Every():
            return not crossing
        case tree.Logic(operator="and"):
            return is_momentary(written.left, let, crossing) or is_momentary(written.right, let, crossing)
        case tree.Logic():
            return is_momentary(written.left, let, crossing) and is_momentary(written.right, let, crossing)
        case tree.For(length=tree.Periods(count=tree.Number(text="1"), out_of=None)):
            return is_momentary(written.condition, let, crossing)
        case tree.Parentheses() | tree.AtClock():
            return is_momentary(written.inner, let, crossing)
        case tree.Name():
            return let(written.text)
        case _:
            return False
