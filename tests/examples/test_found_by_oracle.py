"""What an independent reading of the contract found wrong once, each kept by name."""

from collections.abc import Sequence
from typing import Any

import rulelang

HOUR, DAY = 3600, 86_400
MONDAY = 345_600


def active(text: str, bars: int, steps: Sequence[dict[str, Any] | None], rule: str = "a") -> list[int | None]:
    """Return whether a rule is active after each step; the first bar is a Monday's first, `None` is a missing bar."""
    run = rulelang.loads(text).start()
    found: list[int | None] = []
    for at, values in enumerate(steps, 1):
        found.append(None if values is None else int(run.step(MONDAY + at * bars, values).active[rule]))
    return found


def closes(*values: float | None) -> list[dict[str, Any]]:
    return [{"close": value} for value in values]


def test_a_rate_through_a_function_is_the_same_double() -> None:
    """3.3: a rate on its own period is not converted, so ties on a threshold stay ties."""
    text = "bars 8h rule a when {}(funding_8h{}) > 0.02% then hedge 50%"
    for name, rest in (("abs", ""), ("sma", ", 1"), ("highest", ", 1"), ("previous", ", 1")):
        assert active(text.format(name, rest), 8 * HOUR, [{"funding_8h": 0.0002}] * 3) == [0, 0, 0], name


def test_periods_of_the_base_period_ask_a_longer_clock_at_their_ends() -> None:
    """4.7: for n periods of 8h on bars of 8h is the condition as it stood at the end of each of the last n bars."""
    text = "bars 8h rule a when close@1d > 10 for 3 periods of 8h then hedge 50%"
    assert active(text, 8 * HOUR, closes(5, 5, 11, 5, 5, 11, 11)) == [0, 0, 0, 0, 1, 1, 1]


def test_a_base_period_without_a_bar_is_unknown() -> None:
    """C03: a period without any bar is unknown, also where the period is that of the bars."""
    text = 'bars 8h rule a when hedge.price is missing for 3 periods of 8h then alert "none"'
    bars: list[dict[str, Any] | None] = [{}, {}, None, {}, {}, {}, {}]
    assert active(text, 8 * HOUR, bars) == [0, 0, None, 0, 0, 1, 1]


def test_a_held_value_stands_at_the_end_of_a_base_period() -> None:
    field = "bars 8h field mood : bearish | bullish every 8h"
    text = f"{field} rule a when mood is bearish for 3 of 3 periods of 8h then hedge 5%"
    assert active(text, 8 * HOUR, [{"mood": "bearish"}, {"mood": "bearish"}, {}]) == [0, 0, 1]


def test_a_refused_close_is_told_though_only_the_price_of_a_change_reads_it() -> None:
    run = rulelang.loads("bars 1h rule a when hedge.price is missing then hedge 50%").start()
    assert run.step(HOUR, {"close": -1}).rejected == ("close",)


def test_an_assets_own_field_is_refused_once() -> None:
    run = rulelang.loads("assets BTC, ETH bars 1h rule a when BTC.close > close then hedge 50%").start()
    decision = run.step(HOUR, {"BTC": {"close": -1}, "ETH": {"close": 5}})
    assert decision["BTC"].rejected == ("close",)
    assert decision["ETH"].rejected == ("BTC.close",)


def test_ties_of_relative_changes_follow_the_written_formulas() -> None:
    """Section 8: change is x / before - 1, drawdown 1 - x / highest, basis future / spot - 1, in doubles."""
    change = "bars 1h rule a when change(close, 1) > 1% then hedge 50%"
    assert active(change, HOUR, closes(100, 101))[-1] == (101 / 100 - 1 > 0.01)
    drawdown = "bars 1h rule a when drawdown(close, 2) > 1% then hedge 50%"
    assert active(drawdown, HOUR, closes(100, 99))[-1] == (1 - 99 / 100 > 0.01)
    basis = "bars 1h rule a when basis() >= -1% then hedge 50%"
    assert active(basis, HOUR, [{"future": 99.0, "spot": 100.0}])[-1] == (99 / 100 - 1 >= -0.01)


def test_a_condition_on_longer_bars_is_unknown_before_the_first_whole_one() -> None:
    """4.5: the partial first bar is dropped, so nothing is known of it, not even that it is missing."""
    text = 'bars 1h rule a when (open is missing)@1d then alert "none"'
    run = rulelang.loads(text).start()
    found = [run.step(MONDAY + at * HOUR, {}).active["a"] for at in range(10, 49)]
    assert found == [False] * 38 + [True]  # the first whole day ends with the second midnight


def test_the_exit_knows_the_trigger_at_the_bar_of_the_start() -> None:
    """6.2: the last bar of the day is the one of the start; the bar that ends the day is missing."""
    text = (
        "bars 8h rule a when close crosses below 100 then hedge 50% "
        "until close <= at_trigger(lowest(close, 1)) for 1 periods of 1d"
    )
    bars: list[dict[str, Any] | None] = [{"close": 104}, {"close": 98}, None, {"close": 105}, {"close": 105}]
    assert active(text, 8 * HOUR, bars) == [0, 1, None, 0, 0]


def test_bars_longer_than_the_time_between_settlements_are_warned_of() -> None:
    found = rulelang.check("bars 1d when funding_8h > 0.05% for 3 periods then hedge 30%")
    assert [one.code for one in found] == ["RL412"]
