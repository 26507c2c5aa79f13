"""The plan: from what is held and what the rules want to orders, what they cost, and what can go wrong."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from rulelang.hedging.exact import ONE, ZERO, decimal, decimal_or_none, ratio
from rulelang.hedging.roll import Roll, hours_between, roll
from rulelang.plan.aims import UNDERSTOOD, Aims
from rulelang.plan.book import Book, Coins, Leg, book
from rulelang.plan.errors import PlanError
from rulelang.plan.options import GammaBook, OptionUse, gamma_books, option_use
from rulelang.plan.portfolio import Portfolio
from rulelang.plan.quotes import Quote
from rulelang.plan.risks import CURVE, MOVES, Carry, MarginUse, Outcome, carry, margin_use, outcome
from rulelang.plan.sleeves import Sleeve, leverage_of, sleeves
from rulelang.plan.trades import After, Order, after, asked, orders
from rulelang.plan.warnings import warnings


@frozen
class Exposed:
    """What one asset is open to: coins held, put up as collateral and gained; price and value; what contracts cover.

    `gain`: quote currency, over the cost of the coins held, `None` where the file doesn't say it. `options`: base coins
    that options move as. `contracts_before` and `contracts`: base coins that contracts of this asset move as, short
    below 0. `net`: coins, options and contracts after.
    """

    asset: str
    held: Decimal = field(converter=decimal)
    collateral: Decimal = field(converter=decimal)
    gained: Decimal = field(converter=decimal)
    coins: Decimal = field(converter=decimal)
    options: Decimal = field(converter=decimal)
    spot: Decimal = field(converter=decimal)
    value: Decimal = field(converter=decimal)
    gain: Decimal | None = field(converter=decimal_or_none)
    contracts_before: Decimal = field(converter=decimal)
    contracts: Decimal = field(converter=decimal)
    net: Decimal = field(converter=decimal)


@frozen
class Target:
    """A target: what is wanted of which assets, where the contracts of which coin are now, and after the orders.

    Levels are those of `hedge` (a ratio) or `beta`; `None` where there is nothing that they could be about. `left`: the
    target's own band leaves the drift alone. `open_coins`: base coins still missing to the target, sold below 0.
    """

    goal: str
    assets: tuple[str, ...]
    coin: str
    target: Decimal | None = field(converter=decimal_or_none)
    actual: Decimal | None = field(converter=decimal_or_none)
    drift: Decimal | None = field(converter=decimal_or_none)
    band: Decimal | None = field(converter=decimal_or_none)
    left: bool
    after: Decimal | None = field(converter=decimal_or_none)
    open_coins: Decimal = field(converter=decimal)


@frozen
class Rolled:
    """A position that goes from the contract that expires to a later one, as two of the orders.

    `coins`: base coins that it moves as, short below 0. `spread`: the later price over the near one, a fraction;
    `per_year`: the same a year, `None` into a perpetual. `credit`: what that pays, quote currency, received above 0,
    before the fees of the orders.
    """

    near: str
    far: str
    coins: Decimal = field(converter=decimal)
    spread: Decimal = field(converter=decimal)
    per_year: Decimal | None = field(converter=decimal_or_none)
    credit: Decimal = field(converter=decimal)


@frozen
class Betas:
    """The beta of the book to a benchmark, before and after the orders; `None` where it isn't known."""

    benchmark: str
    before: Decimal | None = field(converter=decimal_or_none)
    after: Decimal | None = field(converter=decimal_or_none)


@frozen
class Costs:
    """What the orders cost, in the quote currency; `None` where a file doesn't say it.

    `fees`: as taker; `total`: these and slippage.
    """

    notional: Decimal = field(converter=decimal)
    fees: Decimal = field(converter=decimal)
    maker_fees: Decimal | None = field(converter=decimal_or_none)
    slippage: Decimal | None = field(converter=decimal_or_none)
    total: Decimal | None = field(converter=decimal_or_none)


@frozen
class Other:
    """A target that the plan only shows, with its value in its unit."""

    asset: str | None
    name: str
    value: str


