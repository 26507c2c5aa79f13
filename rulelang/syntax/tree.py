"""The tree of a rule file: what was written, node by node; where it stands never counts in equality."""

from typing import Literal

from attrs import field, frozen

from rulelang.text import Shown, Span

_NOWHERE = Span(0, 0)


def _span() -> Span:
    """Declare the place of a node: the last attribute, left out of comparison."""
    place: Span = field(default=_NOWHERE, eq=False, repr=False)
    return place


@frozen(repr=False)
class Number(Shown):
    """A bare number, as it was written: `65_000.5`."""

    text: str
    span: Span = _span()


@frozen(repr=False)
class Percent(Shown):
    """A percentage, with its sign: `0.05%`."""

    text: str
    span: Span = _span()


@frozen(repr=False)
class Rate(Shown):
    """A percentage per duration: `0.05% per 8h`."""

    percent: str
    per: str
    span: Span = _span()


@frozen(repr=False)
class Duration(Shown):
    """A duration: `8h`."""

    text: str
    span: Span = _span()


@frozen(repr=False)
class Quantity(Shown):
    """A number of coins or of a currency: `20 BTC`, `65_000 USD`."""

    number: str
    unit: str
    span: Span = _span()


@frozen(repr=False)
class Moment(Shown):
    """A time or a date (00:00 UTC)."""

    text: str
    span: Span = _span()


@frozen(repr=False)
class Name(Shown):
    """A name: of a field, param, let, target, rule, event, word, or what else fits its place."""

    text: str
    span: Span = _span()


@frozen(repr=False)
class Asset(Shown):
    """The name of an asset."""

    text: str
    span: Span = _span()


@frozen(repr=False)
class OtherAsset(Shown):
    """A field of a named asset: `BTC.close`."""

    asset: Asset
    field: Name
    span: Span = _span()


@frozen(repr=False)
class Member(Shown):
    """What can be asked about a target: `hedge.age`."""

    owner: Name
    member: Name
    span: Span = _span()


@frozen(repr=False)
class Call(Shown):
    """A function with its arguments."""

    function: Name
    arguments: tuple["Expression", ...]
    span: Span = _span()


@frozen(repr=False)
class Parentheses(Shown):
    """What stands in parentheses."""

    inner: "Expression"
    span: Span = _span()


@frozen(repr=False)
class AtClock(Shown):
    """An expression on completed bars of a longer period: `close@1d`."""

    inner: "Expression"
    period: "Duration | Name"
    span: Span = _span()


@frozen(repr=False)
class Negative(Shown):
    """A value with a minus sign."""

    inner: "Expression"
    span: Span = _span()


@frozen(repr=False)
class Binary(Shown):
    """Two values joined by `+ - * /`."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span = _span()


@frozen(repr=False)
class Logic(Shown):
    """Two conditions joined by `and` or `or`."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span = _span()


@frozen(repr=False)
class Not(Shown):
    """A condition with `not`."""

    inner: "Expression"
    span: Span = _span()


