"""`rulelang examples`: the strategies of the library listed, searched, and printed to paste."""

import json
import re
from pathlib import Path

import pytest

import rulelang
from rulelang.cli.library import Strategy, strategies
from rulelang.text import Severity
from tests.cli.running import called

RULES = Path(__file__).parents[2] / "rules"


def test_all_are_listed_with_what_they_do() -> None:
    lines = called("examples").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(path.stem for path in RULES.glob("*.rules"))
    assert all(re.fullmatch(r"[a-z0-9-]+ +\S.{20,}", line) for line in lines)


def heading(line: str) -> bool:
    return re.match(r"# [a-z0-9-]+\.rules, ", line) is not None


@pytest.mark.parametrize(
    "words", [("funding",), ("crosses", "sma"), ("rsi",), ("OPEN_INTEREST",), ("at_trigger",), ("cpi",)]
)
def test_what_is_found_can_be_pasted(words: tuple[str, ...]) -> None:
    result = called("examples", *words)
    assert (result.code, result.err) == (0, "")
    blocks = re.split(r"(?m)^(?=# [a-z0-9-]+\.rules, )", result.out)[1:]
    assert 1 <= len(blocks) <= 3
    for block in blocks:
        bars = re.search(r"bars \w+", block.splitlines()[0])
        found = rulelang.check(f"assets BTC, ETH, SOL\n{bars[0] if bars else ''}\n{block}")
        assert [str(one) for one in found if one.severity is Severity.ERROR and one.code != "RL207"] == []
        assert all(word.lower() in block.lower() for word in words)


@pytest.mark.parametrize("strategy", strategies(), ids=lambda one: one.name)
def test_every_rule_can_be_pasted_with_what_it_stands_on(strategy: Strategy) -> None:
    settings = "\n".join(one.text for one in strategy.statements if one.word in ("assets", "bars"))
    for rule in strategy.rules:
        text = "\n".join([settings, *(one.text for one in strategy.needs([rule]))])
        assert [str(one) for one in rulelang.check(text) if one.severity is Severity.ERROR] == []


def test_a_whole_file_is_printed_as_it_is() -> None:
    text = (RULES / "crowding.rules").read_text("utf-8")
    assert [called("examples", "--file", name).out for name in ("crowding", "crowding.rules")] == [text, text]


def test_json_tells_fields_functions_and_rules() -> None:
    found = json.loads(called("examples", "crowded", "open_interest", "--format", "json").out)
    crowding = next(one for one in found if one["name"] == "crowding")
    assert {"open_interest", "funding_8h"} <= set(crowding["fields"])
    assert {"rank", "sma"} <= set(crowding["functions"])
    assert crowding["about"].startswith("Crowding: ")
    text = (RULES / "crowding.rules").read_text("utf-8").splitlines()
    assert all(text[rule["line"] - 1] == rule["text"].splitlines()[0] for rule in crowding["rules"])
    assert len(json.loads(called("examples", "--format", "json").out)) == len(strategies())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("quux",), 1, "no strategy is about quux; `rulelang examples` lists them"),
        (("funding", "quux"), 1, "no strategy is about funding quux; `rulelang examples` lists them"),
        (("--file", "crwding"), 2, "there is no strategy crwding; did you mean crowding?"),
        (("--file", "../pyproject"), 2, "there is no strategy ../pyproject; `rulelang examples` lists them"),
        (("--file", "crowding", "rsi"), 2, "--file prints a whole file: give it alone"),
    ],
)
def test_what_is_not_there_is_said(arguments: tuple[str, ...], code: int, message: str) -> None:
    result = called("examples", *arguments)
    assert (result.code, result.out, result.last) == (code, "", message)
