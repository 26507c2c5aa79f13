"""Elaborating expressions: from what was written to checked nodes, kinds and clocks known."""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from math import gcd

from attrs import evolve, fields, frozen

from rulelang.check import literals
from rulelang.check.checked import (
    CONSTANT,
    MIXED,
    SUPPLIED,
    Arithmetic,
    AtTrigger,
    Clock,
    Constant,
    FieldValue,
    Negated,
    Node,
    ParamValue,
    Scaled,
    TargetValue,
    TimeValue,
)
from rulelang.check.clashes import Side, hundredfold, kinds_clash
from rulelang.check.exact import computed, exact_value, representable
from rulelang.check.memory import Recall
from rulelang.check.names import MEMBERS, Names, unknown
from rulelang.check.report import Report
from rulelang.check.work import Work
from rulelang.fields import Field
from rulelang.kinds import (
    CONDITION,
    DURATION,
    NUMBER,
    PRICE,
    RATIO,
    TIME,
    ZERO,
    Clash,
    Kind,
    coins,
    combine,
    duration_text,
    quote,
    rate,
    unify,
)
from rulelang.syntax import tree
from rulelang.syntax.vocabulary import CURRENCIES
from rulelang.text import TOP, Fix, Severity, Shown, Source

_EXAMPLES = {
    "ratio": "a ratio is written as a percentage, such as `50%`",
    "rate": "a rate is written as a percentage, such as `0.05%`, or with its period, `0.05% per 8h`",
    "duration": "a duration is a number with its unit, such as `8h`",
    "price": "a price is a number, such as `65_000`, or a price of the market, such as `close`",
    "number": "a number is written as it is, such as `3`",
}


@frozen
class Place:
    """Where an expression stands: on which longer bars, in which rule's exit, and whose trigger it may ask for."""

    frame: int | None = None
    exit_of: str | None = None
    trigger: str | None = None
    after: bool = False

    @property
    def inside(self) -> "Place":
        """The place of a value in a condition: a `for` in it no longer counts from a rule's start."""
        return evolve(self, exit_of=None) if self.exit_of is not None else self


