"""Reading saved states back: every value is looked at, and a wrong one is refused."""

import math


def parts(saved: object, count: int) -> list[object]:
    """Return a list of exactly `count` parts."""
    if not isinstance(saved, list) or len(saved) != count:
        raise ValueError(f"a saved state of {count} parts was expected")
    return saved


def at_most(saved: object, count: int) -> list[object]:
    """Return a list of no more than `count` parts."""
    if not isinstance(saved, list) or len(saved) > count:
        raise ValueError(f"a saved window of at most {count} values was expected")
    return saved


def number(saved: object) -> float:
    """Return a finite number."""
    if isinstance(saved, bool) or not isinstance(saved, int | float) or not math.isfinite(saved):
        raise ValueError(f"a saved number was expected, not {saved!r}")
    return float(saved)


def maybe(saved: object) -> float | None:
    """Return a finite number, or `None`."""
    return None if saved is None else number(saved)


def whole(saved: object, *, negative: bool = False) -> int:
    """Return a whole number, not negative unless that is allowed."""
    if isinstance(saved, bool) or not isinstance(saved, int) or (saved < 0 and not negative):
        raise ValueError(f"a saved count was expected, not {saved!r}")
    return saved
