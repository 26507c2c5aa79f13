"""Opens what formats are carried in: CSV, JSON, feather, iCalendar, packed or not, as columns without a meaning."""

import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulelang.data.errors import DataError, listed
from rulelang.data.foreign.record import Asked, Raw
from rulelang.data.tables import stored_as

if TYPE_CHECKING:
    import polars

SUFFIXES = {
    ".csv": "csv", ".json": "json", ".feather": "feather", ".arrow": "feather", ".ics": "ics", ".zip": "zip",
}  # fmt: skip
"""What a file is by its last suffix, a `.gz` aside."""
_HEAD = 65_536
_LARGEST = 1 << 32
"""An archive that holds more bytes is not unpacked in memory."""
_DAMAGED = "is cut short or damaged; download or write it again"


def carrier(path: str) -> str | None:
    """Return what a path's suffix says that the file is."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes[-2:]]
    last = suffixes[:-1] if suffixes[-1:] == [".gz"] else suffixes[-1:]
    return SUFFIXES.get(last[-1]) if last else None


def raw(path: str, asked: Asked) -> Raw | None:
    """Open a file; `None` where it holds nothing that any format of others could be."""
    kind = carrier(path)
    if kind is None:
        return None
    if Path(path).is_dir():
        raise DataError("RL700", "is a folder; name the files in it", path)
    with _reading(path):
        if kind == "csv" and not path.lower().endswith(".gz"):
            with Path(path).open("rb") as file:
                return _csv(path, file.read(_HEAD), path)
        data = Path(path).read_bytes()
        data = gzip.decompress(data) if path.lower().endswith(".gz") else data
    if kind == "zip":
        kind, data = _unpacked(path, data)
    if not data.strip():
        raise DataError("RL700", "is empty; nothing was read", path)
    return _READERS[kind](path, data, asked)


class _reading:
    """Turns what can go wrong with a file into one line."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        match error:
            case FileNotFoundError():
                raise DataError("RL700", "there is no such file", self.path) from None
            case gzip.BadGzipFile() | EOFError() | zlib.error() | zipfile.BadZipFile():
                raise DataError("RL700", _DAMAGED, self.path) from None
            case OSError():
                raise DataError("RL700", f"can't be read ({error.strerror or 'damaged'})", self.path) from None


def _unpacked(path: str, data: bytes) -> tuple[str, bytes]:
    """Return the one file in an archive, and what it is."""
    with _reading(path), zipfile.ZipFile(io.BytesIO(data)) as archive:
        inner = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX")]
        kinds = {one.filename: SUFFIXES.get(Path(one.filename).suffix.lower()) for one in inner}
        found = [one for one in inner if kinds[one.filename] not in (None, "zip")]
        if len(found) != 1:
            names = listed(tuple(kinds)) if kinds else "nothing"
            raise DataError("RL700", f"holds {names}; unpack it, and name the file that is meant", path)
        if found[0].flag_bits & 1 or found[0].file_size > _LARGEST:
            raise DataError("RL700", "is locked with a password, or too large to be read packed; unpack it", path)
        try:
            return str(kinds[found[0].filename]), archive.read(found[0])
        except NotImplementedError:
            raise DataError("RL700", "is packed in an unusual way; unpack it", path) from None


def library(path: str) -> Any:
    """Return polars, which the formats of others are read with."""
    try:
        import polars
    except ImportError:
        raise DataError("RL700", "reading it needs polars: pip install 'rulelang[data]'", path) from None
    return polars


# CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _csv(path: str, head: bytes, source: str | bytes) -> Raw | None:
    if not head.strip():
        raise DataError("RL700", "is empty; nothing was read", path)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, which the tables of ours refuse with what to do
        return None
    try:
        lines = head.decode("utf-8-sig", "replace").splitlines()
        records = list(islice(csv.reader(lines), 4))
    except csv.Error:
        return None
    above = 1 if records and len(records[0]) == 1 and records[0][0].lower().startswith("http") else 0
    if len(records) <= above or len(records[above]) < 2:
        return None
    first = [cell.strip() for cell in records[above]]
    titled = not _numeric(first[0])
    names = tuple(cell.lower() for cell in first) if titled else tuple(map(str, range(len(first))))
    if len(set(names)) < len(names) or len(records) <= above + titled:
        return None
    sample = tuple(cell.strip() for cell in records[above + titled])
    if len(sample) != len(names):
        return None
    skip = above + titled
    return Raw(path, "csv", names, lambda: _scanned(path, source, names, skip), skip + 1, sample, titled=titled)


