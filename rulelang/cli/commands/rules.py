"""Commands about rule files alone: check, fmt, test, table, describe, functions, fields."""

from collections.abc import Sequence

import click

from rulelang.cli.commands.group import commands, piped

TEMPLATES = ("starter", "events", "funding", "price-move", "rsi", "support", "trend", "volatility", "volume-shelf")
"""The starter, and the strategies of the library whose fields the sample market has."""

_NAMELESS = "name a rule file, a folder with rule files, or - for standard input"


@commands.command(short_help="Check rule files: mistakes, why, and repairs.")
@click.argument("paths", nargs=-1, metavar="FILE|DIR|-")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How to print the diagnostics.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option("--explain", metavar="CODE", help="Print the page of a diagnostic, such as RL302, and stop.")
@click.option("--fix", is_flag=True, help="Make the repairs that are certain, then check what is left.")
@click.option("--diff", is_flag=True, help="With --fix: write nothing; print what would change.")
def check(paths: tuple[str, ...], form: str, strict: bool, explain: str | None, fix: bool, diff: bool) -> int:
    """Check rule files: every mistake, why it is one, and its repair; then a line for each file.

    A DIR is searched for *.rules; - is standard input.

    --fix makes a repair only where nobody could have meant anything else: never one of two, never a guess at a name,
    and never one that moves a number by a factor of a hundred (RL302). What would bring a new mistake is not made. Used
    files are repaired where they are named themselves; of - the repaired text is printed.
    """
    from rulelang.cli import checking

    if explain is not None:
        return piped(lambda: checking.explain(explain))
    if not paths:
        raise click.UsageError(_NAMELESS)
    if diff and not fix:
        raise click.UsageError("--diff needs --fix: it prints what --fix would change")
    if fix:
        return _fix(paths, form, strict, diff)
    return checking.check_files(paths, form, strict)


def _fix(paths: Sequence[str], form: str, strict: bool, diff: bool) -> int:
    from rulelang.cli import fixing

    if form != "text":
        raise click.UsageError("--fix goes with --format text only")
    return piped(lambda: fixing.fix_files(paths, fixing.Order(strict, diff)))


