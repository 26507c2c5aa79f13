"""What always holds of contracts, sizes, margin and orders, whatever the numbers."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, example, given
from hypothesis import strategies as st

from rulelang.hedging import (
    Book,
    Contract,
    Exposure,
    Fill,
    Future,
    Instrument,
    Inverse,
    Linear,
    Lot,
    Quanto,
    Trade,
    hedge_order,
    hedge_size,
    order_check,
    round_step,
)
from rulelang.hedging.allocation import allocate
from rulelang.hedging.contracts import gain, quote_value
from rulelang.hedging.exposure import (
    Leg,
    Move,
    Scenario,
    SpotLeg,
    inverse_drift,
    linear_drift,
    net_delta,
    quanto_drift,
    scenario,
)
from rulelang.hedging.funding import Settlement, funding_payment
from rulelang.hedging.lots import Mode
from rulelang.hedging.margin import (
    Isolated,
    Maintenance,
    Tier,
    liquidation,
    maintenance_tier,
    margin_cap,
    margin_for_liq,
    margin_state,
)
from rulelang.hedging.options import Option, black76
from rulelang.hedging.orders import Order, written
from rulelang.hedging.positions import average_entry, pnl, position_result
from rulelang.hedging.replay import Bar, Setup, replay
from rulelang.hedging.statistics import ols_beta, rolling_corr
from tests.hedging import drawing as draw
from tests.hedging.drawing import exactly

NOW = datetime(2026, 12, 10, 8, tzinfo=UTC)
NEAR = Fraction(1, 10**20)
"""What 28 digits can lose."""

modes = st.sampled_from(["down", "up", "nearest"])
matches = st.sampled_from(["quantity", "value"])


def near(one: Fraction, other: Fraction) -> bool:
    return abs(one - other) <= NEAR * max(1, abs(one), abs(other))


# Contracts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(draw.contracts, draw.counts, draw.prices, draw.rates)
def test_funding_of_a_long_and_a_short_sums_to_zero(
    contract: Contract, count: Decimal, mark: Decimal, rate: Decimal
) -> None:
    stamp = Settlement(mark, rate)
    paid = funding_payment(contract, count, stamp), funding_payment(contract, -count, stamp)
    assert paid[0].cash + paid[1].cash == 0
    assert {one.direction for one in paid} in ({"pay", "receive"}, {"none"})
    payer = paid[0] if (count > 0) == (paid[0].payer == "long") else paid[1]
    assert payer.cash <= 0


@given(draw.coins, draw.prices, draw.prices)
def test_linear_and_inverse_of_one_delta_agree_to_first_order(coins: Decimal, before: Decimal, after: Decimal) -> None:
    p0, p1, delta = Fraction(before), Fraction(after), Fraction(coins)
    linear = gain(Linear("1"), delta, p0, p1)
    inverse = gain(Inverse("1"), delta * p0, p0, p1)
    assert inverse * p1 == linear
    assert abs(inverse * p0 - linear) == abs(delta) * (p1 - p0) ** 2 / p1


@given(draw.contracts, draw.counts, st.lists(draw.prices, min_size=2, max_size=5))
def test_pnl_adds_up_along_the_way(contract: Contract, count: Decimal, path: list[Decimal]) -> None:
    prices = [Fraction(price) for price in path]
    parts = [gain(contract, Fraction(count), before, after) for before, after in pairwise(prices)]
    assert sum(parts) == gain(contract, Fraction(count), prices[0], prices[-1])


@given(st.lists(st.tuples(draw.contracts, draw.counts, draw.prices), max_size=4), draw.coins, draw.prices, draw.prices)
def test_pnl_of_a_book_is_the_sum_of_its_legs(
    legs: list[tuple[Contract, Decimal, Decimal]], coins: Decimal, before: Decimal, after: Decimal
) -> None:
    trades = [Trade(contract, count, entry, after) for contract, count, entry in legs]
    found = scenario(Scenario([SpotLeg(coins, before, after)], trades))
    alone = sum(exactly(pnl(trade).quote_at_exit) for trade in trades)
    assert near(exactly(found.hedge_pnl), Fraction(alone))
    assert near(exactly(found.net), Fraction(coins) * (Fraction(after) - Fraction(before)) + alone)


@given(
    draw.contracts,
    st.sampled_from([1, -1]),
    st.lists(st.tuples(draw.counts.filter(bool), draw.prices), min_size=1, max_size=5),
    draw.prices,
)
def test_the_average_entry_pays_what_the_fills_pay(
    contract: Contract, side: int, fills: list[tuple[Decimal, Decimal]], exit: Decimal
) -> None:
    bought = [Fill(side * abs(count), price) for count, price in fills]
    average = average_entry(contract, bought)
    each = sum(gain(contract, fill.contracts, fill.price, Fraction(exit)) for fill in bought)
    together = gain(contract, exactly(average.contracts), exactly(average.entry), Fraction(exit))
    worth = sum(abs(contract.value(fill.contracts, fill.price)) for fill in bought)
    assert abs(each - together) <= NEAR * max(1, worth)


@given(draw.sizes, draw.some_contracts, draw.prices, draw.prices)
def test_the_unit_of_the_currency_does_not_matter(size: Decimal, count: Decimal, entry: Decimal, exit: Decimal) -> None:
    """Counted in cents instead of dollars, money is a hundred times as much, and coins are as many as before."""
    dollars = (Fraction(count), Fraction(entry), Fraction(exit))
    cents = (Fraction(count), 100 * Fraction(entry), 100 * Fraction(exit))
    assert gain(Linear(size), *cents) == 100 * gain(Linear(size), *dollars)
    assert gain(Inverse(100 * size), *cents) == gain(Inverse(size), *dollars)
    for one, other in ((Linear(size), Linear(size)), (Inverse(size), Inverse(100 * size))):
        assert near(_liquidated_at(other, *cents[:2]), 100 * _liquidated_at(one, *dollars[:2]))


def _liquidated_at(contract: Contract, count: Fraction, entry: Fraction) -> Fraction:
    """Return the liquidation price at 10 times leverage."""
    margin = abs(contract.value(count, entry)) / 10
    return exactly(liquidation(Isolated(contract, count, entry, margin), Maintenance("0.005")).liq_price)


# Sizes and lots ───────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(-(10**9), 10**9), draw.steps, modes)
def test_what_lies_on_a_step_stays_there(count: int, step: Decimal, mode: Mode) -> None:
    assert round_step(count * step, step, mode) == count * step


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert round_step(Decimal("0.1") + Decimal("0.2"), "0.1") == Decimal("0.3")
    assert order_check("0.3", "1", Linear("1"), Lot("0.1", min_qty="0.3")).status == "ok"
    assert hedge_size(Exposure("0.3", "7"), "1", Future(Linear("0.1"), "7", "1")).target == -3


def test_a_third_of_a_lot_times_three_is_a_lot() -> None:
    """One coin of 3 USD, matched in value by a contract at 7 of 3/7 of a coin: rounded on the way, it would be none."""
    size = Fraction(3, 7)
    assert hedge_size(Exposure("1", "3"), "1", Future(Linear(size), "7", "1"), match="value").target == -1


@given(draw.counts, draw.steps, modes)
def test_rounding_moves_by_less_than_a_step(qty: Decimal, step: Decimal, mode: Mode) -> None:
    found = Fraction(round_step(qty, step, mode))
    assert abs(found - Fraction(qty)) < Fraction(step)
    assert (found / Fraction(step)).denominator == 1
    assert abs(found - Fraction(qty)) * 2 <= Fraction(step) or mode != "nearest"


@given(draw.exposures, draw.ratios, draw.futures, matches, draw.counts)
def test_a_hedge_is_less_than_a_lot_short_and_never_too_large(
    exposure: Exposure, ratio: Decimal, future: Future, match: str, held: Decimal
) -> None:
    size = hedge_size(exposure, ratio, future, current=held, match=match)  # type: ignore[arg-type]
    exact, target = exactly(size.target_exact), exactly(size.target)
    assert abs(target) <= abs(exact) + NEAR * abs(exact)
    assert abs(target - exact) < future.step + NEAR * abs(exact)
    assert target * exact >= 0
    assert Fraction(held) + exactly(size.order) == target
    if size.achieved_ratio is not None:
        assert size.achieved_ratio <= ratio * (1 + Decimal("1e-25"))


@given(draw.exposures, draw.ratios, draw.futures, st.integers(2, 50))
def test_sizes_scale_up_to_one_lot(exposure: Exposure, ratio: Decimal, future: Future, times: int) -> None:
    one = hedge_size(exposure, ratio, future)
    many = hedge_size(Exposure(exposure.base * times, exposure.spot), ratio, future)
    assert near(exactly(many.target_exact), times * exactly(one.target_exact))
    assert 0 <= abs(exactly(many.target)) - times * abs(exactly(one.target)) < times * future.step


@given(draw.exposures, draw.ratios, draw.prices, draw.sizes)
def test_every_kind_of_contract_leaves_the_same_delta_open(
    exposure: Exposure, ratio: Decimal, price: Decimal, size: Decimal
) -> None:
    tiny = Fraction(1, 10**12)
    left = {
        hedge_size(exposure, ratio, Future(contract, price, tiny)).residual_base
        for contract in (Linear(size), Inverse(size))
    }
    assert max(left) - min(left) < Decimal("1e-4")


# Orders ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def lots(choose: st.DrawFn) -> Lot:
    most = choose(st.none() | draw.decimals("0", "500", 3))
    least = choose(draw.decimals("0", "20", 3))
    return Lot(choose(draw.steps), least, most, choose(draw.decimals("0", "1000", 0)))


books = st.builds(Book, draw.exposures, draw.prices, draw.counts | st.just(Decimal(0)), matches)


def ordered(target: float, contract: Contract, lot: Lot, book: Book) -> Order:
    return hedge_order(target, Instrument(contract, lot), book, NOW)


@given(st.floats(0, 2), draw.contracts, lots(), books)
@example(0.7, Linear("1"), Lot("1"), Book(Exposure("10", "100"), "100", "-7.5"))
def test_orders_go_toward_the_target_and_never_past_it(target: float, contract: Contract, lot: Lot, book: Book) -> None:
    order = ordered(target, contract, lot, book)
    there, after = exactly(order.size.target), book.contracts + exactly(order.contracts)
    assert min(book.contracts, there) <= after <= max(book.contracts, there)
    assert exactly(order.remaining) == there - after


@given(st.floats(0, 2), draw.contracts, lots(), books)
def test_orders_are_legal(target: float, contract: Contract, lot: Lot, book: Book) -> None:
    order = ordered(target, contract, lot, book)
    sent = abs(exactly(order.contracts))
    assert (sent > 0) == (order.status in ("ok", "capped"))
    if sent:
        worth = abs(quote_value(contract, sent, book.price))
        assert (sent / lot.step).denominator == 1
        assert sent >= lot.min_qty and (lot.max_qty is None or sent <= lot.max_qty)
        assert order.reduce_only or worth >= lot.min_notional
        assert near(exactly(order.notional), worth)


@given(st.floats(0, 2), draw.contracts, lots(), books)
def test_a_reducing_order_never_turns_a_position_round(target: float, contract: Contract, lot: Lot, book: Book) -> None:
    order = ordered(target, contract, lot, book)
    after = book.contracts + exactly(order.contracts)
    if order.reduce_only:
        assert after * book.contracts >= 0 and abs(after) <= abs(book.contracts)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_the_decimal_that_is_written_for_it(signal: float) -> None:
    assert float(written(signal)) == signal


# Margin ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def positions(choose: st.DrawFn) -> tuple[Isolated, Maintenance]:
    """Return a position of 1 to 50 times leverage, not liquidated at entry."""
    contract, count = choose(draw.paid_in_what_they_cover), choose(draw.some_contracts)
    entry, leverage = choose(draw.decimals("1", "200000", 2)), choose(draw.decimals("1", "50", 1))
    worth = abs(contract.value(Fraction(count), Fraction(entry)))
    position = Isolated(contract, count, entry, worth / Fraction(leverage))
    deducted = choose(st.sampled_from([0, 1, 3])) * worth / 1000
    return position, Maintenance(choose(draw.decimals("0.003", "0.01", 4)), deducted)


def _bisected(position: Isolated, maintenance: Maintenance, safe: Fraction, gone: Fraction) -> Fraction:
    """Return the price at which a position is just liquidated, between a price where it isn't and one where it is."""
    for _ in range(60):
        middle = (safe + gone) / 2
        if margin_state(position, middle, maintenance).liquidated:
            gone = middle
        else:
            safe = middle
    return gone


