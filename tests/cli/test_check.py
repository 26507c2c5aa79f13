"""`rulelang check`: exit codes, formats, and what a person reads."""

import json
import subprocess
from pathlib import Path

import pytest

from tests import golden
from tests.cli.running import COMMAND, RULES, called, files, spawned

MISTAKES = """\
assets BTC
bars 1h
param crowded = 0.05% in 0.02% .. 0.15%
when funding_8h > 0.05 for 3 periods then hedge 80%
rule trend_broken
  when clsoe@1d < sma(close, 200)@1d for 2 periods
  then hedge at least 75%
rule spelled when close > 5 then hedge at leest 75%
rule crossed when close crosses below sma(close, 20) then hedge 0.7
when zscore(close, 10) > 3 then hedge 50%
otherwise hedge 60%
"""
CLEAN = "when funding_8h > 0.05% for 3 periods then hedge 70%\n"
WARNED = "bars 1h param unused = 3 " + CLEAN


def test_a_file_with_several_mistakes(folder: Path) -> None:
    files(folder, bad_rules=MISTAKES)
    result = called("check", "bad.rules")
    assert (result.code, result.err) == (1, "")
    golden.check("cli/check-mistakes.txt", result.out)


def test_a_clean_file() -> None:
    result = called("check", "my.rules")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "my.rules: 2 rules · one asset · bars 1h · history 2 periods (0.08333 days) · "
        f"state {result.out.split('state ')[1].split(' ·')[0]} · targets hedge 0% to 100%\n"
    )


def test_warnings_fail_only_where_asked(folder: Path) -> None:
    files(folder, warned_rules=WARNED)
    kind, strict = called("check", "warned.rules"), called("check", "warned.rules", "--strict")
    assert (kind.code, strict.code) == (0, 1)
    assert kind.out == strict.out
    assert "warning[" in kind.out and kind.out.endswith("1 warning\n")


def test_standard_input() -> None:
    assert called("check", "-", stdin="when close > 5% then hedge 70%").out.startswith("error[RL301]")
    assert called("check", "-", stdin=b"\xef\xbb\xbf" + CLEAN.replace("\n", "\r\n").encode()).code == 0
    assert called("check", "-", stdin=b"").code == 0


def test_a_folder_is_searched(folder: Path) -> None:
    (folder / "deep" / "deeper.rules").mkdir(parents=True)
    (folder / "deep" / "b.rules").write_text(CLEAN)
    (folder / "deep" / "notes.txt").write_text("no rules")
    result = called("check", ".")
    assert [line.split(":")[0] for line in result.out.splitlines()] == ["deep/b.rules", "my.rules"]


def test_json_holds_what_the_text_says(folder: Path) -> None:
    files(folder, bad_rules=MISTAKES)
    result = called("check", "bad.rules", "my.rules", "--format", "json")
    found = json.loads(result.out)
    assert result.code == 1
    assert [(d["line"], d["code"]) for d in found["diagnostics"]] == [
        (line, code) for line, code in _shown(called("check", "bad.rules").out)
    ]
    assert [file["file"] for file in found["files"]] == ["bad.rules", "my.rules"]
    assert found["files"][0]["summary"] is None
    assert found["files"][1]["summary"] | {"state_bytes": 0} == {
        "rules": 2,
        "assets": [],
        "bars": 3600,
        "history_periods": 2,
        "history_days": 2 / 24,
        "state_bytes": 0,
        "targets": {"hedge": "0% to 100%"},
    }


def _shown(text: str) -> list[tuple[int, str]]:
    lines = text.splitlines()
    heads = [at for at, line in enumerate(lines) if line.startswith(("error[", "warning["))]
    return [(int(lines[at + 1].split(":")[1]), lines[at].split("[")[1].split("]")[0]) for at in heads]


