"""What always holds of a run, over generated rule files and markets: one pair serves every property."""

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from rulelang import AssetDecision, Decision, Outcome, StepRefused
from rulelang.syntax import parse_expression, printed, tree
from tests.properties import answers
from tests.properties.pairs import Pair, bares, decided, loaded
from tests.share import apart
from tests.strategies.grounds import MONDAY

SHARDS = 8
"""Tests that the pairs are spread over, so that several processes share the work."""

PAIRS = settings().max_examples
"""How many pairs are generated in all: as many as the profile has examples (2,000 in CI)."""

_NEVER = "never_active"
_HASHES = "hashes"


# --- the properties --------------------------------------------------------------------------------------------------


def within_bounds(pair: Pair) -> None:
    """What is in force lies within the target's bounds, always (6.7)."""
    for decision in pair.decisions:
        for asset, one in decision.items():
            for name, outcome in one.targets.items():
                target = pair.rules.checked.programs[asset].targets[name]
                assert target.low <= outcome.after <= target.high
                assert target.low <= outcome.desired <= target.high


def limits_hold(pair: Pair) -> None:
    """Floors and caps of active rules hold on what is in force; bounds win, then the last in file order (6.4)."""
    for decision in pair.decisions:
        for asset, one in decision.items():
            program = pair.rules.checked.programs[asset]
            written = {rule.name: rule.written for rule in program.rules}
            for name, outcome in one.targets.items():
                target = program.targets[name]
                value = outcome.after
                for low, high in _limits(one, written, name, outcome):
                    value = min(max(value, low), high)
                value = min(max(value, target.low), target.high)
                assert abs(value - outcome.after) <= 2e-9 * target.range, (name, outcome)


def _limits(
    one: AssetDecision, written: Mapping[str, tree.Rule], target: str, outcome: Outcome
) -> Iterable[tuple[float, float]]:
    """Yield the known floors and caps of the active rules in file order; those that are literals must be among them."""
    known = [part for part in outcome.parts if part.what in _LIMITS and None not in part.values]
    places = [list(one.active).index(part.rule) for part in known]
    assert places == sorted(places) and all(one.active[part.rule] for part in known)
    for rule, active in one.active.items():
        own = [part for part in known if part.rule == rule]
        taken = [(part.what, [value for value in part.values if value is not None]) for part in own]
        for action in written[rule].actions if active else ():
            if isinstance(action, tree.Floor | tree.Cap | tree.Corridor) and action.target.text == target:
                literals = _literals(action)
                assert literals is None or (type(action).__name__.lower(), literals) in taken, "a limit took no part"
        yield from (_ends(what, values) for what, values in taken)


_LIMITS = ("floor", "cap", "corridor")


def _ends(what: str, values: list[float]) -> tuple[float, float]:
    low = values[0] if what != "cap" else float("-inf")
    return low, values[-1] if what != "floor" else float("inf")


def _literals(action: tree.Floor | tree.Cap | tree.Corridor) -> list[float] | None:
    written = (action.low, action.high) if isinstance(action, tree.Corridor) else (action.value,)
    values = [_literal(one) for one in written]
    return None if None in values else [value for value in values if value is not None]


def _literal(written: tree.Expression) -> float | None:
    match written:
        case tree.Percent():
            return float(written.text[:-1]) / 100
        case tree.Number() | tree.Quantity():
            return float((written.text if isinstance(written, tree.Number) else written.number).replace("_", ""))
        case tree.Negative():
            inner = _literal(written.inner)
            return None if inner is None else -inner
        case _:
            return None


def records_are_json(pair: Pair) -> None:
    """A record can be written as JSON, and what it says is what was decided."""
    for decision in pair.decisions:
        for one in decision.values():
            assert one.record is not None
            again = json.loads(json.dumps(one.record, allow_nan=False))
            assert again["active"] == [name for name, active in one.active.items() if active]
            assert {name: seen["after"] for name, seen in again["targets"].items()} == {
                name: outcome.after for name, outcome in one.targets.items()
            }


def same_again(pair: Pair) -> None:
    """The same rules and data decide the same, to the last bit, and records have no part in it."""
    assert bares(decided(pair.rules.start(records=False, engine="reference"), pair.market)) == pair.bare


def interrupted(pair: Pair) -> None:
    """Snapshot and restore, anywhere and twice, change nothing."""
    at = pair.position()
    run = pair.rules.start(records=False, engine="reference")
    for step in pair.market.steps[:at]:
        run.step(step.time, step.values)
    saved = run.snapshot()
    first = pair.rules.resume(saved, records=False, engine="reference")
    assert first.resumed is not None and not first.resumed.reset and not first.resumed.new
    assert first.snapshot() == saved
    second = pair.rules.resume(first.snapshot(), engine="reference")
    assert decided(second, pair.market, at) == pair.decisions[at:]
    between = pair.position()
    for step in pair.market.steps[at:between]:
        run.step(step.time, step.values)  # the run that was copied goes on as well
    third = pair.rules.resume(run.snapshot(), records=False, engine="reference")
    assert bares(decided(third, pair.market, max(at, between))) == pair.bare[max(at, between) :]


def no_look_ahead(pair: Pair) -> None:
    """A prefix of the data gives the prefix of the decisions, as a frame too (4.8)."""
    if pair.written.ground.assets or not len(pair.market):
        return
    at = max(1, pair.position())
    bars = pair.written.ground.written
    whole = pair.rules.over(frame(pair, len(pair.market)), bars=bars, engine="reference")
    part = pair.rules.over(frame(pair, at), bars=bars, engine="reference")
    assert part == {name: column[:at] for name, column in whole.items()}
    for index, decision in enumerate(pair.decisions):
        for name, outcome in decision.targets.items():
            assert whole[name][index] == outcome.after
            assert whole[f"{name}_desired"][index] == outcome.desired


