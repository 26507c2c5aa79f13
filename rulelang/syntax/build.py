"""From the parser's reductions to the tree: one method a grammar rule, called as the rule is recognised."""

from collections.abc import Callable
from typing import Any, Protocol

from rulelang.syntax import tree
from rulelang.text import Span


class Token(Protocol):
    """What the builder needs of a token."""

    start_pos: int
    end_pos: int
    type: str
    value: str


def span_of(token: Any) -> Span:
    """Return the place of a token or node."""
    return token.span if hasattr(token, "span") else Span(token.start_pos, token.end_pos)


def _cover(children: list[Any]) -> Span:
    return Span(span_of(children[0]).start, span_of(children[-1]).end)


class _Clause:
    """An optional clause on its way to its statement: what it says, and where."""

    __slots__ = ("span", "value", "what")

    def __init__(self, what: str, value: Any, span: Span) -> None:
        self.what, self.value, self.span = what, value, span


def _clauses(children: list[Any]) -> dict[str, Any]:
    return {child.what: child.value for child in children if isinstance(child, _Clause)}


def _names(children: list[Any], of: type) -> tuple[Any, ...]:
    return tuple(child for child in children if isinstance(child, of))


def _asset(token: Any) -> tree.Asset:
    return tree.Asset(str(token), span_of(token))


