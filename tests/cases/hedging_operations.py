"""The operations of the shared hedging cases: each takes a case's inputs, and gives its outputs by name."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import asdict

from rulelang.hedging import (
    Contract,
    Exposure,
    Fill,
    Future,
    Lot,
    Position,
    Trade,
    allocation,
    basis,
    beta,
    contract_of,
    costs,
    exposure,
    funding,
    hedge_size,
    lots,
    margin,
    options,
    positions,
    replay,
    roll,
    statistics,
    stops,
)

Case = Mapping[str, Any]
Operation = Callable[[Case], Mapping[str, Any]]

OPERATIONS: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    """Enter an operation into the table, by its name; an input that is null is one that is left out."""
    OPERATIONS[function.__name__.removesuffix("_")] = lambda case: function(
        {name: value for name, value in case.items() if value is not None}
    )
    return function


def fields(record: Any) -> dict[str, Any]:
    return asdict(record, recurse=False)


def some(case: Case, *names: str) -> dict[str, Any]:
    """Return those of the inputs that are given."""
    return {name: case[name] for name in names if name in case}


def renamed(case: Case, **names: str) -> dict[str, Any]:
    """Return those of the inputs that are given, under other names."""
    return {other: case[name] for name, other in names.items() if name in case}


def without_kind(case: Case) -> dict[str, Any]:
    """Return the inputs of what only linear contracts have, which may say so."""
    return {name: value for name, value in case.items() if name != "contract"}


def contract(case: Case) -> Contract:
    return contract_of(case.get("contract", "linear"), case.get("contract_size", "1"), case.get("settle_price"))


def future(case: Case, price: str = "futures") -> Future:
    return Future(contract(case), case[price], case["step"])


def position(case: Case, price: str = "price") -> Position:
    return Position(contract(case), case["contracts"], case[price])


def trade(case: Case) -> Trade:
    return Trade(contract(case), case["contracts"], case["entry"], case["exit"])


# Contracts and PnL ────────────────────────────────────────────────────────────────────────────────────────────────────


@operation
def notional(case: Case) -> Mapping[str, Any]:
    found = positions.notional(position(case))
    return {"base": found.base, "notional_quote": found.quote, f"notional_{found.currency}": found.value}


@operation
def pnl(case: Case) -> Mapping[str, Any]:
    found = positions.pnl(trade(case))
    return {f"pnl_{found.currency}": found.amount, "pnl_quote_at_exit": found.quote_at_exit}


@operation
def avg_entry(case: Case) -> Mapping[str, Any]:
    found = positions.average_entry(contract(case), [Fill(fill["contracts"], fill["price"]) for fill in case["fills"]])
    return {"contracts": found.contracts, "avg_entry": found.entry}


@operation
def fee(case: Case) -> Mapping[str, Any]:
    found = positions.fee(position(case), case["rate"])
    return {"fee": found.amount, "currency": found.currency}


@operation
def position_result(case: Case) -> Mapping[str, Any]:
    stamps = [funding.Settlement(stamp["mark"], stamp["rate"]) for stamp in case.get("funding", ())]
    return fields(positions.position_result(trade(case), case["entry_fee_rate"], case["exit_fee_rate"], stamps))


# Funding ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def carry(case: Case) -> funding.Carry:
    return funding.Carry(case["side"], case["rate"], case["interval_hours"])


@operation
def funding_payment(case: Case) -> Mapping[str, Any]:
    stamp = funding.Settlement(case["mark"], case["rate"])
    return fields(funding.funding_payment(contract(case), case["contracts"], stamp))


@operation
def funding_annualise(case: Case) -> Mapping[str, Any]:
    return fields(funding.funding_annualise(**case))


@operation
def funding_horizon(case: Case) -> Mapping[str, Any]:
    optional = some(case, "notional", "expected_adverse_move")
    return fields(funding.funding_horizon(carry(case), case["horizon_days"], **optional))


@operation
def funding_breakeven(case: Case) -> Mapping[str, Any]:
    return fields(funding.funding_breakeven(carry(case), case["move"]))


@operation
def funding_continuous(case: Case) -> Mapping[str, Any]:
    return {"cash": funding.funding_continuous(**case)}


@operation
def duration_to_stamps(case: Case) -> Mapping[str, Any]:
    return {"stamps": funding.duration_to_stamps(**case)}


# Basis, carry, roll ───────────────────────────────────────────────────────────────────────────────────────────────────


@operation
def basis_(case: Case) -> Mapping[str, Any]:
    return fields(basis.basis(basis.Prices(case["spot"], case["futures"]), case.get("days")))


@operation
def basis_hedge_pnl(case: Case) -> Mapping[str, Any]:
    before, after = (basis.Prices(case[f"spot{at}"], case[f"futures{at}"]) for at in (0, 1))
    return fields(basis.basis_hedge_pnl(before, after, case["spot_qty"], case["hedge_qty"]))


@operation
def carry_trade(case: Case) -> Mapping[str, Any]:
    return fields(basis.carry_trade(basis.CarryTrade(**without_kind(case))))


@operation
def roll_(case: Case) -> Mapping[str, Any]:
    return fields(roll.roll(roll.Roll(**without_kind(case))))


@operation
def roll_due(case: Case) -> Mapping[str, Any]:
    now, expiry = (datetime.fromisoformat(case[name]) for name in ("now", "expiry"))
    return fields(roll.roll_due(now, expiry, case["roll_window_hours"]))


# Margin ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def isolated(case: Case, kind: str) -> margin.Isolated:
    return margin.Isolated(contract_of(kind, "1"), signed(case), case["entry"], case["margin"])


def signed(case: Case) -> str:
    """Return the size of a position, coins or quote units, as contracts of one each: a short's is below 0."""
    size = str(case["qty"] if "qty" in case else case["notional"]).removeprefix("-")
    return size if case["side"] == "long" else f"-{size}"


