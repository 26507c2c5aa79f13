"""Elaborating what a file declares: assets, bars, fields, events, params, lets and targets."""

import math
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction

from attrs import evolve, frozen

from rulelang.check import literals
from rulelang.check.checked import CONSTANT, CheckedTarget, Node, ParamValue
from rulelang.check.exact import exact_value
from rulelang.check.expressions import Elaborator, Place, a, text
from rulelang.check.names import unknown
from rulelang.check.report import Report
from rulelang.check.uses import Placed
from rulelang.fields import CATALOGUE, Field, Range
from rulelang.kinds import DURATION, NUMBER, RATIO, ZERO, Clash, Kind, coins, named, rate, unify, words
from rulelang.syntax import parse_expression, tree
from rulelang.text import Fix, Source, Span

_LEAVE = "leave one of them out"
_KINDS = ("number", "ratio", "rate", "price", "coins", "money", "score", "duration", "time")
_BRAKES = {"band": "`change at least`", "step": "`step at most`", "cooldown": "`cooldown`"}
_BRAKE = "a brake of nothing holds nothing back"
_BOUNDS = "a target is a ratio, a number, a price, coins or money"

Override = str | int | float | Decimal | Fraction
"""The value of a param from outside: text of the language, or a plain number (0.0005 for 0.05%, seconds for 8h)."""


@frozen
class Outside:
    """What comes from outside a file: its base period and params, and now; the asset that it is elaborated for."""

    asset: str | None = None
    bars: int | None = None
    params: Mapping[str, Override] = {}
    now: float | None = None