def test_github_and_sarif_hold_as_many(folder: Path) -> None:
    files(folder, bad_rules=MISTAKES)
    number = len(_shown(called("check", "bad.rules").out))
    assert number > 4
    github = called("check", "bad.rules", "--format", "github")
    assert len([line for line in github.out.splitlines() if line.startswith("::")]) == number
    sarif = called("check", "bad.rules", "--format", "sarif")
    assert len(json.loads(sarif.out)["runs"][0]["results"]) == number
    assert github.code == sarif.code == 1


def test_the_page_of_a_code() -> None:
    result = called("check", "--explain", "rl302")
    assert result.code == 0
    assert result.out.startswith("RL302 (error): a bare number where a percentage belongs\n\n")
    assert "mistake:\n\n    when funding_8h > 0.05 then hedge 70%\n" in result.out
    assert max(map(len, result.out.splitlines())) <= 100


@pytest.mark.parametrize("command", ["", "check", "fmt", "run", "lsp"])
def test_help(command: str) -> None:
    result = called(*command.split(), "--help")
    assert (result.code, result.err) == (0, "")
    assert max(map(len, result.out.splitlines())) <= 100
    golden.check(f"cli/help{command and '-' + command}.txt", result.out)


USAGE = {
    "nothing named": ([], "name a rule file, a folder with rule files, or - for standard input"),
    "no such file": (["nowhere.rules"], "there is no file nowhere.rules"),
    "a folder without rules": (["empty"], "there is no *.rules in the folder empty"),
    "no such code": (["--explain", "RL999"], "there is no diagnostic `RL999`; codes look like RL302"),
    "no such format": (["my.rules", "--format", "xml"], "'xml' is not one of 'text', 'json', 'github', 'sarif'."),
    "no such option": (["my.rules", "--mend"], "No such option"),
    "--diff alone": (["my.rules", "--diff"], "--diff needs --fix: it prints what --fix would change"),
    "--fix for programs": (["my.rules", "--fix", "--format", "json"], "--fix goes with --format text only"),
    "--fix of two kinds": (["-", "my.rules", "--fix"], "- is standard input: it stands alone"),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage(case: str, folder: Path) -> None:
    (folder / "empty").mkdir()
    arguments, message = USAGE[case]
    result = called("check", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.last


def test_bytes_that_are_no_text(folder: Path) -> None:
    files(folder, junk_rules=bytes(range(256)) * 8)
    result = called("check", "junk.rules")
    assert result.code == 1
    assert "error[RL101]" in result.out
    assert all(char.isprintable() or char == "\n" for char in result.out)


LARGE = {
    "ten thousand rules": (
        "".join(f"when close > {i} USD then hedge {i % 100}%\n" for i in range(10_000)),
        0,
        "10000 rules",
    ),
    "one rule too many": ("when close > 1 USD then hedge 1%\n" * 10_001, 1, "error[RL114]"),
    "a mebibyte": (CLEAN + "#" + "x" * ((1 << 20) - len(CLEAN) - 1), 0, "1 rule"),
    "more than a mebibyte": (CLEAN + "#" + "x" * (5 << 20), 1, "error[RL110]"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", LARGE)
def test_limits_are_diagnostics(case: str, folder: Path) -> None:
    text, code, message = LARGE[case]
    files(folder, large_rules=text)
    result = called("check", "large.rules")
    assert result.code == code
    assert message in result.out


def test_a_reader_that_goes_away_changes_no_exit_code(folder: Path) -> None:
    files(folder, bad_rules=MISTAKES * 200)
    check = subprocess.Popen([*COMMAND, "check", "bad.rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert check.stdout is not None and check.stderr is not None
    assert check.stdout.readline().startswith(b"error[")
    check.stdout.close()
    assert (check.wait(60), check.stderr.read()) == (1, b"")
    check.stderr.close()


def test_a_fault_of_ours_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("rulelang.cli.checking.check_files", broken)
    result = called("check", "my.rules")
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith(
        "rulelang: a fault of ours, not of your files: ZeroDivisionError: by zero\nplease report"
    )


def test_as_a_process_of_its_own() -> None:
    result = spawned("check", "-", "--strict", stdin=RULES)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("<stdin>: 2 rules")
    assert spawned().code == 2
