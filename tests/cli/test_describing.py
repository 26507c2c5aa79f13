"""`rulelang describe`, `functions`, `fields`: what a person reads, in a pipe and on terminals of two sizes."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from rulelang.cli.describing import shown
from rulelang.fields import CATALOGUE
from rulelang.functions import FUNCTIONS
from tests import golden
from tests.cli.running import COMMAND, RULES, called, files

EDGES = """\
assets BTC
bars 1h
let calm = iv < 50% and volume > 1
rule far
  when (funding_8h > 0.05% for 3 periods and close@1d < sma(close, 200)@1d) or (not calm and close crosses below 5 USD)
  then hedge at least 75% for 3d
  because "the settled rate is {funding_8h}, and the close has gone under its average of two hundred days"
"""


def test_a_file_in_a_pipe_has_a_sentence_a_line(folder: Path) -> None:
    files(folder, edges_rules=EDGES)
    result = called("describe", "edges.rules")
    assert (result.code, result.err) == (0, "")
    golden.check("cli/describe.txt", result.out)
    assert called("describe", "-", stdin=EDGES).out == result.out


def test_markdown(folder: Path) -> None:
    files(folder, edges_rules=EDGES)
    result = called("describe", "edges.rules", "--format", "markdown")
    assert result.code == 0
    golden.check("cli/describe.md", result.out)


def test_errors_are_shown_in_place_of_words(folder: Path) -> None:
    files(folder, bad_rules="when close > 5% then hedge 70%")
    result = called("describe", "bad.rules")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[RL301]") and result.last == "bad.rules has errors: mend them first"


def test_used_files_are_described_in_their_place(folder: Path) -> None:
    files(folder, main_rules='use "base.rules"\nrule mine when fast then hedge 50%\n', base_rules="let fast = iv > 80%")
    assert "  `fast` holds while implied volatility is above 80%.\n" in called("describe", "main.rules").out


def test_the_tables_of_functions_and_fields() -> None:
    for command, known in (("functions", FUNCTIONS), ("fields", CATALOGUE)):
        result = called(command)
        assert (result.code, result.err) == (0, "")
        assert all(f"  {name}" in result.out for name in known)
        golden.check(f"cli/{command}.txt", result.out)


@pytest.mark.parametrize(
    ("command", "name"), [("functions", "percentile"), ("functions", "annualised"), ("fields", "funding_8h")]
)
def test_one_of_them(command: str, name: str) -> None:
    result = called(command, name)
    assert (result.code, result.err) == (0, "")
    golden.check(f"cli/{command}-{name}.txt", result.out)


def test_json_for_editors() -> None:
    functions = json.loads(called("functions", "--format", "json").out)
    assert [one["name"] for one in functions] == list(FUNCTIONS)
    found = json.loads(called("functions", "percentile", "--format", "json").out)
    assert found in functions
    assert (found["written"], found["family"]) == ("percentile(x, p, n)", "order")
    assert [one["name"] for one in found["parameters"]] == ["x", "p", "n"]
    field = json.loads(called("fields", "iv", "--format", "json").out)
    assert field | {"help": ""} == {
        "name": "iv",
        "written": "iv",
        "help": "",
        "kind": "ratio",
        "unit": "a plain ratio: 80% is 0.8",
        "values_come": "with every bar",
        "bounds": "0% or more",
        "plausible": "10% to 300%",
        "a_longer_bar_has": "the last known",
        "example": "when iv > 80% then hedge 50%\n",
    }


USAGE = {
    "a slip of the pen": (["functions", "smaa"], "there is no function `smaa`; did you mean `sma`?"),
    "nothing near": (["functions", "qqqq"], "there is no function `qqqq`; `rulelang functions` lists them"),
    "a field": (["fields", "funding"], "there is no field `funding`; did you mean `funding_8h`?"),
    "a field of others": (["fields", "oi"], "there is no field `oi`; `oi` is written `open_interest` here"),
    "no file": (["describe", "nowhere.rules"], "there is no file nowhere.rules"),
    "a folder": (["describe", "."], ". is a folder; name one rule file in it"),
    "nothing named": (["describe"], "Missing argument 'FILE'."),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage(case: str) -> None:
    arguments, message = USAGE[case]
    result = called(*arguments)
    assert (result.code, result.out, result.last) == (2, "", message)


@pytest.mark.parametrize("command", ["describe", "functions", "fields"])
def test_help(command: str) -> None:
    golden.check(f"cli/help-{command}.txt", called(command, "--help").out)


# Terminals ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("columns", [80, 140])
def test_lines_are_broken_to_the_width(columns: int, folder: Path) -> None:
    files(folder, edges_rules=EDGES)
    texts = [called("describe", "edges.rules"), called("functions"), called("functions", "rsi"), called("fields")]
    for text in texts:
        lines = list(shown(text.out.splitlines(), columns))
        assert max(map(len, lines)) <= columns
        assert " ".join(" ".join(lines).split()) == " ".join(text.out.split())
    golden.check(f"cli/describe-{columns}.txt", "\n".join(shown(texts[0].out.splitlines(), columns)) + "\n")


def on_terminal(*arguments: str, **environment: str) -> str:
    """Return what a command prints on a terminal."""
    pty = pytest.importorskip("pty", reason="there are pseudo-terminals on Unix only")
    reader, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", **environment}
    done = subprocess.Popen([*COMMAND, *arguments], stdout=terminal, stderr=subprocess.PIPE, env=environment)
    os.close(terminal)
    printed = b""
    try:
        while part := os.read(reader, 65_536):
            printed += part
    except OSError:  # the end, as Linux says it
        pass
    os.close(reader)
    assert done.wait(60) == 0
    if done.stderr is not None:
        assert done.stderr.read() == b""
        done.stderr.close()
    return printed.decode().replace("\r\n", "\n")


def test_on_a_terminal(folder: Path) -> None:
    files(folder, edges_rules=EDGES, my_rules=RULES)
    plain = on_terminal("describe", "edges.rules", NO_COLOR="1")
    golden.check("cli/describe-80.txt", plain)
    coloured = on_terminal("describe", "edges.rules", NO_COLOR="")
    assert coloured.startswith("\x1b[1mWhat the rules run for\x1b[0m\n")
    assert coloured.replace("\x1b[1m", "").replace("\x1b[0m", "") == plain
