"""How properties that share the time, or the work, get their examples."""

from collections.abc import Callable
from typing import Any

from hypothesis import seed, settings

LEAST = 10


def share(part: int) -> settings:
    """Return settings with one in `part` of the profile's examples."""
    return settings(max_examples=max(LEAST, settings().max_examples // part))


def apart(shard: int) -> Callable[[Any], Any]:
    """Give the shards of a test examples of their own where each run has the same ones: else all had the same."""
    return seed(shard) if settings().derandomize else lambda test: test