@given(positions())
def test_the_liquidation_price_is_where_maintenance_reaches_equity(drawn: tuple[Isolated, Maintenance]) -> None:
    position, maintenance = drawn
    found = liquidation(position, maintenance).liq_price
    against = Fraction(1, 10**9) if position.contracts > 0 else Fraction(10**6)
    far = position.entry * against
    assume(not margin_state(position, position.entry, maintenance).liquidated)
    if not margin_state(position, far, maintenance).liquidated:
        assert found is None or (exactly(found) - far) * (1 if position.contracts > 0 else -1) <= 0
    else:
        price = _bisected(position, maintenance, position.entry, far)
        assert abs(exactly(found) - price) <= Fraction(1, 10**9) * price
        state = margin_state(position, exactly(found), maintenance)
        assert abs(state.equity - state.maintenance) <= Decimal("1e-20") * max(1, abs(Decimal(str(state.equity))))


@given(positions(), draw.decimals("0.2", "0.95", 3))
def test_the_margin_for_a_price_is_liquidated_there(drawn: tuple[Isolated, Maintenance], share: Decimal) -> None:
    held, maintenance = drawn
    price = held.entry * Fraction(share) if held.contracts > 0 else held.entry / Fraction(share)
    asked = margin_for_liq(held.contract, held.contracts, held.entry, price, maintenance)
    assume(asked > 0)
    found = liquidation(Isolated(held.contract, held.contracts, held.entry, asked), maintenance)
    assert abs(exactly(found.liq_price) - price) <= Fraction(1, 10**15) * price


