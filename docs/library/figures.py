"""What a backtest came to, as tables and sentences: each number from the command, beside that of doing without."""

from collections.abc import Iterator, Sequence
from typing import Any

from rulelang.backtest.screen import money, percent

Numbers = dict[str, Any]
_STRATEGY, _BARE, _CONSTANT = "strategy", "no hedge", "constant hedge"
_ROWS = (
    ("return", "total_return"),
    ("return a year", "annual_return"),
    ("volatility a year", "volatility"),
    ("maximum drawdown", "max_drawdown"),
    ("worst day", "worst_day"),
    ("mean of worst 5% of days", "shortfall"),
    ("hedge effectiveness", "effectiveness"),
    ("average hedge", "mean_ratio"),
)
_MONEY = ("funding received", "funding paid", "fees", "slippage")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> Iterator[str]:
    """Yield a table of Markdown: so many columns of words, then numbers, to the right."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * words}{' ---: |' * (len(head) - words)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def tracks(found: Numbers) -> dict[str, Numbers]:
    """Return the numbers of each way to hold the book, by its name."""
    return {one["name"]: one for one in found["tracks"]}


def comparison(found: Numbers) -> Iterator[str]:
    """Yield the table of the strategy and what it is compared with."""
    every = found["tracks"]
    rows = [[label, *(percent(one[key]) for one in every)] for label, key in _ROWS]
    for key in ("max_drawdown", "annual_return"):
        place = [each for _, each in _ROWS].index(key)
        rows[place + 1 : place + 1] = [["… 95% within", *(_interval(one, key) for one in every)]]
    rows += [[label, *(money(one[label.replace(" ", "_")]) for one in every)] for label in _MONEY]
    rows += [["changes", *(f"{one['changes']:,}" for one in every)]]
    if any(one["nearest"] is not None for one in every):
        near = ["" if one["nearest"] is None else percent(one["nearest"]) for one in every]
        rows += [["nearest to liquidation", *near], ["liquidations", *(f"{one['liquidations']:,}" for one in every)]]
    yield from table(["", *(one["name"] for one in every)], rows)


def _interval(one: Numbers, name: str) -> str:
    interval = one["intervals"].get(name)
    return "" if interval is None else f"{percent(interval['low'], 1)} to {percent(interval['high'], 1)}"


def by_rule(found: Numbers) -> Iterator[str]:
    """Yield the table of what each rule did and brought."""
    several = len({one["asset"] for one in found["activity"]}) > 1
    rows = [[*([one["asset"]] if several else []), *_of_rule(one)] for one in found["activity"]]
    head = ["rule", "times active", "bars", "last word in", "changes", "PnL"]
    yield from table([*(["asset"] if several else []), *head], rows)


def _of_rule(one: Numbers) -> list[str]:
    counts = [f"{one[key]:,}" for key in ("starts", "bars", "last_word", "changes")]
    return [f"`{one['rule']}`", *(counts if one["rule"] != "otherwise" else ["", "", *counts[2:]]), money(one["pnl"])]


def by_year(found: Numbers) -> Iterator[str]:
    """Yield the table of the years' returns."""
    names = [one["name"] for one in found["tracks"]][:-1]
    rows = [[str(one["year"]), *(percent(one["returns"].get(name)) for name in names)] for one in found["years"]]
    yield from table(["year", *names], rows)


# In words ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def verdict(found: Numbers) -> Iterator[str]:
    """Yield what the numbers say for and against the rules, in sentences."""
    every = tracks(found)
    own, bare, constant = every[_STRATEGY], every[_BARE], every[_CONSTANT]
    yield f"With the rules the book {_went(own)}; without a hedge it {_went(bare)}."
    yield _against(own, constant)
    yield _doubt(own, bare)
    if own["funding_received"] or own["funding_paid"]:
        yield _paid(own, found["quote"])
    yield from _liquidated(own, constant)
    yield from _idle(found)


def _went(one: Numbers) -> str:
    return f"made {percent(one['annual_return'], 1)} a year and fell by {percent(-one['max_drawdown'], 1)} at worst"


def _against(own: Numbers, constant: Numbers) -> str:
    """Return how the rules did against a constant hedge of the same average size."""
    level = f"a constant hedge of their own average, {percent(constant['mean_ratio'], 0)}"
    if constant["liquidations"]:
        level = "a constant hedge of the average that they wanted, which was liquidated"
    gained, spared = margins(own, constant)
    more, less = f"{abs(gained):.1f} points a year", f"{abs(spared):.1f} points"
    if not gained and not spared:
        return f"To a tenth of a point that is what {level}, comes to."
    if gained >= 0 and spared >= 0:
        return f"They beat {level}: {more} more, and a worst fall that was {less} smaller."
    if gained <= 0 and spared <= 0:
        return f"They did not beat {level}: {more} less, and a worst fall that was {less} larger."
    if gained > 0:
        return f"Against {level}, they made {more} more, and fell by {less} more at worst."
    return f"Against {level}, they fell by {less} less at worst, and made {more} less."


def margins(own: Numbers, other: Numbers) -> tuple[float, float]:
    """Return by how much one track made more a year than another, and fell less at worst: points, to a tenth."""
    return _points(own["annual_return"] - other["annual_return"]), _points(own["max_drawdown"] - other["max_drawdown"])


def _points(difference: float) -> float:
    return round(difference * 100, 1)


def _doubt(own: Numbers, bare: Numbers) -> str:
    one, other = own["intervals"].get("annual_return"), bare["intervals"].get("annual_return")
    if one is None or other is None:
        return "There are too few days to say how much of that is chance."
    told = f"{_interval(own, 'annual_return')} a year with the rules, {_interval(bare, 'annual_return')} without"
    if one["low"] <= other["high"] and other["low"] <= one["high"]:
        return f"The returns can't be told apart: their intervals overlap, {told}."
    return f"The returns differ by more than chance would have them: {told}."


def _paid(own: Numbers, quote: str) -> str:
    received, paid = own["funding_received"], own["funding_paid"]
    costs = f"fees and slippage took {money(own['fees'] + own['slippage'])} ({quote})"
    return f"The short received {money(received)} of funding and paid {money(paid)}; {costs}."


def _liquidated(own: Numbers, constant: Numbers) -> Iterator[str]:
    """Yield how near the hedge came to its liquidation, where its margin is known."""
    if own["nearest"] is not None:
        counts = f"{own['liquidations']:,} with the rules, {constant['liquidations']:,} as a constant hedge"
        yield f"Liquidations: {counts}. With the rules the price came within {percent(own['nearest'], 1)} of one."


def _idle(found: Numbers) -> Iterator[str]:
    every = dict.fromkeys(one["rule"] for one in found["activity"] if one["rule"] != "otherwise")
    seen = {one["rule"] for one in found["activity"] if not one["never_active"]}
    names = [f"`{rule}`" for rule in every if rule not in seen]
    if names:
        they = "it" if len(names) == 1 else "they"
        yield f"Never active in all that time: {', '.join(names)}. Nothing here tells how {they} would have done."
