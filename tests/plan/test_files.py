"""Portfolio and instrument files: what they may say, and one line for everything that they may not."""

import ast
import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from rulelang.hedging import Inverse, Linear, Quanto
from rulelang.plan import Listing, PlanError, instruments, portfolio
from tests.shared import shared

TEMPLATES = Path(__file__).parents[2] / "rulelang" / "plan" / "templates"
VENUES = ("binance", "bitmex", "bybit", "deribit", "okx")

PERP = """\
[BTC-PERP]
venue = "binance"
base = "BTC"
settle = "USDT"
payoff = "linear"
contract_size = 0.001
tick = 0.1
lot = 1
min_notional = 100
taker = "0.05%"
maintenance = [{ from = 0, rate = "0.4%" }, { from = 50_000, rate = "0.5%" }]
funding_interval = "8h"
"""
HELD = """\
[holdings.BTC]
coins = 2.5

[[positions]]
instrument = "BTC-PERP"
contracts = -1000
entry = 50_000

[[collateral]]
venue = "binance"
asset = "USDT"
amount = 10_000

[hedge]
BTC = "BTC-PERP"

[beta]
window = "90d"
"""

PUT = """\
[[options]]
base = "BTC"
type = "put"
strike = 38_000
coins = -10
vol = "62%"
expiry = 2026-12-25T08:00:00Z
"""


def nothing(name: str) -> str:
    raise AssertionError(f"{name} is read")


def listed(text: str = PERP) -> dict[str, Listing]:
    return instruments("instruments.toml", text, nothing)


