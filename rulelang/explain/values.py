"""Values in words: `sma(close, 200)@1d` is "the average of the last 200 daily closes (200 days)"."""

import re
from fractions import Fraction
from typing import assert_never

from attrs import evolve

from rulelang.check.checked import FieldValue
from rulelang.check.literals import exact
from rulelang.check.walk import unwrapped
from rulelang.explain import amounts, conditions
from rulelang.explain.reading import Reading, Where, Window, adjective, completed
from rulelang.functions import FUNCTIONS, Function, Role
from rulelang.kinds import DURATION, RATIO, TIME, parse_duration, rate
from rulelang.syntax import tree

_OPERATORS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}


def value(r: Reading, written: tree.Expression, where: Where) -> str:
    """Return a value as English says it, a param with its number."""
    match written:
        case tree.Number() | tree.Percent() | tree.Rate() | tree.Duration() | tree.Quantity() | tree.Moment():
            return _literal(r, written, where)
        case tree.Logic() | tree.Not() | tree.Compare() | tree.Crosses() | tree.Between() | tree.Is() | tree.Moves():
            return f"whether {conditions.condition(r, written, where)}"
        case tree.Within() | tree.Every() | tree.For():
            return f"whether {conditions.condition(r, written, where)}"
        case tree.Name():
            return _name(r, written, where)
        case tree.OtherAsset():
            return field(r, written, where)
        case tree.Member():
            return _member(written, where)
        case tree.Call():
            return _call(r, written, where)
        case tree.Parentheses():
            return value(r, written.inner, where)
        case tree.AtClock():
            return value(r, *on_clock(r, written, where))
        case tree.Negative():
            return _negative(r, written, where)
        case tree.Binary():
            return _binary(r, written, where)
        case _:
            assert_never(written)


def on_clock(r: Reading, written: tree.Expression, where: Where) -> tuple[tree.Expression, Where]:
    """Return what stands in parentheses and before `@`, and the place that it has there."""
    inner = unwrapped(written)
    if not isinstance(inner, tree.AtClock):
        return inner, where
    return on_clock(r, inner.inner, evolve(where, frame=r.frame(inner.period)))


# --- what is written


_Literal = tree.Number | tree.Percent | tree.Rate | tree.Duration | tree.Quantity | tree.Moment


def _literal(r: Reading, written: _Literal, where: Where) -> str:
    match written:
        case tree.Number():
            return amounts.number(exact(written.text))
        case tree.Percent():
            return f"{amounts.percent(exact(written.text))}{_per(where)}"
        case tree.Rate():
            return amounts.amount(exact(written.percent), rate(parse_duration(written.per)))
        case tree.Duration():
            return amounts.duration(parse_duration(written.text))
        case tree.Quantity():
            return f"{amounts.number(exact(written.number))} {written.unit}"
        case tree.Moment():
            (when,) = set(r.fixed(written, where).values())
            return amounts.moment(float(when))
        case _:
            assert_never(written)


def _per(where: Where) -> str:
    return f" {amounts.per(where.rate)}" if where.rate is not None else ""


def _negative(r: Reading, written: tree.Negative, where: Where) -> str:
    if is_literal(written.inner):
        return f"-{value(r, written.inner, where)}"
    return f"minus {operand(r, written.inner, where)}"


def is_literal(written: tree.Expression) -> bool:
    """Say whether a value is a number, perhaps with its unit."""
    return isinstance(unwrapped(written), tree.Number | tree.Percent | tree.Rate | tree.Quantity)


# --- names


def _name(r: Reading, written: tree.Name, where: Where) -> str:
    name, program = written.text, r.program
    if name in program.lets:
        return f"`{name}`{_on_bars(where)}"
    if name in program.params:
        return param(r, name, where)
    if _market_field(r, written, where) is not None:
        return field(r, written, where)
    if name in program.targets:
        return f"the `{name}` in force{ago(where)}"
    return f"the time{ago(where)}" if where.frame else "the present time"


