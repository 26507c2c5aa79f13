"""What is real: the levels at which targets are now, and the average entry behind them, for rules that ask for it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fractions import Fraction

from rulelang.check import CheckedRules
from rulelang.check.checked import CheckedTarget
from rulelang.hedging.exact import ONE, ZERO, ratio
from rulelang.kinds import RATIO
from rulelang.plan.aims import LEVERAGE, Aim
from rulelang.plan.book import Book, Leg, book
from rulelang.plan.portfolio import Portfolio
from rulelang.plan.quotes import Quote
from rulelang.plan.sleeves import Sleeve, sleeves
from rulelang.plan.trades import after

Actual = Mapping[str | None, Mapping[str, float]]
"""For every asset of the rules `hedge.actual`, `hedge.entry` and their like; what isn't known is left out."""


def asks(rules: CheckedRules) -> bool:
    """Say whether rules read what is real."""
    needs = (need.field.name for program in rules.programs.values() for need in program.needs)
    return any(name.endswith((".actual", ".entry")) for name in needs)


def actual(portfolio: Portfolio, quotes: Mapping[str, Quote], rules: CheckedRules, file: str, time: int) -> Actual:
    """Return what a portfolio is at a time (seconds since 1970). Raises `PlanError`; `file`: the name of the rules.

    `hedge.actual` and `beta.actual` are the levels before any order; `leverage.actual` is what the contracts are worth
    over their margin. Entries are averages over the shorts, by coins, quote per base coin.
    """
    found = book(portfolio, quotes, datetime.fromtimestamp(time, UTC))
    wanted = {asset: _blank(program.targets) for asset, program in rules.programs.items()}
    served = {part.asset: sleeve for sleeve in sleeves(found, wanted, file) for part in sleeve.parts}
    only = portfolio.coins[0] if len(portfolio.coins) == 1 else None
    return {asset: _of(served.get(asset or only or ""), wanted[asset], found) for asset in wanted}


def _blank(targets: Mapping[str, CheckedTarget]) -> dict[str, Aim]:
    """Return aims that ask for nothing, to see what they would be about."""
    values = {name: ONE if name == LEVERAGE else ZERO for name in targets}
    return {name: Aim(name, RATIO, value, None, False, (), None, None, ZERO) for name, value in values.items()}


def _of(sleeve: Sleeve | None, targets: Iterable[str], found: Book) -> dict[str, float]:
    if sleeve is None:
        return {}
    levels = {sleeve.goal: sleeve.level(sleeve.delta), LEVERAGE: _leverage(sleeve.legs, found)}
    entry, said = _entry(sleeve.legs), dict[str, Fraction | None]()
    for name in levels.keys() & set(targets):
        said |= {f"{name}.actual": levels[name], f"{name}.entry": entry}
    return {name: float(value) for name, value in said.items() if value is not None}


def _leverage(legs: Iterable[Leg], found: Book) -> Fraction | None:
    """Return value over margin of open legs, `None` where the margin of one isn't known."""
    open_ = [leg for leg in legs if leg.contracts]
    margins = [_margin(leg, found) for leg in open_]
    known = [margin for margin in margins if margin is not None]
    worth = sum((abs(leg.value) for leg in open_), ZERO)
    return ratio(worth, sum(known, ZERO)) if len(known) == len(margins) else None


def _margin(leg: Leg, found: Book) -> Fraction | None:
    """Return the margin of a leg in the quote currency."""
    margin = after(leg, ZERO, None, found).margin
    return None if margin is None else leg.contract.quote(margin, leg.price)


def _entry(legs: Iterable[Leg]) -> Fraction | None:
    """Return the average entry of the shorts, `None` where nothing is short."""
    short = [leg for leg in legs if leg.delta < 0]
    return ratio(sum((leg.delta * leg.entry for leg in short), ZERO), sum((leg.delta for leg in short), ZERO))
