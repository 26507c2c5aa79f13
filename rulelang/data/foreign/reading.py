"""Reads a source as one format: finds which, takes its columns, settles times, lengths and hours."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve

from rulelang.data.cells import scaled
from rulelang.data.errors import DataError, shown
from rulelang.data.foreign import carriers, shapes
from rulelang.data.foreign.formats import FORMATS
from rulelang.data.foreign.instants import Instants, instants
from rulelang.data.foreign.record import Asked, Column, Format, Kind, Opened, Raw

if TYPE_CHECKING:
    import polars

HOUR = 3_600_000_000
_MINUTE = 60_000_000
_EMPTY = ("", "nan", "null", "none", "na", "n/a")
_HOURS = (1.0, 2.0, 4.0, 8.0)
"""The hours between settlements that exchanges have."""
_LENGTHS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def recognised(raw: Raw) -> tuple[list[Format], bool]:
    """Return the formats that a source may be, and whether it is certain: there is one, and the values fit it."""
    _check_payments(raw)
    alike = [one for one in FORMATS.values() if raw.carrier in one.carriers and one.shape(raw)]
    if alike:
        carriers.library(raw.path)
    fitting = [one for one in alike if one.fits is None or one.fits(raw)]
    named = [one for one in fitting if one.named is not None and re.search(one.named, raw.path)]
    found = named if len(named) == 1 else fitting or alike
    return found, bool(fitting) and len(found) == 1


def _check_payments(raw: Raw) -> None:
    if raw.carrier == "objects" and raw.has("amount", "code", "timestamp") and not raw.has("fundingrate"):
        raise DataError("RL706", "holds payments of funding, no rates; fetch fetchFundingRateHistory", raw.path)


def chosen(raw: Raw, asked: Asked) -> Format | None:
    """Return the format of a source: the one asked for, or the one that is certain; `None`: of none of them.

    Raises `DataError` with the candidates where there are several.
    """
    if asked.form is not None:
        return _forced(raw, FORMATS[asked.form])
    found, certain = recognised(raw)
    if certain or not found:
        return found[0] if found else None
    if len(found) == 1:
        raise _nearly(raw, found[0])
    *others, last = (one.name for one in found)
    names = f"{', '.join(others)} or {last}"
    command = f"rulelang data import --as {found[0].name}"
    raise DataError("RL700", f"could be {names}, and nothing in it decides; say which, as in {command}", raw.path)


def _nearly(raw: Raw, form: Format) -> DataError:
    """Return why a source isn't certain to be of the one format that it is like."""
    absent = _absent(raw, form)
    why = "its values don't fit it" if absent is None else f"row {absent[0]}: {shown(absent[1])} is missing"
    message = f"is nearly {form.name}, but {why}; mend it or, if it is, say so: rulelang data import --as {form.name}"
    return DataError("RL700", message, raw.path)


def _absent(raw: Raw, form: Format) -> tuple[int, str] | None:
    """Return row and column of the first missing value, if the rows without such fit the format."""
    import polars

    taken = (*form.values.values(), *((form.hours,) if form.hours is not None else ()))
    columns = [polars.col(raw.name(one)) for one in taken]
    empty = [
        one.is_null() | one.cast(polars.String).str.strip_chars().str.to_lowercase().is_in(_EMPTY) for one in columns
    ]
    some = polars.any_horizontal(empty)
    if form.fits is None or not form.fits(evolve(raw, scan=lambda: raw.lazy.filter(~some))):
        return None
    lacking = raw.lazy.select(*empty).with_row_index("at").filter(polars.any_horizontal(polars.exclude("at"))).head(1)
    found = carriers.collected(raw, lacking)
    if not found.height:
        return None
    at, *cells = found.row(0)
    return raw.first + int(at), raw.name(taken[cells.index(True)])


def _forced(raw: Raw, form: Format) -> Format:
    if raw.carrier in form.carriers and form.shape(raw):
        return form
    what = "its columns are " + ", ".join(shown(name) for name in raw.names[:12]) if raw.titled else ""
    message = f"is no {form.name} ({form.title})" + (f": {what}" if what else "")
    raise DataError("RL700", message, raw.path)


