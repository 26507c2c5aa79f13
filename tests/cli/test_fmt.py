"""`rulelang fmt`: what is written, what is printed, and what is left alone."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests import golden
from tests.cli.running import called, files, spawned

UGLY = "bars 1h\n\n\nwhen   iv>80%   then hedge 5%  # calm\n"
TIDY = "bars 1h\n\nwhen iv > 80% then hedge 5%  # calm\n"
BROKEN = "when iv > then hedge 5%\n"


@pytest.fixture(autouse=True)
def three(folder: Path) -> None:
    """Put a file of each sort beside the conftest's `my.rules`."""
    (folder / "my.rules").unlink()
    files(folder, ugly_rules=UGLY, tidy_rules=TIDY, broken_rules=BROKEN)


def read(name: str) -> str:
    return Path(name).read_bytes().decode()


def test_files_are_written_in_place_and_broken_ones_left_alone() -> None:
    before = os.stat("tidy.rules")
    result = called("fmt", ".")
    assert result.code == 1
    assert result.out == "reformatted ugly.rules\n3 files: 1 reformatted, 1 unchanged, 1 left alone\n"
    assert "error[RL103]" in result.err and "broken.rules:1:11" in result.err
    assert (read("ugly.rules"), read("tidy.rules"), read("broken.rules")) == (TIDY, TIDY, BROKEN)
    after = os.stat("tidy.rules")
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert sorted(os.listdir()) == ["broken.rules", "prices.csv", "tidy.rules", "ugly.rules"]


def test_a_second_time_nothing_is_left_to_do() -> None:
    assert called("fmt", "ugly.rules", "tidy.rules").code == 0
    again = called("fmt", "ugly.rules", "tidy.rules")
    assert (again.code, again.out) == (0, "2 files: 2 unchanged\n")


def test_check_names_the_files_and_writes_nothing() -> None:
    result = called("fmt", "--check", "ugly.rules", "tidy.rules")
    assert (result.code, result.err) == (1, "")
    assert result.out == "would reformat ugly.rules\n2 files: 1 would be reformatted, 1 unchanged\n"
    assert read("ugly.rules") == UGLY
    assert called("fmt", "--check", "tidy.rules").code == 0


def test_diff_can_be_handed_to_patch() -> None:
    result = called("fmt", "--diff", "ugly.rules")
    assert (result.code, read("ugly.rules")) == (1, UGLY)
    assert result.err == "would reformat ugly.rules\n1 file: 1 would be reformatted\n"
    golden.check("cli/fmt.diff", result.out)
    subprocess.run(["patch", "-s", "-p0"], input=result.out.encode(), check=True)
    assert read("ugly.rules") == TIDY
    assert called("fmt", "--diff", "tidy.rules").out == ""


def test_byte_order_mark_and_line_ends_become_plain(folder: Path) -> None:
    files(folder, windows_rules=b"\xef\xbb\xbf" + TIDY.replace("\n", "\r\n").encode())
    assert called("fmt", "--check", "windows.rules").code == 1
    diff = called("fmt", "--diff", "windows.rules").out
    assert "-\ufeffbars 1h\r\n" in diff and "+bars 1h\n" in diff
    assert called("fmt", "windows.rules").out.startswith("reformatted windows.rules\n")
    assert read("windows.rules") == TIDY


def test_a_missing_line_end_is_shown_and_added(folder: Path) -> None:
    files(folder, endless_rules=TIDY.rstrip("\n"))
    assert "\\ No newline at end of file\n+when" in called("fmt", "--diff", "endless.rules").out
    called("fmt", "endless.rules")
    assert read("endless.rules") == TIDY


def test_mode_and_links_stay(folder: Path) -> None:
    os.chmod("ugly.rules", 0o640)
    (folder / "link.rules").symlink_to("ugly.rules")
    assert called("fmt", "link.rules").code == 0
    assert (folder / "link.rules").is_symlink()
    assert stat.S_IMODE(os.stat("ugly.rules").st_mode) == 0o640
    assert read("ugly.rules") == TIDY


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_what_may_not_be_written_is_one_message() -> None:
    os.chmod("ugly.rules", 0o440)
    result = called("fmt", "ugly.rules")
    assert (result.code, result.last) == (2, "ugly.rules can't be written: Permission denied")


def test_standard_input_goes_to_standard_output() -> None:
    result = called("fmt", "-", stdin=b"\xef\xbb\xbf" + UGLY.replace("\n", "\r\n").encode())
    assert (result.code, result.out, result.err) == (0, TIDY, "")
    assert spawned("fmt", "-", stdin=UGLY).out == TIDY
    assert called("fmt", "-", "--check", stdin=UGLY).out == "would reformat <stdin>\n"
    assert called("fmt", "-", "--check", stdin=TIDY).code == 0
    assert called("fmt", "-", "--diff", stdin=UGLY).out.startswith("--- <stdin>\n")


def test_standard_input_with_mistakes_prints_none_of_it() -> None:
    result = called("fmt", "-", stdin=BROKEN)
    assert (result.code, result.out) == (1, "")
    assert "<stdin>:1:11" in result.err


def test_names_and_kinds_do_not_matter(folder: Path) -> None:
    files(folder, wrong_rules="when  clsoe > 5% then hedge 0.7\n")
    assert called("fmt", "wrong.rules").code == 0
    assert read("wrong.rules") == "when clsoe > 5% then hedge 0.7\n"


def test_bytes_that_are_no_text_are_left_alone(folder: Path) -> None:
    content = b"bars  1h # caf\xe9\n"
    files(folder, latin_rules=content)
    result = called("fmt", "latin.rules")
    assert (result.code, result.out) == (1, "1 file: 1 left alone\n")
    assert result.err == "latin.rules is no UTF-8 text from byte 15 on: it is left alone\n"
    assert (folder / "latin.rules").read_bytes() == content


USAGE = {
    "nothing named": ([], "name a rule file, a folder with rule files, or - for standard input"),
    "no such file": (["nowhere.rules"], "there is no file nowhere.rules"),
    "standard input and a file": (
        ["-", "ugly.rules"],
        "- is standard input: it stands alone, and what comes of it goes to standard output",
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage(case: str) -> None:
    arguments, message = USAGE[case]
    result = called("fmt", *arguments)
    assert (result.code, result.out, result.last) == (2, "", message)


def test_the_strategies_of_the_project_are_formatted() -> None:
    rules = Path(__file__).parents[2] / "rules"
    result = called("fmt", "--check", rules)
    assert (result.code, result.err) == (0, ""), result.out
