"""Exposure: what a book of coins and contracts is open to, what its hedge covers, and what a move of prices does."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from rulelang.hedging.contracts import Contract, Inverse, gain
from rulelang.hedging.exact import (
    ONE,
    ZERO,
    Number,
    decimal,
    decimal_or_none,
    named,
    needed,
    not_negative,
    number,
    positive,
    positive_or_none,
    ratio,
)
from rulelang.hedging.positions import Trade

State = Literal["no_exposure", "naked", "wrong_way", "unhedged", "partial", "full", "over"]
View = Literal["over", "full", "partial", "unhedged", "levered"]


# The state of a hedge ─────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class HedgeState:
    """The hedge ratio (`None` without exposure), the coins left open, and the state's name."""

    ratio: Decimal | None = field(converter=decimal_or_none)
    net: Decimal = field(converter=decimal)
    state: State


def hedge_state(exposure_base: Number, hedge_base: Number, tolerance: Number = 0) -> HedgeState:
    """Return what a hedge does: ratio = -hedge / exposure, in base coins; `tolerance` is a distance of ratios.

    Source: definition.

    >>> hedge_state("100", "-65", "0.4"), hedge_state("100", "-65", "0.35").state
    (HedgeState(ratio=Decimal('0.65'), net=Decimal('35'), state='full'), 'full')
    """
    exposure, hedge = number(exposure_base, "exposure_base"), number(hedge_base, "hedge_base")
    near = not_negative(tolerance, "tolerance")
    covered = ratio(-hedge, exposure)
    if covered is None:
        return HedgeState(None, hedge, "naked" if hedge else "no_exposure")
    return HedgeState(covered, exposure + hedge, _state(covered, near))


def _state(covered: Fraction, near: Fraction) -> State:
    if abs(covered) <= near:
        return "unhedged"
    if abs(covered - 1) <= near:
        return "full"
    return "wrong_way" if covered < 0 else "over" if covered > 1 else "partial"


@frozen
class ExposureView:
    """Spot and futures as shares of equity: what is open in all, -futures / spot (`None` without spot), the state."""

    net: Decimal = field(converter=decimal)
    hedge_ratio: Decimal | None = field(converter=decimal_or_none)
    state: View


def exposure_view(spot: Number, futures_net: Number) -> ExposureView:
    """Return how an allocation is hedged; `spot` and `futures_net` (short below 0) per unit of equity.

    Source: definition.

    >>> exposure_view("0.6", "-0.1").state, exposure_view("0.6", "0.4").state
    ('partial', 'levered')
    """
    held, futures = number(spot, "spot"), number(futures_net, "futures_net")
    sign = -1 if held < 0 else 1
    return ExposureView(held + futures, ratio(-futures, held), _view(sign * futures, sign * (held + futures)))


def _view(futures: Fraction, net: Fraction) -> View:
    """Return the state of a long book, whose futures hedge it below 0."""
    if futures >= 0:
        return "levered" if futures else "unhedged"
    return "partial" if net > 0 else "over" if net else "full"


@frozen
class ProtectedShare:
    """What part of a portfolio a hedge covers, as fractions; `None` where there is nothing to take a part of."""

    hedged_of_exposure: Decimal | None = field(converter=decimal_or_none)
    hedged_of_total: Decimal | None = field(converter=decimal_or_none)
    unhedged_of_total: Decimal | None = field(converter=decimal_or_none)
    cash_of_total: Decimal | None = field(converter=decimal_or_none)


def protected_share(exposure: Number, cash: Number, hedge_notional: Number) -> ProtectedShare:
    """Return what part of exposure and cash (quote currency) a hedge of this value, above 0, covers.

    Source: definition.

    >>> from rulelang.hedging import unit
    >>> protected_share("400000", "100000", "240000").hedged_of_total
    Decimal('0.48')
    >>> unit("money / money")
    'ratio'
    """
    open_, free = number(exposure, "exposure"), number(cash, "cash")
    hedged, total = number(hedge_notional, "hedge_notional"), open_ + free
    return ProtectedShare(ratio(hedged, open_), ratio(hedged, total), ratio(open_ - hedged, total), ratio(free, total))


