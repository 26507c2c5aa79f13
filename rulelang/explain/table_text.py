"""The table as text for a terminal: as much of it as the width takes, cut only where nothing else can be spared."""

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_uppercase

from attrs import evolve, frozen

from rulelang.explain.table import Cell, Row, Table
from rulelang.explain.table_notes import NOTHING, OFF, ON, heading, last_word, limits_matter, notes
from rulelang.text.layout import columns, paragraph

_LONG = 8
"""A longer expression may be called by a letter."""


@frozen
class _Shape:
    """How much room a table takes.

    `heads`: each rule has a column with its name; otherwise all are numbered. `letters`: long expressions are called
    by a letter. `numbers`: the last word is a number too. `full`: level and limits are shown, not just what is desired.
    """

    heads: bool = False
    letters: bool = False
    numbers: bool = False
    full: bool = True


_SHAPES = (
    _Shape(heads=True),
    _Shape(),
    _Shape(letters=True),
    _Shape(letters=True, numbers=True),
    _Shape(letters=True, full=False),
    _Shape(letters=True, numbers=True, full=False),
)
"""From the widest to the narrowest; where none fits, each target has a table of its own, and then texts are cut."""


def as_text(tables: Sequence[Table], width: int) -> str:
    """Return tables as lines of at most `width` characters, where words can be broken or columns spared."""
    return "\n\n".join("\n".join(_lines(table, width)) for table in tables) + "\n"


def _lines(table: Table, width: int) -> Iterator[str]:
    yield from paragraph(heading(table), width, "  ")
    if table.rules:
        yield ""
        yield from _legend([(number, *rule) for number, rule in zip(_numbers(table), table.rules, strict=True)], width)
    if table.targets:
        yield ""
        yield from _grid(table, width)
    if below := notes(table):
        yield ""
        yield from (part for note in below for part in paragraph(note, width, "  "))


def _legend(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield rows of which the last text may be broken."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for row in rows:
        start = "  ".join(text.ljust(size) for text, size in zip(row, wide, strict=False))
        yield from paragraph(f"{start}  {row[-1]}", width, " " * (len(start) + 2))


def _numbers(table: Table) -> list[str]:
    return [str(at) for at in range(1, len(table.rules) + 1)]


def _grid(table: Table, width: int) -> Iterator[str]:
    letters = _letters(table)
    shape = next((shape for shape in _SHAPES if _wide(_rows(table, shape, letters)) <= width), None)
    if shape is None and len(table.targets) > 1:
        for at in range(len(table.targets)):
            yield from ("",) if at else ()
            yield from _grid(_only(table, at), width)
        return
    shape = shape or _SHAPES[-1]
    marks = [name for name, _ in table.rules] if shape.heads else [_marks(_numbers(table), table)]
    yield from columns(_rows(table, shape, letters), width, marks)
    if shape.letters and letters:
        yield ""
        yield from _legend([(letter, "=", words) for words, letter in letters.items()], width)


def _wide(rows: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) + 2 for column in zip(*rows, strict=True)) - 2


def _only(table: Table, at: int) -> Table:
    """Return a table of one of its targets."""
    rows = tuple(Row(row.active, row.cells[at : at + 1]) for row in table.rows)
    return evolve(table, targets=table.targets[at : at + 1], rows=rows)


def _letters(table: Table) -> dict[str, str]:
    """Return letters for the long expressions in cells, the longest first; none where there are more than letters."""
    said = {text for row in table.rows for cell in row.cells for text in _texts(cell)}
    used = [words for words in table.expressions if len(words) > _LONG and any(words in text for text in said)]
    return dict(zip(sorted(used, key=len, reverse=True), ascii_uppercase, strict=False)) if len(used) <= 26 else {}


def _texts(cell: Cell) -> tuple[str, str, str]:
    return cell.level.words, cell.limits, cell.desired.words


def _rows(table: Table, shape: _Shape, letters: Mapping[str, str]) -> list[list[str]]:
    letters = letters if shape.letters else {}
    names = [name for name, _ in table.rules]
    called = dict(zip(names, _numbers(table), strict=True)) if shape.numbers else {}
    full = [shape.full and limits_matter(table, at) for at in range(len(table.targets))]
    first = names if shape.heads or not names else [_marks(_numbers(table), table)]
    rows = [[*first, *(head for at, target in enumerate(table.targets) for head in _heads(target.name, full[at]))]]
    for row in table.rows:
        cells = (text for at, cell in enumerate(row.cells) for text in _cell(cell, full[at], letters, called))
        rows.append([*_active(row, table, shape), *cells])
    return rows


def _active(row: Row, table: Table, shape: _Shape) -> list[str]:
    marks = [ON if name in row.active else OFF for name, _ in table.rules]
    return marks if shape.heads or not marks else [_marks(marks, table)]


def _marks(texts: Sequence[str], table: Table) -> str:
    """Return a text for each rule side by side, as wide as the numbers of the rules."""
    return " ".join(text.rjust(len(number)) for text, number in zip(texts, _numbers(table), strict=True))


def _heads(target: str, full: bool) -> tuple[str, ...]:
    return (f"{target}: level", "limits", "desired", "last word") if full else (target, "last word")


def _cell(cell: Cell, full: bool, letters: Mapping[str, str], called: Mapping[str, str]) -> tuple[str, ...]:
    level, limits, desired = (_lettered(text, letters) for text in _texts(cell))
    word = last_word(cell, called)
    return (level, limits or NOTHING, desired, word) if full else (desired, word)


def _lettered(text: str, letters: Mapping[str, str]) -> str:
    for words, letter in letters.items():
        text = text.replace(f" ({words})", f" {letter}").replace(words, letter)
    return text
