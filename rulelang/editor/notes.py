"""What a literal comes to where it stands: counts as lengths of time, rates a year, and when a rule is ready."""

from collections.abc import Iterator
from fractions import Fraction

from attrs import evolve, frozen

from rulelang.check.checked import Applied, Node
from rulelang.check.exact import exact_value, representable
from rulelang.check.expressions import Place
from rulelang.check.literals import exact
from rulelang.check.summary import needed
from rulelang.check.walk import parts
from rulelang.editor.knowledge import Knowledge, period_of
from rulelang.functions import FUNCTIONS, Role
from rulelang.kinds import RATIO, YEAR, Kind, duration_text, time_span_text, value_text
from rulelang.syntax import tree
from rulelang.text import Span

START = Place(trigger="", after=True)
"""Where an expression may stand that asks for a trigger."""


@frozen
class Note:
    """What can be said of a stretch of text: short enough to stand behind it, and in a whole sentence.

    `what`: `length` (of a count of periods), `count` (of a duration), `year` (of a rate) or `ready` (of a rule).
    `plain`: a reader knows it anyway, as that 2h are two bars of 1h.
    """

    span: Span
    what: str
    short: str
    sentence: str
    plain: bool = False


def notes(k: Knowledge, statement: tree.Statement) -> Iterator[Note]:
    """Yield what can be said of a statement's literals, in no order."""
    if isinstance(statement, tree.Rule):
        yield from _rule(k, statement)
    for written in expressions(statement):
        yield from _inside(k, written, START)


def expressions(node: object) -> Iterator[tree.Expression]:
    """Yield the outermost expressions of a statement or clause."""
    for attribute in getattr(node, "__attrs_attrs__", ()):
        value = getattr(node, attribute.name)
        for inner in value if type(value) is tuple else (value,):
            if isinstance(inner, tree.Expression) and not isinstance(inner, tree.Name):
                yield inner
            elif isinstance(inner, _HOLDERS):
                yield from expressions(inner)


_HOLDERS = (
    tree.SetLevel,
    tree.Floor,
    tree.Cap,
    tree.Corridor,
    tree.Adjust,
    tree.Alert,
    tree.Text,
    tree.Limits,
    tree.AssetValue,
    tree.Brake,
)


# --- rules


def _rule(k: Knowledge, rule: tree.Rule) -> Iterator[Note]:
    node = k.node(rule.condition, START)
    if node is None:
        return
    if rule.lasting is not None:
        yield from _length(k, rule.lasting, node)
    wait = needed(node, k.names.bars)
    if wait and k.names.bars is not None:
        long = time_span_text(wait)
        place = rule.name.span if rule.name is not None else rule.when
        yield Note(place, "ready", f"after {long}", f"its condition can be known after {long} of data")


# --- expressions


def _inside(k: Knowledge, written: tree.Expression, place: Place) -> Iterator[Note]:
    """Yield what can be said within an expression."""
    match written:
        case tree.For():
            yield from _length(k, written.length, k.node(written.condition, place))
        case tree.Moves(over=tree.Periods() | tree.Lasting()):
            assert written.over is not None
            yield from _length(k, written.over, k.node(written.value, place))
        case tree.Rate():
            kind = kind_of(k, written, place)
            if kind is not None and isinstance(kind.unit, int):
                yield _year(written.span, exact(written.percent), kind.unit, "")
        case tree.Call():
            yield from _window(k, written, place)
        case tree.Compare() | tree.Crosses() | tree.Between():
            yield from _beside(k, written, place)
        case tree.AtClock():
            frame = _seconds(k, written.period)
            place = evolve(place, frame=None if frame == k.names.bars else frame)
    for part in parts(written):
        yield from _inside(k, part, place)


def _seconds(k: Knowledge, written: tree.Duration | tree.Name) -> int | None:
    node = k.node(written, Place())
    value = None if node is None else exact_value(node)
    return None if value is None else int(value)


def _beside(k: Knowledge, written: tree.Expression, place: Place) -> Iterator[Note]:
    """Yield what percentages are that take the period of a rate beside them."""
    sides = parts(written)
    bare = [side for side in sides if isinstance(side, tree.Percent)]
    if not bare:
        return
    unit = next((kind.unit for side in sides if (kind := kind_of(k, side, place)) and kind.name == "rate"), None)
    if isinstance(unit, int):
        for side in (side for side in bare if kind_of(k, side, place) is not None):
            yield _year(side.span, exact(side.text), unit, f"per {duration_text(unit)}, ")


def kind_of(k: Knowledge, written: tree.Expression, place: Place = START) -> Kind | None:
    """Return the kind of an expression, or `None` where it has a mistake."""
    node = k.node(written, place)
    return None if node is None else node.kind


def _year(span: Span, value: Fraction, unit: int, before: str) -> Note:
    said = value_text(float(representable(value * YEAR / unit)), RATIO)
    rate = value_text(float(value), RATIO)
    return Note(span, "year", f"{before}{said} a year", f"{rate} per {duration_text(unit)} is {said} a year")


def _length(k: Knowledge, written: tree.PeriodSpan, node: Node | None) -> Iterator[Note]:
    """Yield how long a span of periods is, or how many periods a span of time has."""
    period = None if node is None else period_of(node, k.names.bars)
    if isinstance(written, tree.Lasting):
        yield from _count(k, written.span, _seconds(k, written.duration), period)
        return
    if written.each is not None:
        period = _seconds(k, written.each)
    asked = written.out_of or written.count
    number = k.node(asked, Place())
    value = None if number is None else exact_value(number)
    if value is None or period is None or (written.each is not None and isinstance(asked, tree.Number)):
        return
    long, each = time_span_text(float(value * period)), duration_text(period)
    yield Note(written.span, "length", long, f"{value} periods of {each}: {long}")


def _count(k: Knowledge, span: Span, seconds: int | None, period: int | None) -> Iterator[Note]:
    if seconds is None or period is None or seconds % period:
        return
    count = seconds // period
    said = f"{count:,} period{'s' if count != 1 else ''}"
    sentence = f"{duration_text(seconds)}: {said} of {duration_text(period)}"
    yield Note(span, "count", said, sentence, plain=period == k.names.bars)


def _window(k: Knowledge, written: tree.Call, place: Place) -> Iterator[Note]:
    """Yield how long the window of a call is."""
    function = FUNCTIONS.get(written.function.text)
    roles = [] if function is None else [parameter.role for parameter in function.parameters]
    if Role.WINDOW not in roles or roles.index(Role.WINDOW) >= len(written.arguments):
        return
    window, node = written.arguments[roles.index(Role.WINDOW)], k.node(written, place)
    if not isinstance(node, Applied) or node.window is None or node.seconds is None:
        return
    if isinstance(window, tree.Duration):
        yield from _count(k, window.span, node.window * node.seconds, node.seconds)
        return
    long, each = time_span_text(node.window * node.seconds), duration_text(node.seconds)
    yield Note(window.span, "length", long, f"{node.window:,} periods of {each}: {long}")
