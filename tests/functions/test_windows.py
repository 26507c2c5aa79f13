"""Functions with a history against their textbook form, with gaps, spikes, flat windows and interruptions."""

import json
import math
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rulelang.functions import FUNCTIONS, Role, Setting
from rulelang.kinds import PRICE, rate
from tests.functions import naive
from tests.functions.naive import Row, run, series, start

LENGTHS = st.integers(1, 9)
TAME = st.sampled_from([0.1, 1.0, 1.0, 2.5, 3.0, 100.0, -7.25]) | st.floats(-1e6, 1e6, allow_subnormal=False)
WILD = TAME | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([1e308, -1e308, 5e-324, 0.0, -0.0])
PRICES = st.integers(1, 60).map(lambda half: half / 2)


def gappy(values: SearchStrategy[float]) -> SearchStrategy[float | None]:
    return st.none() | values | values


@st.composite
def bars(draw: st.DrawFn) -> tuple[float | None, float | None, float | None, float | None]:
    """Return high, low, close and volume; a value may be missing."""
    low, high = sorted((draw(PRICES), draw(PRICES)))
    close = draw(st.sampled_from([low, high, (low + high) / 2]))
    volume = draw(st.sampled_from([0.0, 0.1, 1.0, 7.3]))
    bar = [high, low, close, volume]
    if draw(st.integers(0, 5)) == 0:
        return tuple(None if draw(st.booleans()) else value for value in bar)  # type: ignore[return-value]
    return high, low, close, volume


@st.composite
def rows(draw: st.DrawFn, name: str, values: SearchStrategy[float] = TAME) -> list[Row]:
    """Return the rows that a function reads."""
    function = FUNCTIONS[name]
    if function.reads == ("close",):
        return series(draw(st.lists(gappy(PRICES), max_size=20)))
    if function.reads:
        columns = [("high", "low", "close", "volume").index(field) for field in function.reads]
        return [tuple(bar[column] for column in columns) for bar in draw(st.lists(bars(), max_size=20))]
    if function.parameters[0].role is Role.CONDITION:
        return series(draw(st.lists(st.sampled_from([True, False, None]), max_size=20)))
    width = sum(parameter.role is Role.SERIES for parameter in function.parameters)
    return draw(st.lists(st.tuples(*[gappy(values)] * width), max_size=20))


