"""A run on the engine: checked rules with their state, taking step after step for all assets."""

from collections.abc import Mapping
from typing import Any

from rulelang.check import CheckedRules
from rulelang.check.checked import Program as CheckedProgram
from rulelang.engine.decisions import EngineDecision, Reading
from rulelang.engine.inlets import Inlet, inlets
from rulelang.engine.lower import Lowered, lowered
from rulelang.engine.machine import Machine
from rulelang.engine.resume import Resumed, labelled, resumed
from rulelang.engine.snapshots import packed, unpacked
from rulelang.evaluate.decision import AssetDecision, Decision
from rulelang.evaluate.live import offset
from rulelang.evaluate.machine import LONGEST_GAP, Loaded, StepRefused
from rulelang.evaluate.run import Time, seconds_of
from rulelang.kinds import duration_text
from rulelang.kinds.units import time_text

_SECONDS = (int, float)
Supplied = Mapping[tuple[str | None, str], Any]


class AssetRun:
    """The rules of one asset at work."""

    def __init__(
        self, checked: CheckedProgram, events: Mapping[str, tuple[float, ...]], flat: Lowered | None = None
    ) -> None:
        self.checked, self.events = checked, events
        self.flat = flat = lowered(checked, tuple(events)) if flat is None else flat
        self.program = flat.program
        self.inlets: tuple[Inlet, ...] = inlets(checked, self.program.inputs)
        params = {name: float(value.exact) for name, value in checked.params.items()}
        self.machine = Machine(self.program, params, list(events.values()))
        self.reading = Reading(checked, self.program, flat.registers)

    def over(self, resumed: Resumed) -> "AssetRun":
        """Return the run that goes on from a state: this one, or one over the same rules lowered once more."""
        run = self if resumed.flat is self.flat else AssetRun(self.checked, self.events, resumed.flat)
        run.machine.load(resumed.arena)
        return run

    def refuses(self, time: float, last: float | None) -> str | None:
        """Return why a step at a time can't be taken, or `None`."""
        if last is None or self.program.bars is None:
            return None
        missing = (time - last) // self.program.bars - 1
        if missing > LONGEST_GAP:
            return f"{int(missing):,} bars are missing before it, more than {LONGEST_GAP:,}: start a new run"
        return None

    @property
    def last(self) -> float | None:
        """The time of the last step, or `None` before the first."""
        return self.machine.last()

    def step(self, time: float, supplied: Supplied) -> AssetDecision:
        """Take a step: the bar that closed at `time`, with the values known then."""
        numbers, rejected = [], []
        for inlet in self.inlets:
            number, refused = inlet.number(supplied.get(inlet.key))
            numbers.append(number)
            if refused:
                rejected.append(inlet.label)
        self.machine.one(float(time), numbers)
        live = self.machine.live
        return self.reading.decision(time, live.values(), live.truths(), tuple(rejected))


class EngineRun:
    """Rules at work on the engine. Not for several threads at once; several runs in several threads are fine."""

    def __init__(self, rules: CheckedRules, events: Mapping[str, tuple[float, ...]]) -> None:
        self.rules = rules
        self.last: float | None = None
        known = {name: tuple(sorted({*dates, *events.get(name, ())})) for name, dates in rules.events.items()}
        self.start = offset(rules.bars) if rules.bars is not None else 0
        self._take({asset: AssetRun(program, known) for asset, program in rules.programs.items()})

    def _take(self, assets: dict[str | None, AssetRun]) -> None:
        """Go on with other runs of the assets."""
        self.assets = assets
        nameless = self.assets.get(None)
        own = nameless is not None and all(i.key[0] is None and i.words is None for i in nameless.inlets)
        self.only = nameless if own else None
        if nameless is not None and own:
            names = [inlet.key[1] for inlet in nameless.inlets]
            nameless.machine.watch(names, [end for i in nameless.inlets for end in (i.low, i.high)])

    def step(self, time: Time, values: Mapping[str, Any]) -> Decision | EngineDecision:
        """Take the step of the bar that closed at `time`, and decide; see `evaluate.Run.step`."""
        if self.only is not None and type(values) is dict and type(time) in _SECONDS:
            found = self._quickly(time, values)
            if found is not None:
                return found
        at = seconds_of(time)
        self._admit(at)
        supplied = _flattened(values)
        chosen = [asset for asset in self.assets if len(self.assets) == 1 or asset in values]
        for asset in chosen:
            if (reason := self.assets[asset].refuses(at, self.assets[asset].last)) is not None:
                raise StepRefused(f"the step at {time_text(at)} can't be taken: {reason}")
        self.last = at
        return Decision(at, {asset: self.assets[asset].step(at, _own(asset, supplied)) for asset in chosen})

    def _quickly(self, at: float, values: dict[str, Any]) -> EngineDecision | None:
        """Take the step of an asset without a name, where nothing is unusual about it; `None`: nothing was done."""
        run, last, bars = self.only, self.last, self.rules.bars
        assert run is not None
        if bars is None or last is None or not last < at <= last + bars or (at - self.start) % bars or "" in values:
            return None
        if not run.machine.supplied(at, values):
            return None
        self.last = at
        live = run.machine.live
        return EngineDecision(at, run.reading, live.bank(), live.truths())

    def snapshot(self) -> bytes:
        """Return the whole state; `load` goes on from it as if nothing had been interrupted."""
        return packed(self.last, {asset or "": (run.flat, run.machine.save()) for asset, run in self.assets.items()})

    def load(self, snapshot: bytes) -> Loaded:
        """Take over a snapshot; say of which rules the state was kept, reset or new.

        Raises `SnapshotError`, and changes nothing, for bytes that are none.
        """
        last, parts = unpacked(snapshot)
        found = {
            asset: resumed(parts[asset or ""], last, run.checked, lowered(run.checked, run.program.events))
            for asset, run in self.assets.items()
            if (asset or "") in parts
        }
        self.last = last
        self._take({asset: run.over(found[asset]) if asset in found else run for asset, run in self.assets.items()})
        new = {asset: Loaded(new=[rule.name for rule in run.flat.rules]) for asset, run in self.assets.items()}
        return labelled({asset: found[asset].loaded if asset in found else new[asset] for asset in self.assets})

    def _admit(self, at: float) -> None:
        if self.last is not None and at <= self.last:
            message = f"the step at {time_text(at)} does not come after the last one, at {time_text(self.last)}"
            raise StepRefused(message)
        bars = self.rules.bars
        if bars is not None and (at - offset(bars)) % bars:
            raise StepRefused(f"{time_text(at)} is not the close of a bar of {duration_text(bars)}")


def _own(asset: str | None, supplied: dict[tuple[str | None, str], Any]) -> dict[tuple[str | None, str], Any]:
    """Return supplied values as the rules of an asset see them: its own have no asset."""
    if asset is None:
        return supplied
    own: dict[tuple[str | None, str], Any] = {(None, name): v for (whose, name), v in supplied.items() if whose == asset}
    return {**supplied, **own}


def _flattened(values: Mapping[str, Any]) -> dict[tuple[str | None, str], Any]:
    """Return values by asset and field."""
    flat: dict[tuple[str | None, str], Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            for inner, one in value.items():
                flat[name or None, inner] = one
        elif name[:1].isupper() or name[:1].isdigit():
            asset, _, field = name.partition(".")
            flat[asset, field] = value
        else:
            flat[None, name] = value
    return flat
