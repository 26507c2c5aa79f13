"""What always holds of decision records, of the answers made of them, and of deciding again: asked of every pair."""

import json
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from rulelang import RuleError, Rules
from rulelang.evaluate.targets import LiveTarget
from rulelang.explain import replay
from rulelang.explain.why import why, why_not
from rulelang.kinds.units import time_text
from rulelang.text.outline import Told
from tests.properties.pairs import Pair
from tests.strategies.alterations import altered

Record = dict[str, Any]

_PYTHON = re.compile(r"\b(None|nan|NaN|inf|object|Fraction|True|False|lambda|dict|float)\b")
_LIMITS = ("floor", "cap", "corridor")


def records(pair: Pair) -> list[Record]:
    """Return the records of a run, as they are after they were written and read."""
    return [again(one.record) for decision in pair.decisions for one in decision.values()]


def again(record: Record | None) -> Record:
    assert record is not None
    read: Record = json.loads(json.dumps(record, allow_nan=False))
    return read


# --- answers


def answers_are_plain(pair: Pair) -> None:
    """Why and why not can be told of every bar, in words of the language, and the same from a record that was read."""
    for decision in pair.decisions:
        for one in decision.values():
            record, read = one.record or {}, again(one.record)
            told = [why(record), *(why_not(record, name) for name in record["rules"])]
            assert told == [why(read), *(why_not(read, name) for name in read["rules"])]
            for text in (text for answer in told for text in _texts(answer)):
                assert not _PYTHON.search(text), text
                assert text == text.strip() and "  " not in text and ", ," not in text and ": ," not in text, text


def _texts(told: Told) -> Iterator[str]:
    yield told.text
    for below in told.below:
        yield from _texts(below)


# --- margins


def margins_are_exact(pair: Pair) -> None:
    """The left value and the margin make the right value, exactly; the margin's sign is the way to move."""
    for record in records(pair):
        for leaf in _leaves(record):
            if "margin" in leaf:
                margin = leaf["margin"]
                assert Fraction(margin["left"]) + Fraction(margin["exact"]) == Fraction(margin["right"])
                assert margin["value"] is None or margin["value"] == float(Fraction(margin["exact"]))


def _leaves(record: Record) -> Iterator[Record]:
    for rule in record["rules"].values():
        for where in ("why", "why_not", "until"):
            yield from _with_parts(rule.get(where, ()))


def _with_parts(leaves: list[Record]) -> Iterator[Record]:
    for leaf in leaves:
        yield leaf
        yield from _with_parts(leaf.get("parts", []))


# --- the last word, and the floors and caps that bind


def the_named_decide(pair: Pair) -> None:
    """What is named as last word makes the level; floors and caps are named where they make a difference, only there.

    One step is decided again from the same state: without a rule, without those below it, without those above it.
    """
    if not pair.decisions:
        return
    at = min(pair.position(), len(pair.decisions) - 1)
    run = pair.rules.start(records=False, engine="reference")
    for step in pair.market.steps[:at]:
        run.step(step.time, step.values)
    state = run.snapshot()
    for asset, one in pair.decisions[at].items():
        record = again(one.record)
        for name, target in record["targets"].items():
            step = _Again(pair, state, at, asset, name)
            _last_word_decides(step, target, list(record["rules"]))
            _those_that_bind_are_named(step, target)


class _Again:
    """One step decided again, with some actions on one target left out."""

    def __init__(self, pair: Pair, state: bytes, at: int, asset: str | None, target: str) -> None:
        self.pair, self.state, self.step = pair, state, pair.market.steps[at]
        self.asset, self.target = asset, target

    def without(self, left_out: Callable[[str, str], bool]) -> Record:
        """Return the record of the target without the actions for whose rule and kind `left_out` says so."""
        run = self.pair.rules.resume(self.state, engine="reference")
        live: LiveTarget = run.machines[self.asset].assembly.targets[self.target]
        live.doings = tuple(doing for doing in live.doings if not left_out(doing.rule, doing.what))
        record = run.step(self.step.time, self.step.values)[self.asset].record
        target: Record = again(record)["targets"][self.target]
        return target


def _last_word_decides(step: _Again, target: Record, rules: list[str]) -> None:
    word = target["last_word"]
    if word not in rules:
        assert all(part["does"] in _LIMITS or part["result"] == target["level"] for part in target["parts"])
        assert word in (None, "otherwise")
        return
    place = rules.index(word)
    mine = [part for part in target["parts"] if part["rule"] == word]
    assert any(part["result"] == target["level"] for part in mine)
    below = step.without(lambda rule, _: rules.index(rule) > place)
    assert (below["level"], below["last_word"]) == (target["level"], word), "a rule below the last word counts"
    without = step.without(lambda rule, _: rule == word)
    assert without["last_word"] != word
    if all(part["does"] == "set" for part in mine):
        above = step.without(lambda rule, _: rules.index(rule) < place)
        assert (above["level"], above["last_word"]) == (target["level"], word), "a rule above a set counts"
    if without["level"] == target["level"]:
        _same_for_another_reason(without)


def _same_for_another_reason(without: Record) -> None:
    """Check that another rule, `otherwise`, or what was in force, gives the value by itself."""
    parts = [part for part in without["parts"] if part["rule"] == without["last_word"]]
    if parts:
        assert any(part["result"] == without["level"] for part in parts)
    elif without["frozen"]:
        assert without["level"] == without["before"]
    else:
        assert without["last_word"] in (None, "otherwise")


