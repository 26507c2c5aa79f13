"""`rulelang replay`: a log that is true, one that is altered, one of other rules, one that begins amid its run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import LEAVES, leaves_market
from tests.cli.running import PRICES, RULES, called, files

DATA = ("--data", "prices.csv")
TRUE = "10 records from 2024-01-01T01:00Z to 2024-01-01T10:00Z: decided again, no difference\n"
FALSE = "what was recorded is not what these rules decide"


@pytest.fixture(autouse=True)
def log(folder: Path) -> list[str]:
    """Record a run, and return the lines of its log."""
    assert called("run", "my.rules", *DATA, "-o", "log.ndjson").code == 0
    return (folder / "log.ndjson").read_text().splitlines(keepends=True)


def replayed(lines: list[str], *more: str) -> tuple[int, list[str]]:
    """Replay a log of lines; return the exit code and what is printed."""
    Path("some.ndjson").write_text("".join(lines))
    result = called("replay", "some.ndjson", "--rules", "my.rules", *more)
    assert "Traceback" not in result.err and result.code != 3
    return result.code, (result.out + result.err).splitlines()


def test_a_true_log_from_its_records_and_from_the_data(log: list[str]) -> None:
    for more in ((), DATA):
        result = called("replay", "log.ndjson", "--rules", "my.rules", *more)
        assert (result.code, result.out, result.err) == (0, TRUE, "")


def test_everything_that_can_come_from_outside_is_in_the_log(folder: Path) -> None:
    files(
        folder,
        all_rules=LEAVES.replace("assets BTC\nbars 1h", "assets BTC, ETH").replace(" at 2024-01-03T13:30Z", ""),
        btc_csv=leaves_market(),
        eth_csv=leaves_market().replace(",100", ",90"),
        dates_csv="time,event\n2024-01-03T13:30Z,cpi\n",
    )
    data = ("--data", "btc.csv:BTC", "--data", "eth.csv:ETH", "--data", "dates.csv")
    ran = called("run", "all.rules", *data, "--set", "crowded=0.05%", "-o", "all.ndjson")
    assert ran.code == 0, ran.err
    for more in ((), data):
        result = called("replay", "all.ndjson", "--rules", "all.rules", *more)
        assert (result.code, result.err) == (0, "")
        assert result.out.startswith("240 records from ")
    without = called("replay", "all.ndjson", "--rules", "all.rules", *data[:4])
    assert without.code == 1 and "events.cpi" in without.out


def test_records_of_a_part_need_the_data_of_the_whole(log: list[str]) -> None:
    code, said = replayed(log[4:8])
    assert code == 2
    assert said[-1].endswith(
        "the records begin amid their run, which began at 2024-01-01T01:00Z: give the data from then on, --data FILE, "
        "and --part if the log was meant to begin there"
    )
    span = "4 records from 2024-01-01T05:00Z to 2024-01-01T08:00Z"
    assert replayed(log[4:8], *DATA, "--part") == (0, [f"{span}: decided again, no difference"])
    missed = "decided, but there is no record of it"
    assert replayed(log[4:8], *DATA) == (
        1,
        [
            f"2024-01-01T01:00Z: {missed}, nor of 3 more up to 2024-01-01T04:00Z",
            f"2024-01-01T09:00Z: {missed}, nor of 1 more up to 2024-01-01T10:00Z",
            f"{span}: 2 differences; {FALSE}",
        ],
    )


def test_a_log_may_be_long_and_come_through_a_pipe(folder: Path) -> None:
    rows = "".join(f"{1_704_067_200 + 3600 * hour},{90 + hour % 20}\n" for hour in range(1_500))
    files(folder, long_csv="close_time,close\n" + rows, low_rules="bars 1h rule low when close < 99 then hedge 70%")
    log = called("run", "low.rules", "--data", "long.csv", "--format", "ndjson").out
    assert len(log) > 1 << 20
    result = called("replay", "-", "--rules", "low.rules", stdin=log)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("1,500 records from ")


def test_the_last_line_is_missed_with_the_data_only(log: list[str]) -> None:
    assert replayed(log[:-1])[0] == 0
    assert replayed(log[:-1], *DATA)[1][0] == "2024-01-01T10:00Z: decided, but there is no record of it"


def test_data_that_begin_after_the_run(log: list[str], folder: Path) -> None:
    header, *rows = PRICES.splitlines(keepends=True)
    files(folder, late_csv=header + "".join(rows[3:]))
    code, said = replayed(log, "--data", "late.csv")
    assert code == 2
    assert said[-1].endswith(
        "the recorded run began at 2024-01-01T01:00Z, the data at 2024-01-01T04:00Z: give the data from then on"
    )


def edited(change: Callable[[Any], None]) -> Callable[[str], str]:
    def edit(line: str) -> str:
        record = json.loads(line)
        change(record)
        return json.dumps(record) + "\n"

    return edit


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r["targets"]["hedge"].update(after=0.9), "targets.hedge.after: recorded 0.9, decided 0.7"),
        (lambda r: r["inputs"].update(close=97.5), "targets.hedge.price: recorded 98.0, decided 97.5"),
        (lambda r: r["because"].clear(), 'because.low: recorded nothing, decided "close 98 is under 100 USD"'),
        (lambda r: r.update(note="fine"), 'note: recorded "fine", decided nothing'),
        (lambda r: r["hashes"].update(inputs="0"), 'hashes.inputs: recorded "0", decided '),
    ],
)
def test_an_altered_record_is_told_with_what_is_decided(
    change: Callable[[Any], None], said: str, log: list[str]
) -> None:
    log[3] = edited(change)(log[3])
    for more in ((), DATA):
        code, lines = replayed(log, *more)
        assert code == 1 and lines[-1].endswith(FALSE)
        assert more or any(line.startswith(f"2024-01-01T04:00Z: {said}") for line in lines), lines


def test_lines_that_are_gone_doubled_or_moved(log: list[str]) -> None:
    assert "2024-01-01T06:00Z: run.previous: recorded" in replayed(log[:4] + log[5:])[1][0]
    assert "2024-01-01T05:00Z: decided, but there is no record of it" in replayed(log[:4] + log[5:], *DATA)[1]
    assert "2024-01-01T05:00Z: recorded twice" in replayed(log[:5] + log[4:])[1]
    moved = [*log[:4], log[5], log[4], *log[6:]]
    assert replayed(moved)[1][0] == "2024-01-01T06:00Z: stands where the record of 2024-01-01T05:00Z belongs"
    assert replayed(moved, *DATA)[0] == 1


def test_other_rules_are_said_first(folder: Path, log: list[str]) -> None:
    files(folder, my_rules=RULES.replace("hedge 70%", "hedge 75%"))
    code, said = replayed(log)
    assert code == 1
    assert said[0].startswith("other rules decided from 2024-01-01T01:00Z on, their hash is ")
    assert "my.rules, with its params and bars, has " in said[0]
    assert not any("hashes.rules" in line for line in said)
    assert "2024-01-01T04:00Z: targets.hedge.level: recorded 0.7, decided 0.75" in said
    assert said[-1].endswith(FALSE)
    files(folder, my_rules=RULES + "let spare = close\n")
    code, said = replayed(log)
    assert (code, said[-1]) == (1, TRUE.rstrip("\n") + " but that other rules were recorded")


def test_many_differences_are_counted_not_listed(folder: Path) -> None:
    files(folder, my_rules=RULES.replace("otherwise hedge 20%", "otherwise hedge 25%"))
    result = called("replay", "log.ndjson", "--rules", "my.rules")
    assert len(result.out.splitlines()) == 23
    assert result.out.splitlines()[-2].startswith("… and ")


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", 1, "bad.ndjson has no decision records"),
        ("{}\n", 1, "bad.ndjson:1: no decision record; `rulelang run --format ndjson` writes them"),
        ('{"time": 1', 1, "bad.ndjson:1: no whole record: "),
        ("\0\1\2", 1, "bad.ndjson:1: no whole record: "),
        ("[" * 100_000, 1, "bad.ndjson:1: no whole record: "),
        ('{"a": 1, "a": 2}', 1, "bad.ndjson:1: no whole record: a name stands twice in it"),
    ],
)
def test_files_that_are_no_log(text: str, code: int, message: str, folder: Path) -> None:
    files(folder, bad_ndjson=text)
    result = called("replay", "bad.ndjson", "--rules", "my.rules")
    assert (result.code, result.out) == (code, "")
    assert result.last.startswith(message)


def test_files_that_are_not_there() -> None:
    assert called("replay", "none.ndjson", "--rules", "my.rules").last == "there is no file none.ndjson"
    assert called("replay", "log.ndjson", "--rules", "none.rules").last == "there is no file none.rules"
    assert called("replay", "log.ndjson").code == 2
    assert called("replay", ".", "--rules", "my.rules").code == 2


def test_a_log_that_is_cut_off(log: list[str]) -> None:
    code, said = replayed([*log[:-1], log[-1][:-50]])
    assert code == 1 and "some.ndjson:10: no whole record: " in said[-1]


def test_a_param_of_the_log_that_the_rules_do_not_have(log: list[str]) -> None:
    log[0] = edited(lambda record: record["params"].update(greed="5"))(log[0])
    code, said = replayed(log)
    assert code == 1 and any("greed" in line for line in said)
