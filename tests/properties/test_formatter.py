"""What always holds of formatted files: the same words and comments, the same meaning, and nothing left to do."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import rulelang
from rulelang.rulefile import decoded
from rulelang.syntax import parse, tree
from rulelang.syntax.formatter import WIDTH, formatted
from rulelang.syntax.statements import first_on_line
from rulelang.text import RuleError, Severity, Source
from tests.strategies import Ground, Market, Written, broken_texts, files, grounds, markets
from tests.strategies.mangled import comments, mangled, stretched, words

STRATEGIES = sorted((Path(__file__).parents[2] / "rules").glob("*.rules"))
_GENERATED = files(grounds()).map(lambda written: written.text)
_SHIPPED = st.sampled_from([path.read_text("utf-8") for path in STRATEGIES])
_ALL = st.one_of(_GENERATED, _SHIPPED)
TEXTS = mangled(st.one_of(_ALL, _ALL.map(stretched))).map(decoded)


some = settings(max_examples=max(20, settings().max_examples // 4))
"""A text of rules is long in the drawing."""


def tidy(text: str) -> str:
    return formatted(Source("generated", text))


def tree_of(text: str) -> tree.File:
    file, mistakes = parse(Source("generated", text))
    assert mistakes == [], [str(mistake) for mistake in mistakes]
    return file


def stream(text: str) -> list[tuple[str, bool]]:
    """Return words and comments in their order, and of each comment whether it has a line of its own."""
    remarks = [(start, remark, first_on_line(text, start)) for start, remark in comments(text)]
    both = sorted([*((start, word, False) for start, word in words(text)), *remarks])
    return [(what, alone) for _, what, alone in both]


@some
@given(TEXTS)
def test_formatting_again_changes_nothing(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once


@some
@given(TEXTS)
def test_the_tree_stays_as_it_was(text: str) -> None:
    assert tree_of(tidy(text)) == tree_of(text)


@some
@given(TEXTS)
def test_every_comment_stays_between_the_same_words(text: str) -> None:
    assert stream(tidy(text)) == stream(text)


@some
@given(TEXTS)
def test_no_blanks_at_ends_and_no_two_blank_lines(text: str) -> None:
    lines = tidy(text).split("\n")
    assert lines.pop() == ""
    assert all(line == line.rstrip(" ") or "#" in line for line in lines)
    assert lines[:1] != [""] and lines[-1:] != [""]
    assert all(one or other for one, other in pairwise(lines))


_QUOTED = re.compile(r'"[^"\n]*"')
_BREAKABLE = re.compile(r", | (and|or|for|cooldown|[+-]) | at once")


@some
@given(TEXTS)
def test_a_line_is_too_long_only_where_it_can_not_be_broken(text: str) -> None:
    """Behind its first word such a line has no comma, no clause of its own, and no `and` but that of `between`."""
    for line in tidy(text).splitlines():
        bare = re.sub(r"\s*#.*", "", _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), line))
        if len(bare) > WIDTH and "between" not in bare:
            assert not _BREAKABLE.search(bare.lstrip().partition(" ")[2]), line


@given(broken_texts(_ALL).map(decoded))
def test_what_can_be_read_can_be_formatted_and_the_rest_is_refused(text: str) -> None:
    file, mistakes = parse(Source("generated", text))
    if mistakes:
        with pytest.raises(RuleError):
            tidy(text)
    else:
        assert tree_of(tidy(text)) == file
        assert tidy(tidy(text)) == tidy(text)


_BY_LINE = re.compile(r"line_\d+")


def told(text: str, ground: Ground, market: Market) -> list[str]:
    """Return what is decided step by step; rules without a name have the one that their line gives them left out."""
    rules = rulelang.loads(text, bars=None if ground.said else ground.written)
    run = rules.start()
    decisions = [run.step(step.time, step.values) for step in market.steps]
    return [_BY_LINE.sub("line", repr([evolve(one, told=None) for one in each.values()])) for each in decisions]


@pytest.mark.slow
@given(st.data())
def test_the_formatted_file_decides_the_same(data: st.DataObject) -> None:
    written: Written = data.draw(files(grounds()))
    text = decoded(data.draw(mangled(st.just(written.text))))
    market: Market = data.draw(markets(written.ground, written.fields))
    assume(not any(one.severity is Severity.ERROR for one in rulelang.check(text, bars=written.ground.written)))
    assert told(tidy(text), written.ground, market) == told(text, written.ground, market)
