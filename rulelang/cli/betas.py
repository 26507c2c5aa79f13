"""`rulelang beta`: betas, correlations and R² to a benchmark, and how stable they are."""

import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import click
from attrs import asdict, frozen

from rulelang.cli import terminal
from rulelang.cli.market import moment, problems_shown
from rulelang.cli.pages import write_page
from rulelang.data import FileSpec, Market, Need, Request, Stamp, parse_map, parse_spec, read
from rulelang.kinds import parse_duration
from rulelang.kinds.units import digits, time_text
from rulelang.plan import Quote, Watch
from rulelang.plan.beta_page import as_html
from rulelang.plan.betas import Line, Measured, Spread, measured
from rulelang.plan.forms import plain
from rulelang.plan.quotes import CLOSE, DAY, fields
from rulelang.text.layout import columns

_DAYS = re.compile(r"[1-9]\d{0,4}[dwy]")


@frozen
class Files:
    """The market data that a command line names."""

    data: tuple[str, ...]
    maps: tuple[str, ...]
    stamp: str | None


@frozen
class Order:
    """What the command line asks for."""

    benchmark: str
    assets: tuple[str, ...]
    files: Files
    window: str
    decay: str
    at: str | None
    form: str
    page: str | None


def print_betas(order: Order) -> int:
    """Print betas; return the exit code."""
    window, decay = _window(order.window), _decay(order.decay)
    at = moment(order.at, "--at")
    with problems_shown():
        quotes = _quotes(order, at)
    found = measured(quotes, order.benchmark, window, decay)
    click.echo(_json(order, found) if order.form == "json" else _text(order, found, terminal.width()), nl=False)
    if order.page is not None:
        write_page(order.page, as_html(found, order.benchmark, order.window, _text(order, found, 100)))
    return 0


def _decay(text: str) -> Decimal:
    found = Decimal(text) if re.fullmatch(r"0?\.\d{1,10}", text) else Decimal(0)
    if not found:
        raise click.UsageError(f"--decay {text} is no decay; write a number between 0 and 1, such as 0.94")
    return found


def _window(text: str) -> int:
    days = parse_duration(text) // DAY if _DAYS.fullmatch(text) else 0
    if days < 2:
        raise click.UsageError(f"--window {text} is no window; write whole days, at least 2, such as 90d")
    return days


def _quotes(order: Order, at: float | None) -> dict[str, Quote]:
    """Return what is known of each asset, the benchmark first."""
    specs = [parse_spec(text) for text in order.files.data]
    assets = _assets(order, specs)
    close = next(one for one in fields() if one.name == CLOSE)
    request = Request(tuple(Need(asset, close) for asset in assets), assets)
    maps = [parse_map(text) for text in order.files.maps]
    stamp = Stamp(order.files.stamp) if order.files.stamp else None
    return _seen(read(specs, request, maps, stamp, sys.stdin.buffer), assets, at)


def _assets(order: Order, specs: Sequence[FileSpec]) -> tuple[str, ...]:
    labelled = [spec.asset for spec in specs if spec.asset is not None]
    assets = tuple(dict.fromkeys((order.benchmark, *order.assets, *labelled)))
    for asset in assets:
        if not re.fullmatch("[0-9]*[A-Z][A-Z0-9_]*", asset):
            raise click.UsageError(f"{asset} is no asset: assets are in capitals, such as BTC")
    if len(assets) == 1:
        raise click.UsageError("say of which assets: --asset ETH, or --data PATH:ETH")
    return assets


def _seen(market: Market, assets: Sequence[str], at: float | None) -> dict[str, Quote]:
    if market.bars > DAY:
        raise click.UsageError("the bars are longer than a day: betas are measured over days")
    watches = {asset: Watch(market.bars) for asset in assets}
    last = market.steps.times[0]
    for time, values in market.steps:
        if at is not None and time > at:
            break
        last = time
        for asset, watch in watches.items():
            if asset in values:
                watch.see(time, values[asset])
    quotes = {asset: quote for asset, watch in watches.items() if (quote := watch.quote(last)) is not None}
    if absent := [asset for asset in assets if asset not in quotes]:
        raise click.UsageError(f"--at {time_text(at or last)} is before the first close of {', '.join(absent)}")
    return quotes


# What is printed ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _json(order: Order, found: Sequence[Measured]) -> str:
    rows = [{**asdict(one), "first": _date(one.first), "last": _date(one.last)} for one in found]
    for row in rows:
        del row["path"]
    said: dict[str, Any] = {
        "benchmark": order.benchmark, "window": order.window, "decay": order.decay, "assets": rows,
    }  # fmt: skip
    return json.dumps(plain(said), indent=2) + "\n"


def _text(order: Order, found: Sequence[Measured], width: int) -> str:
    now = [["asset", "days", "beta", "± error", "correlation", "R²", f"beta {order.window}", f"R² {order.window}",
            f"EWMA {order.decay}"]]  # fmt: skip
    past = [["asset", "windows", "beta least", "middle", "most", "R² least", "middle", "most"]]
    for one in found:
        newest = [_number(_of(one.newest, "beta")), _number(_of(one.newest, "r2"))]
        names = ("days", "beta", "stderr", "correlation", "r2")
        now.append([one.asset, *(_number(_of(one.all, name)) for name in names), *newest, _number(one.ewma)])
        if one.rolling is not None:
            ends = (*_ends(one.rolling.beta), *_ends(one.rolling.r2))
            past.append([one.asset, str(one.rolling.windows), *ends])
    lines = [f"Changes of daily closes against {order.benchmark}", *columns(now, width)]
    if len(past) > 1:
        lines += ["", f"Over every {order.window} on the way", *columns(past, width)]
    return "\n".join([*lines, *_short(order, found)]) + "\n"


def _short(order: Order, found: Sequence[Measured]) -> list[str]:
    short = [one.asset for one in found if one.rolling is None]
    text = f"{', '.join(short)}: too few days with {order.benchmark} for a window of {order.window}, or no move in them"
    return ["", text] if short else []


def _of(one: Line | None, name: str) -> Decimal | int | None:
    return None if one is None else getattr(one, name)


def _number(value: Decimal | int | float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else digits(round(float(value), 4), 10)


def _ends(spread: Spread) -> tuple[str, str, str]:
    return _number(spread.low), _number(spread.median), _number(spread.high)


def _date(day: int) -> str | None:
    """Return the day that ends at a midnight."""
    return datetime.fromtimestamp((day - 1) * DAY, UTC).strftime("%Y-%m-%d") if day else None
