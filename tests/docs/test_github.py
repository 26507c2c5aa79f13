"""The action and the hooks for users' repositories, run in a copy of the example: right passes, wrong fails."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example-repo"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
WORKFLOW = yaml.safe_load((EXAMPLE / ".github/workflows/rules.yml").read_text("utf-8"))
PRE_COMMIT = yaml.safe_load((EXAMPLE / ".pre-commit-config.yaml").read_text("utf-8"))
MISTAKE = "\nrule wrong when funding_8h > 0.05 then hedge 70%\n"
WARNING = "\nlet unused = sma(close, 20)\n"

pytestmark = pytest.mark.slow


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A copy of the example, beside a folder with the program."""
    program = tmp_path / "bin" / "rulelang"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rulelang "$@"\n')
    program.chmod(0o755)
    return Path(shutil.copytree(EXAMPLE, tmp_path / "repo"))


def ran(command: list[str], repo: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{repo.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    given = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=repo, env=given, capture_output=True, text=True, check=False)


# The action ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def given(**inputs: str) -> dict[str, str]:
    """Return all inputs of the action: some as given, the others with their defaults."""
    assert inputs.keys() <= ACTION["inputs"].keys()
    return {name: inputs.get(name, one["default"]) for name, one in ACTION["inputs"].items()}


def step(name: str, repo: Path, inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as GitHub does: its variables filled in, by bash that stops at the first failure."""
    (one,) = (one for one in ACTION["runs"]["steps"] if one.get("name") == name)
    assert one["shell"] == "bash" and "${{" not in one["run"]
    variables = {key: filled(text, inputs) for key, text in one["env"].items()}
    script = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", one["run"]]
    return ran(script, repo, GITHUB_ACTION_PATH=str(ROOT), **variables)


def filled(text: str, inputs: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)


def example_inputs() -> dict[str, str]:
    """Return the inputs that the example's workflow gives, as the action gets them: texts."""
    (use,) = (one for one in WORKFLOW["jobs"]["rules"]["steps"] if "rulelang" in one.get("uses", ""))
    return given(**{name: str(value).lower() for name, value in use["with"].items()})


def test_the_example_passes(repo: Path) -> None:
    inputs = example_inputs()
    assert inputs["strict"] == "true" and inputs["cover-at-least"] == "90"
    for name in ("Check", "Layout", "Test"):
        found = step(name, repo, inputs)
        assert found.returncode == 0, found.stdout + found.stderr
    assert json.loads((repo / "rulelang.sarif").read_text())["runs"][0]["results"] == []
    suites = ElementTree.parse(repo / "rulelang-junit.xml").getroot()
    (suite,) = suites
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("rules/btc.rules", "2", "0")


def test_a_mistake_is_shown_at_its_line(repo: Path) -> None:
    rules = repo / "rules" / "btc.rules"
    rules.write_text(rules.read_text() + MISTAKE)
    line = rules.read_text().splitlines().index(MISTAKE.strip()) + 1
    found = step("Check", repo, example_inputs())
    assert found.returncode == 1
    assert found.stdout.startswith(f"::error file=rules/btc.rules,line={line},col=30,")
    (result,) = json.loads((repo / "rulelang.sarif").read_text())["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("rules/btc.rules", line)
    assert step("Test", repo, example_inputs()).returncode == 1


def test_warnings_fail_where_it_is_strict(repo: Path) -> None:
    rules = repo / "rules" / "btc.rules"
    rules.write_text(rules.read_text() + WARNING)
    assert step("Check", repo, given(paths="rules")).returncode == 0
    assert step("Check", repo, given(paths="rules", strict="true")).returncode == 1


def test_a_layout_that_would_change(repo: Path) -> None:
    rules = repo / "rules" / "btc.rules"
    rules.write_text(rules.read_text().replace("then hedge 60%", "then   hedge 60%"))
    found = step("Layout", repo, example_inputs())
    assert found.returncode == 1
    assert "-  then   hedge 60%\n+  then hedge 60%\n" in found.stdout


def test_a_test_that_fails_and_one_that_covers_little(repo: Path) -> None:
    rules = repo / "rules" / "btc.rules"
    text = rules.read_text()
    rules.write_text(text.replace("40% x 12", "40% x 11"))
    found = step("Test", repo, example_inputs())
    assert found.returncode == 1 and "three_hot_settlements_raise_the_hedge" in found.stdout
    suites = ElementTree.parse(repo / "rulelang-junit.xml").getroot()
    assert [one.get("failures") for one in suites] == ["1"]
    rules.write_text(text.partition("test a_downtrend")[0])
    assert step("Test", repo, given(paths="rules")).returncode == 0
    assert step("Test", repo, example_inputs()).returncode == 1


def test_wrong_usage_fails_and_so_do_odd_paths(repo: Path) -> None:
    for paths in ("no-such-folder", "$(touch pwned) ; touch pwned", "--strict"):
        found = step("Check", repo, given(paths=paths))
        assert found.returncode != 0 and "there is no file" in found.stderr
    assert not (repo / "pwned").exists()
    assert step("Layout", repo, given(paths="rules\nrules/btc.rules")).returncode == 0


def test_every_input_is_used_and_every_condition_names_one() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == set(ACTION["inputs"])
    assert ACTION["runs"]["using"] == "composite"
    assert all("shell" in one for one in ACTION["runs"]["steps"] if "run" in one)


# SARIF, as code scanning demands it ───────────────────────────────────────────────────────────────────────────────────


def test_what_code_scanning_demands(repo: Path) -> None:
    """The keys that GitHub's documentation marks as required, and paths from the top of the repository."""
    rules = repo / "rules" / "btc.rules"
    rules.write_text(rules.read_text() + MISTAKE + WARNING)
    step("Check", repo, given())
    log = json.loads((repo / "rulelang.sarif").read_text())
    assert log["$schema"].endswith(".json") and log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "rulelang"
    assert all(rule["id"] and rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning") and result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "rules/btc.rules"
        region = place["region"]
        start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
        assert (1, 1) <= start < end


# The hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def hooked(name: str, repo: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a hook as pre-commit does: its entry, arguments, and the files that its pattern finds."""
    hook: dict[str, Any] = HOOKS[name]
    assert hook["language"] == "python"
    names = sorted(path.relative_to(repo).as_posix() for path in repo.rglob("*") if path.is_file())
    files = [each for each in names if re.search(hook["files"], each)] if hook.get("pass_filenames", True) else []
    return ran([*shlex.split(hook["entry"]), *(arguments or hook.get("args", [])), *files], repo)


def test_the_hooks_of_the_example(repo: Path) -> None:
    (source,) = PRE_COMMIT["repos"]
    assert {hook["id"] for hook in source["hooks"]} == set(HOOKS)
    before = (repo / "rules" / "btc.rules").read_text()
    for hook in source["hooks"]:
        found = hooked(hook["id"], repo, *hook.get("args", []))
        assert found.returncode == 0, found.stdout + found.stderr
    assert (repo / "rules" / "btc.rules").read_text() == before


def test_hooks_that_fail(repo: Path) -> None:
    rules = repo / "rules" / "btc.rules"
    text = rules.read_text()
    rules.write_text(text.replace("then hedge 60%", "then   hedge 60%"))
    assert hooked("rulelang-fmt", repo).returncode == 0
    assert rules.read_text() == text, "pre-commit fails where a hook changes a file"
    rules.write_text(text.replace("40% x 12", "40% x 11"))
    assert hooked("rulelang-check", repo).returncode == 0
    assert hooked("rulelang-test", repo).returncode == 1
    rules.write_text(text + MISTAKE)
    assert hooked("rulelang-check", repo).returncode == 1


# The page, and what the example says ──────────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_the_example_and_the_inputs() -> None:
    page = (ROOT / "docs" / "github.md").read_text("utf-8")
    for name in (".pre-commit-config.yaml", ".github/workflows/rules.yml"):
        assert f"```yaml\n{(EXAMPLE / name).read_text('utf-8')}```\n" in page
    for name, one in ACTION["inputs"].items():
        default = f"`{one['default']}`" if one["default"] else ""
        assert f"| `{name}` | {default} | {one['description']} |\n" in page
    tree = re.search(r"```text\n(.*?)```", page, re.DOTALL)
    assert tree is not None
    named = {line.split()[0] for line in tree[1].splitlines()} - {"data/", "rules/"}
    files = {path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*") if path.is_file()}
    assert {name.removeprefix("rules/") for name in files} == named


def test_the_examples_portfolio_can_be_planned(repo: Path) -> None:
    sample = ROOT / "rulelang" / "data" / "sample"
    data = [f"--data={sample / name}" for name in ("synthetic-bars-1h.parquet", "synthetic-funding-8h.parquet")]
    books = ["--portfolio", "portfolio.toml", "--instruments", "instruments.toml"]
    found = ran(["rulelang", "plan", "rules/btc.rules", *books, *data], repo)
    assert found.returncode == 0, found.stderr
    assert "hedge BTC" in found.stdout


def test_the_versions_that_are_named_are_this_one() -> None:
    import rulelang

    texts = [path.read_text("utf-8") for path in EXAMPLE.rglob("*.y*ml")] + [(ROOT / "action.yml").read_text("utf-8")]
    assert set(re.findall(r"rulelang@v([\d.]+)|rev: v([\d.]+)|rulelang==([\d.]+)", "\n".join(texts))) == {
        (rulelang.__version__, "", ""), ("", rulelang.__version__, ""), ("", "", rulelang.__version__)
    }  # fmt: skip
