"""The catalogue of market fields: one record each (clause 3.5)."""

import math
from enum import Enum

from attrs import frozen

from rulelang.kinds import COINS, MONEY, PRICE, RATIO, TIME, Kind, rate

EIGHT_HOURS = 28_800


class Aggregation(Enum):
    """How the value of a longer bar is made of the known values of its parts."""

    FIRST = "first"
    MAX = "max"
    MIN = "min"
    LAST = "last"
    SUM = "sum"


@frozen
class Range:
    """An interval; `open_low` leaves its lower end out."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False

    def holds(self, value: float) -> bool:
        """Say whether a finite value lies inside."""
        return (
            math.isfinite(value) and value <= self.high and (value > self.low if self.open_low else value >= self.low)
        )


@frozen
class Field:
    """One market field.

    `bounds`: a value outside is missing and reported. `plausible`: a threshold outside is a warning.
    `every`: seconds between publications, `None` for a value of each bar. `valid_for`: seconds that a value counts.
    `phrase`, `plural`: what English calls one value, and several. `published`: one publication. `pays`: who pays whom.
    """

    name: str
    kind: Kind
    help: str
    aggregation: Aggregation = Aggregation.LAST
    bounds: Range = Range()
    plausible: Range = Range()
    every: int | None = None
    valid_for: int | None = None
    example: str = ""
    phrase: str = ""
    plural: str = ""
    published: str = "publication"
    pays: str = ""


_POSITIVE = Range(0, open_low=True)
_NOT_NEGATIVE = Range(0)
_FUNDING = Range(-1, 1)
_FUNDING_PLAUSIBLE = Range(-0.03, 0.03)

_RECORDS = (
    Field(
        "open",
        PRICE,
        "first traded price of the bar",
        Aggregation.FIRST,
        _POSITIVE,
        example="close > open",
        phrase="the open",
        plural="opens",
    ),
    Field(
        "high",
        PRICE,
        "highest traded price of the bar",
        Aggregation.MAX,
        _POSITIVE,
        example="high - low > 2 * atr(14)",
        phrase="the high",
        plural="highs",
    ),
    Field(
        "low",
        PRICE,
        "lowest traded price of the bar",
        Aggregation.MIN,
        _POSITIVE,
        example="low < lowest(close, 20)",
        phrase="the low",
        plural="lows",
    ),
    Field(
        "close",
        PRICE,
        "last traded price of the bar, known at its close",
        bounds=_POSITIVE,
        example="close > sma(close, 200)",
        phrase="the close",
        plural="closes",
    ),
    Field("spot", PRICE, "spot price", bounds=_POSITIVE, example="spot < index", phrase="the spot price"),
    Field(
        "mark",
        PRICE,
        "mark price of the contract, by which margin and liquidation go",
        bounds=_POSITIVE,
        example="mark / index - 1 > 0.5%",
        phrase="the mark price",
    ),
    Field(
        "index",
        PRICE,
        "index price that the contract follows",
        bounds=_POSITIVE,
        example="mark < index",
        phrase="the index price",
    ),
    Field(
        "future",
        PRICE,
        "price of the dated future",
        bounds=_POSITIVE,
        example="future > spot",
        phrase="the price of the dated future",
    ),
    Field(
        "volume",
        COINS,
        "coins traded in the bar",
        Aggregation.SUM,
        _NOT_NEGATIVE,
        example="volume > 2 * sma(volume, 20)",
        phrase="the volume",
        plural="volumes",
    ),
    Field(
        "open_interest",
        MONEY,
        "open interest: value of all open contracts",
        bounds=_NOT_NEGATIVE,
        example="open_interest rises 10% over 24h",
        phrase="the open interest",
    ),
    Field(
        "funding_8h",
        rate(EIGHT_HOURS),
        "settled funding rate, normalised to 8 hours; positive: longs pay shorts, a short hedge receives it",
        bounds=_FUNDING,
        plausible=_FUNDING_PLAUSIBLE,
        every=EIGHT_HOURS,
        example="funding_8h > 0.05% for 3 periods",
        phrase="the settled funding rate",
        plural="settled funding rates",
        published="settlement",
        pays="above 0 longs pay shorts: a short hedge receives it; below 0 shorts pay longs: a short hedge pays it",
    ),
    Field(
        "predicted_funding_8h",
        rate(EIGHT_HOURS),
        "running estimate of the next funding rate, normalised to 8 hours; positive: longs will pay shorts",
        bounds=_FUNDING,
        plausible=_FUNDING_PLAUSIBLE,
        example="predicted_funding_8h < 0%",
        phrase="the estimate of the next funding rate",
        pays="nobody yet, it is an estimate; above 0 a short hedge would receive it, below 0 it would pay it",
    ),
    Field(
        "iv",
        RATIO,
        "implied volatility a year, 30 days at the money (80% is 0.8)",
        bounds=_NOT_NEGATIVE,
        plausible=Range(0.1, 3),
        example="iv > 80%",
        phrase="implied volatility",
    ),
    Field(
        "expiry",
        TIME,
        "expiry of the dated future",
        example="within 7d before expiry",
        phrase="the expiry of the dated future",
    ),
    Field(
        "exposure",
        MONEY,
        "value of what is hedged",
        example="exposure > 1_000_000 USD",
        phrase="the value of what is hedged",
    ),
)

CATALOGUE: dict[str, Field] = {record.name: record for record in _RECORDS}
"""Every market field by name."""
