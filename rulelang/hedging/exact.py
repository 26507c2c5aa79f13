"""Exact numbers: what comes in is checked and kept as a fraction, what goes out is a Decimal of 28 digits.

Decimals round at each division, so that a third of a lot times three is no lot. Limits are decided on fractions.
"""

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

from attrs import Attribute

from rulelang.hedging.errors import HedgingError

Number = Decimal | int | str | Fraction
"""What may be given as a number; text is read as a decimal. A float is refused: it isn't what was written."""

ZERO, ONE = Fraction(0), Fraction(1)
_OUT = Context(prec=28)
_DIGITS = 50
_LARGEST = 400
"""Powers of ten beyond which a number is a mistake, and would only fill memory; a float has up to 324."""


# What comes in ────────────────────────────────────────────────────────────────────────────────────────────────────────


def number(value: Number, name: str = "number") -> Fraction:
    """Return a finite number as a fraction; raise `HedgingError` for anything else.

    >>> number("0.1") + number("0.2") == number("0.3")
    True
    """
    return _read(value, name, "a number")


def positive(value: Number, name: str = "number") -> Fraction:
    """Return a number above 0; raise `HedgingError` for anything else."""
    return _above(value, name, "a number above 0", lambda found: found > 0)


def not_negative(value: Number, name: str = "number") -> Fraction:
    """Return a number that is 0 or above; raise `HedgingError` for anything else."""
    return _above(value, name, "0 or a number above", lambda found: found >= 0)


def not_zero(value: Number, name: str = "number") -> Fraction:
    """Return a number other than 0; raise `HedgingError` for anything else."""
    return _above(value, name, "a number other than 0", lambda found: found != 0)


def number_or_none(value: Number | None, name: str = "number") -> Fraction | None:
    """Return a finite number, or `None` where none is given."""
    return None if value is None else number(value, name)


def positive_or_none(value: Number | None, name: str = "number") -> Fraction | None:
    """Return a number above 0, or `None` where none is given."""
    return None if value is None else positive(value, name)


def not_negative_or_none(value: Number | None, name: str = "number") -> Fraction | None:
    """Return a number that is 0 or above, or `None` where none is given."""
    return None if value is None else not_negative(value, name)


def _above(value: object, name: str, wanted: str, holds: Callable[[Fraction], bool]) -> Fraction:
    found = _read(value, name, wanted)
    if not holds(found):
        raise HedgingError(name, f"is {value}", wanted)
    return found


def _read(value: object, name: str, wanted: str) -> Fraction:
    match value:
        case Fraction():
            return value
        case Decimal() | str() | int() if not isinstance(value, bool):
            return Fraction(_finite(value, name, wanted))
        case None:
            raise HedgingError(name, "is missing", wanted)
        case float():
            raise HedgingError(name, f"is the float {value!r}", f"{wanted} as a Decimal or as text")
    raise HedgingError(name, f"is {value!r:.40}", wanted)


def _finite(value: Decimal | str | int, name: str, wanted: str) -> Decimal:
    try:
        found = Decimal(value)
    except ArithmeticError:
        raise HedgingError(name, f"is {value!r:.40}", wanted) from None
    if not found.is_finite():
        raise HedgingError(name, f"is {value}", wanted)
    if found and abs(found.adjusted()) > _LARGEST:
        raise HedgingError(name, f"is {value!s:.40}", f"{wanted} of at most {_LARGEST} digits")
    return found


_CHECKS: tuple[object, ...] = (
    *(number, positive, not_negative, not_zero),
    *(number_or_none, positive_or_none, not_negative_or_none),
)


def named(_: type, fields: list["Attribute[Any]"]) -> list["Attribute[Any]"]:
    """Let the checks of a record know the name of their field, and print its numbers plainly.

    For `frozen(field_transformer=named)`.
    """
    return [_named(field) if field.converter in _CHECKS else field for field in fields]


def _named(field: "Attribute[Any]") -> "Attribute[Any]":
    check: Any = field.converter
    return field.evolve(converter=lambda value: check(value, field.name), repr=_plain)


def _plain(value: Fraction | None) -> str:
    return str(decimal_or_none(value))


def needed(name: str, value: Fraction | None, wanted: str) -> Fraction:
    """Return a value that may be left out in general and not here; raise `HedgingError` where it is."""
    if value is None:
        raise HedgingError(name, "is missing", wanted)
    return value


def word(name: str, value: str, words: Mapping[str, int]) -> int:
    """Return what a word stands for; raise `HedgingError` for a word that isn't one of these."""
    if value not in words:
        raise HedgingError(name, f"is {value!r:.40}", " or ".join(f"`{known}`" for known in words))
    return words[value]


def side_sign(side: str) -> int:
    """Return 1 for `long` and -1 for `short`."""
    return word("side", side, {"long": 1, "short": -1})


# What goes out ────────────────────────────────────────────────────────────────────────────────────────────────────────


def decimal(value: Fraction) -> Decimal:
    """Return a fraction as a Decimal of at most 28 significant digits, rounded half to even.

    >>> decimal(Fraction(1, 3))
    Decimal('0.3333333333333333333333333333')
    """
    return _OUT.divide(Decimal(value.numerator), Decimal(value.denominator))


def decimal_or_none(value: Fraction | None) -> Decimal | None:
    """Return a fraction as a Decimal, or `None` where there is no such number."""
    return None if value is None else decimal(value)


def ratio(part: Fraction, whole: Fraction) -> Fraction | None:
    """Return part / whole, or `None` where the whole is 0: no ratio is defined there."""
    return part / whole if whole else None


# What no fraction can hold ────────────────────────────────────────────────────────────────────────────────────────────


def root(value: Fraction) -> Fraction:
    """Return the square root of a number that isn't negative, to 50 digits; exact where it is a fraction."""
    return Fraction(_wide(value.numerator, Decimal.sqrt)) / Fraction(_wide(value.denominator, Decimal.sqrt))


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """Return a number above 0 to any power, to 50 digits."""
    if base == 0:
        return ZERO
    return exp(ln(base) * exponent)


def exp(value: Fraction) -> Fraction:
    """Return e to a power, to 50 digits."""
    return Fraction(_wide(value, Decimal.exp))


def ln(value: Fraction) -> Fraction:
    """Return the natural logarithm of a number above 0, to 50 digits."""
    return Fraction(_wide(value, Decimal.ln))


def _wide(value: Fraction | int, function: Callable[[Decimal], Decimal]) -> Decimal:
    with localcontext(Context(prec=_DIGITS)):
        return function(Decimal(value.numerator) / value.denominator)
