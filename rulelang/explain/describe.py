"""A rule file in plain English, one sentence a line, so that two descriptions can be compared."""

from collections.abc import Iterator
from fractions import Fraction

from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.check.checked import CheckedRule, CheckedTarget, Need, Node
from rulelang.explain import amounts
from rulelang.explain.conditions import clause
from rulelang.explain.reading import Reading, Where, on_longer_bars
from rulelang.explain.sentences import Line, level, rule, scope, told, uneven
from rulelang.explain.values import param_values, value
from rulelang.fields import Field
from rulelang.kinds import CONDITION, Kind
from rulelang.syntax import tree


@frozen
class Section:
    """A part of a description: its heading and its sentences."""

    title: str
    lines: tuple[Line, ...]


@frozen
class Description:
    """A rule file in words."""

    sections: tuple[Section, ...]

    def text(self) -> list[str]:
        """Return the lines of plain text: one sentence a line, its parts below it with a dash."""
        found: list[str] = []
        for section in self.sections:
            found += ["", section.title] if found else [section.title]
            found += (f"{'  ' * (line.depth + 1)}{'- ' if line.depth else ''}{line.text}" for line in section.lines)
        return found

    def markdown(self) -> list[str]:
        """Return the lines of Markdown: a heading for each section, a list of its sentences."""
        found: list[str] = []
        for section in self.sections:
            found += ["", f"## {section.title}", ""] if found else [f"## {section.title}", ""]
            found += (f"{'  ' * line.depth}- {line.text}" for line in section.lines)
        return found


def described(rules: CheckedRules) -> Description:
    """Return a rule file in plain English, in its own order."""
    return Description(tuple(Section(title, lines) for title, lines in _Describer(rules).sections() if lines))


class _Describer:
    def __init__(self, rules: CheckedRules) -> None:
        self.rules = rules
        self.r = Reading(rules)
        self.written = [placed.statement for placed in rules.statements]
        firsts = [next(iter(by_asset.values())) for by_asset in self.r.rules.values()]
        self.checked = {id(one.written): one for one in firsts}

    def sections(self) -> Iterator[tuple[str, tuple[Line, ...]]]:
        """Yield titles and sentences, those without any included."""
        yield "What the rules run for", tuple(self._scope())
        yield "Market data", tuple(self._fields())
        yield "Params", tuple(self._params())
        yield "Events", tuple(self._events())
        yield "Names", tuple(self._lets())
        for target in self.r.program.targets.values():
            yield f"Target {target.name}", tuple(self._target(target))
        yield "How the rules work together", tuple(self._together())
        for one in self.written:
            if isinstance(one, tree.Rule):
                checked = self.checked.get(id(one))
                yield (f"Rule {checked.name}", tuple(rule(self.r, checked))) if checked else self._idle(one)

    def _idle(self, one: tree.Rule) -> tuple[str, tuple[Line, ...]]:
        assert one.name is not None and one.scope is not None  # only a scope can leave no asset
        return f"Rule {one.name.text}", (Line(f"It counts for {scope(one.scope)}, which is none of them."),)

    # --- declarations

    def _scope(self) -> Iterator[Line]:
        assets, bars = self.rules.assets, self.rules.bars
        apart = ", each decided by itself" if len(assets) > 1 else ""
        whose = f"{amounts.listed(assets)}{apart}" if assets else "one asset, the one that the data is about"
        yield Line(f"The rules run for {whose}.")
        if bars is not None:
            yield Line(f"A bar is {amounts.duration(bars)} long; decisions are made when a bar closes.")
        else:
            yield Line("Decisions are made when a bar closes; how long a bar is depends on the data.")
        if any(map(on_longer_bars, self.r.program.nodes)):
            yield Line("Days and other longer periods are those of UTC, and only completed ones count.")

    def _fields(self) -> Iterator[Line]:
        declared = [one for one in self.written if isinstance(one, tree.FieldDeclaration)]
        needs = {(need.asset, need.field.name): need for p in self.rules.programs.values() for need in p.needs}
        for one in declared:
            record = next((need.field for need in needs.values() if need.field.name == one.name.text), None)
            yield Line(_declared(self.r, one, record))
        names = {one.name.text for one in declared}
        for need in needs.values():
            if need.field.name not in names or need.asset is not None:
                yield Line(_read(need))

    def _params(self) -> Iterator[Line]:
        for one in self.written:
            if not isinstance(one, tree.Param):
                continue
            limits = ""
            if one.limits is not None:
                low, high = (value(self.r, end, Where()) for end in (one.limits.low, one.limits.high))
                limits = f"; it may be set from {low} to {high}"
            yield Line(f"`{one.name.text}` is {', '.join(param_values(self.r, one.name.text, Where()))}{limits}.")

    def _events(self) -> Iterator[Line]:
        for one in self.written:
            if isinstance(one, tree.Event):
                times = [amounts.moment(time) for time in self.rules.events[one.name.text]]
                dates = f"is at {amounts.listed(times)}" if times else "has no date in the file"
                yield Line(f"`{one.name.text}` {dates}; a calendar can add dates when the rules run.")

    def _lets(self) -> Iterator[Line]:
        for one in self.written:
            if not isinstance(one, tree.Let):
                continue
            if self.r.kind(one.value, Where()) == CONDITION:
                yield from told(f"`{one.name.text}` holds while", clause(self.r, one.value, Where()))
            else:
                yield Line(f"`{one.name.text}` is {value(self.r, one.value, Where())}.")
            yield from uneven(self.r, [one.value])

    # --- targets

    def _target(self, target: CheckedTarget) -> Iterator[Line]:
        yield Line(f"`{target.name}` is {_meaning(target)}.")
        low, high = (amounts.amount(amounts.exact(end), target.kind) for end in (target.low, target.high))
        yield Line(f"Whatever the rules say, it stays between {low} and {high}.")
        yield from self._otherwise(target)
        brakes = list(_brakes(target))
        yield from brakes
        if brakes:
            yield Line("No brake holds back a floor, a cap, the first level after a start, or a level set “at once”.")

    def _otherwise(self, target: CheckedTarget) -> Iterator[Line]:
        written = [one for one in self.written if isinstance(one, tree.Otherwise)]
        sets = [(one.scope, set_) for one in written for set_ in one.sets if set_.target.text == target.name]
        others = "For other assets: while" if any(of is not None for of, _ in sets) else "While"
        for of, set_ in sorted(sets, key=lambda one: one[0] is None):
            whose = f"For {scope(of)}: while" if of is not None else others
            yield Line(f"{whose} no active rule sets it, it is {level(self.r, set_.target, set_.value)}.")
        if all(of is not None for of, _ in sets):
            nothing = amounts.amount(amounts.exact(min(max(0.0, target.low), target.high)), target.kind)
            yield Line(f"{others} no active rule sets it, it is {nothing}.")

    def _together(self) -> Iterator[Line]:
        if not self.checked:
            return
        yield Line("A rule counts while it is active, and only then.")
        yield Line("Rules are worked through from top to bottom, and lower rules have the last word.")
        yield Line("Floors and caps of active rules come after all levels, in the same order.")
        lasting = any(one.written.lasting is not None for one in self.checked.values())
        but = "; the time that it lasts runs on" if lasting else ""
        yield Line(f"While data that it needs is missing, a rule stays as it was{but}.")
        yield Line("A level that can't be computed for want of data leaves its target where it is.")
        if any(not isinstance(piece, str) for one in self.checked.values() for piece in _pieces(one)):
            yield Line("In reasons and alerts, what stands in brackets is filled in when the rule acts.")


