"""Hover: what a word of a rule file is, in Markdown."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from attrs import evolve, frozen

from rulelang.check.calls import signature
from rulelang.check.checked import Applied, CheckedTarget, Node
from rulelang.check.exact import exact_value
from rulelang.check.expressions import Place
from rulelang.check.summary import needed
from rulelang.editor.analysis import Analysis
from rulelang.editor.definition import places
from rulelang.editor.knowledge import Knowledge, Symbol, knowledge
from rulelang.editor.notes import START, notes
from rulelang.editor.words import Word
from rulelang.explain.reference import Entry, field_facts, function_entry, kind_text
from rulelang.explain.table import Table, TableError, tables
from rulelang.explain.table_text import as_text
from rulelang.functions import FUNCTIONS, Function
from rulelang.kinds import duration_text, time_span_text, value_text
from rulelang.syntax import parse_expression, printed, tree
from rulelang.syntax.vocabulary import KEYWORDS
from rulelang.text import Span

_WIDTH = 100
"""How wide a table may be, in characters."""

_PLACES = 6
"""The most lines that are listed."""

MEMBERS = {
    "age": "the time since `{}` in force last changed",
    "price": "`close` when `{}` in force last changed",
    "actual": "the real `{}`, as the host says it",
    "entry": "the average price of the short, as the host says it",
}
AT_TRIGGER = "`x` as it was when the rule started"


@frozen
class Hover:
    """What is to be said of a stretch of text, in Markdown."""

    span: Span
    markdown: str


def hover(analysis: Analysis, offset: int) -> Hover | None:
    """Return what is to be said of the word at an offset, or `None` where there is nothing to say."""
    k = knowledge(analysis)
    word = k.page.word(offset)
    if word is None:
        return None
    if word.part in ("number", "unit", "time", "asset"):
        span, said = _literal(k, word, offset)
    else:
        span, said = word.span, _said(k, analysis, word)
    return Hover(span, said) if said else None


def _said(k: Knowledge, analysis: Analysis, word: Word) -> str:
    if word.part == "keyword":
        return keyword_text(word.text)
    symbol = k.symbol(word)
    if symbol is None:
        return ""
    say = _SAYING.get(symbol.what)
    return "" if say is None else say(_Question(k, analysis, word, symbol))


@frozen
class _Question:
    """What is asked about: a word and what it stands for."""

    k: Knowledge
    analysis: Analysis
    word: Word
    symbol: Symbol


def page(heading: str, what: str, help_: str = "", facts: Sequence[tuple[str, str]] = (), below: str = "") -> str:
    """Return a heading, a sentence and facts as Markdown."""
    head = f"**`{heading}`** · {what}" if what else f"**`{heading}`**"
    listed = "\n".join(f"- *{label}*: {text}" for label, text in facts if text)
    return "\n\n".join(part for part in (head, help_, listed, below) if part)


def keyword_text(word: str) -> str:
    """Return what a word of the language says, and where the language's page tells more."""
    record = KEYWORDS[word]
    anchor = record.section.lower().replace(" ", "-")
    return page(word, "word of the language", record.help, (), f"*language.md#{anchor}*, “{record.section}”")


# --- what stands for values


def _field(q: _Question) -> str:
    name = q.symbol.name
    if name == "time":
        return page("time", "field · time", "the time of the step: the close of its bar")
    record = q.k.names.fields.get(name)
    if record is None:
        return ""
    of = f" of {q.word.owner}" if q.word.owner else ""
    return page(name, f"field{of} · {kind_text(record.kind)}", record.help, field_facts(record)[1:])


