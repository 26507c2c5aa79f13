"""What the native modules read of Cython's module of that name, for machines that have no Cython."""

from collections.abc import Callable
from typing import Any

compiled = False


def cclass(made: Any) -> Any:
    """Leave a class as it is."""
    return made


no_gc = cclass


def freelist(size: int) -> Callable[[Any], Any]:
    """Leave a class as it is; a compiled one keeps so many of its dead for those to come."""
    return cclass
