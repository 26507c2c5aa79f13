"""The language server over its protocol, asked by a client in another process."""

import json
import subprocess
import sys
from pathlib import Path

from lsprotocol import types

from tests.cli.running import called
from tests.editor.client import COMMAND, PATIENCE, Editor, applied, editing, run, started

BROKEN = "bars 1h\nwhen funding_8h > 0.05 for 3 periods then hedge 0.7\nwhen close > .5 then hedge 20%\n"


def named(uri: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(uri)


def everywhere(only: list[str] | None = None) -> tuple[types.Range, types.CodeActionContext]:
    whole = types.Range(types.Position(0, 0), types.Position(10_000, 0))
    return whole, types.CodeActionContext([], only)


async def actions(editor: Editor, uri: str, only: list[str] | None = None) -> list[types.CodeAction]:
    params = types.CodeActionParams(named(uri), *everywhere(only))
    return list(await editor.text_document_code_action_async(params) or ())  # type: ignore[arg-type]


def cli_found(folder: Path, name: str) -> list[tuple[object, ...]]:
    """Return code, message, place and severity of what `rulelang check` says of a file."""
    listed = json.loads(called("check", str(folder / name), "--format", "json").out)["diagnostics"]
    return [(one["code"], one["message"], one["line"] - 1, one["column"] - 1, one["severity"]) for one in listed]


def editor_found(told: list[types.Diagnostic]) -> list[tuple[object, ...]]:
    names = {types.DiagnosticSeverity.Error: "error", types.DiagnosticSeverity.Warning: "warning"}
    return [
        (one.code, one.message.split("\n")[0], one.range.start.line, one.range.start.character, names[one.severity])
        for one in told
        if one.severity
    ]


def test_says_what_the_command_line_says(tmp_path: Path) -> None:
    file = tmp_path / "my.rules"
    file.write_text(BROKEN)

    async def work() -> None:
        async with editing(folder=tmp_path) as editor:
            told = await editor.open(file.as_uri(), BROKEN)
            assert editor_found(told) == cli_found(tmp_path, "my.rules")
            assert len(told) > 1

    run(work)


def test_every_character_that_is_typed_is_answered(tmp_path: Path) -> None:
    text = "bars 1h\nrule calm\n  when close > sma(close, 20) # 😀 é\n  then hedge 20%\n"
    file = tmp_path / "typed.rules"

    async def work() -> None:
        async with editing() as editor:
            await editor.open(file.as_uri(), "", 0)
            line = column = 0
            for version, character in enumerate(text, 1):
                editor.change(file.as_uri(), version, ((line, column), (line, column), character))
                told = await editor.diagnostics(file.as_uri(), version)
                if version % 9 == 0 or version == len(text):
                    file.write_text(text[:version])
                    assert editor_found(told) == cli_found(tmp_path, "typed.rules")
                line, column = (line + 1, 0) if character == "\n" else (line, column + 1 + (character > "\uffff"))
            assert told == []

    run(work)


def test_a_quick_fix_mends_its_mistake() -> None:
    uri = "file:///nowhere/my.rules"

    async def work() -> None:
        async with editing() as editor:
            told = await editor.open(uri, BROKEN)
            version = 1
            while told:
                found = [one for one in await actions(editor, uri, ["quickfix"]) if one.edit]
                assert found, told
                text = applied(editor.text, found[0].edit, uri)
                version += 1
                editor.replace(uri, version, text)
                editor.text = text
                told = await editor.diagnostics(uri, version)
            assert editor.text == BROKEN.replace("0.05", "0.05%").replace("0.7", "70%").replace("> .5", "> 0.5")

    run(work)


def test_all_certain_repairs_are_those_of_the_command_line(tmp_path: Path) -> None:
    text = "bars 1h\r\nwhen close > .5 then hedge 20 %\r\nwhen close is above 7 then hedge to 30%\r\n"
    file = tmp_path / "fix.rules"
    file.write_bytes(text.encode())

    async def work() -> None:
        async with editing() as editor:
            await editor.open(file.as_uri(), text)
            (action,) = await actions(editor, file.as_uri(), ["source.fixAll"])
            assert action.edit is not None
            called("check", "--fix", str(file))
            assert applied(text, action.edit, file.as_uri()).encode() == file.read_bytes()

    run(work)


def test_formats_as_the_command_line_does(tmp_path: Path) -> None:
    text = "# é 😀\r\nbars   1h\r\nwhen close>sma( close,200 )\r\n then\thedge 20% # calm 😀\r\n"
    file = tmp_path / "fmt.rules"
    file.write_bytes(text.encode())

    async def work() -> None:
        async with editing() as editor:
            uri = file.as_uri()
            await editor.open(uri, text)
            params = types.DocumentFormattingParams(named(uri), types.FormattingOptions(2, True))
            edits = await editor.text_document_formatting_async(params)
            part = types.Range(types.Position(1, 0), types.Position(1, 3))
            ranged = types.DocumentRangeFormattingParams(named(uri), part, types.FormattingOptions(2, True))
            some = await editor.text_document_range_formatting_async(ranged)
            called("fmt", str(file))
            assert edits is not None and some is not None
            assert applied(text, types.WorkspaceEdit({uri: edits}), uri).replace("\r", "") == file.read_text("utf-8")
            assert applied(text, types.WorkspaceEdit({uri: some}), uri).split("\r\n")[:2] == ["# é 😀", "bars 1h"]
            editor.replace(uri, 2, "when when")
            assert await editor.text_document_formatting_async(params) == ()

    run(work)


def test_columns_are_utf_16_units() -> None:
    uri = "file:///nowhere/units.rules"
    text = 'bars 1h\nwhen close > 5 then alert "😀 {clos}", hedge 0.7\n'

    async def work() -> None:
        async with editing() as editor:
            told = await editor.open(uri, text)
            line = text.split("\n")[1]
            starts = {one.code: one.range.start.character for one in told}
            assert starts == {"RL201": line.index("clos}") + 1, "RL302": line.index("0.7") + 1}
            editor.change(uri, 2, ((1, line.index("clos}") + 1), (1, line.index("clos}") + 5), "close"))
            assert [one.code for one in await editor.diagnostics(uri, 2)] == ["RL302"]

    run(work)


def test_other_line_separators_than_line_ends_end_no_line() -> None:
    uri = "file:///nowhere/separators.rules"
    text = "# a\u2028b\x0bc\x85\rbars 1h\r\nwhen close > 5 then hedge 0.7\n"

    async def work() -> None:
        async with editing() as editor:
            told = await editor.open(uri, text)
            assert (told[-1].range.start.line, told[-1].code) == (2, "RL302")
            editor.change(uri, 2, ((2, 26), (2, 29), "70%"))
            assert "RL302" not in {one.code for one in await editor.diagnostics(uri, 2)}

    run(work)


def test_what_a_used_file_says_stands_in_that_file(tmp_path: Path) -> None:
    part, whole = tmp_path / "part.rules", tmp_path / "whole.rules"
    part.write_text("when close > 5 then hedge 0.7\n")
    whole.write_text('bars 1h\nuse "part.rules"\n')

    async def work() -> None:
        async with editing() as editor:
            assert await editor.open(whole.as_uri(), whole.read_text()) == []
            assert [one.code for one in await editor.diagnostics(part.as_uri())] == ["RL302"]
            part.write_text("when close > 5 then hedge 70%\n")
            change = types.FileEvent(part.as_uri(), types.FileChangeType.Changed)
            editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
            await editor.until(lambda: not editor.told[part.as_uri()].diagnostics)
            await editor.open(part.as_uri(), part.read_text())
            editor.replace(part.as_uri(), 2, "when clos > 5 then hedge 70%\n")
            assert [one.code for one in await editor.diagnostics(part.as_uri(), 2)] == ["RL201"]
            editor.replace(part.as_uri(), 3, "bars 1h\n")
            await editor.until(lambda: any(one.code == "RL207" for one in editor.told[part.as_uri()].diagnostics))
            editor.text_document_did_close(types.DidCloseTextDocumentParams(named(part.as_uri())))
            await editor.until(lambda: not editor.told[part.as_uri()].diagnostics)

    run(work)


def test_several_texts_are_kept_apart() -> None:
    one, other, unnamed = "file:///nowhere/a.rules", "file:///nowhere/b%20c.rules", "untitled:Untitled-1"

    async def work() -> None:
        async with editing() as editor:
            assert await editor.open(one, "when close > 5 then hedge 70%\n") == []
            assert len(await editor.open(other, "when clos > 5 then hedge 70%\n")) == 1
            assert [found.code for found in await editor.open(unnamed, 'use "a.rules"\n')] == ["RL113"]
            editor.text_document_did_close(types.DidCloseTextDocumentParams(named(other)))
            await editor.until(lambda: not editor.told[other].diagnostics)
            symbols = await editor.text_document_document_symbol_async(types.DocumentSymbolParams(named(one)))
            assert symbols is not None and [symbol.name for symbol in symbols] == ["when close > 5"]

    run(work)


def test_outline_and_folds() -> None:
    uri = "file:///nowhere/outline.rules"
    text = (
        "# what this is for\n# and more\nbars 1h\nparam crowded = 0.05%\nlet trend = sma(close, 200)\n"
        "rule guard\n  when close < trend\n  then hedge 80%\n\nwhen funding_8h > crowded then hedge 20%\n"
        "test calm\n  given close = 1 x 3\n  expect hedge = 0%\n"
    )

    async def work() -> None:
        async with editing() as editor:
            await editor.open(uri, text)
            symbols = await editor.text_document_document_symbol_async(types.DocumentSymbolParams(named(uri)))
            assert symbols is not None
            assert [(one.name, one.detail) for one in symbols] == [
                ("bars", "1h"), ("crowded", "0.05%"), ("trend", "sma(close, 200)"), ("guard", "close < trend"),
                ("when funding_8h > crowded", None), ("calm", None),
            ]  # fmt: skip
            assert symbols[3].selection_range == types.Range(types.Position(5, 5), types.Position(5, 10))
            folds = await editor.text_document_folding_range_async(types.FoldingRangeParams(named(uri)))
            assert folds is not None
            assert {(one.start_line, one.end_line) for one in folds} == {(0, 1), (5, 7), (10, 12)}
            found = await editor.workspace_symbol_async(types.WorkspaceSymbolParams("CROWD"))
            assert found is not None
            assert [one.name for one in found] == ["crowded", "when funding_8h > crowded"]

    run(work)


def test_an_unused_name_is_faded_and_a_second_one_points_to_the_first() -> None:
    uri = "file:///nowhere/tags.rules"

    async def work() -> None:
        async with editing(options={"rulelang": {"pages": "https://example.org/diagnostics.html"}}) as editor:
            told = await editor.open(uri, "param a = 5\nrule r when close > 5 then hedge 1%\nlet r = 5\nlet a = 7\n")
            by_code = {one.code: one for one in told}
            assert list(by_code["RL210"].tags or ()) == [types.DiagnosticTag.Unnecessary]
            related = by_code["RL207"].related_information
            assert related is not None and related[0].location.range.start == types.Position(0, 6)
            assert by_code["RL207"].code_description is not None
            assert by_code["RL207"].code_description.href == "https://example.org/diagnostics.html#rl207"

    run(work)


def test_an_empty_text_and_the_longest() -> None:
    uri = "file:///nowhere/long.rules"
    long = "# padding of a text that\n# is as long as one can be, and not a character more\n" * (1 << 14)

    async def work() -> None:
        async with editing() as editor:
            assert await editor.open(uri, "") == []
            editor.replace(uri, 2, long)
            assert [one.code for one in await editor.diagnostics(uri, 2)] == ["RL110"]
            editor.replace(uri, 3, long[: (1 << 20) - 40])
            assert await editor.diagnostics(uri, 3) == []
            editor.change(uri, 4, ((3, 0), (3, 0), "when close > 0.5 then hedge 0.7\n"))
            assert [one.code for one in await editor.diagnostics(uri, 4)] == ["RL302"]

    run(work)


# What goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_texts_that_nobody_opened_and_requests_that_nobody_knows() -> None:
    uri = "file:///nowhere/never.rules"

    async def work() -> None:
        async with editing() as editor:
            editor.change(uri, 2, ((0, 0), (0, 0), "x"))
            editor.text_document_did_close(types.DidCloseTextDocumentParams(named(uri)))
            assert await actions(editor, uri) == []
            assert await editor.text_document_document_symbol_async(types.DocumentSymbolParams(named(uri))) is None
            assert await editor.text_document_folding_range_async(types.FoldingRangeParams(named(uri))) is None
            params = types.DocumentFormattingParams(named(uri), types.FormattingOptions(2, True))
            assert await editor.text_document_formatting_async(params) is None
            editor.cancel_request(types.CancelParams(4711))
            assert await editor.open(uri, "bars 1h\n") == []

    run(work)


def test_a_change_beyond_the_text_is_taken_at_its_end() -> None:
    uri = "file:///nowhere/beyond.rules"

    async def work() -> None:
        async with editing() as editor:
            await editor.open(uri, "bars 1h\n")
            editor.change(uri, 2, ((70, 9), (90, 1), "when clos > 5 then hedge 1%"), ((0, 99), (0, 99), " # é"))
            assert [one.code for one in await editor.diagnostics(uri, 2)] == ["RL201"]

    run(work)


def test_a_request_taken_back_does_no_harm() -> None:
    uri = "file:///nowhere/cancel.rules"

    async def work() -> None:
        async with editing() as editor:
            await editor.open(uri, "bars 1h\n")
            for number in range(20):
                editor.protocol.send_request(
                    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams(named(uri)), msg_id=f"c{number}"
                )
                editor.cancel_request(types.CancelParams(f"c{number}"))
            editor.replace(uri, 2, "bars 1\n")
            assert await editor.diagnostics(uri, 2)

    run(work)


SABOTAGE = """
import sys
import rulelang.editor.session as session
analyse = session.analyse
def sabotaged(source, *others):
    if "sabotage" in source.text:
        raise RuntimeError("something of ours")
    return analyse(source, *others)
session.analyse = sabotaged
from rulelang.cli import main
sys.argv = ["rulelang", "lsp"]
main()
"""


def test_the_server_outlives_a_fault_of_its_own() -> None:
    uri = "file:///nowhere/fault.rules"

    async def work() -> None:
        async with editing(sys.executable, "-c", SABOTAGE) as editor:
            assert await editor.open(uri, "bars 1h\n") == []
            editor.replace(uri, 2, "# sabotage\n")
            await editor.until(lambda: any("something of ours" in one.message for one in editor.shown))
            editor.replace(uri, 3, "bars 1\n")
            assert len(await editor.diagnostics(uri, 3)) == 1

    run(work)


def test_garbage_on_the_wire_is_refused_and_does_not_end_the_server() -> None:
    def message(body: bytes) -> bytes:
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)

    def request(number: int, method: str, params: object) -> bytes:
        return message(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())

    sent = [
        message(b"{ no json"),
        message(b"[]"),
        request(1, "initialize", {"capabilities": {}, "processId": None, "rootUri": None}),
        request(2, "textDocument/documentSymbol", {"garbage": True}),
        request(3, "rulelang/nothing", {}),
        request(4, "workspace/executeCommand", {"command": "rulelang.nothing"}),
        request(5, "shutdown", None),
        message(b'{"jsonrpc":"2.0","method":"exit"}'),
    ]
    done = subprocess.run(COMMAND, input=b"".join(sent), capture_output=True, timeout=PATIENCE, check=False)
    answers = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in done.stdout.split(b"Content-Length: ")[1:]]
    by_number = {one["id"]: one for one in answers if "id" in one}
    assert by_number[1]["result"]["capabilities"]["positionEncoding"] == "utf-16"
    assert [by_number[number]["error"]["code"] for number in (2, 3, 4)] == [-32602, -32601, -32602]
    assert by_number[5]["result"] is None and done.returncode == 0


def test_leaving_without_a_word_is_exit_code_1_and_a_closed_pipe_ends_the_server() -> None:
    async def work() -> None:
        editor = await started()
        editor.exit(None)
        assert await editor.ended() == 1

    run(work)
    assert subprocess.run(COMMAND, input=b"", capture_output=True, timeout=PATIENCE, check=False).returncode == 1


def test_without_its_extra_the_command_says_what_to_install() -> None:
    blocked = "import sys; sys.modules['pygls'] = None; sys.argv[1:] = ['lsp']; from rulelang.cli import main; main()"
    command = (sys.executable, "-c", blocked)
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "Error: the language server needs the extra `editor`: pip install 'rulelang[editor]'"
    )
