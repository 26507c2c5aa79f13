# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A live step in one call: from a dict of values to a decision, of which the rest is made when somebody asks."""

from array import array
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Any

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
from rulelang.engine.given import Given
from rulelang.evaluate.decision import AssetDecision, Decision
from rulelang.evaluate.steps import FURTHEST as _FURTHEST

if not cython.compiled:
    _DOUBLE = Struct("d")

    def _double(bank: bytes, at: int) -> float:
        return _DOUBLE.unpack_from(bank, at)[0]  # type: ignore[no-any-return]

    def kept(m: Any, shown: bytes) -> bytes:
        truths: bytes = m.truths()
        return array("d", [m.v[register] for register in array("q", shown)]).tobytes() + truths


FURTHEST = float(_FURTHEST)


class Steps:
    """The steps of a run: usual ones at once, the others as `unusual` takes them.

    Usual is a bar after the one before, of the one asset that the rules run for, with plain numbers in a dict. `bars`:
    the length of one; their closes are such lengths from `start`, and no two are further apart than `reach`.
    `count`: how many steps there were; `given` has the newest `most` of them. `shown`: registers that decisions keep,
    as whole numbers of 8 bytes; `hedge`: where the hedge stands among them, in bytes, or -1.
    """

    machine: Any
    reading: Any
    recollection: Any
    given: Any

    def __init__(self, most: int) -> None:
        self.machine = self.reading = self.recollection = None
        self.shown, self.hedge = b"", -1
        self.newest, self.bars, self.start, self.reach = float("nan"), float("nan"), 0.0, 0.0
        self.count, self.most = 0, most
        self.given = Given(most)

    def step(self, time: Any, values: Any) -> Any:
        """Take the step of the bar that closed at `time`, and decide; see `evaluate.Run.step`."""
        kind = type(time)
        if (kind is int or kind is float) and type(values) is dict:
            try:
                at = float(time)
            except OverflowError:
                return self.unusual(time, values)
            if (at == self.newest + self.bars or self._follows_gap(at)) and self._taken(at, values):
                return self._decided(time)
        return self.unusual(time, values)

    def _follows_gap(self, at: float) -> bool:
        """Say whether a bar may come at a time, with others missing before it."""
        apart = at - self.newest
        return self.bars < apart <= self.reach and (at - self.start) % self.bars == 0.0 and at <= FURTHEST

    def _taken(self, at: float, values: dict[str, Any]) -> bool:
        """Take a usual step; say whether it was one."""
        given = self.given
        if given.read(values):
            if not self.machine.fed(at, given):
                return False
            if self.most:
                given.keep(at)
        elif "" not in values and self.machine.supplied(at, values):
            if self.most:
                given.keep_whole(at, values)
        else:
            return False
        self.newest = at
        return True

    def unusual(self, time: Any, values: Any) -> Any:
        """Take any step."""
        raise NotImplementedError

    def keep(self, time: Any, values: Mapping[str, Any]) -> None:
        """Keep what came with a step; the oldest is forgotten where there is no more room."""
        if self.most:
            self.given.keep_whole(time, values)
        self.count += 1

    def _decided(self, time: Any) -> Any:
        self.count += 1
        decision = EngineDecision.__new__(EngineDecision)
        decision.time = time
        decision.number = self.count - 1
        decision.reading = self.reading
        decision.at = self.hedge
        decision.recollection = self.recollection
        decision.made = None
        decision.kept = kept(self.machine.live, self.shown)
        return decision


@cython.no_gc
@cython.freelist(16)
@cython.cclass
class EngineDecision:
    """What a step decided for the one asset that the rules run for; everything but `time` and `hedge` made when asked.

    Its face is that of `Decision`, to which it is equal when the same was decided. Nothing that it holds leads back to
    it, so the collector need not look at it, however many somebody keeps.
    """

    time: Any
    number: int
    at: int
    reading: Any
    recollection: Any
    made: Decision | None
    kept: bytes

    def whole(self) -> Decision:
        """Return the decision as a record of its own."""
        if self.made is None:
            asset, recollection = self.reading.checked.asset, self.recollection
            told = None if recollection is None else recollection.told(self.number, asset)
            values, truths = self.reading.banks(self.kept)
            self.made = Decision(self.time, {asset: self.reading.decision(self.time, values, truths, (), told)})
        return self.made

    @property
    def hedge(self) -> float | None:
        """The hedge in force after the step, a ratio (0.7 is 70%), or `None` where the rules set none."""
        return None if self.at < 0 else _double(self.kept, self.at)

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
