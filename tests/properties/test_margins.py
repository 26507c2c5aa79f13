"""Margins against the evaluator: a value moved by its margin is level with the other side; one float on it flips."""

import math
from fractions import Fraction
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

import rulelang
from rulelang.evaluate import Run

FIELDS = {
    "close": (st.floats(1e-3, 1e9), ("100", "0.001 USD", "65_000.5", "level", "2 * level - 100")),
    "volume": (st.floats(0, 1e9), ("20 BTC", "0", "3.7")),
    "iv": (st.floats(0, 5), ("80%", "0%", "33.3%")),
    "funding_8h": (st.floats(-0.9, 0.9), ("0.05%", "-0.01% per 8h", "40% per 1y", "0%")),
}
SIGNS = (">", ">=", "<", "<=")


def leaf_of(run: Run, time: int, field: str, value: float) -> Any:
    record = run.step(time, {field: value}).record
    assert record is not None
    rule = record["rules"]["r"]
    (leaf,) = rule["why"] if rule["active"] else rule["why_not"]
    return leaf


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, float, str]:
    """Generate a field, its value, and a condition on it alone."""
    field = draw(st.sampled_from(sorted(FIELDS)))
    values, limits = FIELDS[field]
    limit = draw(st.sampled_from(limits))
    form = draw(st.sampled_from((f"{field} {{}} {limit}", f"not {field} {{}} {limit}", f"({field} {{}} {limit})@8h")))
    return field, draw(values), form.format(draw(st.sampled_from(SIGNS)))


@given(comparisons(), st.integers(0, 3))
def test_a_value_moved_by_its_margin_is_level_and_one_float_on_it_flips(
    comparison: tuple[str, float, str], steps: int
) -> None:
    field, value, condition = comparison
    rules = rulelang.loads(f"bars 8h param level = 99.9 USD rule r when {condition} then hedge 70%")
    run = rules.start(engine="reference")
    for at in range(1, steps + 1):
        run.step(at * 28_800, {field: value})
    state, time = run.snapshot(), (steps + 1) * 28_800
    leaf = leaf_of(run, time, field, value)
    margin = leaf["margin"]
    assert Fraction(margin["left"]) == Fraction(value)
    right = margin["right"]
    assert Fraction(value) + Fraction(margin["exact"]) == Fraction(right)
    level = leaf_of(rules.resume(state, engine="reference"), time, field, right)
    if level["truth"] is not None:  # else the limit lies outside the field's bounds
        assert level["margin"]["exact"] == "0" and level["text"].endswith("just equal")
    way = math.inf if right > value else -math.inf
    assume(right != value)
    beyond = leaf_of(rules.resume(state, engine="reference"), time, field, math.nextafter(right, way))
    assert beyond["truth"] in (not leaf["truth"], None)
    if beyond["truth"] is None:
        assert value > right == 0, "only below 0 is out of bounds"


@given(st.floats(1, 200), st.sampled_from(("90", "100", "110")), st.sampled_from(("95", "100", "120")))
def test_between_tells_the_end_that_is_missed_or_the_nearer_one(value: float, low: str, high: str) -> None:
    rules = rulelang.loads(f"bars 1h rule r when close between {low} and {high} then hedge 70%")
    leaf = leaf_of(rules.start(engine="reference"), 3600, "close", value)
    ends = (float(low), float(high))
    right = leaf["margin"]["right"]
    inside = ends[0] <= value <= ends[1]
    assert leaf["truth"] is inside
    if inside:
        assert abs(value - right) == min(abs(value - end) for end in ends)
    else:
        assert (value < ends[0] and right == ends[0]) or (value > ends[1] and right == ends[1])
        assert f"{'short' if value < right else 'over'} by" in leaf["text"]
