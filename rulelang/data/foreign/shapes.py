"""What tells formats apart: columns, values that only one of them can have, and file names."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rulelang.data.foreign.carriers import collected
from rulelang.data.foreign.record import Column, Raw

if TYPE_CHECKING:
    import polars

KLINES = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count", "taker_buy_volume",
    "taker_buy_quote_volume", "ignore",
)  # fmt: skip
OHLCV = ("date", "open", "high", "low", "close", "volume")
_ENOUGH = 0.5
"""Of the bars in which something was traded, the share that fits: all of the right format, none of a wrong one."""
_NEAR = 0.01
_LOOKED_AT = 100_000
"""So many rows decide which format values fit."""
_SMALL = 0.2
"""No premium over an index is larger; a price can be smaller."""
Test = Callable[[Raw], bool]


def columns(*names: str) -> Test:
    """Return whether a titled source has all these columns."""
    return lambda raw: raw.titled and raw.has(*names)


def beside(extra: str, *names: str) -> Test:
    """Return whether a titled source has all these columns, in an answer that has this key beside its records."""
    return lambda raw: columns(*names)(raw) and extra in raw.extras


def klines(raw: Raw) -> bool:
    """Say whether the twelve columns of Binance's klines are there, with a header, without, or as the API answers."""
    if len(raw.names) != len(KLINES):
        return False
    return raw.names == KLINES if raw.titled else _numbers(raw.sample)


def lists_of(width: int) -> Test:
    """Return whether the records are JSON lists of so many numbers."""
    return lambda raw: raw.carrier == "lists" and len(raw.names) == width and _numbers(raw.sample)


def bare(width: int) -> Test:
    """Return whether a file is nothing but such lists."""
    return lambda raw: lists_of(width)(raw) and not raw.extras


def answer(width: int, *extras: str) -> Test:
    """Return whether the records are such lists, in an answer that has these keys beside them."""
    return lambda raw: lists_of(width)(raw) and all(key in raw.extras for key in extras)


def freqtrade(raw: Raw) -> bool:
    """Say whether a file is one of freqtrade's: feather by its columns, JSON by its name."""
    import re

    if raw.carrier == "feather":
        return raw.names == OHLCV
    return bare(6)(raw) and re.search(FREQTRADE, raw.path) is not None


FREQTRADE = (
    r"(?P<symbol>[A-Z0-9]+(?:_[A-Z0-9]+)+)-(?P<length>\d+[mhdw])"
    r"(?:-(?:futures|mark|index|funding_rate|premiumIndex))?\.(?:feather|json)(?:\.gz)?$"
)


def vendor(raw: Raw) -> bool:
    """Say whether the columns are CryptoDataDownload's, with the volume in coins of the symbol first."""
    if not raw.titled or raw.names[:7] != ("unix", "date", "symbol", "open", "high", "low", "close"):
        return False
    word, _, coin = raw.names[7].partition(" ") if len(raw.names) > 7 else ("", "", "")
    return word == "volume" and coin != "" and raw.sample[2].lower().startswith(coin)


def traded(base: Column, quote: Column, low: Column = 3, high: Column = 2) -> Test:
    """Return whether quote / base is a price within the bar: then the one is coins, the other their value."""
    return _valued(base, quote, low, high, lambda coins, value: (value / coins,))


def contracts(count: Column, coins: Column, low: Column = 3, high: Column = 2) -> Test:
    """Return whether so many contracts of 100 or 10 USD over so many coins is a price within the bar."""
    return _valued(count, coins, low, high, lambda number, amount: (number * 100.0 / amount, number * 10.0 / amount))


Prices = "Callable[[polars.Expr, polars.Expr], tuple[polars.Expr, ...]]"


def _valued(base: Column, quote: Column, low: Column, high: Column, prices: "Prices") -> Test:  # type: ignore[valid-type]
    def test(raw: Raw) -> bool:
        import polars

        one, other, least, most = (number(raw, column) for column in (base, quote, low, high))
        known = raw.lazy.head(_LOOKED_AT).filter((one > 0) & (other > 0) & one.is_finite() & other.is_finite())
        inside = [
            price.is_between(least * (1 - _NEAR), most * (1 + _NEAR)).mean().alias(str(at))
            for at, price in enumerate(prices(one, other))  # type: ignore[misc]
        ]
        shares = collected(raw, known.select(*inside, polars.len().alias("rows"))).row(0)
        return bool(shares[-1] > 0 and max(shares[:-1]) >= _ENOUGH)

    return test


def untraded(volume: Column, close: Column = 4) -> Test:
    """Return whether nothing was traded and all is above 0: prices that are calculated, as mark and index."""
    return lambda raw: _all(raw, (number(raw, volume).fill_null(0) == 0) & (number(raw, close) > 0))


def premium(volume: Column, close: Column = 4) -> Test:
    """Return whether nothing was traded and all is near 0: a premium, a share of the price."""
    return lambda raw: _all(raw, (number(raw, volume).fill_null(0) == 0) & (number(raw, close).abs() < _SMALL))


def lively(volume: Column) -> Test:
    """Return whether anything was traded."""
    return lambda raw: not _all(raw, number(raw, volume).fill_null(0) == 0)


def rate_only(raw: Raw) -> bool:
    """Say whether all but the open is 0: freqtrade keeps funding rates there."""
    others = [number(raw, at).fill_null(0) == 0 for at in (2, 3, 4, 5)]
    return _all(raw, others[0] & others[1] & others[2] & others[3])


INTERVAL = r"^2000-01-01T(\d\d):00:00(?:\.0+)?Z$"
"""How BitMEX writes the time between settlements: as the time of a day."""


def a_day(rate: Column, interval: Column, daily: Column) -> Test:
    """Return whether a rate, as often as its interval goes into a day, is the daily one."""

    def test(raw: Raw) -> bool:
        import polars

        hours = polars.col(raw.name(interval)).str.extract(INTERVAL).cast(polars.Float64, strict=False)
        away = (number(raw, rate) * 24 / hours - number(raw, daily)).abs()
        return _all(raw, away <= 1e-9 + number(raw, daily).abs() * 1e-6)

    return test


def says(key: str, *values: str) -> Test:
    """Return whether an answer has one of these values under a key."""
    return lambda raw: raw.extras.get(key) in values


def symbols(pattern: str) -> Test:
    """Return whether all symbols are like a pattern."""

    def test(raw: Raw) -> bool:
        import polars

        return _all(raw, polars.col("symbol").str.contains(pattern))

    return test


def negated(test: Test) -> Test:
    """Return the opposite of a test."""
    return lambda raw: not test(raw)


def number(raw: Raw, column: Column) -> "polars.Expr":
    """Return a column as numbers, null where it holds something else."""
    import polars

    cells = polars.col(raw.name(column))
    texts = cells if raw.carrier == "feather" else cells.str.strip_chars()
    return texts.cast(polars.Float64, strict=False)


def _all(raw: Raw, condition: "polars.Expr") -> bool:
    return bool(collected(raw, raw.lazy.head(_LOOKED_AT).select(condition.fill_null(False).all())).item())


def _numbers(cells: tuple[str, ...]) -> bool:
    try:
        [float(cell) for cell in cells]
    except (ValueError, TypeError):
        return False
    return bool(cells)
