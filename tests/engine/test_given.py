"""What came with the newest steps: whatever a host supplies, however its dicts change, records tell it as it was."""

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rulelang
from rulelang.engine.given import MOST_NAMES
from rulelang.evaluate.decision import Forgotten

Values = Mapping[str, Any]
HOUR = 3600
ROWS = 64
"""So many steps lie in a block of what is kept."""
RULES = """
bars 1h
target hedge cooldown 8h
rule dear when close > sma(close, 5) then hedge 70%
rule busy when volume > 10 for 2 periods then reduce hedge by 10% of level
otherwise hedge 20%
"""
CLOSES = st.floats(1, 1000) | st.integers(1, 1000)
ODD = st.sampled_from([None, math.nan, -0.0, -1, math.inf, 2**53, 2**53 + 1, 10**400, True, "calm", [1]])
NAMES = st.sampled_from(["close", "volume", "iv", "mark", "BTC.close", "other"])
BARS = st.fixed_dictionaries({"close": CLOSES}) | st.fixed_dictionaries({"close": CLOSES, "volume": CLOSES})
ANY = st.dictionaries(NAMES, CLOSES | ODD, max_size=4)


def both(values: list[Values], keep: int) -> tuple[list[Any], list[Any]]:
    """Return the decisions of engine and reference; the engine's dicts are changed once their step is taken."""
    rules = rulelang.loads(RULES)
    ours, theirs = rules.start(keep=keep), rules.start(engine="reference")
    found = []
    for hour, one in enumerate(values, 1):
        supplied = dict(one) if type(one) is dict else one
        found.append(ours.step(hour * HOUR, supplied))
        if isinstance(supplied, dict):
            supplied.clear()
    return found, [theirs.step(hour * HOUR, one) for hour, one in enumerate(values, 1)]


def same_records(values: list[Values], keep: int) -> None:
    ours, theirs = both(values, keep)
    assert ours == theirs
    for one, other in list(zip(ours, theirs, strict=True))[-1:]:
        assert one.record == other.record


@given(st.lists(st.builds(lambda bar, more: {**bar, **more}, BARS, ANY), min_size=1, max_size=30))
def test_records_tell_whatever_came(values: list[Values]) -> None:
    ours, theirs = both(values, 100)
    assert [one.record for one in ours] == [one.record for one in theirs]


@given(st.integers(1, 3 * ROWS), st.integers(1, 3 * ROWS))
def test_what_is_kept_is_kept_when_rows_are_used_again_and_get_longer(keep: int, first: int) -> None:
    rules = rulelang.loads(RULES)
    run, bars = rules.start(keep=keep), [{"close": 100.0 + hour} for hour in range(first)]
    bars += [{"close": 50.0, f"more{hour % 7}": float(hour)} for hour in range(40)]
    for hour, bar in enumerate(bars, 1):
        run.step(hour * HOUR, bar)
    for number in range(max(0, len(bars) - keep), len(bars)):
        assert run.given.step(number) == ((number + 1) * HOUR, bars[number])


@given(st.integers(1, 3 * ROWS), st.integers(2, 5))
def test_steps_kept_whole_among_rows(keep: int, each: int) -> None:
    """Whole where a value isn't a number; what is no longer kept takes no memory for longer than a block lasts."""
    rules = rulelang.loads(RULES)
    run = rules.start(keep=keep)
    bars = [{"close": 100.0 + hour, **({"other": "calm"} if hour % each == 0 else {})} for hour in range(5 * ROWS)]
    for hour, bar in enumerate(bars, 1):
        run.step(hour * HOUR, bar)
    for number in range(max(0, len(bars) - keep), len(bars)):
        assert run.given.step(number) == ((number + 1) * HOUR, bars[number])
    assert min(run.given.whole, default=len(bars)) >= len(bars) - keep - ROWS


def test_the_oldest_is_forgotten() -> None:
    ours, _ = both([{"close": 100.0 + hour} for hour in range(ROWS + 2)], ROWS)
    with pytest.raises(Forgotten):
        _ = ours[1].record


def test_dicts_in_any_order_and_with_names_of_their_own() -> None:
    texts = ['{"close": 101, "volume": 12.5}', '{"volume": 7, "close": 99.5}', '{"close": null}', '{"volume": 11}']
    same_records([json.loads(text) for text in texts * 3], 100)


def test_more_names_than_rows_have() -> None:
    many = {f"more{number}": float(number) for number in range(MOST_NAMES)}
    same_records([{"close": 100.0}, {"close": 101.0, **many}, {"close": 99.0}, {"close": 102.0, **many}], 100)


def test_mappings_that_are_no_dicts() -> None:
    same_records([{"close": 100.0}, MappingProxyType({"close": 101, "volume": 3}), {"close": 99.0}], 100)