def _those_that_bind_are_named(step: _Again, target: Record) -> None:
    limiting = dict.fromkeys(part["rule"] for part in target["parts"] if part["does"] in _LIMITS)
    assert set(target["limited_by"]) <= set(limiting)
    for name in limiting:
        without = step.without(lambda rule, what, name=name: rule == name and what in _LIMITS)  # type: ignore[misc]
        same = (without["desired"], without["after"]) == (target["desired"], target["after"])
        if without["level"] == target["level"]:  # a floor without a value freezes: then more than a limit is gone
            assert same == (name not in target["limited_by"]), name


# --- since when, and what held a change back


def since_is_counted(pair: Pair) -> None:
    """`since` and `otherwise` of rules, `since` and `price` of targets, agree with the decisions of the run."""
    rules: dict[tuple[str | None, str], tuple[bool, str | None, str | None]] = {}
    targets: dict[tuple[str | None, str], str | None] = {}
    last: dict[str | None, str] = {}
    for decision in pair.decisions:
        for asset, one in decision.items():
            record, now = again(one.record), time_text(one.time)
            for name, active in one.active.items():
                was, since, otherwise = rules.get((asset, name), (False, None, None))
                if active is not was:
                    since, otherwise = now, last.get(asset)
                rules[asset, name] = active, since, otherwise
                told = record["rules"][name]
                assert (told["since"], told["otherwise"]) == (since, otherwise)
            for name, outcome in one.targets.items():
                span = pair.rules.checked.programs[asset].targets[name].range
                if abs(outcome.after - outcome.before) > 1e-9 * span:
                    targets[asset, name] = now
                assert record["targets"][name]["since"] == targets.get((asset, name))
            last[asset] = now


def brakes_are_told(pair: Pair) -> None:
    """The brake that is named holds by its own definition (6.5), until when it says; where none is, none would."""
    changed: dict[tuple[str | None, str], float] = {}
    for decision in pair.decisions:
        for asset, one in decision.items():
            for name, outcome in one.targets.items():
                target = pair.rules.checked.programs[asset].targets[name]
                told, slack = again(one.record)["targets"][name], 2e-9 * target.range
                move = outcome.desired - outcome.before
                step = target.step_up if move > 0 else target.step_down
                pause = target.cooldown_up if move > 0 else target.cooldown_down
                since = changed.get((asset, name))
                match told["held"]:
                    case "band":
                        assert target.band is not None and abs(move) < target.band
                        assert told["held_limit"] == target.band and told["held_until"] is None
                        assert abs(outcome.desired - 0) > 0 and outcome.desired not in (target.low, target.high)
                    case "cooldown":
                        assert since is not None and pause is not None and since <= one.time < since + pause
                        assert (told["held_until"], told["held_limit"]) == (time_text(since + pause), pause)
                    case "step":
                        assert step is not None and abs(move) > step and told["held_limit"] == step
                        assert abs(outcome.after - outcome.before) >= step - slack
                    case _:
                        assert abs(outcome.desired - outcome.after) <= slack
                if abs(outcome.after - outcome.before) > 1e-9 * target.range:
                    changed[asset, name] = one.time


# --- deciding again


def replay_tells_true_from_altered(pair: Pair) -> None:
    """What was recorded is decided again from the records alone, and from the data, whatever came from outside.

    A log that is altered in one place is not: a value, a key, a line, the order of lines.
    """
    rules, dates = _from_outside(pair), _dates(pair)
    run = rules.start(events=dates, engine="reference")
    decisions = [run.step(step.time, step.values) for step in pair.market.steps]
    written = [again(one.record) for decision in decisions for one in decision.values()]
    if not written:
        return
    assert differences(pair, written) == []
    first = written[min(pair.position(), len(written) - 1)]["time"]
    some = [record for record in written if record["time"] >= first]
    steps = ((step.time, step.values) for step in pair.market.steps)
    found = replay.replayed(some, rules.start(events=dates, records=False, engine="reference"), steps)
    assert [str(one) for one in found if not one.beyond] == []
    lines = pair.data.draw(altered([json.dumps(record) for record in written]))
    assert _found(pair, lines), "an altered log passes"


def _from_outside(pair: Pair) -> Rules:
    """Return the rules with values of params from outside, texts and numbers."""
    told: dict[str, str | float] = {
        "hot": 0.0007, "window": 4, "wait": "12h", "strike": 99.5, "factor": "-2", "dear": "30% per 1y",
    }  # fmt: skip
    params = {name for program in pair.rules.checked.programs.values() for name in program.params}
    chosen = {name: told[name] for name in sorted(params) if pair.data.draw(st.booleans())}
    return Rules(pair.rules._bound(chosen, pair.rules.bars))


def _dates(pair: Pair) -> dict[str, list[int]]:
    times = [step.time + 1800 * at for at, step in enumerate(pair.market.steps[::5])]
    return dict.fromkeys(pair.rules.checked.events, times)


def differences(pair: Pair, written: list[Record]) -> list[str]:
    """Return the differences of deciding again from records alone, as `rulelang replay` finds them."""
    rules = pair.rules.checked.bound(replay.outside(written[0]))
    return list(map(str, replay.replayed(written, *replay.recorded_run(written, rules))))


def _found(pair: Pair, lines: list[str]) -> bool:
    try:
        read = list(map(replay.parsed, lines))
        return not read or not replay.begins(read) or bool(differences(pair, read))
    except (replay.NoRecord, RuleError):
        return True


PROPERTIES: tuple[Callable[[Pair], None], ...] = (
    answers_are_plain,
    margins_are_exact,
    the_named_decide,
    since_is_counted,
    brakes_are_told,
    replay_tells_true_from_altered,
)