class Declarations:
    """Takes the declaring statements of a file, one after the other."""

    def __init__(self, e: Elaborator, outside: Outside) -> None:
        self.e, self.names, self.report, self.outside = e, e.names, e.report, outside
        self.where: dict[str, tuple[tree.Name, Placed]] = {}

    def ahead(self, statements: list[Placed]) -> None:
        """Note what counts wherever it stands: assets, bars, and which names come later."""
        seen: set[type] = set()
        for placed in statements:
            statement, self.report.source = placed.statement, placed.source
            if isinstance(statement, tree.Assets | tree.Bars):
                word = "assets" if isinstance(statement, tree.Assets) else "bars"
                if type(statement) in seen:
                    self.report.error("RL207", statement.span, f"a second `{word}`: a file has one", _LEAVE)
                    continue
                seen.add(type(statement))
                self._setting(statement)
            elif isinstance(statement, tree.Let | tree.Param | tree.FieldDeclaration | tree.Target):
                word = {"FieldDeclaration": "field"}.get(type(statement).__name__, type(statement).__name__.lower())
                self.names.later.setdefault(statement.name.text, word)
        self.names.stated = self.names.bars
        if self.names.bars is None:
            self.names.bars = self.outside.bars

    def _setting(self, statement: tree.Assets | tree.Bars) -> None:
        if isinstance(statement, tree.Bars):
            self.names.bars = literals.duration(statement.period, self.report)
            return
        listed: list[str] = []
        for asset in statement.names:
            if asset.text in listed:
                self.report.error("RL207", asset.span, f"`{asset.text}` stands twice among the assets", _LEAVE)
            else:
                listed.append(asset.text)
        self.names.assets = tuple(listed)

    def declare(self, placed: Placed) -> bool:
        """Take a statement if it is one that declares; say whether it was."""
        match placed.statement:
            case tree.FieldDeclaration() as statement:
                self._field(statement, placed)
            case tree.Event() as statement:
                self._event(statement, placed)
            case tree.Param() as statement:
                self._param(statement, placed)
            case tree.Let() as statement:
                self._let(statement, placed)
            case tree.Target() as statement:
                self._target(statement, placed)
            case tree.Assets() | tree.Bars():
                pass
            case _:
                return False
        return True

    def _new(self, name: tree.Name, what: str, placed: Placed) -> bool:
        """Note a name; report one that is taken."""
        taken = name.text in self.where
        builtin = name.text in CATALOGUE or name.text == "time"
        if taken or (builtin and what != "field"):
            old = f"a market field called `{name.text}`" if builtin else f"something called `{name.text}` further up"
            self.report.error("RL207", name.span, f"there is already {old}", "a name means one thing in a file")
            return False
        self.where[name.text] = (name, placed)
        self.names.later.pop(name.text, None)
        self.names.declared.add(name.text)
        return True

    # --- fields

    def _field(self, statement: tree.FieldDeclaration, placed: Placed) -> None:
        name = statement.name
        if not self._new(name, "field", placed):
            return
        known = CATALOGUE.get(name.text)
        self.names.broken.add(name.text)
        if known is not None and statement.kind is not None:
            message = f"`{name.text}` is a {known.kind} already; only its cadence and limits can be declared"
            fix = Fix("", Span(name.span.end, statement.kind.span.end))
            self.report.error("RL208", statement.kind.span, message, "the catalogue says what it is", fix)
            return
        kind = known.kind if known is not None else self._field_kind(statement)
        if kind is None:
            return
        record = known or Field(name.text, kind, "declared in the rule file")
        record = self._limited(evolve(record, kind=kind), statement)
        if statement.cadence is not None and (span := literals.duration(statement.cadence.duration, self.report)):
            held = statement.cadence.held
            record = evolve(
                record, every=span if held == "every" else None, valid_for=span if held == "valid" else None
            )
        self.names.fields[name.text] = record
        self.names.broken.discard(name.text)

    def _field_kind(self, statement: tree.FieldDeclaration) -> Kind | None:
        name, kind = statement.name.text, statement.kind
        if kind is None:
            message = f"`{name}` is no field of the catalogue, so it needs its kind: `field {name} : price`"
            why = "the kind says what it can be compared with; `rulelang fields` lists what is known without"
            self.report.error("RL208", statement.name.span, message, why)
            return None
        if len(kind.names) > 1:
            return self._words(kind)
        word = kind.names[0]
        if word.text == "rate":
            return self._rate(statement, kind)
        found = named(word.text)
        if found is None:
            message = (
                f"`{word.text}` is no kind; there are number, ratio, rate, price, coins, money, score, duration, time"
            )
            why = "a field of words lists at least two, `bearish | bullish`"
            near = get_close_matches(word.text, _KINDS, 1)
            self.report.error("RL208", word.span, message, why, *(Fix(one, word.span) for one in near))
        if found is not None and kind.per is not None:
            message = f"only a rate is per something; `{word.text}` is not: write it alone"
            self.report.error("RL208", kind.span, message, "", Fix(word.text, kind.span))
        return found

    def _words(self, kind: tree.FieldKind) -> Kind | None:
        listed = tuple(name.text for name in kind.names)
        for at, name in enumerate(kind.names):
            if name.text in listed[:at]:
                self.report.error("RL207", name.span, f"the word `{name.text}` stands twice", _LEAVE)
                return None
        return words(listed)

    def _rate(self, statement: tree.FieldDeclaration, kind: tree.FieldKind) -> Kind | None:
        per = kind.per
        if per is None and statement.cadence is not None and statement.cadence.held == "every":
            per = statement.cadence.duration
        if per is None:
            message = "a rate is per a duration: write `rate per 8h`, or say how often it comes, `every 8h`"
            fix = Fix("rate per 8h", kind.span)
            self.report.error("RL208", kind.span, message, "0.01% a day and 0.01% an hour are not the same", fix)
            return None
        seconds = literals.duration(per, self.report)
        return None if seconds is None else rate(seconds)

    def _limited(self, record: Field, statement: tree.FieldDeclaration) -> Field:
        if statement.limits is None:
            return record
        if record.kind.name == "word":
            why = "it has one of its words, and nothing else"
            self.report.error("RL208", statement.limits.span, "a field of words has no limits: leave them out", why)
            return record
        ends = self._ends(statement.limits, record.kind, f"`{record.name}`")
        if ends is None:
            return record
        return evolve(record, bounds=Range(float(ends[0]), float(ends[1])))

    def _ends(self, limits: tree.Limits, kind: Kind, what: str) -> tuple[Fraction, Fraction] | None:
        low, high = self._fixed(limits.low, kind, what), self._fixed(limits.high, kind, what)
        if low is None or high is None:
            return None
        if low >= high:
            message = f"`{text(limits.low)}` to `{text(limits.high)}` holds nothing: the lower end comes first"
            between = self.report.source.text[limits.low.span.end : limits.high.span.start]
            swapped = Fix(f"{text(limits.high)}{between}{text(limits.low)}", limits.span)
            fixes = (swapped,) if low > high else ()
            self.report.error("RL501", limits.span, message, "between the two lie the values that are allowed", *fixes)
            return None
        return low, high

    def _fixed(self, written: tree.Expression, kind: Kind, what: str) -> Fraction | None:
        """Return the value of a constant expression of a kind, or `None` with a diagnostic."""
        node = self.e.fitting(kind, written, Place(), what)
        if node is None:
            return None
        if kind.name == "rate" and node.kind.name == "rate" and node.kind != kind:
            assert isinstance(kind.unit, int)
            node = self.e.on_period(node, kind.unit)
        return self._constant(node, written)

    def _constant(self, node: Node, written: tree.Expression) -> Fraction | None:
        value = exact_value(node)
        if value is None and node.clock == CONSTANT:
            self.report.error(
                "RL112", written.span, f"`{text(written)}` can't be computed: it divides by 0, or is too large"
            )
        elif value is None:
            message = f"`{text(written)}` changes with the market; here a value is wanted that stands in the file"
            self.report.error("RL305", written.span, message, "a `let` names what changes with the market")
        return value

    # --- events, lets

    def _event(self, statement: tree.Event, placed: Placed) -> None:
        name = statement.name.text
        if name in self.names.events:
            message = f"a second event `{name}`: list all its dates behind one `event {name} at`"
            self.report.error("RL207", statement.name.span, message, "a name means one thing in a file")
            return
        times = [literals.moment(date, self.report) for date in statement.dates]
        self.names.events[name] = tuple(sorted(time for time in times if time is not None))
        now = self.outside.now
        if now is not None and times and all(time is not None and time < now for time in times):
            message = f"the event `{name}` has no date left in the future: what waits for it will never act again"
            self.report.warn("RL413", statement.name.span, message, "add dates here, or give a calendar when it runs")

    def _let(self, statement: tree.Let, placed: Placed) -> None:
        self.e.let_value(statement, Place())
        self.name_let(statement, placed)

    def name_let(self, statement: tree.Let, placed: Placed) -> None:
        """Note the name of a let, without a look at its expression."""
        if self._new(statement.name, "let", placed):
            self.names.lets[statement.name.text] = self.names.entry(statement, placed.source)

    # --- params

    def _param(self, statement: tree.Param, placed: Placed) -> None:
        name = statement.name.text
        kind, value = self._param_value(statement)
        if not self._new(statement.name, "param", placed):
            return
        if name in self.outside.params and kind is not None and value is not None:
            value = self._overridden(statement, kind)
        self.names.params[name] = None
        if kind is not None and value is not None:
            value = self._in_limits(statement, kind, value)
            if value is not None:
                self.names.params[name] = param = ParamValue(name, value, kind=kind)
                self.e.intern(param)

    def _param_value(self, statement: tree.Param) -> tuple[Kind | None, Fraction | None]:
        """Return a param's kind and its value for the asset in hand."""
        written = [statement.value, *(other.value for other in statement.by_asset)]
        limits = [statement.limits.low, statement.limits.high] if statement.limits else []
        kind = ZERO
        for one in [*written, *limits]:
            node = self.e.value(one, Place())
            if node is None:
                return None, None
            joint = unify(kind, node.kind)
            if isinstance(joint, Clash):
                self._fixed(one, kind, f"the param `{statement.name.text}`")
                return None, None
            kind = joint
        kind = NUMBER if kind == ZERO else kind
        values = [self._fixed(one, kind, f"the param `{statement.name.text}`") for one in written]
        self._assets_of(statement)
        chosen = next((at for at, o in enumerate(statement.by_asset, 1) if o.asset.text == self.outside.asset), 0)
        return (kind, values[chosen]) if None not in values else (None, None)

    def _assets_of(self, statement: tree.Param) -> None:
        seen: set[str] = set()
        for other in statement.by_asset:
            if other.asset.text in seen:
                self.report.error("RL207", other.asset.span, f"a second value for `{other.asset.text}`", _LEAVE)
            elif other.asset.text not in self.names.assets:
                unknown("asset", other.asset, list(self.names.assets), self.names, self.report)
            seen.add(other.asset.text)

    def _overridden(self, statement: tree.Param, kind: Kind) -> Fraction | None:
        given, name = self.outside.params[statement.name.text], statement.name.text
        if isinstance(given, bool) or not isinstance(given, str):
            return self._plain(given, statement)
        node = self._outside_value(given)
        if node is None:
            message = f"`{_short(given)}` is no value for `{name}`: write one as in a rule file"
            self.report.error("RL306", statement.name.span, message, f"here it is `{text(statement.value)}`")
            return None
        if unify(kind, node.kind) != kind:
            said = f"`{_short(given)}` is {a(node.kind)}, but the param `{name}` is {a(kind)}"
            self.report.error("RL306", statement.name.span, said, f"here it is `{text(statement.value)}`")
            return None
        if node.kind.name == "rate" and kind.name == "rate" and isinstance(kind.unit, int):
            node = self.e.on_period(node, kind.unit)
        return exact_value(node)

    def _outside_value(self, given: str) -> Node | None:
        """Return the node of a value that was given from outside, or `None` where it is none."""
        kept, self.e.report = self.e.report, Report(Source("value", given))
        try:
            node = self.e.value(parse_expression(given), Place())
        except ValueError:
            return None
        finally:
            self.e.report = kept
        return None if node is None or exact_value(node) is None else node

    def _plain(self, given: Override, statement: tree.Param) -> Fraction | None:
        try:
            value = Fraction(str(given)) if isinstance(given, float) else Fraction(given)
            if math.isfinite(float(value)):
                return value
        except (ValueError, OverflowError, TypeError):
            pass
        message = f"the value `{given}` for `{statement.name.text}` is no finite number"
        self.report.error("RL306", statement.name.span, message, f"here it is `{text(statement.value)}`")
        return None

    def _in_limits(self, statement: tree.Param, kind: Kind, value: Fraction) -> Fraction | None:
        if statement.limits is None:
            return value
        ends = self._ends(statement.limits, kind, f"the param `{statement.name.text}`")
        if ends is None:
            return None
        self.names.limits[statement.name.text] = ends
        if not ends[0] <= value <= ends[1]:
            limits = f"{text(statement.limits.low)} .. {text(statement.limits.high)}"
            own = (one.value for one in statement.by_asset if one.asset.text == self.outside.asset)
            written = next(own, statement.value)
            given = self.outside.params.get(statement.name.text, text(written))
            message = f"`{given}` is outside the limits `{limits}` of the param `{statement.name.text}`"
            why = "limits say where a param makes sense: change the value, or the limits behind `in`"
            self.report.error("RL306", written.span, message, why)
            return None
        return value

    # --- targets

    def _target(self, statement: tree.Target, placed: Placed) -> None:
        name = statement.name.text
        if not self._new(statement.name, "target", placed):
            return
        target = self._bounded(statement)
        if target is None:
            self.names.broken.add(name)
            return
        seen: set[tuple[str, str]] = set()
        for brake in statement.brakes:
            directions = [brake.direction] if brake.direction else ["up", "down"]
            if any((brake.what, direction) in seen for direction in directions):
                self.report.error("RL207", brake.span, f"a second {_BRAKES[brake.what]} on `{name}`", _LEAVE)
                continue
            seen |= {(brake.what, direction) for direction in directions}
            target = self._braked(target, brake, directions)
        self.names.targets[name] = target

    def _bounded(self, statement: tree.Target) -> CheckedTarget | None:
        name, bounds = statement.name.text, statement.bounds
        if bounds is None:
            if name == "hedge":
                return self.names.targets["hedge"]
            message = f"the target `{name}` needs bounds: `target {name} between LOW and HIGH`"
            self.report.error(
                "RL504", statement.name.span, message, "what is decided has to be bounded to be proven safe"
            )
            return None
        kind = RATIO if name == "hedge" else unify_kind(bounds.high, self.e, bounds.low)
        if kind.name in ("word", "condition", "time", "zero", "duration"):
            self.report.error("RL504", bounds.span, f"bounds of {a(kind)} are no bounds of a target", _BOUNDS)
            return None
        if kind.name == "coins":
            kind = coins(kind.unit if isinstance(kind.unit, str) else None)
        ends = self._ends(bounds, kind, f"`{name}`")
        if ends is None:
            return None
        if math.isinf(float(ends[1]) - float(ends[0])):
            message = "these bounds are further apart than any number that can be computed with"
            self.report.error("RL112", bounds.span, message, "write those that the target can really have")
            return None
        return CheckedTarget(name, kind, float(ends[0]), float(ends[1]))

    def _braked(self, target: CheckedTarget, brake: tree.Brake, directions: list[str]) -> CheckedTarget:
        what = _BRAKES[brake.what]
        kind = DURATION if brake.what == "cooldown" else target.kind
        value = self._fixed(brake.value, kind, what)
        if value is None:
            return target
        if value <= 0:
            self.report.error(
                "RL505", brake.value.span, f"{what} takes more than nothing: leave it out, or say how much", _BRAKE
            )
            return target
        if brake.what == "band":
            return evolve(target, band=float(value))
        for direction in directions:
            match brake.what, direction:
                case "step", "up":
                    target = evolve(target, step_up=float(value))
                case "step", _:
                    target = evolve(target, step_down=float(value))
                case _, "up":
                    target = evolve(target, cooldown_up=int(value))
                case _:
                    target = evolve(target, cooldown_down=int(value))
        return target


def unify_kind(written: tree.Expression, e: Elaborator, other: tree.Expression | None = None) -> Kind:
    """Return the kind of an expression, or where it is 0 that of another one."""
    node = e.value(written, Place())
    kind = node.kind if node is not None else NUMBER
    if kind.name == "zero" and other is not None:
        return unify_kind(other, e)
    return kind


def _short(given: str) -> str:
    return given if len(given) <= 40 else given[:37] + "…"
