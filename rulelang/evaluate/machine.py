"""One asset's rules at work: a step takes time and values and decides."""

from collections.abc import Mapping
from typing import Any

from rulelang.check.checked import CheckedText, Program
from rulelang.evaluate.assemble import Assembly
from rulelang.evaluate.decision import Alert, AssetDecision
from rulelang.evaluate.inputs import accepted
from rulelang.evaluate.live import Live, Now
from rulelang.evaluate.rule import LiveRule
from rulelang.evaluate.steps import LONGEST_GAP, Loaded
from rulelang.evaluate.why import Recorder
from rulelang.fields import CATALOGUE
from rulelang.kinds import value_text


class Machine:
    """The reference evaluator of one program."""

    def __init__(self, program: Program, events: Mapping[str, tuple[float, ...]], recorder: Recorder | None) -> None:
        self.program, self.recorder = program, recorder
        self.moment = Now()
        self.assembly = Assembly(program, events, self.moment)
        self.nodes = [step for step in self.assembly.steps if isinstance(step, Live)]
        self.last: float | None = None
        self.previous: float | None = None  # the step before the last one
        self.began: float | None = None
        self.needs_close = any(need.asset is None and need.field.name == "close" for need in program.needs)

    def step(self, time: float, values: dict[tuple[str | None, str], Any]) -> AssetDecision:
        """Take a step: the bar that closed at `time`, with the values known then."""
        self._missing_bars(time)
        moment = self.moment
        moment.time, moment.values, moment.virtual = time, values, False
        moment.bar += 1
        moment.rejected = []
        started: list[str] = []
        ended: list[str] = []
        for step in self.assembly.steps:
            if isinstance(step, LiveRule):
                begun, over = step.step(self.last)
                if begun:
                    started.append(step.rule.name)
                elif over:
                    ended.append(step.rule.name)
            else:
                step.step()
        self.previous, self.last = self.last, time
        self.began = time if self.began is None else self.began
        return self._decision(tuple(started), tuple(ended))

    def _decision(self, started: tuple[str, ...], ended: tuple[str, ...]) -> AssetDecision:
        assembly, time = self.assembly, self.moment.time
        active = {name: rule.active for name, rule in assembly.rules.items()}
        close = self._close_value()
        outcomes = {name: target.step(active, time, close) for name, target in assembly.targets.items()}
        alerts = tuple(Alert(name, self.text(alert)) for name in started for alert in assembly.rules[name].rule.alerts)
        decision = AssetDecision(
            time, self.program.asset, outcomes, active, started, ended, alerts, tuple(self.moment.rejected)
        )
        return decision if self.recorder is None else self.recorder.recorded(decision, self)

    def _close_value(self) -> float | None:
        """Return the close of this bar, which a target that changes keeps as its price."""
        value: float | None
        value, refused = accepted(CATALOGUE["close"], self.moment.values.get((None, "close")))
        if refused and self.needs_close and "close" not in self.moment.rejected:
            self.moment.rejected.append("close")
        return value

    def text(self, text: CheckedText) -> str:
        """Return a text with the values of this step filled in."""
        return "".join(
            piece if isinstance(piece, str) else value_text(self.assembly.of(piece).now, piece.kind)
            for piece in text.pieces
        )

    # --- missing bars

    def _missing_bars(self, time: float) -> None:
        """Let the bars pass that are missing since the last step: periods in which no field has a value (C06)."""
        if self.last is None:
            return
        moment, bars = self.moment, self.program.bars
        moment.values, moment.virtual = {}, True
        if bars is None:
            self._missing_periods(time)
            return
        at = self.last + bars
        while at < time:
            moment.time = at
            moment.bar += 1
            for node in self.nodes:
                node.step()
            at += bars

    def _missing_periods(self, time: float) -> None:
        """Let the whole periods of published fields pass, where the length of a bar isn't known."""
        assert self.last is not None
        ticked = [node for node in self.nodes if node.ticked]
        periods = {item.clock.period for item in self.program.nodes if item.clock.name == "each" and item.clock.period}
        times: set[float] = set()
        for period in periods:
            first, end = int(self.last // period) + 1, int(time // period)
            times |= {tick * period for tick in range(max(first, end - LONGEST_GAP), end)}
        for at in sorted(times):
            self.moment.time = at
            for node in ticked:
                node.step()

    # --- memory

    def save(self) -> dict[str, Any]:
        """Return the whole memory as JSON can hold it."""
        assembly = self.assembly
        return {
            "last": self.last,
            "began": self.began,
            "bar": self.moment.bar,
            "nodes": {key: saved for key, live in self._memories() if (saved := live.save()) is not None},
            "rules": {name: [rule.rule.identity, rule.save()] for name, rule in assembly.rules.items()},
            "targets": {name: target.save() for name, target in assembly.targets.items()},
        }

    def _memories(self) -> list[tuple[str, Live]]:
        assembly = self.assembly
        named = [(assembly.key(node), assembly.of(node)) for node in self.program.nodes]
        shared = [(f"{kind} {key}", live) for (kind, key), live in assembly.parts.items()]
        return named + shared

    def load(self, saved: Mapping[str, Any], same_bars: bool) -> Loaded:
        """Take over what fits of a saved memory; say what was kept, reset and new."""
        loaded = Loaded()
        self.last, self.began = saved["last"], saved["began"]
        self.moment.bar = saved["bar"]
        if same_bars:
            self._load_nodes(saved["nodes"])
        anonymous = {identity: state for _, (identity, state) in saved["rules"].items() if identity.startswith("|")}
        for name, rule in self.assembly.rules.items():
            identity = rule.rule.identity
            known = [identity, anonymous[identity]] if identity in anonymous else saved["rules"].get(name)
            if known is None:
                loaded.new.append(name)
            elif known[0] == identity and same_bars:
                rule.load(known[1])
                loaded.kept.append(name)
            else:
                loaded.reset.append(name)
        for name, target in self.assembly.targets.items():
            if name in saved["targets"]:
                target.load(saved["targets"][name])
        return loaded

    def _load_nodes(self, saved: Mapping[str, Any]) -> None:
        for key, live in self._memories():
            if key in saved:
                live.load(saved[key])
