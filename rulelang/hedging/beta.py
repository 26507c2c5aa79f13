"""Beta: what a book of several assets is open to in terms of one, and the futures that change it.

Values are in the quote currency. The value to sell is above 0, the value to buy below.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from rulelang.hedging.contracts import quote_value
from rulelang.hedging.exact import (
    ZERO,
    Number,
    decimal,
    decimal_or_none,
    named,
    not_zero,
    number,
    ratio,
)
from rulelang.hedging.lots import Mode, rounded
from rulelang.hedging.positions import Position
from rulelang.hedging.sizing import Future


@frozen(field_transformer=named)
class Holding:
    """A value (quote currency, owed below 0) and its beta to the asset of the futures."""

    value: Fraction = field(converter=number)
    beta: Fraction = field(converter=number)

    @property
    def dollar_beta(self) -> Fraction:
        return self.value * self.beta


@frozen(field_transformer=named)
class Moved:
    """A holding, and what its price changed by since (a fraction)."""

    value: Fraction = field(converter=number)
    beta: Fraction = field(converter=number)
    change: Fraction = field(converter=number)

    @property
    def before(self) -> Holding:
        return Holding(self.value, self.beta)

    @property
    def after(self) -> Holding:
        return Holding(self.value * (1 + self.change), self.beta)


@frozen
class PortfolioBeta:
    """The value of a book, its value times beta (both quote currency), and its beta, `None` where the value is 0."""

    value: Decimal = field(converter=decimal)
    dollar_beta: Decimal = field(converter=decimal)
    beta: Decimal | None = field(converter=decimal_or_none)


@frozen
class BetaHedge:
    """The futures that bring a book to a beta.

    `hedge_notional`: quote currency, sold above 0. Contracts are short below 0: exact, rounded, and the order from the
    present position. `residual_beta`: what is left, `None` where the value is 0.
    """

    hedge_notional: Decimal = field(converter=decimal)
    contracts_exact: Decimal = field(converter=decimal)
    contracts: Decimal = field(converter=decimal)
    order: Decimal = field(converter=decimal)
    residual_beta: Decimal | None = field(converter=decimal_or_none)


@frozen
class BetaDrift:
    """A book before and after a move, and the order that brings it back to its target.

    `value1`: quote currency. Betas of the book, and with its futures; `None` where a value is 0. Contracts: short
    below 0.
    """

    beta0: Decimal | None = field(converter=decimal_or_none)
    value1: Decimal = field(converter=decimal)
    beta1: Decimal | None = field(converter=decimal_or_none)
    effective_beta: Decimal | None = field(converter=decimal_or_none)
    target_contracts: Decimal = field(converter=decimal)
    order: Decimal = field(converter=decimal)


@frozen
class PairHedge:
    """The futures that flatten a pair: dollar beta in the quote currency, contracts short below 0, and what is left."""

    dollar_beta: Decimal = field(converter=decimal)
    contracts_exact: Decimal = field(converter=decimal)
    contracts: Decimal = field(converter=decimal)
    side: Literal["long", "short", "none"]
    residual_dollar_beta: Decimal = field(converter=decimal)


def portfolio_beta(positions: Iterable[Holding]) -> PortfolioBeta:
    """Return the beta of a book: values weighted. Dollar beta adds up even where the value is 0.

    Source: J. Hull, Options, Futures and Other Derivatives, hedging an equity portfolio.

    >>> from rulelang.hedging import unit
    >>> portfolio_beta([Holding("100000", "1"), Holding("100000", "2")]).beta
    Decimal('1.5')
    >>> unit("money * number / money")
    'ratio'
    """
    value, dollar = _sums(positions)
    return PortfolioBeta(value, dollar, ratio(dollar, value))


def _sums(holdings: Iterable[Holding]) -> tuple[Fraction, Fraction]:
    """Return the value and the dollar beta of a book."""
    value, dollar = ZERO, ZERO
    for holding in holdings:
        value += holding.value
        dollar += holding.dollar_beta
    return value, dollar


def beta_hedge(
    holding: Holding,
    future: Future,
    *,
    target_beta: Number = 0,
    beta_futures: Number = 1,
    current: Number = 0,
    mode: Mode = "down",
) -> BetaHedge:
    """Return the futures that bring a book to a target beta: (beta - target) * value / beta of the futures is sold.

    `current`: contracts held, short below 0.
    Source: J. Hull, Options, Futures and Other Derivatives, changing the beta of a portfolio.

    >>> from rulelang.hedging import Linear, unit
    >>> beta_hedge(Holding("100000", "1.2"), Future(Linear("0.001"), "50000", "1"), target_beta="0.5").contracts
    Decimal('-1400')
    >>> unit("(number - number) * money / number / (coins * price)")
    'ratio'
    """
    each = not_zero(beta_futures, "beta_futures")
    sold = (holding.dollar_beta - number(target_beta, "target_beta") * holding.value) / each
    exact = future.count_worth(-sold)
    contracts = rounded(exact, future.step, mode)
    left = ratio(holding.dollar_beta + future.worth(contracts) * each, holding.value)
    return BetaHedge(sold, exact, contracts, contracts - number(current, "current"), left)


def effective_beta(holding: Holding, position: Position, beta_futures: Number = 1) -> Decimal | None:
    """Return the beta of a book with a futures position; `None` where the book's value is 0.

    Source: J. Hull, Options, Futures and Other Derivatives, changing the beta of a portfolio.

    >>> from rulelang.hedging import Linear, unit
    >>> effective_beta(Holding("100000", "2"), Position(Linear("0.001"), "-1000", "50000"))
    Decimal('1.5')
    >>> unit("(money * number + money * number) / money")
    'ratio'
    """
    futures = quote_value(position.contract, position.contracts, position.price)
    dollar = holding.dollar_beta + futures * number(beta_futures, "beta_futures")
    return decimal_or_none(ratio(dollar, holding.value))


def beta_drift(
    positions: Sequence[Moved],
    future: Future,
    contracts: Number,
    *,
    target_beta: Number = 0,
    beta_futures: Number = 1,
    mode: Mode = "down",
) -> BetaDrift:
    """Return a book after a move, with the contracts it had, and the order that brings it back to its target beta.

    `future` has the price after the move. Source: J. Hull, Options, Futures and Other Derivatives, changing beta.

    >>> from rulelang.hedging import Linear
    >>> beta_drift([Moved("100000", "2", "0.2")], Future(Linear("0.001"), "55000", "1"), "-4000").order
    Decimal('-363')
    """
    held = number(contracts, "contracts")
    value0, dollar0 = _sums(one.before for one in positions)
    value1, dollar1 = _sums(one.after for one in positions)
    each = not_zero(beta_futures, "beta_futures")
    exact = future.count_worth((number(target_beta, "target_beta") * value1 - dollar1) / each)
    target = rounded(exact, future.step, mode)
    return BetaDrift(
        beta0=ratio(dollar0, value0),
        value1=value1,
        beta1=ratio(dollar1, value1),
        effective_beta=ratio(dollar1 + future.worth(held) * each, value1),
        target_contracts=target,
        order=target - held,
    )


def pair_hedge(long: Holding, short: Holding, future: Future, mode: Mode = "down") -> PairHedge:
    """Return the futures that bring one asset held long and one held short (values without sign) to no beta at all.

    Source: definition, long value * beta - short value * beta.

    >>> from rulelang.hedging import Linear, unit
    >>> pair_hedge(Holding("50000", "1.6"), Holding("50000", "1.2"), Future(Linear("0.001"), "50000", "1")).contracts
    Decimal('-400')
    >>> unit("(money * number - money * number) / (coins * price)")
    'ratio'
    """
    dollar = abs(long.value) * long.beta - abs(short.value) * short.beta
    exact = future.count_worth(-dollar)
    contracts = rounded(exact, future.step, mode)
    side: Literal["long", "short", "none"] = "long" if contracts > 0 else "short" if contracts else "none"
    return PairHedge(dollar, exact, contracts, side, dollar + future.worth(contracts))
