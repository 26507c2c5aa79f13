"""Files as tables of cells: Parquet, CSV and NDJSON opened alike, with the row number of every record."""

import csv
import gzip
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from attrs import field, frozen

from rulelang.data.errors import DataError, listed, shown

if TYPE_CHECKING:
    import polars

Cell = object
FORMATS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


@frozen
class Table:
    """One opened file: column names, row number of each record, and its columns when asked for.

    `stored` says of a column of times how the file stores it: "instant" (cells are microseconds since 1970 UTC),
    "date" (the same) or "local" (no zone); other columns are not in it. `notes`: what the user should know of it.
    """

    path: str
    names: tuple[str, ...]
    rows: Sequence[int]
    stored: dict[str, str]
    _load: Callable[[Sequence[str]], list[list[Cell]]] = field(repr=False)
    notes: tuple[str, ...] = ()
    _kept: dict[str, list[Cell]] = field(factory=dict, repr=False)

    def fetch(self, names: Iterable[str]) -> None:
        """Read several columns in one pass over the file, and keep them."""
        new = [name for name in dict.fromkeys(names) if name not in self._kept]
        if new:
            self._kept.update(zip(new, self._load(new), strict=True))

    def column(self, name: str) -> list[Cell]:
        """Return the cells of one column, `None` where a record has none."""
        self.fetch((name,))
        return self._kept[name]


def open_table(path: str, stdin: IO[bytes] | None = None) -> Table:
    """Open a file by its suffix, or standard input (`-`) by its first line."""
    if path == "-":
        data = (stdin if stdin is not None else sys.stdin.buffer).read()
        kind = "parquet" if data[:4] == b"PAR1" else sniffed(data[:4096].decode("utf-8", "replace"))
    else:
        kind = _format(path)
        data = _bytes(path)
    if not data.strip():
        raise DataError("RL700", "is empty; nothing was read", path)
    table = _parquet(path, data) if kind == "parquet" else _text_table(kind, path, _text(path, data))
    if not table.rows:
        raise DataError("RL700", "holds no rows, only the names of columns", path)
    return table


def sniffed(line: str) -> str:
    """Return the format that a first line shows: "ndjson" or "csv"."""
    return "ndjson" if line.lstrip("\ufeff \t\r\n").startswith(("{", "[")) else "csv"


def is_table(path: str) -> bool:
    """Say whether a path's suffix is that of a table: Parquet, CSV or NDJSON."""
    return _kind(path) is not None


def _kind(path: str) -> str | None:
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    last = suffixes[-2:-1] if suffixes[-1:] == [".gz"] else suffixes[-1:]
    return FORMATS.get(last[0]) if last else None


def _format(path: str) -> str:
    if Path(path).is_dir():
        raise DataError("RL700", "is a folder; name the files in it", path)
    kind = _kind(path)
    if kind is None and not os.path.lexists(path):
        raise DataError("RL700", "there is no such file", path)
    if kind is None:
        known = "a .parquet, .csv, .ndjson, .json, .feather, .ics or .zip file"
        raise DataError("RL700", f"is in no format that can be read; name {known}", path)
    return kind


def _bytes(path: str) -> bytes:
    try:
        data = Path(path).read_bytes()
        return gzip.decompress(data) if path.lower().endswith(".gz") else data
    except FileNotFoundError:
        raise DataError("RL700", "there is no such file", path) from None
    except (gzip.BadGzipFile, EOFError):
        raise DataError("RL700", "is cut short or damaged; download or write it again", path) from None
    except OSError as error:
        raise DataError("RL700", f"can't be read ({error.strerror or 'damaged'})", path) from None
    except Exception as error:
        raise DataError("RL700", f"can't be read ({error})", path) from None


