"""Elaborating calls of the functions in the table: arguments, windows, kinds."""

from typing import TYPE_CHECKING

from attrs import frozen

from rulelang.check import literals
from rulelang.check.checked import CONSTANT, MIXED, Applied, Clock, Node
from rulelang.check.names import spelt, suggestion
from rulelang.functions import FUNCTIONS, Function, Parameter, Role
from rulelang.kinds import DURATION, NUMBER, ZERO, Clash, Kind, duration_text
from rulelang.syntax import printed, tree
from rulelang.text import Fix

if TYPE_CHECKING:
    from rulelang.check.expressions import Elaborator, Place


@frozen
class _Arguments:
    """The arguments of a call, sorted by what the function does with them."""

    values: tuple[tuple[Parameter, tree.Expression], ...]
    numbers: tuple[tuple[Parameter, tree.Expression], ...]
    window: tree.Expression | None


def call(e: "Elaborator", written: tree.Call, place: "Place") -> Node | None:
    """Return the node of a call."""
    function = FUNCTIONS.get(written.function.text)
    if function is None:
        _unknown(e, written)
        return None
    sorted_ = _sort(e, function, written)
    if sorted_ is None:
        return None
    nodes = [_argument(e, parameter, one, place) for parameter, one in sorted_.values]
    numbers = [_number(e, parameter, one) for parameter, one in sorted_.numbers]
    if None in nodes or None in numbers:
        return None
    return _applied(e, function, written, place, [n for n in nodes if n], [n for n in numbers if n], sorted_.window)


def _unknown(e: "Elaborator", written: tree.Call) -> None:
    name = written.function
    if name.text in e.names.lets or name.text in e.names.fields:
        what = "let" if name.text in e.names.lets else "field"
        message = f"`{name.text}` takes no arguments: it is a {what}"
        why = "the past is asked with `previous(x, n)`, an average with `sma(x, n)`"
        e.report.error("RL204", name.span, message, why, Fix(name.text, written.span))
        return
    if (found := spelt(name.text, name.span, e.report)) is not None:
        e.report.error("RL204", found.span, found.message, found.record.why, *found.fixes)
        return
    meant = suggestion(name.text, [*FUNCTIONS, "at_trigger"], e.names)
    message = f"there is no function `{name.text}`"
    if meant is not None:
        e.report.error("RL204", name.span, f"{message}; did you mean `{meant}`?", "", Fix(meant, name.span))
    else:
        e.report.error("RL204", name.span, message, "`rulelang functions` lists them")


def signature(function: Function) -> str:
    """Return how a function is called: `percentile(x, p, n)`."""
    names = [parameter.name for parameter in function.parameters]
    first_optional = len(names) - function.optional
    shown = [f"[{name}]" if at >= first_optional else name for at, name in enumerate(names)]
    return f"{function.name}({', '.join(shown)}{', …' if function.variadic else ''})"


def _sort(e: "Elaborator", function: Function, written: tree.Call) -> _Arguments | None:
    parameters, given = list(function.parameters), written.arguments
    least, most = len(parameters) - function.optional, len(parameters)
    if function.variadic and len(given) > most:
        parameters += [parameters[-1]] * (len(given) - most)
    elif not least <= len(given) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        message = (
            f"`{signature(function)}` takes {wanted} argument{'s' if wanted != '1' else ''}, here it has {len(given)}"
        )
        e.report.error("RL205", written.span, message, function.help, *_completed(function, written))
        return None
    pairs = list(zip(parameters, given, strict=False))
    return _Arguments(
        tuple(pair for pair in pairs if pair[0].role not in (Role.WINDOW, Role.NUMBER)),
        tuple(pair for pair in pairs if pair[0].role is Role.NUMBER),
        next((one for parameter, one in pairs if parameter.role is Role.WINDOW), None),
    )


def _completed(function: Function, written: tree.Call) -> tuple[Fix, ...]:
    """Return the repair of a call that says over how long, but not of what: `rsi(14)`."""
    first, given = function.parameters[0] if function.parameters else None, written.arguments
    of = {"highest": "high", "lowest": "low"}.get(function.name, "close")
    one_short = len(given) == len(function.parameters) - function.optional - 1
    if not one_short or not given or first is None or first.role not in (Role.SERIES, Role.VALUE):
        return ()
    if not isinstance(given[0], tree.Number | tree.Duration):
        return ()
    return (Fix(f"{function.name}({of}, {', '.join(map(printed, given))})", written.span),)


def _argument(e: "Elaborator", parameter: Parameter, written: tree.Expression, place: "Place") -> Node | None:
    if parameter.role is Role.CONDITION:
        return e.condition(written, place.inside)
    return e.value(written, place)


