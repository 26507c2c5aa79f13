"""`rulelang new`: what it makes works at once, as a whole or not at all."""

import os
import shlex
from pathlib import Path

import pytest

from rulelang.cli.commands.rules import TEMPLATES
from tests.cli.running import called


def commands(folder: Path) -> list[list[str]]:
    """Return the commands that the README of a folder names, as their words."""
    lines = (folder / "README.md").read_text("utf-8").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("    rulelang ")]


@pytest.mark.parametrize(
    "template", [TEMPLATES[0], *(pytest.param(one, marks=pytest.mark.slow) for one in TEMPLATES[1:])]
)
def test_every_command_it_names_works_right_away(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = called("new", "my-hedge", "--template", template)
    assert (made.code, made.err) == (0, "")
    monkeypatch.chdir(tmp_path / "my-hedge")
    told = commands(tmp_path / "my-hedge")
    assert [words[0] for words in told] == ["check", "test", "run", "backtest"]
    for words in told:
        done = called(*words)
        assert done.code == 0, (words, done.out[-500:], done.err)
        assert f"rulelang {shlex.join(words)}" in made.out
    assert called("test", "--cover-at-least", "100", "my-hedge.rules").code == 0
    assert called("check", "--strict", "my-hedge.rules").code == 0
    assert called("fmt", "--check", "my-hedge.rules").code == 0


def test_a_name_with_a_blank_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert called("new", "my hedge").code == 0
    monkeypatch.chdir(tmp_path / "my hedge")
    assert [called(*words).code for words in commands(Path())[:2]] == [0, 0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("there", "there is already there: name a folder that isn't there yet"),
        ("file", "there is already file: name a folder that isn't there yet"),
        ("no/where", "there is no folder no: make it first"),
        ("..", "`..` is no name for a folder: write letters, digits, - and _, such as my-hedge"),
        ("a$b", "`a$b` is no name for a folder: write letters, digits, - and _, such as my-hedge"),
        ("", "`.` is no name for a folder: write letters, digits, - and _, such as my-hedge"),
    ],
)
def test_nothing_is_written_over_or_half_made(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("there").mkdir()
    Path("file").write_text("kept")
    result = called("new", name)
    assert (result.code, result.out, result.last) == (2, "", message)
    assert sorted(os.listdir()) == ["file", "there"]
    assert Path("file").read_text() == "kept" and not list(Path("there").iterdir())


def test_what_can_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    long = "x" * 250  # a name that a folder may have, and a rule file in it may not
    result = called("new", long)
    assert result.code == 2 and "can't be made" in result.last
    assert os.listdir() == []
