"""Reads the usual lines of a stream: plain numbers, the time that comes next; others are left to a closer look."""

from collections.abc import Callable, Mapping
from math import inf, nextafter
from typing import Any

from attrs import define

from rulelang.data.cells import LARGEST, Use, plain
from rulelang.fields import Field

Place = int | str
"""Where a cell stands among those of its line: a list of texts, or the object of a line of NDJSON."""
_NONE = object()
"""Equal to no cell."""


@define(eq=False)
class Lane:
    """Usual lines of one asset.

    `reads`: of each field its name, the place of its cell, the lowest and the highest value. `unsettled`: some field's
    values have to be looked at for a while. `time`: the place of the time. Of the line before, `last` is when it was
    known, in seconds, and `number` its time as it is written, in so many `digits`, which rises by `rise` a bar;
    `following` is how the next one is written, where that can be told.
    """

    asset: str | None
    reads: tuple[tuple[str, Place, float, float], ...]
    unsettled: bool
    time: Place
    last: int = 0
    number: int = 0
    rise: int = 0
    digits: int = 0
    following: Any = _NONE

    def values(self, cells: Any) -> dict[str, float | str] | None:
        """Return the values of a line, or `None` where one has to be looked at."""
        values: dict[str, float | str] = {}
        for name, place, low, high in self.reads:
            cell = cells[place]
            if cell == "":
                continue
            if cell is True or cell is False:
                return None
            try:
                value = float(cell)
            except (ValueError, TypeError, OverflowError):
                return None
            if not low <= value <= high:
                return None
            values[name] = value
        return values

    def follow(self, cell: object, time: int, bars: int) -> None:
        """Take note of a line's time, as it is written and in seconds."""
        written = str(cell) if type(cell) in (str, int) else ""
        self.last, self.following = time, _NONE
        if written.isascii() and written.isdecimal():
            self.number, self.digits = int(written), len(written)
            self.rise = bars * 1000 ** ((len(written) - 9) // 3)  # nine digits are seconds, three more milliseconds …
            self._expect(cell)

    def next(self, bars: int) -> int:
        """Take note of a line whose time is the one that was to follow; return when it is known, in seconds."""
        self.number += self.rise
        self.last += bars
        self._expect(self.following)
        return self.last

    def _expect(self, cell: object) -> None:
        following = self.number + self.rise
        written = str(following)
        if len(written) != self.digits:
            self.following = _NONE
        else:
            self.following = written if type(cell) is str else following


def lane(
    asset: str | None, uses: tuple[Use, ...], place: Callable[[str], Place], time: str, settled: Mapping[str, bool]
) -> Lane:
    """Return the lane of an asset's usual lines; `settled`: whether the values of a field may be taken at once."""
    reads = tuple((use.field.name, place(use.column), *_ends(use, settled[use.field.name])) for use in uses)
    return Lane(asset, reads, not all(settled.values()), place(time))


def _ends(use: Use, settled: bool) -> tuple[float, float]:
    """Return the lowest and the highest number that may be taken as it stands; where none may, nothing lies between."""
    if not settled or not plain(use) or use.field.kind.name == "time":
        return inf, -inf
    return _bounds(use.field)


def _bounds(field: Field) -> tuple[float, float]:
    low = nextafter(field.bounds.low, inf) if field.bounds.open_low else field.bounds.low
    return max(low, -LARGEST), min(field.bounds.high, LARGEST)
