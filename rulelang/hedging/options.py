"""Options on a forward: Black's price and greeks, and the futures that flatten a book of options."""

from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from attrs import field, frozen

from rulelang.hedging.exact import (
    ONE,
    ZERO,
    Number,
    decimal,
    exp,
    ln,
    named,
    not_negative,
    number,
    positive,
    root,
    word,
)
from rulelang.hedging.lots import Mode, rounded

_PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494459")
_HALF = Fraction(1, 2)
_CERTAIN = 15
"""So many deviations away, what is left of the normal distribution is under 1e-50."""


@frozen(field_transformer=named)
class Option:
    """A European option. `forward`, `strike`: quote per base coin; `vol` and `rate`: a year, fractions; `years` left.

    `type`: `call` or `put`. At expiry, and without volatility, it is worth what it can be exercised for.
    """

    forward: Fraction = field(converter=positive)
    strike: Fraction = field(converter=positive)
    years: Fraction = field(converter=not_negative)
    vol: Fraction = field(converter=not_negative)
    type: str
    rate: Fraction = field(default=ZERO, converter=number)

    @property
    def sign(self) -> int:
        return word("type", self.type, {"call": 1, "put": -1})


@frozen(field_transformer=named)
class Held:
    """An option and how many of it are held, each on one base coin; sold ones are below 0."""

    option: Option
    qty: Fraction = field(converter=number)


@frozen
class Greeks:
    """The price of an option (quote currency), its delta (base coins), its gamma (base coins per quote unit).

    `price_coin`: price / forward, in base coins. `net_delta`: delta less the premium, where that is paid in coins.
    """

    price: Decimal = field(converter=decimal)
    delta: Decimal = field(converter=decimal)
    gamma: Decimal = field(converter=decimal)
    price_coin: Decimal = field(converter=decimal)
    net_delta: Decimal = field(converter=decimal)


@frozen
class OptionHedge:
    """A book's delta (base coins) and gamma (base coins per quote unit), the contracts against it, the delta left."""

    delta: Decimal = field(converter=decimal)
    gamma: Decimal = field(converter=decimal)
    contracts_exact: Decimal = field(converter=decimal)
    contracts: Decimal = field(converter=decimal)
    residual_delta: Decimal = field(converter=decimal)


@frozen
class GammaShift:
    """What a move of the price does to a delta (base coins), and the contracts that undo it (short below 0)."""

    delta_change: Decimal = field(converter=decimal)
    contracts: Decimal = field(converter=decimal)


@frozen(field_transformer=named)
class CoinFuture:
    """A linear future: base coins for one contract, and the smallest change of a count."""

    contract_size: Fraction = field(converter=positive)
    step: Fraction = field(converter=positive)


def black76(option: Option) -> Greeks:
    """Return the price and the greeks of an option on a forward.

    Price, delta and gamma are discounted with exp(-rate * years).
    Source: Black 1976, The pricing of commodity contracts.

    >>> from rulelang.hedging import unit
    >>> found = black76(Option("60000", "60000", "0.25", "0.6", "call"))
    >>> round(found.price, 6), round(found.delta, 6)
    (Decimal('7154.123084'), Decimal('0.559618'))
    >>> unit("ratio * (price * number - price * number)")
    'price'
    """
    sign, discount = option.sign, exp(-option.rate * option.years)
    up, down, density = _distribution(option)
    price = max(ZERO, discount * sign * (option.forward * up - option.strike * down))  # far out, digits cancel
    delta = discount * sign * up
    coin = price / option.forward
    return Greeks(price, delta, discount * density, coin, delta - coin)


def _distribution(option: Option) -> tuple[Fraction, Fraction, Fraction]:
    """Return N(±d1), N(±d2), and the undiscounted gamma."""
    deviation = option.vol * root(option.years)
    if deviation == 0:
        ends_in_the_money = ONE if option.sign * (option.forward - option.strike) > 0 else ZERO
        return ends_in_the_money, ends_in_the_money, ZERO
    d1 = ln(option.forward / option.strike) / deviation + deviation / 2
    gamma = normal_density(d1) / (option.forward * deviation)
    return normal(option.sign * d1), normal(option.sign * (d1 - deviation)), gamma


def normal_density(x: Fraction) -> Fraction:
    """Return the density of the standard normal distribution, to about 50 digits."""
    return ZERO if abs(x) > _CERTAIN else exp(-(x**2) / 2) / root(2 * _PI)


def normal(x: Fraction) -> Fraction:
    """Return the standard normal distribution function, to about 50 digits.

    Source: Marsaglia 2004, Evaluating the normal distribution: 1/2 + density * (x + x^3/3 + x^5/(3*5) + …).

    >>> round(normal(Fraction("1.96")), 9) == Fraction("0.975002105")
    True
    """
    if abs(x) > _CERTAIN:
        return ONE if x > 0 else ZERO
    return _HALF + normal_density(x) * _series(x)


def _series(x: Fraction) -> Fraction:
    with localcontext(Context(prec=60)):
        square = Decimal(x.numerator) / x.denominator
        term = total = square
        square *= square
        divisor = 1
        while term and abs(term) > abs(total) * Decimal("1e-58"):
            divisor += 2
            term *= square / divisor
            total += term
        return Fraction(total)


def option_hedge(
    options: Iterable[Held],
    future: CoinFuture,
    *,
    other_delta: Number = 0,
    premium_in_coin: bool = False,
    mode: Mode = "nearest",
) -> OptionHedge:
    """Return the contracts that flatten a book of options and what else is held (`other_delta`, base coins).

    `premium_in_coin`: options are paid for in coins, so their price is exposure too.
    Source: Black 1976, The pricing of commodity contracts.

    >>> option_hedge([Held(Option("60000", "50000", "0", "0", "call"), "2")], CoinFuture("0.01", "1")).contracts
    Decimal('-200')
    """
    delta, gamma = number(other_delta, "other_delta"), ZERO
    for held in options:
        greeks = black76(held.option)
        delta += held.qty * Fraction(greeks.net_delta if premium_in_coin else greeks.delta)
        gamma += held.qty * Fraction(greeks.gamma)
    exact = -delta / future.contract_size
    contracts = rounded(exact, future.step, mode)
    return OptionHedge(delta, gamma, exact, contracts, delta + contracts * future.contract_size)


def gamma_shift(gamma: Number, move: Number, future: CoinFuture, mode: Mode = "nearest") -> GammaShift:
    """Return what a move (quote per base coin) does to the delta of a book, to first order, and the contracts to trade.

    `gamma`: base coins per quote unit. Source: definition, gamma * move.

    >>> gamma_shift("0.0004", "-1500", CoinFuture("0.01", "1"))
    GammaShift(delta_change=Decimal('-0.6'), contracts=Decimal('60'))
    """
    change = number(gamma, "gamma") * number(move, "move")
    return GammaShift(change, rounded(-change / future.contract_size, future.step, mode))
