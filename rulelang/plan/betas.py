"""Betas: what assets do when a benchmark moves, over all days and over rolling windows."""

import statistics
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from attrs import field, frozen

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
class Measured:
    """One asset: over all days, over the last window, over every window; `None` where there are too few days."""

    asset: str
    first: int
    last: int
    all: Line | None
    newest: Line | None
    rolling: Rolling | None


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


def measured(quotes: Mapping[str, Quote], benchmark: str, window: int) -> tuple[Measured, ...]:
    """Return the betas of every other asset to a benchmark; `window` is in days, at least 2."""
    others = [asset for asset in quotes if asset != benchmark]
    return tuple(_measured(asset, quotes[asset], quotes[benchmark], window) for asset in others)


def _measured(asset: str, own: Quote, benchmark: Quote, window: int) -> Measured:
    days = sorted(own.days.keys() & benchmark.days.keys())
    closes = _Closes(days, [own.days[day] for day in days], [benchmark.days[day] for day in days])
    first, last = (days[0], days[-1]) if days else (0, 0)
    return Measured(asset, first, last, closes.line(len(days) - 1), closes.line(window), _rolling(closes, window))


def _rolling(closes: _Closes, window: int) -> Rolling | None:
    """Return what every window gives, as floats: a picture of the past, no part of an order."""
    x, y = _changes(closes.asset), _changes(closes.benchmark)
    spans = [slice(end - window, end) for end in range(window, len(x) + 1)]
    moving = [span for span in spans if len(set(x[span])) > 1 and len(set(y[span])) > 1]
    if not moving:
        return None
    betas = [statistics.linear_regression(y[span], x[span]).slope for span in moving]
    fits = [statistics.correlation(x[span], y[span]) ** 2 for span in moving]
    return Rolling(len(moving), _spread(betas), _spread(fits))


def _changes(closes: Sequence[Decimal]) -> list[float]:
    return [float(after) / float(before) - 1 for before, after in pairwise(closes)]


def _spread(values: Sequence[float]) -> Spread:
    return Spread(min(values), statistics.median(values), max(values))
