"""Lowering: from the checked program of one asset to a flat one."""

from array import array
from collections.abc import Mapping
from fractions import Fraction
from math import gcd, inf, sqrt

from rulelang.check import checked as c
from rulelang.check.exact import exact_value
from rulelang.check.summary import children
from rulelang.engine import ops
from rulelang.engine.functions import OPS, words
from rulelang.engine.gaps import Gap
from rulelang.engine.known import Known, Standing
from rulelang.engine.program import Input, Program, Rule, Stage, Target
from rulelang.engine.schedule import Row, scheduled
from rulelang.fields import Aggregation
from rulelang.functions import FUNCTIONS
from rulelang.kinds import YEAR, Kind

_WEEK, _MONDAY = 604_800, 345_600
_HOW = {Aggregation.FIRST: 0, Aggregation.MAX: 1, Aggregation.MIN: 2, Aggregation.LAST: 3, Aggregation.SUM: 4}
_COMPARISONS = {">": ops.ABOVE, ">=": ops.AT_LEAST, "<": ops.BELOW, "<=": ops.AT_MOST}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_ARITHMETIC = {"+": ops.ADD, "-": ops.SUBTRACT, "*": ops.MULTIPLY, "/": ops.DIVIDE}
_VERBS = {"rises": 0, "falls": 1, "moves": 2}
_WHAT = {"set": 0, "floor": 1, "cap": 2, "corridor": 3, "increase": 4, "reduce": 5, "freeze": 6}
_PLAIN = {
    "abs": ops.ABS,
    "min": ops.MIN,
    "max": ops.MAX,
    "sqrt": ops.SQRT,
    "log": ops.LOG,
    "exp": ops.EXP,
    "round": ops.ROUND,
    "floor": ops.FLOOR,
    "ceil": ops.CEIL,
    "clamp": ops.CLAMP,
    "if": ops.CHOOSE,
    "basis": ops.BASIS,
}
_NEVER_AS_DOUBLE = -2.0
"""The double whose bits are those of `NEVER`."""
_NAN = float("nan")
FEEDBACK = -1
"""The loop of everything that depends on what is in force; a rule's number names the loop of its exit."""


def offset(period: int) -> int:
    """Return where the periods of a length are counted from: the epoch, for multiples of a week its first Monday."""
    return _MONDAY if period % _WEEK == 0 else 0


def lowered(program: c.Program, events: tuple[str, ...]) -> Program:
    """Return the flat program of a checked one; `events` are the declared ones, in order."""
    return Lowering(program, events).lowered()


