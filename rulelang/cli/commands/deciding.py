"""Commands that let rules decide, and ask why: run, why, why-not, replay."""

from collections.abc import Callable

import click

from rulelang.cli.commands.group import Named, commands, market_options, piped


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
