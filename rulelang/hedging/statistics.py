"""Statistics of returns: beta, correlation, minimum-variance ratios, and how well a hedge worked.

Sums are exact, so that a flat series has a variance of exactly 0. What isn't defined (too few bars, a flat series) is
`None`. Series are oldest first, a value a bar.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Literal

from attrs import field, frozen

from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import (
    ONE,
    ZERO,
    Number,
    decimal,
    decimal_or_none,
    ln,
    named,
    not_negative,
    number,
    number_or_none,
    positive,
    ratio,
    root,
)
from rulelang.hedging.lots import rounded

Change = Literal["simple", "log", "diff", "raw"]
"""How prices become changes: p1/p0 - 1, ln(p1/p0), p1 - p0, or not at all, because they are changes already."""


def returns(prices: Sequence[Number], kind: Change) -> list[Decimal]:
    """Return the changes of a series, one fewer than prices unless they are `raw`. Source: definition.

    >>> returns(["100", "110", "99"], "simple")
    [Decimal('0.1'), Decimal('-0.1')]
    """
    return [decimal(change) for change in _changes(prices, kind)]


def _changes(prices: Sequence[Number], kind: Change) -> list[Fraction]:
    match kind:
        case "raw":
            return [number(price, "prices") for price in prices]
        case "diff":
            return [after - before for before, after in pairwise(number(price, "prices") for price in prices)]
        case "simple":
            return [after / before - 1 for before, after in _pairs(prices)]
        case "log":
            return [ln(after / before) for before, after in _pairs(prices)]
    raise HedgingError("kind", f"is {kind!r:.40}", "`simple`, `log`, `diff` or `raw`")


def _pairs(prices: Sequence[Number]) -> Iterable[tuple[Fraction, Fraction]]:
    return pairwise(positive(price, "prices") for price in prices)


# Moments ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Moments:
    """Weighted means of two series, and the weighted sums of squares and products of what is left of them."""

    n: int
    mean_x: Fraction
    mean_y: Fraction
    xx: Fraction
    yy: Fraction
    xy: Fraction

    @property
    def slope(self) -> Fraction | None:
        """The slope of x on y."""
        return ratio(self.xy, self.yy)

    @property
    def r2(self) -> Fraction | None:
        """The square of the correlation."""
        return ratio(self.xy**2, self.xx * self.yy)

    @property
    def correlation(self) -> Fraction | None:
        """The correlation, from -1 to 1."""
        square = self.r2
        return None if square is None else root(square) * (1 if self.xy > 0 else -1)


def moments(
    x: Sequence[Fraction], y: Sequence[Fraction], weights: Sequence[Fraction] | None = None, *, demean: bool = True
) -> Moments:
    """Return the moments of two series of one length, around their means or around 0; weights need not add up to 1.

    >>> moments([ONE, ZERO], [ONE, ZERO]).slope
    Fraction(1, 1)
    """
    if len(x) != len(y):
        raise HedgingError("series", f"have {len(x)} and {len(y)} values", "two series of the same bars")
    shares = _shares(weights or [ONE] * len(x))
    mean_x, mean_y = (_dot(shares, series) if demean else ZERO for series in (x, y))
    left = [(value - mean_x, other - mean_y) for value, other in zip(x, y, strict=True)]
    xx, yy, xy = (_dot(shares, [pair[i] * pair[j] for pair in left]) for i, j in ((0, 0), (1, 1), (0, 1)))
    return Moments(len(x), mean_x, mean_y, xx, yy, xy)


def _shares(weights: Sequence[Fraction]) -> list[Fraction]:
    total = sum(weights, ZERO)
    return [weight / total for weight in weights]


def _dot(weights: Sequence[Fraction], values: Sequence[Fraction]) -> Fraction:
    return sum((weight * value for weight, value in zip(weights, values, strict=True)), ZERO)


def _series(prices: Sequence[Number], kind: Change) -> list[Fraction]:
    """Return the changes of a series with 28 digits each: exact sums of more would grow without end."""
    return [Fraction(change) for change in returns(prices, kind)]


# Beta ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Regression:
    """A line through `n` changes: asset = alpha + beta * benchmark. `corr` from -1 to 1; `stderr` of beta."""

    n: int
    beta: Decimal | None = field(converter=decimal_or_none)
    alpha: Decimal | None = field(converter=decimal_or_none)
    corr: Decimal | None = field(converter=decimal_or_none)
    r2: Decimal | None = field(converter=decimal_or_none)
    stderr: Decimal | None = field(converter=decimal_or_none)


@frozen
class Beta:
    """The slope of an asset on its benchmark, from `n` changes."""

    n: int
    beta: Decimal | None = field(converter=decimal_or_none)


def ols_beta(asset: Sequence[Number], bench: Sequence[Number], kind: Change) -> Regression:
    """Return the least-squares line of an asset's changes on those of its benchmark; the same bars for both.

    Source: J. Hull, Options, Futures and Other Derivatives, hedging with futures.

    >>> ols_beta(["0.02", "-0.04", "0.05"], ["0.01", "-0.02", "0.03"], "raw").corr
    Decimal('0.9971764649527379904328805056')
    """
    m = moments(_series(asset, kind), _series(bench, kind))
    beta = m.slope
    alpha = None if beta is None else m.mean_x - beta * m.mean_y
    return Regression(m.n, beta, alpha, m.correlation, m.r2, _standard_error(m))


def _standard_error(m: Moments) -> Fraction | None:
    """Return the standard error of the slope, with n - 2 degrees of freedom."""
    if m.slope is None or m.n < 3:
        return None
    return root((m.xx - m.slope * m.xy) / (m.n - 2) / m.yy)


def ewma_beta(
    asset: Sequence[Number], bench: Sequence[Number], kind: Change, decay: Number, *, demean: bool = False
) -> Beta:
    """Return a beta whose weights fall by `decay` (above 0, at most 1) with each bar of age; the newest has age 0.

    Source: RiskMetrics, exponentially weighted covariance, without means; `demean` takes weighted means out.

    >>> ewma_beta(["0.02", "-0.04"], ["0.01", "-0.02"], "raw", "0.94")
    Beta(n=2, beta=Decimal('2'))
    """
    factor = positive(decay, "lambda")
    if factor > 1:
        raise HedgingError("lambda", f"is {decay}", "a number above 0, at most 1")
    x, y = _series(asset, kind), _series(bench, kind)
    m = moments(x, y, _falling(factor, len(x)), demean=demean)
    return Beta(m.n, m.slope)


def _falling(factor: Fraction, count: int) -> list[Fraction]:
    """Return weights that fall with age, oldest first, with 28 digits each: exact powers would grow without end."""
    weights = [ONE]
    while len(weights) < count:
        weights.append(Fraction(decimal(weights[-1] * factor)))
    return weights[:count][::-1]


# Minimum variance ─────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Comovement:
    """How the changes of spot and futures go together: both variances and their covariance, in any one unit."""

    spot: Fraction
    futures: Fraction
    both: Fraction


@frozen
class MinVariance:
    """The hedge ratio of least variance, and the share of variance that it, and the ratio in use, take away.

    `contracts_exact` and `contracts` (nearest) where units are known.
    """

    h: Decimal | None = field(converter=decimal_or_none)
    effectiveness: Decimal | None = field(converter=decimal_or_none)
    effectiveness_used: Decimal | None = field(converter=decimal_or_none)
    contracts_exact: Decimal | None = field(converter=decimal_or_none)
    contracts: Decimal | None = field(converter=decimal_or_none)


@frozen(field_transformer=named)
class Units:
    """How many units of spot are hedged, and how many one contract holds."""

    exposure: Fraction = field(converter=number)
    contract: Fraction = field(converter=positive)


def stated(rho: Number, sigma_s: Number, sigma_f: Number) -> Comovement:
    """Return the comovement that a correlation (-1 to 1) and two deviations (in any one unit) state.

    >>> min_variance(stated("0.5", "0.04", "0.02")).h
    Decimal('1')
    """
    together = number(rho, "rho")
    if abs(together) > 1:
        raise HedgingError("rho", f"is {rho}", "a correlation from -1 to 1")
    spot, futures = not_negative(sigma_s, "sigma_s"), not_negative(sigma_f, "sigma_f")
    return Comovement(spot**2, futures**2, together * spot * futures)


def measured(spot: Sequence[Number], futures: Sequence[Number], kind: Change) -> Comovement:
    """Return the comovement of two series of the same bars.

    >>> min_variance(measured(["100", "102", "101"], ["100", "101", "100.5"], "diff")).h
    Decimal('2')
    """
    m = moments(_series(spot, kind), _series(futures, kind))
    return Comovement(m.xx, m.yy, m.xy)


def min_variance(moved: Comovement, *, h_used: Number | None = None, units: Units | None = None) -> MinVariance:
    """Return the hedge ratio of least variance: covariance / variance of futures = rho * sigma_s / sigma_f.

    Source: J. Hull, Options, Futures and Other Derivatives, minimum-variance hedge ratio.

    >>> found = min_variance(stated("0.8", "1.2", "1"), units=Units("10000", "500"))
    >>> found.h, found.effectiveness, found.contracts
    (Decimal('0.96'), Decimal('0.64'), Decimal('19'))
    """
    best, used = ratio(moved.both, moved.futures), number_or_none(h_used, "h_used")
    exact = None if best is None or units is None else best * units.exposure / units.contract
    return MinVariance(
        h=best,
        effectiveness=_taken_away(moved, best),
        effectiveness_used=_taken_away(moved, used),
        contracts_exact=exact,
        contracts=None if exact is None else rounded(exact, ONE, "nearest"),
    )


def _taken_away(moved: Comovement, h: Fraction | None) -> Fraction | None:
    """Return the share of the spot's variance that a hedge ratio takes away."""
    return None if h is None else ratio(2 * h * moved.both - h**2 * moved.futures, moved.spot)


