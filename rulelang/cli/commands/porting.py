"""The command for those who port the evaluator to another language: conform."""

import click

from rulelang.cli.commands.group import commands, piped


@commands.command(
    short_help="Prove that another program decides as rulelang does.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("command", nargs=-1, metavar="[--] [PROGRAM [ARGUMENT]...]")
@click.option("--only", type=click.Choice(["decisions", "refusals"]), help="Only texts that run, or that are refused.")
@click.option("-k", "selected", multiple=True, metavar="WORD", help="Only cases with WORD in `origin::name`. Repeat.")
@click.option(
    "--patience",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long an answer may take.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print what came of it.",
)
def conform(command: tuple[str, ...], only: str | None, selected: tuple[str, ...], patience: float, form: str) -> int:
    """Put rulelang's conformance cases to PROGRAM, and say where it decides otherwise; without one, list the cases.

    The program gets a case a line on its standard input, as JSON, and answers each with a line: what
    docs/conformance.md tells. With --format json and no program the cases are printed, with what is expected.

    \b
    rulelang conform ./my-evaluator
    rulelang conform --only decisions -k drawn -- node evaluator.js --quiet
    """
    from rulelang.cli import conforming

    order = conforming.Order(command, only, selected, patience, form)
    return piped(lambda: conforming.conform(order))
