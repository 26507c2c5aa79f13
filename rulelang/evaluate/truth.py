"""Three-valued truth (`None` is unknown), and the memories of conditions: `for`, crossings, moves."""

from collections import deque
from typing import Any

TOLERANCE = 1e-9
"""By how much `rises`, `falls` and `moves` may fall short."""

Truth = bool | None


def both(left: Truth, right: Truth) -> Truth:
    """Return Kleene's `and`."""
    if left is False or right is False:
        return False
    return True if left and right else None


def either(left: Truth, right: Truth) -> Truth:
    """Return Kleene's `or`."""
    if left or right:
        return True
    return False if left is False and right is False else None


def inverted(value: Truth) -> Truth:
    """Return Kleene's `not`."""
    return None if value is None else not value


class Ring:
    """`m of n`: the last n truths, by Kleene; what has not been observed is unknown."""

    __slots__ = ("count", "false", "out_of", "seen", "true")

    def __init__(self, count: int, out_of: int) -> None:
        self.count, self.out_of = count, out_of
        self.seen: deque[Truth] = deque()
        self.true = self.false = 0

    def push(self, value: Truth) -> Truth:
        """Take an observation and say whether the condition has held."""
        self.seen.append(value)
        self._count(value, 1)
        if len(self.seen) > self.out_of:
            self._count(self.seen.popleft(), -1)
        return self.now()

    def _count(self, value: Truth, by: int) -> None:
        if value is True:
            self.true += by
        elif value is False:
            self.false += by

    def now(self) -> Truth:
        """Say whether the condition has held, with what has been observed."""
        if self.true >= self.count:
            return True
        return False if self.out_of - self.false < self.count else None

    def clear(self) -> None:
        """Forget all observations."""
        self.seen.clear()
        self.true = self.false = 0

    def save(self) -> list[Any]:
        return list(self.seen)

    def load(self, saved: list[Any]) -> None:
        if len(saved) > self.out_of or any(value not in (True, False, None) for value in saved):
            raise ValueError("not the truths of such a condition")
        self.clear()
        for value in saved:
            self.seen.append(value)
            self._count(value, 1)


class Cross:
    """`A crosses above B`: above now and, when they last differed before, below."""

    __slots__ = ("above", "side")

    def __init__(self, above: bool) -> None:
        self.above = above
        self.side: bool | None = None  # whether A was above B when they last differed

    def push(self, left: float | None, right: float | None) -> Truth:
        if left is None or right is None:
            return None
        if left == right:
            return False
        side = left > right
        crossed = self.side is not None and side is not self.side and side is self.above
        self.side = side
        return crossed

    def save(self) -> list[Any]:
        return [self.side]

    def load(self, saved: list[Any]) -> None:
        (self.side,) = saved


def moved(verb: str, value: float | None, base: float | None, amount: float | None) -> Truth:
    """Say whether a value has risen, fallen or moved by a ratio from a base, which must be positive."""
    if value is None or base is None or amount is None or base <= 0:
        return None
    change = value / base - 1
    match verb:
        case "rises":
            return change >= amount - TOLERANCE
        case "falls":
            return -change >= amount - TOLERANCE
        case _:
            return abs(change) >= amount - TOLERANCE


class Past:
    """`X rises 15% over n periods`: the values of the last n periods."""

    __slots__ = ("back", "seen", "verb")

    def __init__(self, verb: str, back: int) -> None:
        self.verb, self.back = verb, back
        self.seen: deque[float | None] = deque(maxlen=back + 1)

    def push(self, value: float | None, amount: float | None) -> Truth:
        self.seen.append(value)
        base = self.seen[0] if len(self.seen) == self.back + 1 else None
        return moved(self.verb, value, base, amount)

    def save(self) -> list[Any]:
        return list(self.seen)

    def load(self, saved: list[Any]) -> None:
        if len(saved) > self.back + 1:
            raise ValueError("more values than such a condition keeps")
        self.seen = deque(saved, maxlen=self.back + 1)
