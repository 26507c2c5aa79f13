"""Live `for`: how long a condition has held, on its own clock or at the ends of longer periods; exits restart it."""

from typing import Any

from rulelang.evaluate.live import History, Live, Metronome, Now, Ticked, TickedHistory
from rulelang.evaluate.truth import Ring


class HeldBars(History):
    """`C for n periods` of a condition that moves with every bar."""

    __slots__ = ()
    state: Ring

    def restart(self) -> None:
        """Count from the next observation on."""
        self.state.clear()

    def progress(self) -> tuple[int, int, int]:
        """Return how many of the last n observations were true, how many have to be, and n."""
        return self.state.true, self.state.count, self.state.out_of


class HeldTicks(TickedHistory):
    """`C for n periods` of a condition that moves with the periods of a clock."""

    __slots__ = ()
    state: Ring

    def restart(self) -> None:
        """Count from the first observation on that comes later than the present one."""
        self.state.clear()
        self.committed = max(self.committed, self.pos)
        self.value = self.state.now()

    def progress(self) -> tuple[int, int, int]:
        """Return how many of the last n observations were true, how many have to be, and n."""
        return self.state.true, self.state.count, self.state.out_of


class HeldEnds(Ticked):
    """`C for n periods of 1d`: the condition as it stood at the last bar of each of the last n completed days."""

    __slots__ = ("last", "metronome", "moment", "part", "ring", "stepped")

    def __init__(self, ring: Ring, part: Live, moment: Now, metronome: Metronome) -> None:
        super().__init__()
        self.ring, self.part, self.moment, self.metronome = ring, part, moment, metronome
        self.last: Any = None  # as it stood at the last bar of the present period
        self.stepped = False

    def step(self) -> None:
        tick = self.metronome.tick()
        if not self.stepped:
            self.stepped, self.first = True, tick
        if not self.moment.virtual:
            self.last = self.part.now
        if self.metronome.on_the_dot():
            self.now = self.settled = self.ring.push(self.last)
            self.last = None
        self.pos = tick

    def restart(self) -> None:
        """Count from the first period on that ends after this step."""
        self.ring.clear()
        self.now = self.settled = None
        self.last = self.part.now

    def progress(self) -> tuple[int, int, int]:
        """Return how many of the last n observations were true, how many have to be, and n."""
        return self.ring.true, self.ring.count, self.ring.out_of

    def save(self) -> list[Any]:
        return [self.first, self.stepped, self.last, self.now, self.ring.save()]

    def load(self, saved: list[Any]) -> None:
        first, stepped, last, now, ring = saved
        self.ring.load(ring)
        self.first, self.stepped, self.last, self.now = first, stepped, last, now
        self.settled = now


Held = HeldBars | HeldTicks | HeldEnds
