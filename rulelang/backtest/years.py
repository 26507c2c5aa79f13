"""Years: what each calendar year (UTC) brought, and what it lacks: bars, settlements, inputs of the rules."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from rulelang.backtest.decisions import Input
from rulelang.backtest.result import Track, Year
from rulelang.backtest.stock import Ground
from rulelang.backtest.terms import funding_of

_MANY = 0.001
"""A field may be missing in so small a share of a year's bars without a word."""


def years(ground: Ground, tracks: Sequence[Track], legs: Sequence[int], inputs: Sequence[Input]) -> tuple[Year, ...]:
    """Return the years of a history. `legs`: those that were held, whose settlements count."""
    return tuple(_year(ground, tracks, legs, inputs, *each) for each in _parts(ground.history.times))


def _parts(times: Any) -> Iterator[tuple[int, int, int]]:
    """Yield each year, and its rows: from the first to the last + 1; a bar belongs to the year in which it opens."""
    first = datetime.fromtimestamp(float(times[0]) - 1, UTC).year
    last = datetime.fromtimestamp(float(times[-1]) - 1, UTC).year
    for year in range(first, last + 1):
        edges = [datetime(one, 1, 1, tzinfo=UTC).timestamp() for one in (year, year + 1)]
        start, end = (int(np.searchsorted(times, edge, side="right")) for edge in edges)
        yield year, start, end


def _year(
    ground: Ground, tracks: Sequence[Track], legs: Sequence[int], inputs: Sequence[Input],
    year: int, start: int, end: int,
) -> Year:  # fmt: skip
    times, bars = ground.history.times, ground.history.bars
    edges = [datetime(one, 1, 1, tzinfo=UTC).timestamp() for one in (year, year + 1)]
    begin, until = max(edges[0], float(times[0]) - bars), min(edges[1], float(times[-1]))
    expected = round((until - begin) / bars)
    settled, due = _settled(ground, legs, begin, until)
    missing = {name: share for name, share in _missing(ground, inputs, start, end, begin, until) if share > _MANY}
    returns = {one.name: _return(one.equity, start, end) for one in tracks} if end > start else {}
    return Year(year, end - start, max(0, expected - (end - start)), settled, max(0, due - settled), returns, missing)


def _return(equity: Any, start: int, end: int) -> float:
    before = float(equity[max(0, start - 1)])
    return float(equity[end - 1]) / before - 1 if before > 0 else float("nan")


def _settled(ground: Ground, legs: Sequence[int], begin: float, until: float) -> tuple[int, int]:
    """Return how many settlements the legs met in a time, and how many were due.

    One at the very end of the history is met where the data have it; they may as well end before it.
    """
    settled = due = 0
    for leg in legs:
        interval = ground.terms[leg].listing.interval
        if interval is None:
            continue
        found = funding_of(ground.terms[leg], ground.history)
        first, last = max(begin, float(ground.history.times[0])), float(ground.history.times[-1])
        inside = 0 if found is None else int(((found.times > first) & (found.times <= until)).sum())
        wanted = int(until // interval - first // interval)
        ends = until == last and until % interval == 0 and (found is None or last not in found.times)
        due += wanted - ends
        settled += min(inside, wanted)
    return settled, due


def _missing(
    ground: Ground, inputs: Sequence[Input], start: int, end: int, begin: float, until: float
) -> Iterator[tuple[str, float]]:
    if end == start:
        return
    for coin, amount in ground.coins.items():
        prices = ground.history.prices[coin].close[start:end]
        if amount:
            yield f"{coin} close", float((prices != prices).mean())
    for one in inputs:
        known = int(one.known[start:end].sum())
        every = max(one.every or 0, ground.history.bars)
        wanted = end - start if one.every is None else max(1, int((until - begin) // every))
        yield one.label, max(0.0, 1 - known / wanted)


def lacks(found: Sequence[Year]) -> tuple[str, ...]:
    """Return in sentences what the years lack."""
    return tuple(sentence for one in found if (sentence := _lack(one)) is not None)


def _lack(one: Year) -> str | None:
    parts = []
    if one.missing_bars:
        whole = one.bars + one.missing_bars
        parts.append(f"{one.missing_bars:,} of {whole:,} bars are missing")
    if one.missing_settlements:
        due = one.settlements + one.missing_settlements
        none = "no settlement of funding is there" if not one.settlements else None
        parts.append(none or f"{one.missing_settlements:,} of {due:,} settlements of funding are missing")
    parts += [f"`{name}` is missing {_share(share)}" for name, share in one.missing.items()]
    return f"{one.year}: {'; '.join(parts)}" if parts else None


def _share(share: float) -> str:
    return "throughout" if share >= 1 else f"in {share:.1%} of it"
