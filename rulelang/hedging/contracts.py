"""Contracts: what a number of them is worth and pays, for the three ways in which futures are quoted and settled.

A contract is its value in the currency that it pays, as a function of the price; everything else follows from that.
Counts of contracts, coins and values are signed: long above 0, short below.
"""

from fractions import Fraction
from typing import Literal, Protocol

from attrs import field, frozen

from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import ONE, ZERO, Number, named, needed, positive, positive_or_none

Currency = Literal["quote", "base", "settle"]
"""The money that a contract pays: the quote currency (USD), the coin itself, or another coin."""

_PRICE = "a price above 0: an inverse contract has a delta only at a price"
_SETTLE = "the quote price of one coin of those that the contract pays"


class Contract(Protocol):
    """What every contract knows of itself. Methods take and give exact fractions; prices are quote per base coin."""

    @property
    def currency(self) -> Currency:
        """The money in which value, PnL, margin, fees and funding are paid."""

    @property
    def slope(self) -> int:
        """1 where the value rises with the price; -1 where it falls, because it is counted in the coin itself."""

    @property
    def has_quote(self) -> bool:
        """Whether amounts of its currency can be told in the quote currency."""

    def value(self, contracts: Fraction, price: Fraction) -> Fraction:
        """Return what contracts are worth, in the contract's currency."""

    def price_at(self, contracts: Fraction, value: Fraction) -> Fraction:
        """Return the price at which contracts are worth this: `value` turned round."""

    def delta(self, contracts: Fraction, price: Fraction | None) -> Fraction:
        """Return the base coins that move in the quote currency as the contracts do."""

    def quote(self, amount: Fraction, price: Fraction) -> Fraction:
        """Return an amount of the contract's currency in the quote currency."""

    def coins(self, amount: Fraction) -> Fraction:
        """Return the base coins that an amount of the contract's currency is: none unless it pays in them."""


@frozen(field_transformer=named)
class Linear:
    """A contract on `contract_size` base coins that pays in the quote currency.

    Source: Bybit Help Center, P&L calculations (USDT contract).
    """

    contract_size: Fraction = field(converter=positive)
    currency: Currency = field(default="quote", init=False, repr=False)
    slope: int = field(default=1, init=False, repr=False)
    has_quote: bool = field(default=True, init=False, repr=False)

    def value(self, contracts: Fraction, price: Fraction) -> Fraction:
        return contracts * self.contract_size * price

    def price_at(self, contracts: Fraction, value: Fraction) -> Fraction:
        return value / (contracts * self.contract_size)

    def delta(self, contracts: Fraction, price: Fraction | None) -> Fraction:
        return contracts * self.contract_size

    def quote(self, amount: Fraction, price: Fraction) -> Fraction:
        return amount

    def coins(self, amount: Fraction) -> Fraction:
        return ZERO


@frozen(field_transformer=named)
class Inverse:
    """A contract on `contract_size` units of the quote currency (USD) that pays in the base coin.

    Source: BitMEX, Inverse Perpetuals Guide; Bybit Help Center, P&L calculations (inverse contracts).
    """

    contract_size: Fraction = field(converter=positive)
    currency: Currency = field(default="base", init=False, repr=False)
    slope: int = field(default=-1, init=False, repr=False)
    has_quote: bool = field(default=True, init=False, repr=False)

    def value(self, contracts: Fraction, price: Fraction) -> Fraction:
        return contracts * self.contract_size / price

    def price_at(self, contracts: Fraction, value: Fraction) -> Fraction:
        return contracts * self.contract_size / value

    def delta(self, contracts: Fraction, price: Fraction | None) -> Fraction:
        return self.value(contracts, needed("price", price, _PRICE))

    def quote(self, amount: Fraction, price: Fraction) -> Fraction:
        return amount * price

    def coins(self, amount: Fraction) -> Fraction:
        return amount


@frozen(field_transformer=named)
class Quanto:
    """A contract that pays `contract_size` coins of another kind for each quote unit of the price.

    `settle_price`: quote price of one of those coins; what is told in the quote currency or in base coins needs it.
    Source: BitMEX, Quanto Perpetuals Guide.
    """

    contract_size: Fraction = field(converter=positive)
    settle_price: Fraction | None = field(default=None, converter=positive_or_none)
    currency: Currency = field(default="settle", init=False, repr=False)
    slope: int = field(default=1, init=False, repr=False)

    @property
    def has_quote(self) -> bool:
        return self.settle_price is not None

    def value(self, contracts: Fraction, price: Fraction) -> Fraction:
        return contracts * self.contract_size * price

    def price_at(self, contracts: Fraction, value: Fraction) -> Fraction:
        return value / (contracts * self.contract_size)

    def delta(self, contracts: Fraction, price: Fraction | None) -> Fraction:
        return self.quote(contracts * self.contract_size, ONE)

    def quote(self, amount: Fraction, price: Fraction) -> Fraction:
        return amount * needed("settle_price", self.settle_price, _SETTLE)

    def coins(self, amount: Fraction) -> Fraction:
        return ZERO


# What follows from the value, for every contract ──────────────────────────────────────────────────────────────────────


def gain(contract: Contract, contracts: Fraction, entry: Fraction, exit: Fraction) -> Fraction:
    """Return the PnL between two prices, in the contract's currency, before fees and funding.

    >>> gain(Linear("0.01"), Fraction(-500), Fraction(50000), Fraction(47000))
    Fraction(15000, 1)
    >>> gain(Inverse("100"), Fraction(-10), Fraction(50000), Fraction(40000))  # 1000 USD: 0.025 coins, then 0.02
    Fraction(1, 200)
    """
    return contract.slope * (contract.value(contracts, exit) - contract.value(contracts, entry))


def quote_value(contract: Contract, contracts: Fraction, price: Fraction) -> Fraction:
    """Return what contracts are worth in the quote currency."""
    return contract.quote(contract.value(contracts, price), price)


def count_worth(contract: Contract, amount: Fraction, price: Fraction) -> Fraction:
    """Return the contracts that are worth an amount of the quote currency, before rounding to lots."""
    return amount / quote_value(contract, ONE, price)


def count_of_coins(contract: Contract, coins: Fraction, price: Fraction) -> Fraction:
    """Return the contracts whose delta is so many base coins, before rounding to lots."""
    return coins / contract.delta(ONE, price)


def quote_if_known(contract: Contract, amount: Fraction, price: Fraction) -> Fraction | None:
    """Return an amount of the contract's currency in the quote currency, or `None` without a price for it."""
    return contract.quote(amount, price) if contract.has_quote else None


def contract_of(kind: str, contract_size: Number, settle_price: Number | None = None) -> Contract:
    """Return the contract that a word names; raise `HedgingError` for other words and for a missing size.

    >>> contract_of("inverse", "100")
    Inverse(contract_size=100)
    """
    match kind:
        case "linear":
            return Linear(contract_size)
        case "inverse":
            return Inverse(contract_size)
        case "quanto":
            return Quanto(contract_size, settle_price)
    raise HedgingError("contract", f"is {kind!r:.40}", "`linear`, `inverse` or `quanto`")
