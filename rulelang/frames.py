"""Frames of any kind, pandas, polars, Arrow, or a dict of columns: what they hold, and results of the same kind."""

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen

from rulelang.engine.coded import Coded


@frozen
class Same:
    """A column of a result that is one of the frame's own."""

    name: str


Column = Same | Coded | Any
"""A column of a result: one of the frame's, texts by number, a list, or an array."""


class Frame(Protocol):
    """A frame. `nested`: whether values may stand in mappings inside it."""

    names: tuple[str, ...]
    nested: bool

    def lengths(self) -> Mapping[str, int]:
        """Return how many rows each column has."""

    def column(self, name: str) -> Any:
        """Return a column, as an array where it holds numbers, else as a list."""

    def seconds(self, name: str) -> Any:
        """Return a column as `column` does, where it holds times with a zone as seconds since 1970."""

    def result(self, columns: Mapping[str, Column]) -> Any:
        """Return columns as a frame of this kind."""


def opened(frame: Any) -> Frame:
    """Return a frame's face. Raises `TypeError` for what is none."""
    return _Dict(frame) if isinstance(frame, Mapping) else _Table(frame)


class _Dict:
    """A dict of columns; its results hold lists, or arrays where all its columns are arrays."""

    def __init__(self, frame: Mapping[Any, Any]) -> None:
        self.given = {str(name): column for name, column in frame.items()}
        self.columns = {name: _simple(column) for name, column in self.given.items()}
        self.names = tuple(self.columns)
        self.arrays = all(hasattr(column, "dtype") for column in self.given.values())
        self.nested = any(isinstance(value, Mapping) for column in self.columns.values() for value in column[:1])

    def lengths(self) -> Mapping[str, int]:
        return {name: len(column) for name, column in self.columns.items()}

    def column(self, name: str) -> Any:
        return self.columns[name]

    seconds = column

    def result(self, columns: Mapping[str, Column]) -> Any:
        return {name: self._made(column) for name, column in columns.items()}

    def _made(self, column: Column) -> Any:
        if isinstance(column, Same):
            same = self.given[column.name]
            return same if self.arrays else list(same.tolist() if hasattr(same, "tolist") else same)
        array = column.spread() if isinstance(column, Coded) else column
        return array if self.arrays or isinstance(array, list) else array.tolist()


def _simple(column: Any) -> Any:
    """Return a column as an array where it is one of numbers, else as a list."""
    array = column.to_numpy() if hasattr(column, "to_numpy") else column
    if not hasattr(array, "dtype"):
        return list(array)
    return array if array.dtype.kind in "fiu" else list(column.tolist())


class _Table:
    """A frame that narwhals knows."""

    def __init__(self, frame: Any) -> None:
        import narwhals as nw

        self.frame = nw.from_native(frame, eager_only=True)
        self.names = tuple(self.frame.columns)
        self.nested = any(dtype == nw.Struct or dtype == nw.Object for dtype in self.frame.schema.values())

    def lengths(self) -> Mapping[str, int]:
        return dict.fromkeys(self.names, len(self.frame))

    def column(self, name: str) -> Any:
        series = self.frame[name]
        array = series.to_numpy() if series.dtype.is_numeric() and not series.dtype.is_decimal() else None
        return array if array is not None and array.dtype.kind in "fiu" else series.to_list()

    def seconds(self, name: str) -> Any:
        import narwhals as nw

        series = self.frame[name]
        if isinstance(series.dtype, nw.Datetime) and series.dtype.time_zone is not None and not series.is_null().any():
            return series.dt.timestamp("us").to_numpy() / 1e6
        return self.column(name)

    def result(self, columns: Mapping[str, Column]) -> Any:
        import narwhals as nw

        made = {name: self._made(name, column) for name, column in columns.items()}
        return nw.from_dict(made, backend=self.frame.implementation).to_native()

    def _made(self, name: str, column: Column) -> Any:
        import narwhals as nw

        backend = self.frame.implementation
        if isinstance(column, Same):
            return self.frame[column.name]
        if isinstance(column, Coded):
            return nw.new_series(name, list(column.texts) or [None], nw.String, backend=backend)[column.codes]
        return nw.new_series(name, column, backend=backend)
