"""Why changes happened: sentences from the decision records of the newest of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rulelang.backtest.result import Change
from rulelang.evaluate import Run
from rulelang.explain.why import why
from rulelang.text.outline import Told

NEWEST = 2_000
"""So many changes are explained in a report; for the others it names the command that does."""

Reasons = Mapping[int, Told]
"""Why, by the number of the change."""


def reasons(
    run: Run, steps: Iterable[tuple[float, Mapping[str, Any]]], changes: Sequence[Change], most: int = NEWEST
) -> Reasons:
    """Return why the newest changes happened, going over the steps from the first: as slow as the reference is.

    `run`: a fresh one of the same rules and events. `steps`: the time of each bar's close and what was known then, as
    `Run.step` takes them.
    """
    wanted, found = _wanted(newest(changes, most)), dict[int, Told]()
    for time, values in steps if wanted else ():
        mine = wanted.pop(time, None)
        if mine is None:
            run.step(time, values)
            continue
        decided = run.recorded_step(time, values).by_asset
        told = {number: decided[asset].record for asset, number in mine if asset in decided}
        found |= {number: why(record) for number, record in told.items() if record is not None}
        if not wanted:
            break
    return found


def newest(changes: Sequence[Change], most: int) -> Sequence[Change]:
    """Return the newest changes, in the order of time, of whatever assets."""
    return sorted(changes, key=lambda change: change.time)[max(0, len(changes) - most) :]


def _wanted(changes: Iterable[Change]) -> dict[float, list[tuple[str | None, int]]]:
    """Return assets and numbers of changes, by time."""
    found: dict[float, list[tuple[str | None, int]]] = {}
    for change in changes:
        found.setdefault(change.time, []).append((change.asset, change.number))
    return found


def pooled(found: Reasons) -> dict[str, Any]:
    """Return reasons as a page holds them: each sentence once, and by change its number, its mark, and those below."""
    texts: dict[str, int] = {}

    def told(one: Told) -> list[Any]:
        at = texts.setdefault(one.text, len(texts))
        return [at, one.mark[:1], [told(below) for below in one.below]] if one.below else [at, one.mark[:1]]

    by_change = {str(number): told(one) for number, one in found.items()}
    return {"texts": list(texts), "told": by_change}
