"""Tests of tidying memory up while the editor rests."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from rulelang.editor import tidying


class _Circle:
    """Something that nothing points to but itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def own_collector() -> Iterator[None]:
    tidying.begin()
    yield
    gc.unfreeze()
    gc.enable()


async def _heard(rest: float) -> bool:
    """Let go of a circle, be heard, and say whether it is still there after a rest."""
    circle = weakref.ref(_Circle())
    tidying.Tidying().heard()
    await asyncio.sleep(rest)
    return circle() is not None


@pytest.mark.usefixtures("own_collector")
def test_memory_is_tidied_up_once_the_editor_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncio.run(_heard(0))
    monkeypatch.setattr(tidying, "_REST", 0.01)
    assert not asyncio.run(_heard(0.05))


@pytest.mark.usefixtures("own_collector")
def test_memory_is_tidied_up_at_once_when_there_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    kept = [[] for _ in range(2_000)]
    monkeypatch.setattr(tidying, "_MOST", len(kept) // 2)
    assert not asyncio.run(_heard(0))
