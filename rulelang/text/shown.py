"""How the records of trees are shown and compared.

attrs could make these methods for each class, but the classes of a tree are many, and making them is a good part of the
time that `rulelang check` takes to start.
"""

from typing import Any


class Shown:
    """Shows a record as its name and attributes; by itself it is equal to itself only."""

    __slots__ = ()

    def __repr__(self) -> str:
        attributes: Any = self.__attrs_attrs__  # type: ignore[attr-defined]
        shown = (f"{a.name}={getattr(self, a.name)!r}" for a in attributes if a.repr)
        return f"{type(self).__name__}({', '.join(shown)})"


class Compared(Shown):
    """A record that is equal to another one of its class with equal attributes."""

    __slots__ = ()

    def _compared(self) -> tuple[Any, ...]:
        attributes: Any = self.__attrs_attrs__  # type: ignore[attr-defined]
        return tuple(getattr(self, a.name) for a in attributes if a.eq)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))
