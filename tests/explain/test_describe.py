"""Rule files in plain English: whole files as goldens, every construct by example, and what always holds."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from rulelang.check import CheckedRules, Outside, check
from rulelang.explain.describe import Description, described
from rulelang.kinds import parse_duration
from rulelang.syntax import printed, tree
from rulelang.text import Source
from tests import golden
from tests.strategies import files, grounds
from tests.strategies.files import Written

RULES = Path(__file__).parents[2] / "rules"

EXAMPLE = """\
assets BTC
bars 1h

target hedge between 0% and 120% change at least 10% cooldown 8h

event cpi
param crowded = 0.05% in 0.02% .. 0.15%
let trend = sma(close, 200)@1d
let shelf = value_area_low(30d)

when funding_8h > crowded for 3 periods then hedge 80%

rule trend_broken
  when close@1d < trend for 2 periods
  then hedge at least 75%
  because "two daily closes under the 200-day average"

rule support_broken
  when close crosses below shelf
  then increase hedge by 25% of exposure
  until close > at_trigger(shelf) for 5 periods of 1d
  because "the volume shelf at {shelf} gave way"

rule release_risk
  when within 24h before cpi then hedge at least 90%

otherwise hedge 60%
"""


def checked(text: str, bars: int | None = None) -> CheckedRules:
    checking = check(Source("sample.rules", text), outside=Outside(bars=bars))
    assert checking.rules is not None, [str(one) for one in checking.diagnostics]
    return checking.rules


def told(text: str) -> str:
    return "\n".join(described(checked(text)).text()) + "\n"


def section(found: Description, title: str) -> list[str]:
    return [line.text for one in found.sections if one.title == title for line in one.lines]


# Whole files ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", sorted(RULES.glob("*.rules")), ids=lambda path: path.stem)
def test_the_strategies(path: Path) -> None:
    golden.check(f"describe/{path.stem}.txt", told(path.read_text("utf-8")))


def test_the_example_of_the_language() -> None:
    golden.check("describe/example.txt", told(EXAMPLE))
    golden.check("describe/example.md", "\n".join(described(checked(EXAMPLE)).markdown()) + "\n")


def test_the_smallest_file() -> None:
    golden.check("describe/smallest.txt", told("when funding_8h > 0.05% for 3 periods then hedge 70%"))


def test_an_empty_file_runs_for_nothing_else() -> None:
    assert [one.title for one in described(checked("")).sections] == ["What the rules run for"]


def test_a_change_of_one_number_changes_one_line() -> None:
    before, after = told(EXAMPLE).splitlines(), told(EXAMPLE.replace("at least 90%", "at least 85%")).splitlines()
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        ("  It keeps `hedge` at or above 90% (a floor).", "  It keeps `hedge` at or above 85% (a floor).")
    ]


# Conditions ───────────────────────────────────────────────────────────────────────────────────────────────────────────

GROUND = """\
assets BTC
bars 1h
field outlook : bearish | neutral | bullish valid for 7d
field flow : money every 8h
param level = 100 USD
param n = 3
event cpi
let calm = iv < 50%
rule early when close > 1 USD then alert "x"
"""

CONDITIONS = {
    "close >= sma(close, 20)": "the close is at or above the average of the last 20 hourly closes (20 hours)",
    "close < level": "the close is below `level` (100 USD)",
    "100 USD < close": "the close is above 100 USD",
    "sma(close, n) > 5": "the average of the last three hourly closes (3 hours, set by `n`) is above 5",
    "sma(high - low, 24h) > 5": "the average of (the high minus the low) over the last 24 bars (24 hours) is above 5",
    "sma(ETH.close, 2)@1d > 5": "the average of the last two daily closes of ETH (2 days) is above 5",
    "ema(close, 12) crosses above ema(close, 26)": (
        "the exponential average of the close over twelve bars (12 hours) crosses above "
        "the exponential average of the close over 26 bars (26 hours)"
    ),
    "close between 90 and level": "the close is between 90 and `level`, both included",
    "funding_8h > 40% per 1y": (
        "the settled funding rate is above 40% per year (longs pay shorts: the short hedge receives it)"
    ),
    "funding_8h > -0.01%": (
        "the settled funding rate is above -0.01% per 8 hours (shorts pay longs less than that, or longs pay shorts)"
    ),
    "predicted_funding_8h < 0%": (
        "the estimate of the next funding rate is below 0% per 8 hours "
        "(shorts would pay longs: the short hedge would pay it)"
    ),
    "ETH.funding_8h > 0.1%": "the settled funding rate of ETH is above 0.1% per 8 hours",
    "funding_8h > predicted_funding_8h": "the settled funding rate is above the estimate of the next funding rate",
    "sum(funding_8h, 7d) < -0.5%": (
        "the sum of the last 21 settled funding rates (7 days) is below -0.5% "
        "(shorts pay longs: the short hedge pays it)"
    ),
    "annualised(funding_8h) > 20%": (
        "the yearly equivalent of the settled funding rate is above 20% (longs pay shorts: the short hedge receives it)"
    ),
    "annualised(basis(), expiry - time) > 10%": (
        "the yearly equivalent of the premium of the dated future over spot earned over "
        "(the time from the present time to the expiry of the dated future) is above 10%"
    ),
    "funding_8h < 0.01% for 3 periods": (
        "the settled funding rate is below 0.01% per 8 hours (longs pay shorts less than that, or shorts pay longs) "
        "for three settlements in a row (24 hours)"
    ),
    "close > 5 for 48h": "the close is above 5 for 48 bars in a row (2 days)",
    "close > 5 for n periods": "the close is above 5 for three bars in a row (3 hours, set by `n`)",
    "close > 5 for 3 of 5 periods": "the close is above 5 in three or more of the last five bars (5 hours)",
    "close@1d > 5 for 2 periods": "the daily close is above 5 for two completed days in a row",
    "low@8h > 5 for 2 periods": "the 8-hour low is above 5 for two completed periods of 8 hours in a row (16 hours)",
    "close > sma(close, 9)@1d for 2 periods of 1d": (
        "the close is above the average of the last nine daily closes (9 days), "
        "at the end of each of the last two completed days"
    ),
    "close > 5 for 1 of 2 periods of 1d": (
        "the close is above 5, at the end of one or more of the last two completed days"
    ),
    "(not close > 5) for 2 periods": "(it is not true that the close is above 5) for two bars in a row (2 hours)",
    "not close > 5 for 2 periods": "it is not true that (the close is above 5 for two bars in a row (2 hours))",
    "close rises 15% over 24h": "the close has risen by 15% or more over the last 24 bars (24 hours)",
    "flow falls 15% over 3 periods": "`flow` has fallen by 15% or more over the last three publications (24 hours)",
    "close moves 5% over 1 period": "the close has moved, up or down, by 5% or more over the last bar (1 hour)",
    "close rises 5% from level": "the close is 5% or more above `level` (100 USD)",
    "close moves 5% from 100": "the close is 5% or more away from 100, on either side",
    "close is missing": "the close is missing",
    "(close > 5) is known": "it is known whether the close is above 5",
    "outlook is bearish": "`outlook` is bearish",
    "early is active": "the rule `early` is active",
    "calm": "`calm` holds",
    "calm@1d": "`calm` on daily bars holds",
    "not calm": "`calm` does not hold",
    "iv@1d > 80%": "implied volatility at the end of the last completed day is above 80%",
    "within 24h before cpi": "it is at most 24 hours before the event `cpi`",
    "within 24h after cpi": "it is less than 24 hours after the event `cpi`",
    "within 7d before expiry": "it is at most 7 days before the expiry of the dated future",
    "within 24h before 2026-12-10T08:30-05:00": "it is at most 24 hours before 13:30 UTC on 10 December 2026",
    "hedge.age > 8h": "the time since `hedge` last changed is longer than 8 hours",
    "close < hedge.entry * 90%": "the close is below 90% of the average entry price of the position behind `hedge`",
    "hedge.actual < hedge": "the real `hedge` is below the `hedge` in force",
    "close < hedge.price": "the close is below the close at the last change of `hedge`",
    "time > 2026-12-24 + 8h": "the present time is after 8 hours after 00:00 UTC on 24 December 2026",
    "expiry - 2d < time": "2 days before the expiry of the dated future is before the present time",
    "mark / index - 1 > 0.5%": "(the mark price divided by the index price) minus 100% is above 0.5%",
    "close > level * (1 + 5%)": "the close is above `level` times (100% plus 5%)",
    "high - low > atr(9) * 3": (
        "the high minus the low is above 3 times the average true range over nine bars (9 hours)"
    ),
    "-zscore(close, 48) > 2": "minus (the z-score of the close over the last 48 bars (2 days)) is above 2",
    "count(close > open, 24) >= 18": (
        "the number of the last 24 bars (24 hours) in which (the close is above the open) is at or above 18"
    ),
    "periods_since(funding_8h < 0%) > 3": (
        "the number of settlements since it was last true that (the settled funding rate is below 0% per 8 hours "
        "(shorts pay longs: the short hedge pays it)) is above 3"
    ),
    "if(close > open and iv > 50%, high, low) > 5": (
        "(the high if (both (the close is above the open) and (implied volatility is above 50%)), otherwise the low) "
        "is above 5"
    ),
    "max(spot, index, mark) > 5": "the maximum of the spot price, the index price and the mark price is above 5",
    "clamp(close, 1, 65_000.5) > 5": "the close kept between 1 and 65,000.5 is above 5",
    "percentile(low, 12.5, 720) > close": "percentile 12.5 of the last 720 hourly lows (30 days) is above the close",
    "close > previous(high, 1)": "the close is above the high one bar (1 hour) ago",
    "rsi(close, 14)@1d > 75": "the RSI of the daily close over 14 completed days is above 75",
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions(condition: str) -> None:
    found = described(checked(f'{GROUND}rule asked when {condition} then alert "x"'))
    line = next(line for line in section(found, "Rule asked") if line.startswith("It is active while "))
    assert line == f"It is active while {CONDITIONS[condition]}."


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("1d", "it is the first bar of a day (UTC)"),
        ("8h", "it is the first bar of a period of 8 hours (UTC)"),
        ("7d", "it is the first bar of a week, from Monday (UTC)"),
        ("2w", "it is the first bar of a period of 14 days, from a Monday (UTC)"),
    ],
)
def test_every(period: str, words: str) -> None:
    assert f"It is active while {words}.\n" in told(f'bars 1h when every {period} then alert "x"')


GROUPED = """\
bars 1h
rule grouped
  when (close > 5 and (iv > 80% or not volume < 1 or (low < 2 or high > 9)) and open > 3) for 2 periods
    or not (close > 1 and open > 1)
  then hedge 50%
