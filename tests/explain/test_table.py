"""The table of a rule file: rows that a market makes active one after the other, words for data, impossible rows."""

import itertools

import pytest

import rulelang
from rulelang import Rules
from rulelang.explain.table import Row, Table, TableError, tables
from tests.patience import within

MATRIX = """\
bars 1h
field a : number  field b : number  field c : number  field d : number  field e : number
target hedge between 10% and 120% change at least 10% cooldown 8h
target spot_weight between 0% and 100%
rule first when a > 1 then hedge 80%, spot_weight at most 70%
rule second when b > 1 then increase hedge by 25% of exposure, spot_weight 20% at once
rule third when c > 1 then reduce hedge by 50% of level, spot_weight between 40% and 60%
rule fourth when d > 1 then hedge at least 75%, reduce spot_weight by 30% of exposure
rule fifth when e > 1 then hedge 200%, hedge at most 110%, spot_weight at least 65%
otherwise spot_weight 90%, hedge 60%
"""


def table_of(text: str, *names: str) -> Table:
    """Return the one table of a text."""
    (found,) = tables(rulelang.loads(text).checked, names)
    return found


def row(table: Table, *active: str) -> Row:
    """Return the row of a combination."""
    return next(row for row in table.rows if row.active == active)


def words(table: Table, *active: str) -> str:
    """Return what is desired of the first target where some rules are active."""
    return row(table, *active).cells[0].desired.words


def test_every_row_is_what_the_evaluator_does() -> None:
    rules = rulelang.loads(MATRIX)
    found = table_of(MATRIX)
    assert len(found.rows) == 32
    for combination in itertools.product((0.0, 2.0), repeat=5):
        _same(found, rules, dict(zip("abcde", combination, strict=True)))


def _same(table: Table, rules: Rules, values: dict[str, float]) -> None:
    decision = rules.start(records=False).step("2026-01-05T00:00Z", values)
    there = row(table, *(name for name, on in decision.active.items() if on))
    for target, cell in zip(table.targets, there.cells, strict=True):
        outcome = decision.targets[target.name]
        assert cell.desired.number == outcome.desired
        assert cell.last_word == outcome.last_word
        levels = [part.result for part in outcome.parts if part.what in ("set", "increase", "reduce")]
        assert cell.level.number == (levels[-1] if levels else {"hedge": 0.6, "spot_weight": 0.9}[target.name])


def test_rows_begin_with_the_simplest_and_go_on_in_file_order() -> None:
    found = table_of(MATRIX)
    assert [row.active for row in found.rows[:7]] == [
        (),
        *((name,) for name in ("first", "second", "third", "fourth", "fifth")),
        ("first", "second"),
    ]


def test_the_limit_that_decided() -> None:
    found = table_of(MATRIX)
    hedge = {names: row(found, *names).cells[0].decides for names in ((), ("fourth",), ("first", "fourth"), ("fifth",))}
    assert hedge[()] is None and hedge["first", "fourth"] is None
    assert (hedge[("fourth",)].what, hedge[("fourth",)].rule) == ("floor", "fourth")  # type: ignore[union-attr]
    assert (hedge[("fifth",)].what, hedge[("fifth",)].rule) == ("cap", "fifth")  # type: ignore[union-attr]
    bound = table_of("when close > 1 then hedge 150%").rows[1].cells[0].decides
    assert bound is not None and (bound.what, bound.rule) == ("cap", None)


# --- words

WORDS = """\
bars 1h
target hedge between 0% and 90%
param wanted = 40% + 10%
let realised = volatility(30d)
rule wild when realised > wanted then hedge max(10%, 1 - wanted / realised)
{}
otherwise hedge 10%
"""


