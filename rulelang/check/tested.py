"""Checked tests: what a `test` block gives and expects, with every value known."""

from collections.abc import Iterator
from fractions import Fraction

from attrs import field, frozen

from rulelang.kinds import Kind
from rulelang.syntax import tree
from rulelang.text import Source, Span


@frozen
class Stretch:
    """A part of a series: a value (`None`: missing) so many times, or so many values from it evenly `to` another."""

    value: Fraction | str | None
    to: Fraction | None
    times: int

    def __iter__(self) -> Iterator[float | str | None]:
        if isinstance(self.value, str) or self.value is None:
            yield from [self.value] * self.times
        elif self.to is None:
            yield from [float(self.value)] * self.times
        else:
            step = (self.to - self.value) / (self.times - 1)
            yield from (float(self.value + step * at) for at in range(self.times))


@frozen
class Series:
    """A series of a test: its stretches, one after the other."""

    stretches: tuple[Stretch, ...]

    def __len__(self) -> int:
        return sum(stretch.times for stretch in self.stretches)

    def __iter__(self) -> Iterator[float | str | None]:
        for stretch in self.stretches:
            yield from stretch


@frozen
class Given:
    """Values of a field (or of what a host supplies, `hedge.actual`): one a bar, or one each `every` seconds.

    `asset`: the one it is given to; `None`: all of them.
    """

    asset: str | None
    name: str
    kind: Kind
    every: int | None
    series: Series
    written: tree.GivenSeries = field(eq=False, repr=False)

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.written.span


@frozen
class Expected:
    """What a test expects: of a target (`hedge`), a rule (`active`), one value a bar, or one `at` a bar (from 1).

    `asset`: the one it is expected of; `None`: each of them.
    """

    what: str
    asset: str | None
    name: str
    kind: Kind
    series: Series
    at: int | None
    written: tree.ExpectValue | tree.ExpectActive = field(eq=False, repr=False)

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.written.span


@frozen
class ExpectedAlert:
    """An alert that a test expects at a bar (from 1): its text, or the rule's text with its braces."""

    text: str
    at: int
    written: tree.ExpectAlert = field(eq=False, repr=False)

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.written.span


@frozen
class CheckedTest:
    """One test. `restarts`: after which bars (from 1).

    `start`: when its first bar opens, in seconds since 1970; `None`: on the first Monday, or with the bar after it.
    """

    name: str
    bars: int | None
    start: float | None
    given: tuple[Given, ...]
    events: dict[str, tuple[float, ...]]
    params: dict[str, str]
    expected: tuple[Expected, ...]
    alerts: tuple[ExpectedAlert, ...]
    restarts: tuple[int, ...]
    written: tree.Test = field(eq=False, repr=False)
    source: Source = field(eq=False, repr=False)
