"""What tests cover: rules active, exits reached, comparisons both true and false, brakes at work.

A brake that can never be at work is not asked for.
"""

from collections.abc import Callable, Iterator
from functools import partial

from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.check.checked import Node, Program
from rulelang.check.walk import everything
from rulelang.evaluate import Decision, Run
from rulelang.evaluate.live import Live
from rulelang.evaluate.machine import Machine
from rulelang.evaluate.rule import LiveRule
from rulelang.evaluate.targets import Outcome
from rulelang.syntax import printed, tree
from rulelang.testing.idle import can_hold
from rulelang.text import Source

_ATOMS = (tree.Compare, tree.Crosses, tree.Between, tree.Is, tree.Moves, tree.Within, tree.Every)
_BRAKES = {"band": "change at least", "step": "step at most", "cooldown": "cooldown"}


@frozen
class Point:
    """One thing that tests should show; `file` and `line` say where it is written, `place` at which character."""

    what: str
    text: str
    file: str
    line: int
    place: int


@frozen
class _Asked:
    """A comparison of a rule file, and the live nodes that answer it for one asset."""

    text: str
    source: Source
    start: int
    nodes: tuple[Node, ...]

    def point(self, truth: bool) -> Point:
        """Return what is covered when the comparison has been true, or false."""
        word = "true" if truth else "false"
        return _point(f"never {word}", f"`{self.text}`", self.source, self.start)


class Coverage:
    """Gathers over all tests of one file what they have shown."""

    def __init__(self, rules: CheckedRules) -> None:
        self.points = dict.fromkeys(sorted(_points(rules), key=lambda p: (p.file, p.place, p.what)))
        self.seen: set[Point] = set()

    @property
    def missing(self) -> list[Point]:
        """Return what no test has shown, in the order of the file."""
        return [point for point in self.points if point not in self.seen]

    @property
    def covered(self) -> int:
        """Return how many points have been shown."""
        return len(self.points) - len(self.missing)

    @property
    def share(self) -> float:
        """Return the share of the points that have been shown; 1 where there is nothing to show."""
        return self.covered / len(self.points) if self.points else 1.0


class Watch:
    """Watches one run, step by step, for what nothing has shown yet."""

    def __init__(self, coverage: Coverage, run: Run) -> None:
        self.coverage = coverage
        self.waiting = [one for machine in run.machines.values() for one in _signs(run.rules, machine)]
        self.brakes = [
            (target.name.text, brake, _brake_point(source, target, brake))
            for source, target in _targets(run.rules)
            for brake in target.brakes
        ]

    def step(self, decision: Decision) -> None:
        """Look at what a step has shown."""
        seen = self.coverage.seen
        if shown := {point for happened, point in self.waiting if happened()}:
            seen |= shown
            self.waiting = [one for one in self.waiting if one[1] not in seen]
        for one in decision.values():
            for name, outcome in one.targets.items():
                if outcome.held is not None:
                    seen |= set(self._held(name, outcome))

    def _held(self, name: str, outcome: Outcome) -> Iterator[Point]:
        direction = "up" if outcome.desired > outcome.before else "down"
        for target, brake, point in self.brakes:
            if target == name and brake.what == outcome.held and brake.direction in ("", direction):
                yield point


_Sign = tuple[Callable[[], bool], Point]
"""Whether something has just happened, and what is shown by it."""


def _signs(rules: CheckedRules, machine: Machine) -> Iterator[_Sign]:
    """Yield the signs of all that can be shown for one asset but of its brakes."""
    for asked in _comparisons(rules, machine.program):
        for node in asked.nodes:
            live = machine.assembly.of(node)
            yield partial(_is, live, True), asked.point(True)
            yield partial(_is, live, False), asked.point(False)
    for rule in machine.assembly.rules.values():
        name, source, written = rule.rule.name, rule.rule.source, rule.rule.written
        yield partial(_is_active, rule), _rule_point("never active", name, source, written)
        if written.until is not None:
            yield partial(_has_ended, rule, "until"), _exit_point(name, source, written.until)
        if written.lasting is not None:
            yield partial(_has_ended, rule, "for"), _lasting_point(name, source, written.lasting)


def _is(live: Live, truth: bool) -> bool:
    return live.now is truth


def _is_active(rule: LiveRule) -> bool:
    return rule.active


def _has_ended(rule: LiveRule, by: str) -> bool:
    return rule.ended_by == by


# --- what there is to show


def _points(rules: CheckedRules) -> Iterator[Point]:
    for program in rules.programs.values():
        for rule in program.rules:
            written = rule.written
            yield _rule_point("never active", rule.name, rule.source, written)
            if written.until is not None:
                yield _exit_point(rule.name, rule.source, written.until)
            if written.lasting is not None:
                yield _lasting_point(rule.name, rule.source, written.lasting)
        for asked in _comparisons(rules, program):
            yield from (asked.point(truth) for truth in (True, False))
    for source, target in _targets(rules):
        checked = [(program, program.targets[target.name.text]) for program in rules.programs.values()]
        for brake in target.brakes:
            if any(can_hold(program, one, brake) for program, one in checked):
                yield _brake_point(source, target, brake)


def _targets(rules: CheckedRules) -> Iterator[tuple[Source, tree.Target]]:
    for placed in rules.statements:
        if isinstance(placed.statement, tree.Target):
            yield placed.source, placed.statement


def _comparisons(rules: CheckedRules, program: Program) -> Iterator[_Asked]:
    """Yield the comparisons in the conditions, exits and values of a program's rules, and in its lets."""
    nodes: dict[int, list[Node]] = {}
    for (identity, _, _), node in program.meanings.items():
        nodes.setdefault(identity, []).append(node)
    for source, written in _expressions(rules, program):
        for part in everything(written):
            if isinstance(part, _ATOMS) and id(part) in nodes:
                yield _Asked(printed(part), source, part.span.start, tuple(nodes[id(part)]))


def _expressions(rules: CheckedRules, program: Program) -> Iterator[tuple[Source, tree.Expression]]:
    for placed in rules.statements:
        if isinstance(placed.statement, tree.Let):
            yield placed.source, placed.statement.value
    for rule in program.rules:
        written = rule.written
        yield rule.source, written.condition
        if written.until is not None:
            yield rule.source, written.until
        for action in written.actions:
            match action:
                case tree.SetLevel() | tree.Floor() | tree.Cap() | tree.Adjust():
                    yield rule.source, action.value
                case tree.Corridor():
                    yield from ((rule.source, action.low), (rule.source, action.high))


def _point(what: str, text: str, source: Source, start: int) -> Point:
    return Point(what, text, source.name, source.position(start).line, start)


def _rule_point(what: str, name: str, source: Source, written: tree.Rule) -> Point:
    return _point(what, f"rule {name}", source, written.span.start)


def _exit_point(name: str, source: Source, until: tree.Expression) -> Point:
    return _point("never reached", f"the exit of {name}, until {printed(until)},", source, until.span.start)


def _lasting_point(name: str, source: Source, lasting: tree.PeriodSpan) -> Point:
    return _point("never over", f"the time of {name}, for {printed(lasting)},", source, lasting.span.start)


def _brake_point(source: Source, target: tree.Target, brake: tree.Brake) -> Point:
    direction = f" {brake.direction}" if brake.direction else ""
    text = f"{target.name.text}'s brake `{_BRAKES[brake.what]} {printed(brake.value)}{direction}`"
    return _point("never at work", text, source, brake.span.start)
