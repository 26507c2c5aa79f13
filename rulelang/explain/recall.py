"""Records on demand: the reference goes over what a run was given and tells why, as far as that is kept."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import define, frozen

from rulelang.check import CheckedRules
from rulelang.engine.run import EngineRun
from rulelang.engine.steps import Steps
from rulelang.evaluate import AssetDecision, Decision, Run
from rulelang.evaluate.decision import Forgotten, Record, Told

_CHECKPOINTS = 32
"""So many checkpoints, from which the reference can start again, lie among the steps that are kept."""
_NEAR = 1e-9
"""Nearer than this, relatively, numbers of engine and reference are the same: what they may lose by rounding."""

Events = Mapping[str, tuple[float, ...]]


def engine_run(rules: CheckedRules, events: Events, keep: int) -> EngineRun:
    """Return a run on the engine that can tell why of its newest `keep` steps; of none for 0."""
    telling = (lambda steps: Recollection(rules, events, steps)) if keep else None
    return EngineRun(rules, events, keep, telling)


class Recollection:
    """What can be told of the steps of a run.

    The reference follows from its newest checkpoint; it starts at the run's first step, or where a snapshot says that
    it was. What the engine decided is compared with what the reference decides: a record names every disagreement.
    """

    def __init__(self, rules: CheckedRules, events: Events, steps: Steps) -> None:
        self.rules, self.events, self.steps = rules, events, steps
        self.reference: Run | None = None
        self.position = 0
        self.apart = max(1, steps.most // _CHECKPOINTS)
        self.checkpoints: dict[int, bytes | None] = {0: None}
        self.newest: tuple[int, Decision] | None = None

    def told(self, number: int, asset: str | None) -> "Recalled":
        """Return what gives the record of a step."""
        return Recalled(self, number, asset)

    def record(self, number: int, asset: str | None, decided: AssetDecision) -> Record:
        """Return the record of a step. Raises `Forgotten`."""
        theirs = self._explained(number)[asset]
        record = theirs.record
        assert record is not None
        found = list(disagreements(decided, theirs))
        return {**record, "disagreement": found} if found else record

    def catch_up(self) -> None:
        """Let the reference follow up to now. Raises `Forgotten`."""
        if self.position < self.steps.count:
            self._follow(self.steps.count)

    def state(self) -> bytes:
        """Return the reference's state after the newest step. Raises `Forgotten`."""
        self.catch_up()
        return self._begun().snapshot()

    def resume(self, state: bytes | None) -> None:
        """Go on from where the reference was, or without it: then nothing can be told. Raises `SnapshotError`."""
        reference = Run(self.rules, self.events, records=False)
        if state is not None:
            reference.load(state)
        self.reference, self.newest, self.position = None, None, self.steps.count
        self.checkpoints = {} if state is None else {self.position: state}

    def _explained(self, number: int) -> Decision:
        if self.newest is None or self.newest[0] != number:
            self._follow(number)
            self.newest = number, self._step(number, self._begun().recorded_step)
        return self.newest[1]

    def _follow(self, number: int) -> None:
        """Let the reference take the steps before a number, from where it is, or from a checkpoint."""
        first = max(0, self.steps.count - self.steps.most)
        if self.reference is None or not first <= self.position <= number:
            self._go_back(number, first)
        while self.position < number:
            self._step(self.position, self._begun().step)
            if self.position % self.apart == 0:
                self._write(first)

    def _go_back(self, number: int, first: int) -> None:
        usable = [at for at in self.checkpoints if first <= at <= number]
        if not usable:
            raise Forgotten(self._forgotten(number, first))
        self.position = max(usable)
        self.reference = Run(self.rules, self.events, records=False)
        state = self.checkpoints[self.position]
        if state is not None:
            self.reference.load(state)

    def _forgotten(self, number: int, first: int) -> str:
        if not self.checkpoints:
            return (
                "why can't be told: the run went on from a snapshot without the reference's state; "
                "write snapshots with `snapshot(why=True)`"
            )
        most, of = f"{self.steps.most:,}", f"why can't be told of step {number + 1:,}"
        reached = max(self.position, *self.checkpoints)
        if reached < first:
            return self._lost(reached)
        if number < first:
            sooner = "give `start` a larger `keep`, or ask sooner"
            return f"{of}: a run keeps what came with its newest {most} steps; {sooner}"
        back = min(at for at in (self.position, *self.checkpoints) if at >= first)
        return f"{of}: the reference can go back to step {back + 1:,}, and no further; ask sooner"

    def _lost(self, reached: int) -> str:
        """Say why no step of the run can be told any more, and how the next run can do better."""
        followed = f"up to step {reached:,} only" if reached else "no step yet"
        most = f"{self.steps.most:,}"
        return (
            f"why can't be told of any step of this run from here on: the reference has followed {followed}, and what "
            f"came with step {reached + 1:,} is no longer among the newest {most} that are kept; for a run as long "
            f"give `start` a larger `keep`, or call `catch_up` at least every {most} steps"
        )

    def _begun(self) -> Run:
        if self.reference is None:
            self._go_back(self.position, 0)
        assert self.reference is not None
        return self.reference

    def _step(self, number: int, take: Any) -> Decision:
        decision: Decision = take(*self.steps.given.step(number))
        self.position = number + 1
        return decision

    def _write(self, first: int) -> None:
        """Write a checkpoint; those before the first step that is kept are of no use any more."""
        assert self.reference is not None
        self.checkpoints[self.position] = self.reference.snapshot()
        self.checkpoints = {at: state for at, state in self.checkpoints.items() if at >= first}


@define(eq=False)
class Recalled:
    """Gives the record of a step when asked, and keeps it."""

    recollection: Recollection
    number: int
    asset: str | None
    decided: AssetDecision | None = None
    found: Record | None = None

    def __call__(self) -> Record:
        if self.found is None:
            assert self.decided is not None
            self.found = self.recollection.record(self.number, self.asset, self.decided)
        return self.found

    def __reduce__(self) -> tuple[Callable[[Any], Callable[[], Record]], tuple[Any]]:
        """Let a pickled decision have its record, made now, or say that it was forgotten."""
        try:
            return Told, (self(),)
        except Forgotten as forgotten:
            return _Untold, (str(forgotten),)


@frozen
class _Untold:
    """Stands where the record of a step was forgotten, and says why."""

    why: str

    def __call__(self) -> Record:
        raise Forgotten(self.why)


# --- agreement


def disagreements(ours: AssetDecision, theirs: AssetDecision) -> Iterator[str]:
    """Yield in what the engine's decision (the first) differs from the reference's, beyond rounding."""
    for name, active in theirs.active.items():
        if ours.active[name] != active:
            is_, reference = ("is active", "is not") if ours.active[name] else ("is not active", "is")
            yield f"the engine decided that rule `{name}` {is_}, the reference that it {reference}"
    for name, outcome in theirs.targets.items():
        mine = ours.targets[name]
        for what, one, other in (
            ("desired", mine.desired, outcome.desired),
            ("in force", mine.after, outcome.after),
        ):
            if not math.isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR):
                yield f"{what} for `{name}` is {one!r} by the engine, {other!r} by the reference"
        for what, word, its in (("last word", mine.last_word, outcome.last_word), ("brake", mine.held, outcome.held)):
            if word != its:
                yield f"the {what} on `{name}` is {word or 'none'} by the engine, {its or 'none'} by the reference"
