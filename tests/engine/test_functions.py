"""Native functions against the reference's, on series with gaps, flat stretches, spikes and every size of number."""

import math
import random
import statistics
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rulelang.engine import functions
from rulelang.functions import FUNCTIONS, Setting
from rulelang.kinds import YEAR, rate
from tests.engine.states import ROOM, WITH_HISTORY, Answer, Row, State, uncompiled
from tests.functions import naive
from tests.share import share

PRECISION = 1e-12
SMALLEST = 5e-324
BRINK = 1.797e308

EXACT = {
    "highest", "lowest", "drawdown", "median", "percentile", "rank", "count", "periods_since", "previous", "change",
    "difference", "point_of_control", "value_area_high", "value_area_low",
}  # fmt: skip
"""Functions that give the reference's bits."""

ROUND = st.sampled_from([0.1, 0.2, 0.3, 1.0, 1.0, 2.5, 100.0, -7.25])
TAME = ROUND | st.floats(-1e6, 1e6, allow_subnormal=False)
SPIKES = st.sampled_from([1e9, -1e9]) | TAME | TAME
WILD = (
    ROUND
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1e308, -1e308, 1e200, 1e-200, 5e-324, 0.0, -0.0])
)
PRICES = st.integers(1, 60).map(lambda half: half / 2) | st.floats(0.01, 1e5)
VOLUMES = st.sampled_from([0.0, 0.1, 1.0, 7.3]) | st.floats(0, 1e6, allow_subnormal=False)
TRUTHS = st.sampled_from([0.0, 1.0])
LENGTHS = st.integers(1, 12)
PERCENTS = st.sampled_from([0.0, 10.0, 25.0, 33.3, 50.0, 90.0, 100.0])
BLOCKS = (1, 2, 3, 7, 64, 256)


@st.composite
def bars(draw: st.DrawFn) -> Row:
    """Return high, low, close and volume."""
    low, high = sorted((draw(PRICES), draw(PRICES)))
    return high, low, draw(st.sampled_from([low, high, (low + high) / 2])), draw(VOLUMES)


@st.composite
def rows(draw: st.DrawFn, name: str, values: SearchStrategy[float] | None = None) -> list[Row]:
    """Return what a function reads: stretches of one observation, repeated; some of them missing, or with a gap."""
    one = _row(name, draw(st.sampled_from([TAME, SPIKES, WILD])) if values is None else values)
    gone = one.flatmap(lambda row: st.tuples(*[st.sampled_from([None, value]) for value in row]))
    stretch = st.tuples(one | one | one | one | gone, st.integers(1, 2) | st.integers(1, 2) | st.integers(1, 14))
    return [row for row, times in draw(st.lists(stretch, max_size=30)) for _ in range(times)]


def _row(name: str, values: SearchStrategy[float]) -> SearchStrategy[Row]:
    reads = FUNCTIONS[name].reads
    if name in ("count", "periods_since"):
        return st.tuples(TRUTHS)
    if reads == ("close",):
        return st.tuples(PRICES)
    if reads:
        places = [("high", "low", "close", "volume").index(field) for field in reads]
        return bars().map(lambda bar: tuple(bar[place] for place in places))
    return st.tuples(values, values) if name in ("correlation", "beta") else st.tuples(values)


def state(name: str, n: int, p: float, module: object = functions) -> State:
    """Start a native function as the reference is started by `reference`."""
    f = p if name == "percentile" else math.sqrt(YEAR / naive.HOUR) if name == "volatility" else 1.0
    return State(name, n, f, functions=module)  # type: ignore[arg-type]


def reference(name: str, n: int, p: float, history: Sequence[Row]) -> list[Answer]:
    """Return what the reference says to a history."""
    start = naive.start(name, n, p)
    if name in ("count", "periods_since"):
        return [start.push(None if held is None else held == 1) for (held,) in history]
    return naive.run(start, history)


def largest(history: Sequence[Row], column: int = 0) -> float:
    """Return the greatest size of a value among the complete rows."""
    return max((abs(row[column] or 0.0) for row in history if None not in row), default=0.0)


