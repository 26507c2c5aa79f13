"""`rulelang table`: what a person reads at the width of a terminal, the other formats, and wrong usage."""

import csv
import io
from html.parser import HTMLParser
from pathlib import Path

import pytest

import rulelang
from rulelang.explain.table import tables
from rulelang.explain.table_text import as_text
from tests import golden
from tests.cli.running import called, files
from tests.patience import within

RULES = Path(__file__).parents[2] / "rules"

TWO_TARGETS = """\
assets BTC
bars 1h
target spot_weight between 0% and 100% change at least 5%
target hedge between 0% and 120% change at least 10% cooldown 8h
rule risk_off when close@1d < sma(close, 200)@1d for 2 periods then spot_weight 50%, hedge at least 75%
rule crowded when funding_8h > 0.05% for 3 periods then hedge 80%
rule calm when funding_8h < 0.01% then hedge 30%, spot_weight at least 70%
rule panic when close falls 15% over 24h then increase hedge by 25% of exposure, spot_weight 30% at once
rule wild when iv > 90% then freeze spot_weight
otherwise spot_weight 80%, hedge min(60%, iv)
"""
FIRST_EXAMPLE = """\
assets BTC
bars 1h
target hedge between 0% and 120% change at least 10% cooldown 8h
event cpi
param crowded = 0.05% in 0.02% .. 0.15%
let trend = sma(close, 200)@1d
let shelf = value_area_low(30d)
when funding_8h > crowded for 3 periods then hedge 80%
rule trend_broken when close@1d < trend for 2 periods then hedge at least 75%
rule support_broken
  when close crosses below shelf
  then increase hedge by 25% of exposure
  until close > at_trigger(shelf) for 5 periods of 1d
rule release_risk when within 24h before cpi then hedge at least 90%
otherwise hedge 60%
"""
MANY = "\n".join(f"rule r{at} when close > {at} for 2 of 3 periods then hedge {at}%" for at in range(1, 14))


@pytest.mark.parametrize("name", sorted(path.stem for path in RULES.glob("*.rules")))
def test_the_strategies_as_text(name: str) -> None:
    result = called("table", RULES / f"{name}.rules")
    assert (result.code, result.err) == (0, "")
    golden.check(f"table/{name}.txt", result.out)


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("name", ["two-targets", "first-example"])
def test_the_width_of_a_terminal(name: str, width: int) -> None:
    text = TWO_TARGETS if name == "two-targets" else FIRST_EXAMPLE
    shown = as_text(tables(rulelang.loads(text).checked), width)
    assert max(map(len, shown.splitlines())) <= width
    golden.check(f"table/{name}-{width}.txt", shown)


@pytest.mark.parametrize(("form", "ending"), [("markdown", "md"), ("csv", "csv"), ("html", "html")])
def test_the_other_formats(folder: Path, form: str, ending: str) -> None:
    files(folder, two_rules=TWO_TARGETS)
    golden.check(f"table/two-targets.{ending}", called("table", "two.rules", "--format", form).out)


def test_csv_has_a_line_for_each_combination_and_target(folder: Path) -> None:
    files(folder, two_rules=TWO_TARGETS)
    lines = list(csv.DictReader(io.StringIO(called("table", "two.rules", "--format", "csv").out)))
    assert len(lines) == 24 * 2
    crowded = next(line for line in lines if line["crowded"] == "1" and line["target"] == "hedge")
    assert (crowded["level"], crowded["desired level"], crowded["last word"]) == ("0.8", "0.8", "crowded")
    assert {line["calm"] for line in lines} == {"0", "1"}


def test_csv_where_a_rule_counts_for_some_assets_only(folder: Path) -> None:
    text = "assets BTC, ETH rule a on BTC when close > 1 then hedge -iv rule b when close > 2 then hedge 20%"
    files(folder, some_rules=text)
    lines = list(csv.DictReader(io.StringIO(called("table", "some.rules", "--format", "csv").out)))
    assert {(line["assets"], line["a"]) for line in lines} == {("BTC", "0"), ("BTC", "1"), ("ETH", "")}
    assert "(-iv)" in {line["level"] for line in lines}


class _Page(HTMLParser):
    """What stands in a page, and what it fetches."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_whole_and_escaped(folder: Path) -> None:
    files(folder, **{"a<b>_rules": "when close > 1 then hedge if(close < 5 and iv > 90%, 10%, 20%)"})
    text = called("table", "a<b>.rules", "--format", "html").out
    page = _Page(text)
    assert not page.open and not page.fetched and "http" not in text
    assert page.texts.count("if(close < 5 and iv > 90%, 10%, 20%)") == 2 and "a<b>.rules" in page.texts


def test_standard_input_and_some_rules() -> None:
    result = called("table", "-", "crowded", "calm", stdin=TWO_TARGETS)
    assert result.code == 0
    assert "taken as inactive: risk_off, panic, wild" in result.out
    assert "1 of 4 combinations can't occur: no value of funding_8h allows them" in result.out


def test_a_file_that_moves_nothing() -> None:
    assert called("table", "-", stdin='when close > 1 then alert "high"').out.endswith(
        "no rule moves a target\nonly alerts: line_1\n"
    )
    for form in ("markdown", "csv", "html"):
        assert called("table", "-", "--format", form, stdin='when close > 1 then alert "high"').code == 0
    assert called("table", "-", stdin="otherwise hedge 30%").out.splitlines()[2:] == [
        "hedge  last word",
        "-----  ---------",
        "30%    otherwise",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("table", "none.rules"), "there is no file none.rules"),
        (("table", "my.rules", "lo"), "the file has no rule `lo`; did you mean `low`?"),
        (("table", "my.rules", "--asset", "BTC"), "the file has no asset `BTC`: it names no assets"),
        (
            ("table", "many.rules"),
            "13 rules move a target, and a table combines 12 at most: "
            "name up to 12 of them, the others are taken as inactive",
        ),
    ],
)
def test_wrong_usage(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    files(folder, many_rules=MANY)
    result = called(*arguments)
    assert (result.code, result.out, result.last) == (2, "", message)


def test_a_file_with_errors(folder: Path) -> None:
    files(folder, bad_rules="when close > 5% then hedge 70%")
    result = called("table", "bad.rules")
    assert (result.code, result.out) == (1, "")
    assert result.last == "bad.rules has errors: mend them first"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "markdown", "csv", "html"])
def test_four_thousand_rows_are_quick(folder: Path, form: str) -> None:
    files(folder, many_rules=MANY)
    with within(5):
        result = called("table", "many.rules", *(f"r{at}" for at in range(1, 13)), "--format", form)
    assert result.code == 0 and len(result.out.splitlines()) > 4096
