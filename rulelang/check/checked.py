"""The checked tree: what a rule file means, with every name resolved and every kind, clock and window known.

Nodes are interned by the elaboration: equal nodes of a program are one object, children come before their parents in
`Program.nodes`, and a node's clock says when its value can change.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

from attrs import field, frozen

from rulelang.fields import Field
from rulelang.kinds import Kind
from rulelang.syntax import tree
from rulelang.text import Shown, Source


@frozen
class Clock:
    """When a value moves: `constant`, `base` (every bar), `each` (a longer period, in seconds) or `mixed`."""

    name: str
    period: int | None = None


CONSTANT = Clock("constant")
MIXED = Clock("mixed")


def _clock() -> Clock:
    clock: Clock = field(kw_only=True)
    return clock


def _kind() -> Kind:
    kind: Kind = field(kw_only=True)
    return kind


def _frame() -> int | None:
    """Declare the period in seconds of the longer bars that a node lives on (`@`); `None`: bars of the base period."""
    frame: int | None = field(kw_only=True, default=None)
    return frame


@frozen(repr=False, eq=False)
class Constant(Shown):
    """A value known beforehand: a number (exact), or a word."""

    exact: Fraction | str
    kind: Kind = _kind()
    clock: Clock = field(default=CONSTANT, kw_only=True)


@frozen(repr=False, eq=False)
class ParamValue(Shown):
    """The value of a param, which can be overridden from outside; `exact` in the unit of `kind`."""

    name: str
    exact: Fraction
    kind: Kind = _kind()
    clock: Clock = field(default=CONSTANT, kw_only=True)


@frozen(repr=False, eq=False)
class FieldValue(Shown):
    """A market field, of this asset (`None`) or of another one."""

    asset: str | None
    field: Field
    kind: Kind = _kind()
    clock: Clock = _clock()
    frame: int | None = _frame()


SUPPLIED = ("actual", "entry")
"""What is real of a target, which whoever runs the rules supplies."""


@frozen(repr=False, eq=False)
class TargetValue(Shown):
    """What is known of a target before this step: `in force`, `age`, `price`, or one of `SUPPLIED`."""

    target: str
    what: str
    kind: Kind = _kind()
    clock: Clock = _clock()
    frame: int | None = _frame()


@frozen(repr=False, eq=False)
class TimeValue(Shown):
    """The time of the step, or of the end of the longer bar."""

    kind: Kind = _kind()
    clock: Clock = _clock()
    frame: int | None = _frame()


@frozen(repr=False, eq=False)
class Negated(Shown):
    """A value with a minus sign; `exact` where it is constant."""

    inner: "Node"
    exact: Fraction | None
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class Scaled(Shown):
    """A rate on its way to another period, or a duration into one: value x times / by; `exact`: where constant."""

    inner: "Node"
    times: int
    by: int
    exact: Fraction | None
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class Arithmetic(Shown):
    """Two values joined by `+ - * /`; `exact` where both are constant."""

    operator: str
    left: "Node"
    right: "Node"
    exact: Fraction | None
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class Applied(Shown):
    """A function of the table: `arguments` are its series or values, `reads` the fields it reads by itself."""

    function: str
    arguments: tuple["Node", ...]
    numbers: tuple["Node", ...]
    window: int | None
    seconds: int | None
    kind: Kind = _kind()
    clock: Clock = _clock()
    frame: int | None = _frame()


@frozen(repr=False, eq=False)
class AtTrigger(Shown):
    """A value as it was when a rule started; `after` says whether this step's start already counts."""

    rule: str
    inner: "Node"
    after: bool
    kind: Kind = _kind()
    clock: Clock = field(default=CONSTANT, kw_only=True)


@frozen(repr=False, eq=False)
class Both(Shown):
    """Kleene's `and` (`operator` is `and`) or `or`."""

    operator: str
    left: "Node"
    right: "Node"
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class Inverted(Shown):
    """Kleene's `not`."""

    inner: "Node"
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class Comparison(Shown):
    """Two values compared with `> >= < <=`."""

    operator: str
    left: "Node"
    right: "Node"
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class Crossing(Shown):
    """`left crosses above|below right`."""

    direction: str
    left: "Node"
    right: "Node"
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class Known(Shown):
    """`X is missing` (`missing`) or `X is known`."""

    inner: "Node"
    missing: bool
    kind: Kind = _kind()
    clock: Clock = _clock()
    frame: int | None = _frame()


