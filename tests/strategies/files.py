"""Valid rule files as syntax trees: declarations, targets with brakes, rules of every form, `otherwise`."""

from attrs import evolve, frozen
from hypothesis import strategies as st

from rulelang.syntax import printed, tree
from tests.strategies.conditions import ConditionMaker
from tests.strategies.drawing import Draw, Drawing
from tests.strategies.grounds import HOUR, Ground
from tests.strategies.shapes import SUM, Made, fit
from tests.strategies.values import Known, Where

_LET_NAMES = ("trend", "x", "level", "up", "shelf", "once")
_RULE_NAMES = ("crowded", "broken", "calm", "late", "panic", "drift")
_LET_KINDS = ("price", "condition", "ratio", "rate", "number", "coins", "score")

_HEDGE_BOUNDS = (("0%", "120%"), ("0%", "100%"), ("20%", "80%"), ("-50%", "50%"))
_OTHERS = (
    ("leverage", "number", "0.5", "3", ("1", "2", "0.5", "3", "5")),
    ("spot_weight", "ratio", "10%", "90%", ("50%", "10%", "90%", "25%")),
    ("inventory", "coins", "-20 BTC", "20 BTC", ("5", "10 BTC", "0", "-5", "20")),
    ("cash", "money", "0 USD", "1_000_000 USD", ("1_000 USD", "500", "0", "1_000_000 USD")),
)
_LEVELS = ("50%", "80%", "0%", "100%", "60%", "70%", "25%", "150%", "10%")


@frozen
class Written:
    """A generated file: its tree, the ground it stands on, and the fields that it reads."""

    file: tree.File
    ground: Ground
    fields: frozenset[str]

    @property
    def text(self) -> str:
        """The file as text."""
        return printed(self.file)

    @property
    def rules(self) -> list[tree.Rule]:
        """Its rules, in order."""
        return [statement for statement in self.file.statements if isinstance(statement, tree.Rule)]


def quantity(text: str) -> tree.Expression:
    """Return the node of a value as it is written: `-5 BTC`, `50%`, `0`."""
    if text.startswith("-"):
        return tree.Negative(quantity(text[1:]))
    number, _, unit = text.partition(" ")
    if unit:
        return tree.Quantity(number, unit)
    return tree.Percent(number) if number.endswith("%") else tree.Number(number)


