"""What can't be meant is refused with one line that says what was found and what was wanted."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from rulelang.hedging import (
    Book,
    Exposure,
    Fill,
    Future,
    HedgingError,
    Instrument,
    Inverse,
    Linear,
    Lot,
    Position,
    Quanto,
    contract_of,
    hedge_order,
    hedge_size,
    order_check,
    round_step,
    unit,
)
from rulelang.hedging.allocation import Want, allocate, allocate_contracts, concentration
from rulelang.hedging.basis import Prices, basis
from rulelang.hedging.exposure import Leg, net_delta
from rulelang.hedging.funding import Carry, funding_annualise, funding_horizon
from rulelang.hedging.margin import Isolated, Maintenance, Tier, liquidation, maintenance_tier
from rulelang.hedging.options import Option, black76
from rulelang.hedging.positions import average_entry, notional
from rulelang.hedging.replay import Setup, replay
from rulelang.hedging.roll import roll_due
from rulelang.hedging.statistics import ewma_beta, ols_beta, returns, rolling_corr, stated

NOW = datetime(2026, 12, 10, 8, tzinfo=UTC)
ONE_COIN = Book(Exposure("1", "50000"), "50000")
FUTURE = Future(Linear("1"), "1", "1")
anything: Any = None
a_float: Any = 0.1


def order(target: float, expiry: datetime | None = None) -> object:
    return hedge_order(target, Instrument(Linear("1"), Lot("1"), expiry), ONE_COIN, NOW)


@pytest.mark.parametrize(
    ("call", "found", "wanted"),
    [
        (lambda: Linear("0"), "`contract_size` is 0", "a number above 0"),
        (lambda: contract_of("linear", None), "`contract_size` is missing", "a number above 0"),
        (lambda: contract_of("cubic", "1"), "`contract` is 'cubic'", "`linear`, `inverse` or `quanto`"),
        (lambda: Lot("-1"), "`step` is -1", "a number above 0"),
        (lambda: Lot("1", min_qty="-2"), "`min_qty` is -2", "0 or a number above"),
        (lambda: round_step("1", "0"), "`step` is 0", "a number above 0"),
        (lambda: round_step("1", "1", anything), "`mode` is None", "`down`, `up` or `nearest`"),
        (lambda: Exposure("1", "0"), "`spot` is 0", "a number above 0"),
        (lambda: Exposure("many", "1"), "`base` is 'many'", "a number"),
        (lambda: Exposure("1", Decimal("NaN")), "`spot` is NaN", "a number above 0"),
        (lambda: Exposure("-Infinity", "1"), "`base` is -Infinity", "a number"),
        (lambda: Exposure(True, "1"), "`base` is True", "a number"),
        (lambda: Exposure("1e999999999", "1"), "`base` is 1e999999999", "a number of at most 400 digits"),
        (
            lambda: order_check(a_float, "1", Linear("1"), Lot("1")),
            "`qty` is the float 0.1",
            "a number as a Decimal or as text",
        ),
        (
            lambda: hedge_size(ONE_COIN.exposure, "1", FUTURE, match=anything),
            "`match` is None",
            "`quantity` or `value`",
        ),
        (lambda: order(float("nan")), "`target` is nan", "a finite number"),
        (lambda: order(float("inf")), "`target` is inf", "a finite number"),
        (lambda: order(1, NOW), "`contract` expired at 2026-12-10T08:00:00+00:00", "a contract that has not expired"),
        (lambda: basis(Prices("1", "1"), "-1"), "`days` is -1", "0 or a number above"),
        (lambda: Option("1", "1", "-0.1", "1", "call"), "`years` is -0.1", "0 or a number above"),
        (lambda: black76(Option("1", "1", "1", "1", "straddle")), "`type` is 'straddle'", "`call` or `put`"),
        (
            lambda: roll_due(NOW.replace(tzinfo=None), NOW, "1"),
            "`now` is 2026-12-10T08:00:00",
            "a time with its zone, such as 2026-12-10T08:00Z",
        ),
        (
            lambda: Quanto("1").quote(Linear("1").contract_size, Linear("1").contract_size),
            "`settle_price` is missing",
            "the quote price of one coin of those that the contract pays",
        ),
        (
            lambda: net_delta("1", [Leg(Inverse("1"), "-1", mark="5")]),
            "`entry` is missing",
            "the entry price of a contract that pays in its coin",
        ),
        (
            lambda: net_delta("1", [Leg(Inverse("1"), "-1")]),
            "`price` is missing",
            "a price above 0: an inverse contract has a delta only at a price",
        ),
        (
            lambda: average_entry(Linear("1"), []),
            "`fills` are none, or of both sides",
            "fills that all buy or all sell",
        ),
        (
            lambda: average_entry(Linear("1"), [Fill("1", "2"), Fill("-1", "2")]),
            "`fills` are none, or of both sides",
            "fills that all buy or all sell",
        ),
        (lambda: funding_annualise("-1.5", "8", "compound"), "`1 + rate` is -1/2", "0 or a number above"),
        (lambda: funding_annualise("0.1", "8", anything), "`method` is None", "`simple` or `compound`"),
        (lambda: funding_horizon(Carry("flat", "0.1", "8"), "1"), "`side` is 'flat'", "`long` or `short`"),
        (lambda: Isolated(Linear("1"), "0", "1", "1"), "`contracts` is 0", "a number other than 0"),
        (
            lambda: liquidation(Isolated(Linear("1"), "1", "1", "1"), Maintenance("0", basis=anything)),
            "`basis` is None",
            "`mark` or `entry`",
        ),
        (
            lambda: maintenance_tier("1", [Tier("2", "0")]),
            "`tiers` don't rise, or start above the position",
            "tiers by rising floor, the first at 0",
        ),
        (
            lambda: maintenance_tier("1", []),
            "`tiers` don't rise, or start above the position",
            "tiers by rising floor, the first at 0",
        ),
        (lambda: allocate("1", {"BTC": "1"}, {"ETH": "1"}), "`caps` name ETH", "assets among BTC"),
        (
            lambda: allocate_contracts([Want("BTC", "1", FUTURE), Want("BTC", "1", FUTURE)]),
            "`assets` name BTC twice",
            "each asset once",
        ),
        (lambda: concentration({}, "1"), "`values` are none", "the value of at least one asset"),
        (lambda: returns(["1", "0"], "log"), "`prices` is 0", "a number above 0"),
        (lambda: returns(["1"], anything), "`kind` is None", "`simple`, `log`, `diff` or `raw`"),
        (lambda: ols_beta(["1", "2"], ["1"], "raw"), "`series` have 2 and 1 values", "two series of the same bars"),
        (lambda: ewma_beta(["1"], ["1"], "raw", "1.1"), "`lambda` is 1.1", "a number above 0, at most 1"),
        (lambda: rolling_corr(["1"], ["1"], 0), "`window` is 0", "a whole number of bars, at least 1"),
        (lambda: rolling_corr(["1"], [], 2), "`series` have 1 and 0 values", "two series of the same bars"),
        (lambda: stated("1.5", "1", "1"), "`rho` is 1.5", "a correlation from -1 to 1"),
        (lambda: replay(Setup(Linear("1"), "1", "1", "0"), []), "`bars` are none", "at least one bar"),
        (
            lambda: unit("price + coins"),
            "`price + coins` means nothing: a price and coins can't be put side by side",
            "kinds that go together",
        ),
        (
            lambda: unit("price ** coins"),
            "`price ** coins` is no kind",
            "kinds such as `price` with + - * / between them",
        ),
    ],
)
def test_one_line_says_what_was_wanted(call: Callable[[], object], found: str, wanted: str) -> None:
    with pytest.raises(HedgingError) as error:
        call()
    assert str(error.value) == f"{found}, wanted {wanted}"


def test_a_quanto_without_the_price_of_its_coin_tells_what_it_can() -> None:
    found = notional(Position(Quanto("0.000001"), "10000", "500"))
    assert (found.value, found.currency, found.quote, found.base) == (5, "settle", None, None)


@pytest.mark.parametrize(
    ("lot", "qty", "status", "sent"),
    [
        (Lot("1"), "0.9", "zero", "0"),
        (Lot("1", min_qty="3"), "2.5", "below_min_qty", "0"),
        (Lot("1", min_notional="301"), "3", "below_min_notional", "0"),
        (Lot("1", min_notional="300"), "3", "ok", "3"),
        (Lot("0.4", max_qty="1"), "-3", "capped", "-0.8"),
        (Lot("1", max_qty="1"), "1.9", "ok", "1"),
        (Lot("1", max_qty="0.5"), "2", "zero", "0"),
        (Lot("1", max_qty="2", min_notional="201"), "5", "below_min_notional", "0"),
    ],
)
def test_the_first_status_that_applies(lot: Lot, qty: str, status: str, sent: str) -> None:
    found = order_check(qty, "100", Linear("1"), lot)
    assert (found.status, found.send) == (status, Decimal(sent))
    assert found.remaining == Decimal(qty) - Decimal(sent)
