"""The functions as a textbook has them: from the whole history each time, in fractions or with sixty digits."""

import itertools
import math
from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from fractions import Fraction

from rulelang.functions import FUNCTIONS, Rolling, Setting
from rulelang.kinds import CONDITION, PRICE, Kind

Row = tuple[float | None, ...]
Answer = float | None

DIGITS = Context(prec=60, Emax=99_999, Emin=-99_999)
HOUR = 3600


def start(
    name: str, n: int, p: float = 50.0, kinds: tuple[Kind, ...] | None = None, clock: int | None = HOUR
) -> Rolling:
    """Start a function with a history."""
    make = FUNCTIONS[name].start
    assert make is not None
    usual = (CONDITION,) if name in ("count", "periods_since") else (PRICE, PRICE)
    return make(Setting(window=n, clock=clock, kinds=kinds or usual, numbers=(p,)))


def run(state: Rolling, rows: Sequence[Row]) -> list[Answer]:
    """Push rows and return what came out."""
    return [state.push(*row) for row in rows]


def series(values: Sequence[Answer]) -> list[Row]:
    """Return rows of one value each."""
    return [(value,) for value in values]


def alike(found: Sequence[Answer], expected: Sequence[Answer], precision: float) -> bool:
    """Say whether the same values are missing, and the others equal within a relative (below 1: absolute) precision."""
    pairs = zip(found, expected, strict=True)
    return all(
        (a is None and b is None)
        or (a is not None and b is not None and math.isclose(a, b, rel_tol=precision, abs_tol=precision))
        for a, b in pairs
    )


def window(rows: Sequence[Row], n: int) -> list[tuple[float, ...]] | None:
    """Return the complete rows among the last n, or nothing when the window has no value (clause 5.6)."""
    last = rows[-n:]
    known = [tuple(value for value in row if value is not None) for row in last if None not in row]
    return known if len(last) == n and 2 * len(known) >= n else None


