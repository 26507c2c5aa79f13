# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A search tree over the slots of a window, in the arena: inserts, removes, selects and counts in O(log n).

A treap: in order of value (and of slot among equals), and every node above those of smaller priority; priorities are
a hash of the slot, so that the tree's shape depends on what it holds and on nothing else. Node k is slot k - 1 and 0 is
nothing. A node's link word holds its left child, its right child and the size of its tree, 21 bits each; the left child
of nothing is the root. `keys` and `links` are where the values and the n + 1 link words begin.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:
    from rulelang.engine.arena import at, bound

    LEFT, RIGHT, SIZE, CHILD, LOW_32, DEEPEST = 0, 21, 42, 2**21 - 1, 2**32 - 1, 200

from rulelang.engine.arena import Doubles, Wholes


def bounded(length: int) -> None:
    """Set the arena's length for a checked build."""
    bound(length)


def _priority(node: int) -> int:
    """Return a hash: one to one on 32 bits, so no two nodes share one."""
    mixed = ((node ^ (node >> 15)) * 0x2C1B3C6D) & LOW_32
    mixed = ((mixed ^ (mixed >> 12)) * 0x297A2D39) & LOW_32
    return mixed ^ (mixed >> 15)


def _child(q: Wholes, links: int, node: int, side: int) -> int:
    return (q[at(links + node)] >> side) & CHILD


def _size(q: Wholes, links: int, node: int) -> int:
    return q[at(links + node)] >> SIZE


def _hang(q: Wholes, links: int, node: int, side: int, child: int) -> None:
    """Make a node the child of another."""
    here = at(links + node)
    q[here] += (child - _child(q, links, node, side)) << side


def _grow(q: Wholes, links: int, node: int, by: int) -> None:
    """Change the size of a node's tree."""
    q[at(links + node)] += by << SIZE


def _before(d: Doubles, keys: int, a: int, b: int) -> bool:
    """Say whether a node comes before another in order."""
    x, y = d[at(keys + a - 1)], d[at(keys + b - 1)]
    return x < y or (x == y and a < b)


def _count_before(d: Doubles, q: Wholes, keys: int, links: int, top: int, node: int) -> int:
    """Return how many nodes of a tree come before one that is not in it."""
    count = 0
    while top:
        if _before(d, keys, top, node):
            count += _size(q, links, _child(q, links, top, LEFT)) + 1
            top = _child(q, links, top, RIGHT)
        else:
            top = _child(q, links, top, LEFT)
    return count


def insert(d: Doubles, q: Wholes, keys: int, links: int, node: int) -> None:
    """Put a node, whose key is in place, into the tree."""
    priority, above, side = _priority(node), 0, LEFT
    top = _child(q, links, 0, LEFT)
    while top and _priority(top) > priority:
        _grow(q, links, top, 1)
        above, side = top, RIGHT if _before(d, keys, top, node) else LEFT
        top = _child(q, links, above, side)
    _hang(q, links, above, side, node)
    _split(d, q, keys, links, top, node)


def _split(d: Doubles, q: Wholes, keys: int, links: int, top: int, node: int) -> None:
    """Hang what comes before and after a node in a tree under that node."""
    size = _size(q, links, top)
    left = _count_before(d, q, keys, links, top, node)
    right = size - left
    q[at(links + node)] = (size + 1) << SIZE
    low, low_side, high, high_side = node, LEFT, node, RIGHT
    while top:
        inside = _size(q, links, top)
        if _before(d, keys, top, node):
            _hang(q, links, low, low_side, top)
            _grow(q, links, top, left - inside)
            left -= _size(q, links, _child(q, links, top, LEFT)) + 1
            low, low_side = top, RIGHT
            top = _child(q, links, top, RIGHT)
        else:
            _hang(q, links, high, high_side, top)
            _grow(q, links, top, right - inside)
            right -= _size(q, links, _child(q, links, top, RIGHT)) + 1
            high, high_side = top, LEFT
            top = _child(q, links, top, LEFT)
    _hang(q, links, low, low_side, 0)
    _hang(q, links, high, high_side, 0)