@given(st.lists(st.tuples(draw.decimals("1", "1000000", 0), draw.decimals("0", "0.1", 4)), min_size=1, max_size=5))
def test_maintenance_is_continuous_where_tiers_meet(steps: list[tuple[Decimal, Decimal]]) -> None:
    rising = zip(sorted({floor for floor, _ in steps}), sorted(rate for _, rate in steps), strict=False)
    tiers = [Tier("0", "0"), *(Tier(floor, rate) for floor, rate in rising)]
    for at, (low, tier) in enumerate(pairwise(tiers), start=1):
        found = maintenance_tier(tier.floor, tiers)
        before = maintenance_tier(tier.floor, tiers[:at])
        assert found.tier == at and before.tier == at - 1 and low.mmr <= tier.mmr
        assert found.maintenance == before.maintenance


@given(draw.contracts, draw.decimals("-1000", "100000", 2), draw.decimals("1", "50", 0), draw.prices, draw.steps)
def test_the_margin_cap_is_affordable_and_one_more_step_is_not(
    contract: Contract, free: Decimal, leverage: Decimal, price: Decimal, step: Decimal
) -> None:
    most = Fraction(margin_cap(contract, free, leverage, price, step))
    budget = max(Fraction(0), Fraction(free) * Fraction(leverage))
    assert contract.value(most, Fraction(price)) <= budget < contract.value(most + Fraction(step), Fraction(price))


