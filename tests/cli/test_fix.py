"""`rulelang check --fix`: what is written, what is printed, and what is left to a person."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import golden
from tests.cli.running import called, files

SLIPS = """\
assets btc, eth  # two of them
bars 1h
when rsi(close, 14) > 75% && !(iv is above 80 %) then hedge to 5 %
otherwise hedge 0.2
"""
MENDED = """\
assets BTC, ETH  # two of them
bars 1h
when rsi(close, 14) > 75 and not (iv > 80%) then hedge 5%
otherwise hedge 0.2
"""
ONE = "when iv > 80 % then hedge 5%\n"
DONE = "when iv > 80% then hedge 5%\n"


@pytest.fixture(autouse=True)
def two(folder: Path) -> None:
    files(folder, slips_rules=SLIPS, one_rules=ONE)


def read(name: str) -> str:
    return Path(name).read_bytes().decode()


def test_repairs_are_written_and_printed_and_then_what_is_left() -> None:
    result = called("check", "--fix", "slips.rules", "one.rules")
    assert (result.code, result.err) == (1, "")
    golden.check("cli/check-fix.txt", result.out)
    assert (read("slips.rules"), read("one.rules")) == (MENDED, DONE)


def test_where_nothing_is_left_the_exit_code_is_clean() -> None:
    result = called("check", "--fix", "one.rules")
    assert result.code == 0
    assert result.out.startswith("one.rules:1:11: RL105: `80 %` → `80%`\none.rules: 1 rule")


def test_what_is_left_is_what_check_says() -> None:
    called("check", "--fix", "slips.rules")
    before = os.stat("slips.rules")
    again, checked = called("check", "--fix", "slips.rules"), called("check", "slips.rules")
    assert (again.code, again.out) == (checked.code, checked.out)
    after = os.stat("slips.rules")
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_warnings_fail_where_asked(folder: Path) -> None:
    files(folder, warned_rules="param unused = 3\n" + ONE)
    assert called("check", "--fix", "warned.rules").code == 0
    assert called("check", "--fix", "--strict", "warned.rules").code == 1


def test_diff_writes_nothing_and_can_be_handed_to_patch() -> None:
    result = called("check", "--fix", "--diff", "slips.rules", "one.rules")
    assert (result.code, read("slips.rules"), read("one.rules")) == (1, SLIPS, ONE)
    golden.check("cli/check-fix.diff", result.out)
    golden.check("cli/check-fix.txt", result.err)
    subprocess.run(["patch", "-s", "-p0"], input=result.out.encode(), check=True)
    assert (read("slips.rules"), read("one.rules")) == (MENDED, DONE)
    assert called("check", "--fix", "--diff", "one.rules").out == ""


def test_a_difference_fails_even_where_nothing_would_be_left() -> None:
    assert called("check", "--fix", "--diff", "one.rules").code == 1
    called("check", "--fix", "one.rules")
    assert called("check", "--fix", "--diff", "one.rules").code == 0


def test_standard_input_goes_to_standard_output() -> None:
    result = called("check", "--fix", "-", stdin=SLIPS)
    assert (result.code, result.out) == (1, MENDED)
    assert "<stdin>:3:27: RL104: `&&` → `and`\n" in result.err
    assert result.err.endswith("<stdin>: 1 error\n")
    assert called("check", "--fix", "-", stdin=DONE).out == DONE


def test_line_ends_and_byte_order_mark_stay(folder: Path) -> None:
    files(folder, windows_rules=b"\xef\xbb\xbf# calm\r\n" + ONE.replace("\n", "\r\n").encode())
    assert called("check", "--fix", "windows.rules").code == 0
    assert read("windows.rules") == "\ufeff# calm\r\n" + DONE.replace("\n", "\r\n")


def test_used_files_are_repaired_where_they_are_named(folder: Path) -> None:
    files(folder, user_rules='use "used.rules"\n', used_rules=ONE)
    result = called("check", "--fix", "user.rules")
    assert result.code == 1 and "used.rules:1:11" in result.out
    assert read("used.rules") == ONE
    assert called("check", "--fix", "user.rules", "used.rules").code == 0
    assert read("used.rules") == DONE


def test_a_repair_that_brings_a_mistake_is_not_made(folder: Path) -> None:
    text = "let x = .5\nlet x = 3\nwhen close > x then hedge 5%\n"
    files(folder, twice_rules=text)
    result = called("check", "--fix", "twice.rules")
    assert (result.code, read("twice.rules")) == (1, text)
    assert result.out == called("check", "twice.rules").out


def test_invisible_characters_are_told_by_their_code(folder: Path) -> None:
    files(folder, unseen_rules="when clo\u200bse > 5 then hedge 5%\n")
    assert called("check", "--fix", "unseen.rules").out.startswith("unseen.rules:1:9: RL101: `\\u200b` removed\n")


def test_bytes_that_are_no_text_are_left_alone(folder: Path) -> None:
    content = b"when iv > 80 % then hedge 5% # caf\xe9\n"
    files(folder, latin_rules=content)
    result = called("check", "--fix", "latin.rules", "one.rules")
    assert result.code == 1
    assert result.err == "latin.rules is no UTF-8 text from byte 35 on: it is left alone\n"
    assert (folder / "latin.rules").read_bytes() == content
    assert read("one.rules") == DONE
