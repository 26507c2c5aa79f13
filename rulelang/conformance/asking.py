"""The program under test: a process that gets a case a line and answers each with a line."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from queue import Empty, Queue
from threading import Thread
from typing import Any

from attrs import frozen

from rulelang.conformance.cases import FORMAT, Case
from rulelang.conformance.comparing import differences


class Lost(Exception):
    """Raised where the program can't be started or has ended, or takes too long; the message says which."""


@frozen
class Verdict:
    """What came of a case: no differences where the answer conforms."""

    case: Case
    differences: tuple[str, ...]


def verdicts(command: Sequence[str], cases: Iterable[Case], patience: float) -> Iterator[Verdict]:
    """Put cases to a program and yield a verdict for each; `patience`: seconds for each answer.

    Raises `Lost` where the program is no longer there to be asked.
    """
    with _Program(command, patience) as program:
        for case in cases:
            answer = program.answer({"format": FORMAT, **case.asked})
            yield Verdict(case, _differences(case, answer))


def _differences(case: Case, line: str) -> tuple[str, ...]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        return (f"the answer is no JSON: {line.strip()[:80]!r}",)
    return tuple(differences(case, answer))


_AHEAD = 16
"""So many answers are kept that nobody asked for; who prints more of them has to wait."""


class _Program:
    """A program that is running; its standard error is the caller's."""

    def __init__(self, command: Sequence[str], patience: float) -> None:
        self.patience = patience
        self.name = command[0]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        except OSError as error:
            raise Lost(f"{self.name} can't be started: {error.strerror}") from None
        self.lines: Queue[str] = Queue(_AHEAD)
        Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "_Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                self.lines.put(line)
        except ValueError:
            pass  # what it prints is not UTF-8, or it was ended meanwhile: then no more lines come
        self.lines.put("")

    def answer(self, question: Mapping[str, Any]) -> str:
        """Return the line that answers a question."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            line = self.lines.get(timeout=self.patience)
        except Empty:
            raise Lost(f"no answer within {self.patience:g} s") from None
        except OSError:
            line = ""
        if not line:
            raise Lost(f"{self.name} has ended{self._code()}")
        return line

    def _code(self) -> str:
        try:
            return f" with exit code {self.process.wait(1)}"
        except subprocess.TimeoutExpired:
            return ", or closed its output"
