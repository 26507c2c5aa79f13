"""A changed text, checked where it changed, says what checking it from nothing says: to the last place and word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang.check import Outside, check
from rulelang.check.memory import Memory
from rulelang.rulefile import decoded
from rulelang.text import Source
from tests.editor.typing import edited, edits, same, scratch
from tests.strategies import broken_texts, files, grounds, rough_texts

_OTHER = "let shared = sma(close, 20)\nwhen close > shared then hedge 30%\n"


def follow(texts: list[str], others: list[dict[str, str]]) -> None:
    """Check texts one after the other, with what is known of those before, and each from nothing."""
    memory = Memory()
    for text, files_ in zip(texts, others, strict=True):
        source = Source("typed", decoded(text))
        known = check(source, reader=files_.get, outside=Outside(now=1.7e9), memory=memory)
        same(known, scratch(source.text, files_))


def follow_edits(text: str, made: list[tuple[str, float, float, str]]) -> None:
    texts = [text]
    for edit in made:
        texts.append(edited(texts[-1], edit))
    others = [{"other.rules": edited(_OTHER, edit) if at % 3 == 2 else _OTHER} for at, edit in enumerate(made)]
    follow(texts, [{"other.rules": _OTHER}, *others])


_TEXTS = files(grounds()).map(lambda written: written.text)


@given(_TEXTS, edits())
def test_any_edits_of_a_file(text: str, made: list[tuple[str, float, float, str]]) -> None:
    follow_edits(text, made)


@given(st.one_of(broken_texts(_TEXTS), rough_texts()), edits())
def test_any_edits_of_a_text_with_mistakes(text: str, made: list[tuple[str, float, float, str]]) -> None:
    follow_edits(text, made)


CASES = {
    "a let that is broken and mended": (
        "bars 1h\nlet a = close\nlet b = a@1d\nwhen b > 5 then hedge 1%\n",
        "bars 1h\nlet a = clos\nlet b = a@1d\nwhen b > 5 then hedge 1%\n",
        "bars 1h\nlet a = \nlet b = a@1d\nwhen b > 5 then hedge 1%\n",
        "bars 1h\nlet a = funding_8h\nlet b = a@1d\nwhen b > 5 then hedge 1%\n",
        "bars 1h\nlet a = close\nlet b = a@1d\nwhen b > 5 then hedge 1%\n",
    ),
    "the first that was told of a field comes away": (
        "bars 1d\nwhen funding_8h > 1% then hedge 1%\nwhen funding_8h > 2% then hedge 2%\n",
        "bars 1d\nwhen close > 1 then hedge 1%\nwhen funding_8h > 2% then hedge 2%\n",
    ),
    "durations without bars": (
        "when close > 5 for 3h then hedge 1%\nwhen close > 5 for 4h then hedge 1%\n",
        "when close > 5 then hedge 1%\nwhen close > 5 for 4h then hedge 1%\n",
        "bars 1h\nwhen close > 5 then hedge 1%\nwhen close > 5 for 4h then hedge 1%\n",
    ),
    "rules without names move": (
        "when close > 5 then hedge 1% until close < 4\nwhen line_1 is active then hedge 2%\n",
        "\nwhen close > 5 then hedge 1% until close < 4\nwhen line_1 is active then hedge 2%\n",
        "\nwhen close > 5 then hedge 1% until close < 4\nwhen line_2 is active then hedge 2%\n",
    ),
    "a field that a function reads is declared": (
        "bars 1h\nwhen atr(14) > 5 then hedge 1%\n",
        "bars 1h\nfield high every 4h\nwhen atr(14) > 5 then hedge 1%\n",
        "bars 1h\nfield high every 4h\nwhen hedge.price > 5 then hedge 1%\n",
        "bars 1h\nfield close every 4h\nwhen hedge.price > 5 then hedge 1%\n",
    ),
    "a name that was probably meant": (
        "let trend = close\nwhen tren > 5 then hedge 1%\nwhen trend > 5 then hedge 1%\n",
        "let tread = close\nwhen tren > 5 then hedge 1%\nwhen trend > 5 then hedge 1%\n",
        "let tread = close\nlet trent = close\nwhen tren > 5 then hedge 1%\nwhen trend > 5 then hedge 1%\n",
    ),
    "a let sees more from further down": (
        "bars 1h\nlet a = b + 1\nwhen a@1d > 1 then hedge 1%\nlet b = close\nwhen a@1d > 2 then hedge 2%\n",
        "bars 1h\nlet a = b + 1\nlet b = close\nwhen a@1d > 2 then hedge 2%\n",
        "bars 1h\nlet a = b + 1\nwhen a@1d > 1 then hedge 1%\nlet b = close\nwhen a@1d > 2 then hedge 2%\n",
    ),
    "the level without any rule": (
        "when funding_8h > 0.01% then hedge 50%\notherwise hedge 20%\n",
        "when funding_8h > 0.01% then hedge 50%\notherwise hedge 80%\n",
        "when funding_8h > 0.01% then hedge 50%\n",
    ),
    "the same file twice": (
        'use "other.rules"\nuse "other.rules"\n',
        '\nuse "other.rules"\nuse "other.rules"\n',
        'let shared = close\nuse "other.rules"\n',
    ),
    "params by asset": (
        "assets BTC, ETH\nparam a = 5, ETH 6\nwhen close > a then hedge 1%\n",
        "assets BTC, ETH\nparam a = 5, ETH 7\nwhen close > a then hedge 1%\n",
        "assets BTC, ETH, SOL\nparam a = 5, SOL 7\nwhen close > a then hedge 1%\n",
    ),
    "a comment behind a statement, and a letter that looks like another": (
        "let a = close\nwhen a > 5 then hedge 1%\n",
        "let a = close # so\nwhen a > 5 then hedge 1% # é\n",
        "let a = close # so\nwhen а > 5 then hedge 1% # é\n",
    ),
    "tests": (
        "bars 1h\nwhen close > 5 then hedge 10%\ntest t\n  given close = 6\n  expect hedge = 10%\n",
        "bars 1h\n\nwhen close > 5 then hedge 20%\ntest t\n  given close = 6\n  expect hedge = 10%\n",
        "bars 4h\n\nwhen close > 5 then hedge 20%\ntest t\n  given close = 6\n  expect hedge = 10%\n",
        "bars 4h\n\nwhen close > 5 then hedge 20%\ntest t\n  given clos = 6\n  expect hedge = 10%\n",
        "bars 4h\nparam n = 5\nwhen close > n then hedge 20%\ntest t\n  given param n = 6\n  expect hedge = 0%\n",
    ),
}


@pytest.mark.parametrize("texts", CASES.values(), ids=CASES)
def test_edits_that_reach_far(texts: tuple[str, ...]) -> None:
    there_and_back = [*texts, *reversed(texts)]
    follow(there_and_back, [{"other.rules": _OTHER}] * len(there_and_back))


def test_a_rule_that_waits_for_its_name_unsettles_no_other() -> None:
    rule = "rule {} when close > 1 then hedge 50%\n"
    whole = "".join(map(rule.format, "abcdef"))
    memory = Memory()
    check(Source("a.rules", whole), memory=memory)
    check(Source("a.rules", "rule \n" + whole), memory=memory)
    assert memory.recalls[None].fresh == set()
