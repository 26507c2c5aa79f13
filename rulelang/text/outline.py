"""Sentences with sentences below them, shown as an outline."""

from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from rulelang.text.layout import paragraph

_SIGNS = {"yes": "✓ ", "no": "✗ ", "unknown": "? ", "": ""}
_STYLES = {"yes": "32", "no": "31", "unknown": "33"}


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
    paint = _painted if colour else _plain
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
    yield indent + paint(sign, told.mark) + (paint(first, "heading") if depth == 0 else first)
    for line in rest:
        yield f"{indent}{' ' * max(2, len(sign))}{line}"
    for below in told.below:
        yield from _lines(below, depth + 1, width, paint)


def _plain(text: str, _style: str) -> str:
    return text


def _painted(text: str, style: str) -> str:
    code = "1" if style == "heading" else _STYLES.get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text
