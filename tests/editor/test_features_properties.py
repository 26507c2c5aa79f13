"""What always holds of the editor's features: on generated files and those in rules/, whole and broken, everywhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

import rulelang
from rulelang.check import Outside, check
from rulelang.editor.analysis import Analysis, analyse
from rulelang.editor.completion import completion
from rulelang.editor.definition import definition, references
from rulelang.editor.hints import hints
from rulelang.editor.hover import hover
from rulelang.editor.rename import Refusal, rename, renameable
from rulelang.editor.signatures import signature_help
from rulelang.editor.tokens import TYPES, tokens
from rulelang.syntax import parse
from rulelang.syntax.parser import kept
from rulelang.text import Source, normalised
from tests.properties.pairs import Pair
from tests.strategies import broken_texts, files, grounds, rough_texts

RULES = sorted((Path(__file__).parents[2] / "rules").glob("*.rules"))
_WHOLE = st.one_of(
    files(grounds()).map(lambda written: written.text), st.sampled_from(RULES).map(lambda path: path.read_text("utf-8"))
)
_ANY = st.one_of(_WHOLE, broken_texts(_WHOLE), rough_texts())
_STOP = re.compile(r"\$\{\d+:((?:[^}\\]|\\.)*)\}|\$\d+")


def analysed(text: str, last: Analysis | None = None) -> Analysis:
    return analyse(Source("generated.rules", normalised(text)), last=None if last is None else last.rules)


def plain(insert: str) -> str:
    """Return what a snippet puts into the text."""
    return re.sub(r"\\([$}\\])", r"\1", _STOP.sub(lambda match: match[1] or "", insert))


# --- hover, hints, signatures ----------------------------------------------------------------------------------------


@given(_ANY, st.data())
def test_nothing_raises_anywhere(text: str, data: st.DataObject) -> None:
    analysis = analysed(text)
    size = len(analysis.source.text)
    for offset in data.draw(st.lists(st.integers(0, size), max_size=20)):
        found = hover(analysis, offset)
        assert found is None or (found.markdown and 0 <= found.span.start <= offset <= found.span.end <= size)
        signature = signature_help(analysis, offset)
        assert signature is None or all(p.span.end <= len(signature.label) for p in signature.parameters)
        references(analysis, offset)
        renameable(analysis, offset)
    assert all(0 <= hint.offset <= size and hint.text for hint in hints(analysis))


@given(_WHOLE, st.data())
def test_a_broken_file_is_read_by_what_it_was(text: str, data: st.DataObject) -> None:
    whole = analysed(text)
    at = data.draw(st.integers(0, len(whole.source.text)))
    broken = analysed(whole.source.text[:at] + " then ( " + whole.source.text[at:], whole)
    for offset in data.draw(st.lists(st.integers(0, len(broken.source.text)), max_size=10)):
        hover(broken, offset)
        completion(broken, offset)


# --- completion ------------------------------------------------------------------------------------------------------


def first_mistake(text: str) -> float:
    _, mistakes = parse(Source("t", text))
    return min((mistake.span.start for mistake in mistakes), default=float("inf"))


@given(_ANY, st.data())
def test_what_is_offered_can_be_read_where_it_is_offered(text: str, data: st.DataObject) -> None:
    analysis = analysed(text)
    source = analysis.source.text
    for offset in data.draw(st.lists(st.integers(0, len(source)), max_size=3)):
        items = completion(analysis, offset)
        for item in data.draw(st.lists(st.sampled_from(items), max_size=15)) if items else ():
            before = source[: item.span.start]
            assert item.span.start <= item.span.end == offset
            assert first_mistake(before + plain(item.insert)) >= first_mistake(before), (before[-80:], item)


@given(_ANY, st.data())
def test_items_are_in_order_and_offered_once(text: str, data: st.DataObject) -> None:
    analysis = analysed(text)
    items = completion(analysis, data.draw(st.integers(0, len(analysis.source.text))))
    assert [item.order for item in items] == sorted(item.order for item in items)
    assert len({item.label for item in items}) == len(items)


# --- definition and references ---------------------------------------------------------------------------------------


@given(_WHOLE, st.data())
def test_definition_and_references_are_inverse(text: str, data: st.DataObject) -> None:
    analysis = analysed(text)
    found = list(re.finditer(r"[A-Za-z_][A-Za-z0-9_]*", analysis.source.text))
    for match in data.draw(st.lists(st.sampled_from(found), max_size=10)) if found else ():
        places = references(analysis, match.start())
        assert not places or match.start() in [place.span.start for place in places]
        for place in places:
            assert references(analysis, place.span.start) == places
        declared = definition(analysis, match.start())
        assert declared is None or (declared.declares and declared in places)


# --- tokens ----------------------------------------------------------------------------------------------------------


@given(_ANY)
def test_tokens_cover_each_word_once_in_order(text: str) -> None:
    analysis = analysed(text)
    source, end = analysis.source.text, 0
    for token in tokens(analysis):
        assert token.start >= end and token.end > token.start and token.type in TYPES
        assert not re.search(r"\w", source[end : token.start])
        assert "\n" not in source[token.start : token.end]
        end = token.end
    assert not re.search(r"\w", source[end:])


@given(_WHOLE)
def test_tokens_tell_names_from_words_of_the_language(text: str) -> None:
    analysis = analysed(text)
    trees, _ = kept(analysis.source.text)
    expected = {at: named for tree in trees for at, named in _words(tree)}
    for token in tokens(analysis):
        if token.start in expected and token.type not in ("string", "comment"):
            assert (token.type != "keyword") == expected[token.start], analysis.source.text[token.start :][:60]


def _words(node: Any, named: bool = False) -> Iterator[tuple[int, bool]]:
    """Yield where the words of a grammar's tree are, and whether each is a name."""
    for child in node.children:
        if not isinstance(child, str):
            yield from _words(child, child.data == "name")
        elif re.match("[a-z]", child):
            yield child.start_pos, named  # type: ignore[attr-defined]


