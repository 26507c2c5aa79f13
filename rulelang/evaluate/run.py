"""A run: checked rules with their state, taking step after step for all assets."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

from rulelang.check import CheckedRules
from rulelang.evaluate.decision import Decision
from rulelang.evaluate.machine import Machine
from rulelang.evaluate.steps import (
    Loaded,
    SnapshotError,
    Time,
    admit,
    admit_gap,
    admit_values,
    bytes_of,
    flattened,
    own,
    seconds_of,
)
from rulelang.evaluate.why import Recorder
from rulelang.syntax import printed, tree

_MAGIC = b"rulelang-state-3\n"


def rules_hash(rules: CheckedRules) -> str:
    """Return a digest of what decides: statements but for tests, params and base period."""
    deciding = (placed.statement for placed in rules.statements if not isinstance(placed.statement, tree.Test))
    parts = [printed(statement) for statement in deciding]
    for program in rules.programs.values():
        parts.append(repr([program.asset, program.bars, *((n, str(v.exact)) for n, v in program.params.items())]))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


class Run:
    """Rules at work. Not for several threads at once; several runs in several threads are fine."""

    def __init__(self, rules: CheckedRules, events: Mapping[str, tuple[float, ...]], records: bool) -> None:
        self.rules = rules
        self.hash = rules_hash(rules)
        self.last: float | None = None
        self.resumed: Loaded | None = None
        self.recorder = Recorder(rules, self.hash)
        known = {name: tuple(sorted({*dates, *events.get(name, ())})) for name, dates in rules.events.items()}
        recorder = self.recorder if records else None
        self.machines = {asset: Machine(program, known, recorder) for asset, program in rules.programs.items()}

    def step(self, time: Time, values: Mapping[str, Any]) -> Decision:
        """Take the step of the bar that closed at `time`, and decide.

        `values` maps fields to what was known then (`None`, NaN or left out: missing): prices in quote currency, volume
        in coins, ratios and rates as plain numbers (0.0005 is 0.05%), words as texts. Fields of other assets are
        `"BTC.close"`, or stand in a mapping under `"BTC"`. Where the rules run for several assets, each has its mapping
        under its name; one that is left out has no bar in this step.

        Raises `StepRefused`, and changes nothing, for a time that is not after the last one or not the end of a bar,
        and for values of another shape.
        """
        at = seconds_of(time)
        admit(at, self.last, self.rules.bars)
        admit_values(values, self.machines)
        supplied = flattened(values)
        chosen = [asset for asset in self.machines if self._concerned(asset, values)]
        for asset in chosen:
            admit_gap(at, self.machines[asset].last, self.rules.bars)
        self.last = at
        decided = {asset: self.machines[asset].step(at, own(asset, supplied)) for asset in chosen}
        return Decision(at, decided)

    def record(self) -> None:
        """Keep records from now on."""
        self._record(self.recorder)

    def recorded_step(self, time: Time, values: Mapping[str, Any]) -> Decision:
        """Take a step with a record, and none from then on."""
        self._record(self.recorder)
        try:
            return self.step(time, values)
        finally:
            self._record(None)

    def _record(self, recorder: Recorder | None) -> None:
        for machine in self.machines.values():
            machine.recorder = recorder

    def _concerned(self, asset: str | None, values: Mapping[str, Any]) -> bool:
        return len(self.machines) == 1 or asset in values

    # --- memory

    def snapshot(self) -> bytes:
        """Return the whole state; `Rules.resume` goes on from it as if nothing had been interrupted."""
        memory = {
            "hash": self.hash,
            "bars": self.rules.bars,
            "last": self.last,
            "assets": {asset or "": machine.save() for asset, machine in self.machines.items()},
        }
        body = zlib.compress(json.dumps(memory).encode())
        return _MAGIC + hashlib.sha256(body).digest() + body

    def load(self, snapshot: bytes) -> Loaded:
        """Take over a snapshot; say of which rules the state was kept, reset or new. Raises `SnapshotError`."""
        memory = _opened(bytes_of(snapshot))
        loaded = Loaded()
        try:
            same_bars = memory["bars"] == self.rules.bars
            self.last = memory["last"]
            for asset, machine in self.machines.items():
                saved = memory["assets"].get(asset or "")
                if saved is None:
                    loaded.new += [_label(asset, name) for name in machine.assembly.rules]
                    continue
                part = machine.load(saved, same_bars)
                loaded.kept += [_label(asset, name) for name in part.kept]
                loaded.reset += [_label(asset, name) for name in part.reset]
                loaded.new += [_label(asset, name) for name in part.new]
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise SnapshotError("this snapshot is not of a run of such rules") from error
        self.resumed = loaded
        return loaded


def _label(asset: str | None, name: str) -> str:
    return f"{asset}.{name}" if asset else name


def _opened(snapshot: bytes) -> dict[str, Any]:
    if not snapshot.startswith(_MAGIC):
        raise SnapshotError("these bytes are no snapshot of a run, or one of another version")
    digest, body = snapshot[len(_MAGIC) : len(_MAGIC) + 32], snapshot[len(_MAGIC) + 32 :]
    if hashlib.sha256(body).digest() != digest:
        raise SnapshotError("this snapshot is damaged: its content doesn't fit its checksum")
    memory: dict[str, Any] = json.loads(zlib.decompress(body))
    return memory
