"""Inlets: how a supplied value becomes a number of the machine, and which values are refused."""

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from rulelang.check.checked import Program
from rulelang.engine.machine import effective
from rulelang.engine.program import Input
from rulelang.fields import CATALOGUE, Field

NAN = math.nan


class Inlet:
    """One market field: its place among supplied values, its bounds, and its words where it has some."""

    __slots__ = ("high", "key", "label", "low", "words")

    def __init__(self, key: tuple[str | None, str], field: Field) -> None:
        self.key = key
        self.label = field.name if key[0] is None else f"{key[0]}.{field.name}"
        self.words: dict[str, float] | None = None
        bounds = field.bounds
        self.low, self.high = effective(bounds.low, bounds.high, bounds.open_low)
        if field.kind.name == "word":
            assert isinstance(field.kind.unit, tuple)
            self.words = {word: float(number) for number, word in enumerate(field.kind.unit)}
            self.low, self.high = 0.0, float(len(self.words) - 1)

    def number(self, value: Any) -> tuple[float, bool]:
        """Return a supplied value as the machine's number (NaN: missing), and whether it was refused."""
        if value is None or (isinstance(value, float) and value != value) or type(value).__name__ == "NAType":
            return NAN, False
        if self.words is not None:
            known = isinstance(value, str) and value in self.words
            return (self.words[value], False) if known else (NAN, True)
        if isinstance(value, bool) or (not isinstance(value, Real) and not hasattr(value, "__float__")):
            return NAN, True
        try:
            number = float(value)
        except (ValueError, OverflowError, TypeError):
            return NAN, True
        if number != number:
            return NAN, False
        return (number, False) if self.low <= number <= self.high else (NAN, True)


def inlets(program: Program, wanted: tuple[Input, ...]) -> tuple[Inlet, ...]:
    """Return the inlets of a program's inputs."""
    fields = {(need.asset, need.field.name): need.field for need in program.needs}
    own = {name: field for (asset, name), field in fields.items() if asset in (None, program.asset)}
    return tuple(Inlet((one.asset, one.name), _field(one, fields, own)) for one in wanted)


def _field(one: Input, fields: Mapping[tuple[str | None, str], Field], own: Mapping[str, Field]) -> Field:
    if one.asset is not None:
        return fields[one.asset, one.name]
    return own[one.name] if one.name in own else CATALOGUE[one.name]
