"""Completion: what may stand at a place, what fits its kind first."""

import re
from collections.abc import Iterator
from functools import lru_cache

from attrs import evolve, frozen

from rulelang.check.calls import signature
from rulelang.check.checked import SUPPLIED
from rulelang.check.names import MEMBERS
from rulelang.check.walk import everything
from rulelang.editor.analysis import Analysis
from rulelang.editor.knowledge import Knowledge, knowledge, period_of
from rulelang.editor.notes import START
from rulelang.editor.place import Wanted, fits, wanted
from rulelang.explain.reference import kind_text
from rulelang.functions import FUNCTIONS, Function, Parameter, Role
from rulelang.kinds import (
    COINS,
    CONDITION,
    DURATION,
    MONEY,
    NUMBER,
    PRICE,
    RATIO,
    SCORE,
    TIME,
    YEAR,
    Kind,
    duration_text,
    named,
    time_span_text,
    value_text,
)
from rulelang.syntax import parse_expression, printed, tree
from rulelang.syntax.beginning import Beginning, beginning, spelt
from rulelang.syntax.statements import first_on_line
from rulelang.syntax.vocabulary import KEYWORDS
from rulelang.text import Span


@frozen
class Completion:
    """One thing that may stand at a place.

    `insert`: what to put in place of `span`; stops of a snippet are written `${1:text}`, and `}` or `$` in it with a
    backslash before them. `what`: `field function rule param let target event asset member word kind keyword literal`.
    `order`: sorts what fits first.
    """

    label: str
    insert: str
    what: str
    detail: str
    documentation: str
    order: str
    span: Span


@frozen
class _Item:
    """A completion before its place is known; `rank`: 0 fits best."""

    label: str
    insert: str
    what: str
    detail: str = ""
    documentation: str = ""
    rank: int = 1


_PARTIAL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_NUMERAL = re.compile(r"(?<![A-Za-z_\d])\d[\d_.]*[A-Za-z%]*\Z")


def completion(analysis: Analysis, offset: int) -> tuple[Completion, ...]:
    """Return what may stand at an offset, in the place of the part of a word before it; sorted by what fits."""
    k = knowledge(analysis)
    begun = _begun(k, offset)
    if begun is None:
        return ()
    text, start, entry = begun
    open_ = beginning(text, entry)
    found = sorted(_items(k, open_, text, start, entry), key=lambda item: item.rank)
    span = Span(start, offset)
    unique = {item.label: item for item in reversed(found)}
    ordered = [item for item in found if unique[item.label] is item]
    return tuple(_placed(item, at, span) for at, item in enumerate(ordered))


def _placed(item: _Item, at: int, span: Span) -> Completion:
    order = f"{item.rank}{at:05}"
    return Completion(item.label, item.insert, item.what, item.detail, item.documentation, order, span)


def _begun(k: Knowledge, offset: int) -> tuple[str, int, str] | None:
    """Return the statement, or the expression in a text's braces, up to a place; where its last word starts."""
    source = k.page.source.text
    around = k.page.around(offset)
    text, entry = source[around.start : offset], "statement"
    line = text[text.rfind("\n") + 1 :]
    quoted = re.match(r'(?:[^"#]|"[^"]*")*(?:(?P<text>"[^"]*)|(?P<comment>#.*))$', line)
    if quoted is not None:
        hole = None if quoted["text"] is None else re.search(r"\{([^{}]*)$", quoted["text"])
        if hole is None or text.lstrip().startswith("use"):
            return None
        text, entry = hole[1], "expression"
    elif _NUMERAL.search(text):
        return None
    partial = _PARTIAL.search(text)
    length = 0 if partial is None else len(partial[0])
    return text[: len(text) - length], offset - length, entry


# --- what there is


def _items(k: Knowledge, b: Beginning, text: str, start: int, entry: str) -> Iterator[_Item]:
    if entry == "statement" and first_on_line(k.page.source.text, start):
        yield from _starters("$END" in b.accepts or not b.open)
    want = wanted(k, b, text) if entry == "statement" or b.open else Wanted("value")
    if want.what in ("statement", "new", "none"):
        yield from _suggested(k, want, b)
        if want.what == "none":
            yield from _keywords(k, want, b)
        return
    offers = _offers(k, want, b, start)
    yield from (item for item in offers if _goes(b, item))
    yield from _keywords(k, want, b)


