"""Pages of RL4xx: bars, clocks, windows and dates."""

from rulelang.text.pages.record import error, warning

CLOCKS = (
    error(
        "RL401",
        "a duration in a file that doesn't say how long a bar is",
        "`24h` is 24 bars of an hour or 3 bars of 8 hours. A window, a `@` or an `every` that is a duration has to be "
        "counted in bars, so the file needs the base period: a line such as `bars 1h`. Counts of bars, "
        "`change(close, 24)`, need none; then the period may come from the data or from the caller.",
        "when change(close, 24h) < -5% then hedge 70%\n",
        "bars 1h\nwhen change(close, 24h) < -5% then hedge 70%\n",
    ),
    error(
        "RL402",
        "a longer bar that isn't made of whole bars",
        "A bar of `@90m` can't be made of bars of an hour: one of them would be cut in half. The duration behind "
        "`@`, `every` and `periods of` is a multiple of the base period. Take a multiple, or shorter bars.",
        "bars 1h\nwhen close@90m > 65_000 USD then hedge 50%\n",
        "bars 1h\nwhen close@2h > 65_000 USD then hedge 50%\n",
    ),
    error(
        "RL403",
        "`@` inside `@`",
        "`sma(close, 5)@1d` is the average of five daily closes: `@1d` already says on which bars everything inside "
        "is computed. A second `@` inside would be ambiguous. Keep the outer one. A `let` that has a `@` can't stand "
        "inside another `@` either.",
        "bars 1h\nwhen sma(close@1d, 5)@1d > 65_000 USD then hedge 50%\n",
        "bars 1h\nwhen sma(close, 5)@1d > 65_000 USD then hedge 50%\n",
    ),
    error(
        "RL404",
        "a window or span that doesn't fit its clock",
        "A window is a whole number of periods, or a duration that is a whole number of them. Funding comes every 8 "
        "hours, so 12 hours of it are one settlement and a half. The message names the clock and the durations that "
        "fit. A count says of what: `for 3 periods`, where a duration stands alone: `for 24h`.",
        "bars 1h\nwhen change(funding_8h, 12h) > 10% then hedge 50%\n",
        "bars 1h\nwhen change(funding_8h, 16h) > 10% then hedge 50%\n",
    ),
    error(
        "RL405",
        "a duration of nothing",
        "A span, a cooldown or a longer bar lasts a whole number of seconds, more than none. This comes from a param "
        "or from arithmetic, as in `8h - 8h`. Give it a real length.",
        "bars 1h\nparam wait = 8h - 8h\nwhen close > 65_000 USD for wait then hedge 50%\n",
        "bars 1h\nparam wait = 8h\nwhen close > 65_000 USD for wait then hedge 50%\n",
    ),
    error(
        "RL406",
        "a window that is too long",
        "A window has at most 1,000,000 periods, and all windows of a file keep at most 256 MiB of state. A million "
        "hours are 114 years, so a longer window has no history to fill it. Shorten it, or look at longer bars: "
        "`sma(close, 200)@1d` keeps 200 numbers, where `sma(close, 4800)` on hourly bars keeps 4800.",
        "when close > sma(close, 2_000_000) then hedge 50%\n",
        "when close > sma(close, 4_800) then hedge 50%\n",
    ),
    error(
        "RL407",
        "more periods than there are",
        "`for 3 of 5 periods` asks for at least 3 true ones among the last 5. With the numbers the other way round "
        "it could never be true. Swap them.",
        "bars 1h\nwhen close > 65_000 USD for 5 of 3 periods then hedge 50%\n",
        "bars 1h\nwhen close > 65_000 USD for 3 of 5 periods then hedge 50%\n",
    ),
    error(
        "RL408",
        "`periods` of several clocks",
        "A daily close moves once a day, an hourly average every hour. `for 3 periods` of a comparison between them "
        "could mean 3 hours or 3 days, and the second is the slower rule by a factor of 24. Say which: `for 3 "
        "periods of 1d`, or a duration, `for 3h`.",
        "bars 1h\nwhen close@1d > sma(close, 5) for 3 periods then hedge 50%\n",
        "bars 1h\nwhen close@1d > sma(close, 5) for 3 periods of 1d then hedge 50%\n",
    ),
    warning(
        "RL410",
        "a `for` behind `and` or `or`",
        "`for` belongs to the comparison right before it. In `A and B for 3 periods` only B has to last, where a "
        "reader may think of both. Put parentheses around what has to last: `(A and B) for 3 periods`, or around the "
        "last part: `A and (B for 3 periods)`.",
        "bars 1h\nwhen close > 65_000 USD and volume > 100 BTC for 3 periods then hedge 50%\n",
        "bars 1h\nwhen (close > 65_000 USD and volume > 100 BTC) for 3 periods then hedge 50%\n",
    ),
    warning(
        "RL411",
        "a `within` that is shorter than a bar",
        "Rules are asked at the close of each bar. With bars of an hour, the closes are an hour apart, so `within "
        "30m` of a release at 13:30 is asked at 13:00 and 14:00 and may miss it altogether. Make the distance at "
        "least one bar, or the bars shorter.",
        "bars 1h\nevent cpi\nwhen within 30m before cpi then hedge 90%\n",
        "bars 1h\nevent cpi\nwhen within 2h before cpi then hedge 90%\n",
    ),
    warning(
        "RL412",
        "a field that comes more often than a bar",
        "Funding settles every 8 hours; on bars of a day only one of the three settlements counts as the bar's "
        "observation, so `for 3 periods` means three days, not one. Use bars that are no longer than the time between "
        "two publications, and put slower things on longer bars with `@1d`.",
        "bars 1d\nwhen funding_8h > 0.05% for 3 periods then hedge 70%\n",
        "bars 8h\nwhen funding_8h > 0.05% for 3 periods then hedge 70%\n",
    ),
    warning(
        "RL413",
        "an event without a date in the future",
        "All dates of the event are past. In a backtest that is as it should be. Run live, the rule that waits for "
        "it will never act again, and the protection is gone without a word. Add the next dates, or give a calendar "
        "file when the rules run. (This page's example is checked on 2026-01-01.)",
        "event cpi at 2025-12-10T13:30Z\nwhen within 24h before cpi then hedge at least 80%\n",
        "event cpi at 2025-12-10T13:30Z, 2026-01-13T13:30Z\nwhen within 24h before cpi then hedge at least 80%\n",
    ),
)
