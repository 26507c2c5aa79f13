"""The whole of checking: from source to diagnostics and, where no error is among them, `CheckedRules`."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from rulelang.check.advice import Advice
from rulelang.check.checked import CheckedRule, Meanings, Need, Node, Program
from rulelang.check.declarations import Declarations, Outside, Override
from rulelang.check.expressions import Elaborator
from rulelang.check.memory import Findings, Memory, declared, unfolded
from rulelang.check.names import Names
from rulelang.check.report import Report
from rulelang.check.rules import Rules, applies
from rulelang.check.uses import Placed, Reader, expanded
from rulelang.fields import Field
from rulelang.functions import FUNCTIONS
from rulelang.syntax import parse, tree
from rulelang.syntax.statements import cut
from rulelang.syntax.vocabulary import KEYWORDS
from rulelang.text import Diagnostic, RuleError, Source, Span

STATE = 256 * 1024 * 1024
"""The most state that a file may ask for, in bytes."""

if TYPE_CHECKING:
    from rulelang.check.tested import CheckedTest
    from rulelang.check.trials import Trials

_KEY = object()
_NOTHING = Outside()


@define(eq=False)
class CheckedRules:
    """A rule file without errors: what it means for each asset. Made by `check` only."""

    source: Source
    programs: Mapping[str | None, Program]
    events: Mapping[str, tuple[float, ...]]
    tests: "tuple[CheckedTest, ...]"
    statements: tuple[Placed, ...]
    diagnostics: tuple[Diagnostic, ...]
    _outside: Outside
    _reader: Reader | None
    _key: object = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if self._key is not _KEY:
            raise TypeError("CheckedRules are made by rulelang.check.check")

    @property
    def assets(self) -> tuple[str, ...]:
        """The assets that the rules run for; none for the nameless one."""
        return tuple(asset for asset in self.programs if asset is not None)

    @property
    def bars(self) -> int | None:
        """The base period in seconds, or `None` where neither the file nor anybody else said it."""
        return next(iter(self.programs.values())).bars

    @property
    def stated_bars(self) -> int | None:
        """The base period in seconds that the file itself states."""
        return self.bars if any(isinstance(placed.statement, tree.Bars) for placed in self.statements) else None

    @property
    def overrides(self) -> Mapping[str, Override]:
        """The values of params that came from outside."""
        return self._outside.params

    def dated(self, events: Mapping[str, tuple[float, ...]]) -> "CheckedRules":
        """Return these rules with other dates of some events, in seconds since 1970, in place of those in the file."""
        return evolve(self, events={**self.events, **events})

    def bound(self, outside: Outside) -> "CheckedRules":
        """Return these rules with other params or another base period. Raises `RuleError`."""
        bars = outside.bars if outside.bars is not None else self._outside.bars
        params = {**self._outside.params, **outside.params}
        checking = check(self.source, reader=self._reader, outside=evolve(self._outside, bars=bars, params=params))
        if checking.rules is None:
            raise RuleError(checking.diagnostics)
        return checking.rules


@frozen
class Checking:
    """What came of checking: the diagnostics, the rules where no error is among them, and what could be read."""

    diagnostics: tuple[Diagnostic, ...]
    rules: CheckedRules | None
    file: tree.File = field(repr=False, eq=False)


def check(
    source: Source, *, reader: Reader | None = None, outside: Outside = _NOTHING, memory: Memory | None = None
) -> Checking:
    """Check a rule file; never raises, whatever the text.

    With a `memory` of an earlier text, what still holds of that is not found out again; what comes of it is the same.
    """
    report = Report(source)
    file, mistakes = parse(source, memory.file("", 0) if memory is not None else None)
    return _checked(file, mistakes, report, reader, outside, memory)


def _checked(
    file: tree.File,
    mistakes: list[Diagnostic],
    report: Report,
    reader: Reader | None,
    outside: Outside,
    memory: Memory | None,
) -> Checking:
    source = report.source
    report.add(mistakes)
    statements = expanded(file, source, reader, report, memory.file if memory is not None else None)
    memory = memory or Memory()
    unread = _unread_names(source.text, statements) if mistakes else None
    first = _Elaboration(statements, report, outside, unread, memory)
    elaborations: dict[str | None, _Elaboration] = {None: first}
    assets: tuple[str | None, ...] = first.names.assets or (None,)
    for asset in assets:
        by_asset = any(isinstance(p.statement, tree.Param) and p.statement.by_asset for p in statements)
        if asset is not None and by_asset:
            elaborations[asset] = _Elaboration(statements, report, evolve(outside, asset=asset), unread, memory)
    _unknown_params(first, report, outside, source)
    programs = {asset: elaborations.get(asset, first).program(asset) for asset in assets}
    _state_limit(programs, report, source)
    diagnostics = report.diagnostics()
    if report.failed:
        return Checking(diagnostics, None, file)
    tests = () if first.trials is None else tuple(first.trials.tests)
    rules = CheckedRules(
        source, programs, first.names.events, tests, tuple(statements), diagnostics, outside, reader, _KEY
    )
    return Checking(diagnostics, rules, file)


_Gathered = tuple[tuple[Node | str, ...], tuple[Need, ...], Callable[[], Meanings], set[str]]
"""Nodes and rules in their order, needs, what gives the meanings, and the targets that are read or acted on."""


_DECLARED = re.compile(
    r"(?m)^[ \t]*(?:[a-z]+[ \t]+){0,2}([a-z]\w*)[ \t]*:?=|\b(?:let|param|target|event|field|rule)\s+([a-z]\w*)"
)


def _unread_names(text: str, statements: list[Placed]) -> frozenset[str]:
    """Return the names that look declared in a text with mistakes, and are in no statement that could be read."""
    named = (getattr(placed.statement, "name", None) for placed in statements)
    pieces, _ = cut(text)
    starts = [0, *(piece.start for piece in pieces), len(text)]
    found = frozenset[str]().union(*(_declared_in(text[start:end]) for start, end in pairwise(starts)))
    return found - {name.text for name in named if isinstance(name, tree.Name)}


@lru_cache(16_384)
def _declared_in(piece: str) -> frozenset[str]:
    """Return the names that look declared in a piece of a text: most are what they were at the last keystroke."""
    return frozenset(filter(_nameable, chain.from_iterable(_DECLARED.findall(piece))))


def _nameable(name: str) -> bool:
    """Say whether a word can be a name: behind a `rule` that still waits for one, the next statement begins."""
    return bool(name) and (name not in KEYWORDS or KEYWORDS[name].nameable)


class _Elaboration:
    """One pass over all statements, for one binding of the params; `unread`: names declared where reading failed."""

    def __init__(
        self,
        statements: list[Placed],
        report: Report,
        outside: Outside,
        unread: frozenset[str] | None,
        memory: Memory,
    ) -> None:
        self.names = Names(broken=set(unread or ()))
        self.recall, self.memory, self.asset, self.unread = memory.recall(outside.asset), memory, outside.asset, unread
        self.e = Elaborator(self.names, report, self.recall)
        self._found: _Gathered | None = None
        report.told.clear()
        if unread is not None and report.source.text.find("bars") >= 0:
            report.told.add("bars")  # how long a bar is may stand where reading failed
        declarations = Declarations(self.e, outside)
        self.rules = Rules(self.e)
        declarations.ahead(statements)
        self.trials: Trials | None = None
        self.rules.ahead(statements)
        self._begin(statements, outside)
        for placed in statements:
            report.source = placed.source
            self.recall.look(placed)
            if not declarations.declare(placed):
                self._other(placed)
            elif (name := declared(placed.statement)) is not None:
                self.e.shape = self.recall.shape(self.e.shape, placed.statement, name in self.names.broken)
        self._advise(statements, report, unread is not None)
        for e in self._elaborators():
            e.recall.units = e.passed

    def _elaborators(self) -> list[Elaborator]:
        return [self.e] if self.trials is None else [self.e, self.trials.e]

    def _begin(self, statements: list[Placed], outside: Outside) -> None:
        """Find out what changed since the last time."""
        names = self.names
        around = names.assets, names.bars, names.stated, tuple(outside.params.items()), outside.asset
        self.recall.begin(statements, around, self.rules.by_name, frozenset(self.unread or ()))
        self.e.shape = self.recall.shape_of((tuple(names.later.items()), tuple(names.all_rules), self.unread))

    def _other(self, placed: Placed) -> None:
        match placed.statement:
            case tree.Rule():
                self.rules.rule(placed)
            case tree.Otherwise():
                self.rules.take_otherwise(placed)
            case tree.Test():
                self._test(placed)
            case _:
                raise AssertionError(placed.statement)

    def _test(self, placed: Placed) -> None:
        if self.trials is None:
            from rulelang.check.trials import Trials  # a file without tests is checked faster without them

            recall = self.memory.recall_of_tests(self.asset)
            recall.follow(self.recall)
            self.trials = Trials(self.e, self.names.stated, recall)
        self.trials.e.shape = self.e.shape
        self.trials.test(placed)

    def _advise(self, statements: list[Placed], report: Report, partial: bool) -> None:
        for placed in statements:
            if isinstance(placed.statement, tree.Let | tree.Param | tree.Event):
                self.e.where.setdefault(placed.statement.name.text, (placed.statement, placed.source))
        advice = Advice(self.e, self.rules.otherwise)
        level = id(self.rules.otherwise.get((None, "hedge")))
        for rule, _ in self.rules.rules:
            self._advise_on(rule, advice, level)
        for target, node, written, source in self.rules.otherwise_written:
            report.source = source
            advice.on_otherwise(self.names.targets[target.name], node, written)
        if not partial:  # in a statement that could not be read, anything may be used
            every = (found for e in self._elaborators() for found in e.everything())
            self.names.used = self.names.used.union(*(found.used for found in every))
            advice.unused()

    def _advise_on(self, rule: CheckedRule, advice: Advice, level: int) -> None:
        """Look at a rule; what is said of it depends on its statement, and on the level without any rule."""
        unit = self.e.passed[id(rule.written), ("rule", rule.name)]

        def work() -> None:
            self.e.meanings_of(unit)
            advice.on(rule)

        self.e.remembered(rule.written, ("advice", unit, level), work)

    def program(self, asset: str | None) -> Program:
        """Return what the file means for an asset."""
        rules = tuple(rule for rule, scope in self.rules.rules if applies(scope, asset))
        otherwise: dict[str, Node] = {}
        for of in (None, asset):  # one with `on` wins over one without
            for (whose, target), node in self.rules.otherwise.items():
                if whose == of and node is not None:
                    otherwise[target] = node
        order, needs, meanings, reads = self._found or self._gathered()
        concerned = reads | {name for name in self.names.targets if self._declared(name)}
        targets = {name: target for name, target in self.names.targets.items() if name in concerned}
        params = {name: value for name, value in self.names.params.items() if value is not None}
        lets = {name: entry.statement for name, entry in self.names.lets.items()}
        return Program(asset, self.names.bars, order, rules, targets, otherwise, needs, meanings, lets, params)

    def _gathered(self) -> _Gathered:
        """Return what comes of all statements together: it is the same for all assets."""
        order, needed = unfolded(self.e.whole)
        needs: dict[tuple[str | None, str], Field] = {}
        for key, record in needed:
            needs.setdefault(key, record)
        every = tuple(self.e.everything())
        reads = set[str]().union(*(found.reads for found in every))
        listed = tuple(Need(whose, record) for (whose, _), record in needs.items())
        self._found = tuple(dict.fromkeys(order)), listed, cache(lambda: _meanings(every)), reads
        return self._found

    def _declared(self, name: str) -> bool:
        return name in self.names.declared


def _meanings(every: Iterable[Findings]) -> Meanings:
    """Return the node of all that was written."""
    return dict(chain.from_iterable(found.meanings.items() for found in every))


def _unknown_params(first: _Elaboration, report: Report, outside: Outside, source: Source) -> None:
    for name in outside.params:
        if name not in first.names.params:
            known = ", ".join(f"`{param}`" for param in first.names.params) or "none"
            message = f"there is no param `{name}` to give a value to; the file has {known}"
            report.source = source
            report.error("RL306", Span(0, 0), message, "a param is a line such as `param crowded = 0.05%`")


def state_bytes(program: Program) -> int:
    """Return the size of a program's state in bytes, at 8 bytes a number."""
    return 64 * len(program.rules) + 64 * len(program.targets) + sum(map(_bytes_of, program.nodes))


def _bytes_of(node: Node) -> int:
    from rulelang.check.checked import Applied, Held, Moved

    match node:
        case Applied() if FUNCTIONS[node.function].start is not None:
            return FUNCTIONS[node.function].state_bytes(node.window or 1)
        case Held():
            return node.out_of
        case Moved(back=int()):
            return 8 * (node.back or 0)
        case _:
            return 8


def _state_limit(programs: Mapping[str | None, Program], report: Report, source: Source) -> None:
    total = sum(map(state_bytes, programs.values()))
    if total > STATE:
        message = (
            f"the windows of this file keep {total / 2**20:,.0f} MiB of state, more than the {STATE >> 20} MiB allowed"
        )
        report.source = source
        report.error("RL406", Span(0, 0), message, "shorten the longest windows, or put them on longer bars with `@`")
