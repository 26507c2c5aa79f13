"""Functions without a history: what they give, where they are missing, how they treat rates."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.functions import FUNCTIONS, Role, Setting
from rulelang.kinds import CONDITION, DURATION, NUMBER, RATIO, YEAR, Kind, rate

HOURLY, SETTLED, YEARLY = rate(3_600), rate(28_800), rate(YEAR)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = sorted(name for name, function in FUNCTIONS.items() if function.plain)


def call(name: str, *values: float | None, kinds: tuple[Kind, ...] = ()) -> float | None:
    plain = FUNCTIONS[name].plain
    assert plain is not None
    return plain(Setting(kinds=kinds or (NUMBER,) * len(values)))(*values)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        *(("round", (2.5,), 3.0), ("round", (-2.5,), -3.0), ("round", (3.5,), 4.0), ("round", (2.4,), 2.0)),
        *(("round", (0.49999999999999994,), 0.0), ("round", (2.0**52 + 1,), 2.0**52 + 1), ("round", (1e300,), 1e300)),
        *(("floor", (-0.5,), -1.0), ("ceil", (-0.5,), 0.0), ("floor", (7.0,), 7.0), ("abs", (-3.0,), 3.0)),
        *(("min", (3.0, 1.0, 2.0), 1.0), ("max", (3.0, 1.0, 5.0, 2.0), 5.0)),
        *(("clamp", (5.0, 0.0, 1.0), 1.0), ("clamp", (-5.0, 0.0, 1.0), 0.0), ("clamp", (0.5, 0.0, 1.0), 0.5)),
        *(("clamp", (0.5, 2.0, 1.0), 1.0), ("sqrt", (9.0,), 3.0), ("sqrt", (-1e-300,), None)),
        *(("log", (1.0,), 0.0), ("log", (0.0,), None), ("log", (-1.0,), None)),
        *(("exp", (0.0,), 1.0), ("exp", (710.0,), None), ("exp", (-1e308,), 0.0)),
        *(("basis", (103.0, 100.0), 103.0 / 100.0 - 1), ("basis", (1.0, 0.0), None), ("basis", (1e308, 1e-308), None)),
    ],
)
def test_values(name: str, values: tuple[float, ...], expected: float | None) -> None:
    assert call(name, *values) == expected


@pytest.mark.parametrize("name", ["round", "ceil", "floor", "abs", "min", "max", "clamp"])
def test_no_result_is_a_negative_zero(name: str) -> None:
    values = [-0.0] * (len(FUNCTIONS[name].parameters))
    assert repr(call(name, *values)) == "0.0"
    if name in ("round", "ceil"):
        assert repr(call(name, -0.3)) == "0.0"


@given(value=NUMBERS)
def test_round_gives_a_whole_number_half_away_at_most(value: float) -> None:
    rounded = call("round", value)
    assert rounded is not None and rounded == int(rounded)
    assert abs(rounded - value) <= 0.5
    assert abs(rounded - value) < 0.5 or abs(rounded) >= abs(value)
    assert call("round", -value) == -rounded


@pytest.mark.parametrize("name", [name for name in PLAIN if name != "if"])
def test_a_missing_argument_makes_the_result_missing(name: str) -> None:
    count = len(FUNCTIONS[name].parameters) or len(FUNCTIONS[name].reads)
    kinds = (RATIO, DURATION) if name == "annualised" else ()
    for hole in range(count):
        assert call(name, *(None if k == hole else 1.0 for k in range(count)), kinds=kinds) is None
    assert call(name, *[1.0] * count, kinds=kinds) is not None


@given(values=st.lists(NUMBERS, min_size=4, max_size=4))
@pytest.mark.parametrize("name", PLAIN)
def test_results_are_finite_and_inside_the_range_that_the_record_promises(name: str, values: list[float]) -> None:
    function = FUNCTIONS[name]
    count = 4 if function.variadic else len(function.parameters) or len(function.reads)
    arguments = values[:count]
    kinds = {"annualised": (RATIO, DURATION), "if": (CONDITION, NUMBER, NUMBER)}.get(name, (NUMBER,) * count)
    if name == "if":
        arguments[0] = values[0] > 0
    found = call(name, *arguments, kinds=kinds)
    setting = Setting(kinds=kinds, spans=tuple((value, value) for value in arguments))
    low, high = function.span(setting) if function.span else (-math.inf, math.inf)
    assert found is None or (low <= found <= high and math.isfinite(found))


def test_if_takes_one_of_two_and_looks_at_no_other() -> None:
    kinds = (CONDITION, NUMBER, NUMBER)
    assert call("if", True, 1.0, None, kinds=kinds) == 1.0
    assert call("if", False, None, 2.0, kinds=kinds) == 2.0
    assert call("if", True, None, 2.0, kinds=kinds) is None
    assert call("if", None, 1.0, 1.0, kinds=kinds) is None


def test_rates_are_compared_in_the_period_of_the_first() -> None:
    assert call("min", 0.0008, 0.0002, kinds=(SETTLED, HOURLY)) == 0.0008
    assert call("max", 0.0008, 0.0002, kinds=(SETTLED, HOURLY)) == 0.0016
    assert call("max", 0.0001, 0.0004, kinds=(HOURLY, SETTLED)) == 0.0001
    assert call("max", 0.0, 0.0001, kinds=(YEARLY, SETTLED)) == 0.1095
    assert call("clamp", 0.0016, 0.0001, 0.0001, kinds=(SETTLED, HOURLY, HOURLY)) == 0.0008
    assert call("max", 0.5, 0.0002, kinds=(RATIO, SETTLED)) == 0.5  # a ratio takes the rate's period as it is
    assert call("if", False, 0.0, 0.0001, kinds=(CONDITION, SETTLED, HOURLY)) == 0.0008
    assert call("if", False, 0.0, None, kinds=(CONDITION, SETTLED, HOURLY)) is None
    assert call("max", 0.0, 0.0003, kinds=(rate(10_800), SETTLED)) == pytest.approx(0.0003 * 3 / 8, rel=1e-15)


def test_ranges_of_rates_are_compared_in_the_period_of_the_first() -> None:
    span = FUNCTIONS["max"].span
    assert span is not None
    assert span(Setting(kinds=(SETTLED, HOURLY), spans=((0.0, 0.001), (0.0001, 0.0002)))) == (0.0008, 0.0016)


def test_annualised() -> None:
    assert call("annualised", 0.0001, kinds=(SETTLED,)) == 0.1095
    assert call("annualised", 0.4, kinds=(YEARLY,)) == 0.4
    assert call("annualised", 0.02, 73 * 86_400.0, kinds=(RATIO, DURATION)) == 0.1
    assert call("annualised", 0.02, 0.0, kinds=(RATIO, DURATION)) is None
    assert call("annualised", 0.02, -5.0, kinds=(RATIO, DURATION)) is None


def test_every_record_is_computed_in_one_way() -> None:
    assert all((function.plain is None) != (function.start is None) for function in FUNCTIONS.values())
    assert all(Role.WINDOW not in {p.role for p in FUNCTIONS[name].parameters} for name in PLAIN)
