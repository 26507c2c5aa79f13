"""The one exception of the readers, and the codes it can carry."""

CODES = {
    "RL700": "a data file can't be read",
    "RL701": "no column, or more than one, can be the time",
    "RL702": "a time can't be read with certainty",
    "RL703": "rows are out of order, or one time has two values",
    "RL704": "nothing says whether times are the open or the close of a bar",
    "RL705": "a cell is no number",
    "RL706": "no column supplies a field that the rules read",
    "RL707": "values look like percentage points, or like another field",
    "RL708": "bars don't fit the base period",
    "RL709": "rows can't be given to an asset with certainty",
    "RL710": "an option about data can't be understood",
    "RL711": "two files disagree about the same values",
    "RL712": "the interval of a funding rate isn't known",
}
"""What each code of this room means, in a few words."""


class DataError(Exception):
    """Raised when data can't be read with certainty: one line that names file, row and column and says what to do.

    `row` counts as editors and spreadsheets do: in text files the first line is row 1; in Parquet the first record is.
    """

    def __init__(
        self, code: str, message: str, path: str | None = None, row: int | None = None, column: str | None = None
    ) -> None:
        self.code = code
        self.path = path
        self.row = row
        self.column = column
        super().__init__(_one_line(f"{_place(path, row, column)}{message}"))


def _place(path: str | None, row: int | None, column: str | None) -> str:
    spot = ", ".join(
        part
        for part in (f"row {row}" if row is not None else "", f"column `{column}`" if column is not None else "")
        if part
    )
    return "".join(f"{part}: " for part in (display(path), spot) if part)


def display(path: str | None) -> str:
    """Return the name of a file as messages write it: `-` is standard input."""
    return "" if path is None else "standard input" if path == "-" else path


def shown(cell: object) -> str:
    """Return a cell in backticks as messages quote it, cut to 40 characters, control characters made visible."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(cell)[:200])
    return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}...`"


def listed(names: "list[str] | tuple[str, ...]", most: int = 12) -> str:
    """Return names in backticks, separated by commas, the rest beyond `most` as a count.

    >>> listed(["time", "close"])
    '`time`, `close`'
    """
    text = ", ".join(shown(name) for name in names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"


def _one_line(text: str) -> str:
    return " ".join(text.split())
