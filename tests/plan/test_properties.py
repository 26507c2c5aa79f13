"""What always holds of a plan, whatever is held and wanted."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, example, given
from hypothesis import strategies as st

from rulelang.hedging import Contract, Inverse, Linear, Lot, Quanto, Trade
from rulelang.hedging.contracts import quote_value
from rulelang.hedging.margin import Isolated, Maintenance, Tier, maintenance_tier, margin_state
from rulelang.hedging.positions import pnl
from rulelang.plan import Listing, Order, Plan, Portfolio, Quote
from rulelang.plan.book import book
from rulelang.plan.forms import as_json
from rulelang.plan.risks import MOVES
from rulelang.plan.sleeves import Sleeve, sleeves
from tests.hedging import drawing as draw
from tests.plan.making import NOW, aim, contract_listing, exactly, held, listing, opened, planned, portfolio, quote

PRICES = draw.decimals("1", "200000", 2)
NEAR = Fraction(1, 10**15)


@st.composite
def lots(choose: st.DrawFn) -> Lot:
    most = choose(st.none() | draw.decimals("1", "500", 3))
    return Lot(choose(draw.steps), choose(draw.decimals("0", "20", 3)), most, choose(draw.decimals("0", "1000", 0)))


@st.composite
def books(choose: st.DrawFn) -> tuple[Portfolio, dict[str, Quote]]:
    """Return a portfolio of BTC, up to two instruments on it with positions, and prices of everything."""
    count = choose(st.integers(1, 2))
    listings = [
        contract_listing(choose(draw.contracts), choose(lots()), Fraction(choose(PRICES))) for _ in range(count)
    ]
    named = [_renamed(one, f"BTC-{at}") for at, one in enumerate(listings)]
    sizes = [choose(st.none() | draw.some_contracts) for _ in named]
    entries = [str(choose(PRICES)) for _ in named]
    positions = [opened(one, str(size), entry) for one, size, entry in zip(named, sizes, entries, strict=True) if size]
    of = portfolio(named, [held("BTC", str(choose(draw.coins)))], *positions, hedge={"BTC": "BTC-0"})
    return of, {"BTC": quote(str(choose(PRICES))), "XRP": quote(str(choose(PRICES)))}


def _renamed(one: Listing, name: str) -> Listing:
    return listing(name, contract=one.contract, lot=one.lot, settle=one.settle, price=one.price)


targets = draw.decimals("0", "2", 3)


def sleeve_of(of: Portfolio, quotes: dict[str, Quote], target: Decimal) -> Sleeve:
    wanted = {"BTC": {"hedge": aim("hedge", str(target))}}
    return sleeves(book(of, quotes, datetime.fromtimestamp(NOW, UTC)), wanted, "my.rules")[0]


@given(books(), targets)
@example((portfolio([listing()], [held("BTC", "1")], opened(listing(), "-0.9995")), {"BTC": quote()}), Decimal("0.5"))
def test_orders_go_toward_the_target_never_away_and_never_past(
    drawn: tuple[Portfolio, dict[str, Quote]], target: Decimal
) -> None:
    of, quotes = drawn
    sleeve = sleeve_of(of, quotes, target)
    legs = {leg.name: leg for leg in sleeve.legs}
    found = planned(of, quotes, aim("hedge", str(target)))
    moved = sum((order.signed * legs[order.instrument].each for order in found.orders), Fraction(0))
    after = sleeve.delta + moved
    assert min(sleeve.delta, sleeve.want) <= after <= max(sleeve.delta, sleeve.want)


@given(books(), targets)
def test_what_is_left_is_less_than_a_lot_or_has_a_reason(
    drawn: tuple[Portfolio, dict[str, Quote]], target: Decimal
) -> None:
    of, quotes = drawn
    sleeve = sleeve_of(of, quotes, target)
    legs = {leg.name: leg for leg in sleeve.legs}
    found = planned(of, quotes, aim("hedge", str(target)))
    for order in found.orders:
        lot, left = of.listings[order.instrument].lot, abs(exactly(order.remaining))
        if lot.max_qty is not None and left > lot.max_qty:
            continue  # more than the venue takes at once
        leg = legs[order.instrument]
        worth, each = (abs(quote_value(leg.contract, count, leg.price)) for count in (left, lot.step))
        match order.status:
            case "ok" | "zero":
                assert left < lot.step + NEAR
            case "below_min_qty":
                assert left < lot.min_qty + lot.step
            case "below_min_notional":
                assert worth < lot.min_notional + each
            case "capped":
                assert lot.max_qty is not None and exactly(order.contracts) > lot.max_qty - lot.step
    open_ = sum((exactly(order.remaining_coins) for order in found.orders), Fraction(0))
    assert abs(open_ - exactly(found.targets[0].open_coins)) <= NEAR * max(1, abs(open_))


@given(books(), targets)
def test_orders_are_legal_and_reduce_only_ones_only_reduce(
    drawn: tuple[Portfolio, dict[str, Quote]], target: Decimal
) -> None:
    of, quotes = drawn
    before = {one.listing.name: one.contracts for one in of.positions}
    for order in planned(of, quotes, aim("hedge", str(target))).orders:
        held_, lot = before.get(order.instrument, Fraction(0)), of.listings[order.instrument].lot
        assert (exactly(order.contracts) / lot.step).denominator == 1
        assert (order.contracts > 0) == (order.status in ("ok", "capped"))
        if order.reduce_only:
            assert (held_ + order.signed) * held_ >= 0 and abs(held_ + order.signed) <= abs(held_)
        elif order.contracts:
            assert order.contracts >= lot.min_qty and order.notional >= lot.min_notional
        assert (exactly(order.limit) / of.listings[order.instrument].tick).denominator == 1


@given(draw.contracts, draw.steps, draw.decimals("-500", "500", 3), draw.counts, targets, st.integers(2, 50))
def test_a_portfolio_times_k_has_orders_times_k_up_to_a_lot(
    contract: Contract, step: Decimal, coins: Decimal, contracts: Decimal, target: Decimal, k: int
) -> None:
    def sent(times: int) -> Fraction:
        return sum((order.signed for order in found(times).orders), Fraction(0))

    def asked_for() -> Fraction:
        """Return the contracts that one portfolio asks for, before lots."""
        return sum((order.signed + exactly(order.remaining) for order in found(1).orders), Fraction(0))

    def found(times: int) -> Plan:
        one = contract_listing(contract, Lot(step), Fraction(50_000))
        positions = [opened(one, str(contracts * times))] if contracts else []
        of = portfolio([one], [held("BTC", str(coins * times))], *positions)
        return planned(of, {"BTC": quote(), "XRP": quote("2")}, aim("hedge", str(target)))

    assert abs(sent(k) - k * sent(1)) <= k * Fraction(step)
    assert abs(sent(k) - k * asked_for()) < Fraction(step) + NEAR


@given(books(), targets)
def test_what_a_move_brings_is_the_sum_of_the_legs(drawn: tuple[Portfolio, dict[str, Quote]], target: Decimal) -> None:
    of, quotes = drawn
    found = planned(of, quotes, aim("hedge", str(target)))
    for move, told in zip(MOVES, found.moves, strict=True):
        futures = sum((_leg_pnl(of, found, one.instrument, quotes, move) for one in found.positions), Fraction(0))
        spot = sum((exactly(one.coins) * exactly(one.spot) * move for one in found.exposures), Fraction(0))
        size = max(1, abs(futures), abs(spot), sum(abs(exactly(one.notional)) for one in found.positions))
        assert abs(exactly(told.futures) - futures) <= NEAR * size
        assert abs(exactly(told.spot) - spot) <= NEAR * size
        assert abs(exactly(told.net) - futures - spot) <= NEAR * size


def _leg_pnl(of: Portfolio, found: Plan, name: str, quotes: dict[str, Quote], move: Fraction) -> Fraction:
    """Return what one position brings, by the one formula for trades, with the price after the move of what it pays."""
    one = next(position for position in found.positions if position.instrument == name)
    contract = of.listings[name].contract
    if isinstance(contract, Quanto):
        contract = Quanto(contract.contract_size, quotes["XRP"].close * (1 + move))
    price = exactly(one.price)
    return exactly(pnl(Trade(contract, one.contracts, price, price * (1 + move))).quote_at_exit)


# Margin ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

SOME = targets.filter(bool)
rising = st.lists(draw.decimals("1", "400000", 0), min_size=0, max_size=3, unique=True).map(sorted)
TIERS = ("0.004", "0.005", "0.01", "0.025")


@given(draw.paid_in_what_they_cover, rising, draw.decimals("-100", "100", 2), draw.decimals("1", "20", 1), SOME)
@example(Linear("1"), [Decimal(60_000)], Decimal("1"), Decimal(5), Decimal(1))
def test_liquidation_is_where_the_margin_ratio_reaches_maintenance(
    contract: Contract, floors: list[Decimal], coins: Decimal, leverage: Decimal, target: Decimal
) -> None:
    tiers = tuple(Tier(floor, rate) for floor, rate in zip([Decimal(0), *floors], TIERS, strict=False))
    settle = "USDT" if isinstance(contract, Linear) else "BTC"
    of = portfolio([listing(contract=contract, settle=settle, tiers=tiers)], [held("BTC", str(coins))])
    found = planned(of, {"BTC": quote()}, aim("hedge", str(target)), aim("leverage", str(leverage)))
    assume(found.positions)
    (told,) = found.positions
    position = Isolated(contract, told.contracts, told.entry, told.margin)
    if told.liquidation is not None:
        spare = Fraction(1, 10**9)
        at = exactly(told.liquidation)
        worse = 1 if told.contracts < 0 else -1
        assert _liquidated(position, tiers, at * (1 + worse * spare))
        assert not _liquidated(position, tiers, at * (1 - worse * spare))
        assert abs(_bisected(position, tiers, exactly(told.entry), worse) - at) <= at * spare
    else:
        ladder = [exactly(told.entry) * factor for factor in (Fraction(1, 10**6), Fraction(1, 2), 2, 10**6)]
        assert not any(_liquidated(position, tiers, price) for price in ladder)


def _liquidated(position: Isolated, tiers: tuple[Tier, ...], price: Fraction) -> bool:
    asked = maintenance_tier(position.value(price), tiers)
    return margin_state(position, price, Maintenance(asked.mmr, asked.maintenance_amount)).liquidated


def _bisected(position: Isolated, tiers: tuple[Tier, ...], entry: Fraction, worse: int) -> Fraction:
    """Return the price at which liquidation begins, found by halving the way from the entry to far away."""
    safe, gone = entry, entry * 10**6 if worse > 0 else entry / 10**6
    for _ in range(80):
        middle = (safe + gone) / 2
        safe, gone = (safe, middle) if _liquidated(position, tiers, middle) else (middle, gone)
    return gone


# The rest ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(draw.decimals("-5", "5", 3).filter(bool), draw.rates)
def test_funding_of_a_plan_and_of_its_mirror_sums_to_zero(contracts: Decimal, rate: Decimal) -> None:
    def carried(count: Decimal) -> Fraction:
        of = portfolio([listing()], [], opened(listing(), str(count)))
        return exactly(planned(of, {"BTC": quote(funding=Fraction(rate))}).carry_per_day)

    assert carried(contracts) + carried(-contracts) == 0


@given(targets, draw.decimals("0", "2", 4), draw.decimals("0", "0.5", 3))
def test_drift_is_traded_from_the_band_on(target: Decimal, actual: Decimal, band: Decimal) -> None:
    assume(actual and actual != target and target not in (0, 2))
    of = portfolio([listing(lot=Lot("0.0001"))], [held("BTC", "1")], opened(listing(lot=Lot("0.0001")), str(-actual)))
    found = planned(of, {"BTC": quote()}, aim("hedge", str(target), str(band)))
    assert bool(found.orders) == (abs(actual - target) >= band)
    assert found.targets[0].left != bool(found.orders)


@given(books(), targets)
def test_json_holds_every_digit(drawn: tuple[Portfolio, dict[str, Quote]], target: Decimal) -> None:
    found = planned(*drawn, aim("hedge", str(target)))
    read = json.loads(as_json(found))
    orders: list[Order] = list(found.orders)
    assert [Decimal(one["contracts"]) for one in read["orders"]] == [one.contracts for one in orders]
    assert [Decimal(one["net"]) for one in read["moves"]] == [one.net for one in found.moves]
    assert read["warnings"] == list(found.warnings)


@given(st.integers(1, 10**9), draw.steps | st.sampled_from([Decimal("0.3"), Decimal("0.0007")]), st.integers(1, 20))
@example(1, Decimal("0.1"), 3)
def test_a_target_of_whole_lots_leaves_nothing(count: int, step: Decimal, tenths: int) -> None:
    one = listing(lot=Lot(step))
    of = portfolio([one], [held("BTC", str(10 * count * step))])
    found = planned(of, {"BTC": quote()}, aim("hedge", f"{tenths}e-1"))
    (order,) = found.orders
    assert (order.contracts, order.remaining) == (count * tenths * step, 0)
    assert found.targets[0].after == Decimal(tenths) / 10


@given(draw.decimals("-100", "100", 3).filter(bool), draw.decimals("0.1", "2", 2), PRICES)
def test_linear_and_inverse_plans_of_one_delta_bring_the_same(coins: Decimal, target: Decimal, price: Decimal) -> None:
    """In USD at the moved price: what an inverse contract pays in coins is worth what a linear one pays in USD."""
    tiny, moves = Lot(Fraction(1, 10**15)), []
    for contract, settle in ((Linear("1"), "USDT"), (Inverse("1"), "BTC")):
        one = listing(contract=contract, lot=tiny, settle=settle)
        of = portfolio([one], [held("BTC", str(coins))])
        moves.append(planned(of, {"BTC": quote(str(price))}, aim("hedge", str(target))).moves)
    for linear, inverse in zip(*moves, strict=True):
        assert abs(linear.futures - inverse.futures) <= Decimal("1e-12") * max(1, price)
