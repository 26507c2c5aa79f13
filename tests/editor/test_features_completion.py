"""Completion: what is offered where, what comes first, and what isn't offered at all."""

import pytest

from rulelang.check.memory import Memory
from rulelang.editor.analysis import analyse
from rulelang.editor.completion import Completion, completion
from rulelang.editor.knowledge import knowledge
from rulelang.kinds import COINS, PRICE, RATIO, Kind
from rulelang.text import Source
from tests.editor.marked import at


def offered(text: str) -> list[Completion]:
    return list(completion(*at(text)))


def labels(text: str) -> list[str]:
    return [item.label for item in offered(text)]


def kinds(before: str, after: str) -> dict[str, Kind | None]:
    """Return the kinds of lets in a text that was another one before."""
    memory = Memory()
    last = analyse(Source("my.rules", before), memory=memory).last
    k = knowledge(analyse(Source("my.rules", after), last=last, memory=memory))
    return {name: k.kind(name) for name in k.names.lets}


LETS = "param top = 5%\nlet a = {}\nlet b = a\nlet c = close / open - top\nwhen close > 5 then hedge 50%\n"


def test_lets_have_the_kinds_that_they_have_now() -> None:
    before = LETS.format("close")
    assert kinds(before, before + "when close >") == {"a": PRICE, "b": PRICE, "c": RATIO}
    assert kinds(before, LETS.format("volume") + "when close >") == {"a": COINS, "b": COINS, "c": RATIO}
    assert kinds(before, before.replace("5%", "5 USD", 1) + "when close >")["c"] is None
    assert kinds(before, "when close >\n" + before) == {"a": PRICE, "b": PRICE, "c": RATIO}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("field x : number valid |", ["for"]),
        ("when funding_8h > |", ["0.05%", "0.05% per 8h", "40% per 1y", "crowded", "funding_8h"]),
        ("when funding_8h > | then hedge 50%", ["0.05%", "0.05% per 8h", "40% per 1y", "crowded"]),
        ("when funding_8h between 0.01% and |", ["0.05%", "0.05% per 8h"]),
        ("when close > |", ["65_000 USD", "trend", "open"]),
        ("when trend crosses above |", ["65_000 USD", "trend", "open"]),
        ("when time > |", ["2026-12-24T00:00Z", "expiry", "time"]),
        ("when iv > |", ["10%", "crowded", "iv"]),
        ("when hedge.age > |", ["8h", "wait"]),
        ("when outlook is |", ["bearish", "neutral", "bullish"]),
        ("when first is |", ["active"]),
        ("when close is |", ["known", "missing"]),
        ("when within 24h before |", ["cpi", "expiry"]),
        ("when funding_8h > 1% for |", ["2 periods", "3 periods", "5 periods"]),
        ("when close rises |", ["10%"]),
        ("when every |", ["1h", "8h", "1d", "7d", "wait"]),
        ("when close |", [">", "<", ">=", "<="]),
        ("when close > 1 |", ["for", "then", "and", "or"]),
        ("when close > 1 then |", ["hedge", "leverage", "increase … by …"]),
        ("when close > 1 then hedge 5%, |", ["hedge", "leverage"]),
        ("when close > 1 then hedge |", ["80%", "crowded"]),
        ("when close > 1 then hedge at least |", ["80%"]),
        ("when close > 1 then increase hedge by |", ["25% of exposure", "25% of level"]),
        ("when close > 1 then reduce leverage by |", ["2"]),
        ("when close > 1 then increase |", ["hedge", "leverage"]),
        ("when close > 1 then freeze |", ["hedge", "leverage"]),
        ("when close > 1 then alert |", ['"…"']),
        ("rule a on |", ["BTC", "ETH"]),
        ("rule a on BTC, |", ["BTC", "ETH"]),
        ("otherwise |", ["hedge", "leverage"]),
        ("otherwise on ETH |", ["hedge", "leverage"]),
        ("when hedge.|", ["age", "price", "actual", "entry"]),
        ("when ETH.|", ["open", "high", "low", "close"]),
        ("when sma(close, |", ["14", "20", "200", "30d"]),
        ("when close > sma(cl|", ["trend", "crowded", "wait", "open"]),
        ("test a given |", ["open", "high", "low", "close"]),
        ("test a given event |", ["cpi"]),
        ("test a given param |", ["crowded", "wait"]),
        ("test a given outlook = |", ["bearish", "neutral", "bullish", "missing"]),
        ("test a given outlook = bearish, |", ["bearish", "neutral", "bullish", "missing"]),
        ("test a expect active |", ["first"]),
        ("test a expect active first = |", ["yes", "no"]),
        ("test a expect |", ["hedge", "leverage"]),
        ("target hedge |", ["between … and …", "change at least", "step at most"]),
        ("field seen : |", ["number", "ratio", "price"]),
    ],
)
def test_what_fits_comes_first(text: str, first: list[str]) -> None:
    assert labels(text)[: len(first)] == first