@given(_WHOLE)
def test_every_name_of_a_file_without_errors_is_known(text: str) -> None:
    analysis = analysed(text)
    assume(analysis.rules is not None)
    assert [token for token in tokens(analysis) if token.type == "name"] == []


# --- renaming --------------------------------------------------------------------------------------------------------


def renamed(analysis: Analysis, offset: int, new: str) -> str | Refusal:
    edits = rename(analysis, offset, new)
    if isinstance(edits, Refusal):
        return edits
    text = analysis.source.text
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def fresh(name: str) -> str:
    return "FRESH" if name.isupper() or name[0].isdigit() else "fresh"


@given(_WHOLE, st.data())
def test_a_renamed_file_has_the_same_diagnostics_and_can_be_renamed_back(text: str, data: st.DataObject) -> None:
    analysis = analysed(text)
    declared = [token for token in tokens(analysis) if token.declaration]
    assume(declared)
    token = data.draw(st.sampled_from(declared))
    name = analysis.source.text[token.start : token.end]
    after = renamed(analysis, token.start, fresh(name))
    if isinstance(after, Refusal):
        assert token.type in ("field", "word", "target", "asset", *(() if analysis.rules else ("rule", "let", "param")))
        return
    again = analysed(after)
    assert [d.code for d in again.diagnostics] == [d.code for d in analysis.diagnostics]
    assert renamed(again, token.start, name) == analysis.source.text


@given(st.data())
def test_a_renamed_file_decides_the_same(data: st.DataObject) -> None:
    pair = Pair(data)
    analysis = analysed(pair.text)
    names = [token for token in tokens(analysis) if token.declaration and token.type not in ("field", "word")]
    assume(names)
    token = data.draw(st.sampled_from(names))
    name = pair.text[token.start : token.end]
    after = renamed(analysis, token.start, fresh(name))
    if isinstance(after, Refusal):
        assert name == "hedge" or analysis.rules is None
        return
    ground = pair.written.ground
    rules = rulelang.loads(after, bars=None if ground.said else ground.written)
    run = rules.start(engine="reference")
    for step, before in zip(pair.market.steps, pair.decisions, strict=True):
        now = run.step(step.time, _with_asset(step.values, name))
        assert [_plainly(one) for one in now.values()] == [_plainly(one) for one in before.values()]


def _with_asset(values: Any, name: str) -> Any:
    """Return the values of a step with a renamed asset under its new name."""
    new = fresh(name)
    return {(new if key == name else key): value for key, value in values.items()} if new == "FRESH" else values


def _plainly(one: Any) -> Any:
    """Return what was decided, without names."""
    return [(o.before, o.desired, o.after) for o in one.targets.values()], len(one.active)


def test_checking_with_bars_from_outside_is_no_matter_of_the_editor() -> None:
    text = "when close@1d > 3 then hedge 50%\n"
    assert check(Source("t", text), outside=Outside(bars=3600)).rules is not None
    assert hover(analysed(text), 6) is not None
