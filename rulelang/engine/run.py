"""A run on the engine: checked rules with their state, taking step after step for all assets."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from rulelang.check import CheckedRules
from rulelang.check.checked import Program as CheckedProgram
from rulelang.engine.decisions import Reading, Telling, Told
from rulelang.engine.inlets import Inlet, inlets
from rulelang.engine.lower import Lowered, lowered
from rulelang.engine.machine import COMPILED, Machine
from rulelang.engine.resume import Resumed, labelled, resumed
from rulelang.engine.snapshots import packed, parted, unpacked, with_reference
from rulelang.engine.steps import Steps
from rulelang.evaluate.decision import AssetDecision, Decision
from rulelang.evaluate.steps import (
    LONGEST_GAP,
    Loaded,
    Time,
    admit,
    admit_gap,
    admit_values,
    bytes_of,
    flattened,
    own,
    seconds_of,
)
from rulelang.kinds.units import offset

Events = Mapping[str, tuple[float, ...]]
if not COMPILED:
    warnings.warn(
        "rulelang's engine was installed without a C compiler: it decides the same, but some hundred times slower; "
        "with one, `pip install --force-reinstall --no-cache-dir rulelang` builds it",
        RuntimeWarning,
        stacklevel=2,
    )

Supplied = Mapping[tuple[str | None, str], Any]


class AssetRun:
    """The rules of one asset at work."""

    def __init__(self, checked: CheckedProgram, events: Events, flat: Lowered | None = None) -> None:
        self.checked, self.events = checked, events
        self.flat = flat = lowered(checked, tuple(events)) if flat is None else flat
        self.program = flat.program
        self.inlets: tuple[Inlet, ...] = inlets(checked, self.program.inputs)
        params = {name: float(value.exact) for name, value in checked.params.items()}
        self.machine = Machine(self.program, params, list(events.values()))
        self.reading = Reading(checked, self.program, flat.registers, self.machine.live.bank())

    def over(self, resumed: Resumed) -> "AssetRun":
        """Return the run that goes on from a state: this one, or one over the same rules lowered once more."""
        run = self if resumed.flat is self.flat else AssetRun(self.checked, self.events, resumed.flat)
        run.machine.load(resumed.arena)
        return run

    @property
    def last(self) -> float | None:
        """The time of the last step, or `None` before the first."""
        return self.machine.last()  # type: ignore[no-any-return]

    def step(self, time: float, supplied: Supplied, told: Told | None) -> AssetDecision:
        """Take a step: the bar that closed at `time`, with the values known then."""
        rejected = self.take(time, supplied)
        live = self.machine.live
        return self.reading.decision(time, live.values(), live.truths(), rejected, told)

    def take(self, time: float, supplied: Supplied) -> tuple[str, ...]:
        """Take a step, whose decision then stands in the machine's registers; return the fields that were refused."""
        numbers, rejected = [], []
        for inlet in self.inlets:
            number, refused = inlet.number(supplied.get(inlet.key))
            numbers.append(number)
            if refused:
                rejected.append(inlet.label)
        self.machine.one(float(time), numbers)
        return tuple(rejected)


class EngineRun(Steps):
    """Rules at work on the engine. Not for several threads at once; several runs in several threads are fine.

    `keep`: of so many of the newest steps what came is kept. `telling` makes their records of it when somebody asks;
    without it there are none.
    """

    def __init__(
        self, rules: CheckedRules, events: Events, keep: int = 0, telling: Callable[[Steps], Telling] | None = None
    ) -> None:
        super().__init__(keep)
        self.rules = rules
        self.resumed: Loaded | None = None
        known = {name: tuple(sorted({*dates, *events.get(name, ())})) for name, dates in rules.events.items()}
        self.assets = {asset: AssetRun(program, known) for asset, program in rules.programs.items()}
        self.recollection = None if telling is None else telling(self)
        self._watch()

    def _watch(self) -> None:
        """Let usual steps be taken at once, where the rules run for one asset without a name, and read no other."""
        run = self.assets.get(None)
        if run is None or not all(inlet.key[0] is None and inlet.words is None for inlet in run.inlets):
            return
        names = [inlet.key[1] for inlet in run.inlets]
        run.machine.watch(names, [end for inlet in run.inlets for end in (inlet.low, inlet.high)])
        self.given.want(names)
        self.machine, self.reading = run.machine, run.reading
        self.shown, self.hedge = run.reading.shown.tobytes(), run.reading.hedge
        if self.rules.bars is not None:
            self.bars, self.start = float(self.rules.bars), float(offset(self.rules.bars))
            self.reach = self.bars * (LONGEST_GAP + 1)

    @property
    def last(self) -> float | None:
        """The time of the last step, or `None` before the first."""
        return None if self.newest != self.newest else self.newest

    def unusual(self, time: Time, values: Mapping[str, Any]) -> Decision:
        """Take a step of any kind."""
        at = seconds_of(time)
        admit(at, self.last, self.rules.bars)
        admit_values(values, self.assets)
        supplied = flattened(values)
        chosen = [asset for asset in self.assets if len(self.assets) == 1 or asset in values]
        for asset in chosen:
            admit_gap(at, self.assets[asset].last, self.rules.bars)
        self.newest = at
        number = self.count
        self.keep(at, values)
        told = {asset: self._told(number, asset) for asset in chosen}
        return Decision(at, {asset: self.assets[asset].step(at, own(asset, supplied), told[asset]) for asset in chosen})

    def _told(self, number: int, asset: str | None) -> Told | None:
        return None if self.recollection is None else self.recollection.told(number, asset)

    def catch_up(self) -> None:
        """Let the reference follow up to the newest step, so that later records are made faster.

        Takes as long as the reference needs; what came with the steps before may then be forgotten. Raises `Forgotten`.
        """
        if self.recollection is not None:
            self.recollection.catch_up()

    # --- memory

    def snapshot(self, *, why: bool = False) -> bytes:
        """Return the whole state; `Rules.resume` goes on from it as if nothing had been interrupted.

        `why`: also the reference's state, which must first follow up to now. Without it later steps have no records.
        """
        parts = {asset or "": (run.flat, run.machine.save()) for asset, run in self.assets.items()}
        snapshot = packed(self.last, parts)
        return with_reference(snapshot, self.recollection.state()) if why and self.recollection else snapshot

    def load(self, snapshot: bytes) -> Loaded:
        """Take over a snapshot; say of which rules the state was kept, reset or new.

        Raises `SnapshotError`, and changes nothing, for bytes that are none.
        """
        ours, theirs = parted(bytes_of(snapshot))
        last, parts = unpacked(ours)
        found = {
            asset: resumed(parts[asset or ""], last, run.checked, lowered(run.checked, run.program.events))
            for asset, run in self.assets.items()
            if (asset or "") in parts
        }
        if self.recollection is not None:
            self.recollection.resume(theirs)
        self.assets = {asset: run.over(found[asset]) if asset in found else run for asset, run in self.assets.items()}
        self._watch()
        self.newest = float("nan") if last is None else last
        new = {asset: Loaded(new=[rule.name for rule in run.flat.rules]) for asset, run in self.assets.items()}
        self.resumed = labelled({asset: found[asset].loaded if asset in found else new[asset] for asset in self.assets})
        return self.resumed


Run = EngineRun
"""A run, as the package itself names it."""
