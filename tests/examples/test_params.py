"""Params: overridden from outside, within their limits, by asset, wherever a number, count or duration stands."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import rulelang
from rulelang import RuleError

HOUR = 3600


def hedge(rules: rulelang.Rules, values: dict[str, Any], **params: Any) -> float | None:
    return rules.start(params=params).step(HOUR, values).hedge


HOT = rulelang.loads("bars 1h param hot = 5% in 1% .. 10% when iv > hot then hedge 50%")


@pytest.mark.parametrize("given", [0.07, "7%", Decimal("0.07"), Fraction(7, 100), "3.5% * 2", "3% + 4%"])
def test_an_override_is_a_number_or_text_of_the_language(given: Any) -> None:
    assert hedge(HOT, {"iv": 0.06}, hot=given) == 0
    assert hedge(HOT, {"iv": 0.08}, hot=given) == 0.5


def test_without_an_override_the_file_counts() -> None:
    assert hedge(HOT, {"iv": 0.06}) == 0.5


def test_a_percentage_is_the_same_double_from_outside() -> None:
    """5% as text, 0.05 as a number and 5% in the file are one value: a tie stays a tie."""
    for given in ("5%", 0.05, Decimal("0.05")):
        assert hedge(HOT, {"iv": 0.05}, hot=given) == 0


@pytest.mark.parametrize(
    "given",
    [
        "11%",
        0.5,
        "0",
        "0.05",
        "5% per 8h",
        "3 USD",
        "8h",
        "close",
        "clsoe",
        "",
        "5%%",
        "5% 5%",
        math.nan,
        math.inf,
        None,
        [1],
        "1% / (1 - 1)",
        True,
        "hot",
        "$",
        "5%\n when",
    ],
)
def test_an_override_that_does_not_fit(given: Any) -> None:
    with pytest.raises(RuleError) as caught:
        HOT.start(params={"hot": given})
    assert {one.code[:3] for one in caught.value.diagnostics} <= {"RL1", "RL2", "RL3"}


def test_an_override_nested_too_deep() -> None:
    for given in ("-" * 5_000 + "5%", "(" * 5_000 + "5%" + ")" * 5_000):
        with pytest.raises(RuleError):
            HOT.start(params={"hot": given})


def test_an_override_that_means_nothing_is_one_error_about_the_param() -> None:
    with pytest.raises(RuleError) as caught:
        HOT.start(params={"hot": "clsoe"})
    (found,) = caught.value.diagnostics
    assert "hot" in found.message


def test_an_unknown_param() -> None:
    with pytest.raises(RuleError, match="no param `hoot`"):
        HOT.start(params={"hoot": 0.05})


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("param n = 3 when close > sma(close, n) then hedge 50%", (1, "5", 1_000_000), (0, -1, 2.5, 1_000_001, "24h")),
        ("param n = 3 when close > 1 for n periods then hedge 50%", (1, "5"), (0, -1, 2.5, 1_000_001, "24h")),
        ("param n = 3 when close > 1 then hedge 50% for n periods", (1, "5"), (0, -1, 2.5, 1_000_001)),
        ("param d = 8h when close > 1 for d then hedge 50%", ("2h", 7200), ("90m", 0, -3600, 5400, "3")),
        ("param d = 8h when close > sma(close, d) then hedge 50%", ("2h", 7200), ("90m", 0, -3600)),
        ("param d = 8h when within d before 2026-01-01 then hedge 50%", ("90m", 60), (0, -60, 0.5)),
        ("param d = 8h target hedge between 0% and 100% cooldown d when close > 1 then hedge 50%", ("90m",), (0, -60)),
        (
            "param v = 10% target hedge between 0% and 100% change at least v when close > 1 then hedge 50%",
            (0.2,),
            (0, -0.1),
        ),
        ("param d = 1d when close@d > 1 then hedge 50%", ("2h",), ("90m", 0)),
        ("param p = 50 when close > percentile(close, p, 5) then hedge 50%", (0, 100), (-1, 101)),
    ],
)
def test_where_a_param_may_stand(text: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    rules = rulelang.loads("bars 1h " + text)
    for given in good:
        rules.start(params={text.split()[1]: given}).step(HOUR, {"close": 2})
    for given in bad:
        with pytest.raises(RuleError):
            rules.start(params={text.split()[1]: given})


BY_ASSET = rulelang.loads("bars 1h assets BTC, ETH param hot = 5%, ETH 7% in 1% .. 10% when iv > hot then hedge 50%")


def _by_asset(**params: Any) -> dict[Any, float | None]:
    decision = BY_ASSET.start(params=params).step(HOUR, {"BTC": {"iv": 0.06}, "ETH": {"iv": 0.06}})
    return {asset: one.hedge for asset, one in decision.items()}


def test_a_param_by_asset() -> None:
    assert _by_asset() == {"BTC": 0.5, "ETH": 0.0}


def test_an_override_counts_for_every_asset() -> None:
    assert _by_asset(hot=0.05) == {"BTC": 0.5, "ETH": 0.5}


def test_the_limits_count_for_every_asset_and_name_the_value_that_breaks_them() -> None:
    found = rulelang.check("assets BTC, ETH param hot = 5%, ETH 70% in 1% .. 10% when iv > hot then hedge 50%")
    (one,) = [one for one in found if one.severity is rulelang.Severity.ERROR]
    assert one.code == "RL306" and "`70%`" in one.message
    assert one.source.excerpt(one.span) == "70%"


def test_a_param_for_an_asset_that_is_not_there() -> None:
    (found,) = [one for one in rulelang.check("param p = 5, BTC 6 when close > p then hedge 1%") if one.code == "RL201"]
    assert "BTC" in found.message


def test_an_override_leaves_the_rules_as_they_were() -> None:
    HOT.start(params={"hot": 0.09})
    assert hedge(HOT, {"iv": 0.06}) == 0.5


def test_tests_are_no_part_of_what_decides() -> None:
    rules = "when close > 10 then hedge 50%\n"
    tested = rules + "test t given close = 11 expect hedge = 50%\n"
    assert rulelang.loads(rules).start(engine="reference").hash == rulelang.loads(tested).start(engine="reference").hash


def test_another_param_is_another_state_and_hash() -> None:
    one, other = (HOT.start(params=given, engine="reference") for given in ({}, {"hot": 0.09}))
    assert one.hash != other.hash


def test_every_override_has_its_own_value() -> None:
    """A value given from outside was once taken for an earlier one, whose place in memory it had been given."""
    names = [f"p{at}" for at in range(40)]
    text = "\n".join(
        ["bars 1h", *(f"param {name} = 1%" for name in names), f"when close > 1 then hedge {' + '.join(names)}"]
    )
    run = rulelang.loads(text).start(params={name: f"{at}%" for at, name in enumerate(names)})
    found = {name: float(value.exact) for name, value in run.rules.programs[None].params.items()}
    assert found == {name: pytest.approx(at / 100) for at, name in enumerate(names)}
