"""How fast the language server answers while somebody types in a file of 1,000 rules, over its real protocol."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rulelang.check import check
from rulelang.text import Source

RULES, LETS, PARAMS = 1_000, 40, 20
Took = tuple[float, float]
"""Seconds by the clock, and of the server's processor time."""
URI = "file:///bench/thousand.rules"
WANTED = 0.1
"""So many seconds an answer may take, at the 95th percentile."""

_RULE = """\
rule guard_{i}  # number {i}
  when (close > level_{let} and rsi(close, {n}) < {t}) for 3 periods
  then hedge at least {p}%
  until close < ema(close, {n}) or funding_8h > limit_{param}
  because "close {{close}} is above {{level_{let}}}"

"""


def text() -> str:
    """Return the file: lets and params that a part of the rules read each, and a let that a part of the lets read."""
    lets = "".join(f"let level_{i} = trend * {100 + i}%\n" if i % 4 == 0 else _let(i) for i in range(LETS))
    params = "".join(f"param limit_{i} = 0.0{1 + i % 9}% in 0.001% .. 1%\n" for i in range(PARAMS))
    rules = "".join(
        _RULE.format(i=i, let=i % LETS, param=i % PARAMS, n=5 + i % 90, t=60 + i % 30, p=10 + i % 80)
        for i in range(RULES)
    )
    return f"bars 1h\n\nlet trend = sma(close, 200)\n{lets}{params}\n{rules}otherwise hedge 20%\n"


def _let(i: int) -> str:
    return f"let level_{i} = ema(close, {10 + i})\n"


class Server:
    """The server as a process of its own, and one text that is open in it."""

    def __init__(self, whole: str) -> None:
        command = (sys.executable, "-m", "rulelang", "lsp")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = whole.split("\n")
        self.version = self.number = 0
        self.ask("initialize", {"capabilities": {}, "processId": None, "rootUri": None})
        self.send("initialized", {})

    def send(self, method: str, params: Any, **more: Any) -> None:
        """Send a message."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def got(self) -> Any:
        """Return the next message."""
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def ask(self, method: str, params: Any) -> Any:
        """Return the answer to a request."""
        self.number += 1
        self.send(method, params, id=self.number)
        while (answer := self.got()).get("id") != self.number:
            pass
        return answer["result"]

    def told(self) -> list[Any]:
        """Return the diagnostics of the present version, once they come."""
        while True:
            message = self.got()
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if params.get("version") == self.version:
                    return list(params["diagnostics"])

    def open(self) -> float:
        """Open the text; return how long it takes until its diagnostics are there."""
        start = time.perf_counter()
        item = {"uri": URI, "languageId": "rulelang", "version": 0, "text": "\n".join(self.lines)}
        self.send("textDocument/didOpen", {"textDocument": item})
        self.told()
        return time.perf_counter() - start

    def worked(self) -> float:
        """Return the processor time that it has had so far, in seconds; 0 where the system doesn't tell."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def type(self, line: int, column: int, removed: int, written: str) -> Took:
        """Put a text in the place of some characters; return how long it takes until the diagnostics are there."""
        self.version += 1
        ends = [{"line": line, "character": at} for at in (column, column + removed)]
        change = {"range": {"start": ends[0], "end": ends[1]}, "text": written}
        document = {"uri": URI, "version": self.version}
        start, worked = time.perf_counter(), self.worked()
        self.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        self.told()
        taken = time.perf_counter() - start, self.worked() - worked
        whole = self.lines[line]
        self.lines[line : line + 1] = (whole[:column] + written + whole[column + removed :]).split("\n")
        return taken

    def timed(self, method: str, params: Any) -> Took:
        """Return how long an answer takes."""
        start, worked = time.perf_counter(), self.worked()
        self.ask(method, {"textDocument": {"uri": URI}, **params})
        return time.perf_counter() - start, self.worked() - worked

    def line_of(self, start: str) -> int:
        """Return the number of the first line that starts so."""
        return next(at for at, line in enumerate(self.lines) if line.startswith(start))

    def end(self) -> None:
        """Let it go."""
        self.ask("shutdown", None)
        self.send("exit", None)
        self.process.wait()


# What is typed ────────────────────────────────────────────────────────────────────────────────────────────────────────


def retyped(server: Server, line: int, old: str, new: str) -> Iterator[Took]:
    """Rub out a piece of a line, character by character, and type another in its place."""
    at = server.lines[line].index(old)
    for left in range(len(old), 0, -1):
        yield server.type(line, at + left - 1, 1, "")
    for done, character in enumerate(new):
        yield server.type(line, at + done, 0, character)