class Elaborator(Work):
    """Turns the expressions of one file into nodes, interned, in the order in which a step works them off."""

    def __init__(self, names: Names, report: Report, recall: Recall) -> None:
        super().__init__(names, report, recall)
        self.where: dict[str, tuple[tree.Let | tree.Param | tree.Event, Source]] = {}

    # --- the frame of every elaboration

    def intern(self, node: Node) -> Node:
        """Return the one node that is equal to this."""
        kind: type = type(node)
        key = (kind, *(_identity(getattr(node, name)) for name in _attributes(kind)))
        interned = self.recall.interned
        known = interned.get(key)
        if known is None:
            interned[key] = known = node
        self._found.order.append(known)
        return known

    def meaning(self, written: tree.Expression, exit_of: str | None) -> Node | None:
        """Return the node that an expression was given, on bars of the base period."""
        meanings = self._found.meanings
        return meanings.get((id(written), None, exit_of)) or meanings.get((id(written), None, None))

    def any(self, written: tree.Expression, place: Place) -> Node | None:
        """Return the node of an expression of any kind, or `None` where it is mistaken (and that has been said)."""
        key = (id(written), place)
        found = self._found
        if key in found.done:
            return found.done[key][1]  # type: ignore[no-any-return]
        from rulelang.check import conditions  # the two halves of the language know each other

        node = conditions.elaborate(self, written, place) if is_condition(written) else self._value(written, place)
        if node is not None:
            node = self.intern(node)
            found.meanings[(id(written), place.frame, place.exit_of)] = node
        found.done[key] = written, node  # what was written is kept, so that nothing else gets its identity
        return node

    def value(self, written: tree.Expression, place: Place) -> Node | None:
        """Return the node of an expression that has to be a value."""
        node = self.any(written, place.inside)
        if node is not None and node.kind == CONDITION:
            message = f"`{text(written)}` is a condition, where a value is wanted"
            why = "`if(condition, a, b)` makes a value of one, `count(condition, n)` counts how often it was true"
            self.report.error("RL303", written.span, message, why)
            return None
        return node

    def condition(self, written: tree.Expression, place: Place) -> Node | None:
        """Return the node of an expression that has to be a condition."""
        node = self.any(written, place)
        if node is None or node.kind == CONDITION:
            return node
        why = "only what is true or false can be asked; compare the value with something"
        if node.kind.name == "word":
            assert isinstance(node.kind.unit, tuple)
            why = f"ask which word it is: `{text(written)} is {node.kind.unit[0]}`"
        message = f"`{text(written)}` is a {node.kind}, where a condition is wanted"
        self.report.error("RL303", written.span, message, why)
        return None

    def number(self, exact: Fraction, kind: Kind) -> Node:
        """Return the node of a constant."""
        return self.intern(Constant(exact, kind=kind))

    # --- clocks

    @property
    def base(self) -> Clock:
        """The clock of the bars."""
        return Clock("base", self.names.bars)

    def clock(self, period: int | None) -> Clock:
        """Return the clock of a period in seconds; `None` is the base period."""
        return self.base if period is None or period == self.names.bars else Clock("each", period)

    def seconds(self, clock: Clock) -> int | None:
        """Return how far apart two observations of a clock are."""
        return clock.period if clock.name == "each" else self.names.bars

    # --- values

    def _value(self, written: tree.Expression, place: Place) -> Node | None:
        match written:
            case tree.Parentheses():
                return self.any(written.inner, place)
            case tree.Name():
                return self._name(written, place)
            case tree.OtherAsset():
                return self._other_asset(written, place)
            case tree.Member():
                return self._member(written, place)
            case tree.Call():
                from rulelang.check import calls

                return self._at_trigger(written, place) if is_trigger(written) else calls.call(self, written, place)
            case tree.AtClock():
                return self._at_clock(written, place)
            case tree.Negative():
                return self._negative(written, place)
            case tree.Binary():
                return self._binary(written, place)
            case _:
                return self._literal(written)

    def _literal(self, written: tree.Expression) -> Node | None:
        match written:
            case tree.Number():
                value = literals.number(written, written.text, self.report)
                return None if value is None else Constant(value, kind=ZERO if value == 0 else NUMBER)
            case tree.Percent():
                value = literals.number(written, written.text, self.report)
                return None if value is None else Constant(value, kind=RATIO)
            case tree.Rate():
                value = literals.number(written, written.percent, self.report)
                per = literals.duration(tree.Duration(written.per, written.span), self.report)
                return None if value is None or per is None else Constant(value, kind=rate(per))
            case tree.Duration():
                seconds = literals.duration(written, self.report)
                return None if seconds is None else Constant(Fraction(seconds), kind=DURATION)
            case tree.Quantity():
                value = literals.number(written, written.number, self.report)
                kind = quote(written.unit) if written.unit in CURRENCIES else coins(written.unit)
                return None if value is None else Constant(value, kind=kind)
            case tree.Moment():
                moment = literals.moment(written, self.report)
                return None if moment is None else Constant(Fraction(moment), kind=TIME)
            case _:
                raise AssertionError(written)

    def _name(self, name: tree.Name, place: Place) -> Node | None:
        names, word = self.names, name.text
        if word in names.lets:
            return self._let(word, name, place)
        if word in names.params:
            names.used.add(word)
            return names.params[word]
        if word in names.fields:
            return self.field(None, names.fields[word], place, name)
        if word in names.targets:
            return self._target(name, "in force", place)
        if word in names.broken:
            return None
        if word == "time":
            return TimeValue(kind=TIME, clock=self.clock(place.frame), frame=place.frame)
        if word in names.later:
            message = f"`{word}` is used here, but its `{names.later[word]}` comes further down"
            self.report.error("RL202", name.span, message, "a name means what stands above, so nothing can mean itself")
            names.used.add(word)
            return None
        if word in names.events or word in names.all_rules:
            what, use = (
                ("event", f"within 24h before {word}") if word in names.events else ("rule", f"{word} is active")
            )
            article = "an" if what == "event" else "a"
            message = f"`{word}` is the name of {article} {what}: ask `{use}`"
            self.report.error("RL303", name.span, message, "by itself it has no value", Fix(use, name.span))
            names.used.add(word)
            return None
        unknown("field, let or param", name, names.values(), names, self.report)
        return None

    def _let(self, word: str, name: tree.Name, place: Place) -> Node | None:
        entry = self.names.lets[word]
        self.names.used.add(word)
        if place.frame is not None and entry.longer is not None:
            message = f"`{word}` is already on a longer clock (`{text(entry.longer)}`): `@` doesn't go into `@`"
            self.report.error("RL403", name.span, message, "it has its bars already: write it without `@`")
            return None
        place = Place(frame=place.frame, exit_of=place.exit_of)  # a let asks for no trigger
        before = self.report.source
        try:
            fresh = any((id(self.names.lets[name].statement), place) not in self.passed for name in entry.lets)
            for below in self.names.below(entry) if fresh else ():  # so that a long chain is no deep one
                self.report.source = below.source
                self.let_value(below.statement, place)
            self.report.source = entry.source
            return self.let_value(entry.statement, place)
        finally:
            self.report.source = before

    def let_value(self, let: tree.Let, place: Place) -> Node | None:
        """Return the node of a let in a place."""
        elsewhere = place != Place() or self.recall.apart
        node: Node | None = self.remembered(let, place, lambda: self.any(let.value, place), elsewhere)
        return node

    def _coarse(self, record: Field, written: tree.Expression) -> None:
        """Warn, once a field, that bars are longer than the time between its publications."""
        assert record.every is not None and self.names.bars is not None
        every, bars = duration_text(record.every), duration_text(self.names.bars)
        message = f"`{record.name}` comes every `{every}`, but a bar is `{bars}`: each bar is one observation of it"
        why = f"of the values inside a bar only one counts, so `3 periods` are three bars of {bars}"
        about = record.name, id(self.recall)
        self.report.once(about, Severity.WARNING, "RL412", written.span, message, why)

    def field(self, asset: str | None, record: Field, place: Place, written: tree.Expression) -> Node:
        """Return the node of a market field."""
        self.need(asset, record)
        period = place.frame
        if period is None and record.every is not None and not (self.names.bars and record.every < self.names.bars):
            period = record.every
        if record.every is not None and self.names.bars is not None and record.every < self.names.bars:
            self._coarse(record, written)
        return FieldValue(asset, record, kind=record.kind, clock=self.clock(period), frame=place.frame)

    def _other_asset(self, written: tree.OtherAsset, place: Place) -> Node | None:
        word = written.field.text
        if word not in self.names.fields:
            if word in self.names.targets:
                message = f"the targets of another asset can't be read: `{text(written)}`"
                self.report.error("RL201", written.span, message, "each asset is decided by itself")
                return None
            unknown("field", written.field, list(self.names.fields), self.names, self.report)
            return None
        self.names.used.add(word)
        asset = written.asset.text
        own = self.names.assets == (asset,)
        return self.field(None if own else asset, self.names.fields[word], place, written)

    def _member(self, written: tree.Member, place: Place) -> Node | None:
        owner, member = written.owner.text, written.member.text
        if owner not in self.names.targets:
            unknown("target", written.owner, list(self.names.targets), self.names, self.report)
            return None
        if member not in MEMBERS:
            unknown(f"value of `{owner}` called", written.member, list(MEMBERS), self.names, self.report)
            return None
        return self._target(written.owner, member, place)

    def _target(self, name: tree.Name, what: str, place: Place) -> Node:
        target = self.names.targets[name.text]
        kind = {"age": DURATION, "price": PRICE, "entry": PRICE}.get(what, target.kind)
        self.read(name.text)
        if what in SUPPLIED:
            self.need(None, Field(f"{name.text}.{what}", kind, "from the host"))
        if what == "price":
            self.need(None, self.names.fields["close"])
        return TargetValue(name.text, what, kind=kind, clock=self.clock(place.frame), frame=place.frame)

    def _at_trigger(self, written: tree.Call, place: Place) -> Node | None:
        if place.trigger is None:
            message = "`at_trigger` stands in `until`, in actions and in texts only"
            self.report.error(
                "RL206", written.span, message, "before a rule starts there is no trigger to look back to"
            )
            return None
        if len(written.arguments) != 1:
            message = f"`at_trigger` takes 1 argument, here it has {len(written.arguments)}"
            why = "it asks for one value as it was when the rule started, as in `at_trigger(close)`"
            self.report.error("RL205", written.span, message, why)
            return None
        inner = self.value(written.arguments[0], Place(frame=place.frame))
        if inner is None:
            return None
        return AtTrigger(place.trigger, inner, place.after, kind=inner.kind)

    def _at_clock(self, written: tree.AtClock, place: Place) -> Node | None:
        if place.frame is not None:
            message = f"`{text(written)}` stands inside `@{duration_text(place.frame)}`: `@` doesn't go into `@`"
            self.report.error("RL403", written.span, message, "bars of a day are made of bars of the base period")
            return None
        period = self.period(written.period)
        if period is None or not self.whole_bars(period, written.period, "`@`"):
            return None
        frame = None if period == self.names.bars else period
        return self.any(written.inner, evolve(place, frame=frame))

    def _negative(self, written: tree.Negative, place: Place) -> Node | None:
        inner = self.value(written.inner, place)
        if inner is None:
            return None
        if inner.kind.name in ("time", "word"):
            why = "only a quantity can be turned round"
            self.report.error("RL301", written.span, f"a {inner.kind} has no negative", why)
            return None
        if isinstance(inner, Constant) and isinstance(inner.exact, Fraction):
            return Constant(-inner.exact, kind=inner.kind)
        exact = exact_value(inner)
        return Negated(inner, None if exact is None else -exact, kind=inner.kind, clock=inner.clock)

    def _binary(self, written: tree.Binary, place: Place) -> Node | None:
        left, right = self.value(written.left, place), self.value(written.right, place)
        if left is None or right is None:
            return None
        operator = written.operator
        sides = Side(written.left, left), Side(written.right, right)
        kind = _one_beside_ratio(operator, *sides) or combine(operator, left.kind, right.kind)
        if _loose_ratio(operator, left, right):
            kind = Clash("only a written percentage takes the period of the rate beside it")
        if isinstance(kind, Clash):
            if operator not in "+-" or not hundredfold(self.report, *sides, written):
                kinds_clash(self.report, operator, *sides, kind)
            return None
        left, right = self._joined(operator, left, right)
        exact = computed(operator, exact_value(left), exact_value(right))
        return Arithmetic(operator, left, right, exact, kind=kind, clock=merged((left, right)))

    def _joined(self, operator: str, left: Node, right: Node) -> tuple[Node, Node]:
        """Return both sides with rates on one period, and a duration beside a rate in periods of it."""
        if operator == "*":
            if left.kind.name == "rate" and right.kind == DURATION:
                return left, self.scaled(right, 1, _period(left), NUMBER)
            if right.kind.name == "rate" and left.kind == DURATION:
                return self.scaled(left, 1, _period(right), NUMBER), right
            return left, right
        return self.aligned(left, right)

    def aligned(self, left: Node, right: Node) -> tuple[Node, Node]:
        """Return two values with their rates on one period: the computed one's, or the left one's (C08)."""
        if left.kind.name != "rate" or right.kind.name != "rate" or left.kind == right.kind:
            return left, right
        if exact_value(left) is not None and exact_value(right) is None:
            return self.on_period(left, _period(right)), right
        return left, self.on_period(right, _period(left))

    def on_period(self, node: Node, period: int) -> Node:
        """Return a rate on another period: a constant converted as a decimal, rounded once; a computed one scaled."""
        return self.scaled(node, period, _period(node), rate(period))

    def scaled(self, node: Node, times: int, by: int, kind: Kind) -> Node:
        """Return a value times one number and divided by another, exactly where it is constant."""
        if times == by and kind == node.kind:
            return node
        shared = gcd(times, by)
        times, by = times // shared, by // shared
        if isinstance(node, Constant) and isinstance(node.exact, Fraction):
            return self.number(representable(node.exact * times / by), kind)
        if isinstance(node, ParamValue):
            return self.intern(evolve(node, exact=representable(node.exact * times / by), kind=kind))
        exact = exact_value(node)
        exact = None if exact is None else representable(exact * times / by)
        return self.intern(Scaled(node, times, by, exact, kind=kind, clock=node.clock))

    # --- durations and counts

    def period(self, written: tree.Duration | tree.Name) -> int | None:
        """Return the seconds of a duration or of a param that is one."""
        node = self.any(written, Place())
        if node is None:
            return None
        value = exact_value(node)
        if value is None or node.kind != DURATION:
            message = f"`{text(written)}` is {a(node.kind)}, where a duration is wanted, such as `8h`"
            self.report.error(
                "RL301", written.span, message, "a duration has `m`, `h`, `d`, `w` or `y` behind its number"
            )
            return None
        if value <= 0 or value.denominator != 1:
            message = f"`{text(written)}` comes to {float(value):g} seconds: write a duration such as `8h`"
            self.report.error("RL405", written.span, message, "a duration is whole seconds, and more than none")
            return None
        return int(value)

    def whole_bars(self, period: int, written: tree.Expression, what: str) -> bool:
        """Say whether a duration is a whole number of bars, with a diagnostic where it isn't."""
        bars = self.names.bars
        if bars is None:
            self.bars_wanted(written)
            return False
        if period % bars == 0:
            return True
        shown, base = duration_text(period), duration_text(bars)
        message = f"{what} takes a whole number of bars, but `{shown}` is not a multiple of the base period `{base}`"
        below, above = period // bars * bars, (period // bars + 1) * bars
        fixes = (Fix(duration_text(one), written.span) for one in (below, above) if one)
        self.report.error(
            "RL402", written.span, message, "a longer bar is made of whole bars of the base period", *fixes
        )
        return False

    def bars_wanted(self, written: tree.Expression) -> None:
        """Report, once a file, that a duration needs the base period."""
        message = f"`{text(written)}` needs to know how long a bar is: add a line such as `bars 1h`"
        why = "durations are counted in bars of the data"
        self.report.once("bars", Severity.ERROR, "RL401", written.span, message, why, Fix("bars 1h\n", TOP))

    def fitting(self, want: Kind, written: tree.Expression, place: Place, what: str) -> Node | None:
        """Return the node of a value that is used as a kind: a target's, a brake's, an amount's."""
        node = self.value(written, place)
        if node is None:
            return None
        kind = unify(want, node.kind)
        if isinstance(kind, Kind) and (kind.name == want.name or want.name == "amount"):
            return node
        if not hundredfold(self.report, Side(written, node), Side(written, node, want, what), None):
            message = f"`{text(written)}` is {a(node.kind)}, but {what} is {a(want)}"
            why = _EXAMPLES.get(want.name, "")
            self.report.error("RL301", written.span, message, why)
        return None


