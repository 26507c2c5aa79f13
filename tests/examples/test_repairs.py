"""Repairs that are certain: what is mended without asking, what never is, and what is taken back."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rulelang.check import Checking, check
from rulelang.check.repairs import Repaired, repaired
from rulelang.syntax import readable
from rulelang.syntax.statements import cut
from rulelang.text import Severity, Source
from tests.strategies import broken_texts, files, grounds
from tests.strategies.drawing import Draw, Drawing


def mend(text: str) -> Repaired:
    return repaired(Source("my.rules", text), check)


CERTAIN = {
    "assets": ("assets btc, eth, sol when iv > 80% then hedge 5%", "assets BTC, ETH, SOL when iv > 80% then hedge 5%"),
    "percent signs": ("when iv > 80 % then hedge 5\t%", "when iv > 80% then hedge 5%"),
    "leading points": ("when funding_8h > .05% then hedge .5%", "when funding_8h > 0.05% then hedge 0.5%"),
    "thousands": ("when close > 65k then hedge 5%", "when close > 65_000 then hedge 5%"),
    "billions": ("when volume > 2.5bn then hedge 5%", "when volume > 2_500_000_000 then hedge 5%"),
    "to": ("when iv > 80% then hedge to 70 %", "when iv > 80% then hedge 70%"),
    "is above": ("when iv is above 80% then hedge 5%", "when iv > 80% then hedge 5%"),
    "signs of logic": (
        "when iv > 80%&&close > 5||!(!close > 9) then hedge 5%",
        "when iv > 80% and close > 5 or not (not close > 9) then hedge 5%",
    ),
    "look-alikes": ("when сlose ≥ 65−5 then hedge 8０%", "when close >= 65-5 then hedge 80%"),
    "typographic quotes": ("when iv > 80% then alert “up”", 'when iv > 80% then alert "up"'),
    "no width": ("when clo\u200bse > 5 then hedge 80\u00ad%\ufeff", "when close > 5 then hedge 80%"),
    "hard blanks": ("when iv\u00a0> 80% then hedge\u20035%", "when iv > 80% then hedge 5%"),
    "a score": ("when rsi(close, 14) > 75% then hedge 5%", "when rsi(close, 14) > 75 then hedge 5%"),
    "currencies": ("when close > 65_000 usd then hedge 5%", "when close > 65_000 USD then hedge 5%"),
    "one behind the other": (
        "when rsi(close, 14) is above 75 %&&iv > .5% then hedge to 5 %",
        "when rsi(close, 14) > 75 and iv > 0.5% then hedge 5%",
    ),
    "what nobody sees": ("when iv > 80% then hedge\u200b70% then", "when iv > 80% then hedge70% then"),
}


@pytest.mark.parametrize("case", CERTAIN)
def test_what_is_mended(case: str) -> None:
    before, after = CERTAIN[case]
    result = mend(before)
    assert result.source.text == after
    assert result.checking.diagnostics == check(result.source).diagnostics
    assert all(repair.fix.certain for repair in result.repairs)


LEFT = {
    "a factor of a hundred": "when funding_8h > 0.05 then hedge 5%",
    "a factor of a hundred, at a quotient": "when (high - low) / close > 1.5 then hedge 5%",
    "two readings of a level": "when iv > 80% then hedge 0.7",
    "a score below one percent": "when rsi(close, 14) > 0.75% then hedge 5%",
    "a guess at a name": "when clsoe > 5 then hedge 5%",
    "a guess at a statement": "ruel x when close > 5 then hedge 5%",
    "a comma that may be a decimal one": "when funding_8h > 0,025% then hedge 5%",
    "a range written with a dash": "when iv > 80% then hedge 70%–50%",
    "a power": "when close > 5² then hedge 5%",
    "text that runs backwards": "when iv > 8\u202e0% then hedge 5%",
    "millions or minutes": "when close > 2.5m then hedge 5%",
    "of what": "when iv > 80% for 3 then hedge 5%",
    "a missing zone": "event cpi at 2026-12-10T13:30\nwhen within 1h before cpi then hedge 5%",
    "points of what": "when iv > 80% then increase hedge by 5%",
    "a quote without partner": 'when iv > 80% then alert "up',
    "single quotes": "when iv > 80% then alert 'up'",
    "a word behind a number": "when close > 65 adn iv > 80% then hedge 5%",
    "rises to": "when close rises to 5% then hedge 5%",
    "a reserved name": "let level_of = 3\nlet until = 5\nwhen close > level_of then hedge 5%",
}


@pytest.mark.parametrize("case", LEFT)
def test_what_is_left_to_a_person(case: str) -> None:
    result = mend(LEFT[case])
    assert (result.source.text, result.repairs) == (LEFT[case], ())
    assert [one for one in result.checking.diagnostics if one.severity is Severity.ERROR]


TAKEN_BACK = {
    "the repair doesn't help": "when close > 65 .5 then hedge 5%",
    "another statement would go wrong": "let x = .5\nlet x = 3\nwhen close > x then hedge 5%",
}


@pytest.mark.parametrize("case", TAKEN_BACK)
def test_what_is_taken_back(case: str) -> None:
    text = TAKEN_BACK[case]
    assert any(fix.certain for one in check(Source("my.rules", text)).diagnostics for fix in one.fixes)
    assert mend(text).source.text == text


def test_one_that_does_harm_does_not_keep_the_others_from_being_made() -> None:
    text = "when close > 65 .5 then hedge 5%\nwhen iv > 80 % then hedge to 70%"
    assert mend(text).source.text == "when close > 65 .5 then hedge 5%\nwhen iv > 80% then hedge 70%"


def test_used_files_stay_as_they_are() -> None:
    used = {"other.rules": "param high = .8\n"}

    def read(source: Source) -> Checking:
        return check(source, reader=used.get)

    result = repaired(Source("my.rules", 'use "other.rules"\nwhen iv > 80 % then hedge 5%'), read)
    assert result.source.text == 'use "other.rules"\nwhen iv > 80% then hedge 5%'
    assert [one.source.name for one in result.checking.diagnostics if one.severity is Severity.ERROR] == ["other.rules"]


_WORD = re.compile(r'"[^"\n]*"|\band\b|\bor\b|\bnot \b|\b0\.\d+%|\d%|\bclose\b|>=')
_SLIPS = {"and": "&&", "or": "||", "not ": "!", "close": "сlose", ">=": "≥"}


@st.composite
def hasty(draw: Draw, texts: st.SearchStrategy[str]) -> tuple[str, str]:
    """Generate a text, and the same with slips that have one repair each."""
    d = Drawing(draw)
    text = draw(texts)

    def slip(found: re.Match[str]) -> str:
        word = found[0]
        if word[0] == '"' or not d.once_in(4):
            return word
        return _SLIPS.get(word) or (word[1:] if word.startswith("0.") else f"{word[:-1]} %")

    return text, _WORD.sub(slip, text)


_FILES = files(grounds())


@given(hasty(_FILES.map(lambda written: written.text)))
def test_slips_are_mended_back_to_the_text_without_them(both: tuple[str, str]) -> None:
    text, slipped = both
    assume(not errors(check(Source("my.rules", text))))
    assert mend(slipped).source.text == text


def errors(checking: Checking) -> list[int]:
    """Return which statements have errors, counted from 0 (-1: before the first)."""
    found = [one for one in checking.diagnostics if one.severity is Severity.ERROR]
    starts = [[piece.start for piece in cut(one.source.text)[0]] for one in found]
    return [sum(at <= one.span.start for at in begins) - 1 for one, begins in zip(found, starts, strict=True)]


@given(broken_texts(_FILES.map(lambda written: written.text)))
def test_no_statement_gets_its_first_error_by_a_repair(text: str) -> None:
    before = check(Source("my.rules", text))
    result = mend(text)
    if len(cut(readable(result.source.text))[0]) == len(cut(readable(text))[0]):
        assert set(errors(result.checking)) <= set(errors(before))
    else:  # one statement has become two: `x = 5` behind another one
        assert len(errors(result.checking)) <= len(errors(before))
    again = mend(result.source.text)
    assert (again.source, again.repairs) == (result.source, ())
