"""Printing trees: the canonical text of any node, such that parsing it gives the node again."""

from typing import assert_never

from rulelang.syntax import tree


def printed(node: "tree.File | tree.Statement | tree.Action | tree.Expression | tree.PeriodSpan | tree.Text") -> str:
    """Return the canonical text of a node.

    >>> from rulelang.syntax.parser import parse_expression
    >>> printed(parse_expression("close>sma( close,200 )"))
    'close > sma(close, 200)'
    """
    match node:
        case tree.File():
            return "\n".join(map(_statement, node.statements)) + "\n"
        case tree.Lasting() | tree.Periods():
            return _span(node)
        case tree.Text():
            return _text(node)
        case (
            tree.Assets()
            | tree.Bars()
            | tree.Use()
            | tree.FieldDeclaration()
            | tree.Event()
            | tree.Param()
            | tree.Let()
            | tree.Target()
            | tree.Rule()
            | tree.Otherwise()
            | tree.Test()
        ):
            return _statement(node)
        case (
            tree.SetLevel() | tree.Floor() | tree.Cap() | tree.Corridor() | tree.Adjust() | tree.Freeze() | tree.Alert()
        ):
            return _action(node)
        case _:
            return _expression(node)


def _expression(node: tree.Expression) -> str:
    match node:
        case tree.Number() | tree.Percent() | tree.Duration() | tree.Moment() | tree.Name():
            return node.text
        case tree.Rate():
            return f"{node.percent} per {node.per}"
        case tree.Quantity():
            return f"{node.number} {node.unit}"
        case tree.OtherAsset():
            return f"{node.asset.text}.{node.field.text}"
        case tree.Member():
            return f"{node.owner.text}.{node.member.text}"
        case tree.Call():
            return f"{node.function.text}({', '.join(map(_expression, node.arguments))})"
        case tree.Parentheses():
            return f"({_expression(node.inner)})"
        case tree.AtClock():
            return f"{_expression(node.inner)}@{_expression(node.period)}"
        case tree.Negative():
            return f"-{_expression(node.inner)}"
        case tree.Binary() | tree.Logic() | tree.Compare():
            return f"{_expression(node.left)} {node.operator} {_expression(node.right)}"
        case _:
            return _condition(node)


def _condition(
    node: tree.Not | tree.Crosses | tree.Between | tree.Is | tree.Moves | tree.Within | tree.Every | tree.For,
) -> str:
    match node:
        case tree.Not():
            return f"not {_expression(node.inner)}"
        case tree.Crosses():
            return f"{_expression(node.left)} crosses {node.direction} {_expression(node.right)}"
        case tree.Between():
            return f"{_expression(node.value)} between {_expression(node.low)} and {_expression(node.high)}"
        case tree.Is():
            return f"{_expression(node.value)} is {node.what.text}"
        case tree.Moves():
            start = f"{_expression(node.value)} {node.verb} {_expression(node.amount)}"
            return f"{start} over {_span(node.over)}" if node.over else f"{start} from {_origin(node)}"
        case tree.Within():
            return f"within {_expression(node.distance)} {node.side} {_expression(node.anchor)}"
        case tree.Every():
            return f"every {_expression(node.period)}"
        case tree.For():
            return f"{_expression(node.condition)} for {_span(node.length)}"
        case _:
            assert_never(node)


def _origin(node: tree.Moves) -> str:
    assert node.origin is not None
    return _expression(node.origin)


def _span(node: tree.PeriodSpan) -> str:
    match node:
        case tree.Lasting():
            return _expression(node.duration)
        case tree.Periods():
            count = _expression(node.count)
            if node.out_of is not None:
                count += f" of {_expression(node.out_of)}"
            each = f" of {_expression(node.each)}" if node.each is not None else ""
            return f"{count} periods{each}"
        case _:
            assert_never(node)


def _text(node: tree.Text) -> str:
    inner = (piece if isinstance(piece, str) else f"{{{_expression(piece)}}}" for piece in node.pieces)
    return f'"{"".join(inner)}"'


def _action(node: tree.Action) -> str:
    match node:
        case tree.SetLevel():
            return f"{node.target.text} {_expression(node.value)}"
        case tree.Floor():
            return f"{node.target.text} at least {_expression(node.value)}"
        case tree.Cap():
            return f"{node.target.text} at most {_expression(node.value)}"
        case tree.Corridor():
            return f"{node.target.text} between {_expression(node.low)} and {_expression(node.high)}"
        case tree.Adjust():
            share = f" of {node.share}" if node.share else ""
            return f"{node.verb} {node.target.text} by {_expression(node.value)}{share}"
        case tree.Freeze():
            return f"freeze {node.target.text}"
        case tree.Alert():
            return f"alert {_text(node.text)}"
        case _:
            assert_never(node)


