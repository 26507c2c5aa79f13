"""Pages of RL3xx: values of kinds that don't go together."""

from rulelang.text.pages.record import error

KINDS = (
    error(
        "RL301",
        "two kinds that don't go together",
        "Every value has a kind: a price, a ratio, a rate, coins, money, a score and so on. A price can't be "
        "compared with 5%, an RSI is a score from 0 to 100 and not a percentage, and two prices can't be multiplied. "
        "The message names both kinds. To compare a price with a percentage, say of what: `close / sma(close, 20) > "
        "105%`, or `change(close, 24) > 5%`. Currencies count too: USD, USDT and USDC go together, EUR does not go "
        "with them.",
        "when close > 5% then hedge 50%\n",
        "when change(close, 24) > 5% then hedge 50%\n",
    ),
    error(
        "RL302",
        "a bare number where a percentage belongs",
        "A funding rate of `0.05` would be 5% every 8 hours. The usual hot rate is `0.05%`, a hundredth of that. A "
        "rule with the first number never acts, and a `hedge 0.7` might mean 70% or 0.7%. So a number beside a ratio "
        "or a rate needs its `%`. Zero needs none. Choose the repair that is meant; where both are possible both are "
        "offered.",
        "when funding_8h > 0.05 then hedge 70%\n",
        "when funding_8h > 0.05% then hedge 70%\n",
    ),
    error(
        "RL303",
        "a value where a condition belongs, or the other way round",
        "What follows `when`, `until`, `and`, `or` and `not` is true or false, so a value alone doesn't fit: compare "
        "it with something. A word is asked with `is`, an event with `within`, a rule with `is active`. A condition "
        "can't be added, or given to a function that takes a value.",
        "when rsi(close, 14) then hedge 50%\n",
        "when rsi(close, 14) > 70 then hedge 50%\n",
    ),
    error(
        "RL304",
        "a number that the function doesn't take",
        "Some numbers of a function have a range of their own: the `p` of `percentile` goes from 0 to 100. A number "
        "outside has no meaning there. `percentile(x, 90, n)` is the value below which 90% of the window lie.",
        "when close > percentile(close, 110, 720) then hedge 50%\n",
        "when close > percentile(close, 90, 720) then hedge 50%\n",
    ),
    error(
        "RL305",
        "a value that has to stand in the file",
        "Bounds of a target, brakes, limits and params are the fixed frame in which rules decide. They are numbers, "
        "params or arithmetic with them, and can't move with the market: a bound that moves bounds nothing. For a "
        "cap that follows the market, write a rule with `hedge at most …`.",
        "target hedge between 0% and rank(iv, 720)\nwhen iv > 80% then hedge 70%\n",
        "target hedge between 0% and 100%\nwhen iv > 80% then hedge 70%, hedge at most rank(iv, 720)\n",
    ),
    error(
        "RL306",
        "a value that a param can't have",
        "A param takes values of its kind, within its limits where it has some. That holds for the value in the file "
        "and for every value from outside. So a sweep, or a slip on the command line, can't put a threshold where "
        "nobody wanted it. Change the value or the limits; a value for a param that the file doesn't have is this "
        "mistake too.",
        "param crowded = 0.5% in 0.02% .. 0.15%\nwhen funding_8h > crowded then hedge 70%\n",
        "param crowded = 0.05% in 0.02% .. 0.15%\nwhen funding_8h > crowded then hedge 70%\n",
    ),
)
