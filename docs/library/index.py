"""The index of docs/strategies: one row for each strategy, what all of them together say, and where the data is from."""

from collections.abc import Iterator, Sequence

import figures
import polars as pl
from histories import EVERY
from pages import Strategy, strategy, tried
from runs import LACKING
from tried import Tried

from rulelang.backtest.screen import money, percent

INTRODUCTION = """\
# Strategies

<!-- made by docs/library; `make strategies` writes it anew -->

Rule files to start from: each says what it is for, when it helps and when it hurts, who pays the funding and which data
it needs, and brings tests that show each rule begin and end. `rulelang new` and an editor copy one; every number in it
that one may want to change is a `param` with a range.

Every page tells what the file would have done on real history, without choosing the history: all that there is from the
first settlement of the perpetual on ({start}), with fees, slippage and funding. No param was fitted to it. The numbers
are of one past. Read the worst falls before the returns.
"""

DATA = """\
## The data

The commands on the pages read `build/histories`, which `make histories` writes. It takes the files of an archive (the
folder `data` under `RULELANG_SHARED`) and lays them out with the times at which values were known, in the names of
[fields](../fields.md). With files of your own from an exchange, [`rulelang data import`](../data.md) does the same. Each
`.toml` in `docs/strategies/books` is a book to hold, `contracts.toml` what it is hedged with: fees of 0.05%, slippage of
0.02%. The contracts are marked by the prices of spot where the data has none of their own, and no margin is put up, so
that liquidation isn't part of these tests.
"""


def index(names: Sequence[str]) -> str:
    """Return the page that lists every strategy."""
    every = [strategy(name) for name in names]
    backtested = [one for one in every if _main(one) is not None and _main(one).trial.command == "backtest"]  # type: ignore[union-attr]
    parts = [INTRODUCTION.format(start="September 2019"), *_together(backtested), "", "## All of them", ""]
    parts += [*figures.table(_HEAD, [_row(one) for one in every]), "", *_legend(), "", DATA, *_histories()]
    return "\n".join(parts).rstrip() + "\n"


def _main(one: Strategy) -> Tried | None:
    """Return the first trial of a strategy, which stands in the index."""
    return next(iter(tried(one.name)), None)


def _together(every: Sequence[Strategy]) -> Iterator[str]:
    """Yield what all backtests together say, in sentences."""
    pairs = [figures.tracks(found.found) for one in every if (found := _main(one)) is not None]
    own = [(each["strategy"], each["constant hedge"], each["no hedge"]) for each in pairs]
    smaller = sum(rules["max_drawdown"] > bare["max_drawdown"] for rules, _, bare in own)
    both = sum(_more(rules, constant, "annual_return") and _more(rules, constant, "max_drawdown") for rules, constant, _ in own)
    neither = sum(_less(rules, constant, "annual_return") and _less(rules, constant, "max_drawdown") for rules, constant, _ in own)
    earned = sum(rules["annual_return"] > bare["annual_return"] for rules, _, bare in own)
    yield f"Of {len(own)} backtests, {smaller} had a smaller worst fall than the book without a hedge, and {earned} a"
    yield f"higher return a year. Against a constant hedge of the same average size, which costs no thought, {both} had both"
    yield f"a higher return and a smaller fall, {neither} had neither, and {len(own) - both - neither} traded one for the other."


def _more(one: figures.Numbers, other: figures.Numbers, key: str) -> bool:
    return round(one[key] - other[key], 3) > 0


def _less(one: figures.Numbers, other: figures.Numbers, key: str) -> bool:
    return round(one[key] - other[key], 3) < 0


_HEAD = (
    "strategy", "data", "from", "to", "return a year", "no hedge", "worst fall", "no hedge", "changes", "net funding"
)  # fmt: skip


def _row(one: Strategy) -> list[str]:
    name = f"[{one.title}]({one.name}.md): {one.what[0].lower()}{one.what[1:].rstrip('.')}"
    main = _main(one)
    if main is None:
        return [name, f"none: {LACKING[one.name]}", *[""] * 8]
    fields = ", ".join(sorted({f"`{need.field.name}`" for each in one.rules.checked.programs.values() for need in each.needs}))
    if main.trial.command == "run":
        times = main.decided["time"]
        return [name, fields, times.min()[:10], times.max()[:10], "decisions only", *[""] * 5]  # type: ignore[index]
    found = main.found
    own, bare = (figures.tracks(found)[name] for name in ("strategy", "no hedge"))
    told = [percent(each[key], 1) for key in ("annual_return", "max_drawdown") for each in (own, bare)]
    funding = money(own["funding_received"] - own["funding_paid"])
    return [name, fields, found["from"][:10], found["to"][:10], *told, f"{own['changes']:,}", funding]


def _legend() -> Iterator[str]:
    yield "*Net funding*: what the short received less what it paid, USD, on ten bitcoin or what the page says. Strategies"
    yield "with several trials stand here with the first."


def _histories() -> Iterator[str]:
    """Yield the table of the histories."""
    yield from figures.table(("file", "what", "from", "to", "rows"), [_history(name) for name in EVERY])


def _history(name: str) -> list[str]:
    found = pl.read_parquet(EVERY[name].path)
    times = found[next(column for column in ("close_time", "known_at", "time") if column in found.columns)]
    days = [time.strftime("%Y-%m-%d") for time in (times.min(), times.max())]  # type: ignore[union-attr]
    return [f"`{name}`", EVERY[name].source, *days, f"{len(found):,}"]
