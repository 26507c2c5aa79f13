"""Reading a checked file: what a written expression means where it stands, and how its clock is called."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from rulelang.check import CheckedRules
from rulelang.check.checked import Applied, CheckedRule, FieldValue, Held, Moved, Node, Program, Span
from rulelang.check.exact import exact_value
from rulelang.check.summary import children
from rulelang.check.walk import everything
from rulelang.explain import amounts
from rulelang.fields import Field
from rulelang.kinds import Kind
from rulelang.syntax import tree

DAY, WEEK = 86_400, 604_800


@frozen
class Where:
    """Where an expression stands: on which longer bars (`@`), in whose exit; `rate`: the period in seconds that a
    written percentage takes from the rate beside it."""

    frame: int | None = None
    exit_of: str | None = None
    rate: int | None = None

    def beside(self, *kinds: Kind | None) -> "Where":
        """Return the place of values that are put side by side."""
        units = (kind.unit for kind in kinds if kind is not None and kind.name == "rate")
        return evolve(self, rate=next((unit for unit in units if isinstance(unit, int)), None))

    @property
    def alone(self) -> "Where":
        """The place of a value that nothing stands beside."""
        return evolve(self, rate=None) if self.rate is not None else self


@frozen
class Beat:
    """What the periods of a clock are called, one and several, and how long one is (`None`: not known)."""

    one: str
    many: str
    seconds: int | None
    by_itself: bool = False

    def times(self, count: int) -> str:
        """Return so many periods: `three settlements`."""
        return amounts.counted(count, self.one, self.many)

    def count(self, span: Span) -> int:
        """Return how many periods a rule's span has."""
        return span.bars if span.bars is not None else (span.seconds or 0) // (self.seconds or 1)

    def length(self, count: int) -> str:
        """Return how long they are, where the count doesn't say it already."""
        return "" if self.seconds is None or self.by_itself else amounts.duration(count * self.seconds)


def completed(seconds: int) -> Beat:
    """Return the periods of `@` and of `for n periods of`: completed ones, counted in UTC."""
    if seconds in (DAY, WEEK):
        unit = "day" if seconds == DAY else "week"
        return Beat(f"completed {unit}", f"completed {unit}s", seconds, by_itself=True)
    long = amounts.duration(seconds)
    return Beat(f"completed period of {long}", f"completed periods of {long}", seconds)


