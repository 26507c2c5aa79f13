"""Decisions at a glance say what the decisions themselves say."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import rulelang
from rulelang.cli.tally import Tally
from rulelang.engine.glances import Glance, Glances, glance
from rulelang.engine.run import EngineRun
from rulelang.evaluate.steps import flattened
from tests.properties.pairs import Pair
from tests.share import share


def by_asset(values: Any) -> dict[str | None, dict[str, Any]]:
    """Return supplied values as readers hand them over."""
    found: dict[str | None, dict[str, Any]] = {name: {} for name, one in values.items() if isinstance(one, Mapping)}
    for (asset, name), value in flattened(values).items():
        found.setdefault(asset, {})[name] = value
    return found


def said(one: Glance) -> Any:
    targets = [(t.name, t.before, t.desired, t.after, t.last_word, t.held, t.frozen) for t in one.targets]
    rules = (one.standing.names, one.standing.active, one.standing.started, one.standing.active_text)
    return one.time, one.asset, targets, rules, one.alerts, one.rejected


def counted(tally: Tally) -> Any:
    """Return what the summary of a run is made of."""
    changes = [(one.decision().targets[name], name) for one, name in tally.changes]
    return tally.bars, tally.targets, tally.rules(), changes, tally.alerts, tally.rejected


@share(20)
@given(st.data())
def test_a_glance_says_what_the_decision_says(data: st.DataObject) -> None:
    pair = Pair(data)
    run = EngineRun(pair.rules.checked, {})
    glances = Glances(EngineRun(pair.rules.checked, {}))
    ours, theirs = Tally(), Tally()
    for step in pair.market.steps:
        values = by_asset(step.values)
        decision = run.step(step.time, step.values)
        if not (set(values) & set(run.assets) or None in values):
            values[None] = {}
        seen = glances.step(rulelang.evaluate.seconds_of(step.time), values)
        whole = list(map(glance, decision.values()))
        assert list(map(said, seen)) == list(map(said, whole))
        for one, other in zip(seen, whole, strict=True):
            ours.count(one)
            theirs.count(other)
    assert counted(ours) == counted(theirs)