def allowed(name: str, history: Sequence[Row], n: int, expected: float) -> float:
    """Return by how much a value after a history may differ from the reference's."""
    last = history[-n:]
    size = largest(last)
    match name:
        case "sum":
            return n * size
        case "ema" | "wilder" | "atr":
            return max(largest(history, column) for column in range(len(history[0])))
        case "rsi":
            return 100.0
        case "zscore":
            return (1 + abs(expected)) * size / spread(last, 0, n)
        case "volatility":
            return 100 * math.sqrt(YEAR / naive.HOUR)
        case "correlation":
            return 4 * (size / spread(last, 0, n) + largest(last, 1) / spread(last, 1, n))
        case "beta":
            return 4 * (size + abs(expected) * largest(last, 1)) / spread(last, 1, n)
    return size


def spread(last: Sequence[Row], column: int, n: int) -> float:
    """Return the standard deviation of a column's complete rows."""
    complete = [(None,) if None in row else (row[column],) for row in last]
    return reference("stdev", n, 0.0, complete)[-1] or SMALLEST


def check(name: str, n: int, history: Sequence[Row], found: Sequence[Answer], expected: Sequence[Answer]) -> None:
    """Assert that answers are the reference's, as nearly as is promised."""
    for k, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one is None and other is not None and abs(other) > BRINK and name not in EXACT:
            continue  # rounding may carry it beyond the doubles
        assert (one is None) == (other is None), (k, one, other)
        if one is None or other is None:
            continue
        if name in EXACT:
            assert repr(one) == repr(other), k
        else:
            error = PRECISION * allowed(name, history[: k + 1], n, other) + SMALLEST
            assert abs(one - other) <= error, (k, one, other, error)


def bits(answers: Sequence[Answer]) -> list[str]:
    """Return answers so that equal ones have the same bits."""
    return [repr(answer) for answer in answers]


def test_every_function_with_a_history_is_there() -> None:
    assert sorted(functions.OPS) == WITH_HISTORY
    assert sorted(functions.OPS.values()) == list(range(len(WITH_HISTORY)))


@pytest.mark.parametrize("name", WITH_HISTORY)
@share(20)
@given(data=st.data(), n=LENGTHS, p=PERCENTS)
def test_the_value_is_the_reference_s(name: str, data: st.DataObject, n: int, p: float) -> None:
    history = data.draw(rows(name))
    native = state(name, n, p)
    found = [native.push(row) for row in history]
    check(name, n, history, found, reference(name, n, p, history))
    assert native.around == bytes(16 * ROOM)


@pytest.mark.parametrize("name", ["sma", "sum", "wma", "ema", "wilder", "rsi", "atr"])
@share(20)
@given(data=st.data(), n=LENGTHS)
def test_sums_and_recursions_of_tame_values_have_the_reference_s_bits(name: str, data: st.DataObject, n: int) -> None:
    history = data.draw(rows(name, ROUND | st.floats(1, 1e4)))
    native = state(name, n, 50.0)
    assert [native.push(row) for row in history] == reference(name, n, 50.0, history)


HALFWAY = (48104.0, 18521.760581818013, 48104.0, 0.1)  # its typical price lies exactly between two doubles


@share(20)
@given(data=st.data(), n=LENGTHS)
def test_the_price_of_tame_values_is_the_reference_s_or_the_double_beside_it(data: st.DataObject, n: int) -> None:
    history = data.draw(rows("vwap", ROUND | st.floats(1, 1e4)))
    neighbours(history, n)


def test_a_price_halfway_between_two_doubles_is_one_of_them() -> None:
    neighbours([HALFWAY] * 9, 5)


def neighbours(history: Sequence[Row], n: int) -> None:
    """Assert that volume-weighted prices are at most one double from the reference's: products outgrow a pair."""
    native = state("vwap", n, 50.0)
    for row, other in zip(history, reference("vwap", n, 50.0, history), strict=True):
        one = native.push(row)
        if one != other:
            assert one is not None and other is not None
            assert one in (math.nextafter(other, 0), math.nextafter(other, math.inf))