def understood(raw: Raw, form: Format, asked: Asked) -> Opened:
    """Return a source read as a format. Raises `DataError` for what isn't certain."""
    source = _without_end(carriers.collected(raw, raw.lazy.select(_columns(raw, form))))
    if not source.height:
        raise DataError("RL700", "holds no rows, only the names of columns", raw.path)
    if raw.carrier == "csv":
        carriers.check_end(raw.path, len(raw.names))
    times = instants(raw, raw.name(form.time), source["time"], form.zone, asked)
    frame = _valued(raw, form, source, times)
    opened = Opened(
        raw.path, form, frame, form.stamp, None, times.unit, times.zone, _symbol(raw, form, frame),
        taken=_moment(raw), notes=(*raw.notes, *((form.remark,) if form.remark else ())),
    )  # fmt: skip
    return _settled(opened, times, asked, source)


def _without_end(source: "polars.DataFrame") -> "polars.DataFrame":
    """Return rows without the empty lines at the end of a text."""
    height = source.height
    while height and all(cell is None for cell in source.row(height - 1)):
        height -= 1
    return source.head(height)


def _columns(raw: Raw, form: Format) -> "list[polars.Expr]":
    """Return the columns that a format takes, by our names; texts that should be numbers as numbers where they are."""
    import polars

    found = []
    for ours, theirs in _taken(form).items():
        one = polars.col(raw.name(theirs))
        swift = raw.carrier in ("csv", "lists", "objects") and ours in form.values and not form.percent
        one = number_expr(one) if swift else one.cast(polars.Int64, strict=False) if ours == "ends" else one
        found.append(one.alias(ours))
    return found


def number_expr(texts: "polars.Expr") -> "polars.Expr":
    """Return texts as numbers, null where they are none."""
    import polars

    return texts.str.strip_chars().cast(polars.Float64, strict=False).fill_nan(None)


def _taken(form: Format) -> dict[str, Column]:
    extra = {"ends": form.ends, "hours": form.hours, "final": form.final}
    found = {"time": form.time, **form.values, **{name: one for name, one in extra.items() if one is not None}}
    if form.symbol is not None and "lists" not in form.carriers:
        found["symbol"] = form.symbol
    return found


# Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _valued(raw: Raw, form: Format, source: "polars.DataFrame", times: Instants) -> "polars.DataFrame":
    import polars

    columns = [
        polars.int_range(raw.first, raw.first + source.height, dtype=polars.UInt32, eager=True).alias("row"),
        times.micros.cast(polars.Datetime("us", "UTC")).alias("time"),
    ]
    for ours, theirs in form.values.items():
        columns.append(_value(raw, form, source[ours], raw.name(theirs), ours))
    if "symbol" in source.columns:
        columns.append(source["symbol"].cast(polars.String).str.strip_chars())
    return polars.DataFrame(columns)


def _value(raw: Raw, form: Format, cells: "polars.Series", theirs: str, ours: str) -> "polars.Series":
    """Return one column of values; of one with gaps the texts are looked at, which may hold what is no number."""
    if ours == "event":
        return cells
    if cells.null_count() and cells.dtype.is_numeric() and raw.carrier != "feather":
        cells = carriers.collected(raw, raw.lazy.select(theirs))[theirs]
    return numbers(raw, theirs, cells, form.percent).alias(ours)


def numbers(raw: Raw, column: str, cells: "polars.Series", percent: bool = False) -> "polars.Series":
    """Return cells as numbers, null where they are empty. Raises `DataError` for the first that is none."""
    import polars

    if cells.dtype != polars.String:
        values = cells.cast(polars.Float64).fill_nan(None)
        return values.map_elements(_hundredth, return_dtype=polars.Float64) if percent else values
    texts = cells.str.strip_chars()
    if percent:
        texts = texts.str.replace(r"\s*%$", "") + "e-2"
    values = texts.cast(polars.Float64, strict=False).fill_nan(None)
    if values.null_count():
        _check_cells(raw, column, cells, values, percent)
    return values


def _hundredth(value: float) -> float:
    return scaled(value, Decimal("0.01"))


def _check_cells(raw: Raw, column: str, cells: "polars.Series", values: "polars.Series", percent: bool) -> None:
    """Raise for the first cell that is no number; in a CSV a missing one may be that of a row cut short."""
    plain = cells.str.strip_chars().str.to_lowercase()
    wrong = (values.is_null() & cells.is_not_null() & ~plain.is_in(_EMPTY)).arg_true()
    if len(wrong):
        at = int(wrong[0])
        found = f"{shown(cells[at])} is no number: write one, or leave the cell empty where there is none"
        raise DataError("RL705", found, raw.path, raw.first + at, column)
    carriers.check_rows(raw)


