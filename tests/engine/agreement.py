"""What must hold of the engine for any rule file and market: it is the reference, in any chunks, restored anywhere."""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rulelang import Decision
from rulelang.check.checked import Applied, Comparison, Crossing, Moved, Near, Node
from rulelang.check.summary import children
from rulelang.engine.batch import run_columns
from rulelang.engine.run import AssetRun, EngineRun
from rulelang.evaluate import Run
from rulelang.evaluate.steps import flattened, own
from tests.engine.guided import Differs, Guide, OutOfSight, bare, shown
from tests.engine.pairs import Pair, nodes_of

CHUNKS = (1, 2, 3, 7, 64, 1000)
JUMPING = ("rank", "round", "floor", "ceil", "point_of_control", "value_area_high", "value_area_low")
"""Functions that jump where a number passes an edge."""

Verdict = tuple[str, str]
"""How alike engine and reference are, and at a tie the function or comparison at which they fell apart."""
ALIKE, ROUNDED, TIE, HIDDEN = "bit for bit", "alike but for rounding", "a tie", "rounding out of sight"
VERDICTS = (ALIKE, ROUNDED, TIE, HIDDEN)


# --- the same as the reference


def decides_as_the_reference(pair: Pair) -> Verdict:
    """Check every value, activity, level, brake and decision; return how alike they are.

    `TIE`: something that is compared lies nearer to a tie than section 8 has the two sides' roundings, so that the free
    reference decides otherwise; guided by the engine's roundings it decides the same. `HIDDEN`: that can't be shown,
    since roundings of missing bars or of periods underway can't be taken over.
    """
    free = _free(pair.engine(), pair.reference(), pair)
    if free[0] == ALIKE:
        return free
    guide = Guide(pair.engine(), pair.reference())
    try:
        for step in pair.market.steps:
            guide.step(step)
    except OutOfSight as hidden:
        return HIDDEN, str(hidden)
    if not guide.rounded:
        raise Differs("a difference without a rounding")
    return free


def _free(run: EngineRun, reference: Run, pair: Pair) -> Verdict:
    """Run engine and reference side by side, until something falls apart at a tie."""
    verdict = ALIKE
    for step in pair.market.steps:
        ours, theirs = run.step(step.time, step.values), reference.step(step.time, step.values)
        different = [found for asset in theirs for found in differing(run, reference, asset)]
        if (apart := at_tie(different)) is not None:
            return TIE, shown(apart)
        if different:
            verdict = ROUNDED
        elif verdict == ALIKE and bare(ours) != bare(theirs):
            raise Differs(f"{bare(ours)} is not {bare(theirs)}")
        if not _same_words(ours, theirs):
            return TIE, "a brake"
    return verdict, ""


def differing(run: EngineRun, reference: Run, asset: str | None) -> list[tuple[Node, Any, Any]]:
    """Return the nodes whose values differ after the newest step, with both: the engine's first."""
    assembly = reference.machines[asset].assembly
    return [(node, one, other) for node, one in nodes_of(run, asset) if one != (other := assembly.of(node).now)]


def at_tie(different: list[tuple[Node, Any, Any]]) -> Node | None:
    """Return the first node that fell apart, if any. Raises `Differs` where no rounding can have parted it."""
    apart = next((node for node, one, other in different if _falls_apart(one, other)), None)
    if apart is not None and not _may_tie(apart, {id(node) for node, _, _ in different}):
        raise Differs(f"{shown(apart)} differs, but nothing that it compares does")
    return apart


def _falls_apart(one: Any, other: Any) -> bool:
    """Say whether two different values differ by more than a rounding could: truths, words, one of them missing."""
    numbers = isinstance(one, float) and isinstance(other, float | int)
    return not numbers or abs(one - other) > 1e-6 * max(1, abs(other))


def _may_tie(node: Node, different: set[int]) -> bool:
    """Say whether a node that fell apart, before all others, compares things of which one was rounded another way."""
    compares = isinstance(node, Comparison | Crossing | Moved | Near)
    compares |= isinstance(node, Applied)
    return compares and (isinstance(node, Applied) or any(id(child) in different for child in children(node)))