@share(20)
@given(data=st.data(), n=LENGTHS, clock=st.sampled_from([60, 900, 28_800]), period=st.sampled_from([3600, 28_800]))
def test_a_sum_of_rates_counts_the_clock_over_the_period(data: st.DataObject, n: int, clock: int, period: int) -> None:
    history = data.draw(rows("sum", ROUND | st.floats(-1, 1, allow_subnormal=False)))
    make = FUNCTIONS["sum"].start
    assert make is not None
    expected = naive.run(make(Setting(window=n, clock=clock, kinds=(rate(period),))), history)
    native = State("sum", n, clock, period)
    check("sum", n, history, [native.push(row) for row in history], expected)


@pytest.mark.parametrize("name", WITH_HISTORY)
@share(20)
@given(data=st.data(), n=LENGTHS, p=PERCENTS)
def test_blocks_of_any_size_give_the_bits_of_single_pushes(name: str, data: st.DataObject, n: int, p: float) -> None:
    history = data.draw(rows(name))
    native = state(name, n, p)
    found = bits([native.push(row) for row in history])
    for block in BLOCKS:
        other = state(name, n, p)
        assert bits(other.run(history, block)) == found
        assert other.arena == native.arena


@pytest.mark.skipif(not functions.COMPILED, reason="nothing is compiled")
@pytest.mark.parametrize("name", WITH_HISTORY)
@share(20)
@given(data=st.data(), n=LENGTHS, p=PERCENTS, block=st.sampled_from(BLOCKS))
def test_the_source_alone_gives_the_bits_of_the_compiled(
    name: str, data: st.DataObject, n: int, p: float, block: int
) -> None:
    assert not uncompiled().COMPILED
    history = data.draw(rows(name))
    native, plain = state(name, n, p), state(name, n, p, uncompiled())
    assert bits(plain.run(history, block)) == bits(native.run(history, block))
    assert plain.arena == native.arena
    assert bits([plain.push(row) for row in history]) == bits([native.push(row) for row in history])
    assert plain.arena == native.arena


