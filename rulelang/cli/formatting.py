"""`rulelang fmt`: lay rule files out anew, or say which would change."""

from collections import Counter
from collections.abc import Sequence

import click
from attrs import frozen

from rulelang.cli.loading import show_problems
from rulelang.cli.rewriting import Original, alone, original
from rulelang.syntax.formatter import formatted
from rulelang.text import RuleError

CHANGED, UNCHANGED, LEFT = "changed", "unchanged", "left alone"


@frozen
class Order:
    """What to do with a file that isn't laid out: name it only (`check`), show its `diff`, or else write it."""

    check: bool
    diff: bool

    @property
    def only_looks(self) -> bool:
        """Whether nothing is written."""
        return self.check or self.diff


def format_files(paths: Sequence[str], order: Order) -> int:
    """Lay every file out and print which were changed; return the exit code."""
    names = alone(paths)
    if names == ["-"]:
        return _standard_input(order)
    results = Counter(_file(name, order) for name in names)
    _say(_tally(len(names), results, order), order)
    return _code(results, order)


def _file(name: str, order: Order) -> str:
    found = original(name)
    text = None if found is None else _laid_out(found)
    if found is None or text is None:
        return LEFT
    if text == found.text:
        return UNCHANGED
    _show(found, text, order)
    if not order.only_looks:
        found.write(text)
    return CHANGED


def _standard_input(order: Order) -> int:
    found = original("-")
    text = None if found is None else _laid_out(found)
    if found is None or text is None:
        return 1
    if not order.only_looks:
        click.echo(text, nl=False)
    elif text != found.text:
        _show(found, text, order)
        return 1
    return 0


def _laid_out(found: Original) -> str | None:
    """Return the text in its canonical layout; its mistakes of syntax are shown on standard error: `None`."""
    try:
        return formatted(found.source)
    except RuleError as error:
        show_problems(error.diagnostics)
        return None


def _show(found: Original, text: str, order: Order) -> None:
    if order.diff:
        click.echo(found.difference(text), nl=False)
    _say(f"{'would reformat' if order.only_looks else 'reformatted'} {found.source.name}", order)


def _say(line: str, order: Order) -> None:
    """Print a line: on standard output, unless a difference goes there."""
    click.echo(line, err=order.diff)


def _tally(files: int, results: Counter[str], order: Order) -> str:
    changed = "would be reformatted" if order.only_looks else "reformatted"
    words = {CHANGED: changed, UNCHANGED: "unchanged", LEFT: "left alone"}
    parts = [f"{results[what]} {said}" for what, said in words.items() if results[what]]
    return f"{files} file{'s' if files != 1 else ''}: {', '.join(parts)}"


def _code(results: Counter[str], order: Order) -> int:
    return 1 if results[LEFT] or (order.only_looks and results[CHANGED]) else 0
