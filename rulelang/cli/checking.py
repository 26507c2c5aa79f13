"""`rulelang check`: find the files, check them, print diagnostics and a line for each file."""

import json
import sys
import time
from collections.abc import Sequence
from typing import IO

import click

from rulelang.check import Checking, Outside, Summary, check, summary
from rulelang.cli import terminal
from rulelang.cli.loading import rule_files, rule_source, shown
from rulelang.text import Diagnostic, Severity, render
from rulelang.text.layout import paragraph


def explain(code: str) -> int:
    """Print the page of a diagnostic."""
    from rulelang.text.pages import page

    found = page(code.upper())
    if found is None:
        raise click.UsageError(f"there is no diagnostic `{code}`; codes look like RL302")
    lines = (part for line in found.page.splitlines() for part in paragraph(line, terminal.width()))
    click.echo(f"{found.code} ({found.severity.value}): {found.title}\n\n" + "\n".join(lines))
    for title, text in (("mistake", found.mistake), ("repair", found.repair)):
        if text:
            body = "\n".join(f"    {line}" for line in text.strip().splitlines())
            click.echo(f"\n{title}:\n\n{body}")
    return 0


def _checked(name: str, now: float) -> Checking:
    source, reader = rule_source(name)
    return check(source, reader=reader, outside=Outside(now=now))


def failed(diagnostics: Sequence[Diagnostic], strict: bool) -> bool:
    """Say whether there is an error among them, or, where that is `strict`, a warning."""
    failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    return any(diagnostic.severity in failing for diagnostic in diagnostics)


def check_files(paths: Sequence[str], form: str, strict: bool) -> int:
    """Check every file and print what was found; return the exit code."""
    now = time.time()
    results = [(shown(name), _checked(name, now)) for name in rule_files(paths)]
    diagnostics = [diagnostic for _, checking in results for diagnostic in checking.diagnostics]
    _print(_shown(form, results, diagnostics))
    return 1 if failed(diagnostics, strict) else 0


def _print(text: str) -> None:
    """Print to the end, or as far as somebody reads (`| head`): what was found doesn't depend on it."""
    try:
        click.echo(text, nl=False)
        sys.stdout.flush()
    except BrokenPipeError:
        terminal.leave_output()


def _shown(form: str, results: list[tuple[str, Checking]], diagnostics: list[Diagnostic]) -> str:
    match form:
        case "json":
            files = [{"file": name, "summary": _record(checking)} for name, checking in results]
            return json.dumps({"diagnostics": render.as_json(diagnostics), "files": files}, indent=2) + "\n"
        case "github":
            return render.github(diagnostics)
        case "sarif":
            return json.dumps(_sarif(diagnostics), indent=2) + "\n"
        case _:
            return told(results)


def _sarif(diagnostics: list[Diagnostic]) -> dict[str, object]:
    from rulelang import __version__
    from rulelang.text.pages import PAGES

    return render.sarif(diagnostics, version=__version__, titles={page.code: page.title for page in PAGES})


def _record(checking: Checking) -> dict[str, object] | None:
    if checking.rules is None:
        return None
    found: Summary = summary(checking.rules)
    return {
        "rules": found.rules,
        "assets": list(found.assets),
        "bars": found.bars,
        "history_periods": found.periods,
        "history_days": None if found.history is None else found.history / 86_400,
        "state_bytes": found.state,
        "targets": dict(found.bounds),
    }


def told(results: Sequence[tuple[str, Checking]], stream: IO[str] | None = None) -> str:
    """Return for people what was found in files, each with its name, and a line for each; `None`: standard output."""
    diagnostics = [diagnostic for _, checking in results for diagnostic in checking.diagnostics]
    shown = render.text(diagnostics, colour=terminal.colour(stream), width=terminal.width(stream))
    lines = [shown] if shown else []
    for name, checking in results:
        errors = sum(d.severity is Severity.ERROR for d in checking.diagnostics)
        warnings = len(checking.diagnostics) - errors
        found = ", ".join(_counted(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n)
        if checking.rules is not None:
            lines.append(f"{name}: {summary(checking.rules)}{f' · {found}' if found else ''}\n")
        else:
            lines.append(f"{name}: {found}\n")
    return "\n".join(lines) if shown else "".join(lines)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number != 1 else ''}"
