"""What stands at a place: hover, signatures, definition, references, renaming, tokens and hints, case by case."""

from pathlib import Path

import pytest
from lark.lexer import PatternStr

from rulelang.check.names import MEMBERS
from rulelang.editor.analysis import Analysis, analyse
from rulelang.editor.completion import _STATEMENTS
from rulelang.editor.definition import definition, references
from rulelang.editor.hints import hints
from rulelang.editor.hover import MEMBERS as SAID
from rulelang.editor.hover import hover
from rulelang.editor.rename import Refusal, rename, renameable
from rulelang.editor.signatures import signature_help
from rulelang.editor.tokens import tokens
from rulelang.syntax.statements import STARTERS
from rulelang.syntax.table import fresh
from rulelang.syntax.vocabulary import KEYWORDS
from rulelang.text import Source, Span
from tests import golden
from tests.editor.marked import HEAD, at

HOVERED = (
    "when fun|ding_8h > 1% then hedge 50%",
    "when outlook is bear|ish then hedge 50%",
    "when out|look is bearish then hedge 50%",
    "when ETH.clo|se > 1 then hedge 50%",
    "when ti|me > expiry then hedge 50%",
    "when close > sm|a(close, 20)@1d then hedge 50%",
    "when close > at_trig|ger(close) then hedge 50%",
    "when basis|() > 1% then hedge 50%",
    "when funding_8h > crow|ded then hedge 50%",
    "when close > tre|nd then hedge 50%",
    "when close > 1 then leve|rage 2",
    "when close > 1 then he|dge 50%",
    "when hedge.a|ge > 8h then hedge 50%",
    "when fir|st is active then hedge 50%",
    "when within 24h before c|pi then hedge 50%",
    "when funding_8h > 1% for 3 per|iods then hedge 50%",
    "when funding_8h > 1% for |3 periods then hedge 50%",
    "when funding_8h > 0.0|5% then hedge 50%",
    "when funding_8h > 40% p|er 1y then hedge 50%",
    "when funding_8h > 40|% per 1y then hedge 50%",
    "when close > 1 then hedge 50% for 2|d",
    "when close > 6|5_000 USD then hedge 50%",
    "when time > 2026-12|-24 then hedge 50%",
    "when sma(close, 2|0)@1d > close then hedge 50%",
    "when close > 1 then hedge 50% un|til close < 1",
    "test na|med given close = 1 x 3 expect hedge = 0% x 3",
)


def test_what_is_said_of_words() -> None:
    pages = []
    for text in HOVERED:
        analysis, offset = at(text + "\n")
        found = hover(analysis, offset)
        assert found is not None, text
        shown = analysis.source.text[found.span.start : found.span.end]
        pages.append(f"<!-- {text} [{shown}] -->\n\n{found.markdown}\n")
    golden.check("editor/hover.md", "\n".join(pages))


@pytest.mark.parametrize("text", ["|", "# com|ment", "when close >| 1 then hedge 5%", "when nob|ody > 1 then hedge 5%"])
def test_where_there_is_nothing_to_say(text: str) -> None:
    assert hover(*at(text)) is None


def test_in_a_broken_statement_words_are_explained_too() -> None:
    for text in ("when close > sm|a(close, 20) then", "when (fund|ing_8h > then", "let a = tre|nd + "):
        found = hover(*at(text))
        assert found is not None and found.markdown.startswith("**`")


def test_a_call_says_when_it_has_its_first_value() -> None:
    found = hover(*at("when close > sm|a(close, 200)@1d then hedge 5%"))
    assert found is not None and "200 periods of 1d (200d)" in found.markdown
    found = hover(*at("when close > rs|i(close, 14) then"))
    assert found is not None and "15 periods of 1h (15h)" in found.markdown


