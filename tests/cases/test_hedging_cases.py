"""The shared hedging cases: every operation gives what its case says, as near as the case says."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.cases.hedging_operations import OPERATIONS
from tests.cases.location import folder
from tests.shared import shared


def _content() -> Mapping[str, Any]:
    """Return the file; an empty one where the folder is missing (a test of its own tells of that)."""
    found = folder()
    if found is None:
        return {"cases": [], "operations": {}}
    content: Mapping[str, Any] = json.loads((found / "cases" / "hedging.json").read_text("utf-8"))
    return content


_ALL = _content()


def test_the_cases_are_there() -> None:
    assert (shared() / "cases" / "hedging.json").is_file()
    assert len(_ALL["cases"]) >= 132


def test_every_operation_is_known() -> None:
    shared()
    assert set(OPERATIONS) == set(_ALL["operations"])


@pytest.mark.parametrize("case", _ALL["cases"], ids=[f"{case['id']}-{case['op']}" for case in _ALL["cases"]])
def test_is_worked_out(case: Mapping[str, Any]) -> None:
    found = OPERATIONS[case["op"]](case["inputs"])
    wrong = list(_wrong("", found, case["expected"], case["tolerance"]))
    assert not wrong, f"{case['title']}: " + "; ".join(wrong)


def _wrong(name: str, found: Any, wanted: Any, tolerance: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for every output that is not as the case says; `name` is its path, `orders BTC contracts`."""
    match wanted:
        case dict():
            for key, value in wanted.items():
                yield from _wrong(f"{name} {key}".strip(), found[key], value, tolerance)
        case list():
            if len(found) != len(wanted):
                yield f"{name}: found {len(found)} values, wanted {len(wanted)}"
            for at, (one, other) in enumerate(zip(found, wanted, strict=False)):
                yield from _wrong(f"{name} {at}", one, other, tolerance)
        case _:
            if not _same(name.split(), found, wanted, tolerance):
                yield f"{name}: found {found!r}, wanted {wanted!r}"


def _same(path: list[str], found: Any, wanted: Any, tolerance: Mapping[str, Any]) -> bool:
    if not isinstance(found, Decimal) or not isinstance(wanted, str):
        return type(found) is type(wanted) and found == wanted
    if set(path) & set(tolerance.get("exact", ())):
        return found == Decimal(wanted)
    return abs(found - Decimal(wanted)) <= max(
        Decimal(tolerance["abs"]), Decimal(tolerance["rel"]) * abs(Decimal(wanted))
    )
