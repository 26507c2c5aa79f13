"""The tree of a rule file: what was written, node by node; where it stands never counts in equality."""

from typing import Literal

from attrs import field, frozen

from rulelang.syntax.trials import NOWHERE, span_
from rulelang.syntax.trials import Clause as Clause
from rulelang.syntax.trials import ExpectActive as ExpectActive
from rulelang.syntax.trials import ExpectAlert as ExpectAlert
from rulelang.syntax.trials import ExpectValue as ExpectValue
from rulelang.syntax.trials import GivenBars as GivenBars
from rulelang.syntax.trials import GivenEvent as GivenEvent
from rulelang.syntax.trials import GivenFrom as GivenFrom
from rulelang.syntax.trials import GivenParam as GivenParam
from rulelang.syntax.trials import GivenSeries as GivenSeries
from rulelang.syntax.trials import Item as Item
from rulelang.syntax.trials import Restart as Restart
from rulelang.syntax.trials import Test as Test
from rulelang.text import Compared, Span


@frozen(repr=False, eq=False)
class Number(Compared):
    """A bare number, as it was written: `65_000.5`."""

    text: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Percent(Compared):
    """A percentage, with its sign: `0.05%`."""

    text: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Rate(Compared):
    """A percentage per duration: `0.05% per 8h`."""

    percent: str
    per: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Duration(Compared):
    """A duration: `8h`."""

    text: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Quantity(Compared):
    """A number of coins or of a currency: `20 BTC`, `65_000 USD`."""

    number: str
    unit: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Moment(Compared):
    """A time or a date (00:00 UTC)."""

    text: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Name(Compared):
    """A name: of a field, param, let, target, rule, event, word, or what else fits its place."""

    text: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Asset(Compared):
    """The name of an asset."""

    text: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class OtherAsset(Compared):
    """A field of a named asset: `BTC.close`."""

    asset: Asset
    field: Name
    span: Span = span_()


@frozen(repr=False, eq=False)
class Member(Compared):
    """What can be asked about a target: `hedge.age`."""

    owner: Name
    member: Name
    span: Span = span_()


@frozen(repr=False, eq=False)
class Call(Compared):
    """A function with its arguments."""

    function: Name
    arguments: tuple["Expression", ...]
    span: Span = span_()