def _number(e: "Elaborator", parameter: Parameter, written: tree.Expression) -> Node | None:
    from rulelang.check.exact import exact_value
    from rulelang.check.expressions import Place, a, text

    node = e.value(written, Place())
    if node is None:
        return None
    value = exact_value(node)
    if value is None or node.kind.name not in ("number", "zero"):
        kind = a(node.kind) if value is not None else "not known beforehand"
        message = f"`{text(written)}` is {kind}, but `{parameter.name}` is a plain number that stands in the file"
        bare = written.text[:-1] if isinstance(written, tree.Percent) else ""
        fixes = (Fix(bare, written.span),) if bare else ()
        e.report.error("RL301", written.span, message, parameter.help, *fixes)
        return None
    low, high = parameter.within
    if not low <= float(value) <= high:
        message = f"`{parameter.name}` goes from {low:g} to {high:g}, here it is `{text(written)}`"
        e.report.error("RL304", written.span, message, parameter.help)
        return None
    if high == 100 and 0 < value < 1:  # a percentile
        meant = literals.percent(literals.plain(text(written)) * 100)[:-1] if isinstance(written, tree.Number) else "90"
        message = f"`{parameter.name}` goes from 0 to 100, and `{text(written)}` is nearly 0: did you mean `{meant}`?"
        e.report.warn("RL512", written.span, message, parameter.help, Fix(meant, written.span))
    return node


def _applied(
    e: "Elaborator",
    function: Function,
    written: tree.Call,
    place: "Place",
    nodes: list[Node],
    numbers: list[Node],
    window: tree.Expression | None,
) -> Node | None:
    from rulelang.check.expressions import merged, text

    kind = function.result(tuple(node.kind for node in nodes))
    if isinstance(kind, Clash):
        e.report.error("RL301", written.span, f"`{text(written)}` means nothing: {kind.reason}", function.help)
        return None
    nodes = _one_period(e, kind, nodes)
    reads = [e.intern(e.field(None, e.names.fields[name], place, written)) for name in function.reads]
    clock = merged([*reads, *nodes])
    if clock == CONSTANT and function.start is not None:
        clock = e.clock(place.frame)
    count: int | None = None
    if window is not None and (count := _window(e, window, clock)) is None:
        return None
    seconds = e.seconds(clock)
    if seconds is None and function.needs_clock(tuple(node.kind for node in nodes)):
        e.bars_wanted(written)
        return None
    return Applied(
        function.name,
        (*reads, *nodes),
        tuple(numbers),
        count,
        seconds,
        kind=kind,
        clock=clock,
        frame=place.frame if function.start is not None else None,
    )


def _one_period(e: "Elaborator", kind: Kind, nodes: list[Node]) -> list[Node]:
    """Return the arguments with every rate on the period of the result, where the result is a rate."""
    if kind.name != "rate":
        return nodes
    assert isinstance(kind.unit, int)
    return [e.on_period(node, kind.unit) if node.kind.name == "rate" else node for node in nodes]


def _window(e: "Elaborator", written: tree.Expression, clock: Clock) -> int | None:
    """Return a window in periods of a clock, or `None` with a diagnostic."""
    from rulelang.check.exact import exact_value
    from rulelang.check.expressions import Place, a, text

    node = e.value(written, Place())
    if node is None:
        return None
    value = exact_value(node)
    if value is None or node.kind not in (NUMBER, DURATION, ZERO):
        kind = a(node.kind) if value is not None else "not known beforehand"
        message = (
            f"`{text(written)}` is {kind}, but a window is a count of periods or a duration, such as `20` or `24h`"
        )
        e.report.error("RL404", written.span, message, "a window says how far a function looks back")
        return None
    if node.kind == DURATION:
        return periods(e, int(value), written, clock)
    if value.denominator != 1 or value < 1:
        message = f"a window is a whole number of periods from 1 up, here it is `{text(written)}`"
        e.report.error("RL404", written.span, message, "a window says how many periods a function looks back")
        return None
    return limited(e, int(value), written)


def periods(e: "Elaborator", seconds: int, written: tree.Expression, clock: Clock) -> int | None:
    """Return how many periods of a clock a duration is, or `None` with a diagnostic."""
    from rulelang.check.expressions import text

    period = e.seconds(clock)
    if period is None:
        e.bars_wanted(written)
        return None
    if seconds % period or seconds < period:
        shown, step = text(written), duration_text(period)
        moves = "it moves with every bar" if clock == MIXED or clock.name == "base" else f"it moves every {step}"
        message = f"`{shown}` is no whole number of periods of `{step}`, the clock of what it is about"
        below, above = seconds // period * period, (seconds // period + 1) * period
        choices = [duration_text(choice) for choice in (below, above) if choice]
        said = " or ".join(f"`{choice}`" for choice in choices)
        fixes = (Fix(choice, written.span) for choice in choices)
        e.report.error("RL404", written.span, f"{message}: write {said}", moves, *fixes)
        return None
    return limited(e, seconds // period, written)


def limited(e: "Elaborator", count: int, written: tree.Expression) -> int | None:
    """Return a window that is not longer than a file may ask for, or `None` with a diagnostic."""
    from rulelang.check.expressions import text

    if count > literals.WINDOW:
        message = f"`{text(written)}` is {count:,} periods, more than the {literals.WINDOW:,} that a window may have"
        e.report.error("RL406", written.span, message, "put it on longer bars with `@`, as in `sma(close, 200)@1d`")
        return None
    return count