def test_numbers_are_the_decimals_that_are_written() -> None:
    one = listed(PERP.replace("tick = 0.1", "tick = 0.30000000000000000001"))["BTC-PERP"]
    assert one.tick == Fraction("0.30000000000000000001")
    assert (one.contract, one.fees[0].taker, one.tiers[1].floor) == (Linear("0.001"), Fraction("0.0005"), 50_000)
    found = portfolio("portfolio.toml", HELD.replace("2.5", "0.1"), listed())
    assert found.holdings["BTC"].coins == Fraction(1, 10)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("contract_size = 0.001\n", "", "`BTC-PERP.contract_size` is missing, wanted a number above 0"),
        ("lot = 1", "lot = -1", "`BTC-PERP.lot` is -1, wanted a number above 0"),
        ("lot = 1", "lots = 1", "`BTC-PERP.lots` is no key of this table, wanted `lot`"),
        ("tick = 0.1", "tick = nan", "`BTC-PERP.tick` is NaN, wanted a number above 0"),
        ("tick = 0.1", "tick = inf", "`BTC-PERP.tick` is Infinity, wanted a number above 0"),
        ("tick = 0.1", "tick = true", "`BTC-PERP.tick` is true, wanted a number, without quotes"),
        ("tick = 0.1", 'tick = "0.1"', '`BTC-PERP.tick` is "0.1", wanted a number, without quotes'),
        ("min_notional = 100\n", "", "`BTC-PERP.min_notional` is missing, wanted 0 or a number above"),
        (
            'taker = "0.05%"', "taker = 0.0005",
            '`BTC-PERP.taker` is 0.0005, wanted a percentage in quotes, such as "0.05%"',
        ),
        ('taker = "0.05%"', "", '`BTC-PERP.taker` is missing, wanted a percentage in quotes, such as "0.05%"'),
        ('taker = "0.05%"', 'taker = "500%"',
         '`BTC-PERP.taker` is "500%", wanted less than 100%, such as "0.05%"'),
        ('rate = "0.4%"', 'rate = "100%"',
         '`BTC-PERP.maintenance[1].rate` is "100%", wanted less than 100%, such as "0.05%"'),
        ("lot = 1", "lot = 1\nliquidation_fee = 0.01",
         '`BTC-PERP.liquidation_fee` is 0.01, wanted a percentage in quotes, such as "0.05%"'),
        ("lot = 1", "lot = 1\nmin_contracts = 5\nmax_contracts = 4",
         "`BTC-PERP.max_contracts` is below `min_contracts`, wanted room for an order between the two"),
        ("tick = 0.1", "tick = 1e-19", "`BTC-PERP.tick` is 1E-19, wanted a number that money has: at most 18 digits"),
        ('base = "BTC"', 'base = "btc"', '`BTC-PERP.base` is "btc", wanted an asset in capitals, such as BTC'),
        ('settle = "USDT"', 'settle = "BTC"',
         "`BTC-PERP.settle` is BTC, wanted USD, USDT or USDC: a linear contract pays in money"),
        ('payoff = "linear"', 'payoff = "inverse"',
         "`BTC-PERP.settle` is USDT, wanted BTC: an inverse contract pays in its own coin"),
        ('payoff = "linear"', 'payoff = "quanto"',
         "`BTC-PERP.settle` is USDT, wanted another coin than BTC: that is what a quanto pays"),
        ('payoff = "linear"', 'payoff = "option"',
         '`BTC-PERP.payoff` is "option", wanted "linear", "inverse" or "quanto"'),
        ('funding_interval = "8h"', "",
         "`BTC-PERP.funding_interval` is missing, and so is `expiry`, wanted the one of a perpetual or the other of a "
         "dated contract"),
        ('funding_interval = "8h"', "funding_interval = 8",
         '`BTC-PERP.funding_interval` is 8, wanted a duration in quotes, such as "8h"'),
        ('funding_interval = "8h"', "expiry = 2026-12-25T08:00:00",
         "`BTC-PERP.expiry` is 2026-12-25T08:00:00, wanted a time with its zone, such as 2026-12-25T08:00:00Z"),
        ("from = 0,", "from = 1,",
         "`BTC-PERP.maintenance` doesn't rise from `from` 0, wanted the tiers in order, the first from 0"),
        ("from = 50_000", "until = 50_000",
         "`BTC-PERP.maintenance[2].until` is no key of this table, wanted one of from, rate"),
        ("[BTC-PERP]", "[BTC-PERP", ":1: this is no TOML"),
        ("lot = 1", "lot = 1\nlot = 2", ":9: this is no TOML: cannot overwrite a value"),
        ("lot = 1", "lot = ", ":8: this is no TOML: invalid value"),
    ],
)  # fmt: skip
def test_instruments_that_are_wrong(old: str, new: str, said: str) -> None:
    assert old in PERP
    with pytest.raises(PlanError) as error:
        listed(PERP.replace(old, new, 1))
    assert str(error.value).startswith(f"instruments.toml{said}" if said[0] == ":" else f"instruments.toml: {said}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("coins = 2.5", "", "`holdings.BTC.coins` is missing, wanted a number"),
        ("coins = 2.5", "coins = nan", "`holdings.BTC.coins` is NaN, wanted a number"),
        ("coins = 2.5", "coins = 1e30",
         "`holdings.BTC.coins` is 1E+30, wanted a number that money has: at most 18 digits"),
        ("[beta]", "[venues.binanz]\nleverage = 3\n[beta]",
         "`venues.binanz` is a venue of no instrument, wanted one of theirs: binance"),
        ("[beta]", "[limits]\nr2 = 5\n[beta]",
         "`limits.r2` is above 1, wanted a number from 0 to 1: R² has no greater values"),
        ("coins = 2.5", "coin = 2.5", "`holdings.BTC.coin` is no key of this table, wanted `coins`"),
        ("coins = 2.5", "coins = 2.5\ncost = 0", "`holdings.BTC.cost` is 0, wanted a number above 0"),
        ("[holdings.BTC]", "[holdings.USDT]",
         "`holdings.USDT` is money, wanted a coin; money goes under [[collateral]]"),
        ("[holdings.BTC]", "[holding.BTC]", "`holding` is no key of this table, wanted `holdings`"),
        ('"BTC-PERP"\ncontracts', '"BTC-PREP"\ncontracts',
         '`positions[1].instrument` is "BTC-PREP", wanted one of the instruments: BTC-PERP'),
        ("entry = 50_000", "entry = 0", "`positions[1].entry` is 0, wanted a number above 0"),
        ("contracts = -1000", "contracts = 0", "`positions[1].contracts` is 0, wanted a number other than 0"),
        ("amount = 10_000", "amount = -1", "`collateral[1].amount` is -1, wanted 0 or a number above"),
        ('BTC = "BTC-PERP"', 'BTC = "X"', '`hedge.BTC` is "X", wanted one of the instruments: BTC-PERP'),
        ('BTC = "BTC-PERP"', 'SOL = "BTC-PERP"',
         "`hedge.SOL` is for an asset of which nothing is held; held are BTC"),
        ('window = "90d"', "window = 90", '`beta.window` is 90, wanted a duration in quotes, such as "8h"'),
        ("[[collateral]]", "[collateral]", "`collateral` is a table, wanted a list of tables"),
        ("entry = 50_000", 'entry = 50_000\nstop = 0.1',
         '`positions[1].stop` is 0.1, wanted a percentage in quotes, such as "0.05%"'),
        ("entry = 50_000", 'entry = 50_000\nstop = "0%"', "`positions[1].stop` is 0, wanted a number above 0"),
        ("[[collateral]]", PUT.replace("put", "straddle") + "[[collateral]]",
         '`options[1].type` is "straddle", wanted "call" or "put"'),
        ("[[collateral]]", PUT.replace("38_000", "0") + "[[collateral]]",
         "`options[1].strike` is 0, wanted a number above 0"),
        ("[[collateral]]", PUT.replace('"62%"', "0.62") + "[[collateral]]",
         '`options[1].vol` is 0.62, wanted a percentage in quotes, such as "0.05%"'),
        ("[[collateral]]", PUT.partition("expiry")[0] + "[[collateral]]",
         "`options[1].expiry` is missing, wanted a time with its zone, such as 2026-12-25T08:00:00Z"),
        ("[beta]", '[roll]\n"BTC-SEP" = "BTC-PERP"\n[beta]',
         "`roll.BTC-SEP` is none of the instruments, wanted one of BTC-PERP"),
        ("[beta]", '[roll]\n"BTC-PERP" = "BTC-PERP"\n[beta]',
         "`roll.BTC-PERP` is a perpetual and needs no roll, wanted a dated contract"),
        ("[beta]", "[limits]\nrisk_aversion = 0\n[beta]",
         "`limits.risk_aversion` is 0, wanted a number above 0"),
    ],
)  # fmt: skip
def test_portfolios_that_are_wrong(old: str, new: str, said: str) -> None:
    assert old in HELD
    with pytest.raises(PlanError) as error:
        portfolio("portfolio.toml", HELD.replace(old, new, 1), listed())
    assert str(error.value) == f"portfolio.toml: {said}"


