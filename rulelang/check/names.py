"""The names of a file: what each stands for, in the order in which they are declared."""

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from rulelang.check.checked import SUPPLIED, CheckedTarget, ParamValue
from rulelang.check.momentary import is_momentary
from rulelang.check.report import Report
from rulelang.check.walk import everything
from rulelang.fields import CATALOGUE, Field
from rulelang.functions import FUNCTIONS, Function, Role
from rulelang.kinds import RATIO
from rulelang.syntax import tree
from rulelang.text import Fix, Source, Span

if TYPE_CHECKING:
    from rulelang.syntax.foreign import Spelt

HEDGE = CheckedTarget("hedge", RATIO, 0.0, 1.0)
"""The target that exists without being declared."""

MEMBERS = ("age", "price", *SUPPLIED)
"""What can be asked about a target, besides its level."""


@frozen
class LetEntry:
    """A let, and what its expression says, lets in it included.

    `lets`: the lets that it names itself. `targets`: the targets whose level it reads. `longer`: the `@` in it, if any.
    """

    number: int
    statement: tree.Let
    source: Source
    lets: tuple[str, ...]
    targets: frozenset[str]
    longer: tree.AtClock | None
    momentary: bool
    crossing: bool


@define
class Names:
    """What the names mean that are known so far.

    `stated`: the base period in the file itself. `limits`: those of params. `all_rules`: every
    rule of the file with the assets that it is for. `later`: what comes further down. `broken`:
    what was declared with a mistake, of which the mistake has been told. `wide`: all names were looked
    through for one that may have been meant.
    """

    assets: tuple[str, ...] = ()
    bars: int | None = None
    stated: int | None = None
    fields: dict[str, Field] = field(factory=lambda: dict(CATALOGUE))
    params: dict[str, ParamValue | None] = field(factory=dict)
    limits: dict[str, tuple[Fraction, Fraction]] = field(factory=dict)
    lets: dict[str, LetEntry] = field(factory=dict)
    events: dict[str, tuple[float, ...]] = field(factory=dict)
    targets: dict[str, CheckedTarget] = field(factory=lambda: {"hedge": HEDGE})
    rules: list[str] = field(factory=list)
    all_rules: dict[str, tree.Scope | None] = field(factory=dict)
    later: dict[str, str] = field(factory=dict)
    declared: set[str] = field(factory=set)
    used: set[str] = field(factory=set)
    wide: bool = False
    broken: set[str] = field(factory=set)

    def values(self) -> list[str]:
        """Return every name that a value can have."""
        return [*self.lets, *self.params, *self.fields, *self.targets, "time"]

    def below(self, entry: LetEntry) -> list[LetEntry]:
        """Return the lets that a let is made of, those of its lets included, in the order of the file."""
        found: dict[str, LetEntry] = {}
        open_ = list(entry.lets)
        while open_:
            name = open_.pop()
            if name not in found:
                found[name] = self.lets[name]
                open_ += self.lets[name].lets
        return sorted(found.values(), key=lambda one: one.number)

    def entry(self, statement: tree.Let, source: Source) -> LetEntry:
        """Return what a let says."""
        inside = list(everything(statement.value))
        named = [part.text for part in inside if isinstance(part, tree.Name)]
        lets = tuple(dict.fromkeys(name for name in named if name in self.lets))
        longer = next((part for part in inside if isinstance(part, tree.AtClock)), None)
        return LetEntry(
            len(self.lets),
            statement,
            source,
            lets,
            frozenset(self.levels(statement.value)),
            longer or next((self.lets[name].longer for name in lets if self.lets[name].longer is not None), None),
            self.is_momentary(statement.value),
            self.is_crossing(statement.value),
        )

    def levels(self, written: tree.Expression) -> set[str]:
        """Return the targets whose level an expression reads, through lets too."""
        found: set[str] = set()
        for part in everything(written):
            if isinstance(part, tree.Name):
                if part.text in self.lets:
                    found |= self.lets[part.text].targets
                elif part.text in self.targets and part.text not in self.fields and part.text not in self.params:
                    found.add(part.text)
        return found

    def is_momentary(self, written: tree.Expression) -> bool:
        """Say whether a condition is true for a moment only."""
        return is_momentary(written, lambda name: name in self.lets and self.lets[name].momentary)

    def is_crossing(self, written: tree.Expression) -> bool:
        """Say whether a condition is true only where something crosses."""
        return is_momentary(written, lambda name: name in self.lets and self.lets[name].crossing, crossing=True)


