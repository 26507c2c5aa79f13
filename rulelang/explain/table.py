"""The table of a rule file: for every combination of active rules the level of each target, its limits, the last word.

It says what the evaluator does with a step (clauses 6.4 and 6.7), with words in the place of values that depend on
data. Brakes are no part of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import combinations
from typing import assert_never

from attrs import evolve, frozen

from rulelang.check import CheckedRules
from rulelang.check.checked import CheckedAction, CheckedRule, CheckedTarget, Node, Program
from rulelang.check.ranges import Ranges
from rulelang.check.rules import applies
from rulelang.check.walk import everything
from rulelang.explain.levels import (
    Amount,
    Limit,
    constants,
    grown,
    limited,
    limits_text,
    moved,
    number,
    written_amount,
)
from rulelang.explain.together import Question, questions
from rulelang.kinds import RATIO, Kind, duration_text
from rulelang.syntax import printed, tree

MOST = 12
"""The most rules that are combined: 4,096 rows."""

IN_FORCE = "as in force"
"""What a frozen level is: no number before the run, but always within the target's bounds."""


class TableError(ValueError):
    """Raised where there is no such table; the message says what to ask for."""


@frozen
class Cell:
    """What a combination does to a target.

    `level` is what the active rules make of `otherwise`, `limits` their floors and caps in words, `desired` the level
    within them and within the target's bounds. `last_word` is the rule that made the level, `otherwise`, or `None`;
    `at_once`: it is marked so. `decides` is the floor, cap or bound that decided, where that is certain.
    """

    level: Amount
    limits: str
    desired: Amount
    last_word: str | None
    at_once: bool
    decides: Limit | None

    @property
    def effect(self) -> tuple[Amount, str, Amount, bool]:
        """What has to be the same where a rule changes nothing."""
        return self.level, self.limits, self.desired, self.at_once


@frozen
class Row:
    """A combination of active rules, in file order, and what it does: a cell for each target of the table."""

    active: tuple[str, ...]
    cells: tuple[Cell, ...]


@frozen
class Table:
    """The rows for assets that have the same ones; the fewer rules are active, the earlier.

    `rules` are those that are combined, with what each does; `others` are taken as inactive, `alerting` move no target.
    `left_out` combinations can't occur, because no value of what is in `because` allows them. `idle` rules change
    nothing in any combination. `expressions` are the values that depend on data, so they can be missing.
    """

    assets: tuple[str, ...]
    targets: tuple[CheckedTarget, ...]
    rules: tuple[tuple[str, str], ...]
    others: tuple[str, ...]
    alerting: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int
    because: tuple[str, ...]
    idle: tuple[str, ...]
    expressions: tuple[str, ...]


def tables(rules: CheckedRules, names: Sequence[str] = (), assets: Sequence[str] = ()) -> list[Table]:
    """Return the tables of a rule file, one for each group of assets with the same rows.

    `names` are the rules to combine, the others being taken as inactive; none: all that move a target. `assets` are
    those to look at; none: all. Raises `TableError` for a name that the file doesn't have, and for more than 12 rules
    to combine.
    """
    _check(rules, names, assets)
    found: list[Table] = []
    for asset, program in rules.programs.items():
        if assets and asset not in assets:
            continue
        table = _Tabling(program, rules, names).table()
        own = (asset,) if asset is not None else ()
        same = next((at for at, other in enumerate(found) if evolve(other, assets=()) == table), None)
        if same is None:
            found.append(evolve(table, assets=own))
        else:
            found[same] = evolve(table, assets=(*found[same].assets, *own))
    return found


# --- what can be asked


def _check(rules: CheckedRules, names: Sequence[str], assets: Sequence[str]) -> None:
    for asset in assets:
        if asset not in rules.assets:
            known = f"it has {', '.join(rules.assets)}" if rules.assets else "it names no assets"
            raise TableError(f"the file has no asset `{asset}`: {known}")
    programs = [program for asset, program in rules.programs.items() if not assets or asset in assets]
    for name in names:
        _check_rule(name, rules, programs)
    most = max(len(_combined(program, names)) for program in programs)
    if most > MOST:
        whose = f"{most:,} rules are named" if names else f"{most:,} rules move a target"
        message = f"{whose}, and a table combines {MOST} at most: name up to {MOST} of them"
        raise TableError(message if names else f"{message}, the others are taken as inactive")


