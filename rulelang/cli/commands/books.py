"""The commands that simulate a book: `backtest` and `diff`."""

from collections.abc import Callable

import click

from rulelang.cli.commands.group import Named, commands, market_options, piped


def book_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of a simulated book: how long, at which costs."""
    for option in (
        click.option(
            "--drift",
            type=click.FloatRange(0, 100),
            default=1.0,
            show_default=True,
            metavar="PERCENT",
            help="Trade a hedge back that is further off, where its target has no band.",
        ),
        click.option(
            "--slippage",
            type=click.FloatRange(0, 10_000),
            metavar="BP",
            help="Basis points of what is traded; else the instruments'.",
        ),
        click.option("--to", "end", metavar="TIME", help="Up to the bar that closes then."),
        click.option("--from", "start", metavar="TIME", help="From this time on; earlier data warms the rules up."),
    ):
        command = option(command)
    return command


@commands.command(short_help="Simulate a book under the rules: would it have helped?")
@click.argument("file", metavar="FILE")
@click.option("--portfolio", required=True, metavar="FILE", help="What is held, as TOML: coins, positions, collateral.")
@click.option("--instruments", required=True, metavar="FILE", help="What can be traded, as TOML: sizes, lots, fees.")
@market_options
@book_options
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the samples behind intervals.")
@click.option("--samples", default=500, show_default=True, type=click.IntRange(20, 20_000), help="How many.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "parquet"]),
    default="text",
    show_default=True,
    help="Tables, everything as JSON, or a line a bar (csv, parquet).",
)
@click.option("--output", "-o", metavar="FILE", help="Write there instead.")
@click.option("--html", "page", metavar="FILE", help="Write a report there too: charts, tables, why targets changed.")
@click.option(
    "--reasons",
    default=2000,
    show_default=True,
    type=click.IntRange(0),
    metavar="CHANGES",
    help="So many of the newest changes the report explains; it takes a second look at the data.",
)
def backtest(
    file: str,
    portfolio: str,
    instruments: str,
    named: Named,
    start: str | None,
    end: str | None,
    slippage: float | None,
    drift: float,
    seed: int,
    samples: int,
    form: str,
    output: str | None,
    page: str | None,
    reasons: int,
) -> int:
    """Simulate a book under the rules, and compare it with no hedge, a constant one, one of 100%, and cash.

    A decision is filled at the open of the next bar, with fees and slippage, in lots that the venue takes. Funding is
    paid at each settlement on the position held just before. Margin, liquidation, rolls and drift are simulated too.
    What isn't known is said, and each year that lacks something is named.

    \b
    rulelang backtest my.rules --portfolio portfolio.toml --instruments instruments.toml \\
      --data btc-1h.parquet --data funding.parquet --time open --html report.html
    """
    from rulelang.cli import backtesting, market

    if not named[0]:
        raise click.UsageError("give market data: --data FILE")
    span = backtesting.Span(start, end)
    order = backtesting.Order(
        market.Asked(file, *named),
        portfolio,
        instruments,
        span,
        slippage,
        drift,
        seed,
        samples,
        form,
        output,
        page,
        reasons,
    )
    return piped(lambda: backtesting.print_backtest(order))


@commands.command(short_help="Show where two rule files decide differently, and what each earned.")
@click.argument("old", metavar="OLD")
@click.argument("new", required=False, metavar="[NEW]")
@market_options
@click.option("--portfolio", metavar="FILE", help="What is held, as TOML; else one coin of each asset.")
@click.option("--instruments", metavar="FILE", help="What can be traded, as TOML; else linear contracts without costs.")
@book_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="The times that mattered most, or all of them (json, csv).",
)
def diff(
    old: str,
    new: str | None,
    named: Named,
    portfolio: str | None,
    instruments: str | None,
    start: str | None,
    end: str | None,
    slippage: float | None,
    drift: float,
    form: str,
) -> int:
    """Show where two versions of a rule file decide differently: when, by how much, and what each would have earned.

    --set holds for NEW only; without NEW it is OLD with these values.

    \b
    rulelang diff old.rules new.rules --data btc-1h.parquet --time open
    rulelang diff my.rules --set crowded=0.1% --data btc-1h.parquet --data funding.parquet --time open
    """
    from rulelang.cli import backtesting, diffing, market

    if not named[0]:
        raise click.UsageError("give market data: --data FILE")
    if new is None and not named[3]:
        raise click.UsageError("give a second rule file, or --set PARAM=VALUE")
    span = backtesting.Span(start, end)
    asked = market.Asked(old, *named)
    order = diffing.Order(asked, new or old, portfolio, instruments, span, slippage, drift, form)
    return piped(lambda: diffing.print_differences(order))
