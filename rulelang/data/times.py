"""Times of a file: which column they are in, how each cell is read, and the grid of periods they lie on."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from rulelang.data.errors import DataError, listed, shown
from rulelang.data.request import Mapping_, Stamp
from rulelang.kinds.units import offset, time_text

TELLING = {"open_time": Stamp.OPEN, "close_time": Stamp.CLOSE, "known_at": Stamp.CLOSE}
"""Time columns whose name says which moment of a bar they hold."""
NAMES = ("time", "timestamp", "date", "datetime", "unix", "ts", *TELLING)
SECOND = 1_000_000
"""Microseconds in a second: the unit of time inside this room until stamps have been snapped."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = re.compile(r"-?\d+(\.\d*)?")
_MANGLED = re.compile(r"-?\d+(\.\d*)?[eE]\+?\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNITS = (("seconds", 10**8, Decimal(SECOND)), ("milliseconds", 10**11, Decimal(1000)),
          ("microseconds", 10**14, Decimal(1)), ("nanoseconds", 10**17, Decimal("0.001")))  # fmt: skip


def time_column(names: Sequence[str], maps: Iterable[Mapping_], path: str) -> str:
    """Return the column that holds the times: the one `--map time=` names, or the one whose name says so."""
    stated = [m.column for m in maps if m.field == "time" and m.column in names]
    found = stated or [name for name in names if name.strip().lower() in NAMES]
    lowered = {name.strip().lower(): name for name in found}
    if not stated and lowered.keys() == {"open_time", "close_time"}:
        return lowered["open_time"]
    if len(found) == 1:
        return found[0]
    if not found:
        raise DataError(
            "RL701",
            f"no column is the time; the columns are {listed(tuple(names))}; say which one is: --map time=COLUMN",
            path,
        )
    raise DataError("RL701", f"{listed(found)} could each be the time; say which one is: --map time={found[0]}", path)


class TimeCells:
    """Reads the cells of one time column, in one unit throughout.

    `stored` is how the file stores them: "instant" (microseconds since 1970 UTC), "date" (the same, of days), "local"
    (a time without zone), "" (as text or numbers).
    """

    def __init__(self, path: str, column: str, stored: str = "") -> None:
        self.path = path
        self.column = column
        self.days = stored == "date"
        self.unit: str | None = None
        self._ready = stored in ("instant", "date")
        if stored == "local":
            raise self._error(
                None,
                "has times without a zone; "
                "store them as UTC, in pandas with .dt.tz_localize('UTC') if that is what they are",
            )

    def micros(self, cell: object, row: int) -> int | None:
        """Return a cell as microseconds since 1970 UTC, `None` where it is empty."""
        if cell is None or cell == "" or cell != cell:
            return None
        if self._ready and isinstance(cell, int):
            return cell
        if isinstance(cell, str):
            return self._text(cell.strip(), row)
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            return self._epoch(Decimal(repr(cell)), cell, row)
        raise self._unknown(cell, row)

    def required(self, cell: object, row: int) -> int:
        """Return a cell as microseconds since 1970 UTC; an empty one is an error."""
        micros = self.micros(cell, row)
        if micros is None:
            raise self._error(row, "is empty; every row needs its time: fill it in or remove the row")
        return micros

    def _text(self, text: str, row: int) -> int | None:
        if not text:
            return None
        if _PLAIN.fullmatch(text):
            return self._epoch(Decimal(text), text, row)
        if _MANGLED.fullmatch(text):
            raise self._error(
                row, f"{shown(text)} has lost its last digits, as in a spreadsheet; export the file again"
            )
        try:
            moment = datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text)
        except ValueError:
            raise self._unknown(text, row) from None
        return self._moment(moment, text, row)

    def _moment(self, moment: datetime, text: str, row: int) -> int:
        self._same_unit("written out", text, row)
        if moment.tzinfo is None and _DAY.fullmatch(text):
            self.days = True
            moment = moment.replace(tzinfo=UTC)
        if moment.tzinfo is None:
            raise self._error(
                row,
                f"{shown(text)} has no time zone; "
                f"add Z if it is UTC (`{text.replace(' ', 'T')}Z`), else convert it to UTC",
            )
        since = moment - _EPOCH
        return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds

    def _epoch(self, value: Decimal, cell: object, row: int) -> int:
        for name, least, factor in reversed(_UNITS):
            if least <= value < 10**20:
                self._same_unit(f"in {name}", cell, row)
                return int(value * factor)
        raise self._unknown(cell, row)

    def _same_unit(self, unit: str, cell: object, row: int) -> None:
        if self.unit is None:
            self.unit = unit
        elif unit != self.unit:
            raise self._error(
                row, f"{shown(cell)} is {unit}, the rows above are {self.unit}; write all times in one unit"
            )

    def _unknown(self, cell: object, row: int) -> DataError:
        return self._error(
            row, f"{shown(cell)} is no time; write 2024-05-12T08:00Z, or seconds or milliseconds since 1970"
        )

    def _error(self, row: int | None, message: str) -> DataError:
        return DataError("RL702", message, self.path, row, self.column)


def spacing(times: Sequence[int]) -> int | None:
    """Return the most frequent distance between neighbours (the shortest such), `None` for fewer than two times."""
    counts = Counter(later - earlier for earlier, later in pairwise(times))
    return min(counts, key=lambda step: (-counts[step], step)) if counts else None


def period_of(time: int, period: int) -> int:
    """Return the number of the period [k·D, (k+1)·D) that holds a time in seconds; weeks begin on Mondays.

    >>> period_of(345_600, 604_800)
    0
    """
    return (time - offset(period)) // period


def on_grid(time: int, period: int) -> bool:
    """Say whether a time in seconds is a boundary of the period."""
    return (time - offset(period)) % period == 0


def grid_above(time: int, period: int) -> int:
    """Return the first boundary of the period at or after a time, both in seconds."""
    return -((offset(period) - time) // period) * period + offset(period)


def settled_at(micros: int, cadence: int) -> int:
    """Return the second a settlement counts from: the boundary if it is within 60 s, else its own, rounded up.

    >>> settled_at(28_800_003_000, 28_800), settled_at(28_799_999_000, 28_800), settled_at(30_000_000_001, 28_800)
    (28800, 28800, 30001)
    """
    second = -(-micros // SECOND)
    if cadence < 300:
        return second
    origin = offset(cadence)
    boundary = (micros - origin * SECOND + cadence * SECOND // 2) // (cadence * SECOND) * cadence + origin
    return boundary if abs(boundary * SECOND - micros) <= 60 * SECOND else second


def closed_at(micros: int, period: int) -> int | None:
    """Return the boundary in seconds that a close stamp means, `None` when it is none.

    Some exchanges stamp a close one millisecond (or up to a second) before the boundary.
    """
    boundary = grid_above(-(-micros // SECOND), period)
    return boundary if boundary * SECOND - micros <= SECOND else None


def written(seconds: float) -> str:
    """Return a time (seconds since 1970) as messages write it."""
    return time_text(seconds)