# The delta of a book ──────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(field_transformer=named)
class Leg:
    """Contracts of a book (short below 0); `entry` and `mark` (quote per base coin) only matter to inverse ones."""

    contract: Contract
    contracts: Fraction = field(converter=number)
    entry: Fraction | None = field(default=None, converter=positive_or_none)
    mark: Fraction | None = field(default=None, converter=positive_or_none)

    @property
    def delta(self) -> Fraction:
        """The base coins that move as the contracts do."""
        return self.contract.delta(self.contracts, self.mark)

    @property
    def coins(self) -> Fraction:
        """The base coins of its PnL so far, which are exposure themselves; 0 unless the contract pays in them."""
        if not self.contract.coins(ONE):
            return ZERO
        entry, mark = needed("entry", self.entry, _ENTRY), needed("mark", self.mark, _MARK)
        return self.contract.coins(gain(self.contract, self.contracts, entry, mark))


_ENTRY = "the entry price of a contract that pays in its coin"
_MARK = "the mark price of a contract that pays in its coin"


@frozen
class NetDelta:
    """Base coins: held, of contracts, of contracts' PnL so far, and together with and without that PnL."""

    coins_held: Decimal = field(converter=decimal)
    contract_delta: Decimal = field(converter=decimal)
    upnl_coin: Decimal = field(converter=decimal)
    net_delta: Decimal = field(converter=decimal)
    net_delta_without_upnl: Decimal = field(converter=decimal)


def net_delta(spot_qty: Number, legs: Iterable[Leg] = (), coin_collateral: Number = 0) -> NetDelta:
    """Return the delta of one coin over spot, collateral in that coin (both in base coins) and contracts.

    Source: BitMEX, Inverse Perpetuals Guide: what an inverse contract pays is exposure as any other coin is.

    >>> from rulelang.hedging import Inverse, unit
    >>> net_delta("1", [Leg(Inverse("1"), "-50000", "50000", "40000")])  # worth 50,000 USD at every price
    NetDelta(coins_held=Decimal('1'), contract_delta=Decimal('-1.25'), upnl_coin=Decimal('0.25'), \
net_delta=Decimal('0'), net_delta_without_upnl=Decimal('-0.25'))
    >>> unit("coins + number * money / price + number * (money / price - money / price)")
    'coins'
    """
    held = number(spot_qty, "spot_qty") + number(coin_collateral, "coin_collateral")
    delta, paid = ZERO, ZERO
    for leg in legs:
        delta += leg.delta
        paid += leg.coins
    return NetDelta(held, delta, paid, held + delta + paid, held + delta)


# What a move does ─────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(field_transformer=named)
class Move:
    """Coins held (owed: below 0), their price before and after (quote per base coin), and the ratio hedged before."""

    qty: Fraction = field(converter=number)
    p0: Fraction = field(converter=positive)
    p1: Fraction = field(converter=positive)
    ratio: Fraction = field(converter=number)


@frozen
class Drift:
    """A hedge in coins after a move. Coins, and money in the quote currency; the short has no sign.

    `order_base`: the coins to trade for the old ratio, sold below 0.
    """

    ratio_after: Decimal = field(converter=decimal)
    net_delta: Decimal = field(converter=decimal)
    hedge_notional: Decimal = field(converter=decimal)
    spot_value: Decimal = field(converter=decimal)
    order_base: Decimal = field(converter=decimal)


@frozen
class InverseDrift:
    """A hedge in quote units after a move, `*_marked` with its coin PnL in the books, `*_spot_only` without.

    `short_notional`, `equity_quote`, `extra_short_*`: quote currency. `upnl_coin`, `coin_equity`, `net_delta`: coins.
    Ratios are `None` where they divide by 0.
    """

    short_notional: Decimal = field(converter=decimal)
    upnl_coin: Decimal = field(converter=decimal)
    coin_equity: Decimal = field(converter=decimal)
    equity_quote: Decimal = field(converter=decimal)
    ratio_marked: Decimal | None = field(converter=decimal_or_none)
    ratio_spot_only: Decimal | None = field(converter=decimal_or_none)
    net_delta: Decimal = field(converter=decimal)
    extra_short_marked: Decimal = field(converter=decimal)
    extra_short_spot_only: Decimal = field(converter=decimal)


def linear_drift(move: Move) -> Drift:
    """Return a hedge of contracts sized in coins after a move: coins against coins, so there is nothing to trade.

    Source: definition.

    >>> from rulelang.hedging import unit
    >>> linear_drift(Move("5", "50000", "60000", "0.6")).hedge_notional
    Decimal('180000')
    >>> unit("ratio * coins * price")
    'money'
    """
    return _drift(move, move.ratio)


