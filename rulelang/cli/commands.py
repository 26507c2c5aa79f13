"""The commands and their options."""

import os
import sys
from collections.abc import Callable, Sequence

import click

from rulelang import __version__
from rulelang.cli import terminal
from rulelang.cli.book_commands import backtest, diff
from rulelang.cli.options import CLEAN, Named, data_options, market_options, piped

USAGE, OURS = 2, 3

_NAMELESS = "name a rule file, a folder with rule files, or - for standard input"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="rulelang")
def commands() -> None:
    """Hedging rules that read like English: check them, run them over history.

    Exit codes: 0 clean, 1 problems found, 2 wrong usage, 3 a fault of rulelang itself.
    """


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


@commands.command(short_help="Run a rule file over market data.")
@click.argument("file", metavar="FILE")
@market_options
@click.option("--from", "start", metavar="TIME", help="Report from this time on; earlier data warms the rules up.")
@click.option("--to", "end", metavar="TIME", help="Report up to this time (included), and stop there.")
@click.option("--cold", is_flag=True, help="Start cold at --from: leave the data before it out.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "ndjson", "parquet"]),
    help="Summary and changes (table), a line a bar (csv, parquet), or whole decision records (ndjson).",
)
@click.option("--output", "-o", metavar="FILE", help="Write there instead; the ending tells the format.")
@click.option(
    "--engine",
    type=click.Choice(["native", "reference"]),
    default="native",
    show_default=True,
    help="What decides: the fast engine, or the slow evaluator that is the meaning of the language.",
)
def run(
    file: str,
    named: Named,
    start: str | None,
    end: str | None,
    cold: bool,
    form: str | None,
    output: str | None,
    engine: str,
) -> int:
    """Run a rule file over market data and print what it decides.

    \b
    rulelang run my.rules --data btc-1h.parquet --data funding.parquet --time open
    rulelang run my.rules --data btc-1h.parquet --time open -o decisions.ndjson
    feed | rulelang run my.rules --data - --time close --format ndjson
    """
    from rulelang.cli import market, running

    if not named[0]:
        raise click.UsageError("give market data: --data FILE, or --data - for standard input")
    if cold and start is None:
        raise click.UsageError("--cold needs --from: it says where to start")
    asked = market.Asked(file, *named)
    order = running.Order(asked, start, end, cold, form, output, engine)
    return piped(lambda: running.run(order))


