"""The simulation: from change to change, with liquidations, drift, rolls and expiries between; fills a bar later."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import define, field, frozen

from rulelang.backtest.drift import drifted, still
from rulelang.backtest.margins import Account, Hit, accounts, calm, first_hit, pots
from rulelang.backtest.sleeves import Sleeve, State, asked, state
from rulelang.backtest.stock import Ground, Position, Stock
from rulelang.backtest.terms import legal
from rulelang.plan.portfolio import Open

_FAR = 8
"""So many times further than asked a liquidation is looked for in an account where nothing is traded."""


@frozen
class Filled:
    """What became of an order. Amounts in the leg's currency: `fee`, `slippage`; `unit`: what that costs in quote.

    `decided`: the row at whose close the order was made; `row`: the bar in which it was filled.
    """

    leg: int
    decided: int
    row: int
    contracts: float
    price: float
    fee: float
    slippage: float
    unit: float
    cause: str
    status: str


@frozen
class Step:
    """A leg from the fill of a row on: contracts, basis, entry, and its isolated margin."""

    row: int
    contracts: float
    basis: float
    entry: float
    margin: float | None


@frozen
class Walked:
    """What a simulation did: the steps of each leg, the first at row 0, and every order."""

    ground: Ground
    accounts: tuple[Account, ...]
    steps: tuple[tuple[Step, ...], ...]
    fills: tuple[Filled, ...]


def walk(
    ground: Ground, sleeves: Sequence[Sleeve], opened: Sequence[Open], leverage: Mapping[str, Any] | None = None
) -> Walked:
    """Simulate sleeves over the whole history, beginning with the positions that are open.

    `leverage`: by coin, the target of that name at each bar. An open position is taken at the first mark: what it
    gained before isn't part of the test.
    """
    return _Walk(ground, sleeves, opened, leverage or {}).walk()


@define
class _Walk:
    """One simulation on its way."""

    ground: Ground
    sleeves: Sequence[Sleeve]
    opened: Sequence[Open]
    leverage: Mapping[str, Any]
    stock: Stock = field(init=False)
    accounts: tuple[Account, ...] = field(init=False)
    account: dict[int, Account] = field(init=False)
    usual: list[float | None] = field(init=False)
    steps: list[list[Step]] = field(init=False)
    fills: list[Filled] = field(factory=list)
    off: dict[str, float] = field(factory=dict)
    again: dict[str, int] = field(factory=dict)
    calm: dict[tuple[int, ...], tuple[int, int]] = field(factory=dict)

    def walk(self) -> Walked:
        self.accounts = accounts(self.ground)
        self.stock = Stock(self.ground, [Position() for _ in self.ground.terms])
        self.steps = [[] for _ in self.ground.terms]
        self.account = {leg: account for account in self.accounts for leg in account.legs}
        levers = [self.ground.portfolio.venue(one.listing.venue).leverage for one in self.ground.terms]
        self.usual = [None if lever is None else float(lever) for lever in levers]
        self._open()
        decisions, last = self._decisions(), len(self.ground.history) - 1
        row = at = 0
        while row <= last:
            while at < len(decisions) and decisions[at] < row:
                at += 1
            stop = decisions[at] if at < len(decisions) else last
            again = min([one for one in self.again.values() if one >= row], default=stop)
            row = self._segment(row, min(stop, again))
        steps = tuple(tuple(each) for each in self.steps)
        return Walked(self.ground, self.accounts, steps, tuple(self.fills))

    def _open(self) -> None:
        for one in self.opened:
            leg = self.ground.place(one.listing.name)
            terms, own = self.ground.terms[leg], self.stock.positions[leg]
            price = float(self.ground.series[leg].mark[0])
            own.contracts, own.entry = float(one.contracts), price
            own.basis = own.contracts * terms.g(price)
            usual = self.usual[leg]
            if one.margin is not None:
                own.margin = float(one.margin)
            elif usual is not None:
                own.margin = terms.size * abs(own.contracts) * terms.h(price) / usual
        for leg in range(len(self.steps)):
            self._log(leg, 0)

    def _decisions(self) -> list[int]:
        """Return the rows at whose close a target is another than before, a leg's turn ends, or a contract expires."""
        count = len(self.ground.history)
        found: set[int] = set()
        for sleeve in self.sleeves:
            for aim in sleeve.aims:
                found.update(changed(aim.levels))
            found.update(first for first, _ in sleeve.turns)
        for column in self.leverage.values():
            found.update(changed(column))
        for one in self.ground.terms:
            if one.listing.expiry is not None:
                found.add(int(np.searchsorted(self.ground.history.times, one.listing.expiry.timestamp())))
        return sorted(row for row in found if row < count)

    # --- from one stop to the next

    def _segment(self, row: int, stop: int) -> int:
        """Walk from the fill of a row to the close of another, or to what comes between; return the next row."""
        hit = self._first_hit(row, stop)
        before = stop if hit is None else hit.row - 1
        drift = self._drift(row, before)
        if hit is not None and drift is None:
            self._settle(row, before)
            self._liquidate(hit)
            return hit.row
        stop = before if drift is None else drift
        orders = self._settled_orders(row, stop)
        for order in orders:
            self._fill(*order, stop)
        self._add_margin(stop)
        return stop + 1

    def _drift(self, row: int, stop: int) -> int | None:
        """Return the first row at whose close a level has gone too far from its target."""
        found = None
        for sleeve in self.sleeves:
            if stop >= row and not still(sleeve, self.stock) and sleeve.known(row):
                at = drifted(sleeve, self.stock, range(row, stop + 1), self._off(sleeve))
                found, stop = (found, stop) if at is None else (at, at)
        return found

    def _settled_orders(self, row: int, stop: int) -> list[tuple[int, float, str, str]]:
        """Settle up to the close of a row, and return the orders made there."""
        self.stock.settle(row, stop)
        self._expire(stop)
        orders = self._orders(stop)
        self._settle_gap(stop)
        return orders

    def _settle(self, row: int, stop: int) -> None:
        if stop >= row:
            self.stock.settle(row, stop)
            self._settle_gap(stop)

    def _off(self, sleeve: Sleeve) -> float:
        return self.off.get(sleeve.coin, 0.0)

    def _settle_gap(self, stop: int) -> None:
        """Settle what a gap after a row brings before the next fill."""
        if stop + 1 < len(self.ground.history):
            self.stock.settle_early(stop + 1)

    def _first_hit(self, row: int, stop: int) -> Hit | None:
        found: Hit | None = None
        for account in self.accounts:
            hit = self._hit_of(account, row, stop)
            found = hit if hit is not None and (found is None or hit.row < found.row) else found
        return found

    def _hit_of(self, account: Account, row: int, stop: int) -> Hit | None:
        """Return the first liquidation in an account; where nothing was traded since the last look, look far ahead."""
        moves, key = sum([len(self.steps[leg]) for leg in account.legs]), account.legs
        before, until = self.calm.get(key, (0, -1))
        if moves == before and stop <= until:
            return None
        far = min(stop + _FAR * (stop - row + 1), len(self.ground.history) - 1) if moves == before else stop
        if calm(account, self.stock, row, far):
            self.calm[key] = (moves, far)
            return None
        hits = [first_hit(self.ground, pot, row, far) for pot in pots(self.stock, (account,))]
        hit = min([one for one in hits if one is not None], key=lambda one: one.row, default=None)
        self.calm[key] = (moves, far if hit is None else hit.row - 1)
        return hit if hit is not None and hit.row <= stop else None

    # --- orders

    def _orders(self, row: int) -> list[tuple[int, float, str, str]]:
        """Return what is to be traded after the close of a row: leg, contracts, cause, status."""
        orders = []
        for sleeve in self.sleeves:
            if row + 1 < len(self.ground.history) and sleeve.known(row):
                now = state(sleeve, self.stock, row)
                cause = self._cause(sleeve, now, row)
                if cause is not None:
                    orders += self._of(sleeve, now, row, cause)
        return orders

    def _cause(self, sleeve: Sleeve, now: State, row: int) -> str | None:
        """Return why a sleeve is traded now; `None` where it isn't."""
        fresh = row == 0 or any(aim.levels[row] != aim.levels[row - 1] for aim in sleeve.aims)
        if fresh or self.again.get(sleeve.coin) == row:
            return "target"
        if any(self.stock.positions[leg].contracts for leg in sleeve.due(row)):
            return "roll"
        level = now.level
        away = 0.0 if level is None else abs(level - now.target)
        return "drift" if away > sleeve.band + abs(self._off(sleeve)) else None

    def _of(self, sleeve: Sleeve, now: State, row: int, cause: str) -> list[tuple[int, float, str, str]]:
        found, left, wanted = [], now.want - now.delta, asked(sleeve, self.stock, now, row)
        self.again.pop(sleeve.coin, None)
        if self._waits(sleeve, wanted, row):
            return []
        for leg, contracts in wanted.items():
            order = self._legal(leg, contracts, row)
            found.append((leg, order[0], cause, order[1]))
            left -= order[0] * self.stock.each(leg, row)
        self.off[sleeve.coin] = 0.0 if now.slope is None else now.slope * left
        return found

    def _waits(self, sleeve: Sleeve, wanted: Mapping[int, float], row: int) -> bool:
        """Say whether orders wait, for the next bar has no price of one of them: then they are made anew later."""
        missing = [opens for leg in wanted if np.isnan((opens := self.ground.series[leg].open)[row + 1])]
        if not missing:
            return False
        known = np.ones(1, bool)
        for opens in missing:
            known = (opens[row + 1 :] == opens[row + 1 :]) & known
        if known.any():
            self.again[sleeve.coin] = row + int(known.argmax())
        return True

    def _legal(self, leg: int, contracts: float, row: int) -> tuple[float, str]:
        """Return what of an order lots and margin allow."""
        own, price = self.stock.positions[leg].contracts, float(self.ground.series[leg].mark[row])
        within = self._within(leg, contracts, row)
        checked = legal(self.ground.terms[leg], within, own, price, self.ground.unit(leg, row))
        if within == contracts:
            return checked.contracts, checked.status
        return checked.contracts, "capped" if checked.contracts else "no_margin"

    def _within(self, leg: int, contracts: float, row: int) -> float:
        """Return as much of an order as the money in its account allows; what closes is always allowed."""
        own, terms = self.stock.positions[leg], self.ground.terms[leg]
        closing = min(abs(contracts), abs(own.contracts)) if own.contracts * contracts < 0 else 0.0
        opening = abs(contracts) - closing
        account = self.account[leg]
        if account.start is None or opening == 0:
            return contracts
        each = terms.size * terms.h(float(self.ground.series[leg].mark[row]))
        lever = self._lever(leg, row)
        if lever is None:
            rate = 2 * terms.tiers[0][0] * each
            most = max(0.0, self._worth(account, row) / rate) if rate else opening
        else:
            most = max(0.0, (account.free(self.stock) or 0.0) * lever / each)
        return contracts if opening <= most else (closing + most) * (1 if contracts > 0 else -1)

    def _worth(self, account: Account, row: int) -> float:
        """Return what an account holds with its open positions, less what these have to keep."""
        found = account.start or 0.0
        for leg in account.legs:
            price, terms = float(self.ground.series[leg].mark[row]), self.ground.terms[leg]
            held = abs(self.stock.positions[leg].contracts)
            found += self.stock.paid_out(leg, price) - 2 * terms.maintenance(terms.size * held * terms.h(price))
        return found

    def _lever(self, leg: int, row: int) -> float | None:
        """Return the leverage of isolated margin: what rules want, else the venue's; `None`: margin is shared."""
        wanted = [float(column[row]) for column in self.leverage.values() if column[row] > 0]
        return min(wanted) if wanted else self.usual[leg]

    # --- fills

    def _fill(self, leg: int, contracts: float, cause: str, status: str, decided: int) -> None:
        row, terms = decided + 1, self.ground.terms[leg]
        price = float(self.ground.series[leg].open[row])
        worth = terms.size * abs(contracts) * terms.h(price)
        fee, slipped = worth * terms.fee, worth * terms.slippage
        unit = self._unit_at_open(leg, row)
        self.fills.append(Filled(leg, decided, row, contracts, price, fee, slipped, unit, cause, status))
        if contracts:
            self._take(leg, contracts, price, decided)
            self.stock.positions[leg].flow -= fee + slipped
            self._log(leg, row)

    def _add_margin(self, decided: int) -> None:
        """Add margin where rules want less leverage than before, as far as money is free; none is taken away."""
        if decided + 1 < len(self.ground.history) and any(_lowered(one, decided) for one in self.leverage.values()):
            for account in self.accounts:
                for leg in account.legs:
                    self._add_to(leg, account, decided)

    def _add_to(self, leg: int, account: Account, decided: int) -> None:
        own, lever = self.stock.positions[leg], self._lever(leg, decided)
        if not own.contracts or own.margin is None or lever is None:
            return
        terms, free = self.ground.terms[leg], account.free(self.stock)
        worth = terms.size * abs(own.contracts) * terms.h(float(self.ground.series[leg].mark[decided]))
        lacking = max(0.0, worth / lever - own.margin)
        own.margin += lacking if free is None else min(lacking, max(0.0, free))
        self._log(leg, decided + 1)

    def _unit_at_open(self, leg: int, row: int) -> float:
        pays = self.ground.terms[leg].pays
        if pays is None:
            return 1.0
        opened = float(self.ground.opens[pays][row])
        return opened if opened == opened else self.ground.unit(leg, row)

    def _take(self, leg: int, contracts: float, price: float, decided: int) -> None:
        """Take contracts at a price into a position: its basis, its entry, its margin."""
        own, terms = self.stock.positions[leg], self.ground.terms[leg]
        before, after = own.contracts, _rounded(own.contracts + contracts)
        lever = self._lever(leg, decided)
        kept = 0.0 if before * after <= 0 else min(1.0, abs(after) / abs(before))
        opened = abs(after) - kept * abs(before)
        if lever is not None and (own.margin is not None or before == 0):
            margin = kept * (own.margin or 0.0) + opened * terms.size * terms.h(price) / lever
            own.margin = margin if not self.leverage else abs(after) * terms.size * terms.h(price) / lever
        elif own.margin is not None:
            own.margin *= abs(after) / abs(before)
        if before * after <= 0:
            own.entry = price
        elif opened:
            held = (kept * before * terms.g(own.entry) + (after - kept * before) * terms.g(price)) / after
            own.entry = -1 / held if terms.inverse else held
        own.basis += contracts * terms.g(price)
        own.contracts = after
        if after == 0:
            own.margin = None

    def _liquidate(self, hit: Hit) -> None:
        """Close the legs of a pot in a bar; what is left of it the venue keeps, what it lacks the venue bears."""
        for at, (leg, price) in enumerate(zip(hit.pot.legs, hit.prices, strict=True)):
            own, terms = self.stock.positions[leg], self.ground.terms[leg]
            contracts = -own.contracts
            own.basis += contracts * terms.g(price) + (hit.rest / terms.size if at == 0 else 0.0)
            own.contracts, own.margin = 0.0, None
            unit = self.ground.unit(leg, hit.row)
            filled = Filled(leg, hit.row, hit.row, contracts, price, 0.0, 0.0, unit, "liquidation", "ok")
            self.fills.append(filled)
            self._log(leg, hit.row)
            self.again |= {sleeve.coin: hit.row for sleeve in self.sleeves if leg in sleeve.legs}

    def _expire(self, row: int) -> None:
        """Settle contracts that have expired by the close of a row, at the mark there."""
        if row + 1 >= len(self.ground.history):
            return
        for leg, one in enumerate(self.ground.terms):
            expiry, own = one.listing.expiry, self.stock.positions[leg]
            if expiry is None or not own.contracts or expiry.timestamp() > self.ground.history.times[row]:
                continue
            price = float(self.ground.series[leg].mark[row])
            contracts, fee = -own.contracts, one.size * abs(own.contracts) * one.h(price) * one.fee
            unit = self.ground.unit(leg, row)
            self.fills.append(Filled(leg, row, row + 1, contracts, price, fee, 0.0, unit, "expiry", "ok"))
            self._take(leg, contracts, price, row)
            own.flow -= fee
            self._log(leg, row + 1)

    def _log(self, leg: int, row: int) -> None:
        own = self.stock.positions[leg]
        self.steps[leg].append(Step(row, own.contracts, own.basis, own.entry, own.margin))


def changed(levels: Any) -> list[int]:
    """Return the rows at which a column is another than a row before; the first row too."""
    known = np.asarray(levels)
    if known.strides == (0,):  # one number for all rows
        return [0]
    apart = known[1:] != known[:-1]
    apart &= known[1:] == known[1:]
    return [0, *(np.flatnonzero(apart) + 1).tolist()] if len(known) else []


def _lowered(column: Any, row: int) -> bool:
    return row > 0 and bool(column[row] < column[row - 1])


def _rounded(contracts: float) -> float:
    """Return a sum of counts without the dust of doubles."""
    return float(f"{contracts:.12g}")
