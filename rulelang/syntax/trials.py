"""The part of the tree that a `test` statement makes; `rulelang.syntax.tree` names all of it."""

from typing import TYPE_CHECKING

from attrs import field, frozen

from rulelang.text import Compared, Span

if TYPE_CHECKING:
    from rulelang.syntax.tree import Asset, Duration, Expression, Member, Moment, Name, Number, OtherAsset, Text

NOWHERE = Span(0, 0)


def span_() -> Span:
    """Declare the place of a node: the last attribute, left out of comparison."""
    place: Span = field(default=NOWHERE, eq=False, repr=False)
    return place


@frozen(repr=False, eq=False)
class Item(Compared):
    """A part of a test's series: a value (`None`: missing), repeated, or running evenly to another one."""

    value: "Expression | None"
    to: "Expression | None" = None
    times: str | None = None
    span: Span = span_()


@frozen(repr=False, eq=False)
class GivenBars(Compared):
    """`given bars 8h`."""

    period: "Duration"
    span: Span = span_()


@frozen(repr=False, eq=False)
class GivenFrom(Compared):
    """`given from 2026-12-01T00:00Z`."""

    moment: "Moment"
    span: Span = span_()


@frozen(repr=False, eq=False)
class GivenSeries(Compared):
    """`given funding_8h every 8h = …`."""

    reference: "Name | OtherAsset | Member"
    every: "Duration | None"
    series: tuple[Item, ...]
    span: Span = span_()


@frozen(repr=False, eq=False)
class GivenEvent(Compared):
    """`given event cpi at 2026-12-10T13:30Z`."""

    name: "Name"
    dates: tuple["Moment", ...]
    span: Span = span_()


@frozen(repr=False, eq=False)
class GivenParam(Compared):
    """`given param crowded = 0.1%`."""

    name: "Name"
    value: "Expression"
    span: Span = span_()


@frozen(repr=False, eq=False)
class ExpectValue(Compared):
    """`expect hedge = …`, perhaps `at` one bar."""

    reference: "Name | OtherAsset | Member"
    series: tuple[Item, ...]
    position: "Number | None"
    span: Span = span_()


@frozen(repr=False, eq=False)
class ExpectActive(Compared):
    """`expect active RULE = no x 4, yes x 2`; `asset`: of this one only."""

    rule: "Name"
    asset: "Asset | None"
    series: tuple[Item, ...]
    position: "Number | None"
    span: Span = span_()


@frozen(repr=False, eq=False)
class ExpectAlert(Compared):
    """`expect alert "…" at 3`."""

    text: "Text"
    position: "Number"
    span: Span = span_()


@frozen(repr=False, eq=False)
class Restart(Compared):
    """`restart at 4`: the state is saved and loaded after that bar."""

    position: "Number"
    span: Span = span_()


# fmt: off
Clause = (
    GivenBars | GivenFrom | GivenEvent | GivenParam | GivenSeries | ExpectValue | ExpectActive | ExpectAlert | Restart
)
# fmt: on


@frozen(repr=False, eq=False)
class Test(Compared):
    """`test NAME given … expect …`."""

    name: "Name"
    clauses: tuple[Clause, ...]
    span: Span = span_()
