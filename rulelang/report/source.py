"""The rule file as a page shows it: its text in colour, and beside each rule what the rule did."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from attrs import frozen

from rulelang.backtest.result import Activity, Result
from rulelang.report.figures import count, share
from rulelang.report.tables import badge, held, profit

_PIECES = re.compile(
    r"(?P<comment>#.*)|(?P<text>\"[^\"]*\")|(?P<number>\b\d{4}-\d\d-\d\d(?:T[\d:]+Z)?|\b\d[\d_]*(?:\.\d+)?(?:%|[mhdwyx]\b)?)|(?P<word>[A-Za-z_]\w*)|."
)
_WORDS = re.compile(
    r"above|active|after|alert|all|and|assets|at|bars|because|before|below|between|but|by|"
    r"change|cooldown|crosses|down|event|every|expect|exposure|falls|field|for|freeze|from|given|"
    r"in|increase|is|known|least|let|level|missing|most|moves|not|of|on|once|or|otherwise|over|"
    r"param|per|period|periods|reduce|restart|rises|rule|step|target|test|then|to|until|up|use|"
    r"valid|when|within"
)
"""The words of the language."""


@frozen
class Block:
    """Lines of the file, the first counted from 1, and what the rule among them did; none elsewhere."""

    first: int
    lines: tuple[str, ...]
    did: tuple[Activity, ...]


def blocks(source: str, activity: Sequence[Activity]) -> list[Block]:
    """Return a file in parts: each rule with the comment above it, and what lies between."""
    lines = source.splitlines()
    did: dict[int, list[Activity]] = {}
    for one in activity:
        line = _otherwise(lines) if one.rule == "otherwise" else one.line
        if line is not None and 1 <= line <= len(lines):
            did.setdefault(line, []).append(one)
    edges = sorted({0, len(lines), *(edge for line in did for edge in _edges(lines, line - 1))})
    return [_block(lines, first, end, did) for first, end in pairwise(edges)]


def _otherwise(lines: list[str]) -> int | None:
    """Return the line of the first `otherwise`."""
    return next((at for at, line in enumerate(lines, 1) if re.match(r"otherwise\b", line)), None)


def _edges(lines: list[str], at: int) -> tuple[int, int]:
    """Return the first line of a rule, its comment included, and the line after its last."""
    first, end = at, at + 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    while end < len(lines) and (lines[end][:1].isspace() or not lines[end].strip()):
        end += 1
    return first, end


def _block(lines: list[str], first: int, end: int, did: dict[int, list[Activity]]) -> Block:
    mine = tuple(one for line in range(first + 1, end + 1) for one in did.get(line, ()))
    return Block(first + 1, tuple(lines[first:end]), mine)


def as_html(result: Result, colours: dict[str, int]) -> str:
    """Return the file with each rule's figures beside it."""
    parts = [_part(block, result, colours) for block in blocks(result.source, result.activity)]
    return f'<div class="source">{"".join(parts)}</div>'


def _part(block: Block, result: Result, colours: dict[str, int]) -> str:
    code = "\n".join(f"<i>{block.first + at}</i>{''.join(_coloured(line))}" for at, line in enumerate(block.lines))
    if not block.did:
        return f'<div class="part"><pre>{code}</pre></div>'
    colour = colours.get(block.did[0].rule)
    style = f' style="--colour:var(--rule{colour})"' if colour is not None else ""
    return f'<div class="part ruled"{style}><pre>{code}</pre><aside>{_figures(block.did, result)}</aside></div>'


def _figures(did: Sequence[Activity], result: Result) -> str:
    """Return what a rule did: a column for each asset."""
    badges = {badge(one) for one in did}
    if all(one.never_active for one in did) and did[0].rule != "otherwise":
        return badges.pop()
    bars = len(result.times)
    rows: list[tuple[str, list[str]]] = [
        ("became active", [f"{count(one.starts)}×" for one in did]),
        ("time active", [share(one.bars, bars) for one in did]),
        ("last word", [share(one.last_word, bars) for one in did]),
        ("changes", [count(one.changes) for one in did]),
        ("held back", [held(one) for one in did]),
        ("earned", [profit(one.pnl) for one in did]),
    ]
    if did[0].rule == "otherwise":
        del rows[:2]
    heads = "".join(f"<th>{escape(one.asset or '')}</th>" for one in did)
    head = f"<thead><tr><th></th>{heads}</tr></thead>" if len(result.assets) > 1 else ""
    body = "".join(f"<tr><th>{name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for name, cells in rows)
    shown = badges.pop() if len(badges) == 1 else ""
    return f'{shown}<table class="figures">{head}<tbody>{body}</tbody></table>'


def _coloured(line: str) -> Iterator[str]:
    """Yield the pieces of a line, those that mean something in their colour."""
    for piece in _PIECES.finditer(line):
        kind, shown = piece.lastgroup, escape(piece.group())
        if kind == "word" and not _WORDS.fullmatch(piece.group().lower()):
            kind = None
        yield f'<span class="{kind}">{shown}</span>' if kind else shown
