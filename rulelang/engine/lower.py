"""Lowering: from the checked program of one asset to a flat one."""

import gc
from array import array
from collections.abc import Callable, Mapping
from math import inf
from typing import Any
from weakref import WeakKeyDictionary

from attrs import frozen

from rulelang.check import checked as c
from rulelang.engine import lower_leaves as leaves
from rulelang.engine import lower_nodes as nodes
from rulelang.engine.draft import Draft
from rulelang.engine.gaps import Gap
from rulelang.engine.known import Capture, Known, Memory, Role
from rulelang.engine.lower_functions import applied
from rulelang.engine.lower_rules import at_trigger, note_captures, rule
from rulelang.engine.lower_targets import targets
from rulelang.engine.program import Input, Program, Stage
from rulelang.engine.schedule import scheduled

Groups = Mapping[Role, int]
_ALL_ALIKE: Groups = {}

_LOWER: Mapping[type, Callable[[Draft, Any], Known]] = {
    c.ParamValue: nodes.param,
    c.FieldValue: leaves.field,
    c.TargetValue: leaves.target,
    c.TimeValue: leaves.time,
    c.RuleActive: leaves.active,
    c.EveryPeriod: leaves.every,
    c.Near: leaves.near,
    c.Negated: nodes.negated,
    c.Scaled: nodes.scaled,
    c.Arithmetic: nodes.arithmetic,
    c.Comparison: nodes.comparison,
    c.Both: nodes.both,
    c.Inverted: nodes.inverted,
    c.Known: nodes.known,
    c.WordIs: nodes.word_is,
    c.Crossing: nodes.crossing,
    c.Moved: nodes.moved,
    c.Held: nodes.held,
    c.Applied: applied,
    c.AtTrigger: at_trigger,
}


@frozen(eq=False)
class Lowered:
    """What became of a checked program: the flat one, where each node's value is, and what is remembered where.

    `order` and `rules` are the checked program's. `registers` finds the register of a node by its identity (~register:
    a truth). `captured` is what each rule captures, `clocks` are the states of clocks.
    """

    program: Program
    registers: Mapping[int, int]
    memories: tuple[Memory, ...]
    captured: tuple[tuple[Capture, ...], ...]
    clocks: tuple[int, ...]
    order: tuple[c.Node | str, ...]
    rules: tuple[c.CheckedRule, ...]


_known: WeakKeyDictionary[c.Program, dict[tuple[str, ...], Lowered]] = WeakKeyDictionary()


def lowered(program: c.Program, events: tuple[str, ...]) -> Lowered:
    """Return the flat program of a checked one; `events` are the declared ones, in order. It is made once."""
    known = _known.setdefault(program, {})
    if events not in known:
        known[events] = Lowering(program, events).whole()
    return known[events]


class Lowering:
    """One lowering of a checked program: its nodes and rules in their order, then its targets."""

    def __init__(self, program: c.Program, events: tuple[str, ...], groups: Groups = _ALL_ALIKE) -> None:
        self.draft = Draft(program, events, groups)

    def whole(self) -> Lowered:
        """Return the flat program, with what is known about it."""
        program, draft = self.lowered(), self.draft
        registers = {node: known.register for node, known in draft.known.items()}
        captured = tuple([tuple([one for _, one in found.values()]) for found in draft.captures])
        clocks = tuple([clock.first - 1 for clock in draft.clocks.values()])
        memories, checked = tuple(draft.memories), draft.program
        return Lowered(program, registers, memories, captured, clocks, checked.order, checked.rules)

    def lowered(self) -> Program:
        """Return the flat program. What is made is kept, so that looking for garbage meanwhile would be in vain."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self._lowered()
        finally:
            if collecting:
                gc.enable()

    def _lowered(self) -> Program:
        draft = self.draft
        note_captures(draft)
        known, applies = draft.known, draft.applies
        for item in draft.program.order:
            if isinstance(item, str):
                if item in applies:
                    rule(draft, applies[item])
            elif type(item) is not c.Constant:
                known[id(item)] = _LOWER[type(item)](draft, item)
        return _program(draft)


def _program(draft: Draft) -> Program:
    """Return the program of a draft in which all nodes and rules stand."""
    done, close, doings = targets(draft)
    gap = Gap(draft.rows, draft.program.bars, set(draft.inputs.values()))
    order = scheduled(draft.rows)
    for at, row in draft.references:
        draft.extra[at] = row.place
    return Program(
        bars=draft.program.bars,
        code=order.code,
        extra=array("q", draft.extra or [0]).tobytes(),
        numbers=tuple(draft.numbers),
        stages=order.stages,
        main=order.main,
        prelude=order.prelude,
        constants=tuple(draft.fixed),
        params=tuple([(name, known.register) for name, known in draft.params.items()]),
        inputs=tuple([Input(asset, name, register) for (asset, name), register in draft.inputs.items()]),
        values=draft.values,
        truths=draft.truths,
        arena=draft.arena,
        scratch=draft.scratch,
        missing=tuple(draft.missing),
        never=tuple(draft.never),
        fresh=tuple([(row.place, word) for row, word in draft.fresh]),
        rules=tuple(draft.rules),
        targets=done,
        events=draft.events,
        doings=doings,
        still=-1 if gap.after == inf else int(gap.after),
        longest=gap.longest,
        counting=tuple(gap.counting),
        blank_after=gap.blank_after(),
        close=close,
        ticking=_ticking(draft),
        periods=_periods(draft),
    )


def _ticking(draft: Draft) -> tuple[Stage, ...]:
    """Return what moves with the periods of clocks where the length of a bar isn't known."""
    if draft.program.bars is not None:
        return ()
    return tuple([Stage(row.numbers[0], row.place, row.place + 1) for row in draft.rows if row.ticked])


def _periods(draft: Draft) -> tuple[int, ...]:
    if draft.program.bars is not None:
        return ()
    clocks = [node.clock for node in draft.program.order if not isinstance(node, str)]
    return tuple(sorted({clock.period for clock in clocks if clock.name == "each" and clock.period}))
