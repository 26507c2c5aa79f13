"""The tables of a report: headlines, the comparison, rules, years, orders, notes."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import groupby

from rulelang.backtest.result import NO_HEDGE, Activity, Numbers, Result, Track, Year
from rulelang.report import figures
from rulelang.report.figures import NONE, count, date, earned, gain, interval, money, percent, plain, share

Row = tuple[str, Sequence[str]]


def table(heads: Sequence[str], rows: Iterable[Row], name: str) -> str:
    """Return a table: each row has a heading and cells of HTML."""
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    body = "\n".join(
        f'<tr><th scope="row">{title}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for title, cells in rows
    )
    return f'<div class="wide"><table class="{name}">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'


# --- headlines


def headlines(result: Result) -> str:
    """Return the few numbers that say most, each beside what it is without a hedge."""
    ours = result.strategy.numbers
    bare = next((one.numbers for one in result.tracks if one.name == NO_HEDGE), None)
    cards = [
        _card("Return", gain(ours.total_return), bare and gain(bare.total_return), interval(ours.intervals, "total_return")),
        _card("Deepest fall", percent(ours.max_drawdown), bare and percent(bare.max_drawdown), _length(ours)),
        _card("Volatility a year", percent(ours.volatility), bare and percent(bare.volatility), interval(ours.intervals, "volatility")),
        _card("Variance hedged away", percent(ours.effectiveness), None, interval(ours.intervals, "effectiveness")),
        _card("Funding, net", earned(ours.funding_received - ours.funding_paid), None, _funding(ours)),
        _card("Costs", money(ours.fees + ours.slippage), None, f"fees {money(ours.fees)}, slippage {money(ours.slippage)}"),
    ]
    return f'<section class="cards">{"".join(cards)}</section>'


def _card(name: str, value: str, bare: str | None, below: str) -> str:
    beside = f'<span class="bare">no hedge {bare}</span>' if bare else ""
    return f'<div class="card"><h3>{name}</h3><p><strong>{value}</strong> {beside}</p><small>{below}</small></div>'


def _length(numbers: Numbers) -> str:
    if numbers.drawdown_from is None:
        return ""
    if numbers.drawdown_to is None:
        return f"from {date(numbers.drawdown_from)}, not made good"
    return f"from {date(numbers.drawdown_from)}, made good in {figures.days(numbers.drawdown_to - numbers.drawdown_from)}"


def _funding(numbers: Numbers) -> str:
    return f"received {money(numbers.funding_received)}, paid {money(numbers.funding_paid)}"


# --- what the strategy is compared with

_NUMBERS: tuple[tuple[str, Callable[[Numbers], str], str], ...] = (
    ("Equity at the end", lambda n: money(n.end), ""),
    ("Profit", lambda n: earned(n.profit), ""),
    ("Return", lambda n: gain(n.total_return), "total_return"),
    ("Return a year", lambda n: gain(n.annual_return), "annual_return"),
    ("Volatility a year", lambda n: percent(n.volatility), "volatility"),
    ("Deepest fall", lambda n: percent(n.max_drawdown), "max_drawdown"),
    ("its peak, its bottom", lambda n: f"{date(n.drawdown_from)}, {date(n.drawdown_low)}", ""),
    ("its peak reached again", lambda n: _again(n), ""),
    ("Worst day", lambda n: percent(n.worst_day), ""),
    ("Mean of the worst 5% of days", lambda n: percent(n.shortfall), "shortfall"),
    ("Variance hedged away", lambda n: percent(n.effectiveness), "effectiveness"),
    ("Hedge, on average", lambda n: percent(n.mean_ratio), ""),
    ("Time hedged above 100%", lambda n: percent(n.over), ""),
    ("Funding received", lambda n: money(n.funding_received), ""),
    ("Funding paid", lambda n: money(n.funding_paid), ""),
    ("Fees", lambda n: money(n.fees), ""),
    ("Slippage", lambda n: money(n.slippage), ""),
    ("Turnover a year, over equity", lambda n: NONE if n.turnover_year is None else f"{n.turnover_year:,.2f}×", ""),
    ("Changes of the target", lambda n: count(n.changes), ""),
    ("Orders filled", lambda n: count(n.fills), ""),
    ("Nearest to liquidation", lambda n: _nearest(n), ""),
    ("Liquidations", lambda n: count(n.liquidations), ""),
)


def _again(numbers: Numbers) -> str:
    if numbers.drawdown_from is None:
        return NONE
    return "not yet" if numbers.drawdown_to is None else date(numbers.drawdown_to)


def _nearest(numbers: Numbers) -> str:
    if numbers.nearest is None:
        return NONE
    return f'{percent(numbers.nearest)}<span class="interval">{date(numbers.nearest_at)}</span>'


def comparison(result: Result) -> str:
    """Return the numbers of the strategy beside those of what it is compared with."""
    heads = ["", *(_track(at, one) for at, one in enumerate(result.tracks))]
    rows = [
        (name, [shown(one.numbers) + interval(one.numbers.intervals, key) for one in result.tracks])
        for name, shown, key in _NUMBERS
    ]
    made = result.bootstrap
    told = (
        f"Small print below a number: where it lies in {percent(made.level, 0)} of {count(made.samples)} histories that "
        f"were put together anew from blocks of {made.block} days (seed {made.seed}). A number whose interval holds the "
        "other's is no evidence of a difference."
    )
    return table(heads, rows, "comparison") + (f'<p class="aside">{told}</p>' if made.samples else "")


def _track(at: int, track: Track) -> str:
    return f'<span class="swatch" style="--colour:var(--track{at})"></span>{escape(track.name)}'


# --- rules


def by_rule(result: Result, colours: dict[str, int]) -> str:
    """Return what each rule did, by asset where there are several."""
    heads = ["Rule", "Became active", "Time active", "Last word", "Changes", "Held back", "Earned at last word", ""]
    several = len(result.assets) > 1
    rows = [(_rule(one, several, colours), _did(one, len(result.times))) for one in result.activity]
    if result.unattributed:
        rows.append(("before any decision", ["", "", "", "", "", profit(result.unattributed), ""]))
    return table(heads, rows, "rules")


def _rule(one: Activity, several: bool, colours: dict[str, int]) -> str:
    swatch = f'<span class="swatch" style="--colour:var(--rule{colours[one.rule]})"></span>' if one.rule in colours else ""
    asset = f' <span class="asset">{escape(one.asset)}</span>' if several and one.asset else ""
    return f"{swatch}<code>{escape(one.rule)}</code>{asset}"


def _did(one: Activity, bars: int) -> list[str]:
    always = one.rule == "otherwise"
    started = "" if always else f"{count(one.starts)}×"
    active = "" if always else share(one.bars, bars)
    return [started, active, share(one.last_word, bars), count(one.changes), held(one), profit(one.pnl), badge(one)]


def held(one: Activity) -> str:
    """Return how many changes were held back, by which brake."""
    return ", ".join(f"{count(times)} {brake}" for brake, times in one.held.items() if times) or "0"


def badge(one: Activity) -> str:
    """Return a warning of a rule that did nothing."""
    if one.rule == "otherwise":
        return ""
    if one.never_active:
        return '<span class="badge">never active</span>'
    return '<span class="badge">never mattered</span>' if one.never_mattered else ""


def profit(value: float) -> str:
    """Return an amount in the colour of its sign."""
    return f'<span class="{"loss" if value < 0 else "profit"}">{earned(value)}</span>'


# --- years, orders, notes


def by_year(result: Result) -> str:
    """Return the returns of each year, and what is missing of it."""
    names = [one.name for one in result.tracks]
    heads = ["Year", *(_track(at, one) for at, one in enumerate(result.tracks)), "Bars", "Missing"]
    rows = [
        (str(year.year), [*(gain(year.returns.get(name)) for name in names), count(year.bars), _missing(year)])
        for year in result.years
    ]
    return table(heads, rows, "years")


def _missing(year: Year) -> str:
    found = [f"{percent(part)} of <code>{escape(name)}</code>" for name, part in year.missing.items()]
    if year.missing_settlements:
        found.insert(0, f"{count(year.missing_settlements)} of {count(year.settlements)} settlements")
    if year.missing_bars:
        found.insert(0, f"{count(year.missing_bars)} bars")
    return ", ".join(found) or "nothing"


def orders(result: Result) -> str:
    """Return the orders by instrument, cause and what became of them."""
    heads = ["Instrument", "Why", "What became of it", "Orders", "Value", "Fees", "Slippage"]
    fills = sorted(result.fills, key=lambda one: (one.instrument, one.cause, one.status))
    rows = []
    for (instrument, cause, status), some in groupby(fills, lambda one: (one.instrument, one.cause, one.status)):
        these = list(some)
        value, fee, slip = (money(sum(getattr(one, what) for one in these)) for what in ("notional", "fee", "slippage"))
        rows.append((escape(instrument), [escape(cause), _STATUS.get(status, status), count(len(these)), value, fee, slip]))
    return table(heads, rows, "orders") if rows else '<p class="aside">No order was made.</p>'


_STATUS = {
    "ok": "filled",
    "capped": "filled in part: the largest order",
    "zero": "not made: less than a lot",
    "below_min_qty": "not made: below the smallest order",
    "below_min_notional": "not made: below the smallest value",
    "no_margin": "not made: no margin",
}


def notes(lines: Sequence[str]) -> str:
    """Return sentences as a list."""
    return "<ul>" + "".join(f"<li>{plain(one)}</li>" for one in lines) + "</ul>" if lines else ""
