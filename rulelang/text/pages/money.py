"""Pages of RL5xx: targets, brakes, and rules that would cost money."""

from rulelang.text.pages.record import error, warning

MONEY = (
    error(
        "RL501",
        "limits that hold nothing",
        "Bounds and limits are written from the lower end to the higher. Between 100% and 0% there is no value, so "
        "no decision could be right. Swap the ends.",
        "target hedge between 100% and 0%\nwhen close > 65_000 USD then hedge 50%\n",
        "target hedge between 0% and 100%\nwhen close > 65_000 USD then hedge 50%\n",
    ),
    error(
        "RL502",
        "a moment that is asked to last",
        "A crossing is true on the one bar on which it happens. Two bars in a row with a crossing in the same "
        "direction can't be, so `crosses above … for 2 periods` would never be true. Ask for the state that it "
        "begins, with `>` or `<`, or for a crossing within a while: `for 1 of 5 periods`.",
        'when close crosses above 65_000 USD for 2 periods then alert "above"\n',
        'when close > 65_000 USD for 2 periods then alert "above"\n',
    ),
    error(
        "RL503",
        "a hedge that would be undone one bar later",
        "A line counts while its rule is active, and only then. A rule that starts with a crossing and has no end is "
        "active for one bar: it would sell, and buy back an hour later, and pay fees twice. Say how long it lasts, "
        "`then hedge 80% for 3d`, or until when, `until close > …`. An `alert` needs no end.",
        "bars 1h\nwhen close crosses below 60_000 USD then hedge 80%\n",
        "bars 1h\nwhen close crosses below 60_000 USD then hedge 80% until close > 62_000 USD\n",
    ),
    error(
        "RL504",
        "a target without usable bounds",
        "Every target lies between two bounds, whatever the rules and the data say; that is what makes it safe to "
        "act on. `hedge` has 0% to 100% from the start. Every other target says its own, and their kind is the "
        "target's kind: a number, a ratio, a price, coins or money.",
        "target leverage\nwhen iv > 80% then hedge 70%\n",
        "target leverage between 0 and 3\nwhen iv > 80% then hedge 70%, leverage 1\n",
    ),
    error(
        "RL505",
        "a brake that doesn't brake",
        "`change at least`, `step at most` and `cooldown` take more than nothing. A step of at most 0% would never "
        "move, a band of 0% would hold nothing back. Give the brake a size, or leave it out.",
        "target hedge change at least 0%\nwhen iv > 80% then hedge 70%\n",
        "target hedge change at least 5%\nwhen iv > 80% then hedge 70%\n",
    ),
    error(
        "RL506",
        "a target that is given its own value",
        "`hedge hedge + 10%` would add 10 points on every bar until the bound is reached, within ten hours on hourly "
        "bars. To move the level by a fixed amount while the rule is active, write `increase hedge by 10% of "
        "exposure`: it counts once, however long the rule lasts. To keep what is in force, write `freeze hedge`.",
        "when iv > 80% then hedge hedge + 10%\n",
        "when iv > 80% then increase hedge by 10% of exposure\n",
    ),
    error(
        "RL507",
        "a change that doesn't say of what",
        "From a level of 60%, an increase by 25% is 85% if it means points of exposure, and 75% if it means a "
        "quarter of the level. Say which: `of exposure` or `of level`. Targets that are no ratios, such as coins, "
        "take a plain amount.",
        "when iv > 80% then increase hedge by 25%\n",
        "when iv > 80% then increase hedge by 25% of exposure\n",
    ),
    warning(
        "RL508",
        "a rule that reads the target it sets",
        "The rule changes the hedge, which changes its own condition, which ends the rule, which changes the hedge "
        "back: it may flip on every bar and pay fees each time. Ask for what lies behind it: a price, a rate, a "
        "volatility. Reading `hedge.age` or `hedge.price` is fine.",
        "when hedge < 50% then hedge 60%\n",
        "when iv > 80% then hedge at least 60%\n",
    ),
    warning(
        "RL509",
        "a comparison that is never, or always, true",
        "A window includes the present bar, so `close > highest(high, 20)` can't be: the close is never above the "
        "high of its own bar. A z-score over 10 values never exceeds 3, and an RSI is never above 100. A rule that "
        "waits for such a thing looks like protection and never acts. Compare with the bars before, "
        "`previous(highest(high, 20), 1)`, or take a threshold within reach.",
        "when close > highest(high, 20) then hedge 20%\n",
        "when close > previous(highest(high, 20), 1) then hedge 20%\n",
    ),
    warning(
        "RL510",
        "a threshold far from what the field ever is",
        "`funding_8h > 40%` would be 40% every 8 hours. What was meant is most likely 40% a year, which is 0.037% "
        "per 8 hours. The rule would never act. Write the period, `40% per 1y`, or the value that fits. The "
        "plausible range of each field is in `docs/fields.md`.",
        "when funding_8h > 40% then hedge 70%\n",
        "when funding_8h > 40% per 1y then hedge 70%\n",
    ),
    warning(
        "RL511",
        "an exit that is true where the entry is",
        "The rule starts above 0.05% and ends below 0.08%: at 0.06% both are true, so it ends on the bar after it "
        "began, and starts again later. An exit lies on the far side of its entry, with some room between them, so "
        "that the rule doesn't flap.",
        "when funding_8h > 0.05% then hedge 80% until funding_8h < 0.08%\n",
        "when funding_8h > 0.05% then hedge 80% until funding_8h < 0.01%\n",
    ),
    warning(
        "RL512",
        "a percentile given as a fraction",
        "The `p` of `percentile` is in percent, from 0 to 100. `percentile(close, 0.9, 720)` is the value below "
        "which 0.9% of the window lie, nearly its lowest, where 90% was most likely meant. Write `90`.",
        "when close > percentile(close, 0.9, 720) then hedge 50%\n",
        "when close > percentile(close, 90, 720) then hedge 50%\n",
    ),
    warning(
        "RL513",
        "less hedge when shorts are paid",
        "A positive funding rate is paid by longs to shorts. The short that hedges receives it, so while funding is "
        "positive a lower hedge earns less. A rule that lowers the hedge then has most likely the sign the wrong way "
        "round. Lower it when funding is negative, when the short pays, or raise it when it is positive.",
        "when funding_8h > 0.05% then reduce hedge by 20% of exposure\notherwise hedge 60%\n",
        "when funding_8h < -0.05% then reduce hedge by 20% of exposure\notherwise hedge 60%\n",
    ),
    warning(
        "RL514",
        "a level, floor or cap outside the target's bounds",
        "Bounds always win, so a floor of 120% on a hedge that goes to 100% holds at 100%. Whoever wrote the rule "
        "expects more protection than there is. Lower the value, or declare wider bounds: `target hedge between 0% "
        "and 120%`.",
        "when iv > 100% then hedge at least 120%\n",
        "target hedge between 0% and 120%\nwhen iv > 100% then hedge at least 120%\n",
    ),
)
