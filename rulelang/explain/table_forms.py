"""The table as Markdown, as CSV for a spreadsheet, and as a page of HTML that needs nothing else."""

import csv
from collections.abc import Iterator, Sequence
from html import escape
from io import StringIO

from rulelang.explain.levels import Amount
from rulelang.explain.table import Cell, Row, Table
from rulelang.explain.table_notes import NOTHING, OFF, ON, heading, last_word, notes
from rulelang.kinds.units import digits

# --- Markdown


def as_markdown(tables: Sequence[Table]) -> str:
    """Return tables as Markdown."""
    return "\n".join(line for table in tables for line in _markdown(table))


def _markdown(table: Table) -> Iterator[str]:
    yield f"### {heading(table) or 'no target'}\n"
    yield from (f"- `{name}`: {_cell_text(does)}" for name, does in table.rules)
    if table.targets:
        heads = [*(name for name, _ in table.rules), *(head for one in table.targets for head in _heads(one.name))]
        yield f"\n{_line(heads)}\n{_line(['---'] * len(heads))}"
        yield from (_line(_texts(row, table)) for row in table.rows)
    yield from (f"\n{_cell_text(note)}" for note in notes(table))
    yield ""


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell_text, texts))} |"


def _cell_text(text: str) -> str:
    """Return a text without what Markdown would take for its own."""
    return "".join(f"\\{letter}" if letter in "|*_`<" else letter for letter in text)


def _heads(target: str) -> tuple[str, ...]:
    return f"{target}: level", "limits", "desired", "last word"


def _texts(row: Row, table: Table) -> list[str]:
    marks = [ON if name in row.active else OFF for name, _ in table.rules]
    return [*marks, *(text for cell in row.cells for text in _said(cell))]


def _said(cell: Cell) -> tuple[str, ...]:
    return cell.level.words, cell.limits or NOTHING, cell.desired.words, last_word(cell)


# --- CSV


def as_csv(tables: Sequence[Table]) -> str:
    """Return tables as one sheet: a row for each combination and target, in the columns of `HEADS` and of the rules.

    An active rule is 1, an inactive one 0, one that doesn't count for the assets nothing. Levels are plain numbers
    (0.6 is 60%), or the words of the file where they depend on data.
    """
    rules = list(dict.fromkeys(name for table in tables for name, _ in table.rules))
    sheet = StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(["assets", *rules, *HEADS])
    for table in tables:
        known = {name for name, _ in table.rules}
        for row in table.rows:
            marks = [str(int(name in row.active)) if name in known else "" for name in rules]
            for target, cell in zip(table.targets, row.cells, strict=True):
                writer.writerow([" ".join(table.assets), *marks, target.name, *_values(cell)])
    return sheet.getvalue()


HEADS = ("target", "level", "floors and caps", "desired level", "last word", "at once", "decided by")
"""No rule can be called like one of them."""


def _values(cell: Cell) -> tuple[str, ...]:
    decides = "" if cell.decides is None else cell.decides.rule or "bounds"
    word = cell.last_word or ""
    return _value(cell.level), cell.limits, _value(cell.desired), word, str(int(cell.at_once)), decides


def _value(amount: Amount) -> str:
    """Return a number, or words that no spreadsheet takes for a formula."""
    if amount.number is not None:
        return digits(amount.number, 15)
    return f"({amount.words})" if amount.words.startswith("-") else amount.words


# --- HTML

_STYLE = """\
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --faint: #888; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 80rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem; text-align: left; white-space: nowrap; }
thead th { border-bottom-width: 2px; }
tbody tr:hover { background: var(--soft); }
td.mark { text-align: center; }
td.desired { font-weight: 600; }
td.off, p, dd { color: var(--faint); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; }
dd { margin: 0; }
"""


def as_html(tables: Sequence[Table], title: str) -> str:
    """Return tables as a page, light or dark as the reader likes it."""
    body = "\n".join(line for table in tables for line in _html(table))
    head = '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">'
    named = f"<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>"
    top = f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n{named}\n</head>'
    return f"{top}\n<body>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"


def _html(table: Table) -> Iterator[str]:
    yield f"<h2>{escape(heading(table) or 'no target')}</h2>"
    if table.rules:
        deeds = "".join(f"<dt>{escape(name)}</dt><dd>{escape(does)}</dd>" for name, does in table.rules)
        yield f"<dl>{deeds}</dl>"
    if table.targets:
        yield "<div><table>\n<thead>"
        yield from _html_heads(table)
        yield "</thead>\n<tbody>"
        yield from (_html_row(row, table) for row in table.rows)
        yield "</tbody>\n</table></div>"
    yield from (f"<p>{escape(note)}</p>" for note in notes(table))


def _html_heads(table: Table) -> Iterator[str]:
    rules = "".join(f'<th rowspan="2" scope="col">{escape(name)}</th>' for name, _ in table.rules)
    targets = "".join(f'<th colspan="4" scope="colgroup">{escape(target.name)}</th>' for target in table.targets)
    four = "".join(f'<th scope="col">{head}</th>' for head in ("level", "limits", "desired", "last word"))
    yield f"<tr>{rules}{targets}</tr>"
    yield f"<tr>{four * len(table.targets)}</tr>"


def _html_row(row: Row, table: Table) -> str:
    marks = ("mark" if name in row.active else "mark off" for name, _ in table.rules)
    classes = [*marks, *(("", "", "desired", "") * len(table.targets))]
    cells = zip(_texts(row, table), classes, strict=True)
    return f"<tr>{''.join(_html_cell(text, kind) for text, kind in cells)}</tr>"


def _html_cell(text: str, kind: str) -> str:
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"