def rounded(value: Fraction) -> Answer:
    """Return the nearest double, `None` beyond them."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return None


def root(value: Fraction) -> Decimal:
    """Return a square root to sixty digits."""
    return DIGITS.sqrt(DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator)))


def quotient(value: Fraction, by: Decimal) -> float:
    """Return a quotient rounded to a double."""
    top = DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
    return float(DIGITS.divide(top, by))


def values(rows: Sequence[Row], n: int) -> list[Fraction] | None:
    """Return the window of a single series in fractions."""
    known = window(rows, n)
    return None if known is None else [Fraction(value) for (value,) in known]


def sma(rows: Sequence[Row], n: int) -> Answer:
    known = values(rows, n)
    return None if known is None else rounded(sum(known, Fraction()) / len(known))


def total(rows: Sequence[Row], n: int) -> Answer:
    known = values(rows, n)
    return None if known is None else rounded(sum(known, Fraction()))


def wma(rows: Sequence[Row], n: int) -> Answer:
    if window(rows, n) is None:
        return None
    weighted = [(k, Fraction(value)) for k, (value,) in enumerate(rows[-n:], 1) if value is not None]
    return rounded(sum((k * x for k, x in weighted), Fraction()) / sum(k for k, _ in weighted))


def variance(known: list[Fraction]) -> Fraction:
    mean = sum(known, Fraction()) / len(known)
    return sum(((x - mean) ** 2 for x in known), Fraction()) / len(known)


def stdev(rows: Sequence[Row], n: int) -> Answer:
    known = values(rows, n)
    return None if known is None else float(root(variance(known)))


def zscore(rows: Sequence[Row], n: int) -> Answer:
    known, (now,) = values(rows, n), rows[-1]
    if known is None or now is None or variance(known) == 0:
        return None
    return quotient(Fraction(now) - sum(known, Fraction()) / len(known), root(variance(known)))


def together(rows: Sequence[Row], n: int) -> tuple[Fraction, Fraction, Fraction] | None:
    """Return the covariance and both variances of a window of pairs."""
    known = window(rows, n)
    if known is None:
        return None
    x, y = [Fraction(row[0]) for row in known], [Fraction(row[1]) for row in known]
    mean_x, mean_y = sum(x, Fraction()) / len(x), sum(y, Fraction()) / len(y)
    both = sum(((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)), Fraction()) / len(x)
    return both, variance(x), variance(y)


def correlation(rows: Sequence[Row], n: int) -> Answer:
    found = together(rows, n)
    return quotient(found[0], root(found[1] * found[2])) if found and found[1] and found[2] else None


def beta(rows: Sequence[Row], n: int) -> Answer:
    found = together(rows, n)
    return rounded(found[0] / found[2]) if found and found[2] else None


def vwap(rows: Sequence[Row], n: int) -> Answer:
    known = window(rows, n)
    bars = [[Fraction(value) for value in bar] for bar in known or ()]
    volume = sum((bar[3] for bar in bars), Fraction())
    if volume <= 0:
        return None
    return rounded(sum(((high + low + close) / 3 * size for high, low, close, size in bars), Fraction()) / volume)


def highest(rows: Sequence[Row], n: int) -> Answer:
    known = window(rows, n)
    return None if known is None else max(known)[0]


def lowest(rows: Sequence[Row], n: int) -> Answer:
    known = window(rows, n)
    return None if known is None else min(known)[0]


def median(rows: Sequence[Row], n: int) -> Answer:
    known = values(rows, n)
    if known is None:
        return None
    ordered = sorted(known)
    return rounded((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)


def rank(rows: Sequence[Row], n: int) -> Answer:
    known, (now,) = values(rows, n), rows[-1]
    if known is None or now is None or len(known) == 1:
        return None
    below = sum(x < now for x in known) + Fraction(sum(x == now for x in known) - 1, 2)
    return rounded(below / (len(known) - 1))


def drawdown(rows: Sequence[Row], n: int) -> Answer:
    top, (now,) = highest(rows, n), rows[-1]
    return rounded(1 - Fraction(now) / Fraction(top)) if top is not None and now is not None and top > 0 else None


def previous(rows: Sequence[Row], n: int) -> Answer:
    return rows[-n - 1][0] if len(rows) > n else None


def difference(rows: Sequence[Row], n: int) -> Answer:
    before, (now,) = previous(rows, n), rows[-1]
    return None if before is None or now is None else rounded(Fraction(now) - Fraction(before))


def change(rows: Sequence[Row], n: int) -> Answer:
    before, (now,) = previous(rows, n), rows[-1]
    return None if before is None or now is None or before <= 0 else rounded(Fraction(now) / Fraction(before) - 1)


def count(rows: Sequence[Row], n: int) -> Answer:
    known = window(rows, n)
    return None if known is None else float(sum(bool(held) for (held,) in known))


def periods_since(rows: Sequence[Row], n: int) -> Answer:
    true = [k for k, (held,) in enumerate(rows) if held]
    return float(len(rows) - 1 - true[-1]) if true else None


def volatility(rows: Sequence[Row], n: int) -> Answer:
    closes = [row[0] for row in rows]
    returns: list[Row] = [(None,)]
    for before, now in itertools.pairwise(closes):
        good = before is not None and now is not None and before > 0 and now > 0
        returns.append((math.log(now / before),) if good and before and now else (None,))
    deviation = stdev(returns, n)
    return None if deviation is None else deviation * math.sqrt(365 * 24 * 3600 / HOUR)


def profile(rows: Sequence[Row], n: int) -> tuple[float, float, float] | None:
    """Return point of control, value area high and low, with exact shares."""
    known = window([row if row[0] is None or row[1] is None or row[0] >= row[1] else (None,) * 3 for row in rows], n)
    total_volume = sum(Fraction(bar[2]) for bar in known or ())
    if not known or total_volume == 0:
        return None
    low, high = min(bar[1] for bar in known), max(bar[0] for bar in known)
    if low == high:
        return low, low, low
    edges = [low + (high - low) * (k / 24) for k in range(24)] + [high]
    shares = [sum((part(bar, edges, row) for bar in known), Fraction()) / total_volume for row in range(24)]
    first, last = area(shares)
    row = fullest(shares)
    return (edges[row] + edges[row + 1]) / 2, edges[last + 1], edges[first]


def part(bar: tuple[float, ...], edges: list[float], row: int) -> Fraction:
    """Return the volume that a bar brings into a row."""
    high, low, volume = (Fraction(value) for value in bar)
    bottom, top = Fraction(edges[row]), Fraction(edges[row + 1])
    if high == low:
        inside = bottom < low <= top or (row == 0 and low == bottom)
        return volume if inside else Fraction()
    return volume * max(min(high, top) - max(low, bottom), Fraction()) / (high - low)


NOISE = Fraction(1, 10**12)


def fullest(shares: list[Fraction]) -> int:
    return min(row for row in range(24) if shares[row] >= max(shares) - NOISE)


def area(shares: list[Fraction]) -> tuple[int, int]:
    first = last = fullest(shares)
    while sum(shares[first : last + 1]) < Fraction(7, 10) - NOISE:
        below = shares[first - 1] if first else Fraction(-1)
        above = shares[last + 1] if last < 23 else Fraction(-1)
        first, last = (first - 1, last) if below >= above - NOISE else (first, last + 1)
    return first, last


def point_of_control(rows: Sequence[Row], n: int) -> Answer:
    found = profile(rows, n)
    return found and found[0]


def value_area_high(rows: Sequence[Row], n: int) -> Answer:
    found = profile(rows, n)
    return found and found[1]


def value_area_low(rows: Sequence[Row], n: int) -> Answer:
    found = profile(rows, n)
    return found and found[2]


def silent(rows: Sequence[Row], n: int) -> bool:
    """Say whether none of the last n rows is complete (C62)."""
    return len(rows) >= n and all(None in row for row in rows[-n:])


def seeded(known: Sequence[float], n: int, weight: Fraction) -> Answer:
    """Return a recursive average in fractions."""
    if len(known) < n:
        return None
    average = sum((Fraction(x) for x in known[:n]), Fraction()) / n
    for x in known[n:]:
        average += weight * (Fraction(x) - average)
    return rounded(average)


def complete(rows: Sequence[Row]) -> list[tuple[float, ...]]:
    return [tuple(value for value in row if value is not None) for row in rows if None not in row]


def ema(rows: Sequence[Row], n: int) -> Answer:
    return None if silent(rows, n) else seeded([x for (x,) in complete(rows)], n, Fraction(2, n + 1))


def wilder(rows: Sequence[Row], n: int) -> Answer:
    return None if silent(rows, n) else seeded([x for (x,) in complete(rows)], n, Fraction(1, n))


def atr(rows: Sequence[Row], n: int) -> Answer:
    bars = complete(rows)
    reaches = [
        max(bar[0] - bar[1], abs(bar[0] - before[2]), abs(bar[1] - before[2]))
        for before, bar in itertools.pairwise(bars)
    ]
    return None if silent(rows, n) else seeded(reaches, n, Fraction(1, n))


def rsi(rows: Sequence[Row], n: int) -> Answer:
    known = [Fraction(x) for (x,) in complete(rows)]
    moves = [now - before for before, now in itertools.pairwise(known)]
    if silent(rows, n) or len(moves) < n:
        return None
    up = sum((max(move, Fraction()) for move in moves[:n]), Fraction()) / n
    down = sum((max(-move, Fraction()) for move in moves[:n]), Fraction()) / n
    for move in (move for move in moves[n:] if move or n > 1):  # with n = 1 a still bar would leave 0 / 0 (C16)
        up, down = (up * (n - 1) + max(move, Fraction())) / n, (down * (n - 1) + max(-move, Fraction())) / n
    return rounded(100 * up / (up + down)) if up + down else None


Naive = Callable[[Sequence[Row], int], Answer]

EXACT: dict[str, Naive] = {"sma": sma, "wma": wma, "sum": total, "vwap": vwap, "beta": beta, "median": median}
ORDER: dict[str, Naive] = {"highest": highest, "lowest": lowest, "rank": rank, "count": count}
PAST: dict[str, Naive] = {"previous": previous, "difference": difference, "periods_since": periods_since}
CLOSE: dict[str, Naive] = {
    "stdev": stdev,
    "zscore": zscore,
    "correlation": correlation,
    "volatility": volatility,
    "change": change,
    "drawdown": drawdown,
}
RECURSIVE: dict[str, Naive] = {"ema": ema, "wilder": wilder, "atr": atr, "rsi": rsi}
PROFILE: dict[str, Naive] = {
    "point_of_control": point_of_control,
    "value_area_high": value_area_high,
    "value_area_low": value_area_low,
}
NAIVE = {**EXACT, **ORDER, **PAST, **CLOSE, **RECURSIVE, **PROFILE}
WINDOWS = {*EXACT, *ORDER, *PROFILE, "stdev", "zscore", "correlation", "drawdown"}
"""Functions whose value depends on the last n rows and nothing else."""
