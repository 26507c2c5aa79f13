"""Plain text in columns and paragraphs, within the width of a terminal."""

from collections.abc import Sequence

CUT = "…"
NARROWEST = 40
"""No paragraph is broken to less."""

_SLIMMEST = 8
"""No column is cut below so many characters."""


def painted(text: str, style: str) -> str:
    """Return a text in a style of a terminal (an ANSI code, `1;31`); nothing, and a text without a style, stay."""
    return f"\x1b[{style}m{text}\x1b[0m" if style and text else text


def unpainted(text: str, _style: str) -> str:
    """Return a text as it is, where colour isn't shown."""
    return text


def paragraph(line: str, width: int, indent: str = "") -> list[str]:
    """Return a line broken between words, with an indent from its second part on; a word stays whole, however long."""
    import textwrap  # a check without anything to say needs no paragraphs

    return textwrap.wrap(
        line, max(width, NARROWEST), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [""]


def columns(rows: Sequence[Sequence[str]], width: int, keep: Sequence[str] = ()) -> list[str]:
    """Return rows as aligned columns; the first row is the heading, and without a second there is nothing to show.

    Numbers stand at the right. Where the columns are wider than `width`, texts are cut, widest first; but never times
    or the columns whose heading is in `keep`.
    """
    if len(rows) < 2:
        return []
    body = list(zip(*rows[1:], strict=True))
    right = [at > 0 and any(cells) and all(map(_numeric, cells)) for at, cells in enumerate(body)]
    names = [at for at, r in enumerate(right) if not r and rows[0][at] not in keep and not all(map(_time, body[at]))]
    widths = _fitted([max(len(row[at]) for row in rows) for at in range(len(rows[0]))], names, width)
    lines = []
    for at, row in enumerate(rows):
        cells = [_cell(text, w, r) for text, w, r in zip(row, widths, right, strict=True)]
        lines.append("  ".join(cells).rstrip())
        if at == 0:
            lines.append("  ".join("-" * w if text else " " * w for text, w in zip(row, widths, strict=True)).rstrip())
    return lines


def _time(cell: str) -> bool:
    return cell == "-" or (cell[:4].isdigit() and cell[4:5] == "-")


def _numeric(cell: str) -> bool:
    return cell in ("", "never", "missing") or (cell.lstrip("-")[:1].isdigit() and cell[4:5] != "-")


def _fitted(widths: list[int], names: list[int], width: int) -> list[int]:
    """Return widths that fit a line, taking from the widest column of texts as long as there is something to take."""
    widths = list(widths)
    while names and sum(widths) + 2 * (len(widths) - 1) > width:
        widest = max(names, key=lambda at: widths[at])
        if widths[widest] <= _SLIMMEST:
            break
        widths[widest] -= 1
    return widths


def _cell(text: str, width: int, right: bool) -> str:
    text = text if len(text) <= width else text[: width - 1] + CUT
    return text.rjust(width) if right else text.ljust(width)
