"""`use`: the statements of another file in this place (clause 2.10)."""

from pathlib import Path

import pytest

import rulelang
from rulelang import RuleError
from tests.examples.saying import codes


def loaded(text: str, **files: str) -> rulelang.Rules:
    named = {name.replace("__", "/") + ".rules": content for name, content in files.items()}
    return rulelang.loads(text, reader=named.get)


def refused(text: str, **files: str) -> list[rulelang.Diagnostic]:
    with pytest.raises(RuleError) as caught:
        loaded(text, **files)
    return list(caught.value.diagnostics)


def test_statements_stand_in_place_of_the_use() -> None:
    rules = loaded('use "base.rules" when close > limit then hedge 50%', base="param limit = 5")
    assert rules.start().step(3600, {"close": 6}).hedge == 0.5


def test_lower_lines_have_the_last_word_across_files() -> None:
    base = "when close > 1 then hedge 20%"
    own = "when close > 1 then hedge 70%"
    assert loaded(f'use "base.rules" {own}', base=base).decide({"close": 2}).hedge == 0.7
    assert loaded(f'{own} use "base.rules"', base=base).decide({"close": 2}).hedge == 0.2


def test_a_file_below_uses_its_own_folder() -> None:
    rules = loaded('use "sub/a.rules"', sub__a='use "b.rules"', sub__b="when close > 1 then hedge 30%")
    assert rules.decide({"close": 2}).hedge == 0.3


def test_unnamed_rules_of_a_used_file_are_called_after_it() -> None:
    rules = loaded('use "base.rules"\nwhen close > 3 then hedge 5%', base="\nwhen close > 1 then hedge 20%")
    assert list(rules.decide({"close": 2}).active) == ["base_line_2", "line_2"]


@pytest.mark.parametrize(
    "path",
    [
        "../other.rules",
        "sub/../../x.rules",
        "/etc/passwd",
        "C:/x.rules",
        "C:\\x.rules",
        "~/x.rules",
        "a\\b.rules",
        "",
        "..",
    ],
)
def test_paths_out_of_the_folder(path: str) -> None:
    asked: list[str] = []

    def read(name: str) -> str:
        asked.append(name)
        return ""

    assert codes(rulelang.check(f'use "{path}"', reader=read)) == ["RL113"]
    assert asked == []


def test_a_missing_file() -> None:
    (found,) = refused('use "gone.rules"')
    assert found.code == "RL113" and "gone.rules" in found.message


def test_without_a_reader_nothing_is_read() -> None:
    assert codes(rulelang.check('use "a.rules"')) == ["RL113"]


@pytest.mark.parametrize(
    "files", [{"a": 'use "a.rules"'}, {"a": 'use "b.rules"', "b": 'use "a.rules"'}, {"a": 'use "./a.rules"'}]
)
def test_a_cycle(files: dict[str, str]) -> None:
    (found,) = refused('use "a.rules"', **files)
    assert found.code == "RL113" and "uses" in found.message


def test_a_file_that_is_used_twice_declares_its_names_twice() -> None:
    assert "RL207" in codes(refused('use "a.rules" use "a.rules"', a="param p = 1"))


@pytest.mark.parametrize(
    "shared",
    [
        "bars 1h",
        "assets BTC",
        "param p = 5",
        "let l = close",
        "target lev between 0 and 3",
        "rule r when close > 1 then hedge 1%",
        "event cpi",
        "field f : price",
    ],
)
def test_a_second_declaration(shared: str) -> None:
    assert "RL207" in codes(refused(f'{shared} use "a.rules"', a=shared))


def test_a_mistake_in_a_used_file_is_shown_there() -> None:
    (found,) = refused('use "a.rules"', a="\n when funding_8h > 0.05 then hedge 1%")
    assert found.source.name == "a.rules" and found.position.line == 2


def test_a_deep_chain_of_files() -> None:
    count = 2_000
    files = {f"f{at}": f'use "f{at + 1}.rules"' for at in range(count)} | {f"f{count}": "when close > 1 then hedge 30%"}
    named = {f"{name}.rules": text for name, text in files.items()}
    found = rulelang.check('use "f0.rules"', reader=named.get)
    assert found == [] or set(codes(found)) <= {"RL113", "RL111"}


def test_files_that_use_each_other_over_and_over_are_bounded() -> None:
    """Thirty small files that use the next one twice are not a thousand million statements."""
    from tests.patience import within

    named = {f"f{at}.rules": f'use "f{at + 1}.rules" use "f{at + 1}.rules"' for at in range(30)}
    named["f30.rules"] = ""
    with within(20):
        rulelang.check('use "f0.rules"', reader=named.get)


def test_many_files_count_as_one_for_the_limits() -> None:
    """The bound on the text holds for all that is used together."""
    big = "#" * (1 << 19)
    named = {f"f{at}.rules": big for at in range(3)}
    text = "\n".join(f'use "f{at}.rules"' for at in range(3))
    assert codes(rulelang.check(text, reader=named.get)) == ["RL110"]


def test_files_are_read_beside_the_first(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "main.rules").write_text('use "sub/base.rules"')
    (tmp_path / "sub" / "base.rules").write_bytes(b"\xef\xbb\xbfwhen close > 1\r\nthen hedge 30%")
    assert rulelang.load(tmp_path / "main.rules").decide({"close": 2}).hedge == 0.3


def test_a_used_file_in_another_encoding_shows(tmp_path: Path) -> None:
    (tmp_path / "main.rules").write_text('use "base.rules"')
    (tmp_path / "base.rules").write_bytes("when close > 1 then hedge 30% é".encode("latin-1"))
    with pytest.raises(RuleError):
        rulelang.load(tmp_path / "main.rules")


def test_a_reader_that_normalises_nothing() -> None:
    """A used text may have a byte-order mark and any line ends, as the first one may."""
    rules = rulelang.loads('use "a.rules"', reader={"a.rules": "\ufeffwhen close > 1\r\nthen hedge 30%"}.get)
    assert rules.decide({"close": 2}).hedge == 0.3
