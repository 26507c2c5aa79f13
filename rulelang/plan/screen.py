"""Plans as text for people: tables, and sentences that say who pays whom."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal

from rulelang.kinds.units import time_text
from rulelang.plan.aims import HEDGE
from rulelang.plan.forms import written
from rulelang.plan.plan import Costs, Plan, Target
from rulelang.plan.risks import Carry, MarginUse
from rulelang.plan.trades import Order
from rulelang.text.layout import columns, paragraph

NOT_KNOWN = "?"
_STATUS = {
    "ok": "",
    "capped": "cut to the venue's most",
    "zero": "under one lot",
    "below_min_qty": "too few contracts",
    "below_min_notional": "worth too little",
}


def as_text(plan: Plan, width: int) -> str:
    """Return a plan as text of some width; money is in the quote currency."""
    parts = (
        [f"Plan at {time_text(plan.time.timestamp())}; everything is worth {money(plan.equity)} USD"],
        _titled("Exposure", columns(_exposure(plan), width)),
        _titled("Targets", [*columns(_targets(plan), width), *_sentences(_left(plan), width)]),
        _titled("Orders", _orders(plan, width)),
        _titled("Rolls", _sentences(_rolls(plan), width)),
        _titled("Options", [*columns(_options(plan), width, ("option",)), *_sentences(_gamma(plan), width)]),
        _titled("Positions after that", columns(_positions(plan.positions), width, ("instrument",))),
        _titled("Carry", _sentences(_carry(plan), width)),
        _titled("If every price moves", columns(_moves(plan), width, ("liquidated",))),
        _titled("Other targets", [f"{_named(one.asset)}{one.name} {one.value}" for one in plan.others]),
        _titled("Warnings", _sentences(plan.warnings, width)),
        _titled("Notes", _sentences(plan.notes, width)),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _titled(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *(f"  {line}" for line in lines)] if lines else []


def _sentences(texts: Iterable[str], width: int) -> list[str]:
    return [line for text in texts for line in paragraph(text, width - 2, "  ")]


def _named(asset: str | None) -> str:
    return f"{asset} " if asset else ""


# Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def money(value: Decimal | None) -> str:
    """Return an amount of money with two digits, `?` where it isn't known.

    >>> money(Decimal("-1234.567")), money(None)
    ('-1,234.57', '?')
    """
    return NOT_KNOWN if value is None else _unsigned_zero(f"{_rounded(value, 2):,f}")


def _rounded(value: Decimal, places: int) -> Decimal:
    """Return a number with so many digits behind its point, however large it is."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, Context(prec=99))


def percent(value: Decimal | None) -> str:
    """Return a fraction as a percentage with two digits.

    >>> percent(Decimal("0.69981")), percent(Decimal("0.7"))
    ('69.98%', '70%')
    """
    if value is None:
        return NOT_KNOWN
    return f"{written(_rounded(value * 100, 2))}%"


def amount(value: Decimal | None, places: int = 8) -> str:
    """Return coins or contracts, cut after some digits: never more than there is."""
    if value is None:
        return NOT_KNOWN
    return written(value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)) if abs(value) < 10**18 else written(value)


def _level(goal: str, value: Decimal | None) -> str:
    if value is None:
        return NOT_KNOWN
    return percent(value) if goal == HEDGE else amount(value, 4)


def _unsigned_zero(text: str) -> str:
    return "0.00" if text == "-0.00" else text


# Tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _exposure(plan: Plan) -> list[list[str]]:
    more = any(one.collateral or one.gained for one in plan.exposures)
    options = any(one.options for one in plan.exposures)
    gains = any(one.gain is not None for one in plan.exposures)
    rows = [["asset", "held", *(["collateral", "gained"] if more else []), "price", "value",
             *(["gain"] if gains else []), *(["options (coins)"] if options else []),
             "contracts (coins)", "net after"]]  # fmt: skip
    for one in plan.exposures:
        middle = [amount(one.collateral), amount(one.gained)] if more else []
        gain = ["" if one.gain is None else money(one.gain)] if gains else []
        ends = [*([amount(one.options, 4)] if options else []), amount(one.contracts_before), amount(one.net)]
        rows.append([one.asset, amount(one.held), *middle, money(one.spot), money(one.value), *gain, *ends])
    return rows