# How a hedge worked ───────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Effectiveness:
    """What a hedge took away: of the variance, and of the sum (dollar offset); and how it went with what it hedged."""

    variance_reduction: Decimal | None = field(converter=decimal_or_none)
    corr: Decimal | None = field(converter=decimal_or_none)
    r2: Decimal | None = field(converter=decimal_or_none)
    dollar_offset: Decimal | None = field(converter=decimal_or_none)


def effectiveness(unhedged: Sequence[Number], hedge: Sequence[Number]) -> Effectiveness:
    """Return how well a hedge of the size it had worked, from the PnL of each period (any one currency).

    Source: IAS 39, dollar-offset measure (80% to 125% was its bright line); variance reduction 1 - hedged / unhedged.

    >>> effectiveness(["-100", "50"], ["80", "-40"]).dollar_offset
    Decimal('0.8')
    """
    x, y = _series(unhedged, "raw"), _series(hedge, "raw")
    m = moments(x, y)
    reduction = ratio(-2 * m.xy - m.yy, m.xx)
    return Effectiveness(reduction, m.correlation, m.r2, ratio(-sum(y, ZERO), sum(x, ZERO)))


@frozen
class RollingCorrelation:
    """The correlation at each bar (`None` before the window is full, and where a series is flat), and where it broke.

    `breaches`: bars, the first is 0, at which it is strictly below the floor; `None` without a floor.
    """

    corr: tuple[Decimal | None, ...]
    breaches: tuple[int, ...] | None


