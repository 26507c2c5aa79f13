"""Measuring two things side by side: medians of alternating runs, printed as a ratio."""

from collections.abc import Callable
from statistics import median


def alternating(one: Callable[[], float], other: Callable[[], float], runs: int = 11) -> tuple[float, float]:
    """Return the medians of two measurements, in seconds, taken in turn after one round to warm up."""
    one(), other()
    pairs = [(one(), other()) for _ in range(runs)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def ratio_line(name: str, one: float, other: float, wanted: str) -> str:
    """Return a measurement as a line: the ratio, what is wanted, and both times."""
    return f"{name}: {one / other:.2f} ({wanted}; {one:.3f} s against {other:.3f} s)"