class Builder:
    """Builds the nodes of `rulelang.syntax.tree`; `holes` parses the expression in a text's braces."""

    def __init__(self, holes: Callable[[Any], tree.Text]) -> None:
        self._text = holes

    # --- statements

    def assets(self, c: list[Any]) -> tree.Assets:
        return tree.Assets(c[1].value, Span(c[0].start_pos, c[1].span.end))

    def asset_list(self, c: list[Any]) -> _Clause:
        return _Clause("assets", tuple(_asset(token) for token in c[::2]), _cover(c))

    def bars(self, c: list[Any]) -> tree.Bars:
        return tree.Bars(tree.Duration(str(c[1]), span_of(c[1])), _cover(c))

    def use(self, c: list[Any]) -> tree.Use:
        return tree.Use(str(c[1])[1:-1], span_of(c[1]), _cover(c))

    def field(self, c: list[Any]) -> tree.FieldDeclaration:
        got = _clauses(c)
        return tree.FieldDeclaration(c[1], got.get("kind"), got.get("limits"), got.get("cadence"), _cover(c))

    def kind_words(self, c: list[Any]) -> _Clause:
        names = _names(c, tree.Name)
        return _Clause("kind", tree.FieldKind(names, None, _cover(list(names))), _cover(c))

    def kind_rate(self, c: list[Any]) -> _Clause:
        per = tree.Duration(str(c[3]), span_of(c[3]))
        return _Clause("kind", tree.FieldKind((c[1],), per, c[1].span.to(per.span)), _cover(c))

    def limits(self, c: list[Any]) -> _Clause:
        return _Clause("limits", tree.Limits(c[1], c[3], Span(c[1].span.start, c[3].span.end)), _cover(c))

    def cadence(self, c: list[Any]) -> _Clause:
        duration = tree.Duration(str(c[-1]), span_of(c[-1]))
        return _Clause("cadence", tree.Cadence("every" if len(c) == 2 else "valid", duration, _cover(c)), _cover(c))

    def event(self, c: list[Any]) -> tree.Event:
        return tree.Event(c[1], _clauses(c).get("dates", ()), _cover(c))

    def event_dates(self, c: list[Any]) -> _Clause:
        return _Clause("dates", _names(c, tree.Moment), _cover(c))

    def param(self, c: list[Any]) -> tree.Param:
        return tree.Param(c[1], c[3], _names(c, tree.AssetValue), _clauses(c).get("limits"), _cover(c))

    def asset_value(self, c: list[Any]) -> tree.AssetValue:
        return tree.AssetValue(_asset(c[1]), c[2], Span(c[1].start_pos, c[2].span.end))

    def let(self, c: list[Any]) -> tree.Let:
        return tree.Let(c[1], c[3], _cover(c))

    def target(self, c: list[Any]) -> tree.Target:
        return tree.Target(c[1], _clauses(c).get("bounds"), _names(c, tree.Brake), _cover(c))

    def bounds(self, c: list[Any]) -> _Clause:
        return _Clause("bounds", tree.Limits(c[1], c[3], Span(c[1].span.start, c[3].span.end)), _cover(c))

    def band(self, c: list[Any]) -> tree.Brake:
        return tree.Brake("band", c[3], "", _cover(c))

    def step(self, c: list[Any]) -> tree.Brake:
        return tree.Brake("step", c[3], str(c[4]) if len(c) > 4 else "", _cover(c))

    def cooldown(self, c: list[Any]) -> tree.Brake:
        return tree.Brake("cooldown", c[1], str(c[2]) if len(c) > 2 else "", _cover(c))

    def rule(self, c: list[Any]) -> tree.Rule:
        got = _clauses(c)
        name, scope = got.get("head", (None, None))
        when, condition = got["when"]
        return tree.Rule(
            name,
            scope,
            condition,
            got["then"],
            "at_once" in got,
            got.get("lasting"),
            got.get("until"),
            got.get("because"),
            when,
            _cover(c),
        )

    def rule_head(self, c: list[Any]) -> _Clause:
        return _Clause("head", (c[1], _clauses(c).get("scope")), _cover(c))

    def scope_on(self, c: list[Any]) -> _Clause:
        return _Clause("scope", tree.Scope(False, c[1].value, _cover(c)), _cover(c))

    def scope_but(self, c: list[Any]) -> _Clause:
        return _Clause("scope", tree.Scope(True, c[3].value, _cover(c)), _cover(c))

    def when(self, c: list[Any]) -> _Clause:
        return _Clause("when", (span_of(c[0]), c[1]), _cover(c))

    def then(self, c: list[Any]) -> _Clause:
        return _Clause("then", tuple(c[1::2]), _cover(c))

    def at_once(self, c: list[Any]) -> _Clause:
        return _Clause("at_once", True, _cover(c))

    def lasting(self, c: list[Any]) -> _Clause:
        return _Clause("lasting", c[1], _cover(c))

    def until(self, c: list[Any]) -> _Clause:
        return _Clause("until", c[1], _cover(c))

    def because(self, c: list[Any]) -> _Clause:
        return _Clause("because", self._text(c[1]), _cover(c))

    def otherwise(self, c: list[Any]) -> tree.Otherwise:
        return tree.Otherwise(_clauses(c).get("scope"), _names(c, tree.SetLevel), _cover(c))

    # --- actions

    def set(self, c: list[Any]) -> tree.SetLevel:
        return tree.SetLevel(c[0], c[1], _cover(c))

    def floor(self, c: list[Any]) -> tree.Floor:
        return tree.Floor(c[0], c[3], _cover(c))

    def cap(self, c: list[Any]) -> tree.Cap:
        return tree.Cap(c[0], c[3], _cover(c))

    def corridor(self, c: list[Any]) -> tree.Corridor:
        return tree.Corridor(c[0], c[2], c[4], _cover(c))

    def adjust(self, c: list[Any]) -> tree.Adjust:
        return tree.Adjust(str(c[0]), c[1], c[3], _clauses(c).get("share", ""), _cover(c))

    def share(self, c: list[Any]) -> _Clause:
        return _Clause("share", str(c[1]), _cover(c))

    def freeze(self, c: list[Any]) -> tree.Freeze:
        return tree.Freeze(c[1], _cover(c))

    def alert(self, c: list[Any]) -> tree.Alert:
        return tree.Alert(self._text(c[1]), _cover(c))

    # --- tests

    def test(self, c: list[Any]) -> tree.Test:
        return tree.Test(c[1], tuple(c[2:]), _cover(c))

    def given_bars(self, c: list[Any]) -> tree.GivenBars:
        return tree.GivenBars(tree.Duration(str(c[2]), span_of(c[2])), _cover(c))

    def given_from(self, c: list[Any]) -> tree.GivenFrom:
        return tree.GivenFrom(c[2], _cover(c))

    def given_series(self, c: list[Any]) -> tree.GivenSeries:
        return tree.GivenSeries(c[1], _clauses(c).get("every"), c[-1].value, _cover(c))

    def given_event(self, c: list[Any]) -> tree.GivenEvent:
        return tree.GivenEvent(c[2], _clauses(c)["dates"], _cover(c))

    def given_param(self, c: list[Any]) -> tree.GivenParam:
        return tree.GivenParam(c[2], c[4], _cover(c))

    def restart(self, c: list[Any]) -> tree.Restart:
        return tree.Restart(c[1].value, _cover(c))

    def given_every(self, c: list[Any]) -> _Clause:
        return _Clause("every", tree.Duration(str(c[1]), span_of(c[1])), _cover(c))

    def expect_value(self, c: list[Any]) -> tree.ExpectValue:
        return tree.ExpectValue(c[1], c[3].value, _clauses(c).get("position"), _cover(c))

    def expect_active(self, c: list[Any]) -> tree.ExpectActive:
        asset, rule = c[2].value
        return tree.ExpectActive(rule, asset, c[4].value, _clauses(c).get("position"), _cover(c))

    def rule_of(self, c: list[Any]) -> _Clause:
        return _Clause("rule", (None if len(c) == 1 else _asset(c[0]), c[-1]), _cover(c))

    def expect_alert(self, c: list[Any]) -> tree.ExpectAlert:
        return tree.ExpectAlert(self._text(c[2]), c[3].value, _cover(c))

    def position(self, c: list[Any]) -> _Clause:
        return _Clause("position", tree.Number(str(c[1]), span_of(c[1])), _cover(c))

    def reference(self, c: list[Any]) -> tree.Name | tree.OtherAsset | tree.Member:
        if len(c) == 1:
            name: tree.Name = c[0]
            return name
        return self.member(c) if isinstance(c[0], tree.Name) else self.other_asset(c)

    def series(self, c: list[Any]) -> _Clause:
        items = (item if isinstance(item, tree.Item) else tree.Item(item, span=item.span) for item in c[::2])
        return _Clause("series", tuple(items), _cover(c))

    def item_missing(self, c: list[Any]) -> tree.Item:
        return tree.Item(None, None, _clauses(c).get("times"), _cover(c))

    def item_plain(self, c: list[Any]) -> tree.Item:
        return tree.Item(c[0], None, _clauses(c).get("times"), _cover(c))

    def item_ramp(self, c: list[Any]) -> tree.Item:
        return tree.Item(c[0], c[2], _clauses(c).get("times"), _cover(c))

    def repeat(self, c: list[Any]) -> _Clause:
        return _Clause("times", str(c[1]), _cover(c))

    # --- conditions

    def logic(self, c: list[Any]) -> tree.Logic:
        return tree.Logic(str(c[1]), c[0], c[2], _cover(c))

    def negation(self, c: list[Any]) -> tree.Not:
        return tree.Not(c[1], _cover(c))

    def for_(self, c: list[Any]) -> tree.For:
        return tree.For(c[0], c[2], _cover(c))

    def compare(self, c: list[Any]) -> tree.Compare:
        return tree.Compare(str(c[1]), c[0], c[2], _cover(c))

    def crosses(self, c: list[Any]) -> tree.Crosses:
        return tree.Crosses(str(c[2]), c[0], c[3], _cover(c))

    def between(self, c: list[Any]) -> tree.Between:
        return tree.Between(c[0], c[2], c[4], _cover(c))

    def is_(self, c: list[Any]) -> tree.Is:
        what = c[2] if isinstance(c[2], tree.Name) else tree.Name(str(c[2]), span_of(c[2]))
        return tree.Is(c[0], what, _cover(c))

    def moves_over(self, c: list[Any]) -> tree.Moves:
        return tree.Moves(str(c[1]), c[0], c[2], c[4], None, _cover(c))

    def moves_from(self, c: list[Any]) -> tree.Moves:
        return tree.Moves(str(c[1]), c[0], c[2], None, c[4], _cover(c))

    def within(self, c: list[Any]) -> tree.Within:
        return tree.Within(c[1], str(c[2]), c[3], _cover(c))

    def every(self, c: list[Any]) -> tree.Every:
        return tree.Every(c[1], _cover(c))

    def span_time(self, c: list[Any]) -> tree.Lasting:
        return tree.Lasting(c[0], c[0].span)

    def span_periods(self, c: list[Any]) -> tree.Periods:
        return tree.Periods(c[0], None, _clauses(c).get("each"), _cover(c))

    def span_of(self, c: list[Any]) -> tree.Periods:
        return tree.Periods(c[0], c[2], _clauses(c).get("each"), _cover(c))

    def each(self, c: list[Any]) -> _Clause:
        return _Clause("each", c[1], _cover(c))

    # --- values

    def binary(self, c: list[Any]) -> tree.Binary:
        return tree.Binary(str(c[1]), c[0], c[2], _cover(c))

    def negative(self, c: list[Any]) -> tree.Negative:
        return tree.Negative(c[1], _cover(c))

    def at_clock(self, c: list[Any]) -> tree.AtClock:
        return tree.AtClock(c[0], c[2], _cover(c))

    def number(self, c: list[Any]) -> tree.Number:
        return tree.Number(str(c[0]), span_of(c[0]))

    def percent(self, c: list[Any]) -> tree.Percent:
        return tree.Percent(str(c[0]), span_of(c[0]))

    def rate(self, c: list[Any]) -> tree.Rate:
        return tree.Rate(str(c[0]), str(c[2]), _cover(c))

    def duration(self, c: list[Any]) -> tree.Duration:
        return tree.Duration(str(c[0]), span_of(c[0]))

    def quantity(self, c: list[Any]) -> tree.Quantity:
        return tree.Quantity(str(c[0]), str(c[1]), _cover(c))

    def moment(self, c: list[Any]) -> tree.Moment:
        return tree.Moment(str(c[0]), span_of(c[0]))

    def name(self, c: list[Any]) -> tree.Name:
        return tree.Name(str(c[0]), span_of(c[0]))

    def other_asset(self, c: list[Any]) -> tree.OtherAsset:
        return tree.OtherAsset(_asset(c[0]), c[2], _cover(c))

    def member(self, c: list[Any]) -> tree.Member:
        return tree.Member(c[0], c[2], _cover(c))

    def call(self, c: list[Any]) -> tree.Call:
        return tree.Call(c[0], tuple(c[2:-1:2]), _cover(c))

    def paren(self, c: list[Any]) -> tree.Parentheses:
        return tree.Parentheses(c[1], _cover(c))
