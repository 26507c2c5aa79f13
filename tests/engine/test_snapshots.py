"""Snapshots of the engine: what is no snapshot, a damaged or a forged one is refused, and changes nothing."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rulelang
from rulelang.engine.checksum import checksum
from rulelang.engine.run import EngineRun
from rulelang.engine.snapshots import _MAGIC, packed
from rulelang.engine.sound import fault
from rulelang.evaluate import SnapshotError
from tests.engine.pairs import loaded
from tests.share import share
from tests.strategies import files, grounds, markets

RULES = """
bars 1h
target hedge between 0% and 100% change at least 5% cooldown 4h
rule short when close > sma(close, 20) for 3 periods then hedge 70%
rule some when close > 100 for 2 of 40 periods then hedge 60% until close < at_trigger(close) for 2 periods
rule long when close > 90 for 50 periods then hedge 50%
rule days when close@1d > ema(close, 2)@1d for 2 periods then hedge 40%
rule ends when close < 105 for 2 periods of 1d then hedge 30%
rule paid when sma(funding_8h, 3) > 0.01% for 2 periods then hedge 20%
rule moved when close rises 1% over 3 periods or close crosses above 103 then hedge 10% for 3h
rule windows when rank(close, 90) > 50% and median(close, 9) > 100 and count(close > 100, 5) > 2 then hedge 5%
"""


def fed(bars: int, text: str = RULES) -> EngineRun:
    run = EngineRun(rulelang.loads(text).checked, {})
    feed(run, 1, bars)
    return run


def feed(run: EngineRun, first: int, last: int) -> list[Any]:
    values = [{"close": 100.0 + bar * bar % 11, "funding_8h": 0.0002 if bar % 8 == 0 else None} for bar in range(last)]
    return [run.step(3600 * bar, values[bar]) for bar in range(first, last)]


def signed(snapshot: bytes) -> bytes:
    """Return a snapshot with the checksum of what it holds."""
    body = snapshot[len(_MAGIC) + 8 :]
    return snapshot[: len(_MAGIC)] + struct.pack("<Q", checksum(body)) + body


@pytest.mark.parametrize("bars", [0, 1, 30, 150])
def test_a_run_goes_on_from_its_snapshot(bars: int) -> None:
    run = fed(bars)
    again = EngineRun(run.rules, {})
    loaded = again.load(run.snapshot())
    assert loaded.kept == [rule.name for rule in rulelang.loads(RULES).checked.programs[None].rules]
    assert again.snapshot() == run.snapshot()
    assert feed(again, max(bars, 1), 200) == feed(run, max(bars, 1), 200)


def test_bytes_that_are_no_snapshot_are_refused() -> None:
    run = fed(30)
    saved = run.snapshot()
    places = range(0, len(saved), 97)
    damaged = [saved[:at] + bytes([saved[at] ^ 1 << at % 8]) + saved[at + 1 :] for at in places]
    cut = [saved[:at] for at in places]
    for wrong in (b"", b"x" + saved, saved + b"x", saved.replace(b"engine-2", b"engine-1", 1), *damaged, *cut):
        with pytest.raises(SnapshotError):
            run.load(wrong)
    for wrong in (signed(one) for one in (saved + b"x", *cut) if len(one) > len(_MAGIC) + 8):
        with pytest.raises(SnapshotError, match="damaged"):
            run.load(wrong)
    assert run.snapshot() == saved


def test_the_state_of_another_program_is_refused() -> None:
    run, other = fed(30), fed(30, "bars 1h when close > sma(close, 21) then hedge 70%")
    machine = run.assets[None].machine
    before = machine.save()
    with pytest.raises(ValueError, match="none of a program"):
        machine.load(other.assets[None].machine.save())
    assert machine.save() == before


WORDS = (-1, 0, 1, 2, 3, 21, 1 << 31, 1 << 53, -(1 << 62), (1 << 63) - 1)
DOUBLES = (float("nan"), float("inf"), -float("inf"), -0.5, 1.5, 7.0, 1e300, -1e300)


def words() -> st.SearchStrategy[bytes]:
    """Return words that a forger might write."""
    whole = st.one_of(st.sampled_from(WORDS), st.integers(-(1 << 63), (1 << 63) - 1))
    packed_ones = whole.map(lambda one: struct.pack("<q", one))
    doubles = st.sampled_from(DOUBLES).map(lambda one: struct.pack("<d", one))
    return st.one_of(packed_ones, doubles, st.binary(min_size=8, max_size=8))


@share(20)
@given(st.data())
def test_a_forged_state_is_refused_or_harmless(data: st.DataObject) -> None:
    """Whatever stands in the words: nothing is read or written outside of the arena, and every step ends."""
    run = GOOD
    state = bytearray(run.assets[None].machine.save())
    for _ in range(data.draw(st.integers(1, 3))):
        at = 8 * data.draw(st.integers(0, len(state) // 8 - 1))
        state[at : at + 8] = data.draw(words())
    again = EngineRun(run.rules, {})
    try:
        again.load(packed(run.last, {"": (run.assets[None].flat, bytes(state))}))
    except SnapshotError:
        return
    for decision in feed(again, 60, 66):
        assert 0 <= decision[None].targets["hedge"].after <= 1
    again.step(3600 * 1000, {"close": 100.0})


GOOD = fed(60)


@share(20)
@given(st.data())
def test_a_forged_directory_is_refused_or_harmless(data: st.DataObject) -> None:
    saved = GOOD.snapshot()
    start = saved.index(b'{"bars"')
    at = data.draw(st.integers(start - 70, start + 1500))
    wrong = saved[:at] + data.draw(st.sampled_from([b"0", b"9", b"-", b"]", b'"', b"\0", b"\xff"])) + saved[at + 1 :]
    rules = rulelang.loads(RULES.replace("70%", "71%") + "rule more when close > 99 then hedge 1%")
    again = EngineRun(rules.checked, {})
    try:
        again.load(signed(wrong))
    except SnapshotError:
        return
    feed(again, 60, 63)


@share(20)
@given(st.data())
def test_every_state_of_a_run_is_sound(data: st.DataObject) -> None:
    written = data.draw(files(grounds()))
    run = EngineRun(loaded(written.text, written.ground).checked, {})
    market = data.draw(markets(written.ground, written.fields))
    for step in market.steps:
        run.step(step.time, step.values)
        for asset, one in run.assets.items():
            state = bytearray(one.machine.save())
            assert fault(one.flat, state, run.last, asset is None) is None, written.text
