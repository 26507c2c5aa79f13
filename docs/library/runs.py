"""Which strategy is tried on which history: the commands of the pages, and what is lacking where there is none."""

import shlex
from pathlib import Path

import histories
import polars as pl
from attrs import frozen

ROOT = Path(__file__).parents[2]
SETTLED = "2019-09-10"
"""The first settlement of BTC's perpetual: a hedge before it would have no funding."""


@frozen
class Trial:
    """A command over real history: `backtest` where contracts can follow the target, else `run`.

    `data`: names of histories, with the instrument they belong to behind a colon where it isn't in the file.
    `note`: what a reader has to know about it. `maps`: which column is which field, beside those that are called so.
    `weights`: the targets are weights of spot and futures, and what a book at them comes to is computed.
    """

    command: str
    data: tuple[str, ...]
    book: str = ""
    start: str = SETTLED
    note: str = ""
    maps: tuple[str, ...] = ()
    weights: bool = False

    def words(self, strategy: str) -> list[str]:
        """Return the words of the command, as one types them in the checkout."""
        books = "docs/strategies/books"
        held = ["--portfolio", f"{books}/{self.book}.toml", "--instruments", f"{books}/contracts.toml"]
        return [
            self.command, f"rules/{strategy}.rules", *(held if self.book else []),
            *(word for name in self.data for word in ("--data", _file(name))),
            *(word for one in self.maps for word in ("--map", one)),
            *(["--from", self.start] if self.start else []),
        ]  # fmt: skip

    def typed(self, strategy: str) -> str:
        """Return the command as text of several lines."""
        head, *options = " ".join(map(shlex.quote, self.words(strategy))).split(" --")
        return " \\\n  --".join([f"rulelang {head}", *options])

    @property
    def market(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The closes that weights are of, and bitcoin's settlements."""
        return pl.read_parquet(self.sources[0].path), pl.read_parquet(histories.EVERY["BTC-funding"].path)

    @property
    def sources(self) -> list[histories.History]:
        return [histories.EVERY[name.partition(":")[0]] for name in self.data]


def _file(name: str) -> str:
    history, colon, instrument = name.partition(":")
    return f"{histories.EVERY[history].path.relative_to(ROOT)}{colon}{instrument}"


HOURS, EIGHTS, DAYS = ("BTC-1h", "BTC-funding"), ("BTC-8h", "BTC-funding"), ("BTC-1d", "BTC-funding")
BOTH_FUNDED = ("BTC-8h", "BTC-funding", "ETH-funding")
TOGETHER = ("BTC-8h", "ETH-8h", "BTC-funding", "ETH-funding")
COINS = ("BTC-1d", "ETH-1d", "SOL-1d")
PERPETUALS = tuple(f"{asset}-{kind}" for kind in ("perpetual-1h", "funding") for asset in ("BTC", "ETH", "SOL"))
DATED = ("BTC-spot-and-future-1h", *(f"{symbol.replace('_', '-')}:{symbol}" for symbol in histories.QUARTERLIES))

LEG = "A backtest trades targets `hedge` and `beta`; `{}` is neither, so that what follows are decisions only."
ALONE = "Bitcoin alone is held: ether's hourly prices have a hole of seven months in 2021."
SINCE_2022 = "Both are held, from 2022 on, where both have prices."
OUTAGES = "This history has no steps while prices are missing: only `hole` can tell of them."
VIEWS = (
    "There is no history of anybody's views. The words here are mechanical: on each Monday at 00:00, bullish where the "
    "close is more than 5% above the average of 200 days, bearish where it is more than 5% under it, else neutral "
    "(`views` in `docs/library/histories.py`). So this tests the table and its floor, not a judgement."
)
CALLS = (
    "No book of options is published. This one is computed: each coin has a call sold on it, at the money with 35 days "
    "to live, bought back 28 days later for the next one; its delta and gamma by the hour are Black's, at Deribit's "
    "index of the day before for every strike and life (`calls` in `docs/library/histories.py`). What such calls cost "
    "isn't known, so that there is no profit or loss here, only what the leg would have done."
)
BY_VALUE = "The book states a beta of 1 for both coins: the rules bring the betas themselves."
OWN = "`hedge.{}` is that of the simulated book."
MARGIN = (
    "`hedge.entry` and `leverage.actual` are those of the simulated book. 250,000 USDT lie at the venue, and rules "
    "that lower `leverage` add of it."
)
MARKED = "The close of spot stands for the mark price."


def bitcoin(data: tuple[str, ...], start: str = SETTLED, note: str = "") -> tuple[Trial, ...]:
    """Return the usual trial: ten bitcoin and the perpetual."""
    return (Trial("backtest", data, "bitcoin", start, note),)


def decisions(target: str, data: tuple[str, ...], start: str = "") -> tuple[Trial, ...]:
    """Return the trial of a strategy whose target no contract follows by itself."""
    return (Trial("run", data, start=start, note=LEG.format(target)),)


def weighed(data: tuple[str, ...]) -> tuple[Trial, ...]:
    """Return the trial of a strategy whose targets are weights of spot and futures."""
    return (Trial("run", data, start=SETTLED, weights=True),)


def of_two(note: str = "") -> tuple[Trial, ...]:
    """Return the trials of a strategy for bitcoin and ether that reads rates only."""
    pair = f"{SINCE_2022} {note}".rstrip()
    return (*bitcoin(BOTH_FUNDED, note=ALONE), Trial("backtest", TOGETHER, "two", "2022-01-02", pair))


CROSS = (Trial("backtest", ("BTC-1d", "ETH-1d", "BTC-funding"), "cross"),)
OPEN_INTEREST = "BTC-open-interest"

TRIALS: dict[str, tuple[Trial, ...]] = {
    "altcoins": (Trial("backtest", (*COINS, "BTC-funding"), "alts", "2020-08-12", BY_VALUE),),
    "atr": bitcoin(DAYS),
    "basis": (Trial("backtest", DATED, "dated", "", "The hedge is in the quarterlies themselves, and rolls."),),
    "beta": (Trial("backtest", EIGHTS, "beta", SETTLED, "A book of bitcoin alone has a beta of 1."),),
    "carry": of_two(),
    "conviction": bitcoin((*DAYS, "BTC-views"), note=VIEWS),
    "correlation": CROSS,
    "cross-hedge": CROSS,
    "crossing": bitcoin(DAYS),
    "crowding": bitcoin((*EIGHTS, OPEN_INTEREST)),
    "decoupled": bitcoin(("BTC-two-markets-1h", "BTC-funding"), ""),
    "defensive": (Trial("backtest", TOGETHER, "two", "2022-01-02", f"{SINCE_2022} {OWN.format('actual')}"),),
    "events": bitcoin((*HOURS, "releases")),
    "funding": (
        *bitcoin((*HOURS, "ETH-funding", "SOL-funding"), note=ALONE),
        Trial("backtest", PERPETUALS, "three", "2024-01-06", "All three are held, since SOL's rates are there."),
    ),
    "funding-hot": of_two(),
    "funding-tiers": of_two(),
    "implied-volatility": bitcoin(
        (*DAYS, "BTC-iv"), "2022-11-07", "Half a year of the index warms `dear` up; `spike` acts before."
    ),
    "long-average": bitcoin(DAYS),
    "lost-feed": bitcoin(HOURS, note=OUTAGES),
    "margin": (
        Trial("backtest", HOURS, "margin", SETTLED, f"{MARGIN} {MARKED}", ("mark=close",)),
        Trial("backtest", ("BTC-two-markets-1h", "BTC-funding"), "margin", "", MARGIN),
    ),
    "matrix": weighed(EIGHTS),
    "negative-funding": bitcoin(EIGHTS),
    "open-interest": bitcoin((*DAYS, OPEN_INTEREST)),
    "options": (Trial("run", ("BTC-calls-1h",), start="", note=CALLS),),
    "overbought": bitcoin(DAYS),
    "pair": decisions("btc_leg", COINS),
    "preservation": weighed(("BTC-1d",)),
    "price-move": bitcoin(HOURS),
    "roll": decisions("rolled", ("BTC-nearest-1h",)),
    "rsi": bitcoin(HOURS),
    "small-changes": bitcoin(DAYS),
    "static": bitcoin(HOURS, note=OWN.format("actual")),
    "stop": bitcoin(HOURS, note=OWN.format("entry")),
    "stretched": bitcoin(DAYS),
    "support": bitcoin(HOURS),
    "trend": bitcoin(HOURS),
    "unwind": bitcoin(DAYS),
    "volatility": bitcoin(
        ("BTC-1h", "BTC-funding", "BTC-iv"), "2022-11-07", "Bitcoin alone is held: options have an index for it."
    ),
    "volume-shelf": bitcoin(HOURS),
    "weekly-level": bitcoin(DAYS),
    "weekly-review": bitcoin(DAYS),
}
