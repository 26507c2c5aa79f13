"""Betas: what assets do when a benchmark moves, over all days and over rolling windows."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from attrs import field, frozen

from rulelang.hedging.statistics import ewma_beta
from rulelang.plan.quotes import Quote, line


@frozen
class Line:
    """A beta with its standard error, the correlation and R², from `days` daily changes."""

    days: int
    beta: Decimal
    stderr: Decimal | None
    correlation: Decimal | None
    r2: Decimal | None


@frozen
class Spread:
    """The least, the middle and the greatest of what windows gave."""

    low: float
    median: float
    high: float


@frozen
class Rolling:
    """Betas and R² of every window on the way: how many windows there are, and how far both go."""

    windows: int
    beta: Spread
    r2: Spread


@frozen
class Point:
    """What the window that ends with a day gave; `day` counts from 1970."""

    day: int
    beta: float
    r2: float


@frozen
class Measured:
    """One asset: over all days, over the last window, over every window; `None` where there are too few days.

    `ewma`: the beta whose weights fall by `decay` with each day of age. `path`: every window on the way.
    """

    asset: str
    first: int
    last: int
    all: Line | None
    newest: Line | None
    ewma: Decimal | None
    rolling: Rolling | None
    path: tuple[Point, ...] = field(repr=False)


@frozen
class _Closes:
    """Closes of an asset and the benchmark on the days that both have, oldest first."""

    days: Sequence[int]
    asset: Sequence[Decimal] = field(repr=False)
    benchmark: Sequence[Decimal] = field(repr=False)

    def line(self, days: int) -> Line | None:
        """Return the line through the last changes."""
        found = line(self.asset[-days - 1 :], self.benchmark[-days - 1 :]) if len(self.days) > days >= 2 else None
        if found is None or found.beta is None:
            return None
        return Line(found.n, found.beta, found.stderr, found.corr, found.r2)

    def falling(self, decay: Decimal) -> Decimal | None:
        """Return the beta whose weights fall by `decay` with each day of age."""
        return ewma_beta(self.asset, self.benchmark, "simple", decay).beta if len(self.days) > 2 else None


def measured(quotes: Mapping[str, Quote], benchmark: str, window: int, decay: Decimal) -> tuple[Measured, ...]:
    """Return the betas of every other asset to a benchmark; `window`: days, at least 2; `decay`: above 0, below 1."""
    others = [asset for asset in quotes if asset != benchmark]
    return tuple(_measured(asset, quotes[asset], quotes[benchmark], window, decay) for asset in others)


def _measured(asset: str, own: Quote, benchmark: Quote, window: int, decay: Decimal) -> Measured:
    days = sorted(own.days.keys() & benchmark.days.keys())
    closes = _Closes(days, [own.days[day] for day in days], [benchmark.days[day] for day in days])
    first, last = (days[0], days[-1]) if days else (0, 0)
    path = tuple(_path(closes, window))
    return Measured(
        asset, first, last, closes.line(len(days) - 1), closes.line(window), closes.falling(decay), _rolling(path), path
    )


def _path(closes: _Closes, window: int) -> Iterator[Point]:
    """Yield what every window gives, as floats: a picture of the past, no part of an order."""
    x, y = _changes(closes.asset), _changes(closes.benchmark)
    for end in range(window, len(x) + 1):
        own, other = x[end - window : end], y[end - window : end]
        if len(set(own)) > 1 and len(set(other)) > 1:
            beta, fit = statistics.linear_regression(other, own).slope, statistics.correlation(own, other) ** 2
            yield Point(closes.days[end], beta, fit)


def _rolling(path: Sequence[Point]) -> Rolling | None:
    if not path:
        return None
    return Rolling(len(path), _spread([one.beta for one in path]), _spread([one.r2 for one in path]))


def _changes(closes: Sequence[Decimal]) -> list[float]:
    return [float(after) / float(before) - 1 for before, after in pairwise(closes)]


def _spread(values: Sequence[float]) -> Spread:
    return Spread(min(values), statistics.median(values), max(values))