def _on_bars(where: Where) -> str:
    return f" on {adjective(where.frame)} bars" if where.frame is not None else ""


def ago(where: Where) -> str:
    """Return when a value of longer bars is from: the end of the last completed one."""
    return f" at the end of the last {completed(where.frame).one}" if where.frame is not None else ""


def param(r: Reading, name: str, where: Where) -> str:
    """Return a param with its value, and those of the assets that have another."""
    return f"`{name}` ({', '.join(param_values(r, name, where))})"


def param_values(r: Reading, name: str, where: Where) -> list[str]:
    """Return the value of a param: the common one first, then asset by asset those that differ."""
    known = {asset: program.params[name] for asset, program in r.programs.items()}
    found = {asset: amounts.amount(one.exact, one.kind) for asset, one in known.items()}
    common = next((text for asset, text in found.items() if (name, asset) not in r.own), next(iter(found.values())))
    per = _per(where) if all(one.kind == RATIO for one in known.values()) else ""
    return [f"{common}{per}", *(f"for {asset} {text}" for asset, text in found.items() if text != common)]


def field(r: Reading, written: tree.Name | tree.OtherAsset, where: Where) -> str:
    """Return a market field: `the daily close of BTC`."""
    node = r.node(written, where)
    assert isinstance(node, FieldValue)
    phrase = node.field.phrase or f"`{node.field.name}`"
    if where.frame is not None and _of_bars(node):
        phrase = f"the {adjective(where.frame)} {phrase.removeprefix('the ')}"
    whose = f" of {written.asset.text}" if isinstance(written, tree.OtherAsset) else ""
    return f"{phrase}{whose}{'' if _of_bars(node) else ago(where)}"


def _market_field(r: Reading, written: tree.Expression, where: Where) -> FieldValue | None:
    """Return the market field that is written, by its own name."""
    node = r.node(written, where)
    named = isinstance(written, tree.Name) and written.text in r.program.lets
    return node if isinstance(node, FieldValue) and not named else None


def _of_bars(node: FieldValue) -> bool:
    """Say whether a field is a part of each bar, so that there is a daily one."""
    return bool(node.field.plural) and node.field.every is None


def _member(written: tree.Member, where: Where) -> str:
    target = written.owner.text
    words = {
        "age": f"the time since `{target}` last changed",
        "price": f"the close at the last change of `{target}`",
        "actual": f"the real `{target}`",
        "entry": f"the average entry price of the position behind `{target}`",
    }
    return f"{words[written.member.text]}{ago(where)}"


# --- arithmetic


def operand(r: Reading, written: tree.Expression, where: Where, last: bool = False) -> str:
    """Return a value inside another one, in parentheses where it has parts; `last`: nothing can follow it."""
    inner, where = on_clock(r, written, where)
    if isinstance(inner, tree.Name) and inner.text in r.program.params:
        return f"`{inner.text}`"
    text = value(r, inner, where)
    plain = tree.Name | tree.OtherAsset | tree.Member | tree.Duration | tree.Moment
    whole = is_literal(inner) or isinstance(inner, plain)
    whole = whole or (isinstance(inner, tree.Negative) and is_literal(inner.inner))
    whole = whole or (isinstance(inner, tree.Call) and (last or not inner.arguments) and inner.function.text != "if")
    return text if whole else f"({text})"


def _binary(r: Reading, written: tree.Binary, where: Where) -> str:
    left, right, operator = written.left, written.right, written.operator
    kinds = r.kind(left, where), r.kind(right, where)
    if operator in "+-" and TIME in kinds:
        return _times(r, written, where)
    beside = where.beside(*kinds, rate(where.rate) if where.rate else None) if operator in "+-" else where.alone
    if operator == "*" and is_literal(right) and not is_literal(left):
        left, right = right, left
    if operator == "*" and isinstance(left, tree.Percent):
        return f"{value(r, left, beside)} of {operand(r, right, beside, last=True)}"
    if operator in "+-" and RATIO in kinds:
        one, other = (_whole(r, part, beside) for part in (left, right))
    else:
        one, other = _left(r, left, operator, beside), operand(r, right, beside, last=True)
    return f"{one} {_OPERATORS[operator]} {other}"


