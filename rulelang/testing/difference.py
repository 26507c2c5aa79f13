"""What a test expects beside what is decided, bar by bar, and what is said of the first bar that differs."""

import math
from typing import Any

from attrs import frozen

from rulelang.check.tested import Expected
from rulelang.kinds import faithful_text
from rulelang.testing.lengths import named
from rulelang.text import Span

TOLERANCE = 1e-9
"""By how much a decided value may differ from the expected one: absolute up to 1, relative above."""

_NOTHING = (None,)


@frozen
class Row:
    """One bar around a difference: its number (from 1), its close, what was given, expected and decided, as texts."""

    bar: int
    time: str
    given: dict[str, str]
    expected: str
    found: str
    differs: bool


@frozen
class Failure:
    """One expectation that isn't met, or one thing that keeps a test from being a test.

    `bar` (from 1): the first that differs; `rows`: the bars around it; `record`: its decision record. `rule`: the rule
    that was expected to be, or not to be, active.
    """

    message: str
    span: Span
    bar: int | None = None
    asset: str | None = None
    rule: str | None = None
    rows: tuple[Row, ...] = ()
    record: dict[str, Any] | None = None


@frozen
class Difference:
    """What is expected and what was found, a value a bar, and the bars (from 1) at which they differ."""

    expected: Expected
    asset: str | None
    wanted: list[Any]
    found: list[Any]
    bars: list[int]

    @property
    def message(self) -> str:
        """What is different at the first of the bars."""
        first = self.bars[0]
        what = named(self.expected, self.asset)
        said = f"{what} is {self.found_text(first)} at bar {first}, expected {self.wanted_text(first)}"
        return said if len(self.bars) == 1 else f"{said}; {len(self.bars):,} bars differ"

    def wanted_text(self, bar: int) -> str:
        """Return what is expected at a bar; empty where nothing is."""
        value = self.wanted[bar - 1]
        return "" if value is _NOTHING else faithful_text(value, self.expected.kind, TOLERANCE)

    def found_text(self, bar: int) -> str:
        """Return what was found at a bar, so exactly that the test would pass with it."""
        return faithful_text(self.found[bar - 1], self.expected.kind, TOLERANCE)


def wanted(expected: Expected, bars: int) -> list[Any]:
    """Return what is expected at each bar."""
    listed = list(expected.series)
    if expected.at is None:
        return [*listed, *[_NOTHING] * bars][:bars]
    return [listed[0] if at + 1 == expected.at else _NOTHING for at in range(bars)]


def differing(wanted: list[Any], found: list[Any]) -> list[int]:
    """Return the bars (from 1) at which something else was found than is expected."""
    pairs = enumerate(zip(wanted, found, strict=True), 1)
    return [bar for bar, (want, have) in pairs if want is not _NOTHING and _differ(want, have)]


def _differ(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, str):
        return bool(wanted != found)
    return not math.isclose(wanted, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
