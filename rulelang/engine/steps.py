# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A live step in one call: from a dict of values to a decision, of which the rest is made when somebody asks."""

from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Any

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
from rulelang.evaluate.decision import AssetDecision, Decision

if not cython.compiled:
    _DOUBLE = Struct("d")

    def _double(bank: bytes, at: int) -> float:
        return _DOUBLE.unpack_from(bank, at)[0]  # type: ignore[no-any-return]

    copied = bytes


class Steps:
    """The steps of a run: usual ones at once, the others as `unusual` takes them.

    Usual is the bar that follows the one before, of the one asset that the rules run for, with plain numbers in a dict.
    `hedge`: where the hedge stands in the bank, in bytes, or -1. `count`: how many steps there were. The newest
    `most` of them are kept, with what came.
    """

    machine: Any
    reading: Any
    recollection: Any

    def __init__(self, most: int) -> None:
        self.machine = self.reading = self.recollection = None
        self.hedge = -1
        self.newest, self.bars = float("nan"), float("nan")
        self.count, self.most = 0, most
        self.times: list[Any] = []
        self.given: list[Any] = []

    def step(self, time: Any, values: Any) -> Any:
        """Take the step of the bar that closed at `time`, and decide; see `evaluate.Run.step`."""
        kind = type(time)
        if (kind is int or kind is float) and type(values) is dict and "" not in values:
            try:
                at = float(time)
            except OverflowError:
                return self.unusual(time, values)
            if at == self.newest + self.bars and self.machine.supplied(at, values):
                self.newest = at
                self._keep(time, values.copy())
                return self._decided(time)
        return self.unusual(time, values)

    def unusual(self, time: Any, values: Any) -> Any:
        """Take any step."""
        raise NotImplementedError

    def keep(self, time: Any, values: Any) -> None:
        """Keep what came with a step; the oldest is forgotten where there is no more room."""
        self._keep(time, values)

    def _keep(self, time: Any, values: Any) -> None:
        most = self.most
        if self.count < most:
            self.times.append(time)
            self.given.append(values)
        elif most:
            place = self.count % most
            self.times[place] = time
            self.given[place] = values
        self.count += 1

    def _decided(self, time: Any) -> Any:
        decision = EngineDecision.__new__(EngineDecision)
        decision.time = time
        decision.number = self.count - 1
        decision.reading = self.reading
        decision.at = self.hedge
        decision.recollection = self.recollection
        decision.made = None
        decision.bank = copied(self.machine.live.memory)
        decision.truths = copied(self.machine.live.truth_memory)
        return decision


class EngineDecision:
    """What a step decided for the one asset that the rules run for; everything but `time` and `hedge` made when asked.

    Its face is that of `Decision`, to which it is equal when the same was decided.
    """

    time: Any
    number: int
    at: int
    reading: Any
    recollection: Any
    made: Decision | None
    bank: bytes
    truths: bytes

    def whole(self) -> Decision:
        """Return the decision as a record of its own."""
        if self.made is None:
            asset, recollection = self.reading.checked.asset, self.recollection
            told = None if recollection is None else recollection.told(self.number, asset)
            values = memoryview(self.bank).cast("d")
            self.made = Decision(self.time, {asset: self.reading.decision(self.time, values, self.truths, (), told)})
        return self.made

    @property
    def hedge(self) -> float | None:
        """The hedge in force after the step, a ratio (0.7 is 70%), or `None` where the rules set none."""
        return None if self.at < 0 else _double(self.bank, self.at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole(), name)

    def __getitem__(self, asset: str | None) -> AssetDecision:
        return self.whole()[asset]

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.whole())

    def __len__(self) -> int:
        return 1

    def __contains__(self, asset: object) -> bool:
        return asset in self.whole()

    def __eq__(self, other: object) -> Any:
        return self.whole() == (other.whole() if isinstance(other, EngineDecision) else other)

    def __hash__(self) -> int:
        return hash(self.time)

    def __repr__(self) -> str:
        return repr(self.whole())

    def __reduce__(self) -> Any:
        whole = self.whole()
        return Decision, (whole.time, dict(whole.by_asset))


Decision.register(EngineDecision)
Mapping.register(EngineDecision)