def test_words_of_the_language_are_those_of_the_grammar() -> None:
    parser = fresh()
    terminals = (terminal.pattern for terminal in parser.terminals if isinstance(terminal.pattern, PatternStr))
    assert {pattern.value for pattern in terminals if pattern.value.isalpha()} == set(KEYWORDS)
    names = {rule.expansion[0].name for rule in parser.rules if rule.origin.name == "name"}
    assert {word.upper() for word, record in KEYWORDS.items() if record.nameable} == names - {"NAME"}


def test_what_the_language_has_is_told_of_once_each() -> None:
    assert tuple(_STATEMENTS) == STARTERS
    assert tuple(SAID) == MEMBERS


def test_words_of_the_language_name_sections_of_its_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "language.md").read_text("utf-8")
    headings = {line.lstrip("# ") for line in page.splitlines() if line.startswith("#")}
    assert {record.section for record in KEYWORDS.values()} <= headings


# --- signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label", "active"),
    [
        ("when close > sma(|", "sma(x, n)", "x"),
        ("when close > sma(close, |", "sma(x, n)", "n"),
        ("when close > sma(max(open, |), 3)", "max(a, b, …)", "b"),
        ("when close > max(1, 2, 3, |", "max(a, b, …)", "b"),
        ("when close > sma(max(open, 1), |", "sma(x, n)", "n"),
        ("when close > sma(close, 3, |", "sma(x, n)", None),
        ("when close > clamp((open + 1) * 2, |", "clamp(x, lo, hi)", "lo"),
        ('when a > 1 then alert "{sma(close, |"', "sma(x, n)", "n"),
    ],
)
def test_the_argument_that_is_typed(text: str, label: str, active: str | None) -> None:
    found = signature_help(*at(text))
    assert found is not None and found.label == label
    shown = [found.label[p.span.start : p.span.end] for p in found.parameters]
    assert (None if found.active is None else shown[found.active]) == active


@pytest.mark.parametrize("text", ["when (close > |", "when sma(close, 3) > |", "when nothing(|", "|", "# sma(|"])
def test_no_call_no_signature(text: str) -> None:
    assert signature_help(*at(text)) is None


# --- definition, references, renaming --------------------------------------------------------------------------------


def shown(analysis: Analysis, span: Span) -> str:
    line = analysis.source.position(span.start).line
    return f"{line}:{analysis.source.text[span.start : span.end]}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("when funding_8h > crow|ded then hedge 50%", 3),
        ("when close > tre|nd then hedge 50%", 5),
        ("when within 24h before cp|i then hedge 50%", 6),
        ("when close > 1 then lever|age 2", 7),
        ("when out|look is bearish then hedge 5%", 8),
        ("when outlook is bea|rish then hedge 5%", 8),
        ("when fi|rst is active then hedge 5%", 9),
        ("when BTC.close > E|TH.close then hedge 5%", 1),
        ('when close > 1 then alert "{tre|nd}"', 5),
        ("test t given param crow|ded = 0.1% given close = 1 expect active first = no", 3),
        ("test t given close = 1 expect active fi|rst = no", 9),
        ("when close > tre|nd and (", 5),
    ],
)
def test_where_a_name_is_declared(text: str, line: int) -> None:
    analysis, offset = at(text)
    found = definition(analysis, offset)
    assert found is not None and found.source.position(found.span.start).line == line


@pytest.mark.parametrize("text", ["when clo|se > 1 then hedge 5%", "when sm|a(close, 3) > 1", "wh|en", "then he|dge"])
def test_what_no_file_declares(text: str) -> None:
    assert definition(*at(text)) is None


def test_references_reach_texts_and_tests() -> None:
    text = 'rule b when trend > 1 and outlook is bullish then hedge 5% because "{trend}, {sma(trend, 3)}"\n'
    analysis, offset = at("when close > tren|d then hedge 50%\n" + text)
    assert [shown(analysis, place.span) for place in references(analysis, offset)] == [
        "5:trend",
        "12:trend",
        "13:trend",
        "13:trend",
        "13:trend",
    ]
    assert len(references(analysis, offset, declaration=False)) == 4