@frozen(repr=False, eq=False)
class Parentheses(Compared):
    """What stands in parentheses."""

    inner: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class AtClock(Compared):
    """An expression on completed bars of a longer period: `close@1d`."""

    inner: "Expression"
    period: "Duration | Name"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Negative(Compared):
    """A value with a minus sign."""

    inner: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Binary(Compared):
    """Two values joined by `+ - * /`."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Logic(Compared):
    """Two conditions joined by `and` or `or`."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Not(Compared):
    """A condition with `not`."""

    inner: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Compare(Compared):
    """Two values compared: `> >= < <=`."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Crosses(Compared):
    """A value that crosses another one, above or below."""

    direction: str
    left: "Expression"
    right: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Between(Compared):
    """A value between two others, both included."""

    value: "Expression"
    low: "Expression"
    high: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Is(Compared):
    """`X is missing`, `X is known`, `RULE is active`, or a field of words that is one of them."""

    value: "Expression"
    what: Name
    span: Span = span_()


@frozen(repr=False, eq=False)
class Moves(Compared):
    """A value that rises, falls or moves by a ratio, over a span or from another value."""

    verb: str
    value: "Expression"
    amount: "Expression"
    over: "PeriodSpan | None"
    origin: "Expression | None"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Within(Compared):
    """`within 24h before cpi`."""

    distance: "Duration | Name"
    side: str
    anchor: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Every(Compared):
    """`every 7d`."""

    period: "Duration | Name"
    span: Span = span_()


@frozen(repr=False, eq=False)
class For(Compared):
    """A condition that has to hold for a span."""

    condition: "Expression"
    length: "PeriodSpan"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Lasting(Compared):
    """A span that is a duration: `48h`, or the name of a param."""

    duration: "Duration | Name"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Periods(Compared):
    """A span of n periods, perhaps `m of n`, perhaps of a longer clock: `3 of 5 periods of 1d`."""

    count: "Number | Name"
    out_of: "Number | Name | None" = None
    each: "Duration | Name | None" = None
    span: Span = span_()


PeriodSpan = Lasting | Periods

# fmt: off
Expression = (
    Number | Percent | Rate | Duration | Quantity | Moment | Name | OtherAsset | Member | Call | Parentheses | AtClock
    | Negative | Binary | Logic | Not | Compare | Crosses | Between | Is | Moves | Within | Every | For
)
# fmt: on


@frozen(repr=False, eq=False)
class Text(Compared):
    """A text in quotes: plain pieces and, in braces, expressions."""

    pieces: tuple["str | Expression", ...]
    span: Span = span_()


@frozen(repr=False, eq=False)
class SetLevel(Compared):
    """`hedge 70%`."""

    target: Name
    value: Expression
    span: Span = span_()


@frozen(repr=False, eq=False)
class Floor(Compared):
    """`hedge at least 75%`."""

    target: Name
    value: Expression
    span: Span = span_()


@frozen(repr=False, eq=False)
class Cap(Compared):
    """`hedge at most 30%`."""

    target: Name
    value: Expression
    span: Span = span_()


@frozen(repr=False, eq=False)
class Corridor(Compared):
    """`hedge between 50% and 75%`."""

    target: Name
    low: Expression
    high: Expression
    span: Span = span_()


@frozen(repr=False, eq=False)
class Adjust(Compared):
    """`increase hedge by 25% of exposure`; `share` is `exposure`, `level`, or empty."""

    verb: str
    target: Name
    value: Expression
    share: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Freeze(Compared):
    """`freeze hedge`."""

    target: Name
    span: Span = span_()


@frozen(repr=False, eq=False)
class Alert(Compared):
    """`alert "…"`."""

    text: Text
    span: Span = span_()


Action = SetLevel | Floor | Cap | Corridor | Adjust | Freeze | Alert


@frozen(repr=False, eq=False)
class Assets(Compared):
    """`assets BTC, ETH`."""

    names: tuple[Asset, ...]
    span: Span = span_()


@frozen(repr=False, eq=False)
class Bars(Compared):
    """`bars 1h`."""

    period: Duration
    span: Span = span_()


@frozen(repr=False, eq=False)
class Use(Compared):
    """`use "other.rules"`."""

    path: str
    path_span: Span = field(default=NOWHERE, eq=False, repr=False)
    span: Span = span_()


@frozen(repr=False, eq=False)
class Limits(Compared):
    """`in LO .. HI`."""

    low: Expression
    high: Expression
    span: Span = span_()


@frozen(repr=False, eq=False)
class FieldKind(Compared):
    """The kind of a declared field: one name, several words, or `rate per 8h`."""

    names: tuple[Name, ...]
    per: Duration | None = None
    span: Span = span_()


@frozen(repr=False, eq=False)
class Cadence(Compared):
    """`every 8h` or `valid for 7d`."""

    held: Literal["every", "valid"]
    duration: Duration
    span: Span = span_()


@frozen(repr=False, eq=False)
class FieldDeclaration(Compared):
    """`field NAME : KIND in LO .. HI every D`."""

    name: Name
    kind: FieldKind | None
    limits: Limits | None
    cadence: Cadence | None
    span: Span = span_()


@frozen(repr=False, eq=False)
class Event(Compared):
    """`event NAME at TIME, …`."""

    name: Name
    dates: tuple[Moment, ...]
    span: Span = span_()


@frozen(repr=False, eq=False)
class AssetValue(Compared):
    """The value that a param has for one asset."""

    asset: Asset
    value: Expression
    span: Span = span_()


@frozen(repr=False, eq=False)
class Param(Compared):
    """`param NAME = VALUE, ASSET VALUE in LO .. HI`."""

    name: Name
    value: Expression
    by_asset: tuple[AssetValue, ...]
    limits: Limits | None
    span: Span = span_()


@frozen(repr=False, eq=False)
class Let(Compared):
    """`let NAME = EXPRESSION`."""

    name: Name
    value: Expression
    span: Span = span_()


@frozen(repr=False, eq=False)
class Brake(Compared):
    """A brake of a target: `band`, `step` or `cooldown`; `direction` is `up`, `down` or empty (both)."""

    what: Literal["band", "step", "cooldown"]
    value: Expression
    direction: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class Target(Compared):
    """`target NAME between LO and HI change at least V …`."""

    name: Name
    bounds: Limits | None
    brakes: tuple[Brake, ...]
    span: Span = span_()


@frozen(repr=False, eq=False)
class Scope(Compared):
    """`on BTC, ETH` or `on all but ETH`."""

    all_but: bool
    assets: tuple[Asset, ...]
    span: Span = span_()


@frozen(repr=False, eq=False)
class Rule(Compared):
    """`rule NAME on … when … then … at once for … until … because "…"`; `when` is the place of that word."""

    name: Name | None
    scope: Scope | None
    condition: Expression
    actions: tuple[Action, ...]
    at_once: bool
    lasting: PeriodSpan | None
    until: Expression | None
    because: Text | None
    when: Span = field(default=NOWHERE, eq=False, repr=False)
    span: Span = span_()


@frozen(repr=False, eq=False)
class Otherwise(Compared):
    """`otherwise on … hedge 60%`."""

    scope: Scope | None
    sets: tuple[SetLevel, ...]
    span: Span = span_()


Statement = Assets | Bars | Use | FieldDeclaration | Event | Param | Let | Target | Rule | Otherwise | Test


@frozen(repr=False, eq=False)
class Comment(Compared):
    """A comment with its `#`: trivia, kept for the formatter."""

    text: str
    span: Span = span_()


@frozen(repr=False, eq=False)
class File(Compared):
    """A rule file: its statements in their order, and its comments beside them."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = field(default=(), eq=False)