def _check_rule(name: str, rules: CheckedRules, programs: Sequence[Program]) -> None:
    if any(rule.name == name for program in programs for rule in program.rules):
        return
    known = {rule.name: None for program in rules.programs.values() for rule in program.rules}
    if name in known:
        raise TableError(f"the rule `{name}` doesn't count for {', '.join(str(one.asset) for one in programs)}")
    near = get_close_matches(name, known, n=1)
    raise TableError(f"the file has no rule `{name}`" + (f"; did you mean `{near[0]}`?" if near else ""))


def _combined(program: Program, names: Sequence[str]) -> list[CheckedRule]:
    return [rule for rule in program.rules if (rule.name in names if names else rule.actions)]


# --- rows


class _Tabling:
    """The table of one program in the making; a combination is a number with a bit for each rule that is active."""

    def __init__(self, program: Program, rules: CheckedRules, names: Sequence[str]) -> None:
        self.program = program
        self.combined = _combined(program, names)
        self.known = constants(program)
        self.reading = _Reading(program, rules, self.known)
        self.columns = [_Column(target, self.combined, self.reading) for target in program.targets.values()]

    def table(self) -> Table:
        """Return the table."""
        asked = questions(self.combined, self.known)
        kept: list[Row] = []
        reasons: dict[int, Question] = {}
        for combination in self._combinations():
            because = next((question for question in asked if question.excludes(combination)), None)
            if because is None:
                kept.append(Row(self._active(combination), self._cells(combination)))
            else:
                reasons[id(because)] = because
        names = {rule.name for rule in self.combined}
        return Table(
            assets=(),
            targets=tuple(self.program.targets.values()),
            rules=tuple((rule.name, _deeds(rule)) for rule in self.combined),
            others=tuple(rule.name for rule in self.program.rules if rule.actions and rule.name not in names),
            alerting=tuple(rule.name for rule in self.program.rules if not rule.actions),
            rows=tuple(kept),
            left_out=2 ** len(self.combined) - len(kept),
            because=tuple(_spoken(question.value, self.program) for question in reasons.values()),
            idle=tuple(self._idle()),
            expressions=tuple(self.reading.expressions),
        )

    def _combinations(self) -> Iterator[int]:
        places = range(len(self.combined))
        for count in range(len(self.combined) + 1):
            for chosen in combinations(places, count):
                yield sum(1 << place for place in chosen)

    def _active(self, combination: int) -> tuple[str, ...]:
        return tuple(rule.name for at, rule in enumerate(self.combined) if combination >> at & 1)

    def _cells(self, combination: int) -> tuple[Cell, ...]:
        return tuple(column.cell(combination) for column in self.columns)

    def _idle(self) -> Iterator[str]:
        """Yield the rules that move targets and yet make no difference, in combinations that can't occur either."""
        for at, rule in enumerate(self.combined):
            if rule.actions and not any(column.differs(at) for column in self.columns):
                yield rule.name


def _deeds(rule: CheckedRule) -> str:
    said = ", ".join(printed(action) for action in rule.written.actions if not isinstance(action, tree.Alert))
    return f"{said or 'only an alert'}{' at once' if rule.at_once and said else ''}"


def _spoken(node: Node, program: Program) -> str:
    """Return the shortest words by which the conditions of the rules call a value."""
    written = (part for rule in program.rules for part in everything(rule.written.condition))
    lets = (part for let in program.lets.values() for part in everything(let.value))
    names = {id(part): part for part in (*written, *lets)}
    said: list[str] = []
    for (identity, frame, _), meaning in program.meanings.items():
        if meaning is node and identity in names:
            said.append(printed(names[identity]) + (f"@{duration_text(frame)}" if frame else ""))
    return min(said, key=lambda words: (len(words), words))


# --- cells


@frozen
class _Doing:
    """An action of a rule that is combined: the bit of the rule, and its values."""

    bit: int
    rule: CheckedRule
    action: CheckedAction
    values: tuple[Amount, ...]


