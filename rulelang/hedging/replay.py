"""Replay: a hedge walked along a path of prices, bar by bar, with funding and fees."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import Factory, define, field, frozen

from rulelang.hedging.contracts import Contract, Currency, count_of_coins, gain
from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import (
    ZERO,
    decimal,
    named,
    number,
    number_or_none,
    positive,
)
from rulelang.hedging.funding import Settlement, payment
from rulelang.hedging.lots import Mode, rounded
from rulelang.hedging.positions import fee_of


@frozen(field_transformer=named)
class Bar:
    """One bar: its price (quote per base coin), the hedge ratio from then on (`None`: as it is), the rate settled."""

    price: Fraction = field(converter=positive)
    target: Fraction | None = field(default=None, converter=number_or_none)
    funding: Fraction = field(default=ZERO, converter=number)


@frozen(field_transformer=named)
class Setup:
    """What is hedged with what: coins held, which are the collateral of a contract that pays in them; contract, costs.

    `step`: contracts. `fee_rate`: fraction of the traded value.
    """

    contract: Contract
    spot_qty: Fraction = field(converter=number)
    step: Fraction = field(converter=positive)
    fee_rate: Fraction = field(converter=number)
    mode: Mode = "down"


@frozen
class Replay:
    """What came of it.

    `positions`: contracts after each bar, short below 0. `orders`: how many were sent. `hedge_pnl`, `funding` (received
    above 0) and `fees` (paid above 0): in `currency`. `coins`: base coins at the end. Quote currency at the last price:
    `spot_pnl` of the coins held at first, `equity` of everything, `net` = equity less the coins' value at first.
    """

    positions: tuple[Decimal, ...]
    orders: int
    hedge_pnl: Decimal = field(converter=decimal)
    funding: Decimal = field(converter=decimal)
    fees: Decimal = field(converter=decimal)
    currency: Currency
    coins: Decimal = field(converter=decimal)
    spot_pnl: Decimal = field(converter=decimal)
    equity: Decimal = field(converter=decimal)
    net: Decimal = field(converter=decimal)


@define
class _Walk:
    """The hedge on its way: contracts held, and what they brought so far in the contract's currency."""

    setup: Setup
    contracts: Fraction = ZERO
    hedge_pnl: Fraction = ZERO
    funding: Fraction = ZERO
    fees: Fraction = ZERO
    positions: list[Fraction] = Factory(list)

    @property
    def result(self) -> Fraction:
        return self.hedge_pnl + self.funding - self.fees

    @property
    def coins(self) -> Fraction:
        """The base coins to be hedged: those held, and those the contract paid."""
        return self.setup.spot_qty + self.setup.contract.coins(self.result)

    def step(self, last: Bar, bar: Bar) -> None:
        """Mark the hedge from the last bar, settle funding on it, then bring it to the bar's target."""
        contract = self.setup.contract
        self.hedge_pnl += gain(contract, self.contracts, last.price, bar.price)
        self.funding += payment(contract, self.contracts, Settlement(bar.price, bar.funding))
        if bar.target is not None:
            self._trade_to(self._target(bar.target, bar.price), bar.price)
        self.positions.append(self.contracts)

    def _target(self, ratio: Fraction, price: Fraction) -> Fraction:
        exact = count_of_coins(self.setup.contract, -ratio * self.coins, price)
        return rounded(exact, self.setup.step, self.setup.mode)

    def _trade_to(self, contracts: Fraction, price: Fraction) -> None:
        self.fees += fee_of(self.setup.contract, contracts - self.contracts, price, self.setup.fee_rate)
        self.contracts = contracts


def replay(setup: Setup, bars: Sequence[Bar]) -> Replay:
    """Return what a hedge along a path of prices brought.

    At each bar the hedge is marked from the last one, funding is settled on the position held, at this bar's price, and
    then the position goes to the bar's target: -ratio * coins, where coins that the contract paid count too.
    Source: definition; BitMEX, Inverse Perpetuals Guide: a short that its own coins cover is worth a constant amount.

    >>> from rulelang.hedging import Inverse, unit
    >>> done = replay(Setup(Inverse("1"), "1", "1", fee_rate="0"), [Bar("50000", "1"), Bar("80000"), Bar("25000")])
    >>> done.positions[-1], done.coins, done.equity, done.net
    (Decimal('-50000'), Decimal('2'), Decimal('50000'), Decimal('0'))
    >>> unit("(coins + coins) * price - coins * price")
    'money'
    """
    if not bars:
        raise HedgingError("bars", "are none", "at least one bar")
    walk = _Walk(setup)
    for last, bar in zip([bars[0], *bars], bars, strict=False):
        walk.step(last, bar)
    return _told(walk, bars[0].price, bars[-1].price)


def _told(walk: _Walk, first: Fraction, last: Fraction) -> Replay:
    contract, held = walk.setup.contract, walk.setup.spot_qty
    equity = held * last + contract.quote(walk.result, last)
    return Replay(
        positions=tuple(decimal(contracts) for contracts in walk.positions),
        orders=sum(before != after for before, after in zip([ZERO, *walk.positions], walk.positions, strict=False)),
        hedge_pnl=walk.hedge_pnl,
        funding=walk.funding,
        fees=walk.fees,
        currency=contract.currency,
        coins=walk.coins,
        spot_pnl=held * (last - first),
        equity=equity,
        net=equity - held * first,
    )
