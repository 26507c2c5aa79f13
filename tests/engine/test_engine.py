"""The engine decides as the reference does, over generated rule files and markets."""

import math
from typing import Any

from attrs import evolve
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

import rulelang
from rulelang import RuleError, Rules
from rulelang.check.checked import Applied, Comparison, Constant, Crossing, FieldValue, Moved, Node
from rulelang.engine.run import AssetRun, EngineRun
from rulelang.evaluate import AssetDecision, Run
from tests.strategies import Ground, Market, files, grounds, markets

PAIRS = settings().max_examples


def loaded(text: str, ground: Ground) -> Rules:
    """Return the rules of a generated text; give the example up where the generator made a mistake."""
    try:
        return rulelang.loads(text, bars=None if ground.said else ground.written)
    except RuleError:
        assume(False)
        raise


def differs(ours: Any, theirs: Any) -> bool:
    """Say whether two values of a node are further apart than rounding explains."""
    if not isinstance(ours, float) or not isinstance(theirs, float):
        return ours is not theirs and ours != theirs
    return not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


def node_values(run: AssetRun, reference: Run, asset: str | None) -> list[tuple[Node, Any, Any]]:
    """Return what the nodes are whose values differ, with both."""
    values, truths = run.machine.live.values(), run.machine.live.truths()
    assembly = reference.machines[asset].assembly
    found = []
    for node in run.checked.nodes:
        if isinstance(node, Constant):
            continue
        ours, theirs = run.reading.value(node, values, truths), assembly.of(node).now
        if differs(ours, theirs):
            found.append((node, ours, theirs))
    return found


JUMPING = ("rank", "zscore", "correlation", "beta", "rsi", "floor", "ceil", "round")
"""Functions that can jump where their arguments differ by a rounding."""


def touching(run: AssetRun) -> set[int]:
    """Return the crossings whose sides are nearer to each other than rounding leaves them: it may have parted them."""
    values, truths = run.machine.live.values(), run.machine.live.truths()
    found = set()
    for node in run.checked.nodes:
        if isinstance(node, Crossing):
            sides = [run.reading.value(part, values, truths) for part in (node.left, node.right)]
            if not differs(*sides):
                found.add(id(node))
    return found


def is_tie(run: AssetRun, node: Node, touched: frozenset[int] | set[int] = frozenset()) -> bool:
    """Say whether a node differs because what it compares is nearer to a tie than rounding leaves it."""
    if id(node) in touched:
        return True
    values, truths = run.machine.live.values(), run.machine.live.truths()
    if isinstance(node, Applied):
        return node.function in JUMPING and any(not isinstance(part, FieldValue) for part in node.arguments)
    if isinstance(node, Comparison | Crossing):
        sides = [run.reading.value(part, values, truths) for part in (node.left, node.right)]
        return not differs(*sides)
    return isinstance(node, Moved)


def near(ours: AssetDecision, theirs: AssetDecision) -> None:
    """Check that two decisions are the same, their numbers as near as rounding leaves them."""
    assert evolve(ours, targets={}, alerts=(), told=None) == evolve(theirs, targets={}, alerts=(), told=None)
    assert [alert.rule for alert in ours.alerts] == [alert.rule for alert in theirs.alerts]
    for name, one in theirs.targets.items():
        other = ours.targets[name]
        for what in ("before", "desired", "after", "held_until"):
            assert not differs(getattr(other, what), getattr(one, what)), (name, what, other, one)
        assert (other.last_word, other.held, other.frozen) == (one.last_word, one.held, one.frozen), (other, one)
        assert [(p.rule, p.what) for p in other.parts] == [(p.rule, p.what) for p in one.parts]
        for mine, its in zip(other.parts, one.parts, strict=True):
            assert not differs(mine.result, its.result), (mine, its)


def compare(rules: Rules, market: Market) -> bool:
    """Check that engine and reference decide the same over a market; return `False` where a tie ended it early."""
    events = dict.fromkeys(rules.checked.events, ())
    run, reference = EngineRun(rules.checked, events), rules.start(records=False, engine="reference")
    touched: set[int] = set()
    for at, step in enumerate(market.steps):
        ours, theirs = run.step(step.time, step.values), reference.step(step.time, step.values)
        assert list(ours) == list(theirs)
        for asset in theirs:
            wrong = node_values(run.assets[asset], reference, asset)
            if wrong and is_tie(run.assets[asset], wrong[0][0], touched):
                return False
            touched |= touching(run.assets[asset])
            assert not wrong, (at, step, wrong)
            near(ours[asset], theirs[asset])
    return True


@settings(max_examples=PAIRS)
@given(st.data())
def test_engine_decides_as_the_reference(data: st.DataObject) -> None:
    written = data.draw(files(grounds()))
    rules = loaded(written.text, written.ground)
    market = data.draw(markets(written.ground, written.fields))
    try:
        event("decided alike" if compare(rules, market) else "a tie")
    except Exception as error:
        error.add_note(written.text)
        raise
