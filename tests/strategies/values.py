"""Values of every kind, well-kinded by construction."""

from attrs import evolve, frozen

from rulelang.syntax import tree
from tests.strategies.drawing import Drawing
from tests.strategies.grounds import DAY, HOUR, ROUND, Ground, Series, literal
from tests.strategies.shapes import ATOM, BASE, SUM, UNARY, Made, at_clock, binary, call, fit

FRAMES = {"1h": HOUR, "2h": 2 * HOUR, "8h": 8 * HOUR, "1d": DAY, "12h": 12 * HOUR, "2d": 2 * DAY}

_KEEPING = ("sma", "ema", "highest", "lowest", "previous", "wma", "wilder", "median", "stdev", "percentile")
_OF_ONE = ("abs", "round", "floor", "ceil")
_MEASURABLE = ("price", "coins", "ratio", "number", "score", "money", "rate")


@frozen
class Where:
    """Where an expression stands: on which longer bars, and whether it may ask for a trigger or read targets."""

    frame: int | None = None
    framed: bool = False
    trigger: bool = False
    targets: bool = True


@frozen
class Known:
    """A name that the file has declared: what it is, and the clocks it moves on."""

    name: str
    kind: str
    made: Made
    framed: bool = False
    targets: bool = False


class ValueMaker:
    """Makes values; `condition` is filled in by who knows conditions."""

    def __init__(self, d: Drawing, ground: Ground) -> None:
        self.d, self.ground = d, ground
        self.lets: list[Known] = []
        self.params: list[Known] = []
        self.targets: dict[str, str] = {"hedge": "ratio"}
        self.used: set[str] = set()

    def condition(self, depth: int, where: Where) -> Made:
        """Make a condition."""
        raise NotImplementedError

    # --- leaves

    def threshold(self, kind: str) -> tree.Expression:
        """Return a literal, or a param, of a kind."""
        d = self.d
        if kind == "duration":
            return tree.Duration(d.pick(("8h", "24h", "2h", "3d")))
        if kind == "time":
            return tree.Moment(d.pick(("2026-01-06", "2026-01-05T12:00Z", "2026-01-07T03:30-05:00")))
        fitting = [param for param in self.params if param.kind == kind or (param.kind, kind) == ("ratio", "rate")]
        if fitting and d.once_in(2):
            return tree.Name(d.pick(fitting).name)
        text = d.pick(ROUND[kind])
        if kind in ("price", "money") and d.once_in(5):
            return tree.Quantity(text, "USD")
        if kind == "coins" and d.once_in(4):
            return tree.Quantity(text, "BTC")
        if kind == "rate" and d.once_in(4):
            return tree.Rate(text, d.pick(("8h", "4h", "1y")))
        return tree.Negative(literal(text)) if kind in ("rate", "number") and d.once_in(4) else literal(text)

    def _field(self, series: Series, where: Where, asset: str | None = None) -> Made:
        period: int | str | None = where.frame
        if period is None and series.every is not None and series.every > self.ground.bars:
            period = series.every
        self.used.add(series.name if asset is None else f"{asset}.{series.name}")
        name = tree.Name(series.name)
        node: tree.Expression = name if asset is None else tree.OtherAsset(tree.Asset(asset), name)
        return Made(node, frozenset({period or BASE}))

    def field(self, kind: str, where: Where) -> Made | None:
        """Return a market field of a kind, now and then of another asset, or nothing where there is none."""
        d = self.d
        choices = self.ground.of(kind)
        if not choices:
            return None
        if kind == "price":
            choices = sorted(choices, key=lambda series: series.name != "close")[:7]
            choices = [choices[0]] * 4 + choices
        other = d.pick(self.ground.others) if self.ground.others and d.once_in(10) else None
        return self._field(d.pick(choices), where, other)

    def named(self, kind: str, where: Where) -> Made | None:
        """Return a let of a kind that may stand there, or nothing."""
        fitting = [
            let
            for let in self.lets
            if let.kind == kind and not (where.framed and let.framed) and (where.targets or not let.targets)
        ]
        if not fitting:
            return None
        known = self.d.pick(fitting)
        clocks = frozenset({where.frame or BASE}) if where.framed and known.made.clocks else known.made.clocks
        return evolve(known.made, node=tree.Name(known.name), clocks=clocks)

    # --- values

    def value(self, kind: str, depth: int, where: Where) -> Made:
        """Return a value of a kind; it always depends on the market where its kind has a field."""
        d = self.d
        choice = d.number(0, 11) if depth > 0 else d.number(0, 2)
        made: Made | None = None
        if choice == 2:
            made = self.named(kind, where)
        elif choice in (3, 4, 5) and kind in _MEASURABLE:
            made = self._windowed(kind, depth, where)
        elif choice == 6 and not where.framed:
            made = self._framed(kind, depth, where)
        elif choice == 7 and where.trigger:
            inner = self.value(kind, depth - 1, evolve(where, trigger=False))
            return Made(call("at_trigger", inner.node))
        elif choice == 8:
            made = self._plain(kind, depth, where)
        elif choice >= 9:
            made = self._own(kind, depth, where)
        return made or self.field(kind, where) or self._own(kind, depth, where)

    def _framed(self, kind: str, depth: int, where: Where) -> Made:
        if kind == "ratio" and self.d.once_in(4):
            made, period = self.on_frame(self._basis, where)
        else:
            made, period = self.on_frame(lambda inside: self.value(kind, depth - 1, inside), where)
        return Made(at_clock(made.node, period), made.clocks)

    def _basis(self, where: Where) -> Made:
        self.used.update(("future", "spot"))
        return Made(call("basis"), frozenset({where.frame or BASE}))

    def on_frame(self, make: "object", where: Where) -> tuple[Made, str]:
        """Return what is made on longer bars, and their period."""
        bars = self.ground.bars
        choices = [text for text, seconds in FRAMES.items() if seconds % bars == 0 and seconds >= bars]
        period = self.d.pick(choices)
        frame = FRAMES[period] if FRAMES[period] != bars else None
        made: Made = make(evolve(where, frame=frame, framed=True))  # type: ignore[operator]
        return made, period

    def window(self, clocks: frozenset[str | int]) -> tree.Expression:
        """Return a window: a count, a param, or a duration that fits the clocks."""
        d = self.d
        counts = [param for param in self.params if param.kind == "count"]
        if counts and d.once_in(4):
            return tree.Name(d.pick(counts).name)
        if d.once_in(5):
            periods = {clock if isinstance(clock, int) else self.ground.bars for clock in clocks} | {DAY}
            longest = max(periods)
            if all(longest % period == 0 for period in periods) and len(clocks) == 1:
                return tree.Duration(f"{longest * d.number(1, 2) // HOUR}h")
        return tree.Number(str(d.pick((3, 2, 5, 1, 8) if not d.once_in(12) else (30, 90, 300))))

    def _windowed(self, kind: str, depth: int, where: Where) -> Made:
        inner = self.value(kind, depth - 1, where)
        clocks = inner.clocks or frozenset({where.frame or BASE})
        function = self.d.pick(_KEEPING)
        window = self.window(clocks)
        if function == "percentile":
            return Made(
                call(function, inner.node, tree.Number(self.d.pick(("50", "0", "100", "12.5"))), window), clocks
            )
        return Made(call(function, inner.node, window), clocks)

    def _plain(self, kind: str, depth: int, where: Where) -> Made:
        d = self.d
        one = self.value(kind, depth - 1, where)
        function = d.pick(("max", "min", "abs", "clamp", "if", "round", "floor", "ceil"))
        if kind == "time" and function in _OF_ONE:
            function = "max"
        if kind == "duration":
            return one
        if function in _OF_ONE:
            return Made(call(function, one.node), one.clocks)
        other = Made(self.threshold(kind)) if d.once_in(2) else self.value(kind, depth - 1, where)
        clocks = one.clocks | other.clocks
        if function == "if":
            asked = self.condition(0, evolve(where, trigger=False))
            return Made(call("if", asked.node, one.node, other.node), clocks | asked.clocks)
        if function == "clamp":
            return Made(call("clamp", one.node, other.node, self.threshold(kind)), clocks)
        return Made(call(function, one.node, other.node), clocks)

    def _two(self, kind: str, depth: int, where: Where, other: str | None = None) -> tuple[Made, Made]:
        return self.value(kind, depth - 1, where), self.value(other or kind, depth - 1, where)

    def _own(self, kind: str, depth: int, where: Where) -> Made:
        """Return a value by what makes its kind alone: its arithmetic, the functions that give it, targets."""
        maker = getattr(self, f"_{kind}")
        made: Made = maker(depth, where)
        return made

    def _joined(self, left: Made, operator: str, right: Made) -> Made:
        return Made(binary(left.node, operator, right.node), left.clocks | right.clocks)

    def _scaled(self, kind: str, depth: int, where: Where) -> Made:
        """Return a value plus, minus or times something."""
        d = self.d
        if depth <= 0:
            return self.field(kind, where) or Made(self.threshold(kind))
        one = self.value(kind, depth - 1, where)
        form = d.number(0, 5)
        if form <= 1:
            other = Made(self.threshold(kind)) if form == 0 else self.value(kind, depth - 1, where)
            return self._joined(one, d.pick(("+", "-")), other)
        if form == 2:
            return Made(tree.Negative(fit(one.node, UNARY)), one.clocks)
        if form == 3 and kind != "number":
            grown = binary(tree.Number("1"), d.pick(("+", "-")), tree.Percent(d.pick(ROUND["ratio"][:4])))
            return Made(binary(one.node, "*", grown), one.clocks)
        return self._joined(one, d.pick(("*", "/")), Made(tree.Number(d.pick(ROUND["number"]))))

    def _base_call(self, function: str, where: Where, *reads: str) -> Made:
        clocks = frozenset({where.frame or BASE})
        self.used.update(reads)
        return Made(call(function, self.window(clocks)), clocks)

    def _price(self, depth: int, where: Where) -> Made:
        d = self.d
        form = d.number(0, 6)
        clocks = frozenset({where.frame or BASE})
        if form == 1:
            return self._base_call("atr", where, "high", "low", "close")
        if form == 2:
            names = ("vwap", "point_of_control", "value_area_high", "value_area_low")
            return self._base_call(d.pick(names), where, "high", "low", "close", "volume")
        if form == 3 and where.targets:
            member = d.pick(("price", "entry"))
            self.used.add("close" if member == "price" else "hedge.entry")
            return Made(tree.Member(tree.Name("hedge"), tree.Name(member)), clocks)
        if form == 4 and depth > 0:
            return self._joined(self.value("money", 0, where), "/", self.value("coins", 0, where))
        if form == 5 and depth > 0:
            inner = self.value("price", depth - 1, where)
            window = self.window(inner.clocks or clocks)
            return Made(call("difference", inner.node, window), inner.clocks or clocks)
        return self._scaled("price", depth, where)

    def _ratio(self, depth: int, where: Where) -> Made:
        d = self.d
        form = d.number(0, 11)
        base = frozenset({where.frame or BASE})
        if form == 1 and where.targets:
            name = d.pick([name for name, kind in self.targets.items() if kind == "ratio"])
            return Made(tree.Name(name), base)
        if form == 2 and where.targets:
            self.used.add("hedge.actual")
            return Made(tree.Member(tree.Name("hedge"), tree.Name("actual")), base)
        if form == 3:
            return self._base_call("volatility", where, "close")
        if form == 4:
            return self._basis(where)
        if depth <= 0:
            return self.field("ratio", where) or Made(self.threshold("ratio"))
        if form in (5, 6, 7):
            inner = self.value(d.pick(("price", "coins", "money", "number")), depth - 1, where)
            clocks = inner.clocks or base
            return Made(call(d.pick(("change", "drawdown", "rank")), inner.node, self.window(clocks)), clocks)
        if form == 8:
            return self._joined(*self._split("/", d.pick(("price", "coins", "money")), depth, where))
        if form == 9:
            rate = self.value("rate", 0, where)
            clocks = rate.clocks or base
            return Made(call("sum", rate.node, self.window(clocks)), clocks)
        if form == 10:
            return self._yield(where)
        return self._scaled("ratio", depth, where)

    def _split(self, operator: str, kind: str, depth: int, where: Where) -> tuple[Made, str, Made]:
        left, right = self._two(kind, depth, where)
        return left, operator, right

    def _yield(self, where: Where) -> Made:
        rate = self.value("rate", 0, where)
        if self.d.once_in(2):
            return Made(call("annualised", rate.node), rate.clocks)
        if self.d.once_in(2):
            duration = self.value("duration", 0, where)
            return Made(binary(rate.node, "*", duration.node), rate.clocks | duration.clocks)
        self.used.update(("future", "spot", "expiry"))
        left = binary(tree.Name("expiry"), "-", tree.Name("time"))
        return Made(call("annualised", call("basis"), left), frozenset({where.frame or BASE}))

    def _rate(self, depth: int, where: Where) -> Made:
        return self._scaled("rate", depth, where)

    def _coins(self, depth: int, where: Where) -> Made:
        if depth > 0 and self.d.once_in(4):
            return self._joined(*self._halves("money", "/", "price", where))
        if depth > 0 and self.d.once_in(4):
            inner = self.value("coins", depth - 1, where)
            clocks = inner.clocks or frozenset({where.frame or BASE})
            return Made(call("sum", inner.node, self.window(clocks)), clocks)
        return self._scaled("coins", depth, where)

    def _halves(self, left: str, operator: str, right: str, where: Where) -> tuple[Made, str, Made]:
        return self.value(left, 0, where), operator, self.value(right, 0, where)

    def _money(self, depth: int, where: Where) -> Made:
        if depth > 0 and self.d.once_in(3):
            return self._joined(*self._halves("price", "*", "coins", where))
        return self._scaled("money", depth, where)

    def _score(self, depth: int, where: Where) -> Made:
        if depth > 0 and self.d.once_in(4) and self.ground.of("score"):
            return self._scaled("score", depth, where)
        inner = self.value("price", max(depth - 1, 0), where)
        clocks = inner.clocks or frozenset({where.frame or BASE})
        return Made(call("rsi", inner.node, self.window(clocks)), clocks)

    def _number(self, depth: int, where: Where) -> Made:
        d = self.d
        base = frozenset({where.frame or BASE})
        if depth <= 0:
            inner = self.value("price", 0, where)
            return Made(call("zscore", inner.node, self.window(inner.clocks or base)), inner.clocks or base)
        form = d.number(0, 6)
        if form <= 1:
            asked = self.condition(depth - 1, evolve(where, trigger=False))
            clocks = asked.clocks or base
            if form == 0:
                return Made(call("count", asked.node, self.window(clocks)), clocks)
            return Made(call("periods_since", asked.node), clocks)
        if form == 2:
            inner = self.value(d.pick(_MEASURABLE), depth - 1, where)
            return Made(call(d.pick(("sqrt", "log", "exp")), inner.node), inner.clocks)
        if form == 3:
            one, other = self.value("ratio", depth - 1, where), self.value(d.pick(("ratio", "price")), depth - 1, where)
            clocks = one.clocks | other.clocks or base
            return Made(call(d.pick(("correlation", "beta")), one.node, other.node, self.window(clocks)), clocks)
        if form == 4:
            return self._number(0, where)
        return self._scaled("number", depth, where)

    def _duration(self, depth: int, where: Where) -> Made:
        base = frozenset({where.frame or BASE})
        if where.targets and self.d.once_in(2):
            return Made(tree.Member(tree.Name(self.d.pick(sorted(self.targets))), tree.Name("age")), base)
        if self.d.once_in(3):
            return Made(self.threshold("duration"))
        self.used.add("expiry")
        return Made(binary(tree.Name("expiry"), "-", tree.Name("time")), base)

    def _time(self, depth: int, where: Where) -> Made:
        base = frozenset({where.frame or BASE})
        if self.d.once_in(2):
            return Made(tree.Name("time"), base)
        return Made(binary(tree.Name("time"), self.d.pick(("+", "-")), self.threshold("duration")), base)


__all__ = ["ATOM", "SUM", "Known", "ValueMaker", "Where"]
