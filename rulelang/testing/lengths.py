"""How long a test is: its series, its lists and its periods side by side, and what of them is too short or too long."""

from collections.abc import Sequence

from attrs import frozen

from rulelang.check.tested import CheckedTest, Expected, ExpectedAlert, Given
from rulelang.evaluate.live import offset
from rulelang.kinds import duration_text
from rulelang.text import Span


@frozen
class Fault:
    """What keeps a test from being one, and the clause that says it."""

    message: str
    span: Span


def length(test: CheckedTest, bars: int) -> tuple[int, list[Fault]]:
    """Return how many bars of `bars` seconds a test has, and what of it is too short or too long."""
    by_bar = [given for given in test.given if given.every is None]
    by_period = [given for given in test.given if given.every is not None]
    whole = _whole(test, by_bar, by_period, bars)
    ends = [(len(given.series), given) for given in by_bar]
    ends += [(_end(given, bars, test.start, whole), given) for given in by_period]
    found = min([end for end, _ in ends], default=whole)
    faults = [_short(given, end, whole) for end, given in ends if end < whole]
    faults += [fault for given in by_period if (fault := _unused(given, bars, test.start, found)) is not None]
    return found, faults or [*_uneven(test, found), *_late(test, found)]


def _whole(test: CheckedTest, by_bar: list[Given], by_period: list[Given], bars: int) -> int:
    """Return how many bars a test means to have: those of its data, or else those that it expects something of."""
    lists = [expected for expected in test.expected if expected.at is None]
    if by_bar:
        return max(len(given.series) for given in by_bar)
    if lists:
        return max(len(expected.series) for expected in lists)
    if by_period:
        return max(len(given.series) * (given.every or 0) // bars for given in by_period)
    return max((at for at, _ in _marks(test)), default=0)


def _marks(test: CheckedTest) -> list[tuple[int, Span]]:
    """Return the single bars of which something is expected."""
    asked: list[Expected | ExpectedAlert] = [*test.expected, *test.alerts]
    return [(one.at, one.span) for one in asked if one.at is not None]


def _tick(given: Given, time: float) -> int:
    assert given.every is not None
    return int((time - offset(given.every)) // given.every)


def _end(given: Given, bars: int, start: float, whole: int) -> int:
    """Return up to which bar the values of a published field last, no further than the whole test.

    A last bar that closes just as the next value would be due needs none.
    """
    first = _tick(given, start + bars)
    for at in range(whole):
        time = start + bars * (at + 1)
        if _tick(given, time) - first >= len(given.series):
            due = at + 1 == whole and _tick(given, time) != _tick(given, time - bars)
            return whole if due else at
    return whole


def _short(given: Given, end: int, whole: int) -> Fault:
    periods = f" periods of {duration_text(given.every)}" if given.every else ""
    values = f"{len(given.series):,}{periods or ' values'}"
    said = f"the values of `{given.name}` end at bar {end}, after {values}; the test goes on to bar {whole}"
    return Fault(said, given.span)


def _unused(given: Given, bars: int, start: float, length: int) -> Fault | None:
    """Return that values of a published field come after the last bar."""
    used = _tick(given, start + bars * length) - _tick(given, start + bars) + 1 if length else 0
    if used >= len(given.series):
        return None
    counted = f"{used} of {len(given.series)} values of `{given.name}` count"
    return Fault(f"the test ends at bar {length}, before its data: {counted}", given.span)


def _uneven(test: CheckedTest, bars: int) -> list[Fault]:
    """Return the lists that are longer or shorter than the test."""
    lists = [expected for expected in test.expected if expected.at is None and len(expected.series) != bars]
    return [Fault(_uneven_text(expected, bars), expected.span) for expected in lists]


def _uneven_text(expected: Expected, bars: int) -> str:
    what, listed = f"{len(expected.series):,} values are expected of {named(expected, expected.asset)}", expected.series
    if len(listed) < bars:
        return f"{what}, but the test has {_bars(bars)}: it ends before its data"
    return f"{what}, but its data end at bar {bars}"


def _late(test: CheckedTest, bars: int) -> list[Fault]:
    return [
        Fault(f"something is expected at bar {at}, but the test has {_bars(bars)}", span)
        for at, span in _marks(test)
        if at > bars
    ]


def _bars(number: int) -> str:
    return f"{number:,} bar{'' if number == 1 else 's'}"


def named(expected: Expected, asset: str | None) -> str:
    """Return what something is expected of, as a test names it."""
    name = f"{asset}.{expected.name}" if asset else expected.name
    return f"active {name}" if expected.what == "active" else name


def column(given: Given, times: Sequence[float]) -> list[float | str | None]:
    """Return a value for every bar; one of a published field stands at the first bar of each of its periods."""
    if given.every is None:
        return list(given.series)[: len(times)]
    coming, column, before = iter(given.series), [], None
    for time in times:
        tick = _tick(given, time)
        column.append(next(coming, None) if tick != before else None)
        before = tick
    return column