HISTORIES = st.data()
EACH = settings(max_examples=settings().max_examples // 2)
"""For tests that run once for every function."""

WITH_HISTORY = sorted(name for name, function in FUNCTIONS.items() if function.start)


def test_every_function_with_a_history_has_a_textbook_form() -> None:
    assert sorted([*naive.NAIVE, "percentile"]) == WITH_HISTORY


@pytest.mark.parametrize("name", [*naive.EXACT, *naive.ORDER, *naive.PAST])
@EACH
@given(data=HISTORIES, n=LENGTHS)
def test_the_value_is_the_textbook_s_to_the_last_bit(name: str, data: st.DataObject, n: int) -> None:
    history = data.draw(rows(name, WILD))
    expected = [naive.NAIVE[name](history[: k + 1], n) for k in range(len(history))]
    assert run(start(name, n), history) == expected


@pytest.mark.parametrize("name", naive.CLOSE)
@EACH
@given(data=HISTORIES, n=LENGTHS)
def test_the_value_is_the_textbook_s_but_for_its_rounding(name: str, data: st.DataObject, n: int) -> None:
    history = data.draw(rows(name, WILD if name in ("stdev", "zscore", "correlation") else TAME))
    expected = [naive.NAIVE[name](history[: k + 1], n) for k in range(len(history))]
    found = run(start(name, n), history)
    assert naive.alike(found, expected, 1e-14)


@pytest.mark.parametrize("name", naive.PROFILE)
@EACH
@given(data=HISTORIES, n=LENGTHS)
def test_a_volume_profile_is_the_textbook_s(name: str, data: st.DataObject, n: int) -> None:
    history = data.draw(rows(name))
    expected = [naive.NAIVE[name](history[: k + 1], n) for k in range(len(history))]
    assert naive.alike(run(start(name, n), history), expected, 1e-15)


@pytest.mark.parametrize("name", naive.RECURSIVE)
@EACH
@given(data=HISTORIES, n=LENGTHS)
def test_a_recursive_value_is_the_textbook_s(name: str, data: st.DataObject, n: int) -> None:
    tenths = st.integers(-1000, 1000).map(
        lambda tenth: tenth / 8
    )  # exact differences: an rsi has no rounding to forgive
    history = data.draw(rows(name, tenths))
    expected = [naive.NAIVE[name](history[: k + 1], n) for k in range(len(history))]
    found = run(start(name, n), history)
    assert naive.alike(found, expected, 1e-12)


@given(
    known=st.lists(gappy(TAME), max_size=20),
    n=LENGTHS,
    p=st.sampled_from([0.0, 10.0, 25.0, 50.0, 90.0, 100.0]) | st.floats(0, 100),
)
def test_a_percentile_is_numpy_s_to_the_last_bit(known: list[float | None], n: int, p: float) -> None:
    import numpy as np

    history = series(known)
    windows = [naive.window(history[: k + 1], n) for k in range(len(history))]
    expected = [None if window is None else float(np.percentile([x for (x,) in window], p)) for window in windows]
    assert run(start("percentile", n, p), history) == expected


def test_a_percentile_between_the_ends_of_all_numbers_does_not_overflow() -> None:
    biggest = sys.float_info.max
    assert run(start("percentile", 2, 25), series([-biggest, biggest]))[1] == pytest.approx(-biggest / 2)
    assert run(start("median", 2), series([biggest, biggest]))[1] == biggest


@pytest.mark.parametrize("name", sorted(naive.WINDOWS))
@EACH
@given(data=HISTORIES, n=LENGTHS)
def test_a_window_forgets_what_has_left_it(name: str, data: st.DataObject, n: int) -> None:
    before, after = data.draw(rows(name, WILD)), data.draw(rows(name, WILD))
    fresh = run(start(name, n), after)
    assert run(start(name, n), before + after)[len(before) :][n - 1 :] == fresh[n - 1 :]


@pytest.mark.parametrize("name", WITH_HISTORY)
@EACH
@given(data=HISTORIES, n=LENGTHS)
def test_an_interruption_changes_no_bit(name: str, data: st.DataObject, n: int) -> None:
    before, after = data.draw(rows(name, WILD)), data.draw(rows(name, WILD))
    going_on, stopped, resumed = (start(name, n, 30.0) for _ in range(3))
    run(going_on, before)
    run(stopped, before)
    run(resumed, after)  # what it held is replaced
    saved = json.dumps(stopped.save(), allow_nan=False)
    resumed.load(json.loads(saved))
    assert json.dumps(resumed.save()) == saved
    assert list(map(repr, run(resumed, after))) == list(map(repr, run(going_on, after)))


WRONG_STATES: list[object] = [
    *([1] * 100, ["a"], [[1]], [[1, 2, 3, 4, 5]], [math.inf], [math.nan], [-1], [0.5, [None] * 9], [True], [0, 5]),
    *([0, [None, 9, [0, 0]]], [0, [1.0, 0, [0, 0]]], [9, [None, 0, [0, 0]]], [0, [None, 0, [0, 1075]]], {}, None),
    *([0, [None, 0, [[0, 0], [0, 0]], -1.0, 0.0, 0]], [0, [None, 9, [[0, 0], [0, 0]], 0.0, 0.0, 0]]),
]


@pytest.mark.parametrize("name", WITH_HISTORY)
def test_a_state_of_the_wrong_shape_is_refused_and_changes_nothing(name: str) -> None:
    state = start(name, 4)
    run(state, [(True,) if name in ("count", "periods_since") else (3.0,) * _width(name)] * 3)
    before = state.save()
    refused = 0
    for wrong in WRONG_STATES:
        try:
            state.load(wrong)  # type: ignore[arg-type]
        except ValueError:
            assert state.save() == before
            refused += 1
        else:
            state.load(before)
    assert refused >= len(WRONG_STATES) - 4  # a few of them are another function's right shape


def _width(name: str) -> int:
    function = FUNCTIONS[name]
    return len(function.reads) or sum(parameter.role is Role.SERIES for parameter in function.parameters)


@pytest.mark.parametrize("name", ["ema", "wilder", "rsi", "atr"])
@EACH
@given(data=HISTORIES, n=LENGTHS)
def test_recursive_functions_pass_over_what_is_missing(name: str, data: st.DataObject, n: int) -> None:
    history = data.draw(rows(name, WILD))
    gaps = (None,) * _width(name)
    place, length = data.draw(st.integers(0, len(history))), data.draw(st.integers(0, 12))
    whole = run(start(name, n), [row for row in history if None not in row])
    gapped = start(name, n)
    known = []
    for row in history[:place] + [gaps] * length + history[place:]:
        value = gapped.push(*row)
        if None not in row:
            known.append(value)
    assert known == whole


@pytest.mark.parametrize("n", [1, 2, 5])
def test_recursive_functions_are_missing_after_n_silent_periods(n: int) -> None:
    state = start("ema", n)
    run(state, series([4.0] * n))
    assert run(state, series([None] * (n + 1))) == [4.0] * (n - 1) + [None] * 2
    assert state.push(4.0) == 4.0


@pytest.mark.parametrize("name", ["sma", "wma", "ema", "wilder", "median", "highest", "lowest", "percentile"])
@given(value=WILD, n=LENGTHS, length=st.integers(1, 30))
@example(0.1, 7, 30)
def test_averages_of_a_flat_series_are_its_value(name: str, value: float, n: int, length: int) -> None:
    assert set(run(start(name, n), series([value] * length))) <= {None, value}


@pytest.mark.parametrize("spike", [1e308, -1e308, 1e-300])
@pytest.mark.parametrize(("name", "flat"), [("stdev", 0.0), ("zscore", None), ("sma", 0.1), ("wma", 0.1)])
def test_a_window_is_flat_again_once_a_spike_has_left(name: str, flat: float | None, spike: float) -> None:
    found = run(start(name, 5), series([0.1] * 5 + [spike] + [0.1] * 5))
    assert found[4] == flat and found[-1] == flat
    assert flat not in found[5:-1]


@pytest.mark.parametrize("n", [1, 2, 3, 10])
@given(known=st.lists(WILD, max_size=20))
def test_values_stay_inside_the_range_that_the_record_promises(n: int, known: list[float]) -> None:
    for name in WITH_HISTORY:
        function = FUNCTIONS[name]
        if function.span is None or function.parameters[0].role is Role.CONDITION or function.reads:
            continue
        low, high = function.span(Setting(window=n, spans=((min(known, default=0.0), max(known, default=0.0)),)))
        found = run(start(name, n), [(x,) * _width(name) for x in known])
        assert all(low <= value <= high for value in found if value is not None), name


def test_an_rsi_keeps_its_value_however_long_the_series_stands_still() -> None:
    state = start("rsi", 14)
    moved = run(state, series([100.0, *(100.0 + (k % 3) for k in range(40))]))[-1]
    assert moved is not None and 0 < moved < 100
    assert set(run(state, series([100.0 + 39 % 3] * 60_000))) == {moved}
    assert state.push(200.0) == 100.0
    assert state.push(100.0) == pytest.approx(100 * 13 / 27)


def test_an_rsi_is_missing_until_the_first_move() -> None:
    assert run(start("rsi", 2), series([5.0, 5.0, 5.0, 5.0, 6.0, 6.0])) == [None] * 4 + [100.0] * 2


def test_a_sum_of_rates_is_what_accrued() -> None:
    hourly = start("sum", 8, kinds=(rate(28_800),), clock=3600)
    assert run(hourly, series([0.0008] * 9))[-1] == 0.0008
    settled = start("sum", 3, kinds=(rate(28_800),), clock=28_800)
    assert run(settled, series([0.0001, None, -0.0003]))[-1] == pytest.approx(-0.0002)


def test_functions_that_need_a_clock_are_missing_without_it_and_say_so() -> None:
    for name in ("sum", "volatility"):
        assert FUNCTIONS[name].needs_clock((rate(28_800),))
        assert run(start(name, 1, kinds=(rate(28_800),), clock=None), series([1.0, 2.0])) == [None, None]
    assert not FUNCTIONS["sum"].needs_clock((PRICE,))


@pytest.mark.parametrize("name", WITH_HISTORY)
@pytest.mark.parametrize("n", [2, 3, 7])
def test_the_first_value_comes_when_the_record_says(name: str, n: int) -> None:
    width = _width(name) or 1
    wave = [[5.0 + (3 * k + 2 * column) % 4 for column in range(width)] for k in range(12)]
    history: list[Row] = [(True,) if name in ("count", "periods_since") else tuple(row) for row in wave]
    if {"high", "low"} <= set(FUNCTIONS[name].reads):
        history = [tuple(sorted(row[:2], reverse=True)) + tuple(row[2:]) for row in wave]
    found = run(start(name, n), history)
    first = next(k for k, value in enumerate(found) if value is not None)
    assert first + 1 == FUNCTIONS[name].warm_up(n)


@pytest.mark.parametrize("window", [None, 0])
def test_a_window_without_periods_is_a_broken_promise(window: int | None) -> None:
    make = FUNCTIONS["sma"].start
    assert make is not None
    with pytest.raises(ValueError, match="a window of at least 1 period"):
        make(Setting(window=window))


@pytest.mark.parametrize("p", [-1.0, 100.5])
def test_a_percentile_outside_0_to_100_is_a_broken_promise(p: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 100"):
        start("percentile", 5, p)


def test_bars_upside_down_and_prices_without_measure_give_no_profile() -> None:
    assert run(start("point_of_control", 2), [(1.0, 2.0, 5.0), (3.0, 3.0, 5.0)]) == [None, 3.0]
    assert run(start("value_area_low", 1), [(1e308, -1e308, 5.0), (2.0, 2.0, 1.0)]) == [None, 2.0]


def test_overflow_is_missing_and_poisons_nothing() -> None:
    big = sys.float_info.max
    assert run(start("sum", 2), series([big, big, 1.0, 1.0])) == [None, None, big, 2.0]
    assert run(start("difference", 1), series([-big, big, big])) == [None, None, 0.0]
    assert run(start("change", 1), series([1e-300, big, big])) == [None, None, 0.0]
    assert run(start("drawdown", 2), series([1e-300, -big, 1.0, 1.0])) == [None, None, 0.0, 0.0]
    assert run(start("ema", 2), series([-big, -big, big]))[-1] == pytest.approx(big / 3)
    assert run(start("rsi", 1), series([-big, big, 1.0])) == [None, None, 0.0]
    assert run(start("rsi", 2), series([0.0, big, 0.0]))[-1] == 50.0
    assert run(start("atr", 1), [(big, -big, 1.0), (big, -big, 1.0), (3.0, 1.0, 2.0)]) == [None, None, 2.0]
