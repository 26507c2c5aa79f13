"""Asking another process how often rules were active: for the newest text of each file, once its author pauses."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping

from attrs import asdict

from rulelang.editor.activity import Asked

_PAUSE = 0.5
"""So many seconds without a change are a pause."""

_KEPT = 8
"""So many answers are kept of each file, so that what is undone is known at once."""


class Asking:
    """The answers by file and text; `done` is called with the error of an answer, if there is one, when it came."""

    def __init__(self, done: Callable[[str | None], None]) -> None:
        self._done = done
        self._answers: dict[str, dict[Asked, Mapping[str, str]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._errors: set[str] = set()

    def said(self, asked: Asked) -> Mapping[str, str]:
        """Return what is said of each rule, as far as it is known by now."""
        return self._answers.get(asked.path, {}).get(asked, {})

    def ask(self, asked: Asked) -> None:
        """Ask about a text, unless that is known; a question about an earlier one is dropped."""
        self.drop(asked.path)
        if asked not in self._answers.get(asked.path, {}):
            self._tasks[asked.path] = asyncio.ensure_future(self._work(asked))

    def drop(self, path: str) -> None:
        """Take back the question about a file."""
        if (task := self._tasks.pop(path, None)) is not None:
            task.cancel()

    def end(self) -> None:
        """Take back all questions."""
        for path in list(self._tasks):
            self.drop(path)

    async def _work(self, asked: Asked) -> None:
        await asyncio.sleep(_PAUSE)
        answer = json.loads(await _asked(json.dumps(asdict(asked)).encode()) or b'{"error": "it ended halfway"}')
        kept = self._answers.setdefault(asked.path, {})
        kept[asked] = answer.get("rules", {})
        for old in list(kept)[:-_KEPT]:
            del kept[old]
        error = answer.get("error")
        self._done(None if error in self._errors else error)
        self._errors.update([error] if error else [])


async def _asked(request: bytes) -> bytes:
    """Return the answer of another process; it is ended where nobody waits for it any more."""
    command = (sys.executable, "-m", "rulelang.editor.activity")
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=nothing)
    try:
        answer, _ = await process.communicate(request)
    except asyncio.CancelledError:
        process.kill()
        raise
    return answer