@frozen(repr=False)
class Compare(Shown):
    """Two values compared: `> >= < <=`."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span = _span()


@frozen(repr=False)
class Crosses(Shown):
    """A value that crosses another one, above or below."""

    direction: str
    left: "Expression"
    right: "Expression"
    span: Span = _span()


@frozen(repr=False)
class Between(Shown):
    """A value between two others, both included."""

    value: "Expression"
    low: "Expression"
    high: "Expression"
    span: Span = _span()


@frozen(repr=False)
class Is(Shown):
    """`X is missing`, `X is known`, `RULE is active`, or a field of words that is one of them."""

    value: "Expression"
    what: Name
    span: Span = _span()


@frozen(repr=False)
class Moves(Shown):
    """A value that rises, falls or moves by a ratio, over a span or from another value."""

    verb: str
    value: "Expression"
    amount: "Expression"
    over: "PeriodSpan | None"
    origin: "Expression | None"
    span: Span = _span()


@frozen(repr=False)
class Within(Shown):
    """`within 24h before cpi`."""

    distance: "Duration | Name"
    side: str
    anchor: "Expression"
    span: Span = _span()


@frozen(repr=False)
class Every(Shown):
    """`every 7d`."""

    period: "Duration | Name"
    span: Span = _span()


@frozen(repr=False)
class For(Shown):
    """A condition that has to hold for a span."""

    condition: "Expression"
    length: "PeriodSpan"
    span: Span = _span()


@frozen(repr=False)
class Lasting(Shown):
    """A span that is a duration: `48h`, or the name of a param."""

    duration: "Duration | Name"
    span: Span = _span()


@frozen(repr=False)
class Periods(Shown):
    """A span of n periods, perhaps `m of n`, perhaps of a longer clock: `3 of 5 periods of 1d`."""

    count: "Number | Name"
    out_of: "Number | Name | None" = None
    each: "Duration | Name | None" = None
    span: Span = _span()


PeriodSpan = Lasting | Periods

# fmt: off
Expression = (
    Number | Percent | Rate | Duration | Quantity | Moment | Name | OtherAsset | Member | Call | Parentheses | AtClock
    | Negative | Binary | Logic | Not | Compare | Crosses | Between | Is | Moves | Within | Every | For
)
# fmt: on


@frozen(repr=False)
class Text(Shown):
    """A text in quotes: plain pieces and, in braces, expressions."""

    pieces: tuple["str | Expression", ...]
    span: Span = _span()


@frozen(repr=False)
class SetLevel(Shown):
    """`hedge 70%`."""

    target: Name
    value: Expression
    span: Span = _span()


@frozen(repr=False)
class Floor(Shown):
    """`hedge at least 75%`."""

    target: Name
    value: Expression
    span: Span = _span()


@frozen(repr=False)
class Cap(Shown):
    """`hedge at most 30%`."""

    target: Name
    value: Expression
    span: Span = _span()


@frozen(repr=False)
class Corridor(Shown):
    """`hedge between 50% and 75%`."""

    target: Name
    low: Expression
    high: Expression
    span: Span = _span()


@frozen(repr=False)
class Adjust(Shown):
    """`increase hedge by 25% of exposure`; `share` is `exposure`, `level`, or empty."""

    verb: str
    target: Name
    value: Expression
    share: str
    span: Span = _span()


@frozen(repr=False)
class Freeze(Shown):
    """`freeze hedge`."""

    target: Name
    span: Span = _span()


@frozen(repr=False)
class Alert(Shown):
    """`alert "…"`."""

    text: Text
    span: Span = _span()


Action = SetLevel | Floor | Cap | Corridor | Adjust | Freeze | Alert


@frozen(repr=False)
class Assets(Shown):
    """`assets BTC, ETH`."""

    names: tuple[Asset, ...]
    span: Span = _span()


@frozen(repr=False)
class Bars(Shown):
    """`bars 1h`."""

    period: Duration
    span: Span = _span()


@frozen(repr=False)
class Use(Shown):
    """`use "other.rules"`."""

    path: str
    path_span: Span = field(default=_NOWHERE, eq=False, repr=False)
    span: Span = _span()


@frozen(repr=False)
class Limits(Shown):
    """`in LO .. HI`."""

    low: Expression
    high: Expression
    span: Span = _span()


@frozen(repr=False)
class FieldKind(Shown):
    """The kind of a declared field: one name, several words, or `rate per 8h`."""

    names: tuple[Name, ...]
    per: Duration | None = None
    span: Span = _span()


@frozen(repr=False)
class Cadence(Shown):
    """`every 8h` or `valid for 7d`."""

    held: Literal["every", "valid"]
    duration: Duration
    span: Span = _span()


@frozen(repr=False)
class FieldDeclaration(Shown):
    """`field NAME : KIND in LO .. HI every D`."""

    name: Name
    kind: FieldKind | None
    limits: Limits | None
    cadence: Cadence | None
    span: Span = _span()


@frozen(repr=False)
class Event(Shown):
    """`event NAME at TIME, …`."""

    name: Name
    dates: tuple[Moment, ...]
    span: Span = _span()


@frozen(repr=False)
class AssetValue(Shown):
    """The value that a param has for one asset."""

    asset: Asset
    value: Expression
    span: Span = _span()


@frozen(repr=False)
class Param(Shown):
    """`param NAME = VALUE, ASSET VALUE in LO .. HI`."""

    name: Name
    value: Expression
    by_asset: tuple[AssetValue, ...]
    limits: Limits | None
    span: Span = _span()


@frozen(repr=False)
class Let(Shown):
    """`let NAME = EXPRESSION`."""

    name: Name
    value: Expression
    span: Span = _span()


@frozen(repr=False)
class Brake(Shown):
    """A brake of a target: `band`, `step` or `cooldown`; `direction` is `up`, `down` or empty (both)."""

    what: Literal["band", "step", "cooldown"]
    value: Expression
    direction: str
    span: Span = _span()


@frozen(repr=False)
class Target(Shown):
    """`target NAME between LO and HI change at least V …`."""

    name: Name
    bounds: Limits | None
    brakes: tuple[Brake, ...]
    span: Span = _span()


@frozen(repr=False)
class Scope(Shown):
    """`on BTC, ETH` or `on all but ETH`."""

    all_but: bool
    assets: tuple[Asset, ...]
    span: Span = _span()


@frozen(repr=False)
class Rule(Shown):
    """`rule NAME on … when … then … at once for … until … because "…"`; `when` is the place of that word."""

    name: Name | None
    scope: Scope | None
    condition: Expression
    actions: tuple[Action, ...]
    at_once: bool
    lasting: PeriodSpan | None
    until: Expression | None
    because: Text | None
    when: Span = field(default=_NOWHERE, eq=False, repr=False)
    span: Span = _span()


@frozen(repr=False)
class Otherwise(Shown):
    """`otherwise on … hedge 60%`."""

    scope: Scope | None
    sets: tuple[SetLevel, ...]
    span: Span = _span()


@frozen(repr=False)
class Item(Shown):
    """A part of a test's series: a value (`None`: missing), repeated, or running evenly to another one."""

    value: Expression | None
    to: Expression | None = None
    times: str | None = None
    span: Span = _span()


