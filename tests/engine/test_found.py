"""What generated pairs have found: the smallest file and market of each, by name."""

import math

import rulelang

HOUR, MONDAY = 3600, 1_767_571_200
DEPTH = """
bars 1h
field depth : ratio
target hedge between -50% and 50%
when close > 9 then hedge 10%
otherwise hedge depth
"""


def test_over_a_column_of_the_one_asset_that_the_rules_name() -> None:
    rules = rulelang.loads("assets BTC bars 1h when close > 100 then hedge 50%")
    found = rules.over({"time": [MONDAY, MONDAY + HOUR], "asset": ["BTC", "BTC"], "close": [101.0, 99.0]})
    assert found["hedge"] == [0.5, 0.0]


def test_a_level_that_moves_from_0_to_minus_0_moves_in_a_batch_too() -> None:
    rules = rulelang.loads(DEPTH)
    times, depths = [MONDAY + HOUR * bar for bar in range(4)], [0.0, -0.0, 0.0, -0.0]
    found = rules.over({"time": times, "close": [1.0] * 4, "depth": depths})
    run = rules.start(records=False)
    steps = [run.step(time, {"close": 1.0, "depth": depth}) for time, depth in zip(times, depths, strict=True)]
    signs = [math.copysign(1, decision.targets["hedge"].desired) for decision in steps]
    assert [math.copysign(1, desired) for desired in found["hedge_desired"]] == signs == [1, -1, 1, -1]


def test_a_param_that_is_read_in_its_own_unit_and_in_another() -> None:
    """A rate times a duration counts the rate's periods; the param itself stays in seconds."""
    cost = "rule cost when funding_8h * h < -10% then hedge 10%"
    rules = rulelang.loads(f"bars 8h param h = 30d {cost} rule soon when time < time + h then hedge 5%")
    assert rules.start(records=False).step(MONDAY, {"funding_8h": -0.0002}).active == {"cost": False, "soon": True}


def test_a_param_that_is_converted_to_the_period_of_a_rate() -> None:
    rules = rulelang.loads("bars 8h param hot = 40% per 1y rule a when funding_8h > hot then hedge 10%")
    for engine in ("native", "reference"):
        run = rules.start(records=False, engine=engine)
        assert not run.step(MONDAY, {"funding_8h": 0.0003}).active["a"], engine
        assert run.step(MONDAY + 8 * HOUR, {"funding_8h": 0.0004}).active["a"], engine