@frozen(repr=False, eq=False)
class WordIs(Shown):
    """A field of words that is one of them."""

    inner: "Node"
    word: str
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class RuleActive(Shown):
    """Whether a rule above is active."""

    rule: str
    kind: Kind = _kind()
    clock: Clock = _clock()
    frame: int | None = _frame()


@frozen(repr=False, eq=False)
class Near(Shown):
    """`within D before|after` an event (by name) or a time (a node)."""

    distance: int
    side: str
    event: str | None
    anchor: "Node | None"
    kind: Kind = _kind()
    clock: Clock = _clock()
    frame: int | None = _frame()


@frozen(repr=False, eq=False)
class EveryPeriod(Shown):
    """True on the first step of each period of so many seconds."""

    period: int
    kind: Kind = _kind()
    clock: Clock = _clock()
    frame: int | None = _frame()


@frozen(repr=False, eq=False)
class Moved(Shown):
    """`value rises|falls|moves amount` over `back` periods, or from `origin`."""

    verb: str
    value: "Node"
    amount: "Node"
    back: int | None
    origin: "Node | None"
    kind: Kind = _kind()
    clock: Clock = _clock()


@frozen(repr=False, eq=False)
class Held(Shown):
    """`C for m of n periods`; `each`: of so many seconds; `rule`: in the exit of that rule, counted from its start."""

    condition: "Node"
    count: int
    out_of: int
    each: int | None
    rule: str | None
    kind: Kind = _kind()
    clock: Clock = _clock()


Node = (
    Constant
    | ParamValue
    | FieldValue
    | TargetValue
    | TimeValue
    | Negated
    | Scaled
    | Arithmetic
    | Applied
    | AtTrigger
    | Both
    | Inverted
    | Comparison
    | Crossing
    | Known
    | WordIs
    | RuleActive
    | Near
    | EveryPeriod
    | Moved
    | Held
)


@frozen
class CheckedAction:
    """What an active rule does to a target: `set floor cap corridor increase reduce freeze`.

    `values` holds one node (two for a corridor, none for `freeze`); `share` is `level`, `exposure` or empty.
    """

    what: str
    target: str
    values: tuple[Node, ...] = ()
    share: str = ""
    written: tree.Action = field(kw_only=True, eq=False, repr=False)


@frozen
class CheckedText:
    """A text with its values filled in at run time."""

    pieces: tuple[str | Node, ...]


@frozen
class Span:
    """How long a rule goes on after its condition was true: seconds, or bars where the base period isn't known."""

    seconds: int | None
    bars: int | None = None


@frozen
class CheckedRule:
    """One rule, as it works for an asset. `identity` names its state: name, formatted condition and exit."""

    name: str
    condition: Node
    until: Node | None
    lasting: Span | None
    actions: tuple[CheckedAction, ...]
    alerts: tuple[CheckedText, ...]
    because: CheckedText | None
    at_once: bool
    identity: str
    written: tree.Rule = field(eq=False, repr=False)
    source: Source = field(eq=False, repr=False)

    @property
    def endures(self) -> bool:
        """Whether the rule has an end of its own (`until` or `for`)."""
        return self.until is not None or self.lasting is not None


@frozen
class CheckedTarget:
    """One target: kind, bounds and brakes (`None`: no such brake). Cooldowns are in seconds."""

    name: str
    kind: Kind
    low: float
    high: float
    band: float | None = None
    step_up: float | None = None
    step_down: float | None = None
    cooldown_up: int | None = None
    cooldown_down: int | None = None

    @property
    def range(self) -> float:
        """The distance between the bounds."""
        return self.high - self.low


@frozen
class Need:
    """A market field that the rules read: of this asset (`None`) or of a named one."""

    asset: str | None
    field: Field


Meanings = Mapping[tuple[int, int | None, str | None], Node]
"""The nodes of what was written, by identity of the syntax node, frame, and rule whose exit it stands in."""


@frozen(eq=False)
class Program:
    """What a rule file means for one asset.

    `order` lists nodes and, by their names, rules, in the order in which a step works them off.
    """

    asset: str | None
    bars: int | None
    order: tuple[Node | str, ...]
    rules: tuple[CheckedRule, ...]
    targets: Mapping[str, CheckedTarget]
    otherwise: Mapping[str, Node]
    needs: tuple[Need, ...]
    _meanings: Callable[[], Meanings]
    lets: Mapping[str, tree.Let]
    params: Mapping[str, ParamValue]

    @property
    def meanings(self) -> Meanings:
        """The node of what was written; put together when it is first asked for."""
        return self._meanings()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes, children before parents."""
        return tuple(item for item in self.order if not isinstance(item, str))
