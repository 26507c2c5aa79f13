"""Generated cases: files and markets of the property tests, drawn from a seed, without ties that rounding decides."""

import itertools
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from rulelang.conformance import Case, differences
from rulelang.kinds import duration_text
from tests.conformance.gathering import Case as Asked
from tests.conformance.gathering import plain
from tests.conformance.make import DRAWN, expected
from tests.engine.pairs import Pair

LEAST = 5
"""Steps; a shorter market hardly moves the rules."""
MOST = 60


def drawings(count: int, start: int = 1) -> Iterator[Asked]:
    """Yield so many generated cases in which something happens, and engine and reference agree in every digit asked."""
    seen: set[str] = set()
    for at in itertools.count(start):
        for case in _drawn(at):
            if len(seen) < count and case["rules"] not in seen:
                seen.add(case["rules"])
                yield {"name": f"drawn {len(seen)}", "from": DRAWN, **case}
        if len(seen) == count:
            return


def _drawn(number: int) -> list[Asked]:
    found: list[Asked] = []

    @seed(number)
    @settings(
        max_examples=30, database=None, deadline=None, phases=[Phase.generate], verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        pair = Pair(data)
        if LEAST <= len(pair.market) <= MOST and plain(case := _case(pair)) and _moves(case):
            found.append(case)

    draw()
    return found[-2:]


def _case(pair: Pair) -> Asked:
    checked = pair.rules.checked
    outside = {} if checked.stated_bars or pair.rules.bars is None else {"bars": duration_text(pair.rules.bars)}
    events = {name: list(dates) for name, dates in pair.events.items() if dates}
    steps = [{"time": step.time, "values": dict(step.values)} for step in pair.market.steps]
    return {"rules": pair.written.text, **outside, **({"events": events} if events else {}), "steps": steps}


def _moves(case: dict[str, Any]) -> bool:
    """Say whether a target changes and a rule becomes active, and both engines decide the same."""
    wanted = expected(case)
    decisions = [one for step in wanted["steps"] for one in (step or {}).values()]
    levels = {outcome["after"] for one in decisions for outcome in one["targets"].values()}
    if len(levels) < 3 or not any("started" in one for one in decisions):
        return False
    return not list(differences(Case("", "", case, wanted), expected(case, "native")))
