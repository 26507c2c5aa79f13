"""The index of docs/strategies: a row for each strategy, what all of them together say, and where the data is from."""

from collections.abc import Iterator, Sequence

import figures
import polars as pl
from histories import EVERY
from pages import Strategy, strategy, tried
from tried import Tried

from rulelang.backtest.screen import money, percent

INTRODUCTION = """\
# Strategies

<!-- made by docs/library; `make strategies` writes it anew -->

Rule files to start from: each says what it is for, when it helps and when it hurts, who pays the funding and which data
it needs, and brings tests that show each rule begin and end. Copy one and change its params.

Every page tells what the file would have done on real history: all that there is from September 2019 on, when the
perpetual's funding begins, with fees, slippage and funding. The files were written by people who knew this past, and it
is one past: it shows how a strategy behaves, and proves nothing. Read the worst falls before the returns.
"""

DATA = """\
## The data

The commands on the pages read `build/histories`, which `make histories` writes. It takes the files of an archive (the
folder `data` under `RULELANG_SHARED`) and lays them out with the times at which values were known, in the names of
[fields](../fields.md). With files of your own from an exchange, [`rulelang data import`](../data.md) does the same.

Each `.toml` in `docs/strategies/books` is a book to hold, `contracts.toml` what it is hedged with: fees of 0.05%,
slippage of 0.02%. The contracts are marked by the prices of spot where the data has none of their own. But for the
[margin guard](margin.md) no margin is put up: what the short loses in a rally is carried against the coins, and
liquidation isn't part of these tests. A real account has to bring that money; see
[how to test with margin](../backtest.md#what-is-simulated).
"""


def index(names: Sequence[str]) -> str:
    """Return the page that lists every strategy."""
    every = [strategy(name) for name in names]
    found = [main.found for main in map(_main, every) if main.trial.command == "backtest"]
    parts = [INTRODUCTION, " ".join(_together(found)), "", "## All of them", ""]
    parts += [*figures.table(_HEAD, [_row(one) for one in every], words=4), "", *_legend(), "", DATA, *_histories()]
    return "\n".join(parts).rstrip() + "\n"


def _main(one: Strategy) -> Tried:
    """Return the first trial of a strategy, which stands in the index."""
    return tried(one.name)[0]


def _together(found: Sequence[figures.Numbers]) -> Iterator[str]:
    """Yield what all backtests together say, in sentences."""
    tracks = [figures.tracks(one) for one in found]
    bare = [figures.margins(one["strategy"], one["no hedge"]) for one in tracks]
    constant = [figures.margins(one["strategy"], one["constant hedge"]) for one in tracks]
    both = sum(min(one) >= 0 < max(one) for one in constant)
    neither = sum(max(one) <= 0 > min(one) for one in constant)
    same = sum(not any(one) for one in constant)
    yield f"Of {len(found)} backtests, {sum(spared > 0 for _, spared in bare)} had a smaller worst fall than the book"
    yield f"without a hedge, and {sum(gained > 0 for gained, _ in bare)} a higher return. A constant hedge of the same"
    yield f"average size takes no thought: {both} did better than it on both, {neither} worse on both, {same} the same,"
    yield f"and {len(found) - both - neither - same} gave up one for the other."


_HEAD = (
    "strategy", "what for", "data", "span", "return a year", "no hedge", "worst fall", "no hedge", "changes",
    "net funding",
)  # fmt: skip


def _row(one: Strategy) -> list[str]:
    about, main = [f"[{one.title}]({one.name}.md)", one.what.rstrip(".")], _main(one)
    fields = ", ".join(f"`{name}`" for name in _fields(one))
    if main.trial.command == "run":
        times = main.decided["time"]
        what = "on its page" if main.trial.weights else "decisions only"
        return [*about, fields, _span(times[0], times[-1]), what, *[""] * 5]
    return [*about, fields, _span(main.found["from"], main.found["to"]), *_numbers(main.found)]


def _fields(one: Strategy) -> list[str]:
    programs = one.rules.checked.programs.values()
    return sorted({need.field.name for program in programs for need in program.needs})


def _span(first: str, last: str) -> str:
    """Return two months, which are not broken at their hyphens."""
    return f"{first[:7]} to {last[:7]}".replace("-", "\N{NON-BREAKING HYPHEN}")


def _numbers(found: figures.Numbers) -> list[str]:
    own, bare = (figures.tracks(found)[name] for name in ("strategy", "no hedge"))
    told = [percent(each[key], 1) for key in ("annual_return", "max_drawdown") for each in (own, bare)]
    return [*told, f"{own['changes']:,}", money(own["funding_received"] - own["funding_paid"])]


def _legend() -> Iterator[str]:
    yield (
        "*Net funding*: what the short received less what it paid, in the dollars that the contracts settle in, on ten "
        "bitcoin or what the page says."
    )
    yield "Strategies with several trials stand here with the first."


def _histories() -> Iterator[str]:
    """Yield the table of the histories."""
    yield from figures.table(("file", "what", "from", "to", "rows"), [_history(name) for name in EVERY], words=4)


def _history(name: str) -> list[str]:
    found = pl.read_parquet(EVERY[name].path)
    times = found[next(column for column in ("close_time", "known_at", "time") if column in found.columns)]
    days = [str(time)[:10] for time in (times.min(), times.max())]
    return [f"`{name}`", EVERY[name].source, *days, f"{len(found):,}"]
