"""Tests of finding where statements begin in a changed text: the same as in a text that nobody saw before."""

from hypothesis import example, given
from hypothesis import strategies as st

from rulelang.syntax.statements import landmarks

_BITS = (
    *("rule calm\n  when close > 1\n  then hedge 50%\n", "let a = close\n", "param p = 3%\n", "otherwise hedge 20%\n"),
    *("rule", "when", "let", "let\n", "test", "given", "given field", "bars 1h", "use", "a", "=", "x = 3", ".", "-"),
    *('"', '"text"', "#", "# when rule let\n", "# é\n", "\n", "\n\n", " ", "\t", "  let b = 2", "rule # why\n name"),
    *("_", "😀"),
)
_ON_ONE_LINE = '" let a = 1 let b = 2 let c = 3 let d = 4 let e = 5'
_texts = st.lists(st.sampled_from(_BITS), max_size=24).map("".join)


@st.composite
def _edits(draw: st.DrawFn) -> tuple[str, str]:
    before = draw(_texts)
    first, last = sorted(draw(st.tuples(*[st.integers(0, len(before))] * 2)))
    return before, before[:first] + draw(_texts) + before[last:]


@given(_edits())
@example(("let a = 1\n" * 9, "let a = 1\n" * 8))
@example((_ON_ONE_LINE, _ON_ONE_LINE + '"'))
def test_a_changed_text_has_the_landmarks_that_it_has_by_itself(edit: tuple[str, str]) -> None:
    before, after = edit
    found, wanted = landmarks(after, landmarks(before)), landmarks(after)
    assert found == wanted
    assert [one.span for one in found.comments] == [one.span for one in wanted.comments]


def test_what_stands_as_it_stood_is_not_looked_for_again() -> None:
    text = "".join(f"# number {at}\nlet a{at} = close\n" for at in range(50))
    before = landmarks(text)
    after = landmarks(text.replace("a25 =", "a25 ="[::-1]), before)
    kept = {id(one) for one in before.comments}
    assert sum(id(one) not in kept for one in after.comments) < 10
