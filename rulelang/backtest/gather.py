"""Gathers a history, and what rules are given, from a market that readers have read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve

from rulelang.backtest.decisions import Feed, inlets
from rulelang.backtest.history import FIELDS, Funding, History, Prices, lane_of, placed, settlements
from rulelang.check import CheckedRules
from rulelang.data import Market, Need
from rulelang.data.join import Lane
from rulelang.fields import CATALOGUE
from rulelang.plan.instruments import Listing

_FUNDING = "funding_8h"
Lanes = Mapping[str, str | None]
"""For each coin, and each instrument with data of its own, what the market calls it (`None`: the nameless asset)."""


def lanes_of(
    coins: Sequence[str], listings: Sequence[Listing], nameless: str | None, labelled: Sequence[str]
) -> dict[str, str | None]:
    """Return the lanes of a test: of each coin (`nameless` is the one that data don't name) and of the instruments
    that data are labelled with."""
    found: dict[str, str | None] = {coin: None if coin == nameless else coin for coin in coins}
    own = (lane_of(one.name) for one in listings)
    return found | {name: name for name in own if name in labelled and name not in found}


def needs(lanes: Lanes) -> list[Need]:
    """Return the fields that a backtest reads of each lane."""
    return [Need(asset, CATALOGUE[name]) for asset in lanes.values() for name in (*FIELDS, _FUNDING)]


def history(market: Market, lanes: Lanes, coins: Collection[str]) -> History:
    """Return the history that a market holds; a lane of no coin may have marks or futures instead of closes."""
    axis = np.asarray(market.steps.times, np.float64)
    found = {lane.asset: lane for lane in market.steps.lanes}
    prices, funding = dict[str, Prices](), dict[str, Funding]()
    for name, asset in lanes.items():
        enough = ("close",) if name in coins else ("close", "mark", "future")
        if asset in found and any(column in found[asset].columns for column in enough):
            prices[name] = _prices(found[asset], axis)
        own = [one for one in market.supplies if one.asset == asset and one.use.field.name == _FUNDING]
        settled = settlements([(one.times, one.values) for one in own])
        if settled is not None:
            funding[name] = settled
    return History(market.bars, axis, prices, funding)


def _prices(lane: Lane, axis: Any) -> Prices:
    times = np.asarray(lane.times, np.float64)
    columns = {
        name: placed(times, axis, np.asarray(lane.columns[name], np.float64)) for name in FIELDS if name in lane.columns
    }
    columns.setdefault("close", columns.get("mark", columns.get("future")))
    return Prices(**{name: column for name, column in columns.items() if (column == column).any() or name == "close"})


def feeds(rules: CheckedRules, market: Market) -> dict[str | None, Feed]:
    """Return what the rules of each asset are given: at its own bars its fields, and those of others known then."""
    found = {lane.asset: lane for lane in market.steps.lanes}
    wanted = inlets(rules)
    return {asset: _feed(found, asset, keys) for asset, keys in wanted.items() if asset in found}


def with_real(market: Market, rules: CheckedRules, given: Mapping[str | None, Feed]) -> Market:
    """Return a market with what is real of a simulated book in it, as rules were given it."""
    wanted = inlets(rules)
    lanes = tuple(_laned(lane, wanted.get(lane.asset, ()), given.get(lane.asset)) for lane in market.steps.lanes)
    return evolve(market, steps=evolve(market.steps, lanes=lanes))


def _laned(lane: Lane, keys: Sequence[tuple[str | None, str]], feed: Feed | None) -> Lane:
    real = {name: at for at, (_, name) in enumerate(keys) if "." in name}
    if feed is None or not real:
        return lane
    times = np.asarray(lane.times, np.float64)
    columns = {name: placed(feed.times, times, feed.columns[at]).tolist() for name, at in real.items()}
    return evolve(lane, columns={**lane.columns, **columns})


def _feed(found: Mapping[str | None, Lane], asset: str | None, keys: Sequence[tuple[str | None, str]]) -> Feed:
    times = _present(found[asset])
    return Feed(times, tuple(_column(found.get(whose or asset), field, times) for whose, field in keys))


def _present(lane: Lane) -> Any:
    """Return the times at which a lane is there: all of its own bars, else where it has a value."""
    times = np.asarray(lane.times, np.float64)
    if lane.own:
        return times
    known = np.zeros(len(times), bool)
    for column in lane.columns.values():
        known |= np.array([cell == cell for cell in column], bool)
    return times[known]


def _column(lane: Lane | None, field: str, times: Any) -> Any:
    """Return a field of a lane at some times, NaN where it has none; words stay words."""
    if lane is None or field not in lane.columns:
        return np.full(len(times), np.nan)
    own, cells = np.asarray(lane.times, np.float64), lane.columns[field]
    words = any(isinstance(cell, str) for cell in cells) if isinstance(cells, list) else False
    column = np.array(cells, object if words else np.float64)
    if len(own) == len(times) and (own == times).all():
        return column
    places = np.searchsorted(own, times)
    there = places < len(own)
    there[there] = own[places[there]] == times[there]
    laid = np.full(len(times), np.nan, column.dtype)
    laid[there] = column[places[there]]
    return laid
