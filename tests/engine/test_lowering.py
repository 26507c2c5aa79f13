"""Lowering: a program that is made once, doesn't depend on params, and finds its memories as the reference does."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

import rulelang
from rulelang.check.checked import Program
from rulelang.engine.keys import keys
from rulelang.engine.lower import lowered
from rulelang.engine.run import EngineRun
from rulelang.evaluate.assemble import Assembly
from rulelang.evaluate.live import Now
from tests.engine.pairs import loaded
from tests.share import share
from tests.strategies import files, grounds

THRESHOLD = """
bars 1h
param limit = 100
param share = 50%
let high_enough = close > limit * 2 / 3 and change(close, 14) > share
rule a when high_enough for 3 periods then hedge share
rule b when close crosses above limit then reduce hedge by share of exposure for 1d
"""


def checked(text: str) -> Program:
    return rulelang.loads(text).checked.programs[None]


def test_a_changed_param_compiles_nothing() -> None:
    one = lowered(checked(THRESHOLD), ()).program
    other = lowered(checked(THRESHOLD.replace("= 100", "= 120").replace("= 50%", "= 30%")), ()).program
    assert one == other and hash(one) == hash(other) and one.digest == other.digest
    assert {name for name, _ in one.params} == {"limit", "share"}


def test_another_rule_is_another_program() -> None:
    assert lowered(checked(THRESHOLD), ()).program != lowered(checked(THRESHOLD.replace("14", "15")), ()).program
    changed = [THRESHOLD.replace(*words) for words in (("14", "15"), ("2 / 3", "2 / 5"), ("above", "below"))]
    texts = [THRESHOLD, *changed, THRESHOLD + "\notherwise hedge 1%"]
    assert len({lowered(checked(text), ()).program.digest for text in texts}) == len(texts)


def test_the_same_rules_are_lowered_once() -> None:
    rules = rulelang.loads(THRESHOLD).checked
    assert EngineRun(rules, {}).assets[None].program is EngineRun(rules, {}).assets[None].program


def test_a_param_that_changed_restarts_what_depends_on_it() -> None:
    """As the reference has it: a crossing of another threshold has seen no side yet."""
    rules, other = (rulelang.loads(THRESHOLD.replace("100\n", f"{limit}\n")) for limit in (100, 120))
    run, reference = EngineRun(rules.checked, {}), rules.start(records=False, engine="reference")
    for bar in (1, 2, 3):
        run.step(3600 * bar, {"close": 90.0})
        reference.step(3600 * bar, {"close": 90.0})
    again, theirs = EngineRun(other.checked, {}), other.start(records=False, engine="reference")
    assert again.load(run.snapshot()).kept == theirs.load(reference.snapshot()).kept == ["a", "b"]
    last = 3600 * 4, {"close": 130.0}
    assert again.step(*last)[None].active == theirs.step(*last)[None].active == {"a": False, "b": False}


@share(20)
@given(st.data())
def test_keys_part_nodes_as_those_of_the_reference_do(data: st.DataObject) -> None:
    written = data.draw(files(grounds()))
    seen: dict[str, set[str]] = defaultdict(set)
    for program in loaded(written.text, written.ground).checked.programs.values():
        assembly = Assembly(program, {}, Now())
        ours = keys(program.order, [id(node) for node in program.nodes])
        for node in program.nodes:
            seen[assembly.key(node)].add(ours[id(node)])
    assert all(len(found) == 1 for found in seen.values())
    assert len({one for found in seen.values() for one in found}) == len(seen)