def _pieces(one: CheckedRule) -> Iterator[str | Node]:
    """Yield the pieces of a rule's texts."""
    for text in (*one.alerts, one.because):
        yield from text.pieces if text is not None else ()


# --- fields


def _kind(kind: Kind) -> str:
    match kind.name:
        case "word":
            assert isinstance(kind.unit, tuple)
            return f"one of the words {amounts.listed(kind.unit, 'or')}"
        case "rate":
            assert isinstance(kind.unit, int)
            return f"a rate {amounts.per(kind.unit)}"
        case "money" | "coins":
            return {"money": "an amount of money", "coins": "a number of coins"}[kind.name]
        case _:
            return f"a {kind.name}"


def _comes(field: Field) -> str:
    if field.every is not None:
        return f"published {amounts.each(field.every)}"
    if field.valid_for is not None:
        return f"a value counts for {amounts.duration(field.valid_for)}"
    return "a value every bar"


def _declared(r: Reading, written: tree.FieldDeclaration, record: Field | None) -> str:
    name = written.name.text
    if record is None:
        return f"`{name}`: declared, but no rule reads it."
    what = record.help if record.phrase else f"{_kind(record.kind)} that the file declares"
    limits = ""
    if written.limits is not None:
        ends = (amounts.amount(amounts.exact(end), record.kind) for end in (record.bounds.low, record.bounds.high))
        limits = f"; outside {' to '.join(ends)} it counts as missing"
    return f"`{name}`: {what}; {_comes(record)}{limits}."


def _read(need: Need) -> str:
    target, _, member = need.field.name.partition(".")
    if member:
        what = {"actual": f"the real `{target}`", "entry": f"the average entry price of the position behind `{target}`"}
        return f"`{need.field.name}`: {what[member]}, which whoever runs the rules supplies."
    name = need.field.name if need.asset is None else f"{need.asset}.{need.field.name}"
    return f"`{name}`: {need.field.help}; {_comes(need.field)}."


# --- targets


def _meaning(target: CheckedTarget) -> str:
    if target.name == "hedge":
        return "how much of what is held is sold short: nothing at 0%, all of it at 100%"
    return f"{_kind(target.kind)} that the rules decide"


def _brakes(target: CheckedTarget) -> Iterator[Line]:
    """Yield the brakes of a target in words."""
    up, down = target.step_up, target.step_down
    if target.band is not None:
        least = amounts.move(amounts.exact(target.band), target.kind)
        nothing = amounts.amount(Fraction(0), target.kind)
        onto = f"{least} or more, or onto exactly {nothing} or one of its bounds"
        if up is None and down is None:
            yield Line(f"It moves only by {onto}.")
        else:
            on = "begun in steps, a move goes on while the same level is desired"
            yield Line(f"It starts a move only of {onto}; {on}.")
    for step, way in ((up, ""),) if up == down else ((up, " up"), (down, " down")):
        if step is not None:
            yield Line(f"It moves{way} by at most {amounts.move(amounts.exact(step), target.kind)} a step.")
    longer, shorter = target.cooldown_up, target.cooldown_down
    ways = " before it goes up", " before it goes down"
    for wait, way in ((longer, ""),) if longer == shorter else zip((longer, shorter), ways, strict=True):
        if wait is not None:
            yield Line(f"It waits {amounts.duration(wait)} after each change{way}.")