def test_a_position_stands_there_once() -> None:
    twice = HELD + '[[positions]]\ninstrument = "BTC-PERP"\ncontracts = 5\nentry = 1\n'
    with pytest.raises(PlanError, match=r"`positions\[2\].instrument` is BTC-PERP, as that of positions\[1\]"):
        portfolio("portfolio.toml", twice, listed())


# Templates ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def template(venue: str) -> dict[str, Listing]:
    return instruments(f"{venue}.toml", (TEMPLATES / f"{venue}.toml").read_text("utf-8"), nothing)


@pytest.mark.parametrize("venue", VENUES)
def test_templates_are_whole(venue: str) -> None:
    assert {one.venue for one in template(venue).values()} == {venue}
    assert "contract_size" in (TEMPLATES / f"{venue}.toml").read_text("utf-8")


def test_the_template_of_a_portfolio_fits_the_one_of_binance() -> None:
    found = portfolio("portfolio.toml", (TEMPLATES / "portfolio.toml").read_text("utf-8"), template("binance"))
    assert found.coins == ("BTC", "ETH")


def recorded(name: str) -> object:
    return json.loads((shared() / "data" / "exchange-fixtures" / name).read_text("utf-8"), parse_float=Decimal)


def test_templates_are_what_venues_answered() -> None:
    okx = template("okx")
    for one in recorded("okx/http_get_instruments_swap.json")["data"]:  # type: ignore[index]
        ours = okx[one["instId"]]
        kind = Inverse if one["ctType"] == "inverse" else Linear
        assert ours.contract == kind(one["ctVal"]) and ours.settle == one["settleCcy"]
        assert (ours.lot.step, ours.lot.min_qty, ours.tick) == tuple(
            Fraction(one[key]) for key in ("lotSz", "minSz", "tickSz")
        )
    bybit = template("bybit")
    for one in recorded("bybit/http_get_instruments_linear.json")["result"]["list"]:  # type: ignore[index]
        ours, lots = bybit[one["symbol"]], one["lotSizeFilter"]
        assert (ours.lot.step, ours.lot.max_qty) == (Fraction(lots["qtyStep"]), Fraction(lots["maxOrderQty"]))
        assert ours.tick == Fraction(one["priceFilter"]["tickSize"]) and ours.interval == one["fundingInterval"] * 3600
    perpetual, dated = recorded("deribit/http_get_instruments.json")["result"][:2]  # type: ignore[index]
    for future, ours in zip((perpetual, dated), template("deribit").values(), strict=True):
        assert ours.name[:5] == future["instrument_name"][:5]
        assert ours.contract == Inverse(future["contract_size"]) and ours.tick == Fraction(future["tick_size"])
        assert ours.lot.step * ours.contract.contract_size == Fraction(future["min_trade_amount"])  # type: ignore[attr-defined]
        assert (ours.interval is None) == (future["settlement_period"] != "perpetual")
    xbt = recorded("bitmex/http_get_instrument_xbtusd.json")
    ours = template("bitmex")["XBTUSD"]
    assert (ours.lot.step, ours.tick) == (xbt["lotSize"], Fraction(xbt["tickSize"]))  # type: ignore[index]
    assert template("bitmex")["ETHUSD"].contract == Quanto("0.000001")