def _limits(word: str, limits: tree.Limits | None, joint: str) -> str:
    return f" {word} {_expression(limits.low)}{joint}{_expression(limits.high)}" if limits else ""


def _scope(scope: tree.Scope | None) -> str:
    if scope is None:
        return ""
    return f" on {'all but ' if scope.all_but else ''}{', '.join(asset.text for asset in scope.assets)}"


def _statement(node: tree.Statement) -> str:
    match node:
        case tree.Assets():
            return f"assets {', '.join(asset.text for asset in node.names)}"
        case tree.Bars():
            return f"bars {node.period.text}"
        case tree.Use():
            return f'use "{node.path}"'
        case tree.FieldDeclaration():
            return _field(node)
        case tree.Event():
            dates = f" at {', '.join(date.text for date in node.dates)}" if node.dates else ""
            return f"event {node.name.text}{dates}"
        case tree.Param():
            others = "".join(f", {v.asset.text} {_expression(v.value)}" for v in node.by_asset)
            return f"param {node.name.text} = {_expression(node.value)}{others}{_limits('in', node.limits, ' .. ')}"
        case tree.Let():
            return f"let {node.name.text} = {_expression(node.value)}"
        case tree.Target():
            brakes = "".join(map(_brake, node.brakes))
            return f"target {node.name.text}{_limits('between', node.bounds, ' and ')}{brakes}"
        case tree.Rule():
            return _rule(node)
        case tree.Otherwise():
            return f"otherwise{_scope(node.scope)} {', '.join(map(_action, node.sets))}"
        case tree.Test():
            return "\n".join([f"test {node.name.text}", *(f"  {_clause(clause)}" for clause in node.clauses)])
        case _:
            assert_never(node)


def _field(node: tree.FieldDeclaration) -> str:
    kind = ""
    if node.kind is not None:
        per = f" per {node.kind.per.text}" if node.kind.per else ""
        kind = f": {' | '.join(name.text for name in node.kind.names)}{per}"
    cadence = ""
    if node.cadence is not None:
        cadence = f" {'every' if node.cadence.held == 'every' else 'valid for'} {node.cadence.duration.text}"
    return f"field {node.name.text}{kind}{_limits('in', node.limits, ' .. ')}{cadence}"


def _brake(node: tree.Brake) -> str:
    words = {"band": "change at least", "step": "step at most", "cooldown": "cooldown"}[node.what]
    direction = f" {node.direction}" if node.direction else ""
    return f" {words} {_expression(node.value)}{direction}"


def _rule(node: tree.Rule) -> str:
    parts = [f"rule {node.name.text}{_scope(node.scope)}"] if node.name else []
    parts.append(f"when {_expression(node.condition)}")
    parts.append(f"then {', '.join(map(_action, node.actions))}{' at once' if node.at_once else ''}")
    if node.lasting is not None:
        parts[-1] += f" for {_span(node.lasting)}"
    if node.until is not None:
        parts.append(f"until {_expression(node.until)}")
    if node.because is not None:
        parts.append(f"because {_text(node.because)}")
    return "\n  ".join(parts) if node.name else " ".join(parts)


def _reference(node: tree.Name | tree.OtherAsset | tree.Member) -> str:
    return _expression(node)


def _series(items: tuple[tree.Item, ...]) -> str:
    return ", ".join(map(_item, items))


def _item(item: tree.Item) -> str:
    text = "missing" if item.value is None else _expression(item.value)
    if item.to is not None:
        text += f" to {_expression(item.to)}"
    return f"{text} x {item.times}" if item.times is not None else text


def _position(position: tree.Number | None) -> str:
    return f" at {position.text}" if position is not None else ""


def _clause(node: tree.Clause) -> str:
    match node:
        case tree.GivenBars():
            return f"given bars {node.period.text}"
        case tree.GivenFrom():
            return f"given from {node.moment.text}"
        case tree.GivenSeries():
            every = f" every {node.every.text}" if node.every else ""
            return f"given {_reference(node.reference)}{every} = {_series(node.series)}"
        case tree.ExpectValue():
            return f"expect {_reference(node.reference)} = {_series(node.series)}{_position(node.position)}"
        case tree.GivenEvent():
            return f"given event {node.name.text} at {', '.join(date.text for date in node.dates)}"
        case tree.GivenParam():
            return f"given param {node.name.text} = {_expression(node.value)}"
        case tree.Restart():
            return f"restart{_position(node.position)}"
        case tree.ExpectActive():
            of = f"{node.asset.text}." if node.asset else ""
            return f"expect active {of}{node.rule.text} = {_series(node.series)}{_position(node.position)}"
        case tree.ExpectAlert():
            return f"expect alert {_text(node.text)}{_position(node.position)}"
        case _:
            assert_never(node)
