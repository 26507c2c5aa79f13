"""On which side of each other values are, of two columns or of one bar: loops that a compiler doesn't find by itself.

This is what runs where nothing is compiled; `sides.pxd` says the same in C, side by side for several.
"""

from rulelang.engine.ops import ABOVE, AT_LEAST, BELOW, H_A, H_B, H_OUT, HOT


def sides(op: int, v: "memoryview[float]", x: int, y: int, fixed: int, t: memoryview, o: int, n: int) -> None:
    """Compare n values from x on with those from y on (`fixed`: with the one there); truths go to o."""
    for j in range(n):
        t[o + j] = _side(op, v[x + j], v[y if fixed else y + j])


def sides_of_rows(op: int, v: "memoryview[float]", hot: memoryview, first: int, last: int, t: memoryview) -> None:
    """Compare what the instructions first to last - 1 compare, in one bar."""
    for i in range(first * HOT, last * HOT, HOT):
        t[hot[i + H_OUT]] = _side(op, v[hot[i + H_A]], v[hot[i + H_B]])


def _side(op: int, left: float, right: float) -> int:
    """Say whether a value is on a side of another one; unknown where either is missing."""
    below, same, above = left < right, left == right, left > right
    if op == ABOVE:
        return 1 + above - (below or same)
    if op == AT_LEAST:
        return 1 + (above or same) - below
    if op == BELOW:
        return 1 + below - (above or same)
    return 1 + (below or same) - above
