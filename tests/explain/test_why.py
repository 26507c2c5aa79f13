"""Why and why not of cases that are easily told wrong: floors that tie or pass brakes, edited rules, bad values."""

from fractions import Fraction
from typing import Any

import rulelang
from rulelang.explain.why import why, why_not
from rulelang.text.outline import Told


def record(run: Any, hour: int, **values: Any) -> Any:
    return run.step(hour * 3600, values).record


def lines(told: Told) -> list[str]:
    return [told.text, *(line for below in told.below for line in lines(below))]


def test_two_floors_of_one_height_are_not_named_but_told() -> None:
    rules = rulelang.loads(
        "bars 1h rule a when close < 9 then hedge at least 50% rule b when close < 9 then hedge at least 50%"
    )
    seen = record(rules.start(), 1, close=5)
    assert seen["targets"]["hedge"]["limited_by"] == []
    assert "a: hedge at least 50%, raises it to 50%, but in the end it makes no difference" in lines(why(seen))


def test_two_floors_of_one_rule_count_together() -> None:
    rules = rulelang.loads("bars 1h rule a when close < 9 then hedge at least 50%, hedge at least 50%")
    assert record(rules.start(), 1, close=5)["targets"]["hedge"]["limited_by"] == ["a"]


def test_a_floor_that_passes_the_brakes() -> None:
    rules = rulelang.loads(
        "bars 1h target hedge cooldown 8h rule high when close > 9 then hedge 90% "
        "rule floor when close > 9 then hedge at least 60% otherwise hedge 20%"
    )
    run = rules.start()
    record(run, 1, close=5)
    seen = record(run, 2, close=10)
    hedge = seen["targets"]["hedge"]
    assert (hedge["let_through"], hedge["after"], hedge["limited_by"]) == (0.2, 0.6, ["floor"])
    assert "floor: hedge at least 60%, passes the brakes" in lines(why(seen))
    assert "90% is desired, held back by `cooldown 8h` until 1970-01-01T09:00Z" in lines(why_not(seen, "high"))


def test_a_rule_that_was_edited_is_not_said_to_have_slept_since_the_run_began() -> None:
    old = rulelang.loads("bars 1h rule a when close < 9 then hedge 50%").start()
    record(old, 1, close=5)
    new = rulelang.loads("bars 1h rule a when close < 8 then hedge 50%").resume(old.snapshot(why=True))
    seen = record(new, 2, close=10)
    assert seen["run"]["began"] == "1970-01-01T01:00Z"
    assert "a: never active since 1970-01-01T02:00Z, its first bar" in lines(why(seen))


def test_a_value_out_of_bounds_is_said() -> None:
    seen = record(rulelang.loads("bars 1h rule a when close < 9 then hedge 50%").start(), 1, close=-5)
    assert "close: the value supplied is out of bounds, so it counts as missing" in lines(why(seen))
    assert "close < 9: close is missing, so it is unknown" in lines(why(seen))


def test_margins_are_exact_however_far_apart_values_are() -> None:
    rules = rulelang.loads("bars 1h rule a when close > open then hedge 50%")
    for low, high in ((5e-324, 1e308), (0.1, 0.3), (1.0, 1.0000000000000002)):
        (leaf,) = record(rules.start(), 1, close=low, open=high)["rules"]["a"]["why_not"]
        assert Fraction(low) + Fraction(leaf["margin"]["exact"]) == Fraction(high)


def test_who_pays_funding_is_said() -> None:
    rules = rulelang.loads("bars 8h rule a when funding_8h > 0.05% or predicted_funding_8h < -0.5% then hedge 50%")
    seen = rules.start().step(28_800, {"funding_8h": -0.0001, "predicted_funding_8h": 0.0001}).record
    texts = [value["text"] for leaf in seen["rules"]["a"]["why_not"] for value in leaf["values"].values()]
    assert texts == ["-0.01% per 8h (shorts pay)", "0.01% per 8h (longs would pay)"]


def test_a_move_from_a_base_that_is_missing_or_not_positive() -> None:
    rules = rulelang.loads("bars 1h field heat : number rule a when heat rises 5% over 2h then hedge 50%")
    run = rules.start()
    first = record(run, 1, heat=-3)
    assert "heat rises 5% over 2h: heat is -3, its base over 2h is missing, so it is unknown" in lines(why(first))
    record(run, 2, heat=5)
    told = lines(why(record(run, 3, heat=5)))
    assert "heat rises 5% over 2h: heat is 5, its base over 2h is -3, not positive, so it is unknown" in told
