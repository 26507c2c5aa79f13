"""Sleeves: for each target, how many coins the contracts of one coin have to be short, and how far that is away."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from attrs import field, frozen

from rulelang.hedging.exact import ZERO
from rulelang.hedging.roll import roll_due
from rulelang.plan.aims import BETA, HEDGE, LEVERAGE, Aim, Aims
from rulelang.plan.book import Book, Coins, Leg
from rulelang.plan.errors import PlanError
from rulelang.plan.instruments import Listing
from rulelang.plan.portfolio import BOOK


@frozen
class Part:
    """One asset of a sleeve: what the rules want of it, its beta to the sleeve's coin, and R² where it is measured."""

    asset: str
    aim: Aim
    beta: Fraction
    r2: Fraction | None


@frozen
class Sleeve:
    """The contracts of one coin, and the target that they serve.

    `hedge`: the leg that opens; `legs`: every leg of the coin, that one first. `want`: base coins that they have to
    move as, short below 0. The target's level is `start + slope * coins`; both are `None` where it is not defined.
    `rolls`: which legs are due, and into which leg each goes.
    """

    goal: str
    coin: str
    parts: tuple[Part, ...]
    hedge: Leg
    legs: tuple[Leg, ...] = field(repr=False)
    want: Fraction
    start: Fraction | None
    slope: Fraction | None
    leverage: Fraction | None
    rolls: Mapping[str, str] = field(factory=dict)

    @property
    def delta(self) -> Fraction:
        """The base coins that move as the contracts do now."""
        return sum((leg.delta for leg in self.legs), ZERO)

    def level(self, coins: Fraction) -> Fraction | None:
        """Return the target's level with contracts that move as so many base coins do."""
        return None if self.start is None or self.slope is None else self.start + self.slope * coins

    @property
    def left(self) -> bool:
        """Whether the targets' bands leave the contracts as they are."""
        actual = self.level(self.delta)
        return self.want != self.delta and all(self._leaves(part.aim, actual) for part in self.parts)

    def _leaves(self, aim: Aim, actual: Fraction | None) -> bool:
        """Several assets in one sleeve have one level, and each one's band is held against how far that is away."""
        target = self.level(self.want)
        if actual is None or target is None:
            return False
        return aim.leaves(actual + aim.value - target)


def sleeves(book: Book, aims: Aims, rules: str) -> tuple[Sleeve, ...]:
    """Return the sleeves that the targets ask for. Raises `PlanError`; `rules`: the name of the rule file."""
    named = _named(book, aims, rules)
    if any(HEDGE in each and BETA in each for each in named.values()):
        raise PlanError(rules, "", "targets `hedge` and `beta` both say how many contracts; wanted one of the two")
    if any(BETA in each for each in named.values()):
        return (_beta(book, named, rules),)
    return _hedges(book, named, rules)


def _named(book: Book, aims: Aims, rules: str) -> dict[str, Mapping[str, Aim]]:
    """Return the aims by asset; those of rules without one are for the only coin of the portfolio."""
    if None not in aims:
        return {str(asset): each for asset, each in aims.items()}
    coins = book.portfolio.coins
    if len(coins) != 1:
        held = ", ".join(coins) or "no coin"
        raise PlanError(rules, "", f"names no asset, and the portfolio has {held}; wanted `assets {held}` or fewer")
    return {coins[0]: aims[None]}


def leverage_of(aims: Iterable[Mapping[str, Aim]], rules: str) -> Fraction | None:
    """Return the lowest leverage that rules want, `None` where they want none."""
    wanted = [each[LEVERAGE].value for each in aims if LEVERAGE in each]
    if any(value <= 0 for value in wanted):
        raise PlanError(rules, LEVERAGE, "is 0 or below, wanted how many times its margin a position is worth")
    return min(wanted, default=None)


# What is traded ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _listing(book: Book, key: str, coin: str, why: str) -> Listing:
    """Return the instrument under a key of `[hedge]`, or the only one of a coin. Raises `PlanError`."""
    portfolio = book.portfolio
    if key in portfolio.hedge:
        return _later(book, portfolio.listings[portfolio.hedge[key]])
    found = [one for one in portfolio.listings.values() if one.base == coin]
    if len(found) == 1:
        return _later(book, found[0])
    if found:
        names = f"{', '.join(one.name for one in found[:-1])} and {found[-1].name}"
        raise portfolio.wrong(f"hedge.{key}", f"is missing, and {names} could each {why}; wanted one of them")
    names = ", ".join(portfolio.listings)
    raise portfolio.wrong(f"hedge.{key}", f"is missing, and no instrument of {coin} could {why}; wanted one of {names}")


def _legs(book: Book, listing: Listing, rolls: Mapping[str, str]) -> tuple[Leg, ...]:
    """Return the legs of a coin, the one that opens first, and those that others are rolled into."""
    listings = book.portfolio.listings
    names = [listing.name, *(leg.name for leg in book.legs.values() if leg.listing.base == listing.base)]
    return tuple(book.leg(listings[name]) for name in dict.fromkeys([*names, *rolls.values()]))


