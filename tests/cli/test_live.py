"""`rulelang run` as a process among others: behind a pipe, interrupted, killed, on a terminal, without a reader."""

import io
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import polars
import pytest

from rulelang.cli.commands import run_commands
from tests.cli.running import COMMAND, PRICES, called, files

PATIENCE = 30.0
MANY = 40_000


def feed_of(bars: int) -> str:
    return "close_time,close,funding_8h\n" + "".join(
        f"{1_704_067_200 + 3600 * bar},{100 + bar % 7},{0.0001 if bar % 8 == 0 else ''}\n" for bar in range(bars)
    )


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command, and stop it whatever happens."""
    command = subprocess.Popen(
        [*COMMAND, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    with command:
        try:
            yield command
        finally:
            command.kill()


def line_within(stream: IO[bytes] | None) -> str:
    """Return the next line of a stream; fail where none comes."""
    assert stream is not None
    taken = b""
    while not taken.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], PATIENCE)
        assert ready, f"no line came within {PATIENCE} s"
        byte = os.read(stream.fileno(), 1)
        assert byte, f"the stream ended behind {taken!r}"
        taken += byte
    return taken.decode()


def grown(path: Path, size: int = 1) -> None:
    """Wait until a file is there and has so many bytes."""
    deadline = time.monotonic() + PATIENCE
    while not (path.exists() and path.stat().st_size >= size):
        assert time.monotonic() < deadline, f"{path.name} didn't grow"
        time.sleep(0.01)


@pytest.mark.parametrize("beside", [[], ["--data", "dates.csv"]])
def test_each_decision_comes_before_the_next_line_goes_in(beside: list[str], folder: Path) -> None:
    files(folder, dates_csv="time,event\n2024-01-01T05:00Z,CPI\n")
    header, *lines = PRICES.splitlines(keepends=True)
    with running("run", "my.rules", "--data", "-", *beside, "--format", "ndjson") as command:
        assert command.stdin is not None
        command.stdin.write(header.encode())
        for hour, line in enumerate(lines, 1):
            command.stdin.write(line.encode())
            assert json.loads(line_within(command.stdout))["time"] == f"2024-01-01T{hour:02}:00Z"
        command.stdin.close()
        assert command.wait(PATIENCE) == 0


def test_what_never_comes_is_told_with_the_rules_that_read_it(folder: Path) -> None:
    files(
        folder,
        my_rules="bars 1h rule low when close < 3 USD then hedge 5% rule f when funding_8h > 0.01% then hedge 9%",
    )
    lines = '{"time": "2024-01-01T00:00Z"}\n{"time": "2024-01-01T01:00Z", "close": 2}\n'
    done = called("run", "my.rules", "--data", "-", "--time", "open", "--format", "csv", stdin=lines)
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert done.err.splitlines()[0] == (
        "warning[RL706]: standard input: no line had `funding_8h`: it counts as missing, and what is missing never "
        "fires; rules that read it: f"
    )


def test_the_heading_of_a_csv_and_a_file_come_at_once_too(folder: Path) -> None:
    header, first, *_ = PRICES.splitlines(keepends=True)
    with running("run", "my.rules", "--data", "-", "-o", "d.csv") as command:
        assert command.stdin is not None
        command.stdin.write((header + first).encode())
        grown(folder / "d.csv.partial", 100)
        assert (folder / "d.csv.partial").read_text().splitlines()[1].startswith("2024-01-01T01:00Z,0.2,")
        assert not (folder / "d.csv").exists()
        command.stdin.close()
        assert command.wait(PATIENCE) == 0
    assert (folder / "d.csv").exists() and not (folder / "d.csv.partial").exists()


@pytest.mark.parametrize("name", ["d.csv", "d.ndjson"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_cut_off_half_way(name: str, how: signal.Signals, folder: Path) -> None:
    files(folder, long_csv=feed_of(MANY))
    (folder / name).write_text("of an earlier run")
    partial = folder / f"{name}.partial"
    with running("run", "my.rules", "--data", "long.csv", "-o", name) as command:
        grown(partial)
        command.send_signal(how)
        out, err = command.communicate(timeout=PATIENCE)
    assert out.startswith(b"data: 40,000 steps of 1h")
    assert (folder / name).read_text() == "of an earlier run"
    text = partial.read_text()
    if how == signal.SIGKILL:  # amid a write
        text = text[: text.rindex("\n") + 1]
    assert text.endswith("\n") and 1 < len(text.splitlines()) < MANY
    if name == "d.ndjson":
        assert all(json.loads(line)["targets"] for line in text.splitlines())
    else:
        assert {line.count(",") for line in text.splitlines()} == {6}
    if how == signal.SIGINT:
        assert command.returncode == 130
        assert err.decode().split("\n") == [f"what was decided until then lies in {name}.partial", "", "stopped", ""]
    else:
        assert (command.returncode, err) == (-signal.SIGKILL, b"")


def test_a_parquet_file_cut_off_can_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arriving = iter(PRICES.encode().splitlines(keepends=True)[:6])

    def arrived(most: int) -> bytes:
        if (line := next(arriving, None)) is None:
            raise KeyboardInterrupt
        return line

    (folder / "d.parquet").write_text("of an earlier run")
    monkeypatch.setattr("rulelang.cli.running.sys.stdin", SimpleNamespace(buffer=SimpleNamespace(read1=arrived)))
    assert run_commands(["run", "my.rules", "--data", "-", "-o", "d.parquet"]) == 130
    assert polars.read_parquet(folder / "d.parquet.partial")["hedge"].to_list() == [0.2, 0.2, 0.2, 0.7, 0.7]
    assert (folder / "d.parquet").read_text() == "of an earlier run"


def test_a_reader_that_goes_away_ends_the_run_in_peace(folder: Path) -> None:
    files(folder, long_csv=feed_of(MANY))
    started = time.monotonic()
    with running("run", "my.rules", "--data", "long.csv", "--format", "csv") as command:
        assert command.stdout is not None and command.stderr is not None
        assert line_within(command.stdout).startswith("time,hedge,")
        command.stdout.close()
        assert b"Traceback" not in command.stderr.read()
        assert command.wait(PATIENCE) == 0
    assert time.monotonic() - started < PATIENCE


def test_a_file_is_written_though_nobody_reads_the_summary(folder: Path) -> None:
    with running("run", "my.rules", "--data", "prices.csv", "-o", "d.csv") as command:
        assert command.stdout is not None and command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == b""
        assert command.wait(PATIENCE) == 0
    assert len((folder / "d.csv").read_text().splitlines()) == 11


def test_a_disk_that_is_full(folder: Path) -> None:
    files(folder, long_csv=feed_of(3000))

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [*COMMAND, "run", "my.rules", "--data", "long.csv", "-o", "d.ndjson"],
        capture_output=True, check=False, preexec_fn=little, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.decode().endswith("Error: -o d.ndjson can't be written: File too large\n")
    assert not (folder / "d.ndjson").exists()


def test_a_device_is_written_to_not_put_away(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with running("run", "my.rules", "--data", "prices.csv", "-o", "pipe", "--format", "csv") as command:
        text = (folder / "pipe").read_text()
        assert command.wait(PATIENCE) == 0
    assert len(text.splitlines()) == 11
    assert sorted(path.name for path in folder.iterdir()) == ["my.rules", "pipe", "prices.csv"]


def on_terminal(*arguments: str, columns: int, **environment: str) -> str:
    """Run a command on a terminal of so many columns; return what it shows."""
    own, other = pty.openpty()
    changed = {**os.environ, "TERM": "xterm", **environment}
    changed.pop("COLUMNS")
    import termios

    termios.tcsetwinsize(other, (40, columns))
    with subprocess.Popen([*COMMAND, *arguments], stdin=other, stdout=other, stderr=other, env=changed) as command:
        os.close(other)
        shown = b""
        while True:
            try:
                taken = os.read(own, 65_536)
            except OSError:
                break
            if not taken:
                break
            shown += taken
        command.wait(PATIENCE)
    os.close(own)
    return shown.decode()


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal(columns: int, folder: Path) -> None:
    name = "a_rule_with_a_name_that_is_long_enough_to_be_in_the_way_of_others"
    files(folder, my_rules=f"bars 1h rule {name} when close < 100 USD then hedge 50%")
    shown = on_terminal("run", "my.rules", "--data", "prices.csv", columns=columns)
    lines = shown.replace("\r", "").split("\n")
    assert max(map(len, lines)) <= columns
    assert any(name in line for line in lines) == (columns == 140)
    assert any("…" in line for line in lines) == (columns < 140)


def test_colour_is_for_terminals_that_want_it(folder: Path) -> None:
    files(folder, bad_rules="when funding_8h > 0.05 then hedge 70%")
    coloured = on_terminal("check", "bad.rules", columns=100)
    plain = on_terminal("check", "bad.rules", columns=100, NO_COLOR="1")
    assert "\x1b[" in coloured and "\x1b[" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert plain.replace("\r", "") == called("check", "bad.rules").out


def test_long_work_shows_how_far_it_is(folder: Path) -> None:
    files(folder, long_csv=feed_of(6000), short_csv=feed_of(20), my_rules="bars 1h when close > 3 USD then hedge 5%")
    shown = on_terminal("run", "my.rules", "--data", "long.csv", columns=80)
    assert "deciding" in shown and "100%" in shown
    assert "deciding" not in on_terminal("run", "my.rules", "--data", "short.csv", columns=80)
    assert "deciding" not in called("run", "my.rules", "--data", "long.csv").err


@pytest.mark.parametrize("arguments", ["check -", "fmt -", "test -", "describe -", "table -"])
def test_standard_input_that_is_closed_is_empty(arguments: str) -> None:
    command = f"{sys.executable} -m rulelang {arguments}"
    closed, empty = (
        subprocess.run(f"{command} <{source}", shell=True, capture_output=True, check=False)
        for source in ("&-", "/dev/null")
    )
    assert (closed.returncode, closed.stdout, closed.stderr) == (empty.returncode, empty.stdout, empty.stderr)


def test_standard_output_that_is_closed_or_full() -> None:
    closed = subprocess.run(f"{sys.executable} -m rulelang functions >&-", shell=True, capture_output=True, check=False)
    assert (closed.returncode, closed.stderr) == (0, b"")
    said = b"Error: what is printed can't be written: No space left on device\n"
    for asked in ("functions", "--version", "--help"):
        full = f"{sys.executable} -m rulelang {asked} > /dev/full"
        done = subprocess.run(full, shell=True, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (1, said)


class _Pieces(io.RawIOBase):
    """A file without a buffer, as standard output is under PYTHONUNBUFFERED; takes a part of what is too much."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data)[: self.most])
        return len(self.pieces[-1])


@pytest.mark.parametrize("most", [70_000, 999])
def test_what_waits_together_is_written_together_without_a_buffer_too(
    most: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, pieces = feed_of(5_000), _Pieces(most)
    expected = called("run", "my.rules", "--data", "-", "--format", "csv", stdin=feed).out
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(pieces, "utf-8", newline="", write_through=True))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(feed.encode())))
    assert run_commands(["run", "my.rules", "--data", "-", "--format", "csv"]) == 0
    assert b"".join(pieces.pieces).decode() == expected
    assert len(pieces.pieces) < 10 + len(expected) / most