def test_a_rule_and_a_let_of_one_name_are_two() -> None:
    text = "let calm = close < 1\nrule calm when calm then hedge 5%\nwhen cal|m is active and calm then hedge 6%\n"
    analysis, offset = at(text)
    assert [shown(analysis, place.span) for place in references(analysis, offset)] == ["13:calm", "14:calm"]


def test_used_files_are_looked_into() -> None:
    files = {"parts/base.rules": "param hot = 0.05%\nlet far = close > 2 * open\n"}
    text = 'bars 1h\nuse "parts/base.rules"\nwhen funding_8h > hot and far then hedge 50%\n'
    analysis = analyse(Source("main.rules", text), reader=files.get)
    offset = text.index("hot")
    found = definition(analysis, offset)
    assert found is not None and found.source.name == "parts/base.rules" and found.span == Span(6, 9)
    assert [place.source.name for place in references(analysis, offset)] == ["main.rules", "parts/base.rules"]
    edits = rename(analysis, offset, "warm")
    assert not isinstance(edits, Refusal) and [edit.source.name for edit in edits] == ["main.rules", "parts/base.rules"]
    broken = analyse(Source("main.rules", text + "when far and ho"), reader=files.get, last=analysis.rules)
    again = hover(broken, offset)
    assert again is not None and "param" in again.markdown


