"""How far a `for` has come, as records tell it, against a naive recount of the bars: gaps, missing values, restarts."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import rulelang

HOUR, DAY = 3600, 86_400
START = 1_767_571_200  # 2026-01-05T00:00Z
FIRST = 5
"""The first bar closes so many hours after midnight."""

Bars = Mapping[int, float | None]
"""The closes by hour since the start; an hour that is left out has no bar, `None` is a bar without a close."""


@st.composite
def bars(draw: st.DrawFn) -> Bars:
    """Generate a few days of closes around 100, with missing ones and missing bars."""
    value = st.sampled_from((99.0, 101.0, 101.0, 102.0, 100.0, None, "gap"))
    values = draw(st.lists(value, min_size=1, max_size=80))
    found = {FIRST + at: value for at, value in enumerate(values) if value != "gap"}
    return found or {FIRST: 101.0}  # type: ignore[return-value]


def records(text: str, market: Bars, restarts: Sequence[int], field: str = "close") -> dict[int, Any]:
    """Return the record of each bar, of a run that is stopped and resumed after some of them."""
    rules = rulelang.loads(text)
    run, found = rules.start(engine="reference"), {}
    for hour, value in market.items():
        record = run.step(START + hour * HOUR, {field: value}).record
        found[hour] = json.loads(json.dumps(record))
        if hour in restarts:
            run = rules.resume(run.snapshot(), engine="reference")
    return found


def leaf(record: Any, rule: str = "r", where: str = "") -> Any:
    found = record["rules"][rule]
    (only,) = found[where] if where else found["why"] if found["active"] else found["why_not"]
    return only


def above(value: float | None, limit: float) -> bool | None:
    return None if value is None else value > limit


def count(truths: Sequence[bool | None], needed: int) -> int:
    return min(needed, sum(truth is True for truth in truths))


RESTARTS = st.lists(st.integers(FIRST, FIRST + 80), max_size=3)


@given(bars(), st.integers(1, 4), st.integers(0, 4), RESTARTS)
def test_bars(market: Bars, needed: int, more: int, restarts: list[int]) -> None:
    span = f"{needed} periods" if not more else f"{needed} of {needed + more} periods"
    found = records(f"bars 1h rule r when close > 100 for {span} then hedge 70%", market, restarts)
    for hour, record in found.items():
        window = [above(market.get(at), 100) for at in range(hour - needed - more + 1, hour + 1)]
        told = leaf(record)
        assert told["for"] == {"true": count(window, needed), "needed": needed, "of": needed + more}
        assert told["now"] is above(market[hour], 100)
        assert told["truth"] is (sum(truth is True for truth in window) >= needed) or told["truth"] is None


@given(bars(), st.integers(1, 3), RESTARTS)
def test_periods_of_a_published_field(market: Bars, needed: int, restarts: list[int]) -> None:
    rates = {hour: None if value is None else (value - 100) / 1000 for hour, value in market.items()}
    text = f"bars 1h rule r when funding_8h > 0.05% for {needed} periods then hedge 70%"
    found = records(text, rates, restarts, "funding_8h")
    for hour, record in found.items():
        observed = published(rates, hour)
        last = hour // 8 if hour // 8 in observed else hour // 8 - 1
        window = [above(observed.get(tick), 0.0005) for tick in range(last - needed + 1, last + 1)]
        assert leaf(record)["for"] == {"true": count(window, needed), "needed": needed, "of": needed}


def published(rates: Bars, until: int) -> dict[int, float]:
    """Return the first rate of each 8 hours (4.3)."""
    found: dict[int, float] = {}
    for hour, rate in rates.items():
        if hour <= until and rate is not None:
            found.setdefault(hour // 8, rate)
    return found


@given(bars(), st.integers(1, 3), RESTARTS)
def test_ends_of_days(market: Bars, needed: int, restarts: list[int]) -> None:
    text = f"bars 1h rule r when (close > 100 and time > 2026-01-01) for {needed} periods of 1d then hedge 70%"
    found = records(text, market, restarts)
    for hour, record in found.items():
        days = [hour // 24 - back for back in range(needed, 0, -1)]  # those that have ended
        ends = [[market[at] for at in market if at <= hour and day * 24 < at <= day * 24 + 24] for day in days]
        window = [above(closes[-1], 100) if closes else None for closes in ends]
        assert leaf(record)["for"]["true"] == count(window, needed)


@given(bars(), st.integers(1, 4), RESTARTS)
def test_exits_count_from_the_start(market: Bars, needed: int, restarts: list[int]) -> None:
    text = f"bars 1h rule r when close < 100 then hedge 70% until close > 100 for {needed} periods"
    found = records(text, market, restarts)
    for hour, record in found.items():
        if record["rules"]["r"]["active"]:
            start = max(at for at in found if at <= hour and found[at]["started"])
            window = [above(market.get(at), 100) for at in range(max(start + 1, hour - needed + 1), hour + 1)]
            assert leaf(record, where="until")["for"]["true"] == count(window, needed) < needed


@given(bars(), st.integers(1, 9), RESTARTS)
def test_until_when_a_rule_lasts(market: Bars, hours: int, restarts: list[int]) -> None:
    found = records(f"bars 1h rule r when close > 101 then hedge 70% for {hours}h", market, restarts)
    for hour, record in found.items():
        rule, true = record["rules"]["r"], [at for at in market if at <= hour and above(market[at], 101)]
        assert rule["active"] is (bool(true) and hour < true[-1] + hours)
        if rule["active"]:
            end = written(true[-1] + hours)
            assert rule["lasts"] == {"for": f"{hours}h", "until": end}


def written(hour: int) -> str:
    day, rest = divmod(hour, 24)
    return f"2026-01-{5 + day:02}T{rest:02}:00Z"
