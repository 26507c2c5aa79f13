"""The engine decides as the reference does, over generated rule files and markets: one pair serves every property."""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.engine.agreement import VERDICTS, agrees
from tests.engine.pairs import Pair
from tests.share import apart

SHARDS = 8
"""Tests that the pairs are spread over, so that several processes share the work."""

PAIRS = settings().max_examples * 3 // 2
"""How many pairs are generated in all: 3,000 in CI."""

RARE = 0.02
"""The part of the pairs that may end at a tie, beside the few that are alike: one in some 300 does, in clusters."""


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_property(shard: int) -> None:
    counts = dict.fromkeys(VERDICTS, 0)

    @apart(shard)
    @settings(max_examples=max(1, PAIRS // SHARDS))
    @given(st.data())
    def every(data: st.DataObject) -> None:
        verdict, where = agrees(Pair(data))
        counts[verdict] += 1
        event(verdict)
        event(where)

    every()
    ties = sum(counts.values()) - counts[VERDICTS[0]] - counts[VERDICTS[1]]
    assert ties <= 5 + RARE * sum(counts.values()), counts