def frame(pair: Pair, length: int) -> dict[str, list[Any]]:
    """Return the first steps of a market of one asset as columns, one for each field that the rules may read."""
    steps = pair.market.steps[:length]
    columns = {name: [step.values.get(name) for step in steps] for name in sorted(pair.written.fields)}
    return {"close_time": [step.time for step in steps], **columns}


def refused_changes_nothing(pair: Pair) -> None:
    """A step that is refused changes nothing (4.1)."""
    at = pair.position()
    run = pair.rules.start(records=False, engine="reference")
    for step in pair.market.steps[:at]:
        run.step(step.time, step.values)
    saved = run.snapshot()
    last = pair.market.steps[at - 1].time if at else MONDAY
    bars = pair.written.ground.bars
    refused: list[Any] = ["soon", float("nan"), None, True]
    refused += [last, last - bars, last - 30 * bars] if at else []
    refused += [last + bars // 2, last + bars * 3 + 1] if pair.rules.bars is not None else []
    for time in refused:
        with pytest.raises(StepRefused):
            run.step(time, {"close": 1.0})
    assert run.snapshot() == saved


def idle_rule(pair: Pair) -> None:
    """A rule that is never active changes nothing else."""
    never = tree.Rule(
        tree.Name(_NEVER),
        None,
        parse_expression("close is known and close is missing"),
        (tree.SetLevel(tree.Name("hedge"), tree.Percent("1%")), tree.Freeze(tree.Name("hedge"))),
        pair.data.draw(st.booleans()),
        None,
        None,
        None,
    )
    statements = list(pair.written.file.statements)
    first = next(at for at, statement in enumerate(statements) if isinstance(statement, tree.Rule))
    statements.insert(pair.data.draw(st.integers(first, len(statements))), never)
    rules = loaded(printed(tree.File(tuple(statements))), pair.written.ground)
    without = decided(rules.start(records=False, engine="reference"), pair.market)
    for theirs, ours in zip(without, pair.bare, strict=True):
        for asset, one in theirs.items():
            assert _without_idle(one, ours[asset]) == _nameless(ours[asset])


def _without_idle(one: AssetDecision, ours: AssetDecision) -> Any:
    assert one.active[_NEVER] is False
    active = {name: is_active for name, is_active in one.active.items() if name != _NEVER}
    targets = {name: outcome for name, outcome in one.targets.items() if name in ours.targets}
    rejected = tuple(name for name in one.rejected if name != "close" or name in ours.rejected)
    return _nameless(evolve(one, active=active, targets=targets, rejected=rejected))


def _nameless(one: AssetDecision) -> Any:
    """Return a decision with rules by number: those without a name are called after their line."""
    number: dict[str | None, object] = {name: at for at, name in enumerate(one.active)}
    targets = {
        name: evolve(
            outcome,
            last_word=number.get(outcome.last_word, outcome.last_word),  # type: ignore[arg-type]
            parts=tuple(evolve(part, rule=number[part.rule]) for part in outcome.parts),  # type: ignore[arg-type]
        )
        for name, outcome in one.targets.items()
    }
    rules = [number[name] for name in one.started], [number[name] for name in one.ended]
    alerts = [(number[alert.rule], alert.text) for alert in one.alerts]
    return targets, list(one.active.values()), rules, alerts, sorted(one.rejected)


def lets_in_another_order(pair: Pair) -> None:
    """Reordering lets that don't read each other changes nothing, not even the state that is kept."""
    statements = list(pair.written.file.statements)
    lets = [at for at, statement in enumerate(statements) if isinstance(statement, tree.Let)]
    swapped = False
    for at, after in pairwise(lets):
        one, other = statements[at], statements[after]
        assert isinstance(one, tree.Let) and isinstance(other, tree.Let)
        if after == at + 1 and one.name.text not in printed(other.value).replace("(", " ").replace("@", " "):
            statements[at], statements[after] = other, one
            swapped = True
    if not swapped:
        return
    rules = loaded(printed(tree.File(tuple(statements))), pair.written.ground)
    run = rules.start(records=False, engine="reference")
    assert bares(map(_sorted_rejected, decided(run, pair.market))) == bares(map(_sorted_rejected, pair.decisions))
    resumed = pair.rules.resume(run.snapshot(), engine="reference").resumed
    assert resumed is not None and not resumed.reset and not resumed.new


def _sorted_rejected(decision: Decision) -> Any:
    return {asset: evolve(one, rejected=tuple(sorted(one.rejected))) for asset, one in decision.items()}


PROPERTIES: tuple[Callable[[Pair], None], ...] = (
    within_bounds,
    limits_hold,
    records_are_json,
    same_again,
    interrupted,
    no_look_ahead,
    refused_changes_nothing,
    idle_rule,
    lets_in_another_order,
)


def properties(shard: int) -> tuple[Callable[[Pair], None], ...]:
    """Return what holds of the pairs of a shard; answers take their time, so every fourth one asks for them."""
    return (*PROPERTIES, *answers.PROPERTIES) if shard % 4 == 0 else PROPERTIES


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_property(shard: int) -> None:
    @apart(shard)
    @settings(max_examples=max(1, PAIRS // SHARDS))
    @given(st.data())
    def every(data: st.DataObject) -> None:
        pair = Pair(data)
        for holds in properties(shard):
            holds(pair)

    every()