def _numeric(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d*)?", text) is not None


def _scanned(path: str, source: str | bytes, names: Sequence[str], skip: int) -> "polars.LazyFrame":
    lazy: polars.LazyFrame = library(path).scan_csv(
        source if isinstance(source, bytes) else Path(source),
        has_header=False, skip_lines=skip, new_columns=list(names), infer_schema=False, glob=False,
    )  # fmt: skip
    return lazy


def collected(raw: Raw, lazy: "polars.LazyFrame") -> "polars.DataFrame":
    """Return what is asked of a source. Raises `DataError` where it can't be read to its end."""
    exceptions = library(raw.path).exceptions
    try:
        return lazy.collect(engine="streaming")
    except (exceptions.PolarsError, exceptions.PanicException):
        check_rows(raw)
        raise DataError("RL700", _DAMAGED, raw.path) from None


def check_rows(raw: Raw) -> None:
    """Raise for the first row of a CSV that has another number of cells, and for text that is none.

    Slow: asked only where a value is missing or nothing could be read.
    """
    if raw.carrier != "csv":
        return
    path, width, above = raw.path, len(raw.names), raw.first - 1 - raw.titled
    reader = csv.reader(islice(_lines(path), above, None), strict=True)
    try:
        for record in reader:
            if record and len(record) != width:
                message = f"has {len(record)} cells, the others {width}; give each row one cell a column"
                raise DataError("RL700", message, path, above + reader.line_num)
    except csv.Error as error:
        message = f"is no CSV ({error}); check its quotes"
        raise DataError("RL700", message, path, above + reader.line_num) from None


def check_end(path: str, width: int) -> None:
    """Raise where the last row of a CSV is cut short."""
    rows = [row for row in csv.reader(_tail(path)) if row]
    if rows and len(rows[-1]) != width:
        message = f"the last row has {len(rows[-1])} cells, the others {width}: it {_DAMAGED}"
        raise DataError("RL700", message, path)


def _tail(path: str) -> list[str]:
    if _packed(path):
        end = _unpacked_csv(path)[-_HEAD:]
    else:
        with Path(path).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _HEAD))
            end = file.read()
    return end.decode("utf-8", "replace").rstrip().splitlines()[-1:]


def _packed(path: str) -> bool:
    return path.lower().endswith((".gz", ".zip"))


def _lines(path: str) -> Iterator[str]:
    """Yield the lines of a CSV, packed or not."""
    if not _packed(path):
        with Path(path).open("rb") as plain:
            yield from _decoded(path, plain)
        return
    yield from _decoded(path, io.BytesIO(_unpacked_csv(path)))


def _unpacked_csv(path: str) -> bytes:
    packed = Path(path).read_bytes()
    return gzip.decompress(packed) if path.lower().endswith(".gz") else _unpacked(path, packed)[1]


def _decoded(path: str, file: Iterable[bytes]) -> Iterator[str]:
    for row, line in enumerate(file, 1):
        try:
            yield line.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DataError("RL700", "is not UTF-8 text; save it as UTF-8", path, row) from None


# JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

_RECORDS = (
    "result.list", "result.data", "result.candles", "result.historicalFunding", "candles", "data", "result",
)  # fmt: skip
"""Where the answers of exchanges hold their records."""


