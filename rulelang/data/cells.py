"""Cells as values of fields: what counts as missing, what is refused, and scaling that rounds once."""

import math
from decimal import Context, Decimal

from attrs import frozen

from rulelang.data.errors import shown
from rulelang.fields import Field
from rulelang.kinds import value_text

NAN = math.nan
"""A missing value inside this room."""
LARGEST = 1e30
"""No price, rate or amount of a market is larger: beyond it a value is missing and reported."""
Value = float | str

_EMPTY = frozenset({"", "nan", "null", "none", "na", "n/a"})
_EXACT = Context(prec=400, Emax=10**6, Emin=-(10**6))


class CellError(ValueError):
    """Raised for a cell that is no value of its field; says what it is instead."""


@frozen
class Use:
    """How one field is made of the columns of a file.

    `scale`: factor of a `--map`. `interval`: the column of hours that a rate is for; `hours`: the same where the rule
    file states it. `how`: in which words the report says why this column was taken.
    """

    field: Field
    column: str
    how: str
    scale: Decimal = Decimal(1)
    interval: str | None = None
    hours: Decimal | None = None


def number(cell: object) -> float:
    """Return a cell as a number, NaN where it is empty."""
    if isinstance(cell, float):
        return cell
    if cell is None:
        return NAN
    if isinstance(cell, str):
        return _parsed(cell)
    if isinstance(cell, (int, Decimal)) and not isinstance(cell, bool):
        return _rounded(cell)
    raise CellError(f"{shown(cell)} is no number: write one, or leave the cell empty where there is none")


def _parsed(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    plain = text.strip()
    if plain.lower() in _EMPTY:
        return NAN
    if plain.endswith("%"):
        raise CellError(f"{shown(plain)} has a percent sign: write the fraction, as in 0.0001 for 0.01%")
    if "," in plain:
        raise CellError(f"{shown(plain)} has a comma: write numbers as in 65000.5")
    raise CellError(f"{shown(plain)} is no number: write one, or leave the cell empty where there is none")


def _rounded(value: int | Decimal) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def convert(use: Use, cell: object, interval: object = None) -> Value:
    """Return a cell as a value of its field, in the field's unit; NaN where there is none."""
    if use.field.kind.name == "word":
        return _word(cell)
    value = number(cell)
    if value != value or value in (math.inf, -math.inf):
        return value
    if use.interval is not None:
        value = value * 8 / _hours(use.interval, interval)
    if use.hours is None and use.scale == 1:
        return value
    return scaled(value, use.scale if use.hours is None else use.scale * 8 / use.hours)


def plain(use: Use) -> bool:
    """Say whether a number of the column is the value of the field as it stands."""
    return use.scale == 1 and use.interval is None and use.hours is None and use.field.kind.name != "word"


def scaled(value: float, scale: Decimal) -> float:
    """Return value × scale, multiplied in decimal and rounded once.

    >>> scaled(56.76, Decimal("0.01"))
    0.5676
    """
    return _rounded(_EXACT.multiply(Decimal(repr(value)), scale))


def value_plain(value: Value) -> str:
    """Return a value as messages write it beside another."""
    return value if isinstance(value, str) else "empty" if value != value else f"{value:.15g}"


def _word(cell: object) -> Value:
    if cell is None or cell != cell or str(cell).strip().lower() in _EMPTY:
        return NAN
    return str(cell).strip()


def _hours(column: str, cell: object) -> float:
    hours = number(cell)
    if not 0 < hours <= 8760:
        found = "empty" if hours != hours else shown(cell)
        raise CellError(f"its `{column}` is {found}: write the hours that the rate is for, such as 8")
    return hours


def refusal(field: Field, value: Value) -> str | None:
    """Say why a value counts as missing, or `None` where it is used (or was missing in the file)."""
    if isinstance(value, str):
        words = field.kind.unit
        assert isinstance(words, tuple)
        return None if value in words else f"not one of {', '.join(words)}"
    if value != value:
        return None
    if abs(value) > LARGEST:
        return "larger than any value of a market"
    return None if field.bounds.holds(value) else f"out of bounds: `{field.name}` is {_bounds(field)}"


def _bounds(field: Field) -> str:
    low, high = field.bounds.low, field.bounds.high
    above = "above" if field.bounds.open_low else "at least"
    if high == math.inf:
        return f"{above} {value_text(low, field.kind)}"
    if low == -math.inf:
        return f"at most {value_text(high, field.kind)}"
    return f"{value_text(low, field.kind)} to {value_text(high, field.kind)}"
