"""On which side of each other the values of two columns are: the one loop that a compiler doesn't find by itself.

This is what runs where nothing is compiled; `sides.pxd` says the same in C, side by side for several bars.
"""

from rulelang.engine.ops import ABOVE, AT_LEAST, BELOW


def sides(op: int, v: "memoryview[float]", x: int, y: int, fixed: int, t: memoryview, o: int, n: int) -> None:
    """Compare n values from x on with those from y on (`fixed`: with the one there); truths go to o."""
    for j in range(n):
        left, right = v[x + j], v[y if fixed else y + j]
        below, same, above = left < right, left == right, left > right
        if op == ABOVE:
            t[o + j] = 1 + above - (below or same)
        elif op == AT_LEAST:
            t[o + j] = 1 + (above or same) - below
        elif op == BELOW:
            t[o + j] = 1 + below - (above or same)
        else:
            t[o + j] = 1 + (below or same) - above
