"""Instruments: what can be traded and at which terms, from a TOML file, or from a dump of ccxt's markets and one."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from rulelang.hedging import Contract, HedgingError, Lot, contract_of
from rulelang.hedging.exact import ZERO, not_negative, number, positive
from rulelang.hedging.margin import Tier
from rulelang.plan.errors import PlanError
from rulelang.plan.keys import Keys, opened

CASH = ("USD", "USDT", "USDC")
"""Currencies that count as one, and as worth what they say."""

_JSON = 'this is JSON, wanted TOML; a dump of ccxt goes beside it, markets = "markets.json", with what it doesn\'t say'

Read = Callable[[str], str]
"""Gives the text of a file that another one names."""


@frozen
class FeeTier:
    """Fees from a volume (quote currency, 30 days) on: fractions of the traded value; a rebate is below 0."""

    volume: Fraction
    taker: Fraction
    maker: Fraction | None


@frozen
class Listing:
    """One instrument as a venue lists it.

    `tick`: quote per base coin. `slippage`: a fraction of the traded value, `None` where nobody has said it. `tiers`:
    maintenance by the position's value in the contract's own currency. `liquidation_fee`: what the venue keeps back for
    a liquidation, a fraction of the value. `interval`: seconds between settlements of funding; `expiry`: the end of a
    dated contract; one of the two is `None`. `price`: quote per base coin, where the file says it.
    """

    name: str
    file: str
    venue: str
    base: str
    settle: str
    contract: Contract
    lot: Lot
    tick: Fraction
    fees: tuple[FeeTier, ...]
    slippage: Fraction | None
    tiers: tuple[Tier, ...] = field(repr=False)
    liquidation_fee: Fraction
    interval: int | None
    expiry: datetime | None
    price: Fraction | None

    def wrong(self, key: str, message: str) -> PlanError:
        """Return the error about one of its keys."""
        return PlanError(self.file, f"{self.name}.{key}", message)

    def fee(self, volume: Fraction) -> FeeTier:
        """Return the tier of a volume."""
        return [tier for tier in self.fees if tier.volume <= volume][-1]


def instruments(file: str, text: str, read: Read) -> dict[str, Listing]:
    """Return the instruments of a TOML text by name. Raises `PlanError`.

    `read` gives the text of the dump that the file may name.
    """
    if text.lstrip().startswith("{"):
        raise PlanError(file, "", _JSON)
    keys = opened(file, text)
    dump = _dump(keys, read) if keys.has("markets") else {}
    names = [name for name in keys.data if name not in ("markets", "precision")]
    found = {name: _listing(name, _joined(keys, name, dump)) for name in names}
    if not found:
        raise PlanError(file, "", "names no instrument, wanted a table for each, such as [BTCUSDT-PERP]")
    return found


_KEYS = (
    *("venue", "base", "settle", "payoff", "contract_size", "tick", "lot", "min_contracts", "max_contracts"),
    *("min_notional", "taker", "maker", "fees", "slippage", "maintenance", "liquidation_fee"),
    *("funding_interval", "expiry", "price"),
)


def _listing(name: str, keys: Keys) -> Listing:
    keys.only(*_KEYS)
    base, settle = keys.asset("base"), keys.asset("settle")
    contract = _contract(keys, base, settle)
    interval, expiry = keys.seconds_or_none("funding_interval"), keys.moment_or_none("expiry")
    if (interval is None) == (expiry is None):
        said = "and `expiry` are both there" if interval else "is missing, and so is `expiry`"
        raise keys.wrong("funding_interval", f"{said}, wanted the one of a perpetual or the other of a dated contract")
    return Listing(
        name, keys.file, keys.text("venue"), base, settle, contract, _lot(keys), keys.number("tick", positive),
        _fees(keys), keys.rate_or_none("slippage", not_negative), _tiers(keys),
        keys.rate_or_none("liquidation_fee", not_negative) or ZERO, interval, expiry,
        keys.number_or_none("price", positive),
    )  # fmt: skip


def _contract(keys: Keys, base: str, settle: str) -> Contract:
    """Return the contract; what it pays in has to be what its payoff says."""
    payoff, size = keys.text("payoff"), keys.number("contract_size", positive)
    match payoff:
        case "linear" if settle not in CASH:
            raise keys.wrong("settle", f"is {settle}, wanted {_either(CASH)}: a linear contract pays in money")
        case "inverse" if settle != base:
            raise keys.wrong("settle", f"is {settle}, wanted {base}: an inverse contract pays in its own coin")
        case "quanto" if settle == base or settle in CASH:
            raise keys.wrong("settle", f"is {settle}, wanted another coin than {base}: that is what a quanto pays")
    try:
        return contract_of(payoff, size)
    except HedgingError:
        raise keys.wrong("payoff", f'is "{payoff:.40}", wanted "linear", "inverse" or "quanto"') from None


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _lot(keys: Keys) -> Lot:
    least = keys.number_or_none("min_contracts", not_negative) or ZERO
    most = keys.number_or_none("max_contracts", positive)
    if most is not None and most < least:
        raise keys.wrong("max_contracts", "is below `min_contracts`, wanted room for an order between the two")
    return Lot(keys.number("lot", positive), least, most, keys.number("min_notional", not_negative))


def _fees(keys: Keys) -> tuple[FeeTier, ...]:
    """Return the fees: one pair of rates, or a list of them by volume."""
    rows = keys.rows("fees")
    if not rows:
        return (FeeTier(ZERO, keys.rate("taker", number), keys.rate_or_none("maker", number)),)
    if keys.has("taker") or keys.has("maker"):
        raise keys.wrong("fees", "and `taker` or `maker` are both there, wanted either")
    tiers = tuple(_fee_tier(row) for row in rows)
    _check_rising(keys, "fees", "volume", [tier.volume for tier in tiers])
    return tiers


def _fee_tier(row: Keys) -> FeeTier:
    row.only("volume", "taker", "maker")
    return FeeTier(row.number("volume", not_negative), row.rate("taker", number), row.rate_or_none("maker", number))


def _tiers(keys: Keys) -> tuple[Tier, ...]:
    rows = keys.rows("maintenance")
    tiers = tuple(_tier(row) for row in rows)
    _check_rising(keys, "maintenance", "from", [tier.floor for tier in tiers])
    return tiers


def _tier(row: Keys) -> Tier:
    row.only("from", "rate")
    return Tier(row.number("from", not_negative), row.rate("rate", not_negative))


def _check_rising(keys: Keys, name: str, by: str, floors: list[Fraction]) -> None:
    if not floors:
        raise keys.wrong(name, f'is missing, wanted its tiers, such as [{{ {by} = 0, rate = "0.5%" }}]')
    if floors[0] != 0 or any(low >= high for low, high in pairwise(floors)):
        raise keys.wrong(name, f"doesn't rise from `{by}` 0, wanted the tiers in order, the first from 0")


# A dump of ccxt's markets ─────────────────────────────────────────────────────────────────────────────────────────────


def _dump(keys: Keys, read: Read) -> dict[str, dict[str, Any]]:
    """Return the markets of the dump that the file names, by symbol, each as the keys of an instrument."""
    path, precision = keys.text("markets"), keys.text_or_none("precision")
    if precision not in ("tick", "places"):
        shown = "is missing" if precision is None else f'is "{precision:.40}"'
        wanted = '"tick" (steps, ccxt\'s TICK_SIZE) or "places" (digits, DECIMAL_PLACES)'
        raise keys.wrong("precision", f"{shown}, wanted what the dump's precisions are: {wanted}")
    try:
        found = json.loads(read(path), parse_float=Decimal, parse_constant=Decimal)
    except ValueError as error:
        raise PlanError(path, "", f"this is no JSON: {str(error)[:1].lower()}{str(error)[1:]}") from None
    markets = found.values() if isinstance(found, dict) else found
    if not isinstance(found, dict | list) or not all(isinstance(one, dict) and "symbol" in one for one in markets):
        raise PlanError(path, "", "holds no markets, wanted those of ccxt, `json.dumps(exchange.markets)`")
    return {one["symbol"]: _of_market(one, precision) for one in markets}


def _of_market(market: Mapping[str, Any], precision: str) -> dict[str, Any]:
    """Return what a market of ccxt says, under the keys of an instrument; what it doesn't say is left out."""
    limits, digits = market.get("limits") or {}, market.get("precision") or {}
    amount, cost = limits.get("amount") or {}, limits.get("cost") or {}
    said = {
        "payoff": _payoff(market), "base": market.get("base"), "settle": market.get("settle"),
        "contract_size": market.get("contractSize"), "tick": _step(digits.get("price"), precision),
        "lot": _step(digits.get("amount"), precision), "min_contracts": amount.get("min"),
        "max_contracts": amount.get("max"), "min_notional": cost.get("min"),
        "taker": _fraction(market.get("taker")), "maker": _fraction(market.get("maker")), "expiry": _expiry(market),
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def _payoff(market: Mapping[str, Any]) -> str | None:
    if market.get("inverse"):
        return "inverse"
    if market.get("linear"):
        return "linear"
    return "quanto" if market.get("quanto") or market.get("contract") else None


def _step(value: Any, precision: str) -> Any:
    if precision == "places" and isinstance(value, int) and not isinstance(value, bool):
        return Decimal(1).scaleb(-value)
    return value


def _fraction(value: Any) -> Any:
    return Fraction(value) if (isinstance(value, Decimal) and value.is_finite()) or type(value) is int else value


def _expiry(market: Mapping[str, Any]) -> datetime | None:
    stamp = market.get("expiry")
    return datetime.fromtimestamp(int(stamp) / 1000, UTC) if stamp else None


def _joined(keys: Keys, name: str, dump: Mapping[str, Mapping[str, Any]]) -> Keys:
    """Return the table of an instrument, and below it what the dump says of the market of that name."""
    own = keys.table(name)
    if keys.has("markets") and name not in dump and not own.has("payoff"):
        raise PlanError(keys.file, own.path, f"is no symbol of {keys.text('markets')}, and has no `payoff` of its own")
    said = {key: value for key, value in dump.get(name, {}).items() if not _replaced(key, own)}
    return Keys(own.file, own.path, {**said, **own.data})


def _replaced(key: str, own: Keys) -> bool:
    """Say whether the file's own keys stand for one of the dump: fee tiers for its rates."""
    return key in ("taker", "maker") and own.has("fees")
