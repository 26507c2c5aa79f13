"""What generated pairs have found: the smallest file and market of each, by name."""

import rulelang

HOUR, MONDAY = 3600, 1_767_571_200


def test_over_a_column_of_the_one_asset_that_the_rules_name() -> None:
    rules = rulelang.loads("assets BTC bars 1h when close > 100 then hedge 50%")
    found = rules.over({"time": [MONDAY, MONDAY + HOUR], "asset": ["BTC", "BTC"], "close": [101.0, 99.0]})
    assert found["hedge"] == [0.5, 0.0]