class _Reading:
    """Reads values: numbers where they are constant, else the file's words, which are kept in `expressions`."""

    def __init__(self, program: Program, rules: CheckedRules, known: Mapping[int, float]) -> None:
        self.program, self.rules, self.known = program, rules, known
        self.ranges = Ranges(program.targets)
        self.expressions: dict[str, None] = {}

    def otherwise(self, target: CheckedTarget) -> Amount:
        """Return the level of a target that no rule sets."""
        node = self.program.otherwise.get(target.name)
        if node is None:
            return number(max(target.low, min(target.high, 0.0)), target.kind)
        return self._amount(node, self._otherwise_written(target.name), target.kind)

    def _otherwise_written(self, target: str) -> tree.Expression:
        statements = [one.statement for one in self.rules.statements if isinstance(one.statement, tree.Otherwise)]
        found = [
            (one.scope is not None, level.value)
            for one in statements
            for level in one.sets
            if level.target.text == target and applies(one.scope, self.program.asset)
        ]
        return max(found, key=lambda pair: pair[0])[1]  # one with `on` wins

    def doings(self, rules: Sequence[CheckedRule], target: CheckedTarget) -> Iterator[_Doing]:
        """Yield what rules do to a target, in file order."""
        for at, rule in enumerate(rules):
            written = [action for action in rule.written.actions if not isinstance(action, tree.Alert)]
            for action, said in zip(rule.actions, written, strict=True):
                if action.target != target.name:
                    continue
                kind = RATIO if action.share == "level" else target.kind
                pairs = zip(action.values, _written_values(said), strict=True)
                yield _Doing(1 << at, rule, action, tuple(self._amount(node, value, kind) for node, value in pairs))

    def _amount(self, node: Node, written: tree.Expression, kind: Kind) -> Amount:
        if id(node) in self.known:
            return number(self.known[id(node)], kind)
        amount = written_amount(self.ranges.of(node), written, kind)
        self.expressions[amount.words] = None
        return amount


def _written_values(action: tree.Action) -> tuple[tree.Expression, ...]:
    match action:
        case tree.Corridor():
            return action.low, action.high
        case tree.SetLevel() | tree.Floor() | tree.Cap() | tree.Adjust():
            return (action.value,)
        case tree.Freeze() | tree.Alert():
            return ()
        case _:
            assert_never(action)


class _Column:
    """What combinations do to one target; rules without an action on it make no difference, so cells are shared."""

    def __init__(self, target: CheckedTarget, rules: Sequence[CheckedRule], reading: _Reading) -> None:
        self.target = target
        self.start = reading.otherwise(target)
        self.word = "otherwise" if target.name in reading.program.otherwise else None
        self.doings = tuple(reading.doings(rules, target))
        self.concerned = 0
        for doing in self.doings:
            self.concerned |= doing.bit
        self._made: dict[int, Cell] = {}

    def cell(self, combination: int) -> Cell:
        """Return what a combination does."""
        combination &= self.concerned
        if combination not in self._made:
            self._made[combination] = self._cell([doing for doing in self.doings if doing.bit & combination])
        return self._made[combination]

    def differs(self, place: int) -> bool:
        """Say whether a rule changes anything in any combination, whether or not it can occur."""
        bit = 1 << place & self.concerned
        rest = self.concerned & ~bit
        return any(self.cell(others).effect != self.cell(others | bit).effect for others in _parts(rest) if bit)

    def _cell(self, doings: Sequence[_Doing]) -> Cell:
        level = _Level(self.start, self.word)
        for doing in doings:
            level = _after(level, doing, self.target)
        limits = [limit for doing in doings for limit in _limits(doing)]
        desired, decides = limited(level.amount, limits, self.target)
        return Cell(level.amount, limits_text(limits, self.target), desired, level.word, level.at_once, decides)


def _parts(combination: int) -> Iterator[int]:
    """Yield every combination of the rules in one."""
    part = combination
    while part:
        yield part
        part = (part - 1) & combination
    yield 0


@frozen
class _Level:
    """A level on its way through the active rules; `fixed`: frozen, so that adjustments do nothing."""

    amount: Amount
    word: str | None
    at_once: bool = False
    fixed: bool = False


def _after(level: _Level, doing: _Doing, target: CheckedTarget) -> _Level:
    """Return a level after an action, as the evaluator has it."""
    rule, what = doing.rule, doing.action.what
    match what:
        case "set":
            return _Level(doing.values[0], rule.name, rule.at_once)
        case "freeze":
            return _Level(Amount(target.low, target.high, IN_FORCE), rule.name, rule.at_once, fixed=True)
        case "increase" | "reduce" if not level.fixed:
            change = grown if doing.action.share == "level" else moved
            return _Level(change(level.amount, doing.values[0], what, target.kind), rule.name, rule.at_once)
        case _:
            return level


def _limits(doing: _Doing) -> Iterator[Limit]:
    if doing.action.what in ("floor", "corridor"):
        yield Limit("floor", doing.values[0], doing.rule.name)
    if doing.action.what in ("cap", "corridor"):
        yield Limit("cap", doing.values[-1], doing.rule.name)
