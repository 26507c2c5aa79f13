"""Recursive averages: Wilder's and the exponential one, and the rsi and atr made of them, with TA-Lib's seeds.

They pass over observations that are not complete, keep their state, and are missing while the last n all were (C62).
"""

import math
from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from rulelang.functions import saved as read
from rulelang.functions.exact import Total

Seen = TypeVar("Seen")


def _towards(old: float, new: float, n: int, weight: float) -> float:
    """Return `old` moved towards `new` by `weight`; an equal value leaves it as it is, to the last bit."""
    if n == 1:
        return new
    step = new - old
    return old + weight * step if math.isfinite(step) else old * (1 - weight) + new * weight


class Average:
    """An average that starts as the plain one of its first `n` values, then moves by `weight` towards each new one."""

    def __init__(self, n: int, weight: float) -> None:
        self._n, self._weight = n, weight
        self._seed, self._count = Total(), 0
        self.value: float | None = None

    def take(self, value: float) -> None:
        """Move on by one known value."""
        if self.value is not None:
            self.value = _towards(self.value, value, self._n, self._weight)
            return
        self._seed.add(value)
        self._count += 1
        if self._count == self._n:
            self.value, self._seed = self._seed.mean(self._n), Total()

    def save(self) -> list[Any]:
        """Return the state as numbers."""
        return [self.value, self._count, self._seed.save()]

    def load(self, saved: object) -> None:
        """Go on from a saved state."""
        value, count, seed = read.parts(saved, 3)
        known, counted, total = read.maybe(value), read.whole(count), Total.saved(seed)
        if counted > self._n or (counted == self._n) != (known is not None):
            raise ValueError(f"a saved average of {self._n} values can't have seen {counted}")
        self.value, self._count, self._seed = known, counted, total


class Recursive(ABC, Generic[Seen]):
    """A function that goes on from its last state."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._silent = 0

    @abstractmethod
    def _take(self, seen: Seen) -> None:
        """Move on by one complete observation."""

    @abstractmethod
    def _value(self) -> float | None:
        """Return the value, `None` before the seed is complete."""

    @abstractmethod
    def _save(self) -> list[Any]:
        """Return the state without the count of silent periods."""

    @abstractmethod
    def _load(self, saved: object) -> None:
        """Go on from what `_save` gave. Raises `ValueError`, and changes nothing, on anything else."""

    def _observe(self, seen: Seen | None) -> float | None:
        if seen is None:
            self._silent = min(self._silent + 1, self._n)
        else:
            self._silent = 0
            self._take(seen)
        return None if self._silent == self._n else self._value()

    def save(self) -> list[Any]:
        """Return the state as numbers."""
        return [self._silent, self._save()]

    def load(self, saved: list[Any]) -> None:
        """Go on from a saved state."""
        silent, rest = read.parts(saved, 2)
        count = read.whole(silent)
        if count > self._n:
            raise ValueError(f"a saved state of {self._n} periods can't have been silent for {count}")
        self._load(rest)
        self._silent = count


class Smoothed(Recursive[float]):
    """The exponential average (weight 2 / (n + 1)) or Wilder's (1 / n) of a series."""

    def __init__(self, n: int, weight: float) -> None:
        super().__init__(n)
        self._average = Average(n, weight)

    def push(self, value: float | None) -> float | None:
        """Take the newest value and return the average."""
        return self._observe(value)

    def _take(self, seen: float) -> None:
        self._average.take(seen)

    def _value(self) -> float | None:
        return self._average.value

    def _save(self) -> list[Any]:
        return self._average.save()

    def _load(self, saved: object) -> None:
        self._average.load(saved)


class TrueRange(Recursive[tuple[float, float, float]]):
    """Wilder's average of the true range: the bar's range, stretched to the close of the complete bar before."""

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self._average = Average(n, 1 / n)
        self._close: float | None = None

    def push(self, high: float | None, low: float | None, close: float | None) -> float | None:
        """Take the newest bar and return the average true range."""
        if high is None or low is None or close is None:
            return self._observe(None)
        return self._observe((high, low, close))

    def _take(self, seen: tuple[float, float, float]) -> None:
        high, low, close = seen
        before, self._close = self._close, close
        if before is None:
            return
        reach = max(high - low, abs(high - before), abs(low - before))
        if reach < math.inf:
            self._average.take(reach)

    def _value(self) -> float | None:
        return self._average.value

    def _save(self) -> list[Any]:
        return [self._close, self._average.save()]

    def _load(self, saved: object) -> None:
        close, average = read.parts(saved, 2)
        before = read.maybe(close)
        self._average.load(average)
        self._close = before


class Strength(Recursive[float]):
    """Wilder's relative strength index.

    While a series stands still both averages fade alike and their ratio stays, but as floats they would reach 0 after
    some ten thousand bars. So the still bars are counted, and taken into account with the next move.
    """

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self._last: float | None = None
        self._seeds, self._count = (Total(), Total()), 0
        self._up = self._down = 0.0
        self._still = 0

    def push(self, value: float | None) -> float | None:
        """Take the newest value and return the index."""
        return self._observe(value)

    def _take(self, seen: float) -> None:
        last, self._last = self._last, seen
        change = seen - last if last is not None else math.nan
        if not math.isfinite(change):
            return
        gain, loss = max(change, 0.0), max(-change, 0.0)
        if self._count < self._n:
            self._sow(gain, loss)
        elif change == 0:
            self._still += 1
        else:
            self._move(gain, loss)

    def _sow(self, gain: float, loss: float) -> None:
        ups, downs = self._seeds
        ups.add(gain)
        downs.add(loss)
        self._count += 1
        if self._count == self._n:
            self._up, self._down = ups.mean(self._n), downs.mean(self._n)
            self._seeds = (Total(), Total())

    def _move(self, gain: float, loss: float) -> None:
        n, faded = self._n, (1 - 1 / self._n) ** self._still
        self._up = _towards(self._up * faded, gain, n, 1 / n)
        self._down = _towards(self._down * faded, loss, n, 1 / n)
        self._still = 0
        if self._up == self._down == 0:  # a move too small to divide by n
            self._up, self._down = gain, loss

    def _value(self) -> float | None:
        up, down = self._up, self._down
        if self._count < self._n or up == down == 0:
            return None
        if up + down == math.inf:
            up, down = up / 2, down / 2
        return 100 * (up / (up + down))

    def _save(self) -> list[Any]:
        seeds = [seed.save() for seed in self._seeds]
        return [self._last, self._count, seeds, self._up, self._down, self._still]

    def _load(self, saved: object) -> None:
        last, count, seeds, up, down, still = read.parts(saved, 6)
        ups, downs = (Total.saved(seed) for seed in read.parts(seeds, 2))
        state = read.maybe(last), read.whole(count), read.number(up), read.number(down), read.whole(still)
        if state[1] > self._n or min(state[2:4]) < 0:
            raise ValueError("this is no saved state of an rsi")
        self._last, self._count, self._up, self._down, self._still = state
        self._seeds = ups, downs