def _text(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise DataError("RL700", "is not UTF-8 text; save it as UTF-8", path, row) from None


def _text_table(kind: str, path: str, text: str) -> Table:
    return _csv(path, text) if kind == "csv" else _ndjson(path, text)


def _parquet(path: str, data: bytes) -> Table:
    frame = _frame(path, data)
    stored = {name: how for name, how in zip(frame.columns, map(stored_as, frame.dtypes), strict=True) if how}

    def load(names: Sequence[str]) -> list[list[Cell]]:
        columns = (frame.get_column(name) for name in names)
        return [(column.dt.epoch("us") if column.name in stored else column).to_list() for column in columns]

    return Table(path, tuple(frame.columns), range(1, frame.height + 1), stored, load)


def _frame(path: str, data: bytes) -> "polars.DataFrame":
    try:
        import polars
    except ImportError:
        raise DataError("RL700", "reading Parquet needs polars: pip install 'rulelang[data]'", path) from None
    try:
        return polars.read_parquet(io.BytesIO(data))
    except (Exception, polars.exceptions.PanicException):
        raise DataError(
            "RL700", "is cut short or damaged, or no Parquet file; download or write it again", path
        ) from None


def stored_as(kind: "polars.DataType") -> str:
    """Return how a column of times is stored, as in `Table`; nothing of other columns."""
    import polars

    if isinstance(kind, polars.Datetime):
        return "local" if kind.time_zone is None else "instant"
    return "date" if kind == polars.Date else ""


def csv_records(path: str, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield every record of a CSV text with its row number, the column names first; empty lines are passed over."""
    reader = csv.reader(lines, strict=True)
    width = 0
    try:
        for record in reader:
            if len(record) == width > 1:
                yield reader.line_num, record
                continue
            if not record or record == [""]:
                continue
            if not width:
                width = len(record)
                yield reader.line_num, _header(path, record)
                continue
            if len(record) != width:
                raise _other_width(path, reader.line_num, len(record), width)
            yield reader.line_num, record
    except csv.Error as error:
        raise DataError("RL700", _fault(str(error)), path, reader.line_num) from None


def closed_lines(path: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines of CSV; behind the header, one that ends within quotes is refused: it would hold up the next."""
    header: str | None = ""
    for row, line in enumerate(lines, 1):
        if header is not None:
            header += line
            header = header if not header.strip() or _open(header) else None
        elif '"' in line and _open(line):
            message = "has a quote that is still open where the line ends; close it, and send no line break in a cell"
            raise DataError("RL700", message, path, row)
        yield line


def _open(text: str) -> bool:
    """Say whether a text ends within quotes."""
    try:
        list(csv.reader([text], strict=True))
    except csv.Error as error:
        return str(error).startswith("unexpected end")
    return False


def _fault(said: str) -> str:
    """Return why a line is no CSV, of what the reader said."""
    if "field limit" in said:
        return f"has a cell of more than {csv.field_size_limit():,} characters; check the ends of its lines and quotes"
    if said.startswith("new-line character"):
        return "has a carriage return that ends no line; end each line with a line feed"
    return f"is no CSV ({said}); check its quotes"


def _other_width(path: str, row: int, cells: int, width: int) -> DataError:
    if width == 1:
        message = (
            f"has {cells} cells, but the first row names one column; remove what stands above the names of the columns"
        )
    else:
        message = f"has {cells} cells, the first row names {width} columns; give each row one cell a column"
    return DataError("RL700", message, path, row)


def _header(path: str, cells: list[str]) -> list[str]:
    names = [cell.strip().removeprefix("\ufeff") for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError("RL700", f"two columns are named {listed(twice)}; give each its own name", path, 1)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise DataError("RL700", f"the first row {shown(names[0])} has no commas; separate cells by commas", path, 1)
    if _dated(names[0]) or all(_numeric(name) for name in names):
        raise DataError(
            "RL700",
            "the first row holds numbers; it must name the columns, as in time,open,high,low,close,volume",
            path,
            1,
        )
    return names


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _dated(text: str) -> bool:
    """Say whether a text is a time written out, as in `2026-01-05T00:00Z`."""
    return re.match(r"\d{4}-\d{2}-\d{2}([T ]\d|$)", text) is not None


def _csv(path: str, text: str) -> Table:
    records = csv_records(path, io.StringIO(text, newline=""))
    _, names = next(records, (0, []))
    rows = [row for row, _ in records]

    def load(wanted: Sequence[str]) -> list[list[Cell]]:
        places = [names.index(name) for name in wanted]
        columns: list[list[Cell]] = [[] for _ in places]
        body = csv_records(path, io.StringIO(text, newline=""))
        next(body)
        for _, record in body:
            for column, at in zip(columns, places, strict=True):
                column.append(record[at])
        return columns

    return Table(path, tuple(names), rows, {}, load)


_decoded = json.JSONDecoder().raw_decode


def json_record(path: str, line: str, row: int) -> dict[str, Any]:
    """Return one line of NDJSON as a record."""
    text = line.strip(" \t\r\n")
    try:
        record, end = _decoded(text)
        if end != len(text):
            raise ValueError
    except (ValueError, RecursionError):
        raise DataError(
            "RL700", f"{shown(line.strip())} is no JSON; write one whole object a line", path, row
        ) from None
    if not isinstance(record, dict):
        raise DataError(
            "RL700",
            f'{shown(line.strip())} is no JSON object; write one such as {{"time": …, "close": …}} a line',
            path,
            row,
        )
    return record


def _ndjson(path: str, text: str) -> Table:
    lines = [(row, line) for row, line in enumerate(text.split("\n"), 1) if line.strip()]
    names: dict[str, None] = {}
    for row, line in lines:
        names.update(dict.fromkeys(json_record(path, line, row)))

    def load(wanted: Sequence[str]) -> list[list[Cell]]:
        columns: list[list[Cell]] = [[] for _ in wanted]
        for row, line in lines:
            record = json_record(path, line, row)
            for column, name in zip(columns, wanted, strict=True):
                column.append(record.get(name))
        return columns

    return Table(path, tuple(names), [row for row, _ in lines], {}, load)