class Lowering:
    """One lowering: `known` finds where the value of a checked node is (by its identity)."""

    def __init__(self, program: c.Program, events: tuple[str, ...]) -> None:
        self.program, self.events = program, events
        self.values, self.truths, self.scratch = 2, 0, 1  # the first registers: time and bar
        self.arena = 4  # the first words: whether a bar came, its time, its number, and one that is spare
        self.rows: list[Row] = []
        self.extra: list[int] = []
        self.numbers: list[float] = []
        self.pairs: dict[tuple[float, ...], int] = {}
        self.constants: dict[float, int] = {}
        self.fixed: list[tuple[int, float]] = []
        self.params: dict[str, int] = {}
        self.inputs: dict[tuple[str | None, str], int] = {}
        self.missing: list[int] = []
        self.never: list[int] = []
        self.fresh: list[tuple[int, int]] = []
        self.known: dict[int, Known] = {}
        self.shared: dict[object, Known] = {}
        self.clocks: dict[int, tuple[int, int, int, int]] = {}
        self.standings: dict[object, Standing] = {}
        self.loops: dict[int, int] = {}
        self.applies = {rule.name: number for number, rule in enumerate(program.rules)}
        self.rule_states = [self._words(5, missing=(3,), never=(2, 4)) for _ in program.rules]
        self.actives = [self._truth() for _ in program.rules]
        self.captures: list[dict[int, tuple[Known, int, int]]] = [{} for _ in program.rules]
        self.exits: list[list[int]] = [[] for _ in program.rules]
        self.echoes: list[list[int]] = [[] for _ in program.rules]
        self.target_states = {name: self._words(10, missing=(1, 2, 4, 9)) for name in program.targets}
        self.done: list[Rule] = []
        self.most_doings = 0
        self.always = self._fixed_truth(1)

    def lowered(self) -> Program:
        self._note_captures()
        for item in self.program.order:
            if isinstance(item, str):
                self._rule(item)
            else:
                self._node(item)
        close = self._input(None, "close") if self._reads_price() else -1
        targets = tuple(self._target(target, close) for target in self.program.targets.values())
        code, stages, main, prelude, places = scheduled(self.rows, self.loops)
        extra = self._relocated(places)
        gap = Gap(self.rows, self.program.bars, set(self.inputs.values()))
        return Program(
            bars=self.program.bars,
            code=code,
            extra=extra,
            numbers=tuple(self.numbers),
            stages=stages,
            main=main,
            prelude=prelude,
            constants=tuple(self.fixed),
            params=tuple(self.params.items()),
            inputs=tuple(Input(asset, name, register) for (asset, name), register in self.inputs.items()),
            values=self.values,
            truths=self.truths,
            arena=self.arena,
            scratch=self.scratch,
            missing=tuple(self.missing),
            never=tuple(self.never),
            fresh=tuple((places[row], word) for row, word in self.fresh),
            rules=tuple(self.done),
            targets=targets,
            events=self.events,
            doings=self.most_doings,
            still=-1 if gap.after == inf else int(gap.after),
            longest=gap.longest,
            close=close,
            ticking=self._ticking(places),
            periods=self._periods(),
        )

    def _ticking(self, places: Mapping[int, int]) -> tuple[Stage, ...]:
        """Return what moves with the periods of clocks where the length of a bar isn't known."""
        if self.program.bars is not None:
            return ()
        found = [(row.numbers[0], places[at]) for at, row in enumerate(self.rows) if row.ticked]
        return tuple(Stage(op, at, at + 1) for op, at in found)

    def _periods(self) -> tuple[int, ...]:
        periods = {node.clock.period for node in self.program.nodes if node.clock.name == "each"}
        return tuple(sorted(period for period in periods if period))

    # --- registers, numbers, words of state

    def _value(self) -> int:
        self.values += 1
        return self.values - 1

    def _truth(self) -> int:
        self.truths += 1
        return ~(self.truths - 1)

    def _register(self, truth: bool) -> int:
        return self._truth() if truth else self._value()

    def _words(self, count: int, missing: tuple[int, ...] = (), never: tuple[int, ...] = ()) -> int:
        at = self.arena
        self.arena += count
        self.missing += [at + word for word in missing]
        self.never += [at + word for word in never]
        return at

    def _numbers(self, *values: float) -> int:
        if values not in self.pairs:
            self.pairs[values] = len(self.numbers)
            self.numbers += values
        return self.pairs[values]

    def _constant(self, value: float) -> Known:
        if value not in self.constants or value == 0:
            self.constants[value] = register = self._value()
            self.fixed.append((register, value))
        return Known(self.constants[value], constant=True, fixed=True)

    def _fixed_truth(self, truth: int) -> int:
        register = self._truth()
        self.fixed.append((register, float(truth)))
        return register

    def _input(self, asset: str | None, name: str) -> int:
        asset = None if asset == self.program.asset else asset
        if (asset, name) not in self.inputs:
            self.inputs[asset, name] = self._value()
        return self.inputs[asset, name]

    def _emit(self, op: int, out: tuple[int, ...], reads: tuple[int, ...], fields: Mapping[int, int]) -> int:
        """Add an instruction that makes some registers of others; return its number."""
        loop = None
        for register in reads:
            found = self.loops.get(register)
            if found is not None and (loop is None or found == FEEDBACK):
                loop = found
        if op in _OF_TARGETS:
            loop = FEEDBACK
        return self._add(op, out, reads, fields, loop)

    def _add(
        self, op: int, out: tuple[int, ...], reads: tuple[int, ...], fields: Mapping[int, int], loop: int | None
    ) -> int:
        row = [0] * ops.WIDTH
        row[0] = op
        for place, value in fields.items():
            row[place] = value
        if loop is not None:
            for register in out:
                self.loops[register] = loop
        self.rows.append(Row(row, out, reads, loop, ticked=op in _TICKED))
        return len(self.rows) - 1

    # --- clocks

    def _clock(self, period: int | None) -> tuple[int, int, int, int]:
        """Return the registers of a clock's periods and of whether one ends, and the words of the first (whole) one."""
        length = period or 0
        if length not in self.clocks:
            tick, dot, state = self._value(), self._truth(), self._words(3)
            start = offset(length) if length else 0
            bars = self.program.bars or 0
            fields = {ops.I_OUT: tick, ops.I_B: ~dot, ops.I_STATE: state, ops.I_N: length, ops.I_X: start}
            self._emit(ops.CLOCK, (tick, dot), (), fields | {ops.I_Y: bars})
            self.clocks[length] = (tick, dot, state + 1, state + 2)
        return self.clocks[length]

    def _period(self, node: c.Node, parts: tuple[Known, ...]) -> int | None:
        """Return the clock of a node that moves with the periods of one, in seconds (0: bars); `None` for all others."""
        if node.clock.name == "each":
            return node.clock.period
        if node.clock.name == "base" and any(part.standing is not None for part in parts):
            return self.program.bars or 0
        return None

    def _standing(self, parts: tuple[Known, ...], period: int) -> Standing:
        """Return where nodes stand together."""
        tick = self._clock(period)[0]
        found = list(dict.fromkeys(part.standing for part in parts if part.standing is not None))
        if any(part.standing is None and not part.constant for part in parts):
            found.append(Standing(tick, None, self._never()))
        if not found:
            return Standing(self._constant(_NEVER_AS_DOUBLE).register, None, self._never())
        first = found[0]
        for other in found[1:]:
            first = self._together(first, other)
        return first

    def _never(self) -> int:
        if "never" not in self.standings:
            self.standings["never"] = Standing(0, None, self._words(1, never=(0,)))
        return self.standings["never"].first

    def _together(self, one: Standing, other: Standing) -> Standing:
        if one == other or (other.pos == one.pos and other.complete is None and other.first == self._never()):
            return one
        if (one, other) not in self.standings:
            pos, first = self._value(), self._words(1)
            complete = None if one.complete is None and other.complete is None else self._truth()
            ends = [self.always if way.complete is None else way.complete for way in (one, other)]
            fields = {ops.I_POS: pos, ops.I_A: one.pos, ops.I_B: other.pos, ops.I_C: ~ends[0], ops.I_D: ~ends[1]}
            fields |= {ops.I_COMPLETE: -1 if complete is None else ~complete}
            fields |= {ops.I_FIRST: first, ops.I_X: one.first, ops.I_Y: other.first}
            out = (pos,) if complete is None else (pos, complete)
            self._emit(ops.STAND, out, (one.pos, other.pos, *ends), fields)
            self.standings[one, other] = Standing(pos, complete, first)
        return self.standings[one, other]

    # --- nodes

    def of(self, node: c.Node) -> Known:
        """Return where a node's value is."""
        return self.known[id(node)]

    def _parts(self, *nodes: c.Node) -> tuple[Known, ...]:
        return tuple([self.known[id(node)] for node in nodes])

    def _node(self, node: c.Node) -> None:
        self.known[id(node)] = _LOWER[type(node)](self, node)

    def _value_node(self, node: c.Constant | c.ParamValue) -> Known:
        if isinstance(node, c.Constant):
            return self._constant(float(node.exact) if isinstance(node.exact, Fraction) else 0.0)
        if node.name not in self.params:
            self.params[node.name] = self._value()
        return Known(self.params[node.name], constant=True, fixed=True)

    def _compute(self, node: c.Node, op: int, parts: tuple[Known, ...], fields: Mapping[int, int] | None = None) -> Known:
        """Lower a node without a memory; inside `@` it has no value before the first whole bar."""
        period = self._period(node, parts)
        if period is None:
            return self._pure(op, parts, None, fields or {})
        standing = self._standing(parts, period)
        waits = self._clock(period)[0] if getattr(node, "frame", None) is not None else None
        return self._pure(op, parts, standing, fields or {}, waits)

    def _pure(
        self,
        op: int,
        parts: tuple[Known, ...],
        standing: Standing | None,
        fields: Mapping[int, int],
        waits: int | None = None,
    ) -> Known:
        echo = next((part.echo for part in parts if part.echo is not None), None)

        def emit(registers: tuple[int, ...]) -> int:
            out = self._register(op in _TRUTHS)
            places = {ops.I_OUT: _bare(out)}
            for place, register in zip(_ARGUMENTS, registers, strict=False):
                places[place] = _bare(register)
            rows = [self._emit(op, (out,), registers, {**places, **fields})]
            if waits is not None:
                assert standing is not None
                mask = ops.MASK_TRUTH if out < 0 else ops.MASK_VALUE
                places = {ops.I_OUT: _bare(out), ops.I_TICK: waits, ops.I_FIRST: standing.first}
                rows.append(self._emit(mask, (out,), (out, waits, standing.pos), places))
            if echo is not None:
                self.echoes[echo] += rows
            for row in rows:
                self.rows[row].ticked = standing is not None
            return out

        fixed = all([part.fixed for part in parts])
        known = Known(emit(tuple([part.register for part in parts])), fixed=fixed, standing=standing, echo=echo)
        if fixed:
            self.rows[-1].fixed = True
        if standing is not None and standing.complete is not None:
            known.settle = lambda: emit(tuple([self._settled(part) for part in parts]))
        return known

    def _settled(self, known: Known) -> int:
        """Return the register of what a value will have been if nothing more comes in its period."""
        if known.settled is None:
            known.settled = known.register if known.settle is None else known.settle()
        return known.settled

    def _remember(
        self, node: c.Node, op: int, parts: tuple[Known, ...], size: int, fields: Mapping[int, int]
    ) -> tuple[Known, int]:
        """Lower a node with a memory of so many words; return it and its instruction."""
        truth = op != ops.FUNCTION
        out, period = self._register(truth), self._period(node, parts)
        places = {ops.I_OUT: _bare(out), ops.I_INNER: op, **fields}
        registers = tuple([part.register for part in parts])
        for place, register in zip(_ARGUMENTS, registers, strict=False):
            places[place] = _bare(register)
        if period is not None:
            return self._remember_ticked(op, out, parts, size, places, period)
        state = self._words(size)
        row = self._emit(op, (out,), registers, {**places, ops.I_STATE: state, ops.I_SIZE: size})
        if op == ops.HELD:
            self.fresh.append((row, state))
        return Known(out), row

    def _remember_ticked(
        self, op: int, out: int, parts: tuple[Known, ...], size: int, places: dict[int, int], period: int
    ) -> tuple[Known, int]:
        standing, clock = self._standing(parts, period), self._clock(period)
        state = self._words(ops.HEADER + size, missing=(2,), never=(0, 1))
        self.scratch = max(self.scratch, size)
        settled = tuple([self._settled(part) for part in parts])
        for place, register in zip(_SETTLED, settled, strict=False):
            places[place] = _bare(register)
        complete = -1 if standing.complete is None else ~standing.complete
        places |= {ops.I_STATE: state, ops.I_SIZE: ops.HEADER + size, ops.I_POS: standing.pos, ops.I_TICK: clock[0]}
        places |= {ops.I_COMPLETE: complete, ops.I_FIRST: standing.first, ops.I_SETTLED: -1}
        places |= {ops.I_Z: ops.HEADER, ops.I_Y: len(parts)}
        reads = (*(part.register for part in parts), *settled, standing.pos, clock[0])
        reads = reads if standing.complete is None else (*reads, standing.complete)
        row = self._emit(ops.TICKED, (out,), reads, places)
        known = Known(out, standing=standing)
        if op == ops.HELD:
            self.fresh.append((row, state + ops.HEADER))
        if standing.complete is not None:
            known.settle = lambda: self._also(row, out < 0)
        return known, row

    def _also(self, row: int, truth: bool) -> int:
        """Let a ticked memory give its settled value too."""
        register = self._register(truth)
        found = self.rows[row]
        found.numbers[ops.I_SETTLED] = _bare(register)
        found.makes = (*found.makes, register)
        if found.loop is not None:
            self.loops[register] = found.loop
        return register

    # --- kinds of nodes

    def _negated(self, node: c.Negated) -> Known:
        return self._compute(node, ops.NEGATE, self._parts(node.inner))

    def _scaled(self, node: c.Scaled) -> Known:
        fields = {ops.I_F: self._numbers(float(node.times), float(node.by))}
        return self._compute(node, ops.SCALE, self._parts(node.inner), fields)

    def _arithmetic(self, node: c.Arithmetic) -> Known:
        return self._compute(node, _ARITHMETIC[node.operator], self._parts(node.left, node.right))

    def _comparison(self, node: c.Comparison) -> Known:
        left, right = self._parts(node.left, node.right)
        operator = node.operator
        if left.fixed and not right.fixed:  # what never changes stands on the right
            left, right, operator = right, left, _TURNED[operator]
        return self._compute(node, _COMPARISONS[operator], (left, right), {ops.I_N: int(right.fixed)})

    def _both(self, node: c.Both) -> Known:
        op = ops.AND if node.operator == "and" else ops.OR
        return self._compute(node, op, self._parts(node.left, node.right))

    def _inverted(self, node: c.Inverted) -> Known:
        return self._compute(node, ops.NOT, self._parts(node.inner))

    def _known(self, node: c.Known) -> Known:
        part = self.of(node.inner)
        of_value, of_truth = (ops.MISSING, ops.UNSURE) if node.missing else (ops.KNOWN, ops.SURE)
        return self._compute(node, of_truth if part.register < 0 else of_value, (part,))

    def _word_is(self, node: c.WordIs) -> Known:
        unit = node.inner.kind.unit
        assert isinstance(unit, tuple)
        return self._compute(node, ops.EQUAL, (self.of(node.inner), self._constant(float(unit.index(node.word)))))

    def _crossing(self, node: c.Crossing) -> Known:
        side = {ops.I_N: 2 if node.direction == "above" else 1}
        return self._remember(node, ops.CROSS, self._parts(node.left, node.right), 1, side)[0]

    def _moved(self, node: c.Moved) -> Known:
        verb = _VERBS[node.verb]
        if node.back is not None:
            fields = {ops.I_N: node.back, ops.I_X: verb}
            return self._remember(node, ops.PAST, self._parts(node.value, node.amount), node.back + 2, fields)[0]
        assert node.origin is not None
        return self._compute(node, ops.MOVED, self._parts(node.value, node.amount, node.origin), {ops.I_N: verb})

    def _held(self, node: c.Held) -> Known:
        part = self.of(node.condition)
        size = 2 if node.count == node.out_of else 4 + (node.out_of + 7) // 8
        fields = {ops.I_N: node.out_of, ops.I_COUNT: node.count}
        if node.each is not None:
            known, row = self._held_ends(part, node.each, size, fields)
        else:
            known, row = self._remember(node, ops.HELD, (part,), size, fields)
        if node.rule in self.applies:
            rule = self.applies[node.rule]
            self.exits[rule].append(row)
            self._into_loop(row, rule)
        return known

    def _held_ends(self, part: Known, period: int, size: int, fields: dict[int, int]) -> tuple[Known, int]:
        tick, dot, first, _ = self._clock(period)
        out, state = self._truth(), self._words(2 + size)
        places = {ops.I_OUT: _bare(out), ops.I_A: _bare(part.register), ops.I_B: _bare(dot), ops.I_STATE: state}
        places |= {ops.I_INNER: ops.HELD, ops.I_Z: 2, ops.I_SIZE: 2 + size, **fields}
        row = self._emit(ops.HELD_ENDS, (out,), (part.register, dot), places)
        self.fresh.append((row, state + 2))
        return Known(out, standing=Standing(tick, None, first)), row

    def _into_loop(self, row: int, rule: int) -> None:
        """Put an instruction into the loop of a rule's exit."""
        found = self.rows[row]
        if found.loop is None:
            found.loop = rule
            for register in found.makes:
                self.loops[register] = rule

    # --- functions

    def _applied(self, node: c.Applied) -> Known:
        function = FUNCTIONS[node.function]
        parts, kinds = self._parts(*node.arguments), tuple(one.kind for one in node.arguments[len(function.reads) :])
        if function.start is None:
            return self._plain(node, parts, kinds)
        parts = tuple([self._as_number(part) for part in parts])
        numbers = self._setting(node, kinds)
        if numbers is None:
            return self._unclocked(node, parts)
        op, window = OPS[node.function], node.window or 1
        fields = {ops.I_X: op, ops.I_N: window, ops.I_F: self._numbers(*numbers)}
        return self._remember(node, ops.FUNCTION, parts, words(op, window), fields)[0]

    def _setting(self, node: c.Applied, kinds: tuple[Kind, ...]) -> tuple[float, float] | None:
        """Return the constants of a function with a history; `None` where it needs a clock that nobody knows."""
        if node.function == "percentile":
            exact = next(value for one in node.numbers if (value := exact_value(one)) is not None)
            return float(exact), 0.0
        if node.function == "volatility":
            return None if node.seconds is None else (sqrt(YEAR / node.seconds), 0.0)
        if node.function == "sum" and kinds[0].name == "rate":
            assert isinstance(kinds[0].unit, int)
            return None if node.seconds is None else (float(node.seconds), float(kinds[0].unit))
        return 1.0, 1.0

    def _unclocked(self, node: c.Applied, parts: tuple[Known, ...]) -> Known:
        register, period = self._constant(_NAN).register, self._period(node, parts)
        return Known(register, standing=None if period is None else self._standing(parts, period), settled=register)

    def _as_number(self, part: Known) -> Known:
        return self._pure(ops.NUMBER, (part,), part.standing, {}) if part.register < 0 else part

    def _plain(self, node: c.Applied, parts: tuple[Known, ...], kinds: tuple[Kind, ...]) -> Known:
        to = next((kind.unit for kind in kinds if kind.name == "rate" and isinstance(kind.unit, int)), None)
        if node.function == "annualised":
            if len(kinds) == 2:
                return self._compute(node, ops.A_YEAR, parts)
            part = self._converted(parts[0], to or YEAR, YEAR)
            return self._compute(node, ops.MAX, (part, part))
        if to is not None and node.function in ("min", "max", "clamp", "if"):
            pairs = zip(parts, kinds, strict=True)
            parts = tuple([self._converted(p, k.unit, to) if k.name == "rate" else p for p, k in pairs])
        op = _PLAIN[node.function]
        if op not in (ops.MIN, ops.MAX):
            return self._compute(node, op, parts)
        period = self._period(node, parts)
        for part in parts[1:-1]:
            standing = None if period is None else self._standing((parts[0], part), period)
            parts = (self._pure(op, (parts[0], part), standing, {}), *parts[2:])
        return self._compute(node, op, parts)

    def _converted(self, part: Known, unit: object, to: int) -> Known:
        """Return a rate in another period; it may be beyond the doubles on its way."""
        assert isinstance(unit, int)
        if unit == to and part.register >= 0:
            return part
        shared = gcd(to, unit)
        times, over = to // shared, unit // shared
        factor, by = (1.0, float(over)) if times == 1 and over != 1 else (times / over, 1.0)
        known = self._pure(ops.CONVERT, (part,), part.standing, {ops.I_F: self._numbers(factor, by)})
        known.constant = part.constant
        return known

    # --- leaves

    def _leaf(self, node: c.Node) -> Known:
        frame = getattr(node, "frame", None)
        match node:
            case _ if frame is None:
                return self._base(node)
            case c.TimeValue():
                return self._long_time(frame)
            case c.EveryPeriod():
                return self._long_first(node, frame)
            case c.Near():
                return self._near(node, self._long_time(frame))
            case _:
                return self._long_bar(node, frame)

    def _base(self, node: c.Node) -> Known:
        match node:
            case c.FieldValue():
                return self._field(node)
            case c.TargetValue():
                return self._target_value(node)
            case c.TimeValue():
                return Known(ops.R_TIME)
            case c.RuleActive():
                number = self.applies.get(node.rule)
                return Known(self._no() if number is None else self.actives[number])
            case c.EveryPeriod():
                out, state = self._truth(), self._words(2)
                fields = {ops.I_OUT: ~out, ops.I_STATE: state, ops.I_N: node.period, ops.I_X: offset(node.period)}
                self._emit(ops.FIRST, (out,), (), fields | {ops.I_Y: self.program.bars or 0})
                return Known(out)
            case c.Near():
                return self._near(node, Known(ops.R_TIME))
            case _:
                raise AssertionError(node)

    def _no(self) -> int:
        if "no" not in self.shared:
            self.shared["no"] = Known(self._fixed_truth(0))
        return self.shared["no"].register

    def _field(self, node: c.FieldValue) -> Known:
        field, asset = node.field, None if node.asset == self.program.asset else node.asset
        key = ("field", asset, field.name)
        if key not in self.shared:
            self.shared[key] = self._new_field(asset, node)
        return self.shared[key]

    def _new_field(self, asset: str | None, node: c.FieldValue) -> Known:
        field, register = node.field, self._input(asset, node.field.name)
        if field.valid_for is not None:
            out, state = self._value(), self._words(2, missing=(0, 1))
            fields = {ops.I_A: register, ops.I_OUT: out, ops.I_STATE: state, ops.I_N: field.valid_for}
            self._emit(ops.VALID, (out,), (register,), fields)
            return Known(out)
        if field.every is None:
            return Known(register)
        tick, _, first, _ = self._clock(max(field.every, self.program.bars or 0))
        out, settled, pos, complete = self._value(), self._value(), self._value(), self._truth()
        fields = {ops.I_A: register, ops.I_OUT: out, ops.I_SETTLED: settled, ops.I_POS: pos, ops.I_COMPLETE: ~complete}
        fields |= {ops.I_TICK: tick, ops.I_STATE: self._words(2, missing=(1,), never=(0,))}
        self._emit(ops.PUBLISHED, (out, settled, pos, complete), (register, tick), fields)
        return Known(out, standing=Standing(pos, complete, first), settled=settled)

    def _long_bar(self, node: c.Node, frame: int) -> Known:
        part = self._base_part(node)
        is_plain = isinstance(node, c.FieldValue) and node.field.every is None
        how = _HOW[node.field.aggregation] if is_plain and isinstance(node, c.FieldValue) else 3
        tick, dot, _, first = self._clock(frame)
        truth = part.register < 0
        out, state = self._register(truth), self._words(2, missing=(0, 1))
        fields = {ops.I_A: _bare(part.register), ops.I_OUT: _bare(out), ops.I_B: ~dot, ops.I_TICK: tick, ops.I_N: how}
        fields |= {ops.I_STATE: state, ops.I_INNER: int(truth), ops.I_FIRST: first}
        self._emit(ops.LONG_BAR, (out,), (part.register, dot, tick), fields)
        return Known(out, standing=Standing(tick, None, first))

    def _base_part(self, node: c.Node) -> Known:
        if isinstance(node, c.TargetValue):
            key = ("target", node.target, node.what)
            if key not in self.shared:
                self.shared[key] = self._base(node)
            return self.shared[key]
        return self._base(node)

    def _long_time(self, frame: int) -> Known:
        key = ("time", frame)
        if key not in self.shared:
            tick, _, _, first = self._clock(frame)
            out = self._value()
            fields = {ops.I_OUT: out, ops.I_TICK: tick, ops.I_FIRST: first, ops.I_N: frame, ops.I_X: offset(frame)}
            self._emit(ops.LONG_TIME, (out,), (tick,), fields)
            self.shared[key] = Known(out, standing=Standing(tick, None, first))
        return self.shared[key]

    def _long_first(self, node: c.EveryPeriod, frame: int) -> Known:
        tick, _, _, first = self._clock(frame)
        out = self._truth()
        fields = {ops.I_OUT: ~out, ops.I_TICK: tick, ops.I_FIRST: first, ops.I_N: frame, ops.I_X: offset(frame)}
        self._emit(ops.LONG_FIRST, (out,), (tick,), fields | {ops.I_Y: node.period, ops.I_Z: offset(node.period)})
        return Known(out, standing=Standing(tick, None, first))

    def _near(self, node: c.Near, time: Known) -> Known:
        fields = {ops.I_N: node.distance, ops.I_X: int(node.side != "before")}
        if node.event is not None:
            parts: tuple[Known, ...] = (time,)
            fields[ops.I_Y] = self.events.index(node.event)
        else:
            assert node.anchor is not None
            parts, fields[ops.I_Y] = (time, self.of(node.anchor)), -1
        period = self._period(node, parts)
        return self._pure(ops.NEAR, parts, None if period is None else self._standing(parts, period), fields)

    def _target_value(self, node: c.TargetValue) -> Known:
        if node.what in ("actual", "entry"):
            return Known(self._input(None, f"{node.target}.{node.what}"))
        op = {"price": ops.PRICE, "age": ops.AGE}.get(node.what, ops.IN_FORCE)
        out = self._value()
        self._emit(op, (out,), (), {ops.I_OUT: out, ops.I_STATE: self.target_states[node.target]})
        return Known(out)

    # --- rules

    def _note_captures(self) -> None:
        for node in self.program.nodes:
            if isinstance(node, c.AtTrigger) and node.rule in self.applies:
                found = self.captures[self.applies[node.rule]]
                if id(node.inner) not in found:
                    truth = node.kind.name == "condition"
                    found[id(node.inner)] = (Known(self._register(truth)), self._words(1), id(node.inner))

    def _at_trigger(self, node: c.AtTrigger) -> Known:
        number = self.applies.get(node.rule)
        truth = node.kind.name == "condition"
        if number is None:
            return Known(self._fixed_truth(1) if truth else self._constant(_NAN).register, constant=True)
        shown, word, _ = self.captures[number][id(node.inner)]
        if node.after:
            return Known(shown.register, constant=True)
        out = self._register(truth)
        fields = {ops.I_OUT: _bare(out), ops.I_STATE: word, ops.I_X: self.rule_states[number], ops.I_INNER: int(truth)}
        row = self._add(ops.CAPTURED, (out,), (), fields, number)
        self.echoes[number].append(row)
        return Known(out, constant=True, echo=number)

    def _rule(self, name: str) -> None:
        number = self.applies.get(name)
        if number is None:
            return
        rule, state = self.program.rules[number], self.rule_states[number]
        condition, active, event = self.of(rule.condition), self.actives[number], self._truth()
        reads, out = [condition.register], [active, event]
        fields = {ops.I_A: ~condition.register, ops.I_OUT: ~active, ops.I_D: ~event, ops.I_STATE: state}
        fields |= {ops.I_B: -1, ops.I_SA: -1, ops.I_SB: -1}
        if condition.standing is not None:
            fields[ops.I_SA] = condition.standing.pos
            reads.append(condition.standing.pos)
        if rule.until is not None:
            until = self.of(rule.until)
            fields[ops.I_B] = ~until.register
            reads.append(until.register)
            if until.standing is not None:
                fields[ops.I_SB] = until.standing.pos
                reads.append(until.standing.pos)
        fields |= self._lasting(rule) | {ops.I_X: len(self.extra), ops.I_COUNT: len(self.captures[number])}
        for shown, word, inner in self.captures[number].values():
            found = self.known[inner].register
            reads.append(found)
            out.append(shown.register)
            self.extra += [found, shown.register, word]
        fields |= {ops.I_Y: len(self.echoes[number]), ops.I_Z: len(self.exits[number])}
        self.extra += [*self.echoes[number], *self.exits[number]]
        row = self._emit(ops.RULE, tuple(out), tuple(reads), fields)
        self._close_loop(row, number)
        self.done.append(Rule(name, ~active, ~event, state))

    def _lasting(self, rule: c.CheckedRule) -> dict[int, int]:
        if rule.lasting is None:
            return {ops.I_INNER: int(rule.until is not None)}
        if rule.lasting.seconds is None:
            return {ops.I_INNER: 3, ops.I_N: rule.lasting.bars or 0}
        return {ops.I_INNER: 2, ops.I_N: rule.lasting.seconds}

    def _close_loop(self, row: int, number: int) -> None:
        """Let a rule stand in one loop with its exit, or its exit in the one that it stands in."""
        inside = [one for one in self.rows if one.loop == number]
        if not inside:
            return
        found = self.rows[row]
        if found.loop == FEEDBACK:
            for one in inside:
                one.loop = FEEDBACK
                for register in one.makes:
                    self.loops[register] = FEEDBACK
            return
        found.loop = number
        for register in found.makes:  # what comes after can go column by column again
            self.loops.pop(register, None)

    def _relocated(self, places: Mapping[int, int]) -> bytes:
        """Return the lists that instructions refer to, with instructions where they came to stand."""
        extra = list(self.extra)
        for one in self.rows:
            if one.numbers[0] == ops.RULE:
                at = one.numbers[ops.I_X] + 3 * one.numbers[ops.I_COUNT]
                for index in range(at, at + one.numbers[ops.I_Y] + one.numbers[ops.I_Z]):
                    extra[index] = places[extra[index]]
        return array("q", extra or [0]).tobytes()

    # --- targets

    def _reads_price(self) -> bool:
        return any(isinstance(node, c.TargetValue) and node.what == "price" for node in self.program.nodes)

    def _target(self, target: c.CheckedTarget, close: int) -> Target:
        outs = [self._value() for _ in range(5)]
        held, blind, changed = self._truth(), self._truth(), self._truth()
        otherwise = self.program.otherwise.get(target.name)
        level = None if otherwise is None else self.of(otherwise)
        doings, watched, varying = self._doings(target.name)
        self.most_doings = max(self.most_doings, len(doings))
        if level is not None and not level.fixed:
            varying.append(level.register)
        header = [*outs, ~held, ~blind, -1 if level is None else level.register, close, ~changed]
        header += [len(doings), len(watched), len(varying)]
        limits = (target.low, target.high, 1e-9 * target.range)
        brakes = (target.band, target.step_up, target.step_down, target.cooldown_up, target.cooldown_down)
        start = max(target.low, min(target.high, 0.0))
        numbers = (*limits, *(_NAN if brake is None else float(brake) for brake in brakes), start)
        state, at = self.target_states[target.name], len(self.extra)
        self.extra += [*header, *(~register for register in watched), *varying]
        for doing in doings:
            self.extra += doing
        fields = {ops.I_X: at, ops.I_F: len(self.numbers), ops.I_STATE: state}
        self.numbers += numbers
        reads = (*watched, *varying, *(() if close < 0 else (close,)))
        loop = FEEDBACK if self._fed_back(target.name) else None
        out = (*outs, held, blind, changed)
        if loop is None and any(self.loops.get(register) == FEEDBACK for register in reads):
            loop = FEEDBACK
        self._add(ops.TARGET, out, reads, fields, loop)
        return Target(target.name, *outs, ~held, ~blind, state, fields[ops.I_F])

    def _fed_back(self, name: str) -> bool:
        """Say whether the rules read what is in force of a target, since when, or at which price."""
        supplied = ("actual", "entry")
        nodes = self.program.nodes
        return any(isinstance(n, c.TargetValue) and n.target == name and n.what not in supplied for n in nodes)

    def _doings(self, target: str) -> tuple[list[list[int]], list[int], list[int]]:
        doings, watched, varying = [], {}, {}
        for number, rule in enumerate(self.program.rules):
            for action in rule.actions:
                if action.target != target:
                    continue
                values = self._parts(*action.values)
                registers = [value.register for value in values] or [0]
                active = self.actives[number]
                watched[active] = None
                varying |= {value.register: None for value in values if not value.fixed}
                share = int(action.share == "level")
                what = [~active, _WHAT[action.what], registers[0], registers[-1], share, int(rule.at_once)]
                doings.append([*what, number, len(values)])
        return doings, list(watched), list(varying)