@frozen(repr=False)
class GivenBars(Shown):
    """`given bars 8h`."""

    period: Duration
    span: Span = _span()


@frozen(repr=False)
class GivenFrom(Shown):
    """`given from 2026-12-01T00:00Z`."""

    moment: Moment
    span: Span = _span()


@frozen(repr=False)
class GivenSeries(Shown):
    """`given funding_8h every 8h = …`."""

    reference: Name | OtherAsset | Member
    every: Duration | None
    series: tuple[Item, ...]
    span: Span = _span()


@frozen(repr=False)
class ExpectValue(Shown):
    """`expect hedge = …`, perhaps `at` one bar."""

    reference: Name | OtherAsset | Member
    series: tuple[Item, ...]
    position: Number | None
    span: Span = _span()


@frozen(repr=False)
class ExpectActive(Shown):
    """`expect active RULE = no x 4, yes x 2`."""

    rule: Name
    series: tuple[Item, ...]
    position: Number | None
    span: Span = _span()


@frozen(repr=False)
class ExpectAlert(Shown):
    """`expect alert "…" at 3`."""

    text: Text
    position: Number
    span: Span = _span()


Clause = GivenBars | GivenFrom | GivenSeries | ExpectValue | ExpectActive | ExpectAlert


@frozen(repr=False)
class Test(Shown):
    """`test NAME given … expect …`."""

    name: Name
    clauses: tuple[Clause, ...]
    span: Span = _span()


Statement = Assets | Bars | Use | FieldDeclaration | Event | Param | Let | Target | Rule | Otherwise | Test


@frozen(repr=False)
class Comment(Shown):
    """A comment with its `#`: trivia, kept for the formatter."""

    text: str
    span: Span = _span()


@frozen(repr=False)
class File(Shown):
    """A rule file: its statements in their order, and its comments beside them."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = field(default=(), eq=False)
