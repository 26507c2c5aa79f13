"""What always holds of text: printing and parsing, cutting into statements, white space, and what `check` says."""

import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rulelang
from rulelang import Diagnostic, RuleError, Severity
from rulelang.rulefile import decoded
from rulelang.syntax import parse, printed, tree
from rulelang.syntax.table import fresh, grammar
from rulelang.text import Source
from tests.strategies import broken_texts, files, grounds, rough_texts
from tests.strategies.files import Written

_FILES = files(grounds())
_TEXTS = _FILES.map(lambda written: written.text)


def tree_of(text: str) -> tree.File:
    """Return the tree of a text without mistakes of syntax."""
    file, mistakes = parse(Source("generated", text))
    assert mistakes == [], [str(mistake) for mistake in mistakes]
    return file


@given(_FILES)
def test_parse_of_the_printed_tree_is_the_tree(written: Written) -> None:
    assert tree_of(printed(written.file)) == written.file


@given(_FILES)
def test_printing_again_changes_nothing(written: Written) -> None:
    once = printed(tree_of(written.text))
    assert printed(tree_of(once)) == once == written.text


@cache
def whole_file_parser() -> Any:
    """Return a parser that knows nothing of cutting."""
    return fresh()


def _plain(result: Any) -> Any:
    """Return what the grammar made of a text as lists of words, one a statement."""
    return [[str(token) for token in statement.scan_values(lambda _: True)] for statement in result.children]


@given(_FILES)
def test_cutting_agrees_with_the_grammar_of_whole_files(written: Written) -> None:
    whole = _plain(whole_file_parser().parse(written.text, start="file"))
    each = [_plain(whole_file_parser().parse(printed(one), start="file"))[0] for one in written.file.statements]
    assert whole == each


def test_the_grammar_has_no_conflicts() -> None:
    interegular = pytest.importorskip("interegular", reason="lark's strict mode needs interegular")
    assert interegular
    import lark

    lark.Lark(grammar(), start=["file", "statement", "expression"], parser="lalr", lexer="basic", strict=True)


def test_no_reduction_was_preferred_over_a_shift(caplog: pytest.LogCaptureFixture) -> None:
    """Lark resolves shift/reduce conflicts without a word, but for its debug log; reduce/reduce ones it refuses."""
    import logging

    from lark import logger

    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.propagate = True
    try:
        with caplog.at_level(logging.DEBUG, logger="lark"):
            fresh(debug=True)
    finally:
        logger.setLevel(level)
    assert [record for record in caplog.records if "conflict" in record.getMessage().lower()] == []


_SPACE = re.compile(r'"[^"\n]*"|\s+')


def respaced(text: str, space: str) -> str:
    """Return a text with other white space outside its quotes."""
    return _SPACE.sub(lambda found: found[0] if found[0][0] == '"' else space, text)


@given(_FILES, st.sampled_from([" ", "\n", "\r\n", "\t", "  \n\n ", " # a remark\n", "\r", " #\r\n"]))
def test_white_space_means_nothing(written: Written, space: str) -> None:
    text = respaced(written.text, space)
    for variant in (text, "\ufeff" + text, text.strip(), f"\n\n{text}\n"):
        assert _read(variant) == written.file


@given(_FILES)
def test_a_byte_order_mark_and_line_ends_mean_nothing(written: Written) -> None:
    plain = [_said(one) for one in rulelang.check(written.text)]
    marked = [_said(one) for one in rulelang.check(b"\xef\xbb\xbf" + written.text.replace("\n", "\r\n").encode())]
    assert marked == plain


def _said(diagnostic: Diagnostic) -> tuple[str, Any, str]:
    return diagnostic.code, diagnostic.position, diagnostic.message


def _read(text: str) -> tree.File:
    """Return the tree of a text as `loads` reads it."""
    return tree_of(decoded(text))


# --- what check says -------------------------------------------------------------------------------------------------

_CODE = re.compile(r"RL\d{3}")


def well_said(diagnostics: list[Diagnostic]) -> None:
    """Check that diagnostics are such as a user can read."""
    for one in diagnostics:
        length = len(one.source.text)
        assert 0 <= one.span.start <= one.span.end <= length, one
        assert _CODE.fullmatch(one.code), one
        assert isinstance(one.severity, Severity)
        assert one.message.strip() == one.message != "", one
        assert "\n" not in one.message
        assert not one.message.endswith("."), one.message
        first = one.message[0]
        assert first.islower() or not first.isalpha() or one.message.startswith(("U+",)), one.message
        assert not one.why.endswith("."), one.why
        assert all(0 <= fix.span.start <= fix.span.end <= length for fix in one.fixes), one
        assert one.position.line >= 1 and one.position.column >= 1
    places = [(one.code, one.source.name, one.span) for one in diagnostics]
    assert len(set(places)) == len(places), "one mistake, one message"


@given(st.one_of(st.binary(max_size=300), rough_texts().map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_check_never_raises_on_bytes(content: bytes) -> None:
    well_said(rulelang.check(content))


@given(rough_texts())
def test_check_never_raises_on_text(text: str) -> None:
    well_said(rulelang.check(text))


@given(broken_texts(_TEXTS))
def test_check_never_raises_on_mutated_files(text: str) -> None:
    found = rulelang.check(text)
    well_said(found)
    failed = any(one.severity is Severity.ERROR for one in found)
    if not failed:
        assert rulelang.loads(text).diagnostics == found
        return
    with pytest.raises(RuleError) as caught:
        rulelang.loads(text)
    assert list(caught.value.diagnostics) == found


@given(_FILES)
def test_generated_files_get_readable_warnings(written: Written) -> None:
    well_said(rulelang.check(written.text, bars=written.ground.written))


def test_nearly_all_generated_files_are_accepted() -> None:
    """The generator is worth its name: at most one file in twenty is refused."""
    refused: list[str] = []
    count = 0

    @settings(max_examples=400, database=None)
    @given(_FILES)
    def count_refusals(written: Written) -> None:
        nonlocal count
        count += 1
        errors = [one for one in rulelang.check(written.text, bars=written.ground.written) if _is_error(one)]
        refused.extend(str(one) for one in errors[:1])

    count_refusals()
    assert len(refused) <= count / 20, f"{len(refused)} of {count}: {refused[:5]}"


def _is_error(diagnostic: Diagnostic) -> bool:
    return diagnostic.severity is Severity.ERROR
