"""Patience: a stretch of a test that has to end within so many seconds, or fails."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooSlow(AssertionError):
    """Raised where the time is over."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail what is inside after so many seconds of wall time; generous ones, machines differ."""

    def over(signum: int, frame: FrameType | None) -> None:
        raise TooSlow(f"not done within {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
