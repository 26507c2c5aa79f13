"""Conditions of every form, well-kinded and with clocks that fit."""

from attrs import evolve

from rulelang.syntax import tree
from tests.strategies.drawing import Drawing
from tests.strategies.grounds import DAY, HOUR, ROUND, Ground
from tests.strategies.shapes import AND, COMPARISON, NOT, SUM, Made, at_clock, fit, logic
from tests.strategies.values import ValueMaker, Where

_COMPARED = ("price", "rate", "price", "ratio", "score", "coins", "money", "number", "duration", "time")


class ConditionMaker(ValueMaker):
    """Makes conditions, and values with conditions inside."""

    def __init__(self, d: Drawing, ground: Ground) -> None:
        super().__init__(d, ground)
        self.rules: list[str] = []
        self.events: list[str] = []

    def condition(self, depth: int, where: Where) -> Made:
        """Return a condition."""
        d = self.d
        choice = d.number(0, 15) if depth > 0 else d.number(0, 3)
        if choice <= 3:
            return self._compare(depth, where)
        if choice == 4:
            return self._crosses(depth, where)
        if choice == 5:
            return self._between(depth, where)
        if choice in (6, 7):
            return self.held(depth, where)
        if choice in (8, 9, 10):
            return self._logic(depth, where)
        if choice == 11:
            inner = self.condition(depth - 1, where)
            return Made(tree.Not(fit(inner.node, NOT)), inner.clocks)
        if choice == 12:
            return self._moves(depth, where)
        if choice == 13:
            return self._is(depth, where)
        if choice == 14:
            return self._calendar(depth, where)
        return self._elsewhere(depth, where)

    def _base(self, where: Where) -> frozenset[str | int]:
        return frozenset({where.frame or "base"})

    def _sides(self, depth: int, where: Where) -> tuple[Made, Made, str]:
        kind = self.d.pick(_COMPARED)
        one = self.value(kind, depth - 1, where)
        if self.d.once_in(3):
            return one, self.value(kind, depth - 1, where), kind
        return one, Made(self.threshold(kind)), kind

    def _compare(self, depth: int, where: Where) -> Made:
        one, other, _ = self._sides(depth, where)
        operator = self.d.pick((">", "<", ">=", "<="))
        if self.d.once_in(8):
            one, other = other, one
        return Made(tree.Compare(operator, fit(one.node, SUM), fit(other.node, SUM)), one.clocks | other.clocks)

    def _crosses(self, depth: int, where: Where) -> Made:
        one, other, _ = self._sides(depth, where)
        direction = self.d.pick(("above", "below"))
        node = tree.Crosses(direction, fit(one.node, SUM), fit(other.node, SUM))
        return Made(node, one.clocks | other.clocks, momentary=True)

    def _between(self, depth: int, where: Where) -> Made:
        one, low, kind = self._sides(depth, where)
        high = self.threshold(kind)
        return Made(tree.Between(fit(one.node, SUM), fit(low.node, SUM), high), one.clocks | low.clocks)

    def _logic(self, depth: int, where: Where) -> Made:
        left, right = self.condition(depth - 1, where), self.condition(depth - 1, where)
        operator = self.d.pick(("and", "or"))
        both = left.momentary or right.momentary if operator == "and" else left.momentary and right.momentary
        return Made(logic(left.node, operator, right.node), left.clocks | right.clocks, both)

    def held(self, depth: int, where: Where) -> Made:
        """Return a condition that has to hold for a span."""
        inner = self.condition(depth - 1, evolve(where, targets=where.targets))
        clocks = inner.clocks or self._base(where)
        span, result = self._length(clocks, inner.momentary, where)
        return Made(tree.For(fit(inner.node, COMPARISON), span), result)

    def _length(
        self, clocks: frozenset[str | int], momentary: bool, where: Where
    ) -> tuple[tree.PeriodSpan, frozenset[str | int]]:
        d = self.d
        needed = 1 if momentary else d.number(1, 3)
        count: tree.Number | tree.Name = tree.Number(str(needed))
        out_of = tree.Number(str(needed + d.number(1, 2))) if momentary or d.once_in(3) else None
        counts = [param for param in self.params if param.kind == "count"]
        if out_of is None and counts and d.once_in(4):
            count = tree.Name(d.pick(counts).name)
        if len(clocks) > 1 or d.once_in(5):
            each = d.pick([text for text, size in (("1d", DAY), ("8h", 8 * HOUR)) if size % self.ground.bars == 0])
            size = {"1d": DAY, "8h": 8 * HOUR}[each]
            clock: str | int = "base" if size == self.ground.bars else size
            return tree.Periods(count, out_of, tree.Duration(each)), frozenset({clock})
        if not momentary and d.once_in(4):
            (only,) = clocks
            period = only if isinstance(only, int) else self.ground.bars
            size = period * d.number(1, 3)
            return tree.Lasting(tree.Duration(f"{size // 60}m")), clocks
        return tree.Periods(count, out_of), clocks

    def _moves(self, depth: int, where: Where) -> Made:
        d = self.d
        value = self.value(d.pick(("price", "money", "coins", "ratio")), depth - 1, where)
        verb = d.pick(("rises", "falls", "moves"))
        amount = tree.Percent(d.pick(("5%", "1%", "10%", "0%")))
        if d.once_in(2) and value.clocks:
            count = tree.Periods(tree.Number(str(d.number(1, 4))))
            if not value.mixed:
                return Made(tree.Moves(verb, fit(value.node, SUM), amount, count, None), value.clocks)
        origin = self.threshold("price")
        price = self.value("price", depth - 1, where)
        return Made(tree.Moves(verb, fit(price.node, SUM), amount, None, origin), price.clocks)

    def _is(self, depth: int, where: Where) -> Made:
        d = self.d
        words = self.ground.of("word")
        if words and d.once_in(2):
            series = d.pick(words)
            field = self._field(series, where)
            return Made(tree.Is(field.node, tree.Name(d.pick(series.words))), field.clocks)
        if self.rules and where.targets and d.once_in(3):
            node = tree.Is(tree.Name(d.pick(self.rules)), tree.Name("active"))
            return Made(node, self._base(where))
        if depth > 1 and d.once_in(4):
            asked = self.condition(depth - 1, where)
            asked = evolve(asked, node=tree.Parentheses(asked.node))
        else:
            asked = self.value(d.pick(("price", "rate", "ratio")), depth - 1, where)
        return Made(tree.Is(fit(asked.node, SUM), tree.Name(d.pick(("missing", "known")))), asked.clocks)

    def _calendar(self, depth: int, where: Where) -> Made:
        d, base = self.d, self._base(where)
        if not where.framed and d.once_in(5):
            made, period = self.on_frame(lambda inside: self._calendar(depth, inside), where)
            return Made(at_clock(tree.Parentheses(made.node), period), made.clocks, made.momentary)
        if d.once_in(3):
            choices = ["1d", "2d", "7d"] + (["8h"] if 8 * HOUR % self.ground.bars == 0 else [])
            return Made(tree.Every(tree.Duration(d.pick(choices))), base, momentary=True)
        distance = tree.Duration(d.pick(("24h", "8h", "2d")))
        anchor: tree.Expression = tree.Moment(d.pick(("2026-01-06T00:00Z", "2026-01-07")))
        if self.events and d.once_in(2):
            anchor = tree.Name(d.pick(self.events))
        elif d.once_in(3):
            self.used.add("expiry")
            anchor = tree.Name("expiry")
        return Made(tree.Within(distance, d.pick(("before", "after")), anchor), base)

    def _elsewhere(self, depth: int, where: Where) -> Made:
        """Return a condition by name, or on longer bars."""
        known = self.named("condition", where)
        if known is not None and self.d.once_in(2):
            return known
        if where.framed:
            return self._compare(depth, where)
        made, period = self.on_frame(lambda inside: self.condition(depth - 1, inside), where)
        return Made(at_clock(tree.Parentheses(made.node), period), made.clocks, made.momentary)


__all__ = ["AND", "ROUND", "ConditionMaker"]