def _param(q: _Question) -> str:
    value = q.k.names.params.get(q.symbol.name)
    placed = q.k.declarations.get(("param", q.symbol.name))
    if value is None or placed is None or not isinstance(placed.statement, tree.Param):
        return ""
    statement = placed.statement
    by_asset = ", ".join(f"{one.asset.text} {printed(one.value)}" for one in statement.by_asset)
    limits = statement.limits
    facts = (
        ("default", f"`{printed(statement.value)}`"),
        ("for", by_asset),
        ("limits", f"`{printed(limits.low)} .. {printed(limits.high)}`" if limits is not None else "none"),
        ("used", _used(q)),
    )
    return page(q.symbol.name, f"param · {kind_text(value.kind)}", "a constant that can be set from outside", facts)


def _let(q: _Question) -> str:
    entry = q.k.names.lets.get(q.symbol.name)
    if entry is None:
        return ""
    written = f"```rules\nlet {q.symbol.name} = {printed(entry.statement.value)}\n```"
    node = q.k.node(entry.statement.value, Place())
    if node is None:
        return page(q.symbol.name, "let", written)
    facts = (
        ("value", _constant(node)),
        ("moves", _clock(q.k, node)),
        ("first value after", _wait(q.k, node)),
        ("used", _used(q)),
    )
    return page(q.symbol.name, f"let · {kind_text(node.kind)}", written, facts)


def _constant(node: Node) -> str:
    value = exact_value(node)
    return "" if value is None else value_text(float(value), node.kind)


def _clock(k: Knowledge, node: Node) -> str:
    match node.clock.name:
        case "constant":
            return "never"
        case "each":
            return f"every {duration_text(node.clock.period or 0)}"
        case "mixed":
            return "with every bar; its parts have different clocks"
        case _:
            return f"with every bar of {duration_text(k.names.bars)}" if k.names.bars else "with every bar"


def _wait(k: Knowledge, node: Node) -> str:
    wait = needed(node, k.names.bars)
    if not wait:
        return ""
    return time_span_text(wait) if k.names.bars is not None else f"{wait:,} bars"


def _target(q: _Question) -> str:
    target = q.k.names.targets.get(q.symbol.name)
    if target is None:
        return ""
    facts = (
        ("bounds", f"{value_text(target.low, target.kind)} to {value_text(target.high, target.kind)}"),
        *_brakes(target),
        ("otherwise", _otherwise(q.k, target)),
        ("can be asked", ", ".join(f"`{target.name}.{member}`" for member in MEMBERS)),
    )
    help_ = "coins short over coins held" if target.name == "hedge" else "a number that the rules decide"
    return page(target.name, f"target · {kind_text(target.kind)}", help_, facts)


def _brakes(target: CheckedTarget) -> Iterator[tuple[str, str]]:
    if target.band is not None:
        yield "change at least", value_text(target.band, target.kind)
    steps = [None if step is None else value_text(step, target.kind) for step in (target.step_up, target.step_down)]
    waits = (target.cooldown_up, target.cooldown_down)
    waited = [None if wait is None else duration_text(wait) for wait in waits]
    for label, (up, down) in (("step at most", steps), ("cooldown", waited)):
        if up is not None and up == down:
            yield label, up
        else:
            yield label, ", ".join(f"{text} {way}" for text, way in ((up, "up"), (down, "down")) if text is not None)


def _otherwise(k: Knowledge, target: CheckedTarget) -> str:
    found = [
        f"`{printed(level.value)}`{f' {_scope(placed.statement.scope)}' if placed.statement.scope else ''}"
        for placed in k.placed
        if isinstance(placed.statement, tree.Otherwise)
        for level in placed.statement.sets
        if level.target.text == target.name
    ]
    return ", ".join(found) or value_text(max(target.low, min(target.high, 0.0)), target.kind)


def _scope(scope: tree.Scope) -> str:
    return f"on {'all but ' if scope.all_but else ''}{', '.join(asset.text for asset in scope.assets)}"


def _member(q: _Question) -> str:
    help_ = MEMBERS.get(q.symbol.name)
    node = q.k.node(tree.Member(tree.Name(q.symbol.owner), tree.Name(q.symbol.name)))
    if help_ is None or node is None:
        return ""
    name = f"{q.symbol.owner}.{q.symbol.name}"
    return page(name, f"value of a target · {kind_text(node.kind)}", help_.format(q.symbol.owner))