def _same_words(ours: Decision, theirs: Decision) -> bool:
    """Say whether two decisions differ in numbers only."""
    return _words(ours) == _words(theirs)


def _words(decision: Decision) -> Any:
    found = []
    for asset, one in decision.items():
        targets = [
            (name, o.last_word, o.held, o.frozen, [(part.rule, part.what) for part in o.parts])
            for name, o in one.targets.items()
        ]
        found.append((asset, one.active, one.started, one.ended, one.rejected, targets))
    return found


# --- the same in any chunks, to the last bit


def chunks_give_the_same_bits(pair: Pair) -> None:
    """Check every register of every bar, for batches of any size."""
    whole = pair.engine()
    fresh = whole.snapshot()
    expected = {asset: bar_by_bar(run, *rows(run, pair, asset)) for asset, run in whole.assets.items()}
    states = {asset: run.machine.save() for asset, run in whole.assets.items()}
    for size in CHUNKS:
        whole.load(fresh)
        for asset, run in whole.assets.items():
            if in_chunks(run, *rows(run, pair, asset), size) != expected[asset]:
                raise Differs(f"batches of {size} differ: {differences(run, pair, asset, size)}")
            if not run.program.ticking and run.machine.save() != states[asset]:
                raise Differs(f"batches of {size} leave another state")


def registers(run: AssetRun) -> tuple[list[int], list[int]]:
    """Return the registers of all nodes and outcomes."""
    where = list(run.reading.known.values())
    values = {one for one in where if one >= 0}
    for target in run.program.targets:
        values |= {target.before, target.desired, target.after, target.until, target.word}
    truths = {~one for one in where if one < 0} | {rule.active for rule in run.program.rules}
    truths |= {rule.event for rule in run.program.rules} | {target.held for target in run.program.targets}
    return sorted(values), sorted(truths)


def rows(run: AssetRun, pair: Pair, asset: str | None) -> tuple[list[float], list[list[float]]]:
    """Return the times and the supplied numbers of an asset's bars."""
    times, found = [], []
    for step in pair.market.steps:
        if len(pair.rules.checked.programs) == 1 or asset in step.values:
            supplied = own(asset, flattened(step.values))
            times.append(float(step.time))
            found.append([inlet.number(supplied.get(inlet.key))[0] for inlet in run.inlets])
    return times, found


Seen = list[tuple[list[bytes], list[int]]]
"""What the registers held after each bar: values as bits, and truths."""


def _bits(values: Any) -> list[bytes]:
    return [b"missing" if value != value else struct.pack("<d", value) for value in values]


def bar_by_bar(run: AssetRun, times: list[float], given: list[list[float]]) -> Seen:
    """Return what the registers hold after each bar, taken one at a time."""
    values, truths = registers(run)
    seen: Seen = []
    for time, numbers in zip(times, given, strict=True):
        run.machine.one(time, numbers)
        bank, truth = run.machine.live.values(), run.machine.live.truths()
        seen.append((_bits(bank[register] for register in values), [truth[register] for register in truths]))
    return seen


def in_chunks(run: AssetRun, times: list[float], given: list[list[float]], size: int) -> Seen:
    """Return what the registers hold after each bar, of batches of so many bars."""
    values, truths = registers(run)
    seen: Seen = []
    for at in range(0, len(times), size):
        part = np.array(given[at : at + size]).reshape(len(times[at : at + size]), len(run.inlets))
        found = run_columns(run, times[at : at + size], list(part.T), values, truths)
        columns = [found.values[register].tolist() for register in values]
        flags = [found.truths[register].tolist() for register in truths]
        for bar in range(len(part)):
            seen.append((_bits(column[bar] for column in columns), [flag[bar] for flag in flags]))
    return seen