def _symbol(raw: Raw, form: Format, frame: "polars.DataFrame") -> str | None:
    if "symbol" in frame.columns:
        labels = frame["symbol"].unique()
        return str(labels[0]) if len(labels) == 1 and labels[0] is not None else None
    if form.symbol is not None and raw.extras.get(form.symbol):
        return str(raw.extras[form.symbol])
    found = re.search(form.files, raw.path) if form.files else None
    if found is None:
        return None
    base, *quotes = found["symbol"].split("_")
    return f"{base}/{':'.join(quotes)}" if form.name.startswith("freqtrade") else found["symbol"]


def _moment(raw: Raw) -> float | None:
    """Return when an answer was given, in seconds since 1970, if it tells."""
    sent = raw.extras.get("usOut")
    if isinstance(sent, str) and sent.isdigit():
        return int(sent) / 1_000_000
    told = raw.extras.get("time")
    return int(told) / 1000 if isinstance(told, str) and told.isdigit() and raw.extras.get("retCode") else None


# Times ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _settled(opened: Opened, times: Instants, asked: Asked, source: "polars.DataFrame") -> Opened:
    match opened.format.kind:
        case Kind.BARS:
            return _finished(evolve(opened, length=_length(opened, asked, source)), source)
        case Kind.RATES:
            return _rated(opened, times, asked, source)
    _check_doubt(opened, times)
    return opened


def _finished(opened: Opened, source: "polars.DataFrame") -> Opened:
    """Return bars without those that the source says aren't over."""
    if "final" not in source.columns:
        return _untaken(opened)
    over = source["final"].str.strip_chars() == "1"
    left = opened.frame.filter(over)
    if not left.height:
        raise DataError("RL700", "holds no bar that is over (its last column says so)", opened.path)
    return evolve(opened, frame=left, unfinished=opened.frame.height - left.height)


def _untaken(opened: Opened) -> Opened:
    import polars

    if opened.taken is None or opened.length is None:
        return opened
    over = polars.col("time").dt.epoch("us") + opened.length * 1_000_000 <= int(opened.taken * 1_000_000)
    left = opened.frame.filter(over)
    if not left.height:
        raise DataError("RL700", "holds no bar that was over when the answer was given", opened.path)
    return evolve(opened, frame=left, unfinished=opened.frame.height - left.height)


def _length(opened: Opened, asked: Asked, source: "polars.DataFrame") -> int | None:
    if asked.every is not None:
        return asked.every
    told = _by_name(opened)
    spaced = spacing(opened.frame)
    if "ends" in source.columns:
        return _by_ends(opened, source)
    if told is not None and spaced is not None and told != spaced:
        message = f"its name says bars of {told} s, most rows are {spaced} s apart; correct the name"
        raise DataError("RL708", message, opened.path)
    return told if told is not None else spaced


def _by_name(opened: Opened) -> int | None:
    found = re.search(opened.format.files, opened.path) if opened.format.files else None
    if found is None or "length" not in found.groupdict():
        return None
    size = re.fullmatch(r"(\d+)([smhdw])", found["length"])
    return int(size[1]) * _LENGTHS[size[2]] if size else None


def _by_ends(opened: Opened, source: "polars.DataFrame") -> int | None:
    """Return the length that most close times show: they are the last moment of each bar."""

    ends = source["ends"]
    unit = {"seconds": 1_000_000, "milliseconds": 1000, "microseconds": 1}.get(opened.unit)
    if ends.null_count() or unit is None:
        return spacing(opened.frame)
    spans = (ends + 1) * unit - opened.frame["time"].dt.epoch("us")
    counts = spans.value_counts(sort=True)
    if counts["count"][0] < 0.9 * len(spans):
        lengths = ", ".join(f"{span / 8.64e10:g} d" for span in counts[counts.columns[0]].head(3))
        raise DataError("RL708", f"its bars are of several lengths ({lengths}); use days", opened.path)
    return int(counts[counts.columns[0]][0]) // 1_000_000


def spacing(frame: "polars.DataFrame") -> int | None:
    """Return the most frequent distance between neighbours in seconds, `None` for a single time."""
    import polars

    keys = ["symbol"] if "symbol" in frame.columns else []
    ordered = frame.select(*keys, "time").unique().sort(*keys, "time")
    step = polars.col("time").diff()
    steps = ordered.select((step.over(keys) if keys else step).dt.total_seconds().alias("step"))["step"]
    counts = steps.drop_nulls().value_counts().sort("count", "step", descending=[True, False])
    return int(counts["step"][0]) if counts.height and counts["step"][0] > 0 else None