# --- functions


def _function(q: _Question) -> str:
    if q.symbol.name == "at_trigger":
        return page("at_trigger(x)", "function", f"{AT_TRIGGER}; in `until`, actions and texts only")
    one = FUNCTIONS.get(q.symbol.name)
    if one is None:
        return ""
    entry = entry_of(one)
    facts = {label: text for label, text in entry.facts if label != "cost"}
    facts["first value after"] = _call(q, one) or facts["first value after"]
    parameters = "\n".join(f"- `{name}` — {help_}" for name, _, help_ in entry.parameters)
    return page(signature(one), f"function · {entry.family}", one.help, tuple(facts.items()), parameters)


@lru_cache(256)
def _entry(name: str) -> Entry:
    return function_entry(FUNCTIONS[name])


def entry_of(one: Function) -> Entry:
    """Return the page of the reference about a function."""
    return _entry(one.name)


def _call(q: _Question, one: Function) -> str:
    """Return after how long this call has its first value."""
    found = _written_call(q.k, q.word)
    node = None if found is None else q.k.node(*found)
    if not isinstance(node, Applied) or node.function != one.name:
        return ""
    count = one.warm_up(node.window or 1)
    said = f"{count:,} period{'s' if count != 1 else ''}"
    if node.seconds is None:
        return said
    whole = needed(node, q.k.names.bars)
    with_parts = "" if whole <= count * node.seconds else f", with what it looks at {time_span_text(whole)}"
    return f"{said} of {duration_text(node.seconds)} ({time_span_text(count * node.seconds)}){with_parts}"


def _written_call(k: Knowledge, word: Word) -> tuple[tree.Expression, Place] | None:
    """Return the call that a function's name belongs to, and its place; in a broken statement from its text alone."""
    place = START
    for node in k.path(word.span.start):
        if isinstance(node, tree.AtClock):
            place = evolve(place, frame=_frame(k, node.period))
        if isinstance(node, tree.Call) and node.function.span == word.span:
            return node, place
    text = k.page.source.text
    end = _closing(text, word.span.end)
    try:
        return (parse_expression(text[word.span.start : end]), START) if end else None
    except (ValueError, RecursionError):
        return None


def _frame(k: Knowledge, period: tree.Duration | tree.Name) -> int | None:
    node = k.node(period, Place())
    value = None if node is None else exact_value(node)
    return None if value is None or value == k.names.bars else int(value)