def differences(run: AssetRun, pair: Pair, asset: str | None, size: int) -> list[Any]:
    """Return where batches differ from bar after bar: the bar, what is in the register, and what each has."""
    values, truths = registers(run)
    known = run.reading.known
    nodes = {known[id(node)]: node for node in run.checked.nodes if id(node) in known}
    times, given = rows(run, pair, asset)
    names = [nodes.get(one, one) for one in (*values, *(~truth for truth in truths))]
    both = zip(
        bar_by_bar(pair.engine().assets[asset], times, given),
        in_chunks(pair.engine().assets[asset], times, given, size),
        strict=True,
    )
    return [
        (bar, name, one, other)
        for bar, (ours, theirs) in enumerate(both)
        for name, one, other in zip(names, [*ours[0], *ours[1]], [*theirs[0], *theirs[1]], strict=True)
        if one != other
    ][:5]


def over_is_stepping(pair: Pair) -> None:
    """Check that a frame gets the very decisions that its bars get one after another."""
    if not len(pair.market):
        return
    found = pair.rules.over(frame(pair), events=pair.events)
    run = pair.engine()
    rows_ = iter(range(len(found["close_time"])))
    for step in pair.market.steps:
        decision = run.step(step.time, step.values)
        for asset in _assets_of(pair, step.values):
            row = {name: column[next_row] for next_row in [next(rows_)] for name, column in found.items()}
            one = decision.by_asset.get(asset) if pair.rules.assets else next(iter(decision.values()))
            if one is not None and repr(_row(one)) != repr({name: row[name] for name in _row(one)}):
                raise Differs(f"at {step.time} of {asset} the frame has {row}, a step {_row(one)}")


def _assets_of(pair: Pair, values: Mapping[str, Any]) -> list[str | None]:
    return list(values) if pair.written.ground.assets else [None]


def _row(one: Any) -> dict[str, Any]:
    row = {"active": ", ".join(name for name, active in one.active.items() if active)}
    for name, outcome in one.targets.items():
        row |= {name: outcome.after, f"{name}_desired": outcome.desired}
        row |= {f"{name}_held": outcome.held, f"{name}_rule": outcome.last_word}
    return row


def frame(pair: Pair) -> dict[str, list[Any]]:
    """Return a market as columns: one for each field that the rules may read, and one of assets where there are any."""
    each = [(step.time, a, step.values if a is None else step.values[a]) for step in pair.market.steps
            for a in _assets_of(pair, step.values)]  # fmt: skip
    names = sorted({name.rpartition(".")[2] if pair.written.ground.assets and name.partition(".")[0].isupper() else name
                    for name in pair.written.fields})  # fmt: skip
    columns: dict[str, list[Any]] = {name: [values.get(name) for _, _, values in each] for name in names}
    labels = {"asset": [asset for _, asset, _ in each]} if pair.written.ground.assets else {}
    return {"close_time": [time for time, _, _ in each], **labels, **columns}


# --- the same after an interruption


def restored_goes_on(pair: Pair) -> None:
    """Check that a snapshot at any bar goes on as if nothing had happened, and that the run copied does so too."""
    at = pair.position()
    run = pair.engine()
    decisions = [run.step(step.time, step.values) for step in pair.market.steps[:at]]
    saved = run.snapshot()
    decisions += [run.step(step.time, step.values) for step in pair.market.steps[at:]]
    again = pair.rules.resume(saved, records=False, events=pair.events)
    if again.snapshot() != saved:
        raise Differs(f"restored after {at} steps it saves another snapshot")
    if [again.step(step.time, step.values) for step in pair.market.steps[at:]] != decisions[at:]:
        raise Differs(f"restored after {at} steps it goes on in another way")
    if again.snapshot() != run.snapshot():
        raise Differs(f"restored after {at} steps it ends in another state")


PROPERTIES: tuple[Callable[[Pair], None], ...] = (chunks_give_the_same_bits, over_is_stepping, restored_goes_on)


def agrees(pair: Pair) -> Verdict:
    """Check everything that must hold of a pair; return how alike engine and reference are."""
    try:
        verdict = decides_as_the_reference(pair)
        for holds in PROPERTIES:
            holds(pair)
    except BaseException as error:
        error.add_note(str(pair))
        raise
    return verdict
