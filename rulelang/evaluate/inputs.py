"""Live inputs: market fields as they are supplied, published, held, or made into longer bars; time and calendar."""

import math
from bisect import bisect_right
from numbers import Real
from typing import Any

from rulelang.evaluate.live import NEVER, Live, Metronome, Now, Ticked
from rulelang.fields import Aggregation, Field


def accepted(field: Field, value: Any) -> tuple[Any, bool]:
    """Return a supplied value as the rules may see it (`None`: missing), and whether it was refused."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or type(value).__name__ == "NAType":
        return None, False
    if field.kind.name == "word":
        assert isinstance(field.kind.unit, tuple)
        return (value, False) if isinstance(value, str) and value in field.kind.unit else (None, True)
    if isinstance(value, bool) or (not isinstance(value, Real) and not hasattr(value, "__float__")):
        return None, True
    try:
        number = float(value)
    except (ValueError, OverflowError, TypeError):
        return None, True
    if math.isnan(number):
        return None, False
    return (number, False) if field.bounds.holds(number) else (None, True)


class Supplied(Live):
    """A field of each bar: its value is the one that came with the step."""

    __slots__ = ("field", "key", "moment")

    def __init__(self, moment: Now, asset: str | None, field: Field) -> None:
        super().__init__()
        self.moment, self.field, self.key = moment, field, (asset, field.name)

    def step(self) -> None:
        self.now = self.read()

    def read(self) -> Any:
        """Return the value that came with the step, checked against the field's bounds."""
        supplied = self.moment.values.get(self.key)
        if supplied is None:
            return None
        value, refused = accepted(self.field, supplied)
        if refused:
            asset, name = self.key
            label = name if asset is None else f"{asset}.{name}"
            if label not in self.moment.rejected:
                self.moment.rejected.append(label)
        return value


class Valid(Supplied):
    """A field whose newest value counts until it is so old."""

    __slots__ = ("age", "since", "value")

    def __init__(self, moment: Now, asset: str | None, field: Field) -> None:
        super().__init__(moment, asset, field)
        assert field.valid_for is not None
        self.age = field.valid_for
        self.value: Any = None
        self.since: float | None = None

    def step(self) -> None:
        value = self.read()
        if value is not None:
            self.value, self.since = value, self.moment.time
        young = self.since is not None and self.moment.time - self.since < self.age
        self.now = self.value if young else None

    def save(self) -> list[Any]:
        return [self.value, self.since]

    def load(self, saved: list[Any]) -> None:
        self.value, self.since = saved


class Published(Ticked):
    """A field that is published once a period: the first value in a period is its observation, held until the next."""

    __slots__ = ("metronome", "source", "tick", "value")

    def __init__(self, source: Supplied, metronome: Metronome) -> None:
        super().__init__()
        self.source, self.metronome = source, metronome
        self.tick: int | None = None  # the period of the newest observation
        self.value: Any = None

    def step(self) -> None:
        tick = self.metronome.tick()
        if self.first == NEVER:
            self.first = tick
        value = self.source.read()
        if value is not None and self.tick != tick:
            self.tick, self.value = tick, value
        self.complete = self.tick == tick
        self.pos = tick if self.complete else tick - 1
        self.settled = self.value if self.complete else None
        self.now = self.value if self.tick == self.pos else None

    def save(self) -> list[Any]:
        return [self.first, self.tick, self.value]

    def load(self, saved: list[Any]) -> None:
        self.first, self.tick, self.value = saved


class LongBar(Ticked):
    """A value on longer bars: made of its known parts, completed bars only."""

    __slots__ = ("bars", "how", "metronome", "part", "so_far")

    def __init__(self, part: Live, how: Aggregation, metronome: Metronome, bars: int) -> None:
        super().__init__()
        self.part, self.how, self.metronome, self.bars = part, how, metronome, bars
        self.so_far: Any = None

    def step(self) -> None:
        metronome = self.metronome
        tick = metronome.tick()
        if self.first == NEVER:
            self.first = metronome.first_whole(self.bars)
        if self.part.now is not None:
            self.so_far = self._with(self.part.now)
        self.pos = tick
        if metronome.on_the_dot():
            self.now = self.settled = self.so_far if tick >= self.first else None
            self.so_far = None

    def _with(self, value: Any) -> Any:
        before = self.so_far
        if before is None:
            return value
        match self.how:
            case Aggregation.FIRST:
                return before
            case Aggregation.MAX:
                return max(before, value)
            case Aggregation.MIN:
                return min(before, value)
            case Aggregation.SUM:
                total = before + value
                return total if math.isfinite(total) else None
            case _:
                return value

    def save(self) -> list[Any]:
        return [self.first, self.so_far, self.now]

    def load(self, saved: list[Any]) -> None:
        self.first, self.so_far, self.now = saved
        self.settled = self.now


class Time(Live):
    """The time of the step."""

    __slots__ = ("moment",)

    def __init__(self, moment: Now) -> None:
        super().__init__()
        self.moment = moment

    def step(self) -> None:
        self.now = float(self.moment.time)


class LongTime(Ticked):
    """The time at which a longer bar ended."""

    __slots__ = ("bars", "metronome")

    def __init__(self, metronome: Metronome, bars: int) -> None:
        super().__init__()
        self.metronome, self.bars = metronome, bars

    def step(self) -> None:
        if self.first == NEVER:
            self.first = self.metronome.first_whole(self.bars)
        self.pos = self.metronome.tick()
        self.now = self.settled = float(self.metronome.end(self.pos)) if self.pos >= self.first else None

    def save(self) -> list[Any]:
        return [self.first]

    def load(self, saved: list[Any]) -> None:
        (self.first,) = saved


def near(distance: int, side: str, time: float | None, dates: tuple[float, ...]) -> bool | None:
    """Say whether a time lies within a distance before or after one of some dates (5.5)."""
    if time is None:
        return None
    if side == "before":
        at = bisect_right(dates, time)
        return at < len(dates) and dates[at] - time <= distance
    at = bisect_right(dates, time)
    return at > 0 and time - dates[at - 1] < distance


class First(Live):
    """True on the first step of each period; a run that begins inside one has missed it."""

    __slots__ = ("bars", "moment", "offset", "period", "seen")

    def __init__(self, moment: Now, period: int, bars: int, start: int) -> None:
        super().__init__()
        self.moment, self.period, self.bars, self.offset = moment, period, bars, start
        self.seen: int | None = None

    def step(self) -> None:
        if self.moment.virtual:
            self.now = False
            return
        time = self.moment.time - self.offset
        index = int(-(-time // self.period))
        if self.seen is None:
            before = int(-(-(time - self.bars) // self.period))
            self.now = before != index
        else:
            self.now = index != self.seen
        self.seen = index

    def save(self) -> list[Any]:
        return [self.seen]

    def load(self, saved: list[Any]) -> None:
        (self.seen,) = saved


class LongFirst(Ticked):
    """True on the first longer bar of each period."""

    __slots__ = ("metronome", "offset", "part", "period")

    def __init__(self, metronome: Metronome, period: int, start: int, time: LongTime) -> None:
        super().__init__()
        self.metronome, self.period, self.offset, self.part = metronome, period, start, time

    def step(self) -> None:
        self.pos, self.first = self.part.pos, self.part.first
        end = self.metronome.end(self.pos) - self.offset
        before = end - (self.metronome.period or 0)
        anew = -(-end // self.period) != -(-before // self.period)
        self.now = self.settled = anew if self.pos >= self.first else None
