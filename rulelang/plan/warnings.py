"""Warnings: what a person should know before a plan is carried out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from rulelang.hedging.exact import ZERO
from rulelang.hedging.roll import roll_due
from rulelang.kinds.units import digits, time_text
from rulelang.plan.aims import HEDGE
from rulelang.plan.book import Book
from rulelang.plan.instruments import CASH
from rulelang.plan.risks import stopped, top_up
from rulelang.plan.sleeves import Sleeve
from rulelang.plan.trades import After, Order

_REFUSED = {
    "zero": "less than one lot",
    "below_min_qty": "fewer contracts than the venue takes",
    "below_min_notional": "worth less than the venue takes",
}


def warnings(book: Book, sleeves: Sequence[Sleeve], orders: Sequence[Order], legs: Sequence[After]) -> tuple[str, ...]:
    """Return the warnings about a plan, in sentences."""
    found = (
        _stale(book), _over(sleeves, legs), _loose(book, sleeves), _rolls(book, legs), _small(orders), _stops(legs),
        _one_venue(book), _same_coin(book, legs), _margin(book, legs), _near(book, legs),
    )  # fmt: skip
    return tuple(text for each in found for text in each)


def _percent(value: Fraction) -> str:
    return f"{digits(float(value * 100), 4)}%"


def _stale(book: Book) -> Iterator[str]:
    now = book.now.timestamp()
    for asset, quote in book.quotes.items():
        if asset in book.coins and quote.seen < now:
            yield f"the newest close of {asset} is of {time_text(quote.seen)}, older than this plan"


def _over(sleeves: Iterable[Sleeve], legs: Sequence[After]) -> Iterator[str]:
    for sleeve in sleeves:
        level = sleeve.level(_delta(sleeve, legs))
        if sleeve.goal == HEDGE and level is not None and level > 1:
            yield f"over-hedged: {_assets(sleeve)} to {_percent(level)} of what is held, so that a rise costs money"


def _delta(sleeve: Sleeve, legs: Iterable[After]) -> Fraction:
    return sum((one.delta for one in legs if one.leg.listing.base == sleeve.coin), ZERO)


def _assets(sleeve: Sleeve) -> str:
    return ", ".join(part.asset for part in sleeve.parts)


def _loose(book: Book, sleeves: Iterable[Sleeve]) -> Iterator[str]:
    least = book.portfolio.limits.r2
    for sleeve in sleeves:
        for part in sleeve.parts:
            if part.r2 is not None and part.r2 < least:
                known = f"R² is {digits(float(part.r2), 3)}, under {digits(float(least), 3)}"
                yield f"cross hedge: {part.asset} with contracts of {sleeve.coin}, {known}"


def _rolls(book: Book, legs: Iterable[After]) -> Iterator[str]:
    for one in legs:
        expiry = one.leg.listing.expiry
        if expiry is None or one.contracts == 0:
            continue
        due = roll_due(book.now, expiry, Fraction(book.portfolio.limits.roll, 3600))
        if due.due:
            days = digits(float(due.hours_to_expiry) / 24, 3)
            said = f"{one.leg.name} expires in {days} days, at {time_text(expiry.timestamp())}"
            into = "" if one.leg.name in book.portfolio.rolls else "; say into what, [roll] in the portfolio"
            yield f"{said}: it is time to roll{into}"


def _small(orders: Iterable[Order]) -> Iterator[str]:
    for order in orders:
        left = digits(abs(float(order.remaining)), 6)
        if order.status in _REFUSED:
            yield f"{order.instrument}: the order of {left} contracts is {_REFUSED[order.status]}; nothing is sent"
        if order.status == "capped":
            yield f"{order.instrument}: the order is cut to the most that the venue takes; {left} contracts are missing"


def _stops(legs: Iterable[After]) -> Iterator[str]:
    for one in legs:
        if stopped(one.leg) and one.leg.stop is not None:
            said = f"{one.leg.name} has reached its stop, {_percent(one.leg.stop)} against its entry"
            yield f"{said}: the orders are those of the rules all the same"


def _one_venue(book: Book) -> Iterator[str]:
    values: dict[str, Fraction] = {}
    for asset, holding in book.portfolio.holdings.items():
        if holding.venue is not None:
            values[holding.venue] = values.get(holding.venue, ZERO) + holding.coins * book.coins[asset].spot
    for one in book.portfolio.collateral:
        worth = one.amount if one.asset in CASH else one.amount * book.coins[one.asset].spot
        values[one.venue] = values.get(one.venue, ZERO) + worth
    for venue, value in values.items():
        if book.equity > 0 and value / book.equity > book.portfolio.limits.venue:
            yield f"{_percent(value / book.equity)} of everything lies at one venue, {venue}"


def _same_coin(book: Book, legs: Sequence[After]) -> Iterator[str]:
    short = {one.leg.listing.base for one in legs if one.contracts < 0}
    for one in book.portfolio.collateral:
        if one.asset in short and one.amount:
            amount = f"{digits(float(one.amount), 8)} {one.asset}"
            yield f"{amount} of collateral at {one.venue} is the coin that is hedged: it is held, and falls with it"


def _margin(book: Book, legs: Iterable[After]) -> Iterator[str]:
    wanted: dict[tuple[str, str], Fraction] = {}
    for one in legs:
        if one.wanted:
            key = (one.leg.listing.venue, _money(one.leg.listing.settle))
            wanted[key] = wanted.get(key, ZERO) + one.wanted
    there = _there(book)
    for (venue, currency), amount in wanted.items():
        has = there.get((venue, currency), ZERO)
        if amount > has:
            needed = f"{digits(float(amount), 8)} {currency}"
            yield f"the positions at {venue} need {needed} of margin, and {digits(float(has), 8)} {currency} lies there"


def _near(book: Book, legs: Iterable[After]) -> Iterator[str]:
    distance = book.portfolio.limits.liquidation
    for one in legs:
        more = None if distance is None else top_up(one, distance)
        if distance is not None and more is not None:
            said = f"{one.leg.name} is liquidated less than {_percent(distance)} away"
            yield f"{said}: {digits(float(more), 8)} {one.leg.listing.settle} more of margin would put it there"


def _money(asset: str) -> str:
    return "USD" if asset in CASH else asset


def _there(book: Book) -> Mapping[tuple[str, str], Fraction]:
    found: dict[tuple[str, str], Fraction] = {}
    for one in book.portfolio.collateral:
        key = (one.venue, _money(one.asset))
        found[key] = found.get(key, ZERO) + one.amount
    return found
