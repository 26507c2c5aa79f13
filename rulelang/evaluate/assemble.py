"""Putting a program to work: from checked nodes to live ones, for one asset."""

import hashlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from rulelang.check import checked as c
from rulelang.check.exact import exact_value
from rulelang.check.summary import children
from rulelang.evaluate import compute, inputs
from rulelang.evaluate.held import HeldBars, HeldEnds, HeldTicks
from rulelang.evaluate.live import (
    Fixed,
    History,
    Live,
    Metronome,
    Now,
    Pure,
    PureOne,
    PureTwo,
    State,
    TickedHistory,
    TickedPure,
    pure,
)
from rulelang.evaluate.rule import Activity, Captured, LiveRule
from rulelang.evaluate.targets import Doing, LiveTarget
from rulelang.evaluate.truth import Cross, Past, Ring, both, either, inverted, moved
from rulelang.fields import Aggregation
from rulelang.functions import FUNCTIONS, Setting
from rulelang.kinds.units import offset


class _TargetLevel(Live):
    """What is known of a target before this step."""

    __slots__ = ("read",)

    def __init__(self, read: Callable[[], Any]) -> None:
        super().__init__()
        self.read = read

    def step(self) -> None:
        self.now = self.read()


class Assembly:
    """The live nodes, rules and targets of one program, and the order in which a step works them off."""

    def __init__(self, program: c.Program, events: Mapping[str, tuple[float, ...]], moment: Now) -> None:
        self.program, self.events, self.moment = program, events, moment
        self.live: dict[int, Live] = {}
        self.keys: dict[int, str] = {}
        self.rules = {rule.name: LiveRule(rule, moment) for rule in program.rules}
        self.targets: dict[str, LiveTarget] = {}
        self.steps: list[Live | LiveRule] = []
        self._metronomes: dict[int | None, Metronome] = {}
        self.parts: dict[tuple[str, str], Live] = {}
        self.triggered: dict[int, set[str]] = {}
        self.times: dict[int, inputs.LongTime] = {}
        for item in program.order:
            if isinstance(item, str):
                self._rule(item)
            else:
                self._node(item)
        for name, target in program.targets.items():
            self.targets[name] = self._target(target)

    # --- the pieces

    def _rule(self, name: str) -> None:
        rule = self.rules.get(name)
        if rule is None:  # it doesn't count for this asset
            return
        rule.condition = self.live[id(rule.rule.condition)]
        if rule.rule.until is not None:
            rule.until = self.live[id(rule.rule.until)]
        self.steps.append(rule)

    def _node(self, node: c.Node) -> None:
        live = self._made(node)
        self.live[id(node)] = live
        self._note_trigger(node, live)
        if not isinstance(live, Fixed):
            self.steps.append(live)

    def _note_trigger(self, node: c.Node, live: Live) -> None:
        """Note a node without memory that is made of a value at the trigger, which a start changes at once."""
        if isinstance(node, c.AtTrigger):
            rules = set() if node.after else {node.rule}
        else:
            rules = {rule for child in children(node) for rule in self.triggered.get(id(child), ())}
        if rules and isinstance(live, Captured | PureOne | PureTwo | Pure | TickedPure):
            self.triggered[id(node)] = rules
            for rule in rules & self.rules.keys():
                self.rules[rule].echoes.append(live)

    def of(self, node: c.Node) -> Live:
        """Return the live node of a checked one."""
        return self.live[id(node)]

    def key(self, node: c.Node) -> str:
        """Return the name under which a node's memory is saved: a digest of what it means."""
        if not self.keys:
            for one in self.program.nodes:  # children come first
                self.keys[id(one)] = self._digest(one)
        return self.keys[id(node)]

    def _digest(self, node: c.Node) -> str:
        parts = [self.keys[id(child)] for child in children(node)]
        own = [getattr(node, name) for name in _OWN[type(node).__name__]]
        facts = f"{type(node).__name__} {own!r} {node.clock!r} {getattr(node, 'frame', None)} {parts}"
        return hashlib.blake2b(facts.encode(), digest_size=12).hexdigest()

    def _target(self, target: c.CheckedTarget) -> LiveTarget:
        doings = tuple(
            Doing(rule.name, rule.at_once, action, tuple(map(self.of, action.values)))
            for rule in self.program.rules
            for action in rule.actions
            if action.target == target.name
        )
        otherwise = self.program.otherwise.get(target.name)
        return LiveTarget(target, None if otherwise is None else self.of(otherwise), doings)

    # --- clocks

    def metronome(self, period: int | None) -> Metronome:
        """Return the counter of the periods of a length."""
        if period not in self._metronomes:
            self._metronomes[period] = Metronome(self.moment, period)
        return self._metronomes[period]

    def _clock(self, node: c.Node) -> Metronome:
        period = node.clock.period if node.clock.name == "each" else self.program.bars
        return self.metronome(period)

    def _is_ticked(self, node: c.Node, parts: tuple[Live, ...]) -> bool:
        if node.clock.name == "each":
            return True
        return node.clock.name == "base" and any(part.ticked for part in parts)

    # --- making

    def _made(self, node: c.Node) -> Live:
        match node:
            case c.Constant() | c.ParamValue():
                return Fixed(_constant(node))
            case c.FieldValue() | c.TargetValue() | c.TimeValue() | c.RuleActive() | c.EveryPeriod() | c.Near():
                return self._leaf(node)
            case c.AtTrigger():
                rule, inner = self.rules.get(node.rule), self.of(node.inner)
                return Fixed(None) if rule is None else Captured(rule, rule.slot(node, inner), inner)
            case c.Held():
                return self._held(node)
            case c.Applied() if FUNCTIONS[node.function].start is not None:
                return self._history(node, _starter(node), tuple(map(self.of, node.arguments)))
            case c.Crossing():
                parts = self.of(node.left), self.of(node.right)
                return self._history(node, lambda: Cross(node.direction == "above"), parts)
            case c.Moved(back=int() as back):
                verb, parts = node.verb, (self.of(node.value), self.of(node.amount))
                return self._history(node, lambda: Past(verb, back), parts)
            case _:
                return self._pure(node)

    def _history(self, node: c.Node, fresh: Callable[[], State], parts: tuple[Live, ...]) -> Live:
        if self._is_ticked(node, parts):
            return TickedHistory(fresh(), fresh, parts, self._clock(node))
        return History(fresh(), parts)

    def _pure(self, node: c.Node) -> Live:
        function, parts = self._computation(node)
        live = tuple(map(self.of, parts))
        if self._is_ticked(node, live):
            waits = getattr(node, "frame", None) is not None
            return TickedPure(function, live, self._clock(node), waits)
        return pure(function, live)

    def _computation(self, node: c.Node) -> tuple[Callable[..., Any], tuple[c.Node, ...]]:
        match node:
            case c.Negated():
                return compute.negative, (node.inner,)
            case c.Scaled():
                return compute.scaling(node.times, node.by), (node.inner,)
            case c.Arithmetic():
                return compute.ARITHMETIC[node.operator], (node.left, node.right)
            case c.Comparison():
                return compute.COMPARISONS[node.operator], (node.left, node.right)
            case c.Both():
                return (both if node.operator == "and" else either), (node.left, node.right)
            case c.Inverted():
                return inverted, (node.inner,)
            case c.Known():
                return (compute.is_missing if node.missing else compute.is_known), (node.inner,)
            case c.WordIs():
                return compute.word_is(node.word), (node.inner,)
            case c.Moved():
                assert node.origin is not None
                verb = node.verb
                return (lambda v, a, b: moved(verb, v, b, a)), (node.value, node.amount, node.origin)
            case c.Applied():
                plain = FUNCTIONS[node.function].plain
                assert plain is not None
                return compute.guarded(plain(_setting(node))), node.arguments
            case _:
                raise AssertionError(node)

    def _held(self, node: c.Held) -> Live:
        part = self.of(node.condition)
        ring = Ring(node.count, node.out_of)
        if node.each is not None:
            live: HeldBars | HeldTicks | HeldEnds = HeldEnds(ring, part, self.moment, self.metronome(node.each))
        elif self._is_ticked(node, (part,)):
            live = HeldTicks(ring, lambda: Ring(node.count, node.out_of), (part,), self._clock(node))
        else:
            live = HeldBars(ring, (part,))
        if node.rule is not None and node.rule in self.rules:
            self.rules[node.rule].exits.append(live)
        return live

    # --- leaves

    def _leaf(self, node: c.Node) -> Live:
        frame = getattr(node, "frame", None)
        if frame is None:
            return self._base(node)
        match node:
            case c.TimeValue():
                return self._long_time(frame)
            case c.EveryPeriod():
                time = self._shared_time(frame)
                return inputs.LongFirst(self.metronome(frame), node.period, offset(node.period), time)
            case c.Near():
                return self._near(node, self._shared_time(frame))
            case _:
                part = self._shared(node)
                how = node.field.aggregation if isinstance(node, c.FieldValue) and node.field.every is None else None
                bars = self.program.bars
                assert bars is not None
                return inputs.LongBar(part, how or Aggregation.LAST, self.metronome(frame), bars)

    def _shared(self, node: c.Node) -> Live:
        """Return the live node of a leaf as it is on bars of the base period, for a longer bar to be made of."""
        key = ("base", self.key(node))
        if key not in self.parts:
            part = self._base(node)
            self.parts[key] = part
            self.steps.append(part)
        return self.parts[key]

    def _long_time(self, frame: int) -> inputs.LongTime:
        assert self.program.bars is not None
        return inputs.LongTime(self.metronome(frame), self.program.bars)

    def _shared_time(self, frame: int) -> inputs.LongTime:
        if frame not in self.times:
            self.times[frame] = self._long_time(frame)
            self.parts["time", str(frame)] = self.times[frame]
            self.steps.append(self.times[frame])
        return self.times[frame]

    def _base(self, node: c.Node) -> Live:
        match node:
            case c.FieldValue():
                return self._field(node)
            case c.TargetValue():
                return self._target_value(node)
            case c.TimeValue():
                return inputs.Time(self.moment)
            case c.RuleActive():
                return Activity(self.rules.get(node.rule))
            case c.EveryPeriod():
                assert self.program.bars is not None
                return inputs.First(self.moment, node.period, self.program.bars, offset(node.period))
            case c.Near():
                time = inputs.Time(self.moment)
                self.steps.append(time)
                return self._near(node, time)
            case _:
                raise AssertionError(node)

    def _field(self, node: c.FieldValue) -> Live:
        field, bars = node.field, self.program.bars
        asset = None if node.asset == self.program.asset else node.asset
        if field.valid_for is not None:
            return inputs.Valid(self.moment, asset, field)
        supplied = inputs.Supplied(self.moment, asset, field)
        if field.every is None:
            return supplied
        return inputs.Published(supplied, self.metronome(max(field.every, bars or 0)))

    def _near(self, node: c.Near, time: Live) -> Live:
        distance, side = node.distance, node.side
        if node.event is not None:
            dates = self.events.get(node.event, ())
            function: Callable[..., Any] = lambda now: inputs.near(distance, side, now, dates)  # noqa: E731
            parts: tuple[Live, ...] = (time,)
        else:
            assert node.anchor is not None
            function = lambda now, at: None if at is None else inputs.near(distance, side, now, (at,))  # noqa: E731
            parts = (time, self.of(node.anchor))
        return (
            TickedPure(function, parts, self._clock(node), False)
            if self._is_ticked(node, parts)
            else pure(function, parts)
        )

    def _target_value(self, node: c.TargetValue) -> Live:
        if node.what in c.SUPPLIED:
            name = f"{node.target}.{node.what}"
            need = next(need for need in self.program.needs if need.field.name == name)
            return inputs.Supplied(self.moment, None, need.field)
        levels, name, moment = self.targets, node.target, self.moment
        if node.what == "price":
            return _TargetLevel(lambda: levels[name].price)
        if node.what == "age":
            return _TargetLevel(lambda: _age(levels[name], moment))
        return _TargetLevel(lambda: levels[name].in_force)


