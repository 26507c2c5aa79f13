"""Blocks of any length and snapshots at any bar give the same bits as bar after bar."""

import struct
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rulelang.engine.batch import run_columns
from rulelang.engine.run import AssetRun, EngineRun
from rulelang.evaluate.steps import flattened, own
from tests.engine.test_engine import loaded
from tests.strategies import Market, files, grounds, markets

CHUNKS = (1, 2, 3, 7, 64, 1000)


def registers(run: AssetRun) -> tuple[list[int], list[int]]:
    """Return the registers of all nodes and outcomes."""
    where = list(run.reading.known.values())
    values = {one for one in where if one >= 0}
    for target in run.program.targets:
        values |= {target.before, target.desired, target.after, target.until, target.word}
    truths = {~one for one in where if one < 0} | {rule.active for rule in run.program.rules}
    truths |= {rule.event for rule in run.program.rules}
    return sorted(values), sorted(truths)


def rows(run: AssetRun, market: Market, asset: str | None) -> tuple[list[float], list[list[float]]]:
    """Return the times and the supplied numbers of an asset's bars."""
    times, found = [], []
    for step in market.steps:
        if asset is not None and asset not in step.values:
            continue
        supplied = own(asset, flattened(step.values))
        times.append(float(step.time))
        found.append([inlet.number(supplied.get(inlet.key))[0] for inlet in run.inlets])
    return times, found


def bits(value: float) -> bytes:
    return struct.pack("<d", value) if value == value else b"missing"


def bar_by_bar(run: AssetRun, times: list[float], given_: list[list[float]]) -> tuple[list[Any], list[Any]]:
    """Return what the registers hold after each bar."""
    values, truths = registers(run)
    seen: tuple[list[Any], list[Any]] = ([], [])
    for time, numbers in zip(times, given_, strict=True):
        run.machine.one(time, numbers)
        bank, truth = run.machine.live.values(), run.machine.live.truths()
        seen[0].append([bits(bank[register]) for register in values])
        seen[1].append([truth[register] for register in truths])
    return seen


def in_chunks(run: AssetRun, times: list[float], given_: list[list[float]], size: int) -> tuple[list[Any], list[Any]]:
    """Return what the registers hold after each bar, of batches of so many bars."""
    values, truths = registers(run)
    seen: tuple[list[Any], list[Any]] = ([], [])
    for at in range(0, len(times), size):
        part = np.array(given_[at : at + size]).reshape(len(times[at : at + size]), len(run.inlets))
        columns = run_columns(run, times[at : at + size], list(part.T), values, truths)
        for bar in range(len(part)):
            seen[0].append([bits(columns.values[register][bar]) for register in values])
            seen[1].append([int(columns.truths[register][bar]) for register in truths])
    return seen


def differences(run: AssetRun, ours: tuple[list[Any], list[Any]], theirs: tuple[list[Any], list[Any]]) -> list[Any]:
    """Return where two ways of going differ: the bar, the node, and what each has."""
    values, truths = registers(run)
    nodes = {register: node for node, register in run.reading.known.items()}
    found = []
    for names, our, their in ((values, *ours[:1], *theirs[:1]), ([~one for one in truths], *ours[1:], *theirs[1:])):
        for bar, (one, other) in enumerate(zip(our, their, strict=True)):
            found += [(bar, nodes.get(n, n), a, b) for n, a, b in zip(names, one, other, strict=True) if a != b]
    return found


@settings(max_examples=settings().max_examples)
@given(st.data())
def test_chunks_give_the_same_bits(data: st.DataObject) -> None:
    written = data.draw(files(grounds()))
    rules = loaded(written.text, written.ground)
    market = data.draw(markets(written.ground, written.fields))
    events: dict[str, tuple[float, ...]] = dict.fromkeys(rules.checked.events, ())
    first = EngineRun(rules.checked, events)
    for asset, run in first.assets.items():
        times, given_ = rows(run, market, asset)
        expected = bar_by_bar(run, times, given_)
        state = run.machine.save() if not run.program.ticking else None
        for size in CHUNKS:
            other = EngineRun(rules.checked, events).assets[asset]
            assert not differences(run, in_chunks(other, times, given_, size), expected), (size, written.text)
            if state is not None:
                assert other.machine.save()[: 8 * run.program.arena] == state, (size, written.text)


@settings(max_examples=max(1, settings().max_examples // 2))
@given(st.data())
def test_a_restored_run_goes_on(data: st.DataObject) -> None:
    written = data.draw(files(grounds()))
    rules = loaded(written.text, written.ground)
    market = data.draw(markets(written.ground, written.fields))
    events: dict[str, tuple[float, ...]] = dict.fromkeys(rules.checked.events, ())
    at = data.draw(st.integers(0, len(market)))
    run = EngineRun(rules.checked, events)
    decisions = [run.step(step.time, step.values) for step in market.steps[:at]]
    saved = run.snapshot()
    decisions += [run.step(step.time, step.values) for step in market.steps[at:]]
    again = EngineRun(rules.checked, events)
    again.load(saved)
    assert again.snapshot() == saved
    assert [again.step(step.time, step.values) for step in market.steps[at:]] == decisions[at:]
