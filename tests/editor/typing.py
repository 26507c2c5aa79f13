"""What people do to a text while they write it, and what has to hold of it whatever they do."""

import re
from typing import Any

from hypothesis import strategies as st

from rulelang.check import Checking, Outside, check
from rulelang.check.checked import Node, Program
from rulelang.text import Compared, Source, Span
from tests.strategies.drawing import Draw, Drawing

_PIECES = (
    "\n", " ", "5", "%", "a", "(", ")", '"', "#", "@1d", " for 2 periods", "let a = close\n", "param a = 5%\n", "x",
    "rule r when a > 1 then hedge 5%\n", "when close > a then hedge 20%\n", "bars 1h\n", "assets BTC, ETH\n", "é", "а",
    "otherwise hedge 10%\n", "event a\n", "field a : price\n", "target leverage between 0 and 3\n", "😀", "a is active",
    "\nwhen within 24h before a then hedge 1%\n", "test a\n given close = 1\n expect hedge = 0%\n", "\r\n", " until ",
    "let b = a@1d\n", "\nwhen sma(b, 20)@1d > close then hedge b\n", "field close every 4h\n", 'use "other.rules"\n',
)  # fmt: skip
_STATEMENT = re.compile(r"^(?=\w)", re.MULTILINE)


@st.composite
def edits(draw: Draw, most: int = 6) -> list[tuple[str, float, float, str]]:
    """Generate edits: what is done, from where to where as parts of the text, and what is put there."""
    d = Drawing(draw)
    return [
        (d.pick(("insert", "insert", "delete", "move", "double", "rename")), _part(d), _part(d), d.pick(_PIECES))
        for _ in range(d.number(1, most))
    ]


def _part(d: Drawing) -> float:
    return d.number(0, 1000) / 1000


def edited(text: str, edit: tuple[str, float, float, str]) -> str:
    """Return a text after an edit."""
    what, first, second, piece = edit
    at = int(first * len(text))
    match what:
        case "insert":
            return text[:at] + piece + text[at:]
        case "delete":
            return text[:at] + text[at + 1 + int(second * 12) :]
        case "rename":
            names = sorted(set(re.findall(r"[a-z_]{2,}", text))) or ["a"]
            old, new = names[int(first * 0.999 * len(names))], names[int(second * 0.999 * len(names))]
            return re.sub(rf"\b{old}\b", new, text, count=1 + int(second * 3))
        case _:
            statements = _STATEMENT.split(text)
            one = statements[int(first * 0.999 * len(statements))]
            place = int(second * len(statements))
            if what == "move":
                statements.remove(one)
            return "".join([*statements[:place], one, *statements[place:]])


def same(one: Checking, other: Checking) -> None:
    """See that two checks came to the same, to the last place and word."""
    assert one.diagnostics == other.diagnostics
    assert (one.rules is None) == (other.rules is None)
    if one.rules is None or other.rules is None:
        return
    assert list(map(shape, one.rules.statements)) == list(map(shape, other.rules.statements))
    assert one.rules.tests == other.rules.tests
    assert [test.source for test in one.rules.tests] == [test.source for test in other.rules.tests]
    assert (one.rules.events, one.rules.source) == (other.rules.events, other.rules.source)
    assert list(one.rules.programs) == list(other.rules.programs)
    for asset, program in one.rules.programs.items():
        same_program(program, other.rules.programs[asset])


def same_program(one: Program, other: Program) -> None:
    """See that two programs are the same: their nodes in one order, and what each part of the text means."""
    mine, others = (_numbers(program) for program in (one, other))
    assert [_flat(node, mine) for node in one.order] == [_flat(node, others) for node in other.order]
    assert list(map(repr, one.rules)) == list(map(repr, other.rules))
    assert [shape(rule.written) for rule in one.rules] == [shape(rule.written) for rule in other.rules]
    assert [rule.source for rule in one.rules] == [rule.source for rule in other.rules]
    for part in ("asset", "bars", "targets", "needs", "lets", "params"):
        assert repr(getattr(one, part)) == repr(getattr(other, part))
    assert repr(one.otherwise) == repr(other.otherwise)
    assert meant(one, mine) == meant(other, others)


def _numbers(program: Program) -> dict[int, int]:
    """Return the number of each node; names of rules stand in the order too, and one name can be several strings."""
    return {id(node): at for at, node in enumerate(program.order) if isinstance(node, Node)}


def meant(program: Program, numbers: dict[int, int]) -> list[int | None]:
    """Return what each part of each rule means, as the number of its node."""
    meanings = program.meanings
    return [
        numbers.get(id(meanings.get((id(part), frame, exit_of))))
        for rule in program.rules
        for part in _parts(rule.written)
        for frame in (None, 86_400)
        for exit_of in (None, rule.name)
    ]


def _flat(node: Node | str, numbers: dict[int, int]) -> object:
    """Return a node with numbers in the place of the nodes that it is made of."""
    if isinstance(node, str):
        return node
    attributes: Any = type(node).__attrs_attrs__  # type: ignore[union-attr]
    return type(node).__name__, *(_number(getattr(node, one.name), numbers) for one in attributes)


def _number(value: Any, numbers: dict[int, int]) -> Any:
    if isinstance(value, tuple):
        return tuple(_number(one, numbers) for one in value)
    return numbers.get(id(value), repr(value))


def shape(written: Any) -> list[tuple[str, ...]]:
    """Return every node of a statement with its spans."""
    statement = getattr(written, "statement", written)
    return [(type(one).__name__, *map(str, _spans(one))) for one in _parts(statement)]


def _spans(node: Compared) -> list[Span]:
    attributes: Any = node.__attrs_attrs__  # type: ignore[attr-defined]
    values = (getattr(node, one.name) for one in attributes)
    return [value for value in values if isinstance(value, Span)]


def _parts(node: Any) -> list[Compared]:
    found, open_ = [], [node]
    while open_:
        one = open_.pop()
        if isinstance(one, tuple):
            open_ += one
        elif isinstance(one, Compared):
            found.append(one)
            attributes: Any = one.__attrs_attrs__  # type: ignore[attr-defined]
            open_ += [getattr(one, each.name) for each in attributes]
    return found


def scratch(text: str, others: dict[str, str]) -> Checking:
    """Return what checking a text says that nobody knows anything of."""
    return check(Source("typed", text), reader=others.get, outside=Outside(now=1.7e9))