def _goes(b: Beginning, item: _Item) -> bool:
    """Say whether the grammar takes an item; calls and rules, which are many, have been tried as one."""
    if item.what in ("function", "rule"):
        return True
    if item.insert.isidentifier():
        return (item.insert.upper() if item.insert in KEYWORDS else "NAME") in b.accepts or b.takes(item.insert)
    return b.takes(_plain(item.insert))


def _plain(insert: str) -> str:
    """Return what a snippet puts into the text."""
    return re.sub(r"\\([$}\\])", r"\1", re.sub(r"\$\{\d+:((?:[^}\\]|\\.)*)\}|\$\d+", lambda m: m[1] or "", insert))


def _starters(fitting: bool) -> Iterator[_Item]:
    for word, rest in _STATEMENTS.items():
        record = KEYWORDS[word]
        yield _Item(word, f"{word} {rest}", "keyword", record.section, record.help, 2 if fitting else 5)


_STATEMENTS = {
    "assets": "${1:BTC}",
    "bars": "${1:1h}",
    "use": '"${1:other.rules}"',
    "field": "${1:name} : ${2:price}",
    "event": "${1:name}",
    "param": "${1:name} = ${2:5%}",
    "let": "${1:name} = ${2:close}",
    "target": "${1:hedge} between ${2:0%} and ${3:100%}",
    "rule": "${1:name}\n  when ${2:close < open}\n  then ${3:hedge 80%}",
    "when": "${1:close < open} then ${2:hedge 80%}",
    "otherwise": "${1:hedge} ${2:60%}",
    "test": "${1:name}\n  given bars 1d\n  given close = ${2:100 x 3}\n  expect hedge = ${3:60% x 3}",
}


def _suggested(k: Knowledge, want: Wanted, b: Beginning) -> Iterator[_Item]:
    """Yield the names that a declaration may be about although they exist already."""
    if want.what == "new" and b.terminal(-1) == "TARGET" and "hedge" not in k.names.declared:
        yield _Item("hedge", "hedge", "target", "the target that always exists", rank=0)


def _offers(k: Knowledge, want: Wanted, b: Beginning, start: int) -> Iterator[_Item]:
    """Yield names, literals and phrases that belong at a place; some of them the grammar may refuse there."""
    match want.what:
        case "value" | "amount" | "series" | "window" | "span" | "duration" | "count":
            yield from _literals(k, want)
            yield from _values(k, want, b, start)
        case "action":
            yield from (evolve(item, rank=0) for item in _targets(k, start))
            yield from _PHRASES_OF_ACTIONS
        case "anchor":
            yield from (_Item(name, name, "event", "event", rank=0) for name in k.names.events)
            yield from _values(k, evolve(want, kind=TIME), b, start)
        case "asked":
            yield from _asked(k, want)
        case "operator":
            yield from _operators(k, want)
        case _:
            yield from _named(k, want, start)


def _named(k: Knowledge, want: Wanted, start: int) -> Iterator[_Item]:
    """Yield names of one sort."""
    match want.what:
        case "asset":
            yield from (_Item(name, name, "asset", "asset", rank=0) for name in k.names.assets)
        case "target":
            yield from _targets(k, start)
        case "field":
            yield from (_field(k, name) for name in k.names.fields)
        case "member":
            yield from (_Item(name, name, "member", f"{want.owner}.{name}", rank=0) for name in MEMBERS)
        case "event":
            yield from (_Item(name, name, "event", "event", rank=0) for name in k.names.events)
        case "param":
            yield from (_Item(name, name, "param", _detail("param", k.kind(name)), rank=0) for name in k.names.params)
        case "rule":
            yield from (_Item(name, name, "rule", "rule", rank=0) for name in k.names.all_rules)
            yield from (_qualified(k.names.assets, next(iter(k.names.all_rules))) if k.names.all_rules else ())
        case "kind":
            yield from _kinds()
        case "given":
            yield from (_field(k, name) for name in k.names.fields)
            yield from _supplied(k)
            yield from _qualified(k.assets, "close")
        case "expected":
            yield from _targets(k, start)
            yield from _qualified(k.names.assets, "hedge")
        case "answer":
            yield from (_Item(word, word, "word", "whether the rule is active", rank=0) for word in ("yes", "no"))
        case "text":
            yield _Item('"…"', '"${1:why}"', "literal", "a text; values stand in braces", rank=0)


def _kinds() -> Iterator[_Item]:
    plain = (NUMBER, RATIO, PRICE, COINS, MONEY, SCORE, DURATION, TIME)
    yield from (_Item(str(kind), str(kind), "kind", "kind", rank=0) for kind in plain if named(str(kind)))
    yield _Item("rate", "rate per ${1:8h}", "kind", "kind", rank=0)


