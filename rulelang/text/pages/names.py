"""Pages of RL2xx: what names stand for."""

from rulelang.text.pages.record import error, warning

NAMES = (
    error(
        "RL201",
        "a name that nothing is called",
        "Every name is a market field, or something that the file declares above. A name that is neither is most "
        "likely misspelt; the message offers the closest one. The list of fields is in `docs/fields.md`. A field "
        "that is not in it has to be declared with its kind: `field sentiment : score`.",
        "when fundng_8h > 0.05% then hedge 70%\n",
        "when funding_8h > 0.05% then hedge 70%\n",
    ),
    error(
        "RL202",
        "a name used before the line that declares it",
        "A file is read from the top. A `let`, `param`, `field` or `target` counts from its own line on, and `is "
        "active` asks rules above only. So no name can mean itself, and no two rules can wait for each other. Move "
        "the line up.",
        "when close < trend then hedge 50%\nlet trend = sma(close, 200)\n",
        "let trend = sma(close, 200)\nwhen close < trend then hedge 50%\n",
    ),
    error(
        "RL203",
        "an event that is not declared",
        "`within 24h before cpi` needs a line `event cpi`. If any word would do, a slip of the pen would leave the "
        "portfolio without its protection on the day of the release, and no message would say so. Declare the event, "
        "or take the name that is offered. The dates may stand in the file or come from a calendar file at run time.",
        "event cpi\nwhen within 24h before cpi then hedge 80%\nwhen within 2h after nfp then hedge 80%\n",
        "event cpi\nevent nfp\nwhen within 24h before cpi then hedge 80%\nwhen within 2h after nfp then hedge 80%\n",
    ),
    error(
        "RL204",
        "a function that doesn't exist",
        "The functions are listed in `docs/functions.md`; a file can't define its own. Names from other languages "
        "differ: `crossover(a, b)` is `a crosses above b` here, `barssince(c)` is `periods_since(c)`. A `let` or a "
        "field takes no arguments, so a parenthesis behind its name is this mistake too.",
        "when close > smaa(close, 200) then hedge 50%\n",
        "when close > sma(close, 200) then hedge 50%\n",
    ),
    error(
        "RL205",
        "too many or too few arguments",
        "Each function takes the arguments that its signature shows, in that order. A window is never guessed: a "
        "moving average over 20 bars and one over 200 give opposite advice. The message shows the signature.",
        "when close > sma(close) then hedge 50%\n",
        "when close > sma(close, 200) then hedge 50%\n",
    ),
    error(
        "RL206",
        "`at_trigger` before there is a trigger",
        "`at_trigger(x)` is the value that x had when the rule became active. It has a meaning in `until`, in "
        "actions and in texts. In the condition that starts the rule there is no such moment yet. To look back a "
        "number of bars there, use `previous(x, n)`.",
        "when close < at_trigger(close) then hedge 50%\n",
        "when close < previous(close, 24) then hedge 50%\n",
    ),
    error(
        "RL207",
        "something that stands twice",
        "A name means one thing in a file, a file has one `bars` and one `assets`, a target has one `otherwise` and "
        "one brake of each kind for a direction. With two, the reader would have to guess which one counts. Rename "
        "one, or take one out. Names of market fields are taken from the start.",
        "rule calm when iv < 40% then hedge 20%\nrule calm when iv < 60% then hedge 40%\n",
        "rule calm when iv < 60% then hedge 40%\nrule very_calm when iv < 40% then hedge 20%\n",
    ),
    error(
        "RL208",
        "a field that is declared in a way that can't work",
        "A field beyond the catalogue needs its kind, because the kind decides what may be done with it. The kinds "
        "are number, ratio, rate, price, coins, money, score, duration and time, or at least two words, `bearish | "
        "bullish`. A rate says per what: `rate per 8h`, or it takes its `every`. The kind of a field of the "
        "catalogue is given; only its cadence and limits can be declared.",
        "field outlook : bearish\n",
        "field outlook : bearish | bullish\nwhen outlook is bearish then hedge 70%\n",
    ),
    error(
        "RL209",
        "a test that can't pass or fail",
        "A test lists what is given and what is expected. It needs at least one `expect`. Counts are whole numbers, "
        "a rule is active with `yes` or `no`, a position takes one value, and a field of words takes its own words. "
        "A test that expects nothing is always green and proves nothing.",
        "bars 1h\nwhen close > 10 then hedge 50%\ntest goes_above\n  given close = 9, 11\n",
        "bars 1h\nwhen close > 10 then hedge 50%\ntest goes_above\n  given close = 9, 11\n  expect hedge = 0%, 50%\n",
    ),
    warning(
        "RL210",
        "a name that nothing uses",
        "A `param`, `let` or `event` that no rule reads changes no decision. Often it is a slip: the rule reads "
        "another name, or a threshold was written a second time as a number. Use it, or take the line out.",
        "let trend = sma(close, 200)\nwhen close < sma(close, 100) then hedge 50%\n",
        "let trend = sma(close, 200)\nwhen close < trend then hedge 50%\n",
    ),
)