def filters(market: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the filters of a market of Binance by type; a spreadsheet holds them as Python writes them."""
    held = market["filters"]
    return {one["filterType"]: one for one in (ast.literal_eval(held) if isinstance(held, str) else held)}


def as_binance_says(ours: Listing, market: dict[str, Any]) -> None:
    known, lot = filters(market), filters(market)["LOT_SIZE"]
    assert (ours.base, ours.settle) == (market["baseAsset"], market["marginAsset"])
    assert ours.contract == Linear("1") and ours.tick == Fraction(known["PRICE_FILTER"]["tickSize"])
    steps = (ours.lot.step, ours.lot.min_qty, ours.lot.max_qty)
    assert steps == tuple(Fraction(lot[key]) for key in ("stepSize", "minQty", "maxQty"))


def test_perpetuals_of_binance_are_what_it_answered() -> None:
    markets = {one["symbol"]: one for one in recorded("binance/http_futures_market_exchange_info.json")["symbols"]}  # type: ignore[index]
    for name in ("BTCUSDT", "ETHUSDT"):
        as_binance_says(template("binance")[name], markets[name])


def test_dated_contracts_of_binance_are_what_all_of_them_were() -> None:
    dated = [one for one in template("binance").values() if one.expiry is not None and one.settle == "USDT"]
    path = shared() / "data" / "raw" / "dated-futures" / "contract-specs.csv"
    rows = [row for row in csv.DictReader(path.open(encoding="utf-8")) if row["baseAsset"] == "BTC"]
    assert len(dated) == 2 and len(rows) == 8
    for ours, row in product(dated, rows):
        as_binance_says(ours, row)
        assert ours.lot.min_notional == Fraction(filters(row)["MIN_NOTIONAL"]["notional"])
        then = datetime.fromtimestamp(int(row["deliveryDate"]) / 1000, UTC)
        assert ours.expiry is not None and (ours.expiry.hour, ours.expiry.weekday()) == (then.hour, then.weekday())


# Dumps of ccxt ────────────────────────────────────────────────────────────────────────────────────────────────────────

OVERLAY = """\
markets = "markets.json"
precision = "tick"

["BTC/USDT:USDT"]
venue = "bybit"
maintenance = [{ from = 0, rate = "0.5%" }]
funding_interval = "8h"
"""


def market(**changes: object) -> dict[str, object]:
    """Return a market as ccxt has it, from a recorded answer of the venue."""
    raw = recorded("bybit/http_get_instruments_linear.json")["result"]["list"][0]  # type: ignore[index]
    lots = raw["lotSizeFilter"]
    said = {
        "id": raw["symbol"], "symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT", "settle": "USDT",
        "contract": True, "linear": True, "inverse": False, "contractSize": 1, "expiry": None,
        "taker": 0.00055, "maker": 0.0002,
        "precision": {"amount": float(lots["qtyStep"]), "price": float(raw["priceFilter"]["tickSize"])},
        "limits": {"amount": {"min": 0.001, "max": 100}, "cost": {"min": 5, "max": None}}, "info": raw,
    }  # fmt: skip
    return {**said, **changes}


def of_dump(overlay: str = OVERLAY, **changes: object) -> Listing:
    dump = json.dumps({"BTC/USDT:USDT": market(**changes), "ETH/USDT": {"symbol": "ETH/USDT", "spot": True}})
    return instruments("instruments.toml", overlay, lambda name: dump)["BTC/USDT:USDT"]


def test_a_dump_says_what_the_file_does_not() -> None:
    one, by_hand = of_dump(), template("bybit")["BTCUSDT"]
    for name in ("contract", "lot", "tick", "settle", "interval"):
        assert getattr(one, name) == getattr(by_hand, name)
    assert (one.fees[0].taker, one.fees[0].maker) == (Fraction("0.00055"), Fraction("0.0002"))
    assert of_dump(OVERLAY + "min_notional = 50\n").lot.min_notional == 50
    dated = of_dump(OVERLAY.replace('funding_interval = "8h"\n', ""), expiry=1735300800000)
    assert dated.expiry is not None and dated.expiry.isoformat() == "2024-12-27T12:00:00+00:00"


def test_digits_are_no_steps() -> None:
    overlay = OVERLAY.replace('"tick"', '"places"')
    one = of_dump(overlay, precision={"amount": 3, "price": 1})
    assert (one.lot.step, one.tick) == (Fraction("0.001"), Fraction("0.1"))


@pytest.mark.parametrize(
    ("overlay", "changes", "said"),
    [
        (OVERLAY.replace('precision = "tick"\n', ""), {}, "`precision` is missing, wanted what the dump's"),
        (OVERLAY, {"contractSize": None}, '`"BTC/USDT:USDT".contract_size` is missing, wanted a number above 0'),
        (OVERLAY.replace("BTC/USDT:USDT", "BTC/USD:BTC"), {}, '`"BTC/USD:BTC"` is no symbol of markets.json'),
        (OVERLAY.replace('venue = "bybit"\n', ""), {}, '`"BTC/USDT:USDT".venue` is missing, wanted a name in quotes'),
    ],
)
def test_dumps_that_are_not_enough(overlay: str, changes: dict[str, object], said: str) -> None:
    with pytest.raises(PlanError) as error:
        of_dump(overlay, **changes)
    assert str(error.value).startswith(f"instruments.toml: {said}")


@pytest.mark.parametrize("dump", ["", "{", "[1]", "3", '{"a": {}}'])
def test_dumps_that_are_none(dump: str) -> None:
    with pytest.raises(PlanError, match=r"^markets.json: "):
        instruments("instruments.toml", OVERLAY, lambda name: dump)
