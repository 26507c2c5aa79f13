"""The table of a file says what the evaluator does: whatever rules are active together have a row, and it is right."""

import csv
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from rulelang import AssetDecision, Decision, Outcome, Rules
from rulelang.explain.table import Cell, Table, tables
from rulelang.explain.table_forms import as_csv, as_html, as_markdown
from rulelang.explain.table_text import as_text
from tests.properties.test_evaluator import decided, loaded
from tests.strategies import Ground, Written, files, grounds, markets
from tests.strategies.thresholds import threshold_files, threshold_markets

_LIMITS = ("floor", "cap", "corridor")


@given(files(grounds(), most=6), st.data())
def test_what_the_evaluator_shows_has_its_row(written: Written, data: st.DataObject) -> None:
    rules = loaded(written.text, written.ground)
    market = data.draw(markets(written.ground, written.fields))
    for table, decision in _compared(rules, decided(rules.start(records=False), market)):
        _agrees(table, decision)


@given(threshold_files(), st.data())
def test_rules_that_share_their_values_with_others(text: str, data: st.DataObject) -> None:
    """Few fields and many thresholds on them, so that many combinations are impossible, and nearly all others seen."""
    rules = loaded(text, _GROUND)
    for table, decision in _compared(rules, decided(rules.start(records=False), data.draw(threshold_markets()))):
        _agrees(table, decision)


_GROUND = Ground((), "1h", True, (), (), ())


def _compared(rules: Rules, decisions: list[Decision]) -> Iterator[tuple[Table, AssetDecision]]:
    """Yield each decision with the table of its asset."""
    by_asset = {asset: table for table in tables(rules.checked) for asset in table.assets or (None,)}
    for decision in decisions:
        for asset, one in decision.items():
            yield by_asset[asset], one


def _agrees(table: Table, decision: AssetDecision) -> None:
    combined = {name for name, _ in table.rules}
    active = tuple(name for name, on in decision.active.items() if on and name in combined)
    row = next((row for row in table.rows if row.active == active), None)
    assert row is not None, f"{active} are active together, and the table has no row for it"
    for target, cell in zip(table.targets, row.cells, strict=True):
        outcome = decision.targets[target.name]
        if not _lacks_a_value(outcome):
            _same(cell, outcome, 1e-9 * max(1.0, target.range))


def _lacks_a_value(outcome: Outcome) -> bool:
    return outcome.frozen or any(None in part.values for part in outcome.parts)


def _same(cell: Cell, outcome: Outcome, tolerance: float) -> None:
    assert cell.last_word == outcome.last_word
    assert cell.desired.low - tolerance <= outcome.desired <= cell.desired.high + tolerance
    made = [part.result for part in outcome.parts if part.what not in _LIMITS]
    if made:
        near = 1e-9 * max(1.0, abs(made[-1]))
        assert cell.level.low - near <= made[-1] <= cell.level.high + near


@given(files(grounds(), most=6), st.data())
def test_any_file_can_be_shown_in_every_form(written: Written, data: st.DataObject) -> None:
    rules = loaded(written.text, written.ground).checked
    known = sorted({rule.name for program in rules.programs.values() for rule in program.rules})
    named = data.draw(st.lists(st.sampled_from(known), unique=True)) if known else []
    found = tables(rules, named)
    for table in found:
        assert len(table.rows) + table.left_out == 2 ** len(table.rules)
        assert len({row.active for row in table.rows}) == len(table.rows)
        assert not named or {name for name, _ in table.rules} <= set(named)
    lines = sum(len(table.rows) * len(table.targets) for table in found)
    assert len(list(csv.reader(as_csv(found).splitlines()))) == lines + 1
    shown = as_text(found, data.draw(st.integers(40, 160))), as_markdown(found), as_html(found, "<generated>")
    assert all(target.name in text for table in found for target in table.targets for text in shown)
