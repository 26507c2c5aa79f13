"""`rulelang why` and `why-not`: screens as people see them, answers from data and records, questions gone wrong."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests import golden
from tests.cli.asking import BRAKES, LEAVES, brakes_market, leaves_market
from tests.cli.running import Result, called, files
from tests.cli.test_live import on_terminal
from tests.patience import within

LEAVES_ASKED = ("leaves.rules", "--data", "leaves.csv")
BRAKES_ASKED = ("brakes.rules", "--data", "brakes.csv")


@pytest.fixture(autouse=True)
def asked_about(folder: Path) -> None:
    """Put the rule files and their markets in the folder."""
    files(folder, leaves_rules=LEAVES, leaves_csv=leaves_market(), brakes_rules=BRAKES, brakes_csv=brakes_market())


def recorded(*asked: str) -> str:
    """Write the records of a run, and return the name of their file."""
    assert called("run", *asked, "-o", "decisions.ndjson").code == 0
    return "decisions.ndjson"


def at(hour: int, day: int = 1) -> str:
    return f"2024-01-{day:02}T{hour:02}:00Z"


# --- screens


@pytest.mark.parametrize("columns", [80, 140])
@pytest.mark.parametrize(("name", "time"), [("calm", at(10, 3)), ("stormy", at(2, 3)), ("late", at(18, 3))])
def test_every_form_of_condition_on_a_terminal(name: str, time: str, columns: int) -> None:
    shown = on_terminal("why", *LEAVES_ASKED, "--at", time, columns=columns, NO_COLOR="1").replace("\r", "")
    assert max(map(len, shown.splitlines())) <= columns
    golden.check(f"cli/why-{name}-{columns}.txt", shown)


def test_colour_is_for_terminals_and_says_no_more() -> None:
    coloured = on_terminal("why", *LEAVES_ASKED, "--at", at(2, 3), columns=80, NO_COLOR="").replace("\r", "")
    plain = re.sub(r"\x1b\[\d*m", "", coloured)
    assert plain == on_terminal("why", *LEAVES_ASKED, "--at", at(2, 3), columns=80, NO_COLOR="1").replace("\r", "")
    assert "\x1b[1mBTC at 2024-01-03T02:00Z" in coloured
    assert all(f"\x1b[{sign}\x1b[0m" in coloured for sign in ("32m✓ ", "31m✗ ", "33m? "))
    assert "\x1b" not in called("why", *LEAVES_ASKED, "--at", at(2, 3)).out


def test_brakes_limits_freezes_and_missing_values() -> None:
    name = recorded(*BRAKES_ASKED)
    times = [*map(at, (0, 1, 2, 6, 7, 10, 11, 14, 15, 17, 20, 22, 23)), at(0, 2), at(1, 2)]
    golden.check("cli/why-brakes.txt", "\n".join(called("why", name, "--at", time).out for time in times))


def test_why_not() -> None:
    questions = [
        ("ceiling", BRAKES_ASKED, at(16)),
        ("guard", BRAKES_ASKED, at(11)),
        ("low", BRAKES_ASKED, at(2)),
        ("low", BRAKES_ASKED, at(11)),
        ("after_hold", BRAKES_ASKED, at(20)),
        ("broken", BRAKES_ASKED, at(13)),
        ("nudge", BRAKES_ASKED, at(20)),
        ("leaning", LEAVES_ASKED, at(10, 3)),
        ("broken", LEAVES_ASKED, at(8, 3)),
        ("daily", LEAVES_ASKED, at(10, 4)),
    ]
    answers = [asked("why-not", rule, *of, "--at", time) for rule, of, time in questions]
    golden.check("cli/why-not.txt", "\n".join(answers))


def asked(*arguments: str) -> str:
    result = called(*arguments)
    assert (result.code, result.err) == (0, "")
    return f"$ rulelang {' '.join(arguments)}\n{result.out}"


# --- data and records, JSON


def test_records_alone_answer_as_data_do() -> None:
    name = recorded(*LEAVES_ASKED)
    for hour in range(1, 24, 5):
        for form in ("text", "json"):
            question = ("--at", at(hour, 3), "--format", form)
            from_data = called("why", *LEAVES_ASKED, *question)
            assert from_data == called("why", name, *question) == called("why", name, "--asset", "BTC", *question)
            assert called("why-not", "spread", *LEAVES_ASKED, *question) == called("why-not", "spread", name, *question)


def test_json_holds_the_answer_and_the_record() -> None:
    found = json.loads(called("why-not", "low", *BRAKES_ASKED, "--at", at(2), "--format", "json").out)
    (comparison, way) = found["answer"]["below"]
    assert found["answer"]["holds"] is True
    assert comparison == {"text": "close < 100: close is 99, 1 to spare", "holds": True}
    assert way["below"] == [{"text": "60% is desired, held back by `cooldown 3h` until 2024-01-01T03:00Z"}]
    lines = Path(recorded(*BRAKES_ASKED)).read_text().splitlines()
    assert found["record"] in [json.loads(line) for line in lines]


def test_the_newest_bar_before_a_time_answers_and_says_so() -> None:
    result = called("why", *BRAKES_ASKED, "--at", "2024-01-01T02:30Z")
    assert result.err == "no bar closes at 2024-01-01T02:30Z; this is the newest before it\n"
    assert result.out == called("why", *BRAKES_ASKED, "--at", at(2)).out
    name = recorded(*BRAKES_ASKED)
    assert called("why", name, "--at", "2024-01-01T03:30+01:00") == result


def test_one_record_needs_no_time(folder: Path) -> None:
    lines = Path(recorded(*BRAKES_ASKED)).read_text().splitlines(keepends=True)
    files(folder, one_ndjson=lines[2])
    assert called("why", "one.ndjson") == called("why", *BRAKES_ASKED, "--at", at(2))


def test_params_from_outside_count() -> None:
    question = ("why-not", "crowded_longs", *LEAVES_ASKED, "--at", at(10, 3))
    assert "crowded is 0.03%, 0.03% per 8h to spare" in called(*question).out
    assert "crowded is 0.09%, short by 0.03% per 8h" in called(*question, "--set", "crowded=0.09%").out


def test_a_rule_that_an_asset_does_not_have(folder: Path) -> None:
    files(
        folder,
        two_rules="assets BTC, ETH\nbars 1h\nrule only on ETH when close < 100 then hedge 50%\n",
        two_csv="close_time,asset,close\n2024-01-01T01:00Z,BTC,99\n2024-01-01T01:00Z,ETH,99\n",
    )
    of = ("two.rules", "--data", "two.csv", "--at", at(1))
    assert called("why-not", "only", *of, "--asset", "ETH").code == 0
    result = called("why-not", "only", *of, "--asset", "BTC")
    assert (result.code, result.last) == (2, "there is no rule `only`; the rules are none")


# --- questions gone wrong


def refused(result: Result, code: int = 2) -> str:
    """Return the message of a question that is refused in one line, with nothing on standard output."""
    assert (result.code, result.out) == (code, "")
    assert "Traceback" not in result.err
    return result.last


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*BRAKES_ASKED, "--at", "2023-01-01"), "2023-01-01T00:00Z is before the first bar, which closes at " + at(0)),
        (BRAKES_ASKED, "say of which bar: --at TIME"),
        (("brakes.rules", "--at", at(2)), "give market data, --data FILE, or name a file of decision records"),
        ((*BRAKES_ASKED, "--at", "noon"), "--at noon is no time; write 2024-01-01 or 2024-01-01T08:00Z"),
        ((*BRAKES_ASKED, "--at", "2024-01-01T02"), "--at 2024-01-01T02 has no zone; write 2024-01-01T02Z for UTC"),
        ((*LEAVES_ASKED, "--at", at(2), "--asset", "ETH"), "the rules don't run for ETH; they run for BTC"),
        (
            (*BRAKES_ASKED, "--at", at(2), "--asset", "ETH"),
            "the rules don't run for ETH; they run for one without a name",
        ),
    ],
)
def test_a_question_that_can_not_be_answered(arguments: tuple[str, ...], message: str) -> None:
    assert refused(called("why", *arguments)) == message


def test_a_rule_that_is_not_there() -> None:
    name = recorded(*BRAKES_ASKED)
    for of in (BRAKES_ASKED, (name,)):
        said = refused(called("why-not", "gaurd", *of, "--at", at(2)))
        assert said == "there is no rule `gaurd`; did you mean `guard`?"
        said = refused(called("why-not", "zz", *of, "--at", at(2)))
        assert said.startswith("there is no rule `zz`; the rules are low, lower, ")


def test_files_that_are_not_there_or_say_nothing(folder: Path) -> None:
    files(folder, empty_ndjson="", binary_rules=b"\x80\x00\xff" * 100, blank_ndjson="  \n{\n")
    assert refused(called("why", "none.rules", "--data", "brakes.csv", "--at", at(2)), 2)
    for name, code in (("empty.ndjson", 2), ("binary.rules", 2), ("blank.ndjson", 1)):
        result = called("why", name, "--at", at(2))
        assert result.code == code, result.err
        assert len(result.last) < 200 and "Traceback" not in result.err
    assert "binary.rules" in called("why", "binary.rules", "--data", "brakes.csv", "--at", at(2)).err


def test_records_that_do_not_fit(folder: Path) -> None:
    name = recorded(*BRAKES_ASKED)
    text = Path(name).read_text()
    assert refused(called("why", name)) == "decisions.ndjson has 26 records: say which, --at TIME"
    assert refused(called("why", name, "--at", "2023-01-01")) == (
        "--at 2023-01-01 is before the first record, of 2024-01-01T00:00Z"
    )
    assert refused(called("why", name, "--at", at(2), "--asset", "ETH")) == "decisions.ndjson has no record of ETH"
    both = called("why", name, "--data", "brakes.csv", "--at", at(2))
    assert refused(both) == "decisions.ndjson holds decision records: they answer without --data"
    files(folder, cut_ndjson=text[:-100], other_ndjson='{"close": 5}\n')
    assert refused(called("why", "cut.ndjson", "--at", at(2)), 1).startswith("cut.ndjson:26: no whole record: ")
    assert refused(called("why", "other.ndjson", "--at", at(2)), 1) == (
        "other.ndjson:1: no decision record; `rulelang run --format ndjson` writes them"
    )


@pytest.mark.parametrize(
    "place", [("rules", "low", "condition"), ("targets", "hedge", "kind"), ("rules", "low", "why_not")]
)
def test_a_damaged_record_is_said(place: tuple[str, ...], folder: Path) -> None:
    record = json.loads(Path(recorded(*BRAKES_ASKED)).read_text().splitlines()[0])
    inside: Any = record
    for key in place[:-1]:
        inside = inside[key]
    for broken in (None, 5, ["x", "y", "z"], {}):
        inside[place[-1]] = broken
        files(folder, damaged_ndjson=json.dumps(record))
        assert called("why", "damaged.ndjson").code in (0, 1)
    del inside[place[-1]]
    files(folder, damaged_ndjson=json.dumps(record))
    assert refused(called("why", "damaged.ndjson"), 1) == "the record of 2024-01-01T00:00Z in damaged.ndjson is damaged"


@pytest.mark.slow
def test_ten_thousand_rules_and_huge_windows(folder: Path) -> None:
    rules = "".join(f"rule r{at} when close < {at + 1} then hedge at least {at % 90}%\n" for at in range(10_000))
    files(folder, many_rules="bars 1h\n" + rules)
    with within(120):
        result = called("why-not", "r98", "many.rules", "--data", "brakes.csv", "--at", at(2))
    assert "✗ r98: never active since 2024-01-01T00:00Z, its first bar\n" in result.out
    assert "close < 99: close is 99, just equal" in result.out
    files(folder, deep_rules="bars 1h\nrule r when close < sma(close, 1_000_000) for 900_000 periods then hedge 50%\n")
    with within(30):
        result = called("why", "deep.rules", "--data", "brakes.csv", "--at", at(2))
    said = " ".join(result.out.split())
    assert "0 of 900000 periods, close is 99, sma(close, 1_000_000) is missing, so it is unknown" in said


def test_a_log_longer_than_any_rule_file(folder: Path) -> None:
    lines = Path(recorded(*BRAKES_ASKED)).read_text().splitlines(keepends=True)
    padded = [line[:-1] + " " * 300_000 + "\n" for line in lines]
    assert sum(map(len, padded)) > 5 << 20
    files(folder, long_ndjson="".join(padded))
    last = json.loads(lines[-1])["time"]
    assert called("why", "long.ndjson", "--at", last) == called("why", "decisions.ndjson", "--at", last)
    assert called("replay", "long.ndjson", "--rules", "brakes.rules").code == 0


def test_records_in_any_order_and_two_logs_in_one(folder: Path) -> None:
    lines = Path(recorded(*BRAKES_ASKED)).read_text().splitlines(keepends=True)
    files(folder, turned_ndjson="".join(reversed(lines)), twice_ndjson="".join(lines + lines))
    right = called("why", "decisions.ndjson", "--at", at(2))
    assert called("why", "turned.ndjson", "--at", at(2)) == called("why", "twice.ndjson", "--at", at(2)) == right
    other = [line.replace('"hedge at least', '"hedge at  least') for line in lines]
    assert other != lines
    files(folder, mixed_ndjson="".join(lines + other))
    differing = next(json.loads(one)["time"] for one, two in zip(lines, other, strict=True) if one != two)
    assert refused(called("why", "mixed.ndjson", "--at", differing), 1) == (
        f"mixed.ndjson has two records of {differing}, and they differ: are two logs in it?"
    )