def rolling_corr(
    x: Sequence[Number], y: Sequence[Number], window: int, floor: Number | None = None
) -> RollingCorrelation:
    """Return the correlation of two series over each full window. Source: Pearson's correlation.

    >>> rolling_corr(["1", "2", "3", "2"], ["1", "2", "3", "3"], 3, "0.9").breaches
    (3,)
    """
    if window < 1:
        raise HedgingError("window", f"is {window}", "a whole number of bars, at least 1")
    found, least = _rolled(_series(x, "raw"), _series(y, "raw"), window), number_or_none(floor, "floor")
    below = tuple(at for at, one in enumerate(found) if one is not None and least is not None and one < least)
    return RollingCorrelation(tuple(found), None if least is None else below)


def _rolled(x: Sequence[Fraction], y: Sequence[Fraction], window: int) -> list[Decimal | None]:
    """Return a correlation a bar; sums slide from window to window, over whole numbers, so that nothing is rounded."""
    if len(x) != len(y):
        raise HedgingError("series", f"have {len(x)} and {len(y)} values", "two series of the same bars")
    pairs = list(zip(_whole(x), _whole(y), strict=True))
    sums, found = [0, 0, 0, 0, 0], list[Decimal | None]()
    for at, (a, b) in enumerate(pairs):
        gone, lost = pairs[at - window] if at >= window else (0, 0)
        added = (a - gone, b - lost, a * a - gone * gone, b * b - lost * lost, a * b - gone * lost)
        sums = [one + more for one, more in zip(sums, added, strict=True)]
        found.append(_correlation(window, sums) if at + 1 >= window else None)
    return found


def _whole(values: Sequence[Fraction]) -> list[int]:
    """Return numbers times whatever makes all of them whole: a correlation doesn't depend on the unit."""
    unit = lcm(*(value.denominator for value in values))
    return [value.numerator * (unit // value.denominator) for value in values]


def _correlation(n: int, sums: Sequence[int]) -> Decimal | None:
    """Return the correlation of n pairs from their sums, of squares and products too; `None` where one is flat."""
    a, b, aa, bb, ab = sums
    spread = (n * aa - a * a) * (n * bb - b * b)
    return decimal((n * ab - a * b) / root(Fraction(spread))) if spread else None
