"""The book at the time of a plan: coins that are exposed, legs of contracts with their prices, money."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from attrs import evolve, field, frozen

from rulelang.hedging import Contract, Quanto
from rulelang.hedging.contracts import gain, quote_value
from rulelang.hedging.exact import ONE, ZERO
from rulelang.hedging.funding import HOURS_A_YEAR
from rulelang.hedging.options import Greeks, Option, black76
from rulelang.hedging.roll import hours_between
from rulelang.kinds.units import digits, time_text
from rulelang.plan.instruments import CASH, Listing
from rulelang.plan.portfolio import OptionHeld, Portfolio
from rulelang.plan.quotes import Quote, regression


@frozen
class Leg:
    """Contracts of one listing (short below 0) at its price now.

    `contract`: the listing's, with the price of what it pays. `entry`: the average; without a position the price now.
    `margin`: in the contract's currency, `None` where nobody has said it. `priced`: where the price comes from. `stop`:
    how far the price may go against the position, a fraction of the entry.
    """

    listing: Listing
    contract: Contract
    price: Fraction
    priced: str
    contracts: Fraction
    entry: Fraction
    margin: Fraction | None
    stop: Fraction | None = None

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
class OptionLeg:
    """Options of one kind with their price and greeks now. `priced`: where the forward comes from."""

    held: OptionHeld
    option: Option
    greeks: Greeks
    priced: str

    @property
    def name(self) -> str:
        """The name that venues give it: coin, expiry, strike, and C or P."""
        day = f"{self.held.expiry:%d%b%y}".upper().removeprefix("0")
        return f"{self.held.base}-{day}-{digits(float(self.held.strike), 12)}-{self.held.type[0].upper()}"

    @property
    def coins(self) -> Fraction:
        return self.held.coins

    @property
    def value(self) -> Fraction:
        """What they are worth in the quote currency, sold ones below 0."""
        return self.coins * Fraction(self.greeks.price)

    @property
    def delta(self) -> Fraction:
        """The base coins that move as they do."""
        return self.coins * Fraction(self.greeks.delta)

    @property
    def gamma(self) -> Fraction:
        """The base coins that the delta changes by, for each quote unit of the price."""
        return self.coins * Fraction(self.greeks.gamma)

    def moved(self, move: Fraction) -> Fraction:
        """Return what a move of the forward (a fraction) brings, in the quote currency."""
        then = black76(evolve(self.option, forward=self.option.forward * (1 + move)))
        return self.coins * (Fraction(then.price) - Fraction(self.greeks.price))


@frozen
class Coins:
    """The coins of one asset that are exposed: held, put up as collateral, and gained by contracts that pay in them.

    `options`: the coins that options move as.
    """

    asset: str
    spot: Fraction
    held: Fraction
    collateral: Fraction
    gained: Fraction
    options: Fraction = ZERO

    @property
    def all(self) -> Fraction:
        return self.held + self.collateral + self.gained

    @property
    def exposed(self) -> Fraction:
        """The coins, and what options move as: what a hedge covers."""
        return self.all + self.options

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
    options: tuple[OptionLeg, ...] = ()

    @property
    def value(self) -> Fraction:
        """What all exposed coins are worth, in the quote currency."""
        return sum((one.value for one in self.coins.values()), ZERO)

    @property
    def equity(self) -> Fraction:
        """What everything is worth, in the quote currency."""
        money = sum((one.gained for one in self.legs.values() if one.contract.currency == "quote"), ZERO)
        return self.value + self.cash + money + sum((one.value for one in self.options), ZERO)

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
    _check_priced(portfolio, quotes, now)
    legs = {one.listing.name: _leg(one.listing, quotes, now) for one in portfolio.positions}
    for one in portfolio.positions:
        name = one.listing.name
        legs[name] = evolve(legs[name], contracts=one.contracts, entry=one.entry, margin=one.margin, stop=one.stop)
    cash = sum((one.amount for one in portfolio.collateral if one.asset in CASH), ZERO)
    options = tuple(_option(one, at, portfolio, quotes, now) for at, one in enumerate(portfolio.options, 1))
    coins = {asset: _coins(asset, portfolio, quotes[asset].close, legs, options) for asset in portfolio.coins}
    return Book(portfolio, now, quotes, coins, legs, cash, options)


def _check_priced(portfolio: Portfolio, quotes: Mapping[str, Quote], now: datetime) -> None:
    for asset in portfolio.priced:
        if asset not in quotes:
            at = time_text(now.timestamp())
            raise portfolio.wrong(portfolio.key_of(asset), f"needs the price of {asset}; the data has no close by {at}")


def _coins(
    asset: str, portfolio: Portfolio, spot: Fraction, legs: Mapping[str, Leg], options: tuple[OptionLeg, ...]
) -> Coins:
    holding = portfolio.holdings.get(asset)
    put_up = sum((one.amount for one in portfolio.collateral if one.asset == asset), ZERO)
    gained = sum((leg.gained for leg in legs.values() if leg.listing.settle == asset), ZERO)
    moving = sum((one.delta for one in options if one.held.base == asset), ZERO)
    return Coins(asset, spot, ZERO if holding is None else holding.coins, put_up, gained, moving)


def _option(held: OptionHeld, at: int, portfolio: Portfolio, quotes: Mapping[str, Quote], now: datetime) -> OptionLeg:
    left = hours_between(now, held.expiry)
    if left <= 0:
        then, here = time_text(held.expiry.timestamp()), time_text(now.timestamp())
        raise portfolio.wrong(f"options[{at}].expiry", f"is {then}, wanted a time after that of the plan, {here}")
    forward, priced = _forward(held, quotes[held.base])
    option = Option(forward, held.strike, left / HOURS_A_YEAR, held.vol, held.type)
    return OptionLeg(held, option, black76(option), priced)


def _forward(held: OptionHeld, quote: Quote) -> tuple[Fraction, str]:
    """Return the price at expiry and where it comes from."""
    if held.forward is not None:
        return held.forward, "forward"
    return (quote.close, "close") if quote.future is None else (quote.future, "future")


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