class _Writer(ConditionMaker):
    def __init__(self, d: Drawing, ground: Ground) -> None:
        super().__init__(d, ground)
        self.levels: dict[str, tuple[str, ...]] = {"hedge": _LEVELS}
        self.statements: list[tree.Statement] = []

    # --- declarations

    def head(self) -> None:
        ground = self.ground
        if ground.assets:
            self.statements.append(tree.Assets(tuple(map(tree.Asset, ground.assets))))
        if ground.said:
            self.statements.append(tree.Bars(tree.Duration(ground.written)))
        self.statements += ground.declarations

    def target(self) -> None:
        d = self.d
        if not d.once_in(3):
            bounds = d.pick(_HEDGE_BOUNDS) if not d.once_in(4) else None
            limits = None if bounds is None else tree.Limits(quantity(bounds[0]), quantity(bounds[1]))
            brakes = self.brakes(("10%", "25%", "5%", "33%"))
            self.statements.append(tree.Target(tree.Name("hedge"), limits, brakes))
        if d.once_in(3):
            name, kind, low, high, levels = d.pick(_OTHERS)
            self.targets[name] = kind
            self.levels[name] = levels
            sizes = tuple(text for text in levels if not text.startswith(("0", "-")))[:3] or ("1",)
            node = tree.Target(tree.Name(name), tree.Limits(quantity(low), quantity(high)), self.brakes(sizes))
            self.statements.append(node)

    def brakes(self, sizes: tuple[str, ...]) -> tuple[tree.Brake, ...]:
        d, found = self.d, []
        if d.once_in(2):
            found.append(tree.Brake("band", quantity(d.pick(sizes)), ""))
        for what in ("step", "cooldown"):
            if d.once_in(2):
                continue
            for direction in d.pick((("",), ("up",), ("down",), ("up", "down"))):
                value: tree.Expression = quantity(d.pick(sizes)) if what == "step" else self.pause()
                found.append(tree.Brake("step" if what == "step" else "cooldown", value, direction))
        return tuple(found)

    def pause(self) -> tree.Expression:
        waits = [param for param in self.params if param.kind == "wait"]
        if waits and self.d.once_in(2):
            return tree.Name(waits[0].name)
        return tree.Duration(self.d.pick(("8h", "2h", "1d", "90m")))

    def param(self) -> None:
        d = self.d
        form = d.pick(
            (
                ("hot", "ratio", "0.05%", ("0%", "1%"), "0.06%"),
                ("window", "count", "3", ("1", "10"), "2"),
                ("wait", "wait", "24h", ("1h", "48h"), "8h"),
                ("strike", "price", "100 USD", ("1 USD", "1_000 USD"), "105 USD"),
                ("factor", "number", "1.5", ("-5", "5"), "2"),
                ("dear", "rate", "40% per 1y", ("0% per 1y", "1% per 8h"), "0.02% per 8h"),
            )
        )
        name, kind, value, ends, other = form
        if any(known.name == name for known in self.params):
            return
        by_asset: tuple[tree.AssetValue, ...] = ()
        if self.ground.assets and d.once_in(2):
            by_asset = (tree.AssetValue(tree.Asset(d.pick(self.ground.assets)), _constant(other)),)
        limits = tree.Limits(_constant(ends[0]), _constant(ends[1])) if d.once_in(2) else None
        self.statements.append(tree.Param(tree.Name(name), _constant(value), by_asset, limits))
        self.params.append(Known(name, kind, Made(tree.Name(name))))

    def event(self) -> None:
        dates = self.d.some(
            lambda: tree.Moment(self.d.pick(("2026-01-06T13:30Z", "2026-01-05T20:00Z", "2026-01-08"))), 0, 2
        )
        name = ("cpi", "fomc")[len(self.events)]
        self.statements.append(tree.Event(tree.Name(name), tuple(dict.fromkeys(dates))))
        self.events.append(name)

    def let(self) -> None:
        d = self.d
        name = _LET_NAMES[len(self.lets)]
        kind = d.pick(_LET_KINDS)
        targets = d.once_in(4)
        where = Where(targets=targets)
        made = self.condition(2, where) if kind == "condition" else self.value(kind, 2, where)
        self.statements.append(tree.Let(tree.Name(name), made.node))
        self.lets.append(Known(name, kind, made, framed=self._has_frame(made.node), targets=targets))

    def _has_frame(self, node: tree.Expression) -> bool:
        text = printed(node)
        framed = [let.name for let in self.lets if let.framed]
        return "@" in text or any(name in text for name in framed)

    # --- rules

    def amount(self, target: str, trigger: bool) -> tree.Expression:
        d = self.d
        kind = self.targets[target]
        if d.once_in(4) and kind in ("ratio", "coins", "number"):
            made = self.value(kind, 1, Where(trigger=trigger, targets=False))
            return fit(made.node, SUM)
        return quantity(d.pick(self.levels[target]))

    def action(self) -> tree.Action:
        d = self.d
        target = d.pick(tuple(self.targets))
        name, form = tree.Name(target), d.number(0, 9)
        if form <= 3:
            return tree.SetLevel(name, self.amount(target, True))
        if form == 4:
            return tree.Floor(name, self.amount(target, True))
        if form == 5:
            return tree.Cap(name, self.amount(target, True))
        if form == 6:
            return tree.Corridor(name, self.amount(target, True), self.amount(target, True))
        if form == 7:
            return tree.Freeze(name)
        return self.adjust(name)

    def adjust(self, name: tree.Name) -> tree.Action:
        d = self.d
        verb = d.pick(("increase", "reduce"))
        ratio = self.targets[name.text] == "ratio"
        share = d.pick(("exposure", "level")) if ratio else d.pick(("", "level"))
        value = quantity(d.pick(_LEVELS)) if share == "level" else self.amount(name.text, True)
        return tree.Adjust(verb, name, value, share)

    def text(self) -> tree.Text:
        pieces: list[str | tree.Expression] = ["gave way"]
        if self.d.once_in(2):
            kind = self.d.pick(("price", "rate", "ratio", "number"))
            pieces = ["at ", self.value(kind, 1, Where(trigger=True)).node, "!"]
        return tree.Text(tuple(pieces))

    def scope(self) -> tree.Scope | None:
        if not self.ground.assets or not self.d.once_in(4):
            return None
        return tree.Scope(self.d.once_in(2), (tree.Asset(self.d.pick(self.ground.assets)),))

    def rule(self) -> None:
        d = self.d
        named = not d.once_in(8)
        condition = self.condition(d.number(1, 3), Where())
        actions: list[tree.Action] = d.some(self.action, 1, 2)
        if d.once_in(6):
            actions.append(tree.Alert(self.text()))
        lasting = until = None
        if condition.momentary or d.once_in(3):
            until, lasting = self.ends(condition)
        because = self.text() if d.once_in(5) else None
        name = _RULE_NAMES[len(self.rules)]
        self.statements.append(
            tree.Rule(
                tree.Name(name) if named else None,
                self.scope() if named else None,
                condition.node,
                tuple(actions),
                d.once_in(5),
                lasting,
                until,
                because,
            )
        )
        if named:
            self.rules.append(name)
        else:
            self.rules.append(self.rules[-1]) if self.rules else None

    def ends(self, condition: Made) -> tuple[tree.Expression | None, tree.PeriodSpan | None]:
        d = self.d
        which = d.number(0, 2)
        until = lasting = None
        if which != 1:
            made = self.condition(d.number(1, 2), Where(trigger=True))
            until = made.node
        if which != 0:
            lasting = self.lasting(condition)
        return until, lasting

    def lasting(self, condition: Made) -> tree.PeriodSpan:
        d, bars = self.d, self.ground.bars
        form = d.number(0, 3)
        if form == 0 and not condition.mixed:
            return tree.Periods(tree.Number(str(d.number(1, 5))))
        if form == 1 and 86_400 % bars == 0:
            return tree.Periods(tree.Number(str(d.number(1, 2))), None, tree.Duration("1d"))
        return tree.Lasting(tree.Duration(f"{bars * d.number(1, 6) // (HOUR // 60)}m"))

    def otherwise(self) -> None:
        d = self.d
        done: set[str] = set()
        for _ in range(d.number(0, 2)):
            target = d.pick(tuple(self.targets))
            if target not in done:
                done.add(target)
                value = self.amount(target, False)
                self.statements.append(tree.Otherwise(None, (tree.SetLevel(tree.Name(target), value),)))
        if self.ground.assets and d.once_in(4):
            only = tree.Scope(False, (tree.Asset(self.ground.assets[0]),))
            level = tree.SetLevel(tree.Name("hedge"), quantity(d.pick(_LEVELS)))
            self.statements.append(tree.Otherwise(only, (level,)))


def _constant(text: str) -> tree.Expression:
    rate, _, period = text.partition(" per ")
    if period:
        return tree.Rate(rate, period)
    if text[-1] == "h":
        return tree.Duration(text)
    return quantity(text)


def _written(d: Drawing, ground: Ground, most: int) -> Written:
    writer = _Writer(d, ground)
    writer.head()
    for make, count in ((writer.param, 3), (writer.event, 2)):
        for _ in range(d.number(0, count)):
            make()
    writer.target()
    for _ in range(d.number(0, 4)):
        writer.let()
    for _ in range(d.number(1, most)):
        writer.rule()
    writer.otherwise()
    return Written(tree.File(tuple(writer.statements)), ground, frozenset(writer.used))


@st.composite
def files(draw: Draw, ground: st.SearchStrategy[Ground], most: int = 5) -> Written:
    """Generate a rule file on a ground, with up to so many rules."""
    return _written(Drawing(draw), draw(ground), most)


__all__ = ["Written", "evolve", "files"]