def _supplied(k: Knowledge) -> Iterator[_Item]:
    """Yield what a host supplies of targets."""
    for name in k.names.targets:
        for member in SUPPLIED:
            yield _Item(f"{name}.{member}", f"{name}.{member}", "member", "from the host", rank=2)


def _detail(what: str, kind: Kind | None) -> str:
    return what if kind is None else f"{what} · {kind_text(kind)}"


def _visible(k: Knowledge, name: str, start: int) -> bool:
    return k.declared_at.get(name, -1) < start


def _targets(k: Knowledge, start: int) -> Iterator[_Item]:
    for name, target in k.names.targets.items():
        if _visible(k, name, start):
            bounds = f"{value_text(target.low, target.kind)} to {value_text(target.high, target.kind)}"
            yield _Item(name, name, "target", f"target · {kind_text(target.kind)}", bounds, 0)


def _field(k: Knowledge, name: str, rank: int = 0) -> _Item:
    record = k.names.fields[name]
    said = f"{record.help}\n\n{record.pays}" if record.pays else record.help
    return _Item(name, name, "field", _detail("field", record.kind), said, rank)


# --- values


def _values(k: Knowledge, want: Wanted, b: Beginning, start: int) -> Iterator[_Item]:
    """Yield the names and functions that stand for values."""
    kind = DURATION if want.what in ("span", "duration") else NUMBER if want.what == "count" else want.kind
    for name in sorted(k.values, key=lambda name: _ORDER.index(k.values[name])):
        if not _visible(k, name, start):
            continue
        own = DURATION if want.what == "window" and k.kind(name) == DURATION else kind
        if item := _value(k, name, own, want.fixed or want.what in _COUNTED):
            yield item
    if want.owner or want.what in _COUNTED:
        record = k.names.fields.get(want.owner)
        words = record.kind.unit if record is not None and isinstance(record.kind.unit, tuple) else ()
        yield from (_Item(word, word, "word", f"word of {want.owner}", rank=0) for word in words)
        return
    if not want.fixed and b.takes("sma(close, 2)"):
        yield from _calls(kind, _simple(want.beside))
        yield from _others(k, kind)
    if kind in (CONDITION, None) and not want.fixed and b.takes("first is active"):
        yield from _active(k, start)


_ORDER = ("let", "param", "field", "target")
_COUNTED = ("span", "duration", "count", "window")


def _value(k: Knowledge, name: str, kind: Kind | None, fixed: bool) -> _Item | None:
    what = k.values[name]
    if fixed and what not in ("param", "let"):
        return None
    if name == "time":
        return _Item(name, name, "field", "field · time", "the time of the step", 1 if fits(kind, TIME) else 3)
    own = k.kind(name)
    fitting = fits(kind, own) or (what == "param" and own == RATIO and kind is not None and kind.name == "rate")
    if fixed and not fitting and own is not None:
        return None
    rank = 0 if kind is not None and fitting else 1 if kind in (None, CONDITION) else 3
    if what == "field" and name in k.names.fields:
        return _field(k, name, rank)
    return _Item(name, name, what, _detail(what, own), _said(k, name, what), rank)


def _said(k: Knowledge, name: str, what: str) -> str:
    placed = k.declarations.get((what, name))
    statement = None if placed is None else placed.statement
    return f"`{printed(statement)}`" if isinstance(statement, tree.Let | tree.Param) else ""


def _simple(written: tree.Expression | None) -> str:
    """Return a value that can be the series of a function beside it."""
    return printed(written) if isinstance(written, tree.Name | tree.OtherAsset) else ""


@lru_cache(512)
def _calls(kind: Kind | None, beside: str) -> tuple[_Item, ...]:
    """Return the calls of all functions, those that give a kind first."""
    found = [_call(one, kind, beside) for one in FUNCTIONS.values()]
    trigger = "at_trigger(${1:close})"
    said = "the value as it was when the rule started; in `until`, actions and texts"
    return *found, _Item("at_trigger", trigger, "function", "at_trigger(x)", said, 2)


def _call(one: Function, kind: Kind | None, beside: str) -> _Item:
    arguments = [printed(argument) for argument in _example(one)]
    keeps = kind is not None and kind != CONDITION and _gives(one, kind, keeping=True)
    if beside and keeps and one.parameters[0].role in (Role.SERIES, Role.VALUE):
        arguments[0] = beside
    inside = ", ".join(f"${{{at}:{argument}}}" for at, argument in enumerate(arguments, 1))
    rank = 1 if kind in (None, CONDITION) or keeps or _gives(one, kind) else 3
    return _Item(one.name, f"{one.name}({inside})", "function", signature(one), one.help, rank)


