"""Plans with contracts that expire, with options, with stops, and rules that read what is real."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import rulelang
from rulelang.hedging import Contract, Inverse, Lot, Trade
from rulelang.hedging.margin import Tier
from rulelang.hedging.options import Option, black76
from rulelang.hedging.positions import pnl
from rulelang.plan import PlanError, Portfolio, Quote, actual, asks
from rulelang.plan.portfolio import Limits, Open, OptionHeld
from tests.hedging import drawing as draw
from tests.plan.making import NOW, aim, exactly, held, listing, opened, planned, portfolio, put_up, quote

NEAR = listing("BTC-DEC", interval=None, expiry=datetime(2026, 12, 15, 8, tzinfo=UTC), price=Fraction(50_000))
FAR = listing("BTC-MAR", interval=None, expiry=datetime(2027, 3, 26, 8, tzinfo=UTC), price=Fraction(51_000))
HEDGE = {"BTC": quote()}
ROLL = {"hedge": {"BTC": "BTC-DEC"}, "rolls": {"BTC-DEC": "BTC-MAR"}}
BAND = aim("hedge", "0.7", "0.1")


def sides(of: Portfolio, *aims: Any, quotes: Mapping[str, Quote] = HEDGE) -> list[tuple[str, str, Decimal, bool]]:
    return [(one.instrument, one.side, one.contracts, one.reduce_only) for one in planned(of, quotes, *aims).orders]


# Rolls ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_contract_that_is_due_goes_to_the_later_one() -> None:
    of = portfolio([NEAR, FAR], [held("BTC", "2")], opened(NEAR, "-1.4"), **ROLL)
    assert sides(of, BAND) == [("BTC-DEC", "buy", Decimal("1.4"), True), ("BTC-MAR", "sell", Decimal("1.4"), False)]
    found = planned(of, HEDGE, BAND)
    (one,) = found.rolls
    assert (one.near, one.far, one.coins, one.spread, one.credit) == (
        "BTC-DEC", "BTC-MAR", Decimal("-1.4"), Decimal("0.02"), 1_400,
    )  # fmt: skip
    assert one.per_year == pytest.approx(Decimal("0.02") * 365 / 101)
    assert found.targets[0].after == Decimal("0.7")


def test_a_drift_inside_the_band_is_rolled_as_it_is() -> None:
    of = portfolio([NEAR, FAR], [held("BTC", "2")], opened(NEAR, "-1.3"), **ROLL)
    assert sides(of, BAND) == [("BTC-DEC", "buy", Decimal("1.3"), True), ("BTC-MAR", "sell", Decimal("1.3"), False)]
    assert planned(of, HEDGE, BAND).targets[0].left


@pytest.mark.parametrize(
    ("target", "opened_", "rolled"), [("1", "2", "-1.4"), ("0.4", "0.8", "-0.8"), ("0", None, None)]
)
def test_only_what_the_target_wants_is_opened_again(target: str, opened_: str | None, rolled: str | None) -> None:
    of = portfolio([NEAR, FAR], [held("BTC", "2")], opened(NEAR, "-1.4"), **ROLL)
    found = planned(of, HEDGE, aim("hedge", target))
    assert found.orders[0].instrument == "BTC-DEC" and found.orders[0].contracts == Decimal("1.4")
    assert [one.contracts for one in found.orders[1:]] == ([] if opened_ is None else [Decimal(opened_)])
    assert [one.coins for one in found.rolls] == ([] if rolled is None else [Decimal(rolled)])


def test_a_new_hedge_opens_in_the_later_contract() -> None:
    of = portfolio([NEAR, FAR], [held("BTC", "2")], **ROLL)
    assert sides(of, BAND) == [("BTC-MAR", "sell", Decimal("1.4"), False)]


def test_nothing_is_rolled_before_its_time_or_without_a_word() -> None:
    early = evolve(NEAR, expiry=NEAR.expiry + timedelta(days=30))
    of = portfolio([early, FAR], [held("BTC", "2")], opened(early, "-1.4"), **ROLL)
    assert sides(of, BAND) == []
    silent = portfolio([NEAR, FAR], [held("BTC", "2")], opened(NEAR, "-1.4"), hedge={"BTC": "BTC-DEC"})
    found = planned(silent, HEDGE, BAND)
    assert found.orders == () and any("say into what, [roll] in the portfolio" in text for text in found.warnings)


@given(draw.decimals("-9", "9", 3), draw.decimals("-9", "9", 3).filter(bool), draw.decimals("0", "2", 3))
def test_a_roll_ends_less_than_a_lot_from_where_the_target_is(coins: Decimal, count: Decimal, target: Decimal) -> None:
    of = portfolio([NEAR, FAR], [held("BTC", str(coins))], opened(NEAR, str(count)), **ROLL)
    found = planned(of, HEDGE, aim("hedge", str(target)))
    assert {one.instrument: one.contracts for one in found.positions}["BTC-DEC"] == 0
    assert abs(found.targets[0].open_coins) < Decimal("0.001")


# Options ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def option(coins: str, **changes: Any) -> OptionHeld:
    said: dict[str, Any] = {
        "base": "BTC", "type": "put", "strike": Fraction(48_000), "expiry": datetime(2027, 1, 15, 20, tzinfo=UTC),
        "coins": Fraction(coins), "vol": Fraction("0.6"), "forward": None,
    }  # fmt: skip
    return OptionHeld(**(said | changes))


PUT = option("-5")
YEARS = Fraction(36 * 24 + 12, 8760)
PUT_NOW = black76(Option("50000", "48000", YEARS, "0.6", "put"))
BTC = listing()


def test_what_options_move_as_is_hedged_with_the_rest() -> None:
    found = planned(portfolio([BTC], [held("BTC", "2")], options=(PUT,)), HEDGE, aim("hedge", "1"))
    exposed = 2 - 5 * PUT_NOW.delta
    assert found.exposures[0].options == pytest.approx(-5 * PUT_NOW.delta)
    assert found.orders[0].contracts == exposed.quantize(Decimal("0.001"), "ROUND_DOWN")
    assert found.equity == pytest.approx(100_000 - 5 * PUT_NOW.price)
    (told,) = found.options
    assert told.option == "BTC-15JAN27-48000-P" and told.per_day > 0
    assert any("the data has no `future` of it, and the file no `forward`" in note for note in found.notes)


def test_an_option_is_worth_what_it_is_at_the_moved_price() -> None:
    found = planned(portfolio([BTC], [held("BTC", "2")], options=(PUT,)), HEDGE, aim("hedge", "1"))
    for one in (*found.moves, *found.curve):
        then = black76(Option(50_000 * (1 + one.move), "48000", YEARS, "0.6", "put"))
        assert one.options == pytest.approx(-5 * (then.price - PUT_NOW.price), abs=Decimal("1e-12"))
        assert one.net == pytest.approx(one.spot + one.futures + one.options, abs=Decimal("1e-12"))


def test_how_often_a_book_of_options_is_hedged_again() -> None:
    of = portfolio([BTC], [held("BTC", "2")], options=(PUT,))
    (one,) = planned(of, HEDGE, BAND).gamma
    gamma, exposed = -5 * PUT_NOW.gamma, 2 - 5 * PUT_NOW.delta
    assert one.gamma == pytest.approx(gamma) and one.shift == pytest.approx(gamma * 500)
    (due,) = one.again
    assert (due.why, due.coins) == ("band", pytest.approx(exposed / 10))
    assert due.move == pytest.approx(exposed / 10 / -gamma / 50_000)
    assert due.hours == pytest.approx((due.move / Decimal("0.6")) ** 2 * 8760)
    assert [one.why for one in planned(of, HEDGE, aim("hedge", "0.7")).gamma[0].again] == ["lot"]
    assert planned(of, HEDGE).gamma[0].again == ()


def test_the_whalley_wilmott_band_of_a_book_of_options() -> None:
    limits = Limits(Fraction("0.8"), 7 * 86_400, Fraction(1, 2), Fraction("0.0001"))
    of = portfolio([BTC], [held("BTC", "2")], options=(PUT,), limits=limits)
    (one,) = planned(of, HEDGE, aim("hedge", "1")).gamma
    width = (Decimal("1.5") * Decimal("0.0007") * 50_000 * one.gamma**2 / Decimal("0.0001")) ** (Decimal(1) / 3)
    wanted = -(2 - 5 * PUT_NOW.delta)
    assert one.again[-1].why == "whalley-wilmott" and one.again[-1].coins == pytest.approx(width)
    assert (one.inside, one.edge) == (False, pytest.approx(wanted + width))
    near = portfolio([BTC], [held("BTC", "2")], opened(BTC, str(round(wanted, 2))), options=(PUT,), limits=limits)
    assert planned(near, HEDGE, aim("hedge", "1")).gamma[0].inside


def test_an_expired_option() -> None:
    of = portfolio([BTC], [], options=(option("1", expiry=datetime(2026, 12, 10, 8, tzinfo=UTC)),))
    with pytest.raises(PlanError) as error:
        planned(of, HEDGE)
    wanted = "wanted a time after that of the plan, 2026-12-10T08:00Z"
    assert str(error.value) == f"portfolio.toml: `options[1].expiry` is 2026-12-10T08:00Z, {wanted}"


@given(
    st.lists(st.tuples(draw.decimals("-9", "9", 1).filter(bool), st.sampled_from(["call", "put"])), max_size=3),
    draw.decimals("-5", "5", 2), draw.decimals("0", "2", 2), draw.decimals("-0.9", "2", 3),
)  # fmt: skip
def test_what_any_move_brings_is_the_sum_of_coins_options_and_contracts(
    options: list[tuple[Decimal, str]], coins: Decimal, target: Decimal, move: Decimal
) -> None:
    from rulelang.plan.book import book
    from rulelang.plan.risks import outcome
    from rulelang.plan.sleeves import sleeves
    from rulelang.plan.trades import after, orders

    of = portfolio([BTC], [held("BTC", str(coins))], options=tuple(option(str(n), type=kind) for n, kind in options))
    found = book(of, HEDGE, datetime.fromtimestamp(NOW, UTC))
    (sleeve,) = sleeves(found, {"BTC": {"hedge": aim("hedge", str(target))}}, "my.rules")
    sent = sum((one.signed for one in orders(sleeve, found)), Fraction(0))
    told = outcome(found, [after(sleeve.hedge, sent, None, found)], Fraction(move))
    then = Fraction(50_000) * (1 + Fraction(move))
    legs = [Fraction(coins) * (then - 50_000), exactly(pnl(Trade(BTC.contract, sent, "50000", then)).quote_at_exit)]
    for count, kind in options:
        prices = (black76(Option(price, "48000", YEARS, "0.6", kind)).price for price in ("50000", then))
        legs.append(Fraction(count) * -(Fraction(next(prices)) - Fraction(next(prices))))
    assert abs(exactly(told.net) - sum(legs)) < Fraction(1, 10**15)


# Stops, and fees of liquidations ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("contracts", "entry", "stop", "reached"),
    [("-1", "46000", "50600", False), ("-1", "45000", "49500", True), ("1", "55000", "49500", False),
     ("1", "56000", "50400", True), ("-1", "45454.5", "49999.95", True)],
)  # fmt: skip
def test_a_stop_is_shown_and_told(contracts: str, entry: str, stop: str, reached: bool) -> None:
    position = Open(BTC, Fraction(contracts), Fraction(entry), None, Fraction(1, 10))
    found = planned(portfolio([BTC], [], position), HEDGE)
    assert (found.positions[0].stop, found.positions[0].stopped) == (Decimal(stop), reached)
    assert any("has reached its stop, 10% against its entry" in text for text in found.warnings) == reached


def test_a_fee_of_liquidation_brings_it_nearer() -> None:
    flat = listing(tiers=(Tier("0", "0.005"),), liquidation_fee=Fraction("0.0125"))
    (one,) = planned(portfolio([flat], [held("BTC", "1")]), HEDGE, aim("hedge", "1")).positions
    assert one.liquidation == pytest.approx(Decimal(60_000) / Decimal("1.0175"))


# What is real ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def real(text: str, of: Portfolio) -> Mapping[str, float]:
    rules = rulelang.loads(text).checked
    assert asks(rules)
    found = actual(of, HEDGE, rules, "my.rules", NOW)
    return next(iter(found.values()))


def test_rules_read_what_the_portfolio_is() -> None:
    of = portfolio([BTC], [held("BTC", "2")], opened(BTC, "-0.9", "48000", "9000"), collateral=(put_up("USDT", "1"),))
    rules = "bars 1h\ntarget leverage between 1 and 9\nwhen hedge.actual < 50% then hedge 50%\notherwise leverage 3"
    assert real(rules, of) == {
        "hedge.actual": 0.45, "hedge.entry": 48_000.0, "leverage.actual": 5.0, "leverage.entry": 48_000.0,
    }  # fmt: skip
    bare = portfolio([BTC], [held("BTC", "2")])
    assert real("bars 1h\nwhen close > hedge.entry then hedge 50%\notherwise hedge 0%", bare) == {"hedge.actual": 0.0}


def test_rules_that_read_a_beta() -> None:
    of = portfolio([BTC], [held("BTC", "2")], opened(BTC, "-0.5", "48000"), benchmark="BTC")
    rules = "assets BTC\nbars 1h\ntarget beta between 0 and 2\nwhen beta.actual > 0.7 then beta 0.3\notherwise beta 1"
    assert real(rules, of)["beta.actual"] == 0.75


def test_rules_that_do_not_ask() -> None:
    assert not asks(rulelang.loads("bars 1h\nwhen close > hedge.price then hedge 50%\notherwise hedge 0%").checked)


@pytest.mark.parametrize(("contract", "settle"), [(BTC.contract, "USDT"), (Inverse("100"), "BTC")])
@pytest.mark.parametrize("target", ["1", "-1"])
def test_the_margin_that_is_lacking_puts_the_liquidation_where_it_is_wanted(
    contract: Contract, settle: str, target: str
) -> None:
    tiers = (Tier("0", "0.004"), Tier("60000", "0.01"))
    one = listing(contract=contract, settle=settle, tiers=tiers, lot=Lot("0.001"))
    coins = Decimal(target) * 2
    limits = Limits(Fraction("0.8"), 7 * 86_400, Fraction(1, 2), None, Fraction(3, 10))
    found = planned(portfolio([one], [held("BTC", str(coins))], limits=limits), HEDGE, aim("hedge", "1"))
    (text,) = [text for text in found.warnings if "liquidated less than 30% away" in text]
    more = Fraction(re.search(r": ([\d.]+) ", text)[1])  # type: ignore[index]
    (told,) = found.positions
    position = opened(one, str(told.contracts), str(told.entry), str(told.margin + Decimal(str(float(more)))))
    after = planned(portfolio([one], [held("BTC", str(coins))], position, limits=limits), HEDGE, aim("hedge", "1"))
    assert abs(after.positions[0].distance) == pytest.approx(Decimal("0.3"), rel=Decimal("1e-6"))