@commands.command(short_help="Lay rule files out: one rule a paragraph, one clause a line.")
@click.argument("paths", nargs=-1, metavar="FILE|DIR|-")
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change, and fail if any would.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change, and fail if anything would.")
def fmt(paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Lay rule files out in the one canonical way; what they mean, their words and their comments stay.

    One rule a paragraph, one clause a line, 100 columns, UTF-8 without a byte-order mark, line ends as on Unix. Files
    are written in place; one with mistakes of syntax is left alone. A DIR is searched for *.rules; - reads standard
    input and prints.
    """
    from rulelang.cli import formatting

    if not paths:
        raise click.UsageError(_NAMELESS)
    return piped(lambda: formatting.format_files(paths, formatting.Order(check, diff)))


@commands.command(short_help="Run the tests in rule files.")
@click.argument("paths", nargs=-1, metavar="FILE|DIR|-")
@click.option("-k", "selected", multiple=True, metavar="WORD", help="Run the tests with WORD in `file::test`. Repeat.")
@click.option(
    "--cover-at-least",
    "least",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail where the tests of a file cover less of it.",
)
@click.option("--watch", is_flag=True, help="Run again each time that a file is saved, until Ctrl-C.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "junit", "json"]),
    default="text",
    show_default=True,
    help="How to print the results.",
)
def test(paths: tuple[str, ...], selected: tuple[str, ...], least: float | None, watch: bool, form: str) -> int:
    """Run the `test` blocks of rule files; nothing to run is a failure.

    Of a test that fails, what is expected stands beside what is decided, bar by bar around the first difference, and
    that bar is explained. Coverage is counted with every run: rules active, exits reached, each comparison both true
    and false, brakes at work.
    """
    from rulelang.cli import testing

    if not paths:
        raise click.UsageError(_NAMELESS)
    order = testing.Order(paths, form, selected, least)
    return piped(lambda: testing.watch(order) if watch else testing.run_tests(order))


@commands.command(short_help="Show what every combination of active rules does to each target.")
@click.argument("file", metavar="FILE")
@click.argument("names", nargs=-1, metavar="[RULE]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "csv", "html"]),
    default="text",
    show_default=True,
    help="How to print the table.",
)
@click.option("--asset", "assets", multiple=True, metavar="ASSET", help="Only for this asset. Repeat for several.")
def table(file: str, names: tuple[str, ...], form: str, assets: tuple[str, ...]) -> int:
    """Show what every combination of active rules does to each target: its level, floors and caps, what is desired,
    and the rule with the last word.

    A table combines up to 12 rules; of a file with more, name those to combine: the others are taken as inactive.
    Combinations are left out where the same value would have to lie on both sides of a constant. Brakes are no part of
    the table.

    \b
    rulelang table my.rules
    rulelang table my.rules crowded trend_broken --asset BTC
    rulelang table my.rules --format html > my.html

    In CSV there is a line for each combination and target, with 1 for an active rule; levels are plain numbers, 0.6 for
    60%, or the file's own words where they depend on data.
    """
    from rulelang.cli import tabling

    return piped(lambda: tabling.print_table(file, names, assets, form))


@commands.command(short_help="Say in plain English what a rule file does.")
@click.argument("file", metavar="FILE")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="How to print the sentences.",
)
def describe(file: str, form: str) -> int:
    """Say in plain English what a rule file does, for those who don't read the language.

    Every window is given in periods and in time, every rate with its period, funding with who pays. In a pipe each
    sentence is a line of its own, so that two descriptions can be compared:

    \b
    rulelang describe old.rules > old.txt
    rulelang describe new.rules | diff old.txt -
    """
    from rulelang.cli import describing

    return piped(lambda: describing.describe(file, form))


_reference_format = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or JSON for editors.",
)


@commands.command(short_help="List the functions of the language, or explain one.")
@click.argument("name", required=False, metavar="[NAME]")
@_reference_format
def functions(name: str | None, form: str) -> int:
    """List the functions of the language, or explain one: what it takes and gives, its warm-up, an example."""
    from rulelang.cli import describing

    return piped(lambda: describing.functions(name, form))


@commands.command(short_help="List the market fields, or explain one.")
@click.argument("name", required=False, metavar="[NAME]")
@_reference_format
def fields(name: str | None, form: str) -> int:
    """List the market fields that every rule file knows, or explain one: its unit, cadence, bounds, who pays."""
    from rulelang.cli import describing

    return piped(lambda: describing.fields(name, form))


@commands.command(short_help="Serve an editor: mistakes as you type, completion, what each value means.")
@click.option("--tcp", metavar="[HOST:]PORT", help="Wait for one editor to connect there, in place of that.")
def lsp(tcp: str | None) -> int:
    """Serve an editor over standard input and output, by the language server protocol.

    Editors start this themselves. It needs the extra `editor`: pip install 'rulelang[editor]'.
    """
    from rulelang.cli import serving

    return serving.serve(tcp)


@commands.command("new", short_help="Begin: a folder with rules that pass their tests, and a market to try them on.")
@click.argument("name", metavar="NAME")
@click.option(
    "--template",
    type=click.Choice(TEMPLATES),
    default=TEMPLATES[0],
    show_default=True,
    help="The rules to begin with: a commented starter, or a strategy of the library.",
)
def new(name: str, template: str) -> int:
    """Make a folder NAME: NAME.rules with tests that pass, portfolio.toml, instruments.toml, a sample market, and a
    README with the commands to run next. A folder that is there already is left alone. A NAME that ends in .rules is
    the file's: its folder is called the same, without the ending.

    \b
    rulelang new my-hedge
    rulelang new events --template events
    """
    from rulelang.cli import starting

    return piped(lambda: starting.make(starting.Order(name, template)))


@commands.command(short_help="Find rules to paste among the strategies that come with rulelang.")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--file", "file", metavar="NAME", help="Print the whole file of a strategy.")
@_reference_format
def examples(words: tuple[str, ...], file: str | None, form: str) -> int:
    """List the strategies that come with rulelang; with words, print the rules that fit all of them, ready to paste.

    Words are looked for in names, introductions, fields, functions and rules. What a rule stands on (its params, lets,
    events) is printed with it; `bars` and `assets` are your file's own.

    \b
    rulelang examples
    rulelang examples funding
    rulelang examples crosses sma
    rulelang examples --file crowding > my.rules
    """
    from rulelang.cli import library

    if file is not None and (words or form == "json"):
        raise click.UsageError("--file prints a whole file: give it alone")
    if file is not None:
        return piped(lambda: library.print_file(file))
    return piped(lambda: library.print_found(words, form) if words else library.print_list(form))