def maintenance(case: Case) -> margin.Maintenance:
    optional = renamed(case, maintenance_amount="amount", mm_basis="basis", liq_fee_rate="liq_fee_rate")
    return margin.Maintenance(case["mmr"], **optional)


@operation
def initial_margin(case: Case) -> Mapping[str, Any]:
    found = margin.initial_margin(position(case), case["leverage"])
    return {"margin": found.amount, "currency": found.currency}


@operation
def liq_linear(case: Case) -> Mapping[str, Any]:
    return fields(margin.liquidation(isolated(case, "linear"), maintenance(case)))


@operation
def liq_inverse(case: Case) -> Mapping[str, Any]:
    return fields(margin.liquidation(isolated(case, "inverse"), maintenance(case)))


@operation
def margin_state(case: Case) -> Mapping[str, Any]:
    return fields(margin.margin_state(isolated(case, case["contract"]), case["mark"], maintenance(case)))


@operation
def margin_for_liq(case: Case) -> Mapping[str, Any]:
    kind = contract_of(case["contract"], "1")
    found = margin.margin_for_liq(kind, signed(case), case["entry"], case["liq_price"], maintenance(case))
    return {"margin": found}


@operation
def maintenance_tier(case: Case) -> Mapping[str, Any]:
    tiers = [margin.Tier(tier["floor"], tier["mmr"]) for tier in case["tiers"]]
    return fields(margin.maintenance_tier(case["notional"], tiers))


@operation
def margin_cap(case: Case) -> Mapping[str, Any]:
    found = margin.margin_cap(contract(case), case["free_margin"], case["leverage"], case["price"], case["step"])
    return {"contracts": found}


# Lots and orders ──────────────────────────────────────────────────────────────────────────────────────────────────────


@operation
def round_step(case: Case) -> Mapping[str, Any]:
    return {"qty": lots.round_step(**case)}


@operation
def order_check(case: Case) -> Mapping[str, Any]:
    lot = Lot(**some(case, "step", "min_qty", "max_qty", "min_notional"))
    how = some(case, "reduce_only", "mode")
    return fields(lots.order_check(case["qty"], case["price"], contract(case), lot, **how))


