"""What the names of a text stand for: of its statements that could be read and, for the others, as they last were."""

from collections.abc import Iterator
from functools import cached_property
from weakref import WeakKeyDictionary

from attrs import define, evolve, frozen

from rulelang.check import Outside
from rulelang.check.checked import CheckedTarget, Node, ParamValue
from rulelang.check.declarations import Declarations
from rulelang.check.expressions import Elaborator, Place
from rulelang.check.memory import Recall
from rulelang.check.names import Names
from rulelang.check.report import Report
from rulelang.check.rules import Rules
from rulelang.check.uses import Placed
from rulelang.editor.analysis import Analysis
from rulelang.editor.words import Page, Word
from rulelang.fields import Field
from rulelang.kinds import Kind
from rulelang.syntax import tree
from rulelang.text import Span


@frozen
class Symbol:
    """What a word stands for: `field function rule param let target event asset test member word kind`, and its name.

    `owner`: the target of a member, the field of a word.
    """

    what: str
    name: str
    owner: str = ""


@define(eq=False, slots=False)
class Knowledge:
    """What is known about a text, worked out when it is first asked for; made by `knowledge`."""

    analysis: Analysis

    @cached_property
    def page(self) -> Page:
        """The words of the text."""
        return Page(self.analysis.source)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The words of the text and of the files that it uses."""
        others = dict.fromkeys(placed.source for placed in self._foreign)
        return self.page, *map(Page, others)

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """The statements, those of used files in the place of their `use`; where one can't be read, as it last was."""
        foreign = list(self._foreign)
        own = self.analysis.file.statements
        last_use = max((at for at, one in enumerate(own) if isinstance(one, tree.Use)), default=-1)
        found: list[Placed] = []
        for at, statement in enumerate(own):
            if not isinstance(statement, tree.Use):
                found.append(Placed(statement, self.analysis.source))
                continue
            mine = [k for k, one in enumerate(foreign) if one.source.name == statement.path.removeprefix("./")]
            count = len(foreign) if at == last_use else (mine[-1] + 1 if mine else 0)
            found += foreign[:count]
            del foreign[:count]
        return tuple(self._with_lost(found))

    @cached_property
    def _foreign(self) -> tuple[Placed, ...]:
        """The statements of used files."""
        last, name = self.analysis.last, self.analysis.source.name
        if last is None or not any(isinstance(one, tree.Use) for one in self.analysis.file.statements):
            return ()
        return tuple(placed for placed in last.statements if placed.source.name != name)

    def _with_lost(self, found: list[Placed]) -> list[Placed]:
        """Return statements with the declarations that can't be read at the moment, behind those they last followed."""
        last = self.analysis.last
        if self.analysis.rules is not None or last is None:
            return found
        keys = [_key(placed) for placed in found]
        there = set(keys)
        behind: dict[object, list[Placed]] = {}
        before: object = None
        for placed in last.statements:
            key = _key(placed)
            if key in there:
                before = key
            elif key is not None and placed.source.name == self.analysis.source.name:
                behind.setdefault(before, []).append(placed)
        merged = behind.get(None, [])
        for placed, key in zip(found, keys, strict=True):
            merged.append(placed)
            merged += behind.get(key, ()) if key is not None else ()
        return merged

    @cached_property
    def elaborator(self) -> Elaborator:
        """Elaborates expressions with the names of the text; what it has to say of them is nobody's business."""
        report = Report(self.analysis.source)
        e = Elaborator(Names(), report, Recall())
        declarations = Declarations(e, Outside())
        statements = [one for one in self.placed if not isinstance(one.statement, tree.Rule | tree.Otherwise)]
        declarations.ahead(statements)
        Rules(e).ahead([one for one in self.placed if isinstance(one.statement, tree.Rule)])
        for placed in statements:
            report.source = placed.source
            if isinstance(placed.statement, tree.Let):
                declarations.name_let(placed.statement, placed)  # what it says is asked for later, if at all
            else:
                declarations.declare(placed)
        e.names.rules.extend(e.names.all_rules)
        return e

    @property
    def names(self) -> Names:
        """What the names mean."""
        return self.elaborator.names

    @cached_property
    def declarations(self) -> dict[tuple[str, str], Placed]:
        """The statement that declares a name, by what it is and the name."""
        found: dict[tuple[str, str], Placed] = {}
        for placed in self.placed:
            key = _key(placed)
            if key is not None:
                found.setdefault(key, placed)
        return found

    @cached_property
    def declared_at(self) -> dict[str, int]:
        """Where lets, params, targets and fields of the text itself are declared: they count from there on."""
        found: dict[str, int] = {}
        for statement in self.analysis.file.statements:
            if isinstance(statement, tree.Let | tree.Param | tree.Target | tree.FieldDeclaration):
                found.setdefault(statement.name.text, statement.span.end)
        return found

    @cached_property
    def assets(self) -> tuple[str, ...]:
        """The assets that the rules run for, and the others of which fields were last read."""
        programs = () if self.analysis.last is None else self.analysis.last.programs.values()
        read = (need.asset for program in programs for need in program.needs if need.asset is not None)
        return tuple(dict.fromkeys((*self.names.assets, *read)))

    # --- words

    def symbol(self, word: Word) -> Symbol | None:
        """Return what a word stands for."""
        match word.part:
            case "value":
                return self._value(word.text)
            case "anchor" | "item":
                return self._special(word)
            case "member" | "word":
                return Symbol(word.part, word.text, word.owner)
            case "field" | "function" | "rule" | "param" | "let" | "target" | "event" | "test" | "asset" | "kind":
                return Symbol(word.part, word.text)
            case _:
                return None

    def _special(self, word: Word) -> Symbol | None:
        if word.part == "anchor" and word.text in self.names.events:
            return Symbol("event", word.text)
        field = self.names.fields.get(word.owner)
        if word.part == "item" and field is not None and field.kind.name == "word":
            return Symbol("word", word.text, word.owner)
        return self._value(word.text)

    def _value(self, name: str) -> Symbol | None:
        what = self.values.get(name)
        return None if what is None else Symbol(what, name)

    @cached_property
    def values(self) -> dict[str, str]:
        """What stands for a value, by name: the same order of precedence as in the checker."""
        names = self.names
        found = dict.fromkeys((*names.fields, "time"), "field")
        found = {**dict.fromkeys(names.targets, "target"), **found}
        for name, what in names.later.items():
            found.setdefault(name, what)
        for name in names.broken:
            found.setdefault(name, next((w for (w, of) in self.declarations if of == name), "let"))
        return found | dict.fromkeys(names.params, "param") | dict.fromkeys(names.lets, "let")

    # --- kinds

    def node(self, written: tree.Expression, place: Place | None = None) -> Node | None:
        """Return the checked node of an expression, or `None` where it has a mistake."""
        try:
            return self.elaborator.any(written, place or Place(trigger="", after=True))
        except (AssertionError, RecursionError):  # an expression that no statement could hold
            return None

    def kind(self, name: str) -> Kind | None:
        """Return the kind of what a name stands for, where it is a value."""
        names = self.names
        if name in names.lets:
            return self._let_kind(name, names.lets[name].statement)
        record: ParamValue | Field | CheckedTarget | None
        record = names.params.get(name) or names.fields.get(name) or names.targets.get(name)
        return None if record is None else record.kind

    def _let_kind(self, name: str, statement: tree.Let) -> Kind | None:
        node = self._nodes.get(name) or self.node(statement.value, Place())
        return None if node is None else node.kind

    @cached_property
    def _nodes(self) -> dict[str, Node]:
        """What lets were in the newest rules without errors: those that are still the same, and all that they read."""
        programs = {} if self.analysis.last is None else self.analysis.last.programs
        program = next(iter(programs.values()), None)
        if program is None or any(self.kind(name) != value.kind for name, value in program.params.items()):
            return {}
        meanings, found = program.meanings, dict[str, Node]()
        for name, entry in self.names.lets.items():
            node = meanings.get((id(entry.statement.value), None, None))
            if program.lets.get(name) is entry.statement and node is not None and found.keys() >= set(entry.lets):
                found[name] = node
        return found

    # --- statements

    def statement(self, offset: int) -> tree.Statement | None:
        """Return the statement at an offset, where it could be read."""
        around = self.page.around(offset)
        return next((one for one in self.statements(around) if one.span.start >= around.start), None)

    def statements(self, span: Span) -> Iterator[tree.Statement]:
        """Yield the statements that touch a span."""
        statements = self.analysis.file.statements
        first, last = 0, len(statements)
        while first < last:
            middle = (first + last) // 2
            if statements[middle].span.end < span.start:
                first = middle + 1
            else:
                last = middle
        for statement in statements[first:]:
            if statement.span.start >= span.end:
                return
            yield statement

    def path(self, offset: int) -> list[object]:
        """Return the nodes around an offset, the statement first."""
        statement = self.statement(offset)
        return [] if statement is None else list(_descent(statement, offset))