def adjective(seconds: int | None) -> str:
    """Return how bars of a length are called: `daily`, `8-hour`."""
    known = {None: "", 3600: "hourly", DAY: "daily", WEEK: "weekly"}
    if seconds in known:
        return known[seconds]
    assert seconds is not None
    for unit, size in (("day", DAY), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            return f"{seconds // size}-{unit}"
    return f"{seconds}-second"


class Reading:
    """The programs of a file, one an asset; the first one stands for all where they agree.

    `rules`: by name and asset. `own`: the params that have a value of their own for an asset, with that asset.
    """

    def __init__(self, rules: CheckedRules) -> None:
        self.programs: Mapping[str | None, Program] = rules.programs
        self.program = next(iter(rules.programs.values()))
        declared = (placed.statement for placed in rules.statements)
        params = [one for one in declared if isinstance(one, tree.Param)]
        self.rules: dict[str, dict[str | None, CheckedRule]] = {}
        for asset, program in rules.programs.items():
            for rule in program.rules:
                self.rules.setdefault(rule.name, {})[asset] = rule
        self.own = {(one.name.text, other.asset.text) for one in params for other in one.by_asset}

    def node(self, written: tree.Expression, where: Where, program: Program | None = None) -> Node | None:
        """Return what was made of an expression; `None` for what stands for no value, such as the name of an event."""
        meanings = (program or self.program).meanings
        places = ((where.frame, where.exit_of), (where.frame, None), (None, None))
        return next((meanings[id(written), *place] for place in places if (id(written), *place) in meanings), None)

    def kind(self, written: tree.Expression, where: Where) -> Kind | None:
        """Return the kind of an expression."""
        node = self.node(written, where)
        return None if node is None else node.kind

    def fixed(self, written: tree.Expression, where: Where) -> dict[str | None, Fraction]:
        """Return the value of a constant by asset; nothing where it isn't one."""
        found = {asset: self.node(written, where, program) for asset, program in self.programs.items()}
        values = {asset: None if node is None else exact_value(node) for asset, node in found.items()}
        return {asset: value for asset, value in values.items() if value is not None}

    def first(self, written: tree.Expression) -> Fraction:
        """Return the value of a constant, of the first asset where they differ."""
        return next(iter(self.fixed(written, Where()).values()))

    def frame(self, period: tree.Duration | tree.Name) -> int | None:
        """Return the seconds of `@`; `None` where it is the base period."""
        seconds = int(self.first(period))
        return None if seconds == self.program.bars else seconds

    # --- clocks

    @property
    def bar(self) -> Beat:
        """The periods of the base clock."""
        return Beat("bar", "bars", self.program.bars)

    def beat(self, node: Node) -> Beat:
        """Return what the periods of a node's clock are called."""
        if node.clock.name != "each":
            return self.bar
        assert node.clock.period is not None
        if isinstance(node, Held) and node.each is not None:
            return completed(node.clock.period)
        published = {one.published for one in _published(node) if one.every == node.clock.period}
        if len(published) != 1 or any(map(on_longer_bars, below(node))):
            return completed(node.clock.period)
        (name,) = published
        return Beat(name, f"{name}s", node.clock.period)

    def window(self, written: tree.Expression, where: Where, size: tree.Expression | tree.PeriodSpan) -> "Window":
        """Return the window of a call, of a `for`, or of `over`, by asset."""
        counts: dict[str | None, int] = {}
        beat = self.beat_of_window(written, where)
        for asset, program in self.programs.items():
            node = self.node(written, where, program)
            match node:
                case Applied(window=int() as count) | Moved(back=int() as count) | Held(out_of=count):
                    counts[asset] = count
        return Window(beat, counts, params(size, self.program))

    def beat_of_window(self, written: tree.Expression, where: Where) -> Beat:
        """Return what the periods of a window are called."""
        node = self.node(written, where)
        assert node is not None
        if isinstance(node, Moved) and node.clock.name == "mixed":
            node = node.value
        if isinstance(node, Held):
            return completed(node.each) if node.each is not None else self.beat(node.condition)
        if isinstance(node, Moved):
            return self.beat(node.value)
        return self.beat(node)


@frozen
class Window:
    """So many periods, by asset; `names`: the params that set the number."""

    beat: Beat
    counts: Mapping[str | None, int]
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """The number of periods, of the first asset where they differ."""
        return next(iter(self.counts.values()))

    @property
    def text(self) -> str:
        """The window alone: `three bars (3 hours)`."""
        return f"{self.beat.times(self.count)}{self.remark()}"

    @property
    def lasting(self) -> str:
        """The window as a time: `18 hours (18 bars)`, as far as that says all of it."""
        if self.beat.many != "bars" or self.beat.seconds is None or len(set(self.counts.values())) > 1 or self.names:
            return self.text
        return f"{amounts.duration(self.time)} ({self.beat.times(self.count)})"

    @property
    def last(self) -> str:
        """The window up to now: `the last 200 bars (8 days and 8 hours)`."""
        return self.latest(self.beat.one, self.beat.many)

    def latest(self, one: str, many: str) -> str:
        """Return the latest things, one a period: `the last 200 daily closes (200 days)`."""
        things = one if self.count == 1 else amounts.counted(self.count, one, many)
        return f"the last {things}{self.remark(many)}"

    def remark(self, things: str = "") -> str:
        """Return what is to be said of it in parentheses: its length, other assets, the params behind it."""
        beat = self.beat
        told = things in ("", beat.many)
        parts = [beat.length(self.count)] if told or beat.seconds is None else [amounts.duration(self.time)]
        if beat.seconds is None and not told:
            parts = [beat.times(self.count)]
        others = ((asset, n, beat.length(n)) for asset, n in self.counts.items() if n != self.count)
        parts += [f"for {asset} {beat.times(n)}{long and f' or {long}'}" for asset, n, long in others]
        parts += [set_by(self.names)] if self.names else []
        said = ", ".join(part for part in parts if part)
        return f" ({said})" if said else ""

    @property
    def time(self) -> int:
        """How long it is, in seconds."""
        assert self.beat.seconds is not None
        return self.count * self.beat.seconds


def set_by(names: Sequence[str]) -> str:
    """Return which params set something."""
    return f"set by {amounts.listed([f'`{name}`' for name in names])}"


def on_longer_bars(node: Node) -> bool:
    """Say whether a node asks for completed longer periods."""
    each = node.each if isinstance(node, Held) else None
    return getattr(node, "frame", None) is not None or each is not None


def _published(node: Node) -> Iterator[Field]:
    """Yield the published fields that a node reads, but for those on longer bars."""
    for one in below(node):
        if isinstance(one, FieldValue) and one.frame is None and one.field.every is not None:
            yield one.field


def below(node: Node) -> Iterator[Node]:
    """Yield a node and all that it is made of."""
    open_, seen = [node], {id(node)}
    while open_:
        one = open_.pop()
        yield one
        fresh = [child for child in children(one) if id(child) not in seen]
        seen.update(map(id, fresh))
        open_ += fresh


def params(written: tree.Expression | tree.PeriodSpan, program: Program) -> tuple[str, ...]:
    """Return the params that an expression or a span names."""
    match written:
        case tree.Lasting():
            parts: list[tree.Expression] = [written.duration]
        case tree.Periods():
            parts = [part for part in (written.count, written.out_of, written.each) if part is not None]
        case _:
            parts = list(everything(written))
    names = [part.text for part in parts if isinstance(part, tree.Name) and part.text in program.params]
    return tuple(dict.fromkeys(names))