# Sizing and state ─────────────────────────────────────────────────────────────────────────────────────────────────────


def current(case: Case) -> dict[str, Any]:
    return renamed(case, current_contracts="current")


@operation
def hedge_size_(case: Case) -> Mapping[str, Any]:
    held = Exposure(case["exposure_base"], case["spot"], **some(case, "beta"))
    how = some(case, "match", "mode") | current(case)
    return fields(hedge_size(held, case["ratio"], future(case), **how))


@operation
def hedge_state(case: Case) -> Mapping[str, Any]:
    return fields(exposure.hedge_state(**case))


@operation
def net_delta(case: Case) -> Mapping[str, Any]:
    legs = [exposure.Leg(contract(leg), leg["contracts"], **some(leg, "entry", "mark")) for leg in case.get("legs", ())]
    return fields(exposure.net_delta(case["spot_qty"], legs, **some(case, "coin_collateral")))


@operation
def drift_after_move(case: Case) -> Mapping[str, Any]:
    move = exposure.Move(**some(case, "qty", "p0", "p1", "ratio"))
    match case["contract"]:
        case "inverse":
            return fields(exposure.inverse_drift(move))
        case "quanto":
            before = case.get("settle_price", "1")
            return fields(exposure.quanto_drift(move, case.get("settle0", before), case.get("settle1", before)))
    return fields(exposure.linear_drift(move))


@operation
def scenario(case: Case) -> Mapping[str, Any]:
    spot = [exposure.SpotLeg(**some(leg, "qty", "p0", "p1")) for leg in case.get("spot", ())]
    hedges = [trade(leg) for leg in case.get("hedges", ())]
    money = some(case, "cash", "fees", "funding")
    return fields(exposure.scenario(exposure.Scenario(spot, hedges, **money)))


@operation
def protected_share(case: Case) -> Mapping[str, Any]:
    return fields(exposure.protected_share(**case))


@operation
def exposure_view(case: Case) -> Mapping[str, Any]:
    return fields(exposure.exposure_view(**case))


# Bands and costs ──────────────────────────────────────────────────────────────────────────────────────────────────────


@operation
def ww_band(case: Case) -> Mapping[str, Any]:
    risk = costs.Risk(**some(case, "gamma", "spot", "cost_rate", "risk_aversion", "rate", "tau"))
    asked = "delta" in case and "holding" in case
    return fields(costs.ww_trade(risk, case["delta"], case["holding"]) if asked else costs.ww_band(risk))


@operation
def cost_gate(case: Case) -> Mapping[str, Any]:
    trading = costs.Trading(**some(case, "fee_rate", "slippage_rate", "fixed"))
    return fields(costs.cost_gate(case["order_notional"], trading, case["max_cost"]))


@operation
def slippage(case: Case) -> Mapping[str, Any]:
    return fields(costs.slippage(**case))


@operation
def fee_drag(case: Case) -> Mapping[str, Any]:
    return fields(costs.fee_drag(**case))


# Allocation ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@operation
def weights(case: Case) -> Mapping[str, Any]:
    return fields(allocation.weights(**case))


@operation
def concentration(case: Case) -> Mapping[str, Any]:
    return fields(allocation.concentration(**case))


@operation
def allocate(case: Case) -> Mapping[str, Any]:
    return fields(allocation.allocate(**case))


@operation
def allocate_contracts(case: Case) -> Mapping[str, Any]:
    wants = [
        allocation.Want(one["asset"], one["hedge_notional"], future(one, "price"), **some(one, "min_notional"))
        for one in case["assets"]
    ]
    found = allocation.allocate_contracts(wants, **some(case, "mode"))
    orders = {asset: fields(order) for asset, order in found.orders.items()}
    return {"orders": orders, "total_shortfall": found.total_shortfall}


# Beta and statistics ──────────────────────────────────────────────────────────────────────────────────────────────────


