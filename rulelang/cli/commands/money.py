"""Commands about positions and money: plan, beta."""

import click

from rulelang.cli.commands.group import Named, commands, data_options, market_options, piped


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


@commands.command(short_help="Measure betas and correlations to a benchmark, and how stable they are.")
@click.option("--benchmark", required=True, metavar="ASSET", help="What the others are measured against: BTC.")
@click.option("--asset", "assets", multiple=True, metavar="ASSET", help="What is measured, beside PATH:ASSET. Repeat.")
@data_options
@click.option("--window", default="90d", show_default=True, metavar="DURATION", help="The length of a rolling window.")
@click.option(
    "--decay", default="0.94", show_default=True, metavar="NUMBER", help="How weights fall with each day, for EWMA."
)
@click.option("--at", metavar="TIME", help="Measure with what was known then, else with everything.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A table, or JSON.",
)
@click.option("--html", "page", metavar="FILE", help="Write a page there too, with pictures of the windows on the way.")
def beta(
    benchmark: str,
    assets: tuple[str, ...],
    data: tuple[str, ...],
    maps: tuple[str, ...],
    stamp: str | None,
    window: str,
    decay: str,
    at: str | None,
    form: str,
    page: str | None,
) -> int:
    """Measure what each asset does when a benchmark moves: beta, correlation and R² of the changes of daily closes
    (UTC), over all days, the last window, with weights that fall with age (EWMA), and over every window on the way. A
    hedge is as good as its beta is stable.

    \b
    rulelang beta --data btc-1h.parquet:BTC --data eth-1h.parquet:ETH --benchmark BTC --time open
    """
    from rulelang.cli import betas

    if not data:
        raise click.UsageError("give market data: --data FILE")
    order = betas.Order(benchmark, assets, betas.Files(data, maps, stamp), window, decay, at, form, page)
    return piped(lambda: betas.print_betas(order))
