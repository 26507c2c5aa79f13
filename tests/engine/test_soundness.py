"""States from elsewhere: what pushes made is sound, and whatever is sound leads no push out of its words.

The functions that are not compiled check every index; so does a build with `RULELANG_CHECKED`, which ends the process.
"""

import struct
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.engine import functions
from tests.engine.states import ROOM, WITH_HISTORY, Row, State, uncompiled
from tests.engine.test_functions import LENGTHS, PERCENTS, rows, state
from tests.share import share

LONG = 4100
"""A window whose order is kept in a tree."""

COUNTS = st.integers(-2, 14) | st.integers(-(2**63), 2**63 - 1)
WORDS = COUNTS.map(lambda whole: struct.pack("q", whole)) | st.floats().map(lambda value: struct.pack("d", value))
LINKS = st.builds(
    lambda left, right, size: struct.pack("q", left | right << 21 | size << 42),
    st.integers(0, LONG + 1), st.integers(0, LONG + 1), st.integers(0, LONG + 1),
)  # fmt: skip


def as_source(native: State) -> State:
    """Return a state of the functions that are not compiled, with the same words."""
    copy = native.copied()
    copy.functions = uncompiled()
    copy.functions.bounded(ROOM + copy.length)
    return copy


def pushed(native: State, history: list[Row]) -> None:
    """Push rows one by one, in a block and as gaps; nothing but the state's own words may change."""
    around = native.around
    with suppress(ZeroDivisionError, OverflowError, ValueError):  # what Python says to numbers that no push leaves
        for row in history:
            native.push(row)
        native.run(history * 3, 256)
        native.skip(2 * native.n + 1)
        native.run(history, 7)
    assert native.around == around


def tried(native: State, history: list[Row]) -> None:
    """Assert that a state is refused, or that pushes stay within it, compiled or not."""
    plain = as_source(native)
    sound = native.is_sound()
    assert sound == plain.is_sound()
    if sound:
        pushed(plain, history)
        pushed(native, history)


@pytest.mark.parametrize("name", WITH_HISTORY)
@share(20)
@given(data=st.data(), n=LENGTHS, p=PERCENTS)
def test_what_pushes_made_is_sound(name: str, data: st.DataObject, n: int, p: float) -> None:
    native = state(name, n, p)
    for row in data.draw(rows(name)):
        native.push(row)
        assert native.is_sound() and as_source(native).is_sound()
    native.skip(data.draw(st.integers(0, 40)))
    assert native.is_sound() and as_source(native).is_sound()


@pytest.mark.parametrize("name", WITH_HISTORY)
@share(20)
@given(data=st.data(), n=st.sampled_from([1, 2, 3, 7]), p=PERCENTS)
def test_words_from_anywhere_are_refused_or_do_no_harm(name: str, data: st.DataObject, n: int, p: float) -> None:
    native, history = state(name, n, p), data.draw(rows(name))
    words = data.draw(st.lists(WORDS, min_size=native.length, max_size=native.length))
    native.arena[8 * ROOM : 8 * (ROOM + native.length)] = b"".join(words)
    tried(native, history)


@pytest.mark.parametrize("name", WITH_HISTORY)
@share(20)
@given(data=st.data(), n=LENGTHS, p=PERCENTS)
def test_an_altered_word_is_refused_or_does_no_harm(name: str, data: st.DataObject, n: int, p: float) -> None:
    native, history = state(name, n, p), data.draw(rows(name))
    native.run(history, 64)
    word = ROOM + data.draw(st.integers(0, native.length - 1) | st.integers(0, min(12, native.length - 1)))
    native.arena[8 * word : 8 * word + 8] = data.draw(WORDS)
    tried(native, history)


@cache
def grown(name: str) -> State:
    """Return a state whose order is a tree, with gaps in its window."""
    native = state(name, LONG, 50.0)
    native.run([(None if k % 97 == 0 else float(k * 7919 % 1009),) for k in range(LONG + 321)], 256)
    assert native.is_sound()
    return native


@pytest.mark.parametrize("name", ["median", "rank"])
@share(20)
@given(data=st.data())
def test_an_altered_tree_is_refused_or_does_no_harm(name: str, data: st.DataObject) -> None:
    functions.bounded(ROOM + grown(name).length)
    native = grown(name).copied()
    links = ROOM + 3 + LONG
    for _ in range(data.draw(st.integers(1, 3))):
        word = data.draw(st.integers(links, ROOM + native.length - 1) | st.just(links) | st.integers(ROOM, links))
        native.arena[8 * word : 8 * word + 8] = data.draw(WORDS | LINKS)
    plain = as_source(native)
    sound = native.is_sound()
    assert sound == plain.is_sound()
    for one in (plain, native) if sound else ():
        for k in range(9):
            one.push((float(k * 131),))
        assert one.around == native.around


@pytest.mark.parametrize("name", ["median", "rank"])
def test_a_tree_is_sound_after_each_push(name: str) -> None:
    native = grown(name).copied()
    for k in range(60):
        native.push((None if k % 5 == 0 else k * 17.0,))
        assert native.is_sound()


def test_links_that_lead_in_a_circle_are_refused() -> None:
    native = grown("median").copied()
    links = ROOM + 3 + LONG
    root = native.q[links]
    native.q[links + root] = root | root << 21 | 1 << 42
    assert not native.is_sound()