@pytest.mark.parametrize(
    ("action", "both"),
    [
        ("increase hedge by 25% of exposure", "max(10%, 1 - wanted / realised) + 25%"),
        ("reduce hedge by 1 - wanted of exposure", "max(10%, 1 - wanted / realised) - 50%"),
        ("reduce hedge by realised of exposure", "max(10%, 1 - wanted / realised) - realised"),
        ("reduce hedge by (1 - realised) of exposure", "max(10%, 1 - wanted / realised) - (1 - realised)"),
        ("reduce hedge by 50% of level", "50% of max(10%, 1 - wanted / realised)"),
        ("increase hedge by realised of level", "(100% + realised) of max(10%, 1 - wanted / realised)"),
        ("hedge at least 75%", "max(10%, 1 - wanted / realised), at least 75%"),
        ("hedge between 20% and wanted", "max(10%, 1 - wanted / realised), at least 20%, at most 50%"),
        ("hedge at least 40%, hedge at most 60%", "max(10%, 1 - wanted / realised), at least 40%, at most 60%"),
        ("hedge at least 40%, hedge at least 20%", "max(10%, 1 - wanted / realised), at least 40%"),
        ("hedge at most realised", "min(max(10%, 1 - wanted / realised), realised)"),
        ("hedge at least 20%, hedge at most realised", "min(max(max(10%, 1 - wanted / realised), 20%), realised)"),
        ("freeze hedge", "as in force"),
        ("freeze hedge, increase hedge by 10% of exposure, hedge at least 30%", "as in force, at least 30%"),
        ("hedge at least 0%", "max(10%, 1 - wanted / realised)"),
        # what is determined is a number, whatever the data
        ("hedge 35%", "35%"),
        ("hedge at least 95%", "90%"),
        ("hedge at most 0%", "0%"),
        ("hedge at most 60%, hedge at least 60%", "60%"),
        ("hedge max(wanted, 30%)", "50%"),
    ],
)
def test_what_depends_on_data_is_said(action: str, both: str) -> None:
    found = table_of(WORDS.format(f"rule then_this when iv > 80% then {action}"))
    assert words(found, "wild") == "max(10%, 1 - wanted / realised)"
    assert words(found, "wild", "then_this") == both


def test_a_share_of_what_is_never_positive() -> None:
    found = table_of("rule a when close > 1 then hedge -iv rule b when close > 2 then reduce hedge by 20% of level")
    assert (words(found, "a"), words(found, "a", "b")) == ("0%", "0%")
    assert row(found, "a", "b").cells[0].level.words == "80% of (-iv)"


def test_an_otherwise_that_depends_on_data() -> None:
    found = table_of("bars 1h otherwise hedge iv / 2 rule up when close > 1 then increase hedge by 10% of exposure")
    assert (words(found), words(found, "up")) == ("iv / 2", "iv / 2 + 10%")


# --- what can't occur

APART = """\
bars 1h
field outlook : bearish | neutral | bullish
field x : number
param edge = 5
{}
"""


@pytest.mark.parametrize(
    ("conditions", "left"),
    [
        (("x > edge", "x < 3"), {"", "a", "b"}),
        (("x > 5 and close > 1", "3 > x"), {"", "a", "b"}),
        (("x > 5", "x > 7"), {"", "a", "ab"}),
        (("x > 5", "x > 7 and close > 1"), {"", "a", "ab"}),
        (("x > 5 and close > 1", "x > 7"), {"", "a", "b", "ab"}),
        (("x between 3 and 5", "x between 5 and 7"), {"", "a", "b", "ab"}),
        (("x between 3 and 5", "x > 5"), {"", "a", "b"}),
        (("x between 3 and 5", "x between 4 and 6", "x between 5.5 and 7"), {"", "a", "b", "c", "ab", "bc"}),
        (("x > 5 for 3 periods", "x < 3"), {"", "a", "b"}),
        (("x > 5 for 2 of 3 periods", "x < 3"), {"", "a", "b", "ab"}),
        (("x > 5 for 2 periods of 1d", "x < 3"), {"", "a", "b", "ab"}),
        (("x > 5", "x > 7 for 3 periods"), {"", "a", "ab"}),
        (("x > 5 for 3 periods", "x > 7"), {"", "a", "b", "ab"}),
        (("x > 5", "x < 3 or close > 1"), {"", "a", "b", "ab"}),
        (("x > 5", "x@1d < 3"), {"", "a", "b", "ab"}),
        (("x > 5", "x < close"), {"", "a", "b", "ab"}),
        (("outlook is bearish", "outlook is bullish"), {"", "a", "b"}),
        (("outlook is bearish", "outlook is bullish", "outlook is neutral"), {"", "a", "b", "c"}),
    ],
)
def test_one_value_on_both_sides_of_a_constant(conditions: tuple[str, ...], left: set[str]) -> None:
    rules = (f"rule {name} when {one} then hedge 50%" for name, one in zip("abc", conditions, strict=False))
    found = table_of(APART.format("\n".join(rules)))
    assert {"".join(row.active) for row in found.rows} == left
    assert found.left_out == 2 ** len(conditions) - len(left)
    assert found.because == (() if not found.left_out else ("outlook",) if "outlook" in conditions[0] else ("x",))


