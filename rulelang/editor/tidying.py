"""When memory is tidied up: while the editor rests, so that nobody who types ever waits for it."""

import asyncio
import gc

_REST = 2.0
"""After so many seconds without a message, memory is tidied up."""

_MOST = 1_000_000
"""So many new objects are tidied up at once, however busy the editor is."""


class Tidying:
    """Collects what only points to itself, where the editor is heard of no more for a while."""

    def __init__(self) -> None:
        self._rest: asyncio.TimerHandle | None = None

    def heard(self) -> None:
        """Note that the editor said something, and was answered."""
        if gc.get_count()[0] > _MOST:
            tidy()
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(_REST, tidy)


def begin() -> None:
    """Keep Python's own collector from work: it may look at all that is known of a long file amid an answer."""
    gc.disable()


def tidy() -> None:
    """Collect what is new and only points to itself; what is in use now will hardly ever be that: it is put aside."""
    gc.collect()
    keep()


def keep() -> None:
    """Put aside everything that there is: it goes when nothing uses it any more, but is never looked through again."""
    gc.freeze()
