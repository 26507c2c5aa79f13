"""A window: the last n observations, with whatever a function keeps of them to answer fast."""

from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Generic, TypeVar

from rulelang.functions import saved as read

Seen = TypeVar("Seen")
Numbers = tuple[float, ...]


class Window(ABC, Generic[Seen]):
    """The last `n` observations, each of them known or `None`.

    It has a value once n periods have passed and while at least half of them are known (clause 5.6). The value depends
    on these observations alone, so they are all that has to be saved.
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._held: deque[Seen | None] = deque()
        self._known = 0
        self._clear()

    @abstractmethod
    def _clear(self) -> None:
        """Forget everything that was kept."""

    @abstractmethod
    def _enter(self, seen: Seen) -> None:
        """Take a known observation in; it is not held yet."""

    @abstractmethod
    def _leave(self, seen: Seen) -> None:
        """Let the oldest one go, a known one; it is no longer held."""

    @abstractmethod
    def _value(self) -> float | None:
        """Return the value of a window that has one, unless it is outside of the function's domain."""

    @abstractmethod
    def _read(self, saved: object) -> Seen:
        """Return a known observation that was saved. Raises `ValueError` on anything else."""

    def _write(self, seen: Seen) -> Any:
        return seen

    def _observe(self, seen: Seen | None) -> float | None:
        self._take(seen)
        if len(self._held) < self._n or 2 * self._known < self._n:
            return None
        try:
            return self._value()
        except OverflowError:
            return None

    def _take(self, seen: Seen | None) -> None:
        held = self._held
        if len(held) == self._n:
            oldest = held.popleft()
            if oldest is not None:
                self._known -= 1
                self._leave(oldest)
        if seen is not None:
            self._known += 1
            self._enter(seen)
        held.append(seen)

    def save(self) -> list[Any]:
        """Return the observations, oldest first."""
        return [None if seen is None else self._write(seen) for seen in self._held]

    def load(self, saved: object) -> None:
        """Hold the saved observations instead."""
        window = [None if one is None else self._read(one) for one in read.at_most(saved, self._n)]
        self._held.clear()
        self._known = 0
        self._clear()
        for seen in window:
            self._take(seen)


class SeriesWindow(Window[float]):
    """A window over one series."""

    def push(self, value: float | None) -> float | None:
        """Take the newest value and return the function's."""
        return self._observe(value)

    def _read(self, saved: object) -> float:
        return read.number(saved)


class RowWindow(Window[Numbers]):
    """A window over several series; an observation is known when all of them are."""

    width: int

    def push(self, *values: float | None) -> float | None:
        """Take the newest values and return the function's."""
        row = tuple(value for value in values if value is not None)
        return self._observe(row if len(row) == len(values) else None)

    def _read(self, saved: object) -> Numbers:
        return tuple(read.number(one) for one in read.parts(saved, self.width))

    def _write(self, seen: Numbers) -> Any:
        return list(seen)
