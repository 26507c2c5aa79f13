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
    parts = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return f'<div class="wide"><table class="{name}">\n{parts}</table></div>'


# --- headlines


def headlines(result: Result) -> str:
    """Return the few numbers that say most, each beside what it is without a hedge."""
    ours, bare = result.strategy.numbers, result.track(NO_HEDGE).numbers
    net, costs = ours.funding_received - ours.funding_paid, ours.fees + ours.slippage
    paid = f"received {money(ours.funding_received)}, paid {money(ours.funding_paid)}"
    fees = f"fees {money(ours.fees)}, slippage {money(ours.slippage)}"
    within = {name: _within(ours, name) for name in ("total_return", "volatility", "effectiveness")}
    cards = [
        _card("Return", gain(ours.total_return), within["total_return"], gain(bare.total_return)),
        _card("Maximum drawdown", percent(ours.max_drawdown), _length(ours), percent(bare.max_drawdown)),
        _card("Volatility a year", percent(ours.volatility), within["volatility"], percent(bare.volatility)),
        _card("Hedge effectiveness", percent(ours.effectiveness), within["effectiveness"]),
        _card("Funding, net", earned(net), paid),
        _card("Costs", money(costs), fees),
    ]
    return f'<section class="cards">{"".join(cards)}</section>'


def _card(name: str, value: str, below: str, bare: str = "") -> str:
    beside = f'<span class="bare">no hedge {bare}</span>' if bare else ""
    return f'<div class="card"><h3>{name}</h3><p><strong>{value}</strong> {beside}</p><small>{below}</small></div>'


def _within(numbers: Numbers, name: str) -> str:
    found = interval(numbers.intervals, name)
    return f"95% within {found}" if found else ""


def _length(numbers: Numbers) -> str:
    if numbers.drawdown_from is None:
        return ""
    if numbers.drawdown_to is None:
        return f"from {date(numbers.drawdown_from)}, not made good"
    took = figures.days(numbers.drawdown_to - numbers.drawdown_from)
    return f"from {date(numbers.drawdown_from)}, made good in {took}"


# --- what the strategy is compared with


def _again(numbers: Numbers) -> str:
    if numbers.drawdown_from is None:
        return NONE
    return "not yet" if numbers.drawdown_to is None else date(numbers.drawdown_to)


def _nearest(numbers: Numbers) -> str:
    if numbers.nearest is None:
        return NONE
    return f'{percent(numbers.nearest)}<span class="interval">{date(numbers.nearest_at)}</span>'


_NUMBERS: tuple[tuple[str, Callable[[Numbers], str], str], ...] = (
    ("Equity at the end", lambda n: money(n.end), ""),
    ("Profit", lambda n: earned(n.profit), ""),
    ("Return", lambda n: gain(n.total_return), "total_return"),
    ("Return a year", lambda n: gain(n.annual_return), "annual_return"),
    ("Volatility a year", lambda n: percent(n.volatility), "volatility"),
    ("Maximum drawdown", lambda n: percent(n.max_drawdown), "max_drawdown"),
    ("from, lowest at", lambda n: f"{date(n.drawdown_from)}, {date(n.drawdown_low)}", ""),
    ("made good", _again, ""),
    ("Worst day", lambda n: percent(n.worst_day), ""),
    ("Expected shortfall, worst 5% of days", lambda n: percent(n.shortfall), "shortfall"),
    ("Hedge effectiveness", lambda n: percent(n.effectiveness), "effectiveness"),
    ("Average hedge", lambda n: percent(n.mean_ratio), ""),
    ("Time hedged above 100%", lambda n: percent(n.over), ""),
    ("Funding received", lambda n: money(n.funding_received), ""),
    ("Funding paid", lambda n: money(n.funding_paid), ""),
    ("Fees", lambda n: money(n.fees), ""),
    ("Slippage", lambda n: money(n.slippage), ""),
    ("Turnover a year, over equity", lambda n: NONE if n.turnover_year is None else f"{n.turnover_year:,.2f}×", ""),
    ("Changes of the target", lambda n: count(n.changes), ""),
    ("Orders filled", lambda n: count(n.fills), ""),
    ("Nearest to liquidation", _nearest, ""),
    ("Liquidations", lambda n: count(n.liquidations), ""),
)


def comparison(result: Result) -> str:
    """Return the numbers of the strategy beside those of what it is compared with."""
    heads = ["", *(_track(at, one) for at, one in enumerate(result.tracks))]
    rows = [
        (name, [shown(one.numbers) + interval(one.numbers.intervals, key) for one in result.tracks])
        for name, shown, key in _NUMBERS
    ]
    made = result.bootstrap
    told = (
        f"Small print below a number: where it lies in {percent(made.level, 0)} of {count(made.samples)} histories "
        f"that were put together anew from blocks of {made.block} days (seed {made.seed}). Where the intervals of two "
        "ways to hold the book overlap, this test can't tell them apart."
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
    colour = f"rule{colours[one.rule]}" if one.rule in colours else "quiet"
    swatch = f'<span class="swatch" style="--colour:var(--{colour})"></span>'
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
        due = year.settlements + year.missing_settlements
        found.insert(0, f"{count(year.missing_settlements)} of {count(due)} settlements")
    if year.missing_bars:
        found.insert(0, f"{count(year.missing_bars)} of {count(year.bars + year.missing_bars)} bars")
    return ", ".join(found) or "nothing"


def orders(result: Result) -> str:
    """Return the orders by instrument, cause and what became of them."""
    heads = ["Instrument", "Because of", "What became of it", "Orders", "Value", "Fees", "Slippage"]
    fills = sorted(result.fills, key=lambda one: (one.instrument, one.cause, one.status))
    rows = []
    for (instrument, cause, status), some in groupby(fills, lambda one: (one.instrument, one.cause, one.status)):
        these = list(some)
        sums = [money(sum(getattr(one, what) for one in these)) for what in ("notional", "fee", "slippage")]
        rows.append((escape(instrument), [escape(cause), _STATUS.get(status, status), count(len(these)), *sums]))
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
