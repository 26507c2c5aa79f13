"""`rulelang examples`: the strategies that come with rulelang, what they are about, and their rules to paste."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import click
from attrs import define, frozen

import rulelang
from rulelang.cli import terminal
from rulelang.cli.describing import shown
from rulelang.fields import CATALOGUE
from rulelang.functions import FUNCTIONS
from rulelang.syntax.statements import cut

_MOST = 3
"""From so many strategies rules are printed; the others are named."""

_NAMED = ("field", "event", "param", "let", "target")


@frozen
class Statement:
    """A statement of a strategy: the word that starts it, its name if it has one, its text and line."""

    word: str
    name: str
    text: str
    line: int


@define(eq=False)
class Strategy:
    """A strategy of the library."""

    name: str
    text: str

    @cached_property
    def head(self) -> list[str]:
        """The lines of its introduction, without their `#`."""
        lines = self.text.splitlines()
        end = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
        return [line[1:].strip() for line in lines[:end]]

    @property
    def about(self) -> str:
        """What it is, in a line."""
        whole = " ".join(self.head).partition(" The idea.")[0].partition("  ")[0]
        return whole.strip().rstrip(".")

    @cached_property
    def statements(self) -> list[Statement]:
        """Its statements, without the comments behind them."""
        found = []
        for piece in cut(self.text)[0]:
            text = _trimmed(self.text[piece.start : piece.end])
            name = re.match(r"\w+\s+([a-z_]\w*)", text)
            line = self.text.count("\n", 0, piece.start) + 1
            found.append(Statement(piece.word, name[1] if name else "", text, line))
        return found

    @property
    def rules(self) -> list[Statement]:
        """Its rules."""
        return [one for one in self.statements if one.word in ("rule", "when")]

    @cached_property
    def fields(self) -> list[str]:
        """The fields of the catalogue that it reads."""
        return [name for name in CATALOGUE if name in words_of(self.text)]

    @cached_property
    def functions(self) -> list[str]:
        """The functions that it calls."""
        called = set(re.findall(r"\b([a-z_]+)\(", _code(self.text)))
        return [name for name in FUNCTIONS if name in called]

    def needs(self, rules: Sequence[Statement]) -> list[Statement]:
        """Return rules with what they stand on, declarations and rules that they ask, in the order of the file."""
        named = {one.name: one for one in self.statements if one.word in _NAMED or one.word == "rule"}
        open_ = {word for rule in rules for word in words_of(rule.text)} & set(named)
        needed = {one.line for one in rules}
        while open_:
            one = named[open_.pop()]
            if one.line not in needed:
                needed.add(one.line)
                open_ |= words_of(one.text) & set(named)
        return [one for one in self.statements if one.line in needed]

    @property
    def bars(self) -> str:
        """How long its bars are, as the file says it."""
        return next((one.text for one in self.statements if one.word == "bars"), "any bars")

    def relevance(self, words: Sequence[str]) -> int:
        """Return how well it fits words, each of which has to be somewhere in it; 0: not at all."""
        return min((self._fit(word.lower()) for word in words), default=1)

    def _fit(self, word: str) -> int:
        if word in f"{self.name} {self.about}".lower():
            return 4
        if any(word in name for name in (*self.fields, *self.functions)):
            return 3
        if any(word in one.text.lower() for one in self.rules):
            return 2
        return int(word in " ".join(self.head).lower())


def folder() -> Path:
    """Return where the strategies lie: in the package, or beside it in a checkout."""
    package = Path(rulelang.__file__).parent
    inside = package / "library"
    return inside if inside.is_dir() else package.parent / "rules"


def strategies() -> list[Strategy]:
    """Return the strategies of the library, by name."""
    paths = sorted(folder().glob("*.rules"), key=lambda path: path.stem)
    return [Strategy(path.stem, path.read_text("utf-8")) for path in paths]


def rule_text(name: str) -> str:
    """Return the text of a strategy. Raises `UsageError` where there is none of that name."""
    known = [path.stem for path in folder().glob("*.rules")]
    stem = name.removesuffix(".rules")
    if stem not in known:
        near = get_close_matches(stem, known, 1)
        hint = f"did you mean {near[0]}?" if near else "`rulelang examples` lists them"
        raise click.UsageError(f"there is no strategy {name}; {hint}")
    return (folder() / f"{stem}.rules").read_text("utf-8")


# What is printed ──────────────────────────────────────────────────────────────────────────────────────────────────────


def print_file(name: str) -> int:
    """Print a strategy, whole."""
    click.echo(rule_text(name), nl=False)
    return 0


def print_list(form: str) -> int:
    """Print the strategies, a line each."""
    found = strategies()
    if form == "json":
        return _print_json(found, ())
    widest = max(len(one.name) for one in found)
    _print(f"{one.name.ljust(widest)}  {one.about}" for one in found)
    return 0


def print_found(words: Sequence[str], form: str) -> int:
    """Print the rules that fit words, to paste; return 1 where there are none."""
    found = sorted(filter(None, ((one.relevance(words), one) for one in strategies())), key=lambda pair: -pair[0])
    fitting = [one for relevance, one in found if relevance]
    if form == "json":
        return _print_json(fitting, words) or int(not fitting)
    if not fitting:
        click.echo(f"no strategy is about {' '.join(words)}; `rulelang examples` lists them", err=True)
        return 1
    _print(_pasted(fitting, words))
    return 0


def _print(lines: Iterable[str]) -> None:
    """Print lines as they are in a pipe, within the width of a terminal else."""
    for line in shown(lines, terminal.width() if sys.stdout.isatty() else None):
        click.echo(line)


def _pasted(found: Sequence[Strategy], words: Sequence[str]) -> Iterator[str]:
    """Yield the rules of the strategies that fit best, each with what it stands on."""
    for strategy in found[:_MOST]:
        yield f"# {strategy.name}.rules, {strategy.bars}: {strategy.about}"
        for one in strategy.needs(_chosen(strategy, words)):
            yield from (*one.text.splitlines(), *([""] if one.word in ("rule", "when") else []))
    if left := [one.name for one in found[_MOST:]]:
        yield f"# more in {', '.join(left)}"
    yield "# `rulelang examples --file NAME` prints a file, with its tests"


def _chosen(strategy: Strategy, words: Sequence[str]) -> list[Statement]:
    """Return the rules of a strategy that hold one of the words, or its first where none does."""
    holding = [rule for rule in strategy.rules if any(word.lower() in _told(strategy, rule) for word in words)]
    return holding or strategy.rules[:1]


def _told(strategy: Strategy, rule: Statement) -> str:
    return " ".join(one.text for one in strategy.needs([rule])).lower()


def _print_json(found: Sequence[Strategy], words: Sequence[str]) -> int:
    records = [
        {
            "name": one.name,
            "about": one.about,
            "fields": one.fields,
            "functions": one.functions,
            "rules": [_record(rule) for rule in (_chosen(one, words) if words else one.rules)],
        }
        for one in found
    ]
    click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    return 0


def _record(rule: Statement) -> dict[str, str | int]:
    return {"name": rule.name, "line": rule.line, "text": rule.text}


# Texts of rules ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _code(text: str) -> str:
    """Return a text without comments and texts in quotes, but with the expressions in their braces."""
    plain = re.sub(r"#[^\n]*", "", text)
    return re.sub(r'"[^"\n]*"', lambda match: " ".join(re.findall(r"\{([^{}]*)\}", match[0])), plain)


def words_of(text: str) -> set[str]:
    """Return the words of a rule text, those in braces included; not those of comments and other texts."""
    return set(re.findall(r"[a-z_][a-z0-9_]*", _code(text)))


def _trimmed(text: str) -> str:
    """Return a statement without the comments and blank lines behind it."""
    lines = text.rstrip().splitlines()
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "\n".join(lines)
