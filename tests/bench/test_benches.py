"""The measured work: its rules, and that the loop written by hand decides what the engine decides."""

from pathlib import Path
from types import ModuleType

import pytest

import rulelang

BENCH = Path(__file__).parents[2] / "bench"
BARS = 3_000


@pytest.fixture
def workload(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the measured work, and its neighbours within reach."""
    pytest.importorskip("numpy")
    monkeypatch.syspath_prepend(str(BENCH))
    import workload

    return workload  # type: ignore[no-any-return]


@pytest.mark.parametrize("count", [20, 200])
def test_the_work_is_what_is_said(workload: ModuleType, count: int) -> None:
    rules = rulelang.loads(workload.text(count))
    assert not rules.diagnostics
    assert len(rules.checked.programs[None].rules) == count
    assert len({rule.text for rule in workload.table(count)}) == count
    assert rules.fields == ("close", "high", "low")


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_the_loop_by_hand_decides_what_the_engine_decides(workload: ModuleType, count: int) -> None:
    import blocked
    import native

    if blocked.compiler() is None:
        pytest.skip("there is no C compiler, `cc`")
    bars = workload.market(BARS)
    bars["close"][1000:1040:3] = bars["close"][999:1039:3]  # bars without a move
    by_hand, engine = blocked.built(workload.table(count))(bars), native.batch(workload.text(count))(bars)
    assert native.same(engine, by_hand)
    assert len(set(engine["hedge"].tolist())) > 10


def test_a_bar_alone_is_decided_as_in_a_batch(workload: ModuleType) -> None:
    import native

    bars = workload.market(600)
    times, rows = workload.rows(bars)
    assert {len(row) for row in rows} == {12}
    step = native.steps(workload.text())
    alone = [step(time, row).hedge for time, row in zip(times, rows, strict=True)]
    assert alone == native.batch(workload.text())(bars)["hedge"].tolist()


@pytest.mark.parametrize("file", sorted(BENCH.glob("bench_*.py")), ids=lambda file: file.stem)
def test_every_bench_can_be_begun(workload: ModuleType, file: Path) -> None:
    __import__(file.stem)
