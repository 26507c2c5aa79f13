"""The book at the time of a plan: coins that are exposed, legs of contracts with their prices, money."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from attrs import evolve, field, frozen

from rulelang.hedging import Contract, Quanto
from rulelang.hedging.contracts import gain, quote_value
from rulelang.hedging.exact import ONE, ZERO
from rulelang.hedging.roll import hours_between
from rulelang.kinds.units import time_text
from rulelang.plan.instruments import CASH, Listing
from rulelang.plan.portfolio import Portfolio
from rulelang.plan.quotes import Quote, regression


@frozen
class Leg:
    """Contracts of one listing (short below 0) at its price now.

    `contract`: the listing's, with the price of what it pays. `entry`: the average; without a position the price now.
    `margin`: in the contract's currency, `None` where nobody has said it. `priced`: where the price comes from.
    """

    listing: Listing
    contract: Contract
    price: Fraction
    priced: str
    contracts: Fraction
    entry: Fraction
    margin: Fraction | None

    @property
    def name(self) -> str:
        return self.listing.name

    @property
    def each(self) -> Fraction:
        """The base coins that move as one contract does."""
        return self.contract.delta(ONE, self.price)

    @property
    def delta(self) -> Fraction:
        """The base coins that move as the contracts do."""
        return self.contracts * self.each

    @property
    def value(self) -> Fraction:
        """What the contracts are worth in the quote currency, short below 0."""
        return quote_value(self.contract, self.contracts, self.price)

    @property
    def gained(self) -> Fraction:
        """The PnL since entry, in the contract's currency."""
        return gain(self.contract, self.contracts, self.entry, self.price)


@frozen
class Coins:
    """The coins of one asset that are exposed: held, put up as collateral, and gained by contracts that pay in them."""

    asset: str
    spot: Fraction
    held: Fraction
    collateral: Fraction
    gained: Fraction

    @property
    def all(self) -> Fraction:
        return self.held + self.collateral + self.gained

    @property
    def value(self) -> Fraction:
        """The value in the quote currency."""
        return self.all * self.spot


@frozen
class Book:
    """The portfolio with prices: `coins` by asset, `legs` by instrument, `cash` in the quote currency."""

    portfolio: Portfolio
    now: datetime
    quotes: Mapping[str, Quote] = field(repr=False)
    coins: Mapping[str, Coins]
    legs: Mapping[str, Leg]
    cash: Fraction

    @property
    def value(self) -> Fraction:
        """What all exposed coins are worth, in the quote currency."""
        return sum((one.value for one in self.coins.values()), ZERO)

    @property
    def equity(self) -> Fraction:
        """What everything is worth, in the quote currency."""
        money = sum((one.gained for one in self.legs.values() if one.contract.currency == "quote"), ZERO)
        return self.value + self.cash + money

    def leg(self, listing: Listing) -> Leg:
        """Return the leg of a listing, an empty one where nothing is held. Raises `PlanError`."""
        found = self.legs.get(listing.name)
        return found or _leg(listing, self.quotes, self.now)

    def beta(self, asset: str, coin: str) -> tuple[Fraction, Fraction | None]:
        """Return the beta of an asset to a coin, and R² where it is measured. Raises `PlanError` if nothing says it."""
        if asset == coin:
            return ONE, ONE
        holding, benchmark = self.portfolio.holdings.get(asset), self.portfolio.benchmark
        if holding is not None and holding.beta is not None and benchmark in (None, coin):
            return holding.beta, None
        return self._measured(asset, coin)

    def _measured(self, asset: str, coin: str) -> tuple[Fraction, Fraction | None]:
        window = self.portfolio.window
        if window is None:
            wanted = f'wanted the beta of {asset} to {coin}, or a window to measure it over, [beta] window = "90d"'
            raise self.portfolio.wrong(f"holdings.{asset}.beta", f"is missing, {wanted}")
        days = window // 86_400
        found = regression(self.quotes[asset], self.quotes[coin], days) if days >= 2 else None
        if found is None or found.beta is None:
            both = len(self.quotes[asset].days.keys() & self.quotes[coin].days.keys())
            wanted = f"at least 2 and fewer than the {both} whole days on which the data has {asset} and {coin}"
            raise self.portfolio.wrong("beta.window", f"is {days} days, wanted {wanted}, with prices that move")
        return Fraction(found.beta), None if found.r2 is None else Fraction(found.r2)


def book(portfolio: Portfolio, quotes: Mapping[str, Quote], now: datetime) -> Book:
    """Return the book of a portfolio at a time (with its zone). Raises `PlanError`."""
    legs = {one.listing.name: _leg(one.listing, quotes, now) for one in portfolio.positions}
    for one in portfolio.positions:
        name = one.listing.name
        legs[name] = evolve(legs[name], contracts=one.contracts, entry=one.entry, margin=one.margin)
    cash = sum((one.amount for one in portfolio.collateral if one.asset in CASH), ZERO)
    coins = {asset: _coins(asset, portfolio, quotes[asset].close, legs) for asset in portfolio.coins}
    return Book(portfolio, now, quotes, coins, legs, cash)


def _coins(asset: str, portfolio: Portfolio, spot: Fraction, legs: Mapping[str, Leg]) -> Coins:
    holding = portfolio.holdings.get(asset)
    put_up = sum((one.amount for one in portfolio.collateral if one.asset == asset), ZERO)
    gained = sum((leg.gained for leg in legs.values() if leg.listing.settle == asset), ZERO)
    return Coins(asset, spot, ZERO if holding is None else holding.coins, put_up, gained)


def _leg(listing: Listing, quotes: Mapping[str, Quote], now: datetime) -> Leg:
    if listing.expiry is not None and hours_between(now, listing.expiry) <= 0:
        then, here = time_text(listing.expiry.timestamp()), time_text(now.timestamp())
        raise listing.wrong("expiry", f"is {then}, wanted a time after that of the plan, {here}")
    price, priced = _price(listing, _quote(listing, listing.base, quotes))
    return Leg(listing, _contract(listing, quotes), price, priced, ZERO, price, None)


def _price(listing: Listing, quote: Quote) -> tuple[Fraction, str]:
    """Return the price of a listing and where it comes from."""
    name = "mark" if listing.expiry is None else "future"
    said = quote.mark if listing.expiry is None else quote.future
    if listing.price is not None:
        return listing.price, "price"
    return (quote.close, "close") if said is None else (said, name)


def _contract(listing: Listing, quotes: Mapping[str, Quote]) -> Contract:
    """Return the contract; one that pays another coin needs what that costs."""
    if isinstance(listing.contract, Quanto):
        return evolve(listing.contract, settle_price=_quote(listing, listing.settle, quotes).close)
    return listing.contract


def _quote(listing: Listing, asset: str, quotes: Mapping[str, Quote]) -> Quote:
    if asset not in quotes:
        key = "base" if asset == listing.base else "settle"
        raise listing.wrong(key, f"is {asset}, of which the data has no `close`")
    return quotes[asset]
