"""The engine goes on under changed rules as the reference does (clause 6.9)."""

import re
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, event, given
from hypothesis import strategies as st

import rulelang
from rulelang import RuleError, Rules, StepRefused
from rulelang.check.checked import TargetValue
from rulelang.engine.run import EngineRun
from rulelang.evaluate import Run
from rulelang.syntax import printed, tree
from tests.engine.agreement import at_tie, differing
from tests.engine.guided import bare
from tests.engine.pairs import loaded
from tests.share import share
from tests.strategies import Ground, Market, Written, files, grounds, markets

ADDED = (
    "rule added when close@1d > sma(close, 2)@1d then hedge 11%",
    "rule added when close@1d rises 1% over 2 periods for 1 of 3 periods then hedge at least 12%",
    "rule added when close > sma(close, 3) for 2 periods of 1d then hedge 13% until close < at_trigger(close)",
    "rule added when funding_8h@1d > 0.01% then reduce hedge by 5% of exposure",
    "rule added when sma(funding_8h, 2) > 0.01% then hedge 15%",
    "rule added when funding_8h > 0.01% for 2 periods then hedge 16%",
    "rule added when every 1d then hedge 17% for 1d",
    "rule added when (every 1w)@1d then hedge 18% for 2d",
    "rule added when hedge.age > 2d for 2 periods then hedge 19%",
    "rule added when count(close > 100, 4) > 2 then hedge at most 21%",
)


@st.composite
def edited(draw: st.DrawFn, written: Written) -> tuple[str, str]:
    """Return the text of a generated file as somebody edits it, and the base period that it then stands on."""
    statements = list(written.file.statements)
    rules = [at for at, statement in enumerate(statements) if isinstance(statement, tree.Rule)]
    at, way = draw(st.sampled_from(rules)), draw(st.sampled_from(("drop", "rename", "number", "add", "swap", "bars")))
    if way == "drop":
        del statements[at]
    elif way == "rename":
        statements[at] = evolve(statements[at], name=tree.Name("renamed"))
    elif way == "swap":
        statements.append(statements.pop(at))
    text = printed(tree.File(tuple(statements)))
    if way == "number":
        places = list(re.finditer(r"\b[1-9][0-9]*(?=%| periods|\))", text))
        if places:
            place = draw(st.sampled_from(places))
            text = text[: place.start()] + str(int(place[0]) + 1) + text[place.end() :]
    if way == "add":
        text += "\n" + draw(st.sampled_from(ADDED))
    return text, way


def reads_price(rules: Rules) -> bool:
    nodes = [node for program in rules.checked.programs.values() for node in program.nodes]
    return any(isinstance(node, TargetValue) and node.what == "price" for node in nodes)


def read(text: str, ground: Ground, way: str) -> Rules:
    """Return the rules of an edited text; give the example up where they are none."""
    bars = "3h" if way == "bars" else ground.written
    try:
        return rulelang.loads(text, bars=None if ground.said else bars)
    except RuleError:
        assume(False)
        raise


def steps(run: EngineRun, reference: Run, market: Market, first: int, last: int, rounded: bool = False) -> bool | None:
    """Check that both decide the same over some steps; return whether a value was rounded another way, so that later
    ones, which hang on what is in force, may differ likewise; `None` where a tie ended it early."""
    for step in market.steps[first:last]:
        try:
            theirs = reference.step(step.time, step.values)
        except StepRefused as refused:  # another base period has other bars
            with pytest.raises(StepRefused, match=re.escape(str(refused))):
                run.step(step.time, step.values)
            continue
        ours = run.step(step.time, step.values)
        different = [found for asset in theirs for found in differing(run, reference, asset)]
        if at_tie(different) is not None:
            return None
        rounded |= bool(different)
        assert rounded or bare(ours) == bare(theirs), step
    return rounded


def told(loaded: Any) -> tuple[list[str], list[str], list[str]]:
    return loaded.kept, loaded.reset, loaded.new


@share(20)
@given(st.data())
def test_edited_rules_take_over_what_the_reference_takes_over(data: st.DataObject) -> None:
    written = data.draw(files(grounds()))
    before = loaded(written.text, written.ground)
    market = data.draw(markets(written.ground, written.fields | {"close", "funding_8h"}))
    run, reference = EngineRun(before.checked, {}), before.start(records=False, engine="reference")
    at, rounded = 0, False
    for _ in range(data.draw(st.integers(1, 2))):
        to = data.draw(st.integers(at, len(market)))
        text, way = data.draw(edited(written))
        after = read(text, written.ground, way)
        assume(reads_price(before) or not reads_price(after))
        try:
            found = steps(run, reference, market, at, to, rounded)
            if found is None:
                return
            again, theirs = EngineRun(after.checked, {}), after.start(records=False, engine="reference")
            ours, its = again.load(run.snapshot()), theirs.load(reference.snapshot())
            assert told(ours) == told(its)
            event(way)
            assert EngineRun(after.checked, {}).load(again.snapshot())
        except Exception as error:
            error.add_note(f"{written.text}\n---- {way}\n{text}")
            raise
        run, reference, at, before, rounded = again, theirs, to, after, found
    try:
        steps(run, reference, market, at, len(market), rounded)
    except Exception as error:
        error.add_note(f"{written.text}\n---- {way}\n{text}")
        raise


WHOLE = """
bars 1h
rule a when close@1d > 100 then hedge 10%
rule b when funding_8h > 0.01% then hedge 20%
"""
MORE = (
    "rule c when sma(close, 2)@1d > 101 then hedge 30%",
    "rule c when high@1d > 105 then hedge 30%",
    "rule c when funding_8h@1d > 0.01% then hedge 30%",
    "rule c when close > 99 for 1 periods of 1d then hedge 30%",
    "rule c when (every 2d)@1d then hedge 30% for 2d",
)


@pytest.mark.parametrize("more", MORE)
@pytest.mark.parametrize("at", [5, 13, 24, 30])
def test_a_new_rule_knows_its_clock_from_now_on(more: str, at: int) -> None:
    def values(bar: int) -> dict[str, float | None]:
        funding = 0.0002 if bar % 8 == 0 else None
        return {"close": 100.0 + bar % 7, "high": 100.0 + bar % 11, "funding_8h": funding}

    before, after = rulelang.loads(WHOLE), rulelang.loads(WHOLE + more)
    run, reference = EngineRun(before.checked, {}), before.start(records=False, engine="reference")
    for bar in range(1, at):
        run.step(3600 * bar, values(bar))
        reference.step(3600 * bar, values(bar))
    for rules in (after, after, before, after):
        again, theirs = EngineRun(rules.checked, {}), rules.start(records=False, engine="reference")
        assert told(again.load(run.snapshot())) == told(theirs.load(reference.snapshot()))
        run, reference = again, theirs
        for bar in range(at, at + 30):
            ours, its = run.step(3600 * bar, values(bar)), reference.step(3600 * bar, values(bar))
            assert not differing(run, reference, None), bar
            assert bare(ours) == bare(its)
        at += 30
