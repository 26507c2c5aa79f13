"""Looking back: the value n periods ago, what changed since, and how long ago a condition held."""

import math
from collections import deque
from typing import Any

from rulelang.functions import saved as read


class Previous:
    """The value n periods ago; only that one value has to be known."""

    def __init__(self, n: int) -> None:
        self._held: deque[float | None] = deque(maxlen=n + 1)
        self._reach = n + 1

    def push(self, value: float | None) -> float | None:
        """Take the newest value and return the one n periods before."""
        self._held.append(value)
        return self._held[0] if len(self._held) == self._reach else None

    def save(self) -> list[Any]:
        """Return the values, oldest first."""
        return list(self._held)

    def load(self, saved: list[Any]) -> None:
        """Hold the saved values instead."""
        held = [read.maybe(value) for value in read.at_most(saved, self._reach)]
        self._held.clear()
        self._held.extend(held)


class Difference(Previous):
    """The present value less the one n periods ago."""

    def push(self, value: float | None) -> float | None:
        """Take the newest value; missing when it or the one before is."""
        before = super().push(value)
        if value is None or before is None:
            return None
        difference = value - before
        return difference if math.isfinite(difference) else None


class Change(Previous):
    """The present value relative to the one n periods ago, which must be positive: value / before - 1."""

    def push(self, value: float | None) -> float | None:
        """Take the newest value; missing when it or the one before is."""
        before = super().push(value)
        if value is None or before is None or before <= 0:
            return None
        change = value / before - 1
        return change if math.isfinite(change) else None


class Since:
    """Periods since a condition was last true, passing over unknowns (C18)."""

    def __init__(self) -> None:
        self._since: int | None = None

    def push(self, condition: bool | None) -> float | None:
        """Take the newest truth value; 0 when it is true, missing until the first time."""
        if condition:
            self._since = 0
        elif self._since is not None:
            self._since += 1
        return None if self._since is None else float(self._since)

    def save(self) -> list[Any]:
        """Return the count."""
        return [self._since]

    def load(self, saved: list[Any]) -> None:
        """Go on from a saved count."""
        (since,) = read.parts(saved, 1)
        self._since = None if since is None else read.whole(since)
