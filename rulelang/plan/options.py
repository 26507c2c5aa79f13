"""Options in a plan: what they are worth and move as, and how soon a book of them has to be hedged again."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import evolve, field, frozen

from rulelang.hedging.costs import Band, Risk, ww_trade
from rulelang.hedging.exact import ZERO, decimal, decimal_or_none, ratio
from rulelang.hedging.funding import DAYS_A_YEAR, HOURS_A_YEAR
from rulelang.hedging.options import black76
from rulelang.plan.book import Book, OptionLeg
from rulelang.plan.sleeves import Sleeve


@frozen
class OptionUse:
    """Options of one kind: value (quote currency), delta (base coins), gamma (base coins per quote unit), all of them.

    `per_day`: what the next day takes from their value, or adds, while the price stays; quote currency.
    """

    option: str
    coins: Decimal = field(converter=decimal)
    forward: Decimal = field(converter=decimal)
    price: Decimal = field(converter=decimal)
    value: Decimal = field(converter=decimal)
    delta: Decimal = field(converter=decimal)
    gamma: Decimal = field(converter=decimal)
    per_day: Decimal = field(converter=decimal)


def option_use(leg: OptionLeg) -> OptionUse:
    """Return what options are worth, and what they move as."""
    tomorrow = evolve(leg.option, years=max(ZERO, leg.option.years - Fraction(1, DAYS_A_YEAR)))
    return OptionUse(
        option=leg.name,
        coins=leg.coins,
        forward=leg.option.forward,
        price=Fraction(leg.greeks.price),
        value=leg.value,
        delta=leg.delta,
        gamma=leg.gamma,
        per_day=leg.coins * Fraction(black76(tomorrow).price) - leg.value,
    )


@frozen
class Again:
    """When a hedge is due again: after `coins` of delta, a `move` of the price (a fraction), so many `hours` or so.

    `why`: `band` (the target's own), `lot` (of the hedging instrument, without a band), or `whalley-wilmott`. Hours are
    those that a price takes on average to go as far up or down, at the volatility of the options.
    """

    why: str
    coins: Decimal = field(converter=decimal)
    move: Decimal = field(converter=decimal)
    hours: Decimal = field(converter=decimal)


@frozen
class GammaBook:
    """The options on one coin together: delta (base coins), gamma (base coins per quote unit), what a move of 1% does.

    `shift`: base coins that the delta changes by when the price rises 1%. `again`: when to hedge again. `inside`:
    whether the contracts are inside the Whalley–Wilmott band before the orders, and `edge`: the base coins that they
    would move as at its nearest edge; `None` without `risk_aversion`.
    """

    asset: str
    delta: Decimal = field(converter=decimal)
    gamma: Decimal = field(converter=decimal)
    vol: Decimal = field(converter=decimal)
    shift: Decimal = field(converter=decimal)
    again: tuple[Again, ...]
    inside: bool | None
    edge: Decimal | None = field(converter=decimal_or_none)


def gamma_books(book: Book, sleeves: Sequence[Sleeve]) -> tuple[GammaBook, ...]:
    """Return the options of each coin together; a hedge is due again only where a target hedges that coin."""
    by_coin: dict[str, list[OptionLeg]] = {}
    for leg in book.options:
        by_coin.setdefault(leg.held.base, []).append(leg)
    return tuple(_gamma_book(book, asset, legs, sleeves) for asset, legs in by_coin.items())


def _gamma_book(book: Book, asset: str, legs: Sequence[OptionLeg], sleeves: Sequence[Sleeve]) -> GammaBook:
    gamma, spot = sum((leg.gamma for leg in legs), ZERO), book.coins[asset].spot
    sleeve = next((one for one in sleeves if one.coin == asset), None)
    vol = _vol(legs)
    band = _band(book, gamma, spot, sleeve)
    due = _due(book, asset, sleeve) | ({} if band is None else {"whalley-wilmott": Fraction(band.half_width)})
    return GammaBook(
        asset=asset,
        delta=sum((leg.delta for leg in legs), ZERO),
        gamma=gamma,
        vol=vol,
        shift=gamma * spot / 100,
        again=tuple(_again(why, coins, coins / abs(gamma * spot), vol) for why, coins in due.items() if gamma),
        inside=None if band is None else band.action == "hold",
        edge=None if band is None or band.new_holding is None else Fraction(band.new_holding),
    )


def _vol(legs: Iterable[OptionLeg]) -> Fraction:
    """Return the volatility of a book, that of each option by its gamma."""
    weights = [(abs(leg.gamma), leg.held.vol) for leg in legs]
    vol = ratio(sum((weight * vol for weight, vol in weights), ZERO), sum((weight for weight, _ in weights), ZERO))
    return ZERO if vol is None else vol


def _due(book: Book, asset: str, sleeve: Sleeve | None) -> dict[str, Fraction]:
    """Return the changes of delta from which on a hedge is due, in base coins."""
    if sleeve is None:
        return {}
    bands = [part.aim.band for part in sleeve.parts if part.asset == asset and part.aim.band is not None]
    if bands and sleeve.slope:
        return {"band": abs(bands[0] / sleeve.slope)}
    return {"lot": abs(sleeve.hedge.listing.lot.step * sleeve.hedge.each)}


def _again(why: str, coins: Fraction, move: Fraction, vol: Fraction) -> Again:
    """Return when a hedge is due; a price goes as far as `move` in (move / vol)² years on average."""
    return Again(why, coins, move, (move / vol) ** 2 * HOURS_A_YEAR)


def _band(book: Book, gamma: Fraction, spot: Fraction, sleeve: Sleeve | None) -> Band | None:
    """Return the Whalley–Wilmott band around the contracts that the target wants."""
    aversion = book.portfolio.limits.risk_aversion
    if aversion is None or sleeve is None or not gamma:
        return None
    listing = sleeve.hedge.listing
    fee = listing.fee(book.portfolio.venue(listing.venue).volume)
    risk = Risk(gamma, spot, max(ZERO, fee.taker + (listing.slippage or ZERO)), aversion)
    return ww_trade(risk, sleeve.want, sleeve.delta)
