"""Which conditions are true for a moment only (clause 6.3)."""

from collections.abc import Mapping

from rulelang.syntax import tree


def is_momentary(written: tree.Expression, lets: Mapping[str, bool]) -> bool:
    """Say whether a condition is momentary: a crossing, `every`, `and` with such a part, `or` of such parts only.

    `lets` says of each let whether it is.
    """
    match written:
        case tree.Crosses() | tree.Every():
            return True
        case tree.Logic(operator="and"):
            return is_momentary(written.left, lets) or is_momentary(written.right, lets)
        case tree.Logic():
            return is_momentary(written.left, lets) and is_momentary(written.right, lets)
        case tree.Parentheses() | tree.AtClock():
            return is_momentary(written.inner, lets)
        case tree.Name() if written.text in lets:
            return lets[written.text]
        case _:
            return False
