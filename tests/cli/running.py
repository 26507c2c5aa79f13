"""The command line run in this process or as one of its own, and small files to run it on."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from attrs import frozen

from rulelang.cli.commands import run_commands

COMMAND = (sys.executable, "-m", "rulelang")

RULES = """\
bars 1h
param least = 100 USD in 50 USD .. 200 USD
param n = 2 in 1 .. 10
target hedge between 0% and 100% change at least 10% cooldown 2h
rule low
  when close < least for n periods
  then hedge 70%, alert "close is {close}"
  because "close {close} is under {least}"
rule hot when funding_8h > 0.05% then hedge at least 80%
otherwise hedge 20%
"""
PRICES = """\
open_time,close,funding_rate,interval_hours
2024-01-01T00:00Z,100,0.0001,8
2024-01-01T01:00Z,101,,
2024-01-01T02:00Z,99,,
2024-01-01T03:00Z,98,,
2024-01-01T04:00Z,105,,
2024-01-01T05:00Z,104,,
2024-01-01T06:00Z,106,,
2024-01-01T07:00Z,107,,
2024-01-01T08:00Z,103,0.0006,8
2024-01-01T09:00Z,102,,
"""


@frozen
class Result:
    """What a command gave: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of standard error, without click's `Error: ` before it."""
        return self.err.rstrip("\n").rpartition("\n")[2].removeprefix("Error: ")


def called(*arguments: object, stdin: bytes | str = b"") -> Result:
    """Run a command in this process."""
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with (
        mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(data))),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = run_commands([str(argument) for argument in arguments])
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return Result(code, texts[0], texts[1])


def spawned(*arguments: object, stdin: bytes | str = b"") -> Result:
    """Run a command as a process of its own."""
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    done = subprocess.run([*COMMAND, *map(str, arguments)], input=data, capture_output=True, check=False, timeout=60)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def files(folder: Path, **texts: str | bytes) -> None:
    """Write files; `_` in a name before the ending stands for the point: `my_rules` is `my.rules`."""
    for name, text in texts.items():
        content = text if isinstance(text, bytes) else text.encode()
        (folder / ".".join(name.rsplit("_", 1))).write_bytes(content)
