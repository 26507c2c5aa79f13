"""Decisions at a glance: what a line or a count needs of each, read straight from the registers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, frozen

from rulelang.engine.decisions import HELD, Reading
from rulelang.engine.run import AssetRun, EngineRun
from rulelang.evaluate.decision import Alert, AssetDecision
from rulelang.evaluate.steps import admit, admit_gap, flattened, own

Values = Mapping[str | None, Mapping[str, Any]]
_MOST = 4_096
"""So many ways in which rules may stand are kept."""


@frozen(eq=False)
class Standing:
    """How rules stand after a step, in the order of their names: active or not, started with the step or not.

    `active_text`: the names of active ones, joined by `; `. `alerting`: rules that started and have alerts.
    """

    names: tuple[str, ...]
    active: tuple[bool, ...]
    started: tuple[bool, ...]
    active_text: str
    alerting: tuple[str, ...]


@define(eq=False)
class Seen:
    """What a step did to a target, as in `Outcome`."""

    name: str
    before: float
    desired: float
    after: float
    last_word: str | None
    held: str | None
    frozen: bool


@define(eq=False)
class Glance:
    """A decision at a glance. `targets` are in the order of the file.

    What is as it was at the step before may be the same object: `targets`, `standing`.
    """

    time: float
    asset: str | None
    targets: Sequence[Seen]
    standing: Standing
    alerts: tuple[Alert, ...]
    rejected: tuple[str, ...]
    source: "AssetDecision | _View | _Held"

    def hold(self) -> "Glance":
        """Keep what `decision` is made of, which else is gone with the next step."""
        if not isinstance(self.source, AssetDecision):
            self.source = self.source.held()
        return self

    def decision(self) -> AssetDecision:
        """Return the whole decision."""
        if isinstance(self.source, AssetDecision):
            return self.source
        return self.source.decision(self.time, self.rejected)


def standing(active: Mapping[str, bool], started: tuple[str, ...], alerting: tuple[str, ...] = ()) -> Standing:
    """Return how rules stand, of what is active and what started."""
    names = tuple(active)
    text = "; ".join(name for name, on in active.items() if on)
    return Standing(names, tuple(active.values()), tuple(name in started for name in names), text, alerting)


def glance(decision: AssetDecision) -> Glance:
    """Return a decision at a glance."""
    targets = [
        Seen(name, one.before, one.desired, one.after, one.last_word, one.held, one.frozen)
        for name, one in decision.targets.items()
    ]
    rules = standing(decision.active, decision.started)
    return Glance(decision.time, decision.asset, targets, rules, decision.alerts, decision.rejected, decision)


class Glances:
    """Steps of a run whose decisions are only glanced at: no records can be made of them."""

    def __init__(self, run: EngineRun) -> None:
        self.run = run
        self.views = {asset: _View(asset, one) for asset, one in run.assets.items()}
        self.bars = run.rules.bars
        self.alone = len(self.views) == 1

    def step(self, time: int, values: Values) -> list[Glance]:
        """Take a step with the values of each asset that has a bar, or under `None`. Raises `StepRefused`."""
        views = [view for asset, view in self.views.items() if asset in values or (self.alone and None in values)]
        if views or None in values:
            self._admit(time, views)
            self.run.newest = time
            self.run.keep(time, {})
        return [view.step(time, values) for view in views]

    def _admit(self, time: int, views: list["_View"]) -> None:
        if self.alone and self.bars is not None and time == self.run.newest + self.bars:
            return
        admit(time, self.run.last, self.bars)
        for view in views:
            admit_gap(time, view.run.last, self.bars)


class _View:
    """One asset's rules at work, and where what they decide is read."""

    def __init__(self, asset: str | None, run: AssetRun) -> None:
        self.asset, self.run = asset, run
        self.machine, self.reading, program = run.machine, run.reading, run.program
        self.plain = all(inlet.key[0] is None and inlet.words is None for inlet in run.inlets)
        names = [inlet.key[1] for inlet in run.inlets]
        self.machine.watch(names, [end for inlet in run.inlets for end in (inlet.low, inlet.high)])
        kept = self.machine.live.kept
        self.values, self.truths = memoryview(kept[4]).cast("d"), memoryview(kept[5])
        self.targets = [(t.name, t.before, t.desired, t.after, t.word, t.held, t.frozen) for t in program.targets]
        numbers = [register for _, *numbers, _, _ in self.targets for register in numbers]
        self.numbers = _span(self.values, numbers)
        self.brakes = _span(self.truths, [register for *_, held, frozen in self.targets for register in (held, frozen)])
        self.seen: tuple[bytes, bytes, tuple[Seen, ...]] = b"", b"", ()
        self.words: dict[float, str | None] = {at: rule.name for at, rule in enumerate(run.checked.rules)}
        self.words |= {-2: "otherwise", -1: None}
        self.states = _span(self.truths, [register for rule in program.rules for register in (rule.active, rule.event)])
        self.standings: dict[bytes, Standing] = {}

    def step(self, time: int, values: Values) -> Glance:
        """Take a step, and decide."""
        mine = values.get(self.asset) if self.asset is None or None not in values else None
        if self.plain and type(mine) is dict and self.machine.supplied(time, mine):
            return self._glance(time, ())
        named = {asset: one for asset, one in values.items() if asset is not None}
        supplied = flattened({**values.get(None, {}), **named})
        return self._glance(time, self.run.take(time, own(self.asset, supplied)))

    def _glance(self, time: int, rejected: tuple[str, ...]) -> Glance:
        numbers, brakes, states = self.numbers.tobytes(), self.brakes.tobytes(), self.states.tobytes()
        if numbers != self.seen[0] or brakes != self.seen[1]:
            self.seen = numbers, brakes, tuple(self._targets())
        rules = self.standings.get(states) or self._standing(states)
        alerts = self.reading.alerts(rules.alerting, self.values, self.truths) if rules.alerting else ()
        return Glance(time, self.asset, self.seen[2], rules, alerts, rejected, self)

    def _targets(self) -> Iterable[Seen]:
        values, truths, words = self.values, self.truths, self.words
        for name, old, want, new, word, held, f in self.targets:
            last_word = words[values[word]]
            yield Seen(name, values[old], values[want], values[new], last_word, HELD[truths[held]], truths[f] > 0)

    def _standing(self, states: bytes) -> Standing:
        if len(self.standings) >= _MOST:
            self.standings.clear()
        rules, truths = self.run.program.rules, self.truths
        active = {rule.name: truths[rule.active] == 2 for rule in rules}
        started = tuple(rule.name for rule in rules if truths[rule.event] == 1)
        alerting = tuple(rule.name for rule in self.reading.rules if rule.alerts and rule.name in started)
        found = self.standings[states] = standing(active, started, alerting)
        return found

    def held(self) -> "_Held":
        """Return what the registers hold now."""
        return _Held(self.reading, self.machine.live.values(), self.machine.live.truths())

    def decision(self, time: float, rejected: tuple[str, ...]) -> AssetDecision:
        """Return the decision of the newest step."""
        return self.held().decision(time, rejected)


@frozen(eq=False)
class _Held:
    """What a machine's registers held after a step."""

    reading: Reading
    values: Any
    truths: Any

    def held(self) -> "_Held":
        return self

    def decision(self, time: float, rejected: tuple[str, ...]) -> AssetDecision:
        return self.reading.decision(time, self.values, self.truths, rejected, None)


def _span(bank: Any, registers: Sequence[int]) -> Any:
    """Return the part of a bank in which registers lie; it shows what they hold at any time."""
    return bank[min(registers) : max(registers) + 1] if registers else bank[:0]