def _json(path: str, data: bytes, _asked: Asked) -> Raw | None:
    if re.match(rb"\s*\[\s*\[", data[:_HEAD].removeprefix(b"\xef\xbb\xbf")):
        return _long(path, data)
    try:
        document = json.loads(data, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        repair = "if each line is a record, name the file .ndjson" if "Extra data" in str(error) else _DAMAGED
        raise DataError("RL700", f"is no JSON: {repair}" if repair != _DAMAGED else repair, path) from None
    records, extras = _found(document)
    if not records:
        records, extras = _side_by_side(document)
    if not records and isinstance(document, dict):  # one record alone
        records = [document]
    if not records:
        return None
    if all(isinstance(record, dict) for record in records):
        return _objects(path, records, extras)
    if all(isinstance(record, list) and len(record) == len(records[0]) for record in records):
        texts = [[None if cell is None else str(cell) for cell in record] for record in records]
        names = tuple(map(str, range(len(texts[0]))))
        frame = library(path).DataFrame(texts, schema=dict.fromkeys(names, library(path).String), orient="row")
        return Raw(path, "lists", names, frame.lazy, 1, tuple(map(str, texts[0])), extras, titled=False)
    return None


def _long(path: str, data: bytes) -> Raw | None:
    """Return a list of lists, which may be long: read at once into columns."""
    polars = library(path)
    try:
        text = data.decode("utf-8-sig")
        rows = polars.Series([text]).str.json_decode(polars.List(polars.List(polars.String))).explode()
    except (UnicodeDecodeError, polars.exceptions.PolarsError, polars.exceptions.PanicException):
        raise DataError("RL700", _DAMAGED, path) from None
    width = rows.list.len().max() or 0
    if rows.null_count() or rows.list.len().min() != width or not width:
        return None
    names = tuple(map(str, range(int(width))))
    frame = rows.list.to_struct(fields=list(names)).struct.unnest()
    return Raw(path, "lists", names, frame.lazy, 1, tuple(map(str, frame.row(0))), titled=False)


def _found(document: object) -> tuple[list[Any], dict[str, object]]:
    """Return the records of a document, and what stands beside them."""
    if isinstance(document, list):
        return document, {}
    for place in _RECORDS:
        inner: Any = document
        extras: dict[str, object] = {}
        for key in place.split("."):
            if not isinstance(inner, dict):
                break
            extras |= {name: value for name, value in inner.items() if not isinstance(value, (dict, list))}
            inner = inner.get(key)
        if isinstance(inner, list):
            return inner, extras
    return [], {}


def _side_by_side(document: object) -> tuple[list[Any], dict[str, object]]:
    """Return the records of an answer that lists each column for itself (Deribit's charts), and what stands beside."""
    inner = document.get("result") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(inner, dict):
        return [], {}
    columns = {name: cells for name, cells in inner.items() if isinstance(cells, list)}
    if "ticks" not in columns or len({len(cells) for cells in columns.values()}) != 1:
        return [], {}
    beside = {name: one for name, one in (document | inner).items() if not isinstance(one, (dict, list))}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)], beside


def _objects(path: str, records: list[dict[str, Any]], extras: dict[str, object]) -> Raw | None:
    names = {name.lower(): name for record in records for name in record if not isinstance(record[name], (dict, list))}
    polars = library(path)
    columns = {
        lowered: polars.Series([_text(record.get(name)) for record in records], dtype=polars.String)
        for lowered, name in names.items()
    }
    sample = tuple(str(column[0]) for column in columns.values())
    return Raw(path, "objects", tuple(names), polars.DataFrame(columns).lazy, 1, sample, extras)


def _text(cell: object) -> str | None:
    return None if cell is None or isinstance(cell, (dict, list)) else str(cell)


# Feather and calendars ────────────────────────────────────────────────────────────────────────────────────────────────


def _feather(path: str, data: bytes, _asked: Asked) -> Raw | None:
    polars = library(path)
    try:
        frame = polars.read_ipc(io.BytesIO(data))
    except (Exception, polars.exceptions.PanicException):
        raise DataError("RL700", _DAMAGED, path) from None
    if not frame.height:
        raise DataError("RL700", "holds no rows, only the names of columns", path)
    return frame_raw(path, "feather", frame)


def frame_raw(path: str, carried: str, frame: "polars.DataFrame") -> Raw:
    """Return a frame of typed columns as a source."""
    stored = {name.strip().lower(): how for name, kind in frame.schema.items() if (how := stored_as(kind))}
    lowered = frame.rename({name: name.strip().lower() for name in frame.columns})
    return Raw(path, carried, tuple(lowered.columns), lowered.lazy, stored=stored)


def _ics(path: str, data: bytes, asked: Asked) -> Raw:
    from rulelang.data.foreign.calendar import events

    return events(path, data, asked)


def _csv_data(path: str, data: bytes, _asked: Asked) -> Raw | None:
    return _csv(path, data[:_HEAD], data)


_READERS = {"csv": _csv_data, "json": _json, "feather": _feather, "ics": _ics}