# Books and paths ──────────────────────────────────────────────────────────────────────────────────────────────────────


@given(draw.decimals("0.01", "1000", 2), draw.prices, draw.prices)
def test_a_fully_covered_inverse_short_is_worth_the_same_at_every_price(
    qty: Decimal, before: Decimal, after: Decimal
) -> None:
    drift = inverse_drift(Move(qty, before, after, "1"))
    assert near(exactly(drift.equity_quote), Fraction(qty) * Fraction(before))
    assert drift.net_delta == 0 and drift.ratio_marked == 1
    leg = Leg(Inverse("1"), -Fraction(qty) * Fraction(before), before, after)
    assert net_delta(qty, [leg]).net_delta == 0


bars = st.lists(st.tuples(draw.decimals("1", "1000", 1), st.none() | draw.ratios, draw.rates), min_size=1, max_size=6)


@given(draw.paid_in_what_they_cover, draw.decimals("0", "100", 2), draw.steps, draw.rates, bars)
def test_a_replay_is_the_sum_of_the_trades_in_it(
    contract: Contract, coins: Decimal, step: Decimal, fee_rate: Decimal, path: list[tuple[Decimal, ...]]
) -> None:
    steps = [Bar(*row) for row in path]
    found = replay(Setup(contract, coins, step, fee_rate), steps)
    held = [Fraction(count) for count in found.positions]
    spans = zip(held, pairwise(steps), strict=False)
    legs = [
        position_result(
            Trade(contract, count, before.price, after.price), "0", "0", [Settlement(after.price, after.funding)]
        )
        for count, (before, after) in spans
    ]
    changes = [after - before for before, after in pairwise([Fraction(0), *held])]
    traded = sum(abs(contract.value(one, bar.price)) for one, bar in zip(changes, steps, strict=True))
    assert near(exactly(found.hedge_pnl), Fraction(sum(exactly(leg.gross) for leg in legs)))
    assert near(exactly(found.funding), Fraction(sum(exactly(leg.funding) for leg in legs)))
    assert near(exactly(found.fees), traded * Fraction(fee_rate))
    assert found.orders == sum(one != 0 for one in changes)


