"""Looks a file of market data over: what it is, its span and its clock, and everything in it that can't be right."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, field, frozen

from rulelang.data.errors import DataError, shown
from rulelang.data.foreign import Asked, Kind, Opened, opened
from rulelang.data.foreign.reading import offsets
from rulelang.data.request import Stamp
from rulelang.data.times import written
from rulelang.fields import CATALOGUE
from rulelang.kinds import duration_text, value_text
from rulelang.kinds.units import offset

if TYPE_CHECKING:
    import polars

FROZEN = 12
"""So many bars with the same four prices are a feed that stands still, or a market in which nobody trades."""
_PRICES = ("open", "high", "low", "close")
_LARGEST = 1e30


@frozen
class Finding:
    """One thing to know: `what` in a word, whether it is a problem, a sentence, how many rows, and the first."""

    what: str
    problem: bool
    text: str
    count: int = 0
    row: int | None = None


@frozen
class Checkup:
    """What was found in one file, for one instrument. `first`, `last`: stamps in seconds since 1970, as they stand.

    `length`: seconds of a bar; of settlements their usual distance. `stamp`: "open", "close" or `None`: nobody says.
    """

    path: str
    format: str = ""
    title: str = ""
    kind: str = ""
    symbol: str | None = None
    rows: int = 0
    first: float | None = None
    last: float | None = None
    length: int | None = None
    unit: str = ""
    zone: str | None = None
    stamp: str | None = None
    findings: tuple[Finding, ...] = field(factory=tuple)

    @property
    def problems(self) -> int:
        """The number of problems."""
        return sum(one.problem for one in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return asdict(self, value_serializer=lambda _, __, value: list(value) if isinstance(value, tuple) else value)


def checked(path: str, asked: Asked) -> list[Checkup]:
    """Return what is found in a file, for each instrument in it; a file that can't be read has one problem."""
    try:
        one = opened(path, asked)
        return [_checkup(one, symbol, frame) for symbol, frame in _by_symbol(one)]
    except DataError as error:
        if error.code == "RL710":
            raise
        text = str(error).removeprefix(f"{path}: ")
        return [Checkup(path, findings=(Finding("unreadable", True, text, row=error.row),))]


def _by_symbol(one: Opened) -> "list[tuple[str | None, polars.DataFrame]]":
    keys = [name for name in ("symbol", "market") if name in one.frame.columns and one.frame[name].n_unique() > 1]
    if not keys:
        return [(one.symbol, one.frame)]
    groups = one.frame.partition_by(keys, as_dict=True, maintain_order=True)
    return [(" ".join(str(part) for part in key if part is not None), frame) for key, frame in groups.items()]


def _checkup(one: Opened, symbol: str | None, frame: "polars.DataFrame") -> Checkup:
    ordered = frame.sort("time", maintain_order=True)
    micros = ordered["time"].dt.epoch("us")
    length = one.length if one.format.kind is Kind.BARS else _distance(micros)
    kind = one.format.kind
    return Checkup(
        one.path, one.format.name, one.format.title, kind.value, symbol, frame.height,
        micros[0] / 1e6, micros[-1] / 1e6, None if kind is Kind.EVENTS else length, one.unit, one.zone,
        one.stamp.value if one.stamp is not None else None,
        tuple(_findings(one, frame, ordered, length)),
    )  # fmt: skip


def _distance(micros: "polars.Series") -> int | None:
    """Return the usual distance of times in seconds, to the minute."""
    steps = (micros.unique().sort().diff().drop_nulls() / 60_000_000).round()
    counts = steps.value_counts(sort=True)
    return int(counts[counts.columns[0]][0]) * 60 or None if counts.height else None


def _findings(
    one: Opened, frame: "polars.DataFrame", ordered: "polars.DataFrame", length: int | None
) -> Iterator[Finding]:
    yield from _clock(one)
    yield from _order(one, frame)
    yield from _duplicates(ordered)
    if one.format.kind in (Kind.BARS, Kind.RATES):
        yield from _gaps(one, ordered, length)
    if one.format.kind is Kind.BARS:
        yield from _forming(one, ordered)
    yield from _values(one, ordered)
    yield from _rates(one, ordered)
    yield from _still(one, ordered)
    yield from (Finding("note", False, note) for note in one.notes)


# Times ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _clock(one: Opened) -> Iterator[Finding]:
    if one.zone is None:
        hint = ""
        if "interval_hours" in one.frame.columns:
            told = offsets(one, one.frame["interval_hours"])
            hint = f" (settlements fall on hours of UTC that are multiples of their interval; as written {told})"
        yield Finding("zone", True, f"nothing tells the time zone{hint}: say which when importing, as in --zone UTC")
    if one.stamp is None:
        yield Finding("stamp", True, "nothing tells whether times are the open or the close: --time open, or close")
    if one.format.kind is Kind.BARS and one.length is None:
        yield Finding("length", True, "one row doesn't tell how long a bar is: --every 1h")
    if one.format.kind is Kind.RATES and "interval_hours" not in one.frame.columns:
        yield Finding("interval", True, "nothing tells how many hours each rate is for: --every 8h")


