"""Completion behind `use`: rule files of the folder and below, and nothing that `use` would refuse."""

from pathlib import Path

import pytest
from lsprotocol import types

from rulelang.editor.paths import begun, paths
from tests.editor.client import editing, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("my.rules", "common.rules", "notes.txt", ".hidden.rules", "parts/levels.rules", "data/bars.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("bars 1h\n")
    return tmp_path


def labels(written: str, folder: Path) -> list[str]:
    return [one.label for one in paths(written, 100, folder / "my.rules")]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('use "', ""),
        ('bars 1h use "par', "par"),
        ('bars 1h\nuse "parts/le', "parts/le"),
        ('when close > 1 then alert "a # b" use "x', "x"),
        ('# use "', None),
        ('use "a.rules"', None),
        ('when close > 1 then alert "', None),
        ('let reuse = close let x = "', None),
        ('use "a', "a"),
    ],
)
def test_where_a_path_is_written(text: str, path: str | None) -> None:
    assert begun(text, len(text)) == path
    assert begun(f'{text}"\nuse "later', len(text)) == path


def test_rule_files_come_before_folders_with_some(folder: Path) -> None:
    assert labels("", folder) == ["common.rules", "parts/"]
    assert labels("parts/", folder) == labels("parts/lev", folder) == ["levels.rules"]


@pytest.mark.parametrize("written", ["../", "/", "~/", "parts/../", "nowhere/", "data/", "a\\"])
def test_what_use_refuses_is_not_listed(written: str, folder: Path) -> None:
    assert labels(written, folder) == []


def test_only_the_last_part_is_put_in(folder: Path) -> None:
    (one,) = paths("parts/lev", 20, folder / "my.rules")
    assert (one.span.start, one.span.end, one.insert) == (17, 20, "levels.rules")


def test_an_editor_is_offered_them(folder: Path) -> None:
    async def work() -> None:
        async with editing(folder=folder) as editor:
            uri, text = (folder / "my.rules").as_uri(), 'bars 1h\nuse "'
            await editor.open(uri, text)
            place = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(1, 5))
            found = await editor.text_document_completion_async(place)
            assert isinstance(found, types.CompletionList)
            assert [one.label for one in found.items] == ["common.rules", "parts/"]
            assert {one.kind for one in found.items} == {types.CompletionItemKind.File}

    run(work)