@frozen
class Plan:
    """Everything that is to be done at one time, and what follows. Money is in the quote currency.

    `curve`: what moves from -50% to +50% bring, for a picture. `options`: those held; `gamma`: the same by coin, with
    when to hedge again.
    `equity`: coins, money, options and PnL together. `carry_per_day`, `carry_per_year`: of the positions whose carry is
    known.
    """

    time: datetime
    equity: Decimal = field(converter=decimal)
    exposures: tuple[Exposed, ...]
    targets: tuple[Target, ...]
    orders: tuple[Order, ...]
    rolls: tuple[Rolled, ...]
    beta: Betas | None
    positions: tuple[MarginUse, ...]
    costs: Costs
    carry: tuple[Carry, ...]
    carry_per_day: Decimal = field(converter=decimal)
    carry_per_year: Decimal = field(converter=decimal)
    moves: tuple[Outcome, ...]
    curve: tuple[Outcome, ...] = field(repr=False)
    options: tuple[OptionUse, ...]
    gamma: tuple[GammaBook, ...]
    others: tuple[Other, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


@frozen
class Wish:
    """What a plan is asked for: the aims of the rules, the name of their file, and the time in seconds since 1970."""

    aims: Aims
    rules: str
    time: int


def plan(portfolio: Portfolio, quotes: Mapping[str, Quote], wish: Wish) -> Plan:
    """Return the plan that brings a portfolio to what the rules want. Raises `PlanError`.

    `quotes`: of every asset in `portfolio.priced`, prices in the quote currency for one coin.
    """
    found = book(portfolio, quotes, datetime.fromtimestamp(wish.time, UTC))
    wanted = sleeves(found, wish.aims, wish.rules)
    sent = tuple(order for sleeve in wanted for order in orders(sleeve, found))
    legs = _after(found, wanted, sent, leverage_of(wish.aims.values(), wish.rules))
    return _told(found, wanted, sent, legs, wish)


def _after(
    found: Book, wanted: Sequence[Sleeve], sent: Sequence[Order], leverage: Fraction | None
) -> tuple[After, ...]:
    """Return every leg after the orders; one without a sleeve has the leverage that the rules want of all."""
    traded = {order.instrument: order.signed for order in sent}
    named = {leg.name: (leg, sleeve.leverage) for sleeve in wanted for leg in sleeve.legs}
    every = {name: (leg, leverage) for name, leg in found.legs.items()} | named
    legs = (after(leg, traded.get(name, ZERO), own, found) for name, (leg, own) in every.items())
    return tuple(one for one in legs if one.contracts or one.leg.contracts)


def _told(found: Book, wanted: Sequence[Sleeve], sent: tuple[Order, ...], legs: tuple[After, ...], wish: Wish) -> Plan:
    held = [one for one in legs if one.contracts]
    carries = tuple(carry(one, found) for one in held)
    return Plan(
        time=found.now,
        equity=found.equity,
        exposures=tuple(_exposed(coins, found, legs) for coins in found.coins.values()),
        targets=tuple(_target(sleeve, legs) for sleeve in wanted),
        orders=sent,
        rolls=tuple(one for sleeve in wanted for one in _rolled(found, sleeve)),
        beta=_betas(found, legs),
        positions=tuple(margin_use(one, found) for one in legs),
        costs=_costs(sent),
        carry=carries,
        carry_per_day=sum((Fraction(one.per_day) for one in carries if one.per_day is not None), ZERO),
        carry_per_year=sum((Fraction(one.per_year) for one in carries if one.per_year is not None), ZERO),
        moves=tuple(outcome(found, held, move) for move in MOVES),
        curve=tuple(outcome(found, held, move) for move in CURVE),
        options=tuple(option_use(leg) for leg in found.options),
        gamma=gamma_books(found, wanted),
        others=_others(wish.aims),
        warnings=warnings(found, wanted, sent, legs),
        notes=tuple(_notes(found, wanted, legs, wish.aims)),
    )


def _rolled(found: Book, sleeve: Sleeve) -> Iterator[Rolled]:
    """Yield the rolls of a sleeve: what is closed and opened again, as far as the target wants it."""
    moved = asked(sleeve)
    for near, far in sleeve.rolls.items():
        old, new = found.legs[near], found.leg(found.portfolio.listings[far])
        opened = moved.get(far, ZERO) * new.each
        if opened * old.delta > 0:
            yield _roll(old, new, min(old.delta, opened, key=abs))


def _roll(old: Leg, new: Leg, coins: Fraction) -> Rolled:
    """Return what a roll of so many coins pays by its spread; its fees and slippage are those of the two orders."""
    ends = old.listing.expiry, new.listing.expiry
    days = None if ends[0] is None or ends[1] is None else hours_between(ends[0], ends[1]) / 24
    told = roll(Roll(-coins, ONE, old.price, new.price, ZERO, days_between=days))
    spread, credit = new.price / old.price - 1, Fraction(told.net_credit)
    return Rolled(old.name, new.name, coins, spread, _exactly(told.annual_roll), credit)


def _exactly(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _exposed(coins: Coins, found: Book, legs: Sequence[After]) -> Exposed:
    own = [one for one in legs if one.leg.listing.base == coins.asset]
    delta = sum((one.delta for one in own), ZERO)
    holding = found.portfolio.holdings.get(coins.asset)
    cost = None if holding is None else holding.cost
    return Exposed(
        asset=coins.asset,
        held=coins.held,
        collateral=coins.collateral,
        gained=coins.gained,
        coins=coins.all,
        options=coins.options,
        spot=coins.spot,
        value=coins.value,
        gain=None if cost is None else coins.held * (coins.spot - cost),
        contracts_before=sum((one.leg.delta for one in own), ZERO),
        contracts=delta,
        net=coins.exposed + delta,
    )


def _target(sleeve: Sleeve, legs: Sequence[After]) -> Target:
    coins = sum((one.delta for one in legs if one.leg.listing.base == sleeve.coin), ZERO)
    target, actual = sleeve.level(sleeve.want), sleeve.level(sleeve.delta)
    bands = [part.aim.band for part in sleeve.parts if part.aim.band is not None]
    return Target(
        goal=sleeve.goal,
        assets=tuple(part.asset for part in sleeve.parts),
        coin=sleeve.coin,
        target=target,
        actual=actual,
        drift=None if target is None or actual is None else actual - target,
        band=min(bands, default=None),
        left=sleeve.left,
        after=sleeve.level(coins),
        open_coins=sleeve.want - coins,
    )


def _betas(found: Book, legs: Sequence[After]) -> Betas | None:
    """Return the book's beta; `None` where nobody has said to what, or one of the betas isn't known."""
    coins = [*found.coins, *(one.leg.listing.base for one in legs)]
    benchmark = found.portfolio.benchmark or (coins[0] if len(set(coins)) == 1 else None)
    if benchmark is None or benchmark not in found.quotes:
        return None
    try:
        betas = {asset: found.beta(asset, benchmark)[0] for asset in coins}
    except PlanError:
        return None
    bare = sum((one.exposed * one.spot * betas[asset] for asset, one in found.coins.items()), ZERO)
    before = bare + sum((one.leg.value * betas[one.leg.listing.base] for one in legs), ZERO)
    then = bare + sum((one.value * betas[one.leg.listing.base] for one in legs), ZERO)
    return Betas(benchmark, ratio(before, found.value), ratio(then, found.value))


def _costs(sent: Sequence[Order]) -> Costs:
    fees = _sum([order.fees for order in sent])
    slippage = _sum([order.slippage for order in sent])
    return Costs(
        notional=sum((Fraction(order.notional) for order in sent), ZERO),
        fees=fees or ZERO,
        maker_fees=_sum([order.maker_fees for order in sent]),
        slippage=slippage,
        total=None if slippage is None else (fees or ZERO) + slippage,
    )


def _sum(amounts: Sequence[Decimal | None]) -> Fraction | None:
    """Return the sum of amounts, `None` where one of them isn't known."""
    known = [Fraction(amount) for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None


def _others(aims: Aims) -> tuple[Other, ...]:
    every = [(asset, aim) for asset, each in aims.items() for aim in each.values()]
    return tuple(Other(asset, aim.name, aim.text) for asset, aim in every if aim.name not in UNDERSTOOD)


def _notes(found: Book, wanted: Sequence[Sleeve], legs: Sequence[After], aims: Aims) -> Sequence[str]:
    """Return what isn't known and what is left out, in sentences."""
    notes = []
    for one in legs:
        listing = one.leg.listing
        if one.leg.priced == "close":
            field_ = "mark" if listing.expiry is None else "future"
            notes.append(f"{listing.name} is priced at the close of {listing.base}: the data has no `{field_}` of it")
        if one.contracts and one.wanted is None:
            notes.append(f"the margin of {listing.name} isn't known: say `leverage` in [venues.{listing.venue}]")
    for option in found.options:
        if option.priced == "close":
            said = f"{option.name} is priced with the close of {option.held.base} as its forward"
            notes.append(f"{said}: the data has no `future` of it, and the file no `forward`")
    for sleeve in wanted:
        for part in sleeve.parts:
            if part.r2 is None:
                said = "its beta is stated, not measured"
                notes.append(f"how well {part.asset} goes with {sleeve.coin} isn't known: {said}")
    aimed = {part.asset for sleeve in wanted for part in sleeve.parts}
    for asset, coins in found.coins.items():
        if asset not in aimed and (coins.all or coins.options):
            notes.append(f"no target is about {asset}: it is left as it is")
    for name in (str(asset) for asset in aims if asset is not None and asset not in found.coins):
        notes.append(f"the rules run for {name}, of which nothing is there")
    return notes
