"""Completion, asked as shells ask and typed into real ones; and what `--version` says."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import called, files, spawned

RULES = """\
assets BTC, ETH
param crowded = 0.05%
rule trend_broken when close < 100 then hedge 50% because "rule no_rule"  # rule nor_this
"""
PROGRAM = f'#!/bin/sh\nexec "{sys.executable}" -m rulelang "$@"\n'
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a rule file, another one in a folder below, data, and the program in the path."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "rulelang").write_text(PROGRAM)
    (tmp_path / "bin" / "rulelang").chmod(0o755)
    work = tmp_path / "work"
    (work / "rules").mkdir(parents=True)
    files(work, my_rules=RULES, btc_csv="", broken_rules="rule half_written when (\n")
    files(work / "rules", deep_rules="rule deep when close < 1 then hedge 1%\n")
    monkeypatch.chdir(work)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return work


def asked(*words: str) -> list[str]:
    """Return what bash would be told, by the protocol of the script; the last word is the one to complete."""
    told = {"_RULELANG_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(["rulelang"], env={**os.environ, **told}, capture_output=True, text=True, check=True)
    return sorted(line.partition(",")[2] for line in done.stdout.splitlines() if line.startswith("plain,"))


def test_what_is_offered(folder: Path) -> None:
    assert {"check", "completion"} <= set(asked("rulelang", "c"))
    assert asked("rulelang", "check", "m") == ["my.rules"]
    assert asked("rulelang", "check", "rules/") == ["rules/deep.rules"]
    assert asked("rulelang", "check", "--fo") == ["--format"]
    assert asked("rulelang", "check", "--format", "s") == ["sarif"]
    assert asked("rulelang", "check", "--explain", "RL302") == ["RL302"]
    assert asked("rulelang", "why-not", "") == ["half_written", "trend_broken"]
    assert asked("rulelang", "table", "my.rules", "") == ["trend_broken"]
    assert asked("rulelang", "table", "my.rules", "--asset", "") == ["BTC", "ETH"]
    assert asked("rulelang", "run", "my.rules", "--set", "") == ["crowded="]
    assert asked("rulelang", "functions", "value_area") == ["value_area_high", "value_area_low"]
    assert asked("rulelang", "fields", "fund") == ["funding_8h"]
    assert asked("rulelang", "completion", "") == ["bash", "fish", "zsh"]
    assert asked("rulelang", "check", "nowhere/") == []


BASH = """
compopt() { :; }
source <(rulelang completion bash)
COMP_WORDS=(rulelang %s) COMP_CWORD=%d
_rulelang_completion rulelang
printf '%%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.slow
@pytest.mark.parametrize(("words", "wanted"), [("check m", "my.rules"), ("why-not tr", "trend_broken")])
def test_bash(words: str, wanted: str, folder: Path) -> None:
    script = BASH % (words, len(words.split()))
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == ([wanted], "")


def typed(shell: list[str], keys: str) -> str:
    """Return what a shell on a terminal shows after keys were typed, and where it waits for the next prompt."""
    child, terminal = pty.fork()
    if not child:
        os.execvp(shell[0], shell)
    os.write(terminal, keys.encode())
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:
        pass
    os.waitpid(child, 0)
    return shown.decode()


@pytest.mark.slow
def test_bash_as_it_is_typed(folder: Path) -> None:
    """A tab completes a rule's name and ends it, a folder without ending it, a file with a blank in its name."""
    (folder / "one two.rules").write_text("")
    keys = 'source <(rulelang completion bash)\nrulelang() { printf "<%s>" "$@"; echo; }\n'
    keys += "rulelang why-not tr\tmy\t\nrulelang check ru\tde\t\nrulelang check on\t\nexit\n"
    shown = typed(["bash", "--norc", "--noprofile", "-i"], keys)
    assert "<why-not><trend_broken><my.rules>" in shown
    assert "<check><rules/deep.rules>" in shown
    assert "<check><one two.rules>" in shown


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish(folder: Path) -> None:
    script = "rulelang completion fish | source; complete -C 'rulelang why-not '; complete -C 'rulelang check '"
    done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, check=False)
    assert {"trend_broken", "my.rules", "rules/"} <= set(done.stdout.split())
    assert "btc.csv" not in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh(folder: Path) -> None:
    keys = "autoload -U compinit; compinit -u -D; source <(rulelang completion zsh)\n"
    keys += 'rulelang() { print "<${(j:,:)@}>"; }\nrulelang why-not tr\tmy\t\nexit\n'
    assert "<why-not,trend_broken,my.rules>" in typed(["zsh", "-f", "-i"], keys)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(shell: str) -> None:
    result = called("completion", shell)
    assert (result.code, result.err) == (0, "")
    assert "_RULELANG_COMPLETE" in result.out and f"{shell}_complete" in result.out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=result.out, text=True, check=False).returncode == 0


def test_a_shell_that_is_not_known() -> None:
    assert called("completion", "tcsh").code == 2


def test_the_version_says_which_engine_is_in_use() -> None:
    from rulelang.engine.machine import BUILD

    words = {"avx2": "(native engine, AVX2)", "plain": "(native engine)", "uncompiled": "(engine uncompiled: slow)"}
    result = spawned("--version")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("rulelang 0.") and result.out.endswith(f" {words[BUILD]}\n")
