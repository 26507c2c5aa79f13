"""How many examples a property gets where many properties share the time: a part of the profile's."""

from hypothesis import settings

LEAST = 10


def share(part: int) -> settings:
    """Return settings with one in `part` of the profile's examples."""
    return settings(max_examples=max(LEAST, settings().max_examples // part))
