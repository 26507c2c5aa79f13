"""What always holds of tests: one that says what was decided passes, and any other value in it fails at its bar."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import rulelang
from rulelang.syntax import parse_expression, printed, tree
from rulelang.testing import Coverage, Result, run_test
from tests.testing.blocks import Block, checked

pytestmark = pytest.mark.slow

some = settings(max_examples=max(20, settings().max_examples // 5))
"""A block takes the time of several runs."""


def ran(text: str) -> tuple[Result, Coverage]:
    """Run the one test of a file."""
    rules, test = checked(text)
    coverage = Coverage(rules)
    return run_test(rules, test, coverage), coverage


@some
@given(st.data())
def test_what_was_decided_passes(data: st.DataObject) -> None:
    block = Block(data)
    result, _ = ran(block.text())
    assert [failure.message for failure in result.failures] == []
    assert result.bars == block.length


@some
@given(st.data())
def test_another_value_fails_at_its_bar_and_nowhere_else(data: st.DataObject) -> None:
    block = Block(data)
    chosen = data.draw(st.integers(0, len(block.expected) - 1))
    at = data.draw(st.integers(0, block.length - 1))
    expected = list(block.expected)
    expected[chosen] = expected[chosen].changed(at)
    result, _ = ran(block.text(expected))
    (failure,) = result.failures
    assert (failure.bar, failure.asset) == (at + 1, block.expected[chosen].asset)
    assert [row.bar for row in failure.rows if row.differs] == [at + 1]
    assert [row.bar for row in failure.rows] == [n for n in range(at - 2, at + 5) if 1 <= n <= block.length]
    assert failure.record is not None
    known = block.decisions[at][failure.asset].record
    assert known is not None
    assert nameless(failure.record) == nameless(known)


def nameless(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without its hashes: a file with a test in it has another one, and so has a row with gaps."""
    return {**record, "hashes": None, "run": record["run"]["began"]}


@some
@given(st.data())
def test_restarts_anywhere_change_nothing(data: st.DataObject) -> None:
    block = Block(data)
    assume(block.length > 1)
    bars = data.draw(st.lists(st.integers(1, block.length - 1), min_size=1, max_size=4, unique=True))
    plain, covered = ran(block.text())
    broken, again = ran(block.text(None, *(f"  restart at {bar}" for bar in bars)))
    assert broken.passed and plain.passed
    assert {(p.what, p.text) for p in again.missing} == {(p.what, p.text) for p in covered.missing}


@some
@given(st.data())
def test_what_coverage_says_has_happened_has_happened(data: st.DataObject) -> None:
    block = Block(data)
    _, coverage = ran(block.text())
    seen = {(point.what, point.text) for point in coverage.points if point in coverage.seen}
    rules = {name for decision in block.decisions for one in decision.values() for name, on in one.active.items() if on}
    names = {name for program in block.rules.programs.values() for name in (rule.name for rule in program.rules)}
    for name in names:
        assert (("never active", f"rule {name}") in seen) == (name in rules)
    held = {(n, o.held) for decision in block.decisions for one in decision.values() for n, o in one.targets.items()}
    brakes = {point for point in coverage.points if point.what == "never at work"}
    for point in brakes & coverage.seen:
        assert any(point.text.startswith(f"{name}'s brake `{_BRAKES[what]} ") for name, what in held if what)
    for name, what in held:
        if what is not None:  # what was held back is asked for, and shown
            assert any(point.text.startswith(f"{name}'s brake `{_BRAKES[what]} ") for point in brakes & coverage.seen)


_BRAKES = {"band": "change at least", "step": "step at most", "cooldown": "cooldown"}


@some
@given(st.data())
def test_a_comparison_has_been_true_where_a_rule_of_its_own_would_have_been_active(data: st.DataObject) -> None:
    block = Block(data)
    _, coverage = ran(block.text())
    for rule in block.written.rules:
        for text in map(printed, comparisons(rule)):
            for what, condition in (("never true", text), ("never false", f"not ({text})")):
                points = [point for point in coverage.points if (point.what, point.text) == (what, f"`{text}`")]
                happened = was_active(block, rule, condition)
                if happened is not None and len(points) == 1:  # the same words elsewhere may be of longer bars
                    assert (points[0] in coverage.seen) == happened, (what, text)


def comparisons(rule: tree.Rule) -> list[tree.Compare]:
    """Return the comparisons of a rule's condition that stand there by themselves or joined by `and`, `or`, `not`."""
    open_: list[tree.Expression] = [rule.condition]
    found = []
    while open_:
        match one := open_.pop():
            case tree.Compare():
                found.append(one)
            case tree.Logic():
                open_ += [one.left, one.right]
            case tree.Not() | tree.Parentheses():
                open_.append(one.inner)
            case tree.For():
                open_.append(one.condition)
    return found


def was_active(block: Block, rule: tree.Rule, condition: str) -> bool | None:
    """Say whether a rule with a condition, at the end of the file, is ever active; `None` where it can't be one."""
    alert, name = tree.Alert(tree.Text(("x",))), tree.Name("probe")
    probe = tree.Rule(name, rule.scope, parse_expression(condition), (alert,), False, None, None, None)
    try:
        rules = rulelang.loads(f"{block.file}\n{printed(probe)}")
    except rulelang.RuleError:
        return None
    run = rules.start(records=False, engine="reference")
    decisions = [run.step(time, block.values(at)) for at, time in enumerate(block.times)]
    return any(one.active.get("probe", False) for decision in decisions for one in decision.values())