def question_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of a question about one decision."""
    for option in (
        click.option(
            "--format",
            "form",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="Sentences, or the answer with the whole decision record.",
        ),
        click.option("--asset", metavar="ASSET", help="The asset, where the rules run for several."),
        click.option("--at", metavar="TIME", help="The bar that closes then, or the newest before: 2024-03-14T08:00Z."),
    ):
        command = option(command)
    return command


@commands.command(short_help="Explain what was decided at a bar.")
@click.argument("file", metavar="FILE|RECORDS")
@market_options
@question_options
def why(
    file: str,
    named: Named,
    at: str | None,
    asset: str | None,
    form: str,
) -> int:
    """Explain what was decided at a bar, from a rule file and market data, or from decision records alone.

    \b
    rulelang why my.rules --data btc-1h.parquet --time open --at 2024-03-14T08:00Z
    rulelang why decisions.ndjson --at 2024-03-14T08:00Z
    """
    from rulelang.cli import explaining, market

    order = explaining.Order(market.Asked(file, *named), None, at, asset, form)
    return piped(lambda: explaining.answer(order))


@commands.command("why-not", short_help="Explain why a rule is not active, or not decisive, at a bar.")
@click.argument("rule", metavar="RULE")
@click.argument("file", metavar="FILE|RECORDS")
@market_options
@question_options
def why_not(
    rule: str,
    file: str,
    named: Named,
    at: str | None,
    asset: str | None,
    form: str,
) -> int:
    """Explain why a rule is not active at a bar or, where it is, why it doesn't have its way.

    \b
    rulelang why-not crowded my.rules --data btc-1h.parquet --time open --at 2024-03-14T08:00Z
    rulelang why-not crowded decisions.ndjson --at 2024-03-14T08:00Z
    """
    from rulelang.cli import explaining, market

    order = explaining.Order(market.Asked(file, *named), rule, at, asset, form)
    return piped(lambda: explaining.answer(order))


@commands.command(short_help="Decide again from recorded inputs: is a log of decisions true?")
@click.argument("records", metavar="RECORDS")
@click.option("--rules", "file", required=True, metavar="FILE", help="The rule file that decided.")
@market_options
@click.option("--part", is_flag=True, help="RECORDS are of a part of their run: bars before and after aren't missed.")
def replay(
    records: str,
    file: str,
    named: Named,
    part: bool,
) -> int:
    """Decide again what RECORDS (NDJSON, from `rulelang run`) hold, and fail on any difference.

    Records that begin with their run hold all inputs. For those that begin later, give the data from the run's first
    bar on; the recorded inputs are then compared with the data too.

    Lines missing amid a log, altered, doubled or moved are found either way. That the last lines are missing, or all
    lines of an asset, only the data can show.

    \b
    rulelang run my.rules --data btc-1h.parquet --time open -o decisions.ndjson
    rulelang replay decisions.ndjson --rules my.rules
    """
    from rulelang.cli import explaining, market

    order = explaining.Replay(records, market.Asked(file, *named), part)
    return piped(lambda: explaining.replay_records(order))


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


@commands.command(short_help="Say which orders bring a portfolio to what the rules want.")
@click.argument("file", metavar="FILE")
@click.option("--portfolio", required=True, metavar="FILE", help="What is held, as TOML: coins, positions, collateral.")
@click.option("--instruments", required=True, metavar="FILE", help="What can be traded, as TOML: sizes, lots, fees.")
@market_options
@click.option("--at", metavar="TIME", help="The bar that closes then, or the newest before; else the last.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Tables and sentences, everything as JSON, or the orders as CSV.",
)
@click.option("--html", "page", metavar="FILE", help="Write a page there too, with a picture of what moves bring.")
def plan(
    file: str,
    portfolio: str,
    instruments: str,
    named: Named,
    at: str | None,
    form: str,
    page: str | None,
) -> int:
    """Say which orders bring a portfolio to what the rules want: how many of which contract, what that costs and earns,
    who pays whom, where positions are liquidated, and what a move of prices does. Nothing is sent anywhere.

    The targets `hedge`, `beta` and `leverage` are understood; others are shown.

    \b
    rulelang plan my.rules --portfolio portfolio.toml --instruments instruments.toml \\
      --data btc-1h.parquet --data funding.parquet --time open
    """
    from rulelang.cli import market, planning

    if not named[0]:
        raise click.UsageError("give market data: --data FILE")
    asked = market.Asked(file, *named)
    return piped(lambda: planning.print_plan(planning.Order(asked, portfolio, instruments, at, form, page)))


commands.add_command(backtest)
commands.add_command(diff)


@commands.command(short_help="Measure betas and correlations to a benchmark, and how stable they are.")
@click.option("--benchmark", required=True, metavar="ASSET", help="What the others are measured against: BTC.")
@click.option("--asset", "assets", multiple=True, metavar="ASSET", help="What is measured, beside PATH:ASSET. Repeat.")
@data_options
@click.option("--window", default="90d", show_default=True, metavar="DURATION", help="The length of a rolling window.")
@click.option("--at", metavar="TIME", help="Measure with what was known then, else with everything.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A table, or JSON.",
)
def beta(
    benchmark: str,
    assets: tuple[str, ...],
    data: tuple[str, ...],
    maps: tuple[str, ...],
    stamp: str | None,
    window: str,
    at: str | None,
    form: str,
) -> int:
    """Measure what each asset does when a benchmark moves: beta, correlation and R² of the changes of daily closes
    (UTC), over all days, the last window, and every window on the way. A hedge is as good as its beta is stable.

    \b
    rulelang beta --data btc-1h.parquet:BTC --data eth-1h.parquet:ETH --benchmark BTC --time open
    """
    from rulelang.cli import betas

    if not data:
        raise click.UsageError("give market data: --data FILE")
    order = betas.Order(benchmark, assets, betas.Files(data, maps, stamp), window, at, form)
    return piped(lambda: betas.print_betas(order))


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


def run_commands(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; what goes wrong is one message, never a traceback."""
    terminal.open_streams()
    try:
        code = commands.main(list(arguments), prog_name="rulelang", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped", err=True)
        return 130
    except Exception as error:
        if os.environ.get("RULELANG_TRACEBACK"):
            raise
        message = f"rulelang: a fault of ours, not of your files: {type(error).__name__}: {error}"
        click.echo(
            f"{message}\nplease report it with the output of RULELANG_TRACEBACK=1 {' '.join(sys.argv)}", err=True
        )
        return OURS
    return code if isinstance(code, int) else CLEAN
