"""How long a test is, and what keeps it from being one: data that end too soon or too late, or of an unknown asset."""

import math
from collections.abc import Sequence

from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.check.tested import CheckedTest, Expected, ExpectedAlert, Given
from rulelang.kinds import duration_text
from rulelang.kinds.units import MONDAY, offset
from rulelang.syntax import tree
from rulelang.text import Span


@frozen
class Fault:
    """What keeps a test from being one, and the clause that says it."""

    message: str
    span: Span


def opens(test: CheckedTest, bars: int) -> float:
    """Return when the first bar of a test opens, in seconds since 1970."""
    if test.start is not None:
        return test.start
    return math.ceil((MONDAY - offset(bars)) / bars) * bars + offset(bars)


def strangers(test: CheckedTest, rules: CheckedRules) -> list[Fault]:
    """Return what is given to assets that the rules neither run for nor read: most likely a slip."""
    read = {need.asset for program in rules.programs.values() for need in program.needs if need.asset is not None}
    known = {*(asset for asset in rules.programs if asset is not None), *read}
    of = f"only of {', '.join(sorted(known))}" if known else "of no asset by its name"
    return [
        Fault(f"`{given.asset}.{given.name}` is given, but the rules know {of}", given.span)
        for given in test.given
        if given.asset is not None and given.asset not in known
    ]


def length(test: CheckedTest, bars: int) -> tuple[int, list[Fault]]:
    """Return how many bars of `bars` seconds a test has, and what of it is too short or too long."""
    by_bar = [given for given in test.given if given.every is None]
    by_period = [given for given in test.given if given.every is not None]
    whole = _whole(test, by_bar, by_period, bars)
    start = opens(test, bars)
    ends = [(len(given.series), given) for given in by_bar]
    ends += [(_end(given, bars, start, whole), given) for given in by_period]
    found = min([end for end, _ in ends], default=whole)
    faults = [_short(given, end, whole) for end, given in ends if end < whole]
    faults += [fault for given in by_period if (fault := _unused(given, bars, start, found)) is not None]
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


def _tick(every: int, time: float) -> int:
    return int((time - offset(every)) // every)


def _end(given: Given, bars: int, start: float, whole: int) -> int:
    """Return up to which bar the values of a published field last, no further than the whole test.

    A last bar that closes just as the next value would be due needs none.
    """
    every = given.every or bars
    due = (_tick(every, start + bars) + len(given.series)) * every + offset(every)
    end = math.ceil((due - start) / bars) - 1
    return whole if end >= whole - 1 and start + bars * whole == due else min(end, whole)


def _short(given: Given, end: int, whole: int) -> Fault:
    periods = f" periods of {duration_text(given.every)}" if given.every else ""
    values = f"{len(given.series):,}{periods or ' values'}"
    said = f"the values of `{given.name}` end at bar {end:,}, after {values}; the test goes on to bar {whole:,}"
    return Fault(said, given.span)


def _unused(given: Given, bars: int, start: float, length: int) -> Fault | None:
    """Return that values of a published field come after the last bar."""
    every = given.every or bars
    used = _tick(every, start + bars * length) - _tick(every, start + bars) + 1 if length else 0
    if used >= len(given.series):
        return None
    counted = f"{used} of {len(given.series)} values of `{given.name}` count"
    return Fault(f"the test ends at bar {length:,}, before its data: {counted}", given.span)


def _uneven(test: CheckedTest, bars: int) -> list[Fault]:
    """Return the lists that are longer or shorter than the test."""
    lists = [expected for expected in test.expected if expected.at is None and len(expected.series) != bars]
    return [Fault(_uneven_text(expected, bars), expected.span) for expected in lists]


def _uneven_text(expected: Expected, bars: int) -> str:
    what = f"{len(expected.series):,} values are expected of {named(expected, expected.asset)}"
    if len(expected.series) < bars:
        return f"{what}, but the test goes on to bar {bars:,}: say what is expected until then"
    return f"{what}, but the test ends at bar {bars:,}"


def _late(test: CheckedTest, bars: int) -> list[Fault]:
    """Return what is asked for behind the last bar; behind a restart there has to be another bar."""
    late = [(f"something is expected at bar {at:,}", span) for at, span in _marks(test) if at > bars]
    clauses = [clause for clause in test.written.clauses if isinstance(clause, tree.Restart)]
    restarts = [(int(clause.position.text.replace("_", "")), clause.span) for clause in clauses]
    late += [(f"nothing comes behind the restart at bar {at:,}", span) for at, span in restarts if at >= bars]
    return [Fault(f"{said}: the test has {_bars(bars)}", span) for said, span in late]


def _bars(number: int) -> str:
    return f"{number:,} bar{'' if number == 1 else 's'}"


def named(expected: Expected, asset: str | None) -> str:
    """Return what something is expected of, as a test names it."""
    name = f"{asset}.{expected.name}" if asset else expected.name
    return f"active {name}" if expected.what == "active" else name


def column(given: Given, times: Sequence[float]) -> list[float | str | None]:
    """Return the value of every bar; of a published field the one of the bar's period, at each bar of it."""
    if given.every is None:
        return list(given.series)[: len(times)]
    listed, ticks = list(given.series), [_tick(given.every, time) for time in times]
    return [listed[tick - ticks[0]] if tick - ticks[0] < len(listed) else None for tick in ticks]


def comes(given: Given, time: float, bars: int, first: bool) -> bool:
    """Say whether a value comes with the bar that closes at `time`: with the first one of each period."""
    return first or given.every is None or _tick(given.every, time) != _tick(given.every, time - bars)