def _closing(text: str, start: int) -> int:
    """Return the end of what stands in parentheses, 0 where it has none."""
    depth = 0
    for at in range(start, min(len(text), start + 2000)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0 and text[at] == ")":
            return at + 1
    return 0


# --- rules, events, tests, words


def _rule(q: _Question) -> str:
    name = q.symbol.name
    placed = q.k.declarations.get(("rule", name))
    node = None
    facts: list[tuple[str, str]] = []
    if placed is not None and isinstance(placed.statement, tree.Rule):
        rule = placed.statement
        node = q.k.node(rule.condition)
        facts.append(("runs", _scope(rule.scope) if rule.scope is not None else ""))
        facts.append(("can be known after", "" if node is None else _wait(q.k, node)))
        facts.append(("moves", "" if node is None else _clock(q.k, node)))
    facts.append(("used", _used(q)))
    because = "" if placed is None or node is None else _because(placed.statement)
    return page(name, "rule", because, facts, _table(q.analysis, name))


def _because(statement: tree.Statement) -> str:
    text = statement.because if isinstance(statement, tree.Rule) else None
    return "" if text is None else printed(text)[1:-1]


def _table(analysis: Analysis, name: str) -> str:
    """Return what a rule does to each target, alone."""
    if analysis.last is None:
        return ""
    try:
        found = tables(analysis.last, [name])
    except TableError:
        return ""
    assets: dict[Table, tuple[str, ...]] = {}
    for table in found:
        alone = evolve(table, assets=(), others=(), alerting=())
        assets[alone] = (*assets.get(alone, ()), *table.assets)
    shown = [evolve(table, assets=named) for table, named in assets.items()]
    return f"```text\n{as_text(shown, _WIDTH).rstrip()}\n```"


def _event(q: _Question) -> str:
    dates = q.k.names.events.get(q.symbol.name)
    if dates is None:
        return ""
    placed = q.k.declarations.get(("event", q.symbol.name))
    written = placed.statement.dates if placed is not None and isinstance(placed.statement, tree.Event) else ()
    listed = ", ".join(date.text for date in written[:_PLACES])
    more = f" and {len(written) - _PLACES} more" if len(written) > _PLACES else ""
    facts = (("dates", listed + more if listed else "none in the file: a calendar gives them when it runs"),)
    return page(q.symbol.name, "event", "", (*facts, ("used", _used(q))))


def _word(q: _Question) -> str:
    record = q.k.names.fields.get(q.symbol.owner)
    if record is None or not isinstance(record.kind.unit, tuple):
        return ""
    return page(q.symbol.name, f"word of `{record.name}`", f"one of {', '.join(record.kind.unit)}")


def _test(q: _Question) -> str:
    return page(q.symbol.name, "test", "run with `rulelang test`")


_SAYING: dict[str, Callable[[_Question], str]] = {
    "field": _field,
    "param": _param,
    "let": _let,
    "target": _target,
    "member": _member,
    "function": _function,
    "rule": _rule,
    "event": _event,
    "word": _word,
    "test": _test,
}


def _used(q: _Question) -> str:
    """Say on which lines a name is used."""
    source = q.k.page.source
    found = (one.span.start for one in places(q.k, q.symbol) if one.source is source and not one.declares)
    lines = list(dict.fromkeys(source.position(start).line for start in found))
    if not lines:
        return "nowhere in this file"
    more = f" and {len(lines) - _PLACES} more" if len(lines) > _PLACES else ""
    said = ", ".join(map(str, lines[:_PLACES]))
    return f"line{'s' if len(lines) > 1 else ''} {said}{more}"


# --- literals

_LITERALS = (tree.Percent, tree.Rate, tree.Duration, tree.Quantity, tree.Moment, tree.Number)


def _literal(k: Knowledge, word: Word, offset: int) -> tuple[Span, str]:
    """Return the place of a literal and what it is."""
    statement = k.statement(offset)
    found = next((node for node in reversed(k.path(offset)) if isinstance(node, _LITERALS)), None)
    if found is None or statement is None:
        return word.span, page(word.text, "asset") if word.part == "asset" else ""
    said = [note for note in notes(k, statement) if note.span.start <= offset <= note.span.end and note.what != "ready"]
    span = said[0].span if said else found.span
    sentences = dict.fromkeys(note.sentence for note in said if not note.plain)
    return span, page(printed(found), _plainly(k, found), "\n\n".join(sentences))


def _plainly(k: Knowledge, written: tree.Expression) -> str:
    """Return the kind of a literal, and its value in base units."""
    node = k.node(written, Place())
    value = None if node is None else exact_value(node)
    if node is None or value is None:
        return ""
    match written:
        case tree.Percent() | tree.Rate():
            return f"{node.kind}, {float(value):.12g} as a plain number"
        case tree.Duration():
            return f"duration{_bars(k, int(value))}"
        case tree.Moment():
            return f"time, {value_text(float(value), node.kind)}"
        case _:
            return "number" if node.kind.name == "zero" else str(node.kind)


def _bars(k: Knowledge, seconds: int) -> str:
    bars = k.names.bars
    if not bars or seconds % bars:
        return f", {time_span_text(seconds)}"
    count = seconds // bars
    return f", {count:,} bar{'s' if count != 1 else ''} of {duration_text(bars)}"