@pytest.mark.parametrize("name", WITH_HISTORY)
@share(20)
@given(data=st.data(), n=LENGTHS, p=PERCENTS)
def test_a_copy_of_the_words_goes_on_with_the_same_bits(name: str, data: st.DataObject, n: int, p: float) -> None:
    history = data.draw(rows(name))
    cut = data.draw(st.integers(0, len(history)))
    native = state(name, n, p)
    native.run(history[:cut], 5)
    copy = native.copied()
    for row in history[: cut // 2]:
        native.push(row)  # what the one sees, the other does not
    whole = state(name, n, p)
    assert bits(whole.run(history, 256)[cut:]) == bits([copy.push(row) for row in history[cut:]])


@pytest.mark.parametrize("name", WITH_HISTORY)
@share(20)
@given(data=st.data(), n=LENGTHS, p=PERCENTS, k=st.integers(0, 100))
def test_a_gap_is_so_many_missing_observations(name: str, data: st.DataObject, n: int, p: float, k: int) -> None:
    history = data.draw(rows(name))
    native = state(name, n, p)
    native.run(history, 64)
    other = native.copied()
    native.skip(k)
    for _ in range(k):
        other.push((None,) * 4)
    assert native.arena == other.arena


@pytest.mark.parametrize("name", sorted({*WITH_HISTORY} - {"periods_since"}))
def test_a_gap_of_a_million_years_takes_no_time(name: str) -> None:
    native = state(name, 50, 50.0)
    native.run([(1.0 + k % 7,) * 4 for k in range(120)], 256)
    other = native.copied()
    native.skip(10**12 + 7)
    other.skip(500 + 7)
    assert native.arena == other.arena


@pytest.mark.parametrize("name", WITH_HISTORY)
def test_a_cleared_state_is_a_new_one(name: str) -> None:
    native = state(name, 3, 50.0, uncompiled())
    for k in range(11):
        native.push((2.0 + k % 2, 1.0, 1.5, 1.0))
    uncompiled().reset(native.op, native.d, native.q, ROOM, 3)
    assert native.arena == state(name, 3, 50.0).arena


@pytest.mark.parametrize("name", WITH_HISTORY)
def test_the_size_that_is_stated_is_never_less_than_what_a_state_takes(name: str) -> None:
    for n in range(1, 5001):
        taken = 8 * functions.words(functions.OPS[name], n)
        assert taken <= FUNCTIONS[name].state_bytes(n) <= taken + 8 * (n + 1 if name == "rank" else 1)


# Volume profiles ──────────────────────────────────────────────────────────────────────────────────────────────────────

PROFILES = ("point_of_control", "value_area_high", "value_area_low")


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("price", [1.0, 0.1, 65_432.1])
def test_a_window_of_one_price_has_that_price_for_all_levels(name: str, price: float) -> None:
    history: list[Row] = [(price, price, volume) for volume in (3.0, 0.0, 5.0, 1.5)]
    native = state(name, 3, 0.0)
    found = [native.push(row) for row in history]
    assert found == reference(name, 3, 0.0, history) == [None, None, price, price]


@pytest.mark.parametrize(("price", "row"), [(0.0, 0), (0.5, 0), (1.0, 0), (1.5, 1), (2.0, 1), (12.0, 11), (24.0, 23)])
def test_a_bar_without_a_range_lies_in_its_row_and_on_an_edge_in_the_lower(price: float, row: int) -> None:
    history: list[Row] = [(24.0, 0.0, 1.0), (price, price, 100.0)]
    expected = {"point_of_control": row + 0.5, "value_area_high": row + 1.0, "value_area_low": float(row)}
    for name in PROFILES:
        native = state(name, 2, 0.0)
        found = [native.push(bar) for bar in history]
        assert found == reference(name, 2, 0.0, history) == [None, expected[name]]


# Flat windows ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("value", [0.1, -0.0, 1e-310, 123.456, 1e300])
def test_a_flat_window_has_no_spread_and_its_averages_are_its_value(value: float) -> None:
    history: Sequence[Row] = [(7.0,), (None,), (1e9,)] + [(value,)] * 30
    for name, expected in (("stdev", 0.0), ("zscore", None), ("sma", value), ("wma", value), ("median", value)):
        native = state(name, 10, 50.0)
        assert [native.push(row) for row in history][-15:] == [expected] * 15
    for name in ("correlation", "beta"):
        native = state(name, 10, 50.0)
        assert [native.push((float(k % 3), *row)) for k, row in enumerate(history)][-15:] == [None] * 15


def test_a_beta_of_two_huge_series_keeps_its_bits() -> None:
    history: list[Row] = [(0.1, 0.1), (0.1, 6.07e222), (2.1e90, 0.1)]
    native = state("beta", 2, 0.0)
    assert [native.push(row) for row in history][-1] == pytest.approx(2.1e90 / -6.07e222, rel=1e-14)


@share(20)
@given(steps=st.lists(st.integers(-3, 3), min_size=30, max_size=60), n=st.integers(2, 12))
def test_a_spread_of_a_few_last_bits_is_seen(steps: list[int], n: int) -> None:
    history: Sequence[Row] = [(65_000.0 + step * math.ulp(65_000.0),) for step in steps]
    for name in ("stdev", "zscore"):
        native = state(name, n, 50.0)
        found, expected = [native.push(row) for row in history], reference(name, n, 50.0, history)
        assert naive.alike([None if x is None else x * 1e12 for x in found],
                           [None if x is None else x * 1e12 for x in expected], 1e-9)  # fmt: skip


# Long windows and long runs ───────────────────────────────────────────────────────────────────────────────────────────


@cache
def wandering(count: int, seed: int, gaps: float = 0.02) -> list[Row]:
    """Return a seeded series that trends, rests, repeats itself and has gaps."""
    draw, price = random.Random(seed), 100.0
    found: list[Row] = []
    for _ in range(count):
        if draw.random() < 0.7:
            price = round(price * (1 + draw.gauss(0.0002, 0.01)), draw.choice([0, 1, 2, 9]))
        found.append((None if draw.random() < gaps else price,))
    return found


@pytest.mark.parametrize("n", [63, 64, 65, 256, 257, 1000, 4096, 4097])
@pytest.mark.parametrize("name", ["median", "percentile", "rank"])
def test_order_statistics_are_exact_however_the_window_is_kept(name: str, n: int) -> None:
    if not functions.COMPILED and n > 1000:
        pytest.skip("slow where nothing is compiled")
    history = wandering(3 * n + 50, n) + wandering(2 * n, n + 1, gaps=0.0)
    native = state(name, n, 33.0)
    assert native.run(history, 256) == reference(name, n, 33.0, history)


@pytest.mark.parametrize("name", ["median", "rank"])
def test_a_search_tree_in_source_alone_has_the_bits_of_the_compiled(name: str) -> None:
    history = wandering(9000, 3)
    assert state(name, 4200, 50.0, uncompiled()).run(history, 64) == reference(name, 4200, 50.0, history)


@pytest.mark.slow
@pytest.mark.skipif(not functions.COMPILED, reason="nothing is compiled")
@pytest.mark.parametrize("n", [100_000, 1_000_000])
@pytest.mark.parametrize("name", ["sma", "sum", "stdev", "highest", "median", "rank", "previous"])
def test_windows_of_a_million_periods_work(name: str, n: int) -> None:
    history = wandering(2 * n + 1234, 5)
    native = state(name, n, 50.0)
    found = native.run(history, 256)
    for k in (n - 1, n, 2 * n - 1, 2 * n + 1233):
        known = [x for (x,) in history[k + 1 - n : k + 1] if x is not None]
        now = history[k][0]
        below = 0 if now is None else sum(x < now for x in known) + (sum(x == now for x in known) - 1) / 2
        mean = math.fsum(known) / len(known)
        expected = {
            "sma": mean,
            "sum": math.fsum(known),
            "stdev": math.sqrt(math.fsum((x - mean) ** 2 for x in known) / len(known)),
            "highest": max(known),
            "median": statistics.median(known),
            "rank": None if now is None else below / (len(known) - 1),
            "previous": history[k - n][0] if k >= n else None,
        }[name]
        assert naive.alike([found[k]], [expected], 1e-12)


@cache
def spiked(name: str, count: int = 1999) -> list[Row]:
    """Return what a function reads of so many bars, some of which have prices or volumes of 1e9."""
    draw = random.Random(11)
    found: list[Row] = []
    for k in range(count):
        price = 1e9 if k % 400 == 7 else draw.uniform(1, 100)
        low = price * draw.uniform(0.9, 1)
        bar = price, low, (price + low) / 2, 1e9 if k % 300 == 5 else draw.uniform(0, 9)
        reads = [("high", "low", "close", "volume").index(field) for field in FUNCTIONS[name].reads]
        truth = name in ("count", "periods_since")
        found.append(tuple(bar[place] for place in reads or [0, 3]) if not truth else (float(draw.random() < 0.3),))
    return found if reads or truth or name in ("correlation", "beta") else [row[:1] for row in found]


@pytest.mark.slow
@pytest.mark.skipif(not functions.COMPILED, reason="nothing is compiled")
@pytest.mark.parametrize("name", WITH_HISTORY)
def test_nothing_drifts_in_ten_million_bars_with_spikes(name: str) -> None:
    n, history = 20, spiked(name)
    last = state(name, n, 33.0).run(history, 256, 10_000_000 // len(history) + 1)
    before = history if name in ("ema", "wilder", "atr", "rsi") else []  # time for the seed to be forgotten
    fresh = reference(name, n, 33.0, before + history)[len(before) :]
    for k in range(n + 1, len(history)):
        one, other = last[k], fresh[k]
        assert one is not None and other is not None
        error = 0.0 if name in EXACT else 1e-9 * allowed(name, history[k + 1 - n : k + 1], n, other)
        assert abs(one - other) <= error, k


@pytest.mark.slow
@pytest.mark.skipif(not functions.COMPILED, reason="nothing is compiled")
@pytest.mark.parametrize("name", WITH_HISTORY)
def test_windows_of_a_hundred_thousand_periods_are_the_reference_s(name: str) -> None:
    n, history = 100_000, spiked(name, 100_020)
    native = state(name, n, 33.0)
    found, expected = native.run(history, 256)[-19:], reference(name, n, 33.0, history)[-19:]
    assert native.is_sound()
    error = 0.0 if name in EXACT else PRECISION * allowed(name, history, n, expected[-1] or 0.0)
    for one, other in zip(found, expected, strict=True):
        assert one is not None and other is not None and abs(one - other) <= error
