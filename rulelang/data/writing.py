"""Writes Parquet: rows gathered, whole columns, or a table; then one file, all of it or nothing."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulelang.data.errors import DataError

if TYPE_CHECKING:
    import polars


def write_whole(frame: "polars.DataFrame", path: Path) -> None:
    """Write a table as Parquet: the file is there when all of it is, however the work ends. Raises `OSError`."""
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    os.close(handle)
    try:
        frame.write_parquet(partial, compression="zstd")
        with open(partial, "rb+") as written:
            os.fsync(written.fileno())
        os.chmod(partial, 0o666 & ~_umask())
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return which permissions new files are denied."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


class ParquetRows:
    """Rows for one Parquet file. `kinds`: of each column "time" (seconds since 1970), "number" or "text"."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        polars = _polars()
        self._schema = {name: polars.String if kind == "text" else polars.Float64 for name, kind in kinds.items()}
        self._times = [name for name, kind in kinds.items() if kind == "time"]
        self._rows: list[Sequence[Any]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: Sequence[Any]) -> None:
        """Take a row, a value for each column."""
        self._rows.append(row)

    def write(self, path: Path) -> None:
        """Write all rows; times become UTC timestamps of milliseconds. Raises `OSError`."""
        frame = _polars().DataFrame(self._rows, schema=self._schema, orient="row")
        frame.with_columns(_moments(self._times)).write_parquet(path)


def write_columns(path: Path, columns: Mapping[str, Any], times: Sequence[str]) -> None:
    """Write columns: arrays of numbers, NaN as missing, and lists of texts; `times` are seconds since 1970.

    Raises `OSError`, and `DataError` without polars.
    """
    polars = _polars()
    found = {name: polars.Series(name, column, nan_to_null=True) for name, column in columns.items()}
    polars.DataFrame(list(found.values())).with_columns(_moments(times)).write_parquet(path)


def _moments(times: Sequence[str]) -> list[Any]:
    polars = _polars()
    return [(polars.col(name) * 1000).round().cast(polars.Int64).cast(polars.Datetime("ms", "UTC")) for name in times]


def _polars() -> Any:
    try:
        import polars
    except ImportError:
        raise DataError("RL700", "writing Parquet needs polars: pip install 'rulelang[data]'") from None
    return polars