def _order(one: Opened, frame: "polars.DataFrame") -> Iterator[Finding]:
    steps = frame["time"].dt.epoch("us").diff().drop_nulls()
    falls, rises = int((steps < 0).sum()), int((steps > 0).sum())
    if falls and not rises:
        yield Finding("order", False, "newest first")
    elif falls:
        at = int((steps < 0 if falls <= rises else steps > 0).arg_true()[0]) + 1
        fewer = min(falls, rises)
        text = _n(fewer, "row is", "rows are") + " out of order"
        yield Finding("order", one.format.kind is not Kind.EVENTS, text, fewer, int(frame["row"][at]))


def _duplicates(ordered: "polars.DataFrame") -> Iterator[Finding]:
    import polars

    keys = ["time", "event"] if "event" in ordered.columns else ["time"]
    if keys == ["time"] and not (ordered["time"].diff().dt.total_microseconds() == 0).any():
        return
    again = ordered.filter(~polars.struct(keys).is_first_distinct())
    if not again.height:
        return
    same = ordered.height - ordered.unique(ordered.columns[1:]).height
    row = int(again["row"].min())  # type: ignore[arg-type]
    if same:
        yield Finding("duplicates", False, _n(same, "row says", "rows say") + " the same as another", same, row)
    if again.height > same:
        other = again.height - same
        text = _n(other, "row has", "rows have") + " the time of another, and other values"
        yield Finding("duplicates", True, text, other, row)


def _gaps(one: Opened, ordered: "polars.DataFrame", length: int | None) -> Iterator[Finding]:
    if length is None:
        return
    micros = ordered["time"].dt.epoch("us")
    steps = (micros.diff().drop_nulls() / (length * 1_000_000)).round()
    wide = (steps > 1) if not _changes(ordered) else (steps > 1) & (micros.diff().drop_nulls() > 8 * 3_600_000_000)
    absent = (steps.filter(wide) - 1).cast(int)
    if len(absent):
        at = int(wide.arg_true()[0])
        what = "bar" if one.format.kind is Kind.BARS else "settlement"
        longest = duration_text(int(absent.max()) * length)  # type: ignore[arg-type]
        text = f"{_n(len(absent), 'gap')} ({_n(int(absent.sum()), what)} missing, the longest {longest}), the first "
        yield Finding("gaps", True, f"{text}after {written(micros[at] / 1e6)}", len(absent), int(ordered["row"][at]))
    if one.format.kind is Kind.BARS:
        yield from _off_grid(ordered, micros, length)


def _off_grid(ordered: "polars.DataFrame", micros: "polars.Series", length: int) -> Iterator[Finding]:
    off = ((micros - offset(length) * 1_000_000) % (length * 1_000_000)) != 0
    ends = ((micros + 1_000_000 - offset(length) * 1_000_000) % (length * 1_000_000)) <= 1_000_000
    wrong = (off & ~ends).arg_true()
    if len(wrong):
        text = f"{_n(len(wrong), 'time is', 'times are')} no boundary of {duration_text(length)}"
        yield Finding("grid", True, text, len(wrong), int(ordered["row"][int(wrong[0])]))


def _forming(one: Opened, ordered: "polars.DataFrame") -> Iterator[Finding]:
    if one.unfinished:
        text = f"{_n(one.unfinished, 'bar')} that wasn't over when the data were taken; it is left out"
        yield Finding("forming", False, text, one.unfinished)
    if one.zone is None or one.length is None:
        return
    length = one.length if one.stamp is Stamp.OPEN else 0
    late = int((ordered["time"].dt.epoch("us") + length * 1_000_000 > Path(one.path).stat().st_mtime * 1e6).sum())
    row = int(ordered["row"][-1])
    if late == 1:
        yield Finding("forming", True, "the last bar closes after the file was written: it may not be over", 1, row)
    elif late:
        text = f"{late:,} bars close after the file was written: their times are in the future"
        yield Finding("future", True, text, late, row)


# Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _values(one: Opened, ordered: "polars.DataFrame") -> Iterator[Finding]:
    import polars

    signed = _premium(one, ordered)
    yield from _shapes(ordered)
    for name in ordered.columns:
        known = CATALOGUE.get(name.rpartition(".")[2])
        if known is None or not ordered[name].dtype.is_numeric():
            continue
        value = polars.col(name)
        low, opened = known.bounds.low, known.bounds.open_low
        if opened and not signed:
            yield from _where(ordered, value == low, name, f"{{}} of `{name}` 0")
        if low == 0 and not signed:
            yield from _where(ordered, value < 0, name, f"{{}} of `{name}` below 0")
        yield from _where(ordered, value.abs() > _LARGEST, name, f"{{}} of `{name}` larger than any of a market")
        yield from _where(ordered, value.is_null(), name, f"{{}} of `{name}` missing", False)


