"""Decides over HTTP: POST /decide with a book, a time and values. Start it with `uvicorn serve:app`."""

from threading import Lock
from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

import rulelang

RULES = rulelang.load("hedge.rules")


class Bar(BaseModel):
    """A bar of a book: when it closed (a text with a zone, or seconds since 1970), and what was known then."""

    book: str
    time: str | float
    values: dict[str, float | str | None]


class Book:
    """A book's own run. Requests come in several threads, and a run is for one at a time."""

    def __init__(self) -> None:
        self.run = RULES.start()
        self.lock = Lock()

    def decide(self, bar: Bar) -> rulelang.Decision:
        """Take a bar, and decide."""
        with self.lock:
            return self.run.step(bar.time, bar.values)


BOOKS = {"spot": Book(), "mining": Book()}
app = FastAPI()


@app.post("/decide")
def decide(bar: Bar) -> dict[str, Any]:
    """Return the hedge in force after a bar, who made it, what holds it, and what was missing or refused."""
    book = BOOKS.get(bar.book)
    if book is None:
        raise HTTPException(404, f"there is no book `{bar.book}`; there are {', '.join(BOOKS)}")
    try:
        decision = book.decide(bar)
    except rulelang.StepRefused as refused:
        raise HTTPException(422, str(refused)) from None
    outcome = decision.targets["hedge"]
    return {
        "hedge": outcome.after,
        "desired": outcome.desired,
        "rule": outcome.last_word,
        "held": outcome.held,
        "active": [name for name, active in decision.active.items() if active],
        "alerts": [alert.text for alert in decision.alerts],
        "missing": [field for field in RULES.fields if bar.values.get(field) is None],
        "rejected": list(decision.rejected),
    }