weights_and_caps = st.tuples(draw.decimals("0", "10", 1), st.none() | draw.decimals("0", "500", 0))


@given(st.dictionaries(st.sampled_from("ABCDE"), weights_and_caps), draw.decimals("0", "1000", 0))
def test_an_allocation_is_whole_and_within_its_caps(
    assets: dict[str, tuple[Decimal, Decimal | None]], total: Decimal
) -> None:
    caps = {name: cap for name, (_, cap) in assets.items() if cap is not None}
    found = allocate(total, {name: weight for name, (weight, _) in assets.items()}, caps)
    assert near(Fraction(sum(map(Fraction, found.allocation.values()))) + exactly(found.unallocated), Fraction(total))
    assert all(found.allocation[name] <= cap for name, cap in caps.items())
    roomy = [name for name, (weight, cap) in assets.items() if weight and (cap is None or found.allocation[name] < cap)]
    assert not roomy or near(exactly(found.unallocated), Fraction(0))


# Options and statistics ───────────────────────────────────────────────────────────────────────────────────────────────


years_and_vols = draw.decimals("0", "3", 2)


@given(draw.prices, draw.prices, years_and_vols, years_and_vols, draw.decimals("-0.1", "0.1", 2))
def test_a_call_less_a_put_is_the_discounted_forward(
    forward: Decimal, strike: Decimal, years: Decimal, vol: Decimal, rate: Decimal
) -> None:
    call, put = (black76(Option(forward, strike, years, vol, kind, rate)) for kind in ("call", "put"))
    discount = (-rate * years).exp()
    assert abs(call.price - put.price - discount * (forward - strike)) < Decimal("1e-18") * max(forward, strike)
    assert call.gamma == put.gamma and call.price >= 0 and put.price >= 0
    assert forward == strike or abs(call.delta - put.delta - discount) < Decimal("1e-20")


@given(st.lists(st.tuples(draw.coins, draw.coins), min_size=3, max_size=12), st.integers(2, 4))
def test_a_line_is_found_again(pairs: list[tuple[Decimal, Decimal]], window: int) -> None:
    bench = [Fraction(y) for _, y in pairs]
    asset = [3 * y - 7 for y in bench]
    found = ols_beta(asset, bench, "raw")
    if len(set(bench)) > 1:
        assert (found.beta, found.alpha, found.corr, found.r2, found.stderr) == (3, -7, 1, 1, 0)
    else:
        assert found.beta is None and found.corr is None and found.stderr is None
    rolled = rolling_corr(asset, bench, window, "1")
    assert rolled.breaches == () and set(rolled.corr) <= {None, Decimal(1)}


@given(st.lists(st.tuples(draw.coins, draw.coins), min_size=1, max_size=12), st.integers(1, 5))
def test_sliding_correlations_are_those_of_each_window(pairs: list[tuple[Decimal, Decimal]], window: int) -> None:
    x, y = ([pair[at] for pair in pairs] for at in (0, 1))
    ends = range(1, len(x) + 1)
    alone = [
        ols_beta(x[end - window : end], y[end - window : end], "raw").corr if end >= window else None for end in ends
    ]
    assert list(rolling_corr(x, y, window).corr) == alone


@given(draw.coins, draw.prices, draw.prices, draw.ratios, draw.prices, draw.prices)
def test_a_hedge_after_a_move_is_the_contracts_that_were_sold(
    qty: Decimal, before: Decimal, after: Decimal, ratio: Decimal, settle0: Decimal, settle1: Decimal
) -> None:
    """What drift tells is what contracts sized before the move are worth in coins after it."""
    move = Move(qty, before, after, ratio)
    short = hedge_size(Exposure(qty, before), ratio, Future(Quanto("1", settle0), before, Fraction(1, 10**30)))
    held = Quanto("1", settle1).delta(exactly(short.target_exact), None)
    found = quanto_drift(move, settle0, settle1)
    assert abs(exactly(found.net_delta) - Fraction(qty) - held) <= NEAR * (abs(Fraction(qty)) + abs(held))
    assert linear_drift(move) == quanto_drift(move, settle0, settle0)
    undone = held + exactly(found.order_base)
    assert abs(undone + Fraction(ratio) * Fraction(qty)) <= NEAR * (abs(Fraction(qty)) + abs(held))
