"""The record of a format: how its files look, which columns are what, and what its times are."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

from rulelang.data.request import Stamp

if TYPE_CHECKING:
    import polars

Column = int | str
"""A column of a source, by its place or by its name in small letters."""


class Kind(Enum):
    """What a row of a format is."""

    BARS = "bars"
    RATES = "funding"
    VALUES = "values"
    EVENTS = "events"


@frozen
class Asked:
    """What is said about files beside their paths.

    `form`: the format's name. `zone`: of times that don't tell, an IANA name or `+03:00`. `every`: seconds that a row
    stands for. `stamp`: what the times of bars are. `lenient`: take times without a zone as they are written.
    """

    form: str | None = None
    zone: str | None = None
    every: int | None = None
    stamp: Stamp | None = None
    lenient: bool = False


@frozen
class Raw:
    """The records of a source before anything is understood: columns of text, or as a binary file stores them.

    `carrier`: "csv", "lists" or "objects" (JSON), "feather", "ics" or "table" (a file in columns of ours). `first`: row
    number of the first record. `extras`: what the answer of an exchange says beside its records. `stored`: how a binary
    file stores columns of times, as in `Table`. `titled`: the columns have names of their own.
    """

    path: str
    carrier: str
    names: tuple[str, ...]
    scan: "Callable[[], polars.LazyFrame]" = field(repr=False)
    first: int = 1
    sample: tuple[str, ...] = ()
    extras: Mapping[str, object] = field(factory=dict)
    titled: bool = True
    stored: Mapping[str, str] = field(factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def lazy(self) -> "polars.LazyFrame":
        """The rows, not yet read."""
        return self.scan()

    def name(self, column: Column) -> str:
        """Return the name of a column."""
        return self.names[column] if isinstance(column, int) else column

    def has(self, *columns: str) -> bool:
        """Say whether all these columns are there."""
        return set(columns) <= set(self.names)


@frozen
class Format:
    """One format.

    `time`: the column of times; `stamp`: what they are of a bar. `values`: our columns by theirs. `shape` says whether
    a source looks like it, `fits` whether its values do (`None`: all), `named` which paths make it certain. `ends`: the
    column of close times. `hours`: of the hours a rate is for. `symbol`: the column, or `extras` key, of the
    instrument. `final`: the column that is 1 for bars that are over. `zone`: "UTC", or `None` where it must be said.
    `percent`: values are percentage points. `calls`: what open, high, low, close are called, if not that. `files`: file
    names that tell symbol and length. `remark`: what the user should know about its values.
    """

    name: str
    title: str
    kind: Kind
    carriers: tuple[str, ...]
    time: Column
    values: Mapping[str, Column]
    shape: Callable[[Raw], bool]
    fits: Callable[[Raw], bool] | None = None
    named: str | None = None
    ends: Column | None = None
    hours: Column | None = None
    symbol: str | None = None
    final: Column | None = None
    zone: str | None = "UTC"
    percent: bool = False
    calls: str = ""
    files: str | None = None
    remark: str = ""

    @property
    def called(self) -> dict[str, str]:
        """What its values are called in a file of ours: the close of a mark price is `mark`."""
        if not self.calls:
            return {name: name for name in self.values}
        return {name: self.calls if name == "close" else f"{self.calls}_{name}" for name in self.values}

    @property
    def stamp(self) -> Stamp:
        """What the times of the format are: of bars the open, of anything else the moment it was known."""
        return Stamp.OPEN if self.kind is Kind.BARS else Stamp.CLOSE


@frozen
class Opened:
    """One source, understood. `frame`: `row` (number in the source), `time` (UTC) and values, in the source's order.

    `length`: seconds of a bar. `unit`, `zone`: of the times. `symbol`: the one instrument. `unfinished`: bars left out
    since the source says that they weren't over. `taken`: seconds since 1970 when the source was taken, if it tells.
    `derived`: the hours of rates are the distances between settlements.
    """

    path: str
    format: Format
    frame: "polars.DataFrame" = field(repr=False)
    stamp: Stamp | None
    length: int | None
    unit: str
    zone: str | None
    symbol: str | None = None
    unfinished: int = 0
    taken: float | None = None
    derived: bool = False
    notes: tuple[str, ...] = ()
