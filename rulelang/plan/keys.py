"""Tables of a TOML file, read key by key: unknown keys are refused, and each value is checked as it is asked for."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from attrs import frozen

from rulelang.hedging import HedgingError, Number
from rulelang.kinds import parse_duration
from rulelang.plan.errors import PlanError

Check = Callable[[Any, str], Fraction]
"""Makes a number of what stands in a file, or raises `HedgingError`."""

_LARGEST = Fraction(10**18)
"""Nothing is as large, and nothing but 0 as small as 1 over it: such a number is a slip of the pen."""

_DURATION = re.compile(r"[1-9]\d{0,5}[mhdwy]")
_PERCENT = re.compile(r"\s*([+-]?[\d_]+(?:\.\d+)?)\s*%\s*")
_ASSET = re.compile(r"[0-9]*[A-Z][A-Z0-9_]*")


@frozen
class Keys:
    """One table of a file: `path` is where it stands."""

    file: str
    path: str
    data: Mapping[str, Any]

    def only(self, *names: str) -> None:
        """Refuse any other key: a slip of the pen must not disarm a setting."""
        for name in self.data:
            if name not in names:
                near = get_close_matches(name, names, 1, 0.75)
                known = f"wanted `{near[0]}`" if near else f"wanted one of {', '.join(names)}"
                raise self.wrong(name, f"is no key of this table, {known}")

    def key(self, name: str) -> str:
        """Return how messages call a key of this table."""
        shown = name if re.fullmatch(r"[\w-]+", name) else f'"{name}"'
        return f"{self.path}.{shown}" if self.path else shown

    def wrong(self, name: str, message: str) -> PlanError:
        """Return the error about a key."""
        return PlanError(self.file, self.key(name), message)

    def has(self, name: str) -> bool:
        """Say whether a key is there."""
        return name in self.data

    def value(self, name: str) -> Any:
        """Return what a key holds, `None` where it isn't there."""
        return self.data.get(name)

    def number(self, name: str, check: Check) -> Fraction:
        """Return a number that a check lets pass."""
        return self._checked(name, self.value(name), check)

    def number_or_none(self, name: str, check: Check) -> Fraction | None:
        """Return a number that a check lets pass, or `None` where the key isn't there."""
        found = self.value(name)
        return None if found is None else self._checked(name, found, check)

    def _checked(self, name: str, value: object, check: Check) -> Fraction:
        if isinstance(value, str | bool | Mapping | list | date | time):
            raise self.wrong(name, f"{_found(value)}, wanted a number, without quotes")
        try:
            found = check(value, self.key(name))
        except HedgingError as error:
            raise PlanError(self.file, "", str(error)) from None
        if found and not 1 / _LARGEST < abs(found) < _LARGEST:
            raise self.wrong(name, f"{_found(value)}, wanted a number that money has: at most 18 digits")
        return found

    def share(self, name: str, check: Check) -> Fraction:
        """Return a fraction that is written as a percentage: `"0.05%"`."""
        return self._checked(name, self._percent(name, self.value(name)), check)

    def rate(self, name: str, check: Check) -> Fraction:
        """Return a share of a value that is taken from it, and so is less than all of it."""
        found = self.share(name, check)
        if abs(found) >= 1:
            raise self.wrong(name, f'{_found(self.value(name))}, wanted less than 100%, such as "0.05%"')
        return found

    def rate_or_none(self, name: str, check: Check) -> Fraction | None:
        """Return such a share, or `None` where the key isn't there."""
        return self.rate(name, check) if self.has(name) else None

    def share_or_none(self, name: str, check: Check) -> Fraction | None:
        """Return a fraction that is written as a percentage, or `None` where the key isn't there."""
        return self.share(name, check) if self.has(name) else None

    def _percent(self, name: str, value: object) -> Number:
        """Return the fraction behind `"0.05%"`; a bare number could be meant in either way, and is refused."""
        if isinstance(value, Fraction):  # of a dump, whose rates are fractions
            return value
        found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise self.wrong(name, f'{_found(value)}, wanted a percentage in quotes, such as "0.05%"')
        return Fraction(Decimal(found[1].replace("_", ""))) / 100

    def text(self, name: str) -> str:
        """Return a text that isn't empty."""
        found = self.value(name)
        if not isinstance(found, str) or not found.strip():
            raise self.wrong(name, f"{_found(found)}, wanted a name in quotes")
        return found

    def text_or_none(self, name: str) -> str | None:
        """Return a text, or `None` where the key isn't there."""
        return self.text(name) if self.has(name) else None

    def asset(self, name: str) -> str:
        """Return an asset: a name in capitals."""
        return self.checked_asset(name, self.text(name))

    def checked_asset(self, name: str, asset: str) -> str:
        """Return a text that has to be an asset."""
        if not _ASSET.fullmatch(asset):
            raise self.wrong(name, f'is "{asset:.40}", wanted an asset in capitals, such as BTC')
        return asset

    def seconds_or_none(self, name: str) -> int | None:
        """Return a duration such as `"8h"` in seconds, or `None` where the key isn't there."""
        found = self.value(name)
        if found is None:
            return None
        if not isinstance(found, str) or not _DURATION.fullmatch(found):
            raise self.wrong(name, f'{_found(found)}, wanted a duration in quotes, such as "8h"')
        return parse_duration(found)

    def moment_or_none(self, name: str) -> datetime | None:
        """Return a time with its zone, or `None` where the key isn't there."""
        return self.moment(name) if self.has(name) else None

    def moment(self, name: str) -> datetime:
        """Return a time with its zone."""
        found = self.value(name)
        if not isinstance(found, datetime) or found.utcoffset() is None:
            raise self.wrong(name, f"{_found(found)}, wanted a time with its zone, such as 2026-12-25T08:00:00Z")
        return found

    def table(self, name: str) -> "Keys":
        """Return the table under a key, an empty one where it isn't there."""
        found = self.value(name)
        if found is not None and not isinstance(found, Mapping):
            raise self.wrong(name, f"{_found(found)}, wanted a table, [{self.key(name)}]")
        return Keys(self.file, self.key(name), found or {})

    def tables(self) -> Iterator[tuple[str, "Keys"]]:
        """Yield the tables below this one, by name."""
        for name in self.data:
            yield name, self.table(name)

    def rows(self, name: str) -> list["Keys"]:
        """Return the tables of a list, counted from 1 in messages; none where the key isn't there."""
        found = self.value(name)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
            raise self.wrong(name, f"{_found(found)}, wanted a list of tables")
        return [Keys(self.file, f"{self.key(name)}[{at}]", row) for at, row in enumerate(found, 1)]


def _found(value: object) -> str:
    """Return what was found as the file has it, never as Python calls it."""
    match value:
        case None:
            return "is missing"
        case bool():
            return f"is {str(value).lower()}"
        case str():
            return f'is "{value:.40}"'
        case datetime():
            return f"is {value.isoformat()}"
        case Mapping():
            return "is a table"
        case list():
            return "is a list"
    return f"is {value!s:.40}"


def opened(file: str, text: str) -> Keys:
    """Return the tables of a TOML text; its numbers are the decimals that are written. Raises `PlanError`."""
    try:
        return Keys(file, "", tomllib.loads(text, parse_float=_decimal))
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(file, str(error), text) from None


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace("_", ""))


def _no_toml(file: str, said: str, text: str) -> PlanError:
    """Return an error of syntax with its line in front, as `portfolio.toml:3`."""
    message, _, place = said.removesuffix(")").partition(" (at ")
    found = re.match(r"line (\d+)", place)
    line = found[1] if found else str(text.rstrip("\n").count("\n") + 1)
    return PlanError(f"{file}:{line}", "", f"this is no TOML: {message[:1].lower()}{message[1:]}")
