"""Allocation: shares of a portfolio, a total split over assets, and hedges of several assets as orders."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import (
    ZERO,
    Number,
    decimal,
    decimal_or_none,
    named,
    not_negative,
    number,
    ratio,
)
from rulelang.hedging.lots import Mode, rounded
from rulelang.hedging.sizing import Future


@frozen
class Weights:
    """The sum of values, and each one's share of it; `None` where the sum is 0."""

    total: Decimal = field(converter=decimal)
    weights: Mapping[str, Decimal | None]


@frozen
class Concentration:
    """The asset with the largest share, the first of equals, that share, and whether it is above the threshold."""

    asset: str
    weight: Decimal | None = field(converter=decimal_or_none)
    fires: bool


@frozen
class Allocation:
    """What each asset gets of a total, and what caps leave over; in the unit of the total."""

    allocation: Mapping[str, Decimal]
    unallocated: Decimal = field(converter=decimal)


@frozen(field_transformer=named)
class Want:
    """The value to hedge of one asset (quote currency; above 0 is sold), with what, and the least worth an order."""

    asset: str
    hedge_notional: Fraction = field(converter=number)
    future: Future
    min_notional: Fraction = field(default=ZERO, converter=not_negative)


@frozen
class AssetOrder:
    """The order of one asset: contracts (short below 0), the value they hedge, and what is missing (quote currency)."""

    contracts: Decimal = field(converter=decimal)
    notional: Decimal = field(converter=decimal)
    shortfall: Decimal = field(converter=decimal)


@frozen
class Orders:
    """The order of each asset, and what is missing in all (quote currency)."""

    orders: Mapping[str, AssetOrder]
    total_shortfall: Decimal = field(converter=decimal)


def weights(values: Mapping[str, Number]) -> Weights:
    """Return the share of each value (any one currency) in their sum. Source: definition.

    >>> weights({"BTC": "3", "ETH": "1"}).weights
    {'BTC': Decimal('0.75'), 'ETH': Decimal('0.25')}
    """
    known = _exact(values)
    total = sum(known.values(), ZERO)
    return Weights(total, {asset: decimal_or_none(ratio(value, total)) for asset, value in known.items()})


def concentration(values: Mapping[str, Number], threshold: Number) -> Concentration:
    """Return the largest share, and whether it is strictly above a threshold (a fraction). Source: definition.

    >>> concentration({"BTC": "3", "ETH": "2"}, "0.6")
    Concentration(asset='BTC', weight=Decimal('0.6'), fires=False)
    """
    known, most = _exact(values), number(threshold, "threshold")
    if not known:
        raise HedgingError("values", "are none", "the value of at least one asset")
    asset = max(known, key=known.__getitem__)
    share = ratio(known[asset], sum(known.values(), ZERO))
    return Concentration(asset, share, share is not None and share > most)


def allocate(total: Number, weights: Mapping[str, Number], caps: Mapping[str, Number] | None = None) -> Allocation:
    """Return a total split by weights; what is above a cap is split again over the others by their weights.

    Total and caps in one currency; weights need not add up to 1. Source: definition.

    >>> allocate("300", {"BTC": "5", "ETH": "3", "SOL": "2"}, {"BTC": "100"}).allocation
    {'BTC': Decimal('100'), 'ETH': Decimal('120'), 'SOL': Decimal('80')}
    """
    whole = not_negative(total, "total")
    limits = {asset: not_negative(cap, f"caps of {asset}") for asset, cap in (caps or {}).items()}
    if unknown := limits.keys() - weights.keys():
        raise HedgingError("caps", f"name {min(unknown)}", f"assets among {', '.join(weights)}")
    known = {asset: not_negative(weight, f"weights of {asset}") for asset, weight in weights.items()}
    shares = _split(whole, known, limits)
    return Allocation(
        {asset: decimal(shares[asset]) for asset in weights}, unallocated=whole - sum(shares.values(), ZERO)
    )


def _split(total: Fraction, weights: dict[str, Fraction], caps: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Return each asset's part: those that come out above their cap get it, and the rest is split anew."""
    sum_ = sum(weights.values(), ZERO)
    if sum_ == 0:
        return dict.fromkeys(weights, ZERO)
    parts = {asset: total * weight / sum_ for asset, weight in weights.items()}
    full = {asset: caps[asset] for asset, part in parts.items() if asset in caps and part > caps[asset]}
    if not full:
        return parts
    others = {asset: weight for asset, weight in weights.items() if asset not in full}
    return full | _split(total - sum(full.values(), ZERO), others, caps)


def allocate_contracts(wants: Iterable[Want], mode: Mode = "down") -> Orders:
    """Return the orders that hedge several assets, each in whole lots, and what they leave open. Source: definition.

    >>> from rulelang.hedging import Linear, unit
    >>> allocate_contracts([Want("BTC", "260000", Future(Linear("1"), "50000", "1"))]).orders["BTC"]
    AssetOrder(contracts=Decimal('-5'), notional=Decimal('250000'), shortfall=Decimal('10000'))
    >>> unit("money / (coins * price)")
    'ratio'
    """
    orders: dict[str, AssetOrder] = {}
    missing = ZERO
    for want in wants:
        if want.asset in orders:
            raise HedgingError("assets", f"name {want.asset} twice", "each asset once")
        contracts = _contracts(want, mode)
        hedged = -want.future.worth(contracts)
        orders[want.asset] = AssetOrder(contracts, hedged, want.hedge_notional - hedged)
        missing += want.hedge_notional - hedged
    return Orders(orders, missing)


def _contracts(want: Want, mode: Mode) -> Fraction:
    contracts = rounded(want.future.count_worth(-want.hedge_notional), want.future.step, mode)
    return contracts if abs(want.future.worth(contracts)) >= want.min_notional else ZERO


def _exact(values: Mapping[str, Number]) -> dict[str, Fraction]:
    return {asset: number(value, f"value of {asset}") for asset, value in values.items()}
