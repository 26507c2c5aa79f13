"""The shared diagnostic cases: every mistake gets the one diagnostic that its case describes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

import rulelang
from tests.cases.location import folder
from tests.shared import shared

_FOUND = folder()
_CASES: list[Mapping[str, Any]] = (
    [] if _FOUND is None else json.loads((_FOUND / "cases" / "diagnostics.json").read_text("utf-8"))["diagnostics"]
)


def test_the_cases_are_there() -> None:
    assert (shared() / "cases" / "diagnostics.json").is_file()
    assert len(_CASES) > 30


@pytest.mark.parametrize("case", _CASES, ids=[case["id"] for case in _CASES])
def test_says(case: Mapping[str, Any]) -> None:
    found = rulelang.check(case["rules"], reader=case.get("files", {}).get)
    of_that_severity = [one for one in found if one.severity.value == case["severity"]]
    assert len(of_that_severity) == 1, [str(one) for one in found]
    (diagnostic,) = of_that_severity
    assert diagnostic.code.startswith(case["family"])
    assert tuple(diagnostic.position) == (case["line"], case["column"])
    assert [word for word in case["says"] if word not in diagnostic.message] == []
    if case["repair"] is not None:
        assert any(case["repair"] in fix.text for fix in diagnostic.fixes), diagnostic.fixes


@pytest.mark.parametrize("case", _CASES, ids=[case["id"] for case in _CASES])
def test_no_rules_come_of_errors_only(case: Mapping[str, Any]) -> None:
    """A warning leaves the rules usable, an error doesn't."""
    reader = case.get("files", {}).get
    if case["severity"] == "warning":
        assert rulelang.loads(case["rules"], reader=reader).diagnostics
    else:
        with pytest.raises(rulelang.RuleError) as caught:
            rulelang.loads(case["rules"], reader=reader)
        assert len(caught.value.diagnostics) == len(rulelang.check(case["rules"], reader=reader))