@pytest.mark.parametrize(
    ("text", "new", "reason"),
    [
        ("when funding_8h > cro|wded then hedge 5%", "when", "`when` is a word of the language"),
        ("when funding_8h > cro|wded then hedge 5%", "step", "`step` is a word of the language"),
        ("when funding_8h > cro|wded then hedge 5%", "close", "there is already a market field `close`"),
        ("when funding_8h > cro|wded then hedge 5%", "time", "there is already a market field `time`"),
        ("when funding_8h > cro|wded then hedge 5%", "sma", "there is already a function `sma`"),
        ("when funding_8h > cro|wded then hedge 5%", "trend", "there is already a let `trend`"),
        ("when funding_8h > cro|wded then hedge 5%", "first", "there is already a rule `first`"),
        ("when funding_8h > cro|wded then hedge 5%", "hedge", "there is already a target `hedge`"),
        ("when funding_8h > cro|wded then hedge 5%", "bearish", "there is already a word `bearish`"),
        ("when funding_8h > cro|wded then hedge 5%", "Hot", "`Hot` is no name: names are small letters"),
        ("when funding_8h > cro|wded then hedge 5%", "", "`` is no name"),
        ("when fir|st is active then hedge 5%", "line_3", "`line_3` is how a rule without a name is called"),
        ("when BT|C.close > 1 then hedge 5%", "ETH", "there is already an asset `ETH`"),
        ("when BT|C.close > 1 then hedge 5%", "USD", "`USD` is a currency"),
        ("when BT|C.close > 1 then hedge 5%", "btc", "`btc` is no asset: assets are capitals and digits"),
        ("when SO|L.close > 1 then hedge 5%", "DOT", "`SOL` is not among the assets of this file"),
        ("when clo|se > 1 then hedge 5%", "spot", "`close` is a field: the market data call it so"),
        ("when out|look is bearish then hedge 5%", "view", "`outlook` is a field: the market data call it so"),
        ("when sm|a(close, 3) > 1 then hedge 5%", "mean", "`sma` is a function of the language"),
        ("when close > 1 then he|dge 5%", "cover", "`hedge` is the target that always exists"),
        ("when hedge.a|ge > 1h then hedge 5%", "old", "`age` is a value of a target that can't be renamed"),
        ("when| close > 1 then hedge 5%", "if", "here is no name that the file declares"),
        ("when tre|nd > 1 then hedge", "slope", "line 12 of t.rules can't be read"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused(text: str, new: str, reason: str) -> None:
    found = rename(*at(text), new)
    assert isinstance(found, Refusal) and found.reason.startswith(reason)


def test_renaming_to_the_same_name_changes_nothing() -> None:
    analysis, offset = at("when tre|nd > 1 then hedge 5%")
    assert rename(analysis, offset, "trend") == ()
    place = renameable(analysis, offset)
    assert not isinstance(place, Refusal) and shown(analysis, place.span) == "12:trend"


def test_an_asset_is_renamed_in_quantities_too() -> None:
    head = "assets BTC, ETH\nparam much = 5, BTC 7\nwhen volume > 20 BTC and BTC.close > 3 USD then hedge 5%\n"
    analysis, offset = at("rule a on B|TC when volume > much then hedge 6%\n", head)
    edits = rename(analysis, offset, "XBT")
    assert not isinstance(edits, Refusal)
    text = analysis.source.text
    for edit in reversed(edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == analysis.source.text.replace("BTC", "XBT")


# --- tokens and hints ------------------------------------------------------------------------------------------------


def test_tokens_of_a_file() -> None:
    text = HEAD + (
        'use "x.rules" # why\nlet change = change(close, 24h)\n'
        "rule b on all but ETH when change > 5% and first is active then increase hedge by 25% of exposure\n"
        '  for 3 of 5 periods because "at {ETH.close}"\n'
        "otherwise on BTC leverage 2, hedge 60%\n"
        "test t given outlook = bearish x 2, missing given hedge.actual = 5% x 3\n"
        "  expect active b = no x 3 expect BTC.hedge = 60% at 3 restart at 2\nwhen broken ( then\n"
    )
    analysis = analyse(Source("t.rules", text))
    lines = []
    for token in tokens(analysis):
        marks = ", declaration" * token.declaration + ", readonly" * token.readonly
        line = analysis.source.position(token.start).line
        lines.append(f"{line:>3}  {text[token.start : token.end]}  {token.type}{marks}")
    golden.check("editor/tokens.txt", "\n".join(lines) + "\n")


def test_tokens_of_a_stretch_are_those_of_its_statements() -> None:
    analysis = analyse(Source("t.rules", HEAD))
    everything = tokens(analysis)
    start = HEAD.index("param wait")
    some = tokens(analysis, Span(start, start + 3))
    assert some == [token for token in everything if start <= token.start < HEAD.index("let trend")]


def test_hints_of_a_file() -> None:
    text = HEAD + (
        "when funding_8h > 0.05% for 3 of 5 periods then hedge 5% for 3 periods\n"
        "when funding_8h > 40% per 1y for 48h then hedge 5%\n"
        "when close > sma(close, 20) for 2 periods of 1d and rsi(close, 14)@4h > 70 then hedge 5% for wait\n"
        "when close rises 5% over 12 periods and funding_8h between 0.01% and 0.02% then hedge 5%\n"
    )
    analysis = analyse(Source("t.rules", text))
    found = [(analysis.source.position(hint.offset).line, hint.text) for hint in hints(analysis)]
    lines = text.splitlines()
    shown_ = [f"{line:>3}  {said:<30}  {lines[line - 1].strip()}" for line, said in found]
    golden.check("editor/hints.txt", "\n".join(shown_) + "\n")


def test_hints_of_a_stretch_lie_in_it() -> None:
    analysis = analyse(Source("t.rules", HEAD))
    span = Span(HEAD.index("let trend"), HEAD.index("event"))
    assert [hint.text for hint in hints(analysis, span)] == ["200d"]


_LONG = f"when close > {'9' * 5000}% per 8h then hedge 5%"


@pytest.mark.parametrize("text", ["", "\n", "#", '"', "when", "🚀 é", _LONG], ids=lambda text: repr(text[:20]))
def test_odd_texts_do_no_harm(text: str) -> None:
    analysis = analyse(Source("t.rules", text))
    for offset in {0, len(text) // 2, len(text)}:
        hover(analysis, offset)
        references(analysis, offset)
        signature_help(analysis, offset)
    assert [token.end for token in tokens(analysis)] == sorted(token.end for token in tokens(analysis))
    assert hints(analysis) == ()