def _example(one: Function) -> tuple[tree.Expression, ...]:
    """Return the arguments that a function has in its example."""
    inside = everything(parse_expression(one.example))
    calls = (part for part in inside if isinstance(part, tree.Call) and part.function.text == one.name)
    return next(calls).arguments


_TRIED = (NUMBER, RATIO, PRICE, COINS, MONEY, SCORE)


def _gives(one: Function, kind: Kind | None, *, keeping: bool = False) -> bool:
    """Say whether a function can give a kind; `keeping`: to values of that kind."""
    if kind is None:
        return True
    taken = [p for p in one.parameters if p.role not in (Role.WINDOW, Role.NUMBER)]
    for tried in (kind,) if keeping else (kind, *_TRIED):
        result = one.result(tuple(_taken(p, tried) for p in taken))
        if isinstance(result, Kind) and result.name == kind.name and (taken or not keeping):
            return True
    return False


def _taken(parameter: Parameter, tried: Kind) -> Kind:
    if parameter.role is Role.CONDITION:
        return CONDITION
    return DURATION if parameter.name == "duration" else tried


def _others(k: Knowledge, kind: Kind | None) -> Iterator[_Item]:
    """Yield the assets of which fields can be read."""
    if kind != DURATION:
        yield from _qualified(k.assets, "close")


def _qualified(assets: tuple[str, ...], name: str) -> Iterator[_Item]:
    """Yield assets with a point and something of theirs."""
    for asset in assets:
        yield _Item(f"{asset}.", f"{asset}.${{1:{name}}}", "asset", "of the asset", rank=2)


def _active(k: Knowledge, start: int) -> Iterator[_Item]:
    """Yield the rules above, whose state can be asked."""
    for statement in k.analysis.file.statements:
        if isinstance(statement, tree.Rule) and statement.name is not None and statement.span.end <= start:
            name = statement.name.text
            yield _Item(f"{name} is active", f"{name} is active", "rule", "rule", rank=2)


# --- literals

_WRITTEN = {
    "ratio": "10%",
    "price": "65_000 USD",
    "money": "1_000_000 USD",
    "coins": "20 BTC",
    "score": "70",
    "duration": "8h",
    "time": "2026-12-24T00:00Z",
    "number": "2",
}
"""A value of each kind, to be written over."""

_LEVEL = "80%"


def _literals(k: Knowledge, want: Wanted) -> Iterator[_Item]:
    """Yield literals in the form that a place wants."""
    match want.what:
        case "amount":
            yield from _amounts(want)
        case "span":
            yield from _spans(k, want)
        case "duration":
            yield from (_literal(text, "duration") for text in ("1h", "8h", "1d", "7d"))
        case "count":
            yield from (_literal(text, "count") for text in ("2", "3", "5"))
        case "window":
            yield from (_literal(text, "periods") for text in ("14", "20", "200"))
            yield _literal("30d", "duration")
        case _ if want.kind is not None and want.kind.name == "rate":
            yield from _rates(want.kind)
        case _ if want.kind is not None:
            yield from _of_kind(want)


def _of_kind(want: Wanted) -> Iterator[_Item]:
    assert want.kind is not None
    text = _WRITTEN.get(want.kind.name)
    if text is not None:
        text = _LEVEL if want.kind == RATIO and want.level else text
        unit = want.kind.unit if isinstance(want.kind.unit, str) else ""
        shown = f"{text.split(' ')[0]} {unit}" if unit and " " in text else text
        yield _literal(shown, str(want.kind))


def _literal(text: str, detail: str) -> _Item:
    return _Item(text, f"${{1:{text}}}", "literal", detail, rank=0)


def _rates(kind: Kind) -> Iterator[_Item]:
    """Yield a rate as its field gives it, for its own period and a year."""
    assert isinstance(kind.unit, int)
    each, example = duration_text(kind.unit), 0.0005
    yearly = value_text(example * YEAR / kind.unit, RATIO)
    plain = value_text(example, RATIO)
    yield _Item(plain, f"${{1:{plain}}}", "literal", f"per {each}, {yearly} a year", rank=0)
    yield _Item(f"{plain} per {each}", f"${{1:{plain}}} per {each}", "literal", f"{yearly} a year", rank=0)
    converted = value_text(0.4 * kind.unit / YEAR, RATIO)
    yield _Item("40% per 1y", "${1:40%} per 1y", "literal", f"{converted} per {each}", rank=0)


