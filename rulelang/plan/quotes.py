"""Quotes: what the data says of each asset at the time of a plan, gathered step by step."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import Factory, define, field, frozen

from rulelang.fields import CATALOGUE, Field
from rulelang.functions.recursive import TrueRange
from rulelang.hedging import HedgingError
from rulelang.hedging.orders import written
from rulelang.hedging.statistics import Regression, ols_beta

DAY = 86_400
ATR_DAYS = 14
CLOSE = "close"
READ = (CLOSE, "high", "low", "mark", "future", "funding_8h")
"""The fields that a plan reads: without the first there is none, the others say more where they are there."""


@frozen
class Quote:
    """What is known of an asset: prices (quote per coin), the newest settled funding (a fraction per 8 hours).

    `seen`: when the close became known, in seconds since 1970. `atr`: average true range of 14 days, quote per coin.
    `days`: closes of completed days by the day's number. All but the close are `None`, or empty, where the data doesn't
    say them.
    """

    close: Fraction
    seen: int = 0
    mark: Fraction | None = None
    future: Fraction | None = None
    funding: Fraction | None = None
    atr: Fraction | None = None
    days: Mapping[int, Decimal] = field(factory=dict, repr=False)


def fields() -> tuple[Field, ...]:
    """Return the fields that a plan reads of each asset."""
    return tuple(CATALOGUE[name] for name in READ)


@define
class Watch:
    """Watches one asset go by: `bars` is the base period in seconds."""

    bars: int
    newest: dict[str, float] = Factory(dict)
    seen: int = 0
    funded: int = 0
    days: dict[int, float] = Factory(dict)
    range: TrueRange = Factory(lambda: TrueRange(ATR_DAYS))
    atr: float | None = None
    day: int | None = None
    whole: bool = False
    high: float | None = None
    low: float | None = None

    def see(self, time: int, values: Mapping[str, Any]) -> None:
        """Take a bar that closes at a time."""
        for name in (CLOSE, "mark", "future", "funding_8h"):
            value = values.get(name)
            if value is not None and math.isfinite(value):
                self.newest[name] = float(value)
                self.seen = time if name == CLOSE else self.seen
                self.funded = time if name == "funding_8h" else self.funded
        self._into_day(time, values)

    def _into_day(self, time: int, values: Mapping[str, Any]) -> None:
        """Put a bar into its day, which ends at the next midnight UTC or now."""
        if self.bars > DAY:
            return
        day = -(-time // DAY)
        if day != self.day:
            self.whole = self.day is not None or (time - self.bars) % DAY == 0
            self.day, self.high, self.low = day, None, None
        high, low = values.get("high"), values.get("low")
        self.high = high if self.high is None else self.high if high is None else max(self.high, high)
        self.low = low if self.low is None else self.low if low is None else min(self.low, low)
        if time % DAY == 0 and self.whole and CLOSE in values:
            self.days[day] = float(values[CLOSE])
            self.atr = self.range.push(self.high, self.low, self.days[day])

    def quote(self, now: int) -> Quote | None:
        """Return what is known at a time; `None` before the first close."""
        if CLOSE not in self.newest:
            return None
        return Quote(
            _exact(self.newest[CLOSE]),
            self.seen,
            _maybe(self.newest.get("mark")),
            _maybe(self.newest.get("future")),
            _maybe(self.newest.get("funding_8h")) if self._funding_holds(now) else None,
            _maybe(self.atr),
            {day: written(close) for day, close in self.days.items()},
        )

    def _funding_holds(self, now: int) -> bool:
        """Say whether the newest settlement still counts: until a whole period without one has passed."""
        every = max(CATALOGUE["funding_8h"].every or self.bars, self.bars)
        return now // every - self.funded // every < 2


def _exact(value: float) -> Fraction:
    return Fraction(written(value))


def _maybe(value: float | None) -> Fraction | None:
    return None if value is None else _exact(value)


def regression(asset: Quote, benchmark: Quote, days: int) -> Regression | None:
    """Return the line of an asset's daily changes on a benchmark's over the last days; `None` with fewer of them."""
    common = sorted(asset.days.keys() & benchmark.days.keys())[-days - 1 :]
    if len(common) <= days:
        return None
    return line([asset.days[day] for day in common], [benchmark.days[day] for day in common])


def line(asset: Sequence[Decimal], benchmark: Sequence[Decimal]) -> Regression | None:
    """Return the line of an asset's changes on a benchmark's; `None` where one of them never moved."""
    try:
        found = ols_beta(asset, benchmark, "simple")
    except HedgingError:
        return None
    return None if found.beta is None else found