def quanto_drift(move: Move, settle0: Number, settle1: Number) -> Drift:
    """Return a hedge of quanto contracts after a move, and one of the price of the coin that they pay (quote per coin).

    A contract moves as contract size times that price coins do: the ratio stays as long as that price does.
    Source: BitMEX, Quanto Perpetuals Guide.

    >>> from rulelang.hedging import unit
    >>> found = quanto_drift(Move("10", "2500", "3000", "0.5"), "50000", "60000")
    >>> found.ratio_after, found.order_base
    (Decimal('0.6'), Decimal('1'))
    >>> unit("ratio * price / price")
    'ratio'
    """
    return _drift(move, move.ratio * positive(settle1, "settle1") / positive(settle0, "settle0"))


def _drift(move: Move, ratio_after: Fraction) -> Drift:
    hedged, value = ratio_after * move.qty, move.qty * move.p1
    return Drift(ratio_after, move.qty - hedged, hedged * move.p1, value, hedged - move.ratio * move.qty)


def inverse_drift(move: Move) -> InverseDrift:
    """Return a hedge of contracts sized in quote units after a move.

    Source: BitMEX, Inverse Perpetuals Guide: a short that its own coins cover is worth a constant amount.

    >>> from rulelang.hedging import unit
    >>> inverse_drift(Move("5", "50000", "60000", "0.6")).extra_short_marked
    Decimal('12000')
    >>> unit("ratio * (coins * price) - ratio * coins * price")
    'money'
    """
    dollar = Inverse(ONE)
    short = move.ratio * move.qty * move.p0
    paid = gain(dollar, -short, move.p0, move.p1)
    coins = move.qty + paid
    equity, spot = coins * move.p1, move.qty * move.p1
    return InverseDrift(
        short_notional=short,
        upnl_coin=paid,
        coin_equity=coins,
        equity_quote=equity,
        ratio_marked=ratio(short, equity),
        ratio_spot_only=ratio(short, spot),
        net_delta=coins - dollar.value(short, move.p1),
        extra_short_marked=move.ratio * equity - short,
        extra_short_spot_only=move.ratio * spot - short,
    )


@frozen(field_transformer=named)
class SpotLeg:
    """Base coins (owed: below 0) and their price before and after (quote per base coin)."""

    qty: Fraction = field(converter=number)
    p0: Fraction = field(converter=positive)
    p1: Fraction = field(converter=positive)


def _legs(legs: Iterable[SpotLeg]) -> tuple[SpotLeg, ...]:
    return tuple(legs)


def _trades(trades: Iterable[Trade]) -> tuple[Trade, ...]:
    return tuple(trades)


@frozen(field_transformer=named)
class Scenario:
    """Spot and hedges between two prices.

    `cash`, `fees` (paid above 0) and `funding` (received above 0) are in the quote currency.
    """

    spot: tuple[SpotLeg, ...] = field(converter=_legs)
    hedges: tuple[Trade, ...] = field(default=(), converter=_trades)
    cash: Fraction = field(default=ZERO, converter=number)
    fees: Fraction = field(default=ZERO, converter=number)
    funding: Fraction = field(default=ZERO, converter=number)


@frozen
class ScenarioResult:
    """What a book brings, in the quote currency at the price after.

    `value0`: spot and cash before. `net_fraction`: of it. `offset`: what the hedge made up for, -hedge / spot. Both are
    `None` where they divide by 0.
    """

    spot_pnl: Decimal = field(converter=decimal)
    hedge_pnl: Decimal = field(converter=decimal)
    net: Decimal = field(converter=decimal)
    value0: Decimal = field(converter=decimal)
    net_fraction: Decimal | None = field(converter=decimal_or_none)
    offset: Decimal | None = field(converter=decimal_or_none)


def scenario(book: Scenario) -> ScenarioResult:
    """Return what a book brings between two prices: spot + hedges + funding - fees. Source: definition.

    >>> from rulelang.hedging import Linear, unit
    >>> half = Scenario([SpotLeg("2", "50000", "42500")], [Trade(Linear("1"), "-1", "50000", "42500")])
    >>> scenario(half).net, scenario(half).offset
    (Decimal('-7500'), Decimal('0.5'))
    >>> unit("coins * (price - price) + number * coins * (price - price) + money - money")
    'money'
    """
    spot = sum((leg.qty * (leg.p1 - leg.p0) for leg in book.spot), ZERO)
    hedge = sum((_quote_gain(trade) for trade in book.hedges), ZERO)
    net = spot + hedge + book.funding - book.fees
    value = sum((leg.qty * leg.p0 for leg in book.spot), book.cash)
    return ScenarioResult(spot, hedge, net, value, ratio(net, value), ratio(-hedge, spot))


def _quote_gain(trade: Trade) -> Fraction:
    return trade.contract.quote(gain(trade.contract, trade.contracts, trade.entry, trade.exit), trade.exit)
