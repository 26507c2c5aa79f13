"""How trees of records are shown while debugging."""

from typing import Any


class Shown:
    """Shows a record as its name and attributes.

    attrs could make this method for each class, but the classes of a tree are many, and making them is a good part of
    the time that `rulelang check` takes to start.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        attributes: Any = self.__attrs_attrs__  # type: ignore[attr-defined]
        shown = (f"{a.name}={getattr(self, a.name)!r}" for a in attributes if a.repr)
        return f"{type(self).__name__}({', '.join(shown)})"
