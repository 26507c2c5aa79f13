"""`rulelang check --fix`: make the repairs that are certain, print them, then check what is left."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from attrs import frozen

from rulelang.check import Checking, Outside, check
from rulelang.check.repairs import Repair, Repaired, repaired
from rulelang.cli.checking import failed, told
from rulelang.cli.rewriting import Original, alone, original
from rulelang.rulefile import beside
from rulelang.text import Source
from rulelang.text.render import visible


@frozen
class Order:
    """Whether warnings fail too (`strict`), and whether to print the difference in place of writing it."""

    strict: bool
    diff: bool


def fix_files(paths: Sequence[str], order: Order) -> int:
    """Repair every file and print the repairs and what is left; return the exit code."""
    names = alone(paths)
    found = [one for one in map(original, names) if one is not None]
    now = time.time()
    results = [repaired(one.source, _check(one, now)) for one in found]
    for one, result in zip(found, results, strict=True):
        _hand_over(one, result, order)
    left = [_check(one, now)(result.source) for one, result in zip(found, results, strict=True)]
    _report(results, left, err=order.diff or names == ["-"])
    waiting = order.diff and any(result.repairs for result in results)
    remaining = [diagnostic for checking in left for diagnostic in checking.diagnostics]
    return 1 if len(found) < len(names) or waiting or failed(remaining, order.strict) else 0


def _check(found: Original, now: float) -> Callable[[Source], Checking]:
    reader = beside(Path(found.name))
    return lambda source: check(source, reader=reader, outside=Outside(now=now))


def _hand_over(found: Original, result: Repaired, order: Order) -> None:
    """Write the repaired text, or print it or its difference; a file without a repair is not touched."""
    text = found.restored(result.source.text)
    if order.diff:
        click.echo(found.difference(text) if result.repairs else "", nl=False)
    elif found.name == "-":
        click.echo(text, nl=False)
    elif result.repairs:
        found.write(text)


def _report(results: Sequence[Repaired], left: Sequence[Checking], err: bool) -> None:
    """Print the repairs, and what is left in each file once all are repaired (one may use another)."""
    for result in results:
        for repair in sorted(result.repairs, key=lambda one: one.diagnostic.position):
            click.echo(_said(repair), err=err)
    checked = [(result.source.name, checking) for result, checking in zip(results, left, strict=True)]
    click.echo(told(checked, sys.stderr if err else sys.stdout), nl=False, err=err)


def _said(repair: Repair) -> str:
    """Say what a repair did: `my.rules:3:14: RL105: 5 % → 5%`."""
    source, fix = repair.diagnostic.source, repair.fix
    line, column = source.position(fix.span.start)
    before, after = (visible(" ".join(text.split())) for text in (source.excerpt(fix.span), fix.text))
    done = f"`{before}` → `{after}`" if after else f"`{before}` removed"
    return f"{source.name}:{line}:{column}: {repair.diagnostic.code}: {done}"
