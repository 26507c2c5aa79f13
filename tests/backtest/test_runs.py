"""Columns told by the rows at which they change, and what is counted part by part, are what whole columns say."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.backtest import activity
from rulelang.backtest.activity import active_bars
from rulelang.backtest.runs import runs
from rulelang.engine.coded import Coded
from tests.share import share

TEXTS = ("", "a", "b", "a, b", "b, c")


@share(20)
@given(data=st.data(), count=st.integers(1, 40))
def test_runs_are_the_column_that_they_tell(data: st.DataObject, count: int) -> None:
    rows = sorted([0, *data.draw(st.lists(st.integers(0, count - 1), max_size=12))])
    values = [float(at) for at in range(len(rows))]
    column = np.zeros(count)
    for row, value in zip(rows, values, strict=True):
        column[row:] = value
    found = runs(rows, values, count)
    assert found.column().tolist() == column.tolist()
    assert found.at(np.arange(count)).tolist() == column.tolist()
    start = data.draw(st.integers(0, count - 1))
    part = slice(start, data.draw(st.integers(start + 1, count)))
    assert np.broadcast_to(found.part(part), part.stop - start).tolist() == column[part].tolist()
    assert set(found.among(part).tolist()) == set(column[part].tolist())


@share(20)
@given(
    codes=st.lists(st.integers(0, len(TEXTS) - 1), min_size=1, max_size=40),
    part=st.integers(1, 7),
    table=st.sampled_from([0, 1 << 22]),
)
def test_bars_and_starts_of_rules_are_counted_over_the_edges_of_parts(codes: list[int], part: int, table: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(activity, "_PART", part)
        patch.setattr(activity, "_TABLE", table)
        bars, starts = active_bars(Coded(np.array(codes, np.int32), TEXTS))
        edges = activity._edges(np.array(codes, np.int32)).tolist()
    for rule in "abc":
        on = [rule in TEXTS[code].split(", ") for code in codes]
        assert bars[rule] == sum(on)
        assert starts[rule] == sum(now and not before for before, now in zip([False, *on], on, strict=False))
    assert edges == [row for row in range(1, len(codes)) if codes[row] != codes[row - 1]]


def test_a_price_without_end_in_the_midst_is_none() -> None:
    from rulelang.backtest.history import positive

    found: Any = positive([1.0, float("inf"), 2.0])
    assert np.isnan(found[1]) and found[[0, 2]].tolist() == [1.0, 2.0]
