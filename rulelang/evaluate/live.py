"""Live nodes: the checked tree at work, one object a node, each with its value now.

A node on bars of the base period, or on several clocks, moves with every step. A *ticked* node moves with the periods
of one clock; it knows at which period it stands (`pos`), what that period's observation will be if nothing more comes
(`settled`), and whether anything can still come (`complete`). Missing is `None`; so is unknown.
"""

from collections.abc import Callable
from typing import Any, Protocol

from rulelang.kinds.units import offset

NEVER = -(1 << 62)


class State(Protocol):
    """What a node with a history keeps: the newest observation goes in, the value comes out."""

    @property
    def push(self) -> Callable[..., Any]:
        """Takes an observation and gives the value with it."""

    def save(self) -> list[Any]:
        """Return the state as JSON can hold it."""

    def load(self, saved: list[Any]) -> None:
        """Go on from a saved state."""


class Now:
    """The step in hand: its time, its number, the values supplied with it, and whether it is a missing bar."""

    __slots__ = ("bar", "rejected", "time", "values", "virtual")

    def __init__(self) -> None:
        self.time: float = 0
        self.bar = -1
        self.values: dict[tuple[str | None, str], Any] = {}
        self.rejected: list[str] = []
        self.virtual = False


class Live:
    """A node at work; `now` is its value at this step."""

    __slots__ = ("now",)
    ticked = False
    constant = False

    def __init__(self) -> None:
        self.now: Any = None

    def step(self) -> None:
        """Move to the step in hand."""

    def save(self) -> list[Any] | None:
        """Return the node's memory as JSON can hold it; `None` where it has none."""
        return None

    def load(self, saved: list[Any]) -> None:
        """Take over a saved memory. Raises `ValueError` where it is not that of such a node."""
        raise ValueError("a node without memory")


class Fixed(Live):
    """A constant."""

    __slots__ = ()
    constant = True

    def __init__(self, value: Any) -> None:
        self.now = value


class Ticked(Live):
    """A node that moves with the periods of one clock."""

    __slots__ = ("complete", "first", "pos", "settled")
    ticked = True

    def __init__(self) -> None:
        super().__init__()
        self.settled: Any = None
        self.pos = NEVER
        self.first = NEVER
        self.complete = True


class Pure(Live):
    """A node whose value follows from the present values of others."""

    __slots__ = ("compute", "parts")

    def __init__(self, compute: Callable[..., Any], parts: tuple[Live, ...]) -> None:
        super().__init__()
        self.compute, self.parts = compute, parts

    def step(self) -> None:
        self.now = self.compute(*[part.now for part in self.parts])


class PureOne(Live):
    """A node whose value follows from the present value of another one."""

    __slots__ = ("compute", "part")

    def __init__(self, compute: Callable[[Any], Any], part: Live) -> None:
        super().__init__()
        self.compute, self.part = compute, part

    def step(self) -> None:
        self.now = self.compute(self.part.now)


class PureTwo(Live):
    """A node whose value follows from the present values of two others."""

    __slots__ = ("compute", "left", "right")

    def __init__(self, compute: Callable[[Any, Any], Any], left: Live, right: Live) -> None:
        super().__init__()
        self.compute, self.left, self.right = compute, left, right

    def step(self) -> None:
        self.now = self.compute(self.left.now, self.right.now)


def pure(compute: Callable[..., Any], parts: tuple[Live, ...]) -> Live:
    """Return the live node of a computation without memory over nodes that move with every step."""
    if len(parts) == 1:
        return PureOne(compute, parts[0])
    return PureTwo(compute, *parts) if len(parts) == 2 else Pure(compute, parts)


def _standing(parts: tuple[Live, ...], tick: int) -> tuple[int, bool, int]:
    """Return where nodes stand together, whether that period is complete, and the first period they know."""
    pos, complete, first = NEVER, True, NEVER
    for part in parts:
        if isinstance(part, Ticked):
            pos, first = max(pos, part.pos), max(first, part.first)
            complete = complete and part.complete
        elif not part.constant:
            pos = tick
    return pos, complete, first


def _settled(part: Live) -> Any:
    return part.settled if isinstance(part, Ticked) else part.now


