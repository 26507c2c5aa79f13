"""The reference of functions and fields: what is to be said of each, for the generated pages and the command line."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import product

from attrs import frozen

from rulelang.check import CheckedRules, check
from rulelang.check.calls import signature
from rulelang.check.checked import Applied
from rulelang.fields import Aggregation, Field, Range
from rulelang.functions import EVERYTHING, FAMILIES, Function, Parameter, Role
from rulelang.kinds import (
    COINS,
    CONDITION,
    DURATION,
    MONEY,
    NUMBER,
    PRICE,
    RATIO,
    SCORE,
    Kind,
    duration_text,
    rate,
    value_text,
)
from rulelang.text import Source


@frozen
class Entry:
    """What the reference says of a function or a field.

    `family`: of a function. `parameters`: name, role and meaning of each. `facts`: a label and what it says.
    `example`: a rule file that checks.
    """

    name: str
    heading: str
    help: str
    facts: tuple[tuple[str, str], ...]
    example: str
    family: str = ""
    parameters: tuple[tuple[str, str, str], ...] = ()

    def record(self) -> dict[str, object]:
        """Return the entry as data, for editors."""
        found: dict[str, object] = {"name": self.name, "written": self.heading}
        if self.family:
            found["family"] = self.family
            found["parameters"] = [{"name": n, "role": role, "help": text} for n, role, text in self.parameters]
        facts = {label.replace(" ", "_"): text for label, text in self.facts}
        return {**found, "help": self.help, **facts, "example": self.example}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def example_file(condition: str) -> CheckedRules:
    """Return a condition as a rule file: with bars where it needs them, and an end where it is true for a moment."""
    for head, tail in product(("", "bars 1h\n"), ("", " for 24 periods")):
        rules = check(Source("example.rules", f"{head}when {condition} then hedge 50%{tail}\n")).rules
        if rules is not None:
            return rules
    raise ValueError(f"the example `{condition}` has errors")


# --- functions

ROLES = {
    Role.SERIES: "series, looked at in every period",
    Role.CONDITION: "condition",
    Role.WINDOW: "window",
    Role.NUMBER: "number in the file",
    Role.VALUE: "present value",
}
_TRIED = (NUMBER, RATIO, rate(28_800), PRICE, COINS, MONEY, SCORE)
_LONG, _SHORT = 1000, 1


def function_entry(one: Function) -> Entry:
    """Return what is to be said of a function."""
    rules = example_file(one.example)
    reads = (("reads", ", ".join(f"`{name}`" for name in one.reads)),) if one.reads else ()
    facts = (
        *reads,
        ("result", _result(one)),
        ("first value after", _warm_up(one, rules)),
        ("missing values", _gaps(one)),
        ("cost", f"{one.cost}{_state(one)}"),
        ("computed as", one.source),
    )
    parameters = tuple((p.name, ROLES[p.role], p.help) for p in one.parameters)
    family = next(name for name, members in FAMILIES.items() if one in members)
    return Entry(one.name, signature(one), one.help, facts, rules.source.text, family, parameters)


def _has_window(one: Function) -> bool:
    return any(p.role is Role.WINDOW for p in one.parameters)


def _result(one: Function) -> str:
    """Say which kind comes out, by trying the kinds that can go in."""
    taken = [p for p in one.parameters if p.role not in (Role.WINDOW, Role.NUMBER)]
    if not taken:
        return _a(one.result(()))
    numbers = range(len(taken) - one.optional, len(taken) + 1)
    found = [(kind, one.result(_kinds(taken[:number], kind))) for kind in _TRIED for number in numbers]
    good = {kind: out for kind, out in found if isinstance(out, Kind)}
    if len(set(good.values())) == 1 and len(good) > 1:
        return _a(next(iter(good.values())))
    same = any(out == kind for kind, out in good.items())
    others = [f"of {_a(kind)} {_a(out)}" for kind, out in good.items() if out != kind]
    measured = next(p for p in taken if p.role is not Role.CONDITION)
    return "; ".join([*([f"the kind of `{measured.name}`"] if same else []), *others])


def _kinds(parameters: Sequence[Parameter], kind: Kind) -> tuple[Kind, ...]:
    """Return argument kinds that try one kind everywhere."""
    known = {"duration": DURATION}
    return tuple(CONDITION if p.role is Role.CONDITION else known.get(p.name, kind) for p in parameters)


def _a(kind: object) -> str:
    return str(kind) if str(kind) in ("money", "coins") else f"a {kind}"


def _warm_up(one: Function, example: CheckedRules) -> str:
    """Say how many periods pass until the first value, and how many these are in the example."""
    if not _has_window(one):
        return "1 period"
    extra = one.warm_up(_LONG) - _LONG
    least = ", at least 2" if one.warm_up(_SHORT) > _SHORT + extra else ""
    (program,) = example.programs.values()
    windows = (node.window for node in program.nodes if isinstance(node, Applied) and node.function == one.name)
    shown = max(window for window in windows if window is not None)
    return f"n{f' + {extra}' if extra else ''} periods{least} (in the example {one.warm_up(shown)})"


def _gaps(one: Function) -> str:
    """Say what a function does with missing values."""
    if one.gaps:
        return one.gaps
    if _has_window(one):
        return "missing while less than half of the window is known"
    return "missing where an argument is" if one.parameters else "missing where a field that it reads is"


def _state(one: Function) -> str:
    """Say how much memory a window takes."""
    if one.start is None:
        return ""
    each = one.state_bytes(_LONG + 1) - one.state_bytes(_LONG)
    fixed = one.state_bytes(_LONG) - _LONG * each
    return f"; {fixed} bytes" + (f" and {each} for every period of the window" if each else "")


# --- fields

LONGER = {
    Aggregation.FIRST: "the first",
    Aggregation.MAX: "the highest",
    Aggregation.MIN: "the lowest",
    Aggregation.LAST: "the last known",
    Aggregation.SUM: "the sum",
}
_UNITS = {
    "price": "quote currency per coin",
    "coins": "coins",
    "money": "quote currency",
    "ratio": "a plain ratio: 80% is 0.8",
    "time": "a time in UTC",
}


def field_entry(one: Field) -> Entry:
    """Return what is to be said of a market field of the catalogue."""
    return Entry(one.name, one.name, one.help, field_facts(one), example_file(one.example).source.text)


def field_facts(one: Field) -> tuple[tuple[str, str], ...]:
    """Return what is known of a market field, of the catalogue or declared: a label and what it says."""
    pays = (("who pays", one.pays),) if one.pays else ()
    plausible = () if one.plausible == Range() else (("plausible", _range(one.plausible, one.kind)),)
    unit = _unit(one.kind)
    words = (("words", ", ".join(one.kind.unit)),) if isinstance(one.kind.unit, tuple) else ()
    held = (("counts for", duration_text(one.valid_for)),) if one.valid_for else ()
    return (
        ("kind", kind_text(one.kind)),
        *((("unit", unit),) if unit else ()),
        *words,
        ("values come", f"once every {duration_text(one.every)}" if one.every else "with every bar"),
        *held,
        *pays,
        *(() if words else (("bounds", _range(one.bounds, one.kind)),)),
        *plausible,
        ("a longer bar has", LONGER[one.aggregation]),
    )


def kind_text(kind: Kind) -> str:
    """Return a kind with its period."""
    return f"{kind} per {duration_text(kind.unit)}" if isinstance(kind.unit, int) else str(kind)


def _unit(kind: Kind) -> str:
    if isinstance(kind.unit, int):
        return f"a plain ratio, paid over {duration_text(kind.unit)}: 0.05% is 0.0005"
    return _UNITS.get(kind.name, "")


def _range(one: Range, kind: Kind) -> str:
    """Return a range in words."""
    low, high = (value_text(end, kind) for end in (one.low, one.high))
    if (one.low, one.high) == EVERYTHING:
        return "any finite value"
    if one.high == float("inf"):
        return f"above {low}" if one.open_low else f"{low} or more"
    return f"{low} to {high}"