# What is due ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def due(book: Book, listing: Listing) -> bool:
    """Say whether a contract expires within the roll window."""
    if listing.expiry is None:
        return False
    return roll_due(book.now, listing.expiry, Fraction(book.portfolio.limits.roll, 3600)).due


def _later(book: Book, listing: Listing) -> Listing:
    """Return the contract that takes the place of one: itself, unless it is due and there is one to roll into."""
    rolls, found = book.portfolio.rolls, listing
    while found.name in rolls and due(book, found):
        found = book.portfolio.listings[rolls[found.name]]
    return found


def _rolls(book: Book, coin: str) -> dict[str, str]:
    """Return which open positions of a coin are rolled, and into what."""
    held = [leg.listing for leg in book.legs.values() if leg.listing.base == coin and leg.contracts]
    return {one.name: later.name for one in held if (later := _later(book, one)).name != one.name}


# Hedge ratios ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _hedges(book: Book, named: Mapping[str, Mapping[str, Aim]], rules: str) -> tuple[Sleeve, ...]:
    groups: dict[str, tuple[Listing, list[str]]] = {}
    for asset, each in named.items():
        if HEDGE not in each or not _there(book, asset):
            continue
        listing = _listing(book, asset, asset, f"hedge {asset}")
        first, assets = groups.setdefault(listing.base, (listing, []))
        if first.name != listing.name:
            said = f"is {listing.name}, and {assets[0]} is hedged with {first.name}"
            raise book.portfolio.wrong(f"hedge.{asset}", f"{said}: wanted one instrument of {listing.base} for both")
        assets.append(asset)
    return tuple(_hedge(book, listing, assets, named, rules) for listing, assets in groups.values())


def _there(book: Book, asset: str) -> bool:
    """Say whether there is anything of an asset, or any contract on it."""
    return asset in book.coins


def _hedge(
    book: Book, listing: Listing, assets: list[str], named: Mapping[str, Mapping[str, Aim]], rules: str
) -> Sleeve:
    """Return the sleeve of assets hedged with one instrument: coins against coins, or value times beta."""
    leg, rolls = book.leg(listing), _rolls(book, listing.base)
    parts = tuple(Part(asset, named[asset][HEDGE], *book.beta(asset, listing.base)) for asset in assets)
    full = {part.asset: _full(book.coins[part.asset], part.beta, leg) for part in parts}
    want = -sum((part.aim.value * full[part.asset] for part in parts), ZERO)
    whole = sum(full.values(), ZERO)
    return Sleeve(
        goal=HEDGE,
        coin=listing.base,
        parts=parts,
        hedge=leg,
        legs=_legs(book, listing, rolls),
        want=want,
        start=ZERO if whole else None,
        slope=-1 / whole if whole else None,
        leverage=leverage_of((named[asset] for asset in assets), rules),
        rolls=rolls,
    )


def _full(coins: Coins, beta: Fraction, leg: Leg) -> Fraction:
    """Return the coins of the leg that cover an asset in full."""
    if coins.asset == leg.listing.base:
        return coins.exposed
    return beta * coins.exposed * coins.spot / leg.price


# One beta for the book ────────────────────────────────────────────────────────────────────────────────────────────────


def _beta(book: Book, named: Mapping[str, Mapping[str, Aim]], rules: str) -> Sleeve:
    """Return the sleeve that brings the book to a beta; an asset that the rules don't run for keeps its own.

    Rules that run for one asset mean the whole book.
    """
    listing = _listing(book, BOOK, book.portfolio.benchmark or next(iter(named)), "bring the book to a beta")
    coin = book.portfolio.benchmark or listing.base
    leg, each = book.leg(listing), book.beta(listing.base, coin)[0]
    rolls = _rolls(book, listing.base)
    only = next(iter(named.values()))[BETA] if len(named) == 1 else None
    betas = {asset: book.beta(asset, coin) for asset in book.coins}
    wanted = {asset: only or (named[asset][BETA] if asset in named else None) for asset in book.coins}
    goal = sum((one.value * _kept(wanted[name], betas[name][0]) for name, one in book.coins.items()), ZERO)
    bare = sum((one.exposed * one.spot * betas[name][0] for name, one in book.coins.items()), ZERO)
    others = [leg for leg in book.legs.values() if leg.listing.base != listing.base]
    bare += sum((one.value * book.beta(one.listing.base, coin)[0] for one in others), ZERO)
    if book.value == 0 or each == 0:
        raise book.portfolio.wrong("holdings", "are worth nothing, wanted something that a `beta` can be about")
    return Sleeve(
        goal=BETA,
        coin=listing.base,
        parts=tuple(Part(asset, aim, *betas[asset]) for asset, aim in wanted.items() if aim is not None),
        hedge=leg,
        legs=_legs(book, listing, rolls),
        want=(goal - bare) / (each * leg.price),
        start=bare / book.value,
        slope=each * leg.price / book.value,
        leverage=leverage_of(named.values(), rules),
        rolls=rolls,
    )


def _kept(aim: Aim | None, beta: Fraction) -> Fraction:
    return beta if aim is None else aim.value