def _age(target: LiveTarget, moment: Now) -> float | None:
    return None if target.changed is None else float(moment.time - target.changed)


def _constant(node: c.Constant | c.ParamValue) -> float | str:
    return float(node.exact) if isinstance(node.exact, Fraction) else node.exact


def _setting(node: c.Applied) -> Setting:
    reads = len(FUNCTIONS[node.function].reads)
    numbers = tuple(float(value) for one in node.numbers if (value := exact_value(one)) is not None)
    kinds = tuple(argument.kind for argument in node.arguments[reads:])
    return Setting(window=node.window, clock=node.seconds, kinds=kinds, numbers=numbers)


def _starter(node: c.Applied) -> Callable[[], State]:
    start = FUNCTIONS[node.function].start
    assert start is not None
    setting = _setting(node)
    return lambda: start(setting)


_OWN: dict[str, tuple[str, ...]] = {
    "Constant": ("exact", "kind"),
    "ParamValue": ("exact", "kind"),
    "FieldValue": ("asset", "field"),
    "TargetValue": ("target", "what"),
    "TimeValue": (),
    "Negated": (),
    "Scaled": ("times", "by"),
    "Arithmetic": ("operator",),
    "Applied": ("function", "window", "seconds"),
    "AtTrigger": ("rule", "after"),
    "Both": ("operator",),
    "Inverted": (),
    "Comparison": ("operator",),
    "Crossing": ("direction",),
    "Known": ("missing",),
    "WordIs": ("word",),
    "RuleActive": ("rule",),
    "Near": ("distance", "side", "event"),
    "EveryPeriod": ("period",),
    "Moved": ("verb", "back"),
    "Held": ("count", "out_of", "each", "rule"),
}
"""What a node is made of besides other nodes: these attributes name its memory."""
