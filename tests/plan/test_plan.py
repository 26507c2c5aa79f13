"""Plans worked out by hand: sizes, drift and bands, several legs, cross hedges, betas, leverage, carry, margin."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from rulelang.hedging import Inverse, Linear, Lot, Quanto
from rulelang.hedging.margin import Tier
from rulelang.plan import PlanError
from rulelang.plan.instruments import FeeTier
from rulelang.plan.portfolio import Venue
from tests.plan.making import NOW, aim, held, listing, opened, planned, portfolio, put_up, quote

BTC = listing()
INVERSE = listing("BTC-INV", contract=Inverse("100"), lot=Lot("1"), settle="BTC", tiers=(Tier("0", "0.004"),))
HEDGE = {"BTC": quote()}


def test_a_naked_holding_is_sold_to_its_ratio() -> None:
    found = planned(portfolio([BTC], [held("BTC", "2.5")]), HEDGE, aim("hedge", "0.7"))
    (order,) = found.orders
    assert (order.side, order.contracts, order.reduce_only, order.status) == ("sell", Decimal("1.75"), False, "ok")
    assert (order.notional, order.fees, order.maker_fees) == (87_500, Decimal("43.75"), Decimal("17.5"))
    assert (order.slippage, order.limit) == (Decimal("17.5"), 49_990)
    assert found.costs.total == Decimal("61.25")
    assert (found.targets[0].actual, found.targets[0].after, found.targets[0].open_coins) == (0, Decimal("0.7"), 0)
    assert found.exposures[0].net == Decimal("0.75")


def test_what_is_left_open_is_reported_in_contracts_and_coins() -> None:
    coarse = listing(contract=Linear("0.01"), lot=Lot("7"))
    (order,) = planned(portfolio([coarse], [held("BTC", "2.5")]), HEDGE, aim("hedge", "0.7")).orders
    assert (order.contracts, order.remaining) == (175, 0)
    (order,) = planned(portfolio([coarse], [held("BTC", "2.51")]), HEDGE, aim("hedge", "0.7")).orders
    assert (order.contracts, order.remaining, order.remaining_coins) == (175, Decimal("-0.7"), Decimal("-0.007"))


def test_three_times_a_tenth_is_three_lots() -> None:
    tenths = listing(lot=Lot("0.1"))
    (order,) = planned(portfolio([tenths], [held("BTC", "1")]), HEDGE, aim("hedge", "0.3")).orders
    assert (order.contracts, order.remaining) == (Decimal("0.3"), 0)


def test_an_order_that_reduces_stops_short_of_the_target() -> None:
    book = portfolio([listing(lot=Lot("1"))], [held("BTC", "10.7")], opened(listing(lot=Lot("1")), "-9"))
    found = planned(book, HEDGE, aim("hedge", "0.5"))
    (order,) = found.orders
    assert (order.side, order.contracts, order.reduce_only) == ("buy", 3, True)
    assert found.targets[0].open_coins == Decimal("0.65")


def test_coins_as_collateral_and_the_coins_that_a_short_gained_are_exposed() -> None:
    book = portfolio(
        [INVERSE], [held("BTC", "1")], opened(INVERSE, "-500", "62500"), collateral=(put_up("BTC", "0.8"),)
    )
    found = planned(book, HEDGE, aim("hedge", "1"))
    (one,) = found.exposures
    assert (one.held, one.collateral, one.gained, one.coins) == (1, Decimal("0.8"), Decimal("0.2"), 2)
    assert (found.targets[0].actual, found.orders[0].contracts) == (Decimal("0.5"), 500)
    assert [(one.net, one.futures + one.spot) for one in found.moves] == [(0, 0)] * 4


def test_a_quanto_is_sized_by_what_its_pay_is_worth() -> None:
    quanto = listing(contract=Quanto("0.01"), lot=Lot("1"), settle="ETH")
    book = portfolio([quanto], [held("BTC", "3")], opened(quanto, "-10"))
    found = planned(book, {"BTC": quote(), "ETH": quote("2500")}, aim("hedge", "1"), assets=("BTC",))
    # each contract moves as 0.01 * 2,500 = 25 coins do: 250 coins short over 3 held
    assert found.targets[0].actual == pytest.approx(Decimal(250) / 3)
    assert (found.orders[0].side, found.orders[0].contracts) == ("buy", 9)


# Drift ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("contracts", "orders"), [("-0.62", 0), ("-0.601", 0), ("-0.6", 1), ("-0.799", 0), ("-0.8", 1), ("-0.59", 1)]
)
def test_drift_inside_the_band_is_left_alone(contracts: str, orders: int) -> None:
    found = planned(portfolio([BTC], [held("BTC", "1")], opened(BTC, contracts)), HEDGE, aim("hedge", "0.7", "0.1"))
    assert len(found.orders) == orders
    assert found.targets[0].left is (orders == 0)
    assert found.targets[0].drift == -Decimal(contracts) - Decimal("0.7")


@pytest.mark.parametrize(
    ("contracts", "changes"),
    [
        ("-0.69", {"free": True}),
        ("-0.69", {"floor": Fraction("0.7")}),
        ("-0.71", {"cap": Fraction("0.7")}),
        ("-0.69", {"ends": (Fraction(0), Fraction("0.7"))}),
    ],
)
def test_no_band_holds_back_a_change_a_floor_a_cap_or_an_end(contracts: str, changes: dict[str, object]) -> None:
    book = portfolio([BTC], [held("BTC", "1")], opened(BTC, contracts))
    assert planned(book, HEDGE, aim("hedge", "0.7", "0.1", **changes)).orders
    assert not planned(book, HEDGE, aim("hedge", "0.7", "0.1")).orders


def test_a_floor_that_is_kept_leaves_the_band_alone() -> None:
    book = portfolio([BTC], [held("BTC", "1")], opened(BTC, "-0.72"))
    assert not planned(book, HEDGE, aim("hedge", "0.7", "0.1", floor=Fraction("0.7"))).orders


# Several legs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_another_short_of_the_coin_counts_and_is_closed_last() -> None:
    dated = listing("BTC-DEC", interval=None, expiry=datetime(2026, 12, 25, 8, tzinfo=UTC), price=Fraction(50_500))
    book = portfolio(
        [BTC, dated], [held("BTC", "4")], opened(BTC, "-1"), opened(dated, "-2"), hedge={"BTC": "BTC-PERP"}
    )
    more = planned(book, HEDGE, aim("hedge", "1"))
    assert [(one.instrument, one.side, one.contracts) for one in more.orders] == [("BTC-PERP", "sell", 1)]
    less = planned(book, HEDGE, aim("hedge", "0.375"))
    told = [(one.instrument, one.side, one.contracts, one.reduce_only) for one in less.orders]
    assert told == [("BTC-PERP", "buy", 1, True), ("BTC-DEC", "buy", Decimal("0.5"), True)]
    assert less.targets[0].after == Decimal("0.375")


def test_a_long_that_has_to_be_a_short_turns_round_in_one_order() -> None:
    found = planned(portfolio([BTC], [held("BTC", "1")], opened(BTC, "0.4")), HEDGE, aim("hedge", "0.5"))
    (order,) = found.orders
    assert (order.side, order.contracts, order.reduce_only) == ("sell", Decimal("0.9"), False)
    assert found.positions[0].entry == 50_000


def test_a_hedge_of_nothing_is_closed() -> None:
    found = planned(portfolio([BTC], [], opened(BTC, "-0.4")), HEDGE, aim("hedge", "0.7", "0.1"))
    (order,) = found.orders
    assert (order.side, order.contracts, order.reduce_only) == ("buy", Decimal("0.4"), True)
    assert found.targets[0].actual is None and found.targets[0].after is None
    assert (found.positions[0].contracts, found.positions[0].margin) == (0, 0)


TWO = {"BTC": quote(), "ETH": quote("2500")}


def test_a_cross_hedge_sells_value_times_beta_and_shares_the_orders() -> None:
    book = portfolio([BTC], [held("BTC", "2"), held("ETH", "100", "1.2")], hedge={"ETH": "BTC-PERP"})
    found = planned(book, TWO, aim("hedge", "0.5"), assets=("BTC", "ETH"))
    (order,) = found.orders
    assert (order.instrument, order.contracts) == ("BTC-PERP", 4)  # (2 + 1.2 * 250,000 / 50,000) / 2
    assert found.targets[0].assets == ("BTC", "ETH") and found.targets[0].after == Decimal("0.5")
    assert found.beta is None
    assert "how well ETH goes with BTC isn't known: its beta is stated, not measured" in found.notes


def test_one_beta_is_for_the_whole_book() -> None:
    book = portfolio([BTC], [held("BTC", "2"), held("ETH", "100", "1.2")], benchmark="BTC")
    found = planned(book, TWO, aim("beta", "0.3"))
    (order,) = found.orders
    # dollar beta 100,000 + 300,000 of 350,000; wanted 0.3 of 350,000
    assert (order.side, order.contracts) == ("sell", Decimal("5.9"))
    assert found.beta is not None
    assert found.targets[0].actual == found.beta.before == pytest.approx(Decimal(8) / 7)
    assert found.targets[0].after == found.beta.after == Decimal("0.3")


def test_betas_of_assets_add_up_and_an_asset_without_rules_keeps_its_own() -> None:
    more = {**TWO, "SOL": quote("100")}
    book = portfolio([BTC], [held("BTC", "2"), held("ETH", "100", "1.2"), held("SOL", "1000", "2")], benchmark="BTC")
    found = planned(book, more, aim("beta", "0"), assets=("BTC", "ETH"))
    assert found.orders[0].contracts == 8
    assert found.targets[0].open_coins == 0


def test_leverage_is_what_a_position_is_over_its_margin() -> None:
    book = portfolio([BTC], [held("BTC", "1")], opened(BTC, "-0.5", "50000", "5000"))
    usual = planned(book, HEDGE, aim("hedge", "1"))
    assert (usual.positions[0].margin_before, usual.positions[0].margin) == (5_000, 10_000)
    wanted = planned(book, HEDGE, aim("hedge", "1"), aim("leverage", "2"))
    assert (wanted.positions[0].margin_before, wanted.positions[0].margin) == (5_000, 25_000)
    alone = planned(book, HEDGE, aim("leverage", "2"))
    assert alone.orders == () and alone.positions[0].margin == 12_500


def test_a_margin_that_nobody_said_is_not_known() -> None:
    book = portfolio([BTC], [held("BTC", "1")], venues={})
    found = planned(book, HEDGE, aim("hedge", "1"))
    assert (found.positions[0].margin, found.positions[0].liquidation) == (None, None)
    assert any("say `leverage` in [venues.binance]" in note for note in found.notes)


def test_fees_are_those_of_the_volume() -> None:
    tiers = (FeeTier(Fraction(0), Fraction("0.0005"), None), FeeTier(Fraction(10**6), Fraction("0.0003"), None))
    cheap = listing(fees=tiers)
    for volume, fees in (("999999", "25"), ("1000000", "15")):
        book = portfolio([cheap], [held("BTC", "1")], venues={"binance": Venue(Fraction(5), Fraction(volume))})
        assert planned(book, HEDGE, aim("hedge", "1")).costs.fees == Decimal(fees)


# Carry and margin ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rate", "payer", "day"), [("0.0001", "longs", "15"), ("-0.0002", "shorts", "-30"), ("0", "nobody", "0")]
)
def test_who_pays_funding(rate: str, payer: str, day: str) -> None:
    quotes = {"BTC": quote(funding=Fraction(rate))}
    found = planned(portfolio([BTC], [held("BTC", "1")]), quotes, aim("hedge", "1"))
    (one,) = found.carry
    assert (one.payer, one.per_day, found.carry_per_year) == (payer, Decimal(day), Decimal(day) * 365)
    hourly = planned(portfolio([listing(interval=3600)], [held("BTC", "1")]), quotes, aim("hedge", "1"))
    assert (hourly.carry[0].per_day, hourly.carry[0].per_settlement) == (Decimal(day), Decimal(day) / 24)


def test_a_dated_short_earns_its_basis_until_it_expires() -> None:
    dated = listing(interval=None, expiry=datetime(2026, 12, 20, 8, tzinfo=UTC), price=Fraction(50_500))
    (one,) = planned(portfolio([dated], [held("BTC", "1")]), HEDGE, aim("hedge", "1")).carry
    assert (one.source, one.rate, one.per_day, one.payer) == ("basis", Decimal("0.01"), 50, "longs")
    unpriced = listing(interval=None, expiry=datetime(2026, 12, 20, 8, tzinfo=UTC))
    (one,) = planned(portfolio([unpriced], [held("BTC", "1")]), HEDGE, aim("hedge", "1")).carry
    assert one.per_day is None


def test_a_short_is_liquidated_where_its_tier_says() -> None:
    quotes = {"BTC": quote(atr=Fraction(1_000))}
    flat = listing(tiers=(Tier("0", "0.005"),))
    (one,) = planned(portfolio([flat], [held("BTC", "1")]), quotes, aim("hedge", "1")).positions
    # 10,000 of margin: 60,000 - price = 0.5% of price
    assert one.liquidation == pytest.approx(Decimal(60_000) / Decimal("1.005"))
    assert one.distance == pytest.approx(Decimal("0.19403"), abs=Decimal("0.00001"))
    assert one.atrs == pytest.approx(Decimal("9.70149"), abs=Decimal("0.00001"))
    moves = planned(portfolio([flat], [held("BTC", "1")]), quotes, aim("hedge", "1")).moves
    assert [one.liquidated for one in moves] == [(), (), (), ("BTC-PERP",)]


# What is said ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_warnings() -> None:
    soon = listing("BTC-DEC", interval=None, expiry=datetime(2026, 12, 15, 8, tzinfo=UTC), price=Fraction(50_000))
    book = portfolio(
        [soon], [held("BTC", "1", venue="binance")], opened(soon, "-1.2"), collateral=(put_up("BTC", "0.1"),)
    )
    found = planned(book, HEDGE, aim("hedge", "1.2"))
    texts = "\n".join(found.warnings)
    assert "BTC-DEC expires in 5 days" in texts
    assert "100% of everything lies at one venue, binance" in texts
    assert "0.1 BTC of collateral at binance is the coin that is hedged" in texts
    assert "and 0 USD lies there" in texts
    assert "over-hedged: BTC to 120% of what is held" in texts


def test_small_orders_are_not_sent_and_told() -> None:
    large = listing(lot=Lot("0.001", min_notional="100"))
    found = planned(portfolio([large], [held("BTC", "0.0019")]), HEDGE, aim("hedge", "1"))
    assert (found.orders[0].contracts, found.orders[0].status) == (0, "below_min_notional")
    said = "BTC-PERP: the order of 0.0019 contracts is worth less than the venue takes; nothing is sent"
    assert said in found.warnings
    closing = planned(portfolio([large], [], opened(large, "-0.001")), HEDGE, aim("hedge", "1"))
    assert (closing.orders[0].contracts, closing.orders[0].reduce_only) == (Decimal("0.001"), True)


def test_other_targets_are_shown() -> None:
    found = planned(portfolio([BTC], [held("BTC", "1")]), HEDGE, aim("spot_weight", "0.8"))
    assert [(one.asset, one.name, one.value) for one in found.others] == [("BTC", "spot_weight", "80%")]
    assert found.orders == ()


# What can't be planned ────────────────────────────────────────────────────────────────────────────────────────────────


def refused(*args: object, **more: object) -> str:
    with pytest.raises(PlanError) as error:
        planned(*args, **more)  # type: ignore[arg-type]
    return str(error.value)


def test_two_instruments_for_one_leg() -> None:
    other = listing("BTC-DEC", interval=None, expiry=datetime(2026, 12, 25, 8, tzinfo=UTC))
    said = refused(portfolio([BTC, other], [held("BTC", "1")]), HEDGE, aim("hedge", "1"))
    assert said == (
        "portfolio.toml: `hedge.BTC` is missing, and BTC-PERP and BTC-DEC could each hedge BTC; wanted one of them"
    )
    book = portfolio(
        [BTC, other], [held("BTC", "1"), held("ETH", "1", "1")], hedge={"BTC": "BTC-PERP", "ETH": "BTC-DEC"}
    )
    said = refused(book, TWO, aim("hedge", "1"), assets=("BTC", "ETH"))
    assert said == (
        "portfolio.toml: `hedge.ETH` is BTC-DEC, and BTC is hedged with BTC-PERP: wanted one instrument of BTC for both"
    )


def test_an_expired_contract() -> None:
    old = listing("BTC-SEP", interval=None, expiry=datetime(2026, 9, 25, 8, tzinfo=UTC))
    said = refused(portfolio([old], [held("BTC", "1")]), HEDGE, aim("hedge", "1"))
    wanted = "a time after that of the plan, 2026-12-10T08:00Z"
    assert said == f"instruments.toml: `BTC-SEP.expiry` is 2026-09-25T08:00Z, wanted {wanted}"


def test_targets_that_contradict_or_mean_nothing() -> None:
    book = portfolio([BTC], [held("BTC", "1")])
    assert "`hedge` and `beta` both say how many" in refused(book, HEDGE, aim("hedge", "1"), aim("beta", "1"))
    assert "`leverage` is 0 or below" in refused(book, HEDGE, aim("hedge", "1"), aim("leverage", "0"))
    several = portfolio([BTC], [held("BTC", "1"), held("ETH", "1")])
    said = refused(several, TWO, aim("hedge", "1"), assets=(None,))
    assert said == "my.rules: names no asset, and the portfolio has BTC, ETH; wanted `assets BTC, ETH` or fewer"


def test_a_price_or_a_beta_that_is_missing() -> None:
    book = portfolio([BTC], [held("BTC", "1"), held("ETH", "1")], hedge={"ETH": "BTC-PERP"})
    said = refused(book, HEDGE, aim("hedge", "1"), assets=("BTC", "ETH"))
    assert said == "portfolio.toml: `holdings.ETH` needs the price of ETH; the data has no close by 2026-12-10T08:00Z"
    said = refused(book, TWO, aim("hedge", "1"), assets=("BTC", "ETH"))
    assert said.startswith("portfolio.toml: `holdings.ETH.beta` is missing, wanted the beta of ETH to BTC")


def test_the_time_of_a_plan_is_that_of_its_bar() -> None:
    found = planned(portfolio([BTC], [held("BTC", "1")]), HEDGE, aim("hedge", "1"))
    assert found.time.timestamp() == NOW