def remove(d: Doubles, q: Wholes, keys: int, links: int, node: int) -> None:
    """Take a node, whose key is still in place, out of the tree."""
    above, side = 0, LEFT
    top = _child(q, links, 0, LEFT)
    while top != node:
        _grow(q, links, top, -1)
        above, side = top, RIGHT if _before(d, keys, top, node) else LEFT
        top = _child(q, links, above, side)
    _merge(q, links, above, side, _child(q, links, node, LEFT), _child(q, links, node, RIGHT))
    q[at(links + node)] = 0


def _merge(q: Wholes, links: int, above: int, side: int, a: int, b: int) -> None:
    """Hang two trees, one wholly before the other, in one place."""
    while a and b:
        if _priority(a) > _priority(b):
            _hang(q, links, above, side, a)
            _grow(q, links, a, _size(q, links, b))
            above, side = a, RIGHT
            a = _child(q, links, a, RIGHT)
        else:
            _hang(q, links, above, side, b)
            _grow(q, links, b, _size(q, links, a))
            above, side = b, LEFT
            b = _child(q, links, b, LEFT)
    _hang(q, links, above, side, a if a else b)


def select(d: Doubles, q: Wholes, keys: int, links: int, place: int) -> float:
    """Return the value at a place of the order, from 0."""
    node = _child(q, links, 0, LEFT)
    while True:
        left = _child(q, links, node, LEFT)
        before = _size(q, links, left)
        if place == before:
            return d[at(keys + node - 1)]
        if place < before:
            node = left
        else:
            place -= before + 1
            node = _child(q, links, node, RIGHT)


def below(d: Doubles, q: Wholes, keys: int, links: int, x: float) -> int:
    """Return how many values are below one."""
    count = 0
    node = _child(q, links, 0, LEFT)
    while node:
        left = _child(q, links, node, LEFT)
        if d[at(keys + node - 1)] < x:
            count += _size(q, links, left) + 1
            node = _child(q, links, node, RIGHT)
        else:
            node = left
    return count


def not_above(d: Doubles, q: Wholes, keys: int, links: int, x: float) -> int:
    """Return how many values are not above one."""
    count = 0
    node = _child(q, links, 0, LEFT)
    while node:
        left = _child(q, links, node, LEFT)
        if d[at(keys + node - 1)] <= x:
            count += _size(q, links, left) + 1
            node = _child(q, links, node, RIGHT)
        else:
            node = left
    return count


# Trees from elsewhere ─────────────────────────────────────────────────────────────────────────────────────────────────


def is_whole(d: Doubles, q: Wholes, keys: int, links: int, n: int, known: int) -> bool:
    """Say whether what the links make is a tree of all known values, as `insert` and `remove` would have made it.

    A walk through it in order: that every node is above those of smaller priority lets it end, that they are as many
    as are known and each comes after the one before makes them those of the known values.
    """
    if not cython.compiled:
        path = [0] * DEEPEST
    if q[at(links)] != _child(q, links, 0, LEFT) or _linked(q, links, n) != known:
        return False
    depth, count, last, node = 0, 0, 0, q[at(links)]
    while node or depth:
        if node:
            if depth == DEEPEST or not _is_sound_node(d, q, keys, links, n, node):
                return False
            path[depth] = node
            depth += 1
            node = _child(q, links, node, LEFT)
        else:
            depth -= 1
            node = path[depth]
            if count == known or (last and not _before(d, keys, last, node)):
                return False
            count, last = count + 1, node
            node = _child(q, links, node, RIGHT)
    return count == known


def _linked(q: Wholes, links: int, n: int) -> int:
    """Return how many nodes say that they are in the tree."""
    count = 0
    for node in range(1, n + 1):
        count += 1 if q[at(links + node)] != 0 else 0
    return count


def _is_sound_node(d: Doubles, q: Wholes, keys: int, links: int, n: int, node: int) -> bool:
    """Say whether a node is one, has a value, is above its children, and as large as they make it."""
    if node > n or d[at(keys + node - 1)] != d[at(keys + node - 1)]:
        return False
    left, right = _child(q, links, node, LEFT), _child(q, links, node, RIGHT)
    if left > n or right > n:
        return False
    if _size(q, links, node) != _size_or_none(q, links, left) + _size_or_none(q, links, right) + 1:
        return False
    return not (left and _priority(left) > _priority(node)) and not (right and _priority(right) > _priority(node))


def _size_or_none(q: Wholes, links: int, node: int) -> int:
    return _size(q, links, node) if node else 0
