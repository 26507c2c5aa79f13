"""How rule files are coloured: nothing is lost, each word is what the grammar says, and one table serves everyone."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, String, Token

from rulelang.editor.colours import RESERVED, Colour, coloured, rows
from rulelang.editor.highlight import RulesLexer
from rulelang.fields import CATALOGUE
from rulelang.functions import FUNCTIONS
from rulelang.syntax.parser import kept
from rulelang.syntax.table import load
from tests.strategies import broken_texts, files, grounds, rough_texts

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "rules").glob("*.rules"))
CASES: dict[str, list[str]] = json.loads((ROOT / "editors" / "cases.json").read_text("utf-8"))
TEXTS = files(grounds()).map(lambda written: written.text)

NAMES = {Colour.NAME, Colour.FIELD, Colour.FUNCTION, Colour.ITSELF, Colour.MEMBER, Colour.KIND, Colour.STATE}
NAMES |= {Colour.PARAM, Colour.LET, Colour.TITLE, Colour.TARGET, Colour.EVENT}
WORDS = {*RESERVED}
LITERALS = {
    "NUMBER": {Colour.NUMBER},
    "PERCENT": {Colour.NUMBER, Colour.UNIT},
    "DURATION": {Colour.NUMBER, Colour.UNIT},
    "TIME": {Colour.MOMENT},
    "DATE": {Colour.MOMENT},
    "ASSET": {Colour.ASSET, Colour.UNIT},
    "COMPARATOR": {Colour.SIGN},
}


def told(text: str) -> list[str]:
    """Return what a text is coloured as, the way `cases.json` says it."""
    return [f"{piece} {colour.scope}" for _, piece, colour in coloured(text) if colour is not None]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("editors_generate", ROOT / "editors" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


# The table ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", CASES)
def test_a_case_is_coloured_as_told(text: str) -> None:
    assert told(text) == CASES[text]


def test_the_cases_show_every_colour() -> None:
    shown = {line.rpartition(" ")[2] for lines in CASES.values() for line in lines}
    assert shown == {colour.scope for colour in Colour}


def test_the_reserved_words_are_those_of_the_grammar() -> None:
    parser = load(None)
    also_names = {str(rule.expansion[0].name) for rule in parser.rules if rule.origin.name == "name"}
    words = {str(one.pattern.value) for one in parser.terminals if one.name not in also_names and one.name.isalpha()}
    assert sorted(word for line in RESERVED.values() for word in line.split()) == sorted(filter(str.isalpha, words))


def test_functions_and_fields_come_from_their_tables() -> None:
    assert all(told(f"{name}(")[0] == f"{name} support.function" for name in (*FUNCTIONS, "at_trigger"))
    assert all(told(name) == [f"{name} support.variable"] for name in CATALOGUE)
    assert told("sma") == ["sma variable.other"]
    assert told("smas(") == ["smas variable.other", "( punctuation"]


def test_no_part_of_a_row_captures_by_itself() -> None:
    assert [pattern for row in rows() for pattern, _ in row.parts if re.compile(pattern).groups] == []


def test_the_grammar_of_editors_is_as_the_table_says() -> None:
    module = generator()
    assert module.main(["--check"]) == 0, "run `make docs`"
    assert module.main(["--what"]) == 2


# As the grammar reads it ──────────────────────────────────────────────────────────────────────────────────────────────


def leaves(node: Any, parent: str = "") -> Iterator[tuple[Any, str]]:
    """Yield the words of a grammar's tree, each with the rule that it is a direct part of."""
    for child in node.children:
        if isinstance(child, str):
            yield child, parent or node.data
        else:
            yield from leaves(child, child.data)


def expected(word: Any, parent: str) -> set[Colour]:
    """Return the colours that a word may have, by what the grammar says it is."""
    if parent == "name":
        return NAMES
    if word.type in LITERALS:
        return LITERALS[word.type]
    if word.type == "STRING":
        return {*Colour}
    return WORDS if word.isalpha() else {Colour.SIGN, Colour.MARK}