def _amounts(want: Wanted) -> Iterator[_Item]:
    """Yield by how much a level may change."""
    if want.kind in (RATIO, None):
        yield _Item("25% of exposure", "${1:25%} of exposure", "literal", "points of the target", rank=0)
        yield _Item("25% of level", "${1:25%} of level", "literal", "a part of the level so far", rank=0)
    else:
        yield from _of_kind(want)


def _spans(k: Knowledge, want: Wanted) -> Iterator[_Item]:
    """Yield lengths in periods of the clock of what they are about, and in time."""
    node = None if want.beside is None else k.node(want.beside, START)
    period = None if node is None else period_of(node, k.names.bars)
    for count in (2, 3, 5):
        long = "" if period is None else time_span_text(period * count)
        yield _Item(f"{count} periods", f"${{1:{count}}} periods", "literal", long, rank=0)
    for name in k.names.params:
        if k.kind(name) == NUMBER:
            yield _Item(f"{name} periods", f"{name} periods", "param", "param · number", rank=0)
    yield _Item("3 of 5 periods", "${1:3} of ${2:5} periods", "literal", "not all of them", rank=0)
    yield _Item("3 periods of 1d", "${1:3} periods of ${2:1d}", "literal", "completed days", rank=0)
    text = "24h" if period is None else duration_text(period * 3)
    yield _Item(text, f"${{1:{text}}}", "literal", "duration", rank=0)


# --- conditions and actions


def _asked(k: Knowledge, want: Wanted) -> Iterator[_Item]:
    """Yield what can be asked with `is`."""
    words = want.kind.unit if want.kind is not None and isinstance(want.kind.unit, tuple) else ()
    yield from (_Item(word, word, "word", "word of the field", rank=0) for word in words)
    is_rule = isinstance(want.beside, tree.Name) and want.beside.text in k.names.all_rules
    for word in ("active", "known", "missing"):
        rank = 0 if (word == "active") == is_rule and not words else 1
        yield _Item(word, word, "keyword", KEYWORDS[word].section, KEYWORDS[word].help, rank)


def _operators(k: Knowledge, want: Wanted) -> Iterator[_Item]:
    """Yield what joins the value or condition before to something."""
    condition = want.kind == CONDITION
    for text, insert in _JOINING.items():
        wants_condition = text in ("for", "then")
        record = KEYWORDS.get(text.split(" ")[0])
        said = "" if record is None else record.help
        fitting = want.kind is None or condition == wants_condition
        yield _Item(text, insert, "keyword", "", said, 0 if fitting else 4)


_JOINING = {
    ">": ">",
    "<": "<",
    ">=": ">=",
    "<=": "<=",
    "crosses above": "crosses above",
    "crosses below": "crosses below",
    "between … and …": "between ${1:0} and ${2:1}",
    "rises … over …": "rises ${1:5%} over ${2:24h}",
    "falls … over …": "falls ${1:5%} over ${2:24h}",
    "at least": "at least",
    "at most": "at most",
    "at once": "at once",
    "change at least": "change at least ${1:10%}",
    "step at most": "step at most ${1:20%}",
    "for": "for ${1:3} periods",
}

_PHRASES_OF_ACTIONS = tuple(
    _Item(text, insert, "keyword", "", KEYWORDS[text.split(" ")[0]].help, 1)
    for text, insert in {
        "increase … by …": "increase ${1:hedge} by ${2:25%} of exposure",
        "reduce … by …": "reduce ${1:hedge} by ${2:25%} of exposure",
        "freeze …": "freeze ${1:hedge}",
        "alert …": 'alert "${1:what happened}"',
    }.items()
)


def _keywords(k: Knowledge, want: Wanted, b: Beginning) -> Iterator[_Item]:
    """Yield the words of the language that the grammar takes here."""
    for terminal, word in spelt().items():
        if terminal not in b.accepts or word not in KEYWORDS or _is_name(terminal, want):
            continue
        record = KEYWORDS[word]
        yield _Item(word, word, "keyword", record.section, record.help, _rank(word, want))


def _is_name(terminal: str, want: Wanted) -> bool:
    """Say whether a word could only stand as a name here, or begins a condition where a number belongs."""
    if want.what == "window":
        return True
    return KEYWORDS[spelt()[terminal]].nameable and want.what not in ("operator", "share", "given", "expected")


def _rank(word: str, want: Wanted) -> int:
    if want.what != "operator":
        return 2
    joins = word in ("and", "or", "then", "until", "because", "for", "at")
    return 1 if want.kind is None or joins == (want.kind == CONDITION) else 4
