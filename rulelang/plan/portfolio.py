"""The portfolio: what is held, which positions are open, what lies at which venue, and what hedges what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from attrs import field, frozen

from rulelang.hedging.exact import ZERO, not_negative, not_zero, number, positive
from rulelang.kinds.units import parse_duration
from rulelang.plan.errors import PlanError
from rulelang.plan.instruments import CASH, Listing
from rulelang.plan.keys import Keys, opened

BOOK = "book"
"""The key of `[hedge]` that says what a `beta` target trades."""


@frozen
class Holding:
    """Coins of an asset (owed: below 0). `cost`: what one cost, quote. `beta`: to the benchmark, or what hedges it."""

    asset: str
    coins: Fraction
    cost: Fraction | None
    venue: str | None
    beta: Fraction | None


@frozen
class Open:
    """An open position: contracts (short below 0), entry (quote per base coin), margin in the contract's currency.

    `stop`: how far its price may go against it, a fraction of the entry.
    """

    listing: Listing
    contracts: Fraction
    entry: Fraction
    margin: Fraction | None
    stop: Fraction | None = None


@frozen
class OptionHeld:
    """European options on one coin each (sold: below 0). `type`: `call` or `put`; `strike`: quote per base coin.

    `vol`: implied, a year, a fraction. `forward`: quote per base coin at expiry; `None`: the data's `future`, or close.
    """

    base: str
    type: str
    strike: Fraction
    expiry: datetime
    coins: Fraction
    vol: Fraction
    forward: Fraction | None


@frozen
class Collateral:
    """What lies at a venue as collateral, without the PnL of open positions: money, or coins."""

    venue: str
    asset: str
    amount: Fraction


@frozen
class Venue:
    """Terms at a venue: leverage of isolated margin (`None`: not said), volume of 30 days in the quote currency."""

    leverage: Fraction | None = None
    volume: Fraction = ZERO


@frozen
class Limits:
    """From where on a plan warns: R² below, time to expiry within (seconds), share at one venue above.

    `risk_aversion`: per unit of the quote currency, for the band around a book of options; `liquidation`: how far away
    it has to be, a fraction of the price; both `None` where nobody said it.
    """

    r2: Fraction
    roll: int
    venue: Fraction
    risk_aversion: Fraction | None = None
    liquidation: Fraction | None = None


@frozen
class Portfolio:
    """Everything that a portfolio file says."""

    file: str
    holdings: Mapping[str, Holding]
    positions: tuple[Open, ...]
    collateral: tuple[Collateral, ...]
    venues: Mapping[str, Venue]
    hedge: Mapping[str, str]
    benchmark: str | None
    window: int | None
    limits: Limits
    listings: Mapping[str, Listing] = field(repr=False)
    options: tuple[OptionHeld, ...] = ()
    rolls: Mapping[str, str] = field(factory=dict)

    def wrong(self, key: str, message: str) -> PlanError:
        """Return the error about one of its keys."""
        return PlanError(self.file, key, message)

    def key_of(self, asset: str) -> str:
        """Return the key that brings an asset in."""
        if asset in self.holdings:
            return f"holdings.{asset}"
        for at, one in enumerate(self.collateral, 1):
            if one.asset == asset:
                return f"collateral[{at}].asset"
        for at, position in enumerate(self.positions, 1):
            if asset in _paid(position.listing):
                return f"positions[{at}].instrument"
        for at, option in enumerate(self.options, 1):
            if option.base == asset:
                return f"options[{at}].base"
        hedged = (own for own, name in self.hedge.items() if asset in _paid(self.listings[name]))
        return next((f"hedge.{own}" for own in hedged), "beta.benchmark")

    def venue(self, name: str) -> Venue:
        """Return the terms at a venue."""
        return self.venues.get(name, Venue())

    @property
    def coins(self) -> tuple[str, ...]:
        """Every coin that the portfolio is open to: held, put up as collateral, or moved by contracts."""
        named = [*self.holdings, *(one.asset for one in self.collateral), *(one.base for one in self.options)]
        return _coins(named, [one.listing for one in self.positions])

    @property
    def priced(self) -> tuple[str, ...]:
        """Every coin whose price a plan needs: those, what hedges them, and the benchmark."""
        named = [*self.coins, *([self.benchmark] if self.benchmark else [])]
        return _coins(named, [self.listings[name] for name in (*self.hedge.values(), *self.rolls.values())])


def _coins(named: Sequence[str], listings: Sequence[Listing]) -> tuple[str, ...]:
    paid = [asset for one in listings for asset in _paid(one)]
    return tuple(dict.fromkeys(asset for asset in (*named, *paid) if asset not in CASH))


def _paid(listing: Listing) -> tuple[str, str]:
    return listing.base, listing.settle


def portfolio(file: str, text: str, listings: Mapping[str, Listing]) -> Portfolio:
    """Return the portfolio of a TOML text. Raises `PlanError`; `listings` are the instruments that it may name."""
    keys = opened(file, text)
    keys.only("holdings", "positions", "options", "collateral", "venues", "hedge", "roll", "beta", "limits")
    beta = keys.table("beta")
    beta.only("benchmark", "window")
    found = Portfolio(
        file,
        {name: _holding(keys.table("holdings"), name) for name in keys.table("holdings").data},
        tuple(_open(row, listings) for row in keys.rows("positions")),
        tuple(_collateral(row) for row in keys.rows("collateral")),
        _venues(keys.table("venues"), listings),
        _hedge(keys.table("hedge"), listings),
        beta.asset("benchmark") if beta.has("benchmark") else None,
        beta.seconds_or_none("window"),
        _limits(keys.table("limits")),
        listings,
        tuple(_option(row) for row in keys.rows("options")),
        _rolls(keys.table("roll"), listings),
    )
    _check_once(found, keys)
    return found


def _holding(holdings: Keys, asset: str) -> Holding:
    if holdings.checked_asset(asset, asset) in CASH:
        raise holdings.wrong(asset, "is money, wanted a coin; money goes under [[collateral]]")
    keys = holdings.table(asset)
    keys.only("coins", "cost", "venue", "beta")
    return Holding(
        asset, keys.number("coins", number), keys.number_or_none("cost", positive), keys.text_or_none("venue"),
        keys.number_or_none("beta", not_zero),
    )  # fmt: skip


def _open(keys: Keys, listings: Mapping[str, Listing]) -> Open:
    keys.only("instrument", "contracts", "entry", "margin", "stop")
    name = keys.text("instrument")
    if name not in listings:
        raise keys.wrong("instrument", f'is "{name:.60}", wanted one of the instruments: {_named(listings)}')
    return Open(
        listings[name], keys.number("contracts", not_zero), keys.number("entry", positive),
        keys.number_or_none("margin", positive), keys.share_or_none("stop", positive),
    )  # fmt: skip


def _option(keys: Keys) -> OptionHeld:
    keys.only("base", "type", "strike", "expiry", "coins", "vol", "forward")
    kind = keys.text("type")
    if kind not in ("call", "put"):
        raise keys.wrong("type", f'is "{kind:.40}", wanted "call" or "put"')
    return OptionHeld(
        keys.asset("base"), kind, keys.number("strike", positive), keys.moment("expiry"),
        keys.number("coins", not_zero), keys.share("vol", positive), keys.number_or_none("forward", positive),
    )  # fmt: skip


def _rolls(keys: Keys, listings: Mapping[str, Listing]) -> dict[str, str]:
    """Return into which instrument each dated one is rolled."""
    found = {}
    for near in keys.data:
        if near not in listings:
            raise keys.wrong(near, f"is none of the instruments, wanted one of {_named(listings)}")
        found[near] = keys.text(near)
        if found[near] not in listings:
            raise keys.wrong(near, f'is "{found[near]:.60}", wanted one of the instruments: {_named(listings)}')
        _check_roll(keys, listings[near], listings[found[near]])
    return found


def _check_roll(keys: Keys, near: Listing, far: Listing) -> None:
    if near.expiry is None:
        raise keys.wrong(near.name, "is a perpetual and needs no roll, wanted a dated contract")
    if near.base != far.base:
        raise keys.wrong(near.name, f"is {far.name}, a contract on {far.base}, wanted one on {near.base}")
    if far.expiry is not None and far.expiry <= near.expiry:
        raise keys.wrong(near.name, f"is {far.name}, which doesn't expire later, wanted one that does")


def _named(listings: Mapping[str, Listing]) -> str:
    return ", ".join(listings)


def _collateral(keys: Keys) -> Collateral:
    keys.only("venue", "asset", "amount")
    return Collateral(keys.text("venue"), keys.asset("asset"), keys.number("amount", not_negative))


def _venues(keys: Keys, listings: Mapping[str, Listing]) -> dict[str, Venue]:
    """Return the terms by venue; a name that no instrument has would be a slip of the pen that changes nothing."""
    known = dict.fromkeys(one.venue for one in listings.values())
    for name in keys.data:
        if name not in known:
            raise keys.wrong(name, f"is a venue of no instrument, wanted one of theirs: {', '.join(known)}")
    return {name: _venue(one) for name, one in keys.tables()}


def _venue(keys: Keys) -> Venue:
    keys.only("leverage", "volume")
    return Venue(keys.number_or_none("leverage", positive), keys.number_or_none("volume", not_negative) or ZERO)


def _hedge(keys: Keys, listings: Mapping[str, Listing]) -> dict[str, str]:
    """Return which instrument hedges which asset."""
    found = {}
    for asset in keys.data:
        name = keys.text(asset)
        if asset != BOOK:
            keys.checked_asset(asset, asset)
        if name not in listings:
            raise keys.wrong(asset, f'is "{name:.60}", wanted one of the instruments: {_named(listings)}')
        found[asset] = name
    return found


def _limits(keys: Keys) -> Limits:
    keys.only("r2", "venue", "roll", "risk_aversion", "liquidation")
    r2, venue = keys.number_or_none("r2", not_negative), keys.share_or_none("venue", not_negative)
    if r2 is not None and r2 > 1:
        raise keys.wrong("r2", "is above 1, wanted a number from 0 to 1: R² has no greater values")
    roll = keys.seconds_or_none("roll")
    return Limits(
        Fraction(4, 5) if r2 is None else r2,
        parse_duration("7d") if roll is None else roll,
        Fraction(1, 2) if venue is None else venue,
        keys.number_or_none("risk_aversion", positive),
        keys.share_or_none("liquidation", positive),
    )


def _check_once(found: Portfolio, keys: Keys) -> None:
    """Refuse a position that stands there twice, and a hedge for an asset of which nothing is there."""
    names = [one.listing.name for one in found.positions]
    for at, name in enumerate(names):
        if name in names[:at]:
            first = names.index(name) + 1
            key = f"positions[{at + 1}].instrument"
            raise PlanError(keys.file, key, f"is {name}, as that of positions[{first}], wanted one position of each")
    held = set(found.coins)
    for asset in found.hedge:
        if asset != BOOK and asset not in held:
            raise found.wrong(f"hedge.{asset}", f"is for an asset of which nothing is held; held are {_held(held)}")


def _held(assets: set[str]) -> str:
    return ", ".join(sorted(assets)) or "none"