def test_constants_are_the_doubles_that_the_evaluator_compares_with() -> None:
    """10% + 20% is a hair above 30%: there is one value between them, and both rules are active at it."""
    text = "rule a when iv <= 10% + 20% then hedge 50% rule b when iv > 30% then hedge 60%"
    value = 0.1 + 0.2
    assert rulelang.loads(text).start().step("2026-01-05T00:00Z", {"iv": value}).active == {"a": True, "b": True}
    assert ("a", "b") in {row.active for row in table_of(text).rows}


def test_a_rule_with_an_end_of_its_own_stays_active() -> None:
    kept = "rule a when x > 5 then hedge 80% {} rule b when x < 3 then hedge 20%"
    for end in ("for 3h", "until x < 1"):
        assert table_of(APART.format(kept.format(end))).left_out == 0


# --- what is said beside

SEVERAL = """\
bars 1h
assets BTC, ETH, SOL
param quiet = 30%, SOL 40%
rule calm when iv < 50% then hedge quiet
rule tense on all but SOL when iv > 80% then hedge at least 60%
rule nothing when close > 1 then hedge at least 0%
rule again when close > 2 then hedge at most 100%, alert "there"
rule told when close > 3 then alert "here"
"""


def test_assets_with_the_same_rows_share_a_table() -> None:
    both, sol = tables(rulelang.loads(SEVERAL).checked)
    assert (both.assets, sol.assets) == (("BTC", "ETH"), ("SOL",))
    assert [name for name, _ in sol.rules] == ["calm", "nothing", "again"]
    assert words(both, "calm") == "30%" and words(sol, "calm") == "40%"
    assert [table.assets for table in tables(rulelang.loads(SEVERAL).checked, (), ("ETH", "SOL"))] == [
        ("ETH",),
        ("SOL",),
    ]


def test_rules_that_change_nothing_are_named() -> None:
    both, _ = tables(rulelang.loads(SEVERAL).checked)
    assert (both.idle, both.alerting) == (("nothing", "again"), ("told",))
    hidden = "rule one when close > 9 then hedge 30% rule other when close > 1 then hedge 30%"
    assert table_of(hidden).idle == ()
    assert table_of(hidden + " otherwise hedge 30%").idle == ("one", "other")
    assert table_of("when close > 1 then hedge 30% at once otherwise hedge 30%").idle == ()


def test_named_rules_are_combined_and_the_others_inactive() -> None:
    found = table_of(MATRIX, "fourth", "second")
    assert ([name for name, _ in found.rules], found.others) == (["second", "fourth"], ("first", "third", "fifth"))
    assert words(found, "second", "fourth") == "85%"


MANY = "\n".join(
    f"rule r{at} when close > {at} for 2 of 3 periods then increase hedge by {at}% of exposure" for at in range(1, 14)
)


def test_more_than_twelve_rules_have_to_be_named() -> None:
    with pytest.raises(TableError, match="13 rules move a target, and a table combines 12 at most: name up to 12"):
        table_of(MANY)
    with pytest.raises(TableError, match="13 rules are named"):
        table_of(MANY, *(f"r{at}" for at in range(1, 14)))


def test_twelve_rules_are_quick() -> None:
    with within(4):
        found = table_of(MANY, *(f"r{at}" for at in range(1, 13)))
    assert len(found.rows) == 4096
    assert words(found, *(f"r{at}" for at in range(1, 13))) == "78%"


def test_names_that_are_not_there() -> None:
    rules = rulelang.loads(SEVERAL).checked
    with pytest.raises(TableError, match="the file has no rule `calmer`; did you mean `calm`"):
        tables(rules, ["calmer"])
    with pytest.raises(TableError, match="the rule `tense` doesn't count for SOL"):
        tables(rules, ["tense"], ["SOL"])
    with pytest.raises(TableError, match="the file has no asset `DOGE`: it has BTC, ETH, SOL"):
        tables(rules, (), ["DOGE"])
    with pytest.raises(TableError, match="it names no assets"):
        tables(rulelang.loads(MATRIX).checked, (), ["BTC"])


def test_a_chain_of_lets_deeper_than_any_stack() -> None:
    chain = "let x0 = 1 " + " ".join(f"let x{at} = x{at - 1} + 1" for at in range(1, 3000))
    found = table_of(f"{chain} rule a when close > x2999 then hedge 50% rule b when close < x2998 then hedge 60%")
    assert ("a", "b") not in {row.active for row in found.rows}


def test_lets_that_double_their_parts() -> None:
    chain = "let x0 = close > 1 " + " ".join(f"let x{at} = x{at - 1} and x{at - 1}" for at in range(1, 60))
    with within(5):
        found = table_of(f"{chain} rule a when x59 then hedge 50% rule b when close < 1 then hedge 60%")
    assert ("a", "b") not in {row.active for row in found.rows}