class Metronome:
    """Counts the periods of one clock."""

    __slots__ = ("moment", "offset", "period")

    def __init__(self, moment: Now, period: int | None) -> None:
        self.moment, self.period = moment, period
        self.offset = offset(period) if period else 0

    def tick(self) -> int:
        """Return the number of the period that the step lies in: it begins at tick times period."""
        if self.period is None:
            return self.moment.bar
        return int((self.moment.time - self.offset) // self.period)

    def on_the_dot(self) -> bool:
        """Say whether a period ends exactly with this step."""
        return self.period is not None and (self.moment.time - self.offset) % self.period == 0

    def first_whole(self, bars: int) -> int:
        """Return the first tick whose longer bar is whole, for a run that begins with this step."""
        assert self.period is not None
        return int(-(-(self.moment.time - bars - self.offset) // self.period)) + 1

    def end(self, tick: int) -> int:
        """Return when the bar of a tick ends."""
        assert self.period is not None
        return tick * self.period + self.offset


class TickedPure(Ticked):
    """A computation over nodes of one clock; inside `@` (`waits`) it has no value before the first whole bar."""

    __slots__ = ("compute", "metronome", "parts", "waits")

    def __init__(self, compute: Callable[..., Any], parts: tuple[Live, ...], metronome: Metronome, waits: bool) -> None:
        super().__init__()
        self.compute, self.parts, self.metronome, self.waits = compute, parts, metronome, waits

    def step(self) -> None:
        tick = self.metronome.tick()
        self.pos, self.complete, self.first = _standing(self.parts, tick)
        if self.waits and tick < self.first:
            self.now = self.settled = None
            return
        self.now = self.compute(*[part.now for part in self.parts])
        self.settled = self.now if self.complete else self.compute(*map(_settled, self.parts))


class History(Live):
    """A function with a memory that takes an observation with every bar, missing bars included."""

    __slots__ = ("parts", "state")

    def __init__(self, state: State, parts: tuple[Live, ...]) -> None:
        super().__init__()
        self.state, self.parts = state, parts

    def step(self) -> None:
        self.now = self.state.push(*[part.now for part in self.parts])

    def save(self) -> list[Any]:
        return [self.now, self.state.save()]

    def load(self, saved: list[Any]) -> None:
        now, state = saved
        self.state.load(state)
        self.now = now


class TickedHistory(Ticked):
    """A function with a memory that takes one observation a period of its clock.

    A period's observation is taken when it is complete, or else when the period is over; until then the value is what
    it would be with what has come so far.
    """

    __slots__ = ("committed", "fresh", "metronome", "parts", "pending", "state", "tick", "value")

    def __init__(self, state: State, fresh: Callable[[], State], parts: tuple[Live, ...], metronome: Metronome) -> None:
        super().__init__()
        self.state, self.fresh, self.parts, self.metronome = state, fresh, parts, metronome
        self.tick: int | None = None
        self.committed = NEVER
        self.pending: list[Any] = []
        self.value: Any = None

    def step(self) -> None:
        tick = self.metronome.tick()
        self._close(tick)
        self.pos, self.complete, self.first = _standing(self.parts, tick)
        if self.pos == tick and self.complete and self.committed < tick and tick >= self.first:
            self._commit([part.now for part in self.parts], tick)
        self.pending = list(map(_settled, self.parts))
        if self.pos == tick and not self.complete and tick >= self.first and self.committed < tick:
            self.now = self._trial([part.now for part in self.parts])
            self.settled = self._trial(self.pending)
        else:
            self.now = self.value
            self.settled = self.value if self.committed >= tick else self._unfinished(tick)

    def _close(self, tick: int) -> None:
        """Take the observation of the period that is over, whatever of it has come."""
        if self.tick is not None and tick > self.tick > self.committed and self.tick >= self.first:
            self._commit(self.pending, self.tick)
        self.tick = tick

    def _commit(self, values: list[Any], tick: int) -> None:
        self.value = self.state.push(*values)
        self.committed = tick

    def _trial(self, values: list[Any]) -> Any:
        trial = self.fresh()
        trial.load(self.state.save())
        return trial.push(*values)

    def _unfinished(self, tick: int) -> Any:
        """Return the value that this period would have if nothing more came in it."""
        return self._trial(self.pending) if tick >= self.first else None

    def save(self) -> list[Any]:
        return [
            self.tick,
            self.committed,
            self.pending,
            self.value,
            self.first,
            self.pos,
            self.complete,
            self.state.save(),
        ]

    def load(self, saved: list[Any]) -> None:
        tick, committed, pending, value, first, pos, complete, state = saved
        self.state.load(state)
        self.tick, self.committed, self.pending, self.value = tick, committed, list(pending), value
        self.first, self.pos, self.complete = first, pos, complete
