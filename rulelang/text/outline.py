"""Sentences with sentences below them, shown as an outline."""

from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from rulelang.text.layout import painted, paragraph, unpainted

_SIGNS = {"yes": "✓ ", "no": "✗ ", "unknown": "? ", "": ""}
_STYLES = {"yes": "32", "no": "31", "unknown": "33", "": ""}
_HEADING = "1"


@frozen
class Told:
    """A sentence, and what is told below it; `mark` says whether it holds: `yes`, `no`, `unknown`, or nothing."""

    text: str
    below: tuple["Told", ...] = ()
    mark: str = ""


def marked(truth: bool | None) -> str:
    """Return the mark of a truth."""
    return "unknown" if truth is None else "yes" if truth else "no"


def outlined(told: Told, width: int, colour: bool = False) -> list[str]:
    """Return a sentence and all below it as lines of a width, each level two blanks further in."""
    paint = painted if colour else unpainted
    return list(_lines(told, 0, width, paint))


def as_json(told: Told) -> dict[str, Any]:
    """Return a sentence and all below it as JSON holds it."""
    found: dict[str, Any] = {"text": told.text}
    if told.mark:
        found["holds"] = {"yes": True, "no": False, "unknown": None}[told.mark]
    if told.below:
        found["below"] = [as_json(one) for one in told.below]
    return found


def _lines(told: Told, depth: int, width: int, paint: Callable[[str, str], str]) -> Iterator[str]:
    sign = _SIGNS[told.mark]
    indent = "  " * depth
    first, *rest = paragraph(told.text, width - len(indent) - len(sign))
    yield indent + paint(sign, _STYLES[told.mark]) + paint(first, "" if depth else _HEADING)
    for line in rest:
        yield f"{indent}{' ' * max(2, len(sign))}{line}"
    for below in told.below:
        yield from _lines(below, depth + 1, width, paint)