def _rated(opened: Opened, times: Instants, asked: Asked, source: "polars.DataFrame") -> Opened:
    import polars

    if "hours" in source.columns:
        texts = source["hours"].cast(polars.String).str.strip_chars().str.replace(r"(?i)h$", "")
        texts = texts.str.replace(shapes.INTERVAL, "${1}")
        raw = Raw(opened.path, "", (), polars.LazyFrame, int(opened.frame["row"][0]))
        stated = numbers(raw, str(opened.format.hours), texts)
        opened, hours = _completed(opened, asked, stated)
    else:
        hours = _derived(opened, asked)
    frame = opened.frame if hours is None else opened.frame.with_columns(hours.alias("interval_hours"))
    opened = evolve(opened, frame=frame, derived="hours" not in source.columns and asked.every is None)
    if asked.zone is None or times.unit.endswith("seconds") or hours is None:
        _check_doubt(opened, times)
        return opened
    return _on_grid(opened, times, hours)


def _completed(opened: Opened, asked: Asked, hours: "polars.Series") -> "tuple[Opened, polars.Series | None]":
    """Return hours that a source states, those that are missing as where it states none."""
    count = hours.null_count()
    derived = _derived(opened, asked) if count else None
    if derived is None:
        return opened, hours if count < len(hours) else None
    origin = "the distance to the settlement before it" if asked.every is None else "--every"
    note = f"{count:,} rate{'' if count == 1 else 's'} without hours: taken from {origin}"
    return evolve(opened, notes=(*opened.notes, note)), hours.fill_null(derived)


def _derived(opened: Opened, asked: Asked) -> "polars.Series | None":
    """Return the hours that each rate is for: the distance to the settlement before, the middle of three neighbours."""
    import polars

    if asked.every is not None:
        return polars.Series([asked.every / 3600] * opened.frame.height)
    keys = ["symbol"] if "symbol" in opened.frame.columns else []
    minutes = (polars.col("time").dt.epoch("us") / _MINUTE).round()
    step = minutes.diff()
    ordered = opened.frame.with_row_index("place").sort(*keys, "time").unique([*keys, "time"], maintain_order=True)
    ordered = ordered.with_columns((step.over(keys) if keys else step).fill_null(strategy="backward").alias("step"))
    middle = polars.col("step").rolling_median(3, center=True, min_samples=1)
    ordered = ordered.with_columns(((middle.over(keys) if keys else middle) / 60).alias("interval_hours"))
    found = opened.frame.select(*keys, "time").join(
        ordered.select(*keys, "time", "interval_hours"), on=[*keys, "time"], how="left", maintain_order="left"
    )["interval_hours"]
    return found if not found.null_count() and found.is_in(_HOURS).all() else None


def _on_grid(opened: Opened, times: Instants, hours: "polars.Series") -> Opened:
    """Check a stated zone by the hours of UTC on which settlements lie; of a time shown twice they tell which it is."""
    import polars

    grid = (hours * HOUR).cast(polars.Int64)
    first, later = times.micros, times.later if times.later is not None else times.micros
    inside, after = _within(first, grid), _within(later, grid)
    if inside.mean() < 0.9:  # type: ignore[operator]
        message = (
            f"in {times.zone} most settlements don't fall on hours of UTC that are multiples of their interval, "
            f"as the exchange's do; {offsets(opened, hours)}"
        )
        raise DataError("RL702", message, opened.path)
    both = (inside & after & (first != later)).arg_true()
    if len(both):
        _twice(opened, int(both[0]), times)
    placed = polars.select(polars.when(after & ~inside).then(later).otherwise(first)).to_series()
    return evolve(opened, frame=opened.frame.with_columns(placed.cast(polars.Datetime("us", "UTC")).alias("time")))


def _within(micros: "polars.Series", grid: "polars.Series") -> "polars.Series":
    away = micros % grid
    return (away <= _MINUTE) | (away >= grid - _MINUTE)


def offsets(opened: Opened, hours: "polars.Series") -> str:
    """Return how far settlements as they are written lie after the hours of UTC on which they must fall."""
    import polars

    told = ((opened.frame["time"].dt.epoch("us") / HOUR).round() % hours).cast(polars.Int64)
    counts = told.drop_nulls().value_counts(sort=True)
    each = " and ".join(f"{name} h ({count:,} rows)" for name, count in counts.head(3).rows())
    return f"they fall {each} after them"


def _check_doubt(opened: Opened, times: Instants) -> None:
    if times.later is not None:
        _twice(opened, int((times.micros != times.later).arg_true()[0]), times)


def _twice(opened: Opened, at: int, times: Instants) -> None:
    message = f"clocks in {times.zone} showed this time twice, when summer time ended; write it in UTC"
    raise DataError("RL702", message, opened.path, int(opened.frame["row"][at]))