def suggestion(word: str, known: list[str], names: Names) -> str | None:
    """Return the known name that was probably meant; it then counts as used."""
    names.wide = True
    close = _closest(word, tuple(known))
    if close is not None:
        names.used.add(close)
    return close


@lru_cache(maxsize=1024)
def _closest(word: str, known: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), None)


def unknown(what: str, name: tree.Name | tree.Asset, known: list[str], names: Names, report: Report) -> None:
    """Report a name that nobody declares, with what is written in its place, or the one that was probably meant."""
    if name.text in names.broken:
        return
    found = spelt(name.text, name.span, report) if what in _SPELT else None
    if found is not None:
        report.error("RL201", found.span, found.message, found.record.why, *found.fixes)
        return
    if what == _VALUE and name.text in FUNCTIONS:
        call = example(FUNCTIONS[name.text])
        message = f"`{name.text}` is a function: say what it is of, as in `{call}`"
        report.error("RL201", name.span, message, FUNCTIONS[name.text].help, Fix(call, name.span))
        return
    meant = suggestion(name.text, known, names)
    message = f"there is no {what} `{name.text}`"
    if meant is not None:
        report.error("RL201", name.span, f"{message}; did you mean `{meant}`?", "", Fix(meant, name.span))
        return
    report.error("RL201", name.span, message, _how_declared(what, name.text, known))


_VALUE = "field, let or param"
_SPELT = (_VALUE, "target")


def _how_declared(what: str, name: str, known: list[str]) -> str:
    """Return what to do about a name that resembles none."""
    match what:
        case "field, let or param":
            return f"give a value this name with `let {name} = …`; `rulelang fields` lists the fields of the market"
        case "target":
            return f"declare it with `target {name} between LOW and HIGH`; `hedge` is there without"
        case "asset":
            whole = ", ".join([*known, name])
            return f"the file is for {_listed(known)}; add it there, `assets {whole}`" if known else _NO_ASSETS
        case _:
            return f"there is {_listed(known)}" if known else ""


_NO_ASSETS = "the file names no assets: add a line such as `assets BTC, ETH`"


def _listed(known: list[str]) -> str:
    shown = [f"`{one}`" for one in known[:8]]
    return f"{', '.join(shown)}{', …' if len(known) > len(shown) else ''}"


def spelt(word: str, span: Span, report: Report) -> "Spelt | None":
    """Return how a word that begins somewhere in the text is written here, where it is known from other languages."""
    from rulelang.syntax.foreign import beginning

    text = report.source.text
    return beginning(text, span) if text[span.start : span.end] == word else None


def example(function: Function) -> str:
    """Return how a function is called, with values that often stand there: `rsi(close, 14)`."""
    window = "14" if function.name in ("rsi", "atr") else "20"
    usual = {Role.WINDOW: window, Role.NUMBER: "90", Role.CONDITION: "close > 100"}
    needed = function.parameters[: len(function.parameters) - function.optional]
    given = [usual.get(one.role, "open" if at else "close") for at, one in enumerate(needed)]
    return f"{function.name}({', '.join(given)})"


def foreign(word: str) -> str:
    """Return what a name is called here that other tools use, or nothing."""
    from rulelang.syntax.foreign import beginning

    if word in FUNCTIONS:
        return f"`{word}` is a function: it needs its arguments in parentheses"
    found = beginning(word, Span(0, len(word)))
    return "" if found is None else found.message
