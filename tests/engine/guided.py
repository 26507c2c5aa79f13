"""A reference that takes over the engine's roundings, so that all the rest must be equal to the last bit.

Free, the reference and the engine round window functions in different ways, and what is compared at a tie may fall
apart. Guided, each function is checked against what section 8 allows for the very window it sees, and then goes on with
the engine's value: a comparison, a crossing, a `for`, a rule, a brake that differs then differs by itself."""

from typing import Any

from attrs import evolve

from rulelang import AssetDecision, Decision
from rulelang.check.checked import Applied, Node
from rulelang.check.summary import children
from rulelang.engine.run import EngineRun
from rulelang.evaluate import Run
from rulelang.evaluate.assemble import _setting
from rulelang.evaluate.live import History, TickedHistory
from tests.engine.bounds import WHOLE, Bounds, has_history
from tests.engine.pairs import nodes_of
from tests.strategies import Step


class Differs(AssertionError):
    """Raised where the engine is not what the reference is."""


class OutOfSight(Exception):
    """Raised where roundings went in that can't be taken over: those of missing bars, and of periods underway."""


class _Watched:
    """A function's state that shows its bounds what it takes."""

    def __init__(self, state: Any, bounds: Bounds) -> None:
        self.state, self.bounds = state, bounds
        self.save, self.load = state.save, state.load

    def push(self, *values: Any) -> Any:
        self.bounds.take(values)
        return self.state.push(*values)


class _Guided:
    """A window function of the reference that goes on with the engine's value, where that is within bounds."""

    def __init__(self, node: Applied, live: History | TickedHistory, guide: "Guide", asset: str | None) -> None:
        self.node, self.live, self.guide, self.asset = node, live, guide, asset
        self.bounds = Bounds(node.function, _setting(node))
        live.state = _Watched(live.state, self.bounds)

    def step(self) -> None:
        self.live.step()
        ours, theirs = self.guide.now[self.asset][id(self.node)], self.live.now
        if ours == theirs:
            return
        self._check(ours, theirs)
        self.guide.rounded += 1
        self._take(ours, theirs)

    def _check(self, ours: Any, theirs: Any) -> None:
        allowed = 0.0
        if ours is not None and theirs is not None:
            ticked = isinstance(self.live, TickedHistory)
            allowed = self.bounds.around(theirs, [part.now for part in self.live.parts] if ticked else [None])
        if ours is None or theirs is None or not abs(ours - theirs) <= allowed:
            self.guide.refuse(self.asset, self.node, ours, theirs, f"allowed {allowed}")

    def _take(self, ours: Any, theirs: Any) -> None:
        live = self.live
        live.now = ours
        if isinstance(live, TickedHistory):
            live.value = ours if live.value == theirs else live.value
            live.settled = ours if live.settled == theirs else live.settled


class Guide:
    """An engine's run and a reference's, step by step; `rounded`: how often a function's value was taken over."""

    def __init__(self, run: EngineRun, reference: Run) -> None:
        self.run, self.reference = run, reference
        self.now: dict[str | None, dict[int, Any]] = {}
        self.rounded, self.missing, self.bar = 0, False, -1
        self.lasts: dict[str | None, float] = {}
        self.hidden: dict[str | None, set[int]] = {}
        for asset, machine in reference.machines.items():
            assembly, guided = machine.assembly, {}
            for node in machine.program.nodes:
                live = assembly.of(node)
                if isinstance(node, Applied) and has_history(node.function):
                    assert isinstance(live, History | TickedHistory)
                    guided[id(live)] = _Guided(node, live, self, asset)
            assembly.steps = [guided.get(id(step), step) for step in assembly.steps]

    def step(self, step: Step) -> None:
        """Take a step with both; raise `Differs` where they are not the same."""
        self.bar += 1
        ours = self.run.step(step.time, step.values)
        self.now = {asset: {id(node): value for node, value in nodes_of(self.run, asset)} for asset in ours}
        self._note_gaps(step.time, list(ours))
        theirs = self.reference.step(step.time, step.values)
        for asset in theirs:
            self._compare(asset)
        if bare(ours) != bare(theirs):
            raise Differs(f"step {self.bar}: {bare(ours)} is not {bare(theirs)}")

    def _note_gaps(self, time: float, assets: list[str | None]) -> None:
        for asset in assets:
            self.missing |= time - self.lasts.get(asset, time) > (self.run.rules.bars or 0)
            self.lasts[asset] = time

    def _compare(self, asset: str | None) -> None:
        machine = self.reference.machines[asset]
        for node in machine.program.nodes:
            if type(node).__name__ != "Constant":
                ours, theirs = self.now[asset][id(node)], machine.assembly.of(node).now
                if ours != theirs:
                    self.refuse(asset, node, ours, theirs, "")

    def refuse(self, asset: str | None, node: Node, ours: Any, theirs: Any, why: str) -> None:
        """Raise `Differs`; or `OutOfSight` where roundings that nobody saw may be the cause."""
        if self._unseen(asset, node, set()):
            raise OutOfSight(shown(node))
        raise Differs(f"step {self.bar} of {asset}: {shown(node)} is {ours!r}, on the reference {theirs!r}, {why}")

    def _unseen(self, asset: str | None, node: Node, seen: set[int]) -> bool:
        """Say whether a value is made of a rounded one that was not seen when it came about."""
        parts = [child for child in children(node) if id(child) not in seen]
        seen.update(map(id, parts))
        return any(self._hides(asset, child) or self._unseen(asset, child, seen) for child in parts)

    def _hides(self, asset: str | None, node: Node) -> bool:
        if not isinstance(node, Applied) or not has_history(node.function) or node.function in WHOLE:
            return False
        return self.missing or isinstance(self.reference.machines[asset].assembly.of(node), TickedHistory)


def shown(node: Node) -> str:
    """Return what is told of a node."""
    parts = ", ".join(shown(child) if isinstance(child, Applied) else type(child).__name__ for child in children(node))
    own = (getattr(node, name, None) for name in ("function", "window", "operator", "verb"))
    return f"{type(node).__name__}{tuple(one for one in own if one is not None)}({parts})@{node.clock.period}"


def bare(decision: Decision) -> dict[str | None, AssetDecision]:
    """Return what was decided for each asset, without the means to tell why."""
    return {asset: evolve(one, told=None) for asset, one in decision.items()}