@cache
def _attributes(kind: type) -> tuple[str, ...]:
    """Return the names of a node's attributes."""
    return tuple(attribute.name for attribute in fields(kind))


def _identity(value: object) -> object:
    """Return what makes an attribute the same: a node's parts have been interned, so they are themselves."""
    if isinstance(value, tuple):
        return tuple(map(_identity, value))
    return id(value) if isinstance(value, Shown) else value


def is_condition(written: tree.Expression) -> bool:
    """Say whether an expression is a condition by its form."""
    return isinstance(
        written,
        tree.Logic
        | tree.Not
        | tree.Compare
        | tree.Crosses
        | tree.Between
        | tree.Is
        | tree.Moves
        | tree.Within
        | tree.Every
        | tree.For,
    )


def is_trigger(written: tree.Expression) -> bool:
    """Say whether an expression is a call of `at_trigger`."""
    return isinstance(written, tree.Call) and written.function.text == "at_trigger"


def merged(nodes: Iterable[Node]) -> Clock:
    """Return the clock of what is made of these: theirs where they agree, mixed where they don't."""
    clocks = {node.clock for node in nodes} - {CONSTANT}
    if not clocks:
        return CONSTANT
    return clocks.pop() if len(clocks) == 1 else MIXED


def _period(node: Node) -> int:
    assert isinstance(node.kind.unit, int)
    return node.kind.unit


def _loose_ratio(operator: str, left: Node, right: Node) -> bool:
    """Say whether a computed ratio is put beside a rate, whose period nobody could tell."""
    for one, other in ((left, right), (right, left)):
        if operator in "+-" and one.kind.name == "rate" and other.kind == RATIO and exact_value(other) is None:
            return True
    return False


def _one_beside_ratio(operator: str, left: Side, right: Side) -> Kind | None:
    """Return the kind of `ratio ± 1` and `1 ± ratio`."""
    for one, other in ((left, right), (right, left)):
        if operator in "+-" and other.node.kind == RATIO and isinstance(one.node, Constant) and one.node.exact == 1:
            return RATIO if one.node.kind == NUMBER else None
    return None


def text(written: tree.Expression) -> str:
    """Return what was written, shortened for a message."""
    from rulelang.syntax import printed

    whole = printed(written)
    return whole if len(whole) <= 60 else whole[:57] + "…"


def a(kind: Kind) -> str:
    """Return a kind with its article, as a message says it."""
    if kind.name == "number":
        return "a bare number"
    if kind.name == "zero":
        return "0"
    article = "" if kind.name in ("money", "coins") else "an " if kind.name == "amount" else "a "
    return f"{article}{kind.name}"
