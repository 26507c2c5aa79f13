"""A run: checked rules with their state, taking step after step for all assets."""

import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rulelang.check import CheckedRules
from rulelang.evaluate.decision import Decision
from rulelang.evaluate.machine import Loaded, Machine, StepRefused
from rulelang.evaluate.why import Recorder
from rulelang.kinds import duration_text
from rulelang.kinds.units import offset, time_text
from rulelang.syntax import printed, tree

Time = datetime | str | int | float
"""A time: a datetime with a zone, an ISO text with a zone, or seconds since 1970."""

FURTHEST = 2**53
"""The seconds up to which numbers tell every second from the next."""

_MAGIC = b"rulelang-state-3\n"


class SnapshotError(ValueError):
    """Raised for bytes that are no snapshot of a run, or a damaged one."""


def rules_hash(rules: CheckedRules) -> str:
    """Return a digest of what decides: statements but for tests, params and base period."""
    deciding = (placed.statement for placed in rules.statements if not isinstance(placed.statement, tree.Test))
    parts = [printed(statement) for statement in deciding]
    for program in rules.programs.values():
        parts.append(repr([program.asset, program.bars, *((n, str(v.exact)) for n, v in program.params.items())]))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def seconds_of(time: Time) -> float:
    """Return a time in seconds since 1970. Raises `StepRefused` where it isn't one."""
    if isinstance(time, str):
        try:
            time = datetime.fromisoformat(time.replace("Z", "+00:00"))
        except ValueError:
            raise StepRefused(f"`{time}` is no time: write it as 2026-12-10T13:30Z") from None
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise StepRefused(f"the time {time.isoformat()} has no zone")
        time = time.timestamp()
    if isinstance(time, bool) or not _finite(time):
        raise StepRefused(f"{time!r} is no time: give a datetime with a zone, an ISO text, or seconds since 1970")
    number = float(time)
    if abs(number) > FURTHEST:
        raise StepRefused(f"{time!r} is no time: it lies more than {FURTHEST:,} seconds from 1970")
    return int(number) if number == int(number) else number


def _finite(time: Any) -> bool:
    try:
        return hasattr(time, "__float__") and math.isfinite(float(time))
    except (OverflowError, ValueError, TypeError):
        return False


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

        Raises `StepRefused`, and changes nothing, for a time that is not after the last one or not the end of a bar.
        """
        at = seconds_of(time)
        self._admit(at)
        supplied = _flattened(values)
        chosen = [asset for asset in self.machines if self._concerned(asset, values)]
        for asset in chosen:
            if (reason := self.machines[asset].refuses(at)) is not None:
                raise StepRefused(f"the step at {time_text(at)} can't be taken: {reason}")
        self.last = at
        decided = {asset: self.machines[asset].step(at, self._own(asset, supplied)) for asset in chosen}
        return Decision(at, decided)

    def record(self) -> None:
        """Keep records from now on."""
        for machine in self.machines.values():
            machine.recorder = self.recorder

    def _admit(self, at: float) -> None:
        if self.last is not None and at <= self.last:
            message = f"the step at {time_text(at)} does not come after the last one, at {time_text(self.last)}"
            raise StepRefused(message)
        bars = self.rules.bars
        if bars is not None and (at - offset(bars)) % bars:
            raise StepRefused(f"{time_text(at)} is not the close of a bar of {duration_text(bars)}")

    def _concerned(self, asset: str | None, values: Mapping[str, Any]) -> bool:
        return len(self.machines) == 1 or asset in values

    def _own(self, asset: str | None, supplied: dict[tuple[str | None, str], Any]) -> dict[tuple[str | None, str], Any]:
        if asset is None:
            return supplied
        own: dict[tuple[str | None, str], Any] = {(None, n): v for (whose, n), v in supplied.items() if whose == asset}
        return {**supplied, **own}

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
        memory = _opened(snapshot)
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