def typed(server: Server, line: int, new: str) -> Iterator[Took]:
    """Type a text from nothing in front of a line, character by character."""
    column = 0
    for character in new:
        yield server.type(line, column, 0, character)
        line, column = (line + 1, 0) if character == "\n" else (line, column + 1)


_NEW = """\
# a rule that is typed from nothing
rule calm_again
  when close > level_3 and funding_8h < 0.02% for 3 periods
  then reduce hedge by 10% of exposure
  until close < trend
  because "funding is {funding_8h}"

"""


def work(server: Server) -> dict[str, list[Took]]:
    """Return the times of every keystroke, by what is typed."""
    rule = server.line_of("rule guard_500 ")
    return {
        "inside a rule": list(retyped(server, rule + 1, "rsi(close, 55) < 80", "zscore(close, 90) > 2.5")),
        "a new rule from nothing": list(typed(server, server.line_of("rule guard_300 "), _NEW)),
        "a let that 25 rules read": list(retyped(server, server.line_of("let level_3 "), "close, 13", "close, 144")),
        "a param that 50 rules read": list(retyped(server, server.line_of("param limit_7 "), "0.08%", "0.25%")),
        "`otherwise`": list(retyped(server, server.line_of("otherwise"), "20%", "35%")),
        "a comment at the top": list(typed(server, 1, "# what this file is for, and who looks after it\n")),
    }


def answers(server: Server) -> dict[str, list[Took]]:
    """Return the times of what an editor asks after a keystroke, each after one."""
    line = server.line_of("rule guard_700 ") + 1
    place = {"position": {"line": line, "character": server.lines[line].index("level_") + 2}}
    view = {"range": {"start": {"line": line - 20, "character": 0}, "end": {"line": line + 40, "character": 0}}}
    asked = {
        "textDocument/hover": place,
        "textDocument/completion": place,
        "textDocument/signatureHelp": place,
        "textDocument/definition": place,
        "textDocument/references": {**place, "context": {"includeDeclaration": True}},
        "textDocument/semanticTokens/range": view,
        "textDocument/inlayHint": view,
        "textDocument/codeAction": {**view, "context": {"diagnostics": []}},
        "textDocument/documentSymbol": {},
        "textDocument/foldingRange": {},
        "textDocument/semanticTokens/full": {},
    }
    found: dict[str, list[Took]] = {method: [] for method in asked}
    for number in range(12):
        for method, params in asked.items():
            server.type(line, 7, 0, " ") if number % 2 == 0 else server.type(line, 7, 1, "")
            found[method].append(server.timed(method, params))
    return found


def p95(times: Sequence[float]) -> float:
    """Return what 95 of 100 take at most."""
    return quantiles(times, n=20, method="inclusive")[-1]


def told(name: str, times: Sequence[Took]) -> str:
    """Return a line about times: by the clock, and how long the server worked."""
    shown = []
    for some in zip(*times, strict=True):
        figures = (("p50", median(some)), ("p95", p95(some)), ("worst", max(some)))
        shown.append(" ".join(f"{word} {1e3 * took:5.0f}" for word, took in figures))
    return f"  {name:<28}{len(times):4}  {shown[0]}  |  {shown[1]} ms"


def main() -> None:
    """Print how long answers take."""
    whole = text()
    start = time.process_time()
    diagnostics = check(Source("thousand.rules", whole)).diagnostics
    once = time.process_time() - start
    server = Server(whole)
    size = f"{len(whole) / 1024:.0f} KiB, {len(diagnostics)} diagnostics"
    print(f"{RULES:,} rules, {size}; opened: {server.open():.2f} s")
    print("from a keystroke to the diagnostics, by the clock | the server's processor time:")
    found = work(server)
    for name, times in found.items():
        print(told(name, times))
    every = [one for times in found.values() for one in times]
    print(told("all of them", every))
    worked = p95([taken for _, taken in every])
    print(f"a keystroke at p95 / a whole check: {worked / once:.3f} of processor time ({worked:.3f} s / {once:.3f} s)")
    print(f"wanted: a keystroke at p95 in at most {1e3 * WANTED:.0f} ms, where nothing else runs")
    print("from a request to its answer, after a keystroke:")
    for name, times in answers(server).items():
        print(told(name.removeprefix("textDocument/"), times))
    print(told("a let that all of them read", list(retyped(server, server.line_of("let trend"), "200", "150"))))
    server.end()


if __name__ == "__main__":
    main()