@operation
def returns(case: Case) -> Mapping[str, Any]:
    return {"returns": statistics.returns(**case)}


@operation
def ols_beta(case: Case) -> Mapping[str, Any]:
    return fields(statistics.ols_beta(**case))


@operation
def ewma_beta(case: Case) -> Mapping[str, Any]:
    series = some(case, "asset", "bench", "kind")
    return fields(statistics.ewma_beta(**series, decay=case["lambda"], **some(case, "demean")))


@operation
def min_variance(case: Case) -> Mapping[str, Any]:
    if "rho" in case:
        moved = statistics.stated(case["rho"], case["sigma_s"], case["sigma_f"])
    else:
        moved = statistics.measured(case["spot"], case["futures"], case["kind"])
    units = None
    if "exposure_units" in case:
        units = statistics.Units(case["exposure_units"], case["contract_units"])
    return fields(statistics.min_variance(moved, units=units, **some(case, "h_used")))


def holding(case: Case) -> beta.Holding:
    return beta.Holding(case["value"], case["beta"])


@operation
def portfolio_beta(case: Case) -> Mapping[str, Any]:
    return fields(beta.portfolio_beta(holding(one) for one in case["positions"]))


@operation
def beta_hedge(case: Case) -> Mapping[str, Any]:
    how = some(case, "target_beta", "beta_futures", "mode") | current(case)
    return fields(beta.beta_hedge(holding(case), future(case), **how))


@operation
def effective_beta(case: Case) -> Mapping[str, Any]:
    return {"beta": beta.effective_beta(holding(case), position(case, "futures"), **some(case, "beta_futures"))}


@operation
def beta_drift(case: Case) -> Mapping[str, Any]:
    moved = [beta.Moved(one["value"], one["beta"], one["return"]) for one in case["positions"]]
    how = some(case, "target_beta", "beta_futures", "mode")
    return fields(beta.beta_drift(moved, future(case, "futures1"), case["contracts"], **how))


@operation
def pair_hedge(case: Case) -> Mapping[str, Any]:
    return fields(beta.pair_hedge(holding(case["long"]), holding(case["short"]), future(case), **some(case, "mode")))


@operation
def effectiveness(case: Case) -> Mapping[str, Any]:
    return fields(statistics.effectiveness(**case))


@operation
def rolling_corr(case: Case) -> Mapping[str, Any]:
    return fields(statistics.rolling_corr(**case))


# Stops, options, replay ───────────────────────────────────────────────────────────────────────────────────────────────


@operation
def stop_loss(case: Case) -> Mapping[str, Any]:
    return fields(stops.stop_loss(**case))


@operation
def black76(case: Case) -> Mapping[str, Any]:
    return fields(options.black76(option(case)))


def option(case: Case) -> options.Option:
    return options.Option(**some(case, "forward", "strike", "years", "vol", "type", "rate"))


def coin_future(case: Case) -> options.CoinFuture:
    return options.CoinFuture(case["contract_size"], case["step"])


@operation
def option_hedge(case: Case) -> Mapping[str, Any]:
    held = [options.Held(option(one), one["qty"]) for one in case["options"]]
    how = some(case, "other_delta", "premium_in_coin", "mode")
    return fields(options.option_hedge(held, coin_future(case), **how))


@operation
def gamma_shift(case: Case) -> Mapping[str, Any]:
    return fields(options.gamma_shift(case["gamma"], case["move"], coin_future(case), **some(case, "mode")))


@operation
def replay_(case: Case) -> Mapping[str, Any]:
    setup = replay.Setup(contract(case), case["spot_qty"], **some(case, "step", "fee_rate", "mode"))
    rates = case.get("funding") or ["0"] * len(case["prices"])
    rows = zip(case["prices"], case["targets"], rates, strict=True)
    found = replay.replay(setup, [replay.Bar(*row) for row in rows])
    inverse = {"coin_equity": found.coins, "equity_quote": found.equity, "net_quote": found.net}
    return fields(found) | inverse
