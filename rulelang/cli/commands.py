"""The commands and their options."""

import os
import sys
from collections.abc import Callable, Sequence

import click

from rulelang import __version__
from rulelang.cli import terminal

CLEAN, USAGE, OURS = 0, 2, 3
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
def check(paths: tuple[str, ...], form: str, strict: bool, explain: str | None) -> int:
    """Check rule files: every mistake, why it is one, and its repair; then a line for each file.

    A DIR is searched for *.rules; - is standard input.
    """
    from rulelang.cli import checking

    if explain is not None:
        return _piped(lambda: checking.explain(explain))
    if not paths:
        raise click.UsageError(_NAMELESS)
    return checking.check_files(paths, form, strict)


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
    return _piped(lambda: formatting.format_files(paths, formatting.Order(check, diff)))


@commands.command(short_help="Run a rule file over market data.")
@click.argument("file", metavar="FILE")
@click.option(
    "--data",
    multiple=True,
    required=True,
    metavar="PATH[:ASSET]",
    help="A Parquet, CSV or NDJSON file (- is standard input): bars, funding, an event calendar. Repeat for several.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="FIELD=COLUMN[*SCALE]",
    help="Take a field from a column, times a factor: --map iv=dvol*0.01.",
)
@click.option(
    "--time",
    "stamp",
    type=click.Choice(["open", "close"]),
    help="What the times of bars are, where a file doesn't tell.",
)
@click.option(
    "--set", "params", multiple=True, metavar="PARAM=VALUE", help="Give a param another value: --set crowded=0.1%."
)
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
def run(
    file: str,
    data: tuple[str, ...],
    maps: tuple[str, ...],
    stamp: str | None,
    params: tuple[str, ...],
    start: str | None,
    end: str | None,
    cold: bool,
    form: str | None,
    output: str | None,
) -> int:
    """Run a rule file over market data and print what it decides.

    \b
    rulelang run my.rules --data btc-1h.parquet --data funding.parquet --time open
    rulelang run my.rules --data btc-1h.parquet --time open -o decisions.ndjson
    feed | rulelang run my.rules --data - --time close --format ndjson
    """
    from rulelang.cli import running

    if cold and start is None:
        raise click.UsageError("--cold needs --from: it says where to start")
    order = running.Order(file, data, maps, stamp, params, start, end, cold, form, output)
    return _piped(lambda: running.run(order))


def _piped(work: Callable[[], int]) -> int:
    """Do the work; a reader of standard output that has seen enough (`| head`) ends it, which is no problem."""
    try:
        code = work()
        sys.stdout.flush()
    except BrokenPipeError:
        terminal.leave_output()
        return CLEAN
    return code


def run_commands(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; what goes wrong is one message, never a traceback."""
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