def disagreements(text: str) -> list[tuple[str, int, list[str]]]:
    """Return the words of a text without mistakes that are coloured as what they are not."""
    at = {start: (piece, colour) for start, piece, colour in coloured(text)}
    found = []
    for word, parent in (leaf for tree in kept(text)[0] for leaf in leaves(tree, tree.data)):
        inside = [one for start, one in at.items() if word.start_pos <= start < word.end_pos]
        whole = "".join(piece for piece, _ in inside)
        colours = {colour for _, colour in inside if colour is not None}
        if whole != word or not colours <= expected(word, parent):
            found.append((str(word), word.start_pos, sorted(colour.name for colour in colours)))
    return found


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_word_of_the_strategies_is_coloured_as_what_it_is(path: Path) -> None:
    assert disagreements(path.read_text("utf-8")) == []


@given(TEXTS)
def test_every_word_of_a_generated_file_is_coloured_as_what_it_is(text: str) -> None:
    assert disagreements(text) == []


@given(rough_texts() | broken_texts(TEXTS))
def test_nothing_of_a_text_is_lost(text: str) -> None:
    assert "".join(piece for _, piece, _ in coloured(text)) == text
    starts = [start for start, _, _ in coloured(text)]
    assert starts == sorted(set(starts))


# Pygments ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_the_lexer_gives_the_file_back_without_an_error(path: Path) -> None:
    text = path.read_text("utf-8")
    tokens = list(RulesLexer(stripnl=False).get_tokens(text))
    assert "".join(piece for _, piece in tokens) == text
    assert [piece for token, piece in tokens if token in Error] == []


@given(TEXTS)
def test_the_lexer_finds_no_error_where_there_is_none(text: str) -> None:
    assert [piece for token, piece in RulesLexer().get_tokens(text) if token in Error] == []


@given(rough_texts() | broken_texts(TEXTS))
def test_the_lexer_gives_any_text_back(text: str) -> None:
    lexer = RulesLexer(stripnl=False, ensurenl=False)
    normal = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    assert "".join(piece for _, piece in lexer.get_tokens(text)) == normal


def test_the_lexer_gives_words_their_tokens() -> None:
    text = 'when close > sma(close, 200) for 3 periods then hedge 80% because "at {close}"  # so'
    tokens = [(piece, token) for token, piece in RulesLexer().get_tokens(text) if piece.strip()]
    assert {
        "when": Keyword,
        "close": Name.Variable.Global,
        "sma": Name.Builtin,
        "200": Number,
        "hedge": Name.Builtin.Pseudo,
        "{": String.Interpol,
        "# so": Comment.Single,
    }.items() <= dict(tokens).items()
    assert all(token is not Token for _, token in tokens)


def test_a_mistake_is_shown_as_one() -> None:
    tokens = RulesLexer().get_tokens("when Close && BTC_x ≥ 5; then hedge 5%")
    wrong = [piece for token, piece in tokens if token in Error]
    assert wrong == ["Close", "&", "&", "BTC_x", "≥", ";"]


def test_the_entry_point_is_the_lexer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    ((name, value),) = project["entry-points"]["pygments.lexers"].items()
    assert EntryPoint(name, value, "pygments.lexers").load() is RulesLexer


@pytest.fixture
def installed() -> None:
    """Plugins of Pygments are found by what was installed; under CI it has to be."""
    if not [one for one in entry_points(group="pygments.lexers") if one.name == "rulelang"]:
        reason = "rulelang is not installed with its lexer: `pip install -e .`"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


@pytest.mark.usefixtures("installed")
def test_the_lexer_is_found_by_name_and_by_file() -> None:
    assert isinstance(get_lexer_by_name("rulelang"), RulesLexer)
    assert isinstance(get_lexer_by_name("rules"), RulesLexer)
    assert isinstance(get_lexer_for_filename("my.rules"), RulesLexer)


@pytest.mark.usefixtures("installed")
def test_pygmentize_colours_a_strategy() -> None:
    command = [sys.executable, "-m", "pygments", "-l", "rulelang", "-f", "html", str(RULES[0])]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert '<span class="kd">rule</span>' in found.stdout
    assert 'class="err"' not in found.stdout