"""


def test_groups_have_lines_of_their_own() -> None:
    text = told(GROUPED)
    assert text[text.index("  It is active") : text.index("  It sets")] == (
        "  It is active while at least one of these holds:\n"
        "    - all of these hold for two bars in a row (2 hours):\n"
        "      - the close is above 5\n"
        "      - at least one of these holds:\n"
        "        - implied volatility is above 80%\n"
        "        - it is not true that the volume is below 1\n"
        "        - the low is below 2\n"
        "        - the high is above 9\n"
        "      - the open is above 3\n"
        "    - not all of these hold:\n"
        "      - the close is above 1\n"
        "      - the open is above 1\n"
    )


SIGNS = [
    (">", "0.05%", "longs pay shorts: the short hedge receives it"),
    (">=", "0%", "longs pay shorts, or nobody pays: the short hedge never does"),
    (">", "0%", "longs pay shorts: the short hedge receives it"),
    (">", "-0.01%", "shorts pay longs less than that, or longs pay shorts"),
    ("<", "0.05%", "longs pay shorts less than that, or shorts pay longs"),
    ("<=", "0%", "shorts pay longs, or nobody pays: the short hedge receives nothing"),
    ("<", "0%", "shorts pay longs: the short hedge pays it"),
    ("<", "-0.01%", "shorts pay longs: the short hedge pays it"),
]


@pytest.mark.parametrize(("operator", "limit", "who"), SIGNS)
def test_who_pays_funding(operator: str, limit: str, who: str) -> None:
    assert f"per 8 hours ({who})." in told(f"when funding_8h {operator} {limit} then hedge 50%")
    turned = {">": "<", ">=": "<=", "<": ">", "<=": ">="}[operator]
    assert told(f"when {limit} {turned} funding_8h then hedge 50%") == told(
        f"when funding_8h {operator} {limit} then hedge 50%"
    )


def test_nobody_is_said_to_pay_where_assets_differ_in_sign() -> None:
    text = told("assets BTC, ETH param hot = 0.1%, ETH -0.1% when funding_8h > hot then hedge 50%")
    assert "above `hot` (0.1% per 8 hours, for ETH -0.1%).\n" in text


# Actions, ends, brakes, declarations ──────────────────────────────────────────────────────────────────────────────────

ACTIONS = {
    "hedge 70%": "It sets `hedge` to 70%.",
    "hedge at least fall": "It keeps `hedge` at or above `fall` (15%) (a floor).",
    "hedge at most 30%": "It keeps `hedge` at or below 30% (a cap).",
    "hedge between 50% and 75%": "It keeps `hedge` between 50% and 75% (a floor and a cap).",
    "increase hedge by 25% of exposure": "It raises `hedge` by 25 points.",
    "reduce hedge by 1% of exposure": "It lowers `hedge` by 1 point.",
    "increase hedge by iv / 2 of exposure": "It raises `hedge` by implied volatility divided by 2, in points.",
    "reduce hedge by 25% of level": "It lowers `hedge` by 25% of the level so far.",
    "increase size by 2": "It raises `size` by 2.",
    "freeze hedge": "It freezes `hedge`: the level in force stays, unless a rule below sets another.",
    'alert "at {close}"': "It sends an alert, once each time it becomes active: “at [the close]”.",
}


def test_params_behind_spans() -> None:
    text = (
        "assets BTC, ETH bars 1h param m = 2, ETH 3 param pause = 1d "
        'rule few when close > 5 for m of 4 periods then alert "x" rule daily when every pause then alert "x"'
    )
    found = described(checked(text))
    assert section(found, "Rule few")[1] == (
        "It is active while the close is above 5 in two (for ETH three) or more of the last four bars "
        "(4 hours, set by `m`)."
    )
    assert section(found, "Rule daily")[1] == "It is active while it is the first bar of a day (UTC, set by `pause`)."


@pytest.mark.parametrize("action", ACTIONS)
def test_actions(action: str) -> None:
    text = f"param fall = 15% target size between -20 BTC and 20 BTC rule acts when close > 5 then {action}"
    assert ACTIONS[action] in section(described(checked(text)), "Rule acts")


ENDS = {
    "for 18h": ["It stays active until 18 hours (18 bars) after the last time this was true."],
    "for 2 periods": ["It stays active until two settlements (16 hours) after the last time this was true."],
    "for n periods of 1d": [
        "It stays active until three completed days (set by `n`) after the last time this was true."
    ],
    "until close < at_trigger(low)": [
        "It ends when, after its start, the close is below the value of the low at the start of the rule.",
        "After that it becomes active again only when its condition becomes true anew.",
    ],
    "for 3d until close < 1": [
        "It stays active while this is true, and until 3 days (72 bars) after the last time it was.",
        "It ends sooner when, after its start, the close is below 1.",
        "After that it becomes active again only when its condition becomes true anew.",
    ],
}


@pytest.mark.parametrize("end", ENDS)
def test_ends(end: str) -> None:
    text = f"bars 1h param n = 3 rule acts when funding_8h > 0.1% then hedge 50% {end}"
    lines = section(described(checked(text)), "Rule acts")
    start = "It becomes active when" if "until" in end else "It is active while"
    assert lines[1].startswith(start)
    assert lines[2:-1] == ENDS[end]


CLOCKS = {
    "close > 5": "It is looked at with every bar.",
    "funding_8h > 0.1%": "It is looked at with every settlement (every 8 hours), and stands in between.",
    "close@1d > 5": "It is looked at with every completed day (UTC), and stands in between.",
    "close@12h > 5": "It is looked at with every completed period of 12 hours (UTC), and stands in between.",
    "close > close@1d": "Its parts move at different times, so it is looked at with every bar.",
}


@pytest.mark.parametrize("condition", CLOCKS)
def test_clocks(condition: str) -> None:
    found = described(checked(f"bars 1h rule asked when {condition} then hedge 50%"))
    assert section(found, "Rule asked")[0] == CLOCKS[condition]


def test_brakes_by_direction() -> None:
    text = "target hedge step at most 25% down cooldown 8h up cooldown 24h down when close > 5 then hedge 50% at once"
    found = described(checked(text))
    assert section(found, "Target hedge")[3:6] == [
        "It moves down by at most 25 points a step.",
        "It waits 8 hours after each change before it goes up.",
        "It waits 24 hours after each change before it goes down.",
    ]
    assert section(found, "Rule line_1")[-1] == (
        "Where its level has the last word, it takes effect at once: no brake holds it back."
    )


SCOPES = """\
assets BTC, ETH, SOL
bars 4h
field heat : score in 0 .. 100 valid for 3h
field carry : rate per 4h every 4h
field funding_8h every 4h
param n = 2, SOL 5 in 1 .. 10
event cpi at 2026-12-10T08:30-05:00, 2026-01-08
rule few on BTC, ETH when heat > 50 for n periods then hedge 50%
rule none on all but BTC, ETH, SOL when close > 5 then hedge 10%
rule paid on all but BTC when funding_8h > 0.1% and carry > 0% then hedge 90%
otherwise on SOL hedge 20%
"""


def test_assets_that_differ() -> None:
    golden.check("describe/scopes.txt", told(SCOPES))


def test_bars_that_differ_by_asset_are_told_for_the_first() -> None:
    text = "assets BTC, ETH bars 1h param size = 1d, ETH 2d let far = low@size when close@size > far then hedge 5%"
    found = described(checked(text))
    remark = "This is told for BTC; `size`, the length of its bars, is 24 hours, for ETH 2 days."
    assert section(found, "Names") == ["`far` is the daily low.", remark]
    assert section(found, "Rule line_1")[1:3] == ["It is active while the daily close is above `far`.", remark]


def test_overrides_are_described() -> None:
    rules = checked("param n = 2 when close > 5 for n periods then hedge 50%").bound(Outside(params={"n": 4}))
    assert "for four bars in a row (set by `n`)" in "\n".join(described(rules).text())


# What always holds ────────────────────────────────────────────────────────────────────────────────────────────────────

_LEAKS = re.compile(r"None|Fraction|[<>]|object|\{|\}|tree\.|\(\)|Decimal")
_LINE = re.compile(r"line_\d+(_\d+)?")


def _described(written: Written, text: str) -> str | None:
    """Return what is said of a generated file, or nothing where it is refused."""
    outside = Outside(bars=parse_duration(written.ground.written))
    rules = check(Source("generated", text), outside=outside).rules
    return None if rules is None else "\n".join(described(rules).text())


def _names(written: Written) -> set[str]:
    declaring = tree.Rule | tree.Target | tree.Param | tree.Event | tree.Let | tree.FieldDeclaration
    found = [one.name for one in written.file.statements if isinstance(one, declaring)]
    return {name.text for name in found if name is not None}


@given(files(grounds()))
def test_every_file_has_words(written: Written) -> None:
    text = _described(written, written.text)
    if text is None:
        return
    assert not _LEAKS.search(text), text
    for name in _names(written):
        assert re.search(rf"\b{name}\b", text), name
    assert text == _described(written, written.text)
    assert all(line == line.rstrip() for line in text.splitlines())


@given(files(grounds()))
def test_form_means_nothing(written: Written) -> None:
    spread = "# a remark\n" + re.sub(r"\n", "\n\n", written.text)
    one, other = _described(written, written.text), _described(written, spread)
    assert (one and _LINE.sub("line", one)) == (other and _LINE.sub("line", other))
    assert one == _described(written, printed(written.file))


def test_a_move_begun_in_steps_goes_on_below_the_band() -> None:
    text = "target hedge change at least 10% step at most 4% when close > 5 then hedge 50% for 3 periods"
    found = described(checked(text))
    assert section(found, "Target hedge")[3] == (
        "It starts a move only of 10 points or more, or onto exactly 0% or one of its bounds; "
        "begun in steps, a move goes on while the same level is desired."
    )


def test_a_level_of_one_asset_leaves_the_other_to_the_others() -> None:
    text = "assets BTC, ETH when close > 5 then hedge 50% for 3 periods otherwise hedge 20% otherwise on ETH hedge 25%"
    found = described(checked(text))
    assert section(found, "Target hedge")[2:] == [
        "For ETH only: while no active rule sets it, it is 25%.",
        "For other assets: while no active rule sets it, it is 20%.",
    ]
    assert "While data that it needs is missing, a rule stays as it was; the time that it lasts runs on." in section(
        found, "How the rules work together"
    )