_known: "WeakKeyDictionary[Analysis, Knowledge]" = WeakKeyDictionary()


def knowledge(analysis: Analysis) -> Knowledge:
    """Return what is known about a text; asked again, the same."""
    found = _known.get(analysis)
    if found is None:
        _known[analysis] = found = Knowledge(evolve(analysis))  # a copy, so that it doesn't keep its key alive
    return found


_DECLARING: dict[type, str] = {
    tree.FieldDeclaration: "field",
    tree.Event: "event",
    tree.Param: "param",
    tree.Let: "let",
    tree.Target: "target",
    tree.Rule: "rule",
    tree.Test: "test",
}


def _key(placed: Placed) -> tuple[str, str] | None:
    """Return what a statement declares, and its name."""
    word = _DECLARING.get(type(placed.statement))
    name: tree.Name | None = None if word is None else placed.statement.name  # type: ignore[union-attr]
    return None if word is None or name is None else (word, name.text)


def _descent(node: object, offset: int) -> Iterator[object]:
    """Yield a node and those inside it around an offset, the outermost first."""
    yield node
    for attribute in getattr(node, "__attrs_attrs__", ()):
        value = getattr(node, attribute.name)
        for inner in value if type(value) is tuple else (value,):
            span = getattr(inner, "span", None)
            if span is not None and span.start <= offset <= span.end and attribute.name != "span":
                yield from _descent(inner, offset)
                return


def period_of(node: Node, bars: int | None) -> int | None:
    """Return how many seconds lie between two observations of a value, where that is known and one number."""
    return node.clock.period if node.clock.name == "each" else bars if node.clock.name in ("base", "constant") else None