def _left(r: Reading, written: tree.Expression, operator: str, where: Where) -> str:
    """Return the first operand; in a sum of sums it needs no parentheses."""
    inner = unwrapped(written)
    chain = operator == "+" and isinstance(inner, tree.Binary) and inner.operator == "+"
    return value(r, inner, where) if chain else operand(r, inner, where)


def _whole(r: Reading, written: tree.Expression, where: Where) -> str:
    """Return an operand beside a ratio: there 1 is the whole, 100%."""
    if isinstance(written, tree.Number) and exact(written.text) == Fraction(1):
        return f"100%{_per(where)}"
    return operand(r, written, where)


def _times(r: Reading, written: tree.Binary, where: Where) -> str:
    left, right = operand(r, written.left, where), operand(r, written.right, where)
    if written.operator == "+":
        time, span = (right, left) if r.kind(written.left, where) == DURATION else (left, right)
        return f"{span} after {time}"
    if r.kind(written.right, where) == DURATION:
        return f"{right} before {left}"
    return f"the time from {right} to {left}"


# --- functions


def _call(r: Reading, written: tree.Call, where: Where) -> str:
    if written.function.text == "at_trigger":
        return f"the value of {operand(r, written.arguments[0], where)} at the start of the rule"
    function = FUNCTIONS[written.function.text]
    beside = where.beside(r.kind(written, where)) if r.kind(written, where) != RATIO else where.alone
    return _filled(function, _Blanks(r, function, written, beside))


def _filled(function: Function, blanks: "_Blanks") -> str:
    """Return a function's phrase with its blanks filled in."""
    given = len(blanks.written.arguments)
    phrase = re.sub(r"\[(.*?)\]", r"\1" if given == len(function.parameters) else "", function.phrase)
    return re.sub(r"{(\w+)}", lambda found: blanks.filled(found[1]), phrase)


class _Blanks:
    """What stands for the blanks of a function's phrase in a call."""

    def __init__(self, r: Reading, function: Function, written: tree.Call, where: Where) -> None:
        self.r, self.written, self.where = r, written, where
        self.arguments = dict(zip((p.name for p in function.parameters), written.arguments, strict=False))
        self.roles = {p.name: p.role for p in function.parameters}
        self.size = next((self.arguments[name] for name, role in self.roles.items() if role is Role.WINDOW), None)

    def filled(self, blank: str) -> str:
        match blank:
            case "n":
                return self._window().text
            case "last":
                return self._window().last
            case "window":
                return self._series()
            case "periods":
                return self._window().beat.many
            case "all":
                return amounts.listed([operand(self.r, one, self.where) for one in self.written.arguments])
            case _ if self.roles[blank] is Role.CONDITION:
                return f"({conditions.condition(self.r, self.arguments[blank], self.where.alone)})"
            case _:
                return operand(self.r, self.arguments[blank], self.where)

    def _window(self) -> Window:
        return self.r.window(self.written, self.where, self.size or self.written)

    def _series(self) -> str:
        """Return a series over its window: `the last 200 daily closes (200 days)`."""
        written, where = on_clock(self.r, self.arguments["x"], self.where)
        node = _market_field(self.r, written, where)
        if node is None or not node.field.plural or (where.frame is not None and not _of_bars(node)):
            return f"{operand(self.r, self.arguments['x'], self.where)} over {self._window().last}"
        told = adjective(where.frame or self.r.program.bars) if _of_bars(node) else ""
        one, many = (f"{told} {text}".strip() for text in (node.field.phrase.removeprefix("the "), node.field.plural))
        whose = f" of {written.asset.text}" if isinstance(written, tree.OtherAsset) else ""
        return self._window().latest(f"{one}{whose}", f"{many}{whose}")