def _targets(plan: Plan) -> list[list[str]]:
    rows = [["target", "wanted", "actual", "drift", "band", "after", "still open"]]
    for one in plan.targets:
        levels = [_level(one.goal, value) for value in (one.target, one.actual, one.drift)]
        band = "" if one.band is None else _level(one.goal, one.band)
        left = f"{amount(one.open_coins)} {one.coin}"
        rows.append([f"{one.goal} {', '.join(one.assets)}", *levels, band, _level(one.goal, one.after), left])
    return rows


def _left(plan: Plan) -> Iterator[str]:
    for one in plan.targets:
        if one.left:
            yield f"{_about(one)}: the drift is inside the target's band, so that nothing is traded for it"


def _about(one: Target) -> str:
    return f"{one.goal} of {', '.join(one.assets)}"


def _orders(plan: Plan, width: int) -> list[str]:
    if not plan.orders:
        return ["none" if plan.targets else "none: no target says how many contracts"]
    rows = [["order", "contracts", "instrument", "venue", "limit", "notional", "reduce-only", "left", ""]]
    rows += [_order(one) for one in plan.orders]
    costs = _costs(plan.costs, rolled=bool(plan.rolls))
    return [*columns(rows, width, ("instrument", "")), *_sentences(costs, width), *_beta(plan)]


def _order(one: Order) -> list[str]:
    return [
        one.side, amount(one.contracts), one.instrument, one.venue, amount(one.limit), money(one.notional),
        "yes" if one.reduce_only else "no", amount(one.remaining), _STATUS[one.status],
    ]  # fmt: skip


_PAYS = ": a move as large pays for it"
"""What an order costs is won back by the first move that it was made for; a roll is made for none."""


def _costs(costs: Costs, rolled: bool) -> Iterator[str]:
    maker = "" if costs.maker_fees is None else f" ({money(costs.maker_fees)} USD as maker)"
    fees = f"fees {money(costs.fees)} USD as taker{maker}"
    if costs.slippage is None:
        yield f"{fees}; slippage isn't known: say `slippage` of the instrument"
        return
    share = ""
    if costs.total and costs.notional:
        share = f", {percent(costs.total / costs.notional)} of what is traded{'' if rolled else _PAYS}"
    yield f"{fees}, slippage {money(costs.slippage)} USD: {money(costs.total)} USD in all{share}"


def _beta(plan: Plan) -> list[str]:
    if plan.beta is None or (plan.beta.before is None and plan.beta.after is None):
        return []
    return [f"beta to {plan.beta.benchmark} {amount(plan.beta.before, 4)} before, {amount(plan.beta.after, 4)} after"]


def _positions(positions: Sequence[MarginUse]) -> list[list[str]]:
    stops = ["stop"] if any(one.stop is not None for one in positions) else []
    rows = [["instrument", "before", "after", "entry", "price", "margin", "liquidation", "distance", "in 14-day ATRs",
             *stops]]  # fmt: skip
    for one in positions:
        there = one.contracts != 0
        rows.append([
            one.instrument, amount(one.contracts_before), amount(one.contracts),
            money(one.entry) if there else "", money(one.price), f"{amount(one.margin, 4)} {one.currency}",
            money(one.liquidation) if one.liquidation is not None else _never(one),
            percent(one.distance) if one.distance is not None else "",
            amount(one.atrs, 1) if one.atrs is not None else "", *([_stop(one)] if stops else []),
        ])  # fmt: skip
    return rows


def _never(one: MarginUse) -> str:
    return NOT_KNOWN if one.margin is None else "never" if one.contracts else ""


def _stop(one: MarginUse) -> str:
    return "" if one.stop is None else f"{money(one.stop)}{', reached' if one.stopped else ''}"