def _bare(register: int) -> int:
    """Return the number of a register in its bank."""
    return ~register if register < 0 else register


_ARGUMENTS = (ops.I_A, ops.I_B, ops.I_C, ops.I_D)
_SETTLED = (ops.I_SA, ops.I_SB, ops.I_SC, ops.I_SD)
_OF_TARGETS = (ops.IN_FORCE, ops.PRICE, ops.AGE)
_TRUTHS = frozenset(range(ops.ABOVE, ops.MOVED + 1)) | {ops.NEAR}

_TICKED = (ops.CLOCK, ops.STAND, ops.PUBLISHED, ops.TICKED, ops.LONG_BAR, ops.LONG_TIME, ops.LONG_FIRST, ops.HELD_ENDS)

_LOWER = {
    c.Constant: Lowering._value_node,
    c.ParamValue: Lowering._value_node,
    c.FieldValue: Lowering._leaf,
    c.TargetValue: Lowering._leaf,
    c.TimeValue: Lowering._leaf,
    c.RuleActive: Lowering._leaf,
    c.EveryPeriod: Lowering._leaf,
    c.Near: Lowering._leaf,
    c.Negated: Lowering._negated,
    c.Scaled: Lowering._scaled,
    c.Arithmetic: Lowering._arithmetic,
    c.Comparison: Lowering._comparison,
    c.Both: Lowering._both,
    c.Inverted: Lowering._inverted,
    c.Known: Lowering._known,
    c.WordIs: Lowering._word_is,
    c.Crossing: Lowering._crossing,
    c.Moved: Lowering._moved,
    c.Held: Lowering._held,
    c.Applied: Lowering._applied,
    c.AtTrigger: Lowering._at_trigger,
}
