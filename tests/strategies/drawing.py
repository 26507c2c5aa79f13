"""Drawing: hypothesis choices in the few forms that the generators need, the simplest choice first."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

Draw = Callable[[st.SearchStrategy[Any]], Any]


@cache
def _upto(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


class Drawing:
    """One example in the making: `draw` is hypothesis's."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw

    def number(self, low: int, high: int) -> int:
        """Return a whole number, both ends included; it shrinks towards the low one."""
        chosen: int = self.draw(_upto(high - low))
        return low + chosen

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of several things; it shrinks towards the first."""
        return choices[self.number(0, len(choices) - 1)]

    def once_in(self, times: int) -> bool:
        """Return true once in so many times; it shrinks towards false."""
        return self.number(0, times - 1) == times - 1

    def some(self, make: Callable[[], T], low: int, high: int) -> list[T]:
        """Return several things."""
        return [make() for _ in range(self.number(low, high))]