def _moves(plan: Plan) -> list[list[str]]:
    rows = [["by", "spot", *(["options"] if plan.options else []), "futures", "net", "of everything", "liquidated"]]
    for one in plan.moves:
        sign = "+" if one.move > 0 else ""
        share = "" if one.share is None else percent(one.share)
        gone = ", ".join(one.liquidated) or "none"
        options = [money(one.options)] if plan.options else []
        amounts = [money(one.spot), *options, money(one.futures), money(one.net)]
        rows.append([f"{sign}{percent(one.move)}", *amounts, share, gone])
    return rows


# Rolls and options ────────────────────────────────────────────────────────────────────────────────────────────────────


def _rolls(plan: Plan) -> Iterator[str]:
    for one in plan.rolls:
        year = "" if one.per_year is None else f", {percent(one.per_year)} a year"
        paid = f"that {'pays' if one.credit >= 0 else 'costs'} {_size(one.credit)} USD before the fees of the orders"
        yield f"{one.near} into {one.far}, {amount(one.coins, 8)} coins: {percent(one.spread)} dearer{year}; {paid}"


def _options(plan: Plan) -> list[list[str]]:
    rows = [["option", "coins", "forward", "price", "value", "delta", "a day"]]
    for one in plan.options:
        prices = [money(value) for value in (one.forward, one.price, one.value)]
        rows.append([one.option, amount(one.coins), *prices, amount(one.delta, 4), money(one.per_day)])
    return rows


def _gamma(plan: Plan) -> Iterator[str]:
    for one in plan.gamma:
        sign = "+" if one.shift > 0 else ""
        shift = f"changes their delta by {sign}{amount(one.shift, 4)} coins"
        yield f"options on {one.asset}: a rise of 1% {shift}, a fall by as much the other way"
        for due in one.again:
            moved = f"{amount(due.coins, 4)} coins of delta ({_WHY[due.why]}), a move of {percent(due.move)}"
            yield f"hedge again after {moved}: every {_hours(due.hours)} or so at {percent(one.vol)} a year"
        if one.inside is not None:
            edge = "inside" if one.inside else "outside"
            where = "" if one.inside else f", whose nearest edge is {amount(one.edge, 4)} coins"
            yield f"the contracts are {edge} the Whalley–Wilmott band{where}"


_WHY = {"band": "the target's band", "lot": "one lot", "whalley-wilmott": "the Whalley–Wilmott band"}


def _hours(value: Decimal) -> str:
    if value < 1:
        return f"{amount(value * 60, 0)} minutes" if value * 60 >= 1 else "minute"
    return f"{amount(value, 1)} hours" if value < 48 else f"{amount(value / 24, 1)} days"


# Carry ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _carry(plan: Plan) -> Iterator[str]:
    sides = {one.instrument: "short" if one.contracts < 0 else "long" for one in plan.positions}
    for one in plan.carry:
        yield f"{one.instrument}: {_holding(one, sides[one.instrument])}"
    if sum(one.per_day is not None for one in plan.carry) > 1:
        yield f"together {money(plan.carry_per_day)} USD a day, {money(plan.carry_per_year)} USD a year"


def _holding(one: Carry, side: str) -> str:
    if one.rate is None or one.per_day is None:
        missing = "`funding_8h`, or none that is new enough" if one.source == "funding" else "price of its own"
        return f"not known: the data has no {missing}"
    verb = "receives" if one.per_day > 0 else "pays" if one.per_day else "pays nothing"
    sums = f"{_size(one.per_day)} USD a day, {_size(one.per_year)} USD a year" if one.per_day else ""
    if one.source == "basis":
        return f"{percent(one.rate)} over spot until it expires; this {side} {verb} {sums}".rstrip()
    rate = f"funding {written(_rounded(one.rate * 100, 6))}% per 8h"
    each = f" ({_size(one.per_settlement)} USD every {amount(one.interval_hours)}h)" if one.per_day else ""
    return f"{rate}: {_paying(one)}; this {side} {verb} {sums}{each}".rstrip()


def _size(value: Decimal | None) -> str:
    return money(None if value is None else abs(value))


def _paying(one: Carry) -> str:
    match one.payer:
        case "longs":
            return "longs pay shorts"
        case "shorts":
            return "shorts pay longs"
    return "nobody pays"
