"""What the formatter makes of ugly files: each golden holds a file as it was written, and as it is laid out."""

import pytest

from rulelang.syntax.formatter import formatted
from rulelang.text import RuleError, Source
from tests import golden

UGLY = {
    "in-a-hurry": """\


assets   BTC,ETH
bars 1h
target hedge between 0% and 120%   change at least 10%    cooldown 8h
event cpi at 2026-12-10T13:30Z,2027-01-13T13:30Z
field outlook:bearish|neutral|bullish   valid for 7d



param crowded=0.05%,ETH 0.06%   in 0.02%..0.15%
let trend=sma( close,200 )@1d
when funding_8h>crowded for 3 periods then hedge 80% rule trend_broken
 on ETH when close@1d<trend*98%-( -5 USD ) for 2 periods then hedge at least 75%,alert "at {close}" at once for 3d \
until close > at_trigger( trend ) because "two   closes"
otherwise hedge 60%
test crowding given bars 8h given from 2026-12-10 given event cpi   at 2026-12-11T13:30Z given param crowded=0.04%
given BTC . funding_8h=0.01% x 2,0.06% x 4 restart   at 3
 expect BTC.hedge=60% x 4,80% x 2 expect active ETH.trend_broken=no x 6
""",
    "one-line": "when   funding_8h>0.05%   for 3 periods\tthen hedge 70%   ",
    "long-lines": """\
event fomc at 2026-12-09T19:00Z, 2027-01-27T19:00Z, 2027-03-17T18:00Z, 2027-04-28T18:00Z, 2027-06-16T18:00Z
target hedge between 0% and 120% change at least 10% step at most 25% up step at most 50% down \
cooldown 8h up cooldown 24h down
let strength = clamp(0.5 * rank(close, 200) + 0.3 * rank(volume, 200) + 0.2 * rank(open_interest, 200), 10%, 100%) * 100
when funding_8h > 0.05% for 3 periods and close > sma(close, 200) and (rsi(close, 14) > 75 or iv > 120%) then hedge 70%
when funding_8h > 0.05% then hedge 70%, alert "longs pay {funding_8h} and have paid it for a day or longer"
rule everything
  when funding_8h > 0.05% and close > sma(close, 200) \
or iv rises 25% over 3d and (close falls 15% over 7d or change(close, 24h) < -9% or predicted_funding_8h < -0.03%)
  then increase hedge by 25% of exposure, leverage at most 2, alert "it gave way at {close}", \
spot_weight between 20% and 50% at once for 30 periods of 1d
  because "a text in quotes is never broken, however long it is, because white space counts there: even up to here"
test long
  given funding_8h every 8h = 0.01% x 20, 0.02% x 20, 0.03% x 20, 0.04% x 20, 0.05% x 20, 0.06% x 20, 0.07% x 20, 0.08%
  expect hedge = 50% x 31, 80% x 24, 50%
""",
    "comments": """\
#!/usr/bin/env rulelang
# What this file is for.


# Assets and bars ----


bars 1h   # hourly
     # of BTC

param crowded = 0.03%  # a settlement
param calm = 0.015%    # three in a row are no accident
# param wild = 1%
let trend = sma(close, 100)@1d



# crowded: longs pay

# the hedge earns it
rule crowded_longs  # in rallies
  when funding_8h > crowded   # a settlement
    for 3 periods   # a day
       and # trend is up
     close > trend
  # half would do as well
  then hedge 80%,   # most of it
    alert "crowded"
  # until funding_8h < 0%
  until funding_8h < calm   # not earlier
  # because "longs pay"
# goes on

rule calm_market
  when funding_8h < calm
  then hedge 30%
  # because "nobody pays"
# the last word
otherwise hedge 50%
  # nothing below

# the end
""",
    "only-comments": "\n\n  # nothing\n  # yet\n\n\n# but this\n\n",
}


@pytest.mark.parametrize("name", UGLY)
def test_layout(name: str) -> None:
    text = UGLY[name]
    golden.check(f"formatter/{name}.txt", f"{text}\n{'=' * 100}\n{formatted(Source(name, text))}")


def test_a_file_of_nothing_stays_one() -> None:
    assert formatted(Source("empty", "")) == formatted(Source("blank", " \n\t\n")) == ""


def test_a_mistake_of_syntax_is_raised_with_its_place() -> None:
    with pytest.raises(RuleError, match=r"my\.rules:2:6: error\[RL103\]"):
        formatted(Source("my.rules", "bars 1h\nwhen then hedge 5%\n"))


def test_names_may_be_unknown_and_kinds_wrong() -> None:
    assert formatted(Source("my.rules", "when nothing>5% then nowhere 3")) == "when nothing > 5% then nowhere 3\n"
