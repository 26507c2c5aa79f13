"""Results as text for people: what is missing first, then one table of all tracks, the years, the rules, the notes."""

from collections.abc import Callable, Iterable, Sequence

from rulelang.backtest.result import CONSTANT, STRATEGY, Activity, Interval, Numbers, Result, Track
from rulelang.kinds import duration_text
from rulelang.kinds.units import time_text
from rulelang.text.layout import columns, paragraph

_DAY = 86_400


def as_text(result: Result, width: int) -> str:
    """Return a result as text of some width; money is in the quote currency."""
    parts = (
        _heading(result, width),
        _titled("What is missing", _sentences(_missing(result), width)),
        _titled("What it came to", [*columns(_tracks(result), width, ("",)), *_sentences(_intervals(result), width)]),
        _titled("Year by year", columns(_years(result), width, ("complete",))),
        _titled("Rule by rule", [*columns(_rules(result), width, ("rule",)), *_sentences(_rest(result), width)]),
        _titled("Notes", _sentences(result.notes, width)),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _titled(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *(f"  {line}" for line in lines)] if lines else []


def _sentences(texts: Iterable[str], width: int) -> list[str]:
    return [line for text in texts for line in paragraph(text, width - 2, "  ")]


def _heading(result: Result, width: int) -> list[str]:
    first, last = time_text(float(result.times[0])), time_text(float(result.times[-1]))
    bars = f"{len(result.times):,} bars of {duration_text(result.bars)}"
    line = f"Backtest of {result.rules} over {bars}, from {first} to {last}; money in {result.quote}"
    return paragraph(line, width, "  ")


def _missing(result: Result) -> list[str]:
    if not result.lacks:
        return []
    years = [one for one in result.years if not one.complete]
    said = f"{len(years)} of {len(result.years)} years lack something: the numbers below are made without it"
    return [said, *result.lacks]


# Tracks ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _tracks(result: Result) -> list[list[str]]:
    rows: list[list[str]] = [["", *(_name(one, result) for one in result.tracks)]]
    for label, shown in _ROWS:
        cells = [shown(one.numbers) for one in result.tracks]
        if any(cells):
            rows.append([label, *cells])
    return rows


def _name(track: Track, result: Result) -> str:
    """Return what a track is called: the constant hedge by its level, where that is one."""
    levels = {(one.goal, one.ratio[one.ratio == one.ratio].mean()) for one in result.assets}
    if track.name != CONSTANT or len(levels) > 1:
        return track.name
    goal, level = levels.pop()
    return f"constant {percent(level, 0)}" if goal == "hedge" else f"constant {goal} {level:.2f}"


def _within(name: str) -> Callable[[Numbers], str]:
    def shown(numbers: Numbers) -> str:
        found = numbers.intervals.get(name)
        return "" if found is None else _interval(found)

    return shown


def _interval(found: Interval) -> str:
    return f"{percent(found.low, 1)}..{percent(found.high, 1)}"


def _length(numbers: Numbers) -> str:
    """Return how long the deepest fall lasted, to the recovery; `>` where there was none."""
    if numbers.drawdown_from is None or numbers.drawdown_low is None:
        return ""
    end = numbers.drawdown_to
    if end is None:
        return f"{(numbers.drawdown_low - numbers.drawdown_from) / _DAY:.0f}d, not made up"
    return f"{(end - numbers.drawdown_from) / _DAY:.0f}d"


_ROWS: tuple[tuple[str, Callable[[Numbers], str]], ...] = (
    ("equity at the start", lambda one: money(one.start)),
    ("equity at the end", lambda one: money(one.end)),
    ("return", lambda one: percent(one.total_return)),
    ("return a year", lambda one: percent(one.annual_return)),
    ("  95% within", _within("annual_return")),
    ("volatility a year", lambda one: percent(one.volatility)),
    ("  95% within", _within("volatility")),
    ("maximum drawdown", lambda one: percent(one.max_drawdown)),
    ("  95% within", _within("max_drawdown")),
    ("  its length", _length),
    ("worst day", lambda one: percent(one.worst_day)),
    ("mean of worst 5% of days", lambda one: percent(one.shortfall)),
    ("  95% within", _within("shortfall")),
    ("hedge effectiveness", lambda one: percent(one.effectiveness)),
    ("  95% within", _within("effectiveness")),
    ("funding received", lambda one: money(one.funding_received)),
    ("funding paid", lambda one: money(one.funding_paid)),
    ("fees", lambda one: money(one.fees)),
    ("slippage", lambda one: money(one.slippage)),
    ("turnover", lambda one: money(one.turnover)),
    ("  a year, of equity", lambda one: "" if one.turnover_year is None else f"{one.turnover_year:.2f}x"),
    ("changes", lambda one: f"{one.changes:,}"),
    ("orders filled", lambda one: f"{one.fills:,}"),
    ("average hedge", lambda one: percent(one.mean_ratio)),
    ("time above 100%", lambda one: percent(one.over)),
    ("nearest to liquidation", lambda one: percent(one.nearest)),
    ("liquidations", lambda one: f"{one.liquidations:,}"),
)


def _intervals(result: Result) -> list[str]:
    how = result.bootstrap
    if not result.strategy.numbers.intervals:
        return ["no intervals: there are too few days to draw from, or the equity fell to 0"]
    drawn = f"{how.samples} samples of the days, in blocks of {how.block}, seed {how.seed}"
    told = [f"{how.level:.0%} of the values lie within the intervals, by block bootstrap: {drawn}"]
    own, bare = result.strategy.numbers.intervals, result.tracks[1].numbers.intervals
    if "annual_return" in own and "annual_return" in bare and _overlap(own["annual_return"], bare["annual_return"]):
        told.append("the returns with and without the rules can't be told apart: their intervals overlap")
    return told


def _overlap(one: Interval, other: Interval) -> bool:
    return one.low <= other.high and other.low <= one.high


# Years and rules ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _years(result: Result) -> list[list[str]]:
    names = [_name(one, result) for one in result.tracks]
    rows = [["year", *names, "bars", "missing", "settlements", "missing", "complete"]]
    for one in result.years:
        told = [percent(one.returns.get(track.name)) for track in result.tracks]
        cells = [f"{count:,}" for count in (one.bars, one.missing_bars, one.settlements, one.missing_settlements)]
        rows.append([str(one.year), *told, *cells, "yes" if one.complete else "no"])
    return rows


def _rules(result: Result) -> list[list[str]]:
    several = len({one.asset for one in result.activity}) > 1
    head = ["rule", "active", "bars", "last word", "changes", "held back", "PnL", ""]
    rows = [["asset", *head] if several else head]
    for one in result.activity:
        held = ", ".join(f"{count:,} {brake}" for brake, count in one.held.items())
        cells = [one.rule, f"{one.starts:,}", f"{one.bars:,}", f"{one.last_word:,}", f"{one.changes:,}", held]
        rows.append([*([str(one.asset)] if several else []), *cells, money(one.pnl), _verdict(one)])
    return rows


def _verdict(one: Activity) -> str:
    if one.rule == "otherwise":
        return ""
    return "never active" if one.never_active else "never mattered" if one.never_mattered else ""


def _rest(result: Result) -> list[str]:
    told = ["PnL: what contracts brought, costs and funding included, while the rule had the last word"]
    if abs(result.unattributed) >= 0.005:
        told.append(f"while no rule had it: {money(result.unattributed)}")
    total = sum(one.pnl for one in result.activity) + result.unattributed
    return [*told, f"all together: {money(total)}, the {STRATEGY} against no hedge"]


def money(value: float | None) -> str:
    """Return an amount of money, in whole units from 1000 on.

    >>> money(-1234567.8), money(12.345)
    ('-1,234,568', '12.35')
    """
    if value is None or value != value:
        return ""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"
    return text.lstrip("-") if not text.strip("-0.,") else text


def percent(value: float | None, places: int = 2) -> str:
    """Return a fraction as a percentage.

    >>> percent(0.1234), percent(None)
    ('12.34%', '')
    """
    if value is None or value != value:
        return ""
    text = f"{value * 100:,.{places}f}%"
    return text.lstrip("-") if not text.strip("-0.,%") else text
