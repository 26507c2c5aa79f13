"""The reference: every function and field is explained, in words that the pages and the command line share."""

from pathlib import Path

import pytest

from rulelang.check import check
from rulelang.explain import reference
from rulelang.explain.describe import described
from rulelang.fields import CATALOGUE
from rulelang.functions import FUNCTIONS
from rulelang.text import Severity, Source

DOCS = Path(__file__).parents[2] / "docs"

ENTRIES = [reference.function_entry(one) for one in FUNCTIONS.values()]
ENTRIES += [reference.field_entry(one) for one in CATALOGUE.values()]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.heading)
def test_every_example_checks_and_has_words(entry: reference.Entry) -> None:
    checking = check(Source("example.rules", entry.example))
    assert [str(one) for one in checking.diagnostics if one.severity is Severity.ERROR] == []
    assert entry.name in entry.example
    assert checking.rules is not None
    assert "It sets `hedge` to 50%." in "\n".join(described(checking.rules).text())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.heading)
def test_the_page_says_the_same(entry: reference.Entry) -> None:
    page = (DOCS / ("functions.md" if entry.family else "fields.md")).read_text("utf-8")
    section = page[page.index(f"\n## {entry.name}\n") :].split("\n## ")[1]
    assert all(f"- {label}: {text}" in section for label, text in entry.facts)
    assert all(f"- `{name}` ({role}): {text}" in section for name, role, text in entry.parameters)
    assert entry.example in section


def test_a_function_says_what_it_does_with_missing_values() -> None:
    gaps = {name: dict(reference.function_entry(one).facts)["missing values"] for name, one in FUNCTIONS.items()}
    assert gaps["sma"] == "missing while less than half of the window is known"
    assert gaps["ema"] == "passes over missing values and keeps its state; missing after n periods without a value"
    assert gaps["clamp"] == "missing where an argument is"
    assert gaps["basis"] == "missing where a field that it reads is"


def test_the_warm_up_is_that_of_the_example() -> None:
    facts = {name: dict(reference.function_entry(FUNCTIONS[name]).facts) for name in ("ema", "rsi", "zscore", "abs")}
    assert [one["first value after"] for one in facts.values()] == [
        "n periods (in the example 26)",
        "n + 1 periods (in the example 15)",
        "n periods, at least 2 (in the example 48)",
        "1 period",
    ]


def test_who_pays_stands_with_both_funding_rates_and_nowhere_else() -> None:
    paying = [name for name, one in CATALOGUE.items() if "who pays" in dict(reference.field_entry(one).facts)]
    assert paying == ["funding_8h", "predicted_funding_8h"]


@pytest.mark.parametrize(("name", "meant"), [("smaa", "sma"), ("average_true", None), ("percentil", "percentile")])
def test_the_nearest_name(name: str, meant: str | None) -> None:
    assert reference.nearest(name, FUNCTIONS) == meant


def test_an_example_with_errors_is_refused() -> None:
    with pytest.raises(ValueError, match="has errors"):
        reference.example_file("close > 5%")