def _premium(one: Opened, ordered: "polars.DataFrame") -> bool:
    """Say whether prices are premiums, which may be negative: a format says so, or many are, all near 0."""
    if one.format.calls == "premium" or "close" not in ordered.columns:
        return one.format.calls == "premium"
    close = ordered["close"]
    return bool(close.abs().max() < 0.2 and (close < 0).mean() > 0.05)  # type: ignore[operator]


def _shapes(ordered: "polars.DataFrame") -> Iterator[Finding]:
    import polars

    if not set(_PRICES) <= set(ordered.columns):
        return
    high, low = polars.col("high"), polars.col("low")
    yield from _where(ordered, high < low, "high", "{} with the high below the low", noun="bar")
    for name in ("open", "close"):
        outside = ((polars.col(name) > high) | (polars.col(name) < low)) & (high >= low)
        yield from _where(ordered, outside, name, f"{{}} with the {name} outside low to high", noun="bar")


def _where(
    ordered: "polars.DataFrame", wrong: "polars.Expr", what: str, text: str, problem: bool = True, noun: str = "value"
) -> Iterator[Finding]:
    rows = ordered.filter(wrong.fill_null(False))["row"]
    if len(rows):
        yield Finding(what, problem, text.format(_n(len(rows), noun)), len(rows), int(rows.min()))  # type: ignore[arg-type]


def _changes(ordered: "polars.DataFrame") -> bool:
    return "interval_hours" in ordered.columns and ordered["interval_hours"].n_unique() > 1


def _rates(one: Opened, ordered: "polars.DataFrame") -> Iterator[Finding]:
    import polars

    if "funding_rate" not in ordered.columns:
        return
    for name in ("funding_rate", "interval_hours"):
        if name in ordered.columns:
            yield from _where(ordered, polars.col(name).is_null(), name, f"{{}} of `{name}` missing", False)
    if "interval_hours" not in ordered.columns:
        return
    plausible = CATALOGUE["funding_8h"].plausible.high
    beyond = (polars.col("funding_rate") * 8 / polars.col("interval_hours")).abs() > plausible
    limit = value_text(plausible, CATALOGUE["funding_8h"].kind)
    yield from _where(ordered, beyond, "funding_rate", f"{{}} beyond ±{limit}")
    if one.derived:
        yield Finding("interval", False, "the hours of each rate are the distance to the settlement before it")
    steps = ordered.filter(polars.col("interval_hours") != polars.col("interval_hours").shift())
    for row, time, hours in steps.select("row", "time", "interval_hours").head(3).rows():
        text = f"from {written(time.timestamp())} on, settlements are {hours:g} h apart"
        yield Finding("interval", False, text, steps.height, int(row))


def _still(one: Opened, ordered: "polars.DataFrame") -> Iterator[Finding]:
    """Find runs of bars whose four prices are one and the same."""
    import polars

    if one.format.kind is not Kind.BARS or not set(_PRICES) <= set(ordered.columns):
        return
    moved = polars.any_horizontal(polars.col(name).ne_missing(polars.col(name).shift()) for name in _PRICES)
    volume = polars.col("volume").fill_null(0).sum() if "volume" in ordered.columns else polars.lit(None)
    runs = (
        ordered.with_columns(moved.cum_sum().alias("run"))
        .filter(polars.col("run").is_in(_long(ordered.select(moved.alias("moved"))["moved"]).implode()))
        .group_by("run", maintain_order=True)
        .agg(polars.len().alias("bars"), polars.col("row").first(), polars.col("time").first(),
             polars.col("close").first(), volume.first().alias("volume"))
    )  # fmt: skip
    traded = polars.col("volume").fill_null(1) > 0
    for quiet, found in ((True, runs.filter(~traded)), (False, runs.filter(traded))):
        if found.height:
            _, bars, row, time, close, *_ = found.sort("bars", descending=True, maintain_order=True).row(0)
            what = "nothing was traded in" if quiet else "the feed stands still in"
            text = f"{what} {_n(found.height, 'run')} of {FROZEN} bars or more; the longest, {bars:,} bars from "
            text += f"{written(time.timestamp())}, at {shown(f'{close:.15g}')}"
            yield Finding("still", not quiet, text, int(found["bars"].sum()), int(row))


def _long(moved: "polars.Series") -> "polars.Series":
    """Return the numbers of the runs, counted where one begins, that are long."""
    counts = moved.cum_sum().value_counts()
    return counts.filter(counts["count"] >= FROZEN)[counts.columns[0]]


def _n(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