@pytest.mark.parametrize(
    "text",
    [
        "# a comment |",
        'rule a when close > 1 then hedge 5% because "no hole |',
        'use "oth|',
        "let ne|",
        "rule ne|",
        "when close > 0.0|",
        "when close > 5|",
    ],
)
def test_nothing_is_offered(text: str) -> None:
    assert offered(text) == []


def test_statements_begin_at_the_start_of_a_line_only() -> None:
    assert {"when", "rule", "let", "test", "otherwise"} <= set(labels("|"))
    assert {"when", "rule", "let"} <= set(labels("otherwise hedge 50%\nle|"))
    assert "let" not in labels("otherwise hedge 50% |")


def test_a_let_is_offered_below_its_line_only() -> None:
    assert "later" not in labels("when close > |then hedge 5%\nlet later = close\n")
    assert "sooner" in labels("let sooner = close\nwhen close > |then hedge 5%\n")


def test_a_name_that_cannot_be_read_at_the_moment_is_remembered() -> None:
    whole = analyse(Source("t.rules", "bars 1h\nlet trend = sma(close, 20)\nwhen close > trend then hedge 50%\n"))
    now = analyse(Source("t.rules", "bars 1h\nlet trend = sma(close, \nwhen close > "), last=whole.rules)
    assert "trend" in [item.label for item in completion(now, len(now.source.text))]


def test_in_the_braces_of_a_text_values_are_offered() -> None:
    found = labels('when close > 1 then alert "at {tr|"')
    assert found[:3] == ["trend", "crowded", "wait"] and "sma" in found


def test_a_function_takes_what_it_is_compared_with() -> None:
    item = next(item for item in offered("when funding_8h > |") if item.label == "sma")
    assert item.insert == "sma(${1:funding_8h}, ${2:200})"
    assert item.detail == "sma(x, n)" and item.documentation == "plain average of the known values"


def test_periods_are_told_in_hours_of_the_clock_before() -> None:
    found = {item.label: item.detail for item in offered("when funding_8h > 1% for |")}
    assert found["3 periods"] == "1d" and found["2 periods"] == "16h" and "1d" in found


def test_params_count_periods_and_windows() -> None:
    head = "bars 1h\nparam days = 30d\nparam often = 3\n"
    found = [item.label for item in completion(*at("when close > sma(close, |", head))]
    assert {"days", "often"} <= set(found)
    assert "often periods" in [item.label for item in completion(*at("when close > 1 for |", head))]


def test_other_assets_are_offered_where_something_is_of_them() -> None:
    head = "assets ETH\nrule far when BTC.close > 3 then hedge 50%\n"
    for text, wanted in (
        ("when |", {"ETH.", "BTC."}),
        ("test a given |", {"ETH.", "BTC."}),
        ("test a expect |", {"ETH."}),
        ("test a expect active |", {"ETH.", "far"}),
    ):
        found = [item.label for item in completion(*at(text, head))]
        assert wanted <= set(found), text


def test_the_word_before_the_cursor_is_replaced() -> None:
    analysis, offset = at("when clo|")
    spans = {item.span for item in completion(analysis, offset)}
    assert len(spans) == 1
    (span,) = spans
    assert analysis.source.text[span.start : span.end] == "clo"


def test_a_mistake_further_up_in_the_statement_does_no_harm() -> None:
    assert labels("when close > then hedge |")[0] == "80%"
    assert labels("when close ! 3 and funding_8h > |")[0] == "0.05%"
    assert labels("rule a when (close > 3 then hedge at most |")[0] == "80%"


def test_other_letters_and_an_empty_text_do_no_harm() -> None:
    assert "when" in [item.label for item in completion(*at("|", head=""))]
    assert labels("# ключ 🚀\nwhen outlook is |")[:1] == ["bearish"]
