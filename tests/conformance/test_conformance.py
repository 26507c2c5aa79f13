"""The conformance kit: it is what the reference decides, both engines pass it, and a program that is wrong doesn't."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import rulelang
from rulelang.conformance import Case, differences, kit, read
from rulelang.functions import FUNCTIONS
from rulelang.text.pages import PAGES
from tests.cli.running import called
from tests.conformance.make import FILE, ROOT, expected
from tests.conformance.probes import PROBES

DOCS = ROOT / "docs"
ADAPTER = DOCS / "conformance" / "adapter.py"
PYTHON = sys.executable


def test_what_is_in_the_kit() -> None:
    cases = kit().cases
    assert kit().language == rulelang.__version__.rpartition(".")[0]
    assert len({case.name for case in cases}) == len(cases) > 500
    assert {name for name in FUNCTIONS if not any(f"{name}(" in one for one in PROBES)} == set()
    codes = {error["code"] for case in cases if case.is_refusal for error in case.expected["errors"]}
    pages = {page.code for page in PAGES if page.severity.value == "error" and page.mistake}
    assert pages <= codes
    assert sum(case.origin == "drawn at random" for case in cases) == 120
    assert any("files" in case.asked for case in cases) and any("events" in case.asked for case in cases)
    assert any(None in case.expected.get("steps", ()) for case in cases)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["reference", "native"])
def test_rulelang_conforms(engine: str) -> None:
    for case in kit().cases:
        assert list(differences(case, expected(dict(case.asked), engine))) == [], case.name


@pytest.mark.slow
def test_the_cases_are_those_of_the_examples(tmp_path: Path) -> None:
    made = tmp_path / "cases.json"
    command = [PYTHON, "-m", "tests.conformance.make", str(made)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert made.read_text("utf-8") == FILE.read_text("utf-8"), "run `make conformance`, and read what changed"


def test_cases_of_another_form_are_refused() -> None:
    with pytest.raises(ValueError, match="format 2; this runner reads format 1"):
        read('{"format": 2, "language": "9", "cases": []}')


# The command ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_the_adapter_of_the_page_conforms(engine: str) -> None:
    result = called("conform", PYTHON, ADAPTER, engine)
    assert (result.code, result.out) == (0, f"all {len(kit().cases)} cases conform (language 0.1, format 1)\n")


def test_the_page_shows_the_adapter_whole() -> None:
    assert f"```python\n{ADAPTER.read_text('utf-8')}```\n" in (DOCS / "conformance.md").read_text("utf-8")


WRONG = {
    "a hedge is off by a millionth": ("getattr(target, name) for", "nudged(getattr(target, name)) for"),
    "brakes are forgotten": ('"desired", "last_word", "held"', '"desired", "last_word"'),
    "missing means false": ("run.step(time, values)", "run.step(time, {k: v or 0 for k, v in values.items()})"),
    "time goes backwards": ("return None", "return {}"),
    "another place": ('"from": found.position', '"from": (1, 1)'),
    "one rule is forgotten": ("if active]", "if active][1:]"),
    "everything is accepted": ('return {"errors"', 'return {"steps": []} if 1 else {"errors"'),
}
NUDGED = "def nudged(value):\n    return value * 1.000001 if isinstance(value, float) else value\n\n\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_program_is_found(name: str, tmp_path: Path) -> None:
    right, wrong = WRONG[name]
    text = ADAPTER.read_text("utf-8")
    assert text.count(right) == 1
    program = tmp_path / "wrong.py"
    program.write_text(text.replace("def answer", NUDGED + "def answer").replace(right, wrong))
    result = called("conform", "-k", "tests/examples", "-k", "rules/funding", PYTHON, program, "native")
    assert result.code == 1
    assert " cases fail (language 0.1, format 1)\n" in result.out


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit(3)", "has ended with exit code 3: the program is asked no more"),
        ("print(input() and '[]', flush=True)", "has ended with exit code 0"),
        ("input(); import time; time.sleep(60)", "no answer within 0.5 s"),
        ("import os, sys; os.write(1, b'\\xff\\n')", "has ended"),
    ],
)
def test_a_program_that_gives_up(program: str, said: str) -> None:
    result = called("conform", "--patience", "0.5", "--", PYTHON, "-c", program)
    assert result.code == 1
    assert said in result.last


@pytest.mark.parametrize("answer", ["'[' * 200_000", "'{\"a\":' * 200_000", "'nonsense'"])
def test_an_answer_that_is_no_json_fails_its_case(answer: str) -> None:
    program = f"import sys\nfor line in sys.stdin: print({answer}, flush=True)"
    result = called("conform", "-k", "RL101", "--", PYTHON, "-c", program)
    assert result.code == 1
    assert "the answer is no JSON: " in result.out and "fault" not in result.err


def test_a_program_that_never_stops_printing_is_not_read_ahead() -> None:
    program = "import sys\nwhile True: print('x' * 1_000_000)"
    assert "the answer is no JSON" in called("conform", "-k", "RL101", "--", PYTHON, "-c", program).out


def test_what_no_case_is_put_to() -> None:
    assert "can't be started: No such file" in called("conform", "./no-such-program").last
    assert called("conform", "-k", "no such case", "x").code == 2
    assert called("conform", "--patience", "0", "x").code == 2


@pytest.mark.slow
def test_a_report_for_machines() -> None:
    result = called("conform", "-k", "RL30", "--format", "json", PYTHON, "-c", "while input(): print('{}', flush=True)")
    report = json.loads(result.out)
    assert (result.code, report["format"], report["language"]) == (1, 1, "0.1")
    assert {"case": "RL302 repair", "from": "docs/diagnostics.md", "differences": []} not in report["failed"]
    assert "the rules are accepted, but have to be refused (RL302)" in report["failed"][1]["differences"]


def test_cases_are_listed() -> None:
    result = called("conform", "--only", "refusals", "-k", "RL302")
    assert result.code == 0 and "docs/diagnostics.md::RL302 mistake" in result.out.splitlines()
    first = json.loads(called("conform", "-k", "RL302 mistake", "--format", "json").out.splitlines()[0])
    assert first["expect"]["errors"][0]["code"] == "RL302"


# Comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def case(**expect: object) -> Case:
    steps = [{"time": 3600, "values": {}}] * len(expect.get("steps", ()))  # type: ignore[arg-type]
    return Case("case", "here", {"name": "case", "rules": "", "steps": steps}, expect)


HEDGE = {"": {"targets": {"hedge": {"after": 0.5, "last_word": "a"}}, "active": ["a"]}}
ERROR = {"code": "RL302", "from": [1, 2], "to": [1, 5]}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"steps": [HEDGE]}, None),
        ({"steps": [{"": {**HEDGE[""], "targets": {"hedge": {"after": 0.5 + 4e-10, "last_word": "a"}}}}]}, None),
        ({"steps": [{"": {**HEDGE[""], "ended": [], "alerts": None}}], "more": 1}, None),
        (None, "the answer is no JSON object but null"),
        ([1], "the answer is no JSON object but [1]"),
        ({}, "`steps` is no list but null"),
        ({"errors": [ERROR]}, "the rules are refused (RL302), but they are right"),
        ({"errors": "no"}, "the rules are refused (no), but they are right"),
        ({"steps": []}, "there are 0 answers to 1 steps"),
        ({"steps": [None]}, "step 1 (1970-01-01T01:00Z): is refused, but has to be taken"),
        ({"steps": [5]}, "step 1 (1970-01-01T01:00Z): is no object of objects but 5"),
        ({"steps": [{"BTC": HEDGE[""]}]}, "step 1 (1970-01-01T01:00Z): no asset ``"),
        ({"steps": [{"": {"active": ["a"]}}]}, "step 1 (1970-01-01T01:00Z): no target `hedge`"),
        ({"steps": [{"": {**HEDGE[""], "targets": 7}}]}, "step 1 (1970-01-01T01:00Z): `targets` is no object but 7"),
        ({"steps": [{"": {**HEDGE[""], "targets": {"hedge": 0.5}}}]}, "hedge: is no object but 0.5"),
        ({"steps": [{"": {**HEDGE[""], "targets": {"hedge": {"last_word": "a"}}}}]}, "hedge: `after` is null, not 0.5"),
        ({"steps": [{"": {**HEDGE[""], "targets": {"hedge": {"after": True}}}}]}, "hedge: `after` is true, not 0.5"),
        ({"steps": [{"": {**HEDGE[""], "active": []}}]}, '`active` is [], not ["a"]'),
    ],
)
def test_an_answer_to_steps(answer: object, said: str | None) -> None:
    found = list(differences(case(steps=[HEDGE]), answer))
    assert found == [] if said is None else any(said in one for one in found), found


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"errors": [ERROR]}, []),
        ({"errors": [{**ERROR, "message": "found a bare number"}]}, []),
        ({"steps": []}, ["the rules are accepted, but have to be refused (RL302)"]),
        ({"errors": 1}, ["`errors` is no list of objects but 1"]),
        (
            {"errors": [{**ERROR, "to": [1, 6]}]},
            ["no error RL302 from [1, 2] to [1, 5]", "an error too many: RL302 from [1, 2] to [1, 6]"],
        ),
    ],
)
def test_an_answer_to_what_is_refused(answer: object, said: list[str]) -> None:
    assert list(differences(case(errors=[ERROR]), answer)) == said
