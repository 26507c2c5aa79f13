"""Sizing: how many contracts a hedge ratio takes, from the position that is there."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from rulelang.hedging.contracts import Contract, count_of_coins, count_worth, quote_value
from rulelang.hedging.errors import HedgingError
from rulelang.hedging.exact import ONE, Number, decimal, decimal_or_none, named, number, positive, ratio
from rulelang.hedging.lots import Mode, rounded

Match = Literal["quantity", "value"]
"""What a hedge equals: the coins held (a coin hedged with its own contract), or their value (with another coin's)."""


@frozen(field_transformer=named)
class Exposure:
    """What is hedged: base coins (owed: below 0), their spot price (quote per coin), their beta to the hedge."""

    base: Fraction = field(converter=number)
    spot: Fraction = field(converter=positive)
    beta: Fraction = field(default=ONE, converter=number)

    @property
    def value(self) -> Fraction:
        """The value in the quote currency."""
        return self.base * self.spot


@frozen(field_transformer=named)
class Future:
    """What is traded: a contract, its price (quote per base coin), and the smallest change of a count."""

    contract: Contract
    price: Fraction = field(converter=positive)
    step: Fraction = field(converter=positive)

    def worth(self, contracts: Fraction) -> Fraction:
        """Return what contracts are worth in the quote currency."""
        return quote_value(self.contract, contracts, self.price)

    def count_worth(self, amount: Fraction) -> Fraction:
        """Return the contracts that are worth an amount of the quote currency, before rounding."""
        return count_worth(self.contract, amount, self.price)

    def count_of_coins(self, coins: Fraction) -> Fraction:
        """Return the contracts whose delta is so many coins, before rounding."""
        return count_of_coins(self.contract, coins, self.price)

    def delta(self, contracts: Fraction) -> Fraction:
        """Return the base coins that move as the contracts do."""
        return self.contract.delta(contracts, self.price)


@frozen
class HedgeSize:
    """How many contracts a hedge takes, short below 0.

    `target_exact` before rounding, `target` after, `order` from the present position to it. `hedge_base`: coins.
    `hedge_notional`: quote currency. `achieved_ratio`: like the ratio asked for, `None` without exposure, or beta.
    `residual_base`: coins left open, `None` where values are matched.
    """

    target_exact: Decimal = field(converter=decimal)
    target: Decimal = field(converter=decimal)
    order: Decimal = field(converter=decimal)
    hedge_base: Decimal = field(converter=decimal)
    hedge_notional: Decimal = field(converter=decimal)
    achieved_ratio: Decimal | None = field(converter=decimal_or_none)
    residual_base: Decimal | None = field(converter=decimal_or_none)


def hedge_size(
    exposure: Exposure,
    hedge_ratio: Number,
    future: Future,
    *,
    current: Number = 0,
    match: Match = "quantity",
    mode: Mode = "down",
) -> HedgeSize:
    """Return the contracts that hedge a share of an exposure, and the order from the `current` contracts to them.

    A ratio of 1 is full cover. Rounded down, the default, a hedge is never larger than asked for.
    Source: Binance Support, COIN-M contract specifications; BitMEX, Quanto Perpetuals Guide; J. Hull, Options, Futures
    and Other Derivatives, on cross hedging.

    >>> from rulelang.hedging import Inverse, Linear, unit
    >>> hedge_size(Exposure("5", "65000"), "1", Future(Inverse("100"), "65000", "1")).target
    Decimal('-3250')
    >>> unit("ratio * coins / (money / price)")
    'ratio'
    >>> hedge_size(Exposure("4", "60000"), "1", Future(Linear("0.01"), "61500", "1"), match="value").target
    Decimal('-390')
    >>> unit("ratio * coins * price / (coins * price)")
    'ratio'
    """
    share = -number(hedge_ratio, "hedge_ratio") * exposure.beta
    exact = _count(share, exposure, future, match)
    target = rounded(exact, future.step, mode)
    base, worth = future.delta(target), future.worth(target)
    part, whole = (base, exposure.base) if match == "quantity" else (worth, exposure.value)
    return HedgeSize(
        target_exact=exact,
        target=target,
        order=target - number(current, "current"),
        hedge_base=base,
        hedge_notional=worth,
        achieved_ratio=ratio(-part, whole * exposure.beta),
        residual_base=exposure.base + base if match == "quantity" else None,
    )


def _count(share: Fraction, exposure: Exposure, future: Future, match: Match) -> Fraction:
    match match:
        case "quantity":
            return future.count_of_coins(share * exposure.base)
        case "value":
            return future.count_worth(share * exposure.value)
    raise HedgingError("match", f"is {match!r:.40}", "`quantity` or `value`")
