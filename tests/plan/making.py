"""Makes portfolios, instruments and quotes for tests, with one line for what matters in each."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from rulelang.hedging import Contract, Linear, Lot
from rulelang.hedging.margin import Tier
from rulelang.kinds import RATIO
from rulelang.plan import Aim, Listing, Plan, Portfolio, Quote, Wish, plan
from rulelang.plan.instruments import FeeTier
from rulelang.plan.portfolio import Collateral, Holding, Limits, Open, Venue

NOW = int(datetime(2026, 12, 10, 8, tzinfo=UTC).timestamp())
LOT = Lot("0.001")
ZERO = Fraction(0)


def listing(name: str = "BTC-PERP", **changes: object) -> Listing:
    """Return a linear perpetual on one BTC in lots of 0.001, with changes."""
    said: dict[str, object] = {
        "name": name, "file": "instruments.toml", "venue": "binance", "base": "BTC", "settle": "USDT",
        "contract": Linear("1"), "lot": LOT, "tick": Fraction("0.1"),
        "fees": (FeeTier(ZERO, Fraction("0.0005"), Fraction("0.0002")),), "slippage": Fraction("0.0002"),
        "tiers": (Tier("0", "0.004"), Tier("50000", "0.005"), Tier("250000", "0.01")),
        "liquidation_fee": ZERO, "interval": 28_800, "expiry": None, "price": None,
    }  # fmt: skip
    return Listing(**(said | changes))  # type: ignore[arg-type]


def held(asset: str, coins: str, beta: str | None = None, venue: str | None = None) -> Holding:
    return Holding(asset, Fraction(coins), None, venue, None if beta is None else Fraction(beta))


def opened(of: Listing, contracts: str, entry: str = "50000", margin: str | None = None) -> Open:
    return Open(of, Fraction(contracts), Fraction(entry), None if margin is None else Fraction(margin))


def put_up(asset: str, amount: str, venue: str = "binance") -> Collateral:
    return Collateral(venue, asset, Fraction(amount))


def portfolio(listings: list[Listing], holdings: list[Holding], *positions: Open, **changes: object) -> Portfolio:
    """Return a portfolio; `binance` gives 5 times leverage."""
    said: dict[str, object] = {
        "file": "portfolio.toml", "holdings": {one.asset: one for one in holdings}, "positions": positions,
        "collateral": (), "venues": {"binance": Venue(Fraction(5))}, "hedge": {}, "benchmark": None, "window": None,
        "limits": Limits(Fraction("0.8"), 7 * 86_400, Fraction(1, 2)),
        "listings": {one.name: one for one in listings},
    }  # fmt: skip
    return Portfolio(**(said | changes))  # type: ignore[arg-type]


def quote(close: str = "50000", **changes: object) -> Quote:
    return Quote(Fraction(close), NOW, **changes)  # type: ignore[arg-type]


def aim(name: str, value: str, band: str | None = None, **changes: object) -> Aim:
    """Return a target in force that didn't change at this bar, from 0 to 2."""
    said: dict[str, object] = {
        "name": name, "kind": RATIO, "value": Fraction(value), "band": None if band is None else Fraction(band),
        "free": False, "ends": (ZERO, Fraction(2)), "floor": None, "cap": None, "tolerance": Fraction(1, 10**9),
    }  # fmt: skip
    return Aim(**(said | changes))  # type: ignore[arg-type]


def planned(of: Portfolio, quotes: Mapping[str, Quote], *aims: Aim, assets: tuple[str | None, ...] = ("BTC",)) -> Plan:
    """Return the plan of aims that are the same for each asset."""
    wish = Wish({asset: {one.name: one for one in aims} for asset in assets}, "my.rules", NOW)
    return plan(of, quotes, wish)


def exactly(value: Decimal | None) -> Fraction:
    assert value is not None
    return Fraction(value)


def contract_listing(contract: Contract, lot: Lot, price: Fraction) -> Listing:
    """Return a listing of any contract at a price of its own; what it pays in fits its payoff."""
    settle = {"quote": "USDT", "base": "BTC", "settle": "XRP"}[contract.currency]
    return listing(contract=contract, lot=lot, settle=settle, price=price)
