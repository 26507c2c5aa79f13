"""Comparing an answer with what a case expects: each difference as a line that says where it is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rulelang.conformance.cases import Case
from rulelang.kinds.units import time_text

TOLERANCE = 1e-9
"""So far a number may be off, in units or, above 1, as a part of it."""

LISTS = ("active", "started", "ended", "alerts", "rejected")
WORDS = ("last_word", "held", "frozen")


def differences(case: Case, answer: object) -> Iterator[str]:
    """Yield where an answer differs from what a case expects: nothing where it conforms."""
    if not isinstance(answer, Mapping):
        yield f"the answer is no JSON object but {_told(answer)}"
    elif case.is_refusal:
        yield from _refusal(case.expected["errors"], answer)
    elif answer.get("errors"):
        yield f"the rules are refused ({_codes(answer['errors'])}), but they are right"
    else:
        yield from _steps(case, answer.get("steps"))


# Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _refusal(expected: Sequence[Any], answer: Mapping[str, Any]) -> Iterator[str]:
    found = answer.get("errors")
    if not found:
        yield f"the rules are accepted, but have to be refused ({_codes(expected)})"
    elif not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        yield f"`errors` is no list of objects but {_told(found)}"
    else:
        places = [{key: one.get(key) for key in ("code", "from", "to")} for one in found]
        yield from (f"no error {_place(one)}" for one in expected if one not in places)
        yield from (f"an error too many: {_place(one)}" for one in places if one not in expected)


def _codes(errors: object) -> str:
    listed = errors if isinstance(errors, list) else [errors]
    return ", ".join(str(one.get("code")) if isinstance(one, Mapping) else str(one) for one in listed)


def _place(error: Mapping[str, Any]) -> str:
    return f"{error['code']} from {_told(error['from'])} to {_told(error['to'])}"


# Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _steps(case: Case, found: object) -> Iterator[str]:
    steps, expected = case.asked.get("steps", []), case.expected["steps"]
    if steps and not isinstance(found, list):
        yield f"`steps` is no list but {_told(found)}"
        return
    answers: list[Any] = found if isinstance(found, list) else []
    if len(answers) != len(expected):
        yield f"there are {len(answers)} answers to {len(expected)} steps"
    for at, (step, wanted, given) in enumerate(zip(steps, expected, answers, strict=False), 1):
        label = f"step {at} ({time_text(step['time'])})"
        yield from (f"{label}: {difference}" for difference in _step(wanted, given))


def _step(wanted: Any, given: object) -> Iterator[str]:
    if wanted is None or given is None:
        if wanted is not given:
            yield "is taken, but has to be refused" if wanted is None else "is refused, but has to be taken"
    elif not isinstance(given, Mapping) or not all(isinstance(one, Mapping) for one in given.values()):
        yield f"is no object of objects but {_told(given)}"
    else:
        yield from _keys("asset", wanted, given)
        for asset in sorted(wanted.keys() & given.keys()):
            before = f"{asset}: " if asset else ""
            yield from (f"{before}{difference}" for difference in _asset(wanted[asset], given[asset]))


def _asset(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    for key in LISTS:
        one, other = wanted.get(key) or [], given.get(key) or []
        if one != (sorted(other) if key == "rejected" and isinstance(other, list) else other):
            yield f"`{key}` is {_told(other)}, not {_told(one)}"
    wants, targets = wanted.get("targets") or {}, given.get("targets") or {}
    if not isinstance(targets, Mapping):
        yield f"`targets` is no object but {_told(targets)}"
        return
    yield from _keys("target", wants, targets)
    for name in sorted(wants.keys() & targets.keys()):
        yield from (f"{name}: {difference}" for difference in _target(wants[name], targets[name]))


def _target(wanted: Mapping[str, Any], given: object) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield f"is no object but {_told(given)}"
        return
    for key in ("after", "desired"):
        one, other = (outcome.get(key, outcome.get("after")) for outcome in (wanted, given))
        if not _near(one, other):
            yield f"`{key}` is {_told(other)}, not {_told(one)}"
    for key in WORDS:
        if (wanted.get(key) or None) != (given.get(key) or None):
            yield f"`{key}` is {_told(given.get(key))}, not {_told(wanted.get(key))}"


def _near(wanted: Any, given: object) -> bool:
    if not isinstance(given, int | float) or isinstance(given, bool):
        return False
    return bool(abs(given - wanted) <= TOLERANCE * max(1.0, abs(wanted)))


def _keys(what: str, wanted: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"no {what} `{name}`" for name in sorted(wanted.keys() - given.keys()))
    yield from (f"{what} `{name}` too many" for name in sorted(given.keys() - wanted.keys()))


def _told(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 80 else f"{text[:77]}..."
