"""Two rule files with every form of condition and every brake, and a few days of market for each to be asked about."""

import math

LEAVES = """\
assets BTC
bars 1h
field outlook : bearish | neutral | bullish valid for 7d
param crowded = 0.03% in 0.01% .. 0.1%
event cpi at 2024-01-03T13:30Z
target hedge between 0% and 120% change at least 10% cooldown 8h
let trend = sma(close, 3)@1d
let weak = close@1d < trend or outlook is bearish

rule crowded_longs when funding_8h > crowded for 3 periods then hedge 80%
rule ranging when close between 90 and 110 then increase hedge by 5% of exposure
rule broken
  when close crosses below 100
  then hedge at least 75%
  until close > at_trigger(close) * 105% for 5 periods
  because "close fell to {at_trigger(close)}"
rule slide when close falls 10% over 24h then hedge at least 60%
rule climbs when close rises 2% from previous(close, 2) then reduce hedge by 10% of level
rule release when within 24h before cpi then hedge at least 90%
rule aftermath when within 3h after cpi then hedge at least 30%
rule year_end when within 2w before 2024-12-31 then hedge at least 30%
rule weekly when every 7d then freeze hedge for 2h
rule unpriced when iv is missing and outlook is known then hedge at most 95%
rule leaning when weak and not (iv > 80% and funding_8h > 0.05%) then increase hedge by 10% of level
rule mostly when close < 101 for 3 of 5 periods then hedge at least 20%
rule calm when not broken is active and (outlook is neutral for 2 periods of 1d) then hedge 10%
rule spread when close - trend > 2 * stdev(close, 24) then hedge 0%
rule daily when close@1d > 100 for 2 periods then hedge 30% for 12h
rule aged when hedge.age > 24h and time > 2024-01-02 then hedge at most 100%
otherwise hedge 50%
"""

BRAKES = """\
bars 1h
target hedge between 20% and 80% change at least 10% step at most 25% up cooldown 3h
rule low when close < 100 then hedge 60%
rule lower when close < 90 then hedge 95%
rule nudge when close between 100 and 102 then increase hedge by 5% of exposure
rule guard when close < 85 then hedge at least 70%
rule guard_too when close < 85 then hedge between 70% and 75%
rule ceiling when close > 110 then hedge at most 25%
rule doubtful when iv > 50% then hedge iv - 10%
rule hold when close > 120 then freeze hedge
rule after_hold when close > 121 then increase hedge by 10% of exposure
rule broken when close crosses below 95 then alert "at {close}" until close > 97 for 3 periods
rule pause when close crosses above 115 then reduce hedge by 10% of level for 4h
otherwise hedge 30%
"""

_FALL = (105, 101, 99, 98, 97, 96, 94, 93, 98, 97, 89, 83, 84, 99, 101, 111)
_CLOSES = (*_FALL, 116, 118, 119, 122, 123, "", -5, 99, 104, 104)


def leaves_market() -> str:
    """Return five days of hours: a slow fall with waves, funding that rises, an outlook that turns, one `iv`."""
    rows = ["open_time,close,funding_rate,interval_hours,outlook,iv"]
    for hour in range(120):
        close = round(104 - hour * 0.06 + 5 * math.sin(hour / 7), 2)
        rate = "" if hour % 8 else "0.0002" if hour < 40 else "0.0006"
        outlook = {0: "neutral", 30: "bearish"}.get(hour, "")
        time = f"2024-01-{1 + hour // 24:02}T{hour % 24:02}:00Z"
        rows.append(f"{time},{close},{rate},{8 if rate else ''},{outlook},{0.7 if hour == 1 else ''}")
    return "\n".join(rows) + "\n"


def brakes_market() -> str:
    """Return a day of hours: a fall, a rise beyond the cap, then no close, one below 0, an `iv` that goes missing."""
    rows = ["close_time,close,iv"]
    for hour, close in enumerate(_CLOSES):
        day, rest = divmod(hour, 24)
        rows.append(f"2024-01-{1 + day:02}T{rest:02}:00Z,{close},{0.6 if hour == 24 else '' if hour > 20 else 0.4}")
    return "\n".join(rows) + "\n"
